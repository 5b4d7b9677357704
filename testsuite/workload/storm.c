// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The modes that only count: many processes at once, many tasks blocked at
 * once, a few tasks that wait in calls for long.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct total {
	unsigned long calls;
	unsigned long long bytes;
	unsigned long errors;
};

/* shared with the children */
struct worker {
	pid_t pid;
	int done;
	struct total t[KIND_MAX];
};

static struct worker *workers;
static int *go; /* shared: 0 wait, 1 run */

static long tally(struct total *t, enum kind k, long r)
{
	t[k].calls++;
	if (r < 0)
		t[k].errors++;
	else if (k < KIND_CREATE)
		t[k].bytes += (unsigned long long)r;
	return r < 0 ? -(long)errno : r;
}

static void put_total(const struct worker *w, enum kind k)
{
	ledger_line("total pid=%d kind=%s calls=%lu bytes=%llu errors=%lu",
		    w->pid, kind_name[k], w->t[k].calls, w->t[k].bytes,
		    w->t[k].errors);
}

/* connect() and the like are not counted */
static void put_totals(const struct worker *w)
{
	int k;

	for (k = KIND_SENDMSG; k <= KIND_CLOSE; k++)
		put_total(w, (enum kind)k);
}

static void *shared_memory(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("out of memory");
	return p;
}

static long number(const char *s, long min, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (errno || end == s || *end || v < min || v > max)
		die("'%s' is not a number from %ld to %ld", s, min, max);
	return v;
}

static void at_most(int argc, int n)
{
	if (argc > n)
		die("too many arguments");
}

static void raise_files(long need)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur >= (rlim_t)need)
		return;
	lim.rlim_cur = (rlim_t)need;
	if (lim.rlim_max < lim.rlim_cur)
		lim.rlim_max = lim.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &lim) < 0)
		die("%ld open files are not allowed: %s", need,
		    strerror(errno));
}

/* --------------------------------------------------------------- storm */

#define STORM_MAX 4096
#define WAYS 5

struct link {
	int s, r;
	bool dgram;
};

static int made(struct total *t, int family, int type)
{
	return (int)tally(t, KIND_CREATE, socket(family, type, 0));
}

static void dropped(struct total *t, int fd)
{
	tally(t, KIND_CLOSE, close(fd));
}

static bool inet_link(struct total *t, struct link *k, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int l;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l = made(t, AF_INET, type);
	k->s = made(t, AF_INET, type);
	if (l < 0 || k->s < 0 || bind(l, (void *)&a, len) < 0 ||
	    getsockname(l, (void *)&a, &len) < 0)
		return false;
	if (type == SOCK_STREAM && listen(l, 1) < 0)
		return false;
	if (connect(k->s, (void *)&a, len) < 0)
		return false;
	k->r = l;
	k->dgram = type == SOCK_DGRAM;
	if (type == SOCK_STREAM) {
		k->r = accept(l, NULL, NULL);
		dropped(t, l);
	}
	return k->r >= 0;
}

static bool storm_links(struct total *t, struct link *k)
{
	struct timeval limit = { 10, 0 };
	int fd[2], i;

	/* each half of a pair is one creation */
	if (tally(t, KIND_CREATE, socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) < 0)
		return false;
	tally(t, KIND_CREATE, 0);
	k[0].s = fd[0];
	k[0].r = fd[1];
	k[0].dgram = false;
	if (!inet_link(t, &k[1], SOCK_DGRAM) ||
	    !inet_link(t, &k[2], SOCK_STREAM))
		return false;
	for (i = 0; i < 3; i++)
		setsockopt(k[i].r, SOL_SOCKET, SO_RCVTIMEO, &limit,
			   sizeof(limit));
	return true;
}

/* whatever is left of a message that came in more than one piece */
static long storm_rest(struct total *t, const struct link *k, long left)
{
	while (left > 0 && !k->dgram) {
		long r = tally(t, KIND_RECVMSG,
			       recv(k->r, in_buf, (size_t)left, 0));

		if (r <= 0)
			break;
		left -= r;
	}
	return left;
}

