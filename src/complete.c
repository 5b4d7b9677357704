// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * complete.c - the words that a shell offers for the word before the cursor
 *
 * `stap-socket words line WORD... CURRENT` takes the words of the line behind stap-socket, up to
 * the cursor.  It prints a line that the files of completions/ act on:
 *
 *   words       offer the lines below: a word each, behind a tab its meaning
 *   parts       the same, but each is the beginning of a word: no space follows
 *   files, directories, scripts
 *               offer those of the file system
 *   command N   the last N words are the line of another command
 *
 * The shell leaves out the words that do not begin as the current one.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

struct offers {
	const char *how;
	int before; /* so many characters of the current word stand before each word */
	struct list words, meanings;
};

static void offer(struct offers *o, const char *word, const char *meaning)
{
	add(&o->words, word);
	add(&o->meanings, meaning);
}

static void offer_all(struct offers *o, struct list l, const char *behind)
{
	size_t i;

	for (i = 0; i < l.n; i++)
		offer(o, text("%s%s", l.at[i], behind), "");
}

static void offer_tools(struct offers *o)
{
	struct list l = tools();
	size_t i;

	for (i = 0; i < l.n; i++)
		offer(o, l.at[i], title_of(script_of(l.at[i])));
}

static void offer_commands(struct offers *o)
{
	struct list l = { 0 }, meanings = { 0 };
	size_t i;

	add_commands(&l, &meanings);
	for (i = 0; i < l.n; i++)
		offer(o, l.at[i], meanings.at[i]);
}

static void offer_pages(struct offers *o)
{
	struct list l = page_names();
	size_t i;

	for (i = 0; i < l.n; i++)
		offer(o, l.at[i], title_of_page(l.at[i]));
}

static void offer_options(struct offers *o, const struct option_table *t,
			  const struct request *r)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t == &tool_options && !has_use(r, &t->at[i]))
			continue;
		if (has_letter(&t->at[i]))
			offer(o, text("-%c", t->at[i].key), t->at[i].meaning);
		offer(o, long_of(&t->at[i]), t->at[i].meaning);
	}
}

/* The processes, or their names. */
static void offer_processes(struct offers *o, bool names)
{
	struct list l = names_in(PROC, "");
	size_t i;

	for (i = 0; i < l.n; i++) {
		char *name;

		if (l.at[i][strspn(l.at[i], "0123456789")])
			continue;
		name = read_file(text(PROC "/%s/comm", l.at[i]), NULL);
		if (!name || !*name)
			continue;
		name[strlen(name) - 1] = '\0';
		if (!names)
			offer(o, l.at[i], name);
		else if (!has(&o->words, name))
			offer(o, name, "");
	}
}

static void offer_users(struct offers *o)
{
	struct passwd *p;

	setpwent();
	while ((p = getpwent()))
		offer(o, p->pw_name, text("%u", p->pw_uid));
}

static void offer_services(struct offers *o)
{
	struct servent *s;

	setservent(1);
	while ((s = getservent()))
		if (!has(&o->words, s->s_name))
			offer(o, s->s_name,
			      text("%d/%s", ntohs((unsigned short)s->s_port),
				   s->s_proto));
}

/* In the case that the word has. */
static void offer_names(struct offers *o, const struct names_of *names,
			const char *word)
{
	bool small = strpbrk(word, "abcdefghijklmnopqrstuvwxyz");
	struct list l = first_names(names);
	size_t i;

	for (i = 0; i < l.n; i++)
		offer(o, small ? lower(l.at[i]) : l.at[i], "");
}

static void offer_columns(struct offers *o, const char *tool)
{
	struct columns all;
	const char *columns = columns_of(script_of(tool));

	if (columns && parse_columns(columns, &all))
		offer_all(o, column_titles(&all), "");
}

/* Behind the last comma, or a ! before a list. */
static const char *last_part(const char *value)
{
	const char *comma = strrchr(value, ',');

	return comma ? comma + 1 : value + (*value == '!');
}

