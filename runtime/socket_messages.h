/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: messages on their way.
 *
 * Where a tracepoint tells the end of a message and no function returns with it, its
 * beginning leaves here when that was and the flags that it went with.  A slot is taken
 * with one compare-and-exchange, near the task's own hash: no lock, no allocation, no
 * wait.  It stays with its task for the next message, as the end may have several probes
 * that all want to know; each of them gets to know each message once.  Where no slot is
 * free, one whose message has ended changes hands, else that of any other; so what was
 * left behind, by a message that a security module refused or by a task that is gone,
 * is in nobody's way.  What a message can't find any more is unset.
 */
#ifndef SOCKET_TAPSET_MESSAGES_H
#define SOCKET_TAPSET_MESSAGES_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/cache.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

/* Slots, a power of two; stap -DSOCKET_MESSAGES=N. */
#ifndef SOCKET_MESSAGES
#define SOCKET_MESSAGES 4096
#endif
/* Where a task looks for its own. */
#define SOCKET_MESSAGES_NEAR 8

enum socket_direction {
	SOCKET_SENDING,
	SOCKET_RECEIVING,
};

struct socket_message {
	struct task_struct *owner;	/* NULL: free */
	void *key;			/* the socket */
	u64 entered;			/* when, where a script asks for it */
	unsigned long sp;		/* the stack as it began */
	u32 flags;
	u32 seen_by;			/* the probes that know of its end, a bit each */
	u8 direction;
};

static struct socket_message socket_messages[SOCKET_MESSAGES] ____cacheline_aligned;

/* Of a slot that is being written; no task is there. */
#define SOCKET_MESSAGE_WRITTEN ((struct task_struct *)1)

static inline struct socket_message *socket_messages_near(enum socket_direction direction)
{
	BUILD_BUG_ON(SOCKET_MESSAGES & (SOCKET_MESSAGES - 1));
	BUILD_BUG_ON(SOCKET_MESSAGES <= 2 * SOCKET_MESSAGES_NEAR);

	/* Neighbours for what a task sends and what it receives. */
	return &socket_messages[(hash_ptr(current, ilog2(SOCKET_MESSAGES /
							 SOCKET_MESSAGES_NEAR)) ^ direction) *
				SOCKET_MESSAGES_NEAR];
}

/* Handlers of interrupts have a stack of their own, and there nothing can be told. */
static inline bool socket_on_task_stack(unsigned long sp)
{
	return sp - (unsigned long)task_stack_page(current) < THREAD_SIZE;
}

static inline bool socket_message_claim(struct socket_message *message,
					struct task_struct *from)
{
	return READ_ONCE(message->owner) == from &&
	       cmpxchg(&message->owner, from, SOCKET_MESSAGE_WRITTEN) == from;
}

/*
 * A slot for a message: that of one like it; of one that is over, as the stack was where
 * it is now or lower when it began; a free one; one whose message has ended; any.
 */
static noinline struct socket_message *
socket_message_slot(struct socket_message *near, enum socket_direction direction, void *key,
		    unsigned long sp)
{
	struct socket_message *over = NULL, *free = NULL, *ended = NULL, *any = NULL;
	struct task_struct *owner, *from = NULL;
	bool here = socket_on_task_stack(sp);
	int i;

	for (i = 0; i < SOCKET_MESSAGES_NEAR; i++) {
		owner = READ_ONCE(near[i].owner);
		if (owner == current && near[i].direction == direction) {
			if (near[i].key == key)
				return socket_message_claim(&near[i], current) ?
					&near[i] : NULL;
			if (!over && (near[i].seen_by || !socket_on_task_stack(near[i].sp) ||
				      (here && near[i].sp <= sp)))
				over = &near[i];
		} else if (!owner) {
			free = free ?: &near[i];
		} else if (owner != SOCKET_MESSAGE_WRITTEN && owner != current) {
			if (READ_ONCE(near[i].seen_by))
				ended = &near[i];
			else
				any = &near[i];
		}
	}
	if (over)
		return socket_message_claim(over, current) ? over : NULL;
	if (free && socket_message_claim(free, NULL))
		return free;
	if (ended || any) {
		free = ended ? ended : any;
		from = READ_ONCE(free->owner);
		if (from && from != SOCKET_MESSAGE_WRITTEN && from != current &&
		    socket_message_claim(free, from))
			return free;
	}
	return NULL;
}

static void socket_message_begin(enum socket_direction direction, void *key, u32 flags,
				 u64 entered, unsigned long sp)
{
	struct socket_message *at = socket_messages_near(direction);

	/* Mostly it is where the last one was; what is found first counts. */
	if (likely(READ_ONCE(at->owner) == current && at->direction == direction &&
		   (at->seen_by || at->key == key))) {
		if (unlikely(cmpxchg(&at->owner, current, SOCKET_MESSAGE_WRITTEN) !=
			     current))
			return;
	} else {
		at = socket_message_slot(at, direction, key, sp);
		if (unlikely(!at))
			return;
	}
	at->key = key;
	at->entered = entered;
	at->sp = sp;
	at->flags = flags;
	at->seen_by = 0;
	at->direction = direction;
	smp_store_release(&at->owner, current);
}

/* The message on that socket that ends, for a probe that was not told of it yet. */
static __always_inline struct socket_message *
socket_message_finish(enum socket_direction direction, void *key, u32 probe)
{
	struct socket_message *at = socket_messages_near(direction);
	struct socket_message *end = at + SOCKET_MESSAGES_NEAR;

	for (; at < end; at++)
		if (smp_load_acquire(&at->owner) == current && at->key == key &&
		    at->direction == direction) {
			if (at->seen_by & probe)
				return NULL;
			WRITE_ONCE(at->seen_by, at->seen_by | probe);
			return at;
		}
	return NULL;
}

/* The bit of a probe; beyond 31 they share the last. */
static u32 socket_message_probe_bit(u32 *bit)
{
	static atomic_t probes = ATOMIC_INIT(0);

	if (unlikely(!*bit))
		*bit = 1u << min(atomic_inc_return(&probes) - 1, 31);
	return *bit;
}

#endif
