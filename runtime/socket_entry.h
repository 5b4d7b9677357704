/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: entry handlers and the arguments of the traced kernel functions.
 *
 * runtime/functions.tbl has a stanza for each function: its prototype, the objects that the
 * kernel holds, and the functions here that read its arguments.  functions.awk makes the
 * entry handlers and their list from it; handlers that the table calls "by hand" are here.
 * A handler decides whether the call is an event.  If calls nest for one message on one
 * socket, the outermost is the event.
 */
#ifndef SOCKET_TAPSET_ENTRY_H
#define SOCKET_TAPSET_ENTRY_H

#include <linux/if.h>
#include <linux/nsproxy.h>
#include <linux/ptrace.h>
#include <linux/socket.h>
#include <linux/splice.h>
#include <linux/sockptr.h>
#include <net/tcp.h>
#include "socket_address.h"
#include "socket_kind.h"
#include "socket_scopes.h"
#include "socket_calls.h"
#include "socket_connects.h"
#include "socket_tcp.h"

#define socket_argument(regs, n) \
	((void *)socket_argument_value(regs, n))

/*
 * The socket of the event that this processor handles.  The values read it here, because an
 * embedded C expression cannot use a script's variable, and calling a function of stap takes
 * some 30 instructions.
 */
struct socket_event {
	/* Not pointers: in 5.10 this_cpu_write() of a pointer expression does not build. */
	unsigned long sock, sk;
};

static DEFINE_PER_CPU(struct socket_event, socket_event);

static inline int64_t socket_event_set(struct socket *sock)
{
	this_cpu_write(socket_event.sock, (unsigned long)sock);
	this_cpu_write(socket_event.sk, sock ? (unsigned long)sock->sk : 0);
	return (long)sock;
}

static inline int64_t socket_event_set_sk(struct sock *sk)
{
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	this_cpu_write(socket_event.sock, sk ? (unsigned long)sk->sk_socket : 0);
	return (long)sk;
}

/*
 * The same in two steps.  socket_event_set_sock() follows only if the script uses a value that
 * needs the struct socket.  Returns 0.
 */
static inline int64_t socket_event_set_sk_only(struct sock *sk)
{
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	return 0;
}

static inline int64_t socket_event_set_sock(void)
{
	struct sock *sk = (struct sock *)this_cpu_read(socket_event.sk);

	return socket_event_set_sk(sk) ? this_cpu_read(socket_event.sock) : 0;
}

/* The same for a socket that nothing pins.  If its inode number differs, values are unset. */
static inline int64_t socket_event_set_unpinned(struct socket *sock, u32 ino)
{
	struct sock *sk = socket_checked_sk(sock);

	/*
	 * Reads sk before the number.  RCU keeps an inode that exists now until the handler
	 * ends, and its number does not change.
	 */
	smp_rmb();
	if (!ino || socket_ino(false, sock) != ino)
		sk = NULL;
	this_cpu_write(socket_event.sock, sk ? (unsigned long)sock : 0);
	this_cpu_write(socket_event.sk, (unsigned long)sk);
	return (long)sock;
}

/*
 * A tracepoint in an interrupt may run its handler while the gate, which runs ahead of stap's
 * handlers, is about to read the event.
 */
static inline struct socket_event socket_event_save(void)
{
	return (struct socket_event){
		.sock = this_cpu_read(socket_event.sock),
		.sk = this_cpu_read(socket_event.sk),
	};
}

static inline void socket_event_restore(struct socket_event saved)
{
	this_cpu_write(socket_event.sock, saved.sock);
	this_cpu_write(socket_event.sk, saved.sk);
}

/* The socket of a call that returns; 0 if the call is not an event. */
static __always_inline int64_t socket_return_sock(struct kretprobe_instance *instance)
{
	struct socket *sock = (struct socket *)(long)socket_return_key(instance);

	return sock ? socket_event_set(sock) : 0;
}

/* The same for a call whose socket may be gone. */
static __always_inline int64_t socket_return_sock_unpinned(struct kretprobe_instance *instance)
{
	struct socket *sock = (struct socket *)(long)socket_return_key(instance);

	return sock ? socket_event_set_unpinned(sock, SOCKET_CALL->ino) : 0;
}

#define socket_event_sk() ((struct sock *)this_cpu_read(socket_event.sk))
#define socket_event_sock() ((struct socket *)this_cpu_read(socket_event.sock))

/* Bytes that remain to be moved in a message. */
static inline int64_t socket_message_size(struct msghdr *msg)
{
	return socket_get(msg, msg_iter.count, SOCKET_UNSET);
}

/*
 * The numbers of a system call: for 64-bit tasks, for 32-bit tasks, and in socketcall(2).
 * The headers of x86 have those of its 32-bit tasks; those of ARM are part of its EABI.  On
 * s390x, powerpc and riscv64 the two are the same.
 */
struct socket_system_call {
	int nr, compat, subcall;
};

#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
#define SOCKET_SYSTEM_CALL(name, nr, arm, subcall) { nr, __NR_ia32_##name, subcall }
#else
#define SOCKET_SYSTEM_CALL(name, nr, arm, subcall) { nr, arm, subcall }
#endif

/* Is it socketcall(2), whose arguments are in memory of the user? */
static bool socket_in_socketcall(void)
{
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
	return in_ia32_syscall() &&
	       syscall_get_nr(current, current_pt_regs()) == __NR_ia32_socketcall;
#elif defined(__NR_socketcall)
	return syscall_get_nr(current, current_pt_regs()) == __NR_socketcall;
#else
	return false;
#endif
}

