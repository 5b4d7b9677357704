/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: what the traced kernel functions are called with.
 *
 * One SOCKET_ENTRY() for each whose return is an event, next to the prototype it
 * reads.  It decides whether the call is one: of calls that nest for one message on one
 * socket, the outermost is.  The list of them all is at the end.
 */
#ifndef SOCKET_TAPSET_POINTS_H
#define SOCKET_TAPSET_POINTS_H

#include <linux/ptrace.h>
#include <linux/socket.h>
#include <linux/splice.h>
#include <linux/fdtable.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#include <linux/sockptr.h>
#endif
#include "socket_address.h"
#include "socket_kind.h"
#include "socket_frames.h"
#include "socket_calls.h"
#include "socket_connects.h"

/* The registers of the probe that is running; c is what stap calls its context. */
#define SOCKET_REGS (c->kregs)

#define socket_argument(regs, n) \
	((void *)regs_get_kernel_argument(regs, n))

/* Threads that work for the kernel or for io_uring. */
#ifdef PF_IO_WORKER
#define SOCKET_NOT_IN_CALL (PF_KTHREAD | PF_IO_WORKER)
#else
#define SOCKET_NOT_IN_CALL PF_KTHREAD
#endif

/*
 * The socket of the event that this processor's probe is about.  It is where the values
 * find it: an expression in C can't have a script's variable, and a function of the
 * translator takes some 30 instructions to call.
 */
struct socket_event {
	unsigned long sock, sk;		/* older kernels move no pointers here */
};

static DEFINE_PER_CPU(struct socket_event, socket_event);

static inline int64_t socket_event_of(struct socket *sock)
{
	this_cpu_write(socket_event.sock, (unsigned long)sock);
	this_cpu_write(socket_event.sk, sock ? (unsigned long)sock->sk : 0);
	return (long)sock;
}

static inline int64_t socket_event_of_sk(struct sock *sk)
{
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	this_cpu_write(socket_event.sock, sk ? (unsigned long)sk->sk_socket : 0);
	return (long)sk;
}

/* The same in two steps: the struct socket where a script's values ask for it.  0. */
static inline int64_t socket_event_traced(struct sock *sk)
{
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	return 0;
}

static inline int64_t socket_event_sock(void)
{
	struct sock *sk = (struct sock *)this_cpu_read(socket_event.sk);

	return socket_event_of_sk(sk) ? this_cpu_read(socket_event.sock) : 0;
}

/* Where nothing holds the socket: it may be gone. */
static inline int64_t socket_event_of_loose(struct socket *sock)
{
	struct sock *sk = socket_checked_sk(sock);

	this_cpu_write(socket_event.sock, sk ? (unsigned long)sock : 0);
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	return (long)sock;
}

/* The return of a call on a socket: the socket; 0 where it is no event. */
static __always_inline int64_t socket_leave(struct kretprobe_instance *instance)
{
	struct socket *sock = (struct socket *)(long)socket_leave_key(instance);

	return sock ? socket_event_of(sock) : 0;
}

/* The same of a system call that has let go of its file. */
static __always_inline int64_t socket_leave_loose(struct kretprobe_instance *instance)
{
	return socket_event_of_loose((struct socket *)(long)
				     socket_leave_key(instance));
}

#define SOCKET_EVENT_SK ((struct sock *)this_cpu_read(socket_event.sk))
#define SOCKET_EVENT_SOCK ((struct socket *)this_cpu_read(socket_event.sock))

/* Bytes that are left to move in the message that a function was given. */
static inline int64_t socket_message_size(struct msghdr *msg)
{
	return socket_have(msg, msg_iter.count, SOCKET_UNSET);
}

/*
 * Which system call is the current task in?  32-bit tasks have numbers of their own,
 * which only x86's headers tell, and one call for all that sockets do.  Of others the
 * number of io_uring_enter(2) is known, which is the same everywhere.
 */
enum socket_syscalls {
	SOCKET_CALLS_ACCEPT,
	SOCKET_CALLS_LISTEN,
	SOCKET_CALLS_SHUTDOWN,
};

