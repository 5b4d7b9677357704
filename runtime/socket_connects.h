/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: attempts to connect.
 *
 * An attempt begins with a connect() and ends with it or later, in any task or an interrupt:
 * when the peer answers, refuses or stays silent.  A fixed table keeps the attempts by struct
 * sock.  One compare-and-exchange claims a slot: no lock, no allocation, no wait.  If all
 * slots for its hash are taken, the oldest attempt is evicted.  If two attempts claim one
 * slot at once, one of them is not followed.  socket_connects_lost counts both.
 */
#ifndef SOCKET_TAPSET_CONNECTS_H
#define SOCKET_TAPSET_CONNECTS_H

#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>
#include "socket_address.h"
#include "socket_scopes.h"

/* Attempts at once; stap -DSOCKET_CONNECTS=N. */
#ifndef SOCKET_CONNECTS
#define SOCKET_CONNECTS 4096
#endif
#define SOCKET_CONNECTS_NEAR 16

enum socket_attempt_finish {
	SOCKET_ATTEMPT_RUNS,
	SOCKET_ATTEMPT_ENDED_BY_TCP,
	SOCKET_ATTEMPT_ENDED_BY_CALL,
};

struct socket_attempt {
	struct sock *sk;		/* NULL: free */
	u64 began;
	int pid, tid;
	u8 ended;			/* enum socket_attempt_finish; every probe reads it */
	u8 length;			/* of the address argument */
	char execname[TASK_COMM_LEN];
	char leader[TASK_COMM_LEN];	/* name of the first thread */
	/* Holds any IP address; attempts of other families end with the call, which has it. */
	char address[sizeof(struct sockaddr_in6)];
};

static struct socket_attempt
	socket_connects[SOCKET_CONNECTS + SOCKET_CONNECTS_NEAR];

/* The outcome that this processor's probe reports; see socket_current_call. */
struct socket_outcome {
	int64_t result;
	int64_t elapsed;
	int64_t tcp_state;
	int pid, tid;
	int length;
	char execname[TASK_COMM_LEN];
	char leader[TASK_COMM_LEN];
	char address[sizeof(struct sockaddr_un)];
};

static DEFINE_PER_CPU(struct socket_outcome, socket_outcome);

/* The key of a slot that is being written; not the address of a struct sock. */
#define SOCKET_BEING_WRITTEN ((struct sock *)1)

static inline struct socket_attempt *socket_connects_near(struct sock *sk)
{
	return socket_connects + hash_ptr(sk, 32) % SOCKET_CONNECTS;
}

static struct socket_attempt *socket_attempt_of(struct sock *sk)
{
	struct socket_attempt *at = socket_connects_near(sk);
	struct socket_attempt *end = at + SOCKET_CONNECTS_NEAR;

	for (; sk && at < end; at++)
		if (smp_load_acquire(&at->sk) == sk)
			return at;
	return NULL;
}

/* The best slot for an attempt: the socket's own, a free one, an ended one, the oldest. */
static struct socket_attempt *socket_attempt_slot(struct sock *sk)
{
	struct socket_attempt *at = socket_connects_near(sk), *best = at;
	struct socket_attempt *end = at + SOCKET_CONNECTS_NEAR;
	u64 age, worst = 0;

	for (; at < end; at++) {
		struct sock *of = READ_ONCE(at->sk);

		if (of == sk)
			return at;
		if (of == SOCKET_BEING_WRITTEN)
			continue;
		age = !of ? U64_MAX : READ_ONCE(at->ended) ? U64_MAX - 1 :
		      U64_MAX / 2 - READ_ONCE(at->began);
		if (age > worst) {
			worst = age;
			best = at;
		}
	}
	return best;
}

/* Copies the address, or as much as fits of an IP address: a caller may pass more bytes. */
static u8 socket_attempt_address(char *to, void *address, int length)
{
	struct sockaddr *from = address;
	int64_t family = socket_get_nofault(from, sa_family, AF_UNSPEC);
	int most = sizeof_field(struct socket_attempt, address);

	if (length > most && (family == AF_INET || family == AF_INET6))
		length = most;
	return length > 0 && length <= most &&
	       !copy_from_kernel_nofault(to, address, length) ? length : 0;
}

