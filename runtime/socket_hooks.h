/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the functions that call a security hook.
 *
 * A socket call becomes an event in the function that calls its security hook.  A compiler
 * may put copies of this function into the functions that call it.  Some calls then do not
 * pass the function, though it is still there, and neither the kernel's symbols nor its types
 * show that.  Its instructions do.  Before the first return is registered, this reads those
 * around net/socket.c and finds each call of a hook.
 *
 * If a function calls a hook and the script does not probe that function, the script ends
 * with an error, because it would miss events.  If no call is found, as on an architecture that
 * is missing below, the hook is assumed to have the callers of the source.
 */
#ifndef SOCKET_TAPSET_HOOKS_H
#define SOCKET_TAPSET_HOOKS_H

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "socket_scopes_derived.h"

/* Bytes before and after sock_sendmsg() in which calls are looked for; net/socket.c has 40,000. */
#define SOCKET_HOOKS_NEAR 0x40000
#define SOCKET_HOOK_CALLS_MOST 32

struct socket_hook_call {
	const char *hook;
	char function[40];	/* with the compiler's suffix if it is a clone, such as .isra.0 */
};

static struct socket_hook_call socket_hook_calls[SOCKET_HOOK_CALLS_MOST];
static int socket_hook_calls_found;

/*
 * The target of the call or jump at an address, or 0.  code has SOCKET_CALL_BYTES bytes of it.
 * Calls are SOCKET_CALL_STEP bytes apart, or a multiple of it.
 */
#if defined(CONFIG_X86)
#define SOCKET_CALL_BYTES 5
#define SOCKET_CALL_STEP 1
static unsigned long socket_call_target(const u8 *code, unsigned long at)
{
	s32 offset;

	if (code[0] != 0xe8 && code[0] != 0xe9)
		return 0;
	memcpy(&offset, code + 1, sizeof(offset));
	return at + SOCKET_CALL_BYTES + offset;
}
#elif defined(CONFIG_ARM64)
#define SOCKET_CALL_BYTES 4
#define SOCKET_CALL_STEP 4
static unsigned long socket_call_target(const u8 *code, unsigned long at)
{
	u32 instruction = code[0] | code[1] << 8 | code[2] << 16 | (u32)code[3] << 24;

	if ((instruction & 0x7c000000) != 0x14000000)
		return 0;
	return at + (((s32)(instruction << 6) >> 6) * 4L);
}
#endif

#ifdef SOCKET_CALL_BYTES
/* The name of the function at an address. */
static void socket_function_name(unsigned long at, char *name, size_t size)
{
	char symbol[KSYM_SYMBOL_LEN];
	char *start = symbol, *cold;

	sprint_symbol_no_offset(symbol, at);
	/* The bytes before a function, where some kernels enter it. */
	if (!strncmp(start, "__pfx_", 6) || !strncmp(start, "__cfi_", 6))
		start += 6;
	/* The part of a function that seldom runs, which the compiler puts elsewhere. */
	cold = strstr(start, ".cold");
	if (cold)
		*cold = 0;
	strscpy(name, start, size);
}

/* A call enters a hook at its first byte, or a few bytes before or after it. */
static bool socket_call_is_of_hook(unsigned long target, const struct kprobe *hook)
{
	char name[sizeof(socket_hook_calls->function)];

	if (target - (unsigned long)hook->addr + 32 > 64)
		return false;
	socket_function_name(target, name, sizeof(name));
	return !strncmp(name, hook->symbol_name, sizeof(name) - 1);
}

static void socket_hook_calls_add(unsigned long at, const struct kprobe *hook)
{
	struct socket_hook_call *call = &socket_hook_calls[socket_hook_calls_found];

	call->hook = hook->symbol_name;
	socket_function_name(at, call->function, sizeof(call->function));
	socket_hook_calls_found++;
}

/* Finds the calls of the hooks in the instructions near sock_sendmsg(); false: too many. */
static bool socket_hook_calls_read(struct kprobe **hooks, int n)
{
	unsigned long at = (unsigned long)&sock_sendmsg & -16UL, end = at + SOCKET_HOOKS_NEAR;
	u8 code[256 + SOCKET_CALL_BYTES - 1];
	unsigned long target;
	int i, hook;

	for (at -= SOCKET_HOOKS_NEAR; at < end; at += 256) {
		if (copy_from_kernel_nofault(code, (void *)at, sizeof(code)))
			continue;
		for (i = 0; i < 256; i += SOCKET_CALL_STEP) {
			target = socket_call_target(code + i, at + i);
			for (hook = 0; target && hook < n; hook++)
				if (socket_call_is_of_hook(target, hooks[hook])) {
					if (socket_hook_calls_found == SOCKET_HOOK_CALLS_MOST)
						return false;
					socket_hook_calls_add(at + i, hooks[hook]);
				}
		}
	}
	return true;
}

/* A kprobe finds the address of a hook; modules have no other way. */
static bool socket_hook_calls_find(const char *const *hooks, int n)
{
	static struct kprobe probes[SOCKET_HOOKS];
	struct kprobe *found[SOCKET_HOOKS];
	int i, n_found = 0;
	bool all;

	for (i = 0; i < n; i++) {
		probes[i].symbol_name = hooks[i];
		if (!register_kprobe(&probes[i]))
			found[n_found++] = &probes[i];
	}
	all = socket_hook_calls_read(found, n_found);
	unregister_kprobes(found, n_found);
	return all;
}
#else
static bool socket_hook_calls_find(const char *const *hooks, int n)
{
	return true;
}
#endif

/* Does the function call the hook?  If it is NULL: does any? */
static bool socket_calls_hook(const char *function, const char *hook)
{
	int i;

	for (i = 0; i < socket_hook_calls_found; i++)
		if (!strcmp(socket_hook_calls[i].hook, hook) &&
		    (!function || !strcmp(socket_hook_calls[i].function, function)))
			return true;
	return false;
}

#endif
