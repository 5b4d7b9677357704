/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: data that a call carries from its entry to its return.
 *
 * For each call whose return is probed the kernel has a struct kretprobe_instance with room
 * for data, and it calls an entry handler with it.  stap uses neither for
 * kprobe.function("...").return.  The tapset's entry handler stores there what the return
 * needs.  So the entry needs no probe of its own, and the return no table and no lock.  If
 * the call is not an event, the entry handler skips it, and its return costs nothing.
 *
 * socket_stap.h registers the entry handlers.
 *
 * A socket that is pinned at the entry may be gone at the return: the system call has put
 * the file by then.  The entry keeps the inode number, by which the return recognizes the
 * socket.
 */
#ifndef SOCKET_TAPSET_CALLS_H
#define SOCKET_TAPSET_CALLS_H

#include <linux/errno.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>
#include "socket_values.h"
#include "socket_filters.h"
#include "socket_scopes.h"
#include "socket_messages.h"
#include "socket_stap.h"

/* Threads of the kernel, of io_uring and of vhost, which are not in a system call. */
#ifndef PF_IO_WORKER
#define PF_IO_WORKER 0
#endif
#ifndef PF_USER_WORKER
#define PF_USER_WORKER 0
#endif
#define SOCKET_NOT_IN_SYSCALL (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)

/* An option that is set or read. */
struct socket_option {
	int level, name;
	int length;			/* of the value or its buffer */
	void *value;
	int *length_at;			/* getsockopt: the address of the length */
	bool user, length_user;		/* value, length_at: is it user memory? */
};

/* One call of a traced function. */
struct socket_call {
	void *key;			/* the socket, or the address of its pointer */
	struct socket_scope *scope;	/* its scope, or NULL */
	u8 kind;			/* enum socket_kind, or 1: an event */
	bool attempt;			/* the call began an attempt to connect */
	u32 ino;			/* of the socket, which may be gone at the return */
	u64 entered;			/* time of the entry, if a script uses it; else 0 */
	union {				/* arguments */
		struct {
			struct net *net;
			int family, type, protocol, requester;
		} create;
		struct {		/* connect, bind */
			void *at;
			int length;
			bool user;
		} address;
		struct socket_option option;
		struct {
			int fd;			/* accept(2): the listener's descriptor */
			struct socket **at;	/* kernel_accept(): where the new socket is */
		} accept;
		struct {
			int64_t number;	/* backlog, how, flags of a message, or ino */
			struct msghdr *msg;	/* a message's, SOCKET_MSG_OF_SENDTO or NULL */
			const void *to;		/* sendto(2): its address, in user memory */
			int to_length;
		};
	};
};

/* The msg of a call whose msghdr is gone at its return. */
#define SOCKET_MSG_OF_SENDTO ((struct msghdr *)1)

/* The call whose return this processor handles; handlers run with preemption off. */
static DEFINE_PER_CPU(struct socket_call *, socket_current_call);
#define SOCKET_CALL this_cpu_read(socket_current_call)

/* The call of a message whose end a tracepoint reports, while its probe runs. */
static DEFINE_PER_CPU(struct socket_call, socket_message_call);

/* Does the script use elapsed_ns? */
static bool socket_want_time __read_mostly;

static __always_inline u64 socket_now(void)
{
	return unlikely(READ_ONCE(socket_want_time)) ? ktime_get_ns() : 0;
}

/* Result of an entry handler: the kernel does not probe the return of this call. */
#define SOCKET_SKIP_CALL 1

static __always_inline void socket_call_fill(struct socket_call *call, void *key,
					     u8 kind)
{
	call->key = key;
	call->scope = NULL;
	call->kind = kind;
	call->ino = 0;
	call->entered = socket_now();
}

/*
 * Begins a call; the entry handler fills in the rest.  Returns 0 if its return is probed.
 * Calls are skipped until all probes are registered: an outer call may have been missed.
 */
static __always_inline int socket_call_begin(struct socket_call *call, void *key,
					     u8 kind)
{
	if (unlikely(!socket_session_runs()))
		return SOCKET_SKIP_CALL;
	socket_call_fill(call, key, kind);
	return 0;
}

/* The same for a function with a scope. */
static __always_inline int socket_call_begin_scope(struct socket_call *call,
						   enum socket_scope_of of, void *key,
						   u8 kind)
{
	socket_call_fill(call, key, kind);
	call->scope = socket_scope_enter(of, key, kind, call);
	return 0;
}

