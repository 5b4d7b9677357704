/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the local and remote address of a socket.
 *
 * socket_get_name() does what getsockname(2) and getpeername(2) do, for any pointer and
 * without the locks of the protocols.  A name has a text and a number:
 *
 *   IPv4, IPv6   address                        port
 *   UNIX         path, @abstract                -
 *   netlink      port id                        mask of the first 32 groups
 *   packet       interface                      ethertype
 *   vsock        context id                     port
 */
#ifndef SOCKET_TAPSET_ADDRESS_H
#define SOCKET_TAPSET_ADDRESS_H

#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/un.h>
#include <net/af_vsock.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include "socket_values.h"

struct socket_name {
	int length;			/* of the address; 0: none */
	bool portless;			/* a raw IP socket, which has no ports */
	union {
		struct sockaddr_storage storage;
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_nl nl;
		struct sockaddr_ll ll;
		struct sockaddr_vm vm;
	};
};

static __always_inline struct net *socket_net(bool pinned, struct sock *sk)
{
#ifdef CONFIG_NET_NS
	return socket_get_pointer_either(pinned, sk, sk_net.net);
#else
	return sk ? &init_net : NULL;
#endif
}

static inline int64_t socket_value_netns(struct net *net)
{
	return socket_get_nofault(net, ns.inum, SOCKET_UNSET);
}

/* ------------------------------------------------------------ by family */

/* As inet_getname(), but the peer is also that of an attempt to connect. */
static __always_inline void socket_name_inet(bool pinned, struct sock *sk, bool peer,
					   struct socket_name *name)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	struct sockaddr_in *in = &name->in;

	if (peer) {
		in->sin_addr.s_addr = socket_get_either(pinned, inet, inet_daddr, 0);
		in->sin_port = socket_get_either(pinned, inet, inet_dport, 0);
	} else {
		in->sin_addr.s_addr = socket_get_either(pinned, inet, inet_rcv_saddr, 0);
		if (!in->sin_addr.s_addr)
			in->sin_addr.s_addr = socket_get_either(pinned, inet, inet_saddr, 0);
		in->sin_port = socket_get_either(pinned, inet, inet_sport, 0);
	}
	if (name->portless) {
		in->sin_port = 0;
		if (peer && socket_get_either(pinned, sk, sk_state, 0) != TCP_ESTABLISHED)
			return;
	}
	if (in->sin_port || (in->sin_addr.s_addr && (!peer || name->portless)))
		name->length = sizeof(*in);
}

/* An address with link-local scope includes its interface (RFC 4007). */
static bool socket_ipv6_is_local(const struct in6_addr *addr)
{
	return addr->s6_addr[0] == 0xfe ? (addr->s6_addr[1] & 0xc0) == 0x80 :
	       addr->s6_addr[0] == 0xff && (addr->s6_addr[1] & 0x0f) == 2;
}

#if IS_ENABLED(CONFIG_IPV6)
/* As inet6_getname(). */
static __always_inline void socket_name_inet6(bool pinned, struct sock *sk, bool peer,
					   struct socket_name *name)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	struct sockaddr_in6 *in6 = &name->in6;
	const struct in6_addr *from = peer ? &sk->sk_v6_daddr :
					     &sk->sk_v6_rcv_saddr;
	struct ipv6_pinfo *np;

	if (pinned)
		in6->sin6_addr = *from;
	else if (copy_from_kernel_nofault(&in6->sin6_addr, from,
					  sizeof(in6->sin6_addr)))
		return;
	if (!peer && ipv6_addr_any(&in6->sin6_addr)) {
		np = socket_get_pointer_either(pinned, inet, pinet6);
		if (np && copy_from_kernel_nofault(&in6->sin6_addr, &np->saddr,
						   sizeof(in6->sin6_addr)))
			return;
	}
	in6->sin6_port = peer ? socket_get_either(pinned, inet, inet_dport, 0) :
				socket_get_either(pinned, inet, inet_sport, 0);
	if (socket_ipv6_is_local(&in6->sin6_addr))
		in6->sin6_scope_id = socket_get_either(pinned, sk, sk_bound_dev_if, 0);
	if (name->portless) {
		in6->sin6_port = 0;
		if (peer && socket_get_either(pinned, sk, sk_state, 0) != TCP_ESTABLISHED)
			return;
	}
	if (in6->sin6_port || (!ipv6_addr_any(&in6->sin6_addr) &&
			       (!peer || name->portless)))
		name->length = sizeof(*in6);
}
#endif

