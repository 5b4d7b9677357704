/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: what is carried from a function's entry to its return.
 *
 * A frame is one call of a traced kernel function by one task, known by where
 * the task's stack was when it began.  Frames live in a fixed table; a task claims
 * a slot near its own hash with one compare-and-exchange and from then on is the
 * only one to touch it: no lock, no allocation, no wait.  When there is no slot
 * near, the frame is not carried: what depends on it is left out or, where a
 * message was inside a read or write through the file interface, goes by the name
 * of sendmsg or recvmsg, and socket_frames_lost counts it.
 *
 * A script may place several probes on one function.  Each of them enters and
 * leaves, so a slot counts how many are still to come.  A return may also be
 * missed: stap skips a handler that can't get the locks of the script's globals in
 * time, and the kernel one for which it has no room.  A frame that is left over so
 * goes when its task enters the next, and until then is taken for another call's
 * only where that began in a system call of the same number, with the stack at the
 * same place, and had its entry missed too.  The frame of a task that died stays.
 */
#ifndef SOCKET_TAPSET_FRAMES_H
#define SOCKET_TAPSET_FRAMES_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/cache.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>
#include "socket_read.h"

/*
 * Slots, a power of two; stap -DSOCKET_FRAMES=N.  As neighbours fill up early, some
 * quarter of them can be calls in flight at once.
 */
#ifndef SOCKET_FRAMES
#define SOCKET_FRAMES 65536
#endif
/* Where a task looks for its slots; and, once one was full, in as many behind it. */
#define SOCKET_FRAMES_NEAR 8

enum socket_frame_of {
	SOCKET_FRAME_SENDMSG,		/* __sock_sendmsg */
	SOCKET_FRAME_KERNEL_SENDMSG,	/* sock_sendmsg */
	SOCKET_FRAME_SYS_SENDMSG,	/* ____sys_sendmsg */
	SOCKET_FRAME_SENDPAGE,		/* sock_sendpage */
	SOCKET_FRAME_KERNEL_SENDPAGE,	/* kernel_sendpage */
	SOCKET_FRAME_WRITE_ITER,	/* sock_write_iter */
	SOCKET_FRAME_RECVMSG,		/* sock_recvmsg */
	SOCKET_FRAME_SYS_RECVMSG,	/* ____sys_recvmsg */
	SOCKET_FRAME_SPLICE_READ,	/* sock_splice_read */
	SOCKET_FRAME_READ_ITER,		/* sock_read_iter */
	SOCKET_FRAME_CREATE,		/* __sock_create */
	SOCKET_FRAME_CLOSE,		/* sock_close */
	SOCKET_FRAME_KERNEL_RELEASE,	/* sock_release */
	SOCKET_FRAME_RELEASE,		/* __sock_release */
	SOCKET_FRAME_CONNECT,		/* __sys_connect_file */
	SOCKET_FRAME_KERNEL_CONNECT,	/* kernel_connect */
	SOCKET_FRAME_SYS_BIND,		/* __sys_bind */
	SOCKET_FRAME_BIND,		/* __sys_bind_socket */
	SOCKET_FRAME_KERNEL_BIND,	/* kernel_bind */
	SOCKET_FRAME_SYS_LISTEN,	/* __sys_listen */
	SOCKET_FRAME_LISTEN,		/* __sys_listen_socket */
	SOCKET_FRAME_KERNEL_LISTEN,	/* kernel_listen */
	SOCKET_FRAME_SYS_ACCEPT,	/* __sys_accept4 */
	SOCKET_FRAME_ACCEPT,		/* do_accept */
	SOCKET_FRAME_KERNEL_ACCEPT,	/* kernel_accept */
	SOCKET_FRAME_SYS_SHUTDOWN,	/* __sys_shutdown */
	SOCKET_FRAME_SHUTDOWN,		/* __sys_shutdown_sock */
	SOCKET_FRAME_KERNEL_SHUTDOWN,	/* kernel_sock_shutdown */
	SOCKET_FRAME_SETSOCKOPT,	/* do_sock_setsockopt, __sys_setsockopt */
	SOCKET_FRAME_GETSOCKOPT,	/* do_sock_getsockopt, __sys_getsockopt */
	SOCKET_FRAME_SENDING,		/* no call: a message on its way */
	SOCKET_FRAME_RECEIVING,
	SOCKET_FRAMES_OF		/* a set of them is a mask of 32 bits */
};

