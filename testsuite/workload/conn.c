// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scenarios about connections: names given, asked for and refused; connections
 * made, waited for, given up and ended; options set and read.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/un.h>

#define NEG(e) (-(long)(e))
#define MS 1000000L
#define IN_KERNEL_RESTART (-512)
#define PRIVATE_PROTOCOL 253
#define ETHERTYPE_ONE 0x88b5

/* --------------------------------------------------------------- names */

static int in4(struct sockaddr_storage *a, const char *ip, int port)
{
	struct sockaddr_in *in = (void *)a;

	memset(a, 0, sizeof(*a));
	in->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &in->sin_addr);
	in->sin_port = htons((uint16_t)port);
	return sizeof(*in);
}

static int in6(struct sockaddr_storage *a, const char *ip, int port)
{
	struct sockaddr_in6 *in = (void *)a;

	memset(a, 0, sizeof(*a));
	in->sin6_family = AF_INET6;
	inet_pton(AF_INET6, ip, &in->sin6_addr);
	in->sin6_port = htons((uint16_t)port);
	/* lo is 1 in every network namespace */
	if (IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr))
		in->sin6_scope_id = 1;
	return sizeof(*in);
}

static int un_bytes(struct sockaddr_storage *a, const char *name, size_t n)
{
	struct sockaddr_un *un = (void *)a;

	memset(a, 0, sizeof(*a));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, n);
	return (int)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* with a space and a backslash in it */
static int un_path(struct sockaddr_storage *a, const char *what)
{
	char name[100];
	int n;

	n = snprintf(name, sizeof(name), "%s/traffic \\%d.%s",
		     access("/tmp", W_OK) ? "." : "/tmp", getpid(), what);
	return un_bytes(a, name, (size_t)n + 1);
}

static void un_gone(const char *what)
{
	struct sockaddr_storage a;

	un_path(&a, what);
	unlink(((struct sockaddr_un *)&a)->sun_path);
}

/* with a zero byte and a newline in it */
static int un_abstract(struct sockaddr_storage *a, const char *what)
{
	char name[100];
	int n;

	n = snprintf(name, sizeof(name), "?traffic?a\nb %d=%s\x7f\xe9",
		     getpid(), what);
	name[0] = name[8] = 0;
	return un_bytes(a, name, (size_t)n);
}

static int nl(struct sockaddr_storage *a, unsigned int pid, unsigned int groups)
{
	struct sockaddr_nl *n = (void *)a;

	memset(a, 0, sizeof(*a));
	n->nl_family = AF_NETLINK;
	n->nl_pid = pid;
	n->nl_groups = groups;
	return sizeof(*n);
}

static int ll(struct sockaddr_storage *a, int index, int ethertype)
{
	struct sockaddr_ll *l = (void *)a;

	memset(a, 0, sizeof(*a));
	l->sll_family = AF_PACKET;
	l->sll_ifindex = index;
	l->sll_protocol = htons((uint16_t)ethertype);
	l->sll_halen = 6;
	return sizeof(*l);
}

static int vm(struct sockaddr_storage *a, unsigned int cid, unsigned int port)
{
	struct sockaddr_vm *v = (void *)a;

	memset(a, 0, sizeof(*a));
	v->svm_family = AF_VSOCK;
	v->svm_cid = cid;
	v->svm_port = port;
	return sizeof(*v);
}

static int no_name(struct sockaddr_storage *a)
{
	memset(a, 0, sizeof(*a));
	return sizeof(struct sockaddr); /* AF_UNSPEC */
}

static int name_now(int fd, struct sockaddr_storage *a)
{
	socklen_t len = sizeof(*a);

	memset(a, 0, sizeof(*a));
	if (getsockname(fd, (void *)a, &len) < 0)
		complain("getsockname: %s", strerror(errno));
	return (int)len;
}

/* ---------------------------------------------------------------- help */

static int made(int family, int type, int protocol)
{
	int fd = do_socket(family, type, protocol);

	if (fd < 0)
		skip("socket:%s", strerror(-fd));
	return fd;
}

static void await(int fd)
{
	if (!wait_readable(fd, 3000))
		complain("nothing to read after 3 s");
}

static void say(int from, int to, long more)
{
	want("send", 100, do_send(from, out_buf, 100, 0));
	await(to);
	want("recv", 100 + more, do_recv(to, in_buf, 400, 0));
}

/* until an attempt to connect has ended */
static void await_outcome(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, 5000) <= 0)
		complain("no outcome after 5 s");
}

static void await_blocked(pid_t pid)
{
	int spent;

	for (spent = 0; spent < 5000 && !is_blocked(pid, pid); spent += 2)
		nap(2);
	if (spent >= 5000)
		complain("process %d does not wait", pid);
}

static volatile sig_atomic_t hits;

static void on_poke(int sig)
{
	(void)sig;
	hits++;
}

static void poke_means(int flags)
{
	struct sigaction sa = { .sa_handler = on_poke, .sa_flags = flags };

	hits = 0;
	sigaction(SIGUSR2, &sa, NULL);
}

/*
 * A listener whose queue is full: it says nothing to a third connection, whose
 * request is repeated after a second.  As good as a host that is not there.
 */
struct full {
	int l, fill[2], len;
	struct sockaddr_storage a;
};

static bool full_open(struct full *f)
{
	int i;

	f->l = made(AF_INET, SOCK_STREAM, 0);
	if (f->l < 0)
		return false;
	f->len = in4(&f->a, "127.0.0.1", 0);
	want("bind", 0, do_bind(f->l, &f->a, (socklen_t)f->len));
	want("listen", 0, do_listen(f->l, 1));
	f->len = name_now(f->l, &f->a);
	for (i = 0; i < 2; i++) {
		f->fill[i] = made(AF_INET, SOCK_STREAM, 0);
		want("connect", 0,
		     do_connect(f->fill[i], &f->a, (socklen_t)f->len));
	}
	await(f->l);
	return true;
}

/* room for one more */
static void full_drain(struct full *f)
{
	int r = do_accept(f->l);

	if (want_ok("accept4", r) >= 0)
		do_close(r);
}

static void full_close(struct full *f)
{
	do_close(f->fill[0]);
	do_close(f->fill[1]);
	if (f->l >= 0)
		do_close(f->l);
}

/* -------------------------------------------------- whole connections */

struct way {
	const char *name;
	int family, type;
	int (*server)(struct sockaddr_storage *a); /* to bind to */
	int (*client)(struct sockaddr_storage *a);
	int (*target)(struct sockaddr_storage *a); /* where not that */
};

static int tcp4_any(struct sockaddr_storage *a)
{
	return in4(a, "0.0.0.0", 0);
}

static int tcp4_lo(struct sockaddr_storage *a)
{
	return in4(a, "127.0.0.1", 0);
}

static int tcp4_two(struct sockaddr_storage *a)
{
	return in4(a, "127.0.0.2", 0);
}

static int tcp6_any(struct sockaddr_storage *a)
{
	return in6(a, "::", 0);
}

static int tcp6_lo(struct sockaddr_storage *a)
{
	return in6(a, "::1", 0);
}

static int tcp6_mapped(struct sockaddr_storage *a)
{
	return in6(a, "::ffff:127.0.0.1", 0);
}

static int tcp6_link(struct sockaddr_storage *a)
{
	return in6(a, "fe80::7", 0);
}

static int path_l(struct sockaddr_storage *a)
{
	return un_path(a, "l");
}

static int path_c(struct sockaddr_storage *a)
{
	return un_path(a, "c");
}

static int abstract_l(struct sockaddr_storage *a)
{
	return un_abstract(a, "l");
}

static int abstract_c(struct sockaddr_storage *a)
{
	return un_abstract(a, "c");
}

static int vsock_any(struct sockaddr_storage *a)
{
	return vm(a, VMADDR_CID_ANY, VMADDR_PORT_ANY);
}

static int vsock_lo(struct sockaddr_storage *a)
{
	return vm(a, VMADDR_CID_LOCAL, VMADDR_PORT_ANY);
}

