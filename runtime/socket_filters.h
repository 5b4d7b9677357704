/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: filters by process and by socket.
 *
 * A script sets them in probe begin, and nothing writes to them later.  socket_gate.h applies
 * them ahead of stap's handlers, where the event has a socket or a process that is known
 * there; the probes of socket.stp apply them to all other events.
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

/* IPv4 addresses are kept as ::ffff:0:0/96, as on sockets of IPv6. */
struct socket_network {
	struct in6_addr address;
	int length;			/* of the prefix, in bits */
};

enum socket_filter_target {
	SOCKET_FILTER_ALL,
	SOCKET_FILTER_MESSAGES,		/* the ends of messages alone */
	SOCKET_FILTER_ACCOUNT,		/* the account alone */
};

/* How many sockets a script has chosen, by hash_ptr() of the struct socket. */
#define SOCKET_CHOSEN_BITS 16

static struct {
	bool any;			/* is one set? */
	u32 of_process, of_socket;	/* the filters that are set, a bit each */
	enum socket_filter_target target;
	atomic_t *chosen;		/* NULL, or only their messages pass */
	bool chosen_at_entry;		/* no socket is chosen during a call */
	int only_pid;			/* 0, or no message of another process passes */
	s64 number[NR_SOCKET_NUMBERS];
	char execname[TASK_COMM_LEN];
	struct socket_network network[2];	/* local, remote */
} socket_filters __read_mostly;

/* ------------------------------------------------------------ set by the script */