static void storm_mm(struct total *t, const struct link *k, size_t size,
		     unsigned int n)
{
	struct mmsghdr v[4];
	struct iovec iov[4];
	long r, left = (long)(size * n);
	unsigned int i;

	memset(v, 0, sizeof(v));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = out_buf;
		iov[i].iov_len = size;
		v[i].msg_hdr.msg_iov = &iov[i];
		v[i].msg_hdr.msg_iovlen = 1;
	}
	r = sendmmsg(k->s, v, n, 0);
	for (i = 0; (long)i < r; i++)
		tally(t, KIND_SENDMSG, v[i].msg_len);
	if (r < (long)n) {
		tally(t, KIND_SENDMSG, -1);
		complain("storm: sendmmsg: %ld of %u", r, n);
	}
	for (i = 0; i < n; i++)
		iov[i].iov_base = in_buf + i * size;
	r = recvmmsg(k->r, v, n, 0, NULL);
	for (i = 0; (long)i < r; i++)
		left -= tally(t, KIND_RECVMSG, v[i].msg_len);
	if (r < (long)n) {
		tally(t, KIND_RECVMSG, -1);
		complain("storm: recvmmsg: %ld of %u", r, n);
	}
	if (storm_rest(t, k, left))
		complain("storm: %ld bytes missing", left);
}

/* send one message and take it in again; the way differs by turns */
static void storm_one(struct total *t, const struct link *k, int way,
		      size_t size)
{
	struct iovec o[2] = { { out_buf, size / 2 },
			      { out_buf, size - size / 2 } };
	struct iovec i[2] = { { in_buf, size / 2 },
			      { in_buf + size / 2, size - size / 2 } };
	struct msghdr m;
	long r, q;

	memset(&m, 0, sizeof(m));
	m.msg_iovlen = 2;
	switch (way) {
	case 0:
		r = tally(t, KIND_SENDMSG, send(k->s, out_buf, size, 0));
		q = tally(t, KIND_RECVMSG, recv(k->r, in_buf, size, 0));
		break;
	case 1:
		r = tally(t, KIND_AIO_WRITE, write(k->s, out_buf, size));
		q = tally(t, KIND_AIO_READ, read(k->r, in_buf, size));
		break;
	case 2:
		m.msg_iov = o;
		r = tally(t, KIND_SENDMSG, sendmsg(k->s, &m, 0));
		m.msg_iov = i;
		q = tally(t, KIND_RECVMSG, recvmsg(k->r, &m, 0));
		break;
	default:
		r = tally(t, KIND_WRITEV, writev(k->s, o, 2));
		q = tally(t, KIND_READV, readv(k->r, i, 2));
		break;
	}
	if (r != (long)size)
		complain("storm: sent %ld of %zu", r, size);
	if (q < 0 || storm_rest(t, k, (long)size - q))
		complain("storm: received %ld of %zu", q, size);
}

static void storm_child(struct worker *w, long messages)
{
	unsigned int seed = (unsigned int)getpid() * 2654435761U;
	struct link k[3];
	long n = 0;
	int i, turn;

	w->pid = getpid();
	if (!storm_links(w->t, k)) {
		complain("storm: no sockets: %s", strerror(errno));
		_exit(1);
	}
	__atomic_fetch_add(&go[1], 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&go[0], __ATOMIC_SEQ_CST))
		nap(1);
	for (turn = 0; n < messages; turn++) {
		const struct link *to = &k[turn % 3];
		int way = turn / 3 % WAYS;
		size_t size;

		seed = seed * 1103515245U + 12345U;
		size = 1 + (seed >> 8) % 8000;
		if (way == 3) {
			unsigned int four = messages - n < 4 ?
						    (unsigned int)(messages -
								   n) :
						    4;

			storm_mm(w->t, to, size, four);
			n += four;
		} else {
			storm_one(w->t, to, way, size);
			n++;
		}
	}
	for (i = 0; i < 3; i++) {
		dropped(w->t, k[i].s);
		dropped(w->t, k[i].r);
	}
	w->done = 1;
	_exit(0);
}

