// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: what is needed, by runtime/functions.tbl and runtime/members.tbl. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "survey.h"

static char *line;
static unsigned int line_number;

static void bad_line(const char *why, const char *what)
	__attribute__((noreturn));

static void bad_line(const char *why, const char *what)
{
	bool goes_on = strlen(why) > 4 &&
		       !strcmp(why + strlen(why) - 4, " not");

	bad("%s:%u: %s%s%s", reading, line_number, why,
	    !what   ? "" :
	    goes_on ? " " :
		      ": ",
	    what ? what : "");
}

/* The next word, which is cut off there. */
static char *word(char **rest)
{
	char *word;

	do
		word = strsep(rest, " \t");
	while (word && !*word);
	return word;
}

static FILE *open_table(const char *name)
{
	FILE *file = fopen(name, "re");

	reading = name;
	line_number = 0;
	if (!file)
		bad("cannot read the table %s: %s", name, strerror(errno));
	return file;
}

/* Without comments and empty lines; NULL at the end. */
static char *next_line(FILE *file)
{
	static size_t size;
	ssize_t length;

	while ((length = getline(&line, &size, file)) >= 0) {
		line_number++;
		if (strlen(line) != (size_t)length)
			bad_line("a NUL byte; is this a table?", NULL);
		line[strcspn(line, "\n")] = 0;
		if (*line && *line != '#')
			return line;
	}
	if (ferror(file))
		bad("cannot read the table %s: %s", reading, strerror(errno));
	fclose(file);
	free(line);
	line = NULL;
	size = 0;
	return NULL;
}

/* ------------------------------------------------------------ functions */

static void add_prototype(struct row *row, const char *text)
{
	struct prototype *prototype = keep(sizeof(*prototype));
	const char *why;

	if (!prototype_parse(prototype, text, &why))
		bad_line(why, text);
	if (!row->n_prototypes)
		row->name = prototype->name;
	else if (strcmp(row->name, prototype->name))
		bad_line("this is not a prototype of the function before",
			 text);
	if (row->n_prototypes == PROTOTYPES)
		bad_line("too many prototypes of", row->name);
	row->prototypes[row->n_prototypes++] = prototype;
}

static enum demand demand_of(char *rest)
{
	static const char *const words[] = { "must", "may", "alone", "point" };
	char *first = word(&rest);
	unsigned int i;

	if (first)
		first[strcspn(first, ",")] = 0;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (first && !strcmp(first, words[i]))
			return i;
	bad_line("kernel is must, may, alone or point, not",
		 first ? first : "nothing");
}

/* functions.awk checks the lines that are of no interest here. */
static void read_functions(struct table *table, const char *name)
{
	FILE *file = open_table(name);
	struct row *row = NULL;
	bool has_demand = true;
	char *rest, *key;

	while ((rest = next_line(file))) {
		if (!strncmp(rest, "function ", 9) ||
		    !strncmp(rest, "tracepoint ", 11)) {
			if (!has_demand)
				bad_line(
					"no line kernel for the function before",
					rest);
			table->rows = keep_more(table->rows, table->n_rows,
						sizeof(*row));
			row = &table->rows[table->n_rows++];
			row->tracepoint = *rest == 't';
			add_prototype(row, strchr(rest, ' ') + 1);
			if (table_row(table, row->name, strlen(row->name),
				      row->tracepoint) < table->n_rows - 1)
				bad_line("it stands there twice", row->name);
			has_demand = false;
			continue;
		}
		if (!strncmp(rest, "mark ", 5))
			continue;
		if (*rest != '\t' || !row)
			bad_line(
				"expected a mark, a function, a tracepoint or a line of one",
				rest);
		key = word(&rest);
		if (!key || !rest)
			bad_line("a line of a function has a word and a value",
				 key);
		if (!strcmp(key, "kernel")) {
			row->demand = demand_of(rest);
			has_demand = true;
		} else if (!strcmp(key, "also")) {
			add_prototype(row, rest);
		} else if (!strcmp(key, "else")) {
			while ((key = word(&rest))) {
				if (row->n_instead == NAMES)
					bad_line("too many names", NULL);
				row->instead[row->n_instead++] = keep_text(
					key, strlen(key));
			}
		}
	}
	if (!has_demand)
		bad("%s: no line kernel for the last function", name);
	if (!table->n_rows)
		bad("%s has no function: it is not a table such as runtime/functions.tbl",
		    name);
}

