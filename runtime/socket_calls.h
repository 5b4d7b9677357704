/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: what is carried from a function's entry to its return.
 *
 * The kernel has a struct kretprobe_instance for each call whose return is probed, with
 * room for data, and calls an entry handler with it.  stap leaves both unused for
 * kprobe.function("...").return.  Here the entry handler looks at the call as it begins
 * and leaves what the return needs in the data: no probe of its own for the entry, no
 * table to find the call in again, no lock, and nothing to clean up.  A call that is no
 * event is let go at once: its return costs nothing.
 *
 * How the kernel gets to know of the entry handlers, and how a return of the tapset is told
 * from others, is in socket_stap.h.
 *
 * What the kernel pins at the entry may be gone at the return: a system call has let go
 * of its descriptor then.  The inode number that was noted while it was pinned tells
 * whether the socket is still the same.
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
#include "socket_scopes.h"
#include "socket_messages.h"
#include "socket_stap.h"

/* Threads that work for the kernel, for io_uring or vhost: they are in no system call. */
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
	int length;			/* of the value, or the room for it */
	void *value;
	int *length_at;			/* getsockopt: where the length is */
	bool user, length_user;		/* whose memory they are in */
};

/* One call of a traced function. */
struct socket_call {
	void *key;			/* the socket, or what stands for it */
	struct socket_scope *scope;	/* where others look for the call, or NULL */
	u8 kind;			/* enum socket_kind, or 1: an event */
	bool attempt;			/* it has begun an attempt to connect */
	u32 ino;			/* the socket's, where it may be gone at the return */
	u64 entered;			/* when, where a script asks for it */
	union {				/* what it was called with */
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
			int fd;			/* accept(2): of the listener */
			struct socket **at;	/* kernel_accept(): of the new one */
		} accept;
		int64_t number;		/* backlog, how, flags of a message, ino */
	};
};

/* The call that this processor's probe is about; a handler runs with preemption off. */
static DEFINE_PER_CPU(struct socket_call *, socket_current_call);
#define SOCKET_CALL this_cpu_read(socket_current_call)

/* And where that of a message is, which has none, as long as its probe runs. */
static DEFINE_PER_CPU(struct socket_call, socket_message_call);

/* Does a return or a tracepoint of the script ask how long something took? */
static bool socket_want_time __read_mostly;

static __always_inline u64 socket_now(void)
{
	return unlikely(READ_ONCE(socket_want_time)) ? ktime_get_ns() : 0;
}

#define SOCKET_SKIP_CALL 1		/* let it go */

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
 * A call begins; the entry handler fills in the rest.  0: its return is probed.  Before
 * all probes are there, a call may be inside one that was not seen.
 */
static __always_inline int socket_call_begin(struct socket_call *call, void *key,
					     u8 kind)
{
	if (unlikely(!socket_session_runs()))
		return SOCKET_SKIP_CALL;
	socket_call_fill(call, key, kind);
	return 0;
}

/* The same of a function that others may be inside of. */
static __always_inline int socket_call_begin_scope(struct socket_call *call,
						   enum socket_scope_of of, void *key,
						   u8 kind)
{
	socket_call_fill(call, key, kind);
	call->scope = socket_scope_enter(of, key, kind, call);
	return 0;
}

/*
 * The same of one that is given a descriptor.  Which socket that is, and whether it is
 * one, its security hook will say; what the descriptor names now may be closed before
 * the kernel looks at it.
 */
static __always_inline int socket_call_begin_by_fd(struct socket_call *call,
						   enum socket_scope_of of)
{
	return socket_call_begin_scope(call, of, NULL, 0);
}

/* The hook: the calls around it are events, on this socket. */
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
 * SOCKET_ENTRY(x) { ... } is the entry handler socket_enter_x() of a call, which begins
 * with the registers regs.
 */
#define SOCKET_ENTRY(name)						\
static __always_inline int socket_entry_##name(struct socket_call *call,	\
					       struct pt_regs *regs);	\
static int socket_enter_##name(struct kretprobe_instance *instance,	\
			       struct pt_regs *regs)			\
{									\
	return socket_entry_##name((struct socket_call *)instance->data, regs); \
}									\
static __always_inline int socket_entry_##name(struct socket_call *call,	\
					       struct pt_regs *regs)

/* SOCKET_NOTE(x) { ... } is the same of what is only looked at as it begins. */
#define SOCKET_NOTE(name)						\
static __always_inline void socket_notes_##name(struct pt_regs *regs);	\
static int socket_note_##name(struct kprobe *probe, struct pt_regs *regs) \
{									\
	socket_notes_##name(regs);					\
	return 0;							\
}									\
static __always_inline void socket_notes_##name(struct pt_regs *regs)

/* ------------------------------------------------------------ the return */

/* The call that returns; of SOCKET_INSTANCE, which is NULL where the script ends. */
static __always_inline struct socket_call *
socket_set_current_call(struct kretprobe_instance *instance)
{
	struct socket_call *call = (struct socket_call *)instance->data;

	if (unlikely(!instance))
		return NULL;
	this_cpu_write(socket_current_call, call);
	return call;
}

/* Its key, where it is an event; else 0. */
static __always_inline int64_t socket_return_key(struct kretprobe_instance *instance)
{
	struct socket_call *call = socket_set_current_call(instance);

	if (unlikely(!call))
		return 0;
	/* What was found out inside. */
	if (call->scope) {
		call->kind = call->scope->kind;
		call->key = call->scope->key;
		if (call->scope->ino)
			call->ino = call->scope->ino;
	}
	return call->kind ? (long)call->key : 0;
}

static int64_t socket_call_elapsed(void)
{
	u64 entered = SOCKET_CALL->entered;

	return entered ? ktime_get_ns() - entered : SOCKET_UNSET;
}

/* What the beginning of the message that ends has left: is there any? */
static bool socket_message_found(enum socket_direction direction, void *key, u32 *probe)
{
	struct socket_call *ended = this_cpu_ptr(&socket_message_call);
	struct socket_message *message;

	message = socket_message_finish(direction, key, socket_message_probe_bit(probe));
	if (!message)
		return false;
	ended->entered = message->entered;
	ended->number = message->flags;
	/* Another task may have taken the slot meanwhile. */
	smp_rmb();
	if (READ_ONCE(message->owner) != current)
		return false;
	this_cpu_write(socket_current_call, ended);
	return true;
}

#define SOCKET_MESSAGE_FOUND(direction)						\
({									\
	static u32 __probe;						\
	socket_message_found(direction, socket_event_sock(), &__probe);		\
})

/* ------------------------------------------------------------ begun before */

/*
 * Calls that wait as the script begins: nothing has seen their entry, and so nothing will
 * see their return.  A read(2) or write(2) may be one, or that of another kind of file.
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

/* The stack of a task that wakes up and ends meanwhile goes before the task does. */
static bool socket_task_waits_in_call(struct task_struct *task, bool messages)
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
	case __NR_recvfrom:
	case __NR_recvmsg:
	case __NR_recvmmsg:
		return messages;
	}
	return false;
}

/* Before the first probe is there; messages: they are followed by their functions alone. */
static void socket_count_calls_before(bool asked, bool messages)
{
	static bool looked;
	struct task_struct *process, *task;

	if (!asked || looked)
		return;
	looked = true;
	rcu_read_lock();
	for_each_process_thread(process, task)
		socket_calls_before += socket_task_waits_in_call(task, messages);
	rcu_read_unlock();
}

/* ------------------------------------------------------------ scopes end */

/* What stap has for the return, and then the scope goes, whatever came of that. */
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
