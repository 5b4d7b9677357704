/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the account, in which C code counts messages ahead of stap's handlers.
 *
 * A script sets what to count by in probe begin; the memory is allocated before the first
 * probe is registered.  A line has a key of some words, and the first word holds all that is
 * read without a jump.  The keys are shared by all processors, and written once.  Each
 * processor has its own counts, which only grow: the reader keeps what it has taken, so no
 * count needs an atomic operation.  An account by socket has one set of counts instead, which
 * the reader takes with an exchange, because a machine may have more sockets than lines fit
 * in the memory of each processor.
 *
 * No lock, no allocation, no wait.  A key may be in two shelves of eight places, as in the
 * tables of the tools.  If none is free, the message is counted as lost.
 */
#ifndef SOCKET_TAPSET_ACCOUNTS_H
#define SOCKET_TAPSET_ACCOUNTS_H

#include <asm/local64.h>
#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timex.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include "socket_classes.h"
#include "socket_filters.h"

/* Lines of an account; stap -DSOCKET_ACCOUNT_LINES=N.  The tools have their own default. */
#ifndef SOCKET_ACCOUNT_LINES
#ifdef SOCKET_TALLIES
#define SOCKET_ACCOUNT_LINES SOCKET_TALLIES
#else
#define SOCKET_ACCOUNT_LINES 4096
#endif
#endif
/* The same of an account by socket. */
#ifndef SOCKET_ACCOUNT_SOCKETS
#ifdef SOCKET_NOTES
#define SOCKET_ACCOUNT_SOCKETS SOCKET_NOTES
#else
#define SOCKET_ACCOUNT_SOCKETS 131072
#endif
#endif
/* So many times as many in an account by fine classes. */
#define SOCKET_ACCOUNT_FINER 4
#if SOCKET_ACCOUNT_LINES < 8 || SOCKET_ACCOUNT_SOCKETS < 8
#error "-DSOCKET_ACCOUNT_LINES=N, -DSOCKET_ACCOUNT_SOCKETS=N: N is 8 or more"
#endif

/* The keys of an account; the first five are parts of its first word. */
#define SOCKET_ACCOUNT_KEYS(X)						\
	X(PID, "pid") X(FAMILY, "family") X(TYPE, "type")		\
	X(PROTOCOL, "protocol") X(WAY, "way") X(LPORT, "lport")		\
	X(RPORT, "rport") X(ERRNO, "errno") X(SIZE_CLASS, "size_class")	\
	X(SIZE_FINE, "size_fine") X(TIME_CLASS, "time_class")		\
	X(TIME_FINE, "time_fine") X(EXECNAME, "execname")		\
	X(CGROUP, "cgroup") X(SOCK, "sock") X(LADDR, "laddr") X(RADDR, "raddr")

enum socket_account_key {
#define SOCKET_ACCOUNT_KEY(of, name) SOCKET_KEY_##of,
	SOCKET_ACCOUNT_KEYS(SOCKET_ACCOUNT_KEY)
#undef SOCKET_ACCOUNT_KEY
	NR_SOCKET_KEYS
};

#define SOCKET_KEYED(of) (1u << SOCKET_KEY_##of)
#define SOCKET_KEYED_TIME (SOCKET_KEYED(TIME_CLASS) | SOCKET_KEYED(TIME_FINE))

/* The parts of the first word, and of the second; the time has a word of its own. */
#define SOCKET_WORD_PID GENMASK_ULL(31, 0)
#define SOCKET_WORD_TYPE GENMASK_ULL(35, 32)
#define SOCKET_WORD_FAMILY GENMASK_ULL(43, 36)
#define SOCKET_WORD_WAY BIT_ULL(44)
#define SOCKET_WORD_PROTOCOL GENMASK_ULL(63, 48)
#define SOCKET_WORD_LPORT GENMASK_ULL(16, 0)	/* a bit more than a port has: for unset */
#define SOCKET_WORD_RPORT GENMASK_ULL(33, 17)
#define SOCKET_WORD_ERRNO GENMASK_ULL(46, 34)
#define SOCKET_WORD_SIZE GENMASK_ULL(63, 53)	/* at the end: needs no mask */
#define SOCKET_KEYED_SECOND						\
	(SOCKET_KEYED(LPORT) | SOCKET_KEYED(RPORT) | SOCKET_KEYED(ERRNO) | \
	 SOCKET_KEYED(SIZE_CLASS) | SOCKET_KEYED(SIZE_FINE))
#define SOCKET_KEYED_FINE (SOCKET_KEYED(SIZE_FINE) | SOCKET_KEYED(TIME_FINE))

/* Words of a key: the first two, a time, two of a name, a cgroup, a socket, two of each address. */
#define SOCKET_ACCOUNT_WORDS 11
/* In an account by socket, the process of its first message follows the key. */
#define SOCKET_ACCOUNT_OWNER 3

/* What a line counts. */
enum socket_account_count {
	SOCKET_COUNT_SENDS,
	SOCKET_COUNT_RECEIVES,
	SOCKET_COUNT_SENT,
	SOCKET_COUNT_RECEIVED,
	SOCKET_COUNT_SEND_ERRORS,
	SOCKET_COUNT_RECEIVE_ERRORS,
	SOCKET_COUNT_MOST,		/* the largest size, or the longest time */
	NR_SOCKET_COUNTS = 8,		/* a cache line */
};

struct socket_account_counts {
	local64_t count[NR_SOCKET_COUNTS];
};

struct socket_account_taken {
	u64 count[NR_SOCKET_COUNTS];	/* that the reader took before */
	u64 fresh[NR_SOCKET_COUNTS];	/* what the last reading added */
	u64 retired;			/* time, in ns */
};