static bool socket_attempt_begin(struct sock *sk, void *address, int length)
{
	struct socket_attempt *at = socket_attempt_slot(sk);
	struct sock *of = READ_ONCE(at->sk);

	if (of == SOCKET_BEING_WRITTEN ||
	    cmpxchg(&at->sk, of, SOCKET_BEING_WRITTEN) != of) {
		atomic_long_inc(&socket_connects_lost);
		return false;
	}
	if (of && of != sk && at->ended == SOCKET_ATTEMPT_RUNS)
		atomic_long_inc(&socket_connects_lost);
	at->ended = SOCKET_ATTEMPT_RUNS;
	at->began = ktime_get_ns();
	at->pid = current->tgid;
	at->tid = current->pid;
	memcpy(at->execname, current->comm, sizeof(at->execname));
	memcpy(at->leader, socket_process_leader()->comm, sizeof(at->leader));
	at->length = socket_attempt_address(at->address, address, length);
	smp_store_release(&at->sk, sk);
	return true;
}

/*
 * The peer of an attempt that did not begin with a connect(); sk is pinned.  Returns the
 * length; 0 if the peer is not set yet, as for MPTCP.
 */
static int socket_attempt_peer(struct sock *sk, struct sockaddr_in6 *to)
{
	struct sockaddr_in *ip = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (!sk->sk_dport)
		return 0;
	to->sin6_family = sk->sk_family;
	to->sin6_port = sk->sk_dport;		/* where sin_port is */
	if (sk->sk_family == AF_INET) {
		ip->sin_addr.s_addr = sk->sk_daddr;
		return sizeof(*ip);
	}
#if IS_ENABLED(CONFIG_IPV6)
	to->sin6_addr = sk->sk_v6_daddr;
	if (ipv6_addr_type(&to->sin6_addr) & IPV6_ADDR_LINKLOCAL)
		to->sin6_scope_id = sk->sk_bound_dev_if;
#endif
	return sizeof(*to);
}

/*
 * int tcp_connect(struct sock *sk)
 *
 * The first packet of an attempt is about to leave.  With TCP Fast Open the first send() does
 * that, and connect() at most stored the address: the time starts here.  The attempt may
 * belong to the MPTCP socket of which sk is a subflow.
 */
static void socket_attempt_restart(struct sock *sk, bool calling)
{
	struct socket_attempt *at;
	struct sock *whole = sk;
	struct sockaddr_in6 peer;

	if (calling)
		return;
	at = socket_attempt_of(sk);
	if (!at) {
		struct socket *sock = socket_get_pointer_nofault(sk, sk_socket);

		whole = socket_get_pointer_nofault(sock, sk);
		at = socket_attempt_of(whole);
	}
	if (!at || READ_ONCE(at->ended) != SOCKET_ATTEMPT_RUNS)
		return;
	if (cmpxchg(&at->sk, whole, SOCKET_BEING_WRITTEN) != whole)
		return;
	at->began = ktime_get_ns();
	if (!at->length) {
		at->length = socket_attempt_peer(sk, &peer);
		memcpy(at->address, &peer, at->length);
	}
	smp_store_release(&at->sk, whole);
}

/* Sets the outcome of an attempt that ends; false if it is not an event. */
static bool socket_attempt_ends(struct socket_attempt *at, struct sock *sk, int64_t result,
				int64_t tcp_state, struct socket_outcome *outcome)
{
	if (!at)
		return false;
	outcome->result = result;
	outcome->elapsed = ktime_get_ns() - at->began;
	outcome->tcp_state = tcp_state;
	outcome->pid = at->pid;
	outcome->tid = at->tid;
	memcpy(outcome->execname, at->execname, sizeof(outcome->execname));
	outcome->execname[sizeof(outcome->execname) - 1] = 0;
	memcpy(outcome->leader, at->leader, sizeof(outcome->leader));
	outcome->leader[sizeof(outcome->leader) - 1] = 0;
	outcome->length = at->length;
	memcpy(outcome->address, at->address, sizeof(at->address));
	smp_rmb();
	/* Another attempt may have claimed the slot meanwhile. */
	return READ_ONCE(at->sk) == sk;
}

/* Its place is free from now on. */
static void socket_attempt_end(struct sock *sk, enum socket_attempt_finish how)
{
	struct socket_attempt *at = socket_attempt_of(sk);

	if (at)
		WRITE_ONCE(at->ended, how);
}

