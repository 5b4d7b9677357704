/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: reading what the kernel knows about a socket.
 *
 * What lives for as long as the probe runs is read as it is; everything else goes
 * through the kernel's own fault-safe copy, so that a bad pointer gives the "unset" value
 * and never a fault.  Nothing here sleeps, locks or allocates.
 */
#ifndef SOCKET_TAPSET_READ_H
#define SOCKET_TAPSET_READ_H

#include <linux/cgroup-defs.h>
#include <linux/in.h>
#include <linux/kasan.h>
#include <linux/kernfs.h>
#include <linux/net.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/af_unix.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#error "the socket tapset needs Linux 5.8 or later (copy_from_kernel_nofault)"
#endif

/* What a value is that the kernel can't tell. */
#define SOCKET_UNSET (-1)

/*
 * Could something of the kernel's be there?  What could not is not tried: on processors
 * with more bits of address than the kernel uses, the copy lets some addresses pass
 * that fault in a way that it warns of (5.10).
 */
#if defined(CONFIG_X86_64) || defined(CONFIG_ARM64)
#define socket_may_be_at(ptr) \
	((unsigned long)kasan_reset_tag((const void *)(ptr)) >= PAGE_OFFSET)
#else
#define socket_may_be_at(ptr) ((unsigned long)(ptr) >= PAGE_SIZE)
#endif

/* The member of the structure at ptr, or unset. */
#define socket_read(ptr, member, unset)					\
({									\
	typeof((ptr)->member) __value;					\
	socket_may_be_at(ptr) && !copy_from_kernel_nofault((void *)&__value,		\
					   (void *)&(ptr)->member,	\
					   sizeof(__value)) ?		\
		(int64_t)__value : (int64_t)(unset);			\
})

/* The same for a member that is a pointer; NULL when unset. */
#define socket_read_pointer(ptr, member)				\
({									\
	void *__pointer;						\
	socket_may_be_at(ptr) && !copy_from_kernel_nofault(&__pointer, &(ptr)->member,	\
					   sizeof(__pointer)) ?		\
		__pointer : NULL;					\
})

/*
 * The same for what is known to live: the socket of the call that the probe is in.  A
 * pointer out of it to something else is followed by the copy all the same, where
 * nothing keeps that alive.
 */
#define socket_have(ptr, member, unset)					\
({									\
	typeof(ptr) __at = (ptr);					\
	__at ? (int64_t)__at->member : (int64_t)(unset);		\
})

/* Of either kind; sure is a constant. */
#define socket_fetch(sure, ptr, member, unset)				\
	((sure) ? socket_have(ptr, member, unset) : socket_read(ptr, member, unset))

#define socket_fetch_pointer(sure, ptr, member)				\
	((sure) ? (void *)(unsigned long)socket_have(ptr, member, 0) :	\
		  socket_read_pointer(ptr, member))

static inline struct sock *socket_sk(struct socket *sock)
{
	return socket_fetch_pointer(true, sock, sk);
}

/* The socket of an open file; it is the file's private data since 2.6. */
static inline struct socket *socket_of_file(struct file *file)
{
	return socket_read_pointer(file, private_data);
}

static __always_inline int64_t socket_value_family(bool sure, struct sock *sk)
{
	return socket_fetch(sure, sk, sk_family, SOCKET_UNSET);
}

static __always_inline int64_t socket_value_type(bool sure, struct sock *sk)
{
	return socket_fetch(sure, sk, sk_type, SOCKET_UNSET);
}

static __always_inline int64_t socket_value_protocol(bool sure, struct sock *sk)
{
	return socket_fetch(sure, sk, sk_protocol, SOCKET_UNSET);
}

/*
 * Newer kernels (7.2, not 6.12) leave the state of UNIX sockets in struct socket
 * at SS_UNCONNECTED, and older ones that of a connected SOCK_DGRAM.  Having a peer
 * is what tells on all of them.
 */
static __always_inline int64_t socket_value_state(bool sure, struct socket *sock)
{
	struct sock *sk = socket_fetch_pointer(sure, sock, sk);
	int64_t state = socket_fetch(sure, sock, state, SOCKET_UNSET);

	if (state == SS_UNCONNECTED && socket_value_family(sure, sk) == AF_UNIX &&
	    socket_fetch_pointer(sure, (struct unix_sock *)sk, peer))
		return SS_CONNECTED;
	return state;
}

static __always_inline int64_t socket_value_flags(bool sure, struct socket *sock)
{
	return socket_fetch(sure, sock, flags, SOCKET_UNSET);
}

/*
 * The number of /proc/PID/fd, "socket:[N]".  A struct socket that is part of
 * something else (of tun, for one) has no inode.
 */
