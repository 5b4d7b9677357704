// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scenarios about how sockets come and go: created or not, closed by whom and
 * when, shared, in flight, or made by the kernel for itself.
 */
#include "traffic.h"

#include <linux/if_alg.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

#define NEG(e) (-(long)(e))

/* --------------------------------------------------- made, or not made */

static void run_create_fails(const struct scenario *c)
{
	static const struct {
		int family, type, protocol, err;
	} list[] = {
		{ 255, SOCK_STREAM, 0, EAFNOSUPPORT },
		{ -1, SOCK_STREAM, 0, EAFNOSUPPORT },
		{ AF_UNSPEC, SOCK_STREAM, 0, EAFNOSUPPORT },
		{ AF_INET, 0, 0, ESOCKTNOSUPPORT },
		{ AF_INET, 15, 0, EINVAL },
		{ AF_INET, SOCK_STREAM, 254, EPROTONOSUPPORT },
		{ AF_INET, SOCK_DGRAM, IPPROTO_TCP, EPROTONOSUPPORT },
		{ AF_INET, SOCK_STREAM, -1, EINVAL },
		{ AF_INET, SOCK_SEQPACKET, 0, ESOCKTNOSUPPORT },
		{ AF_UNIX, SOCK_STREAM, 77, EPROTONOSUPPORT },
		{ AF_UNIX, SOCK_RDM, 0, ESOCKTNOSUPPORT },
		{ AF_NETLINK, SOCK_STREAM, 0, ESOCKTNOSUPPORT },
		{ AF_NETLINK, SOCK_RAW, 99, EPROTONOSUPPORT },
	};
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		int r = do_socket(list[i].family, list[i].type,
				  list[i].protocol);

		want("socket", -list[i].err, r);
		if (r >= 0)
			do_close(r);
	}
}

/* refused before a socket is thought of */
static void run_create_refused(const struct scenario *c)
{
	int fd[2];

	(void)c;
	next_none();
	want("socket", NEG(EINVAL), do_socket(AF_INET, SOCK_STREAM | 0x100, 0));
	next_none();
	want("socket", NEG(EINVAL), do_socket(AF_INET, SOCK_DGRAM | 0x10, 0));
	next_none();
	want("socketpair", NEG(EINVAL),
	     do_socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, fd));
}

static void run_create_kinds(const struct scenario *c)
{
	static const struct {
		int family, type, protocol;
	} list[] = {
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_STREAM, IPPROTO_TCP },
		{ AF_INET, SOCK_DGRAM, IPPROTO_UDP },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_INET, SOCK_RAW, IPPROTO_RAW },
		{ AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_DGRAM, 0 },
		{ AF_UNIX, SOCK_STREAM, 0 },
		{ AF_UNIX, SOCK_STREAM, AF_UNIX },
		{ AF_UNIX, SOCK_RAW, 0 }, /* becomes SOCK_DGRAM */
		{ AF_UNIX, SOCK_SEQPACKET, 0 },
		{ AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE },
		{ AF_NETLINK, SOCK_RAW, NETLINK_GENERIC },
		{ AF_PACKET, SOCK_RAW, 0 },
		{ AF_PACKET, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_PACKET, 0 }, /* becomes AF_PACKET */
		{ AF_VSOCK, SOCK_STREAM, 0 },
	};
	static const int flags[] = { 0, SOCK_CLOEXEC,
				     SOCK_NONBLOCK | SOCK_CLOEXEC };
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		int r = do_socket(list[i].family, list[i].type | flags[i % 3],
				  list[i].protocol);

		if (r >= 0)
			do_close(r);
		else
			want_any("socket", r, 2, NEG(EAFNOSUPPORT),
				 NEG(EPROTONOSUPPORT));
	}
}

/* the second half's failure undoes the first's success */
static void run_socketpair_kinds(const struct scenario *c)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
				     SOCK_RAW };
	struct sock_id id = SOCK_ID(AF_INET, SOCK_STREAM, 0, 0);
	struct window w;
	int fd[2];
	size_t i;
	long r;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (want("socketpair", 0,
			 do_socketpair(AF_UNIX, types[i], 0, fd)) < 0)
			continue;
		want("send", 10, do_send(fd[0], out_buf, 10, 0));
		wait_readable(fd[1], 1000);
		want("recv", 10, do_recv(fd[1], in_buf, 10, 0));
		do_close(fd[0]);
		do_close(fd[1]);
	}
	/* both halves are made, can't be joined, and are dropped: nobody had them */
	r = TIMED(&w, "socketpair", socketpair(AF_INET, SOCK_STREAM, 0, fd));
	want("socketpair", NEG(EOPNOTSUPP), r);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, r);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, r);
}