/* ------------------------------------------------------------ begin and end */

/*
 * A connect() begins an attempt if the socket is neither connected nor connecting.  Datagram
 * sockets and AF_UNSPEC do not make a connection.
 */
static bool socket_attempt_begin_by_call(struct socket *sock, void *address,
					 int length)
{
	struct sock *sk = socket_sk(sock);
	struct sockaddr *to = address;
	int64_t type = socket_value_type(true, sk);

	return (type == SOCK_STREAM || type == SOCK_SEQPACKET ||
		type == SOCK_DCCP) &&
	       socket_value_state(true, sock) == SS_UNCONNECTED &&
	       socket_get_nofault(sk, sk_state, 0) == TCP_CLOSE &&
	       socket_get_nofault(to, sa_family, AF_UNSPEC) != AF_UNSPEC &&
	       socket_attempt_begin(sk, address, length);
}

/* Does the attempt continue after a connect() with this result? */
static int64_t socket_attempt_is_pending(struct socket *sock, int64_t result)
{
	return result == -EINPROGRESS || result == -EALREADY ||
	       (result == -EINTR && socket_value_state(true, sock) == SS_CONNECTING);
}

/*
 * Does the attempt end with the connect() that began it?  Normally TCP has reported the end
 * before, but that probe may have been skipped: stap skips a probe that interrupts another.
 * With TCP_FASTOPEN_CONNECT the first send(2) connects, not connect(2).
 */
static bool socket_connect_is_final(struct socket *sock, int64_t result, void *address,
				    int length, struct socket_outcome *outcome)
{
	struct sock *sk = socket_sk(sock);
	int64_t state = socket_value_tcp_state(true, sk);
	struct socket_attempt *at = socket_attempt_of(sk);

	if (!at || socket_attempt_is_pending(sock, result))
		return false;
	if (READ_ONCE(at->ended) == SOCKET_ATTEMPT_ENDED_BY_TCP ||
	    (!result && (state == TCP_CLOSE || state == TCP_SYN_SENT)))
		return false;
	if (!socket_attempt_ends(at, sk, result, state, outcome))
		return false;
	length = min_t(int, length, sizeof(outcome->address));
	if (!outcome->length && length > 0 &&
	    !copy_from_kernel_nofault(outcome->address, address, length))
		outcome->length = length;
	return true;
}

/* A subflow of MPTCP is not a connection of its own. */
static bool socket_is_subflow(struct sock *sk)
{
#ifdef CONFIG_MPTCP
	return socket_value_protocol(true, sk) == IPPROTO_TCP &&
	       socket_get_nofault((struct tcp_sock *)sk, is_mptcp, 0);
#else
	return false;
#endif
}

/*
 * void tcp_set_state(struct sock *sk, int state)
 *
 * Begins attempts of TCP, in any context; true, and the outcome, if one ends.  If TCP fails
 * inside the connect() itself, sk_err is not set, and the return of connect() reports it.
 * An attempt that ends without an error was given up.
 */
static bool socket_attempt_follow_tcp(struct sock *sk, int old, int state, bool calling,
				      struct socket_outcome *outcome)
{
	struct socket_attempt *at = socket_attempt_of(sk);
	struct sockaddr_in6 peer;
	int64_t error;

	if (!socket_is_tcp(true, sk) || socket_is_subflow(sk))
		return false;
	if (state == TCP_SYN_SENT) {
		/* MSG_FASTOPEN, or a connection that the kernel makes without connect(). */
		if (!at || !calling)
			socket_attempt_begin(sk, &peer, socket_attempt_peer(sk, &peer));
		return false;
	}
	/* Both ends connect at once.  New connections of a listener have this state too. */
	if (old == TCP_SYN_RECV && (!socket_get_pointer_nofault(sk, sk_socket) ||
				    (at && READ_ONCE(at->ended))))
		return false;
	if (old != TCP_SYN_SENT && old != TCP_SYN_RECV)
		return false;
	if (state == TCP_ESTABLISHED)
		return socket_attempt_ends(at, sk, 0, state, outcome);
	if (state != TCP_CLOSE)
		return false;
	error = socket_get_nofault(sk, sk_err, 0);
	if (!error && calling)
		return false;
	return socket_attempt_ends(at, sk, error ? -error : -ECONNABORTED, state, outcome);
}

#endif
