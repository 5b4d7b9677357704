/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: everything that depends on the internals of stap's runtime.
 *
 * The tapset relies on the following.  The indented lines describe what happens if it is not
 * so:
 *
 *   c is the struct context of the running handler, with kregs, ips.krp.pi and last_error;
 *   session_state() and STAP_SESSION_RUNNING; INTERRUPTIBLE is 0 or 1
 *           the module does not compile
 *   each return probe is registered by register_kretprobe(), in a function that has the
 *   probe in skp, with the name of the probed function in symbol_name
 *           the instance of a return has no room for the tapset's data, or a handler runs
 *           that never should: the script ends with the error SOCKET_STAP_CHANGED
 *   stap skips a probe whose registration returns 1, and prints no warning
 *           stap prints a warning
 *   stap adds the missed hits of a probe to skipped_count() after it has unregistered it, with
 *   unregister_kprobe(), unregister_kretprobe() or their plurals
 *           socket_skipped() is too small in the end probe
 *   a handler calls _stp_runtime_entryfn_get_context() first, and does not run if that
 *   returns NULL
 *           socket_skipped_reentrant() is too small
 *   functions that run the handlers of timers begin with _stp_hrtimer_ or enter_timer_
 *           skipped timers count as skipped probes
 *   the overload guard reads STP_OVERLOAD_THRESHOLD and ends the script if cycles_sum of a
 *   handler's context c is more
 *           the module does not compile, or socket_overloaded() is 0 and the tools report an
 *           error instead of the overload guard
 *   _stp_transport_failures counts output that does not fit into the buffers
 *           the module does not compile
 *   each entry probe is registered by register_kprobe(), in a function that has the probe in
 *   skp; with STP_NEED_PROBE_NAME skp->probe->pn begins with the name of the script's probe
 *           the module does not compile; or, with another name, events are filtered in the
 *           handler, at a higher cost
 *   ... and enabled and disabled by enable_kprobe() and disable_kprobe(); its handler takes any
 *   registers, and does not need a kprobe that the kernel knows
 *           socket.retransmit and the like end the script with the error SOCKET_STAP_CHANGED
 *   tracepoints are registered by tracepoint_probe_register() in a file that is included after
 *   the script's C code, with functions whose first argument is unused
 *           the module does not compile; filters and accounts see no tracepoint
 *   those of one tracepoint are in the order of stap_probes, whose pp is
 *   kernel.trace("SYSTEM:NAME") or kernel.tracepoint("NAME"), with a condition behind it
 *           filters apply to probes of tracepoints that the script has itself, or not to
 *           those of socket.*
 *   probe begin runs before probes are registered, and _stp_runtime_contexts_free() after
 *   probe end
 *           filters and accounts have no effect, or the module does not compile
 *
 * A script may probe the return of the same function itself.  The number in .maxactive
 * identifies the tapset's returns: a mark of functions.tbl, chosen so that scripts are
 * unlikely to use it.  The number of calls that a return can follow at once is set here.
 */
#ifndef SOCKET_TAPSET_STAP_H
#define SOCKET_TAPSET_STAP_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include "socket_hooks.h"
#include "socket_scopes_derived.h"

#define SOCKET_STAP_CHANGED						\
	"this version of systemtap registers return probes in a way that the socket tapset does not know"

#define SOCKET_STAP_NO_CALLER						\
	"this kernel lacks the function that calls %s(), and no copy of it is found"
#define SOCKET_STAP_CALLERS						\
	"too many functions of this kernel call security hooks"
#define SOCKET_STAP_CALLER						\
	"this kernel's %s() calls %s() itself, where the script does not look: it would miss events"

/* The registers of the probe that is running. */
#define SOCKET_REGS (c->kregs)

/*
 * Does the instance of a return have room for the data of the tapset's entry handler?  stap
 * has its own get_kretprobe() for kernels without it.
 */
static __always_inline bool socket_stap_has_data(struct kretprobe_instance *instance,
						 size_t size)
{
	struct kretprobe *probe = get_kretprobe(instance);

	/* NULL once it is unregistered, on kernels without rethook. */
	return probe && probe->data_size >= size;
}

/* The instance of the return that this handler runs for; NULL and an error if without data. */
#define SOCKET_INSTANCE							\
({									\
	struct kretprobe_instance *__instance = c->ips.krp.pi;		\
									\
	if (unlikely(!socket_stap_has_data(__instance,			\
					   sizeof(struct socket_call)))) { \
		c->last_error = SOCKET_STAP_CHANGED;			\
		__instance = NULL;					\
	}								\
	__instance;							\
})