/* As unix_getname(). */
static __always_inline void socket_name_unix(bool pinned, struct sock *sk, bool peer,
					   struct socket_name *name)
{
	struct unix_sock *at = (struct unix_sock *)sk, *other = NULL;
	struct unix_address *addr;
	int64_t length;

	/* The peer is pinned only while it is the peer. */
	if (peer) {
		other = socket_get_pointer_either(pinned, at, peer);
		addr = socket_get_pointer_nofault(other, addr);
	} else {
		addr = socket_get_pointer_either(pinned, at, addr);
	}
	length = socket_get_nofault(addr, len, 0);
	if (length <= (int64_t)offsetof(struct sockaddr_un, sun_path) ||
	    length > (int64_t)sizeof(name->un) ||
	    copy_from_kernel_nofault(&name->un, addr->name, length))
		return;
	smp_rmb();
	if (!peer || (socket_get_pointer_nofault(at, peer) == other &&
		      socket_get_pointer_nofault(other, addr) == addr))
		name->length = length;
}

/*
 * As netlink_getname().  struct netlink_sock is private to net/netlink.  It has two layouts:
 * v2, with flags first, since 6.6 and in the stable series that took the change.  Their wait
 * queues are at different offsets; an address is that of a list head if the next entry's prev
 * points back to it.
 */
struct socket_netlink_v1 {
	struct sock sk;
	u32 portid, dst_portid, dst_group, flags, subscriptions, ngroups;
	unsigned long *groups, state;
	size_t max_recvmsg_len;
	wait_queue_head_t wait;
};

struct socket_netlink_v2 {
	struct sock sk;
	unsigned long flags;
	u32 portid, dst_portid, dst_group, subscriptions, ngroups;
	unsigned long *groups, state;
	size_t max_recvmsg_len;
	wait_queue_head_t wait;
};

#define SOCKET_NETLINK_CONNECTED 1	/* NETLINK_CONNECTED of af_netlink.h */

#define socket_netlink_get(v1, sk, member, unset)			\
	((v1) ?								\
	 socket_get_nofault((struct socket_netlink_v1 *)(sk), member, unset) : \
	 socket_get_nofault((struct socket_netlink_v2 *)(sk), member, unset))

static void *socket_netlink_groups(bool v1, struct sock *sk)
{
	return v1 ? socket_get_pointer_nofault((struct socket_netlink_v1 *)sk, groups) :
		    socket_get_pointer_nofault((struct socket_netlink_v2 *)sk, groups);
}

static bool socket_netlink_is_v1(struct sock *sk)
{
	struct socket_netlink_v2 *nlk = (void *)sk;
	struct list_head *next = socket_get_pointer_nofault(nlk, wait.head.next);

	return socket_get_pointer_nofault(next, prev) != &nlk->wait.head;
}

static void socket_name_netlink(struct sock *sk, bool peer,
				struct socket_name *name)
{
	bool v1 = socket_netlink_is_v1(sk);
	struct { unsigned long mask; } *groups;

	if (peer) {
		u32 group = socket_netlink_get(v1, sk, dst_group, 0);

		if (socket_get_nofault(sk, sk_state, 0) != SOCKET_NETLINK_CONNECTED)
			return;
		name->nl.nl_pid = socket_netlink_get(v1, sk, dst_portid, 0);
		name->nl.nl_groups = group && group <= 32 ? 1u << (group - 1) : 0;
	} else {
		name->nl.nl_pid = socket_netlink_get(v1, sk, portid, 0);
		if (!name->nl.nl_pid)
			return;
		groups = socket_netlink_groups(v1, sk);
		name->nl.nl_groups = socket_get_nofault(groups, mask, 0);
		smp_rmb();
		/* The kernel moves the groups when it makes room for more. */
		if (socket_netlink_groups(v1, sk) != groups)
			return;
	}
	name->length = sizeof(name->nl);
}

/*
 * As packet_getname().  struct packet_sock is private to net/packet.  It contains, at the
 * start of a cache line, a struct packet_type whose private data is the socket.
 */
static struct packet_type *socket_packet_hook(struct sock *sk)
{
	struct proto *proto = socket_get_pointer_nofault(sk, sk_prot);
	int64_t size = socket_get_nofault(proto, obj_size, 0);
	struct packet_type *hook;
	int64_t at;

