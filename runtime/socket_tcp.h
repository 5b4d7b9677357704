/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: how a TCP connection fares.
 *
 * runtime/values.tbl calls these functions for a socket that nothing pins.  They compute what
 * tcp_get_info() does for getsockopt(TCP_INFO), and so ss -ti.
 */
#ifndef SOCKET_TAPSET_TCP_H
#define SOCKET_TAPSET_TCP_H

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/tcp.h>
#include "socket_values.h"

/*
 * NULL for a listener, whose members have other meanings, and for MPTCP, whose connections are
 * those of its subflows.
 */
static inline struct tcp_sock *socket_tcp(struct sock *sk)
{
	return socket_is_tcp(false, sk) && socket_value_protocol(false, sk) == IPPROTO_TCP &&
	       socket_get_nofault(sk, sk_state, TCP_LISTEN) != TCP_LISTEN ?
		(struct tcp_sock *)sk : NULL;
}

#define socket_tcp_get(sk, member)					\
({									\
	struct tcp_sock *__tcp = socket_tcp(sk);			\
									\
	socket_get_nofault(__tcp, member, SOCKET_UNSET);		\
})

/* Eight times the time and four times the deviation. */
static inline int64_t socket_tcp_rtt(struct sock *sk)
{
	int64_t rtt = socket_tcp_get(sk, srtt_us);

	return rtt == SOCKET_UNSET ? rtt : rtt >> 3;
}

static inline int64_t socket_tcp_rttvar(struct sock *sk)
{
	int64_t deviation = socket_tcp_get(sk, mdev_us);

	return deviation == SOCKET_UNSET ? deviation : deviation >> 2;
}

static inline int64_t socket_tcp_delivery_rate(struct sock *sk)
{
	struct tcp_sock *tcp = socket_tcp(sk);
	u64 segments = socket_get_nofault(tcp, rate_delivered, 0);
	u32 interval = socket_get_nofault(tcp, rate_interval_us, 0);
	int64_t mss = socket_get_nofault(tcp, mss_cache, SOCKET_UNSET);

	if (mss == SOCKET_UNSET || !segments || !interval)
		return mss == SOCKET_UNSET ? mss : 0;
	return div_u64(segments * mss * USEC_PER_SEC, interval) & S64_MAX;
}

/*
 * Where a tcp_sock has chrono_type, which is a bit field in some kernels: the byte and the bits
 * that are set in a tcp_sock with nothing else.
 */
static size_t socket_tcp_chrono_at(u8 *bits)
{
	static const struct tcp_sock sample = { .chrono_type = __TCP_CHRONO_MAX - 1 };
	static size_t found;
	const u8 *byte = (const u8 *)&sample;
	size_t at = READ_ONCE(found);

	while (!byte[at])
		at++;
	WRITE_ONCE(found, at);
	*bits = byte[at];
	return at;
}

/*
 * How long the connection waited for this, in us.  The last period may be running, and end or
 * begin meanwhile.
 */
static inline int64_t socket_tcp_limited(struct sock *sk, enum tcp_chrono by)
{
	struct tcp_sock *tcp = socket_tcp(sk);
	struct { u8 byte; } *type;
	int64_t stat, start, running;
	u32 ticks;
	u8 bits;
	int tries;

	BUILD_BUG_ON(TCP_CHRONO_RWND_LIMITED != 2 || TCP_CHRONO_SNDBUF_LIMITED != 3);
	if (!tcp)
		return SOCKET_UNSET;
	type = (void *)tcp + socket_tcp_chrono_at(&bits);
	for (tries = 0; tries < 4; tries++) {
		stat = socket_get_nofault(tcp, chrono_stat[by - 1], SOCKET_UNSET);
		start = socket_get_nofault(tcp, chrono_start, SOCKET_UNSET);
		smp_rmb();
		running = socket_get_nofault(type, byte, 0) & bits;
		smp_rmb();
		if (socket_get_nofault(tcp, chrono_stat[by - 1], SOCKET_UNSET) == stat &&
		    socket_get_nofault(tcp, chrono_start, SOCKET_UNSET) == start)
			break;
	}
	if (stat == SOCKET_UNSET)
		return stat;
	ticks = stat;
	/* The bits are those of the number 3, and so one of them is that of 1. */
	if (running == by * (bits / 3))
		ticks += (u32)jiffies - (u32)start;
	return (int64_t)ticks * (USEC_PER_SEC / HZ);
}

#endif
