/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: tracepoints of the network stack, and the packets that they are given.
 *
 * A function here is registered for the tracepoint, and calls stap's handler.  To stap the
 * probe is a kprobe of the tracepoint's own function __traceiter_x(), which no kprobe is
 * registered for (socket_stap.h): stap before 5.2 does not find tracepoints, later versions
 * search long for some, and their names for the arguments differ.
 *
 * A tracepoint runs on the processor and in the task that the packet or a timer interrupts.
 */
#ifndef SOCKET_TAPSET_TRACED_H
#define SOCKET_TAPSET_TRACED_H

#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/tcp.h>
#include <trace/events/skb.h>
#include <trace/events/sock.h>
#include <trace/events/tcp.h>
#include "socket_connects.h"

/* The names of reasons are in the kernel's headers, where it has reasons. */
#if __has_include(<net/dropreason.h>)
#include <net/dropreason.h>
#elif __has_include(<net/dropreason-core.h>)
#include <net/dropreason-core.h>
#endif
#if __has_include(<net/rstreason.h>)
#include <net/rstreason.h>
#define SOCKET_HAS_RESET_REASONS 1
#endif
#if defined(DEFINE_DROP_REASON) || defined(TRACE_SKB_DROP_REASON)
#define SOCKET_HAS_DROP_REASONS 1
#endif

/* An event.  The handler of stap finds it by its registers. */
struct socket_traced {
	struct pt_regs regs;
	struct sock *sk;		/* or NULL */
	bool pinned;			/* the kernel holds a reference on sk, and it is a full one */
	bool outgoing;			/* the packet, without a socket */
	const struct sk_buff *packet;	/* or NULL */
	struct kprobe *probe;		/* whose handler runs */
	int64_t number[3];
};

static DEFINE_PER_CPU(struct socket_traced *, socket_traced_now);

/* The event of a handler with these registers; NULL if stap calls it for something else. */
static inline struct socket_traced *socket_traced_of(struct pt_regs *regs)
{
	struct socket_traced *event = this_cpu_read(socket_traced_now);

	return event && &event->regs == regs ? event : NULL;
}

static inline int64_t socket_traced_number(struct pt_regs *regs, int n)
{
	struct socket_traced *event = socket_traced_of(regs);

	return event ? event->number[n] : SOCKET_UNSET;
}

#define SOCKET_TRACED							\
({									\
	struct socket_traced *__event = socket_traced_of(SOCKET_REGS);	\
									\
	if (unlikely(!__event))						\
		c->last_error = SOCKET_STAP_CHANGED;			\
	__event;							\
})

/* Sets the socket of the event.  Returns the struct sock, or 0. */
static int64_t socket_event_set_traced(struct socket_traced *event)
{
	struct sock *sk = event ? event->sk : NULL;

	socket_event_set_sk(sk);
	return (long)sk;
}

/* The same if nothing pins it.  Returns the struct socket, or 0. */
static int64_t socket_event_set_traced_unpinned(struct socket_traced *event)
{
	struct sock *sk = event ? event->sk : NULL;
	struct socket *sock = socket_get_pointer_nofault(sk, sk_socket);

	if (!sk || socket_checked_sk(sock) != sk)
		sk = NULL;
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	this_cpu_write(socket_event.sock, sk ? (unsigned long)sock : 0);
	return sk ? (long)sock : 0;
}

/* Calls stap's handler of the probe. */
static noinline void socket_traced_run(struct kprobe *probe, struct socket_traced *event)
{
	struct socket_traced *outer;
	struct socket_event interrupted;

	/* Conditions of stap's probes. */
	if (READ_ONCE(probe->flags) & KPROBE_FLAG_DISABLED)
		return;
	memset(&event->regs, 0, sizeof(event->regs));
	perf_fetch_caller_regs(&event->regs);
	preempt_disable_notrace();
	event->probe = probe;
	outer = this_cpu_read(socket_traced_now);
	interrupted = socket_event_save();
	this_cpu_write(socket_traced_now, event);
	probe->pre_handler(probe, &event->regs);
	this_cpu_write(socket_traced_now, outer);
	socket_event_restore(interrupted);
	preempt_enable_notrace();
}

