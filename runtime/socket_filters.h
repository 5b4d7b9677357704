/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: filters by process, by socket and by outcome.
 *
 * A script sets them in probe begin, and nothing writes to them later.  socket_gate.h applies
 * them ahead of stap's handlers.  The probes of socket.stp apply them again, except for the ends
 * of messages, whose outcome the gate alone compares.
 */
#ifndef SOCKET_TAPSET_FILTERS_H
#define SOCKET_TAPSET_FILTERS_H

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uidgid.h>
#include <net/ipv6.h>
#include "socket_address.h"

/* The filters that compare a number: its name, the smallest and the largest one. */
#define SOCKET_FILTERS(X)						\
	X(PID, "pid", 1, INT_MAX)					\
	X(UID, "uid", 0, U32_MAX)					\
	X(TREE, "tree", -1, INT_MAX)					\
	X(CGROUP, "cgroup", 1, S64_MAX)					\
	X(FAMILY, "family", 0, U16_MAX)					\
	X(TYPE, "type", 0, U16_MAX)					\
	X(PROTOCOL, "protocol", 0, U16_MAX)				\
	X(LPORT, "lport", 0, U32_MAX)					\
	X(RPORT, "rport", 0, U32_MAX)					\
	X(NETNS, "netns", 0, U32_MAX)

enum socket_filter_of {
#define SOCKET_FILTER(of, name, least, most) SOCKET_FILTER_##of,
	SOCKET_FILTERS(SOCKET_FILTER)
#undef SOCKET_FILTER
	NR_SOCKET_NUMBERS,
	SOCKET_FILTER_EXECNAME = NR_SOCKET_NUMBERS,
	SOCKET_FILTER_LADDR,
	SOCKET_FILTER_RADDR,
};

#define SOCKET_FILTERED(of) (1u << SOCKET_FILTER_##of)
#define SOCKET_FILTERS_OF_PROCESS					\
	(SOCKET_FILTERED(PID) | SOCKET_FILTERED(UID) | SOCKET_FILTERED(TREE) | \
	 SOCKET_FILTERED(CGROUP) | SOCKET_FILTERED(EXECNAME))
#define SOCKET_FILTERS_OF_PORTS						\
	(SOCKET_FILTERED(LPORT) | SOCKET_FILTERED(RPORT) |		\
	 SOCKET_FILTERED(LADDR) | SOCKET_FILTERED(RADDR))

/* The numbers that a filter has: ranges, or all but them. */
#define SOCKET_RANGES 16
struct socket_numbers {
	bool others;
	int n;
	struct socket_range {
		s64 from;
		u64 more;		/* numbers after it */
	} range[SOCKET_RANGES];
};

/* Likewise.  IPv4 addresses are kept as ::ffff:0:0/96, as on sockets of IPv6. */
struct socket_networks {
	bool others;
	int n;
	struct socket_network {
		struct in6_addr address;
		int length;		/* of the prefix, in bits */
	} network[SOCKET_RANGES];
};

enum socket_filter_target {
	SOCKET_FILTER_ALL,
	SOCKET_FILTER_MESSAGES,		/* messages alone */
	SOCKET_FILTER_ACCOUNT,		/* the account alone */
};

/* How many sockets a script has chosen, by hash_ptr() of the struct socket. */
#define SOCKET_CHOSEN_BITS 16

static struct {
	bool any;			/* is one set? */
	u32 of_process, of_socket;	/* the filters that are set, a bit each */
	enum socket_filter_target target;
	atomic_t *chosen;		/* if set, only messages of chosen sockets pass */
	bool chosen_at_entry;		/* sockets are chosen before calls that move messages */
	bool of_outcome;		/* one of these two is set */
	bool failed;			/* only what failed */
	s64 slower;			/* 0, or only what took more ns */
	int counted_pid;		/* 0, or no message of another process is counted */
	int only_pid;			/* 0, or none passes either */
	struct socket_numbers numbers[NR_SOCKET_NUMBERS];
	char execname[TASK_COMM_LEN];
	struct socket_networks networks[2];	/* local, remote */
} socket_filters __read_mostly;

/* ------------------------------------------------------------ set by the script */

/* Runs after each change. */
static void socket_filters_update(void)
{
	const struct socket_numbers *pids = &socket_filters.numbers[SOCKET_FILTER_PID];

	socket_filters.counted_pid = socket_filters.of_process & SOCKET_FILTERED(PID) &&
				     pids->n == 1 && !pids->range[0].more && !pids->others &&
				     !socket_filters.chosen ? pids->range[0].from : 0;
	socket_filters.only_pid = socket_filters.target != SOCKET_FILTER_ACCOUNT ?
				  socket_filters.counted_pid : 0;
}

