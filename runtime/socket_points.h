/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: what the traced kernel functions are called with.
 *
 * One function for the entry of each, next to the prototype it reads.  They put
 * the call into the table of frames and decide whether the call is an event of
 * its own: of calls that nest for one message on one socket, the outermost is.
 * Each returns 1, so that a probe can say "if (enter) next".
 */
#ifndef SOCKET_TAPSET_POINTS_H
#define SOCKET_TAPSET_POINTS_H

#include <linux/ptrace.h>
#include <linux/socket.h>
#include "socket_kind.h"
#include "socket_frames.h"

/* The registers of the probe that is running; c is what stap calls its context. */
#define SOCKET_REGS (c->kregs)

#define socket_argument(regs, n) \
	((void *)regs_get_kernel_argument(regs, n))

#define SOCKET_INSIDE(of) (1u << SOCKET_FRAME_##of)

/* Bytes that are left to move in a message. */
static inline int64_t socket_message_size(struct msghdr *msg)
{
	return socket_read(msg, msg_iter.count, SOCKET_UNSET);
}

/*
 * static int __sock_sendmsg(struct socket *sock, struct msghdr *msg)
 * int sock_sendmsg(struct socket *sock, struct msghdr *msg)
 *
 * The second, for io_uring and callers in the kernel, is a wrapper of the first,
 * and may call it or hold a copy of it (5.10).
 */
#define SOCKET_AROUND_SENDMSG \
	(SOCKET_INSIDE(SENDPAGE) | SOCKET_INSIDE(KERNEL_SENDPAGE))

static bool socket_sends_message(struct pt_regs *regs, unsigned int around)
{
	return !socket_frame_around(around, socket_argument(regs, 0),
				    kernel_stack_pointer(regs));
}

static int socket_enter_sendmsg(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_SENDMSG, socket_argument(regs, 0),
			   socket_sends_message(regs, SOCKET_AROUND_SENDMSG |
						SOCKET_INSIDE(KERNEL_SENDMSG)));
	return 1;
}

static int socket_enter_kernel_sendmsg(struct pt_regs *regs)
{
	/* Where a protocol has no sendpage of its own, sendpage sends so. */
	socket_frame_enter(regs, SOCKET_FRAME_KERNEL_SENDMSG,
			   socket_argument(regs, 0),
			   socket_sends_message(regs, SOCKET_AROUND_SENDMSG));
	return 1;
}

/*
 * static int ____sys_sendmsg(struct socket *sock, struct msghdr *msg_sys,
 *			      unsigned int flags,
 *			      struct used_address *used_address,
 *			      unsigned int allowed_msghdr_flags)
 *
 * sendmmsg(2) to the same address again leaves out the security hook and with it
 * __sock_sendmsg().  The test is the kernel's own; struct used_address is
 * private to net/socket.c and has not changed since 2.6.39.
 */
struct socket_used_address {
	struct sockaddr_storage name;
	unsigned int name_len;
};

static bool socket_sends_to_same_address(struct pt_regs *regs)
{
	struct msghdr *msg = socket_argument(regs, 1);
	struct socket_used_address *used = socket_argument(regs, 3);
	struct sockaddr_storage name, last;
	void *at;
	int64_t length;

	if (!used)
		return false;
	at = socket_read_pointer(msg, msg_name);
	length = socket_read(msg, msg_namelen, 0);
	return at && length >= 0 && length <= sizeof(name) &&
	       socket_read(used, name_len, -1) == length &&
	       !copy_from_kernel_nofault(&name, at, length) &&
	       !copy_from_kernel_nofault(&last, &used->name, length) &&
	       !memcmp(&name, &last, length);
}

static int socket_enter_sys_sendmsg(struct pt_regs *regs)
{
	if (socket_sends_to_same_address(regs))
		socket_frame_enter(regs, SOCKET_FRAME_SYS_SENDMSG,
				   socket_argument(regs, 0), 1);
	return 1;
}

/*
 * static ssize_t sock_sendpage(struct file *file, struct page *page, int offset,
 *				size_t size, loff_t *ppos, int more)
 * up to 6.4
 */
static int socket_enter_sendpage(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_SENDPAGE,
			   socket_of_file(socket_argument(regs, 0)), 1);
	return 1;
}

/*
 * int kernel_sendpage(struct socket *sock, struct page *page, int offset,
 *		       size_t size, int flags)
 * up to 6.4
 */
static bool socket_sends_page_for_kernel(struct pt_regs *regs)
{
	return !socket_frame_around(SOCKET_INSIDE(SENDPAGE),
				    socket_argument(regs, 0),
				    kernel_stack_pointer(regs));
}

static int socket_enter_kernel_sendpage(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_KERNEL_SENDPAGE,
			   socket_argument(regs, 0),
			   socket_sends_page_for_kernel(regs));
	return 1;
}

/* static ssize_t sock_write_iter(struct kiocb *iocb, struct iov_iter *from) */
static struct socket *socket_of_iocb(struct pt_regs *regs)
{
	struct kiocb *iocb = socket_argument(regs, 0);

	return socket_of_file(socket_read_pointer(iocb, ki_filp));
}

static int64_t socket_iter_size(struct pt_regs *regs)
{
	struct iov_iter *iter = socket_argument(regs, 1);

	return socket_read(iter, count, SOCKET_UNSET);
}

static enum socket_kind socket_write_kind(struct pt_regs *regs)
{
	return socket_kind(socket_argument(regs, 0), socket_argument(regs, 1),
			   false);
}

