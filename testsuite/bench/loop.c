// SPDX-License-Identifier: GPL-2.0-or-later
//
// loop - one message each way over a UNIX stream pair, over and over
//
// usage: loop send|receive|write|read ROUNDS REPEATS
//
// Prints the least nanoseconds per round of the repeats; in a guest that counts
// instructions a nanosecond is one.  The other half of the round is recv for send,
// send for receive, and read and write likewise.
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	static char data[100];
	long long least = -1, spent;
	int pair[2], file;

	if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[3]) < 1)
		errx(2, "usage: loop send|receive|write|read ROUNDS REPEATS");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(1, "socketpair");
	file = !strcmp(argv[1], "write") || !strcmp(argv[1], "read");
	for (int i = atoi(argv[3]); i; i--) {
		spent = now();
		for (int j = atoi(argv[2]); j; j--) {
			ssize_t put = file ? write(pair[0], data, sizeof(data)) :
				send(pair[0], data, sizeof(data), 0);
			ssize_t got = file ? read(pair[1], data, sizeof(data)) :
				recv(pair[1], data, sizeof(data), 0);

			if (put != sizeof(data) || got != sizeof(data))
				err(1, "a message of 100 bytes");
		}
		spent = (now() - spent) / atoi(argv[2]);
		if (least < 0 || spent < least)
			least = spent;
	}
	printf("%lld\n", least);
	return 0;
}