static void reap_workers(long n)
{
	long i;
	int st;

	for (i = 0; i < n; i++) {
		while (waitpid(workers[i].pid, &st, 0) < 0)
			if (errno != EINTR)
				break;
		if (!workers[i].done)
			complain("process %d did not finish", workers[i].pid);
	}
	for (i = 0; i < n; i++)
		put_totals(&workers[i]);
}

int storm_main(int argc, char **argv)
{
	long n = argc > 0 ? number(argv[0], 1, STORM_MAX) : 8;
	long messages = argc > 1 ? number(argv[1], 1, 100000000) : 12500;
	long i;

	at_most(argc, 2);
	workers = shared_memory((size_t)n * sizeof(*workers));
	go = shared_memory(4096);
	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			complain("fork: %s", strerror(errno));
			n = i;
			break;
		}
		if (pid == 0)
			storm_child(&workers[i], messages);
		workers[i].pid = pid;
	}
	while (__atomic_load_n(&go[1], __ATOMIC_SEQ_CST) < n &&
	       waitpid(-1, NULL, WNOHANG) <= 0)
		nap(1);
	__atomic_store_n(&go[0], 1, __ATOMIC_SEQ_CST);
	reap_workers(n);
	return 0;
}

/* --------------------------------------------------------------- churn */

#define CHURN_PAIRS 2
#define CHURN_MESSAGE 64
#define CHURN_PORTS 20000 /* connections to one address */

static void churn_serve(struct worker *w, int l, long n)
{
	long i;

	for (i = 0; i < n; i++) {
		int fd = (int)tally(w->t, KIND_ACCEPT, accept(l, NULL, NULL));

		if (fd < 0) {
			complain("churn: accept: %s", strerror(-fd));
			_exit(1);
		}
		if (tally(w->t, KIND_RECVMSG,
			  recv(fd, in_buf, CHURN_MESSAGE, 0)) != CHURN_MESSAGE)
			complain("churn: a message is missing");
		dropped(w->t, fd);
	}
	dropped(w->t, l);
	w->done = 1;
	_exit(0);
}

static void churn_call(struct worker *w, int port, long n)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	long i;

	a.sin_port = htons((uint16_t)port);
	for (i = 0; i < n; i++) {
		int fd = made(w->t, AF_INET, SOCK_STREAM), r;

		/* as the ports of ended connections are not free yet */
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK +
					  (uint32_t)(i / CHURN_PORTS));
		r = (int)tally(w->t, KIND_CONNECT,
			       connect(fd, (void *)&a, sizeof(a)));
		if (fd < 0 || r < 0) {
			complain("churn: connect: %s", strerror(-r));
			_exit(1);
		}
		if (tally(w->t, KIND_SENDMSG,
			  send(fd, out_buf, CHURN_MESSAGE, 0)) != CHURN_MESSAGE)
			complain("churn: send: %s", strerror(errno));
		dropped(w->t, fd);
	}
	w->done = 1;
	_exit(0);
}