/*
 * The same for a function that is given a descriptor.  Its security hook will set the socket:
 * another thread may close the descriptor before the kernel looks it up.
 */
static __always_inline int socket_call_begin_by_fd(struct socket_call *call,
						   enum socket_scope_of of)
{
	return socket_call_begin_scope(call, of, NULL, 0);
}

/* In a security hook: the call around it, in one of the functions, is an event on sock. */
static struct socket_scope *socket_scope_set_sock(struct socket *sock, unsigned int functions)
{
	struct socket_scope *scope = socket_scope_around_any_sock(functions);

	if (scope) {
		scope->key = sock;
		scope->ino = socket_ino(true, sock);
		scope->kind = 1;
	}
	return scope;
}

/*
 * SOCKET_ENTRY(x) { ... } defines the entry handler socket_enter_x(), with call and regs; and
 * socket_enter_filtered_x(), which skips calls of processes that the script's filters exclude.
 * With SOCKET_ENTRY_UNLESS(x, c) it does not skip them if c is true.  SOCKET_MESSAGE_ENTRY(x)
 * is for functions whose first argument is the socket of a message.
 */
#define SOCKET_ENTRY(name) SOCKET_ENTRY_IF(name, socket_call_may_pass())
#define SOCKET_ENTRY_UNLESS(name, unfiltered)				\
	SOCKET_ENTRY_IF(name, (unfiltered) || socket_call_may_pass())
#define SOCKET_MESSAGE_ENTRY(name)					\
	SOCKET_ENTRY_IF(name, socket_message_may_pass(socket_argument(regs, 0)))
#define SOCKET_ENTRY_IF(name, may_pass)					\
static __always_inline int socket_entry_##name(struct socket_call *call,	\
					       struct pt_regs *regs);	\
static int socket_enter_##name(struct kretprobe_instance *instance,	\
			       struct pt_regs *regs)			\
{									\
	return socket_entry_##name((struct socket_call *)instance->data, regs); \
}									\
static int socket_enter_filtered_##name(struct kretprobe_instance *instance, \
					struct pt_regs *regs)		\
{									\
	return (may_pass) ? socket_enter_##name(instance, regs) : SOCKET_SKIP_CALL; \
}									\
static __always_inline int socket_entry_##name(struct socket_call *call,	\
					       struct pt_regs *regs)

/* SOCKET_NOTE(x) { ... } defines the handler of a note, socket_note_x(), likewise. */
#define SOCKET_NOTE(name) SOCKET_NOTE_UNLESS(name, false)
#define SOCKET_NOTE_UNLESS(name, unfiltered)				\
static __always_inline void socket_notes_##name(struct pt_regs *regs);	\
static int socket_note_##name(struct kprobe *probe, struct pt_regs *regs) \
{									\
	socket_notes_##name(regs);					\
	return 0;							\
}									\
static noinline int socket_note_slow_##name(struct pt_regs *regs)	\
{									\
	if ((unfiltered) || socket_call_may_pass())			\
		socket_notes_##name(regs);				\
	return 0;							\
}									\
static int socket_note_filtered_##name(struct kprobe *probe, struct pt_regs *regs) \
{									\
	return !(unfiltered) && socket_process_is_other() ? 0 :		\
		socket_note_slow_##name(regs);				\
}									\
static __always_inline void socket_notes_##name(struct pt_regs *regs)

/* ------------------------------------------------------------ the return */

/* The call of SOCKET_INSTANCE, which is NULL if stap's runtime is not the expected one. */
static __always_inline struct socket_call *
socket_set_current_call(struct kretprobe_instance *instance)
{
	struct socket_call *call = (struct socket_call *)instance->data;

	if (unlikely(!instance))
		return NULL;
	this_cpu_write(socket_current_call, call);
	return call;
}

/* Scopes whose message the security hook finds; it also sets its time and flags. */
#define SOCKET_MARKED_CALLS (SOCKET_INSIDE(SYS_SENDTO) | SOCKET_INSIDE(SYS_SENDMSG))