static const struct way streams[] = {
	{ "tcp4", AF_INET, SOCK_STREAM, tcp4_lo, NULL, NULL },
	{ "tcp4-any", AF_INET, SOCK_STREAM, tcp4_any, tcp4_two, tcp4_lo },
	{ "tcp6", AF_INET6, SOCK_STREAM, tcp6_lo, NULL, NULL },
	{ "tcp6-any", AF_INET6, SOCK_STREAM, tcp6_any, tcp6_lo, tcp6_lo },
	{ "tcp6-mapped", AF_INET6, SOCK_STREAM, tcp6_any, NULL, tcp6_mapped },
	{ "unix-path", AF_UNIX, SOCK_STREAM, path_l, path_c, NULL },
	{ "unix-path-unnamed", AF_UNIX, SOCK_STREAM, path_l, NULL, NULL },
	{ "unix-abstract", AF_UNIX, SOCK_STREAM, abstract_l, abstract_c, NULL },
	{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET, abstract_l, NULL, NULL },
	{ "vsock", AF_VSOCK, SOCK_STREAM, vsock_lo, NULL, NULL },
	{ "vsock-any", AF_VSOCK, SOCK_STREAM, vsock_any, NULL, vsock_lo },
};

static const struct way datagrams[] = {
	{ "udp4", AF_INET, SOCK_DGRAM, tcp4_lo, NULL, NULL },
	{ "udp4-any", AF_INET, SOCK_DGRAM, tcp4_any, tcp4_two, tcp4_lo },
	{ "udp6", AF_INET6, SOCK_DGRAM, tcp6_lo, NULL, NULL },
	{ "udp6-mapped", AF_INET6, SOCK_DGRAM, tcp6_any, NULL, tcp6_mapped },
	{ "unix-path", AF_UNIX, SOCK_DGRAM, path_l, path_c, NULL },
	{ "unix-abstract", AF_UNIX, SOCK_DGRAM, abstract_l, abstract_c, NULL },
};

/* where to reach the one that has just been bound */
static int target_of(const struct way *w, int fd, struct sockaddr_storage *a)
{
	struct sockaddr_storage is;
	int len = name_now(fd, &is);

	if (!w->target) {
		*a = is;
		return len;
	}
	len = w->target(a);
	if (w->family == AF_INET)
		((struct sockaddr_in *)a)->sin_port =
			((struct sockaddr_in *)&is)->sin_port;
	else if (w->family == AF_INET6)
		((struct sockaddr_in6 *)a)->sin6_port =
			((struct sockaddr_in6 *)&is)->sin6_port;
	else if (w->family == AF_VSOCK)
		((struct sockaddr_vm *)a)->svm_port =
			((struct sockaddr_vm *)&is)->svm_port;
	return len;
}

static int server_of(const struct way *w, struct sockaddr_storage *a,
		     socklen_t *len)
{
	int fd = made(w->family, w->type, 0), off = 0, r;

	if (fd < 0)
		return -1;
	if (w->target == tcp6_mapped)
		want("setsockopt", 0,
		     do_setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
				   sizeof(off)));
	*len = (socklen_t)w->server(a);
	r = do_bind(fd, a, *len);
	if (r < 0) {
		skip("bind:%s", strerror(-r));
		do_close(fd);
		return -1;
	}
	return fd;
}

static int client_of(const struct way *w)
{
	struct sockaddr_storage a;
	int fd = made(w->family, w->type, 0);

	if (fd >= 0 && w->client) {
		int len = w->client(&a);

		want("bind", 0, do_bind(fd, &a, (socklen_t)len));
	}
	return fd;
}

static void stream(const struct way *w)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l, s, r;

	l = server_of(w, &a, &len);
	if (l < 0)
		return;
	want("listen", 0, do_listen(l, 8));
	len = (socklen_t)target_of(w, l, &a);
	s = client_of(w);
	r = do_connect(s, &a, len);
	if (w->family == AF_VSOCK && r < 0) {
		skip("connect:%s", strerror(-r));
		do_close(s);
		do_close(l);
		return;
	}
	want("connect", 0, r);
	await(l);
	len = sizeof(a);
	r = do_accept4(l, &a, &len, SOCK_CLOEXEC);
	if (want_ok("accept4", r) >= 0) {
		say(s, r, 0);
		say(r, s, 0);
		want("shutdown", 0, do_shutdown(s, SHUT_WR));
		await(r);
		want("recv", 0, do_recv(r, in_buf, 100, 0));
		say(r, s, 0);
		want("shutdown", 0, do_shutdown(r, SHUT_RDWR));
		do_close(r);
	}
	do_close(s);
	do_close(l);
	un_gone("l");
	un_gone("c");
}

static void run_stream(const struct scenario *c)
{
	stream(c->xfer);
}

static void run_datagram(const struct scenario *c)
{
	const struct way *w = c->xfer;
	struct sockaddr_storage a, back, none;
	socklen_t len, none_len = (socklen_t)no_name(&none);
	int r, s;

	r = server_of(w, &a, &len);
	if (r < 0)
		return;
	len = (socklen_t)target_of(w, r, &a);
	s = client_of(w);
	/* its first message gives it a port */
	want("sendto", 100, do_sendto(s, out_buf, 100, 0, &a, len));
	await(r);
	want("recv", 100, do_recv(r, in_buf, 200, 0));
	want("connect", 0, do_connect(s, &a, len));
	say(s, r, 0);
	len = (socklen_t)name_now(s, &back);
	want("connect", 0, do_connect(r, &back, len));
	say(r, s, 0);
	/* to another, and to none */
	want("connect", 0, do_connect(r, &back, len));
	want("connect", 0, do_connect(r, &none, none_len));
	want("shutdown", 0, do_shutdown(s, SHUT_RDWR));
	want_any("recv", do_recv(s, in_buf, 100, MSG_DONTWAIT), 2, 0L,
		 NEG(EAGAIN));
	want("connect", 0, do_connect(s, &none, none_len));
	do_close(s);
	do_close(r);
	un_gone("l");
	un_gone("c");
}

static void run_netlink(const struct scenario *c)
{
	unsigned int id = 0x10000000U + (unsigned int)getpid() * 4;
	int r = made(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK), s;
	struct sockaddr_storage a, to;
	socklen_t len = (socklen_t)nl(&a, id, 5);

	(void)c;
	if (r < 0)
		return;
	want("bind", 0, do_bind(r, &a, len));
	s = made(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
	want("bind", NEG(EADDRINUSE), do_bind(s, &a, len));
	do_close(s);
	s = made(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
	/* its first message gives it a port */
	nl(&to, id, 0);
	want("sendto", 100, do_sendto(s, out_buf, 100, 0, &to, len));
	await(r);
	want("recv", 100, do_recv(r, in_buf, 200, 0));
	want("connect", 0, do_connect(s, &to, len));
	say(s, r, 0);
	name_now(s, &a);
	want("connect", 0, do_connect(r, &a, len));
	say(r, s, 0);
	/* other groups are fine, another port is not */
	nl(&a, id, 1);
	want("bind", 0, do_bind(r, &a, len));
	nl(&a, id + 1, 1);
	want("bind", NEG(EINVAL), do_bind(r, &a, len));
	/* to a group, to the kernel, to none */
	nl(&a, 0, 1);
	want("connect", 0, do_connect(s, &a, len));
	nl(&a, 0, 0);
	want("connect", 0, do_connect(s, &a, len));
	want("connect", 0, do_connect(s, &a, (socklen_t)no_name(&a)));
	want("connect", NEG(EINVAL), do_connect(s, &to, 4));
	want("listen", NEG(EOPNOTSUPP), do_listen(r, 1));
	want("accept4", NEG(EOPNOTSUPP), do_accept(r));
	want("shutdown", NEG(EOPNOTSUPP), do_shutdown(r, SHUT_RDWR));
	do_close(s);
	do_close(r);
}

static void run_packet(const struct scenario *c)
{
	int r = made(AF_PACKET, SOCK_DGRAM, 0), s;
	struct sockaddr_storage a;
	socklen_t len = (socklen_t)ll(&a, 1, ETHERTYPE_ONE);

	(void)c;
	if (r < 0)
		return;
	s = made(AF_PACKET, SOCK_DGRAM, 0);
	/* bound again and again */
	ll(&a, 1, 0x0800);
	want("bind", 0, do_bind(s, &a, len));
	ll(&a, 0, 0x0800);
	want("bind", 0, do_bind(s, &a, len));
	ll(&a, 1, ETHERTYPE_ONE);
	want("bind", 0, do_bind(r, &a, len));
	want("bind", 0, do_bind(s, &a, len));
	say(s, r, 0);
	await(s);
	want("recv", 100, do_recv(s, in_buf, 200, MSG_DONTWAIT));
	say(r, s, 0);
	want("connect", NEG(EOPNOTSUPP), do_connect(s, &a, len));
	want("listen", NEG(EOPNOTSUPP), do_listen(s, 1));
	want("accept4", NEG(EOPNOTSUPP), do_accept(s));
	want("shutdown", NEG(EOPNOTSUPP), do_shutdown(s, SHUT_WR));
	want("bind", NEG(EINVAL), do_bind(s, &a, 8));
	do_close(s);
	do_close(r);
	s = made(AF_PACKET, SOCK_RAW, htons(0x88b7));
	ll(&a, 0x7ffffff0, 0x0800);
	want("bind", NEG(ENODEV), do_bind(s, &a, len));
	ll(&a, 1, 0x0800);
	want("bind", 0, do_bind(s, &a, len));
	do_close(s);
}

static void run_raw(const struct scenario *c)
{
	int r = made(AF_INET, SOCK_RAW, PRIVATE_PROTOCOL), s, six;
	struct sockaddr_storage a, b, none;
	socklen_t len, none_len = (socklen_t)no_name(&none);

	(void)c;
	if (r < 0)
		return;
	s = made(AF_INET, SOCK_RAW, PRIVATE_PROTOCOL);
	len = (socklen_t)in4(&a, "127.0.0.1", 0);
	in4(&b, "127.0.0.2", 0);
	want("bind", 0, do_bind(r, &a, len));
	want("bind", 0, do_bind(s, &b, len));
	want("connect", 0, do_connect(s, &a, len));
	say(s, r, 20);
	want("connect", 0, do_connect(r, &b, len));
	say(r, s, 20);
	want("shutdown", 0, do_shutdown(s, SHUT_WR));
	want("connect", 0, do_connect(s, &none, none_len));
	want("connect", 0, do_connect(r, &none, none_len));
	want("listen", NEG(EOPNOTSUPP), do_listen(s, 1));
	do_close(s);
	do_close(r);
	six = made(AF_INET6, SOCK_RAW, PRIVATE_PROTOCOL);
	if (six < 0)
		return;
	len = (socklen_t)in6(&a, "::1", 0);
	want("bind", 0, do_bind(six, &a, len));
	want("connect", 0, do_connect(six, &a, len));
	say(six, six, 0);
	do_close(six);
}

/* ------------------------------------------- another network namespace */

static bool new_netns(void)
{
	struct window w;
	long r = TIMED(&w, "unshare", unshare(CLONE_NEWNET));

	put_kernel(&w, r < 0 ? 0 : 1, 400, 0, 400);
	if (r < 0) {
		skip("unshare:%s", strerror((int)-r));
		return false;
	}
	return true;
}

/* ioctl() makes no event */
static void lo_up(int fd)
{
	struct ifreq q;

	memset(&q, 0, sizeof(q));
	strcpy(q.ifr_name, "lo");
	q.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &q) < 0)
		complain("lo up: %s", strerror(errno));
}

