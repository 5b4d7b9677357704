// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * survey - feeds broken files to survey: the given ones, with bytes changed, missing or
 * doubled
 *
 * usage: survey SECONDS SEED TABLE MEMBERS FILE...
 *
 * A FILE whose name ends in functions.tbl or members.tbl is passed as that table, together
 * with the first FILE.  survey must return 0, 1 or 2; with 2 it must print the mistake in
 * one line that names the file.  A file that breaks it is written to survey-broken.
 * SECONDS are processor time.
 *
 * A process reads many files: survey calls the exit() of this file, which returns here.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST (1 << 24)
#define A_PROCESS 100 /* files for each process */

int survey_main(int argc, char **argv);
int survey_atexit(void (*at_end)(void));
void survey_exit(int status) __attribute__((noreturn));

static jmp_buf back;
static void (*at_end)(void);

int survey_atexit(void (*function)(void))
{
	at_end = function;
	return 0;
}

void survey_exit(int status)
{
	longjmp(back, status + 1);
}

/* The sanitizers exit with a status that survey does not have. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "exitcode=99:detect_leaks=0";
}
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "halt_on_error=1:exitcode=99";
}

/* All processes share this. */
static struct {
	uint64_t state;
	unsigned long tried, by_status[3];
	const char *name;
	size_t size;
	unsigned char bytes[LARGEST];
} *now;

static uint32_t number(uint32_t below)
{
	/* xorshift64*: the same on each machine */
	now->state ^= now->state >> 12;
	now->state ^= now->state << 25;
	now->state ^= now->state >> 27;
	return (uint32_t)((now->state * 2685821657736338717u) >> 32) % below;
}