static void offer_values(struct offers *o, enum value value, const char *tool,
			 const char *word)
{
	const char *part = last_part(word);
	char *first;

	if (value >= SOME_COLUMNS)
		o->before += (int)(part - word);
	switch (value) {
	case NOTHING:
		break;
	case A_FILE:
		o->how = "files";
		break;
	case A_DIRECTORY:
		o->how = "directories";
		break;
	case A_COLUMN:
		offer_columns(o, tool);
		break;
	case A_KERNEL:
		offer_all(o, names_in("/lib/modules", ""), "");
		break;
	case A_LIMIT:
		o->how = "parts";
		offer_all(o, limit_names(), "=");
		break;
	case A_NAME:
		offer_processes(o, true);
		break;
	case A_TOOL:
		offer_tools(o);
		offer(o, SELF_TEST, "what check --probes runs");
		break;
	case A_PID:
	case SOME_PIDS:
		offer_processes(o, false);
		break;
	case A_UNIT:
		offer(o, "human", "1.2MB");
		offer(o, "exact", "all digits");
		break;
	case AN_OWN_OPTION:
		o->how = "parts";
		offer_all(o, own_globals(script_of(tool), &first), "=");
		break;
	case SOME_COLUMNS:
		o->how = "parts";
		offer_columns(o, tool);
		break;
	case SOME_FAMILIES:
		offer_names(o, names_of(FAMILIES), part);
		break;
	case SOME_NAMESPACES:
		offer_all(o, names_in("/run/netns", ""), "");
		break;
	case SOME_PORTS:
		offer_services(o);
		break;
	case SOME_PROTOCOLS:
		offer_names(o, names_of(PROTOCOLS), part);
		break;
	case SOME_TYPES:
		offer_names(o, names_of(TYPES), part);
		break;
	case SOME_USERS:
		offer_users(o);
		break;
	}
}

/*
 * The option that a word gives to or that it ends with, if it takes a value, or NULL.  Sets
 * `value` to its place in the word, or NULL if it is the next word.
 */
static const struct option_row *option_in(const struct option_table *t,
					  const char *word, const char **value)
{
	size_t i, n = strcspn(word, "=");

	*value = NULL;
	if (*word != '-')
		return NULL;
	if (word[1] == '-') {
		for (i = 0; i < t->n; i++)
			if (t->at[i].value && strlen(long_of(&t->at[i])) == n &&
			    !strncmp(word, long_of(&t->at[i]), n)) {
				*value = word[n] ? word + n + 1 : NULL;
				return &t->at[i];
			}
		return NULL;
	}
	/* Letters in one word: the first that takes a value has the rest. */
	for (word++; *word; word++)
		for (i = 0; i < t->n; i++)
			if (t->at[i].key == *word && t->at[i].value) {
				*value = word[1] ? word + 1 : NULL;
				return &t->at[i];
			}
	return NULL;
}

/* The line of a command with options; other words are of this kind. */
static void offer_line(struct offers *o, const struct option_table *t,
		       enum value other, int argc, char **argv)
{
	struct request r = { .tool = argv[0],
			     .lines = prints_lines(script_of(argv[0])),
			     .replays = replays(argv[0]) };
	const char *word = argv[argc - 1], *value = NULL;
	const struct option_row *before = NULL, *now;
	int i;

	for (i = 1; i < argc - 1; i++) {
		if (!before && !strcmp(argv[i], "--") && other == NOTHING) {
			o->how = text("command %d", argc - 1 - i);
			return;
		}
		before = before ? NULL : option_in(t, argv[i], &value);
		before = value ? NULL : before;
	}
	if (before) {
		offer_values(o, before->takes, r.tool, word);
		return;
	}
	now = option_in(t, word, &value);
	if (now && value) {
		o->before = (int)(value - word);
		offer_values(o, now->takes, r.tool, value);
		return;
	}
	if (*word == '-' || other == NOTHING)
		offer_options(o, t, &r);
	else
		offer_values(o, other, r.tool, word);
}

static void offer_command(struct offers *o, int argc, char **argv)
{
	const char *name = argv[0];

	if (!strcmp(name, "help") && argc == 2) {
		offer_tools(o);
		offer_commands(o);
		offer_pages(o);
	} else if (!strcmp(name, "run")) {
		o->how = argc == 2 ? "scripts" : "files";
	} else if (!strcmp(name, "check") && argc == 2) {
		offer(o, "--probes", "also each probe, and a self-test");
	} else if (replays(name)) {
		offer_line(o, &tool_options, A_FILE, argc, argv);
	} else if (!strcmp(name, "prebuild")) {
		offer_line(o, &prebuild_options, A_TOOL, argc, argv);
	} else if (!strchr(name, '/') && columns_of(script_of(name))) {
		offer_line(o, &tool_options, NOTHING, argc, argv);
	}
}

void complete_line(int argc, char **argv)
{
	struct offers o = { .how = "words" };
	const char *word = argc ? argv[argc - 1] : "";
	size_t i;

	if (argc == 1) {
		offer_tools(&o);
		offer_commands(&o);
		if (*word == '-') {
			offer(&o, "--help", "the usage");
			offer(&o, "--version", "");
		}
	}
	if (argc > 1)
		offer_command(&o, argc, argv);
	puts(o.how);
	for (i = 0; i < o.words.n; i++)
		printf("%.*s%s%s%s\n", o.before, word, o.words.at[i],
		       *o.meanings.at[i] ? "\t" : "", o.meanings.at[i]);
}
