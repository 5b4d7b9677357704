// SPDX-License-Identifier: GPL-2.0-or-later
//
// races - makes calls on a descriptor that another thread closes and opens meanwhile
//
// usage: races [-w FILE] [SECONDS [CALL...]]
//
// The main thread calls listen, shutdown, bind, accept, setsockopt, getsockopt and
// connect in turn, or only those that are named, on descriptor 100.  It makes each call
// for SECONDS (3) or until 100,000 calls have reached a socket: the output of stap is
// limited too.  The breaker puts sockets on the descriptor, often with the last reference
// to them, closes it and at once opens files of other kinds, for which the kernel uses
// the same memory.  The stirrer opens and closes files of its own and sleeps in between:
// an emulator with one thread for all processors switches processors at its timers.
//
// Prints "call NAME calls N reached M": M of N calls reached a socket.  Writes to
// races.ledger
//	ino N family F kind K		each socket that was ever put on 100
//	did NAME RESULT [N]		each call that reached a socket, in order; N is the
//					inode number of that socket, if something other
//					than the descriptor shows it (for an accept that
//					succeeded, that of the new socket)
// The main thread makes no other calls on sockets; its ID is that of the process.
// With -w it ends when FILE has not grown for a second: stap reads the output of a script
// with a delay, and drops the rest when its command ends.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PLACE 100 /* the descriptor */
#define APART 200 /* descriptors that stay are above this */
#define EVIL 0x5a5a5a5a00000000ULL
#define EVILS 600
#define KEPT 4	      /* sockets of each kind that live as long as a phase */
#define ENOUGH 100000 /* calls of one kind that reached a socket */

enum call {
	LISTEN,
	SHUTDOWN,
	BIND,
	ACCEPT,
	SETSOCKOPT,
	GETSOCKOPT,
	CONNECT,
	CALLS
};

static const char *const call_name[] = { "listen", "shutdown",	 "bind",
					 "accept", "setsockopt", "getsockopt",
					 "connect" };

enum kind {
	FRESH, /* AF_UNIX, just created */
	BOUND, /* AF_UNIX, bound, and listening if accept is called */
	PAIR,  /* AF_UNIX, connected */
	TCP,
	UDP,
	KINDS
};

static const char *const kind_name[] = { "fresh", "bound", "pair", "tcp",
					 "udp" };

/* ------------------------------------------------------------ the records */

struct record {
	uint64_t cookie;
	uint32_t ino, priority;
	enum kind kind;
};

struct result {
	uint64_t cookie; /* read by getsockopt */
	uint32_t ino;
	int result;
};

struct list {
	void *at;
	size_t used, room;
};

static struct list records;	   /* the breaker's */
static struct list results[CALLS]; /* the main thread's */

static void *append(struct list *list, size_t size)
{
	if (list->used == list->room) {
		list->room = list->room ? 2 * list->room : 65536;
		list->at = realloc(list->at, list->room * size);
		if (!list->at)
			errx(2, "out of memory");
	}
	return memset((char *)list->at + list->used++ * size, 0, size);
}

#define RECORD(n) ((struct record *)records.at + (n))
#define RESULT(call, n) ((struct result *)results[call].at + (n))

/* ------------------------------------------------------------ threads */

static atomic_int phase = -1, prepared = -1; /* CALLS: the end */

static int checked(int result, const char *what)
{
	if (result < 0)
		err(2, "%s", what);
	return result;
}

/* A new file gets the lowest free descriptor, which must not be PLACE. */
static int low(int fd, const char *what)
{
	if (checked(fd, what) >= PLACE)
		errx(2, "%s: descriptor %d", what, fd);
	return fd;
}

static int apart(int fd)
{
	int at = checked(fcntl(fd, F_DUPFD, APART), "F_DUPFD");

	close(fd);
	return at;
}