/* a process that accepts and one that connects to it, twice */
int churn_main(int argc, char **argv)
{
	static const enum kind kinds[] = { KIND_CREATE,	 KIND_ACCEPT,
					   KIND_CLOSE,	 KIND_CONNECT,
					   KIND_SENDMSG, KIND_RECVMSG };
	long n = argc > 0 ? number(argv[0], CHURN_PAIRS, 1000000) : 10000;
	unsigned int seconds = (unsigned int)(120 + n / 100);
	int i, st, port[CHURN_PAIRS];
	size_t k;

	at_most(argc, 1);
	ledger_watchdog(seconds);
	workers = shared_memory(2 * CHURN_PAIRS * sizeof(*workers));
	go = shared_memory(4096);
	for (i = 0; i < 2 * CHURN_PAIRS; i++) {
		int p = i % CHURN_PAIRS;
		long part = n / CHURN_PAIRS + (p < n % CHURN_PAIRS);
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (pid == 0) {
			struct worker *w = &workers[i];
			struct sockaddr_in a = { .sin_family = AF_INET };
			socklen_t len = sizeof(a);
			int l;

			w->pid = getpid();
			ledger_watchdog(seconds);
			if (i >= CHURN_PAIRS)
				churn_call(w, port[p], part);
			l = made(w->t, AF_INET, SOCK_STREAM);
			if (l < 0 || bind(l, (void *)&a, len) < 0 ||
			    listen(l, 128) < 0 ||
			    getsockname(l, (void *)&a, &len) < 0) {
				complain("churn: no listener: %s",
					 strerror(errno));
				_exit(1);
			}
			__atomic_store_n(&go[p], ntohs(a.sin_port),
					 __ATOMIC_SEQ_CST);
			churn_serve(w, l, part);
		}
		workers[i].pid = pid;
		while (i < CHURN_PAIRS &&
		       !(port[p] = __atomic_load_n(&go[p], __ATOMIC_SEQ_CST)) &&
		       waitpid(pid, NULL, WNOHANG) == 0)
			nap(1);
	}
	for (i = 2 * CHURN_PAIRS - 1; i >= 0; i--) {
		/* nobody is left to call */
		if (i < CHURN_PAIRS && !workers[i + CHURN_PAIRS].done)
			kill(workers[i].pid, SIGKILL);
		while (waitpid(workers[i].pid, &st, 0) < 0 && errno == EINTR)
			;
		if (!workers[i].done)
			complain("process %d did not finish", workers[i].pid);
	}
	for (i = 0; i < 2 * CHURN_PAIRS; i++)
		for (k = 0; k < ARRAY_SIZE(kinds); k++)
			put_total(&workers[i], kinds[k]);
	return 0;
}

/* ------------------------------------------------------------- blocked */

#define BLOCKED_MAX 20000

struct waiter {
	pthread_t thread;
	int s, r, way;
	pid_t tid;
	size_t bytes;
	char *buf;
	struct total t[KIND_MAX];
};

static void *waiter_main(void *arg)
{
	struct waiter *w = arg;
	struct pollfd p = { .fd = w->r, .events = POLLIN };
	struct iovec iov;
	struct msghdr m;
	size_t had = 0;

	__atomic_store_n(&w->tid, gettid(), __ATOMIC_SEQ_CST);
	while (had < w->bytes) {
		char *at = w->buf + had;
		size_t room = w->bytes - had;
		long r = -1;

		switch (w->way) {
		case 0:
			r = tally(w->t, KIND_RECVMSG, recv(w->r, at, room, 0));
			break;
		case 1:
			r = tally(w->t, KIND_AIO_READ, read(w->r, at, room));
			break;
		case 2:
			memset(&m, 0, sizeof(m));
			iov.iov_base = at;
			iov.iov_len = room;
			m.msg_iov = &iov;
			m.msg_iovlen = 1;
			r = tally(w->t, KIND_RECVMSG, recvmsg(w->r, &m, 0));
			break;
		default:
			while (poll(&p, 1, -1) < 0 && errno == EINTR)
				;
			r = tally(w->t, KIND_RECVMSG,
				  recv(w->r, at, room, MSG_DONTWAIT));
			break;
		}
		if (r == -EINTR)
			continue;
		if (r <= 0)
			break;
		had += (size_t)r;
	}
	return NULL;
}

/* asleep inside one of the calls it has to wait in? */
bool is_blocked(pid_t pid, pid_t tid)
{
	char path[64], text[256] = "", *p;
	FILE *f;
	long nr;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	p = strrchr(text, ')');
	if (!p || p[1] != ' ' || (p[2] != 'S' && p[2] != 'D'))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return true; /* this kernel has no such file */
	if (!fgets(text, sizeof(text), f))
		text[0] = 0;
	fclose(f);
	if (sscanf(text, "%ld", &nr) != 1)
		return true;
	switch (nr) {
	case SYS_read:
	case SYS_readv:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_recvmmsg:
	case SYS_accept4:
	case SYS_connect:
#ifdef SYS_accept
	case SYS_accept:
#endif
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		return true;
	}
	return false;
}

