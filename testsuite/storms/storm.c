// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * storm - makes socket traffic that is killed, interrupted and raced, and counts it
 *
 * usage: storm FILE NAME SECONDS [WORKERS [NICE]]   run it; 0 seconds: until `storm stop`
 *        storm FILE show          print the counts
 *        storm FILE stop          end a running storm
 *        storm FILE families      print the kinds of socket that the kernel has.  Storms
 *                                 read them from ./kinds, because the kernel takes long
 *                                 to refuse a family that it does not have
 *
 * NAME is one of the table at the end.  The counts are in FILE, which all processes share,
 * so that they outlive kill -9.  Each count has two bounds: a call adds to the upper one
 * before it begins and to the lower one after it has returned.  They differ by the calls
 * that were in progress when their process was killed, and by the few whose result does
 * not show whether they reached a socket.  A line of `show`:
 *
 *   KIND CALLS-LOW CALLS-HIGH GOOD-LOW GOOD-HIGH BYTES-LOW BYTES-HIGH
 *
 * The processes that make counted calls are called "storm", all others "storm-main".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

enum kind {
	SENDMSG,
	RECVMSG,
	AIO_WRITE,
	AIO_READ,
	WRITEV,
	READV,
	CREATE,
	ACCEPT,
	CONNECT,
	BIND,
	LISTEN,
	SHUTDOWN,
	SETSOCKOPT,
	GETSOCKOPT,
	CONNECTED, /* attempts that have ended; no call of its own */
	KINDS
};

static const char *const kind_name[KINDS] = {
	"sendmsg", "recvmsg",  "aio_write",  "aio_read",   "writev",
	"readv",   "create",   "accept",     "connect",	   "bind",
	"listen",  "shutdown", "setsockopt", "getsockopt", "connected",
};

struct count {
	unsigned long low, high;
};

struct tally {
	struct count calls, good, bytes;
};

#define SLOTS 128

struct slot {
	pid_t pid;
	int waits; /* the worker waits in the call that its storm is about */
	struct tally t[KINDS];
};

static struct shared {
	int stop;
	int alive; /* processes of the storm of forks */
	int born;
	unsigned int kills;
	struct slot slot[SLOTS];
} *shared;

static struct slot *me;
/* the call that this thread is in, for signal handlers */
static __thread volatile int in_call = -1;
/* other threads close descriptors: a call with EBADF or ENOTSOCK reached no socket */
static bool racing;
/* the first process; a worker that has another parent has lost it */
static pid_t main_pid;

static char zeros[65536];
static __thread char sink[65536];

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("storm: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("\n", stderr);
	va_end(ap);
	exit(2);
}

static void add(unsigned long *n, long by)
{
	__atomic_fetch_add(n, (unsigned long)by, __ATOMIC_SEQ_CST);
}

static void begin(enum kind k, long asked)
{
	struct tally *t = &me->t[k];

	add(&t->calls.high, 1);
	add(&t->good.high, 1);
	add(&t->bytes.high, asked);
	in_call = (int)k;
}

static void end(enum kind k, long asked, long r, int error)
{
	struct tally *t = &me->t[k];

	in_call = -1;
	if (r >= 0) {
		add(&t->calls.low, 1);
		add(&t->good.low, 1);
		if (k < CREATE) {
			add(&t->bytes.low, r);
			add(&t->bytes.high, r - asked);
		}
		return;
	}
	/* socket() may have created a socket before it failed for want of room */
	if (k == CREATE &&
	    (error == EMFILE || error == ENFILE || error == ENOMEM))
		return;
	if (racing && (error == EBADF || error == ENOTSOCK))
		add(&t->calls.high, -1);
	else if (error != ENOMEM || k == ACCEPT)
		add(&t->calls.low, 1);
	add(&t->good.high, -1);
	add(&t->bytes.high, -asked);
}

#define DO(kind, asked, call)                    \
	({                                       \
		long asked_ = (long)(asked), r_; \
		begin(kind, asked_);             \
		r_ = (long)(call);               \
		int errno_ = errno;              \
		end(kind, asked_, r_, errno_);   \
		errno = errno_;                  \
		r_;                              \
	})

/* ---------------------------------------------------------------- helpers */

static __thread unsigned int seed;

static unsigned int any(unsigned int below)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 8) % below;
}

static void nap_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool stopped(void)
{
	return __atomic_load_n(&shared->stop, __ATOMIC_SEQ_CST);
}

