// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken files to survey: those that are given, with bytes that are others, missing or
 * there twice.
 *
 * usage: survey SECONDS SEED TABLE MEMBERS FILE...
 *
 * A FILE whose name ends in functions.tbl or members.tbl is given as that, and with it the
 * first FILE.  Each is read by a process of its own.  It has to end with 0, 1 or 2, and with 2 it has to
 * have said what is wrong, in one line that names the file.  One that does not is written
 * to survey-broken.  SECONDS are those of the processor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int survey_main(int argc, char **argv);

/* What the sanitizers find ends with another status than survey has. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "exitcode=99:detect_leaks=0"; }
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "halt_on_error=1:exitcode=99"; }

static uint64_t state;

static uint32_t number(uint32_t below)
{
	/* xorshift64*: the same on each machine */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 2685821657736338717u) >> 32) % below;
}

struct file { const char *name; unsigned char *bytes; size_t size; };

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void read_file(struct file *file, const char *name)
{
	FILE *from = fopen(name, "r");

	file->name = name;
	file->bytes = malloc(1 << 20);
	if (!from || !file->bytes)
		fail(name);
	file->size = fread(file->bytes, 1, 1 << 20, from);
	fclose(from);
	if (file->size < 16) {
		fprintf(stderr, "%s has less than 16 bytes\n", name);
		exit(2);
	}
}

/* At most as large as it was. */
static size_t break_it(unsigned char *bytes, size_t size)
{
	static const uint64_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff,
					0x80000000, 0xffffffff, UINT64_MAX, 0x10000 };
	/* Headers and what is at their begin say more than the rest. */
	size_t within = number(4) || size < 256 ? size : 256;
	int times = 1 + number(4);
	uint64_t value;
	size_t at, n;

	while (times--) {
		at = number(within);
		n = 1 << number(4);
		if (n > size - at)
			n = size - at;
		switch (number(7)) {
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
			memset(bytes + at, number(2) ? 0 : 0xff, number(size - at));
			break;
		case 6:
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
	return self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec +
	       children.ru_stime.tv_sec +
	       (self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec +
		children.ru_stime.tv_usec) / 1e6;
}

static bool ends_in(const char *name, const char *end)
{
	return strlen(name) >= strlen(end) && !strcmp(name + strlen(name) - strlen(end), end);
}

static int survey(const char *name, const char *path, int said, char **argv)
{
	bool functions = ends_in(name, "functions.tbl"), members = ends_in(name, "members.tbl");
	char *arguments[] = { "survey", "-t", functions ? (char *)path : argv[3],
			      "-m", members ? (char *)path : argv[4],
			      functions || members ? argv[5] : (char *)path, NULL };
	struct rlimit limit = { 10, 10 };
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid) {
		setrlimit(RLIMIT_CPU, &limit);
		if (dup2(open("/dev/null", O_WRONLY), 1) < 0 || dup2(said, 2) < 0)
			_exit(98);
		exit(survey_main(6, arguments));
	}
	if (waitpid(pid, &status, 0) < 0)
		fail("wait");
	return status;
}

/* Is what it ended with, and said, as it has to be? */
static bool is_right(int status, int said, const char *path)
{
	char text[4096], *end;
	ssize_t n = pread(said, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 2)
		return false;
	end = strchr(text, '\n');
	return WEXITSTATUS(status) < 2 ? !n : !strncmp(text, "survey: ", 8) && end && !end[1] &&
		strstr(text, path);
}

static void keep_broken(const unsigned char *bytes, size_t size, int said, int status)
{
	FILE *to = fopen("survey-broken", "w");
	char text[65536];
	ssize_t n = pread(said, text, sizeof(text), 0);

	if (to) {
		fwrite(bytes, 1, size, to);
		fclose(to);
	}
	fprintf(stderr, "status %#x (a signal, or above 2, or without a line):\n%.*s\n", status,
		n < 0 ? 0 : (int)n, text);
}

int main(int argc, char **argv)
{
	unsigned long tried = 0, by_status[3] = { 0 };
	static unsigned char bytes[1 << 20];
	struct file files[16];
	char path[64];
	int n = argc - 5, i, fd, said, status;
	size_t size;

	if (n < 1 || n > 16) {
		fprintf(stderr, "usage: survey SECONDS SEED TABLE MEMBERS FILE...\n");
		return 2;
	}
	for (i = 0; i < n; i++)
		read_file(&files[i], argv[5 + i]);
	state = strtoull(argv[2], NULL, 10) * 2 + 1;
	fd = memfd_create("broken", 0);
	said = memfd_create("said", 0);
	if (fd < 0 || said < 0)
		fail("memfd_create");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	while (processor_time() < atof(argv[1])) {
		const struct file *file = &files[tried % n];

		memcpy(bytes, file->bytes, file->size);
		size = break_it(bytes, file->size);
		if (ftruncate(fd, 0) || pwrite(fd, bytes, size, 0) != (ssize_t)size ||
		    ftruncate(said, 0) || lseek(said, 0, SEEK_SET))
			fail("write");
		status = survey(file->name, path, said, argv);
		tried++;
		if (!is_right(status, said, path)) {
			fprintf(stderr, "number %lu, made of %s, in survey-broken: ", tried,
				file->name);
			keep_broken(bytes, size, said, status);
			return 1;
		}
		by_status[WEXITSTATUS(status)]++;
	}
	printf("%lu tried: %lu whole, %lu with something missing, %lu refused\n", tried,
	       by_status[0], by_status[1], by_status[2]);
	return 0;
}