	if (size > 2 * PAGE_SIZE)
		return NULL;
	for (at = ALIGN(sizeof(struct sock), SMP_CACHE_BYTES);
	     at + (int64_t)sizeof(*hook) <= size; at += SMP_CACHE_BYTES) {
		hook = (void *)sk + at;
		if (socket_get_pointer_nofault(hook, af_packet_priv) == sk)
			return hook;
	}
	return NULL;
}

static void socket_name_packet(struct sock *sk, bool peer,
			       struct socket_name *name)
{
	struct packet_type *hook = peer ? NULL : socket_packet_hook(sk);
	struct net_device *dev;

	if (!hook)
		return;
	name->ll.sll_protocol = socket_get_nofault(hook, type, 0);
	dev = socket_get_pointer_nofault(hook, dev);
	name->ll.sll_ifindex = socket_get_nofault(dev, ifindex, 0);
	smp_rmb();
	if (socket_get_pointer_nofault(hook, dev) != dev)
		return;			/* the device was removed meanwhile */
	if (name->ll.sll_protocol || name->ll.sll_ifindex)
		name->length = sizeof(name->ll);
}

/* As vsock_getname(), but the address that a failed connect() leaves is not a peer. */
static __always_inline void socket_name_vsock(bool pinned, struct sock *sk, bool peer,
					   struct socket_name *name)
{
	struct vsock_sock *vsk = (struct vsock_sock *)sk;

	if (peer && socket_get_either(pinned, sk, sk_state, TCP_CLOSE) == TCP_CLOSE)
		return;
	if (!copy_from_kernel_nofault(&name->vm, peer ? &vsk->remote_addr :
						  &vsk->local_addr,
				      sizeof(name->vm)) &&
	    name->vm.svm_port != VMADDR_PORT_ANY)
		name->length = sizeof(name->vm);
}

static __always_inline void socket_get_name(bool pinned, struct sock *sk, bool peer,
					    struct socket_name *name)
{
	int64_t family = socket_value_family(pinned, sk);

	name->length = 0;
	if (family < 0)
		return;
	memset(&name->in6, 0, sizeof(name->in6));
	name->any.sa_family = family;
	name->portless = socket_value_type(pinned, sk) == SOCK_RAW;
	switch (family) {
	case AF_INET:
		socket_name_inet(pinned, sk, peer, name);
		break;
#if IS_ENABLED(CONFIG_IPV6)
	case AF_INET6:
		socket_name_inet6(pinned, sk, peer, name);
		break;
#endif
	case AF_UNIX:
		socket_name_unix(pinned, sk, peer, name);
		break;
	case AF_NETLINK:
		socket_name_netlink(sk, peer, name);
		break;
	case AF_PACKET:
		socket_name_packet(sk, peer, name);
		break;
	case AF_VSOCK:
		socket_name_vsock(pinned, sk, peer, name);
		break;
	}
}

/*
 * The address argument of a call, in user or kernel memory.  sock is NULL if sk is pinned,
 * else the struct socket of sk.
 */
static void socket_name_given(struct socket *sock, struct sock *sk, const void *at,
			      int64_t length, bool user, struct socket_name *name)
{
	memset(name, 0, sizeof(*name));
	if (!at || length < (int64_t)sizeof(sa_family_t) ||
	    length > (int64_t)sizeof(name->storage))
		return;
	if (socket_read_given(&name->storage, at, length, user))
		return;
	name->length = length;
	name->portless = SOCK_RAW == (sock ?
		socket_value_unpinned(sock, same, socket_value_type(false, same)) :
		socket_value_type(true, sk));
}

/* ------------------------------------------------------------ text, number */

static int64_t socket_name_number(struct socket_name *name)
{
	switch (name->length ? name->any.sa_family : AF_UNSPEC) {
	case AF_INET:
		return name->portless ? SOCKET_UNSET : ntohs(name->in.sin_port);
	case AF_INET6:
		return name->portless ? SOCKET_UNSET : ntohs(name->in6.sin6_port);
	case AF_NETLINK:
		return name->nl.nl_groups;
	case AF_PACKET:
		return name->ll.sll_protocol ? ntohs(name->ll.sll_protocol) :
					       SOCKET_UNSET;
	case AF_VSOCK:
		return name->vm.svm_port;
	}
	return SOCKET_UNSET;
}

