/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: messages between their entry and their end.
 *
 * If a tracepoint reports the end of a message, no kretprobe_instance carries data to it.
 * Instead the entry stores its time and the flags of the message in a fixed table.  A task
 * claims a slot near its hash with one compare-and-exchange: no lock, no allocation, no wait.
 *
 * The task keeps the slot for its next message, because several probes may read it at the
 * end of the message; each of them sees a message once.  If no slot is free, a task takes one
 * whose message has ended, else any other.  So the slots of tasks that have exited, and of
 * messages that a security module rejected, are reused.  A message that has lost its slot
 * has no elapsed_ns and no msg_flags.
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
/* Slots in which a task looks for its own. */
#define SOCKET_MESSAGES_NEAR 8

enum socket_direction {
	SOCKET_SENDING,
	SOCKET_RECEIVING,
};

struct socket_message {
	struct task_struct *owner;	/* NULL: free */
	void *key;			/* the socket */
	struct msghdr *msg;		/* has its name, until it ends */
	u64 entered;			/* time of the entry, if a script uses it; else 0 */
	unsigned long sp;		/* stack pointer at the entry */
	u32 flags;
	u32 seen_by;			/* probes that have seen its end, a bit each */
	u8 direction;
};

static struct socket_message socket_messages[SOCKET_MESSAGES] ____cacheline_aligned;

/* The owner of a slot that is being written; not the address of a task. */
#define SOCKET_MESSAGE_WRITTEN ((struct task_struct *)1)

static inline struct socket_message *socket_messages_near(enum socket_direction direction)
{
	BUILD_BUG_ON(SOCKET_MESSAGES & (SOCKET_MESSAGES - 1));
	BUILD_BUG_ON(SOCKET_MESSAGES <= 2 * SOCKET_MESSAGES_NEAR);

	/* The messages that a task sends and those that it receives have adjacent slots. */
	return &socket_messages[(hash_ptr(current, ilog2(SOCKET_MESSAGES /
							 SOCKET_MESSAGES_NEAR)) ^ direction) *
				SOCKET_MESSAGES_NEAR];
}

/* False for the stack of an interrupt: stack pointers are compared only within a stack. */
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
 * The best slot for a message, in this order: one of this task with the same key; one of this
 * task whose message has ended (or began at this stack depth or deeper, so it cannot still
 * run); a free one; one of another task whose message has ended; any.
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

static void socket_message_begin(enum socket_direction direction, void *key,
				 struct msghdr *msg, u32 flags, u64 entered,
				 unsigned long sp)
{
	struct socket_message *at = socket_messages_near(direction);

	/* Usually the task reuses the first slot, where socket_message_finish() looks first. */
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
	at->msg = msg;
	at->entered = entered;
	at->sp = sp;
	at->flags = flags;
	at->seen_by = 0;
	at->direction = direction;
	smp_store_release(&at->owner, current);
}

/* The message that ends on a socket; NULL if this probe has already seen its end. */
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

/* The bit of a probe; the first 31 probes have their own, all others share one. */
static u32 socket_message_probe_bit(u32 *bit)
{
	static atomic_t probes = ATOMIC_INIT(0);

	if (unlikely(!*bit))
		*bit = 1u << min(atomic_inc_return(&probes) - 1, 31);
	return *bit;
}

#endif