/* with no descriptor left: when is that found out? */
static void run_emfile(const struct scenario *c)
{
	struct sockaddr_storage a;
	struct rlimit old, lim;
	int l, s, fd[2];
	socklen_t len;

	(void)c;
	l = tcp_listener(&a, &len);
	s = do_socket(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || s < 0)
		return;
	want("connect", 0, do_connect(s, &a, len));
	wait_readable(l, 1000);
	getrlimit(RLIMIT_NOFILE, &old);
	lim = old;
	lim.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &lim);
	next_extra("note=emfile");
	want("socket", NEG(EMFILE), do_socket(AF_INET, SOCK_DGRAM, 0));
	next_extra("begun=0 note=emfile");
	want("socketpair", NEG(EMFILE),
	     do_socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	next_extra("begun=0 note=emfile");
	want("accept4", NEG(EMFILE), do_accept4(l, NULL, NULL, 0));
	setrlimit(RLIMIT_NOFILE, &old);
	do_close(s);
	do_close(l);
}

/*
 * No file left for a user who is not root: the sockets are there already.  The kernel's
 * count of files may be some too small, and there must be room for UNIX sockets, whose
 * limit is twice that of files.
 */
static void run_enfile(const struct scenario *c)
{
	static const char sysctl[] = "/proc/sys/fs/file-max";
	struct sock_id id = SOCK_ID(AF_UNIX, SOCK_STREAM, 0, 0);
	int fd = open(sysctl, O_RDWR | O_CLOEXEC), two[2], files[300];
	size_t i;
	struct window w;
	char was[32];
	ssize_t n;
	long r;

	(void)c;
	n = fd < 0 ? -1 : read(fd, was, sizeof(was));
	if (n < 0 || pwrite(fd, "100", 3, 0) != 3) {
		skip("file-max:%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(files); i++)
		files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (seteuid(65534))
		die("seteuid: %s", strerror(errno));
	want("socket", NEG(ENFILE), do_socket(AF_INET, SOCK_DGRAM, 0));
	want("socket", NEG(ENFILE), do_socket(AF_UNIX, SOCK_STREAM, 0));
	r = TIMED(&w, "socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, two));
	want("socketpair", NEG(ENFILE), r);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, r);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, r);
	if (seteuid(0))
		die("seteuid: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(files); i++)
		close(files[i]);
	if (pwrite(fd, was, (size_t)n, 0) != n)
		complain("%s: %s", sysctl, strerror(errno));
	close(fd);
}

static void run_accept_fails(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	set_nonblock(l, true);
	want("accept4", NEG(EAGAIN), do_accept4(l, NULL, NULL, 0));
	do_close(l);
	l = do_socket(AF_INET, SOCK_STREAM, 0);
	want("accept4", NEG(EINVAL), do_accept4(l, NULL, NULL, 0));
	do_close(l);
	l = do_socket(AF_INET, SOCK_DGRAM, 0);
	want("accept4", NEG(EOPNOTSUPP), do_accept4(l, NULL, NULL, 0));
	do_close(l);
}

/*
 * Taken off the queue, but its name can't be delivered, because of the address or of its length:
 * dropped again.
 */
static void run_accept_fault(const struct scenario *c)
{
	struct sockaddr_storage a, name;
	socklen_t len, room;
	int l, s, i;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	for (i = 0; i < 2; i++) {
		s = do_socket(AF_INET, SOCK_STREAM, 0);
		want("connect", 0, do_connect(s, &a, len));
		wait_readable(l, 1000);
		room = i ? (socklen_t)-1 : sizeof(name);
		next_extra("note=accept_fault");
		want("accept4", NEG(i ? EINVAL : EFAULT),
		     do_accept4(l, i ? &name : bad_page(), &room, 0));
		do_close(s);
	}
	do_close(l);
}

/*
 * An accept that fails after the new socket got its struct sock (af_alg_accept()): there is no
 * memory for options left, in which the kernel keeps the state of the hash.
 */
static void run_accept_unmade(const struct scenario *c)
{
	static const char sysctl[] = "/proc/sys/net/core/optmem_max";
	struct sockaddr_alg a = { .salg_family = AF_ALG,
				  .salg_type = "hash",
				  .salg_name = "sha256" };
	int l = do_socket(AF_ALG, SOCK_SEQPACKET, 0), fd;
	char was[32];
	ssize_t n;

	(void)c;
	if (l < 0) {
		skip("socket:%s", strerror(-l));
		return;
	}
	want("bind", 0, do_bind(l, &a, sizeof(a)));
	fd = open(sysctl, O_RDWR | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, was, sizeof(was));
	if (n < 0 || pwrite(fd, "0", 1, 0) != 1) {
		skip("optmem_max:%s", strerror(errno));
	} else {
		want("accept4", NEG(ENOMEM), do_accept4(l, NULL, NULL, 0));
		if (pwrite(fd, was, (size_t)n, 0) != n)
			complain("%s: %s", sysctl, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	do_close(l);
}

/* connections that nobody accepted have no struct socket to close */
static void run_backlog(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l, s[3], i;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	for (i = 0; i < 3; i++) {
		s[i] = do_socket(AF_INET, SOCK_STREAM, 0);
		want("connect", 0, do_connect(s[i], &a, len));
	}
	do_close(l);
	for (i = 0; i < 3; i++)
		do_close(s[i]);
}

/* -------------------------------------------------- who holds the last */

static void run_dup(const struct scenario *c)
{
	int fd = do_socket(AF_INET, SOCK_DGRAM, 0), two, three, pfd[2];
	struct window w;
	long r;

	(void)c;
	two = dup(fd);
	three = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	*id_of(two) = *id_of(fd);
	*id_of(three) = *id_of(fd);
	do_close_shared(fd);
	do_close_shared(three);
	do_close(two);
	/* overwritten by another file */
	fd = do_socket(AF_UNIX, SOCK_DGRAM, 0);
	if (pipe(pfd) < 0)
		die("pipe: %s", strerror(errno));
	r = TIMED_FD(&w, fd, "dup2", dup2(pfd[0], fd));
	want("dup2", fd, r);
	put_event(&w, KIND_CLOSE, fd, 0, 0);
	memset(id_of(fd), 0, sizeof(struct sock_id));
	next_none();
	want("close", 0, do_close(fd));
	close(pfd[0]);
	close(pfd[1]);
}

static void run_close_range(const struct scenario *c)
{
	int a = do_socket(AF_INET, SOCK_DGRAM, 0);
	int b = fcntl(a, F_DUPFD, 200), d;
	struct window w;
	long r;

	(void)c;
	do_close_shared(a);
	a = do_socket(AF_UNIX, SOCK_STREAM, 0);
	d = fcntl(a, F_DUPFD, 201);
	do_close_shared(a);
	id_learn(b, ST_UNCONNECTED);
	id_learn(d, ST_UNCONNECTED);
	r = TIMED(&w, "close_range", syscall(SYS_close_range, b, d, 0));
	if (r < 0) {
		skip("close_range:%s", strerror((int)-r));
		do_close(b);
		do_close(d);
		return;
	}
	put_event(&w, KIND_CLOSE, b, 0, 0);
	put_event(&w, KIND_CLOSE, d, 0, 0);
}

pid_t fork_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		ledger_child();
	return pid;
}

void reap(pid_t pid, int expected)
{
	int st = 0;

	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		;
	want("child's status", expected, st);
}

/* the child drops its copy first, the parent's close is the last */
static void run_fork_parent_last(const struct scenario *c)
{
	int fd = do_socket(AF_INET, SOCK_DGRAM, 0);
	pid_t pid = fork_child();

	(void)c;
	if (pid == 0) {
		do_close_shared(fd);
		_exit(0);
	}
	reap(pid, 0);
	do_close(fd);
}

static void hand_over(int fd)
{
	char x = 0;

	if (write(fd, &x, 1) != 1)
		complain("pipe: %s", strerror(errno));
}

static void take_over(int fd)
{
	char x;

	if (read(fd, &x, 1) != 1)
		complain("pipe: %s", strerror(errno));
}

/* the parent goes first, the last close is the child's */
static void run_fork_child_last(const struct scenario *c)
{
	int fd = do_socket(AF_INET, SOCK_STREAM, 0), go[2];
	pid_t pid;

	(void)c;
	if (pipe(go) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0) {
		take_over(go[0]);
		do_close(fd);
		_exit(0);
	}
	do_close_shared(fd);
	hand_over(go[1]);
	reap(pid, 0);
	close(go[0]);
	close(go[1]);
}

/* the child never closes: its end does, by itself or by force */
static void child_end(bool force)
{
	int fd = do_socket(AF_UNIX, SOCK_DGRAM, 0), go[2];
	struct sock_id id = *id_of(fd);
	struct window w;
	pid_t pid;

	if (pipe(go) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0) {
		take_over(go[0]);
		_exit(0);
	}
	do_close_shared(fd);
	w.op = force ? "kill" : "exit";
	w.t0 = now_ns();
	if (force)
		kill(pid, SIGKILL);
	else
		hand_over(go[1]);
	reap(pid, force ? SIGKILL : 0);
	w.t1 = now_ns();
	put_event_id(&w, KIND_CLOSE, pid, pid, &id, 0, 0);
	close(go[0]);
	close(go[1]);
}

static void run_child_exits(const struct scenario *c)
{
	(void)c;
	child_end(false);
}

static void run_child_killed(const struct scenario *c)
{
	(void)c;
	child_end(true);
}

/* close-on-exec: the program is replaced, its socket is closed */
static void run_exec(const struct scenario *c)
{
	char *args[] = { "traffic", "-l", "life/exec", NULL };
	int fd = do_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), go[2];
	struct sock_id id = *id_of(fd);
	struct window w;
	pid_t pid;

	(void)c;
	if (pipe(go) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0) {
		int out = open("/dev/null", O_WRONLY);

		take_over(go[0]);
		dup2(out, STDOUT_FILENO);
		execv("/proc/self/exe", args);
		_exit(3);
	}
	do_close_shared(fd);
	w.op = "execve";
	w.t0 = now_ns();
	hand_over(go[1]);
	reap(pid, 0);
	w.t1 = now_ns();
	put_event_id(&w, KIND_CLOSE, pid, pid, &id, 0, 0);
	close(go[0]);
	close(go[1]);
}

/* fetched out of another process, whose own copy is not the last then */
static void run_pidfd_getfd(const struct scenario *c)
{
	int fd = do_socket(AF_INET, SOCK_DGRAM, 0), go[2], pidfd, copy;
	pid_t pid;

	(void)c;
	if (pipe(go) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork_child();
	if (pid == 0) {
		take_over(go[0]);
		do_close_shared(fd);
		_exit(0);
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0) {
		skip("pidfd_getfd:%s", strerror(errno));
		copy = dup(fd);
	}
	do_close_shared(fd);
	id_learn(copy, ST_UNCONNECTED);
	hand_over(go[1]);
	reap(pid, 0);
	do_close(copy);
	if (pidfd >= 0)
		close(pidfd);
	close(go[0]);
	close(go[1]);
}

/* a mapped ring keeps the socket when its descriptor has gone */
static void run_mapped(const struct scenario *c)
{
	struct tpacket_req req = { 4096, 4, 2048, 8 };
	int fd = do_socket(AF_PACKET, SOCK_RAW, 0);
	struct sock_id id;
	struct window w;
	void *p;
	long r;

	(void)c;
	if (fd < 0) {
		skip("packet:%s", strerror(-fd));
		return;
	}
	id = *id_of(fd);
	r = do_setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req));
	if (r < 0) {
		skip("rx_ring:%s", strerror((int)-r));
		do_close(fd);
		return;
	}
	p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		skip("mmap:%s", strerror(errno));
		do_close(fd);
		return;
	}
	do_close_shared(fd);
	r = TIMED(&w, "munmap", munmap(p, 16384));
	want("munmap", 0, r);
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &id, 0, 0);
}

