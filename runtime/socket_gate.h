/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the gate, which runs ahead of stap's handlers.
 *
 * If a script sets filters or counts in an account, functions of the gate are registered in
 * the place of stap's: for the tracepoints of messages, for the returns of the functions of
 * functions.tbl and for the probes of their entries.  They count a message, and call stap's
 * handler if the event passes the filters and the script has one.
 * socket_stap.h registers them, by the macros at the end, which are expanded after the
 * script has defined SOCKET_USES_FILTERS, SOCKET_USES_ACCOUNT and SOCKET_HANDLES_MESSAGES.
 */
#ifndef SOCKET_TAPSET_GATE_H
#define SOCKET_TAPSET_GATE_H

#include <linux/preempt.h>
#include <linux/tracepoint.h>
#include "socket_accounts.h"
#include "socket_filters.h"
#include "socket_entry.h"

/* Some instructions less; the arrays on the stack are of a fixed size. */
#if defined(__has_attribute)
#if __has_attribute(no_stack_protector)
#define SOCKET_NO_CANARY __attribute__((no_stack_protector))
#endif
#endif
#ifndef SOCKET_NO_CANARY
#define SOCKET_NO_CANARY
#endif

/* ------------------------------------------------------------ tracepoints */

/*
 * The event of a handler that this one may have interrupted: stap keeps its handlers apart, and
 * the gate runs ahead of that.
 */
struct socket_gate_saved {
	struct socket_event event;
	struct socket_call *call;
	u64 entered;			/* of socket_message_call */
	int64_t number;
	struct msghdr *msg;
};

static __always_inline struct socket_gate_saved socket_gate_save(void)
{
	return (struct socket_gate_saved){
		.event = socket_event_save(),
		.call = SOCKET_CALL,
		.entered = this_cpu_read(socket_message_call.entered),
		.number = this_cpu_read(socket_message_call.number),
		.msg = this_cpu_ptr(&socket_message_call)->msg,
	};
}

static __always_inline void socket_gate_restore(struct socket_gate_saved saved)
{
	socket_event_restore(saved.event);
	this_cpu_write(socket_current_call, saved.call);
	this_cpu_write(socket_message_call.entered, saved.entered);
	this_cpu_write(socket_message_call.number, saved.number);
	this_cpu_ptr(&socket_message_call)->msg = saved.msg;
}

/* The time that a message took, from its entry.  probe: the bit of who asks. */
static s64 socket_gate_elapsed(struct sock *sk, bool sends, u32 *probe)
{
	struct socket_gate_saved saved = socket_gate_save();
	s64 elapsed = SOCKET_UNSET;

	socket_event_set_sk(sk);
	if (socket_message_found(sends ? SOCKET_SENDING : SOCKET_RECEIVING, socket_event_sock(),
				 probe))
		elapsed = socket_call_elapsed();
	socket_gate_restore(saved);
	return elapsed;
}

/* The functions that are registered for the tapset's tracepoints, and those of stap. */
#define SOCKET_GATES_TRACED 32
static struct socket_gate_traced {
	struct tracepoint *tracepoint;
	void *stap, *gate, *data;
	u32 probe;			/* the bit of a message whose time it has compared */
} socket_gates_traced[SOCKET_GATES_TRACED];
static bool socket_gates_refused;	/* there were more */

/* The same, for the filters of one of stap's functions, or of an account alone. */
static s64 socket_gate_elapsed_of(void *stap, struct sock *sk, bool sends)
{
	static u32 of_account[2];
	struct socket_gate_traced *slot = socket_gates_traced;
	s64 elapsed;

	while (stap && slot < socket_gates_traced + SOCKET_GATES_TRACED - 1 && slot->stap != stap)
		slot++;
	preempt_disable_notrace();
	elapsed = socket_gate_elapsed(sk, sends, stap ? &slot->probe : &of_account[sends]);
	preempt_enable_notrace();
	return elapsed;
}

/* Does a message that ends pass?  Its entry is not needed any longer, if it does or not. */
static noinline bool socket_gate_passes(void *stap, struct sock *sk, bool sends, int result)
{
	s64 elapsed = SOCKET_UNSET;

	/* The caller has compared them, and there is no account then. */
	if (socket_filters.chosen)
		return true;
	if (socket_filters.slower)
		elapsed = socket_gate_elapsed_of(stap, sk, sends);
	return socket_message_passes(true, NULL, sk) && socket_outcome_passes(result, elapsed);
}

/*
 * SOCKET_GATE_COUNTER(x) defines socket_gate_count_x(), which calls a function for each way that
 * is not inlined; they have the body of socket_gate_counting_x(), with a constant `sends`.
 */
#define SOCKET_GATE_COUNTER(name)					\
static noinline SOCKET_NO_CANARY void					\
socket_gate_count_##name##_sent(struct sock *sk, s64 size)		\
{									\
	socket_gate_counting_##name(sk, true, size);			\
}									\
static noinline SOCKET_NO_CANARY void					\
socket_gate_count_##name##_received(struct sock *sk, s64 size)		\
{									\
	socket_gate_counting_##name(sk, false, size);			\
}									\
static __always_inline void						\
socket_gate_count_##name(struct sock *sk, bool sends, s64 size)		\
{									\
	if (sends)							\
		socket_gate_count_##name##_sent(sk, size);		\
	else								\
		socket_gate_count_##name##_received(sk, size);		\
}

