/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: which calls a task is inside of.
 *
 * Functions of the kernel nest for one message on one socket, and of a nest one is the
 * event.  A frame says that a task is inside an outer function of such a nest, for the
 * inner ones to find.  Frames live in a fixed table; a task claims a slot near its own
 * hash with one compare-and-exchange and from then on is the only one to touch it: no
 * lock, no allocation, no wait.  When there is no slot near, the frame is left out and
 * socket_frames_lost counts it: what is inside then goes by the name of sendmsg or
 * recvmsg, or is an event too, and a call that is given a descriptor is none.
 *
 * Who claims a slot gives it back at the function's return (socket_calls.h), which the
 * kernel misses for no call whose entry it has seen.
 */
#ifndef SOCKET_TAPSET_FRAMES_H
#define SOCKET_TAPSET_FRAMES_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include "socket_scopes_derived.h"

/*
 * Slots, a power of two; stap -DSOCKET_FRAMES=N.  As neighbours fill up early, some
 * quarter of them can be in use at once.
 */
#ifndef SOCKET_FRAMES
#define SOCKET_FRAMES 8192
#endif
/* Where a task looks for its slots; and, once one was full, in as many behind it. */
#define SOCKET_FRAMES_NEAR 8

#define SOCKET_INSIDE(of) (1u << SOCKET_FRAME_##of)

struct socket_call;

struct socket_frame {
	void *key;			/* the socket; NULL until it is known */
	struct socket_call *call;	/* what the function was called with */
	struct socket *accepted;	/* the new socket of an accept, the second of a pair */
	u32 ino, accepted_ino;		/* of the two, to know them again */
	u8 of;				/* enum socket_frame_of */
	u8 kind;			/* enum socket_kind, or 1: an event */
	s8 half;			/* the probe that tells of the first of a pair; or -1 */
	u16 probes;			/* returns that are still to come */
};

/*
 * Whose each slot is, NULL where it is free; apart from them, to be looked through.
 * The slots near a hash fill whole cache lines, which few tasks share.
 */
static struct task_struct *
	socket_frame_owners[SOCKET_FRAMES + SOCKET_FRAMES_NEAR]
	____cacheline_aligned;
static struct socket_frame socket_frames[SOCKET_FRAMES + SOCKET_FRAMES_NEAR]
	____cacheline_aligned;
/* Looked at by each call: not beside what handlers on all processors write. */
static bool socket_frames_spilled __read_mostly;
static atomic_long_t socket_frames_lost = ATOMIC_LONG_INIT(0);
static atomic_long_t socket_connects_lost = ATOMIC_LONG_INIT(0);	/* socket_connects.h */

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

/* Has the current task no frame?  Mostly nobody has one there, and that is quick. */
static __always_inline bool socket_frames_none(unsigned int base)
{
	struct task_struct **near = &socket_frame_owners[base];

	BUILD_BUG_ON(SOCKET_FRAMES_NEAR != 8);
#define OWNER(n) (unsigned long)READ_ONCE(near[n])
	return !READ_ONCE(socket_frames_spilled) &&
	       !(OWNER(0) | OWNER(1) | OWNER(2) | OWNER(3) |
		 OWNER(4) | OWNER(5) | OWNER(6) | OWNER(7));
#undef OWNER
}

static inline void socket_frame_free(struct socket_frame *frame)
{
	smp_store_release(&socket_frame_owners[frame - socket_frames], NULL);
}

static noinline struct socket_frame *socket_frame_claim_other(unsigned int base)
{
	unsigned int at;

	for (at = base; at < base + 2 * SOCKET_FRAMES_NEAR; at++) {
		if (at == base + SOCKET_FRAMES_NEAR)
			WRITE_ONCE(socket_frames_spilled, true);
		if (at < ARRAY_SIZE(socket_frames) &&
		    !READ_ONCE(socket_frame_owners[at]) &&
		    !cmpxchg(&socket_frame_owners[at], NULL, current))
			return &socket_frames[at];
	}
	atomic_long_inc(&socket_frames_lost);
	return NULL;
}

static __always_inline struct socket_frame *socket_frame_claim(unsigned int base)
{
	BUILD_BUG_ON(SOCKET_FRAMES & (SOCKET_FRAMES - 1));
	BUILD_BUG_ON(SOCKET_FRAMES <= SOCKET_FRAMES_NEAR);

	if (likely(!READ_ONCE(socket_frame_owners[base]) &&
		   !cmpxchg(&socket_frame_owners[base], NULL, current)))
		return &socket_frames[base];
	return socket_frame_claim_other(base);
}

/* any: of whichever socket. */
static noinline struct socket_frame *socket_frame_find(unsigned int functions,
						       void *key, bool any)
{
	unsigned int base = socket_frames_near(), at;
	struct socket_frame *frame;

	BUILD_BUG_ON(SOCKET_FRAMES_OF > 32);
	socket_for_each_frame(frame, at, base)
		if ((any || frame->key == key) && (functions & (1u << frame->of)))
			return frame;
	return NULL;
}

/* Is the current task inside one of the functions, for this socket? */
static __always_inline struct socket_frame *
socket_frame_around(unsigned int functions, void *key)
{
	return likely(socket_frames_none(socket_frames_near())) ? NULL :
		socket_frame_find(functions, key, false);
}

/*
 * Is it inside one of them at all?  For those that are given a descriptor: they do not
 * nest, and which socket it is their security hooks are the first to know.
 */
static inline struct socket_frame *socket_frame_around_any(unsigned int functions)
{
	return socket_frame_find(functions, NULL, true);
}

/*
 * A function begins that others may be inside of.  Several returns of a script may be
 * on it: they share the frame.
 */
static struct socket_frame *socket_frame_enter(enum socket_frame_of of, void *key,
					       u8 kind, struct socket_call *call)
{
	struct socket_frame *frame = socket_frame_around(1u << of, key);

	if (!frame) {
		frame = socket_frame_claim(socket_frames_near());
		if (unlikely(!frame))
			return NULL;
		frame->key = key;
		frame->call = call;
		frame->accepted = NULL;
		frame->ino = frame->accepted_ino = 0;
		frame->of = of;
		frame->half = -1;
		frame->probes = 0;
	}
	frame->kind = kind;
	frame->probes++;
	return frame;
}

static inline void socket_frame_leave(struct socket_frame *frame)
{
	if (frame && !--frame->probes)
		socket_frame_free(frame);
}

#endif