static void name_of(const char *name)
{
	prctl(PR_SET_NAME, name);
}

/* the kinds of socket that the kernel has */
static struct sort {
	int family, type, protocol;
} sorts[256];
static unsigned int nr_sorts;

static bool try_sort(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return errno != EAFNOSUPPORT;
	close(fd);
	if (nr_sorts < LENGTH(sorts))
		sorts[nr_sorts++] = (struct sort){ family, type, protocol };
	return true;
}

/* as `families` printed them */
static bool read_sorts(void)
{
	FILE *f = fopen("kinds", "r");
	struct sort *s = sorts;

	if (!f)
		return false;
	while (s < sorts + LENGTH(sorts) &&
	       fscanf(f, "%d %d %d", &s->family, &s->type, &s->protocol) == 3)
		s++;
	nr_sorts = (unsigned int)(s - sorts);
	fclose(f);
	return nr_sorts > 0;
}

static void find_sorts(void)
{
	static const struct sort more[] = {
		{ AF_INET, SOCK_STREAM, IPPROTO_SCTP },
		{ AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
		{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_INET, SOCK_RAW, IPPROTO_RAW },
		{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
		{ AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
		{ AF_PACKET, SOCK_RAW, 0x0300 },
		{ AF_PACKET, SOCK_DGRAM, 0x0300 },
		{ AF_CAN, SOCK_RAW, 1 },
		{ AF_CAN, SOCK_DGRAM, 2 },
		{ AF_KEY, SOCK_RAW, 2 },
	};
	int family, type, protocol;
	size_t i;

	for (family = 1; family < 46; family++)
		for (type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++)
			if (!try_sort(family, type, 0))
				break;
	for (protocol = 1; protocol < 23; protocol++)
		try_sort(AF_NETLINK, SOCK_RAW, protocol);
	for (protocol = 1; protocol < 8; protocol++)
		if (!try_sort(AF_BLUETOOTH, SOCK_RAW, protocol))
			break;
	for (i = 0; i < LENGTH(more); i++)
		try_sort(more[i].family, more[i].type, more[i].protocol);
}

/* ---------------------------------------------------------------- sockets of a worker */

struct sock {
	int fd, family;
};

#define HELD 24
static struct sock held[HELD];

static in_port_t ports[2]; /* of this worker's listeners: IPv4, IPv6 */
static struct sockaddr_un local;
static socklen_t local_len;

static socklen_t address(int family, struct sockaddr_storage *a)
{
	memset(a, 0, sizeof(*a));
	a->ss_family = (sa_family_t)family;
	switch (family) {
	case AF_INET: {
		struct sockaddr_in *in = (void *)a;

		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in->sin_port = ports[0];
		return sizeof(*in);
	}
	case AF_INET6: {
		struct sockaddr_in6 *in = (void *)a;

		in->sin6_addr = in6addr_loopback;
		in->sin6_port = ports[1];
		return sizeof(*in);
	}
	case AF_UNIX:
		memcpy(a, &local, local_len);
		return local_len;
	case AF_NETLINK:
		return sizeof(struct sockaddr_nl);
	case AF_PACKET:
		((struct sockaddr_ll *)a)->sll_ifindex = 1;
		((struct sockaddr_ll *)a)->sll_protocol = 0x0300;
		return sizeof(struct sockaddr_ll);
	case AF_VSOCK:
		((struct sockaddr_vm *)a)->svm_cid = VMADDR_CID_LOCAL;
		((struct sockaddr_vm *)a)->svm_port = 1000 + any(4);
		return sizeof(struct sockaddr_vm);
	}
	return 16;
}

/*
 * An attempt of a stream socket to connect has one outcome, whether the call waits or not.
 * If it is not `sure` that there is an attempt, or that its outcome is seen, the outcome is
 * added to the upper bound only.
 */
static long attempt(int fd, const void *a, socklen_t len, bool sure)
{
	struct tally *t = &me->t[CONNECTED];
	long r;
	int error;

	add(&t->calls.high, 1);
	add(&t->good.high, 1);
	r = DO(CONNECT, 0, connect(fd, a, len));
	error = errno;
	if (sure && r == 0)
		add(&t->good.low, 1);
	if (sure && (r == 0 || error == EINPROGRESS))
		add(&t->calls.low, 1);
	errno = error;
	return r;
}

static void keep(int fd, int family)
{
	struct sock *s = &held[any(HELD)];

	if (fd < 0)
		return;
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct sock){ fd, family };
}

static int make(int family, int type, int protocol)
{
	return (int)DO(CREATE, 0, socket(family, type, protocol));
}

static bool make_pair(int type, int fd[2])
{
	struct tally *t = &me->t[CREATE];

	add(&t->calls.high, 2);
	add(&t->good.high, 2);
	if (socketpair(AF_UNIX, type, 0, fd) < 0) {
		/* refused before the first socket was created */
		if (errno == EMFILE) {
			add(&t->calls.high, -2);
			add(&t->good.high, -2);
		}
		return false;
	}
	add(&t->calls.low, 2);
	add(&t->good.low, 2);
	return true;
}

static int listener(int family, struct sockaddr_storage *a, socklen_t *len)
{
	int fd = make(family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	*len = address(family, a);
	if (family == AF_INET)
		((struct sockaddr_in *)a)->sin_port = 0;
	if (family == AF_INET6)
		((struct sockaddr_in6 *)a)->sin6_port = 0;
	if (family == AF_UNIX)
		*len = sizeof(sa_family_t);
	if (DO(BIND, 0, bind(fd, (void *)a, *len)) < 0 ||
	    DO(LISTEN, 0, listen(fd, 4)) < 0) {
		close(fd);
		return -1;
	}
	*len = sizeof(*a);
	getsockname(fd, (void *)a, len);
	return fd;
}

/* a connection to a listener of this worker's own */
static bool make_link(int family, int fd[2])
{
	struct sockaddr_storage a;
	socklen_t len;
	int l = listener(family, &a, &len);

	fd[0] = fd[1] = -1;
	if (l < 0)
		return false;
	if (family == AF_INET)
		ports[0] = ((struct sockaddr_in *)&a)->sin_port;
	else if (family == AF_INET6)
		ports[1] = ((struct sockaddr_in6 *)&a)->sin6_port;
	else {
		memcpy(&local, &a, sizeof(local));
		local_len = len;
	}
	fd[0] = make(family, SOCK_STREAM | (any(2) ? SOCK_NONBLOCK : 0), 0);
	if (fd[0] >= 0)
		attempt(fd[0], &a, len, family != AF_UNIX);
	fd[1] = (int)DO(ACCEPT, 0, accept4(l, NULL, NULL, SOCK_NONBLOCK));
	close(l);
	return fd[1] >= 0;
}

/* Makes each call, on a socket of any kind.  Only with `wait` may a call wait. */
static void use(int fd, int family, bool wait)
{
	static const int options[] = {
		SO_RCVBUF,    SO_SNDBUF,    SO_PRIORITY,
		SO_KEEPALIVE, SO_REUSEADDR, SO_PASSCRED
	};
	static const int readable[] = { SO_TYPE, SO_ERROR, SO_RCVBUF,
					SO_PROTOCOL };
	int flags = wait ? MSG_NOSIGNAL : MSG_NOSIGNAL | MSG_DONTWAIT;
	size_t n = 1 + any(any(4) ? 600 : 20000);
	struct iovec o[2] = { { zeros, n / 2 }, { zeros, n - n / 2 } };
	struct iovec i[2] = { { sink, n / 2 }, { sink + n / 2, n - n / 2 } };
	struct msghdr m = { .msg_iovlen = 2 };
	struct sockaddr_storage a;
	socklen_t len;
	int value, fd2;

	switch (any(20)) {
	case 0:
	case 1:
		DO(SENDMSG, n, send(fd, zeros, n, flags));
		break;
	case 2:
	case 3:
		DO(RECVMSG, n, recv(fd, sink, n, flags));
		break;
	case 4:
		m.msg_iov = o;
		DO(SENDMSG, n, sendmsg(fd, &m, flags));
		break;
	case 5:
		m.msg_iov = i;
		DO(RECVMSG, n, recvmsg(fd, &m, flags));
		break;
	case 6:
		DO(AIO_WRITE, n, write(fd, zeros, n));
		break;
	case 7:
	case 8:
		DO(AIO_READ, n, read(fd, sink, n));
		break;
	case 9:
		DO(WRITEV, n, writev(fd, o, 2));
		break;
	case 10:
	case 11:
		DO(READV, n, readv(fd, i, 2));
		break;
	case 12:
		len = address(family, &a);
		DO(SENDMSG, n, sendto(fd, zeros, n, flags, (void *)&a, len));
		break;
	case 13:
		/* bind() to a name of the crypto API requests a module each time */
		if (family == AF_ALG)
			break;
		len = address(family, &a);
		DO(BIND, 0, bind(fd, (void *)&a, len));
		break;
	case 14:
		if (family == AF_ALG)
			break;
		len = address(family, &a);
		attempt(fd, &a, len, false);
		break;
	case 15:
		DO(LISTEN, 0, listen(fd, (int)any(8)));
		break;
	case 16:
		/* If it fails, it has made a new socket, and the listener may be closed in
		 * it, too, while its descriptor is that of another ATM socket. */
		if (racing && family == AF_ATMSVC)
			break;
		fd2 = (int)DO(ACCEPT, 0,
			      accept4(fd, NULL, NULL, SOCK_NONBLOCK));
		if (racing && fd2 >= 0)
			close(fd2);
		else
			keep(fd2, family);
		break;
	case 17:
		if (!any(4))
			DO(SHUTDOWN, 0, shutdown(fd, (int)any(3)));
		break;
	case 18:
		value = 1 + (int)any(9000);
		DO(SETSOCKOPT, 0,
		   setsockopt(fd, SOL_SOCKET, options[any(LENGTH(options))],
			      &value, sizeof(value)));
		break;
	default:
		len = sizeof(value);
		DO(GETSOCKOPT, 0,
		   getsockopt(fd, SOL_SOCKET, readable[any(LENGTH(readable))],
			      &value, &len));
		break;
	}
}

static void open_some(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	static const int linked[] = { AF_INET, AF_INET6, AF_UNIX };
	const struct sort *s;
	int fd[2], family;

	switch (any(4)) {
	case 0:
		if (make_pair(types[any(3)] | SOCK_NONBLOCK, fd)) {
			keep(fd[0], AF_UNIX);
			keep(fd[1], AF_UNIX);
		}
		break;
	case 1:
		family = linked[any(3)];
		make_link(family, fd);
		if (fd[0] >= 0)
			fcntl(fd[0], F_SETFL, O_NONBLOCK);
		keep(fd[0], family);
		keep(fd[1], family);
		break;
	default:
		s = &sorts[any(nr_sorts)];
		keep(make(s->family, s->type | SOCK_NONBLOCK, s->protocol),
		     s->family);
	}
}

/* ---------------------------------------------------------------- families */

#define WORKERS_MAX 96
static int bus[WORKERS_MAX][2]; /* passes sockets to each worker */
static long workers;
static int niceness;

struct rights {
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * 2)];
	};
};

