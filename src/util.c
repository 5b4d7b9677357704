// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * util.c - strings, files, programs and signals, for the other files of stap-socket
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pty.h>
#include <sha2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int screen = 80;

void (*before_messages)(void);

static void no_memory(void)
{
	if (before_messages)
		before_messages();
	fputs("stap-socket: no memory\n", stderr);
	exit(1);
}

/* ---------------------------------------------------------------- strings */

char *format_text(const char *format, va_list arguments)
{
	char *s;

	if (vasprintf(&s, format, arguments) < 0)
		no_memory();
	return s;
}

char *text(const char *format, ...)
{
	va_list arguments;
	char *s;

	va_start(arguments, format);
	s = format_text(format, arguments);
	va_end(arguments);
	return s;
}

void add(struct list *l, const char *word)
{
	l->at = reallocarray(l->at, l->n + 2, sizeof(*l->at));
	if (!l->at)
		no_memory();
	l->at[l->n++] = text("%s", word);
	l->at[l->n] = NULL;
}

void append(struct list *l, char *word)
{
	add(l, word);
	free(word);
}

void free_list(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
}

char *join(const struct list *l, const char *between)
{
	size_t size, i;
	char *s;
	FILE *f = open_memstream(&s, &size);

	if (!f)
		no_memory();
	for (i = 0; i < l->n; i++)
		fprintf(f, "%s%s", i ? between : "", l->at[i]);
	if (fclose(f))
		no_memory();
	return s;
}

bool has(const struct list *l, const char *word)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->at[i], word))
			return true;
	return false;
}

bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && !strcmp(s + n - m, with);
}

struct list words_of(const char *s, const char *at)
{
	struct list l = { 0 };
	size_t n;

	for (s += strspn(s, at); *s; s += n, s += strspn(s, at)) {
		n = strcspn(s, at);
		append(&l, text("%.*s", (int)n, s));
	}
	return l;
}