/* Counts any message. */
static __always_inline void socket_gate_counting_ANY(struct sock *sk, bool sends, s64 size)
{
	static u32 probes[2];

	socket_account_count(NULL, sk, sends, socket_result(size), socket_account.timed ?
			     socket_gate_elapsed(sk, sends, &probes[sends]) : SOCKET_UNSET);
}
SOCKET_GATE_COUNTER(ANY)

/*
 * Counts a message that did not fail in the code of its account's form, of which `form` is a
 * constant.
 */
static __always_inline void socket_gate_count_moved(enum socket_account_form form,
						    struct sock *sk, bool sends, s64 size)
{
	/* Saves two tests, which the callers have made. */
	if (size < 0)
		__builtin_unreachable();
	switch (form) {
	case SOCKET_FORM_SIMPLE:
		socket_account_count_simple(sk, sends, size);
		break;
	case SOCKET_FORM_NAMED:
		socket_account_count_form(SOCKET_KEYED(EXECNAME), false, sk, sends, size);
		break;
	case SOCKET_FORM_SIZED:
		socket_account_count_form(SOCKET_KEYED_SIZED, false, sk, sends, size);
		break;
	case SOCKET_FORM_SOCKET:
		socket_account_count_form(SOCKET_KEYED(SOCK), true, sk, sends, size);
		break;
	default:
		socket_gate_count_ANY(sk, sends, size);
	}
}

/* The same for a message that may have failed. */
static __always_inline void socket_gate_count_form(enum socket_account_form form, struct sock *sk,
						   bool sends, s64 size)
{
	if (form != SOCKET_FORM_ANY && size >= 0)
		socket_gate_count_moved(form, sk, sends, size);
	else
		socket_gate_count_ANY(sk, sends, size);
}

static __always_inline void socket_gate_traced(void *stap, struct sock *sk, int result,
					       int flags, bool sends, bool counts,
					       enum socket_account_form form)
{
	if (!socket_session_runs())
		return;
	if (unlikely(socket_filters.any) &&
	    (socket_process_is_not(socket_filters.counted_pid) ||
	     !socket_gate_passes(stap, sk, sends, result))) {
		if (socket_filters.target != SOCKET_FILTER_ACCOUNT)
			return;
	} else if (counts && likely(sk) && result != -EIOCBQUEUED &&
		   /* Some kernels report a part of the pages that are sent, and those twice. */
		   (sends ? !socket_inside_sendpage(sk->sk_socket) : !(flags & MSG_PEEK))) {
		/* The counts are those of a processor. */
		preempt_disable_notrace();
		socket_gate_count_form(form, sk, sends, result);
		preempt_enable_notrace();
	}
	if (stap)
		((socket_traced *)stap)(NULL, sk, result, flags);
}