/* Ends the script: for handlers that must never run.  Its value is 0. */
#define SOCKET_NEVER_RUNS ({ c->last_error = SOCKET_STAP_CHANGED; 0; })

/* ------------------------------------------------------------ the session */

/* stap's session state, and its value while handlers run. */
static atomic_t *socket_session __read_mostly;
static int socket_session_running __read_mostly, socket_session_error __read_mostly;

static __always_inline bool socket_session_runs(void)
{
	return atomic_read(socket_session) == socket_session_running;
}

/* Ends the script with an error, as stap does; the first one is enough. */
static void socket_session_end(const char *error)
{
	if (atomic_xchg(socket_session, socket_session_error) != socket_session_error)
		_stp_error("%s", error);
}

/* ------------------------------------------------------------ returns */

enum socket_return {
	SOCKET_RETURN_EVENT,
	SOCKET_RETURN_SCOPE,		/* only ends a scope; the script's handler never runs */
	SOCKET_RETURN_NOTE,		/* only the entry: registered as a kprobe */
};

/* When it is registered. */
enum socket_when {
	SOCKET_WHEN_ALWAYS,
	SOCKET_WHEN_CALLER,		/* if the function calls its security hook */
	SOCKET_WHEN_TRACED,		/* if tracepoints report the end of each message */
	SOCKET_WHEN_NOTED,		/* the same, or if the security hook marks scopes */
};

/*
 * How many calls a return can follow at once: of functions that may block; of functions that
 * do not block for long (one for each processor); of functions that the kernel calls for
 * itself.  A call takes some 130 bytes, and since 6.7 (objpool) 8 bytes more for each possible
 * processor.  Further calls are counted as lost.
 */
#ifndef SOCKET_RETURNS
#define SOCKET_RETURNS 2048
#endif
#define SOCKET_RETURNS_BRIEF max_t(int, 256, 2 * num_possible_cpus())
#define SOCKET_RETURNS_RARE 64

struct socket_mark {
	enum socket_return use;
	enum socket_when when;
	int calls;			/* at once */
};

/* False if it is not a mark of the tapset. */
static bool socket_stap_mark(int number, struct socket_mark *mark)
{
#define SOCKET_MARK(of, is, condition, at_once)				\
	case of:							\
		mark->use = SOCKET_RETURN_##is;				\
		mark->when = SOCKET_WHEN_##condition;			\
		mark->calls = at_once;					\
		return true;
	switch (number) {
	SOCKET_MARKS(SOCKET_MARK)
	}
#undef SOCKET_MARK
	return false;
}

/* How a function calls its security hook. */
enum socket_hook_call_of {
	SOCKET_HOOK_OWN,		/* in its source */
	SOCKET_HOOK_COPY,		/* if the compiler put the copy of another function there */
	SOCKET_HOOK_MARKS,		/* the same; and the hook marks the scope of the function */
};

/* The handlers of the tapset for a probed function. */
struct socket_entry {
	const char *function;
	enum socket_return use;
	const char *hook;		/* the security hook that it calls, or NULL */
	enum socket_hook_call_of hook_call;
	bool followed;			/* the script has its events, not only its scope */
	bool marked;			/* its return ends a scope if the hook marks scopes */
	kretprobe_handler_t enter;
	kretprobe_handler_t enter_filtered;	/* the same behind the filters; or NULL */
	kretprobe_handler_t on_return;	/* replaces stap's handler and calls it; or NULL */
	kretprobe_handler_t on_scope_return;	/* of a return for the scope alone; or NULL */
	bool moves;			/* it is a message */
	kretprobe_handler_t gate;	/* replaces both, behind the filters; or NULL */
	kretprobe_handler_t gate_event;	/* the same for what an account does not count */
	kretprobe_handler_t gate_counts;	/* the same, and counts in the account */
	kprobe_pre_handler_t note;	/* a note has only this */
	kprobe_pre_handler_t note_filtered;
};

/* The work of the gate for this script (socket_gate.h). */
struct socket_gate_mode {
	bool gates;			/* there is an account, or a filter */
	bool counts;			/* there is an account */
	bool filters;			/* handlers do not get all events */
	bool traces[3];			/* the tapset's tracepoints: sent, received, states */
	bool timed[2];			/* entries keep the times of messages: sent, received */
	bool skips;			/* calls are skipped at their entry */
	bool skips_messages;		/* only calls that move a message are skipped */
	/* What replaces stap's handler of an entry and calls it, or NULL; or NULL. */
	kprobe_pre_handler_t (*gate_of_call)(const char *function);
	/* The same for states of TCP: the tracepoint, or tcp_set_state(). */
	void (*state)(void *stap, const struct sock *sk, const int old, const int state);
	kprobe_pre_handler_t state_call;
	bool idle;			/* no account, and no handlers of messages */
};
typedef void socket_traced(void *data, struct sock *sk, int result, int flags);

