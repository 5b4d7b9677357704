// SPDX-License-Identifier: GPL-2.0-or-later
//
// guards - makes calls that a script misses, and thousands of calls that block
//
// usage: guards connects N FILE
//        guards accepts N FILE
//        guards blocks N
//
// connects: processor 1 makes N connections over loopback, one after the other, while
// another process calls getsockopt on processor 0 all the time.
// accepts: N threads wait in accept, then each gets a connection.
// blocks: N threads wait in accept, then return; the same in connect, recv, send, read,
// write and splice, one kind after the other.
//
// FILE has the counts of the script.  It is printed at the end, and by accepts also while
// all threads wait.  Each time N threads wait in calls of one kind, a line "KIND N" is
// printed.
//
// Another process wakes the calls, so that this process makes exactly N calls of each kind.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 4000   /* threads */
#define PATIENCE 60 /* seconds */

static int checked(int result, const char *what)
{
	if (result < 0)
		err(2, "%s", what);
	return result;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static void on_processor(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	checked(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static void show(const char *file)
{
	FILE *in = fopen(file, "r");
	char line[1000];

	if (!in)
		err(2, "%s", file);
	while (fgets(line, sizeof(line), in))
		fputs(line, stdout);
	fclose(in);
	fflush(stdout);
}

/* Another process: it waits for a byte, calls act() and exits. */
static pid_t other;
static int other_waits[2];

static void elsewhere_begin(void (*act)(void))
{
	char c;

	checked(pipe(other_waits), "pipe");
	other = checked(fork(), "fork");
	if (other)
		return;
	close(other_waits[1]);
	if (read(other_waits[0], &c, 1) == 1)
		act();
	_exit(0);
}

static void elsewhere_end(void)
{
	int status;

	checked(write(other_waits[1], "", 1), "write");
	checked(waitpid(other, &status, 0), "waitpid");
	if (status)
		errx(2, "the other process ended with %#x", status);
	close(other_waits[0]);
	close(other_waits[1]);
}

static void elsewhere(void (*act)(void))
{
	elsewhere_begin(act);
	elsewhere_end();
}

/* ------------------------------------------------------------ connects */

static void connects(int n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int server = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
	socklen_t length = sizeof(to);
	struct pollfd wait;
	int ready[2];
	pid_t child;
	int i, type;
	char c = 0;

	checked(bind(server, (struct sockaddr *)&to, sizeof(to)), "bind");
	checked(listen(server, n), "listen");
	checked(getsockname(server, (struct sockaddr *)&to, &length),
		"getsockname");
	checked(pipe(ready), "pipe");
	child = checked(fork(), "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		on_processor(0);
		for (;; c = 1) {
			length = sizeof(type);
			getsockopt(server, SOL_SOCKET, SO_TYPE, &type, &length);
			if (!c)
				checked(write(ready[1], &c, 1), "write");
		}
	}
	checked(read(ready[0], &c, 1), "read");
	on_processor(1);
	for (i = 0; i < n; i++) {
		wait.fd = checked(
			socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
			"socket");
		wait.events = POLLOUT;
		if (connect(wait.fd, (struct sockaddr *)&to, sizeof(to)) < 0 &&
		    errno != EINPROGRESS)
			err(2, "connect");
		if (poll(&wait, 1, PATIENCE * 1000) != 1 ||
		    wait.revents != POLLOUT)
			errx(2, "connection %d is not made", i);
		close(wait.fd);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	/* Resets the connections, some of them in interrupts; then waits until all is quiet. */
	close(server);
	for (i = 0; i < 20; i++)
		nap();
	printf("connects %d\n", n);
}

/* ------------------------------------------------------------ blocked calls */

static int threads;
static pthread_t thread[MOST];
static pid_t thread_id[MOST];
/* The descriptor of each thread, that of its peer, and a pipe. */
static int here[MOST], there[MOST], in_pipe[MOST][2];
static int listener;
static struct sockaddr_un listens;
static socklen_t listens_length;

static void listen_for(int backlog)
{
	listener = checked(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	listens.sun_family = AF_UNIX;
	/* The kernel chooses an abstract name. */
	checked(bind(listener, (struct sockaddr *)&listens,
		     sizeof(sa_family_t)),
		"bind");
	checked(listen(listener, backlog), "listen");
	listens_length = sizeof(listens);
	checked(getsockname(listener, (struct sockaddr *)&listens,
			    &listens_length),
		"getsockname");
}

static int connect_one(void)
{
	int fd = checked(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

	checked(connect(fd, (struct sockaddr *)&listens, listens_length),
		"connect");
	return fd;
}

static void pairs(void)
{
	int i, pair[2];

	for (i = 0; i < threads; i++) {
		checked(socketpair(AF_UNIX, SOCK_STREAM, 0, pair),
			"socketpair");
		here[i] = pair[0];
		there[i] = pair[1];
	}
}

static void close_pairs(void)
{
	int i;

	for (i = 0; i < threads; i++) {
		close(here[i]);
		close(there[i]);
	}
}

static void fill(void)
{
	char some[1024] = "";
	int i;

	for (i = 0; i < threads; i++)
		while (send(here[i], some, sizeof(some), MSG_DONTWAIT) > 0)
			;
}

static void full_pairs(void)
{
	int i, least = 1;

	pairs();
	for (i = 0; i < threads; i++)
		checked(setsockopt(here[i], SOL_SOCKET, SO_SNDBUF, &least,
				   sizeof(least)),
			"SO_SNDBUF");
	elsewhere(fill);
}

static void drain(void)
{
	char some[1024];
	int i;

	for (i = 0; i < threads; i++)
		while (recv(there[i], some, sizeof(some), MSG_DONTWAIT) > 0)
			;
}

static void feed(void)
{
	int i;

	for (i = 0; i < threads; i++)
		checked(write(there[i], "", 1), "write");
}

static void accept_begins(void)
{
	listen_for(threads);
	/* The kernel refuses unknown flags before it looks at the socket: not an event. */
	if (accept4(listener, NULL, NULL, 1) != -1 || errno != EINVAL)
		errx(2, "accept4 took unknown flags");
}

static int accept_blocks(int i)
{
	here[i] = syscall(SYS_accept4, listener, NULL, NULL, 0);
	return here[i];
}

static void connect_all(void)
{
	int i;

	for (i = 0; i < threads; i++)
		there[i] = connect_one();
}

static void close_here(void)
{
	int i;

	for (i = 0; i < threads; i++)
		close(here[i]);
	close(listener);
}

static void connect_once(void)
{
	connect_one();
}

/* A listener queues one connection more than its backlog. */
static void connect_begins(void)
{
	int i;

	listen_for(0);
	elsewhere(connect_once);
	for (i = 0; i < threads; i++)
		here[i] = checked(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
}

static int connect_blocks(int i)
{
	return syscall(SYS_connect, here[i], &listens, listens_length);
}

static void accept_all(void)
{
	int i;

	for (i = 0; i <= threads; i++)
		close(checked(accept(listener, NULL, NULL), "accept"));
}

static int recv_blocks(int i)
{
	char c;

	return syscall(SYS_recvfrom, here[i], &c, 1, 0, NULL, NULL);
}

static int send_blocks(int i)
{
	return syscall(SYS_sendto, here[i], "", 1, 0, NULL, 0);
}

static int read_blocks(int i)
{
	char c;

	return syscall(SYS_read, here[i], &c, 1);
}

static int write_blocks(int i)
{
	return syscall(SYS_write, here[i], "", 1);
}

static void splice_begins(void)
{
	int i;

	pairs();
	for (i = 0; i < threads; i++)
		checked(pipe(in_pipe[i]), "pipe");
}

static int splice_blocks(int i)
{
	return syscall(SYS_splice, here[i], NULL, in_pipe[i][1], NULL, 1, 0);
}

static void splice_ends(void)
{
	int i;

	for (i = 0; i < threads; i++) {
		close(in_pipe[i][0]);
		close(in_pipe[i][1]);
	}
	close_pairs();
}

static const struct kind {
	const char *name;
	int number; /* of the system call */
	void (*begins)(void);
	int (*blocks)(int i);
	void (*frees)(void); /* by another process */
	void (*ends)(void);
} kinds[] = {
	{ "accept", SYS_accept4, accept_begins, accept_blocks, connect_all,
	  close_here },
	{ "connect", SYS_connect, connect_begins, connect_blocks, accept_all,
	  close_here },
	{ "recv", SYS_recvfrom, pairs, recv_blocks, feed, close_pairs },
	{ "send", SYS_sendto, full_pairs, send_blocks, drain, close_pairs },
	{ "read", SYS_read, pairs, read_blocks, feed, close_pairs },
	{ "write", SYS_write, full_pairs, write_blocks, drain, close_pairs },
	{ "splice", SYS_splice, splice_begins, splice_blocks, feed,
	  splice_ends },
};

static const struct kind *kind;

static void *run(void *number)
{
	int i = (long)number;

	thread_id[i] = syscall(SYS_gettid);
	checked(kind->blocks(i), kind->name);
	return NULL;
}

/* Is the thread asleep in its call? */
static bool waits(int i)
{
	char name[64];
	int number = -1;
	FILE *in;

	snprintf(name, sizeof(name), "/proc/self/task/%d/syscall",
		 thread_id[i]);
	in = fopen(name, "r");
	/* The file has "running" while the thread runs. */
	if (in) {
		if (fscanf(in, "%d", &number) != 1)
			number = -1;
		fclose(in);
	}
	return number == kind->number;
}

static void block(const struct kind *of, const char *file)
{
	pthread_attr_t attributes;
	time_t end;
	long i;

	kind = of;
	kind->begins();
	/* Before the threads start: fork() would take time to copy their memory. */
	elsewhere_begin(kind->frees);
	memset(thread_id, 0, sizeof(thread_id));
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	for (i = 0; i < threads; i++) {
		errno = pthread_create(&thread[i], &attributes, run, (void *)i);
		checked(-errno, "pthread_create");
	}
	end = time(NULL) + PATIENCE;
	for (i = 0; i < threads;)
		if (waits(i))
			i++;
		else if (time(NULL) > end)
			errx(2, "%s: thread %ld does not wait", kind->name, i);
		else
			nap();
	printf("%s %d\n", kind->name, threads);
	fflush(stdout);
	if (file)
		show(file);
	elsewhere_end();
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	kind->ends();
}

int main(int argc, char **argv)
{
	struct rlimit files = { 20000, 20000 };
	int n = argc > 2 ? atoi(argv[2]) : 0;
	size_t i;

	if (n < 1 || n > MOST || argc != (strcmp(argv[1], "blocks") ? 4 : 3))
		errx(2,
		     "usage: guards connects|accepts N FILE, or guards blocks N");
	checked(setrlimit(RLIMIT_NOFILE, &files), "RLIMIT_NOFILE");
	threads = n;
	if (!strcmp(argv[1], "connects")) {
		connects(n);
		show(argv[3]);
	} else if (!strcmp(argv[1], "accepts")) {
		block(&kinds[0], argv[3]);
		show(argv[3]);
	} else {
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			block(&kinds[i], NULL);
	}
	return 0;
}