static bool socket_in_call(enum socket_syscalls calls)
{
	static const int numbers[][2] = {
#ifdef __NR_accept
		[SOCKET_CALLS_ACCEPT] = { __NR_accept, __NR_accept4 },
#else
		[SOCKET_CALLS_ACCEPT] = { __NR_accept4, __NR_accept4 },
#endif
		[SOCKET_CALLS_LISTEN] = { __NR_listen, __NR_listen },
		[SOCKET_CALLS_SHUTDOWN] = { __NR_shutdown, __NR_shutdown },
	};
	long nr;

	if (current->flags & SOCKET_NOT_IN_CALL)
		return false;
	nr = syscall_get_nr(current, current_pt_regs());
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
	if (in_ia32_syscall()) {
		static const int ia32[] = {
			[SOCKET_CALLS_ACCEPT] = __NR_ia32_accept4,
			[SOCKET_CALLS_LISTEN] = __NR_ia32_listen,
			[SOCKET_CALLS_SHUTDOWN] = __NR_ia32_shutdown,
		};

		return nr == ia32[calls] || nr == __NR_ia32_socketcall;
	}
#elif defined(CONFIG_COMPAT)
	if (in_compat_syscall())
		return nr != __NR_io_uring_enter;
#endif
#ifdef __X32_SYSCALL_BIT
	nr &= ~(long)__X32_SYSCALL_BIT;
#endif
#ifdef __NR_socketcall
	if (nr == __NR_socketcall)
		return true;
#endif
	return nr == numbers[calls][0] || nr == numbers[calls][1];
}

static inline u32 socket_argument_flags(struct pt_regs *regs, unsigned int n)
{
	return regs_get_kernel_argument(regs, n);
}

static inline u32 socket_argument_msg_flags(struct pt_regs *regs)
{
	struct msghdr *msg = socket_argument(regs, 1);

	return socket_have(msg, msg_flags, 0);
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
	return !socket_frame_around(around, socket_argument(regs, 0));
}

