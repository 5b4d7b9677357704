/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the kind of a read or write of a socket file.
 *
 * sock_write_iter() and sock_read_iter() serve write(2), writev(2), AIO and io_uring.  All of
 * them pass the same kind of iterator for one segment; since 6.4 writev(2) of one element
 * even passes the plain buffer of write(2).  So for one segment the caller decides.
 */
#ifndef SOCKET_TAPSET_KIND_H
#define SOCKET_TAPSET_KIND_H

#include <linux/aio_abi.h>
#include <linux/compat.h>
#include <linux/kallsyms.h>
#include <linux/sched.h>
#include <linux/uio.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
#include <asm/unistd_32_ia32.h>
#endif
#if __has_include(<linux/io_uring_types.h>)
#include <linux/io_uring_types.h>
#define SOCKET_URING_KEEPS_OPCODE
#endif
#include "socket_access.h"

enum socket_kind {
	SOCKET_KIND_NONE = 0,	/* does not reach the protocol */
	SOCKET_KIND_BUFFER = 1,	/* one buffer: write, read */
	SOCKET_KIND_VECTOR = 2,	/* an array of buffers: writev, readv */
	SOCKET_KIND_SPLICE = 3,	/* splice(2) from a protocol that cannot splice */
};

/* The caller, by the function that completes its kiocb. */
enum socket_caller {
	SOCKET_CALLER_UNKNOWN,
	SOCKET_CALLER_AIO,
	SOCKET_CALLER_IO_URING,
};

static noinline enum socket_caller socket_caller_by_name(void *function)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol_no_offset(name, (unsigned long)function);
	if (!strncmp(name, "aio_complete_rw", 15))
		return SOCKET_CALLER_AIO;
	if (!strncmp(name, "io_complete_rw", 14))
		return SOCKET_CALLER_IO_URING;
	return SOCKET_CALLER_UNKNOWN;
}

/* Looks up each of the two functions by name once, then compares addresses. */
static enum socket_caller socket_caller(void *function)
{
	static void *known[SOCKET_CALLER_IO_URING + 1];
	enum socket_caller caller;

	for (caller = SOCKET_CALLER_AIO; caller <= SOCKET_CALLER_IO_URING;
	     caller++)
		if (READ_ONCE(known[caller]) == function)
			return caller;
	caller = socket_caller_by_name(function);
	if (caller != SOCKET_CALLER_UNKNOWN)
		WRITE_ONCE(known[caller], function);
	return caller;
}

/*
 * Is the system call of the current task a vectored one?  32-bit tasks have numbers of their
 * own on x86, whose headers define them, and on arm64, as ARM's EABI has them.
 */
static bool socket_syscall_is_vectored(void)
{
	long nr;

	if (current->flags & PF_KTHREAD)
		return false;
	nr = syscall_get_nr(current, current_pt_regs());
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
	if (in_ia32_syscall())
		return nr == __NR_ia32_readv || nr == __NR_ia32_writev ||
		       nr == __NR_ia32_preadv || nr == __NR_ia32_pwritev ||
		       nr == __NR_ia32_preadv2 || nr == __NR_ia32_pwritev2;
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
	if (in_compat_syscall())
		return nr == 145 || nr == 146 || nr == 361 || nr == 362 ||
		       nr == 392 || nr == 393;
#endif
#ifdef __X32_SYSCALL_BIT
	/* Its own readv, writev, preadv, pwritev, preadv2 and pwritev2. */
	if (nr >= 0 && (nr & __X32_SYSCALL_BIT)) {
		nr &= ~(long)__X32_SYSCALL_BIT;
		return nr == 515 || nr == 516 || nr == 534 || nr == 535 ||
		       nr == 546 || nr == 547;
	}
#endif
	return nr == __NR_readv || nr == __NR_writev ||
	       nr == __NR_preadv || nr == __NR_pwritev ||
	       nr == __NR_preadv2 || nr == __NR_pwritev2;
}

/* The opcode of the iocb at the address, or -1 if there is none with this aio_data. */
static int socket_aio_opcode(u64 at, u64 data)
{
	struct iocb request;

	/* Reads only from possible addresses: 5.10 counts a fault as a missed probe. */
	if (at < PAGE_SIZE || !IS_ALIGNED(at, sizeof(u32)) ||
	    socket_read_user(&request, (void __user *)(unsigned long)at, sizeof(request)) ||
	    request.aio_data != data)
		return -1;
	return request.aio_lio_opcode;
}

/*
 * An AIO request does not keep its opcode; the user's struct iocb has it.  struct aio_kiocb
 * (private to fs/aio.c) begins with the kiocb and has two adjacent words for the completion
 * event: aio_data and the address of the iocb, up to 5.0 the address first.  This searches for
 * a pointer to an iocb whose aio_data is the word beside the pointer.
 */