#define SOCKET_ENTRIES_MOST 64

/* Do tracepoints report the end of messages? */
static bool socket_messages_traced __read_mostly;

/*
 * Does the security hook of sending mark the scope that it is in, whose return is the event?
 * If so, messages pass several functions, which may nest.
 */
static bool socket_hook_marks __read_mostly;

/* stap's handlers of returns and of entries. */
static kretprobe_handler_t socket_stap_handler __read_mostly;
static kprobe_pre_handler_t socket_stap_entry_handler __read_mostly;

/*
 * Scopes and notes: several aliases share one probe.  It stays enabled, even if the condition
 * of the probe that registered it is false.
 */
static struct kretprobe *socket_stap_shared[2][SOCKET_ENTRIES_MOST];

static bool socket_stap_is_in(struct kretprobe *probe, struct kretprobe **shared)
{
	int i;

	for (i = 0; i < SOCKET_ENTRIES_MOST; i++)
		if (shared[i] == probe)
			return true;
	return false;
}

#define socket_stap_is_scope(probe) socket_stap_is_in(probe, socket_stap_shared[0])
#define socket_stap_is_note(probe) socket_stap_is_in(probe, socket_stap_shared[1])

/*
 * The return that counts in the account, for each function.  It stays enabled, too: while the
 * condition of its probe is false, it is muted, and stap's handler does not run.
 */
static struct kretprobe *socket_stap_counts[SOCKET_ENTRIES_MOST];
static struct kretprobe *socket_stap_muted[SOCKET_ENTRIES_MOST];
static bool socket_stap_any_muted __read_mostly;

#define socket_stap_is_muted(probe) socket_stap_is_in(probe, socket_stap_muted)

static bool socket_stap_mute(struct kretprobe *probe, bool mute)
{
	int i;

	for (i = 0; i < SOCKET_ENTRIES_MOST; i++)
		if (socket_stap_counts[i] == probe) {
			WRITE_ONCE(socket_stap_muted[i], mute ? probe : NULL);
			WRITE_ONCE(socket_stap_any_muted, true);
			return true;
		}
	return false;
}

/* ------------------------------------------------------------ skipped probes */

/* Handlers that did not run because stap's context of the processor was in use. */
static atomic_long_t socket_stap_reentrant = ATOMIC_LONG_INIT(0);

/*
 * Counts a handler that does not run.  _stp_ctl_*() takes the context only to keep handlers
 * out, and a skipped timer is not a missed event.
 */
static noinline void socket_stap_in_use(const char *function)
{
	if (strncmp(function, "_stp_ctl_", 9) && strncmp(function, "_stp_hrtimer_", 13) &&
	    strncmp(function, "enter_timer_", 12))
		atomic_long_inc(&socket_stap_reentrant);
}

static __always_inline struct context *socket_stap_context(struct context *c,
							   const char *function)
{
	if (unlikely(!c))
		socket_stap_in_use(function);
	return c;
}

/* Time when the overload guard ended the script, in ns since 1970; 0: it has not. */
static atomic64_t socket_stap_overloaded = ATOMIC64_INIT(0);

static noinline long long socket_stap_overload(long long sum, long long threshold)
{
	if (sum > threshold)
		atomic64_cmpxchg(&socket_stap_overloaded, 0, ktime_get_real_ns());
	return threshold;
}

static const long long socket_stap_threshold = STP_OVERLOAD_THRESHOLD;
#undef STP_OVERLOAD_THRESHOLD
#define STP_OVERLOAD_THRESHOLD						\
	socket_stap_overload(c->cycles_sum, socket_stap_threshold)

/* Pieces of output that did not fit. */
#define SOCKET_STAP_OUTPUT_LOST (atomic_read(&_stp_transport_failures))

/*
 * The registered probes, to read their missed hits while the script runs.  The hits of probes
 * beyond these are counted when stap unregisters them.
 */
#define SOCKET_STAP_PROBES 256
static struct socket_stap_probe {
	struct kprobe *probe;
	struct kretprobe *of_return;
} socket_stap_probes[SOCKET_STAP_PROBES];

/* Missed hits of unregistered probes, which are part of stap's skipped_count() too. */
static atomic_long_t socket_stap_missed_before = ATOMIC_LONG_INIT(0);
static atomic_long_t socket_stap_no_instance_before = ATOMIC_LONG_INIT(0);