/* NULL for a request or a connection in TIME_WAIT. */
static inline struct sock *socket_traced_full(const struct sock *sk)
{
	return sk && sk_fullsock(sk) ? (struct sock *)sk : NULL;
}

/* ------------------------------------------------------------ the functions */

enum { SOCKET_RETRANSMIT_SEGMENTS, SOCKET_RETRANSMIT_SIZE, SOCKET_RETRANSMIT_ERROR };
enum { SOCKET_RESET_SENT, SOCKET_RESET_REASON };
enum { SOCKET_STATE_OLD, SOCKET_STATE_NEW };
enum { SOCKET_DROP_REASON, SOCKET_DROP_AT, SOCKET_DROP_SIZE };

/* Since 6.16 with the error; before, only packets without one are traced. */
static void socket_traced_retransmit_error(void *probe, const struct sock *sk,
					   const struct sk_buff *skb, int err)
{
	struct socket_traced event = {
		.sk = socket_traced_full(sk),
		.pinned = true,
		.number = { tcp_skb_pcount(skb), skb->len, err > 0 ? 0 : err },
	};

	socket_traced_run(probe, &event);
}

static void socket_traced_retransmit(void *probe, const struct sock *sk,
				     const struct sk_buff *skb)
{
	socket_traced_retransmit_error(probe, sk, skb, 0);
}

/* The packet, if any, is the one that the reset answers. */
static void socket_traced_reset(struct kprobe *probe, const struct sock *sk,
				const struct sk_buff *skb, bool sent, int64_t reason)
{
	struct socket_traced event = {
		.sk = socket_traced_full(sk),
		.pinned = true,
		.packet = skb,
		.number = { sent, reason },
	};

	socket_traced_run(probe, &event);
}

static void socket_traced_sent_reset(void *probe, const struct sock *sk,
				     const struct sk_buff *skb)
{
	socket_traced_reset(probe, sk, skb, true, SOCKET_UNSET);
}

#ifdef SOCKET_HAS_RESET_REASONS
static void socket_traced_sent_reset_reason(void *probe, const struct sock *sk,
					    const struct sk_buff *skb,
					    const enum sk_rst_reason reason)
{
	socket_traced_reset(probe, sk, skb, true, reason);
}
#endif

static void socket_traced_received_reset(void *probe, struct sock *sk)
{
	socket_traced_reset(probe, sk, NULL, false, SOCKET_UNSET);
}

static void socket_traced_state(void *probe, const struct sock *sk, const int old,
				const int state)
{
	struct socket_traced event = {
		.sk = (struct sock *)sk,
		.pinned = true,
		.number = { old, state },
	};

	if (socket_is_tcp(true, event.sk))
		socket_traced_run(probe, &event);
}

/*
 * A packet without a socket is an event if it is one of IP.  The kernel does not hold a
 * reference on the socket of a packet that was received.
 */
static void socket_traced_drop(struct kprobe *probe, struct sk_buff *skb, void *location,
			       int64_t reason, const struct sock *sk)
{
	struct socket_traced event = {
		.sk = (struct sock *)(sk ?: skb->sk),
		.outgoing = !sk && skb->sk && !skb->skb_iif,
		.packet = skb,
		.number = { reason, (long)location, skb->len },
	};

	if (event.sk || skb->protocol == htons(ETH_P_IP) || skb->protocol == htons(ETH_P_IPV6))
		socket_traced_run(probe, &event);
}

static void socket_traced_drop_at(void *probe, struct sk_buff *skb, void *location)
{
	socket_traced_drop(probe, skb, location, SOCKET_UNSET, NULL);
}

#ifdef SOCKET_HAS_DROP_REASONS
static void socket_traced_drop_reason(void *probe, struct sk_buff *skb, void *location,
				      enum skb_drop_reason reason)
{
	socket_traced_drop(probe, skb, location, reason, NULL);
}

static void socket_traced_drop_socket(void *probe, struct sk_buff *skb, void *location,
				      enum skb_drop_reason reason, struct sock *sk)
{
	socket_traced_drop(probe, skb, location, reason, sk);
}