int table_row(const struct table *table, const char *name, size_t length,
	      bool tracepoint)
{
	int i;

	for (i = 0; i < table->n_rows; i++)
		if (table->rows[i].tracepoint == tracepoint &&
		    *table->rows[i].name == *name &&
		    !strncmp(table->rows[i].name, name, length) &&
		    !table->rows[i].name[length])
			return i;
	return -1;
}

static void check_instead(const struct table *table, const char *name)
{
	int i, j;

	for (i = 0; i < table->n_rows; i++)
		for (j = 0; j < table->rows[i].n_instead; j++) {
			const char *other = table->rows[i].instead[j];

			if (table_row(table, other, strlen(other), false) < 0 &&
			    table_row(table, other, strlen(other), true) < 0)
				bad("%s: %s has an else %s, which the table has not",
				    name, table->rows[i].name, other);
		}
}

/* ------------------------------------------------------------ members */

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text ? text : "", &end, 10);
	if (!text || !*text || *end || errno || *text == '-')
		bad_line("expected a number of bytes, not",
			 text ? text : "nothing");
	return value;
}

static void read_place(struct member *member, const char *key, char *rest)
{
	char *next;

	member->place = !strcmp(key, "at")     ? PLACE_AT :
			!strcmp(key, "behind") ? PLACE_BEHIND :
						 PLACE_EVERY;
	if (member->place == PLACE_BEHIND) {
		next = word(&rest);
		if (!next)
			bad_line("behind which structure?", NULL);
		member->behind = keep_text(next, strlen(next));
	}
	next = word(&rest);
	do {
		if (member->n_places == NAMES)
			bad_line("too many places", NULL);
		member->places[member->n_places++] = number(next);
	} while ((next = word(&rest)));
	if (member->place == PLACE_EVERY &&
	    (member->n_places > 1 || !member->places[0]))
		bad_line("every takes one number above 0", NULL);
}

static bool is_place(const char *key)
{
	return !strcmp(key, "at") || !strcmp(key, "behind") ||
	       !strcmp(key, "every");
}

static void read_members(struct table *table, const char *name)
{
	FILE *file = open_table(name);
	const char *of = NULL;
	struct member *member;
	char *rest, *key;

	while ((rest = next_line(file))) {
		if (!strncmp(rest, "struct ", 7)) {
			rest += 7;
			key = word(&rest);
			if (!key || rest)
				bad_line("expected struct NAME", NULL);
			of = keep_text(key, strlen(key));
			continue;
		}
		if (*rest != '\t' || !of)
			bad_line("expected struct NAME or a member of one",
				 rest);
		key = word(&rest);
		if (!key || (strcmp(key, "must") && strcmp(key, "may")))
			bad_line("a member must or may be there, not",
				 key ? key : "nothing");
		table->members = keep_more(table->members, table->n_members,
					   sizeof(*member));
		member = &table->members[table->n_members++];
		member->of = of;
		member->must = !strcmp(key, "must");
		while ((key = word(&rest)) && !is_place(key)) {
			if (!member->name)
				member->name = keep_text(key, strlen(key));
			else if (member->n_paths == NAMES)
				bad_line("too many paths of", member->name);
			else
				member->paths[member->n_paths++] = keep_text(
					key, strlen(key));
		}
		if (!member->name)
			bad_line("no name of a member", NULL);
		if (!member->n_paths)
			member->paths[member->n_paths++] = member->name;
		if (key)
			read_place(member, key, rest);
	}
	if (!table->n_members)
		bad("%s has no member: it is not a table such as runtime/members.tbl",
		    name);
}

void table_read(struct table *table, const char *functions, const char *members)
{
	memset(table, 0, sizeof(*table));
	read_functions(table, functions);
	check_instead(table, functions);
	read_members(table, members);
	reading = NULL;
}
