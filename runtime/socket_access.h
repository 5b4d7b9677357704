/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: reads kernel objects in a handler, and finds the socket of a file.
 *
 * The kernel holds a reference on some objects until the probed function returns.  These
 * are pinned, and socket_get() reads them directly; `holds` in functions.tbl lists them for
 * each function.  Another processor may free and reuse any other object between two reads.
 * socket_get_nofault() reads these with copy_from_kernel_nofault(): a bad pointer gives the
 * "unset" value and never a fault.  The caller then compares the pointer again, so that it
 * does not take a value from another socket.  Nothing here sleeps, locks or allocates.
 */
#ifndef SOCKET_TAPSET_ACCESS_H
#define SOCKET_TAPSET_ACCESS_H

#include <linux/fdtable.h>
#include <linux/kasan.h>
#include <linux/magic.h>
#include <linux/net.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/fs.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/sock.h>

#if !__has_include(<linux/sockptr.h>)
#error "the socket tapset needs Linux 5.9, or RHEL 8.4, or later (sockptr_t)"
#endif

/* Kernels with this macro have older names; in some, the first one is a macro. */
#ifdef probe_kernel_address
#ifndef copy_from_kernel_nofault
#define copy_from_kernel_nofault probe_kernel_read
#endif
#define copy_from_user_nofault probe_user_read
#endif

#if defined(CONFIG_X86_32)
#error "the socket tapset does not support 32-bit x86 kernels: it reads pointers as 64-bit numbers"
#elif defined(CONFIG_ARM)
#error "the socket tapset does not support 32-bit ARM: it reads pointers as 64-bit numbers, and the kernel has no regs_get_kernel_argument()"
#elif !defined(CONFIG_64BIT)
#error "the socket tapset does not support 32-bit kernels: it reads pointers as 64-bit numbers"
#elif defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API) || defined(CONFIG_S390) || \
	defined(CONFIG_PPC64) || defined(CONFIG_X86_64)
/* socket_argument_value() can read arguments. */
#elif defined(CONFIG_MIPS)
#error "the socket tapset does not support MIPS: the kernel has no regs_get_kernel_argument()"
#elif defined(CONFIG_RISCV)
#error "the socket tapset needs a newer kernel on riscv64: this one has no regs_get_kernel_argument()"
#else
#error "the socket tapset does not support this architecture: the kernel has no regs_get_kernel_argument()"
#endif

/*
 * Argument n, from 0, of the function that begins.  Modules cannot use the kernel's own
 * function on s390x, where it calls functions that are not exported (6.1, 6.12); powerpc has
 * none up to 6.9, x86 none in RHEL 8.
 */
static __always_inline unsigned long socket_argument_value(struct pt_regs *regs, unsigned int n)
{
#if defined(CONFIG_S390)
	const unsigned long *stack = (void *)(regs->gprs[15] + STACK_FRAME_OVERHEAD);

	return n < 5 ? regs->gprs[2 + n] : stack[n - 5];
#elif defined(CONFIG_PPC64)
	return n < 8 ? regs->gpr[3 + n] : 0;
#elif defined(CONFIG_X86_64) && !defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API)
	static const unsigned int at[] = {
		offsetof(struct pt_regs, di), offsetof(struct pt_regs, si),
		offsetof(struct pt_regs, dx), offsetof(struct pt_regs, cx),
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
	};

	return n < ARRAY_SIZE(at) ? regs_get_register(regs, at[n]) :
				    regs_get_kernel_stack_nth(regs, n - 5);
#else
	return regs_get_kernel_argument(regs, n);
#endif
}

/*
 * The result of a function that returns.  On powerpc regs_return_value() takes a positive
 * number for an error if a flag is set, which only system calls set on purpose.
 */
static __always_inline long socket_return_register(struct pt_regs *regs)
{
#ifdef CONFIG_PPC
	return regs->gpr[3];
#else
	return regs_return_value(regs);
#endif
}

/* Returned for an unknown value. */
#define SOCKET_UNSET (-1)

/*
 * Could a kernel object be at ptr?  On processors with more address bits than the kernel
 * uses, copy_from_kernel_nofault() accepts some addresses whose fault the kernel warns about
 * (5.10).
 */
#if defined(CONFIG_X86_64) || defined(CONFIG_ARM64)
#define socket_may_be_at(ptr) \
	((unsigned long)kasan_reset_tag((const void *)(ptr)) >= PAGE_OFFSET)
#else
#define socket_may_be_at(ptr) ((unsigned long)(ptr) >= PAGE_SIZE)
#endif

/*
 * The first thread of the current process.  In an interrupt, current may be a thread that has
 * already exited, and its leader may be gone.
 */