/* -------------------------------------------------- descriptors in flight */

static long send_fd(int via, int fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { out_buf, 1 };
	struct cmsghdr *cm;
	struct msghdr m;

	memset(&m, 0, sizeof(m));
	memset(control, 0, sizeof(control));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	cm = CMSG_FIRSTHDR(&m);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(int));
	return want("sendmsg", 1, do_sendmsg(via, &m, 0));
}

static int receive_fd(int via)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { in_buf, 1 };
	struct cmsghdr *cm;
	struct msghdr m;
	int fd = -1;

	memset(&m, 0, sizeof(m));
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	wait_readable(via, 1000);
	want("recvmsg", 1, do_recvmsg(via, &m, 0));
	cm = CMSG_FIRSTHDR(&m);
	if (cm)
		memcpy(&fd, CMSG_DATA(cm), sizeof(int));
	return fd;
}

/* is a socket still to be seen in one of these tables? */
static bool listed(const char *path, unsigned long inode)
{
	char line[512], want_word[32], *w, *save;
	FILE *f = fopen(path, "re");
	bool found = false;

	if (!f)
		return false;
	snprintf(want_word, sizeof(want_word), "%lu", inode);
	while (!found && fgets(line, sizeof(line), f)) {
		w = strtok_r(line, " \t\n", &save);
		for (; w && !found; w = strtok_r(NULL, " \t\n", &save))
			found = !strcmp(w, want_word);
	}
	fclose(f);
	return found;
}