/* Accounts that have code of their own for most messages. */
enum socket_account_form {
	SOCKET_FORM_ANY,
	SOCKET_FORM_SIMPLE,		/* one word for a key */
	SOCKET_FORM_NAMED,		/* and the name of the process */
	SOCKET_FORM_SIZED,		/* and the class of the size */
	SOCKET_FORM_SOCKET,		/* by socket alone */
};
#define SOCKET_KEYED_SIZED (SOCKET_KEYED(EXECNAME) | SOCKET_KEYED(SIZE_FINE))

/*
 * How long the place of a retired line rests before another one gets it, in ms: a message that
 * had found the line is counted by then, also on a virtual processor that did not run.
 */
#ifndef SOCKET_ACCOUNT_REST
#define SOCKET_ACCOUNT_REST 5000
#endif

/* Marks of a place, in its tag; a tag is a hash with the last bit set below. */
#define SOCKET_ACCOUNT_FREE 0
#define SOCKET_ACCOUNT_RETIRED 1
#define SOCKET_ACCOUNT_USED 2
#define SOCKET_ACCOUNT_WRITTEN 4
#define SOCKET_ACCOUNT_FREED 9		/* somebody is about to free it */

static struct {
	bool set, by_socket, timed;
	enum socket_account_form form;
	u32 keys;			/* SOCKET_KEYED(x) */
	u32 more;			/* those that are not in the first word */
	u64 mask;			/* of the first word */
	u64 secret;			/* odd: a program cannot choose keys of one hash */
	unsigned int words, stride;	/* of a key; with its owner */
	unsigned int shift;		/* of a hash: 64 less the bits of a line's number */
	unsigned long lines;
	unsigned long *tags;
	u64 *key;
	struct socket_account_counts *shared;	/* of an account by socket */
	struct socket_account_taken *taken;
} socket_account __read_mostly;

/* Not on the cache lines of the above, which every message reads. */
static struct {
	atomic_long_t lost;		/* messages without a line */
	atomic_long_t elsewhere;	/* messages on processors without counts */
	unsigned long next;		/* line of the reader */
	unsigned long used;		/* lines that it saw in this pass */
} socket_account_state ____cacheline_aligned;

/* Those of a processor.  NULL if it was not online when the script began. */
static DEFINE_PER_CPU(struct socket_account_counts *, socket_account_counts);

/* ------------------------------------------------------------ set by the script */

static const char *const socket_account_key_names[] = {
#define SOCKET_ACCOUNT_KEY(of, name) name,
	SOCKET_ACCOUNT_KEYS(SOCKET_ACCOUNT_KEY)
#undef SOCKET_ACCOUNT_KEY
};

static unsigned int socket_account_count_words(u32 keys)
{
	return 1 + !!(keys & SOCKET_KEYED_SECOND) + !!(keys & SOCKET_KEYED_TIME) +
		2 * !!(keys & SOCKET_KEYED(EXECNAME)) +
		!!(keys & SOCKET_KEYED(CGROUP)) + !!(keys & SOCKET_KEYED(SOCK)) +
		2 * !!(keys & SOCKET_KEYED(LADDR)) + 2 * !!(keys & SOCKET_KEYED(RADDR));
}

/* `by` has names of keys, with spaces between them.  Writes the reason to `wrong`. */
static bool socket_account_set(const char *by, bool timed, char *wrong, size_t size)
{
	u32 keys = 0;
	size_t length, n;
	int i;

	for (by = skip_spaces(by); *by; by = skip_spaces(by + length)) {
		length = strcspn(by, " ");
		for (i = 0; i < NR_SOCKET_KEYS; i++)
			if (strlen(socket_account_key_names[i]) == length &&
			    !strncmp(by, socket_account_key_names[i], length))
				break;
		if (i < NR_SOCKET_KEYS && (timed || !(SOCKET_KEYED_TIME & (1u << i)))) {
			keys |= 1u << i;
			continue;
		}
		n = scnprintf(wrong, size, "%s counts by", timed ? "socket_account_timed" :
								"socket_account");
		for (i = 0; i < NR_SOCKET_KEYS; i++)
			if (timed || !(SOCKET_KEYED_TIME & (1u << i)))
				n += scnprintf(wrong + n, size - n, "%s %s", i ? "," : "",
					      socket_account_key_names[i]);
		scnprintf(wrong + n, size - n, "; not by '%.*s'", (int)min_t(size_t, length, 32),
			 by);
		return false;
	}
	if (hweight32(keys & (SOCKET_KEYED(SIZE_CLASS) | SOCKET_KEYED(SIZE_FINE))) > 1 ||
	    hweight32(keys & SOCKET_KEYED_TIME) > 1) {
		snprintf(wrong, size, "socket_account: count by one of size_class and size_fine, and one of time_class and time_fine");
		return false;
	}
	socket_account.keys = keys;
	socket_account.timed = timed;
	socket_account.by_socket = keys & SOCKET_KEYED(SOCK);
	socket_account.mask = (keys & SOCKET_KEYED(PID) ? SOCKET_WORD_PID : 0) |
			      (keys & SOCKET_KEYED(PROTOCOL) ? SOCKET_WORD_PROTOCOL : 0) |
			      (keys & SOCKET_KEYED(FAMILY) ? SOCKET_WORD_FAMILY : 0) |
			      (keys & SOCKET_KEYED(TYPE) ? SOCKET_WORD_TYPE : 0) |
			      (keys & SOCKET_KEYED(WAY) ? SOCKET_WORD_WAY : 0);
	socket_account.more = keys & ~(SOCKET_KEYED(LPORT) - 1);
	socket_account.words = socket_account_count_words(keys);
	socket_account.form = timed ? SOCKET_FORM_ANY :
		!socket_account.more ? SOCKET_FORM_SIMPLE :
		socket_account.more == SOCKET_KEYED(EXECNAME) ? SOCKET_FORM_NAMED :
		socket_account.more == SOCKET_KEYED_SIZED ? SOCKET_FORM_SIZED :
		keys == SOCKET_KEYED(SOCK) ? SOCKET_FORM_SOCKET : SOCKET_FORM_ANY;
	socket_account.stride = socket_account.words +
				(socket_account.by_socket ? SOCKET_ACCOUNT_OWNER : 0);
	socket_account.lines = roundup_pow_of_two(socket_account.by_socket ?
						  SOCKET_ACCOUNT_SOCKETS : SOCKET_ACCOUNT_LINES);
	if (!socket_account.by_socket && keys & SOCKET_KEYED_FINE)
		socket_account.lines *= SOCKET_ACCOUNT_FINER;
	socket_account.shift = 64 - ilog2(socket_account.lines);
	socket_account.set = true;
	return true;
}

