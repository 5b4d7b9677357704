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
 * has the probe in its variable skp.  That name is defined anew below, which is all of
 * stap's that is relied on; a runtime that did it in another way would not compile, or
 * its returns would be no events.
 *
 * A return of the tapset is told from one that the script itself has on the same
 * function by the number of instances that it asks for (.maxactive).  The numbers are
 * those in socket_points.stp, which nobody else is likely to ask for.
 */
#ifndef SOCKET_TAPSET_CALLS_H
#define SOCKET_TAPSET_CALLS_H

#include <linux/kconfig.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include "socket_read.h"
#include "socket_frames.h"

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
		struct {
			void *value;
			int *length_at;
			int level, name, length;
			bool user, length_user;
		} option;
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

/* And where a note is kept for as long as its probe runs. */
static DEFINE_PER_CPU(struct socket_call, socket_noted);

/* Does a return or a tracepoint of the script ask how long something took? */
static bool socket_time_asked __read_mostly;
static bool socket_returns_known __read_mostly;

static __always_inline u64 socket_now(void)
{
	return unlikely(READ_ONCE(socket_time_asked)) ? ktime_get_ns() : 0;
}

/* A call begins; the entry handler fills in the rest.  0: its return is probed. */
static __always_inline int socket_call_begin(struct socket_call *call, void *key,
					     u8 kind)
{
	call->key = key;
	call->frame = NULL;
	call->kind = kind;
	call->entered = socket_now();
	return 0;
}

/* The same of a function that others may be inside of. */
static __always_inline int socket_call_around(struct socket_call *call,
					      enum socket_frame_of of, void *key,
					      u8 kind)
{
	socket_call_begin(call, key, kind);
	call->frame = socket_frame_enter(of, key, kind);
	return 0;
}

#define SOCKET_NO_EVENT 1		/* let it go */

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

	if (unlikely(!READ_ONCE(socket_returns_known)))
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

/* The note that the beginning of a message left: is there one? */
static bool socket_note_take(enum socket_frame_of of, void *key)
{
	struct socket_call *noted = this_cpu_ptr(&socket_noted);
	struct socket_frame *frame = socket_frame_noted(of, key);

	if (!frame)
		return false;
	noted->entered = frame->note.entered;
	noted->number = frame->note.flags;
	socket_frame_leave(frame);
	this_cpu_write(socket_left, noted);
	return true;
}

/* ------------------------------------------------------------ registration */

struct socket_entry {
	const char *function;
	enum socket_return of;
	kretprobe_handler_t enter;
	bool framed;			/* its calls have frames */
};

static kretprobe_handler_t socket_script_leaves;

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

static int socket_register_return(struct kretprobe *probe, const char *function,
				  bool timed,
				  const struct socket_entry *entry, size_t entries)
{
	enum socket_return of = socket_return_of(probe->maxactive);

	if (timed)
		WRITE_ONCE(socket_time_asked, true);
	WRITE_ONCE(socket_returns_known, true);
	if (!function || of == SOCKET_RETURN_NONE || probe->entry_handler)
		entries = 0;
	for (; entries; entry++, entries--) {
		if (strcmp(entry->function, function) ||
		    (of == SOCKET_RETURN_TRACK ? !entry->framed : entry->of != of))
			continue;
		probe->entry_handler = entry->enter;
		probe->data_size = sizeof(struct socket_call);
		if (of == SOCKET_RETURN_TRACK) {
			probe->handler = socket_leave_tracked;
		} else if (entry->framed) {
			socket_script_leaves = probe->handler;
			probe->handler = socket_leave_framed;
		}
		break;
	}
	return register_kretprobe(probe);
}

#endif