static void wait_unlisted(const char *path, unsigned long inode, int ms)
{
	for (; ms > 0 && listed(path, inode); ms -= 10)
		nap(10);
	if (ms <= 0)
		complain("socket %lu has not gone from %s", inode, path);
}

/* passed on, received, closed at both ends */
static void run_rights_received(const struct scenario *c)
{
	int fd, copy, via[2];

	(void)c;
	if (do_socketpair(AF_UNIX, SOCK_STREAM, 0, via) < 0)
		return;
	fd = do_socket(AF_INET, SOCK_DGRAM, 0);
	send_fd(via[0], fd);
	do_close_shared(fd);
	copy = receive_fd(via[1]);
	if (copy >= 0) {
		id_learn(copy, ST_UNCONNECTED);
		do_close(copy);
	}
	do_close(via[0]);
	do_close(via[1]);
}

/* never received: it goes with the queue it is in */
static void rights_lost(int family, const char *table)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	unsigned long inode;
	struct sock_id id, queue;
	struct window w;
	int fd, via[2];

	if (do_socketpair(AF_UNIX, SOCK_STREAM, 0, via) < 0)
		return;
	fd = do_socket(family, SOCK_DGRAM, 0);
	if (family == AF_INET)
		want("bind", 0, do_bind(fd, &a, sizeof(a)));
	else
		want("bind", 0, do_bind(fd, &u, sizeof(sa_family_t)));
	inode = inode_of(fd);
	id = *id_of(fd);
	queue = *id_of(via[1]);
	send_fd(via[0], fd);
	do_close_shared(fd);
	do_close(via[0]);
	w.op = "close";
	w.t0 = now_ns();
	close(via[1]);
	wait_unlisted(table, inode, 1000);
	nap(20);
	w.t1 = now_ns();
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &queue, 0, 0);
	next_extra("anypid=1");
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &id, 0, 0);
}

