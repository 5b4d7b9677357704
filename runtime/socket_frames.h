/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: what is carried from a function's entry to its return.
 *
 * A frame is one call of a traced kernel function by one task.  Frames live in
 * a fixed table; a task claims a slot near its own hash with one compare-and-
 * exchange and from then on is the only one to touch it: no lock, no allocation,
 * no wait.  When there is no slot near, the frame is not carried, the event is
 * left out and socket_frames_lost counts it; two events are never mixed up.
 *
 * A script may place several probes on one function.  Each of them enters and
 * leaves, so a slot counts how many are still to come.  stap skips a handler that
 * can't get the locks of the script's globals in time, and the kernel one for
 * which it has no room: a frame that is left over so goes when its task enters
 * the next.
 */
#ifndef SOCKET_TAPSET_FRAMES_H
#define SOCKET_TAPSET_FRAMES_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include "socket_read.h"

/* Calls in flight at once that can be carried; stap -DSOCKET_FRAMES=N. */
#ifndef SOCKET_FRAMES
#define SOCKET_FRAMES 32768
#endif
/* How far from its hash a task looks for its slots. */
#define SOCKET_FRAMES_NEAR 16

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
};

struct socket_frame {
	struct task_struct *task;	/* whose it is; NULL: free */
	void *key;			/* the socket, or what stands for it */
	u8 of;				/* enum socket_frame_of */
	u8 kind;			/* enum socket_kind, or 1: an event */
	bool left;			/* the function has returned */
	u16 probes;			/* returns that are still to come */
	u32 depth;			/* of the frames of this task, the nth */
	int family, type, protocol, requester;	/* SOCKET_FRAME_CREATE */
};

static struct socket_frame socket_frames[SOCKET_FRAMES + SOCKET_FRAMES_NEAR];
static atomic_long_t socket_frames_lost = ATOMIC_LONG_INIT(0);

/*
 * The frame that this processor's probe is leaving.  A handler runs with
 * preemption off, and stap skips a probe that would interrupt it.
 */
static DEFINE_PER_CPU(struct socket_frame, socket_frame_left);

static inline struct socket_frame *socket_frames_near(void)
{
	return socket_frames + (hash_ptr(current, 32) % SOCKET_FRAMES);
}

static struct socket_frame *socket_frame_enter(enum socket_frame_of of,
					       void *key, u8 kind)
{
	struct socket_frame *frame = socket_frames_near();
	struct socket_frame *end = frame + SOCKET_FRAMES_NEAR;
	struct socket_frame *slot = NULL;
	u32 depth = 0;

	for (; frame < end; frame++) {
		struct task_struct *task = READ_ONCE(frame->task);

		if (task == current && frame->left && !in_interrupt()) {
			smp_store_release(&frame->task, NULL);
			task = NULL;
		}
		if (task == current) {
			if (frame->of == of && frame->key == key) {
				frame->kind = kind;
				frame->probes++;
				return frame;
			}
			if (frame->depth > depth)
				depth = frame->depth;
		} else if (!task && !slot) {
			slot = frame;
		}
	}
	for (; slot && slot < end; slot++)
		if (!READ_ONCE(slot->task) &&
		    !cmpxchg(&slot->task, NULL, current)) {
			slot->key = key;
			slot->of = of;
			slot->kind = kind;
			slot->left = false;
			slot->probes = 1;
			slot->depth = depth + 1;
			return slot;
		}
	atomic_long_inc(&socket_frames_lost);
	return NULL;
}

/*
 * The innermost frame of that function, which is the one that returns; NULL when
 * its entry was not seen or not carried.  What it holds is this processor's to
 * read until the probe ends.
 */
static struct socket_frame *socket_frame_leave(enum socket_frame_of of)
{
	struct socket_frame *frame = socket_frames_near();
	struct socket_frame *end = frame + SOCKET_FRAMES_NEAR;
	struct socket_frame *inner = NULL;
	struct socket_frame *left;

	for (; frame < end; frame++)
		if (READ_ONCE(frame->task) == current && frame->of == of &&
		    (!inner || frame->depth > inner->depth))
			inner = frame;
	if (!inner)
		return NULL;
	left = this_cpu_ptr(&socket_frame_left);
	*left = *inner;
	inner->left = true;
	if (!--inner->probes)
		smp_store_release(&inner->task, NULL);
	return left;
}

/* The key of the call that returns, for an event; 0 where it is none. */
static int64_t socket_leave(enum socket_frame_of of)
{
	struct socket_frame *frame = socket_frame_leave(of);

	return frame && frame->kind ? (long)frame->key : 0;
}

static int socket_left_kind(void)
{
	return this_cpu_read(socket_frame_left.kind);
}

/* Is the current task inside one of the functions, for this socket? */
static struct socket_frame *socket_frame_around(unsigned int functions,
						void *key)
{
	struct socket_frame *frame = socket_frames_near();
	struct socket_frame *end = frame + SOCKET_FRAMES_NEAR;

	for (; frame < end; frame++)
		if (READ_ONCE(frame->task) == current && frame->key == key &&
		    !frame->left && (functions & (1u << frame->of)))
			return frame;
	return NULL;
}

#endif