static void run_netns(const struct scenario *c)
{
	struct sockaddr_storage a;
	pid_t pid = fork_child();
	int s, len;

	(void)c;
	if (pid) {
		reap(pid, 0);
		return;
	}
	/* this one stays where it was made */
	s = made(AF_INET, SOCK_DGRAM, 0);
	if (!new_netns())
		_exit(0);
	len = in4(&a, "127.0.0.1", 0);
	want("bind", 0, do_bind(s, &a, (socklen_t)len));
	do_close(s);
	s = made(AF_INET, SOCK_STREAM, 0);
	lo_up(s);
	len = in4(&a, "198.51.100.1", 80);
	want("connect", NEG(ENETUNREACH), do_connect(s, &a, (socklen_t)len));
	do_close(s);
	stream(&streams[0]);
	stream(&streams[2]);
	_exit(0);
}

/* an address is put to use some time after it was given */
static bool in_use(const char *address)
{
	char line[128], text[40];
	unsigned int flags;
	bool found = false;
	int spent;

	for (spent = 0; !found && spent < 2000; spent += 10) {
		FILE *f = fopen("/proc/self/net/if_inet6", "re");

		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "%39s %*x %*x %*x %x", text, &flags) ==
				    2 &&
			    !strcmp(text, address) && !(flags & 0x40))
				found = true;
		if (f)
			fclose(f);
		if (!found)
			nap(10);
	}
	return found;
}

static void run_link_local(const struct scenario *c)
{
	static const struct way w = { "tcp6-link", AF_INET6,  SOCK_STREAM,
				      tcp6_link,   tcp6_link, NULL };
	struct {
		struct in6_addr addr;
		uint32_t prefix;
		int index;
	} q;
	pid_t pid = fork_child();
	int s, r;

	(void)c;
	if (pid) {
		reap(pid, 0);
		return;
	}
	if (!new_netns())
		_exit(0);
	s = made(AF_INET6, SOCK_DGRAM, 0);
	if (s < 0)
		_exit(0);
	lo_up(s);
	memset(&q, 0, sizeof(q));
	inet_pton(AF_INET6, "fe80::7", &q.addr);
	q.prefix = 64;
	q.index = 1;
	r = ioctl(s, SIOCSIFADDR, &q);
	if (r < 0)
		skip("fe80::7:%s", strerror(errno));
	do_close(s);
	if (r == 0 && !in_use("fe800000000000000000000000000007"))
		complain("fe80::7 is not in use after 2 s");
	else if (r == 0)
		stream(&w);
	_exit(0);
}

/* ---------------------------------------------------- refused at once */

/* the address of one that has been and gone */
static socklen_t nobody(const struct way *w, struct sockaddr_storage *a)
{
	socklen_t len;
	int fd = server_of(w, a, &len);

	if (fd < 0)
		return 0;
	len = (socklen_t)target_of(w, fd, a);
	do_close(fd);
	return len;
}

static void run_refused_tcp(const struct scenario *c)
{
	const struct way *w = c->xfer;
	struct sockaddr_storage a, own;
	socklen_t len = nobody(w, &a);
	int s, own_len;

	if (!len)
		return;
	s = made(w->family, w->type, 0);
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, len));
	/* it may be asked again */
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, len));
	do_close(s);
	/* with a name of its own, of which it keeps what it asked for */
	s = made(w->family, w->type, 0);
	own_len = w->server(&own);
	want("bind", 0, do_bind(s, &own, (socklen_t)own_len));
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, len));
	do_close(s);
	s = made(w->family, w->type, 0);
	own_len = (int)nobody(w, &own);
	want("bind", 0, do_bind(s, &own, (socklen_t)own_len));
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, len));
	do_close(s);
}

