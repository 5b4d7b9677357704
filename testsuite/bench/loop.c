// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loop - the same few calls on sockets, again and again, and what a round took
 *
 * usage: loop WHAT [ROUNDS [REPEATS]]
 *
 *   msg     send 100 bytes through a UNIX pair, receive them
 *   file    the same with write and read
 *   sock    socket, close
 *   other   100 bytes through a pipe: no socket at all
 *
 * Prints the ns of a round in the fastest of REPEATS (6) runs of ROUNDS (2000).  In a
 * guest whose clock counts instructions that is their number, and the fastest run the
 * one that no interrupt came into.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

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
		fprintf(stderr, "loop: '%s' is no number above 0\n", text);
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*round)(void);
	} loops[] = {
		{ "msg", msg }, { "file", file }, { "sock", sock }, { "other", file },
	};
	unsigned long rounds = argc > 2 ? count(argv[2]) : 2000, i;
	unsigned long repeats = argc > 3 ? count(argv[3]) : 6;
	uint64_t best = UINT64_MAX, t;
	size_t n;

	for (n = 0; n < sizeof(loops) / sizeof(loops[0]); n++)
		if (argc > 1 && !strcmp(argv[1], loops[n].name))
			break;
	if (n == sizeof(loops) / sizeof(loops[0]) || argc > 4) {
		fputs("usage: loop msg|file|sock|other [ROUNDS [REPEATS]]\n", stderr);
		return 2;
	}
	if (!strcmp(argv[1], "other") ? pipe(fd) < 0 :
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		fail(argv[1]);
	if (!strcmp(argv[1], "other")) {
		int end = fd[0];

		fd[0] = fd[1];
		fd[1] = end;
	}
	for (; repeats; repeats--) {
		t = now();
		for (i = 0; i < rounds; i++)
			loops[n].round();
		t = now() - t;
		if (t < best)
			best = t;
	}
	printf("%llu\n", (unsigned long long)((best + rounds / 2) / rounds));
	return 0;
}