static int socket_stap_registered(int result, struct kprobe *probe,
				  struct kretprobe *of_return)
{
	int i;

	for (i = 0; !result && i < SOCKET_STAP_PROBES; i++)
		if (!socket_stap_probes[i].probe) {
			socket_stap_probes[i].of_return = of_return;
			smp_store_release(&socket_stap_probes[i].probe, probe);
			break;
		}
	return result;
}

static void socket_stap_unregistered(struct kprobe *probe, struct kretprobe *of_return)
{
	int i;

	for (i = 0; i < SOCKET_STAP_PROBES; i++)
		if (socket_stap_probes[i].probe == probe)
			WRITE_ONCE(socket_stap_probes[i].probe, NULL);
	atomic_long_add(probe->nmissed, &socket_stap_missed_before);
	if (of_return)
		atomic_long_add(of_return->nmissed, &socket_stap_no_instance_before);
}

/* Hits of kprobes that the kernel skipped because another kprobe ran on the processor. */
static long socket_stap_missed(void)
{
	long missed = atomic_long_read(&socket_stap_missed_before);
	struct kprobe *probe;
	int i;

	for (i = 0; i < SOCKET_STAP_PROBES; i++) {
		probe = smp_load_acquire(&socket_stap_probes[i].probe);
		if (probe)
			missed += READ_ONCE(probe->nmissed);
	}
	return missed;
}

/* Calls whose return was not probed because all instances were in use. */
static long socket_stap_no_instance(void)
{
	long missed = atomic_long_read(&socket_stap_no_instance_before);
	struct kretprobe *probe;
	int i;

	for (i = 0; i < SOCKET_STAP_PROBES; i++) {
		if (!smp_load_acquire(&socket_stap_probes[i].probe))
			continue;
		probe = READ_ONCE(socket_stap_probes[i].of_return);
		if (probe)
			missed += READ_ONCE(probe->nmissed);
	}
	return missed;
}

/* All skipped probes, with those that stap skips for lack of stack or because of a lock. */
#define SOCKET_STAP_SKIPPED						\
	(atomic_read(skipped_count()) -					\
	 atomic_long_read(&socket_stap_missed_before) -			\
	 atomic_long_read(&socket_stap_no_instance_before) +		\
	 (INTERRUPTIBLE ? atomic_long_read(&socket_stap_reentrant) : 0) + \
	 socket_stap_missed() + socket_stap_no_instance())

/* ------------------------------------------------------------ registration */

/* stap skips a probe whose registration returns this. */
#define SOCKET_STAP_NOT_NEEDED 1

/* The function that calls a hook itself, as far as the script probes it. */
static const struct socket_entry *
socket_stap_entry_of_call(const struct socket_hook_call *call,
			  const struct socket_entry *entries, size_t n_entries)
{
	size_t i;

	for (i = 0; i < n_entries; i++)
		if (entries[i].function && entries[i].hook &&
		    !strcmp(entries[i].function, call->function) &&
		    !strcmp(entries[i].hook, call->hook))
			return &entries[i];
	return NULL;
}

/* Does the script probe the function that calls the hook in the source? */
static bool socket_stap_has_owner(const char *hook, const struct socket_entry *entries,
				  size_t n_entries)
{
	size_t i;

	for (i = 0; i < n_entries; i++)
		if (entries[i].function && entries[i].hook &&
		    entries[i].hook_call == SOCKET_HOOK_OWN && !strcmp(entries[i].hook, hook))
			return true;
	return false;
}

/*
 * Finds the calls of the hooks, before the first return is registered.  False, with an error,
 * if one is in a function that the script does not probe.
 */
static bool socket_stap_find_hook_calls(const struct socket_entry *entries, size_t n_entries)
{
	const char *hooks[SOCKET_HOOKS];
	const struct socket_entry *entry;
	int hook, n_hooks = 0;
	bool all = true;
	size_t i;

	for (i = 0; i < n_entries; i++) {
		/* A write has other events than its message, which need no hook. */
		if (!entries[i].hook || !entries[i].followed ||
		    entries[i].hook_call == SOCKET_HOOK_MARKS)
			continue;
		for (hook = 0; hook < n_hooks; hook++)
			if (!strcmp(hooks[hook], entries[i].hook))
				break;
		if (hook == n_hooks)
			hooks[n_hooks++] = entries[i].hook;
	}
	if (!socket_hook_calls_find(hooks, n_hooks)) {
		_stp_error(SOCKET_STAP_CALLERS);
		return false;
	}
	for (i = 0; i < socket_hook_calls_found; i++) {
		entry = socket_stap_entry_of_call(&socket_hook_calls[i], entries, n_entries);
		if (entry) {
			socket_hook_marks |= entry->hook_call == SOCKET_HOOK_MARKS;
			continue;
		}
		_stp_error(SOCKET_STAP_CALLER, socket_hook_calls[i].function,
			   socket_hook_calls[i].hook);
		all = false;
	}
	for (hook = 0; hook < n_hooks; hook++)
		if (!socket_calls_hook(NULL, hooks[hook]) &&
		    !socket_stap_has_owner(hooks[hook], entries, n_entries)) {
			_stp_error(SOCKET_STAP_NO_CALLER, hooks[hook]);
			all = false;
		}
	return all;
}