static void run_refused_unix(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len = (socklen_t)un_path(&a, "none");
	int l, s[8], i;

	(void)c;
	s[0] = made(AF_UNIX, SOCK_STREAM, 0);
	if (s[0] < 0)
		return;
	want("connect", NEG(ENOENT), do_connect(s[0], &a, len));
	do_close(s[0]);
	/* there, but does not listen */
	len = (socklen_t)un_abstract(&a, "l");
	l = made(AF_UNIX, SOCK_STREAM, 0);
	want("bind", 0, do_bind(l, &a, len));
	s[0] = made(AF_UNIX, SOCK_STREAM, 0);
	want("connect", NEG(ECONNREFUSED), do_connect(s[0], &a, len));
	do_close(s[0]);
	/* the queue is full */
	want("listen", 0, do_listen(l, 0));
	for (i = 0; i < 8; i++) {
		int r;

		s[i] = made(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		r = do_connect(s[i], &a, len);
		if (r < 0) {
			want("connect", NEG(EAGAIN), r);
			break;
		}
	}
	if (i == 8)
		complain("the queue is never full");
	else
		do_close(s[i]);
	while (--i >= 0)
		do_close(s[i]);
	do_close(l);
	/* datagrams have no attempts */
	s[0] = made(AF_UNIX, SOCK_DGRAM, 0);
	want("connect", NEG(ECONNREFUSED), do_connect(s[0], &a, len));
	do_close(s[0]);
}

static void run_refused_vsock(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len = nobody(c->xfer, &a);
	int s;

	if (!len)
		return;
	s = made(AF_VSOCK, SOCK_STREAM, 0);
	want("connect", NEG(ECONNRESET), do_connect(s, &a, len));
	do_close(s);
}

static void run_unreachable(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len = (socklen_t)in4(&a, "255.255.255.255", 80);
	int s = made(AF_INET, SOCK_STREAM, 0);

	(void)c;
	if (s < 0)
		return;
	want("connect", NEG(ENETUNREACH), do_connect(s, &a, len));
	do_close(s);
	/* UDP knows it for what it is */
	s = made(AF_INET, SOCK_DGRAM, 0);
	want_any("connect", do_connect(s, &a, len), 2, NEG(EACCES),
		 NEG(ENETUNREACH));
	do_close(s);
}

/* the same two ends once more */
static void run_no_port(const struct scenario *c)
{
	struct sockaddr_storage a, own;
	int l, s[2], i, r, on = 1;
	socklen_t len, own_len;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	own_len = (socklen_t)in4(&own, "127.0.0.1", 0);
	for (i = 0; i < 2; i++) {
		s[i] = made(AF_INET, SOCK_STREAM, 0);
		want("setsockopt", 0,
		     do_setsockopt(s[i], SOL_SOCKET, SO_REUSEADDR, &on,
				   sizeof(on)));
		want("bind", 0, do_bind(s[i], &own, own_len));
		if (i == 0)
			own_len = (socklen_t)name_now(s[i], &own);
	}
	want("connect", 0, do_connect(s[0], &a, len));
	want("connect", NEG(EADDRNOTAVAIL), do_connect(s[1], &a, len));
	await(l);
	r = do_accept_old(l, NULL, NULL);
	if (want_ok("accept", r) >= 0)
		do_close(r);
	do_close(s[0]);
	do_close(s[1]);
	do_close(l);
}

/* an address that is none, with and without the socket hearing of it */
static void run_connect_forms(const struct scenario *c)
{
	struct sockaddr_storage a, u;
	int l, s, fd[2];
	socklen_t len, un;

	(void)c;
	l = tcp_listener(&a, &len);
	s = made(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || s < 0)
		return;
	un = (socklen_t)un_abstract(&u, "l");
	want("connect", NEG(EAFNOSUPPORT), do_connect(s, &u, un));
	want("connect", NEG(EINVAL), do_connect(s, &a, 8));
	want("connect", NEG(EISCONN), do_connect(l, &a, len));
	next_none();
	want("connect", NEG(EFAULT), do_connect(s, bad_page(), len));
	next_none();
	want("connect", NEG(EINVAL), do_connect(s, out_buf, 4096));
	next_none();
	want("connect", NEG(EINVAL), do_connect(s, &a, (socklen_t)-1));
	next_none();
	want("connect", NEG(EBADF), do_connect(4095, &a, len));
	if (pipe(fd) == 0) {
		next_none();
		want("connect", NEG(ENOTSOCK), do_connect(fd[0], &a, len));
		close(fd[0]);
		close(fd[1]);
	}
	want("connect", 0, do_connect(s, &a, len));
	want("connect", NEG(EISCONN), do_connect(s, &a, len));
	do_close(s);
	/* the address in a larger structure, as most programs have it */
	s = made(AF_INET, SOCK_STREAM, 0);
	want("connect", 0, do_connect(s, &a, sizeof(a)));
	do_close(s);
	do_close(l);
	s = made(AF_INET, SOCK_STREAM, 0);
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, sizeof(a)));
	do_close(s);
}

/* ------------------------------------------------------ takes its time */

/*
 * TCP Fast Open: the first message connects, by itself or after a connect() that
 * only notes where to.
 */
static long send_first(int s, long result, const struct sockaddr_storage *to,
		       socklen_t len, bool later)
{
	next_extra("state0=%d state=%d laddr=? lport=? raddr=? rport=? tcp=?"
		   " raddr0=? rport0=?",
		   later ? ST_CONNECTING : ST_UNCONNECTED,
		   result < 0 ? ST_UNCONNECTED : ST_CONNECTED);
	/* the attempt begins here, whatever connect() did before */
	id_of(s)->pending = now_ns();
	result = want(
		"sendto", result,
		later ? do_send(s, out_buf, 100, 0) :
			do_sendto(s, out_buf, 100, MSG_FASTOPEN, to, len));
	settled_to(s, to, len, result < 0 ? result : 0);
	id_of(s)->state = result < 0 ? ST_UNCONNECTED : ST_CONNECTED;
	return result;
}

static int connect_later(const struct sockaddr_storage *to, socklen_t len)
{
	int s = made(AF_INET, SOCK_STREAM, 0), one = 1;
	struct window w;
	long r;

	want("setsockopt", 0,
	     do_setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one,
			   sizeof(one)));
	r = TIMED(&w, "connect", connect(s, (const void *)to, len));
	next_extra(
		"state0=%d state=%d laddr=? lport=? raddr=? rport=? tcp=? pending=0",
		ST_UNCONNECTED, ST_CONNECTING);
	want("connect", 0, put_event(&w, KIND_CONNECT, s, 0, r));
	nap(100);
	return s;
}

static void run_fast_open(const struct scenario *c)
{
	static const char sysctl[] = "/proc/sys/net/ipv4/tcp_fastopen";
	struct sockaddr_storage a;
	int l, s, r, fd, five = 5;
	socklen_t len;
	char was[16];
	ssize_t n;

	(void)c;
	fd = open(sysctl, O_RDWR | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, was, sizeof(was));
	/* client, server, and clients need no cookie */
	if (n < 0 || pwrite(fd, "7", 1, 0) != 1) {
		skip("tcp_fastopen:%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	l = tcp_listener(&a, &len);
	want("setsockopt", 0,
	     do_setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &five, sizeof(five)));
	s = made(AF_INET, SOCK_STREAM, 0);
	send_first(s, 100, &a, len, false);
	await(l);
	r = do_accept(l);
	await(r);
	want("recv", 100, do_recv(r, in_buf, 200, 0));
	do_close(r);
	next_extra("tcp=?");
	do_close(s);
	s = connect_later(&a, len);
	send_first(s, 100, &a, len, true);
	await(l);
	r = do_accept(l);
	await(r);
	want("recv", 100, do_recv(r, in_buf, 200, 0));
	do_close(r);
	next_extra("tcp=?");
	do_close(s);
	do_close(l);
	s = connect_later(&a, len);
	send_first(s, NEG(ECONNREFUSED), &a, len, true);
	next_extra("state=? laddr=? lport=? raddr=? rport=? tcp=?");
	do_close(s);
	s = made(AF_INET, SOCK_STREAM, 0);
	send_first(s, NEG(ECONNREFUSED), &a, len, false);
	next_extra("state=? laddr=? lport=? raddr=? rport=? tcp=?");
	do_close(s);
	if (pwrite(fd, was, (size_t)n, 0) != n)
		complain("%s: %s", sysctl, strerror(errno));
	close(fd);
}

/* an attempt under way that connect() itself calls off */
static void run_called_off(const struct scenario *c)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct full f;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	want("connect", NEG(EINPROGRESS),
	     do_connect(s, &f.a, (socklen_t)f.len));
	next_extra("state=? tcp0=2 raddr0=? rport0=?");
	want("connect", 0, do_connect(s, &none, sizeof(none)));
	next_extra("state=?");
	do_close(s);
	full_close(&f);
}

static void run_timed_out(const struct scenario *c)
{
	struct full f;
	int s, one = 1;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM, 0);
	want("setsockopt", 0,
	     do_setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, &one, sizeof(one)));
	next_extra("elapsed_min=%ld", 900 * MS);
	want("connect", NEG(ETIMEDOUT), do_connect(s, &f.a, (socklen_t)f.len));
	do_close(s);
	full_close(&f);
}

static void run_send_limit(const struct scenario *c)
{
	struct timeval limit = { 0, 60000 };
	struct full f;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM, 0);
	want("setsockopt", 0,
	     do_setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	next_extra("elapsed_min=%ld", 50 * MS);
	want("connect", NEG(EINPROGRESS),
	     do_connect(s, &f.a, (socklen_t)f.len));
	do_close(s);
	full_close(&f);
}

static void run_established(const struct scenario *c)
{
	struct full f;
	socklen_t len = sizeof(int);
	int s, r, i, v;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	want("connect", NEG(EINPROGRESS),
	     do_connect(s, &f.a, (socklen_t)f.len));
	want("connect", NEG(EALREADY), do_connect(s, &f.a, (socklen_t)f.len));
	want("send", NEG(EAGAIN), do_send(s, out_buf, 100, 0));
	want("recv", NEG(EAGAIN), do_recv(s, in_buf, 100, 0));
	full_drain(&f);
	await_outcome(s);
	settled(s, 0);
	want("getsockopt", 0, do_getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &len));
	want("SO_ERROR", 0, v);
	want("connect", 0, do_connect(s, &f.a, (socklen_t)f.len));
	want("connect", NEG(EISCONN), do_connect(s, &f.a, (socklen_t)f.len));
	full_drain(&f);
	for (i = 0, r = -1; i < 20 && r < 0; i++) {
		await(f.l);
		r = do_accept(f.l);
	}
	if (want_ok("accept4", r) >= 0) {
		say(r, s, 0);
		do_close(r);
	}
	do_close(s);
	full_close(&f);
}