static void pass(int fd, int family, long to)
{
	struct rights c;
	struct iovec v = { &family, sizeof(family) };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = CMSG_SPACE(sizeof(int)) };

	memset(&c, 0, sizeof(c));
	c.head.cmsg_level = SOL_SOCKET;
	c.head.cmsg_type = SCM_RIGHTS;
	c.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&c.head), &fd, sizeof(int));
	DO(SENDMSG, sizeof(family),
	   sendmsg(bus[to][0], &m, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static void take(long from)
{
	struct rights c;
	int family = 0, fd;
	struct iovec v = { &family, sizeof(family) };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = sizeof(c) };

	if (DO(RECVMSG, sizeof(family),
	       recvmsg(bus[from][1], &m, MSG_DONTWAIT)) < 0)
		return;
	if (m.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    c.head.cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(&c.head), sizeof(int));
		keep(fd, family);
	}
}

static void family_step(long i)
{
	struct sock *s = &held[any(HELD)];

	switch (any(12)) {
	case 0:
	case 1:
		open_some();
		break;
	case 2:
		if (s->fd >= 0) {
			close(s->fd);
			s->fd = -1;
		}
		break;
	case 3:
		if (s->fd >= 0)
			pass(s->fd, s->family, any((unsigned int)workers));
		break;
	case 4:
		take(i);
		break;
	default:
		if (s->fd >= 0)
			use(s->fd, s->family, false);
	}
}