static void socket_filter_target(enum socket_filter_target target)
{
	socket_filters.target = target;
	socket_filters_update();
}

static void socket_filter_use(enum socket_filter_of of)
{
	if (SOCKET_FILTERS_OF_PROCESS & (1u << of))
		socket_filters.of_process |= 1u << of;
	else
		socket_filters.of_socket |= 1u << of;
	socket_filters.any = true;
	socket_filters_update();
}

static void socket_filter_outcome(bool failed, s64 slower)
{
	socket_filters.failed |= failed;
	socket_filters.slower = slower ?: socket_filters.slower;
	socket_filters.of_outcome = true;
	socket_filters.any = true;
}

static const struct {
	const char *name;
	s64 least, most;
} socket_filter_names[] = {
#define SOCKET_FILTER(of, name, least, most) { name, least, most },
	SOCKET_FILTERS(SOCKET_FILTER)
#undef SOCKET_FILTER
};

/* The functions below write the reason to `wrong` if they fail. */

/* The filter with a name, or -1. */
static int socket_filter_named(const char *function, const char *name, char *wrong, size_t size)
{
	size_t n;
	int i;

	for (i = 0; i < NR_SOCKET_NUMBERS; i++)
		if (!strcmp(name, socket_filter_names[i].name))
			return i;
	n = scnprintf(wrong, size, "%s: the filters are", function);
	for (i = 0; i < NR_SOCKET_NUMBERS; i++)
		n += scnprintf(wrong + n, size - n, "%s %s", i ? "," : "",
			       socket_filter_names[i].name);
	scnprintf(wrong + n, size - n, "; not '%.32s'", name);
	return -1;
}

static bool socket_filter_set(const char *name, s64 number, char *wrong, size_t size)
{
	int of = socket_filter_named("socket_filter", name, wrong, size);
	struct socket_numbers *numbers = &socket_filters.numbers[of < 0 ? 0 : of];

	if (of < 0)
		return false;
	if (number < socket_filter_names[of].least || number > socket_filter_names[of].most) {
		snprintf(wrong, size, "socket_filter: %s is a number from %lld to %lld, not %lld",
			 name, socket_filter_names[of].least, socket_filter_names[of].most,
			 number);
		return false;
	}
	if (of == SOCKET_FILTER_TREE && (!number || (number < 0 && !_stp_target))) {
		snprintf(wrong, size, "socket_filter: tree is the number of a process, or -1 with stap -c or -x, not %lld",
			 number);
		return false;
	}
	*numbers = (struct socket_numbers){ .n = 1, .range[0].from = number };
	socket_filter_use(of);
	return true;
}

/* Copies the next part of a list, up to a comma; false if it is empty or does not fit. */
static bool socket_list_next(const char **list, char *part, size_t size)
{
	size_t length = strcspn(*list, ",");

	if (!length || length >= size)
		return false;
	memcpy(part, *list, length);
	part[length] = '\0';
	*list += length;
	/* A comma at the end is followed by an empty part. */
	if (**list == ',' && !*++*list)
		return false;
	return true;
}

/* NUMBER or NUMBER-NUMBER. */
static bool socket_range_parse(char *text, s64 least, s64 most, struct socket_range *range)
{
	char *dash = strchr(text, '-'), *last = dash ? dash + 1 : text;
	s64 from, to;

	if (dash)
		*dash = '\0';
	if (*text < '0' || *text > '9' || *last < '0' || *last > '9' ||
	    kstrtos64(text, 10, &from) || kstrtos64(last, 10, &to) ||
	    from < least || to < from || to > most)
		return false;
	*range = (struct socket_range){ .from = from, .more = to - from };
	return true;
}

static bool socket_filter_set_list(const char *name, const char *list, char *wrong, size_t size)
{
	int of = socket_filter_named("socket_filter_list", name, wrong, size);
	struct socket_numbers numbers = { .others = *list == '!' };
	const char *rest = list + numbers.others;
	s64 least, most;
	char part[48];

	if (of < 0)
		return false;
	if (of == SOCKET_FILTER_TREE) {
		snprintf(wrong, size, "socket_filter_list: tree is one process: socket_filter()");
		return false;
	}
	least = socket_filter_names[of].least;
	most = socket_filter_names[of].most;
	do {
		if (numbers.n == SOCKET_RANGES) {
			snprintf(wrong, size, "socket_filter_list: a list has at most %d parts, unlike '%.64s'",
				 SOCKET_RANGES, list);
			return false;
		}
		if (!socket_list_next(&rest, part, sizeof(part)) ||
		    !socket_range_parse(part, least, most, &numbers.range[numbers.n++])) {
			snprintf(wrong, size, "socket_filter_list: %s is a list of numbers from %lld to %lld, such as 80,443,8000-8100 or !22; not '%.64s'",
				 name, least, most, list);
			return false;
		}
	} while (*rest);
	socket_filters.numbers[of] = numbers;
	socket_filter_use(of);
	return true;
}