static bool socket_aio_is_vectored(struct kiocb *iocb)
{
	u64 words[24];
	int i, opcode = -1;

	if (copy_from_kernel_nofault(words, iocb, sizeof(words)))
		return false;
	for (i = sizeof(*iocb) / sizeof(u64); opcode < 0 && i + 1 < ARRAY_SIZE(words); i++) {
		opcode = socket_aio_opcode(words[i + 1], words[i]);
		if (opcode < 0)
			opcode = socket_aio_opcode(words[i], words[i + 1]);
	}
	return opcode == IOCB_CMD_PREADV || opcode == IOCB_CMD_PWRITEV;
}

#ifdef SOCKET_URING_KEEPS_OPCODE
/* IORING_OP_READV_FIXED and IORING_OP_WRITEV_FIXED; older kernels reject these numbers. */
#define SOCKET_URING_READV_FIXED 60
#define SOCKET_URING_WRITEV_FIXED 61

static bool socket_uring_is_vectored(struct kiocb *iocb)
{
	/* A request begins with its kiocb (cmd_to_io_kiocb()). */
	switch (socket_get_nofault((struct io_kiocb *)iocb, opcode, -1)) {
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case SOCKET_URING_READV_FIXED:
	case SOCKET_URING_WRITEV_FIXED:
		return true;
	}
	return false;
}
#else
/*
 * struct io_kiocb is private in these kernels.  The kiocb is followed by the address in the
 * request (struct io_rw): that of its buffer, or of an array whose first buffer is at base.
 * If the kernel chose the buffer, it is neither.
 */
static bool socket_uring_is_vectored_at(struct kiocb *iocb, unsigned long base)
{
	struct {
		struct kiocb kiocb;
		u64 addr;
	} *request = (void *)iocb;
	unsigned long addr = socket_get_nofault(request, addr, 0);
	union {
		unsigned long base;
		u32 base32;		/* of a 32-bit task; its length follows */
	} first;

	if (!addr || addr == base ||
	    socket_read_user(&first, (void __user *)addr, sizeof(first)))
		return false;
	return first.base == base || first.base32 == base;
}
#endif

/* Does the iterator have one segment of user memory?  Sets base to its address. */
static bool socket_iter_is_single(const struct iov_iter *iter,
				  unsigned long *base)
{
	/* The macro came with 6.4's iterator, which RHEL 9.4 to 9.6 have in 5.14. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0) || defined(iter_iov_addr)
	if (iter_is_ubuf(iter)) {
		*base = (unsigned long)iter->ubuf + iter->iov_offset;
		return true;
	}
#endif
	if (iter_is_iovec(iter) && iter->nr_segs == 1) {
		struct iovec *segment;

#ifdef iter_iov_addr		/* a macro, added together with iter_iov() */
		segment = (void *)iter_iov(iter);
#else
		segment = (void *)iter->iov;
#endif
		*base = (unsigned long)socket_get_pointer_nofault(segment, iov_base);
		return true;
	}
	return false;
}

/*
 * The kind of a call of sock_write_iter() or sock_read_iter(), at its entry, before the
 * iterator advances.
 */
static enum socket_kind socket_kind(struct kiocb *iocb,
				    const struct iov_iter *iter, bool receive)
{
	unsigned long base = 0;

	if (iocb->ki_pos)
		return SOCKET_KIND_NONE;	/* -ESPIPE */
	if (receive && !iov_iter_count(iter))
		return SOCKET_KIND_NONE;	/* returns 0 without calling the protocol */
#ifdef SOCKET_URING_KEEPS_OPCODE
	if (iocb->ki_complete &&
	    socket_caller(iocb->ki_complete) == SOCKET_CALLER_IO_URING)
		return socket_uring_is_vectored(iocb) ? SOCKET_KIND_VECTOR :
							SOCKET_KIND_BUFFER;
#endif
	if (!socket_iter_is_single(iter, &base)) {
		if (iter_is_iovec(iter))
			return SOCKET_KIND_VECTOR;
		if (!receive || iov_iter_is_kvec(iter))
			return SOCKET_KIND_BUFFER;
		/* Pages: io_uring's registered buffers, or splice(2). */
		return iocb->ki_complete ? SOCKET_KIND_BUFFER :
					  SOCKET_KIND_SPLICE;
	}
	if (!iocb->ki_complete)
		return socket_syscall_is_vectored() ? SOCKET_KIND_VECTOR :
						      SOCKET_KIND_BUFFER;
	switch (socket_caller(iocb->ki_complete)) {
	case SOCKET_CALLER_AIO:
		return socket_aio_is_vectored(iocb) ? SOCKET_KIND_VECTOR :
						      SOCKET_KIND_BUFFER;
#ifndef SOCKET_URING_KEEPS_OPCODE
	case SOCKET_CALLER_IO_URING:
		return socket_uring_is_vectored_at(iocb, base) ?
			SOCKET_KIND_VECTOR : SOCKET_KIND_BUFFER;
#endif
	default:
		return SOCKET_KIND_BUFFER;
	}
}

#endif