/* Number n of the arguments of the system call of the current task. */
static unsigned long socket_syscall_argument(unsigned int n)
{
	typedef void get_all(struct task_struct *, struct pt_regs *, unsigned long *);
	typedef void get_some(struct task_struct *, struct pt_regs *, unsigned int,
			      unsigned int, unsigned long *);	/* up to 5.0 */
	void *get = syscall_get_arguments;
	unsigned long arguments[6];

	if (__builtin_types_compatible_p(typeof(syscall_get_arguments), get_some))
		((get_some *)get)(current, current_pt_regs(), 0, 6, arguments);
	else
		((get_all *)get)(current, current_pt_regs(), arguments);
	return arguments[n];
}

/* The same for the first one, also if socketcall(2) has it; or -1. */
static unsigned int socket_syscall_fd(void)
{
	const void *at;
	unsigned long fd;
	u32 compat;

	if (!socket_in_socketcall())
		return socket_syscall_argument(0);
	at = (const void *)socket_syscall_argument(1);
	if (in_compat_syscall())
		return socket_read_given(&compat, at, sizeof(compat), true) ? -1 : compat;
	return socket_read_given(&fd, at, sizeof(fd), true) ? -1 : fd;
}

static bool socket_in_syscall(const struct socket_system_call *call)
{
	long nr;

	if (current->flags & SOCKET_NOT_IN_SYSCALL)
		return false;
	if (socket_in_socketcall())
		return (u32)socket_syscall_argument(0) == call->subcall;
	nr = syscall_get_nr(current, current_pt_regs());
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
	if (in_ia32_syscall())
		return nr == call->compat;
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
	if (in_compat_syscall())
		return nr == call->compat;
#endif
#ifdef __X32_SYSCALL_BIT
	nr &= ~(long)__X32_SYSCALL_BIT;
#endif
	return nr == call->nr;
}

static bool socket_in_accept(void)
{
#ifdef __NR_accept
#if defined(CONFIG_X86) && defined(CONFIG_IA32_EMULATION)
	/* i386 has accept(2) only as a part of socketcall(2). */
	static const struct socket_system_call old = { __NR_accept, -1, SYS_ACCEPT };
#else
	static const struct socket_system_call old = { __NR_accept, 285, SYS_ACCEPT };
#endif
#else
	static const struct socket_system_call old = { -1, 285, SYS_ACCEPT };
#endif
	static const struct socket_system_call new =
		SOCKET_SYSTEM_CALL(accept4, __NR_accept4, 366, SYS_ACCEPT4);

	return socket_in_syscall(&old) || socket_in_syscall(&new);
}

static bool socket_in_socketpair(void)
{
	static const struct socket_system_call call =
		SOCKET_SYSTEM_CALL(socketpair, __NR_socketpair, 288, SYS_SOCKETPAIR);

	return socket_in_syscall(&call);
}

static bool socket_in_create(void)
{
	static const struct socket_system_call call =
		SOCKET_SYSTEM_CALL(socket, __NR_socket, 281, SYS_SOCKET);

	return socket_in_syscall(&call) || socket_in_socketpair();
}

static inline u32 socket_argument_flags(struct pt_regs *regs, unsigned int n)
{
	return socket_argument_value(regs, n);
}

static inline u32 socket_argument_msg_flags(struct pt_regs *regs)
{
	struct msghdr *msg = socket_argument(regs, 1);

	return socket_get(msg, msg_flags, 0);
}

/* If a protocol does not have its own sendpage, sendpage calls sock_sendmsg(). */
#define SOCKET_AROUND_SENDMSG \
	(SOCKET_INSIDE(SENDPAGE) | SOCKET_INSIDE(KERNEL_SENDPAGE))

/* Kernels without this flag do not have sendpage. */
#ifdef MSG_SENDPAGE_NOTLAST
#define SOCKET_HAS_SENDPAGE 1
#endif

static bool socket_inside_sendpage(struct socket *sock)
{
	return __is_defined(SOCKET_HAS_SENDPAGE) &&
	       socket_scope_around(SOCKET_AROUND_SENDMSG, sock);
}

/* The same for the socket of a tracepoint. */
static bool socket_traced_inside_sendpage(void)
{
	return __is_defined(SOCKET_HAS_SENDPAGE) &&
	       socket_inside_sendpage((struct socket *)(long)socket_event_set_sock());
}

static bool socket_is_outer_sendmsg(struct pt_regs *regs)
{
	return !socket_inside_sendpage(socket_argument(regs, 0));
}

/* Not inside sock_sendmsg() either, which may call it. */
SOCKET_MESSAGE_ENTRY(sendmsg)
{
	struct socket *sock = socket_argument(regs, 0);

	call->number = socket_argument_msg_flags(regs);
	call->msg = socket_argument(regs, 1);
	if (unlikely(READ_ONCE(socket_hook_marks)))
		return socket_call_begin_scope(call, SOCKET_SCOPE_INNER_SENDMSG, sock, 0);
	return socket_is_outer_sendmsg(regs) &&
	       !socket_scope_around(SOCKET_INSIDE(SOCK_SENDMSG), sock) ?
		socket_call_begin(call, sock, 1) : SOCKET_SKIP_CALL;
}

/*
 * Does sendmmsg(2) send to the address of its last message?  Then ____sys_sendmsg() skips the
 * security hook.  The kernel makes the same comparison.  struct used_address is private to
 * net/socket.c and has not changed since 2.6.39.
 */
struct socket_used_address {
	struct sockaddr_storage name;
	unsigned int name_len;
};

static bool socket_sendmmsg_same_address(struct pt_regs *regs)
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
	       socket_get_nofault(used, name_len, -1) == length &&
	       !copy_from_kernel_nofault(&name, at, length) &&
	       !copy_from_kernel_nofault(&last, &used->name, length) &&
	       !memcmp(&name, &last, length);
}

SOCKET_MESSAGE_ENTRY(sys_sendmsg)
{
	struct socket *sock = socket_argument(regs, 0);
	bool same = socket_sendmmsg_same_address(regs);

	if (!same && likely(!READ_ONCE(socket_hook_marks)))
		return SOCKET_SKIP_CALL;
	call->number = socket_argument_flags(regs, 2);
	call->msg = socket_argument(regs, 1);
	return same ? socket_call_begin(call, sock, 1) :
		socket_call_begin_scope(call, SOCKET_SCOPE_SYS_SENDMSG, sock, 0);
}