static int socket_enter_write_iter(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_WRITE_ITER, socket_of_iocb(regs),
			   socket_write_kind(regs));
	return 1;
}

/* static ssize_t sock_read_iter(struct kiocb *iocb, struct iov_iter *to) */
static enum socket_kind socket_read_kind(struct pt_regs *regs)
{
	return socket_kind(socket_argument(regs, 0), socket_argument(regs, 1),
			   true);
}

static int socket_enter_read_iter(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_READ_ITER, socket_of_iocb(regs),
			   socket_read_kind(regs));
	return 1;
}

/* Inside a read or write through the file interface that is one for users? */
static bool socket_inside_file_call(enum socket_frame_of of, void *sock)
{
	struct socket_frame *frame = socket_frame_around(1u << of, sock,
		(unsigned long)__builtin_frame_address(0));

	return frame && frame->kind != SOCKET_KIND_SPLICE;
}

/* int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags) */
static int socket_enter_recvmsg(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_RECVMSG, socket_argument(regs, 0), 1);
	return 1;
}

/*
 * static int ____sys_recvmsg(struct socket *sock, struct msghdr *msg_sys,
 *			      struct user_msghdr __user *msg,
 *			      struct sockaddr __user *uaddr,
 *			      unsigned int flags, int nosec)
 *
 * recvmmsg(2) sets nosec from its second message on, and no sock_recvmsg() sees
 * those.
 */
static bool socket_receives_unchecked(struct pt_regs *regs)
{
	return (int)regs_get_kernel_argument(regs, 5);
}

static int socket_enter_sys_recvmsg(struct pt_regs *regs)
{
	if (socket_receives_unchecked(regs))
		socket_frame_enter(regs, SOCKET_FRAME_SYS_RECVMSG,
				   socket_argument(regs, 0), 1);
	return 1;
}

/*
 * static ssize_t sock_splice_read(struct file *file, loff_t *ppos,
 *				   struct pipe_inode_info *pipe, size_t len,
 *				   unsigned int flags)
 *
 * It asks the protocol to splice, which no other point sees, or where the
 * protocol can't, reads the socket through sock_read_iter().  The frame's kind is
 * 1 or 2 by that.
 */
static struct socket *socket_of_splice(struct pt_regs *regs)
{
	return socket_of_file(socket_argument(regs, 0));
}

static bool socket_protocol_splices(struct socket *sock)
{
	struct proto_ops *ops = socket_read_pointer(sock, ops);

	return socket_read_pointer(ops, splice_read) != NULL;
}

static int socket_enter_splice_read(struct pt_regs *regs)
{
	struct socket *sock = socket_of_splice(regs);

	socket_frame_enter(regs, SOCKET_FRAME_SPLICE_READ, sock,
			   socket_protocol_splices(sock) ? 1 : 2);
	return 1;
}

/*
 * int __sock_create(struct net *net, int family, int type, int protocol,
 *		     struct socket **res, int kern)
 */
static int socket_enter_create(struct pt_regs *regs)
{
	struct socket_frame *frame;

	frame = socket_frame_enter(regs, SOCKET_FRAME_CREATE,
				   socket_argument(regs, 4), 1);
	if (!frame)
		return 1;
	frame->family = regs_get_kernel_argument(regs, 1);
	frame->type = regs_get_kernel_argument(regs, 2);
	frame->protocol = regs_get_kernel_argument(regs, 3);
	frame->requester = regs_get_kernel_argument(regs, 5);
	return 1;
}

/*
 * static int sock_close(struct inode *inode, struct file *filp)
 * void sock_release(struct socket *sock)
 * static void __sock_release(struct socket *sock, struct inode *inode)
 *
 * The first two are for files and for the kernel; both call the third or hold a
 * copy of it, and within net/socket.c it is called without them.
 *
 * What is left of a failed socket(2) has no operations any more, and what was
 * made for an accept(2) that failed has no struct sock yet: neither ever lived.
 */
static bool socket_lives(struct socket *sock)
{
	return socket_sk(sock) && socket_read_pointer(sock, ops);
}

/* By its inode, as the kernel finds it: SMC lends the file to another socket. */
static struct socket *socket_of_close(struct pt_regs *regs)
{
	struct inode *inode = socket_argument(regs, 0);

	return inode ? SOCKET_I(inode) : NULL;
}

static bool socket_releases(struct pt_regs *regs)
{
	struct socket *sock = socket_argument(regs, 0);

	return socket_lives(sock) &&
	       !socket_frame_around(SOCKET_INSIDE(CLOSE) |
				    SOCKET_INSIDE(KERNEL_RELEASE), sock,
				    kernel_stack_pointer(regs));
}

static int socket_enter_close(struct pt_regs *regs)
{
	struct socket *sock = socket_of_close(regs);

	socket_frame_enter(regs, SOCKET_FRAME_CLOSE, sock, socket_lives(sock));
	return 1;
}

static int socket_enter_kernel_release(struct pt_regs *regs)
{
	struct socket *sock = socket_argument(regs, 0);

	socket_frame_enter(regs, SOCKET_FRAME_KERNEL_RELEASE, sock,
			   socket_lives(sock));
	return 1;
}

static int socket_enter_release(struct pt_regs *regs)
{
	socket_frame_enter(regs, SOCKET_FRAME_RELEASE, socket_argument(regs, 0),
			   socket_releases(regs));
	return 1;
}

#endif