static void empty_held(void)
{
	int i;

	for (i = 0; i < HELD; i++)
		held[i].fd = -1;
}

static void family_worker(long i)
{
	empty_held();
	while (!stopped()) {
		family_step(i);
		/* Leave processors to the other processes: in an emulated guest, loading a
		 * module takes ten times as long while all processors are busy. */
		if (niceness > 0)
			nap_us((long)any(30000));
	}
}

/* ---------------------------------------------------------------- signals, to any */

/* One more call, which the program does not see; for connect also one more attempt. */
static void count_restart(struct slot *slot, enum kind k)
{
	add(&slot->t[k].calls.high, 1);
	if (k == CONNECT)
		add(&slot->t[CONNECTED].calls.high, 1);
}

static void on_signal(int number)
{
	int k = in_call;

	if (number == SIGUSR2 && k >= 0)
		count_restart(me, (enum kind)k);
}

static void handle(int number, int flags)
{
	struct sigaction a = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(number, &a, NULL);
}

/* ---------------------------------------------------------------- close */

#define SHARED_FDS 8
static struct sock raced[SHARED_FDS];

static void *racer(void *arg)
{
	seed = (unsigned int)(long)arg * 2654435761U;
	while (!stopped()) {
		int i = (int)any(SHARED_FDS);

		use(__atomic_load_n(&raced[i].fd, __ATOMIC_RELAXED),
		    raced[i].family, true);
	}
	return NULL;
}