static bool all_blocked(struct waiter *w, long n)
{
	long i = 0;
	int spent;

	for (spent = 0; spent < 60000;) {
		pid_t tid;

		if (i == n)
			return true;
		tid = __atomic_load_n(&w[i].tid, __ATOMIC_SEQ_CST);
		if (tid && is_blocked(getpid(), tid)) {
			i++;
			continue;
		}
		nap(2);
		spent += 2;
	}
	return false;
}

static void serve(struct total *t, struct waiter *w)
{
	if (tally(t, KIND_SENDMSG, send(w->s, out_buf, w->bytes, 0)) !=
	    (long)w->bytes)
		complain("blocked: short send");
}

int blocked_main(int argc, char **argv)
{
	long n = argc > 0 ? number(argv[0], 1, BLOCKED_MAX) : 2000;
	long hold = argc > 1 ? number(argv[1], 0, 3600) : 0;
	long i, j, up = 0;
	struct worker sum;
	struct waiter *w;
	pthread_attr_t attr;

	at_most(argc, 2);
	raise_files(2 * n + 64);
	ledger_watchdog((unsigned int)(120 + hold + n / 20));
	memset(&sum, 0, sizeof(sum));
	sum.pid = getpid();
	w = calloc((size_t)n, sizeof(*w));
	if (!w)
		die("out of memory");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < n; i++, up++) {
		int fd[2], e;

		w[i].way = (int)(i % 4);
		w[i].bytes = (size_t)i + 1;
		w[i].buf = malloc(w[i].bytes);
		if (!w[i].buf)
			die("out of memory");
		if (tally(sum.t, KIND_CREATE,
			  socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) < 0) {
			complain("socketpair: %s", strerror(errno));
			break;
		}
		tally(sum.t, KIND_CREATE, 0);
		w[i].s = fd[0];
		w[i].r = fd[1];
		e = pthread_create(&w[i].thread, &attr, waiter_main, &w[i]);
		if (e) {
			complain("thread %ld: %s", i, strerror(e));
			dropped(sum.t, fd[0]);
			dropped(sum.t, fd[1]);
			break;
		}
	}
	if (!all_blocked(w, up))
		complain("not all of %ld threads got to wait", up);
	fprintf(stderr, "traffic: %ld tasks are blocked\n", up);
	if (hold)
		nap((int)hold * 1000);
	for (i = 0; i < up; i++)
		serve(sum.t, &w[i]);
	for (i = 0; i < up; i++) {
		pthread_join(w[i].thread, NULL);
		for (j = 0; j < KIND_MAX; j++) {
			sum.t[j].calls += w[i].t[j].calls;
			sum.t[j].bytes += w[i].t[j].bytes;
			sum.t[j].errors += w[i].t[j].errors;
		}
		dropped(sum.t, w[i].s);
		dropped(sum.t, w[i].r);
	}
	put_totals(&sum);
	return 0;
}

/* -------------------------------------------------------------- unload */

enum {
	WAIT_RECV,
	WAIT_READ,
	WAIT_READV,
	WAIT_RECVMSG,
	WAIT_RECVMMSG,
	WAIT_ACCEPT,
	WAIT_TCP,
	WAIT_UDP,
	WAIT_WAYS
};