static bool socket_filter_set_execname(const char *name, char *wrong, size_t size)
{
	if (!*name || strlen(name) >= TASK_COMM_LEN) {
		snprintf(wrong, size, "socket_filter_execname: a name has 1 to %d characters, unlike '%.64s'",
			 TASK_COMM_LEN - 1, name);
		return false;
	}
	strscpy(socket_filters.execname, name, sizeof(socket_filters.execname));
	socket_filter_use(SOCKET_FILTER_EXECNAME);
	return true;
}

/* ADDRESS or ADDRESS/BITS, of IPv4 or IPv6. */
static bool socket_network_parse(const char *text, struct socket_network *network)
{
	const char *slash = strchr(text, '/');
	int length = slash ? slash - text : strlen(text), most = 32, bits;
	u8 *at = network->address.s6_addr;

	if (!length)
		return false;
	if (strnchr(text, length, ':')) {
		most = 128;
		if (!in6_pton(text, length, at, -1, NULL))
			return false;
	} else {
		ipv6_addr_set_v4mapped(0, &network->address);
		if (!in4_pton(text, length, at + 12, -1, NULL))
			return false;
	}
	bits = most;
	if (slash && (kstrtoint(slash + 1, 10, &bits) || slash[1] == '+' || bits < 0 ||
		      bits > most))
		return false;
	network->length = bits + 128 - most;
	return true;
}

static bool socket_filter_set_network(const char *name, const char *list, char *wrong,
				      size_t size)
{
	struct socket_networks networks = { .others = *list == '!' };
	bool local = !strcmp(name, "laddr");
	const char *rest = list + networks.others;
	char part[64];

	if (!local && strcmp(name, "raddr")) {
		snprintf(wrong, size, "socket_filter_network: the filters are laddr, raddr; not '%.32s'",
			 name);
		return false;
	}
	do {
		if (networks.n == SOCKET_RANGES) {
			snprintf(wrong, size, "socket_filter_network: a list has at most %d networks, unlike '%.64s'",
				 SOCKET_RANGES, list);
			return false;
		}
		if (!socket_list_next(&rest, part, sizeof(part)) ||
		    !socket_network_parse(part, &networks.network[networks.n++])) {
			snprintf(wrong, size, "socket_filter_network: %s is a list of addresses or networks, such as 10.0.0.0/8,2001:db8::/32 or !127.0.0.1; not '%.64s'",
				 name, list);
			return false;
		}
	} while (*rest);
	socket_filters.networks[!local] = networks;
	socket_filter_use(local ? SOCKET_FILTER_LADDR : SOCKET_FILTER_RADDR);
	return true;
}

/* Does an outcome pass?  One whose time is unknown was perhaps slow. */
static bool socket_outcome_passes(s64 result, s64 elapsed)
{
	return !(socket_filters.failed && result >= 0) &&
	       !(socket_filters.slower && elapsed != SOCKET_UNSET &&
		 elapsed <= socket_filters.slower);
}

static bool socket_filter_set_slower(s64 ns, char *wrong, size_t size)
{
	if (ns < 1) {
		snprintf(wrong, size, "socket_filter_slower: a time is a number of ns from 1, not %lld",
			 ns);
		return false;
	}
	socket_filter_outcome(false, ns);
	return true;
}

/* ------------------------------------------------------------ processes */

/* The cgroup of version 2 of the current thread, under RCU; NULL without cgroups. */
static inline struct cgroup *socket_cgroup_of_task(void)
{
#ifdef CONFIG_CGROUPS
	struct css_set *set = rcu_dereference_raw(current->cgroups);

	return READ_ONCE(set->dfl_cgrp);
#else
	return NULL;
#endif
}

/* Its id. */
static int64_t socket_task_cgroup(void)
{
	int64_t id;

	rcu_read_lock();
	id = socket_cgroup_id(true, socket_cgroup_of_task());
	rcu_read_unlock();
	return id;
}

/*
 * Is the process `pid` root or a descendant of it?  -1 as root is the process that staprun -c
 * started.  A process whose parent has exited is a child of init or of a subreaper.
 */