char *lower(const char *s)
{
	char *l = text("%s", s), *c;

	for (c = l; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return l;
}

void fill(FILE *to, const char *first, const struct list *words, size_t width)
{
	size_t i, n, at = 0, indent = strlen(first);

	for (i = 0; i < words->n; i++) {
		n = strlen(words->at[i]);
		if (!i)
			at = (size_t)fprintf(to, "%s%s", first, words->at[i]);
		else if (at + 1 + n <= width)
			at += (size_t)fprintf(to, " %s", words->at[i]);
		else
			at = (size_t)fprintf(to, "\n%*s%s", (int)indent, "",
					     words->at[i]) -
			     1;
	}
	putc('\n', to);
}

char *quoted(const char *word)
{
	static const char *const plain =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_./:=,@%+-";
	size_t size;
	char *s;
	FILE *f;

	if (*word && !word[strspn(word, plain)])
		return text("%s", word);
	f = open_memstream(&s, &size);
	if (!f)
		no_memory();
	putc('\'', f);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", f);
		else
			putc(*word, f);
	putc('\'', f);
	if (fclose(f))
		no_memory();
	return s;
}

char *quoted_list(const struct list *l)
{
	struct list q = { 0 };
	size_t i;

	for (i = 0; i < l->n; i++)
		add(&q, quoted(l->at[i]));
	return q.n ? join(&q, " ") : text("%s", "");
}

bool is_help(const char *word)
{
	return word && (!strcmp(word, "-h") || !strcmp(word, "--help"));
}

/* ---------------------------------------------------------------- messages */

static void say_text(const char *s)
{
	struct list lines = words_of(s, "\n");
	size_t i;

	if (before_messages)
		before_messages();
	fflush(stdout);
	for (i = 0; i < lines.n; i++)
		fprintf(stderr, "stap-socket: %s\n", lines.at[i]);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_text(format_text(format, arguments));
	va_end(arguments);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_text(format_text(format, arguments));
	va_end(arguments);
	exit(1);
}

void misuse(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_text(format_text(format, arguments));
	va_end(arguments);
	say_text("'stap-socket --help' shows the usage");
	exit(2);
}

/* ---------------------------------------------------------------- files */

static char *read_all(int fd, size_t *length)
{
	size_t size = 0, n = 0;
	char *s = NULL;
	ssize_t got;

	do {
		if (n + 1 >= size) {
			size = size ? 2 * size : 16384;
			s = realloc(s, size);
			if (!s)
				no_memory();
		}
		do
			got = read(fd, s + n, size - n - 1);
		while (got < 0 && errno == EINTR);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	s[n] = '\0';
	if (length)
		*length = n;
	return s;
}

char *read_file(const char *path, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *s;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || S_ISDIR(st.st_mode)) {
		close(fd);
		return NULL;
	}
	s = read_all(fd, length);
	close(fd);
	return s;
}

struct list lines_of(const char *path)
{
	char *s = read_file(path, NULL);

	return words_of(s ? s : "", "\n");
}

char *file_says(const char *path)
{
	char *s = read_file(path, NULL);

	if (!s)
		return text("%s", "");
	s[strcspn(s, "\n")] = '\0';
	return s;
}

bool readable(const char *path)
{
	return !access(path, R_OK);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static struct list doomed;
static pid_t owner; /* a child leaves them */

static void remove_doomed(void)
{
	size_t i;

	for (i = 0; getpid() == owner && i < doomed.n; i++)
		remove_tree(doomed.at[i]);
}

static void remove_later(const char *path)
{
	if (!doomed.n)
		atexit(remove_doomed);
	owner = getpid();
	add(&doomed, path);
}

char *make_directory_in(const char *directory, const char *name)
{
	char *made;

	catch_signals();
	made = mkdtemp(text("%s/%s.XXXXXX", directory, name));
	if (!made)
		die("cannot make a directory in %s: %s", directory,
		    strerror(errno));
	remove_later(made);
	return made;
}

char *make_scratch(void)
{
	const char *tmp = getenv("TMPDIR");

	return make_directory_in(tmp && *tmp ? tmp : "/tmp", "stap-socket");
}

/* ---------------------------------------------------------------- signals */

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static sigset_t before, waited;
static bool caught, deaf;
static void (*pipe_before)(int);

static void close_output(void)
{
	if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
		fprintf(stderr, "stap-socket: cannot write: %s\n",
			strerror(errno));
	if (ferror(stdout))
		_exit(1);
}

/* Before anything else. */
static void __attribute__((constructor)) prepare(void)
{
	/* With it ignored, the kernel would not say that a child has ended. */
	signal(SIGCHLD, SIG_DFL);
	/* A build goes on without a reader, and then cleans up. */
	pipe_before = signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	atexit(close_output);
	sigemptyset(&waited);
}

void catch_signals(void)
{
	struct sigaction a;
	size_t i;

	if (caught)
		return;
	caught = true;
	sigaddset(&waited, SIGCHLD);
	for (i = 0; i < LENGTH(ending); i++)
		if (!sigaction(ending[i], NULL, &a) && a.sa_handler != SIG_IGN)
			sigaddset(&waited, ending[i]);
	sigprocmask(SIG_BLOCK, &waited, &before);
}

void restore_signals(void)
{
	if (caught)
		sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, pipe_before);
}

const sigset_t *caught_signals(void)
{
	return &waited;
}

int wait_signal(int milliseconds)
{
	struct timespec limit = { milliseconds / 1000,
				  milliseconds % 1000 * 1000000L };
	int number = sigtimedwait(&waited, NULL, &limit);

	return number < 0 ? 0 : number;
}

void end_by(int number)
{
	exit(128 + (number == SIGHUP ? SIGTERM : number));
}

void ignore_signals(void)
{
	size_t i;

	for (i = 0; i < LENGTH(ending); i++)
		signal(ending[i], SIG_IGN);
	while (wait_signal(0))
		;
	deaf = true;
}

static void check_signals(void)
{
	int number;

	while (caught && !deaf && (number = wait_signal(0)))
		if (number != SIGCHLD)
			end_by(number);
}

/* ---------------------------------------------------------------- programs */

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

char *program(const char *name)
{
	const char *path = getenv("PATH");
	char *file, *other = NULL;
	struct list directories;
	size_t i;

	if (strchr(name, '/'))
		return is_file(name) ? text("%s", name) : NULL;
	directories = words_of(path ? path : "/usr/bin:/bin", ":");
	for (i = 0; *name && i < directories.n; i++) {
		file = text("%s/%s", directories.at[i], name);
		if (!is_file(file))
			continue;
		if (!access(file, X_OK))
			return file;
		other = other ? other : file;
	}
	return other;
}

static void become(enum capture how, const char *const *words, int out)
{
	int null = open("/dev/null", O_RDWR);

	if (how != ON_TERMINAL) {
		dup2(null, 0);
		dup2(out, 1);
		dup2(how == OUT_AND_ERR ? out : null, 2);
	}
	setenv("LC_ALL", "C", 1);
	restore_signals();
	execvp(words[0], (char *const *)words);
	_exit(127);
}

char *capture(enum capture how, int *status, const char *const *words)
{
	int fd[2], ended = -1;
	char *said;
	pid_t pid;

	if (how == ON_TERMINAL) {
		pid = forkpty(&fd[0], NULL, NULL, NULL);
		if (!pid)
			become(how, words, -1);
		if (pid < 0)
			return text("%s", "");
	} else {
		if (pipe2(fd, O_CLOEXEC))
			die("pipe: %s", strerror(errno));
		pid = fork();
		if (!pid)
			become(how, words, fd[1]);
		close(fd[1]);
	}
	if (pid < 0)
		die("cannot start %s: %s", words[0], strerror(errno));
	said = read_all(fd[0], NULL);
	close(fd[0]);
	while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
		;
	if (status)
		*status = ended;
	check_signals();
	return said;
}

/* ---------------------------------------------------------------- digests */

struct digest {
	SHA2_CTX sha;
};

struct digest *digest_new(void)
{
	struct digest *d = malloc(sizeof(*d));

	if (!d)
		no_memory();
	SHA512Init(&d->sha);
	return d;
}

void digest_text(struct digest *d, const char *s)
{
	SHA512Update(&d->sha, (const uint8_t *)s, strlen(s));
}

void digest_file(struct digest *d, const char *path)
{
	size_t n;
	char *s = read_file(path, &n);

	if (!s)
		return;
	SHA512Update(&d->sha, (const uint8_t *)s, n);
	free(s);
}

char *digest_end(struct digest *d)
{
	char hex[SHA512_DIGEST_STRING_LENGTH];

	SHA512End(&d->sha, hex);
	free(d);
	return text("%s", hex);
}

char *digest_of_file(const char *path)
{
	char *hex = SHA256File(path, NULL);

	return hex ? hex : text("%s", "");
}

/* ---------------------------------------------------------------- the screen */

void measure(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && strspn(columns, "0123456789") == strlen(columns) &&
	    strlen(columns) >= 2 && strlen(columns) <= 4)
		screen = atoi(columns);
	else if (isatty(1) && !ioctl(1, TIOCGWINSZ, &size) && size.ws_col)
		screen = size.ws_col;
}