/* ------------------------------------------------------------ memory */

static void socket_account_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		vfree(per_cpu(socket_account_counts, cpu));
		per_cpu(socket_account_counts, cpu) = NULL;
	}
	vfree(socket_account.shared);
	vfree(socket_account.taken);
	vfree(socket_account.key);
	vfree(socket_account.tags);
	socket_account.shared = NULL;
	socket_account.taken = NULL;
	socket_account.key = NULL;
	socket_account.tags = NULL;
	socket_account.set = false;
}

/* Allocates, in a context that may sleep.  False if there is no memory. */
static bool socket_account_allocate(void)
{
	unsigned long lines = socket_account.lines;
	bool all;
	int cpu;

	if (!socket_account.set)
		return true;
	get_random_bytes(&socket_account.secret, sizeof(socket_account.secret));
	socket_account.secret |= 1;
	socket_account.tags = vzalloc(array_size(lines, sizeof(*socket_account.tags)));
	socket_account.key = vzalloc(array3_size(lines, socket_account.stride, sizeof(u64)));
	all = socket_account.tags && socket_account.key;
	if (socket_account.by_socket) {
		socket_account.shared = vzalloc(array_size(lines,
							   sizeof(*socket_account.shared)));
		all = all && socket_account.shared;
	} else {
		socket_account.taken = vzalloc(array_size(lines, sizeof(*socket_account.taken)));
		all = all && socket_account.taken;
		for_each_online_cpu(cpu) {
			per_cpu(socket_account_counts, cpu) =
				vzalloc_node(array_size(lines,
							sizeof(struct socket_account_counts)),
					     cpu_to_node(cpu));
			all = all && per_cpu(socket_account_counts, cpu);
		}
	}
	if (!all)
		socket_account_free();
	return all;
}

/* ------------------------------------------------------------ lines */

/*
 * The name of the current process, that of its first thread, as two words.  The kernel fills
 * the rest of a name with zeros since 5.17, which also made TASK_COMM_LEN an enumerator.
 * Before, these bytes are those of an older name.
 */
static __always_inline void socket_process_words(u64 *words)
{
	const char *comm = socket_process_leader()->comm;
#ifndef TASK_COMM_LEN
	memcpy(words, comm, 2 * sizeof(u64));
#elif defined(__LITTLE_ENDIAN)
	const u64 ones = 0x0101010101010101ULL, high = 0x8080808080808080ULL;
	u64 ends;

	BUILD_BUG_ON(TASK_COMM_LEN != 2 * sizeof(u64));
	memcpy(words, comm, 2 * sizeof(u64));
	ends = (words[0] - ones) & ~words[0] & high;
	if (ends) {
		words[0] &= (ends & -ends) - 1;
		words[1] = 0;
		return;
	}
	ends = (words[1] - ones) & ~words[1] & high;
	if (ends)
		words[1] &= (ends & -ends) - 1;
#else
	size_t length = strnlen(comm, TASK_COMM_LEN);

	memset(words, 0, 2 * sizeof(u64));
	memcpy(words, comm, length);
#endif
}

static __always_inline u64 socket_account_hash(const u64 *key, unsigned int words)
{
	u64 hash = key[0];
	unsigned int i;

	for (i = 1; i < words; i++)
		hash = hash * socket_account.secret ^ key[i];
	hash *= socket_account.secret;
	return hash ^ hash >> 32;
}

/* Place i of the 16 that a key may be in; the first is the one that is looked at first. */
static __always_inline unsigned long socket_account_place(u64 hash, int i)
{
	unsigned long at = i < 8 ? hash >> socket_account.shift :
				   hash << 24 >> socket_account.shift;

	return at ^ (i & 7);
}

static __always_inline u64 *socket_account_key(unsigned long at)
{
	return socket_account.key + at * socket_account.stride;
}