static void socket_traced_drop_const(void *probe, struct sk_buff *skb, void *location,
				     enum skb_drop_reason reason, const struct sock *sk)
{
	socket_traced_drop(probe, skb, location, reason, sk);
}
#endif

/* The function, if it has the type that this kernel's tracepoint takes; else the other one. */
#define SOCKET_TRACED_BY(of, function, other)				\
	(__builtin_types_compatible_p(typeof(&register_trace_##of),	\
				      int (*)(typeof(&function), void *)) ? \
	 (void *)(function) : (other))

#define SOCKET_TRACED_RETRANSMIT					\
	SOCKET_TRACED_BY(tcp_retransmit_skb, socket_traced_retransmit_error, \
	SOCKET_TRACED_BY(tcp_retransmit_skb, socket_traced_retransmit, NULL))
#define SOCKET_TRACED_RECEIVED_RESET					\
	SOCKET_TRACED_BY(tcp_receive_reset, socket_traced_received_reset, NULL)
#define SOCKET_TRACED_STATE						\
	SOCKET_TRACED_BY(inet_sock_set_state, socket_traced_state, NULL)
#define SOCKET_TRACED_SENT_RESET_PLAIN					\
	SOCKET_TRACED_BY(tcp_send_reset, socket_traced_sent_reset, NULL)
#ifdef SOCKET_HAS_RESET_REASONS
#define SOCKET_TRACED_SENT_RESET					\
	SOCKET_TRACED_BY(tcp_send_reset, socket_traced_sent_reset_reason, \
	SOCKET_TRACED_SENT_RESET_PLAIN)
#else
#define SOCKET_TRACED_SENT_RESET SOCKET_TRACED_SENT_RESET_PLAIN
#endif
#define SOCKET_TRACED_DROP_PLAIN					\
	SOCKET_TRACED_BY(kfree_skb, socket_traced_drop_at, NULL)
#ifdef SOCKET_HAS_DROP_REASONS
#define SOCKET_TRACED_DROP						\
	SOCKET_TRACED_BY(kfree_skb, socket_traced_drop_const,		\
	SOCKET_TRACED_BY(kfree_skb, socket_traced_drop_socket,		\
	SOCKET_TRACED_BY(kfree_skb, socket_traced_drop_reason,		\
	SOCKET_TRACED_DROP_PLAIN)))
#else
#define SOCKET_TRACED_DROP SOCKET_TRACED_DROP_PLAIN
#endif

/*
 * The tracepoints whose probes a script has: it defines SOCKET_TRACES_x.  Kernels before 5.10
 * do not have __traceiter_x(); another function of the tracepoint stands for it.
 */
#define SOCKET_TRACED_POINTS						\
{									\
	SOCKET_TRACED_POINT(retransmit, "tcp_retransmit_skb",		\
			    "trace_event_raw_event_tcp_event_sk_skb",	\
			    SOCKET_TRACED_RETRANSMIT),			\
	SOCKET_TRACED_POINT(sent_reset, "tcp_send_reset",		\
			    "__bpf_trace_tcp_event_sk_skb",		\
			    SOCKET_TRACED_SENT_RESET),			\
	SOCKET_TRACED_POINT(received_reset, "tcp_receive_reset",	\
			    "__bpf_trace_tcp_event_sk",			\
			    SOCKET_TRACED_RECEIVED_RESET),		\
	SOCKET_TRACED_POINT(state, "inet_sock_set_state",		\
			    "__bpf_trace_inet_sock_set_state",		\
			    SOCKET_TRACED_STATE),			\
	SOCKET_TRACED_POINT(drop, "kfree_skb", "__bpf_trace_kfree_skb",	\
			    SOCKET_TRACED_DROP),			\
}
#define SOCKET_TRACED_POINT(of, tracepoint, stand_in, function)		\
	{ tracepoint, stand_in, __is_defined(SOCKET_TRACES_##of),	\
	  __is_defined(SOCKET_TRACES_##of) ? (function) : NULL }

/* ------------------------------------------------------------ packets */

struct socket_packet {
	int protocol;			/* unset: not a packet of IP */
	struct socket_name from, to;
};

/*
 * The addresses of a packet, as far as its IP header has them.  The header is where the packet
 * says, and may be anything.
 */
static noinline void socket_packet_read(const struct sk_buff *skb, struct socket_packet *packet)
{
	const u8 *at, *end;
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} header;
	__be16 ports[2];
	bool has_ports = true;

	memset(packet, 0, sizeof(*packet));
	packet->protocol = SOCKET_UNSET;
	if (!skb)
		return;
	at = skb_network_header(skb);
	end = skb_tail_pointer(skb);
	if (skb->protocol == htons(ETH_P_IP)) {
		if (at + sizeof(header.v4) > end ||
		    copy_from_kernel_nofault(&header.v4, at, sizeof(header.v4)) ||
		    header.v4.version != 4 || header.v4.ihl < 5)
			return;
		packet->protocol = header.v4.protocol;
		packet->from.any.sa_family = packet->to.any.sa_family = AF_INET;
		packet->from.in.sin_addr.s_addr = header.v4.saddr;
		packet->to.in.sin_addr.s_addr = header.v4.daddr;
		packet->from.length = packet->to.length = sizeof(struct sockaddr_in);
		has_ports = !(header.v4.frag_off & htons(IP_OFFSET));
		at += header.v4.ihl * 4;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		if (at + sizeof(header.v6) > end ||
		    copy_from_kernel_nofault(&header.v6, at, sizeof(header.v6)) ||
		    header.v6.version != 6)
			return;
		packet->protocol = header.v6.nexthdr;
		packet->from.any.sa_family = packet->to.any.sa_family = AF_INET6;
		packet->from.in6.sin6_addr = header.v6.saddr;
		packet->to.in6.sin6_addr = header.v6.daddr;
		packet->from.in6.sin6_scope_id = packet->to.in6.sin6_scope_id = skb->skb_iif;
		packet->from.length = packet->to.length = sizeof(struct sockaddr_in6);
		at += sizeof(header.v6);
	} else {
		return;
	}
	has_ports = has_ports && at + sizeof(ports) <= end &&
		    (packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP ||
		     packet->protocol == IPPROTO_UDPLITE || packet->protocol == IPPROTO_SCTP ||
		     packet->protocol == IPPROTO_DCCP) &&
		    !copy_from_kernel_nofault(ports, at, sizeof(ports));
	packet->from.portless = packet->to.portless = !has_ports;
	if (has_ports) {
		packet->from.in.sin_port = ports[0];	/* where sin6_port is */
		packet->to.in.sin_port = ports[1];
	}
}

/* An end of the event's packet: of a received one the destination is the local end. */
static void socket_traced_end(struct socket_traced *event, bool peer, struct socket_name *name)
{
	struct socket_packet packet;

	socket_packet_read(event ? event->packet : NULL, &packet);
	*name = event && event->outgoing != peer ? packet.from : packet.to;
}

static int64_t socket_traced_family(struct socket_traced *event)
{
	struct socket_name name;

	socket_traced_end(event, false, &name);
	return name.length ? name.any.sa_family : SOCKET_UNSET;
}

static int64_t socket_traced_protocol(struct socket_traced *event)
{
	struct socket_packet packet;

	socket_packet_read(event ? event->packet : NULL, &packet);
	return packet.protocol;
}

/* That of the sockets that get such packets. */
static int64_t socket_packet_type(int64_t protocol)
{
	return protocol == IPPROTO_TCP ? SOCK_STREAM :
	       protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ? SOCK_DGRAM :
	       SOCKET_UNSET;
}

/* ------------------------------------------------------------ time in a state */

/* Sockets at once; stap -DSOCKET_TIMED_STATES=N. */
#ifndef SOCKET_TIMED_STATES
#define SOCKET_TIMED_STATES 8192
#endif
#define SOCKET_TIMED_STATES_NEAR 16

struct socket_tcp_state {
	struct sock *sk;		/* NULL: free */
	u64 since;
	int64_t took;			/* the time in the state before */
	struct kprobe *by;		/* the probe that set it */
	int before, state;
};

static struct socket_tcp_state socket_timed_states[SOCKET_TIMED_STATES + SOCKET_TIMED_STATES_NEAR];
static atomic_long_t socket_timed_states_lost = ATOMIC_LONG_INIT(0);

/* The socket's own slot, a free one, or the oldest. */
static struct socket_tcp_state *socket_state_slot(struct sock *sk)
{
	struct socket_tcp_state *at = socket_timed_states + hash_ptr(sk, 32) % SOCKET_TIMED_STATES;
	struct socket_tcp_state *end = at + SOCKET_TIMED_STATES_NEAR, *best = at;
	u64 age, worst = 0;

	for (; at < end; at++) {
		struct sock *of = READ_ONCE(at->sk);

		if (of == sk)
			return at;
		age = !of ? U64_MAX : READ_ONCE(at->state) == TCP_CLOSE ?
			U64_MAX - 1 : U64_MAX / 2 - READ_ONCE(at->since);
		if (of != SOCKET_BEING_WRITTEN && age > worst) {
			worst = age;
			best = at;
		}
	}
	return best;
}

/*
 * The time that a socket was in its old state, in ns; unset if its begin was not seen, or after
 * CLOSE, in which the memory of a socket may become another one.  So does that of a connection
 * that a listener makes.  The kernel changes the state of one socket at a time; if two sockets
 * claim one slot at once, the time of one of them is lost.  A script may have several handlers.
 */
static int64_t socket_state_time(struct socket_traced *event)
{
	struct socket_tcp_state *at;
	int64_t took = SOCKET_UNSET;
	int before, state;
	struct sock *of;
	u64 now;

	if (!event)
		return took;
	before = event->number[SOCKET_STATE_OLD];
	state = event->number[SOCKET_STATE_NEW];
	at = socket_state_slot(event->sk);
	of = READ_ONCE(at->sk);
	if (of == SOCKET_BEING_WRITTEN || cmpxchg(&at->sk, of, SOCKET_BEING_WRITTEN) != of) {
		atomic_long_inc(&socket_timed_states_lost);
		return took;
	}
	now = ktime_get_ns();
	if (of == event->sk && at->by != event->probe && at->before == before &&
	    at->state == state && before != state) {
		took = at->took;
	} else {
		if (of == event->sk && at->state == before && before != TCP_CLOSE &&
		    !(before == TCP_LISTEN && state == TCP_SYN_RECV))
			took = now - at->since;
		else if (of && of != event->sk && at->state != TCP_CLOSE)
			atomic_long_inc(&socket_timed_states_lost);
		at->since = now;
		at->took = took;
		at->before = before;
		at->state = state;
		at->by = event->probe;
	}
	smp_store_release(&at->sk, event->sk);
	return took;
}

/* ------------------------------------------------------------ reasons */

/* The last in the lists of the kernel's headers is not a reason. */
#define SOCKET_REASON_MAX(reason)

#ifdef DEFINE_DROP_REASON
#define SOCKET_DROP_REASON_CASE(reason)					\
	case SKB_DROP_REASON_##reason:					\
		return #reason;
#endif
#ifdef SOCKET_HAS_RESET_REASONS
#define SOCKET_RESET_REASON_CASE(reason)				\
	case SK_RST_REASON_##reason:					\
		return #reason;
#endif

/* NULL if the number has no name. */
static const char *socket_drop_name(int64_t reason)
{
	switch (reason) {
#ifdef DEFINE_DROP_REASON
	DEFINE_DROP_REASON(SOCKET_DROP_REASON_CASE, SOCKET_REASON_MAX)
#endif
	default:
		return NULL;
	}
}

static const char *socket_reset_name(int64_t reason)
{
	switch (reason) {
#ifdef SOCKET_HAS_RESET_REASONS
	DEFINE_RST_REASON(SOCKET_RESET_REASON_CASE, SOCKET_REASON_MAX)
#endif
	default:
		return NULL;
	}
}

#endif