/* Is a return with this mark registered on this kernel? */
static bool socket_stap_is_needed(const struct socket_mark *mark,
				  const struct socket_entry *entry)
{
	switch (mark->when) {
	case SOCKET_WHEN_CALLER:
		return socket_calls_hook(entry->function, entry->hook);
	case SOCKET_WHEN_TRACED:
		return socket_messages_traced;
	case SOCKET_WHEN_NOTED:
		return socket_messages_traced || socket_hook_marks;
	default:
		return true;
	}
}

/*
 * Are calls of excluded processes skipped at their entry?  A note of a message is one that
 * depends on how messages are found.
 */
static bool socket_stap_skips(const struct socket_gate_mode *mode,
			      const struct socket_mark *mark,
			      const struct socket_entry *entry)
{
	return mode->skips && (!mode->skips_messages || entry->moves ||
			       mark->when == SOCKET_WHEN_TRACED ||
			       mark->when == SOCKET_WHEN_NOTED);
}

/* Registers a return probe.  One with a mark of the tapset must be in the list. */
static int socket_stap_register_return(struct kretprobe *probe, const char *function,
				       const struct socket_entry *entries,
				       size_t n_entries, size_t data_size,
				       const struct socket_gate_mode *mode)
{
	static bool looked, all_probed;
	struct kretprobe **shared = NULL;
	kprobe_pre_handler_t note = NULL;
	enum socket_return use;
	struct socket_mark mark;
	bool skips;
	int result;
	size_t i;

	if (!function || !socket_stap_mark(probe->maxactive, &mark))
		goto registers;
	use = mark.use;
	for (i = 0; i < n_entries; i++)
		if (entries[i].function && !strcmp(entries[i].function, function) &&
		    (use == SOCKET_RETURN_SCOPE ? entries[i].on_scope_return != NULL :
						  entries[i].use == use))
			break;
	if (i == n_entries || probe->entry_handler ||
	    (socket_stap_handler && socket_stap_handler != probe->handler))
		return -EINVAL;
	if (!looked)
		all_probed = socket_stap_find_hook_calls(entries, n_entries);
	looked = true;
	if (!all_probed || !socket_stap_is_needed(&mark, &entries[i]) ||
	    (mode->idle && use == SOCKET_RETURN_EVENT && entries[i].gate_counts))
		return SOCKET_STAP_NOT_NEEDED;
	socket_stap_handler = probe->handler;
	skips = socket_stap_skips(mode, &mark, &entries[i]);
	probe->entry_handler = skips ? entries[i].enter_filtered : entries[i].enter;
	note = skips ? entries[i].note_filtered : entries[i].note;
	probe->data_size = data_size;
	if (use == SOCKET_RETURN_SCOPE)
		probe->handler = entries[i].on_scope_return;
	else if (mode->counts && entries[i].gate_counts && !socket_stap_counts[i]) {
		probe->handler = entries[i].gate_counts;
		socket_stap_counts[i] = probe;
		if (probe->kp.flags & KPROBE_FLAG_DISABLED)
			socket_stap_mute(probe, true);
		probe->kp.flags &= ~KPROBE_FLAG_DISABLED;
	} else if (mode->gates && entries[i].gate)
		probe->handler = entries[i].gate;
	else if (mode->filters && entries[i].gate_event &&
		 (entries[i].moves || !mode->skips_messages))
		probe->handler = entries[i].gate_event;
	else if (entries[i].on_return && (!entries[i].marked || socket_hook_marks))
		probe->handler = entries[i].on_return;
	shared = use == SOCKET_RETURN_SCOPE || use == SOCKET_RETURN_NOTE ?
		&socket_stap_shared[use == SOCKET_RETURN_NOTE][i] : NULL;
	if (shared) {
		if (*shared)
			return SOCKET_STAP_NOT_NEEDED;
		probe->kp.flags &= ~KPROBE_FLAG_DISABLED;
	}
	probe->maxactive = mark.calls;
registers:
	/* A note does not use the return: a kprobe needs no instances and so loses no hits. */
	if (note)
		probe->kp.pre_handler = note;
	result = note ? register_kprobe(&probe->kp) : register_kretprobe(probe);
	if (shared && !result)
		*shared = probe;
	/* Another probe of the function counts instead. */
	for (i = 0; result && i < SOCKET_ENTRIES_MOST; i++)
		if (socket_stap_counts[i] == probe)
			socket_stap_counts[i] = socket_stap_muted[i] = NULL;
	return socket_stap_registered(result, &probe->kp, probe);
}

