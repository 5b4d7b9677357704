/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: reading what the kernel knows about a socket.
 *
 * The kernel holds a reference on some things for as long as the probe runs: they are
 * pinned, and read directly.  Everything else may be freed and used again by another
 * processor between two reads.  It is read through the kernel's fault-safe copy, so that
 * a bad pointer gives the "unset" value and never a fault, and it is checked again
 * afterwards, so that a value is never that of another socket.  What each probed function
 * pins is written in functions.tbl.  Nothing here sleeps, locks or allocates.
 */
#ifndef SOCKET_TAPSET_READ_H
#define SOCKET_TAPSET_READ_H

#include <linux/cgroup-defs.h>
#include <linux/fdtable.h>
#include <linux/in.h>
#include <linux/kasan.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/net.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/af_unix.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#if !__has_include(<linux/sockptr.h>)
#error "the socket tapset needs Linux 5.9 or later (copy_from_kernel_nofault, sockptr_t)"
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
#define socket_get_nofault(ptr, member, unset)				\
({									\
	typeof((ptr)->member) __value;					\
	socket_may_be_at(ptr) && !copy_from_kernel_nofault((void *)&__value,		\
					   (void *)&(ptr)->member,	\
					   sizeof(__value)) ?		\
		(int64_t)__value : (int64_t)(unset);			\
})

/* The same for a member that is a pointer; NULL when unset. */
#define socket_get_pointer_nofault(ptr, member)				\
({									\
	void *__pointer;						\
	socket_may_be_at(ptr) && !copy_from_kernel_nofault(&__pointer, &(ptr)->member,	\
					   sizeof(__pointer)) ?		\
		__pointer : NULL;					\
})

/*
 * The same for what is pinned: the socket of the call that the probe is in.  A pointer
 * out of it to something that is not pinned is still followed by the copy.
 */
#define socket_get(ptr, member, unset)					\
({									\
	typeof(ptr) __ptr = (ptr);					\
	__ptr ? (int64_t)__ptr->member : (int64_t)(unset);		\
})

/* Of either kind; pinned is a constant. */
#define socket_get_either(pinned, ptr, member, unset)				\
	((pinned) ? socket_get(ptr, member, unset) : socket_get_nofault(ptr, member, unset))

#define socket_get_pointer_either(pinned, ptr, member)				\
	((pinned) ? (void *)(unsigned long)socket_get(ptr, member, 0) :		\
		  socket_get_pointer_nofault(ptr, member))

static inline struct sock *socket_sk(struct socket *sock)
{
	return socket_get_pointer_either(true, sock, sk);
}

/* The socket of a pinned file that is known to be one's. */
static inline struct socket *socket_of_file(struct file *file)
{
	return socket_get_pointer_either(true, file, private_data);
}

/* The socket of a pinned file; NULL where the file is something else. */
static inline struct socket *socket_of_any_file(struct file *file)
{
	typedef struct socket *one_argument(struct file *);
	typedef struct socket *two_arguments(struct file *, int *);	/* up to 5.10 */
	void *from_file = sock_from_file;
	int error;

	if (!file)
		return NULL;
	return __builtin_types_compatible_p(typeof(sock_from_file), two_arguments) ?
		((two_arguments *)from_file)(file, &error) :
		((one_argument *)from_file)(file);
}

/*
 * An inode that nothing pins: its number, or unset where it is not a socket's.  RCU frees
 * those of sockets: one whose socket lives now stays one as long as the handler runs.
 */
static inline int64_t socket_inode_number(struct inode *inode)
{
	/* The kernel mounts the file system of sockets once, for good. */
	static struct super_block *sockfs __read_mostly;
	u8 part[offsetofend(struct inode, i_ino)] __aligned(sizeof(long));
	typeof(inode->i_mode) mode;
	typeof(inode->i_ino) number;
	struct super_block *sb;

	BUILD_BUG_ON(sizeof(part) > 128);
	BUILD_BUG_ON(offsetofend(struct inode, i_mode) > sizeof(part));
	BUILD_BUG_ON(offsetofend(struct inode, i_sb) > sizeof(part));
	if (!socket_may_be_at(inode) ||
	    copy_from_kernel_nofault(part, inode, sizeof(part)))
		return SOCKET_UNSET;
	memcpy(&mode, part + offsetof(struct inode, i_mode), sizeof(mode));
	memcpy(&sb, part + offsetof(struct inode, i_sb), sizeof(sb));
	memcpy(&number, part + offsetof(struct inode, i_ino), sizeof(number));
	if (!S_ISSOCK(mode) || !sb)
		return SOCKET_UNSET;
	if (READ_ONCE(sockfs) != sb) {
		if (socket_get_nofault(sb, s_magic, 0) != SOCKFS_MAGIC)
			return SOCKET_UNSET;
		WRITE_ONCE(sockfs, sb);
	}
	return number;
}

/*
 * The socket of a file that nothing pins.  Since 6.7 the memory of a file may be another
 * file between two reads (SLAB_TYPESAFE_BY_RCU); of its members f_inode alone is used,
 * which always leads to an inode that RCU frees.
 */
static inline struct socket *socket_of_unpinned_file(struct file *file)
{
	struct inode *inode = socket_get_pointer_nofault(file, f_inode);

	return socket_inode_number(inode) == SOCKET_UNSET ? NULL : SOCKET_I(inode);
}

/*
 * The socket that a descriptor of the current task names at this moment.  Another thread
 * may close the descriptor and open it again meanwhile: the table, the slot and the inode
 * have to be the same afterwards.
 */
