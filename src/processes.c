// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * processes.c - what /proc and recordings have of the processes in records
 *
 * A process is looked up once, when its first record comes, as it may end soon.  A process
 * that calls execve(2) is another one: the name is a part of the key.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <dirent.h>
#include <pwd.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel keeps so many bytes of a name. */
#define KERNEL_NAME 15
/* So many processes fit into some 20 MB; a recording may be one of many hosts. */
#define MOST_LOOKED_UP 65536
#define MOST_READ (16 * MOST_LOOKED_UP)
/* The first bytes of the files that are looked at. */
#define MOST_BYTES 4096

static char *contents(long pid, const char *name)
{
	char *path = text(PROC "/%ld/%s", pid, name);
	char *s = calloc(1, MOST_BYTES + 1);
	FILE *f = fopen(path, "re");

	if (!s)
		die("no memory");
	if (f) {
		s[fread(s, 1, MOST_BYTES, f)] = '\0';
		fclose(f);
	}
	free(path);
	return s;
}

static char *link_of(long pid, const char *name)
{
	char *path = text(PROC "/%ld/%s", pid, name), target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	free(path);
	target[n > 0 ? n : 0] = '\0';
	make_printable(target);
	return text("%s", n > 0 ? target : "-");
}

char *cgroup_of(long pid)
{
	char *file = text(PROC "/%ld/cgroup", pid), *s, *at, *path;

	s = read_file(file, NULL);
	free(file);
	at = s;
	/* The lines of version 1 have another number, and a controller. */
	if (at && !begins(at, "0::")) {
		at = strstr(s, "\n0::");
		at = at ? at + 1 : NULL;
	}
	path = at ? text("%.*s", (int)strcspn(at + 3, "\n"), at + 3) :
		    text("-");
	make_printable(path);
	free(s);
	return path;
}

static void find_in_cgroup(struct process *p)
{
	int i;

	for (i = KEPT_FACTS; i < FACTS; i++) {
		free(p->fact[i]);
		p->fact[i] = found_in_cgroup(p->fact[CGROUP], (enum fact)i);
	}
}

static char *name_now(long pid)
{
	char *s = contents(pid, "comm");

	s[strcspn(s, "\n")] = '\0';
	make_printable(s);
	return s;
}

/* Does the process still have the name that the tool recorded? */
static bool is_named(long pid, const char *command)
{
	char *s = name_now(pid);
	bool same = *s && !strcmp(s, command);

	free(s);
	return same;
}

/* The word of the command line of which the name is the beginning, or "-". */
static char *full_name(long pid, const char *command)
{
	char *s, *at, *base, *name = NULL;

	if (strlen(command) != KERNEL_NAME)
		return text("-");
	s = contents(pid, "cmdline");
	for (at = s; *at && !name; at += strlen(at) + 1) {
		base = strrchr(at, '/');
		base = base ? base + 1 : at;
		make_printable(base);
		if (begins(base, command))
			name = text("%.255s", base);
	}
	free(s);
	return name ? name : text("-");
}

/* The first number behind a word of /proc/PID/status, or "-". */
static char *number_behind(const char *status, const char *word)
{
	const char *at = strstr(status, word);
	char *s;

	if (!at)
		return text("-");
	at += strlen(word);
	at += strspn(at, " \t");
	s = text("%.*s", (int)strspn(at, "0123456789"), at);
	if (is_number(s))
		return s;
	free(s);
	return text("-");
}

static char *user_of(const char *uid)
{
	const struct passwd *user = is_known(uid) ?
					    getpwuid((uid_t)number_in(uid)) :
					    NULL;
	char *s = text("%s", user ? user->pw_name : "-");

	make_printable(s);
	return s;
}

/* Its name alone costs least. */
static void look_up(struct process *p, long pid, const char *command,
		    bool name_alone)
{
	char *status;

	if (!is_named(pid, command))
		return;
	p->fact[FULL_NAME] = full_name(pid, command);
	if (name_alone)
		return;
	p->fact[EXE] = link_of(pid, "exe");
	status = contents(pid, "status");
	p->fact[PARENT] = number_behind(status, "\nPPid:");
	p->fact[UID] = number_behind(status, "\nUid:");
	p->fact[USER] = user_of(p->fact[UID]);
	p->fact[CGROUP] = cgroup_of(pid);
	find_in_cgroup(p);
	free(status);
}

/* ---------------------------------------------------------------- one of them, now */

static char *command_line(long pid)
{
	size_t length, i;
	char *path = text(PROC "/%ld/cmdline", pid),
	     *s = read_file(path, &length);

	free(path);
	for (i = 0; s && i + 1 < length; i++)
		if (!s[i])
			s[i] = ' ';
	if (s)
		make_printable(s);
	return s;
}