/* the answer is got by one connect(), and by SO_ERROR */
static void run_late_refused(const struct scenario *c)
{
	socklen_t len = sizeof(int);
	struct full f;
	int s[2], i, v = 0;

	(void)c;
	if (!full_open(&f))
		return;
	for (i = 0; i < 2; i++) {
		s[i] = made(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		want("connect", NEG(EINPROGRESS),
		     do_connect(s[i], &f.a, (socklen_t)f.len));
	}
	do_close(f.l);
	f.l = -1;
	for (i = 0; i < 2; i++) {
		await_outcome(s[i]);
		settled(s[i], NEG(ECONNREFUSED));
	}
	want("connect", NEG(ECONNREFUSED),
	     do_connect(s[0], &f.a, (socklen_t)f.len));
	want("getsockopt", 0,
	     do_getsockopt(s[1], SOL_SOCKET, SO_ERROR, &v, &len));
	want("SO_ERROR", ECONNREFUSED, v);
	want("connect", NEG(ECONNABORTED),
	     do_connect(s[1], &f.a, (socklen_t)f.len));
	do_close(s[0]);
	do_close(s[1]);
	full_close(&f);
}

static void run_given_up(const struct scenario *c)
{
	struct full f;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	want("connect", NEG(EINPROGRESS),
	     do_connect(s, &f.a, (socklen_t)f.len));
	do_close(s);
	full_close(&f);
}

/* another process sends a signal to this one when it waits */
static pid_t poker(int ms)
{
	pid_t self = getpid(), pid = fork_child();

	if (pid)
		return pid;
	await_blocked(self);
	nap(ms);
	kill(self, SIGUSR2);
	_exit(0);
}

static void run_interrupted(const struct scenario *c)
{
	struct full f;
	pid_t pid;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	poke_means(0);
	s = made(AF_INET, SOCK_STREAM, 0);
	pid = poker(50);
	next_extra("elapsed_min=%ld inkernel=%d", 50 * MS, IN_KERNEL_RESTART);
	want("connect", NEG(EINTR), do_connect(s, &f.a, (socklen_t)f.len));
	want("signals", 1, hits);
	reap(pid, 0);
	full_drain(&f);
	await_outcome(s);
	settled(s, 0);
	want("connect", 0, do_connect(s, &f.a, (socklen_t)f.len));
	do_close(s);
	full_close(&f);
}

/* entered again by the kernel after a signal, then there is room */
static void run_restarted(const struct scenario *c)
{
	pid_t self = getpid(), pid;
	struct full f;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	poke_means(SA_RESTART);
	s = made(AF_INET, SOCK_STREAM, 0);
	pid = fork_child();
	if (pid == 0) {
		await_blocked(self);
		nap(50);
		kill(self, SIGUSR2);
		nap(50);
		next_extra("concurrent=1");
		full_drain(&f);
		_exit(0);
	}
	next_extra("count=2 interrupted=1 concurrent=1 elapsed_min=%ld",
		   100 * MS);
	want("connect", 0, do_connect(s, &f.a, (socklen_t)f.len));
	want("signals", 1, hits);
	reap(pid, 0);
	do_close(s);
	full_close(&f);
}

/* ------------------------------------------- waits of a known length */

static void run_wait_connect(const struct scenario *c)
{
	pid_t self = getpid(), pid;
	struct full f;
	int s;

	(void)c;
	if (!full_open(&f))
		return;
	s = made(AF_INET, SOCK_STREAM, 0);
	pid = fork_child();
	if (pid == 0) {
		await_blocked(self);
		nap(50);
		next_extra("concurrent=1");
		full_drain(&f);
		_exit(0);
	}
	next_extra("elapsed_min=%ld concurrent=1", 50 * MS);
	want("connect", 0, do_connect(s, &f.a, (socklen_t)f.len));
	reap(pid, 0);
	do_close(s);
	full_close(&f);
}

/* another process connects to a when this one waits */
static pid_t caller(const struct way *w, const struct sockaddr_storage *a,
		    socklen_t len, bool poke)
{
	pid_t self = getpid(), pid = fork_child();
	int s;

	if (pid)
		return pid;
	await_blocked(self);
	nap(50);
	if (poke) {
		kill(self, SIGUSR2);
		nap(50);
	}
	s = made(w->family, w->type, 0);
	next_extra("concurrent=1");
	want("connect", 0, do_connect(s, a, len));
	await(s);
	do_close(s);
	_exit(0);
}

static void run_wait_accept(const struct scenario *c)
{
	const struct way *w = c->xfer;
	struct sockaddr_storage a;
	socklen_t len;
	int l, r;
	pid_t pid;

	l = server_of(w, &a, &len);
	if (l < 0)
		return;
	want("listen", 0, do_listen(l, 8));
	len = (socklen_t)target_of(w, l, &a);
	pid = caller(w, &a, len, false);
	next_extra("elapsed_min=%ld concurrent=1", 50 * MS);
	r = do_accept_old(l, NULL, NULL);
	/* vsock's connect(2) waits in vain if the connection has ended before it wakes up */
	if (w->family == AF_VSOCK)
		nap(50);
	if (want_ok("accept", r) >= 0)
		do_close(r);
	reap(pid, 0);
	do_close(l);
	un_gone("l");
}

static void run_wait_recv(const struct scenario *c)
{
	pid_t self = getpid(), pid;
	struct pair p;

	if (!pair_open(&p, c->xfer))
		return;
	set_nonblock(p.r, false);
	pid = fork_child();
	if (pid == 0) {
		await_blocked(self);
		nap(50);
		next_extra("concurrent=1");
		want("send", 100, do_send(p.s, out_buf, 100, 0));
		_exit(0);
	}
	next_extra("elapsed_min=%ld concurrent=1", 50 * MS);
	want("recv", 100, do_recv(p.r, in_buf, 200, 0));
	reap(pid, 0);
	pair_close(&p);
}

/* ---------------------------------------------------------------- bind */

static void run_bind_fails(const struct scenario *c)
{
	const struct way *w = c->xfer;
	bool ip = w->family != AF_UNIX;
	struct sockaddr_storage a, b;
	int l, s, len2;
	socklen_t len;

	l = server_of(w, &a, &len);
	if (l < 0)
		return;
	len = (socklen_t)name_now(l, &a);
	s = made(w->family, w->type, 0);
	want("bind", NEG(EADDRINUSE), do_bind(s, &a, len));
	/* which of the two it is said to be first differs */
	want_any("bind", do_bind(l, &a, len), 2, NEG(EINVAL),
		 ip ? NEG(EINVAL) : NEG(EADDRINUSE));
	if (ip) {
		len2 = w->family == AF_INET ? in4(&b, "198.51.100.1", 0) :
					      in6(&b, "2001:db8::1", 0);
		want("bind", NEG(EADDRNOTAVAIL),
		     do_bind(s, &b, (socklen_t)len2));
		want("bind", NEG(EINVAL), do_bind(s, &a, 8));
		b.ss_family = AF_UNIX;
		want_any("bind", do_bind(s, &b, (socklen_t)len2), 2,
			 NEG(EAFNOSUPPORT), NEG(EINVAL));
	} else {
		len2 = un_bytes(&b, "/no such/direct", 16);
		want("bind", NEG(ENOENT), do_bind(s, &b, (socklen_t)len2));
		want("bind", NEG(EINVAL),
		     do_bind(s, &b, sizeof(struct sockaddr_un) + 1));
	}
	next_none();
	want("bind", NEG(EFAULT), do_bind(s, bad_page(), len));
	next_none();
	want("bind", NEG(EINVAL), do_bind(s, out_buf, 4096));
	next_none();
	want("bind", NEG(EINVAL), do_bind(s, &a, (socklen_t)-1));
	next_none();
	want("bind", NEG(EBADF), do_bind(4095, &a, len));
	do_close(s);
	do_close(l);
	un_gone("l");
}

/* named by the kernel */
static void run_bind_unix_auto(const struct scenario *c)
{
	int s = made(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_storage a;

	(void)c;
	if (s < 0)
		return;
	memset(&a, 0, sizeof(a));
	a.ss_family = AF_UNIX;
	want("bind", 0, do_bind(s, &a, sizeof(sa_family_t)));
	do_close(s);
}

static void run_bind_eacces(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len = (socklen_t)in4(&a, "127.0.0.1", 80);
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	int s, first = 1024;
	pid_t pid;

	(void)c;
	if (f) {
		if (fscanf(f, "%d", &first) != 1)
			first = 1024;
		fclose(f);
	}
	if (first <= 80) {
		skip("any user may bind to port 80 here");
		return;
	}
	pid = fork_child();
	if (pid) {
		reap(pid, 0);
		return;
	}
	s = made(AF_INET, SOCK_STREAM, 0);
	if (geteuid() == 0 && setuid(65534) < 0)
		complain("setuid: %s", strerror(errno));
	want("bind", NEG(EACCES), do_bind(s, &a, len));
	do_close(s);
	_exit(0);
}

/* ------------------------------------------------------ listen, accept */

static void run_listen(const struct scenario *c)
{
	static const int backlogs[] = { 0, 5, 100000, -1 };
	int s = made(AF_INET, SOCK_DGRAM, 0), l, on = 1, fd[2];
	struct sockaddr_storage a;
	socklen_t len;
	size_t i;

	(void)c;
	if (s < 0)
		return;
	want("listen", NEG(EOPNOTSUPP), do_listen(s, 5));
	do_close(s);
	/* it gets a port by that, and may listen again */
	l = made(AF_INET, SOCK_STREAM, 0);
	for (i = 0; i < ARRAY_SIZE(backlogs); i++)
		want("listen", 0, do_listen(l, backlogs[i]));
	do_close(l);
	/* both may have the port, but one only may listen at it */
	len = (socklen_t)in4(&a, "127.0.0.1", 0);
	l = made(AF_INET, SOCK_STREAM, 0);
	s = made(AF_INET, SOCK_STREAM, 0);
	want("setsockopt", 0,
	     do_setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	want("setsockopt", 0,
	     do_setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	want("bind", 0, do_bind(l, &a, len));
	len = (socklen_t)name_now(l, &a);
	want("bind", 0, do_bind(s, &a, len));
	want("listen", 0, do_listen(l, 5));
	want("listen", NEG(EADDRINUSE), do_listen(s, 5));
	do_close(s);
	/* connected */
	s = made(AF_INET, SOCK_STREAM, 0);
	want("connect", 0, do_connect(s, &a, len));
	want("listen", NEG(EINVAL), do_listen(s, 5));
	do_close(s);
	do_close(l);
	/* without a name */
	s = made(AF_UNIX, SOCK_STREAM, 0);
	want("listen", NEG(EINVAL), do_listen(s, 5));
	do_close(s);
	next_none();
	want("listen", NEG(EBADF), do_listen(4095, 5));
	if (pipe(fd) == 0) {
		next_none();
		want("listen", NEG(ENOTSOCK), do_listen(fd[0], 5));
		close(fd[0]);
		close(fd[1]);
	}
}

static void run_accept_forms(const struct scenario *c)
{
	struct sockaddr_storage a, from;
	socklen_t len, flen;
	int l, s[3], r, i, fd[2];

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	set_nonblock(l, true);
	want("accept", NEG(EAGAIN), do_accept_old(l, NULL, NULL));
	want("accept4", NEG(EAGAIN), do_accept4(l, NULL, NULL, SOCK_NONBLOCK));
	for (i = 0; i < 3; i++) {
		s[i] = made(AF_INET, SOCK_STREAM, 0);
		want("connect", 0, do_connect(s[i], &a, len));
		await(l);
		flen = sizeof(from);
		if (i == 0)
			r = do_accept_old(l, &from, &flen);
		else if (i == 1)
			r = do_accept4(l, &from, &flen,
				       SOCK_NONBLOCK | SOCK_CLOEXEC);
		else
			r = do_accept_old(l, NULL, NULL);
		if (want_ok("accept", r) >= 0)
			do_close(r);
	}
	for (i = 0; i < 3; i++)
		do_close(s[i]);
	/* refused for its flags, before the listener is asked */
	next_none();
	want("accept4", NEG(EINVAL), do_accept4(l, NULL, NULL, 0x100));
	next_none();
	want("accept", NEG(EBADF), do_accept_old(4095, NULL, NULL));
	if (pipe(fd) == 0) {
		next_none();
		want("accept", NEG(ENOTSOCK), do_accept_old(fd[0], NULL, NULL));
		close(fd[0]);
		close(fd[1]);
	}
	/* listens no more */
	want("shutdown", 0, do_shutdown(l, SHUT_RDWR));
	want("accept", NEG(EINVAL), do_accept_old(l, NULL, NULL));
	do_close(l);
	l = made(AF_UNIX, SOCK_STREAM, 0);
	want("accept", NEG(EINVAL), do_accept_old(l, NULL, NULL));
	do_close(l);
	l = made(AF_UNIX, SOCK_DGRAM, 0);
	want("accept", NEG(EOPNOTSUPP), do_accept_old(l, NULL, NULL));
	do_close(l);
}

/* no descriptor is left; the connection stays where it is */
static void run_accept_emfile(const struct scenario *c)
{
	struct sockaddr_storage a;
	struct rlimit old, lim;
	socklen_t len;
	int l, s, r;

	(void)c;
	l = tcp_listener(&a, &len);
	s = made(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || s < 0)
		return;
	want("connect", 0, do_connect(s, &a, len));
	await(l);
	getrlimit(RLIMIT_NOFILE, &old);
	lim = old;
	lim.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &lim);
	next_extra("begun=0 note=emfile");
	want("accept", NEG(EMFILE), do_accept_old(l, NULL, NULL));
	setrlimit(RLIMIT_NOFILE, &old);
	r = do_accept(l);
	if (want_ok("accept4", r) >= 0)
		do_close(r);
	do_close(s);
	do_close(l);
}

static void run_accept_interrupted(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	pid_t pid;
	int l, r;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	poke_means(0);
	pid = poker(50);
	next_extra("elapsed_min=%ld inkernel=%d", 50 * MS, IN_KERNEL_RESTART);
	want("accept4", NEG(EINTR), do_accept(l));
	reap(pid, 0);
	want("signals", 1, hits);
	/* entered again, then given a connection */
	poke_means(SA_RESTART);
	pid = caller(&streams[0], &a, len, true);
	next_extra("count=2 interrupted=1 concurrent=1 elapsed_min=%ld",
		   100 * MS);
	r = do_accept(l);
	if (want_ok("accept4", r) >= 0)
		do_close(r);
	reap(pid, 0);
	want("signals", 1, hits);
	do_close(l);
}

/* ------------------------------------------------------------ shutdown */

static void run_shutdown(const struct scenario *c)
{
	static const int hows[] = { SHUT_RD, SHUT_WR, SHUT_RDWR };
	struct pair p;
	int how;

	if (!pair_open(&p, c->xfer))
		return;
	want("shutdown", NEG(EINVAL), do_shutdown(p.s, 3));
	want("shutdown", NEG(EINVAL), do_shutdown(p.s, -1));
	for (how = 0; how < 3; how++)
		want("shutdown", 0, do_shutdown(p.s, hows[how]));
	want("send", NEG(EPIPE), do_send(p.s, out_buf, 100, MSG_NOSIGNAL));
	want("recv", 0, do_recv(p.s, in_buf, 100, 0));
	await(p.r);
	want("recv", 0, do_recv(p.r, in_buf, 100, 0));
	pair_close(&p);
}

static void run_shutdown_fails(const struct scenario *c)
{
	static const struct {
		int family, type, err;
	} list[] = {
		{ AF_INET, SOCK_STREAM, ENOTCONN },
		{ AF_INET6, SOCK_STREAM, ENOTCONN },
		{ AF_INET, SOCK_DGRAM, ENOTCONN },
		{ AF_UNIX, SOCK_STREAM, 0 },
		{ AF_UNIX, SOCK_DGRAM, 0 },
		{ AF_VSOCK, SOCK_STREAM, ENOTCONN },
	};
	int fd, two[2];
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		fd = do_socket(list[i].family, list[i].type, 0);
		if (fd < 0)
			continue;
		want("shutdown", -list[i].err, do_shutdown(fd, SHUT_WR));
		want("shutdown", NEG(EINVAL), do_shutdown(fd, 7));
		do_close(fd);
	}
	next_none();
	want("shutdown", NEG(EBADF), do_shutdown(4095, SHUT_RD));
	if (pipe(two) == 0) {
		next_none();
		want("shutdown", NEG(ENOTSOCK), do_shutdown(two[0], SHUT_RD));
		close(two[0]);
		close(two[1]);
	}
}

/* ------------------------------------------------------------- options */

static void both(int fd, int level, int name, int v)
{
	socklen_t len = sizeof(v);
	int seen = -1;

	want("setsockopt", 0, do_setsockopt(fd, level, name, &v, sizeof(v)));
	want("getsockopt", 0, do_getsockopt(fd, level, name, &seen, &len));
}

static void run_options(const struct scenario *c)
{
	int fd = made(AF_INET, SOCK_STREAM, 0), u, v = 0;
	struct linger linger = { 1, 7 };
	struct timeval tv = { 3, 500000 };
	socklen_t len;
	char text[64];

	(void)c;
	if (fd < 0)
		return;
	both(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	both(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	both(fd, SOL_SOCKET, SO_RCVBUF, 65536);
	both(fd, SOL_SOCKET, SO_PRIORITY, 5);
	both(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	both(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	both(fd, IPPROTO_IP, IP_TTL, 33);
	both(fd, IPPROTO_IP, IP_TOS, 16);
	/* a byte, as the options of IP may be */
	text[0] = 7;
	want("setsockopt", 0, do_setsockopt(fd, IPPROTO_IP, IP_TTL, text, 1));
	len = 1;
	want("getsockopt", 0,
	     do_getsockopt(fd, IPPROTO_IP, IP_TTL, text, &len));
	/* a name */
	want("setsockopt", 0,
	     do_setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	len = sizeof(text);
	want("getsockopt", 0,
	     do_getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, text, &len));
	want("setsockopt", NEG(ENODEV),
	     do_setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE,
			   "no_such_device_at_all", 21));
	/* more than an int, and less */
	want("setsockopt", 0,
	     do_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	len = sizeof(linger);
	want("getsockopt", 0,
	     do_getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	linger.l_onoff = 0;
	want("setsockopt", 0,
	     do_setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	want("setsockopt", 0,
	     do_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	len = sizeof(text);
	want("getsockopt", 0,
	     do_getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, text, &len));
	len = 2;
	want("getsockopt", 0, do_getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	len = 0;
	want("getsockopt", 0, do_getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	len = sizeof(text);
	want("getsockopt", 0,
	     do_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, text, &len));
	want("setsockopt", 0,
	     do_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, text, len));
	len = sizeof(text);
	want("getsockopt", 0,
	     do_getsockopt(fd, IPPROTO_TCP, TCP_INFO, text, &len));
	do_close(fd);
	fd = made(AF_INET6, SOCK_DGRAM, 0);
	if (fd >= 0) {
		both(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		both(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9);
		do_close(fd);
	}
	u = made(AF_UNIX, SOCK_STREAM, 0);
	if (u >= 0) {
		both(u, SOL_SOCKET, SO_PASSCRED, 1);
		len = sizeof(text);
		want("getsockopt", 0,
		     do_getsockopt(u, SOL_SOCKET, SO_PEERCRED, text, &len));
		do_close(u);
	}
}

static void run_option_fails(const struct scenario *c)
{
	int fd = made(AF_INET, SOCK_STREAM, 0), u, v = 1, two[2];
	socklen_t len;
	char text[64];

	(void)c;
	if (fd < 0)
		return;
	want("setsockopt", NEG(ENOPROTOOPT),
	     do_setsockopt(fd, SOL_SOCKET, 9999, &v, sizeof(v)));
	want("setsockopt", NEG(ENOPROTOOPT),
	     do_setsockopt(fd, IPPROTO_TCP, 9999, &v, sizeof(v)));
	want("setsockopt", NEG(ENOPROTOOPT),
	     do_setsockopt(fd, 200, 1, &v, sizeof(v)));
	want("setsockopt", NEG(ENOPROTOOPT),
	     do_setsockopt(fd, SOL_SOCKET, SO_TYPE, &v, sizeof(v)));
	want("setsockopt", NEG(EINVAL),
	     do_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, 2));
	want("setsockopt", NEG(EINVAL),
	     do_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, 0));
	want("setsockopt", NEG(EINVAL),
	     do_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, 2));
	want("setsockopt", NEG(EFAULT),
	     do_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, bad_page(),
			   sizeof(v)));
	want("setsockopt", NEG(EFAULT),
	     do_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, bad_page(),
			   sizeof(v)));
	len = sizeof(v);
	want("getsockopt", NEG(ENOPROTOOPT),
	     do_getsockopt(fd, SOL_SOCKET, 9999, &v, &len));
	want("getsockopt", NEG(ENOPROTOOPT),
	     do_getsockopt(fd, IPPROTO_TCP, 9999, &v, &len));
	want("getsockopt", NEG(EFAULT),
	     do_getsockopt(fd, SOL_SOCKET, SO_TYPE, bad_page(), &len));
	want("getsockopt", NEG(EFAULT),
	     do_getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, bad_page()));
	len = (socklen_t)-1;
	want("getsockopt", NEG(EINVAL),
	     do_getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &len));
	u = made(AF_UNIX, SOCK_STREAM, 0);
	if (u >= 0) {
		want("setsockopt", NEG(EOPNOTSUPP),
		     do_setsockopt(u, IPPROTO_TCP, 1, &v, sizeof(v)));
		len = sizeof(text);
		want("getsockopt", NEG(EOPNOTSUPP),
		     do_getsockopt(u, IPPROTO_TCP, 1, text, &len));
		do_close(u);
	}
	/* the socket never hears of these */
	next_none();
	want("setsockopt", NEG(EINVAL),
	     do_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, (socklen_t)-1));
	len = sizeof(v);
	next_none();
	want("setsockopt", NEG(EBADF),
	     do_setsockopt(4095, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)));
	next_none();
	want("getsockopt", NEG(EBADF),
	     do_getsockopt(4095, SOL_SOCKET, SO_TYPE, &v, &len));
	if (pipe(two) == 0) {
		next_none();
		want("setsockopt", NEG(ENOTSOCK),
		     do_setsockopt(two[0], SOL_SOCKET, SO_REUSEADDR, &v,
				   sizeof(v)));
		next_none();
		want("getsockopt", NEG(ENOTSOCK),
		     do_getsockopt(two[0], SOL_SOCKET, SO_TYPE, &v, &len));
		close(two[0]);
		close(two[1]);
	}
	do_close(fd);
}