SOCKET_ENTRY(sendmsg)
{
	if (!socket_sends_message(regs, SOCKET_AROUND_SENDMSG |
				  SOCKET_INSIDE(KERNEL_SENDMSG)))
		return SOCKET_NO_EVENT;
	call->number = socket_argument_msg_flags(regs);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/* Where a protocol has no sendpage of its own, sendpage sends so. */
SOCKET_ENTRY(kernel_sendmsg)
{
	call->number = socket_argument_msg_flags(regs);
	return socket_call_around(call, SOCKET_FRAME_KERNEL_SENDMSG,
				  socket_argument(regs, 0),
				  socket_sends_message(regs, SOCKET_AROUND_SENDMSG));
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
	at = msg->msg_name;
	length = msg->msg_namelen;
	return at && length >= 0 && length <= sizeof(name) &&
	       socket_read(used, name_len, -1) == length &&
	       !copy_from_kernel_nofault(&name, at, length) &&
	       !copy_from_kernel_nofault(&last, &used->name, length) &&
	       !memcmp(&name, &last, length);
}

SOCKET_ENTRY(sys_sendmsg)
{
	if (!socket_sends_to_same_address(regs))
		return SOCKET_NO_EVENT;
	call->number = socket_argument_flags(regs, 2);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/*
 * static ssize_t sock_sendpage(struct file *file, struct page *page, int offset,
 *				size_t size, loff_t *ppos, int more)
 * up to 6.4
 */

static int64_t socket_sendpage_flags(struct pt_regs *regs)
{
	struct file *file = socket_argument(regs, 0);

	return (socket_have(file, f_flags, 0) & O_NONBLOCK ? MSG_DONTWAIT : 0) |
	       (u32)regs_get_kernel_argument(regs, 5);
}

SOCKET_ENTRY(sendpage)
{
	call->number = socket_sendpage_flags(regs);
	return socket_call_around(call, SOCKET_FRAME_SENDPAGE,
				  socket_of_file(socket_argument(regs, 0)), 1);
}

/*
 * int kernel_sendpage(struct socket *sock, struct page *page, int offset,
 *		       size_t size, int flags)
 * up to 6.4
 */
static bool socket_sends_page_for_kernel(struct pt_regs *regs)
{
	return !socket_frame_around(SOCKET_INSIDE(SENDPAGE),
				    socket_argument(regs, 0));
}

SOCKET_ENTRY(kernel_sendpage)
{
	call->number = socket_argument_flags(regs, 4);
	return socket_call_around(call, SOCKET_FRAME_KERNEL_SENDPAGE,
				  socket_argument(regs, 0),
				  socket_sends_page_for_kernel(regs));
}

/* static ssize_t sock_write_iter(struct kiocb *iocb, struct iov_iter *from) */
static struct socket *socket_of_iocb(struct pt_regs *regs)
{
	struct kiocb *iocb = socket_argument(regs, 0);

	return socket_fetch_pointer(true, iocb->ki_filp, private_data);
}

static int64_t socket_iter_size(struct pt_regs *regs)
{
	struct iov_iter *iter = socket_argument(regs, 1);

	return socket_have(iter, count, SOCKET_UNSET);
}

/* The flags of the message that a read or write of the file becomes. */
static int64_t socket_iocb_flags(struct pt_regs *regs, bool send)
{
	struct kiocb *iocb = socket_argument(regs, 0);
	int64_t flags = 0;

	if (socket_have(iocb->ki_filp, f_flags, 0) & O_NONBLOCK ||
	    iocb->ki_flags & IOCB_NOWAIT)
		flags |= MSG_DONTWAIT;
	if (send && socket_value_type(true, socket_sk(socket_of_iocb(regs))) ==
	    SOCK_SEQPACKET)
		flags |= MSG_EOR;
	return flags;
}

static enum socket_kind socket_write_kind(struct pt_regs *regs)
{
	return socket_kind(socket_argument(regs, 0), socket_argument(regs, 1),
			   false);
}

SOCKET_ENTRY(write_iter)
{
	call->number = socket_iocb_flags(regs, true);
	return socket_call_around(call, SOCKET_FRAME_WRITE_ITER,
				  socket_of_iocb(regs), socket_write_kind(regs));
}

/* static ssize_t sock_read_iter(struct kiocb *iocb, struct iov_iter *to) */
static enum socket_kind socket_read_kind(struct pt_regs *regs)
{
	return socket_kind(socket_argument(regs, 0), socket_argument(regs, 1),
			   true);
}

SOCKET_ENTRY(read_iter)
{
	call->number = socket_iocb_flags(regs, false);
	return socket_call_around(call, SOCKET_FRAME_READ_ITER,
				  socket_of_iocb(regs), socket_read_kind(regs));
}

/* Inside a read or write through the file interface that is one for users? */
static bool socket_inside_file_call(enum socket_frame_of of, void *sock)
{
	struct socket_frame *frame = socket_frame_around(1u << of, sock);

	return frame && frame->kind != SOCKET_KIND_SPLICE;
}

/* int sock_recvmsg(struct socket *sock, struct msghdr *msg, int flags) */
SOCKET_ENTRY(recvmsg)
{
	call->number = socket_argument_flags(regs, 2);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/*
 * int security_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size)
 * int security_socket_recvmsg(struct socket *sock, struct msghdr *msg, int size,
 *			       int flags)
 *
 * Where tracepoints tell the end of a message and no function returns with it.
 */
static int socket_begins(struct pt_regs *regs, enum socket_way way, u32 flags)
{
	socket_message_begins(way, socket_argument(regs, 0), flags, socket_now(),
			      kernel_stack_pointer(regs));
	return SOCKET_NO_EVENT;
}

SOCKET_ENTRY(sending)
{
	return socket_begins(regs, SOCKET_SENDING,
			   socket_argument_msg_flags(regs));
}

SOCKET_ENTRY(receiving)
{
	return socket_begins(regs, SOCKET_RECEIVING, 0);
}

SOCKET_ENTRY(sending_again)
{
	return socket_sends_to_same_address(regs) ?
		socket_begins(regs, SOCKET_SENDING,
			    socket_argument_flags(regs, 2)) : SOCKET_NO_EVENT;
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

SOCKET_ENTRY(receiving_again)
{
	return socket_receives_unchecked(regs) ?
		socket_begins(regs, SOCKET_RECEIVING, 0) : SOCKET_NO_EVENT;
}

SOCKET_ENTRY(sys_recvmsg)
{
	if (!socket_receives_unchecked(regs))
		return SOCKET_NO_EVENT;
	call->number = socket_argument_flags(regs, 4);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
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

/* splice(2) has flags of its own; one of them is one of a message. */
static int64_t socket_splice_flags(struct pt_regs *regs)
{
	struct file *file = socket_argument(regs, 0);

	return socket_have(file, f_flags, 0) & O_NONBLOCK ||
	       regs_get_kernel_argument(regs, 4) & SPLICE_F_NONBLOCK ?
		MSG_DONTWAIT : 0;
}

static bool socket_protocol_splices(struct socket *sock)
{
	const struct proto_ops *ops = socket_fetch_pointer(true, sock, ops);

	return socket_fetch_pointer(true, ops, splice_read) != NULL;
}

SOCKET_ENTRY(splice_read)
{
	struct socket *sock = socket_of_splice(regs);

	call->number = socket_splice_flags(regs);
	return socket_call_begin(call, sock, socket_protocol_splices(sock) ? 1 : 2);
}

/*
 * int __sock_create(struct net *net, int family, int type, int protocol,
 *		     struct socket **res, int kern)
 */
SOCKET_ENTRY(create)
{
	call->create.net = socket_argument(regs, 0);
	call->create.family = regs_get_kernel_argument(regs, 1);
	call->create.type = regs_get_kernel_argument(regs, 2);
	call->create.protocol = regs_get_kernel_argument(regs, 3);
	call->create.requester = regs_get_kernel_argument(regs, 5);
	return socket_call_begin(call, socket_argument(regs, 4), 1);
}

/*
 * A connection that accept(2) has taken, but could not say from where, goes at the
 * end of that call: its result is set, and the listener lives.
 */
static bool socket_accept_failed(struct socket *sock)
{
	long result;

	if (!socket_in_call(SOCKET_CALLS_ACCEPT))
		return false;
	result = syscall_get_return_value(current, current_pt_regs());
	return (result == -EFAULT || result == -ECONNABORTED) &&
	       socket_read(socket_sk(sock), sk_state, 0) != TCP_LISTEN;
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
	return socket_sk(sock) && socket_fetch_pointer(true, sock, ops) &&
	       !socket_accept_failed(sock);
}

/* By its inode, as the kernel finds it: SMC lends the file to another socket. */
static struct socket *socket_of_close(struct pt_regs *regs)
{
	struct inode *inode = socket_argument(regs, 0);

	return inode ? SOCKET_I(inode) : NULL;
}

/* sock_close() gives the inode on; sock_release() has none, or a frame around. */
static bool socket_releases(struct pt_regs *regs)
{
	struct socket *sock = socket_argument(regs, 0);

	return !socket_argument(regs, 1) && socket_lives(sock) &&
	       !socket_frame_around(SOCKET_INSIDE(KERNEL_RELEASE), sock);
}

/* What is left of a socket that is gone. */
static int socket_closes(struct socket_call *call, struct socket *sock)
{
	call->number = socket_value_ino(true, sock);
	return socket_call_begin(call, sock, 1);
}

SOCKET_ENTRY(close)
{
	struct socket *sock = socket_of_close(regs);

	return socket_lives(sock) ? socket_closes(call, sock) : SOCKET_NO_EVENT;
}

SOCKET_ENTRY(kernel_release)
{
	struct socket *sock = socket_argument(regs, 0);

	call->number = socket_value_ino(true, sock);
	return socket_call_around(call, SOCKET_FRAME_KERNEL_RELEASE, sock,
				  socket_lives(sock));
}

SOCKET_ENTRY(release)
{
	return socket_releases(regs) ?
		socket_closes(call, socket_argument(regs, 0)) : SOCKET_NO_EVENT;
}

/* ------------------------------------------------------------ connections, options */

/* The socket of a file that need not be one's, as sock_from_file() finds it. */
static struct socket *socket_of_any_file(struct file *file)
{
	struct inode *inode = socket_read_pointer(file, f_inode);

	return S_ISSOCK(socket_read(inode, i_mode, 0)) ? socket_of_file(file) : NULL;
}

/*
 * The socket of a descriptor of the current task, as sockfd_lookup() finds it, but
 * without a reference: for as long as the call that was given it has one.
 */
static struct socket *socket_of_fd(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct fdtable *table = socket_read_pointer(files, fdt);
	struct file **files_of = socket_read_pointer(table, fd);
	struct { struct file *file; } *at;

	if (!files_of || fd >= (u32)socket_read(table, max_fds, 0))
		return NULL;
	at = (void *)&files_of[fd];
	return socket_of_any_file(socket_read_pointer(at, file));
}

/* Is what the first argument names the socket of a call around this one? */
static bool socket_inside(struct pt_regs *regs, unsigned int functions)
{
	return socket_frame_around(functions, socket_argument(regs, 0)) != NULL;
}

/*
 * int __sys_connect_file(struct file *file, struct sockaddr_storage *address,
 *			  int addrlen, int file_flags)
 * int kernel_connect(struct socket *sock, struct sockaddr *addr, int addrlen,
 *		      int flags)
 */
static void socket_keep_address(struct socket_call *call, struct pt_regs *regs,
				bool user)
{
	call->address.at = socket_argument(regs, 1);
	call->address.length = regs_get_kernel_argument(regs, 2);
	call->address.user = user;
}

SOCKET_ENTRY(connect)
{
	struct socket *sock = socket_of_any_file(socket_argument(regs, 0));

	socket_keep_address(call, regs, false);
	return sock ? socket_call_begin(call, sock, 1) : SOCKET_NO_EVENT;
}

/* kernel_connect() and kernel_bind(). */
SOCKET_ENTRY(kernel_address)
{
	socket_keep_address(call, regs, false);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/* The same two, for attempts to connect. */
static int socket_attempts(struct socket_call *call, struct pt_regs *regs,
			   struct socket *sock)
{
	if (!sock || !socket_connect_begins(sock, socket_argument(regs, 1),
					    regs_get_kernel_argument(regs, 2)))
		return SOCKET_NO_EVENT;
	return socket_call_around(call, SOCKET_FRAME_CONNECT, sock, 1);
}

SOCKET_ENTRY(attempt)
{
	return socket_attempts(call, regs,
			       socket_of_any_file(socket_argument(regs, 0)));
}

SOCKET_ENTRY(kernel_attempt)
{
	return socket_attempts(call, regs, socket_argument(regs, 0));
}

static struct socket *socket_end_connect(struct kretprobe_instance *instance,
					 struct pt_regs *regs)
{
	struct socket_call *left = socket_call_left(instance);

	return left && socket_connect_ends(left->key,
				socket_result((int)regs_return_value(regs))) ?
		left->key : NULL;
}

/* Is the current task in the connect() that began this socket's attempt? */
static bool socket_inside_connect(struct sock *sk)
{
	return socket_frame_around(SOCKET_INSIDE(CONNECT),
				   socket_read_pointer(sk, sk_socket)) != NULL;
}

/*
 * int __sys_bind(int fd, struct sockaddr __user *umyaddr, int addrlen)
 * int security_socket_bind(struct socket *sock, struct sockaddr *address, int addrlen)
 * int __sys_bind_socket(struct socket *sock, struct sockaddr_storage *address,
 *			 int addrlen), for io_uring since 6.11
 * int kernel_bind(struct socket *sock, struct sockaddr *addr, int addrlen)
 *
 * __sys_bind() is an event once it has read the address and asks whether it may.
 */
SOCKET_ENTRY(sys_bind)
{
	struct socket *sock = socket_of_fd(regs_get_kernel_argument(regs, 0));

	if (!sock)
		return SOCKET_NO_EVENT;
	socket_keep_address(call, regs, true);
	socket_call_around(call, SOCKET_FRAME_SYS_BIND, sock, 0);
	/* Where that could not be told, it is an event in any case. */
	if (!call->frame)
		call->kind = 1;
	return 0;
}

SOCKET_ENTRY(bind_asked)
{
	struct socket_frame *frame = socket_frame_around(SOCKET_INSIDE(SYS_BIND),
							 socket_argument(regs, 0));

	if (frame)
		frame->kind = 1;
	return SOCKET_NO_EVENT;
}

SOCKET_ENTRY(bind)
{
	if (socket_inside(regs, SOCKET_INSIDE(SYS_BIND)))
		return SOCKET_NO_EVENT;
	socket_keep_address(call, regs, false);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/*
 * int __sys_listen(int fd, int backlog)
 * int __sys_listen_socket(struct socket *sock, int backlog), for io_uring since 6.11
 * int kernel_listen(struct socket *sock, int backlog)
 *
 * int __sys_shutdown(int fd, int how)
 * int __sys_shutdown_sock(struct socket *sock, int how), for io_uring
 * int kernel_sock_shutdown(struct socket *sock, enum sock_shutdown_cmd how)
 */
static struct socket *socket_of_first(struct pt_regs *regs)
{
	return socket_of_fd(regs_get_kernel_argument(regs, 0));
}

static int socket_number(struct socket_call *call, struct pt_regs *regs,
			 struct socket *sock)
{
	call->number = (int)regs_get_kernel_argument(regs, 1);
	return sock ? socket_call_begin(call, sock, 1) : SOCKET_NO_EVENT;
}

static int socket_sys_number(struct socket_call *call, struct pt_regs *regs,
			     enum socket_frame_of of)
{
	struct socket *sock = socket_of_first(regs);

	call->number = (int)regs_get_kernel_argument(regs, 1);
	return sock ? socket_call_around(call, of, sock, 1) : SOCKET_NO_EVENT;
}

SOCKET_ENTRY(sys_listen)
{
	return socket_sys_number(call, regs, SOCKET_FRAME_SYS_LISTEN);
}

SOCKET_ENTRY(listen)
{
	return socket_inside(regs, SOCKET_INSIDE(SYS_LISTEN)) ? SOCKET_NO_EVENT :
		socket_number(call, regs, socket_argument(regs, 0));
}

SOCKET_ENTRY(sys_shutdown)
{
	return socket_sys_number(call, regs, SOCKET_FRAME_SYS_SHUTDOWN);
}

SOCKET_ENTRY(shutdown)
{
	return socket_inside(regs, SOCKET_INSIDE(SYS_SHUTDOWN)) ? SOCKET_NO_EVENT :
		socket_number(call, regs, socket_argument(regs, 0));
}

/* kernel_listen() and kernel_sock_shutdown(). */
SOCKET_ENTRY(kernel_number)
{
	return socket_number(call, regs, socket_argument(regs, 0));
}

/*
 * int __sys_accept4(int fd, struct sockaddr __user *upeer_sockaddr,
 *		     int __user *upeer_addrlen, int flags)
 * struct file *do_accept(struct file *file, ...), for it and for io_uring
 * int kernel_accept(struct socket *sock, struct socket **newsock, int flags)
 *
 * The first finds out whether there is a descriptor left, the second has the new
 * socket.
 */
SOCKET_ENTRY(sys_accept)
{
	struct socket *sock = socket_of_first(regs);

	call->by_fd = true;
	return sock ? socket_call_around(call, SOCKET_FRAME_SYS_ACCEPT, sock, 1) :
		SOCKET_NO_EVENT;
}

/* Inside __sys_accept4() it is no event, but its return is what that learns from. */
SOCKET_ENTRY(accept)
{
	struct socket *sock = socket_of_any_file(socket_argument(regs, 0));

	if (!sock)
		return SOCKET_NO_EVENT;
	call->by_fd = false;
	return socket_call_begin(call, sock,
				 !socket_frame_around(SOCKET_INSIDE(SYS_ACCEPT), sock));
}

SOCKET_ENTRY(kernel_accept)
{
	call->by_fd = false;
	call->accept.at = socket_argument(regs, 1);
	return socket_call_begin(call, socket_argument(regs, 0), 1);
}

/* The listener, where do_accept() is an event; else its call learns the result. */
static int64_t socket_leave_accept(struct kretprobe_instance *instance,
				   struct pt_regs *regs)
{
	struct socket_call *left = socket_call_left(instance);
	struct file *file = (struct file *)regs_return_value(regs);
	struct socket_frame *around;

	if (!left)
		return 0;
	left->accept.accepted = IS_ERR_OR_NULL(file) ? NULL : socket_of_file(file);
	if (left->kind)
		return (long)left->key;
	around = socket_frame_around(SOCKET_INSIDE(SYS_ACCEPT), left->key);
	if (around)
		around->accepted = left->accept.accepted;
	return 0;
}

/* The new socket; where do_accept() was missed, by its descriptor. */
static int64_t socket_accepted(int64_t result)
{
	struct socket_call *left = SOCKET_LEFT;
	struct socket *sock = left->by_fd ?
		(left->frame ? left->frame->accepted : NULL) : left->accept.accepted;

	return (long)(sock || !left->by_fd ? sock : socket_of_fd(result));
}

static int64_t socket_file_result(struct pt_regs *regs)
{
	long result = regs_return_value(regs);

	return IS_ERR_VALUE(result) ? socket_result(result) : 0;
}

/* The socket that a pointer to a pointer holds. */
static struct socket *socket_at(void *at)
{
	struct { struct socket *sock; } *made = at;

	return socket_read_pointer(made, sock);
}

/*
 * int __sys_setsockopt(int fd, int level, int optname, char __user *user_optval,
 *			int optlen)
 * int __sys_getsockopt(int fd, int level, int optname, char __user *optval,
 *			int __user *optlen)
 * and since 6.7, for them and io_uring:
 * int do_sock_setsockopt(struct socket *sock, bool compat, int level, int optname,
 *			  sockptr_t optval, int optlen)
 * int do_sock_getsockopt(struct socket *sock, bool compat, int level, int optname,
 *			  sockptr_t optval, sockptr_t optlen)
 */
static int socket_option_int(void *at, bool user, int unset)
{
	int value;

	if (user ? socket_read_user(&value, (void __user *)at, sizeof(value)) :
		   copy_from_kernel_nofault(&value, at, sizeof(value)))
		return unset;
	return value;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
/* A sockptr_t is passed as two words. */
static bool socket_sockptr_is_user(struct pt_regs *regs, int n)
{
	unsigned long words[2] = { regs_get_kernel_argument(regs, n),
				   regs_get_kernel_argument(regs, n + 1) };
	sockptr_t sockptr;

	BUILD_BUG_ON(sizeof(sockptr) != sizeof(words));
	memcpy(&sockptr, words, sizeof(sockptr));
	return !sockptr_is_kernel(sockptr);
}

static struct socket *socket_option_of(struct pt_regs *regs, bool get,
				       struct socket_option *option)
{
	option->level = regs_get_kernel_argument(regs, 2);
	option->name = regs_get_kernel_argument(regs, 3);
	option->value = socket_argument(regs, 4);
	option->user = socket_sockptr_is_user(regs, 4);
	option->length_at = get ? socket_argument(regs, 6) : NULL;
	option->length_user = get && socket_sockptr_is_user(regs, 6);
	option->length = get ?
		socket_option_int(option->length_at, option->length_user,
				  SOCKET_UNSET) :
		(int)regs_get_kernel_argument(regs, 6);
	return socket_argument(regs, 0);
}
#else
static struct socket *socket_option_of(struct pt_regs *regs, bool get,
				       struct socket_option *option)
{
	option->level = regs_get_kernel_argument(regs, 1);
	option->name = regs_get_kernel_argument(regs, 2);
	option->value = socket_argument(regs, 3);
	option->user = true;
	option->length_at = get ? socket_argument(regs, 4) : NULL;
	option->length_user = true;
	option->length = get ?
		socket_option_int(option->length_at, true, SOCKET_UNSET) :
		(int)regs_get_kernel_argument(regs, 4);
	return socket_of_first(regs);
}
#endif

static int socket_option_begins(struct socket_call *call, struct pt_regs *regs,
				bool get)
{
	struct socket *sock = socket_option_of(regs, get, &call->option);

	return sock ? socket_call_begin(call, sock, 1) : SOCKET_NO_EVENT;
}

SOCKET_ENTRY(setsockopt)
{
	return socket_option_begins(call, regs, false);
}

SOCKET_ENTRY(getsockopt)
{
	return socket_option_begins(call, regs, true);
}

/* For the entry's own values. */
static DEFINE_PER_CPU(struct socket_option, socket_option);

static struct socket *socket_option_call(struct pt_regs *regs, bool get)
{
	return socket_option_of(regs, get, this_cpu_ptr(&socket_option));
}

/* ------------------------------------------------------------ all of them */

/*
 * A handler that the script does not need is no part of its module: the points say which
 * it does, behind this and before the list is used.
 */
#define SOCKET_ENTRY_OF(named, of_return, handler, with_frame)		\
{									\
	.function = __is_defined(SOCKET_FOLLOWS_##handler) ? named : NULL,	\
	.of = SOCKET_RETURN_##of_return,				\
	.enter = __is_defined(SOCKET_FOLLOWS_##handler) ?		\
		socket_enter_##handler : NULL,				\
	.framed = with_frame,						\
}
#define SOCKET_ENTRIES(EVENT, FRAMED, ATTEMPT, NOTE)			\
	EVENT("__sock_sendmsg", sendmsg),				\
	FRAMED("sock_sendmsg", kernel_sendmsg),				\
	EVENT("____sys_sendmsg", sys_sendmsg),				\
	FRAMED("sock_sendpage", sendpage),				\
	FRAMED("kernel_sendpage", kernel_sendpage),			\
	FRAMED("sock_write_iter", write_iter),				\
	EVENT("sock_recvmsg", recvmsg),					\
	EVENT("____sys_recvmsg", sys_recvmsg),				\
	EVENT("sock_splice_read", splice_read),				\
	FRAMED("sock_read_iter", read_iter),				\
	NOTE("security_socket_sendmsg", sending),			\
	NOTE("____sys_sendmsg", sending_again),				\
	NOTE("security_socket_recvmsg", receiving),			\
	NOTE("____sys_recvmsg", receiving_again),			\
	EVENT("__sock_create", create),					\
	EVENT("sock_close", close),					\
	FRAMED("sock_release", kernel_release),				\
	EVENT("__sock_release", release),				\
	EVENT("__sys_connect_file", connect),				\
	EVENT("kernel_connect", kernel_address),			\
	ATTEMPT("__sys_connect_file", attempt),				\
	ATTEMPT("kernel_connect", kernel_attempt),			\
	FRAMED("__sys_bind", sys_bind),					\
	NOTE("security_socket_bind", bind_asked),			\
	EVENT("__sys_bind_socket", bind),				\
	EVENT("kernel_bind", kernel_address),				\
	FRAMED("__sys_listen", sys_listen),				\
	EVENT("__sys_listen_socket", listen),				\
	EVENT("kernel_listen", kernel_number),				\
	FRAMED("__sys_shutdown", sys_shutdown),				\
	EVENT("__sys_shutdown_sock", shutdown),				\
	EVENT("kernel_sock_shutdown", kernel_number),			\
	FRAMED("__sys_accept4", sys_accept),				\
	EVENT("do_accept", accept),					\
	EVENT("kernel_accept", kernel_accept),				\
	EVENT("do_sock_setsockopt", setsockopt),			\
	EVENT("do_sock_getsockopt", getsockopt),			\
	EVENT("__sys_setsockopt", setsockopt),				\
	EVENT("__sys_getsockopt", getsockopt)
#define SOCKET_ENTRY_EVENT(function, handler)				\
	SOCKET_ENTRY_OF(function, EVENT, handler, false)
#define SOCKET_ENTRY_FRAMED(function, handler)				\
	SOCKET_ENTRY_OF(function, EVENT, handler, true)
#define SOCKET_ENTRY_ATTEMPT(function, handler)				\
	SOCKET_ENTRY_OF(function, ATTEMPT, handler, true)
#define SOCKET_ENTRY_NOTE(function, handler)				\
	SOCKET_ENTRY_OF(function, NOTE, handler, false)

/* From here on stap's runtime registers returns so. */
#define register_kretprobe(probe)					\
({									\
	static const struct socket_entry __entries[] = {		\
		SOCKET_ENTRIES(SOCKET_ENTRY_EVENT, SOCKET_ENTRY_FRAMED,	\
			       SOCKET_ENTRY_ATTEMPT, SOCKET_ENTRY_NOTE)	\
	};								\
	socket_register_return(probe, skp->symbol_name,			\
			       __is_defined(SOCKET_TIME_ASKED),		\
			       session_state(), STAP_SESSION_RUNNING,	\
			       __entries, ARRAY_SIZE(__entries));	\
})

#endif