#define SOCKET_GATE_TRACED(name, sends, counts, stap, form)		\
static SOCKET_NO_CANARY void						\
socket_gate_##name(void *data, struct sock *sk, int result, int flags)	\
{									\
	socket_gate_traced(stap, sk, result, flags, sends, counts, SOCKET_FORM_##form); \
}

/* `data` is stap's function.  Most messages that do not pass need no stack frame. */
#define SOCKET_GATE_HANDLED(name, sends, counts)			\
static noinline SOCKET_NO_CANARY void					\
socket_gate_slow_##name(void *data, struct sock *sk, int result, int flags) \
{									\
	socket_gate_traced(data, sk, result, flags, sends, counts, SOCKET_FORM_ANY); \
}									\
static SOCKET_NO_CANARY void						\
socket_gate_##name(void *data, struct sock *sk, int result, int flags)	\
{									\
	if (!socket_process_is_other() &&				\
	    (!socket_filters.chosen ||					\
	     socket_is_chosen(sk ? READ_ONCE(sk->sk_socket) : NULL)))	\
		socket_gate_slow_##name(data, sk, result, flags);	\
}

SOCKET_GATE_HANDLED(sent, true, false)
SOCKET_GATE_HANDLED(received, false, false)
SOCKET_GATE_HANDLED(counts_sent, true, true)
SOCKET_GATE_HANDLED(counts_received, false, true)

/* In scripts without handlers, a function for each form of an account. */
#define SOCKET_GATE_ONLY(form)						\
	SOCKET_GATE_TRACED(only_##form##_sent, true, true, NULL, form)	\
	SOCKET_GATE_TRACED(only_##form##_received, false, true, NULL, form)
SOCKET_GATE_ONLY(ANY)
SOCKET_GATE_ONLY(SIMPLE)
SOCKET_GATE_ONLY(NAMED)
SOCKET_GATE_ONLY(SIZED)
SOCKET_GATE_ONLY(SOCKET)

/* By way and form. */
static socket_traced *const socket_gates_only[2][SOCKET_FORM_SOCKET + 1] = {
#define SOCKET_GATE_ONLY_OF(way)					\
	{ socket_gate_only_ANY_##way, socket_gate_only_SIMPLE_##way,	\
	  socket_gate_only_NAMED_##way, socket_gate_only_SIZED_##way,	\
	  socket_gate_only_SOCKET_##way }
	SOCKET_GATE_ONLY_OF(sent), SOCKET_GATE_ONLY_OF(received)
};

/* ------------------------------------------------------------ returns */

/* Do the filters exclude the outcome of the current call? */
static noinline bool socket_call_is_filtered(s64 result)
{
	return !socket_outcome_passes(result, socket_call_elapsed());
}

static __always_inline bool socket_outcome_is_filtered(s64 result)
{
	return socket_filters.of_outcome && socket_call_is_filtered(result);
}

/* The same by the register with its result. */
static bool socket_int_is_filtered(struct pt_regs *regs)
{
	return socket_outcome_is_filtered((int)socket_return_register(regs));
}

/* What a function returns for. */
enum socket_gate_of {
	SOCKET_GATE_PINNED,
	SOCKET_GATE_UNPINNED,
	SOCKET_GATE_WRITTEN,		/* only if no function inside has sent the message */
	SOCKET_GATE_SPLICE,		/* only if the protocol has its own */
};

/*
 * Counts the message of a call that returns, and says whether stap's handler shall run.  What
 * is not a message of the account may be another event of the script.
 */
static __always_inline bool
socket_gate_return_unsaved(struct kretprobe_instance *instance, struct pt_regs *regs,
			   bool sends, bool is_int, enum socket_gate_of of, bool counts)
{
	bool pinned = of != SOCKET_GATE_UNPINNED;
	struct socket *sock = (struct socket *)(long)socket_return_key(instance);
	struct socket_call *call = SOCKET_CALL;
	struct sock *sk;
	s64 size;

	if (!sock || !socket_session_runs())
		return true;
	if (pinned)
		socket_event_set(sock);
	else
		socket_event_set_unpinned(sock, call->ino);
	sk = socket_event_sk();
	size = is_int ? (int)socket_return_register(regs) : (long)socket_return_register(regs);
	if (!socket_message_passes(pinned, sock, sk) ||
	    (!socket_filters.chosen && socket_outcome_is_filtered(size)))
		return socket_filters.target == SOCKET_FILTER_ACCOUNT;
	if (!counts || (pinned && !sk) || (of == SOCKET_GATE_WRITTEN && !(call->scope && call->scope->sent)) ||
	    (of == SOCKET_GATE_SPLICE && call->kind != 1))
		return true;
	if (size == -EIOCBQUEUED || (!sends && call->number & MSG_PEEK))
		return true;
	socket_account_count(pinned ? NULL : sock, sk, sends, socket_result(size),
			     call->entered ? socket_call_elapsed() : SOCKET_UNSET);
	return true;
}

static __always_inline bool socket_gate_return(struct kretprobe_instance *instance,
					       struct pt_regs *regs, bool sends, bool is_int,
					       enum socket_gate_of of, bool counts)
{
	struct socket_gate_saved saved = socket_gate_save();
	bool passes = socket_gate_return_unsaved(instance, regs, sends, is_int, of, counts);

	socket_gate_restore(saved);
	return passes;
}

/* Does the script handle messages, apart from counting them? */
static bool socket_gate_handles __read_mostly;

/* Does it count all messages, without their time, and nothing else? */
static bool socket_gate_only_counts __read_mostly;

/* The forms of accounts with keys of several words; sk is pinned, and size 0 or more. */
#define SOCKET_GATE_FORM(form)						\
static __always_inline void						\
socket_gate_counting_##form(struct sock *sk, bool sends, s64 size)	\
{									\
	socket_gate_count_moved(SOCKET_FORM_##form, sk, sends, size);	\
}									\
SOCKET_GATE_COUNTER(form)
SOCKET_GATE_FORM(NAMED)
SOCKET_GATE_FORM(SIZED)
SOCKET_GATE_FORM(SOCKET)

static __always_inline void socket_gate_count(struct sock *sk, bool sends, s64 size)
{
	switch (socket_account.form) {
	case SOCKET_FORM_SIMPLE:
		socket_account_count_simple(sk, sends, size);
		break;
	case SOCKET_FORM_NAMED:
		socket_gate_count_NAMED(sk, sends, size);
		break;
	case SOCKET_FORM_SIZED:
		socket_gate_count_SIZED(sk, sends, size);
		break;
	case SOCKET_FORM_SOCKET:
		socket_gate_count_SOCKET(sk, sends, size);
		break;
	default:
		socket_gate_count_ANY(sk, sends, size);
	}
}

/*
 * The same as below for most messages: the script only counts, the socket is pinned, and the
 * message did not fail.  False for all others.
 */
static __always_inline bool socket_gate_returned(struct socket_call *call,
						 struct pt_regs *regs, bool sends, bool is_int)
{
	struct socket_scope *scope = call->scope;
	u8 kind = scope ? scope->kind : call->kind;
	struct socket *sock = scope ? scope->key : call->key;
	struct sock *sk;
	s64 size = is_int ? (int)socket_return_register(regs) :
			    (long)socket_return_register(regs);

	if (!socket_gate_only_counts || size < 0 || !socket_session_runs())
		return false;
	sk = kind && sock ? sock->sk : NULL;
	if (likely(sk) && (sends || !(call->number & MSG_PEEK)))
		socket_gate_count(sk, sends, size);
	return true;
}

static __always_inline int socket_gate_run(struct kretprobe_instance *instance,
					   struct pt_regs *regs, bool sends, bool is_int,
					   enum socket_gate_of of, bool counts)
{
	struct socket_call *call = (struct socket_call *)instance->data;
	struct socket_scope *scope = call->scope;

	if (!(counts && of == SOCKET_GATE_PINNED &&
	      likely(socket_gate_returned(call, regs, sends, is_int))) &&
	    socket_gate_return(instance, regs, sends, is_int, of, counts) &&
	    socket_gate_handles &&
	    !(unlikely(READ_ONCE(socket_stap_any_muted)) &&
	      socket_stap_is_muted(get_kretprobe(instance))))
		socket_stap_handler(instance, regs);
	socket_scope_leave(scope);
	return 0;
}

/* SOCKET_GATE(x, ...) defines the handlers of the return that x is the entry handler of. */
#define SOCKET_GATE(name, sends, is_int, of)				\
static SOCKET_NO_CANARY int						\
socket_gate_##name(struct kretprobe_instance *instance, struct pt_regs *regs) \
{									\
	return socket_gate_run(instance, regs, sends, is_int, SOCKET_GATE_##of, false); \
}									\
static SOCKET_NO_CANARY int						\
socket_gate_counts_##name(struct kretprobe_instance *instance, struct pt_regs *regs) \
{									\
	return socket_gate_run(instance, regs, sends, is_int, SOCKET_GATE_##of, true); \
}

/* ------------------------------------------------------------ in the probes of socket.stp */

/*
 * Do the filters of sockets exclude a socket?  Nothing may pin it.  asked: a name to compare
 * instead of the peer's; or NULL.
 */
static noinline bool socket_sk_is_filtered(struct socket *sock, struct sock *sk,
					   struct socket_name *asked)
{
	u32 set = socket_filters.of_socket;

	return set && (!socket_sk_passes_set(false, sk, set, asked) ||
		       (sock && !socket_still_has(sock, sk)));
}

static __always_inline bool socket_event_sk_is_filtered(struct socket_name *asked)
{
	return socket_sk_is_filtered(socket_event_sock(), socket_event_sk(), asked);
}

static noinline bool socket_event_message_is_filtered(void)
{
	struct socket *sock = socket_event_sock();
	struct sock *sk = socket_event_sk();

	return !socket_message_passes(false, sock, sk) || (sock && !socket_still_has(sock, sk));
}

static __always_inline bool socket_event_is_filtered(struct socket_name *asked)
{
	return !socket_process_passes() || socket_event_sk_is_filtered(asked);
}

/*
 * The event of a tracepoint, which belongs to no process: filters of processes do not apply.
 * Without a socket its packet is compared, which has no namespace.
 */
static noinline bool socket_traced_is_filtered(struct socket_traced *event)
{
	u32 set = socket_filters.of_socket;
	struct sock *sk = socket_event_sk();
	struct socket_name local, remote;
	s64 protocol;

	if (!set || !event)
		return false;
	if (sk)
		return socket_sk_is_filtered(event->pinned ? NULL : socket_event_sock(), sk, NULL);
	protocol = socket_traced_protocol(event);
	socket_traced_end(event, false, &local);
	socket_traced_end(event, true, &remote);
	return !socket_kind_passes(set, socket_traced_family(event), socket_packet_type(protocol),
				   protocol) ||
	       socket_filter_fails(NETNS, set, SOCKET_UNSET) ||
	       socket_filter_fails(LPORT, set, socket_name_number(&local)) ||
	       socket_filter_fails(RPORT, set, socket_name_number(&remote)) ||
	       (set & SOCKET_FILTERED(LADDR) && !socket_networks_pass(true, NULL, false, &local)) ||
	       (set & SOCKET_FILTERED(RADDR) && !socket_networks_pass(true, NULL, true, &remote));
}

/* A socket that is gone has no values. */
static noinline bool socket_closed_is_filtered(void)
{
	u32 set = socket_filters.of_socket;

	return !socket_process_passes() ||
	       (set && !socket_sk_passes_set(false, NULL, set, NULL));
}

/* A socket that does not exist, or not yet, has neither ports nor addresses. */
static noinline bool socket_create_is_filtered(struct net *net, s64 family, s64 type,
					       s64 protocol)
{
	u32 set = socket_filters.of_socket;

	return !socket_process_passes() || !socket_kind_passes(set, family, type, protocol) ||
	       (set & SOCKET_FILTERS_OF_PORTS && !socket_ends_pass(false, NULL, set, NULL)) ||
	       socket_filter_fails(NETNS, set, socket_value_netns(net));
}

static bool socket_create_return_is_filtered(void)
{
	struct socket_call *call = SOCKET_CALL;
	s64 protocol = socket_value_unpinned(socket_event_sock(), sk,
					     socket_value_protocol(false, sk));

	return socket_create_is_filtered(call->create.net, call->create.family,
					 call->create.type,
					 protocol < 0 ? call->create.protocol : protocol);
}

/*
 * For an attempt: by its outcome and by the process that connects.  A cgroup is that of the
 * socket.
 */
static noinline bool socket_attempt_is_filtered(bool pinned, struct socket *sock,
						struct sock *sk,
						struct socket_outcome *outcome)
{
	u32 set = socket_filters.of_process;
	struct socket_name asked;

	socket_name_given(pinned ? NULL : sock, sk, outcome->address, outcome->length, false,
			  &asked);
	return !socket_outcome_passes(outcome->result, outcome->elapsed) ||
	       socket_filter_fails(PID, set, outcome->pid) ||
	       (set & SOCKET_FILTERED(EXECNAME) && !socket_filter_has_name(outcome->execname) &&
		!socket_filter_has_name(outcome->leader)) ||
	       socket_filter_fails(UID, set, socket_get_nofault(sk, sk_uid.val, SOCKET_UNSET)) ||
	       (set & SOCKET_FILTERED(CGROUP) && !socket_filter_has_cgroup_of(sk)) ||
	       (set & SOCKET_FILTERED(TREE) && !socket_filter_has_process(outcome->pid)) ||
	       socket_sk_is_filtered(sock, sk, &asked);
}

static bool socket_connected_is_filtered(struct socket_outcome *outcome)
{
	return socket_attempt_is_filtered(true, socket_event_sock(), socket_event_sk(), outcome);
}

/* An attempt that goes on when a script ends, which is its only reader. */
static struct socket_outcome socket_pending;
static struct socket *socket_pending_sock;

/*
 * Copies an attempt that goes on and passes the filters.  A connect(2) of a UNIX socket waits
 * for its outcome; other sockets have a state for that.  Nothing pins the socket.
 */
static noinline bool socket_attempt_goes_on(struct socket_attempt *at)
{
	struct sock *sk = smp_load_acquire(&at->sk);
	struct socket *sock = socket_get_pointer_nofault(sk, sk_socket);
	int64_t state = socket_value_state(false, sock);

	if (READ_ONCE(at->ended) != SOCKET_ATTEMPT_RUNS ||
	    state != (socket_value_family(false, sk) == AF_UNIX ? SS_UNCONNECTED :
								  SS_CONNECTING))
		return false;
	socket_pending_sock = sock;
	return socket_attempt_ends(at, sk, -EINPROGRESS, SOCKET_UNSET, &socket_pending) &&
	       !socket_attempt_is_filtered(false, sock, sk, &socket_pending) &&
	       socket_still_has(sock, sk);
}

/* ------------------------------------------------------------ returns of other events */

/*
 * Do the filters exclude the event of a function that returns?  Each sets the event as stap's
 * handler will.  A call that is not an event is excluded, too.
 */

static bool socket_excludes_message(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return !socket_return_sock(instance) ||
	       !socket_message_passes(true, socket_event_sock(), socket_event_sk()) ||
	       (!socket_filters.chosen &&
		socket_outcome_is_filtered((long)socket_return_register(regs)));
}

static bool socket_excludes_pinned(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return !socket_return_sock(instance) || socket_int_is_filtered(regs) ||
	       socket_event_sk_is_filtered(NULL);
}

static bool socket_excludes_unpinned(struct kretprobe_instance *instance,
				     struct pt_regs *regs)
{
	return !socket_return_sock_unpinned(instance) || socket_int_is_filtered(regs) ||
	       socket_event_sk_is_filtered(NULL);
}

static bool socket_excludes_closed(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return !socket_return_key(instance) || socket_outcome_is_filtered(0) ||
	       socket_closed_is_filtered();
}

/* A call whose attempt goes on has not failed. */
static bool socket_connect_outcome_is_filtered(struct pt_regs *regs)
{
	s64 result = socket_result((int)socket_return_register(regs));

	return socket_outcome_is_filtered(socket_attempt_is_pending(socket_event_sock(), result) ?
					  0 : result);
}

/*
 * The call may also end its attempt, whose owner and cgroup are those of the socket.  An
 * excluded attempt ends as well, so that its place is free.
 */
static noinline bool socket_excludes_connect(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct socket_call *call = socket_set_current_call(instance);
	struct socket_outcome outcome;
	struct socket_name name;

	socket_event_set(call->key);
	socket_name_given(NULL, socket_event_sk(), call->address.at, call->address.length, false,
			  &name);
	if (!socket_event_sk_is_filtered(&name) && socket_process_passes() &&
	    !socket_connect_outcome_is_filtered(regs))
		return false;
	if (!socket_call_ends_attempt(call, regs, &outcome))
		return true;
	if (!socket_connected_is_filtered(&outcome))
		return false;
	socket_attempt_end(socket_event_sk(), SOCKET_ATTEMPT_ENDED_BY_CALL);
	return true;
}

/* __sock_create() inside socket(2) or socketpair(2) is not the event, and its scope is theirs. */
static bool socket_excludes_created(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct socket_call *call = (struct socket_call *)instance->data;
	int64_t key;

	if (call->scope)
		return false;
	key = socket_return_key(instance);
	if (!key)
		return true;
	socket_event_set_created(key, socket_result((int)socket_return_register(regs)));
	return socket_int_is_filtered(regs) || socket_create_return_is_filtered();
}

/* Both sockets of a pair are alike for the filters. */
static bool socket_excludes_sys_created(struct kretprobe_instance *instance,
					struct pt_regs *regs)
{
	struct socket_call *call = socket_set_current_call(instance);
	struct socket_scope *scope = call ? call->scope : NULL;

	if (!scope)
		return true;
	call->create = scope->call->create;
	socket_event_set_unpinned((int)socket_return_register(regs) < 0 ? NULL : scope->key,
				  scope->ino);
	return socket_int_is_filtered(regs) || socket_create_return_is_filtered();
}

/* An accepted socket, or after an error its listener. */
#define SOCKET_EXCLUDES_ACCEPTED(name, listener, is, sets)		\
static bool socket_excludes_##name##_accepted(struct kretprobe_instance *instance, \
					      struct pt_regs *regs)	\
{									\
	int64_t from = listener;					\
	int64_t result = is;						\
									\
	if (!from)							\
		return true;						\
	sets;								\
	return socket_outcome_is_filtered(result) ||			\
	       socket_event_sk_is_filtered(NULL);			\
}
#define SOCKET_INT_RESULT socket_result((int)socket_return_register(regs))
SOCKET_EXCLUDES_ACCEPTED(sys, socket_return_sys_accept(instance, regs), SOCKET_INT_RESULT,
			 socket_event_set_sys_accepted(from, result))
SOCKET_EXCLUDES_ACCEPTED(uring, socket_return_key(instance), SOCKET_INT_RESULT,
			 socket_event_set_sys_accepted(from, result))
SOCKET_EXCLUDES_ACCEPTED(kernel, socket_return_key(instance), SOCKET_INT_RESULT,
			 socket_event_set_kernel_accepted(from, result))
SOCKET_EXCLUDES_ACCEPTED(file, socket_return_key(instance), socket_result_of_file(regs),
			 socket_event_set_file_accepted(from, result, regs))

static __always_inline bool
socket_gate_excludes(struct kretprobe_instance *instance, struct pt_regs *regs,
		     bool (*excludes)(struct kretprobe_instance *, struct pt_regs *))
{
	struct socket_gate_saved saved = socket_gate_save();
	bool excluded = excludes(instance, regs);

	socket_gate_restore(saved);
	return excluded;
}

#define SOCKET_GATE_EVENT(name, excludes, at_return)			\
static int socket_gate_event_##name(struct kretprobe_instance *instance, \
				    struct pt_regs *regs)		\
{									\
	struct socket_scope *scope = ((struct socket_call *)instance->data)->scope; \
									\
	if (!socket_gate_excludes(instance, regs, socket_excludes_##excludes)) \
		return at_return(instance, regs);			\
	socket_scope_leave(scope);					\
	return 0;							\
}

/* ------------------------------------------------------------ probes of entries */

/* Do the filters exclude the event of a function that begins?  It holds the socket. */

static bool socket_call_excludes_SOCKET(struct pt_regs *regs, struct socket *sock)
{
	return socket_sk_is_filtered(sock, socket_sk(sock), NULL);
}

static bool socket_call_excludes_MESSAGE(struct pt_regs *regs, struct socket *sock)
{
	return socket_filters.chosen ? !socket_is_chosen(sock) :
				       socket_call_excludes_SOCKET(regs, sock);
}

static bool socket_call_excludes_ASKED(struct pt_regs *regs, struct socket *sock)
{
	struct sock *sk = socket_sk(sock);
	struct socket_name name;

	socket_name_given(NULL, sk, socket_argument(regs, 1),
			  (int)socket_argument_value(regs, 2), false, &name);
	return socket_sk_is_filtered(sock, sk, &name);
}

static bool socket_call_excludes_CREATED(struct pt_regs *regs, struct socket *sock)
{
	return socket_create_is_filtered(socket_argument(regs, 0),
					 (int)socket_argument_value(regs, 1),
					 (int)socket_argument_value(regs, 2),
					 (int)socket_argument_value(regs, 3));
}

/*
 * SOCKET_GATE_CALL(x, ...) defines the handler of the entry of x, and of others like it, in the
 * place of stap's.
 */
#define SOCKET_GATE_CALL(name, compared, is)				\
static noinline int socket_gate_call_slow_##name(struct kprobe *probe, struct pt_regs *regs) \
{									\
	return socket_call_excludes_##compared(regs, is) ?		\
		0 : socket_stap_entry_handler(probe, regs);		\
}									\
static int socket_gate_call_##name(struct kprobe *probe, struct pt_regs *regs) \
{									\
	return socket_call_may_pass() ? socket_gate_call_slow_##name(probe, regs) : 0; \
}

#include "socket_gates_derived.h"

/* ------------------------------------------------------------ states of TCP */

/*
 * Follows attempts to connect ahead of stap's handler, which runs if one ends and passes, and
 * then follows it itself: it may be skipped, and the return of the call is the event.
 */
static noinline bool socket_gate_state_passes(struct sock *sk, int old, int state)
{
	struct socket_gate_saved saved;
	struct socket_outcome outcome;
	bool passes;

	if (!socket_session_runs() ||
	    !socket_attempt_follow_tcp(sk, old, state, socket_inside_connect(sk), &outcome))
		return false;
	saved = socket_gate_save();
	socket_event_set_sk(sk);
	passes = !socket_connected_is_filtered(&outcome);
	socket_gate_restore(saved);
	if (!passes)
		socket_attempt_end(sk, SOCKET_ATTEMPT_ENDED_BY_TCP);
	return passes;
}

static void socket_gate_state_handler(void *stap, const struct sock *sk, const int old,
				      const int state)
{
	void (*handler)(void *, const struct sock *, const int, const int) = stap;
	struct socket_event interrupted;

	preempt_disable_notrace();
	interrupted = socket_event_save();
	handler(NULL, sk, old, state);
	socket_event_restore(interrupted);
	preempt_enable_notrace();
}

static void socket_gate_state(void *stap, const struct sock *sk, const int old,
			      const int state)
{
	bool passes;

	preempt_disable_notrace();
	passes = socket_gate_state_passes((struct sock *)sk, old, state);
	preempt_enable_notrace();
	if (passes)
		socket_gate_state_handler(stap, sk, old, state);
}

/* The same for systemtap before 5.2, which probes tcp_set_state(). */
static int socket_gate_call_state(struct kprobe *probe, struct pt_regs *regs)
{
	struct sock *sk = socket_argument(regs, 0);

	return socket_gate_state_passes(sk, socket_value_tcp_state(true, sk),
					(int)socket_argument_value(regs, 1)) ?
		socket_stap_entry_handler(probe, regs) : 0;
}

/* The gate of an entry, or NULL. */
static kprobe_pre_handler_t socket_gate_of_call(const char *function)
{
	static const struct {
		const char *function;
		kprobe_pre_handler_t gate;
		bool moves;
	} calls[] = { SOCKET_GATE_CALLS };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i].function, function))
			return calls[i].moves ||
			       socket_filters.target != SOCKET_FILTER_MESSAGES ?
				calls[i].gate : NULL;
	return NULL;
}

/* ------------------------------------------------------------ registration */

/* Allocates the account, before the first probe is registered. */
static bool socket_gate_prepare(void)
{
	static bool tried, prepared;

	if (!tried) {
		prepared = socket_account_allocate();
		if (!prepared)
			_stp_error("no memory for an account of %lu lines: fewer with -DSOCKET_ACCOUNT_LINES=N or -DSOCKET_ACCOUNT_SOCKETS=N",
				   socket_account.lines);
		socket_gate_only_counts = !socket_gate_handles && !socket_filters.any &&
					  !socket_account.timed;
	}
	tried = true;
	return prepared;
}

static int socket_gate_register_directly(struct tracepoint *tracepoint, void *probe, void *data)
{
	int result = tracepoint_probe_register(tracepoint, probe, data);

	/* stap ignores it. */
	if (result) {
		_stp_error("the tracepoint %s cannot be registered (error %d)", tracepoint->name,
			   result);
		atomic_set(socket_session, socket_session_error);
	}
	return result;
}

/* How many of a script's probes of a tracepoint are registered. */
static size_t socket_gate_n_traced(struct tracepoint *tracepoint)
{
	size_t i, n = 0;

	for (i = 0; i < SOCKET_GATES_TRACED; i++)
		n += socket_gates_traced[i].tracepoint == tracepoint;
	return n;
}

/* The function in the place of stap's; NULL if none has to run. */
static void *socket_gate_of_messages(bool receives, void *stap, bool only_counts,
				     const struct socket_gate_mode *mode,
				     socket_traced *const gates[2][2],
				     socket_traced *const (*only)[SOCKET_FORM_SOCKET + 1])
{
	static bool counted[2];
	bool counts = mode->counts && !counted[receives];

	if ((counts || mode->filters) && socket_filters.slower && !socket_filters.chosen &&
	    !mode->timed[receives]) {
		socket_session_end("socket_filter_slower: this script's probes of messages have no time; use those with .timed, or socket_account_timed()");
		return NULL;
	}
	counted[receives] |= counts;
	if (only_counts)
		return counts ? only[receives][socket_account.form] : NULL;
	return counts || mode->filters ? gates[receives][counts] : stap;
}

/*
 * Registers the function of a tracepoint for stap, without a gate if none is used, or for a
 * probe of the script itself.
 */
static int socket_gate_register(struct tracepoint *tracepoint, void *stap, void *data,
				struct socket_stap_traced probe,
				const struct socket_gate_mode *mode,
				socket_traced *const gates[2][2],
				socket_traced *const (*only)[SOCKET_FORM_SOCKET + 1])
{
	static const char *const names[] = {
		"sock_send_length", "sock_recv_length", "inet_sock_set_state",
	};
	struct socket_gate_traced *slot = socket_gates_traced;
	size_t of = 0;
	bool only_counts;
	void *gate = stap;
	int result;

	while (of < ARRAY_SIZE(names) && strcmp(tracepoint->name, names[of]))
		of++;
	if (!(mode->gates || mode->idle) || of == ARRAY_SIZE(names) || !mode->traces[of])
		return socket_gate_register_directly(tracepoint, stap, data);
	only_counts = of < 2 && !socket_gate_handles && !strncmp(probe.name, "__socket_", 9);
	if (!probe.is_own)
		gate = of < 2 ? socket_gate_of_messages(of, stap, only_counts, mode, gates, only) :
		       mode->state ? mode->state : socket_gate_state_handler;
	while (slot < socket_gates_traced + SOCKET_GATES_TRACED && slot->tracepoint)
		slot++;
	if (slot == socket_gates_traced + SOCKET_GATES_TRACED) {
		socket_gates_refused = true;
		socket_session_end("too many probes of tracepoints for the filters");
		return -ENOSPC;
	}
	slot->tracepoint = tracepoint;
	slot->stap = stap;
	slot->gate = gate;
	slot->data = gate == stap ? data : only_counts ? NULL : stap;
	result = gate ? socket_gate_register_directly(tracepoint, gate, slot->data) : 0;
	/* stap unregisters it even so. */
	if (result)
		slot->gate = NULL;
	return result;
}

static int socket_gate_unregister(struct tracepoint *tracepoint, void *stap, void *data)
{
	struct socket_gate_traced *slot = socket_gates_traced;

	for (; slot < socket_gates_traced + SOCKET_GATES_TRACED; slot++)
		if (slot->tracepoint == tracepoint && slot->stap == stap) {
			slot->tracepoint = NULL;
			return slot->gate ? tracepoint_probe_unregister(tracepoint, slot->gate,
									slot->data) : 0;
		}
	return socket_gates_refused ? 0 : tracepoint_probe_unregister(tracepoint, stap, data);
}

/* For the probes of socket.stp; constants in scripts without filters. */
#define SOCKET_HAS_FILTERS						\
	(SOCKET_GATES_USED && unlikely(socket_filters.any) &&		\
	 socket_filters.target != SOCKET_FILTER_ACCOUNT)
#define SOCKET_SKIPS_FILTERED						\
	(SOCKET_HAS_FILTERS && socket_filters.target != SOCKET_FILTER_MESSAGES)

#define SOCKET_GATES_USED						\
	(__is_defined(SOCKET_USES_FILTERS) || __is_defined(SOCKET_USES_ACCOUNT))

/* The functions of the gate, or NULL in scripts that need none. */
#define SOCKET_TRACED_GATES						\
	{ { SOCKET_GATES_USED ? socket_gate_sent : NULL,		\
	    SOCKET_GATE_COUNTS(socket_gate_counts_sent) },		\
	  { SOCKET_GATES_USED ? socket_gate_received : NULL,		\
	    SOCKET_GATE_COUNTS(socket_gate_counts_received) } }
#define SOCKET_GATE_COUNTS(gate)					\
	(__is_defined(SOCKET_USES_ACCOUNT) ? (gate) : NULL)
#define SOCKET_GATES_ONLY						\
	(__is_defined(SOCKET_USES_ACCOUNT) && !__is_defined(SOCKET_HANDLES_MESSAGES) ? \
	 socket_gates_only : NULL)

#define SOCKET_GATE_MODE						\
(&(const struct socket_gate_mode){					\
	.gates = SOCKET_GATES_USED &&					\
		 (socket_account.set || socket_filters.any),		\
	.counts = __is_defined(SOCKET_USES_ACCOUNT) && socket_account.set, \
	.filters = SOCKET_HAS_FILTERS,					\
	.traces = { __is_defined(SOCKET_SENT_TRACED), __is_defined(SOCKET_RECEIVED_TRACED), \
		    __is_defined(SOCKET_WANT_ATTEMPTS) },		\
	.timed = { __is_defined(SOCKET_WANT_sendmsg_hook),		\
		   __is_defined(SOCKET_WANT_recvmsg_hook) },		\
	.idle = __is_defined(SOCKET_USES_ACCOUNT) && !socket_account.set && \
		!socket_gate_handles,					\
	.skips = __is_defined(SOCKET_USES_FILTERS) && SOCKET_HAS_FILTERS && \
		 (socket_filters.chosen ? socket_filters.chosen_at_entry : \
					  socket_filters.of_process != 0), \
	.skips_messages = socket_filters.target == SOCKET_FILTER_MESSAGES, \
	.gate_of_call = __is_defined(SOCKET_USES_FILTERS) && SOCKET_HAS_FILTERS ? \
			socket_gate_of_call : NULL,			\
	.state = SOCKET_GATE_FOLLOWS ? socket_gate_state : NULL,	\
	.state_call = SOCKET_GATE_FOLLOWS ? socket_gate_call_state : NULL, \
})

#define SOCKET_GATE_FOLLOWS						\
	(__is_defined(SOCKET_USES_FILTERS) && __is_defined(SOCKET_WANT_ATTEMPTS) && \
	 SOCKET_SKIPS_FILTERED)

#define SOCKET_GATE_PREPARE						\
	(socket_gate_handles = __is_defined(SOCKET_HANDLES_MESSAGES) ||	\
			       !__is_defined(SOCKET_USES_ACCOUNT),	\
	 !__is_defined(SOCKET_USES_ACCOUNT) || socket_gate_prepare())

#define SOCKET_GATE_END							\
	(__is_defined(SOCKET_USES_ACCOUNT) ? socket_account_free() : (void)0)

#define tracepoint_probe_register(tracepoint, probe, data)		\
({									\
	static socket_traced *const __gates[2][2] = SOCKET_TRACED_GATES; \
									\
	SOCKET_STAP_SESSION;						\
	SOCKET_GATE_PREPARE ?						\
		socket_gate_register(tracepoint, probe, data,		\
				     SOCKET_STAP_TRACED(tracepoint->name, \
					socket_gate_n_traced(tracepoint)), \
				     SOCKET_GATE_MODE, __gates, SOCKET_GATES_ONLY) : \
		-ENOMEM;						\
})
#define tracepoint_probe_unregister(tracepoint, probe, data)		\
	socket_gate_unregister(tracepoint, probe, data)

#endif