static void wait_child(struct worker *w, int way, const struct link *k)
{
	struct iovec iov[2] = { { in_buf, 50 }, { in_buf + 50, 50 } };
	struct mmsghdr v[2];
	long r;
	int i;

	w->pid = getpid();
	alarm(0);
	/* the other end belongs to the parent, who also closes both last */
	memset(v, 0, sizeof(v));
	for (i = 0; i < 2; i++) {
		v[i].msg_hdr.msg_iov = &iov[i];
		v[i].msg_hdr.msg_iovlen = 1;
	}
	switch (way) {
	case WAIT_READ:
		r = tally(w->t, KIND_AIO_READ, read(k->r, in_buf, 100));
		break;
	case WAIT_READV:
		r = tally(w->t, KIND_READV, readv(k->r, iov, 2));
		break;
	case WAIT_RECVMSG:
		v[0].msg_hdr.msg_iovlen = 2;
		r = tally(w->t, KIND_RECVMSG, recvmsg(k->r, &v[0].msg_hdr, 0));
		break;
	case WAIT_RECVMMSG:
		r = recvmmsg(k->r, v, 2, 0, NULL);
		for (i = 0; i < r; i++)
			tally(w->t, KIND_RECVMSG, v[i].msg_len);
		if (r < 2)
			tally(w->t, KIND_RECVMSG, -1);
		r = r < 2 ? -1 : (long)(v[0].msg_len + v[1].msg_len);
		break;
	case WAIT_ACCEPT:
		r = accept(k->r, NULL, NULL);
		if (r >= 0) {
			dropped(w->t, (int)r);
			r = 100;
		}
		break;
	default:
		r = tally(w->t, KIND_RECVMSG, recv(k->r, in_buf, 100, 0));
		break;
	}
	w->done = r == 100;
	_exit(0);
}

/* what each of them waits at */
static bool wait_link(struct total *t, int way, struct link *k)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd[2];

	k->s = k->r = -1;
	if (way == WAIT_TCP)
		return inet_link(t, k, SOCK_STREAM);
	if (way == WAIT_UDP)
		return inet_link(t, k, SOCK_DGRAM);
	if (way == WAIT_ACCEPT) {
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		k->r = made(t, AF_INET, SOCK_STREAM);
		return k->r >= 0 && bind(k->r, (void *)&a, sizeof(a)) == 0 &&
		       listen(k->r, 1) == 0;
	}
	if (tally(t, KIND_CREATE, socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) < 0)
		return false;
	tally(t, KIND_CREATE, 0);
	k->s = fd[0];
	k->r = fd[1];
	return true;
}

static void wait_end(struct total *t, int way, struct link *k)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	if (way == WAIT_ACCEPT) {
		getsockname(k->r, (void *)&a, &len);
		k->s = made(t, AF_INET, SOCK_STREAM);
		if (connect(k->s, (void *)&a, len) < 0)
			complain("unload: connect: %s", strerror(errno));
		return;
	}
	if (way == WAIT_RECVMMSG) {
		/* a pause, so that it is received as two messages */
		tally(t, KIND_SENDMSG, send(k->s, out_buf, 50, 0));
		nap(50);
		tally(t, KIND_SENDMSG, send(k->s, out_buf, 50, 0));
		return;
	}
	tally(t, KIND_SENDMSG, send(k->s, out_buf, 100, 0));
}

int unload_main(int argc, char **argv)
{
	long seconds = argc > 0 ? number(argv[0], 0, 86400) : 10;
	struct link k[WAIT_WAYS];
	struct worker self;
	int i, spent;

	at_most(argc, 1);
	ledger_watchdog((unsigned int)seconds + 60);
	memset(&self, 0, sizeof(self));
	self.pid = getpid();
	workers = shared_memory(WAIT_WAYS * sizeof(*workers));
	for (i = 0; i < WAIT_WAYS; i++)
		if (!wait_link(self.t, i, &k[i]))
			die("unload: no sockets: %s", strerror(errno));
	for (i = 0; i < WAIT_WAYS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (pid == 0)
			wait_child(&workers[i], i, &k[i]);
		workers[i].pid = pid;
	}
	for (i = 0, spent = 0; i < WAIT_WAYS && spent < 10000;) {
		if (is_blocked(workers[i].pid, workers[i].pid)) {
			i++;
			continue;
		}
		nap(2);
		spent += 2;
	}
	if (i < WAIT_WAYS)
		complain("unload: not all processes got to wait");
	fprintf(stderr, "traffic: %d tasks are blocked\n", i);
	nap((int)seconds * 1000);
	for (i = 0; i < WAIT_WAYS; i++)
		wait_end(self.t, i, &k[i]);
	reap_workers(WAIT_WAYS);
	for (i = 0; i < WAIT_WAYS; i++) {
		dropped(self.t, k[i].s);
		dropped(self.t, k[i].r);
	}
	put_totals(&self);
	return 0;
}