bool is_there(long pid)
{
	char *path = text(PROC "/%ld", pid);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

static char *owner_of(long pid)
{
	char *path = text(PROC "/%ld", pid);
	const struct passwd *user;
	struct stat s;
	bool there = !stat(path, &s);

	free(path);
	if (!there)
		return NULL;
	user = getpwuid(s.st_uid);
	return user ? text("%s", user->pw_name) : text("%u", s.st_uid);
}

/* How many descriptors of sockets a process has; -1 if that is not allowed. */
static long sockets_of(long pid)
{
	char *path = text(PROC "/%ld/fd", pid), target[16];
	DIR *directory = opendir(path);
	struct dirent *e;
	long n = 0;

	free(path);
	if (!directory)
		return -1;
	while ((e = readdir(directory))) {
		ssize_t length = readlinkat(dirfd(directory), e->d_name, target,
					    sizeof(target));

		n += length > 8 && !strncmp(target, "socket:[", 8);
	}
	closedir(directory);
	return n;
}

void say_process(struct list *to, long pid, const char *command)
{
	char *user = owner_of(pid), *name, *s;
	long sockets;

	add(to, "");
	if (!user) {
		append(to, text("process %ld has ended", pid));
		return;
	}
	name = name_now(pid);
	if (*command && !strchr(command, '\\') && strcmp(name, command) != 0)
		append(to, text("process %ld is %s now", pid, name));
	free(name);
	s = command_line(pid);
	append(to, text("command line  %s", s && *s ? s : "-"));
	free(s);
	s = link_of(pid, "exe");
	append(to, text("executable    %s", s));
	free(s);
	s = link_of(pid, "cwd");
	append(to, text("directory     %s", s));
	free(s);
	append(to, text("user          %s", user));
	free(user);
	sockets = sockets_of(pid);
	append(to, sockets < 0 ? text("open sockets  -") :
				 text("open sockets  %ld", sockets));
}

/* ---------------------------------------------------------------- those that are known */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct process *)a)->key,
		      ((const struct process *)b)->key);
}

static void free_process(void *process)
{
	struct process *p = process;
	int i;

	for (i = 0; i < FACTS; i++)
		free(p->fact[i]);
	free(p->key);
	free(p);
}

/* The one with this key, which is freed; one without facts if there is none. */
static struct process *add_key(struct processes *all, char *key, size_t most)
{
	struct process *p = calloc(1, sizeof(*p)), **found;

	if (!p)
		die("no memory");
	p->key = key;
	if (all->n >= most) {
		tdestroy(all->tree, free_process);
		*all = (struct processes){ 0 };
	}
	found = tsearch(p, &all->tree, compare);
	if (!found)
		die("no memory");
	if (*found != p)
		free_process(p);
	else
		all->n++;
	return *found;
}

static char *key_of(const struct columns *all, char *const *record)
{
	const char *host = field_of(all, record, HOST);

	return text("%s\t%s\t%s", host ? host : "",
		    field_of(all, record, "pid"),
		    field_of(all, record, "command"));
}

bool is_cut(const struct columns *all, char *const *record)
{
	const char *command = field_of(all, record, "command");

	return command && strlen(command) == KERNEL_NAME;
}

struct process *find_process(struct processes *known, const struct columns *all,
			     char *const *record)
{
	struct process wanted = { .key = key_of(all, record) }, **found;

	found = tfind(&wanted, &known->tree, compare);
	free(wanted.key);
	return found ? *found : NULL;
}

struct process *look_up_process(struct processes *known,
				const struct columns *all, char *const *record,
				bool name_alone)
{
	struct process *p = add_key(known, key_of(all, record), MOST_LOOKED_UP);
	const char *pid = field_of(all, record, "pid");

	if (is_known(pid) && *pid != '-')
		look_up(p, (long)number_in(pid),
			field_of(all, record, "command"), name_alone);
	return p;
}

void write_process(FILE *to, const struct process *p)
{
	const char *key = p->key + strcspn(p->key, "\t");
	int i;

	fputs(PROCESS_LINE, to);
	fputs(*key ? key + 1 : "", to);
	for (i = 0; i < KEPT_FACTS; i++)
		fprintf(to, "\t%s", p->fact[i] ? p->fact[i] : "-");
	fputc('\n', to);
}

/* HOST of merged recordings, PID, COMMAND, and the facts. */
bool read_process(struct processes *known, const struct columns *all,
		  const char *words, size_t length)
{
	size_t hosts = find_column(all, HOST) ? 1 : 0, n = 1, i;
	char *s = text("%.*s", (int)length, words), *at = s, *next;
	char *field[3 + KEPT_FACTS] = { "" };
	struct process *p;
	bool good;

	for (i = 1 - hosts; at && i < LENGTH(field); i++, n++) {
		next = strchr(at, '\t');
		if (next)
			*next++ = '\0';
		make_printable(at);
		field[i] = at;
		at = next;
	}
	good = !at && n == LENGTH(field) + hosts && is_number(field[1]) &&
	       (!is_known(field[3 + PARENT]) || is_number(field[3 + PARENT])) &&
	       (!is_known(field[3 + UID]) || is_number(field[3 + UID]));
	if (good) {
		p = add_key(known,
			    text("%s\t%s\t%s", field[0], field[1], field[2]),
			    MOST_READ);
		for (i = 0; i < KEPT_FACTS; i++) {
			free(p->fact[i]);
			p->fact[i] = text("%s", field[3 + i]);
		}
		find_in_cgroup(p);
	}
	free(s);
	return good;
}