static void run_rights_lost(const struct scenario *c)
{
	(void)c;
	rights_lost(AF_INET, "/proc/net/udp");
}

static void run_rights_lost_unix(const struct scenario *c)
{
	(void)c;
	rights_lost(AF_UNIX, "/proc/net/unix");
}

/* a pair that holds only itself: left to the garbage collector */
static void run_rights_cycle(const struct scenario *c)
{
	unsigned long inode[2];
	struct sock_id id, other, last;
	struct window w;
	int via[2], more[2];

	(void)c;
	if (do_socketpair(AF_UNIX, SOCK_STREAM, 0, via) < 0)
		return;
	id = *id_of(via[0]);
	other = *id_of(via[1]);
	inode[0] = inode_of(via[0]);
	inode[1] = inode_of(via[1]);
	send_fd(via[0], via[0]);
	send_fd(via[1], via[1]);
	do_close_shared(via[0]);
	do_close_shared(via[1]);
	/* the close of one more UNIX socket starts a collection */
	if (do_socketpair(AF_UNIX, SOCK_DGRAM, 0, more) < 0)
		return;
	last = *id_of(more[0]);
	w.op = "close";
	w.t0 = now_ns();
	close(more[0]);
	wait_unlisted("/proc/net/unix", inode[0], 2000);
	wait_unlisted("/proc/net/unix", inode[1], 2000);
	nap(20);
	w.t1 = now_ns();
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &last, 0, 0);
	next_extra("anypid=1");
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &id, 0, 0);
	next_extra("anypid=1");
	put_event_id(&w, KIND_CLOSE, getpid(), gettid(), &other, 0, 0);
	do_close(more[1]);
}

/* ------------------------------------------------------------ io_uring */

static void run_uring_socket(const struct scenario *c)
{
	const char *why = uring_missing(IORING_OP_SOCKET);
	struct uring_req create = { .kind = KIND_CREATE, .op = "uring_socket" };
	struct uring_req end = { .kind = KIND_CLOSE, .op = "uring_close" };
	int fd;

	(void)c;
	if (why) {
		skip("%s", why);
		return;
	}
	io_uring_prep_socket(&create.sqe, AF_INET, SOCK_DGRAM, 0, 0);
	do_uring(&create, 1);
	fd = (int)want_ok(create.op, create.result);
	if (fd < 0)
		return;
	id_learn(fd, ST_UNCONNECTED);
	why = uring_missing(IORING_OP_CLOSE);
	if (why) {
		do_close(fd);
		return;
	}
	io_uring_prep_close(&end.sqe, fd);
	do_uring(&end, 1);
	want(end.op, 0, end.result);
}

