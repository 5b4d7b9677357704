// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loop - repeats a few calls on sockets, and prints how long a round took
 *
 * usage: loop WHAT [ROUNDS [REPEATS]]
 *        loop pairs N ROUNDS
 *        loop first
 *
 *   msg     send 100 bytes through a UNIX pair, receive them
 *   file    the same with write and read
 *   tcp     send and recv on a TCP connection over loopback
 *   sock    socket, close
 *   other   100 bytes through a pipe, without a socket
 *
 * Prints the ns of a round in the fastest of REPEATS (6) runs of ROUNDS (2000), its own
 * process ID and the number of all rounds.  In a guest whose clock counts instructions, a
 * ns is an instruction, and no interrupt fell into the fastest run.
 *
 * pairs: N pairs of processes, each pair on a processor of its own; one process sends
 * 100 bytes ROUNDS times, the other receives them.  Prints the ns for all of it, then the
 * process IDs of the sender and the receiver of each pair.
 *
 * first: one round of msg, then the clock's time in ns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int fd[2];
static char bytes[100];

static void fail(const char *what)
{
	fprintf(stderr, "loop: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void msg(void)
{
	if (send(fd[0], bytes, sizeof(bytes), 0) != sizeof(bytes) ||
	    recv(fd[1], bytes, sizeof(bytes), 0) != sizeof(bytes))
		fail("msg");
}

static void file(void)
{
	if (write(fd[0], bytes, sizeof(bytes)) != sizeof(bytes) ||
	    read(fd[1], bytes, sizeof(bytes)) != sizeof(bytes))
		fail("file");
}

static void sock(void)
{
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (s < 0 || close(s) < 0)
		fail("sock");
}

static void open_pair(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		fail("socketpair");
}

static void open_pipe(void)
{
	int end[2];

	if (pipe(end) < 0)
		fail("pipe");
	fd[0] = end[1];
	fd[1] = end[0];
}

static void open_tcp(void)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(a);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || fd[0] < 0 ||
	    bind(listener, (struct sockaddr *)&a, length) < 0 ||
	    listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &length) < 0 ||
	    connect(fd[0], (struct sockaddr *)&a, length) < 0 ||
	    setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		fail("tcp");
	fd[1] = accept(listener, NULL, NULL);
	if (fd[1] < 0)
		fail("accept");
}

static void open_nothing(void)
{
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static unsigned long count(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !n) {
		fprintf(stderr, "loop: '%s' is not a number above 0\n", text);
		exit(2);
	}
	return n;
}

/* Starts one process of a pair.  It waits until all have started. */
static pid_t start(int processor, int end, unsigned long rounds,
		   const volatile int *go)
{
	/* Each process runs until it blocks: the same switches in every run. */
	struct sched_param first = { .sched_priority = 1 };
	cpu_set_t here;
	pid_t pid = fork();
	ssize_t n;

	if (pid < 0)
		fail("fork");
	if (pid)
		return pid;
	CPU_ZERO(&here);
	CPU_SET(processor, &here);
	if (sched_setaffinity(0, sizeof(here), &here) < 0 ||
	    sched_setscheduler(0, SCHED_FIFO, &first) < 0)
		fail("processor");
	while (!*go)
		usleep(1000);
	for (; rounds; rounds--) {
		n = end ? recv(fd[1], bytes, sizeof(bytes), MSG_WAITALL) :
			  send(fd[0], bytes, sizeof(bytes), 0);
		if (n != sizeof(bytes))
			fail("pairs");
	}
	exit(0);
}

static int pairs(unsigned long n, unsigned long rounds)
{
	volatile int *go = mmap(NULL, sizeof(*go), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t sends[64], receives[64];
	unsigned long i;
	int status;
	uint64_t t;

	if (n > sizeof(sends) / sizeof(sends[0])) {
		fputs("loop: at most 64 pairs\n", stderr);
		return 2;
	}
	if (go == MAP_FAILED)
		fail("mmap");
	for (i = 0; i < n; i++) {
		open_pair();
		sends[i] = start((int)i, 0, rounds, go);
		receives[i] = start((int)i, 1, rounds, go);
		close(fd[0]);
		close(fd[1]);
	}
	sleep(1);
	t = now();
	*go = 1;
	while (wait(&status) > 0)
		if (status)
			return 1;
	printf("%llu", (unsigned long long)(now() - t));
	for (i = 0; i < n; i++)
		printf(" %d %d", (int)sends[i], (int)receives[i]);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*open)(void);
		void (*round)(void);
	} loops[] = {
		{ "msg", open_pair, msg },    { "file", open_pair, file },
		{ "tcp", open_tcp, msg },     { "sock", open_nothing, sock },
		{ "other", open_pipe, file },
	};
	unsigned long rounds = argc > 2 ? count(argv[2]) : 2000, i;
	unsigned long repeats = argc > 3 ? count(argv[3]) : 6, done = 0;
	uint64_t best = UINT64_MAX, t;
	size_t n;

	if (argc == 4 && !strcmp(argv[1], "pairs"))
		return pairs(count(argv[2]), count(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "first")) {
		open_pair();
		msg();
		printf("%llu\n", (unsigned long long)now());
		return 0;
	}
	for (n = 0; n < sizeof(loops) / sizeof(loops[0]); n++)
		if (argc > 1 && !strcmp(argv[1], loops[n].name))
			break;
	if (n == sizeof(loops) / sizeof(loops[0]) || argc > 4) {
		fputs("usage: loop msg|file|tcp|sock|other [ROUNDS [REPEATS]]\n"
		      "       loop pairs N ROUNDS\n"
		      "       loop first\n",
		      stderr);
		return 2;
	}
	loops[n].open();
	for (; repeats; repeats--, done += rounds) {
		t = now();
		for (i = 0; i < rounds; i++)
			loops[n].round();
		t = now() - t;
		if (t < best)
			best = t;
	}
	printf("%llu %d %lu\n",
	       (unsigned long long)((best + rounds / 2) / rounds),
	       (int)getpid(), done);
	return 0;
}