static __always_inline bool socket_account_same(const u64 *a, const u64 *b,
						unsigned int words)
{
	u64 differ = a[0] ^ b[0];
	unsigned int i;

	/* Without a jump if the number of words is a constant. */
#pragma GCC unroll 4
	for (i = 1; i < words; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

static __always_inline unsigned long socket_account_tag(u64 hash)
{
	return hash | SOCKET_ACCOUNT_USED | SOCKET_ACCOUNT_WRITTEN;
}

/* While a key is being written, its hash identifies it. */
static long socket_account_find(const u64 *key, u64 hash)
{
	unsigned long tag = socket_account_tag(hash), is, at;
	int i;

	for (i = 0; i < 16; i++) {
		at = socket_account_place(hash, i);
		is = smp_load_acquire(&socket_account.tags[at]);
		if ((is | SOCKET_ACCOUNT_WRITTEN) == tag &&
		    (is != tag || socket_account_same(socket_account_key(at), key,
						  socket_account.words)))
			return at;
	}
	return -1;
}

/* A free place, in the shelf that has more of them unless the first one has enough; or -1. */
static long socket_account_free_place(u64 hash)
{
	int free[2] = { 0, 0 }, i;

	for (i = 0; i < 16; i++)
		free[i / 8] += !READ_ONCE(socket_account.tags[socket_account_place(hash, i)]);
	i = free[0] >= 4 || free[0] >= free[1] ? 0 : 8;
	for (; i < 16; i++) {
		unsigned long at = socket_account_place(hash, i);

		if (!READ_ONCE(socket_account.tags[at]))
			return at;
	}
	return -1;
}

/* The process of the first message on a socket. */
static void socket_account_set_owner(u64 *owner)
{
	owner[0] = current->tgid;
	socket_process_words(owner + 1);
}

/*
 * The line of a key, or a new one; -1 if there is no room.  If two processors write the first
 * message of a key at once, the second one finds the place claimed, and then the line.  If
 * other lines come and go meanwhile, there may be two lines, and the reader gets both.
 */
static noinline long socket_account_line(const u64 *key, u64 hash)
{
	unsigned long tag = socket_account_tag(hash);
	u64 *to;
	long at;

	while ((at = socket_account_find(key, hash)) < 0) {
		at = socket_account_free_place(hash);
		if (at < 0)
			break;
		if (cmpxchg(&socket_account.tags[at], SOCKET_ACCOUNT_FREE,
			    tag & ~SOCKET_ACCOUNT_WRITTEN) != SOCKET_ACCOUNT_FREE)
			continue;
		to = socket_account_key(at);
		memcpy(to, key, socket_account.words * sizeof(*to));
		if (socket_account.by_socket)
			socket_account_set_owner(to + socket_account.words);
		smp_store_release(&socket_account.tags[at], tag);
		break;
	}
	return at;
}

/* ------------------------------------------------------------ the key of a message */

static u64 socket_account_port(bool pinned, struct sock *sk, bool peer)
{
	s64 port = socket_value_port(pinned, sk, peer);

	return port < 0 ? SOCKET_WORD_LPORT : (u16)port;
}

static __always_inline u64 socket_account_second(u32 keys, bool pinned, struct sock *sk,
						 s64 result)
{
	u64 word = 0;

	if (keys & SOCKET_KEYED(LPORT))
		word |= FIELD_PREP(SOCKET_WORD_LPORT, socket_account_port(pinned, sk, false));
	if (keys & SOCKET_KEYED(RPORT))
		word |= FIELD_PREP(SOCKET_WORD_RPORT, socket_account_port(pinned, sk, true));
	if (keys & SOCKET_KEYED(ERRNO) && result < 0)
		word |= FIELD_PREP(SOCKET_WORD_ERRNO, -result & 4095);
	if (keys & (SOCKET_KEYED(SIZE_CLASS) | SOCKET_KEYED(SIZE_FINE)))
		word |= FIELD_PREP(SOCKET_WORD_SIZE,
				   socket_class(result, keys & SOCKET_KEYED(SIZE_FINE)));
	return word;
}

static void socket_account_address(bool pinned, struct sock *sk, bool peer, u64 *words)
{
	struct in6_addr address;

	if (!socket_address_of(pinned, sk, peer, &address))
		memset(&address, 0, sizeof(address));
	memcpy(words, &address, sizeof(address));
}

/* Sets the words of a key after the first one, those of `keys`; returns the number of all. */
static __always_inline unsigned int socket_account_more(u32 keys, bool pinned, struct sock *sk,
							s64 result, s64 elapsed, u64 *key)
{
	unsigned int n = 1;

	if (keys & SOCKET_KEYED_SECOND)
		key[n++] = socket_account_second(keys, pinned, sk, result);
	if (keys & SOCKET_KEYED_TIME)
		key[n++] = socket_class(elapsed, keys & SOCKET_KEYED(TIME_FINE));
	if (keys & SOCKET_KEYED(EXECNAME)) {
		socket_process_words(key + n);
		n += 2;
	}
	if (keys & SOCKET_KEYED(CGROUP))
		key[n++] = socket_task_cgroup();
	if (keys & SOCKET_KEYED(SOCK))
		key[n++] = (unsigned long)socket_get_pointer_either(pinned, sk, sk_socket);
	if (keys & SOCKET_KEYED(LADDR)) {
		socket_account_address(pinned, sk, false, key + n);
		n += 2;
	}
	if (keys & SOCKET_KEYED(RADDR)) {
		socket_account_address(pinned, sk, true, key + n);
		n += 2;
	}
	return n;
}

/* ------------------------------------------------------------ the overload guard */

#ifdef STP_OVERLOAD
/* One message of these is timed, for all, without the time of an interrupt that comes then. */
#define SOCKET_ACCOUNT_TIMED 128
#define SOCKET_ACCOUNT_TIME_MOST 20000

struct socket_account_guard {
	unsigned int messages;
	cycles_t sum, since;
};

static DEFINE_PER_CPU(struct socket_account_guard, socket_account_guard);

static __always_inline bool socket_account_is_timed(void)
{
	/*
	 * An instruction less than this_cpu_inc_return(), which exchanges.  After an interrupt
	 * in between, one message more or less is timed.
	 */
	this_cpu_inc(socket_account_guard.messages);
	return unlikely(!(this_cpu_read(socket_account_guard.messages) &
			  (SOCKET_ACCOUNT_TIMED - 1)));
}

/* As stap's guard, which sees only the time in its own handlers. */
static noinline void socket_account_guard_add(cycles_t began)
{
	struct socket_account_guard *guard = this_cpu_ptr(&socket_account_guard);
	cycles_t now = get_cycles();

	/* Nothing was counted for long, or nothing yet. */
	if (now - guard->since > 2 * STP_OVERLOAD_INTERVAL) {
		guard->since = now;
		guard->sum = 0;
		return;
	}
	guard->sum += min_t(cycles_t, now - began, SOCKET_ACCOUNT_TIME_MOST) *
		      SOCKET_ACCOUNT_TIMED;
	if (now - guard->since <= STP_OVERLOAD_INTERVAL)
		return;
	if ((s64)guard->sum > socket_stap_threshold) {
		atomic64_cmpxchg(&socket_stap_overloaded, 0, ktime_get_real_ns());
		socket_session_end("probe overhead exceeded threshold");
	}
	guard->since = now;
	guard->sum = 0;
}
#else
#define socket_account_is_timed() false
#define socket_account_guard_add(began) ((void)(began))
#endif

/* ------------------------------------------------------------ counting */

static void socket_account_most(local64_t *count, s64 number)
{
	s64 most = local64_read(count), seen;

	/* The reader exchanges it, so this needs an atomic operation. */
	for (; most < number; most = seen) {
		seen = cmpxchg((s64 *)count, most, number);
		if (seen == most)
			break;
	}
}

/* Counts of an account by socket are shared by all processors. */
static __always_inline void socket_account_add(bool shared, local64_t *count, s64 number)
{
	if (shared)
		atomic64_add(number, (atomic64_t *)count);
	else
		local64_add(number, count);
}

/* The first word of a key; unset values have all bits of their part set. */
static __always_inline u64 socket_account_first(bool pinned, struct sock *sk, bool sends)
{
	u64 word;

	/* One load for the type and the protocol, and no test, for most messages. */
#if defined(__LITTLE_ENDIAN) && !defined(SK_FL_TYPE_SHIFT)
	if (pinned && offsetof(struct sock, sk_protocol) == offsetof(struct sock, sk_type) + 2) {
		u32 both;

		memcpy(&both, &sk->sk_type, sizeof(both));
		word = (u64)(both | sk->sk_family << 4) << 32;
	} else
#endif
		word = FIELD_PREP(SOCKET_WORD_TYPE, socket_value_type(pinned, sk) & 15) |
		       FIELD_PREP(SOCKET_WORD_FAMILY, (u8)socket_value_family(pinned, sk)) |
		       FIELD_PREP(SOCKET_WORD_PROTOCOL, (u16)socket_value_protocol(pinned, sk));
	return (word | (u32)current->tgid | FIELD_PREP(SOCKET_WORD_WAY, !sends)) &
	       socket_account.mask;
}

/* Not zeroed: all the words that are read have been written. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define SOCKET_UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef SOCKET_UNINITIALIZED
#define SOCKET_UNINITIALIZED
#endif

/* Adds a message to the counts of a line. */
static __always_inline void socket_account_add_message(bool shared,
						       struct socket_account_counts *counts,
						       bool sends, s64 result, s64 most)
{
	local64_t *count = counts->count;

	if (unlikely(result < 0)) {
		socket_account_add(shared, &count[sends ? SOCKET_COUNT_SEND_ERRORS :
							  SOCKET_COUNT_RECEIVE_ERRORS], 1);
		return;
	}
	socket_account_add(shared, &count[sends ? SOCKET_COUNT_SENDS : SOCKET_COUNT_RECEIVES], 1);
	socket_account_add(shared, &count[sends ? SOCKET_COUNT_SENT : SOCKET_COUNT_RECEIVED],
			   result);
	if (unlikely(most > local64_read(&count[SOCKET_COUNT_MOST])))
		socket_account_most(&count[SOCKET_COUNT_MOST], most);
}

static void socket_account_drop_key(const u64 *key);

static noinline void socket_account_add_lost(long at)
{
	atomic_long_inc(at < 0 ? &socket_account_state.lost : &socket_account_state.elsewhere);
}

/* All messages that are not counted. */
static long socket_account_lost(void)
{
	return atomic_long_read(&socket_account_state.lost) +
	       atomic_long_read(&socket_account_state.elsewhere);
}

/* Counts a message on the line of its key. */
static __always_inline void socket_account_count_key(bool shared, bool sends, s64 result,
						     s64 most, u64 *key, unsigned int words)
{
	struct socket_account_counts *counts;
	u64 hash = socket_account_hash(key, words);
	long at;

	/* Usually the first place where the key can be. */
	at = hash >> socket_account.shift;
	if (unlikely(smp_load_acquire(&socket_account.tags[at]) != socket_account_tag(hash) ||
		     !socket_account_same(socket_account.key + at *
					  (words + (shared ? SOCKET_ACCOUNT_OWNER : 0)),
					  key, words)))
		at = socket_account_line(key, hash);
	counts = at < 0 ? NULL : shared ? socket_account.shared :
		 this_cpu_read(socket_account_counts);
	if (unlikely(!counts))
		socket_account_add_lost(at);
	else
		socket_account_add_message(shared, counts + at, sends, result, most);
}

/*
 * Counts a message that has ended; elapsed is the time it took, or unset.  sock is the socket
 * if nothing pins it, and NULL if sk is pinned.  Runs with preemption off.
 */
static __always_inline void socket_account_count_any(struct socket *sock, struct sock *sk,
						     bool sends, s64 result, s64 elapsed)
{
	u64 key[SOCKET_ACCOUNT_WORDS] SOCKET_UNINITIALIZED;
	u32 more = socket_account.more;
	unsigned int words;

	key[0] = socket_account_first(!sock, sk, sends);
	words = socket_account_more(more, !sock, sk, result, elapsed, key);
	/* Another socket may have got the memory meanwhile: its values are unset. */
	if (sock && !socket_still_has(sock, sk)) {
		key[0] = socket_account_first(false, NULL, sends);
		words = socket_account_more(more, false, NULL, result, elapsed, key);
	}
	socket_account_count_key(socket_account.by_socket, sends, result,
				 socket_account.timed ? elapsed : result, key, words);
	/* It may have been closed just before, and its line deleted. */
	if (sock && socket_account.by_socket && !socket_still_has(sock, sk))
		socket_account_drop_key(key);
}

/* The same, and times it for the guard. */
static __always_inline void socket_account_count(struct socket *sock, struct sock *sk,
						 bool sends, s64 result, s64 elapsed)
{
	cycles_t began = socket_account_is_timed() ? get_cycles() : 0;

	socket_account_count_any(sock, sk, sends, result, elapsed);
	if (unlikely(began))
		socket_account_guard_add(began);
}

/* One message of many; the code below does not time them. */
static noinline void socket_account_count_timed(struct sock *sk, bool sends, s64 result)
{
	cycles_t began = get_cycles();

	socket_account_count_any(NULL, sk, sends, result, SOCKET_UNSET);
	socket_account_guard_add(began);
}

/* Counts a message that did not fail on a pinned sk, in an account with the keys `more`. */
static __always_inline void socket_account_count_form(u32 more, bool shared, struct sock *sk,
						      bool sends, s64 result)
{
	u64 key[SOCKET_ACCOUNT_WORDS] SOCKET_UNINITIALIZED;
	unsigned int words;

	if (unlikely(socket_account_is_timed())) {
		socket_account_count_timed(sk, sends, result);
		return;
	}
	key[0] = shared ? 0 : socket_account_first(true, sk, sends);
	words = socket_account_more(more, true, sk, result, SOCKET_UNSET, key);
	socket_account_count_key(shared, sends, result, result, key, words);
}

static noinline void socket_account_add_simple(u64 key, bool sends, s64 result)
{
	socket_account_count_key(false, sends, result, result, &key, 1);
}

/* The same in a simple account, without a stack frame. */
static __always_inline void socket_account_count_simple(struct sock *sk, bool sends, s64 result)
{
	struct socket_account_counts *counts;
	u64 key, hash;
	long at;

	if (unlikely(socket_account_is_timed())) {
		socket_account_count_timed(sk, sends, result);
		return;
	}
	key = socket_account_first(true, sk, sends);
	hash = socket_account_hash(&key, 1);
	at = hash >> socket_account.shift;
	counts = this_cpu_read(socket_account_counts);
	if (unlikely(smp_load_acquire(&socket_account.tags[at]) != socket_account_tag(hash) ||
		     socket_account.key[at] != key || !counts))
		socket_account_add_simple(key, sends, result);
	else
		socket_account_add_message(false, counts + at, sends, result, result);
}

/* ------------------------------------------------------------ reading */

/* The largest number of a line since the last reading. */
static u64 socket_account_take_most(unsigned long at)
{
	struct socket_account_counts *counts;
	u64 most = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		counts = per_cpu(socket_account_counts, cpu);
		if (counts && local64_read(&counts[at].count[SOCKET_COUNT_MOST]))
			most = max_t(u64, most,
				     xchg((s64 *)&counts[at].count[SOCKET_COUNT_MOST], 0));
	}
	return most;
}

/* Adds up what was counted on a line since the last reading; true if anything was. */
static bool socket_account_read(unsigned long at)
{
	struct socket_account_taken *taken = &socket_account.taken[at];
	struct socket_account_counts *counts;
	u64 sum[NR_SOCKET_COUNTS] = {}, any = 0;
	int cpu, i;

	for_each_possible_cpu(cpu) {
		counts = per_cpu(socket_account_counts, cpu);
		if (!counts)
			continue;
		counts += at;
		for (i = 0; i < SOCKET_COUNT_MOST; i++)
			sum[i] += local64_read(&counts->count[i]);
	}
	for (i = 0; i < SOCKET_COUNT_MOST; i++) {
		taken->fresh[i] = sum[i] - taken->count[i];
		taken->count[i] = sum[i];
		any |= taken->fresh[i];
	}
	taken->fresh[SOCKET_COUNT_MOST] = any ? socket_account_take_most(at) : 0;
	return any;
}

static bool socket_account_has_shared(unsigned long at)
{
	struct socket_account_counts *counts = &socket_account.shared[at];
	u64 any = 0;
	int i;

	for (i = 0; i < SOCKET_COUNT_MOST; i++)
		any |= local64_read(&counts->count[i]);
	return any;
}

/* Takes a number of a line of an account by socket. */
static s64 socket_account_take(unsigned long at, enum socket_account_count which)
{
	atomic64_t *count = (atomic64_t *)&socket_account.shared[at].count[which];

	return atomic64_read(count) ? atomic64_xchg(count, 0) : 0;
}

/* Frees the place of a retired line of an account by socket, unless somebody else does. */
static void socket_account_free_shared(unsigned long at)
{
	int i;

	if (cmpxchg(&socket_account.tags[at], SOCKET_ACCOUNT_RETIRED, SOCKET_ACCOUNT_FREED) !=
	    SOCKET_ACCOUNT_RETIRED)
		return;
	for (i = 0; i < NR_SOCKET_COUNTS; i++)
		atomic64_set((atomic64_t *)&socket_account.shared[at].count[i], 0);
	smp_store_release(&socket_account.tags[at], SOCKET_ACCOUNT_FREE);
}

static bool socket_account_is_idle(unsigned long at)
{
	u64 *fresh = socket_account.taken[at].fresh, any = 0;
	int i;

	for (i = 0; i < SOCKET_COUNT_MOST; i++)
		any |= fresh[i];
	return !any;
}

/*
 * At the end of a pass: if lines take more than a quarter of the places, or if a message found no
 * room, retires those that were idle, so that messages do not find them any more.
 */
static void socket_account_retire(void)
{
	static long lost_before;
	long lost = atomic_long_read(&socket_account_state.lost);
	u64 now = ktime_get_ns();
	unsigned long at, tag;

	if (socket_account.by_socket ||
	    (socket_account_state.used <= socket_account.lines / 4 && lost == lost_before))
		return;
	lost_before = lost;
	for (at = 0; at < socket_account.lines; at++) {
		tag = READ_ONCE(socket_account.tags[at]);
		if (!(tag & SOCKET_ACCOUNT_WRITTEN) || !socket_account_is_idle(at) ||
		    !socket_account.taken[at].retired)
			continue;
		socket_account.taken[at].retired = now;
		WRITE_ONCE(socket_account.tags[at], SOCKET_ACCOUNT_RETIRED);
	}
}

/* Is there something on a line, and can it be read?  Frees the place of one that is retired. */
static bool socket_account_visit(unsigned long at)
{
	unsigned long tag = smp_load_acquire(&socket_account.tags[at]);
	struct socket_account_taken *taken = &socket_account.taken[at];

	if (tag != SOCKET_ACCOUNT_RETIRED && !(tag & SOCKET_ACCOUNT_WRITTEN))
		return false;
	socket_account_state.used++;
	if (socket_account_read(at)) {
		/* A line that was read can be retired. */
		if (tag != SOCKET_ACCOUNT_RETIRED)
			taken->retired = 1;
		return true;
	}
	if (tag == SOCKET_ACCOUNT_RETIRED && ktime_get_ns() - taken->retired >=
	    SOCKET_ACCOUNT_REST * (u64)NSEC_PER_MSEC) {
		taken->retired = 0;
		socket_account_take_most(at);
		smp_store_release(&socket_account.tags[at], SOCKET_ACCOUNT_FREE);
	}
	return false;
}

/*
 * The same in an account by socket.  While the reader is at a line, socket_account_drop() only
 * retires it: it does not become that of another socket.
 */
static bool socket_account_visit_shared(unsigned long at)
{
	if (READ_ONCE(socket_account.tags[at]) == SOCKET_ACCOUNT_RETIRED)
		socket_account_free_shared(at);
	if (!(READ_ONCE(socket_account.tags[at]) & SOCKET_ACCOUNT_WRITTEN))
		return false;
	WRITE_ONCE(socket_account_state.next, at + 1);
	smp_mb();
	return smp_load_acquire(&socket_account.tags[at]) & SOCKET_ACCOUNT_WRITTEN &&
	       socket_account_has_shared(at);
}

/* The next line on which something was counted since the last pass; -1 after the last one. */
static long socket_account_step(void)
{
	unsigned long at = socket_account_state.next;

	for (; at < socket_account.lines; at++)
		if (socket_account.by_socket ? socket_account_visit_shared(at) :
					       socket_account_visit(at)) {
			WRITE_ONCE(socket_account_state.next, at + 1);
			return at;
		}
	socket_account_retire();
	socket_account_state.used = 0;
	WRITE_ONCE(socket_account_state.next, 0);
	return -1;
}

/* The line of a socket, or -1. */
static long socket_account_of_socket(struct socket *sock)
{
	u64 key[SOCKET_ACCOUNT_WORDS] = { 0, (unsigned long)sock };	/* the first word is empty */
	long at;

	/* With other keys a socket may have several lines. */
	if (socket_account.keys != SOCKET_KEYED(SOCK) || !socket_account.tags || !sock)
		return -1;
	at = socket_account_find(key, socket_account_hash(key, 2));
	/* Its owner may not be written yet. */
	return at >= 0 && smp_load_acquire(&socket_account.tags[at]) & SOCKET_ACCOUNT_WRITTEN ?
		at : -1;
}

static bool socket_account_drop_line(unsigned long at)
{
	unsigned long tag = READ_ONCE(socket_account.tags[at]);

	if (!(tag & SOCKET_ACCOUNT_WRITTEN) ||
	    cmpxchg(&socket_account.tags[at], tag, SOCKET_ACCOUNT_RETIRED) != tag)
		return false;
	smp_mb();
	if (READ_ONCE(socket_account_state.next) != at + 1)
		socket_account_free_shared(at);
	return true;
}

/* Deletes the lines of a key, of which there may be two. */
static void socket_account_drop_key(const u64 *key)
{
	u64 hash = socket_account_hash(key, socket_account.words);
	int tries;
	long at;

	for (tries = 0; tries < 4; tries++) {
		at = socket_account_find(key, hash);
		if (at < 0 || !socket_account_drop_line(at))
			break;
	}
}

/* Deletes the line of a socket that is closed. */
static void socket_account_drop(unsigned long at)
{
	u64 key[SOCKET_ACCOUNT_WORDS];

	memcpy(key, socket_account_key(at), socket_account.words * sizeof(*key));
	if (socket_account_drop_line(at))
		socket_account_drop_key(key);
}

/* The place of a part of a key, in words; -1 if it is not a part of the account. */
static int socket_account_word(enum socket_account_key of)
{
	u32 keys = socket_account.keys, before;

	if (!(keys & (1u << of)))
		return -1;
	if (of < SOCKET_KEY_LPORT)
		return 0;
	if (of < SOCKET_KEY_TIME_CLASS)
		return 1;
	before = keys & ((1u << of) - 1);
	return socket_account_count_words(before);
}

/* ------------------------------------------------------------ the values of a line */

/* A script has the number of a line from 1.  That from 0; -1 if there is no such line. */
static long socket_account_at(s64 line)
{
	return line > 0 && line <= socket_account.lines && socket_account.tags ? line - 1 : -1;
}

/* Unset for a part whose bits are all set. */
static s64 socket_account_part(u64 word, u64 part)
{
	return (word & part) == part ? SOCKET_UNSET : (s64)((word & part) >> __ffs64(part));
}

static s64 socket_account_key_number(unsigned long at, enum socket_account_key of)
{
	const u64 *key = socket_account_key(at);
	int n = socket_account_word(of);

	if (n < 0)
		return of == SOCKET_KEY_PID && socket_account.by_socket ?
			key[socket_account.words] : SOCKET_UNSET;
	switch (of) {
	case SOCKET_KEY_PID:
		return key[n] & SOCKET_WORD_PID;
	case SOCKET_KEY_FAMILY:
		return socket_account_part(key[n], SOCKET_WORD_FAMILY);
	case SOCKET_KEY_TYPE:
		return socket_account_part(key[n], SOCKET_WORD_TYPE);
	case SOCKET_KEY_PROTOCOL:
		return socket_account_part(key[n], SOCKET_WORD_PROTOCOL);
	case SOCKET_KEY_WAY:
		return !!(key[n] & SOCKET_WORD_WAY);
	case SOCKET_KEY_LPORT:
		return socket_account_part(key[n], SOCKET_WORD_LPORT);
	case SOCKET_KEY_RPORT:
		return socket_account_part(key[n], SOCKET_WORD_RPORT);
	case SOCKET_KEY_ERRNO:
		return FIELD_GET(SOCKET_WORD_ERRNO, key[n]);
	case SOCKET_KEY_SIZE_CLASS:
	case SOCKET_KEY_SIZE_FINE:
		return socket_class_from(FIELD_GET(SOCKET_WORD_SIZE, key[n]),
					 of == SOCKET_KEY_SIZE_FINE);
	case SOCKET_KEY_TIME_CLASS:
	case SOCKET_KEY_TIME_FINE:
		return socket_class_from(key[n], of == SOCKET_KEY_TIME_FINE);
	case SOCKET_KEY_CGROUP:
	case SOCKET_KEY_SOCK:
		return key[n];
	default:
		return SOCKET_UNSET;
	}
}

static s64 socket_account_counted(s64 line, enum socket_account_count which)
{
	long at = socket_account_at(line);

	return socket_account.by_socket ?
		socket_account_take(at, which) :
		socket_account.taken[at].fresh[which];
}

/* False if there is no such name. */
static bool socket_account_number(s64 line, const char *name, int64_t *number)
{
	static const struct {
		const char *name;
		int first, second;	/* the sum of two counts, or one and -1 */
	} numbers[] = {
		{ "sends", SOCKET_COUNT_SENDS, -1 },
		{ "receives", SOCKET_COUNT_RECEIVES, -1 },
		{ "messages", SOCKET_COUNT_SENDS, SOCKET_COUNT_RECEIVES },
		{ "sent", SOCKET_COUNT_SENT, -1 },
		{ "received", SOCKET_COUNT_RECEIVED, -1 },
		{ "bytes", SOCKET_COUNT_SENT, SOCKET_COUNT_RECEIVED },
		{ "send_errors", SOCKET_COUNT_SEND_ERRORS, -1 },
		{ "receive_errors", SOCKET_COUNT_RECEIVE_ERRORS, -1 },
		{ "errors", SOCKET_COUNT_SEND_ERRORS, SOCKET_COUNT_RECEIVE_ERRORS },
		{ "largest", SOCKET_COUNT_MOST, -1 },
		{ "longest", SOCKET_COUNT_MOST, -1 },
	};
	long at = socket_account_at(line);
	int i;

	*number = SOCKET_UNSET;
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(name, numbers[i].name)) {
			if (at >= 0 && (numbers[i].first != SOCKET_COUNT_MOST ||
					socket_account.timed == !strcmp(name, "longest")))
				*number = socket_account_counted(line, numbers[i].first) +
					(numbers[i].second < 0 ? 0 :
					 socket_account_counted(line, numbers[i].second));
			return true;
		}
	for (i = 0; i < NR_SOCKET_KEYS; i++)
		if (!strcmp(name, socket_account_key_names[i])) {
			if (at >= 0)
				*number = socket_account_key_number(at, i);
			return true;
		}
	return false;
}