/*
 * A probe of a tracepoint.  The tapset's are kernel.tracepoint() where stap finds that, under
 * whatever name: those of kernel.trace() are then the script's own.  Elsewhere those are that
 * the script names so.  systemtap 5.6 joins probes of the same point under the first name: one
 * without another is the tapset's, too.
 */
struct socket_stap_traced {
	const char *name;		/* in the script */
	bool is_trace;			/* kernel.trace() */
	bool has_point;			/* the tracepoint has a kernel.tracepoint(), too */
	bool has_other;			/* ... or one that the script does not name so */
	bool is_own;			/* the script's */
	size_t left;			/* how many of the tracepoint are before it */
};

/* Is it kernel.trace()? */
static bool socket_stap_is_trace(const char *point)
{
	return !strncmp(point, "kernel.trace(", strlen("kernel.trace("));
}

/* Is kernel.trace("SYSTEM:NAME") or kernel.tracepoint("NAME") a probe of this tracepoint? */
static bool socket_stap_is_traced(const char *point, const char *tracepoint)
{
	const char *name = strchr(point, '"'), *end = name ? strchr(name + 1, '"') : NULL;
	const char *colon = end ? memchr(name, ':', end - name) : NULL;

	name = (colon ?: name) + 1;
	return end && !strncmp(point, "kernel.trace", strlen("kernel.trace")) &&
	       end - name == strlen(tracepoint) && !memcmp(name, tracepoint, end - name);
}

/* Called for each probe of the script. */
static void socket_stap_find_traced(struct socket_stap_traced *probe, const char *tracepoint,
				    const char *point, const char *name)
{
	if (!socket_stap_is_traced(point, tracepoint))
		return;
	probe->has_point |= !socket_stap_is_trace(point);
	probe->has_other |= !socket_stap_is_trace(name);
	if (!probe->name && !probe->left--) {
		probe->name = name;
		probe->is_trace = socket_stap_is_trace(point);
	}
}

/*
 * A tracepoint that a script probes as a kprobe of its function __traceiter_x(), or of another
 * that stands for it (socket_traced.h).
 */
struct socket_traced_point {
	const char *tracepoint, *stand_in;
	bool wanted;			/* the script has the tapset's probe of it */
	void *function;			/* NULL: the tracepoint has unknown arguments */
};

#define SOCKET_STAP_NO_TRACEPOINT "this kernel does not have the tracepoint %s"
#define SOCKET_STAP_ARGUMENTS						\
	"this kernel's tracepoint %s has arguments that the socket tapset does not know"
#define SOCKET_STAP_TRACEPOINTS 64

/* The registered ones. */
static struct socket_stap_tracepoint {
	struct kprobe *probe;
	struct tracepoint *tracepoint;
	void *function;
} socket_stap_tracepoints[SOCKET_STAP_TRACEPOINTS];

static struct socket_stap_tracepoint *socket_stap_tracepoint_of(struct kprobe *probe)
{
	int i;

	for (i = 0; i < SOCKET_STAP_TRACEPOINTS; i++)
		if (socket_stap_tracepoints[i].probe == probe)
			return &socket_stap_tracepoints[i];
	return NULL;
}

static bool socket_stap_is_point(const struct socket_traced_point *point, const char *function)
{
	static const char prefix[] = "__traceiter_";
	size_t length = sizeof(prefix) - 1;

	return point->wanted && (!strcmp(function, point->stand_in) ||
				 (!strncmp(function, prefix, length) &&
				  !strcmp(function + length, point->tracepoint)));
}

struct socket_stap_search {
	const char *name;
	struct tracepoint *found;
};

static void socket_stap_compare(struct tracepoint *tracepoint, void *data)
{
	struct socket_stap_search *search = data;

	if (!strcmp(tracepoint->name, search->name))
		search->found = tracepoint;
}