struct socket_frame {
	void *key;			/* the socket, or what stands for it */
	u8 of;				/* enum socket_frame_of */
	u8 kind;			/* enum socket_kind, or 1: an event */
	bool left;			/* the function has returned */
	bool attempt;			/* it began to connect */
	u16 probes;			/* returns that are still to come */
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
		struct {
			void *value;
			int *length_at;
			int level, name, length;
			bool user, length_user;
		} option;
		struct socket *accepted;
		int64_t number;		/* backlog, how, flags of a message */
	};
	/* What comes here says whose it is, and is of no use to a return. */
	unsigned long sp;		/* the stack as the function began */
	u64 born;			/* of tasks at one address, which */
	int syscall;			/* the task was in */
};

/* Whose each slot is, NULL where it is free; apart from them, to be looked through. */
static struct task_struct *
	socket_frame_owners[SOCKET_FRAMES + SOCKET_FRAMES_NEAR]
	____cacheline_aligned;
static struct socket_frame socket_frames[SOCKET_FRAMES + SOCKET_FRAMES_NEAR];
static bool socket_frames_spilled;
static atomic_long_t socket_frames_lost = ATOMIC_LONG_INIT(0);

/*
 * The frame that this processor's probe is leaving.  A handler runs with
 * preemption off, and stap skips a probe that would interrupt it.
 */
static DEFINE_PER_CPU(struct socket_frame, socket_frame_left);

static inline unsigned int socket_frames_near(void)
{
	return hash_ptr(current, ilog2(SOCKET_FRAMES / SOCKET_FRAMES_NEAR)) *
	       SOCKET_FRAMES_NEAR;
}

static inline bool socket_frame_owned(unsigned int at)
{
	return READ_ONCE(socket_frame_owners[at]) == current;
}

static inline unsigned int socket_frames_end(unsigned int base)
{
	return base + (unlikely(READ_ONCE(socket_frames_spilled)) ?
		       2 * SOCKET_FRAMES_NEAR : SOCKET_FRAMES_NEAR);
}

/* Each frame of the current task's. */
#define socket_for_each_frame(frame, at, base)				\
	for ((at) = (base); (at) < socket_frames_end(base); (at)++)	\
		if (socket_frame_owned(at) &&				\
		    ((frame) = &socket_frames[at]))

/* Mostly a task that enters has none, and then this is quicker. */
static __always_inline bool socket_frames_none(unsigned int base)
{
	BUILD_BUG_ON(SOCKET_FRAMES_NEAR != 8);
	return !READ_ONCE(socket_frames_spilled) &&
	       !socket_frame_owned(base) && !socket_frame_owned(base + 1) &&
	       !socket_frame_owned(base + 2) && !socket_frame_owned(base + 3) &&
	       !socket_frame_owned(base + 4) && !socket_frame_owned(base + 5) &&
	       !socket_frame_owned(base + 6) && !socket_frame_owned(base + 7);
}

static inline void socket_frame_free(struct socket_frame *frame)
{
	smp_store_release(&socket_frame_owners[frame - socket_frames], NULL);
}

/*
 * Functions that may jump to the next of the nest rather than call it, which then
 * begins with the same stack.  The others keep something on it.
 */
#define SOCKET_INSIDE(of) (1u << SOCKET_FRAME_##of)
#define SOCKET_FRAMES_THAT_JUMP						\
	(SOCKET_INSIDE(KERNEL_SENDMSG) | SOCKET_INSIDE(SENDPAGE) |	\
	 SOCKET_INSIDE(KERNEL_SENDPAGE) | SOCKET_INSIDE(CLOSE) |	\
	 SOCKET_INSIDE(KERNEL_RELEASE) | SOCKET_INSIDE(CONNECT) |	\
	 SOCKET_INSIDE(KERNEL_CONNECT) | SOCKET_INSIDE(BIND) |		\
	 SOCKET_INSIDE(KERNEL_BIND) | SOCKET_INSIDE(LISTEN) |		\
	 SOCKET_INSIDE(KERNEL_LISTEN) | SOCKET_INSIDE(SHUTDOWN) |	\
	 SOCKET_INSIDE(KERNEL_SHUTDOWN))