static int racing_socket(int *family)
{
	static const int linked[] = { AF_INET, AF_INET6, AF_UNIX };
	struct timeval limit = { 0, 3000 };
	const struct sort *s;
	int fd[2];

	*family = AF_UNIX;
	switch (any(4)) {
	case 0:
		/* not a socket, and not readable */
		return open("/", O_PATH);
	case 1:
		if (!make_pair(any(2) ? SOCK_STREAM : SOCK_DGRAM, fd))
			return -1;
		break;
	case 2:
		*family = linked[any(3)];
		make_link(*family, fd);
		break;
	default:
		s = &sorts[any(nr_sorts)];
		*family = s->family;
		fd[0] = make(s->family, s->type | SOCK_NONBLOCK, s->protocol);
		fd[1] = -1;
	}
	/* calls on one end wait for the other, with a short timeout */
	if (fd[0] >= 0) {
		DO(SETSOCKOPT, 0,
		   setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &limit,
			      sizeof(limit)));
		DO(SETSOCKOPT, 0,
		   setsockopt(fd[0], SOL_SOCKET, SO_SNDTIMEO, &limit,
			      sizeof(limit)));
	}
	if (fd[1] >= 0)
		close(fd[1]);
	return fd[0];
}

static void close_worker(long i)
{
	pthread_t t[3];
	unsigned int k;

	racing = true;
	handle(SIGUSR1, 0);
	empty_held();
	for (k = 0; k < SHARED_FDS; k++)
		raced[k].fd = racing_socket(&raced[k].family);
	for (k = 0; k < LENGTH(t); k++)
		if (pthread_create(&t[k], NULL, racer, (void *)(i * 3 + k + 1)))
			_exit(1);
	while (!stopped()) {
		struct sock *s = &raced[any(SHARED_FDS)];
		int family, fd;

		close(s->fd);
		fd = racing_socket(&family);
		s->family = family;
		__atomic_store_n(&s->fd, fd, __ATOMIC_RELAXED);
		if (!any(4))
			nap_us(200);
		/* A call may have begun on a new socket, by the descriptor that it shares
		 * with the old one, before the socket got its timeout: wake it. */
		if (!any(16))
			pthread_kill(t[any(LENGTH(t))], SIGUSR1);
	}
	for (k = 0; k < LENGTH(t); k++)
		while (pthread_tryjoin_np(t[k], NULL)) {
			pthread_kill(t[k], SIGUSR1);
			nap_us(1000);
		}
}

/* ---------------------------------------------------------------- signals */

enum wait {
	W_RECV,
	W_RECVMSG,
	W_READ,
	W_READV,
	W_ACCEPT,
	W_SEND,
	W_SENDMSG,
	W_WRITE,
	W_WRITEV,
	W_CONNECT,
	WAITS
};
static const enum kind waits_in[WAITS] = { RECVMSG, RECVMSG,   AIO_READ,
					   READV,   ACCEPT,    SENDMSG,
					   SENDMSG, AIO_WRITE, WRITEV,
					   CONNECT };