static unsigned int any(unsigned int *state, unsigned int below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static void on_processor(int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void spin(unsigned int turns)
{
	while (turns--)
		__asm__ volatile("" ::: "memory");
}

static void rest(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

static int evil(void)
{
	uint64_t bits = EVIL;
	sigset_t mask;

	memset(&mask, 0, sizeof(mask));
	memcpy(&mask, &bits, sizeof(bits));
	return signalfd(-1, &mask, SFD_NONBLOCK);
}

/* Opens a file of a kind that is not put on PLACE, or the two files of a pair. */
static int other(unsigned int *state, int fd[2])
{
	static const char what[] = "opening a file";

	switch (any(state, 12)) {
	case 0:
		fd[0] = low(eventfd(0, 0), what);
		return 1;
	case 1:
		fd[0] = low(timerfd_create(CLOCK_MONOTONIC, 0), what);
		return 1;
	case 2:
		fd[0] = low(epoll_create1(0), what);
		return 1;
	case 3:
		low(pipe(fd), what);
		low(fd[1], what);
		return 2;
	case 4:
		fd[0] = low(open("/dev/null", O_RDWR), what);
		return 1;
	case 5:
		fd[0] = low(socket(AF_INET, SOCK_DGRAM, 0), what);
		return 1;
	case 6:
		fd[0] = low(socket(AF_UNIX, SOCK_STREAM, 0), what);
		return 1;
	case 7:
		fd[0] = low(socket(AF_NETLINK, SOCK_RAW, 0), what);
		return 1;
	}
	fd[0] = low(evil(), what);
	return 1;
}

/* The last few files that a thread has opened. */
struct ring {
	int fd[24];
	unsigned int at;
};

static void ring_turn(struct ring *ring, unsigned int *state,
		      unsigned int times)
{
	const unsigned int room = sizeof(ring->fd) / sizeof(*ring->fd);
	int fd[2], i, n;

	while (times--) {
		n = other(state, fd);
		for (i = 0; i < n; i++) {
			int *old = &ring->fd[ring->at++ % room];

			if (*old)
				close(*old);
			*old = fd[i];
		}
	}
}

/* ------------------------------------------------------------ the breaker */

struct socket {
	int fd;
	size_t record;
};

static struct socket kept[KINDS * KEPT];
static int evils[EVILS];
static unsigned int names; /* number of names that sockets were bound to */

static socklen_t named(struct sockaddr_un *address, const char *kind,
		       unsigned int n)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1,
			"races-of-sockets-%s-%u", kind, n);
}

/* Takes the name that the main thread tries to bind to. */
static void take_name(void)
{
	struct sockaddr_un address;
	socklen_t length = named(&address, "taken", 0);
	int fd = low(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

	checked(bind(fd, (void *)&address, length), "bind");
	apart(fd);
}

static struct socket made(enum call call, enum kind kind)
{
	struct socket new = { .record = records.used };
	struct record *record = append(&records, sizeof(*record));
	const int type = SOCK_STREAM | SOCK_NONBLOCK;
	socklen_t length = sizeof(record->cookie);
	struct sockaddr_un address;
	struct stat status;
	int two[2];

	switch (kind) {
	case PAIR:
		checked(socketpair(AF_UNIX, type, 0, two), "socketpair");
		low(new.fd = two[0], "socketpair");
		close(two[1]);
		break;
	case TCP:
		new.fd = low(socket(AF_INET, type, 0), "socket");
		break;
	case UDP:
		new.fd = low(socket(AF_INET, SOCK_DGRAM, 0), "socket");
		break;
	default:
		new.fd = low(socket(AF_UNIX, type, 0), "socket");
	}
	if (kind == BOUND) {
		length = named(&address, "bound", names++);
		checked(bind(new.fd, (void *)&address, length), "bind");
		if (call == ACCEPT) {
			checked(listen(new.fd, 8), "listen");
			if (names % 2) {
				int client = low(socket(AF_UNIX, type, 0),
						 "socket");

				checked(connect(client, (void *)&address,
						length),
					"connect");
				close(client);
			}
		}
	}
	checked(fstat(new.fd, &status), "fstat");
	record->ino = status.st_ino;
	record->kind = kind;
	length = sizeof(record->cookie);
	if (call == GETSOCKOPT)
		checked(getsockopt(new.fd, SOL_SOCKET, SO_COOKIE,
				   &record->cookie, &length),
			"SO_COOKIE");
	return new;
}

/* Records the number of the last setsockopt on the socket, its SO_PRIORITY. */
static void last_set(enum call call, int fd, size_t record)
{
	int priority;
	socklen_t length = sizeof(priority);

	if (call == SETSOCKOPT &&
	    !getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, &length))
		RECORD(record)->priority = priority;
}

static void keep(enum call call)
{
	unsigned int i;

	for (i = 0; i < KINDS * KEPT; i++) {
		kept[i] = made(call, i % KINDS);
		kept[i].fd = apart(kept[i].fd);
	}
}

static void drop(enum call call)
{
	unsigned int i;

	for (i = 0; i < KINDS * KEPT; i++) {
		last_set(call, kept[i].fd, kept[i].record);
		close(kept[i].fd);
	}
}

/* Waits while a file stays on PLACE: sometimes for a few calls. */
static void dwell(unsigned int *state)
{
	switch (any(state, 8)) {
	case 0:
		break;
	case 1:
		sched_yield();
		break;
	case 2:
		rest(1000 + any(state, 50000));
		break;
	default:
		spin(any(state, 100000));
	}
}

static void *breaker(void *unused)
{
	unsigned int state = 1;
	struct ring ring = { 0 };
	int now, call = -1;

	(void)unused;
	on_processor(1);
	take_name();
	while ((now = atomic_load(&phase)) != CALLS) {
		struct socket socket = { -1, 0 };
		unsigned int way;

		if (now != call) {
			if (call >= 0)
				drop(call);
			call = now;
			if (call < 0)
				break;
			keep(call);
			atomic_store(&prepared, call);
		}
		way = any(&state, 16);
		if (way == 0) { /* a file that is not a socket */
			checked(dup2(evils[any(&state, EVILS)], PLACE), "dup2");
		} else if (way < 5) { /* a socket that lives on */
			socket = kept[any(&state, KINDS * KEPT)];
			checked(dup2(socket.fd, PLACE), "dup2");
		} else { /* a socket that dies with PLACE */
			static const enum kind often[] = { FRESH, FRESH, FRESH,
							   FRESH, BOUND, BOUND,
							   BOUND, PAIR,	 PAIR,
							   TCP,	  UDP };

			socket = made(
				call,
				often[any(&state,
					  sizeof(often) / sizeof(*often))]);
			checked(dup2(socket.fd, PLACE), "dup2");
			close(socket.fd);
		}
		dwell(&state);
		if (socket.fd >= 0)
			last_set(call, PLACE, socket.record);
		if (any(&state, 8)) {
			close(PLACE);
			ring_turn(&ring, &state, 1 + any(&state, 4));
		}
		/* otherwise the next file takes its place at once */
	}
	drop(call);
	close(PLACE);
	return NULL;
}

/* ------------------------------------------------------------ the stirrer */

static void *stirrer(void *unused)
{
	unsigned int state = 2, turn = 0;
	struct ring ring = { 0 };

	(void)unused;
	prctl(PR_SET_TIMERSLACK, 1);
	while (atomic_load(&phase) != CALLS) {
		if (!(turn++ % 64))
			on_processor(any(&state, 2));
		if (any(&state, 4) == 0)
			ring_turn(&ring, &state, 1 + any(&state, 3));
		rest(10000 + any(&state, 60000));
	}
	return NULL;
}

/* ------------------------------------------------------------ the calls */

static uint64_t nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* One call: its result, or its negative errno. */
static __attribute__((always_inline)) inline int
call_once(enum call call, const struct sockaddr_un *address, socklen_t length,
	  int number, uint64_t *cookie)
{
	socklen_t room = sizeof(*cookie);
	int result = -1;

	switch (call) {
	case LISTEN:
		result = listen(PLACE, 5);
		break;
	case SHUTDOWN:
		result = shutdown(PLACE, SHUT_RD);
		break;
	case BIND:
		result = bind(PLACE, (void *)address, length);
		break;
	case ACCEPT:
		result = accept4(PLACE, NULL, NULL, 0);
		break;
	case SETSOCKOPT:
		result = setsockopt(PLACE, SOL_SOCKET, SO_PRIORITY, &number,
				    sizeof(number));
		break;
	case GETSOCKOPT:
		result = getsockopt(PLACE, SOL_SOCKET, SO_COOKIE, cookie,
				    &room);
		break;
	case CONNECT:
		result = connect(PLACE, (void *)address, length);
		break;
	case CALLS:
		break;
	}
	return result < 0 ? -errno : result;
}

static __attribute__((always_inline)) inline void
call_often(enum call call, double seconds, const struct sockaddr_un *address,
	   socklen_t length)
{
	uint64_t end = nanoseconds() + (uint64_t)(seconds * 1e9), cookie = 0;
	unsigned long calls = 0;
	int i, result;

	while (nanoseconds() < end && results[call].used < ENOUGH) {
		for (i = 0; i < 64; i++, calls++) {
			struct result *did;

			result = call_once(call, address, length,
					   results[call].used + 1, &cookie);
			if (result == -EBADF || result == -ENOTSOCK)
				continue;
			did = append(&results[call], sizeof(*did));
			did->result = result < 0 ? result : 0;
			did->cookie = cookie;
			if (call == ACCEPT && result >= 0) {
				struct stat status;

				low(result, "accept");
				checked(fstat(result, &status), "fstat");
				did->ino = status.st_ino;
				close(result);
			}
		}
	}
	printf("call %s calls %lu reached %zu\n", call_name[call], calls,
	       results[call].used);
}

static void run(enum call call, double seconds,
		const struct sockaddr_un *address, socklen_t length)
{
	switch (call) { /* a loop for each, as tight as possible */
#define OFTEN(call)                                         \
	case call:                                          \
		call_often(call, seconds, address, length); \
		break
		OFTEN(LISTEN);
		OFTEN(SHUTDOWN);
		OFTEN(BIND);
		OFTEN(ACCEPT);
		OFTEN(SETSOCKOPT);
		OFTEN(GETSOCKOPT);
		OFTEN(CONNECT);
	case CALLS:
		break;
	}
}

/* ------------------------------------------------------------ the results */

static int by_cookie(const void *a, const void *b)
{
	const struct record *one = a, *two = b;

	return (one->cookie > two->cookie) - (one->cookie < two->cookie);
}

/* Finds the socket of each call by the value that the call wrote to it or read from it. */
static void find_inos(void)
{
	size_t i;

	for (i = 0; i < records.used; i++) {
		uint32_t number = RECORD(i)->priority;

		if (number && number <= results[SETSOCKOPT].used)
			RESULT(SETSOCKOPT, number - 1)->ino = RECORD(i)->ino;
	}
	if (!results[GETSOCKOPT].used)
		return;
	qsort(records.at, records.used, sizeof(struct record), by_cookie);
	for (i = 0; i < results[GETSOCKOPT].used; i++) {
		struct result *did = RESULT(GETSOCKOPT, i);
		struct record key = { .cookie = did->cookie }, *found;

		found = did->result ? NULL :
				      bsearch(&key, records.at, records.used,
					      sizeof(key), by_cookie);
		if (!did->result && !found)
			errx(2, "a socket with an unknown cookie");
		if (found)
			did->ino = found->ino;
	}
}

static void write_ledger(const char *file)
{
	FILE *out = fopen(file, "w");
	enum call call;
	size_t i;

	if (!out)
		err(2, "%s", file);
	for (i = 0; i < records.used; i++) {
		const struct record *record = RECORD(i);

		fprintf(out, "ino %u family %d kind %s\n", record->ino,
			record->kind < TCP ? AF_UNIX : AF_INET,
			kind_name[record->kind]);
	}
	for (call = 0; call < CALLS; call++) {
		for (i = 0; i < results[call].used; i++) {
			const struct result *did = RESULT(call, i);

			fprintf(out, "did %s %d", call_name[call], did->result);
			fprintf(out, did->ino ? " %u\n" : "\n", did->ino);
		}
	}
	if (fclose(out))
		err(2, "%s", file);
}

static void wait_for(const char *file)
{
	struct stat now, last = { 0 };
	int same = 0;

	while (same < 5 && !stat(file, &now)) {
		same = now.st_size == last.st_size ? same + 1 : 0;
		last = now;
		rest(200000000);
	}
}

int main(int argc, char **argv)
{
	struct rlimit files = { 4096, 4096 };
	struct sockaddr_un address;
	pthread_t threads[2];
	bool wanted[CALLS] = { false };
	const char *file = NULL;
	double seconds;
	socklen_t length;
	enum call call;
	int i;

	if (argc > 2 && !strcmp(argv[1], "-w")) {
		file = argv[2];
		argc -= 2;
		argv += 2;
	}
	seconds = argc > 1 ? strtod(argv[1], NULL) : 3;
	if (!(seconds > 0))
		errx(2, "usage: races [-w FILE] [SECONDS [CALL...]]");
	for (i = 2; i < argc; i++) {
		for (call = 0; call < CALLS && strcmp(argv[i], call_name[call]);
		     call++)
			;
		if (call == CALLS)
			errx(2, "no call '%s'", argv[i]);
		wanted[call] = true;
	}
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(2, "RLIMIT_NOFILE");
	for (i = 0; i < EVILS; i++)
		evils[i] = apart(low(evil(), "signalfd"));
	on_processor(0);

	for (i = 0; i < 2; i++) {
		errno = pthread_create(&threads[i], NULL, i ? stirrer : breaker,
				       NULL);
		if (errno)
			err(2, "pthread_create");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (call = 0; call < CALLS; call++) {
		if (argc > 2 && !wanted[call])
			continue;
		/* The name to connect to does not exist. */
		length = named(&address, call == BIND ? "taken" : "missing", 0);
		atomic_store(&phase, call);
		while (atomic_load(&prepared) != (int)call)
			sched_yield();
		run(call, seconds, &address, length);
	}
	atomic_store(&phase, CALLS);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	find_inos();
	write_ledger("races.ledger");
	if (file)
		wait_for(file);
	return 0;
}
