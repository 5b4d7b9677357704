/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the values of a socket.
 *
 * runtime/values.tbl calls these functions; those of an address are in socket_address.h.
 * pinned is a constant: true if the kernel holds a reference on the socket.
 */
#ifndef SOCKET_TAPSET_VALUES_H
#define SOCKET_TAPSET_VALUES_H

#include <linux/cgroup-defs.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/kernfs.h>
#include <linux/net.h>
#include <net/af_unix.h>
#include <net/sock.h>
#include <net/tcp_states.h>
#include "socket_access.h"

static __always_inline int64_t socket_value_family(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_family, SOCKET_UNSET);
}

#ifdef SK_FL_TYPE_SHIFT		/* Up to 5.5, type and protocol are parts of one word. */
static __always_inline int64_t socket_value_part(bool pinned, struct sock *sk, u32 mask,
						 int shift)
{
	struct { u32 word; } *parts = sk ? (void *)&sk->__sk_flags_offset : NULL;
	int64_t word = socket_get_either(pinned, parts, word, SOCKET_UNSET);

	return word == SOCKET_UNSET ? word : (word & mask) >> shift;
}

static __always_inline int64_t socket_value_type(bool pinned, struct sock *sk)
{
	return socket_value_part(pinned, sk, SK_FL_TYPE_MASK, SK_FL_TYPE_SHIFT);
}

static __always_inline int64_t socket_value_protocol(bool pinned, struct sock *sk)
{
	int64_t protocol = socket_value_part(pinned, sk, SK_FL_PROTO_MASK,
					     SK_FL_PROTO_SHIFT);

#ifdef IPPROTO_MPTCP_KERN	/* RHEL 8: socket(2)'s number does not fit. */
	if (protocol == IPPROTO_MPTCP_KERN)
		return IPPROTO_MPTCP;
#endif
	return protocol;
}
#else
static __always_inline int64_t socket_value_type(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_type, SOCKET_UNSET);
}

static __always_inline int64_t socket_value_protocol(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_protocol, SOCKET_UNSET);
}
#endif

/*
 * In newer kernels (7.2, not 6.12) the state of every UNIX socket stays SS_UNCONNECTED, in
 * older ones that of a connected SOCK_DGRAM.  In all of them a connected one has a peer.
 */
static __always_inline int64_t socket_value_state(bool pinned, struct socket *sock)
{
	struct sock *sk = socket_get_pointer_either(pinned, sock, sk);
	int64_t state = socket_get_either(pinned, sock, state, SOCKET_UNSET);

	if (state == SS_UNCONNECTED && socket_value_family(pinned, sk) == AF_UNIX &&
	    socket_get_pointer_either(pinned, (struct unix_sock *)sk, peer))
		return SS_CONNECTED;
	return state;
}

static __always_inline int64_t socket_value_flags(bool pinned, struct socket *sock)
{
	return socket_get_either(pinned, sock, flags, SOCKET_UNSET);
}

/*
 * The N of "socket:[N]" in /proc/PID/fd.  A struct socket inside another structure (tun's,
 * for example) does not have an inode.
 */
static __always_inline int64_t socket_value_ino(bool pinned, struct socket *sock)
{
	struct inode *inode = sock ? SOCK_INODE(sock) : NULL;

	/* A socket with a file that a probed function is given always has an inode. */
	if (pinned && sock && sock->file)
		return inode->i_ino;
	return socket_inode_number(inode);
}

/* The same, to recognize the socket later; 0 for none. */
static __always_inline u32 socket_ino(bool pinned, struct socket *sock)
{
	int64_t ino = socket_value_ino(pinned, sock);

	return ino == SOCKET_UNSET ? 0 : ino;
}

/* O_NONBLOCK of the file; unset for a socket without a file, such as the kernel's own. */
static __always_inline int64_t socket_value_nonblock(bool pinned, struct socket *sock)
{
	struct file *file = socket_get_pointer_either(pinned, sock, file);
	int64_t flags = socket_get_nofault(file, f_flags, SOCKET_UNSET);

	/* In an interrupt the socket may be pinned but not its file. */
	smp_rmb();
	if (flags == SOCKET_UNSET || socket_get_pointer_nofault(sock, file) != file)
		return SOCKET_UNSET;
	return !!(flags & O_NONBLOCK);
}

static __always_inline bool socket_is_tcp(bool pinned, struct sock *sk)
{
	int64_t family = socket_value_family(pinned, sk);
	int64_t protocol = socket_value_protocol(pinned, sk);

	return (family == AF_INET || family == AF_INET6) &&
	       socket_value_type(pinned, sk) == SOCK_STREAM &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

static __always_inline int64_t socket_value_tcp_state(bool pinned, struct sock *sk)
{
	return socket_is_tcp(pinned, sk) ?
		socket_get_either(pinned, sk, sk_state, SOCKET_UNSET) : SOCKET_UNSET;
}

/*
 * Bytes in the send buffer.  IP stream sockets count queued bytes.  Others count bytes that
 * are not yet freed, and one more for the socket itself.
 */
static inline int64_t socket_value_wmem(struct sock *sk)
{
	int64_t family = socket_value_family(false, sk);
	int64_t alloc;

	if ((family == AF_INET || family == AF_INET6) &&
	    socket_value_type(false, sk) == SOCK_STREAM)
		return socket_get_nofault(sk, sk_wmem_queued, SOCKET_UNSET);
	alloc = socket_get_nofault(sk, sk_wmem_alloc.refs.counter, SOCKET_UNSET);
	return alloc > 0 ? alloc - 1 : alloc;
}

/*
 * Accepted sockets inherit the listener's number, and UNIX sockets start with one: it has a
 * meaning only while a socket listens.
 */
static inline int64_t socket_value_backlog(struct sock *sk)
{
	int64_t state = socket_get_nofault(sk, sk_state, SOCKET_UNSET);

	return state == TCP_LISTEN ?
		socket_get_nofault(sk, sk_max_ack_backlog, SOCKET_UNSET) :
		state == SOCKET_UNSET ? state : 0;
}

/* Before 5.15 cgroup v1 stores other data in the place of the pointer; that value is odd. */
static inline struct cgroup *socket_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct { struct cgroup *cgroup; } *data = sk ?
		(void *)&sk->sk_cgrp_data : NULL;
	struct cgroup *cgroup = socket_get_pointer_nofault(data, cgroup);

	return (unsigned long)cgroup & 1 ? NULL : cgroup;
#else
	return NULL;
#endif
}

static inline int64_t socket_cgroup_id(bool pinned, struct cgroup *cgroup)
{
#ifdef CONFIG_CGROUPS
	struct kernfs_node *kn = socket_get_pointer_either(pinned, cgroup, kn);

	return socket_get_either(pinned, kn, id, SOCKET_UNSET);
#else
	return SOCKET_UNSET;
#endif
}

static inline int64_t socket_value_cgroup(struct sock *sk)
{
	return socket_cgroup_id(false, socket_cgroup(sk));
}

/*
 * A value of a socket that nothing pins.  read is an expression of sk, the struct sock.  The
 * kernel frees a struct sock immediately, so it may belong to another socket when it is read:
 * the pointers are compared again afterwards.
 */
#define socket_value_unpinned(of, sk, read)				\
({									\
	struct socket *__of = (of);					\
	struct sock *sk = socket_checked_sk(__of);			\
	int64_t __value = sk ? (int64_t)(read) : SOCKET_UNSET;		\
									\
	socket_still_has(__of, sk) ? __value : SOCKET_UNSET;		\
})

#endif