/* lets the worker continue now and then */
static void feeder(enum wait w, int fd, const struct sockaddr_storage *a,
		   socklen_t len)
{
	int s;

	for (;;) {
		nap_us((long)any(20000));
		if (stopped())
			_exit(0);
		if (w < W_ACCEPT) {
			DO(SENDMSG, 100,
			   send(fd, zeros, 100, MSG_DONTWAIT | MSG_NOSIGNAL));
		} else if (w == W_ACCEPT) {
			s = make(a->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
			attempt(s, a, len, false);
			close(s);
		} else if (w == W_CONNECT) {
			s = (int)DO(ACCEPT, 0, accept(fd, NULL, NULL));
			if (s >= 0)
				close(s);
		} else {
			DO(RECVMSG, sizeof(sink),
			   recv(fd, sink, sizeof(sink), MSG_DONTWAIT));
		}
	}
}

static void signal_worker(long i)
{
	enum wait w = (enum wait)(i % WAITS);
	int family = i / WAITS % 2 ? AF_INET : AF_UNIX;
	struct sockaddr_storage a = { 0 };
	struct iovec v[2] = { { zeros, 30000 }, { zeros, 30000 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	socklen_t len = 0;
	int fd[2] = { -1, -1 }, s;
	struct slot *mine = me;
	pid_t child;

	handle(SIGUSR1, 0);
	handle(SIGUSR2, SA_RESTART);
	/* connect() of UNIX sockets waits for room in the backlog, that of IP does not */
	if (w == W_CONNECT)
		family = AF_UNIX;
	if (w == W_ACCEPT || w == W_CONNECT) {
		fd[0] = fd[1] = listener(family, &a, &len);
		if (w == W_ACCEPT)
			fcntl(fd[0], F_SETFL, 0);
	} else if (family == AF_UNIX) {
		make_pair(SOCK_STREAM, fd);
	} else {
		/* accept() does not wait, and the connection may come later.  A call on a
		 * descriptor that is not open would not be an event. */
		while (!make_link(family, fd) && !stopped())
			close(fd[0]);
		fcntl(fd[0], F_SETFL, 0);
	}
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGUSR1, SIG_IGN);
		signal(SIGUSR2, SIG_IGN);
		me = &shared->slot[workers + i];
		seed = (unsigned int)getpid();
		feeder(w, fd[1], &a, len);
	}
	__atomic_store_n(&mine->waits, 1, __ATOMIC_SEQ_CST);
	while (!stopped()) {
		switch (w) {
		case W_RECV:
			DO(RECVMSG, 100, recv(fd[0], sink, 100, 0));
			break;
		case W_RECVMSG:
			v[0].iov_len = v[1].iov_len = 50;
			DO(RECVMSG, 100, recvmsg(fd[0], &m, 0));
			break;
		case W_READ:
			DO(AIO_READ, 100, read(fd[0], sink, 100));
			break;
		case W_READV:
			v[0].iov_len = v[1].iov_len = 50;
			DO(READV, 100, readv(fd[0], v, 2));
			break;
		case W_ACCEPT:
			s = (int)DO(ACCEPT, 0, accept(fd[0], NULL, NULL));
			if (s >= 0)
				close(s);
			break;
		case W_SEND:
			DO(SENDMSG, 60000,
			   send(fd[0], zeros, 60000, MSG_NOSIGNAL));
			break;
		case W_SENDMSG:
			DO(SENDMSG, 60000, sendmsg(fd[0], &m, MSG_NOSIGNAL));
			break;
		case W_WRITE:
			DO(AIO_WRITE, 60000, write(fd[0], zeros, 60000));
			break;
		case W_WRITEV:
			DO(WRITEV, 60000, writev(fd[0], v, 2));
			break;
		default:
			s = make(family, SOCK_STREAM, 0);
			attempt(s, &a, len, false);
			close(s);
		}
	}
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---------------------------------------------------------------- namespaces */

static void attribute(struct nlmsghdr *h, int type, const void *data, size_t n)
{
	struct rtattr *a = (void *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(n);
	if (n)
		memcpy(RTA_DATA(a), data, n);
	h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static struct rtattr *nest(struct nlmsghdr *h, int type)
{
	struct rtattr *a = (void *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));

	attribute(h, type, NULL, 0);
	return a;
}

static void unnest(struct nlmsghdr *h, struct rtattr *a)
{
	a->rta_len = (unsigned short)((char *)h + h->nlmsg_len - (char *)a);
}

/* a pair of interfaces, which are removed with the namespace */
static void make_veth(void)
{
	union {
		struct nlmsghdr h;
		char room[512];
	} u;
	struct rtattr *info, *data, *peer;
	int fd = make(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	memset(&u, 0, sizeof(u));
	u.h.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	u.h.nlmsg_type = RTM_NEWLINK;
	u.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	attribute(&u.h, IFLA_IFNAME, "one", 4);
	info = nest(&u.h, IFLA_LINKINFO);
	attribute(&u.h, IFLA_INFO_KIND, "veth", 5);
	data = nest(&u.h, IFLA_INFO_DATA);
	peer = nest(&u.h, VETH_INFO_PEER);
	u.h.nlmsg_len += (unsigned int)sizeof(struct ifinfomsg);
	attribute(&u.h, IFLA_IFNAME, "two", 4);
	unnest(&u.h, peer);
	unnest(&u.h, data);
	unnest(&u.h, info);
	DO(SENDMSG, u.h.nlmsg_len, send(fd, &u, u.h.nlmsg_len, 0));
	DO(RECVMSG, sizeof(sink), recv(fd, sink, sizeof(sink), 0));
	close(fd);
}

static void set_up(const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_UP };
	int fd = make(AF_INET, SOCK_DGRAM, 0);

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
}

static void in_namespace(void)
{
	int fd[2], i;

	if (unshare(CLONE_NEWNET) < 0)
		_exit(1);
	empty_held();
	set_up("lo");
	if (any(2)) {
		make_veth();
		set_up("one");
		set_up("two");
	}
	if (make_link(AF_INET, fd)) {
		DO(SENDMSG, 100, send(fd[0], zeros, 100, 0));
		DO(RECVMSG, 100, recv(fd[1], sink, 100, 0));
	}
	for (i = 0; i < 60; i++)
		family_step(any((unsigned int)workers));
	/* sockets that are still open are closed with the process */
	_exit(0);
}

static void namespace_worker(long i)
{
	(void)i;
	while (!stopped()) {
		pid_t pid = fork();

		if (pid == 0) {
			seed = (unsigned int)getpid() * 2654435761U;
			in_namespace();
		}
		if (pid < 0)
			nap_us(10000);
		else
			waitpid(pid, NULL, 0);
	}
}

/* ---------------------------------------------------------------- forks */

#define ALIVE_MAX 300

static void forked(int depth)
{
	int i, n;

	seed = (unsigned int)getpid() * 2654435761U;
	for (n = 0; n < 3 && !stopped(); n++) {
		for (i = 0; i < 8; i++)
			family_step(any((unsigned int)workers));
		if (depth == 6)
			continue;
		if (__atomic_add_fetch(&shared->alive, 1, __ATOMIC_SEQ_CST) <=
		    ALIVE_MAX) {
			pid_t pid = fork();

			if (pid == 0) {
				__atomic_add_fetch(&shared->born, 1,
						   __ATOMIC_SEQ_CST);
				forked(depth + 1);
				__atomic_sub_fetch(&shared->alive, 1,
						   __ATOMIC_SEQ_CST);
				_exit(0);
			}
			if (pid > 0)
				continue;
		}
		__atomic_sub_fetch(&shared->alive, 1, __ATOMIC_SEQ_CST);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void fork_worker(long i)
{
	(void)i;
	empty_held();
	while (!stopped())
		forked(0);
}

/* ---------------------------------------------------------------- the storms */

static const struct storm {
	const char *name;
	void (*worker)(long);
	long workers; /* default number */
	bool kills;   /* workers are killed and started again */
	bool signals;
} storms[] = {
	{ "families", family_worker, 64, true, false },
	{ "close", close_worker, 12, false, false },
	{ "signals", signal_worker, 40, false, true },
	{ "namespaces", namespace_worker, 8, false, false },
	{ "forks", fork_worker, 4, false, false },
};

/* If the file ./fail exists, makes the kernel fail allocations of this process. */
static void may_fail(void)
{
	int fd;

	if (access("fail", F_OK))
		return;
	fd = open("/proc/self/make-it-fail", O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		_exit(3);
	close(fd);
}

static void start(const struct storm *s, long i)
{
	pid_t pid = fork();

	if (pid < 0) {
		fprintf(stderr, "storm: fork: %s\n", strerror(errno));
		return;
	}
	if (pid) {
		shared->slot[i].pid = pid;
		return;
	}
	if (getppid() != main_pid)
		_exit(0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, niceness);
	name_of("storm");
	may_fail();
	me = &shared->slot[i];
	seed = (unsigned int)getpid() * 2654435761U;
	s->worker(i);
	_exit(0);
}

static void disturb(const struct storm *s)
{
	long i = any((unsigned int)workers);
	pid_t pid = shared->slot[i].pid;

	if (s->kills && pid) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		shared->kills++;
		start(s, i);
	}
	if (s->signals && pid &&
	    __atomic_load_n(&shared->slot[i].waits, __ATOMIC_SEQ_CST)) {
		switch (any(8)) {
		case 0:
			/* A waiting call is stopped and restarted, without a handler. */
			count_restart(&shared->slot[i], waits_in[i % WAITS]);
			kill(pid, SIGSTOP);
			nap_us(500);
			kill(pid, SIGCONT);
			break;
		case 1:
		case 2:
			kill(pid, SIGUSR2);
			break;
		default:
			kill(pid, SIGUSR1);
		}
		shared->kills++;
	}
	nap_us(s->signals ? 300 : 20000);
}

static void run(const struct storm *s, double seconds)
{
	double until;
	long i;
	int fd[2];

	if (!read_sorts())
		find_sorts();
	main_pid = getpid();
	/* This process gets its turn between the workers. */
	setpriority(PRIO_PROCESS, 0, -15);
	seed = 1;
	for (i = 0; i < workers; i++)
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, bus[i]) < 0)
			die("socketpair: %s", strerror(errno));
	for (i = 0; i < workers; i++)
		start(s, i);
	until = now_s() + seconds;
	while (!stopped() && (seconds == 0 || now_s() < until))
		disturb(s);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	/* A wait without an end would block this process. */
	for (i = 0; i < 50 * (long)s->signals; i++) {
		long k;

		for (k = 0; k < workers; k++)
			kill(shared->slot[k].pid, SIGUSR1);
		nap_us(10000);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (i = 0; i < workers; i++) {
		close(bus[i][0]);
		close(bus[i][1]);
	}
	/* The kernel collects sockets that hold each other when another one is closed;
	 * newer kernels do so in a worker. */
	for (i = 0; i < 10; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0) {
			close(fd[0]);
			close(fd[1]);
		}
		nap_us(50000);
	}
}

static void show(void)
{
	int i, k;

	for (k = 0; k < KINDS; k++) {
		struct tally sum = { 0 };

		for (i = 0; i < SLOTS; i++) {
			const struct tally *t = &shared->slot[i].t[k];

			sum.calls.low += t->calls.low;
			sum.calls.high += t->calls.high;
			sum.good.low += t->good.low;
			sum.good.high += t->good.high;
			sum.bytes.low += t->bytes.low;
			sum.bytes.high += t->bytes.high;
		}
		printf("%s %lu %lu %lu %lu %lu %lu\n", kind_name[k],
		       sum.calls.low, sum.calls.high, sum.good.low,
		       sum.good.high, sum.bytes.low, sum.bytes.high);
	}
	printf("kills %u\nborn %d\n", shared->kills, shared->born);
}

static double number(const char *s, double least, double most)
{
	char *end_;
	double v = strtod(s, &end_);

	if (end_ == s || *end_ || !(v >= least && v <= most))
		die("'%s' is not a number from %g to %g", s, least, most);
	return v;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 4096, 4096 };
	const struct storm *s = NULL;
	bool makes;
	size_t i;
	int fd;

	if (argc < 3 || argc > 6)
		die("usage: storm FILE NAME SECONDS [WORKERS [NICE]] | storm FILE show|stop|families");
	name_of("storm-main");
	for (i = 0; i < LENGTH(storms); i++)
		if (!strcmp(argv[2], storms[i].name))
			s = &storms[i];
	makes = s && argc > 3;
	fd = open(argv[1],
		  makes ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*shared)) < 0)
		die("%s: %s", argv[1], strerror(errno));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (shared == MAP_FAILED)
		die("%s: %s", argv[1], strerror(errno));
	close(fd);
	if (makes) {
		double seconds = number(argv[3], 0, 86400);

		niceness = argc > 5 ? (int)number(argv[5], -20, 19) : 0;
		workers = argc > 4 ? (long)number(argv[4], 1, WORKERS_MAX) :
				     s->workers;
		if (s->signals && workers * 2 > SLOTS)
			die("'%ld' workers are more than %d", workers,
			    SLOTS / 2);
		setrlimit(RLIMIT_NOFILE, &files);
		signal(SIGPIPE, SIG_IGN);
		run(s, seconds);
	} else if (argc == 3 && !strcmp(argv[2], "show")) {
		show();
	} else if (argc == 3 && !strcmp(argv[2], "stop")) {
		shared->stop = 1;
	} else if (argc == 3 && !strcmp(argv[2], "families")) {
		find_sorts();
		for (i = 0; i < nr_sorts; i++)
			printf("%d %d %d\n", sorts[i].family, sorts[i].type,
			       sorts[i].protocol);
	} else {
		die("no storm '%s' with SECONDS, and neither show, stop nor families",
		    argv[2]);
	}
	return 0;
}