/* Runs after each change. */
static void socket_filters_update(void)
{
	socket_filters.only_pid = socket_filters.of_process & SOCKET_FILTERED(PID) &&
				  socket_filters.target != SOCKET_FILTER_ACCOUNT &&
				  !socket_filters.chosen ?
		socket_filters.number[SOCKET_FILTER_PID] : 0;
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

/* Both write the reason to `wrong` if they return false. */
static bool socket_filter_set(const char *name, s64 number, char *wrong, size_t size)
{
	static const struct {
		const char *name;
		s64 least, most;
	} filters[] = {
#define SOCKET_FILTER(of, name, least, most) { name, least, most },
		SOCKET_FILTERS(SOCKET_FILTER)
#undef SOCKET_FILTER
	};
	size_t n;
	int i;

	for (i = 0; i < NR_SOCKET_NUMBERS; i++)
		if (!strcmp(name, filters[i].name)) {
			if (number < filters[i].least || number > filters[i].most) {
				snprintf(wrong, size, "socket_filter: %s is a number from %lld to %lld, not %lld",
					 name, filters[i].least, filters[i].most, number);
				return false;
			}
			if (i == SOCKET_FILTER_TREE && (!number || (number < 0 && !_stp_target))) {
				snprintf(wrong, size, "socket_filter: tree is the number of a process, or -1 with stap -c or -x, not %lld",
					 number);
				return false;
			}
			socket_filters.number[i] = number;
			socket_filter_use(i);
			return true;
		}
	n = scnprintf(wrong, size, "socket_filter: the filters are");
	for (i = 0; i < NR_SOCKET_NUMBERS; i++)
		n += scnprintf(wrong + n, size - n, "%s %s", i ? "," : "", filters[i].name);
	scnprintf(wrong + n, size - n, "; not '%.32s'", name);
	return false;
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

static bool socket_filter_set_network(const char *name, const char *text, char *wrong,
				      size_t size)
{
	bool local = !strcmp(name, "laddr");

	if (!local && strcmp(name, "raddr")) {
		snprintf(wrong, size, "socket_filter_network: the filters are laddr, raddr; not '%.32s'",
			 name);
		return false;
	}
	if (!socket_network_parse(text, &socket_filters.network[!local])) {
		snprintf(wrong, size, "socket_filter_network: %s is an address or network, such as 10.0.0.0/8 or 2001:db8::/32; not '%.64s'",
			 name, text);
		return false;
	}
	socket_filter_use(local ? SOCKET_FILTER_LADDR : SOCKET_FILTER_RADDR);
	return true;
}

/* ------------------------------------------------------------ processes */

/* The id of the cgroup of version 2 of the current thread; unset without cgroups. */
static int64_t socket_task_cgroup(void)
{
#ifdef CONFIG_CGROUPS
	struct css_set *set;
	struct cgroup *cgroup;
	int64_t id;

	rcu_read_lock();
	set = rcu_dereference_raw(current->cgroups);
	cgroup = READ_ONCE(set->dfl_cgrp);
	id = cgroup->kn->id;
	rcu_read_unlock();
	return id;
#else
	return SOCKET_UNSET;
#endif
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

static bool socket_filter_has_name(const char *comm)
{
	return !strncmp(comm, socket_filters.execname, TASK_COMM_LEN);
}

#define socket_filter_fails(of, set, is)				\
	((set) & SOCKET_FILTERED(of) && (is) != socket_filters.number[SOCKET_FILTER_##of])

static noinline bool socket_process_passes_others(u32 set)
{
	return !(socket_filter_fails(UID, set, __kuid_val(current_uid())) ||
		 socket_filter_fails(CGROUP, set, socket_task_cgroup()) ||
		 (set & SOCKET_FILTERED(EXECNAME) && !socket_filter_has_name(current->comm) &&
		  !socket_filter_has_name(socket_process_leader()->comm)) ||
		 (set & SOCKET_FILTERED(TREE) &&
		  !socket_process_descends(current->tgid,
					   socket_filters.number[SOCKET_FILTER_TREE])));
}

/* The most frequent answer, in few instructions. */
static __always_inline bool socket_process_is_other(void)
{
	int pid = socket_filters.only_pid;

	return pid && current->tgid != pid;
}

/* Does the current process pass the filters? */
static __always_inline bool socket_process_passes(void)
{
	u32 set = socket_filters.of_process;

	return !set ||
	       (!socket_filter_fails(PID, set, current->tgid) &&
		(!(set & ~SOCKET_FILTERED(PID)) || socket_process_passes_others(set)));
}

/* ------------------------------------------------------------ sockets */

/* Its address as that of IPv6; false if it has none of IP. */
static bool socket_address_of(bool pinned, struct sock *sk, bool peer, struct in6_addr *address)
{
	struct socket_name name;

	socket_get_name(pinned, sk, peer, &name);
	if (name.length && name.any.sa_family == AF_INET)
		ipv6_addr_set_v4mapped(name.in.sin_addr.s_addr, address);
	else if (name.length && name.any.sa_family == AF_INET6)
		*address = name.in6.sin6_addr;
	else
		return false;
	return true;
}

static bool socket_is_in_network(bool pinned, struct sock *sk, bool peer)
{
	const struct socket_network *network = &socket_filters.network[peer];
	struct in6_addr address;

	/* A network of IPv6, ::/0 too, has no addresses of IPv4. */
	return socket_address_of(pinned, sk, peer, &address) &&
	       ipv6_addr_v4mapped(&address) == ipv6_addr_v4mapped(&network->address) &&
	       ipv6_prefix_equal(&address, &network->address, network->length);
}

/* The filters of ports and addresses.  asked: a port to compare instead of rport, or -1. */
static noinline bool socket_ends_pass(bool pinned, struct sock *sk, u32 set, s64 asked)
{
	return !(socket_filter_fails(LPORT, set, socket_value_port(pinned, sk, false)) ||
		 socket_filter_fails(RPORT, set, asked >= 0 ? asked :
						 socket_value_port(pinned, sk, true)) ||
		 (set & SOCKET_FILTERED(LADDR) && !socket_is_in_network(pinned, sk, false)) ||
		 (set & SOCKET_FILTERED(RADDR) && !socket_is_in_network(pinned, sk, true)));
}

static __always_inline bool socket_kind_passes(u32 set, s64 family, s64 type, s64 protocol)
{
	return !(socket_filter_fails(FAMILY, set, family) ||
		 socket_filter_fails(TYPE, set, type) ||
		 socket_filter_fails(PROTOCOL, set, protocol));
}

static noinline bool socket_sk_passes_set(bool pinned, struct sock *sk, u32 set, s64 asked)
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

	return !set || socket_sk_passes_set(pinned, sk, set, -1);
}

/* ------------------------------------------------------------ messages */

static __always_inline bool socket_is_chosen(struct socket *sock)
{
	return atomic_read(&socket_filters.chosen[hash_ptr(sock, SOCKET_CHOSEN_BITS)]) > 0;
}

/* Does a message pass the filters?  Those of chosen sockets replace all others. */
static __always_inline bool socket_message_passes(bool pinned, struct socket *sock,
						  struct sock *sk)
{
	return socket_filters.chosen ? socket_is_chosen(sock) :
		socket_process_passes() && socket_sk_passes(pinned, sk);
}

/* May a call pass them, as far as its entry says? */
static __always_inline bool socket_call_may_pass(void)
{
	return socket_filters.chosen ||
	       (!socket_process_is_other() && socket_process_passes());
}

/* The same for a call of a function that is given a socket and moves a message. */
static __always_inline bool socket_message_may_pass(struct socket *sock)
{
	return socket_filters.chosen_at_entry ? socket_is_chosen(sock) : socket_call_may_pass();
}

#endif