/* ------------------------------------------------------------ io_uring */

static bool ring_lacks(int opcode)
{
	const char *why = uring_missing(opcode);

	if (why)
		skip("%s", why);
	return why != NULL;
}

static long ring_ask(struct uring_req *q, enum kind kind, const char *op)
{
	q->kind = kind;
	q->op = op;
	want("io_uring_enter", 1, do_uring(q, 1));
	return q->result;
}

static long ring_connect(int fd, struct sockaddr_storage *a, socklen_t len)
{
	struct uring_req q = { 0 };

	io_uring_prep_connect(&q.sqe, fd, (struct sockaddr *)a, len);
	return ring_ask(&q, KIND_CONNECT, "uring_connect");
}

static long ring_shutdown(int fd, int how)
{
	struct uring_req q = { 0 };

	io_uring_prep_shutdown(&q.sqe, fd, how);
	return ring_ask(&q, KIND_SHUTDOWN, "uring_shutdown");
}

static long ring_accept(int fd)
{
	struct uring_req q = { 0 };

	io_uring_prep_accept(&q.sqe, fd, NULL, NULL, 0);
	return ring_ask(&q, KIND_ACCEPT, "uring_accept");
}

/*
 * liburing 2.3 (Debian 12) has neither functions nor names for these three.
 * The numbers are of enum io_uring_op and enum io_uring_socket_op, the places
 * those where later versions put the same.
 */