static __always_inline struct task_struct *socket_process_leader(void)
{
	return likely(pid_alive(current)) ? current->group_leader : current;
}

/* A member of the structure at ptr; unset if it cannot be read. */
#define socket_get_nofault(ptr, member, unset)				\
({									\
	typeof((ptr)->member) __value;					\
	socket_may_be_at(ptr) &&					\
		!copy_from_kernel_nofault((void *)&__value,		\
					  (void *)&(ptr)->member,	\
					  sizeof(__value)) ?		\
		(int64_t)__value : (int64_t)(unset);			\
})

/* The same for a pointer; NULL if it cannot be read. */
#define socket_get_pointer_nofault(ptr, member)				\
({									\
	void *__pointer;						\
	socket_may_be_at(ptr) &&					\
		!copy_from_kernel_nofault(&__pointer, &(ptr)->member,	\
					  sizeof(__pointer)) ?		\
		__pointer : NULL;					\
})

/*
 * The same for a pinned object.  A pointer in it may lead to an object that is not pinned,
 * which needs socket_get_nofault().
 */
#define socket_get(ptr, member, unset)					\
({									\
	typeof(ptr) __ptr = (ptr);					\
	__ptr ? (int64_t)__ptr->member : (int64_t)(unset);		\
})

/* One of the two; pinned is a constant. */
#define socket_get_either(pinned, ptr, member, unset)			\
	((pinned) ? socket_get(ptr, member, unset) :			\
		    socket_get_nofault(ptr, member, unset))

#define socket_get_pointer_either(pinned, ptr, member)			\
	((pinned) ? (void *)(unsigned long)socket_get(ptr, member, 0) :	\
		    socket_get_pointer_nofault(ptr, member))

static inline struct sock *socket_sk(struct socket *sock)
{
	return socket_get_pointer_either(true, sock, sk);
}

/* The socket of a pinned file that is known to be a socket's. */
static inline struct socket *socket_of_file(struct file *file)
{
	return socket_get_pointer_either(true, file, private_data);
}

/* The socket of any pinned file; NULL if the file is not a socket's. */
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
 * The number of an inode that nothing pins; unset if it is not a socket's.  The kernel frees
 * the inodes of sockets by RCU: if the socket exists now, its inode stays the same until the
 * handler ends.
 */
static inline int64_t socket_inode_number(struct inode *inode)
{
	/* The kernel mounts sockfs once and never unmounts it. */
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
 * The socket of a file that nothing pins.  Since 6.7 the memory of a file may become another
 * file between two reads (SLAB_TYPESAFE_BY_RCU).  So only f_inode is read: it always points
 * to an inode that is freed by RCU.
 */
static inline struct socket *socket_of_unpinned_file(struct file *file)
{
	struct inode *inode = socket_get_pointer_nofault(file, f_inode);

	return socket_inode_number(inode) == SOCKET_UNSET ? NULL : SOCKET_I(inode);
}

/*
 * The socket that a descriptor of the current task names now.  Another thread may close and
 * reopen the descriptor meanwhile: the table, the slot and the inode are compared afterwards.
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

/*
 * The struct sock of a socket that nothing pins, or NULL.  A socket and its struct sock point
 * to each other while both exist; the kernel clears the pointers when one is freed.
 */
static inline struct sock *socket_checked_sk(struct socket *sock)
{
	struct sock *sk = socket_get_pointer_nofault(sock, sk);

	return socket_get_pointer_nofault(sk, sk_socket) == sock ? sk : NULL;
}

/* Is sk still its struct sock, after a value was read? */
static inline bool socket_still_has(struct socket *sock, struct sock *sk)
{
	smp_rmb();
	return sk && socket_checked_sk(sock) == sk;
}

/*
 * The result of a call as users see it.  ERESTARTSYS and its variants (linux/errno.h), which
 * a signal causes, become EINTR at the system call, or the kernel restarts the call.
 */
static inline int64_t socket_result(int64_t result)
{
	return result <= -512 && result >= -516 ? -EINTR : result;
}

/* Bytes in an array of at most UIO_MAXIOV segments, or unset. */
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

/* Reads user memory without sleeping.  Returns 0, or -EFAULT if a page is not in memory. */
static inline int socket_read_user(void *to, const void __user *from,
				   size_t size)
{
	return copy_from_user_nofault(to, from, size) ? -EFAULT : 0;
}

/* The same for an argument of a call, in user or kernel memory. */
static inline int socket_read_given(void *to, const void *at, size_t size, bool user)
{
	return user ? socket_read_user(to, (const void __user *)at, size) :
		      copy_from_kernel_nofault(to, at, size);
}

#endif
