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
 * stap's runtime registers each return with register_kretprobe(), from a function that
 * has the probe in its variable skp.  That name is defined anew at the end of
 * socket_points.h, which is all of stap's that is relied on.  Of a runtime that did it in
 * another way the returns would be no events.
 *
 * A return of the tapset is told from one that the script itself has on the same
 * function by the number of instances that it asks for (.maxactive).  The numbers are
 * those in socket_points.stp, which nobody else is likely to ask for.
 */
#ifndef SOCKET_TAPSET_CALLS_H
#define SOCKET_TAPSET_CALLS_H

#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include "socket_read.h"
#include "socket_frames.h"
#include "socket_messages.h"

enum socket_return {
	SOCKET_RETURN_NONE,		/* not the tapset's */
	SOCKET_RETURN_EVENT,
	SOCKET_RETURN_ATTEMPT,		/* the end of an attempt to connect */
	SOCKET_RETURN_TRACK,		/* a frame for others, nothing for the script */
	SOCKET_RETURN_NOTE,		/* the entry alone */
};

static enum socket_return socket_return_of(int maxactive)
{
	switch (maxactive) {
	case 16381:			/* what may block */
	case 509:			/* what does not, for long */
		return SOCKET_RETURN_EVENT;
	case 16363:			/* of one function twice with the above */
		return SOCKET_RETURN_ATTEMPT;
	case 16369:
		return SOCKET_RETURN_TRACK;
	case 499:
		return SOCKET_RETURN_NOTE;
	}
	return SOCKET_RETURN_NONE;
}

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
	struct socket_frame *frame;	/* where others look for the call, or NULL */
	u8 kind;			/* enum socket_kind, or 1: an event */
	bool by_fd;			/* the result of an accept is a descriptor */
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
			struct socket **at;
			struct socket *accepted;
		} accept;
		int64_t number;		/* backlog, how, flags of a message, ino */
	};
};

/* The call that this processor's probe is about; a handler runs with preemption off. */
static DEFINE_PER_CPU(struct socket_call *, socket_left);
#define SOCKET_LEFT this_cpu_read(socket_left)

/* And where that of a message is, which has none, as long as its probe runs. */
static DEFINE_PER_CPU(struct socket_call, socket_ended);

/* Does a return or a tracepoint of the script ask how long something took? */
static bool socket_time_asked __read_mostly;

/* stap's state of the session, and the value that it has while events count. */
static atomic_t *socket_session __read_mostly;
static int socket_session_runs __read_mostly;

static __always_inline u64 socket_now(void)
{
	return unlikely(READ_ONCE(socket_time_asked)) ? ktime_get_ns() : 0;
}

#define SOCKET_NO_EVENT 1		/* let it go */

static __always_inline void socket_call_fill(struct socket_call *call, void *key,
					     u8 kind)
{
	call->key = key;
	call->frame = NULL;
	call->kind = kind;
	call->entered = socket_now();
}

/*
 * A call begins; the entry handler fills in the rest.  0: its return is probed.  Before
 * all probes are there, a call may be inside one that was not seen.
 */
static __always_inline int socket_call_begin(struct socket_call *call, void *key,
					     u8 kind)
{
	if (unlikely(atomic_read(socket_session) != socket_session_runs))
		return SOCKET_NO_EVENT;
	socket_call_fill(call, key, kind);
	return 0;
}

/* The same of a function that others may be inside of. */
static __always_inline int socket_call_around(struct socket_call *call,
					      enum socket_frame_of of, void *key,
					      u8 kind)
{
	socket_call_fill(call, key, kind);
	call->frame = socket_frame_enter(of, key, kind);
	return 0;
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

/* ------------------------------------------------------------ the return */

#define SOCKET_INSTANCE (c->ips.krp.pi)

/* The call that returns. */
static __always_inline struct socket_call *
socket_call_left(struct kretprobe_instance *instance)
{
	struct socket_call *call = (struct socket_call *)instance->data;

	if (unlikely(!socket_session))
		return NULL;
	this_cpu_write(socket_left, call);
	return call;
}

/* Its key, where it is an event; else 0. */
static __always_inline int64_t socket_leave_key(struct kretprobe_instance *instance)
{
	struct socket_call *call = socket_call_left(instance);

	if (unlikely(!call))
		return 0;
	/* What was found out inside. */
	if (call->frame)
		call->kind = call->frame->kind;
	return call->kind ? (long)call->key : 0;
}

static int64_t socket_left_elapsed(void)
{
	u64 entered = SOCKET_LEFT->entered;

	return entered ? ktime_get_ns() - entered : SOCKET_UNSET;
}

/* What the beginning of the message that ends has left: is there any? */
static bool socket_message_left(enum socket_way way, void *key, u32 *probe)
{
	struct socket_call *ended = this_cpu_ptr(&socket_ended);
	struct socket_message *message;

	message = socket_message_ends(way, key, socket_message_probe(probe));
	if (!message)
		return false;
	ended->entered = message->entered;
	ended->number = message->flags;
	/* Another task may have taken the slot meanwhile. */
	smp_rmb();
	if (READ_ONCE(message->owner) != current)
		return false;
	this_cpu_write(socket_left, ended);
	return true;
}

#define SOCKET_MESSAGE_LEFT(way)						\
({									\
	static u32 __probe;						\
	socket_message_left(way, SOCKET_EVENT_SOCK, &__probe);		\
})

/* ------------------------------------------------------------ registration */

struct socket_entry {
	const char *function;
	enum socket_return of;
	kretprobe_handler_t enter;
	bool framed;			/* its calls have frames */
};

static kretprobe_handler_t socket_script_leaves __read_mostly;

/* What stap has for the return, and then the frame goes, whatever came of that. */
static int socket_leave_framed(struct kretprobe_instance *instance,
			       struct pt_regs *regs)
{
	struct socket_frame *frame = ((struct socket_call *)instance->data)->frame;

	socket_script_leaves(instance, regs);
	socket_frame_leave(frame);
	return 0;
}

static int socket_leave_tracked(struct kretprobe_instance *instance,
				struct pt_regs *regs)
{
	socket_frame_leave(((struct socket_call *)instance->data)->frame);
	return 0;
}

/*
 * Registers a return of the script.  One that has a number of the tapset's has to be in
 * the list, and none other than the tapset's has that number on a function of the list.
 */
static int socket_register_return(struct kretprobe *probe, const char *function,
				  bool timed, atomic_t *session, int runs,
				  const struct socket_entry *entry, size_t entries)
{
	enum socket_return of = socket_return_of(probe->maxactive);

	socket_session = session;
	socket_session_runs = runs;
	socket_time_asked |= timed;
	if (!function || of == SOCKET_RETURN_NONE)
		return register_kretprobe(probe);
	for (; entries; entry++, entries--)
		if (entry->function && !strcmp(entry->function, function) &&
		    (of == SOCKET_RETURN_TRACK ? entry->framed : entry->of == of))
			break;
	if (!entries || probe->entry_handler ||
	    (socket_script_leaves && socket_script_leaves != probe->handler))
		return -EINVAL;
	socket_script_leaves = probe->handler;
	probe->entry_handler = entry->enter;
	probe->data_size = sizeof(struct socket_call);
	if (of == SOCKET_RETURN_TRACK)
		probe->handler = socket_leave_tracked;
	else if (entry->framed)
		probe->handler = socket_leave_framed;
	return register_kretprobe(probe);
}

#endif