static void run_uring_accept(const struct scenario *c)
{
	const char *why = uring_missing(IORING_OP_ACCEPT);
	struct uring_req q = { .kind = KIND_ACCEPT, .op = "uring_accept" };
	struct sockaddr_storage a;
	socklen_t len;
	int l, s;

	(void)c;
	if (why) {
		skip("%s", why);
		return;
	}
	l = tcp_listener(&a, &len);
	s = do_socket(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || s < 0)
		return;
	want("connect", 0, do_connect(s, &a, len));
	wait_readable(l, 1000);
	io_uring_prep_accept(&q.sqe, l, NULL, NULL, 0);
	do_uring(&q, 1);
	if (want_ok(q.op, q.result) >= 0)
		do_close((int)q.result);
	do_close(s);
	do_close(l);
}

/* -------------------------------------------------------------- states */

/* a connect() that did not wait leaves its mark until it is asked again */
static void run_connecting(const struct scenario *c)
{
	struct sockaddr_storage a;
	struct pollfd p;
	socklen_t len;
	int l, s, r;

	(void)c;
	l = tcp_listener(&a, &len);
	s = do_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (l < 0 || s < 0)
		return;
	want("connect", NEG(EINPROGRESS), do_connect(s, &a, len));
	p.fd = s;
	p.events = POLLOUT;
	poll(&p, 1, 1000);
	settled(s, 0);
	want("send", 100, do_send(s, out_buf, 100, 0));
	want("connect", 0, do_connect(s, &a, len));
	want("send", 100, do_send(s, out_buf, 100, 0));
	wait_readable(l, 1000);
	r = do_accept(l);
	if (want_ok("accept4", r) >= 0) {
		struct sockaddr none = { .sa_family = AF_UNSPEC };

		wait_readable(r, 1000);
		want("recv", 200, do_recv(r, in_buf, 300, 0));
		/* and back to where it began */
		next_extra("tcp0=1");
		want("connect", 0, do_connect(s, &none, sizeof(none)));
		/* the break itself is reported first */
		want("send", NEG(ECONNRESET),
		     do_send(s, out_buf, 100, MSG_NOSIGNAL));
		want("send", NEG(EPIPE),
		     do_send(s, out_buf, 100, MSG_NOSIGNAL));
		do_close(r);
	}
	do_close(s);
	do_close(l);
}

static void run_connect_refused(const struct scenario *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int l, s;

	(void)c;
	l = tcp_listener(&a, &len);
	if (l < 0)
		return;
	do_close(l);
	s = do_socket(AF_INET, SOCK_STREAM, 0);
	want("connect", NEG(ECONNREFUSED), do_connect(s, &a, len));
	want("send", NEG(EPIPE), do_send(s, out_buf, 100, MSG_NOSIGNAL));
	do_close(s);
}

static void run_shutdown_states(const struct scenario *c)
{
	static const char *const list[] = { "tcp4", "unix-stream", "udp4" };
	struct pair p;
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		if (!pair_open(&p, list[i]))
			continue;
		want("send", 100, do_send(p.s, out_buf, 100, 0));
		if (i < 2)
			want("shutdown", 0, do_shutdown(p.s, SHUT_RDWR));
		wait_readable(p.r, 1000);
		want("recv", 100, do_recv(p.r, in_buf, 200, 0));
		want("recv", i < 2 ? 0 : NEG(EAGAIN),
		     do_recv(p.r, in_buf, 200, 0));
		pair_close(&p);
	}
}

/* ------------------------------------------ served by another process */

/* entered again by the kernel after a signal, then given its data */
static volatile sig_atomic_t woken;

static void on_wake(int sig)
{
	(void)sig;
	woken++;
}