/* The words of the name of a line's process; NULL if it has none. */
static const u64 *socket_account_name(s64 line)
{
	int n = socket_account_word(SOCKET_KEY_EXECNAME);
	long at = socket_account_at(line);

	if (at < 0)
		return NULL;
	if (n < 0 && socket_account.by_socket)
		n = socket_account.words + 1;
	return n < 0 ? NULL : socket_account_key(at) + n;
}

static void socket_account_execname(s64 line, char *text, size_t size)
{
	const u64 *words = socket_account_name(line);
	char name[TASK_COMM_LEN + 1] = "";

	if (words)
		memcpy(name, words, TASK_COMM_LEN);
	strscpy(text, name, size);
}

static void socket_account_text_of_address(s64 line, const char *name, char *text, size_t size)
{
	long at = socket_account_at(line);
	int n = socket_account_word(!strcmp(name, "raddr") ? SOCKET_KEY_RADDR :
							     SOCKET_KEY_LADDR);
	struct in6_addr address;

	text[0] = 0;
	if (at < 0 || n < 0)
		return;
	memcpy(&address, socket_account_key(at) + n, sizeof(address));
	if (ipv6_addr_v4mapped(&address))
		socket_ipv4_text(address.s6_addr + 12, text, size);
	else if (!ipv6_addr_any(&address))
		snprintf(text, size, "%pI6c", &address);
}

#endif
