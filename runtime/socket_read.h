/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: reading what the kernel knows about a socket.
 *
 * Every read goes through the kernel's own fault-safe copy, so that a bad
 * pointer gives the "unset" value and never a fault.  Nothing here sleeps,
 * locks or allocates.
 */
#ifndef SOCKET_TAPSET_READ_H
#define SOCKET_TAPSET_READ_H

#include <linux/net.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/af_unix.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#error "the socket tapset needs Linux 5.8 or later (copy_from_kernel_nofault)"
#endif

/* What a value is that the kernel can't tell. */
#define SOCKET_UNSET (-1)

/* The member of the structure at ptr, or unset. */
#define socket_read(ptr, member, unset)					\
({									\
	typeof((ptr)->member) __value;					\
	(ptr) && !copy_from_kernel_nofault((void *)&__value,		\
					   (void *)&(ptr)->member,	\
					   sizeof(__value)) ?		\
		(int64_t)__value : (int64_t)(unset);			\
})

/* The same for a member that is a pointer; NULL when unset. */
#define socket_read_pointer(ptr, member)				\
({									\
	void *__pointer;						\
	(ptr) && !copy_from_kernel_nofault(&__pointer, &(ptr)->member,	\
					   sizeof(__pointer)) ?		\
		__pointer : NULL;					\
})

static inline struct sock *socket_sk(struct socket *sock)
{
	return socket_read_pointer(sock, sk);
}

/* The socket of an open file; it is the file's private data since 2.6. */
static inline struct socket *socket_of_file(struct file *file)
{
	return socket_read_pointer(file, private_data);
}

static inline int64_t socket_value_family(struct sock *sk)
{
	return socket_read(sk, sk_family, SOCKET_UNSET);
}

static inline int64_t socket_value_type(struct sock *sk)
{
	return socket_read(sk, sk_type, SOCKET_UNSET);
}

static inline int64_t socket_value_protocol(struct sock *sk)
{
	return socket_read(sk, sk_protocol, SOCKET_UNSET);
}

/*
 * Newer kernels (7.2, not 6.12) leave the state of UNIX sockets in struct socket
 * at SS_UNCONNECTED, and older ones that of a connected SOCK_DGRAM.  Having a peer
 * is what tells on all of them.
 */
static inline int64_t socket_value_state(struct socket *sock)
{
	struct sock *sk = socket_sk(sock);
	int64_t state = socket_read(sock, state, SOCKET_UNSET);

	if (state == SS_UNCONNECTED && socket_value_family(sk) == AF_UNIX &&
	    socket_read_pointer((struct unix_sock *)sk, peer))
		return SS_CONNECTED;
	return state;
}

static inline int64_t socket_value_flags(struct socket *sock)
{
	return socket_read(sock, flags, SOCKET_UNSET);
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