static int64_t socket_sendpage_flags(struct pt_regs *regs)
{
	struct file *file = socket_argument(regs, 0);

	return (socket_get(file, f_flags, 0) & O_NONBLOCK ? MSG_DONTWAIT : 0) |
	       (u32)socket_argument_value(regs, 5);
}

static bool socket_is_outer_sendpage(struct pt_regs *regs)
{
	return !socket_scope_around(SOCKET_INSIDE(SENDPAGE),
				    socket_argument(regs, 0));
}

/* The socket of sock_write_iter() and sock_read_iter(). */
static struct socket *socket_of_iocb(struct pt_regs *regs)
{
	struct kiocb *iocb = socket_argument(regs, 0);

	return socket_get_pointer_either(true, iocb->ki_filp, private_data);
}

static int64_t socket_iter_size(struct pt_regs *regs)
{
	struct iov_iter *iter = socket_argument(regs, 1);

	return socket_get(iter, count, SOCKET_UNSET);
}

/* The flags of the message that a read or write of the file becomes. */
static int64_t socket_iocb_flags(struct pt_regs *regs, bool send)
{
	struct kiocb *iocb = socket_argument(regs, 0);
	int64_t flags = 0;

	if (socket_get(iocb->ki_filp, f_flags, 0) & O_NONBLOCK ||
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

static enum socket_kind socket_read_kind(struct pt_regs *regs)
{
	return socket_kind(socket_argument(regs, 0), socket_argument(regs, 1),
			   true);
}

/* Inside sock_write_iter() or sock_read_iter(), for a call that is not a splice(2)? */
static bool socket_inside_file_call(enum socket_scope_of of, void *sock)
{
	struct socket_scope *scope = socket_scope_around(1u << of, sock);

	return scope && scope->kind != SOCKET_KIND_SPLICE;
}

/*
 * The entry of a message whose end a tracepoint reports.  The second argument of all these
 * functions is the struct msghdr.
 */
static void socket_note_message_start(struct pt_regs *regs,
				      enum socket_direction direction, u32 flags)
{
	socket_message_begin(direction, socket_argument(regs, 0), socket_argument(regs, 1),
			     flags, socket_now(), kernel_stack_pointer(regs));
}

/*
 * The security hook of a message whose end no tracepoint reports, and which several functions
 * may send: the innermost of them is the event.  sendto() is given a descriptor, and the first
 * message inside it is its own.
 */
static void socket_mark_sender(struct pt_regs *regs)
{
	struct socket *sock = socket_argument(regs, 0);
	struct socket_scope *scope;

	/* Without probes of the returns, scopes are left behind and their calls are gone. */
	if (!socket_session_runs() || socket_inside_sendpage(sock))
		return;
	scope = socket_scope_around(SOCKET_INSIDE(INNER_SENDMSG), sock);
	scope = scope ?: socket_scope_around(SOCKET_INSIDE(SOCK_SENDMSG), sock);
	scope = scope ?: socket_scope_around(SOCKET_INSIDE(KERNEL_SENDMSG), sock);
	scope = scope ?: socket_scope_around(SOCKET_INSIDE(SYS_SENDMSG) |
					     SOCKET_INSIDE(WRITE_ITER), sock);
	scope = scope ?: socket_scope_around(SOCKET_INSIDE(SYS_SENDTO), NULL);
	if (!scope)
		return;
	if (scope->of == SOCKET_SCOPE_WRITE_ITER) {
		scope->sent = true;
		return;
	}
	scope->kind = 1;
	if (!(SOCKET_MARKED_CALLS & (1u << scope->of)))
		return;
	scope->key = sock;
	scope->ino = socket_ino(true, sock);
	scope->call->number = socket_argument_msg_flags(regs);
	scope->call->entered = socket_now();
}

/* The socket of a write that returns, if it is a message and no function inside sent it. */
static int64_t socket_return_written(struct kretprobe_instance *instance)
{
	int64_t key = socket_return_key(instance);

	return key && SOCKET_CALL->scope && SOCKET_CALL->scope->sent ?
		socket_event_set((struct socket *)(long)key) : 0;
}

SOCKET_NOTE(sendmsg_hook)
{
	if (unlikely(READ_ONCE(socket_hook_marks)))
		socket_mark_sender(regs);
	else
		socket_note_message_start(regs, SOCKET_SENDING, socket_argument_msg_flags(regs));
}

SOCKET_NOTE(recvmsg_hook)
{
	socket_note_message_start(regs, SOCKET_RECEIVING, 0);
}

SOCKET_NOTE(sendmmsg)
{
	if (socket_sendmmsg_same_address(regs))
		socket_note_message_start(regs, SOCKET_SENDING, socket_argument_flags(regs, 2));
}

/* From its second message on, recvmmsg(2) skips the security hook. */
static bool socket_recvmmsg_is_nosec(struct pt_regs *regs)
{
	return (int)socket_argument_value(regs, 5);
}

SOCKET_NOTE(recvmmsg)
{
	if (socket_recvmmsg_is_nosec(regs))
		socket_note_message_start(regs, SOCKET_RECEIVING, 0);
}

static struct socket *socket_of_splice(struct pt_regs *regs)
{
	return socket_of_file(socket_argument(regs, 0));
}

/* One flag of splice(2) is also a flag of the message. */
static int64_t socket_splice_flags(struct pt_regs *regs)
{
	struct file *file = socket_argument(regs, 0);

	return socket_get(file, f_flags, 0) & O_NONBLOCK ||
	       socket_argument_value(regs, 4) & SPLICE_F_NONBLOCK ?
		MSG_DONTWAIT : 0;
}

static bool socket_protocol_splices(struct socket *sock)
{
	const struct proto_ops *ops = socket_get_pointer_either(true, sock, ops);

	return socket_get_pointer_either(true, ops, splice_read) != NULL;
}

/* 1: the protocol splices, which no other probe sees; 2: sock_read_iter() will be called. */
static int socket_splice_kind(struct pt_regs *regs)
{
	return socket_protocol_splices(socket_of_splice(regs)) ? 1 : 2;
}

/*
 * socket(2) and socketpair(2) call __sock_create() and may fail after it.  So the return of
 * the system call is the event.  For other callers it is the return of __sock_create().
 */
#define SOCKET_IN_CREATE (SOCKET_INSIDE(SYS_SOCKET) | SOCKET_INSIDE(SYS_SOCKETPAIR))

SOCKET_ENTRY(create)
{
	struct socket_scope *scope;
	int skips = socket_call_begin(call, socket_argument(regs, 4), 1);

	call->create.net = socket_argument(regs, 0);
	call->create.family = socket_argument_value(regs, 1);
	call->create.type = socket_argument_value(regs, 2);
	call->create.protocol = socket_argument_value(regs, 3);
	call->create.requester = socket_argument_value(regs, 5);
	/* A socket that a protocol creates inside, for itself, is not the system call's. */
	scope = skips || call->create.requester ? NULL :
		socket_scope_around_any_sock(SOCKET_IN_CREATE);
	if (scope) {
		scope->kind = 1;
		scope->call->create = call->create;
		call->scope = scope;
	}
	return skips;
}

static int socket_call_begin_create(struct socket_call *call, struct pt_regs *regs,
				    enum socket_scope_of of)
{
	call->create.net = current->nsproxy ? current->nsproxy->net_ns : NULL;
	call->create.family = socket_argument_value(regs, 0);
	call->create.type = socket_argument_value(regs, 1) & SOCK_TYPE_MASK;
	call->create.protocol = socket_argument_value(regs, 2);
	call->create.requester = 0;
	return socket_call_begin_by_fd(call, of);
}

SOCKET_ENTRY(sys_socket)
{
	return socket_call_begin_create(call, regs, SOCKET_SCOPE_SYS_SOCKET);
}

SOCKET_ENTRY(sys_socketpair)
{
	return socket_call_begin_create(call, regs, SOCKET_SCOPE_SYS_SOCKETPAIR);
}

/*
 * The negative error of the system call of the current task, or 0, when files are closed after
 * its result is set.  On powerpc the register has a positive number and a flag.  A task that
 * exits closes all its files; the result of its last call is not about them.
 */
static long socket_syscall_error(void)
{
	return current->flags & PF_EXITING ? 0 :
		syscall_get_error(current, current_pt_regs());
}

/*
 * Is the socket the remains of a socket(2) or socketpair(2) that failed?  Without a file it
 * belongs to the call that still runs.  With a file it is one half of a pair of which the
 * other half did not get a file.
 */
static bool socket_create_failed(struct socket *sock)
{
	if (socket_sk(sock)->sk_kern_sock)
		return false;
	return sock->file ? socket_in_socketpair() && socket_syscall_error() :
		socket_in_create();
}

/*
 * The family and the state of the socket that the descriptor of the current accept(2) names, if
 * it is not `sock`, or 0.  That is the listener, unless another thread has closed it meanwhile.
 */
static void socket_look_at_listener(struct socket *sock, int *family, int *state)
{
	struct socket *listener = socket_of_fd(socket_syscall_fd());
	struct sock *sk = listener == sock ? NULL : socket_checked_sk(listener);

	*family = socket_get_nofault(sk, sk_family, AF_UNSPEC);
	*state = socket_get_nofault(sk, sk_state, 0);
	if (!socket_still_has(listener, sk))
		*family = *state = 0;
}

/*
 * Is the socket the remains of an accept(2) that failed, which the kernel closes after it has set
 * the result?  A listener that another thread closed during the call is not: the descriptor
 * names it no more.
 */
static bool socket_accept_failed(struct socket *sock)
{
	struct sock *sk = socket_sk(sock);
	int listener, state, family;
	long error;

	if (!socket_in_accept())
		return false;
	error = socket_syscall_error();
	if (!error)
		return false;
	socket_look_at_listener(sock, &listener, &state);
	family = socket_get_nofault(sk, sk_family, AF_UNSPEC);
	switch (family) {
	/* The new socket of these has a struct sock before they can fail. */
	case AF_ALG:
	case AF_ATMSVC:
	case AF_DECnet:
	/* The listeners of these do not have the state TCP_LISTEN. */
	case AF_BLUETOOTH:
	case AF_IUCV:
	case AF_NFC:
		return listener == family;
	/* It has it early, too, and the listener's family is INET for IPPROTO_SMC. */
	case AF_SMC:
		return state == TCP_LISTEN;
	default:
		if (socket_get_nofault(sk, sk_state, 0) == TCP_LISTEN)
			return false;
		/* The peer's address could not be copied; its length may be wrong (EINVAL). */
		return error == -EFAULT || error == -ECONNABORTED ||
		       (listener == family && state == TCP_LISTEN);
	}
}

/*
 * Did a user or the kernel ever have the socket?  If the protocol refuses to create it, it has
 * no operations; if an accept(2) fails, it has no struct sock.
 */
static bool socket_was_opened(struct socket *sock)
{
	return socket_sk(sock) && socket_get_pointer_either(true, sock, ops) &&
	       !socket_accept_failed(sock) && !socket_create_failed(sock);
}

/* The socket of sock_close(), by the inode as in the kernel: SMC lends the file to another. */
static struct socket *socket_of_close(struct pt_regs *regs)
{
	struct inode *inode = socket_argument(regs, 0);

	return inode ? SOCKET_I(inode) : NULL;
}

/*
 * Is this call the event?  Not if sock_close() made it, which passes an inode, or
 * sock_release(), which has a scope.
 */
static bool socket_is_outer_release(struct pt_regs *regs)
{
	struct socket *sock = socket_argument(regs, 0);

	return !socket_argument(regs, 1) && socket_was_opened(sock) &&
	       !socket_scope_around(SOCKET_INSIDE(KERNEL_RELEASE), sock);
}

/* ------------------------------------------------------------ the name in a message */

/* The arguments of sendto(2). */
static void socket_keep_destination(struct socket_call *call, struct pt_regs *regs)
{
	call->msg = SOCKET_MSG_OF_SENDTO;
	call->to = socket_argument(regs, 4);
	call->to_length = socket_argument_value(regs, 5);
}

/*
 * The address that a datagram is sent to or was received from.  A stream does not have one: its
 * protocol ignores the caller's, except with MSG_FASTOPEN.
 */
static void socket_message_name(struct socket *sock, struct sock *sk, struct msghdr *msg,
				struct socket_name *name)
{
	bool user = msg == SOCKET_MSG_OF_SENDTO;
	const void *at = user ? SOCKET_CALL->to : socket_get_pointer_nofault(msg, msg_name);
	int64_t length = user ? SOCKET_CALL->to_length :
				socket_get_nofault(msg, msg_namelen, 0);
	int64_t flags = user ? SOCKET_CALL->number : socket_get_nofault(msg, msg_flags, 0);

	if (!(flags & MSG_FASTOPEN) &&
	    socket_value_unpinned(sock, same, socket_value_type(false, same)) == SOCK_STREAM)
		at = NULL;
	socket_name_given(sock, sk, at, length, user, name);
	/* UDP accepts it for IPv4; for IPv6 it removes the name. */
	if (name->length && name->any.sa_family == AF_UNSPEC &&
	    socket_value_unpinned(sock, same, socket_value_family(false, same)) == AF_INET)
		name->any.sa_family = AF_INET;
}

/* ------------------------------------------------------------ connections, options */

static void socket_keep_address(struct socket_call *call, struct pt_regs *regs,
				bool user)
{
	call->address.at = socket_argument(regs, 1);
	call->address.length = socket_argument_value(regs, 2);
	call->address.user = user;
}

/* Does the script have the returns of connect(2), and the outcome of attempts? */
static bool socket_want_connects __read_mostly, socket_want_attempts __read_mostly;

/*
 * The return of connect() ends the call and may end the attempt that it began.  A script with
 * both events has one or two return probes, which stap decides; each has its own data.
 */
static int socket_call_begin_connect(struct socket_call *call, struct pt_regs *regs,
				     struct socket *sock)
{
	if (!sock)
		return SOCKET_SKIP_CALL;
	socket_keep_address(call, regs, false);
	call->attempt = READ_ONCE(socket_want_attempts) &&
			socket_attempt_begin_by_call(sock, call->address.at,
						     call->address.length);
	/* The outcome of an attempt is an event even before all probes are registered. */
	if (call->attempt)
		return socket_call_begin_scope(call, SOCKET_SCOPE_CONNECT, sock,
					       socket_session_runs());
	return READ_ONCE(socket_want_connects) ? socket_call_begin(call, sock, 1) :
						 SOCKET_SKIP_CALL;
}

/* An attempt may end in another process, and is filtered there by the one that began it. */
SOCKET_ENTRY_UNLESS(connect, READ_ONCE(socket_want_attempts))
{
	return socket_call_begin_connect(call, regs,
					 socket_of_any_file(socket_argument(regs, 0)));
}

SOCKET_ENTRY_UNLESS(kernel_connect, READ_ONCE(socket_want_attempts))
{
	return socket_call_begin_connect(call, regs, socket_argument(regs, 0));
}

/* Does the call end the attempt that it began? */
static bool socket_call_ends_attempt(struct socket_call *call, struct pt_regs *regs,
				     struct socket_outcome *outcome)
{
	return call->attempt &&
	       socket_connect_is_final(call->key,
				       socket_result((int)socket_return_register(regs)),
				       call->address.at, call->address.length, outcome);
}

static struct socket *socket_connect_return(struct kretprobe_instance *instance,
					    struct pt_regs *regs)
{
	struct socket_call *call = socket_set_current_call(instance);

	if (!call || !socket_call_ends_attempt(call, regs, this_cpu_ptr(&socket_outcome)))
		return NULL;
	socket_attempt_end(socket_sk(call->key), SOCKET_ATTEMPT_ENDED_BY_CALL);
	return call->key;
}

/*
 * Begins a call whose return reads the socket as unpinned.  The function is given the socket,
 * but others of its point are given a descriptor: at their return the socket may be gone.
 */
static int socket_call_begin_unpinned(struct socket_call *call, struct socket *sock)
{
	int skips = socket_call_begin(call, sock, 1);

	call->ino = socket_ino(true, sock);
	return skips;
}

/* Is the current task in the connect() that began this socket's attempt? */
static bool socket_inside_connect(struct sock *sk)
{
	return socket_scope_around(SOCKET_INSIDE(CONNECT),
				   socket_get_pointer_nofault(sk, sk_socket)) != NULL;
}

/* Does a change of state of TCP end an attempt? */
static bool socket_state_ends_attempt(struct sock *sk, int old, int state)
{
	if (!socket_attempt_follow_tcp(sk, old, state, socket_inside_connect(sk),
				       this_cpu_ptr(&socket_outcome)))
		return false;
	socket_attempt_end(sk, SOCKET_ATTEMPT_ENDED_BY_TCP);
	return true;
}

SOCKET_NOTE_UNLESS(tcp_connect, true)
{
	struct sock *sk = socket_argument(regs, 0);

	socket_attempt_restart(sk, socket_inside_connect(sk));
}

/* In a security hook: sets the socket of the call around it, in one of the functions. */
static struct socket_scope *socket_take_sock_of_hook(struct pt_regs *regs,
						     unsigned int functions)
{
	return socket_scope_set_sock(socket_argument(regs, 0), functions);
}

/* The backlog argument of listen(2); its hook gets it cut to net.core.somaxconn. */
static int64_t socket_scope_backlog(struct socket_scope *scope)
{
	return scope->call->number;
}

SOCKET_ENTRY(sys_accept)
{
	call->accept.fd = socket_argument_value(regs, 0);
	return socket_call_begin_by_fd(call, SOCKET_SCOPE_SYS_ACCEPT);
}

/*
 * The listener of an accept of io_uring, or NULL.  Inside an accept(2) the function is not an
 * event, even if the return of that call is not followed, which is counted.
 */
static struct socket *socket_of_uring_accept(struct pt_regs *regs)
{
	struct socket *sock = socket_of_any_file(socket_argument(regs, 0));

	if (!sock || socket_scope_set_sock(sock, SOCKET_INSIDE(SYS_ACCEPT)) ||
	    socket_in_accept())
		return NULL;
	return sock;
}

SOCKET_ENTRY(accept)
{
	struct socket *sock = socket_of_uring_accept(regs);

	return sock ? socket_call_begin_unpinned(call, sock) : SOCKET_SKIP_CALL;
}

/*
 * Like a call that ends before do_accept(), a call is not an event if its flags are unknown, or
 * if it fails before the security hook, which sets the socket.
 */
SOCKET_ENTRY(accept_file)
{
	if ((socket_argument_flags(regs, 4) & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) ||
	    !socket_of_uring_accept(regs))
		return SOCKET_SKIP_CALL;
	return socket_call_begin_by_fd(call, SOCKET_SCOPE_ACCEPT_FILE);
}

SOCKET_NOTE(accept_hook)
{
	struct socket *made = socket_argument(regs, 1);
	struct socket_scope *scope = socket_take_sock_of_hook(regs,
		SOCKET_INSIDE(SYS_ACCEPT) | SOCKET_INSIDE(ACCEPT_FILE));

	if (scope) {
		scope->accepted = made;
		scope->accepted_ino = socket_ino(true, made);
	}
}

SOCKET_ENTRY(kernel_accept)
{
	call->accept.at = socket_argument(regs, 1);
	return socket_call_begin_unpinned(call, socket_argument(regs, 0));
}

/*
 * The listener, at the return of __sys_accept4().  After EMFILE it is looked up here, because
 * the kernel has not looked it up.
 */
static int64_t socket_return_sys_accept(struct kretprobe_instance *instance,
					struct pt_regs *regs)
{
	int64_t listener = socket_return_key(instance);
	struct socket_call *call;
	struct socket *sock;

	if (listener || !instance || (int)socket_return_register(regs) != -EMFILE)
		return listener;
	call = SOCKET_CALL;
	sock = socket_of_fd(call->accept.fd);
	call->ino = socket_ino(false, sock);
	return (long)sock;
}

/* Sets the event to the new socket, or after an error to the listener; both are unpinned. */
static int64_t socket_event_set_accepted(struct socket *listener, int64_t result,
					 struct socket *accepted, u32 ino)
{
	struct socket_call *call = SOCKET_CALL;

	if (result < 0)
		return socket_event_set_unpinned(listener, call->ino);
	call->ino = ino;
	return socket_event_set_unpinned(accepted, ino);
}

/* At the return of __sys_accept4() and __sys_accept4_file(). */
static int64_t socket_event_set_sys_accepted(int64_t listener, int64_t result)
{
	struct socket_scope *scope = SOCKET_CALL->scope;

	return socket_event_set_accepted((struct socket *)(long)listener, result,
					 scope ? scope->accepted : NULL,
					 scope ? scope->accepted_ino : 0);
}

/* At the return of do_accept() for io_uring; only the caller knows the file. */
static int64_t socket_event_set_file_accepted(int64_t listener, int64_t result,
					      struct pt_regs *regs)
{
	struct file *file = (struct file *)socket_return_register(regs);
	struct socket *sock = result < 0 ? NULL : socket_of_any_file(file);

	return socket_event_set_accepted((struct socket *)(long)listener, result, sock,
					 socket_ino(false, sock));
}

/* Reads a pointer to a socket. */
static struct socket *socket_deref(void *at)
{
	struct { struct socket *sock; } *made = at;

	return socket_get_pointer_nofault(made, sock);
}

/* At the return of kernel_accept(). */
static int64_t socket_event_set_kernel_accepted(int64_t listener, int64_t result)
{
	struct socket *sock = result < 0 ? NULL : socket_deref(SOCKET_CALL->accept.at);

	return socket_event_set_accepted((struct socket *)(long)listener, result, sock,
					 socket_ino(false, sock));
}

/* At the return of __sock_create(); key is the address of the pointer to the socket. */
static int64_t socket_event_set_created(int64_t key, int64_t result)
{
	struct socket *sock = result < 0 ? NULL : socket_deref((void *)(long)key);

	SOCKET_CALL->ino = socket_ino(false, sock);
	return socket_event_set_unpinned(sock, SOCKET_CALL->ino);
}

/*
 * The return of __sock_create().  In socket(2) and socketpair(2) it only stores the socket in
 * their scope.  If a script has several returns, each of them does so.
 */
static int socket_return_create(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct socket_call *call = (struct socket_call *)instance->data;
	struct socket_scope *scope = call->scope;
	struct socket *sock;

	if (!scope)
		return socket_stap_handler(instance, regs);
	sock = (int)socket_return_register(regs) ? NULL : socket_deref(call->key);
	if (!scope->key) {
		scope->key = sock;
		scope->ino = socket_ino(false, sock);
	} else if (scope->key != sock) {
		scope->accepted = sock;
		scope->accepted_ino = socket_ino(false, sock);
	}
	return 0;
}

/*
 * Is the return of socket(2), or of one half of socketpair(2), an event?  The second half is
 * one if the first could be created.  A socketpair(2) without a free descriptor creates
 * nothing and is one event.
 *
 * A script has two probes for the halves, 0 and 1, which may run in either order: the kernel
 * calls the return probe first that was registered last, but stap 5.6 merges the two and calls
 * them in order.  So the probe that runs first reports the first half.
 */
static bool socket_return_sys_created(struct kretprobe_instance *instance,
				      struct pt_regs *regs, int half)
{
	struct socket_call *call = socket_set_current_call(instance);
	struct socket_scope *scope = call ? call->scope : NULL;

	if (!scope)
		return false;
	/* The arguments of __sock_create().  The call of a scope is the last to return. */
	call->create = scope->call->create;
	if (scope->half < 0)
		scope->half = half;
	if (scope->half != half)
		return scope->key;
	return scope->kind || (int)socket_return_register(regs) == -EMFILE;
}

static int64_t socket_event_set_sys_created(int half, int64_t result)
{
	struct socket_call *call = SOCKET_CALL;
	struct socket_scope *scope = call->scope;
	struct socket *sock = NULL;

	call->ino = 0;
	if (result >= 0 && scope->half == half) {
		sock = scope->key;
		call->ino = scope->ino;
	} else if (result >= 0) {
		sock = scope->accepted;
		call->ino = scope->accepted_ino;
	}
	return socket_event_set_unpinned(sock, call->ino);
}

static int64_t socket_result_of_file(struct pt_regs *regs)
{
	long result = socket_return_register(regs);

	return IS_ERR_VALUE(result) ? socket_result(result) : 0;
}

static int socket_option_int(void *at, bool user, int unset)
{
	int value;

	return socket_read_given(&value, at, sizeof(value), user) ? unset : value;
}

/* Options of IP may have a value of one byte. */
static int64_t socket_option_number(void *at, int64_t length, bool user)
{
	u8 byte;

	if (length >= (int64_t)sizeof(int))
		return socket_option_int(at, user, SOCKET_UNSET);
	return length < 1 || socket_read_given(&byte, at, 1, user) ? SOCKET_UNSET : byte;
}

/* The value of an option that is a name: of an interface or an algorithm. */
static void socket_option_string(int64_t level, int64_t option, void *at, int64_t length,
				 bool user, char *out, size_t size)
{
	char name[IFNAMSIZ] = "";	/* fits all of them */

	BUILD_BUG_ON(IFNAMSIZ < TCP_CA_NAME_MAX);
	out[0] = 0;
	if (length < 1 ||
	    !((level == SOL_SOCKET && option == SO_BINDTODEVICE) ||
	      (level == SOL_TCP && (option == TCP_CONGESTION || option == TCP_ULP))))
		return;
	length = min_t(int64_t, length, sizeof(name) - 1);
	if (socket_read_given(name, at, length, user))
		return;
	name[length] = 0;
	socket_escape(name, strlen(name), out, size);
}

/* A sockptr_t is passed as two words; on s390x as one, the address of a copy. */
#ifdef CONFIG_S390
#define SOCKET_SOCKPTR_WORDS 1
#else
#define SOCKET_SOCKPTR_WORDS 2
#endif

static sockptr_t socket_sockptr(struct pt_regs *regs, int n)
{
	unsigned long words[2] = { socket_argument_value(regs, n) };
	sockptr_t sockptr = {};

	BUILD_BUG_ON(sizeof(sockptr) != sizeof(words));
	if (SOCKET_SOCKPTR_WORDS == 1) {
		if (copy_from_kernel_nofault(&sockptr, (void *)words[0], sizeof(sockptr)))
			memset(&sockptr, 0, sizeof(sockptr));
	} else {
		words[1] = socket_argument_value(regs, n + 1);
		memcpy(&sockptr, words, sizeof(sockptr));
	}
	return sockptr;
}

static struct socket *socket_option_of(struct pt_regs *regs, bool get,
				       struct socket_option *option)
{
	sockptr_t value = socket_sockptr(regs, 4), length;

	option->level = socket_argument_value(regs, 2);
	option->name = socket_argument_value(regs, 3);
	option->value = value.kernel;
	option->user = !sockptr_is_kernel(value);
	option->length_at = NULL;
	option->length_user = false;
	if (get) {
		length = socket_sockptr(regs, 4 + SOCKET_SOCKPTR_WORDS);
		option->length_at = length.kernel;
		option->length_user = !sockptr_is_kernel(length);
		option->length = socket_option_int(option->length_at, option->length_user,
						   SOCKET_UNSET);
	} else {
		option->length = socket_argument_value(regs, 4 + SOCKET_SOCKPTR_WORDS);
	}
	return socket_argument(regs, 0);
}

static void socket_option_of_fd(struct pt_regs *regs, bool get,
				struct socket_option *option)
{
	option->level = socket_argument_value(regs, 1);
	option->name = socket_argument_value(regs, 2);
	option->value = socket_argument(regs, 3);
	option->user = true;
	option->length_at = get ? socket_argument(regs, 4) : NULL;
	option->length_user = true;
	option->length = get ?
		socket_option_int(option->length_at, true, SOCKET_UNSET) :
		(int)socket_argument_value(regs, 4);
}

/* The kernel rejects a negative length before the security hook, since 6.7 in this function. */
SOCKET_ENTRY(setsockopt)
{
	struct socket *sock = socket_option_of(regs, false, &call->option);

	return call->option.length < 0 ? SOCKET_SKIP_CALL :
					 socket_call_begin_unpinned(call, sock);
}

SOCKET_ENTRY(getsockopt)
{
	return socket_call_begin_unpinned(call, socket_option_of(regs, true, &call->option));
}

SOCKET_ENTRY(sys_setsockopt)
{
	socket_option_of_fd(regs, false, &call->option);
	return socket_call_begin_by_fd(call, SOCKET_SCOPE_SYS_SETSOCKOPT);
}

SOCKET_ENTRY(sys_getsockopt)
{
	socket_option_of_fd(regs, true, &call->option);
	return socket_call_begin_by_fd(call, SOCKET_SCOPE_SYS_GETSOCKOPT);
}

SOCKET_ENTRY(compat_setsockopt)
{
	return socket_entry_sys_setsockopt(call, regs);
}

SOCKET_ENTRY(compat_getsockopt)
{
	return socket_entry_sys_getsockopt(call, regs);
}

/* The option of the entry that this processor handles. */
static DEFINE_PER_CPU(struct socket_option, socket_option);

static struct socket *socket_option_of_entry(struct pt_regs *regs, bool get)
{
	return socket_option_of(regs, get, this_cpu_ptr(&socket_option));
}

/* The same in the security hook, from the scope. */
static struct socket *socket_option_of_hook(struct pt_regs *regs, unsigned int functions)
{
	struct socket_scope *scope = socket_scope_around_any_sock(functions);

	if (!scope)
		return NULL;
	*this_cpu_ptr(&socket_option) = scope->call->option;
	return socket_argument(regs, 0);
}

/* ------------------------------------------------------------ the list of handlers */

/* Handlers that the script does not need are NULL, so the compiler drops their code. */
#define SOCKET_ENTRY_HAS(handler, function)				\
	(__is_defined(SOCKET_WANT_##handler) ? (function) : NULL)
#define SOCKET_GATED(handler, function)					\
	(SOCKET_GATES_USED ? SOCKET_ENTRY_HAS(handler, function) : NULL)
#define SOCKET_GATED_COUNTS(handler, function)				\
	(__is_defined(SOCKET_USES_ACCOUNT) ? SOCKET_ENTRY_HAS(handler, function) : NULL)
#define SOCKET_FILTERED_HAS(handler, function)				\
	(__is_defined(SOCKET_USES_FILTERS) ? SOCKET_ENTRY_HAS(handler, function) : NULL)
/* A message that the account counts, one that it counts elsewhere, another event. */
#define SOCKET_ENTRY_COUNTS(handler)					\
	.moves = true,							\
	.gate = SOCKET_GATED(handler, socket_gate_##handler),		\
	.gate_counts = SOCKET_GATED_COUNTS(handler, socket_gate_counts_##handler)
#define SOCKET_ENTRY_MOVES(handler)					\
	.moves = true,							\
	SOCKET_ENTRY_OTHER(handler)
#define SOCKET_ENTRY_OTHER(handler)					\
	.gate_event = SOCKET_FILTERED_HAS(handler, socket_gate_event_##handler)
#define SOCKET_ENTRY_OF(named, handler, at_return, at_scope_return, calls, call_is, may_mark, \
			event)						\
{									\
	.function = SOCKET_ENTRY_HAS(handler, named),			\
	.use = SOCKET_RETURN_EVENT,					\
	.hook = SOCKET_ENTRY_HAS(handler, calls),			\
	.hook_call = SOCKET_HOOK_##call_is,				\
	.followed = __is_defined(SOCKET_FOLLOWS_##handler),		\
	.marked = may_mark,						\
	.enter = SOCKET_ENTRY_HAS(handler, socket_enter_##handler),	\
	.on_return = SOCKET_ENTRY_HAS(handler, at_return),		\
	.on_scope_return = SOCKET_ENTRY_HAS(handler, at_scope_return),	\
	.enter_filtered = SOCKET_FILTERED_HAS(handler, socket_enter_filtered_##handler), \
	SOCKET_ENTRY_##event(handler),					\
}
#define SOCKET_ENTRY_EVENT(function, handler, hook, call, event)	\
	SOCKET_ENTRY_OF(function, handler, NULL, NULL, hook, call, false, event)
#define SOCKET_ENTRY_HANDLED(function, handler, at_return, hook, call, event) \
	SOCKET_ENTRY_OF(function, handler, at_return, NULL, hook, call, false, event)
#define SOCKET_ENTRY_SCOPED(function, handler, hook, call, event)	\
	SOCKET_ENTRY_OF(function, handler, socket_return_scoped,	\
			socket_return_scope_only, hook, call, false, event)
#define SOCKET_ENTRY_MARKED(function, handler, hook, call, event)	\
	SOCKET_ENTRY_OF(function, handler, socket_return_scoped, NULL, hook, call, true, \
			event)
#define SOCKET_ENTRY_NOTE(named, handler)				\
{									\
	.function = SOCKET_ENTRY_HAS(handler, named),			\
	.use = SOCKET_RETURN_NOTE,					\
	.note = SOCKET_ENTRY_HAS(handler, socket_note_##handler),	\
	.note_filtered = SOCKET_FILTERED_HAS(handler, socket_note_filtered_##handler), \
}

/* socket_stap.h evaluates this before it registers the first return. */
#define SOCKET_SET_WANTS						\
	(socket_messages_traced = __is_defined(SOCKET_SENT_TRACED) ||	\
				  __is_defined(SOCKET_RECEIVED_TRACED),	\
	 socket_count_calls_before(__is_defined(SOCKET_WANT_BEFORE),	\
				   !__is_defined(SOCKET_SENT_TRACED),	\
				   !__is_defined(SOCKET_RECEIVED_TRACED)), \
	 socket_want_time = __is_defined(SOCKET_WANT_TIME) || socket_filters.slower, \
	 socket_want_connects = __is_defined(SOCKET_WANT_CONNECTS),	\
	 socket_want_attempts = __is_defined(SOCKET_WANT_ATTEMPTS))

#include "socket_handlers_derived.h"
#include "socket_traced.h"
#include "socket_gate.h"

#endif
