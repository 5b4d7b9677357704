/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: scopes, the functions that a task is inside of.
 *
 * Functions of the kernel nest for one message on one socket, and only one of them is the
 * event.  The outer function enters a scope, which the inner ones look for.  Scopes are in a
 * fixed table.  A task claims a slot near its hash with one compare-and-exchange and is then
 * the only one to write to it: no lock, no allocation, no wait.
 *
 * If no slot is free, there is no scope, and socket_scopes_lost counts it.  Then a read or
 * write is reported as recvmsg or sendmsg, an inner function may be an event too, and a call
 * that is given a descriptor is not an event.  Nor is a message that the security hook would
 * mark.
 *
 * The return of the function frees the slot (socket_calls.h).  The kernel probes the return
 * of every call whose entry handler ran.
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
 * Slots, a power of two; stap -DSOCKET_FRAMES=N.  About a quarter can be in use at once,
 * because a task only takes slots near its hash.
 */
#ifndef SOCKET_FRAMES
#define SOCKET_FRAMES 8192
#endif
/* Slots in which a task looks; twice as many once a task found all of them taken. */
#define SOCKET_SCOPES_NEAR 8

#define SOCKET_INSIDE(of) (1u << SOCKET_SCOPE_##of)

struct socket_call;

struct socket_scope {
	void *key;			/* the socket; NULL until it is known */
	struct socket_call *call;	/* with the arguments of the function */
	struct socket *accepted;	/* the new socket of an accept, the second of a pair */
	u32 ino, accepted_ino;		/* inode numbers of the two */
	u8 of;				/* enum socket_scope_of */
	u8 kind;			/* enum socket_kind, or 1: an event */
	s8 half;			/* socketpair: the probe that ran first, 0 or 1; or -1 */
	bool sent;			/* a write that sent its message itself (socket_entry.h) */
	u16 probes;			/* returns to come */
};

/*
 * The owner of each slot; NULL if it is free.  A table of its own, so that a search touches
 * few cache lines; the slots near a hash fill whole ones, which few tasks share.
 */
static struct task_struct *
	socket_scope_owners[SOCKET_FRAMES + SOCKET_SCOPES_NEAR]
	____cacheline_aligned;
static struct socket_scope socket_scopes[SOCKET_FRAMES + SOCKET_SCOPES_NEAR]
	____cacheline_aligned;
/* Every call reads it: not on a cache line that handlers write to. */
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

/* Iterates over the scopes of the current task. */
#define socket_for_each_scope(scope, at, base)				\
	for ((at) = (base); (at) < socket_scopes_end(base); (at)++)	\
		if (socket_scope_owned(at) &&				\
		    ((scope) = &socket_scopes[at]))

/* True if no task has a scope in these slots: the usual case, and a quick test for it. */
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

/* any: for any socket, not only for key. */
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
 * Is it inside one of the functions, for any socket?  Used for functions that are given a
 * descriptor: they do not nest, and their security hook is the first to have the socket.
 */
static inline struct socket_scope *socket_scope_around_any_sock(unsigned int functions)
{
	return socket_scope_find(functions, NULL, true);
}

/* Enters a scope.  If the script probes several returns of the function, they share it. */
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
		scope->sent = false;
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
