/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: which calls a task is inside of.
 *
 * Functions of the kernel nest for one message on one socket, and of a nest one is the
 * event.  A scope says that a task is inside an outer function of such a nest, for the
 * inner ones to find.  Scopes live in a fixed table; a task claims a slot near its own
 * hash with one compare-and-exchange and from then on is the only one to touch it: no
 * lock, no allocation, no wait.  When there is no slot near, the scope is left out and
 * socket_scopes_lost counts it: what is inside then goes by the name of sendmsg or
 * recvmsg, or is an event too, and a call that is given a descriptor is none.
 *
 * Who claims a slot gives it back at the function's return (socket_calls.h), which the
 * kernel misses for no call whose entry it has seen.
 */
#ifndef SOCKET_TAPSET_SCOPES_H
#define SOCKET_TAPSET_SCOPES_H

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
#define SOCKET_SCOPES_NEAR 8

#define SOCKET_INSIDE(of) (1u << SOCKET_SCOPE_##of)

struct socket_call;

struct socket_scope {
	void *key;			/* the socket; NULL until it is known */
	struct socket_call *call;	/* what the function was called with */
	struct socket *accepted;	/* the new socket of an accept, the second of a pair */
	u32 ino, accepted_ino;		/* of the two, to know them again */
	u8 of;				/* enum socket_scope_of */
	u8 kind;			/* enum socket_kind, or 1: an event */
	s8 half;			/* the probe of the first of a pair; or -1 */
	u16 probes;			/* returns that are still to come */
};

/*
 * Whose each slot is, NULL where it is free; apart from them, to be looked through.
 * The slots near a hash fill whole cache lines, which few tasks share.
 */
static struct task_struct *
	socket_scope_owners[SOCKET_FRAMES + SOCKET_SCOPES_NEAR]
	____cacheline_aligned;
static struct socket_scope socket_scopes[SOCKET_FRAMES + SOCKET_SCOPES_NEAR]
	____cacheline_aligned;
/* Looked at by each call: not beside what handlers on all processors write. */
static bool socket_scopes_spilled __read_mostly;
static atomic_long_t socket_scopes_lost = ATOMIC_LONG_INIT(0);
static atomic_long_t socket_connects_lost = ATOMIC_LONG_INIT(0);	/* socket_connects.h */

static inline unsigned int socket_scopes_near(void)
{
	return hash_ptr(current, ilog2(SOCKET_FRAMES / SOCKET_SCOPES_NEAR)) *
	       SOCKET_SCOPES_NEAR;
}

static inline bool socket_scope_owned(unsigned int at)
{
	return READ_ONCE(socket_scope_owners[at]) == current;
}

static inline unsigned int socket_scopes_end(unsigned int base)
{
	return base + (unlikely(READ_ONCE(socket_scopes_spilled)) ?
		       2 * SOCKET_SCOPES_NEAR : SOCKET_SCOPES_NEAR);
}

/* Each scope of the current task's. */
#define socket_for_each_scope(scope, at, base)				\
	for ((at) = (base); (at) < socket_scopes_end(base); (at)++)	\
		if (socket_scope_owned(at) &&				\
		    ((scope) = &socket_scopes[at]))

/* Has the current task no scope?  Mostly nobody has one there, and that is quick. */
static __always_inline bool socket_scopes_none(unsigned int base)
{
	struct task_struct **near = &socket_scope_owners[base];

	BUILD_BUG_ON(SOCKET_SCOPES_NEAR != 8);
#define OWNER(n) (unsigned long)READ_ONCE(near[n])
	return !READ_ONCE(socket_scopes_spilled) &&
	       !(OWNER(0) | OWNER(1) | OWNER(2) | OWNER(3) |
		 OWNER(4) | OWNER(5) | OWNER(6) | OWNER(7));
#undef OWNER
}

static inline void socket_scope_free(struct socket_scope *scope)
{
	smp_store_release(&socket_scope_owners[scope - socket_scopes], NULL);
}

static noinline struct socket_scope *socket_scope_claim_other(unsigned int base)
{
	unsigned int at;

	for (at = base; at < base + 2 * SOCKET_SCOPES_NEAR; at++) {
		if (at == base + SOCKET_SCOPES_NEAR)
			WRITE_ONCE(socket_scopes_spilled, true);
		if (at < ARRAY_SIZE(socket_scopes) &&
		    !READ_ONCE(socket_scope_owners[at]) &&
		    !cmpxchg(&socket_scope_owners[at], NULL, current))
			return &socket_scopes[at];
	}
	atomic_long_inc(&socket_scopes_lost);
	return NULL;
}

static __always_inline struct socket_scope *socket_scope_claim(unsigned int base)
{
	BUILD_BUG_ON(SOCKET_FRAMES & (SOCKET_FRAMES - 1));
	BUILD_BUG_ON(SOCKET_FRAMES <= SOCKET_SCOPES_NEAR);

	if (likely(!READ_ONCE(socket_scope_owners[base]) &&
		   !cmpxchg(&socket_scope_owners[base], NULL, current)))
		return &socket_scopes[base];
	return socket_scope_claim_other(base);
}

/* any: of whichever socket. */
static noinline struct socket_scope *socket_scope_find(unsigned int functions,
						       void *key, bool any)
{
	unsigned int base = socket_scopes_near(), at;
	struct socket_scope *scope;

	BUILD_BUG_ON(NR_SOCKET_SCOPES > 32);
	socket_for_each_scope(scope, at, base)
		if ((any || scope->key == key) && (functions & (1u << scope->of)))
			return scope;
	return NULL;
}

/* Is the current task inside one of the functions, for this socket? */
static __always_inline struct socket_scope *
socket_scope_around(unsigned int functions, void *key)
{
	return likely(socket_scopes_none(socket_scopes_near())) ? NULL :
		socket_scope_find(functions, key, false);
}

/*
 * Is it inside one of them at all?  For those that are given a descriptor: they do not
 * nest, and which socket it is their security hooks are the first to know.
 */
static inline struct socket_scope *socket_scope_around_any_sock(unsigned int functions)
{
	return socket_scope_find(functions, NULL, true);
}

/*
 * A function begins that others may be inside of.  Several returns of a script may be
 * on it: they share the scope.
 */
static struct socket_scope *socket_scope_enter(enum socket_scope_of of, void *key,
					       u8 kind, struct socket_call *call)
{
	struct socket_scope *scope = socket_scope_around(1u << of, key);

	if (!scope) {
		scope = socket_scope_claim(socket_scopes_near());
		if (unlikely(!scope))
			return NULL;
		scope->key = key;
		scope->call = call;
		scope->accepted = NULL;
		scope->ino = scope->accepted_ino = 0;
		scope->of = of;
		scope->half = -1;
		scope->probes = 0;
	}
	scope->kind = kind;
	scope->probes++;
	return scope;
}

static inline void socket_scope_leave(struct socket_scope *scope)
{
	if (scope && !--scope->probes)
		socket_scope_free(scope);
}

#endif