/* The system call of the current task; of the kernel's own tasks, none. */
static inline int socket_syscall(void)
{
	if (current->flags & PF_KTHREAD)
		return -1;
	return syscall_get_nr(current, current_pt_regs());
}

static inline bool socket_on_task_stack(unsigned long sp)
{
	return sp - (unsigned long)task_stack_page(current) < THREAD_SIZE;
}

/* Was a frame of the current task's made by it, in its current system call? */
static inline bool socket_frame_is_ours(struct socket_frame *frame)
{
	return frame->born == current->start_time &&
	       frame->syscall == socket_syscall();
}

/*
 * With the stack at sp, a function that has not returned began above.  Handlers of
 * interrupts have a stack of their own, and there nothing can be told.
 */
static inline bool socket_frame_is_over(struct socket_frame *frame,
					unsigned long sp)
{
	if (!socket_on_task_stack(sp) || !socket_on_task_stack(frame->sp))
		return false;
	return frame->left || frame->sp < sp;
}

/* What the probes of a call keep in its frame, before any of them did. */
static inline void socket_frame_begin(struct socket_frame *frame)
{
	frame->probes = 0;
	frame->attempt = false;
	frame->entered = 0;
	frame->number = SOCKET_UNSET;
}

static noinline struct socket_frame *socket_frame_claim_other(unsigned int base)
{
	unsigned int at;

	for (at = base; at < base + 2 * SOCKET_FRAMES_NEAR; at++) {
		if (at == base + SOCKET_FRAMES_NEAR)
			WRITE_ONCE(socket_frames_spilled, true);
		if (!READ_ONCE(socket_frame_owners[at]) &&
		    !cmpxchg(&socket_frame_owners[at], NULL, current))
			return &socket_frames[at];
	}
	atomic_long_inc(&socket_frames_lost);
	return NULL;
}

static __always_inline struct socket_frame *socket_frame_claim(unsigned int base)
{
	if (likely(!READ_ONCE(socket_frame_owners[base]) &&
		   !cmpxchg(&socket_frame_owners[base], NULL, current)))
		return &socket_frames[base];
	return socket_frame_claim_other(base);
}

/*
 * Is the current task, with its stack at sp, inside one of the functions, for this
 * socket?
 */
static noinline struct socket_frame *
socket_frame_find_around(unsigned int functions, void *key, unsigned long sp)
{
	unsigned int base = socket_frames_near(), at;
	struct socket_frame *frame;

	socket_for_each_frame(frame, at, base)
		if (frame->key == key && !frame->left &&
		    (functions & (1u << frame->of)) &&
		    socket_frame_is_ours(frame) &&
		    !socket_frame_is_over(frame, sp))
			return frame;
	return NULL;
}

static inline struct socket_frame *socket_frame_around(unsigned int functions,
						       void *key,
						       unsigned long sp)
{
	return socket_frames_none(socket_frames_near()) ? NULL :
		socket_frame_find_around(functions, key, sp);
}

/*
 * The frame of another probe on the same call, where there is one.  Those of calls that
 * are over go meanwhile.
 */
static noinline struct socket_frame *socket_frame_again(unsigned int base,
							unsigned long sp,
							enum socket_frame_of of,
							void *key, u8 kind)
{
	struct socket_frame *frame;
	unsigned int at;

	socket_for_each_frame(frame, at, base) {
		bool ours = socket_frame_is_ours(frame);
		bool here = ours && frame->sp == sp;

		if (here && frame->of == of && frame->key == key) {
			/* A new call, where one has returned. */
			if (frame->left)
				socket_frame_begin(frame);
			frame->probes++;
			frame->kind = kind;
			frame->left = false;
			return frame;
		}
		if (here && !frame->left && frame->of != of &&
		    (SOCKET_FRAMES_THAT_JUMP & (1u << frame->of)))
			continue;
		if (ours && !here && !socket_frame_is_over(frame, sp))
			continue;
		socket_frame_free(frame);
	}
	return NULL;
}

/*
 * A call begins.  It is an event of that kind where the task is in none of the functions
 * of around for the same socket.
 */