struct file {
	const char *name;
	unsigned char *bytes;
	size_t size;
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void read_file(struct file *file, const char *name)
{
	FILE *from = fopen(name, "r");

	file->name = name;
	file->bytes = malloc(LARGEST);
	if (!from || !file->bytes)
		fail(name);
	file->size = fread(file->bytes, 1, LARGEST, from);
	fclose(from);
	if (file->size < 16) {
		fprintf(stderr, "%s has less than 16 bytes\n", name);
		exit(2);
	}
}

/* The result is not larger than the original. */
static size_t break_it(unsigned char *bytes, size_t size)
{
	static const uint64_t odd[] = { 0,	    1,		0x7f,
					0x80,	    0xff,	0x7fff,
					0xffff,	    0x7fffffff, 0x80000000,
					0xffffffff, UINT64_MAX, 0x10000 };
	/* The beginning of a file, with its headers, matters more than the rest. */
	static const size_t begins[] = { 64, 1024, LARGEST, LARGEST };
	size_t within = begins[number(4)];
	int times = 1 + number(4);
	uint64_t value;
	size_t at, n;

	if (within > size)
		within = size;
	while (times--) {
		at = number(within);
		n = 1 << number(4);
		if (n > size - at)
			n = size - at;
		switch (number(8)) {
		case 0:
			bytes[at] ^= 1 << number(8);
			break;
		case 1:
			bytes[at] = number(256);
			break;
		case 2:
			value = odd[number(sizeof(odd) / sizeof(*odd))];
			memcpy(bytes + at, &value, n);
			break;
		case 3:
			value = number(size + 16);
			memcpy(bytes + at, &value, n);
			break;
		case 4:
			n = number(size - at);
			memmove(bytes + at, bytes + number(size - n), n);
			break;
		case 5:
			memset(bytes + at, number(2) ? 0 : 0xff,
			       number(size - at));
			break;
		case 6: /* for example the number of a type */
			value = number(128);
			memcpy(bytes + (at & ~(size_t)3), &value,
			       size - (at & ~(size_t)3) < 4 ? 1 : 4);
			break;
		case 7:
			if (!number(4))
				return 1 + number(size);
		}
	}
	return size;
}

static double processor_time(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return self.ru_utime.tv_sec + self.ru_stime.tv_sec +
	       children.ru_utime.tv_sec + children.ru_stime.tv_sec +
	       (self.ru_utime.tv_usec + self.ru_stime.tv_usec +
		children.ru_utime.tv_usec + children.ru_stime.tv_usec) /
		       1e6;
}

static bool ends_in(const char *name, const char *end)
{
	return strlen(name) >= strlen(end) &&
	       !strcmp(name + strlen(name) - strlen(end), end);
}

/* Returns its exit status. */
static int survey(const char *path, char **argv)
{
	bool functions = ends_in(now->name, "functions.tbl");
	bool members = ends_in(now->name, "members.tbl");
	char *arguments[] = { "survey",
			      "-t",
			      functions ? (char *)path : argv[3],
			      "-m",
			      members ? (char *)path : argv[4],
			      functions || members ? argv[5] : (char *)path,
			      NULL };
	volatile int status = setjmp(back);

	if (!status)
		status = survey_main(6, arguments) + 1;
	at_end();
	return status - 1;
}

/* Are the status and the message valid? */
static bool is_right(int status, const char *path)
{
	char text[4096], *end;
	ssize_t n = pread(2, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = 0;
	end = strchr(text, '\n');
	if (status < 0 || status > 2)
		return false;
	return status < 2 ? !n :
			    !strncmp(text, "survey: ", 8) && end && !end[1] &&
				    strstr(text, path);
}

static void break_and_read(const struct file *file, int fd, const char *path,
			   char **argv)
{
	struct itimerval limit = { { 0, 0 }, { 3, 0 } };
	int status;

	now->tried++;
	now->name = file->name;
	memcpy(now->bytes, file->bytes, file->size);
	now->size = break_it(now->bytes, file->size);
	if (ftruncate(fd, 0) ||
	    pwrite(fd, now->bytes, now->size, 0) != (ssize_t)now->size ||
	    ftruncate(2, 0) || lseek(2, 0, SEEK_SET))
		_exit(97);
	/* After three seconds of processor time it counts as endless. */
	setitimer(ITIMER_PROF, &limit, NULL);
	status = survey(path, argv);
	if (!is_right(status, path))
		_exit(98);
	now->by_status[status]++;
}

static void keep_broken(int said, int status)
{
	FILE *to = fopen("survey-broken", "w");
	char text[65536];
	ssize_t n = pread(said, text, sizeof(text), 0);

	if (to) {
		fwrite(now->bytes, 1, now->size, to);
		fclose(to);
	}
	fprintf(stderr,
		"number %lu, made from %s, in survey-broken: %s %d; output:\n%.*s\n",
		now->tried, now->name, WIFEXITED(status) ? "status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
		n < 0 ? 0 : (int)n, text);
}

int main(int argc, char **argv)
{
	int n = argc - 5, i, fd, said, status;
	struct file files[16];
	char path[64];
	pid_t pid;

	if (n < 1 || n > 16) {
		fprintf(stderr,
			"usage: survey SECONDS SEED TABLE MEMBERS FILE...\n");
		return 2;
	}
	for (i = 0; i < n; i++)
		read_file(&files[i], argv[5 + i]);
	now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = memfd_create("broken", 0);
	said = memfd_create("said", 0);
	if (now == MAP_FAILED || fd < 0 || said < 0)
		fail("memory");
	now->state = strtoull(argv[2], NULL, 10) * 2 + 1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	while (processor_time() < atof(argv[1])) {
		pid = fork();
		if (pid < 0)
			fail("fork");
		if (!pid) {
			if (dup2(open("/dev/null", O_WRONLY), 1) < 0 ||
			    dup2(said, 2) < 0)
				_exit(97);
			for (i = 0; i < A_PROCESS; i++)
				break_and_read(&files[now->tried % n], fd, path,
					       argv);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) < 0)
			fail("wait");
		if (status) {
			keep_broken(said, status);
			return 1;
		}
	}
	printf("%lu tried: %lu complete, %lu incomplete, %lu refused\n",
	       now->tried, now->by_status[0], now->by_status[1],
	       now->by_status[2]);
	return 0;
}