/* The key of a call that returns; 0 if the call is not an event. */
static __always_inline int64_t socket_return_key(struct kretprobe_instance *instance)
{
	struct socket_call *call = socket_set_current_call(instance);

	if (unlikely(!call))
		return 0;
	/* Functions inside the scope may have set these. */
	if (call->scope) {
		call->kind = call->scope->kind;
		call->key = call->scope->key;
		if (call->scope->ino)
			call->ino = call->scope->ino;
		/* The call of a scope is the last to return. */
		if (SOCKET_MARKED_CALLS & (1u << call->scope->of)) {
			call->number = call->scope->call->number;
			call->entered = call->scope->call->entered;
		}
	}
	return call->kind ? (long)call->key : 0;
}

static int64_t socket_call_elapsed(void)
{
	u64 entered = SOCKET_CALL->entered;

	return entered ? ktime_get_ns() - entered : SOCKET_UNSET;
}

/* Sets the current call to that of the message that ends; false if its entry left no data. */
static bool socket_message_found(enum socket_direction direction, void *key, u32 *probe)
{
	struct socket_call *ended = this_cpu_ptr(&socket_message_call);
	struct socket_message *message;

	message = socket_message_finish(direction, key, socket_message_probe_bit(probe));
	if (!message)
		return false;
	ended->entered = message->entered;
	ended->number = message->flags;
	ended->msg = message->msg;
	/* Another task may have claimed the slot meanwhile. */
	smp_rmb();
	if (READ_ONCE(message->owner) != current)
		return false;
	this_cpu_write(socket_current_call, ended);
	return true;
}

#define SOCKET_MESSAGE_FOUND(direction)					\
({									\
	static u32 __probe;						\
	socket_message_found(direction, socket_event_sock(), &__probe);		\
})

/* ------------------------------------------------------------ calls before the script */

/*
 * Calls that wait when the script begins.  Their entry was not seen, so their return is not
 * probed.  read(2) and write(2) do not count: they may wait for any kind of file.
 */
static long socket_calls_before;

#ifndef TASK_FROZEN		/* since 6.1 */
#define TASK_FROZEN 0
#endif

static bool socket_task_sleeps(struct task_struct *task)
{
#ifdef task_is_running		/* since 5.14, with this name of the state */
	return READ_ONCE(task->__state) & (TASK_NORMAL | TASK_FROZEN);
#else
	return READ_ONCE(task->state) & TASK_NORMAL;
#endif
}

/* The task may wake up and exit meanwhile, which frees its stack before the task itself. */
static bool socket_task_waits_in_call(struct task_struct *task, bool sends, bool receives)
{
	struct pt_regs regs;

	if (task->flags & SOCKET_NOT_IN_SYSCALL || !socket_task_sleeps(task) ||
	    !task_stack_page(task) ||
	    copy_from_kernel_nofault(&regs, task_pt_regs(task), sizeof(regs)))
		return false;
#ifdef TS_COMPAT
	if (task_thread_info(task)->status & TS_COMPAT)
		return false;
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
	if (is_compat_thread(task_thread_info(task)))
		return false;
#endif
	switch (syscall_get_nr(task, &regs)) {
#ifdef __NR_accept
	case __NR_accept:
#endif
	case __NR_accept4:
	case __NR_connect:
		return true;
	case __NR_sendto:
	case __NR_sendmsg:
	case __NR_sendmmsg:
		return sends;
	case __NR_recvfrom:
	case __NR_recvmsg:
	case __NR_recvmmsg:
		return receives;
	}
	return false;
}

/*
 * Runs before the first return is registered.  sends, receives: count these calls, which the
 * script follows by their returns and not by a tracepoint.
 */
static void socket_count_calls_before(bool asked, bool sends, bool receives)
{
	static bool looked;
	struct task_struct *process, *task;

	if (!asked || looked)
		return;
	looked = true;
	rcu_read_lock();
	for_each_process_thread(process, task)
		socket_calls_before += socket_task_waits_in_call(task, sends, receives);
	rcu_read_unlock();
}

/* ------------------------------------------------------------ the end of a scope */

/* Calls stap's handler, then ends the scope. */
static int socket_return_scoped(struct kretprobe_instance *instance,
			       struct pt_regs *regs)
{
	struct socket_scope *scope = ((struct socket_call *)instance->data)->scope;

	socket_stap_handler(instance, regs);
	socket_scope_leave(scope);
	return 0;
}

static int socket_return_scope_only(struct kretprobe_instance *instance,
				struct pt_regs *regs)
{
	socket_scope_leave(((struct socket_call *)instance->data)->scope);
	return 0;
}

#endif