static struct socket *socket_of_fd(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct { struct file *file; } *slot;
	struct fdtable *table;
	struct socket *sock;
	struct file **slots, *file;
	u32 most;
	int tries;

	for (tries = 0; tries < 4; tries++) {
		table = socket_get_pointer_nofault(files, fdt);
		slots = socket_get_pointer_nofault(table, fd);
		most = socket_get_nofault(table, max_fds, 0);
		if (!slots || fd >= most)
			return NULL;
		slot = (void *)&slots[array_index_nospec(fd, most)];
		file = socket_get_pointer_nofault(slot, file);
		smp_rmb();
		sock = socket_of_unpinned_file(file);
		smp_rmb();
		if (socket_get_pointer_nofault(slot, file) != file ||
		    socket_get_pointer_nofault(files, fdt) != table)
			continue;
		smp_rmb();
		if (socket_of_unpinned_file(file) == sock)
			return sock;
	}
	return NULL;
}

static __always_inline int64_t socket_value_family(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_family, SOCKET_UNSET);
}

static __always_inline int64_t socket_value_type(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_type, SOCKET_UNSET);
}

static __always_inline int64_t socket_value_protocol(bool pinned, struct sock *sk)
{
	return socket_get_either(pinned, sk, sk_protocol, SOCKET_UNSET);
}

/*
 * Newer kernels (7.2, not 6.12) leave the state of UNIX sockets in struct socket
 * at SS_UNCONNECTED, and older ones that of a connected SOCK_DGRAM.  Having a peer
 * is what tells on all of them.
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
 * The number of /proc/PID/fd, "socket:[N]".  A struct socket that is part of
 * something else (of tun, for one) has no inode.
 */
static __always_inline int64_t socket_value_ino(bool pinned, struct socket *sock)
{
	struct inode *inode = sock ? SOCK_INODE(sock) : NULL;

	/* A socket that is given to a probed function with a file lives in an inode. */
	if (pinned && sock && sock->file)
		return inode->i_ino;
	return socket_inode_number(inode);
}

/* The same to tell later whether the socket is still the same; 0 for none. */
static __always_inline u32 socket_ino(bool pinned, struct socket *sock)
{
	int64_t ino = socket_value_ino(pinned, sock);

	return ino == SOCKET_UNSET ? 0 : ino;
}

/* O_NONBLOCK of the file; a socket that the kernel holds for itself has none. */
static __always_inline int64_t socket_value_nonblock(bool pinned, struct socket *sock)
{
	struct file *file = socket_get_pointer_either(pinned, sock, file);
	int64_t flags = socket_get_nofault(file, f_flags, SOCKET_UNSET);

	/* A socket of an interrupt's does not pin its file. */
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
 * What is in the send buffer: protocols of streams count it when it is queued, others
 * as long as it is under way, with one more for the socket itself.
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

/* What a listener hands out inherits its number, and UNIX sockets begin with one. */
static inline int64_t socket_value_backlog(struct sock *sk)
{
	int64_t state = socket_get_nofault(sk, sk_state, SOCKET_UNSET);

	return state == TCP_LISTEN ?
		socket_get_nofault(sk, sk_max_ack_backlog, SOCKET_UNSET) :
		state == SOCKET_UNSET ? state : 0;
}

/* Before 5.15 the pointer shares its place with what cgroup v1 has, then odd. */
static inline int64_t socket_value_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct { struct cgroup *cgroup; } *data = sk ?
		(void *)&sk->sk_cgrp_data : NULL;
	struct cgroup *cgroup = socket_get_pointer_nofault(data, cgroup);
	struct kernfs_node *kn;

	if ((unsigned long)cgroup & 1)
		return SOCKET_UNSET;
	kn = socket_get_pointer_nofault(cgroup, kn);
	return socket_get_nofault(kn, id, SOCKET_UNSET);
#else
	return SOCKET_UNSET;
#endif
}

/*
 * The struct sock of a socket that nothing pins, or NULL.  A socket and its struct sock
 * point at each other as long as both live; the pointers are cleared when one goes.
 */
static inline struct sock *socket_checked_sk(struct socket *sock)
{
	struct sock *sk = socket_get_pointer_nofault(sock, sk);

	return socket_get_pointer_nofault(sk, sk_socket) == sock ? sk : NULL;
}

/* Is it still that, after something was read of it? */
static inline bool socket_still_has(struct socket *sock, struct sock *sk)
{
	smp_rmb();
	return sk && socket_checked_sk(sock) == sk;
}

/*
 * A value of a socket that nothing pins: read says how to get it from sk, the struct sock.
 * A struct sock is freed at once, and may be another socket's by the time it was read.
 */
#define socket_value_unpinned(of, sk, read)				\
({									\
	struct socket *__of = (of);					\
	struct sock *sk = socket_checked_sk(__of);			\
	int64_t __value = sk ? (int64_t)(read) : SOCKET_UNSET;		\
									\
	socket_still_has(__of, sk) ? __value : SOCKET_UNSET;		\
})

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
		length = socket_get_nofault(&iov[i], iov_len, SOCKET_UNSET);
		if (length < 0 || check_add_overflow(size, length, &size))
			return SOCKET_UNSET;
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

/* The same of what a call was given, in the memory of a user or of the kernel. */
static inline int socket_read_given(void *to, const void *at, size_t size, bool user)
{
	return user ? socket_read_user(to, (const void __user *)at, size) :
		      copy_from_kernel_nofault(to, at, size);
}

#endif