static bool socket_process_descends(int pid, int root)
{
	struct task_struct *task = current, *parent;
	bool descends = false;
	int steps = 1000;

	if (root == -1)
		root = _stp_target;
	rcu_read_lock();
	if (pid != current->tgid)
		task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	/* In an interrupt, current may be a task that has already been unhashed. */
	else if (!pid_alive(current))
		task = NULL;
	while (task && steps--) {
		if (task->tgid == root) {
			descends = true;
			break;
		}
		parent = rcu_dereference(task->real_parent);
		task = parent == task ? NULL : parent;
	}
	rcu_read_unlock();
	return descends;
}

/* Is a process in the tree of the filter? */
static bool socket_filter_has_process(int pid)
{
	return socket_process_descends(pid,
				       socket_filters.numbers[SOCKET_FILTER_TREE].range[0].from);
}

static bool socket_filter_has_name(const char *comm)
{
	return !strncmp(comm, socket_filters.execname, TASK_COMM_LEN);
}

static noinline bool socket_numbers_have(const struct socket_numbers *numbers, s64 number)
{
	int i;

	for (i = 1; i < numbers->n; i++)
		if (number - numbers->range[i].from <= numbers->range[i].more)
			return true;
	return false;
}

/* Most filters have one number. */
static __always_inline bool socket_filter_lists(enum socket_filter_of of, s64 number)
{
	const struct socket_numbers *numbers = &socket_filters.numbers[of];

	return number - numbers->range[0].from <= numbers->range[0].more ||
	       (numbers->n > 1 && socket_numbers_have(numbers, number));
}

static __always_inline bool socket_filter_has(enum socket_filter_of of, s64 number)
{
	return socket_filter_lists(of, number) != socket_filters.numbers[of].others;
}

/* The one above a cgroup, which holds a reference on it. */
static __always_inline struct cgroup *socket_cgroup_above(bool pinned, struct cgroup *cgroup)
{
#ifdef CONFIG_CGROUPS
	struct cgroup_subsys_state *above;

	above = socket_get_pointer_either(pinned, cgroup, self.parent);
	return above ? container_of(above, struct cgroup, self) : NULL;
#else
	return NULL;
#endif
}

/* How many of them are compared. */
#define SOCKET_CGROUPS_ABOVE 512

/* Does the filter have the cgroup, or one above it? */
static __always_inline bool socket_filter_has_cgroup(bool pinned, struct cgroup *cgroup)
{
	int steps = SOCKET_CGROUPS_ABOVE;
	bool lists = false;

	for (; cgroup && steps-- && !lists; cgroup = socket_cgroup_above(pinned, cgroup))
		lists = socket_filter_lists(SOCKET_FILTER_CGROUP,
					    socket_cgroup_id(pinned, cgroup));
	return lists != socket_filters.numbers[SOCKET_FILTER_CGROUP].others;
}

static noinline bool socket_filter_has_task(void)
{
	bool has;

	rcu_read_lock();
	has = socket_filter_has_cgroup(true, socket_cgroup_of_task());
	rcu_read_unlock();
	return has;
}

static noinline bool socket_filter_has_cgroup_of(struct sock *sk)
{
	return socket_filter_has_cgroup(false, socket_cgroup(sk));
}