static int socket_stap_register_point(struct kprobe *probe,
				      const struct socket_traced_point *point)
{
	struct socket_stap_search search = { .name = point->tracepoint };
	struct socket_stap_tracepoint *slot = socket_stap_tracepoint_of(NULL);
	int result;

	for_each_kernel_tracepoint(socket_stap_compare, &search);
	if (!search.found || !point->function || !slot) {
		_stp_error(!search.found ? SOCKET_STAP_NO_TRACEPOINT :
			   !point->function ? SOCKET_STAP_ARGUMENTS :
			   "too many probes of tracepoints: %s", point->tracepoint);
		atomic_set(socket_session, socket_session_error);
		return -ENOENT;
	}
	slot->tracepoint = search.found;
	slot->function = point->function;
	result = tracepoint_probe_register(slot->tracepoint, slot->function, probe);
	if (!result)
		slot->probe = probe;
	return result;
}

/* Removes the tracepoints from the list, and returns how many kprobes remain. */
static int socket_stap_unregister_points(struct kprobe **probes, int n)
{
	struct socket_stap_tracepoint *slot;
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		slot = socket_stap_tracepoint_of(probes[i]);
		if (slot) {
			tracepoint_probe_unregister(slot->tracepoint, slot->function, slot->probe);
			slot->probe = NULL;
		} else {
			probes[kept++] = probes[i];
		}
	}
	if (kept < n)
		tracepoint_synchronize_unregister();
	return kept;
}

/* A condition of the probe has changed. */
static bool socket_stap_set_point(struct kprobe *probe, bool enabled)
{
	if (!socket_stap_tracepoint_of(probe))
		return false;
	WRITE_ONCE(probe->flags, enabled ? probe->flags & ~KPROBE_FLAG_DISABLED :
					   probe->flags | KPROBE_FLAG_DISABLED);
	return true;
}

/* Registers the probe of an entry. */
static int socket_stap_register(struct kprobe *probe, const char *name, const char *function,
				const struct socket_gate_mode *mode,
				const struct socket_traced_point *points, size_t n_points)
{
	kprobe_pre_handler_t gate = NULL;
	size_t i;

	for (i = 0; function && i < n_points; i++)
		if (socket_stap_is_point(&points[i], function))
			return socket_stap_register_point(probe, &points[i]);
	if (mode->gate_of_call && !strncmp(name, "socket.", 7) && function)
		gate = strcmp(function, "tcp_set_state") ? mode->gate_of_call(function) :
							   mode->state_call;
	if (gate && (!socket_stap_entry_handler ||
		     socket_stap_entry_handler == probe->pre_handler)) {
		socket_stap_entry_handler = probe->pre_handler;
		probe->pre_handler = gate;
	}
	return socket_stap_registered(register_kprobe(probe), probe, NULL);
}

static int socket_stap_disable_return(struct kretprobe *probe)
{
	return socket_stap_is_scope(probe) || socket_stap_is_note(probe) ||
	       socket_stap_mute(probe, true) ? 0 : disable_kretprobe(probe);
}

/* stap enables a probe again only if it is disabled. */
static bool socket_stap_disabled(struct kprobe *probe)
{
	BUILD_BUG_ON(offsetof(struct kretprobe, kp));
	return kprobe_disabled(probe) || socket_stap_is_muted((struct kretprobe *)probe);
}

static int socket_stap_enable_return(struct kretprobe *probe)
{
	return socket_stap_mute(probe, false) ? 0 : enable_kretprobe(probe);
}

static int socket_stap_disable(struct kprobe *probe)
{
	return socket_stap_set_point(probe, false) ? 0 : disable_kprobe(probe);
}

static int socket_stap_enable(struct kprobe *probe)
{
	return socket_stap_set_point(probe, true) ? 0 : enable_kprobe(probe);
}

static void socket_stap_unregister(struct kprobe **probes, int n)
{
	int i;

	n = socket_stap_unregister_points(probes, n);
	unregister_kprobes(probes, n);
	for (i = 0; i < n; i++)
		socket_stap_unregistered(probes[i], NULL);
}

static void socket_stap_unregister_returns(struct kretprobe **probes, int n)
{
	int i, returns = 0;

	/* Returns first, then notes, each in one call, which waits for running handlers once. */
	for (i = 0; i < n; i++)
		if (!socket_stap_is_note(probes[i])) {
			swap(probes[i], probes[returns]);
			returns++;
		}
	BUILD_BUG_ON(offsetof(struct kretprobe, kp));
	if (returns)
		unregister_kretprobes(probes, returns);
	if (returns < n)
		unregister_kprobes((struct kprobe **)(probes + returns), n - returns);
	for (i = 0; i < n; i++)
		socket_stap_unregistered(&probes[i]->kp, probes[i]);
}