static __always_inline int64_t socket_value_ino(bool sure, struct socket *sock)
{
	struct inode *inode = sock ? SOCK_INODE(sock) : NULL;
	int64_t mode;

	/* A socket that lives with a file lives in an inode. */
	if (sure && sock && sock->file)
		return inode->i_ino;
	mode = socket_read(inode, i_mode, 0);
	return S_ISSOCK(mode) ? socket_read(inode, i_ino, SOCKET_UNSET) :
				SOCKET_UNSET;
}

/* O_NONBLOCK of the file; a socket that the kernel holds for itself has none. */
static __always_inline int64_t socket_value_nonblock(bool sure, struct socket *sock)
{
	struct file *file = socket_fetch_pointer(sure, sock, file);
	int64_t flags = socket_read(file, f_flags, SOCKET_UNSET);

	return flags == SOCKET_UNSET ? flags : !!(flags & O_NONBLOCK);
}

static __always_inline bool socket_is_tcp(bool sure, struct sock *sk)
{
	int64_t family = socket_value_family(sure, sk);
	int64_t protocol = socket_value_protocol(sure, sk);

	return (family == AF_INET || family == AF_INET6) &&
	       socket_value_type(sure, sk) == SOCK_STREAM &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

static __always_inline int64_t socket_value_tcp_state(bool sure, struct sock *sk)
{
	return socket_is_tcp(sure, sk) ?
		socket_fetch(sure, sk, sk_state, SOCKET_UNSET) : SOCKET_UNSET;
}

/*
 * What is in the send buffer: protocols of streams count it when it is queued, others
 * as long as it is under way, with one more for the socket itself.
 */
static inline int64_t socket_value_wmem(struct sock *sk)
{
	int64_t family = socket_value_family(false, sk);
	int64_t alloc;

	if ((family == AF_INET || family == AF_INET6) &&
	    socket_value_type(false, sk) == SOCK_STREAM)
		return socket_read(sk, sk_wmem_queued, SOCKET_UNSET);
	alloc = socket_read(sk, sk_wmem_alloc.refs.counter, SOCKET_UNSET);
	return alloc > 0 ? alloc - 1 : alloc;
}

/* What a listener hands out inherits its number, and UNIX sockets begin with one. */
static inline int64_t socket_value_backlog(struct sock *sk)
{
	int64_t state = socket_read(sk, sk_state, SOCKET_UNSET);

	return state == TCP_LISTEN ?
		socket_read(sk, sk_max_ack_backlog, SOCKET_UNSET) :
		state == SOCKET_UNSET ? state : 0;
}

/* Before 5.15 the pointer shares its place with what cgroup v1 has, then odd. */
static inline int64_t socket_value_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct { struct cgroup *cgroup; } *data = sk ?
		(void *)&sk->sk_cgrp_data : NULL;
	struct cgroup *cgroup = socket_read_pointer(data, cgroup);
	struct kernfs_node *kn;

	if ((unsigned long)cgroup & 1)
		return SOCKET_UNSET;
	kn = socket_read_pointer(cgroup, kn);
	return socket_read(kn, id, SOCKET_UNSET);
#else
	return SOCKET_UNSET;
#endif
}

/*
 * What a script holds may be no socket any more.  One that lives and its struct
 * sock point at each other; the pointers are cleared when it goes.
 */
static inline struct sock *socket_checked_sk(struct socket *sock)
{
	struct sock *sk = socket_read_pointer(sock, sk);

	return socket_read_pointer(sk, sk_socket) == sock ? sk : NULL;
}

/*
 * A call that a signal interrupted ends inside the kernel with a code that
 * users never see (include/linux/errno.h): it becomes EINTR, or the call starts
 * again.
 */
static inline int64_t socket_result(int64_t result)
{
	return result <= -512 && result >= -516 ? -EINTR : result;
}

/* Bytes in an array of segments, or unset; reads at most IOV_MAX of them. */
static inline int64_t socket_iovec_size(struct iovec *iov, int64_t segments)
{
	int64_t size = 0;
	int64_t length;
	int i;

	if (!iov || segments < 0 || segments > UIO_MAXIOV)
		return SOCKET_UNSET;
	for (i = 0; i < segments; i++) {
		length = socket_read(&iov[i], iov_len, SOCKET_UNSET);
		if (length < 0)
			return SOCKET_UNSET;
		size += length;
	}
	return size;
}

/*
 * User memory, from a place that may not sleep: 0 when all of it could be read,
 * which needs it to be in memory.
 */
static inline int socket_read_user(void *to, const void __user *from,
				   size_t size)
{
	return copy_from_user_nofault(to, from, size) ? -EFAULT : 0;
}

#endif