#define socket_filter_fails(of, set, is)				\
	((set) & SOCKET_FILTERED(of) && !socket_filter_has(SOCKET_FILTER_##of, is))

static noinline bool socket_process_passes_others(u32 set)
{
	return !(socket_filter_fails(UID, set, __kuid_val(current_uid())) ||
		 (set & SOCKET_FILTERED(CGROUP) && !socket_filter_has_task()) ||
		 (set & SOCKET_FILTERED(EXECNAME) && !socket_filter_has_name(current->comm) &&
		  !socket_filter_has_name(socket_process_leader()->comm)) ||
		 (set & SOCKET_FILTERED(TREE) && !socket_filter_has_process(current->tgid)));
}

/* The most frequent answer, in few instructions. */
static __always_inline bool socket_process_is_not(int pid)
{
	return pid && current->tgid != pid;
}

static __always_inline bool socket_process_is_other(void)
{
	return socket_process_is_not(socket_filters.only_pid);
}

/* Does the current process pass the filters? */
static __always_inline bool socket_process_passes(void)
{
	u32 set = socket_filters.of_process;

	return !set ||
	       (!socket_process_is_other() && !socket_filter_fails(PID, set, current->tgid) &&
		(!(set & ~SOCKET_FILTERED(PID)) || socket_process_passes_others(set)));
}

/* ------------------------------------------------------------ sockets */

/* An address as that of IPv6; false if it is none of IP. */
static bool socket_name_address(const struct socket_name *name, struct in6_addr *address)
{
	if (name->length && name->any.sa_family == AF_INET)
		ipv6_addr_set_v4mapped(name->in.sin_addr.s_addr, address);
	else if (name->length && name->any.sa_family == AF_INET6)
		*address = name->in6.sin6_addr;
	else
		return false;
	return true;
}

static bool socket_address_of(bool pinned, struct sock *sk, bool peer, struct in6_addr *address)
{
	struct socket_name name;

	socket_get_name(pinned, sk, peer, &name);
	return socket_name_address(&name, address);
}

/*
 * Is the address of one end in the networks?  sk may be NULL.  asked: an address to compare
 * instead, if it is one of IP; or NULL.
 */
static bool socket_networks_pass(bool pinned, struct sock *sk, bool peer,
				 const struct socket_name *asked)
{
	const struct socket_networks *networks = &socket_filters.networks[peer];
	const struct socket_network *network = networks->network;
	struct in6_addr address;

	if (!(asked && socket_name_address(asked, &address)) &&
	    !(sk && socket_address_of(pinned, sk, peer, &address)))
		return networks->others;
	for (; network < networks->network + networks->n; network++)
		/* A network of IPv6, ::/0 too, has no addresses of IPv4. */
		if (ipv6_addr_v4mapped(&address) == ipv6_addr_v4mapped(&network->address) &&
		    ipv6_prefix_equal(&address, &network->address, network->length))
			return !networks->others;
	return networks->others;
}

/* The filters of ports and addresses.  asked: a name to compare instead of the peer's; or NULL. */
static noinline bool socket_ends_pass(bool pinned, struct sock *sk, u32 set,
				      struct socket_name *asked)
{
	s64 port = asked ? socket_name_number(asked) : SOCKET_UNSET;

	return !(socket_filter_fails(LPORT, set, socket_value_port(pinned, sk, false)) ||
		 socket_filter_fails(RPORT, set, port >= 0 ? port :
						 socket_value_port(pinned, sk, true)) ||
		 (set & SOCKET_FILTERED(LADDR) &&
		  !socket_networks_pass(pinned, sk, false, NULL)) ||
		 (set & SOCKET_FILTERED(RADDR) &&
		  !socket_networks_pass(pinned, sk, true, asked)));
}

static __always_inline bool socket_kind_passes(u32 set, s64 family, s64 type, s64 protocol)
{
	return !(socket_filter_fails(FAMILY, set, family) ||
		 socket_filter_fails(TYPE, set, type) ||
		 socket_filter_fails(PROTOCOL, set, protocol));
}

static noinline bool socket_sk_passes_set(bool pinned, struct sock *sk, u32 set,
					  struct socket_name *asked)
{
	return socket_kind_passes(set, socket_value_family(pinned, sk),
				  socket_value_type(pinned, sk),
				  socket_value_protocol(pinned, sk)) &&
	       !socket_filter_fails(NETNS, set, socket_value_netns(socket_net(pinned, sk))) &&
	       (!(set & SOCKET_FILTERS_OF_PORTS) || socket_ends_pass(pinned, sk, set, asked));
}

/* Does a socket pass the filters? */
static __always_inline bool socket_sk_passes(bool pinned, struct sock *sk)
{
	u32 set = socket_filters.of_socket;

	return !set || socket_sk_passes_set(pinned, sk, set, NULL);
}

/* ------------------------------------------------------------ messages */

static __always_inline bool socket_is_chosen(struct socket *sock)
{
	return atomic_read(&socket_filters.chosen[hash_ptr(sock, SOCKET_CHOSEN_BITS)]) != 0;
}

/* Does a message pass the filters?  If sockets are chosen, no other filter applies to it. */
static __always_inline bool socket_message_passes(bool pinned, struct socket *sock,
						  struct sock *sk)
{
	return socket_filters.chosen ? socket_is_chosen(sock) :
		socket_process_passes() && socket_sk_passes(pinned, sk);
}

/* May a call pass them, as far as its entry says? */
static __always_inline bool socket_call_may_pass(void)
{
	return socket_filters.chosen || socket_process_passes();
}

/* The same for a call of a function that is given a socket and moves a message. */
static __always_inline bool socket_message_may_pass(struct socket *sock)
{
	return socket_filters.chosen_at_entry ? socket_is_chosen(sock) : socket_call_may_pass();
}

#endif