/*
 * From here on stap's runtime registers probes with these macros.  The points define
 * SOCKET_WANT_x for the handlers and data that a script needs, after this line and before
 * stap's runtime expands the macros.
 */
#define register_kretprobe(probe)					\
({									\
	static const struct socket_entry __entries[] = { SOCKET_ENTRIES }; \
									\
	BUILD_BUG_ON(ARRAY_SIZE(__entries) > SOCKET_ENTRIES_MOST);	\
	SOCKET_STAP_SESSION;						\
	SOCKET_SET_WANTS;						\
	SOCKET_GATE_PREPARE ?						\
		socket_stap_register_return(probe, skp->symbol_name, __entries,	\
					    ARRAY_SIZE(__entries),	\
					    sizeof(struct socket_call),	\
					    SOCKET_GATE_MODE) :		\
		-ENOMEM;						\
})
#define SOCKET_STAP_SESSION						\
	(socket_session = session_state(),				\
	 socket_session_running = STAP_SESSION_RUNNING,			\
	 socket_session_error = STAP_SESSION_ERROR)
/* The probe whose function is the nth to be registered for a tracepoint. */
#define SOCKET_STAP_TRACED(tracepoint, n)				\
({									\
	struct socket_stap_traced __probe = { .left = n };		\
	size_t __i;							\
									\
	for (__i = 0; __i < ARRAY_SIZE(stap_probes); __i++)		\
		socket_stap_find_traced(&__probe, tracepoint, stap_probes[__i].pp, \
					SOCKET_IF_DEFINED(STP_NEED_PROBE_NAME, \
							  stap_probes[__i].pn, "")); \
	__probe.name = __probe.name ?: "";				\
	__probe.is_own = __probe.is_trace && (__probe.has_point ||	\
			 (__probe.has_other && socket_stap_is_trace(__probe.name))); \
	__probe;							\
})
#define register_kprobe(entry)						\
({									\
	static const struct socket_traced_point __points[] = SOCKET_TRACED_POINTS; \
									\
	SOCKET_STAP_SESSION;						\
	socket_stap_register(entry, SOCKET_IF_DEFINED(SOCKET_USES_FILTERS, skp->probe->pn, ""), \
			     skp->symbol_name, SOCKET_GATE_MODE, __points, \
			     ARRAY_SIZE(__points));			\
})
/* One of two expressions, as __is_defined(): the other one need not compile. */
#define SOCKET_IF_DEFINED(option, then, otherwise) SOCKET_IF_VALUE(option, then, otherwise)
#define SOCKET_IF_VALUE(value, then, otherwise)				\
	SOCKET_IF_ARGUMENT(__ARG_PLACEHOLDER_##value, then, otherwise)
#define SOCKET_IF_ARGUMENT(argument_or_junk, then, otherwise)		\
	__take_second_arg(argument_or_junk then, otherwise)
#define disable_kprobe(probe) socket_stap_disable(probe)
#define enable_kprobe(probe) socket_stap_enable(probe)
#define disable_kretprobe(probe) socket_stap_disable_return(probe)
#define enable_kretprobe(probe) socket_stap_enable_return(probe)
#define kprobe_disabled(probe) socket_stap_disabled(probe)
#define unregister_kprobes(probes, n) socket_stap_unregister(probes, n)
#define unregister_kretprobes(probes, n) socket_stap_unregister_returns(probes, n)
#define unregister_kprobe(probe)					\
({									\
	struct kprobe *__probe = (probe);				\
									\
	socket_stap_unregister(&__probe, 1);				\
})
#define unregister_kretprobe(probe)					\
({									\
	struct kretprobe *__probe = (probe);				\
									\
	socket_stap_unregister_returns(&__probe, 1);			\
})
/* Also matches the definition of the function, further down, whose argument is `void`. */
#define _stp_runtime_entryfn_get_context(...) SOCKET_STAP_CONTEXT_##__VA_ARGS__
#define SOCKET_STAP_CONTEXT_void _stp_runtime_entryfn_get_context(void)
#define SOCKET_STAP_CONTEXT_						\
	socket_stap_context(_stp_runtime_entryfn_get_context(), __func__)
/* Likewise.  It is called after all probes, the end probes among them. */
#define _stp_runtime_contexts_free(...) SOCKET_STAP_FREE_##__VA_ARGS__
#define SOCKET_STAP_FREE_void _stp_runtime_contexts_free(void)
#define SOCKET_STAP_FREE_ (_stp_runtime_contexts_free(), SOCKET_GATE_END)

#endif