static __always_inline struct socket_frame *
socket_frame_enter_outside(struct pt_regs *regs, enum socket_frame_of of, void *key,
			   u8 kind, unsigned int around)
{
	unsigned long sp = kernel_stack_pointer(regs);
	unsigned int base = socket_frames_near();
	struct socket_frame *frame;

	BUILD_BUG_ON(SOCKET_FRAMES_OF > 32);
	BUILD_BUG_ON(SOCKET_FRAMES & (SOCKET_FRAMES - 1));
	BUILD_BUG_ON(SOCKET_FRAMES <= SOCKET_FRAMES_NEAR);

	if (!socket_frames_none(base)) {
		if (around && socket_frame_find_around(around, key, sp))
			kind = 0;
		frame = socket_frame_again(base, sp, of, key, kind);
		if (frame)
			return frame;
	}
	frame = socket_frame_claim(base);
	if (unlikely(!frame))
		return NULL;
	frame->key = key;
	frame->of = of;
	frame->kind = kind;
	frame->left = false;
	socket_frame_begin(frame);
	frame->probes = 1;
	frame->syscall = socket_syscall();
	frame->sp = sp;
	frame->born = current->start_time;
	return frame;
}

static struct socket_frame *socket_frame_enter(struct pt_regs *regs,
					       enum socket_frame_of of,
					       void *key, u8 kind)
{
	return socket_frame_enter_outside(regs, of, key, kind, 0);
}

/* What the frame holds is this processor's to read until the probe ends. */
static __always_inline struct socket_frame *socket_frame_end(struct socket_frame *frame)
{
	struct socket_frame *left = this_cpu_ptr(&socket_frame_left);

	memcpy(left, frame, offsetof(struct socket_frame, sp));
	frame->left = true;
	if (!--frame->probes)
		socket_frame_free(frame);
	return left;
}

/*
 * The frame of the call that returns; NULL when its entry was not seen or not
 * carried.  The stack is then where it was at the entry, or by one return address
 * above.
 */
static __always_inline bool socket_frame_returns(struct socket_frame *frame,
						 enum socket_frame_of of,
						 unsigned long sp)
{
	return frame->of == of && sp - frame->sp <= sizeof(long) &&
	       socket_frame_is_ours(frame);
}

static noinline struct socket_frame *socket_frame_leave_other(unsigned int base,
							      enum socket_frame_of of,
							      unsigned long sp)
{
	struct socket_frame *frame;
	unsigned int at;

	socket_for_each_frame(frame, at, base)
		if (socket_frame_returns(frame, of, sp))
			return socket_frame_end(frame);
	return NULL;
}

static __always_inline struct socket_frame *
socket_frame_leave(struct pt_regs *regs, enum socket_frame_of of)
{
	unsigned long sp = kernel_stack_pointer(regs);
	unsigned int base = socket_frames_near();

	if (likely(socket_frame_owned(base) &&
		   socket_frame_returns(&socket_frames[base], of, sp)))
		return socket_frame_end(&socket_frames[base]);
	return socket_frame_leave_other(base, of, sp);
}

/* The frame of a message whose end is not a function's. */
static struct socket_frame *socket_frame_take(enum socket_frame_of of, void *key)
{
	unsigned int base = socket_frames_near(), at;
	struct socket_frame *frame;

	socket_for_each_frame(frame, at, base)
		if (frame->of == of && frame->key == key &&
		    socket_frame_is_ours(frame))
			return socket_frame_end(frame);
	return NULL;
}

/* The key of the call that returns, for an event; 0 where it is none. */
static __always_inline int64_t socket_leave_key(struct pt_regs *regs, enum socket_frame_of of)
{
	struct socket_frame *frame = socket_frame_leave(regs, of);

	return frame && frame->kind ? (long)frame->key : 0;
}

static int socket_left_kind(void)
{
	return this_cpu_read(socket_frame_left.kind);
}

/*
 * The clock of elapsed times.  A probe's entry asks for the time only where its
 * return is asked how long the call took.
 */
static int64_t socket_stamp(struct socket_frame *frame)
{
	if (frame)
		frame->entered = ktime_get_ns();
	return 0;
}

/* Unset where the entry that was to note the time was missed. */
static int64_t socket_left_elapsed(void)
{
	u64 entered = this_cpu_read(socket_frame_left.entered);

	return entered ? ktime_get_ns() - entered : SOCKET_UNSET;
}

#endif