#define OP_BIND 56
#define OP_LISTEN 57
#define CMD_GETSOCKOPT 2
#define CMD_SETSOCKOPT 3

static long ring_bind(int fd, struct sockaddr_storage *a, socklen_t len)
{
	struct uring_req q = { 0 };

	io_uring_prep_rw(OP_BIND, &q.sqe, fd, a, 0, len);
	return ring_ask(&q, KIND_BIND, "uring_bind");
}

static long ring_listen(int fd, unsigned int backlog)
{
	struct uring_req q = { 0 };

	io_uring_prep_rw(OP_LISTEN, &q.sqe, fd, NULL, backlog, 0);
	return ring_ask(&q, KIND_LISTEN, "uring_listen");
}

static long ring_option(int fd, int cmd, int level, int name, int *val)
{
	struct uring_req q = { .level = level,
			       .optname = name,
			       .optval = val,
			       .optlen = sizeof(*val) };

	io_uring_prep_rw(IORING_OP_URING_CMD, &q.sqe, fd, NULL, 0, 0);
	q.sqe.cmd_op = (unsigned int)cmd;
	memcpy(&q.sqe.addr, (int[]){ level, name }, 2 * sizeof(int));
	q.sqe.file_index = sizeof(*val);
	q.sqe.addr3 = (uintptr_t)val;
	if (cmd == CMD_SETSOCKOPT)
		return ring_ask(&q, KIND_SETSOCKOPT, "uring_setsockopt");
	return ring_ask(&q, KIND_GETSOCKOPT, "uring_getsockopt");
}

