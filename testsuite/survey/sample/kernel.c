// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Input of the tests of survey: a program that has in it, by the attributes of its functions and
 * the way they are called, each case that a kernel may have.  Run, it prints where members
 * are, as the compiler knows it.
 */
#include <stddef.h>
#include <stdio.h>

#define apart __attribute__((noinline, noclone))
/* Another version of it. */
#ifdef NEWER
#define same_without same_with
#define once_inside apart
#else
#define once_inside static inside
#endif
#define inside inline __attribute__((always_inline))

typedef unsigned short u16;
typedef unsigned int u32;
typedef struct {
	long counter;
} count_t;

struct sock;

struct msghdr {
	void *msg_name;
	int msg_namelen;
};

struct socket {
	short state;
	unsigned int low : 3, high : 7;
	union {
		int number;
		struct {
			char text[6];
			count_t count;
		};
	};
	struct sock *sk;
	void (*called)(struct socket *, int);
	u16 many[3][4];
};

struct sock {
	struct {
		u16 skc_family;
		volatile unsigned char skc_state;
	} common;
	u32 flags[5];
	const struct socket *const sk_socket;
};

struct private
{
	struct sock sk;
#ifdef NEWER
	u32 other;
#endif
	u32 id;
};

int seen; /* what keeps functions from being nothing */
struct private private;

struct __kernel_sockaddr_storage {
	char bytes[128];
};
enum way { INTO, FROM };

/* ------------------------------------------------------------ signatures */

apart int same(struct socket *restrict sock, const struct msghdr *msg,
	       unsigned long size)
{
	return seen += sock->state + msg->msg_namelen + size;
}

apart void same_without(void)
{
	seen++;
}

apart const char *same_kinds(char a, signed char b, unsigned char c, short d,
			     unsigned e, long long f, unsigned long long g,
			     _Bool h, enum way i, void **j)
{
	seen += a + b + c + d + e + f + g + h + i + !j;
	return "";
}

apart int same_address(struct __kernel_sockaddr_storage *address, ...)
{
	return seen += address->bytes[0];
}

apart int renamed(struct socket *sock)
{
	return seen += sock->state;
}
apart int fewer(struct socket *sock)
{
	return seen += sock->state;
}
apart int more(struct socket *sock, int flags)
{
	return seen += sock->state + flags;
}
apart int retyped(struct sock *sk, int flags)
{
	return seen += sk->flags[0] + flags;
}
apart int signless(struct socket *sock, u32 flags)
{
	return seen += sock->state + flags;
}
apart int wider(struct socket *sock, long flags)
{
	return seen += sock->state + flags;
}
apart long result(struct socket *sock)
{
	return seen += sock->state;
}
#ifdef NEWER
apart int before(struct sock *sock, int flags)
{
	return seen += sock->flags[0] + flags;
}
#else
apart int before(struct socket *sock, int flags)
{
	return seen += sock->state + flags;
}
#endif

apart int optional(struct socket *sock, int flags)
{
	return seen += sock->state + flags;
}

/* ------------------------------------------------------------ inlined, cloned */

once_inside int swallowed(struct socket *sock)
{
	return sock->state * 3 + seen;
}

/* A function of its own, and a copy in each that calls it. */
extern inside int copied(struct socket *sock)
{
	return sock->state * 5 + seen;
}
extern int copied(struct socket *sock);

apart int caller(struct socket *sock)
{
	seen = swallowed(sock);
	return swallowed(sock) + copied(sock);
}

/* By way of another one that is inlined too. */
static inside int between(struct socket *sock)
{
	return swallowed(sock);
}

apart int other_caller(struct socket *sock)
{
	return between(sock) + seen;
}

/* Is given one and the same number by all. */
static __attribute__((noinline)) int cloned(struct socket *sock, int factor)
{
	int i;

	for (i = 0; i < factor; i++)
		seen += sock->state * i;
	return seen;
}

__attribute__((cold, noinline)) void seldom(void)
{
	seen += 2;
}

apart int with_cold(struct socket *sock)
{
	if (__builtin_expect(sock->state == 7, 0)) {
		seldom();
		seen *= sock->state;
	}
	return seen;
}

/* ------------------------------------------------------------ tracepoints */

typedef void (*btf_trace_traced)(void *, struct sock *, int);
typedef void (*btf_trace_changed)(void *, struct sock *, long);
struct tracepoint {
	btf_trace_traced traced;
} __tracepoint_traced;
apart int __traceiter_changed(btf_trace_changed call)
{
	return seen += !call;
}

/* ------------------------------------------------------------ members */

#define place(of, member)                                                    \
	printf("%s.%s %zu %zu\n", #of, #member, offsetof(struct of, member), \
	       sizeof(((struct of *)0)->member))

int main(int argc, char **argv)
{
	struct socket socket = { argc, 1, 1, { argc }, NULL, NULL, { { 0 } } };
	struct msghdr msg = { argv, 1 };

	place(socket, state);
	place(socket, number);
	place(socket, text);
	place(socket, count.counter);
	place(socket, sk);
	place(socket, called);
	place(socket, many);
	place(sock, common.skc_family);
	place(sock, common.skc_state);
	place(sock, flags);
	place(sock, sk_socket);
	place(private, sk);
	place(private, id);
	if (argc > 99) {
		same(&socket, &msg, 1);
		same_without();
		seen += cloned(&socket, 12) + cloned(&socket + 1, 12) +
			with_cold(&socket);
	}
	return 0;
}