/* The name of an interface, from the index of the namespace: dev_get_by_index_rcu(). */
static void socket_interface(struct net *net, int index, char *text, size_t size)
{
	struct hlist_head *head = socket_get_pointer_nofault(net, dev_index_head);
	struct hlist_node *node;
	int tries = 64;

	text[0] = 0;
	if (!head || index <= 0)
		return;
	node = socket_get_pointer_nofault(&head[index & (NETDEV_HASHENTRIES - 1)], first);
	for (; node && tries--; node = socket_get_pointer_nofault(node, next)) {
		struct net_device *dev;
		char name[IFNAMSIZ];

		dev = container_of(node, struct net_device, index_hlist);
		if (socket_get_nofault(dev, ifindex, 0) != index)
			continue;
		if (!copy_from_kernel_nofault(name, dev->name, sizeof(name))) {
			name[IFNAMSIZ - 1] = 0;
			strscpy(text, name, size);
		}
		return;
	}
}

/*
 * Makes bytes printable, without spaces: each space, backslash and byte outside of printable
 * ASCII becomes a backslash and three octal digits.  The rest is dropped if text is full.
 */
static void socket_escape(const char *from, size_t length, char *text,
			  size_t size)
{
	char *end = text + size - 1;

	for (; length; length--, from++) {
		unsigned char c = *from;

		if (c > ' ' && c < 0x7f && c != '\\') {
			if (text == end)
				break;
			*text++ = c;
			continue;
		}
		if (end - text < 4)
			break;
		*text++ = '\\';
		*text++ = '0' + (c >> 6);
		*text++ = '0' + (c >> 3 & 7);
		*text++ = '0' + (c & 7);
	}
	*text = 0;
}

static void socket_unix_text(struct socket_name *name, char *text, size_t size)
{
	const char *path = name->un.sun_path;
	size_t length = name->length - offsetof(struct sockaddr_un, sun_path);

	if (length > sizeof(name->un.sun_path))
		length = sizeof(name->un.sun_path);
	if (!length)
		return;
	if (path[0]) {
		socket_escape(path, strnlen(path, length), text, size);
	} else {
		*text = '@';
		socket_escape(path + 1, length - 1, text + 1, size - 1);
	}
}

/* snprintf() with "%pI4" takes ten times as long. */
static void socket_ipv4_text(const u8 *byte, char *text, size_t size)
{
	int i;

	if (size < sizeof("255.255.255.255"))
		return;
	for (i = 0; i < 4; i++) {
		unsigned int n = byte[i];

		if (n >= 100)
			*text++ = '0' + n / 100;
		if (n >= 10)
			*text++ = '0' + n / 10 % 10;
		*text++ = '0' + n % 10;
		*text++ = i < 3 ? '.' : 0;
	}
}

/* The text of a name; empty if it has none. */
static void socket_name_text(struct sock *sk, struct socket_name *name,
			     char *text, size_t size)
{
	text[0] = 0;
	switch (name->length ? name->any.sa_family : AF_UNSPEC) {
	case AF_INET:
		if (!name->portless || name->in.sin_addr.s_addr)
			socket_ipv4_text((u8 *)&name->in.sin_addr, text, size);
		break;
	case AF_INET6:
		if (name->portless && ipv6_addr_any(&name->in6.sin6_addr))
			break;
		if (name->in6.sin6_scope_id &&
		    socket_ipv6_is_local(&name->in6.sin6_addr))
			snprintf(text, size, "%pI6c%%%u", &name->in6.sin6_addr,
				 name->in6.sin6_scope_id);
		else
			snprintf(text, size, "%pI6c", &name->in6.sin6_addr);
		break;
	case AF_UNIX:
		socket_unix_text(name, text, size);
		break;
	case AF_NETLINK:
		snprintf(text, size, "%u", name->nl.nl_pid);
		break;
	case AF_PACKET:
		socket_interface(socket_net(false, sk), name->ll.sll_ifindex, text, size);
		break;
	case AF_VSOCK:
		snprintf(text, size, "%u", name->vm.svm_cid);
		break;
	}
}

static __always_inline void socket_value_address(bool pinned, struct sock *sk, bool peer,
						 char *text, size_t size)
{
	struct socket_name name;

	socket_get_name(pinned, sk, peer, &name);
	socket_name_text(sk, &name, text, size);
}

static __always_inline int64_t socket_value_port(bool pinned, struct sock *sk, bool peer)
{
	struct socket_name name;

	if (socket_value_family(pinned, sk) == AF_UNIX)
		return SOCKET_UNSET;
	socket_get_name(pinned, sk, peer, &name);
	return socket_name_number(&name);
}

#endif
