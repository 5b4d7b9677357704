// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All the C of the tapset as one module, to compile it without stap for any architecture.
 * `tapset.h` is made by module.awk.  The declarations below are in the place of stap's
 * runtime; runtime/socket_stap.h lists what the tapset expects of it.
 */
#include <linux/sched/task_stack.h> /* asm/ptrace.h of powerpc needs it */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>

#define MAXSTRINGLEN 256
#define STAP_SESSION_STARTING 0
#define STAP_SESSION_RUNNING 1
#define STAP_SESSION_ERROR 2
#define STP_OVERLOAD_THRESHOLD 500000000LL
#define INTERRUPTIBLE 1

struct context {
	struct pt_regs *kregs;
	struct {
		struct {
			struct kretprobe_instance *pi;
		} krp;
	} ips;
	const char *last_error;
	long long cycles_sum;
	int actionremaining;
};

/* The arguments of a tracepoint, as stap 5 names them. */
struct arguments {
	int64_t l___tracepoint_arg_arg1, l___tracepoint_arg_sk;
};

static atomic_t session = ATOMIC_INIT(STAP_SESSION_RUNNING);
static atomic_t skipped = ATOMIC_INIT(0);
static atomic_t _stp_transport_failures = ATOMIC_INIT(0);
static pid_t _stp_target;
static struct context only;

#define CONTEXT c
#define session_state() (&session)
#define skipped_count() (&skipped)
#define _stp_error(format, ...) pr_err(format "\n", ##__VA_ARGS__)

#ifndef HAVE_GET_KRETPROBE
#define get_kretprobe(instance) ((instance)->rp)
#endif

#include "tapset.h"

/* As in stap's runtime: the macro of socket_stap.h also matches the definition. */
static struct context *_stp_runtime_entryfn_get_context(void)
{
	return &only;
}

struct stap_kprobe {
	const char *symbol_name;
	const struct {
		const char *pn;
	} *probe;
};

static int handler(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct context *c = _stp_runtime_entryfn_get_context();

	return c && c->cycles_sum > STP_OVERLOAD_THRESHOLD;
}

static struct stap_kprobe socket_function = { .symbol_name = "sock_close" };
static struct kretprobe a_return = { .handler = handler };
static struct kprobe an_entry;

static int __init begin(void)
{
	const struct stap_kprobe *skp = &socket_function;

	if (register_kretprobe(&a_return) || disable_kretprobe(&a_return))
		return -EINVAL;
	return register_kprobe(&an_entry);
}

static void __exit end(void)
{
	unregister_kprobe(&an_entry);
	unregister_kretprobe(&a_return);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("the C of the socket tapset");
MODULE_LICENSE("GPL");