static void run_ring_connect(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l, s, r;

	(void)c;
	if (ring_lacks(IORING_OP_CONNECT))
		return;
	l = tcp_listener(&a, &len);
	s = made(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || s < 0)
		return;
	/* it does not wait in the call, and may be tried again elsewhere */
	next_extra("count=1-3 anypid=1");
	want("uring_connect", 0, ring_connect(s, &a, len));
	/* 6.4's leaves the state SS_CONNECTING; another connect(2) ends that */
	next_extra("state0=?");
	want_any("connect", do_connect(s, &a, len), 2, 0L, NEG(EISCONN));
	await(l);
	r = do_accept(l);
	if (want_ok("accept4", r) >= 0) {
		say(s, r, 0);
		do_close(r);
	}
	do_close(s);
	do_close(l);
	s = made(AF_INET, SOCK_STREAM, 0);
	next_extra("count=1-3 anypid=1");
	want("uring_connect", NEG(ECONNREFUSED), ring_connect(s, &a, len));
	/* newer kernels ask the socket for its error, older ones connect again */
	next_extra("state=?");
	do_close(s);
	/* done at once */
	s = made(AF_INET, SOCK_DGRAM, 0);
	next_extra("count=1-3 anypid=1");
	want("uring_connect", 0, ring_connect(s, &a, len));
	do_close(s);
}

static void run_ring_shutdown(const struct scenario *c)
{
	struct pair p;

	(void)c;
	if (ring_lacks(IORING_OP_SHUTDOWN) || !pair_open(&p, "tcp4"))
		return;
	next_extra("anypid=1");
	want("uring_shutdown", 0, ring_shutdown(p.s, SHUT_WR));
	await(p.r);
	want("recv", 0, do_recv(p.r, in_buf, 100, 0));
	next_extra("anypid=1");
	want("uring_shutdown", NEG(EINVAL), ring_shutdown(p.r, 5));
	pair_close(&p);
}

static void run_ring_listen(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l, s, r;

	(void)c;
	if (ring_lacks(OP_BIND) || ring_lacks(OP_LISTEN))
		return;
	l = made(AF_INET, SOCK_STREAM, 0);
	if (l < 0)
		return;
	len = (socklen_t)in4(&a, "127.0.0.1", 0);
	want("uring_bind", 0, ring_bind(l, &a, len));
	want("uring_bind", NEG(EINVAL), ring_bind(l, &a, len));
	want("uring_listen", 0, ring_listen(l, 3));
	s = made(AF_INET, SOCK_STREAM, 0);
	want("connect", 0, do_connect(s, &a, (socklen_t)name_now(l, &a)));
	await(l);
	r = (int)ring_accept(l);
	if (want_ok("uring_accept", r) >= 0)
		do_close(r);
	do_close(s);
	do_close(l);
}

static void run_ring_options(const struct scenario *c)
{
	int fd = made(AF_INET, SOCK_STREAM, 0), v = 1;
	long r;

	(void)c;
	if (fd < 0)
		return;
	if (ring_lacks(IORING_OP_URING_CMD)) {
		do_close(fd);
		return;
	}
	r = ring_option(fd, CMD_SETSOCKOPT, SOL_SOCKET, SO_KEEPALIVE, &v);
	if (r == -EOPNOTSUPP) {
		skip("io_uring lacks socket options");
		do_close(fd);
		return;
	}
	want("uring_setsockopt", 0, r);
	want("uring_setsockopt", 0,
	     ring_option(fd, CMD_SETSOCKOPT, IPPROTO_TCP, TCP_NODELAY, &v));
	want("uring_setsockopt", NEG(ENOPROTOOPT),
	     ring_option(fd, CMD_SETSOCKOPT, IPPROTO_TCP, 9999, &v));
	want("uring_getsockopt", sizeof(v),
	     ring_option(fd, CMD_GETSOCKOPT, SOL_SOCKET, SO_KEEPALIVE, &v));
	want("uring_getsockopt", NEG(ENOPROTOOPT),
	     ring_option(fd, CMD_GETSOCKOPT, SOL_SOCKET, 9998, &v));
	do_close(fd);
}

/* --------------------------------------------------------------- scenarios */

static const struct way *way_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(streams); i++)
		if (!strcmp(streams[i].name, name))
			return &streams[i];
	for (i = 0; i < ARRAY_SIZE(datagrams); i++)
		if (!strcmp(datagrams[i].name, name))
			return &datagrams[i];
	die("no way %s", name);
}

static void add_ways(void (*run)(const struct scenario *c), const char *name,
		     const char *const *list)
{
	for (; *list; list++)
		scenario_add(run, "conn/%s/%s", name, *list)->xfer = way_of(
			*list);
}

static void add_names(void (*run)(const struct scenario *c), const char *name,
		      const char *const *list)
{
	for (; *list; list++)
		scenario_add(run, "conn/%s/%s", name, *list)->xfer = *list;
}

void conn_scenarios(void)
{
	static const char *const tcp[] = { "tcp4", "tcp6", "tcp6-mapped",
					   NULL };
	static const char *const vsock[] = { "vsock", NULL };
	static const char *const accepts[] = { "tcp4", "unix-path", "vsock",
					       NULL };
	static const char *const binds[] = { "tcp4",	      "tcp6",
					     "udp4",	      "unix-path",
					     "unix-abstract", NULL };
	static const char *const waits[] = { "tcp4", "udp4", "unix-stream",
					     "netlink", NULL };
	static const char *const shuts[] = { "tcp4", "tcp6", "unix-stream",
					     "unix-seqpacket", NULL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(streams); i++)
		scenario_add(run_stream, "conn/stream/%s", streams[i].name)
			->xfer = &streams[i];
	scenario_add(run_link_local, "conn/stream/tcp6-link-local");
	for (i = 0; i < ARRAY_SIZE(datagrams); i++)
		scenario_add(run_datagram, "conn/datagram/%s",
			     datagrams[i].name)
			->xfer = &datagrams[i];
	scenario_add(run_netlink, "conn/datagram/netlink");
	scenario_add(run_packet, "conn/datagram/packet");
	scenario_add(run_raw, "conn/datagram/raw");
	scenario_add(run_netns, "conn/netns");
	add_ways(run_refused_tcp, "refused", tcp);
	scenario_add(run_refused_unix, "conn/refused/unix");
	add_ways(run_refused_vsock, "refused", vsock);
	scenario_add(run_unreachable, "conn/unreachable");
	scenario_add(run_no_port, "conn/no-port");
	scenario_add(run_connect_forms, "conn/connect-forms");
	scenario_add(run_timed_out, "conn/timed-out");
	scenario_add(run_send_limit, "conn/send-limit");
	scenario_add(run_established, "conn/progress/established");
	scenario_add(run_late_refused, "conn/progress/refused");
	scenario_add(run_given_up, "conn/progress/closed");
	scenario_add(run_called_off, "conn/progress/called-off");
	scenario_add(run_fast_open, "conn/fast-open");
	scenario_add(run_interrupted, "conn/interrupted/connect");
	scenario_add(run_restarted, "conn/restarted/connect");
	scenario_add(run_wait_connect, "conn/wait/connect");
	add_ways(run_wait_accept, "wait/accept", accepts);
	add_names(run_wait_recv, "wait/recv", waits);
	add_ways(run_bind_fails, "bind-fails", binds);
	scenario_add(run_bind_unix_auto, "conn/bind-unix-auto");
	scenario_add(run_bind_eacces, "conn/bind-eacces");
	scenario_add(run_listen, "conn/listen");
	scenario_add(run_accept_forms, "conn/accept-forms");
	scenario_add(run_accept_emfile, "conn/accept-emfile");
	scenario_add(run_accept_interrupted, "conn/interrupted/accept");
	add_names(run_shutdown, "shutdown", shuts);
	scenario_add(run_shutdown_fails, "conn/shutdown-fails");
	scenario_add(run_options, "conn/options");
	scenario_add(run_option_fails, "conn/option-fails");
	scenario_add(run_ring_connect, "conn/uring/connect");
	scenario_add(run_ring_shutdown, "conn/uring/shutdown");
	scenario_add(run_ring_listen, "conn/uring/listen");
	scenario_add(run_ring_options, "conn/uring/options");
}