static void run_restarted_data(const struct scenario *c)
{
	struct sigaction sa = { .sa_handler = on_wake, .sa_flags = SA_RESTART };
	pid_t pid, self = getpid();
	int fd[2];

	(void)c;
	sigaction(SIGUSR1, &sa, NULL);
	woken = 0;
	if (do_socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		return;
	pid = fork_child();
	if (pid == 0) {
		nap(60);
		kill(self, SIGUSR1);
		nap(100);
		next_extra("concurrent=1");
		want("send", 100, do_send(fd[0], out_buf, 100, 0));
		do_close_shared(fd[0]);
		do_close_shared(fd[1]);
		_exit(0);
	}
	next_extra("count=2-3 interrupted=1 concurrent=1");
	want("recv", 100, do_recv(fd[1], in_buf, 100, 0));
	want("signals", 1, woken);
	reap(pid, 0);
	do_close(fd[0]);
	do_close(fd[1]);
}

/* ------------------------------------------- sockets the kernel makes */

static void run_netns(const struct scenario *c)
{
	pid_t pid = fork_child();

	(void)c;
	if (pid == 0) {
		struct window w;
		int fd[2];
		long r = TIMED(&w, "unshare", unshare(CLONE_NEWNET));

		put_kernel(&w, r < 0 ? 0 : 1, 400, 0, 400);
		if (r < 0) {
			skip("unshare:%s", strerror((int)-r));
			_exit(0);
		}
		if (do_socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0) {
			want("send", 100, do_send(fd[0], out_buf, 100, 0));
			wait_readable(fd[1], 1000);
			want("recv", 100, do_recv(fd[1], in_buf, 100, 0));
			do_close(fd[0]);
			do_close(fd[1]);
		}
		_exit(0);
	}
	reap(pid, 0);
}

struct rt_request {
	struct nlmsghdr h;
	struct ifinfomsg i;
	char attr[256];
};

static void rt_start(struct rt_request *q, int type, int flags)
{
	memset(q, 0, sizeof(*q));
	q->h.nlmsg_len = NLMSG_LENGTH(sizeof(q->i));
	q->h.nlmsg_type = (uint16_t)type;
	q->h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	q->h.nlmsg_seq = 1;
}

static struct rtattr *rt_add(struct rt_request *q, int type, const void *data,
			     size_t len)
{
	size_t at = NLMSG_ALIGN(q->h.nlmsg_len);
	struct rtattr *a = (struct rtattr *)((char *)q + at);

	a->rta_type = (uint16_t)type;
	a->rta_len = (uint16_t)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	q->h.nlmsg_len = (uint32_t)(at + RTA_ALIGN(a->rta_len));
	return a;
}

static void rt_end(struct rt_request *q, struct rtattr *nest)
{
	nest->rta_len = (uint16_t)((char *)q + q->h.nlmsg_len - (char *)nest);
}

/* send a request, with what the kernel may do meanwhile; returns its answer */
static long rt_talk(int fd, struct rt_request *q, int cmin, int cmax, int lmin,
		    int lmax)
{
	struct nlmsghdr *h = (struct nlmsghdr *)in_buf;
	struct window w;
	int err;
	long r;

	r = TIMED_FD(&w, fd, "send", send(fd, q, q->h.nlmsg_len, 0));
	put_event(&w, KIND_SENDMSG, fd, (long)q->h.nlmsg_len, r);
	if (cmax || lmax)
		put_kernel(&w, cmin, cmax, lmin, lmax);
	want("send", (long)q->h.nlmsg_len, r);
	if (!wait_readable(fd, 2000))
		return -ETIMEDOUT;
	r = do_recv(fd, in_buf, 65536, 0);
	if (r < (long)NLMSG_LENGTH(sizeof(int)) || h->nlmsg_type != NLMSG_ERROR)
		return 0;
	memcpy(&err, NLMSG_DATA(h), sizeof(int));
	return err;
}

static void run_route(const struct scenario *c)
{
	int fd = do_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct rt_request q;
	long r;
	int i;

	(void)c;
	if (fd < 0) {
		skip("netlink:%s", strerror(-fd));
		return;
	}
	rt_start(&q, RTM_GETLINK, 0);
	q.i.ifi_index = link_index("lo");
	want("RTM_GETLINK", 0, rt_talk(fd, &q, 0, 0, 0, 0));
	rt_start(&q, RTM_GETLINK, 0);
	q.i.ifi_index = 0x7ffffff0;
	want("RTM_GETLINK", NEG(ENODEV), rt_talk(fd, &q, 0, 0, 0, 0));
	/* all links: several receives until it says it is done */
	set_nonblock(fd, true);
	rt_start(&q, RTM_GETLINK, NLM_F_DUMP);
	want("send", (long)q.h.nlmsg_len, do_send(fd, &q, q.h.nlmsg_len, 0));
	for (i = 0; i < 200; i++) {
		r = do_recv(fd, in_buf, 65536, 0);
		if (r < 0)
			break;
	}
	want("recv", NEG(EAGAIN), r);
	do_close(fd);
}

static void vxlan(bool both)
{
	static const char name[] = "tfvx0";
	int fd = do_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct rtattr *info, *data;
	struct rt_request q;
	uint32_t id = both ? 0 : 42;
	uint16_t port = htons(4789);
	uint8_t one = 1;
	long r;

	if (fd < 0) {
		skip("netlink:%s", strerror(-fd));
		return;
	}
	rt_start(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
	rt_add(&q, IFLA_IFNAME, name, sizeof(name));
	info = rt_add(&q, IFLA_LINKINFO, NULL, 0);
	rt_add(&q, IFLA_INFO_KIND, "vxlan", 5);
	data = rt_add(&q, IFLA_INFO_DATA, NULL, 0);
	if (both)
		rt_add(&q, IFLA_VXLAN_COLLECT_METADATA, &one, sizeof(one));
	else
		rt_add(&q, IFLA_VXLAN_ID, &id, sizeof(id));
	rt_add(&q, IFLA_VXLAN_PORT, &port, sizeof(port));
	rt_end(&q, data);
	rt_end(&q, info);
	r = rt_talk(fd, &q, 0, 2, 0, 2);
	if (r < 0) {
		skip("vxlan:%s", strerror((int)-r));
		do_close(fd);
		return;
	}
	rt_start(&q, RTM_NEWLINK, NLM_F_ACK);
	q.i.ifi_index = link_index(name);
	q.i.ifi_flags = IFF_UP;
	q.i.ifi_change = IFF_UP;
	want("link up", 0, rt_talk(fd, &q, 1, 2, 0, 1));
	rt_start(&q, RTM_NEWLINK, NLM_F_ACK);
	q.i.ifi_index = link_index(name);
	q.i.ifi_change = IFF_UP;
	want("link down", 0, rt_talk(fd, &q, 0, 0, 1, 2));
	rt_start(&q, RTM_DELLINK, NLM_F_ACK);
	q.i.ifi_index = link_index(name);
	want("link gone", 0, rt_talk(fd, &q, 0, 0, 0, 2));
	do_close(fd);
}

static void run_vxlan(const struct scenario *c)
{
	(void)c;
	vxlan(false);
}

static void run_vxlan_both(const struct scenario *c)
{
	(void)c;
	vxlan(true);
}

/* --------------------------------------------------------------- scenarios */

void life_scenarios(void)
{
	scenario_add(run_create_fails, "life/create-fails");
	scenario_add(run_create_refused, "life/create-refused");
	scenario_add(run_create_kinds, "life/create-kinds");
	scenario_add(run_socketpair_kinds, "life/socketpair-kinds");
	scenario_add(run_emfile, "life/emfile");
	scenario_add(run_enfile, "life/enfile");
	scenario_add(run_accept_fails, "life/accept-fails");
	scenario_add(run_accept_fault, "life/accept-fault");
	scenario_add(run_accept_unmade, "life/accept-unmade");
	scenario_add(run_backlog, "life/backlog");
	scenario_add(run_dup, "life/dup");
	scenario_add(run_close_range, "life/close-range");
	scenario_add(run_fork_parent_last, "life/fork-parent-last");
	scenario_add(run_fork_child_last, "life/fork-child-last");
	scenario_add(run_child_exits, "life/child-exits");
	scenario_add(run_child_killed, "life/child-killed");
	scenario_add(run_exec, "life/exec");
	scenario_add(run_pidfd_getfd, "life/pidfd-getfd");
	scenario_add(run_mapped, "life/mapped");
	scenario_add(run_rights_received, "life/rights-received");
	scenario_add(run_rights_lost, "life/rights-lost/udp4");
	scenario_add(run_rights_lost_unix, "life/rights-lost/unix-dgram");
	scenario_add(run_rights_cycle, "life/rights-cycle");
	scenario_add(run_uring_socket, "life/uring-socket");
	scenario_add(run_uring_accept, "life/uring-accept");
	scenario_add(run_connecting, "life/state-connecting");
	scenario_add(run_connect_refused, "life/state-refused");
	scenario_add(run_shutdown_states, "life/state-shutdown");
	scenario_add(run_restarted_data, "life/restarted-data");
	scenario_add(run_netns, "life/netns");
	scenario_add(run_route, "netlink-route/requests");
	scenario_add(run_vxlan, "life/vxlan");
	scenario_add(run_vxlan_both, "life/vxlan-both-families");
}
