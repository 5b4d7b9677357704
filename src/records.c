// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * records.c - the records that tools print: their columns, their lines
 *
 * A tool prints lines.  Those that begin with # are about the others:
 *
 *   #records 1 TOOL        first: the version of this format
 *   #columns COLUMN...     the fields of a record, in order
 *   #order KEY...          what a table is sorted by, see set_keys()
 *   #summary TEXT          a line above each table; {COLUMN} is the sum of a column
 *   #since_start COLUMN... a table at the end: the sums of all records with the same values
 *                          in these columns
 *   #lines                 records that come without tables
 *   #table NS              a table begins; the time in ns since 1970
 *   #end                   it is complete
 *   #lost CAUSE=NUMBER...  events that are missing since the start
 *   #ended NS CAUSE        stap ended the tool at that time
 *   #host NAME             in a recording: where it was made; before a table: that of the table
 *   #process FIELD...      in a recording, before the first record of a process: its PID and
 *                          COMMAND as in that, then NAME EXE PARENT UID USER CGROUP, with tabs
 *
 * All others are records: fields with tabs between them.  A column is
 *
 *   [-|?]TITLE[=KEY]:TYPE
 *
 * KEY is its name in JSON, if it is not the title.  "-" hides a column in tables, "?" does so
 * where it has no room.  The types are below; some have several fields.
 *
 * A UNIT_fine_histogram has the columns p50=p50_UNIT:UNIT, p90 and p99 behind it, which are not
 * in the records.  If the next column has this unit, it is the largest number of the histogram.
 *
 * A tool with a pid and a command has the columns in `process_columns`, which are not in the
 * records either, and shown on request.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The fields of types that have several.  The others have one, with the key of the column. */
static const struct field ends_fields[] = { { "local_address", TEXT },
					    { "local_port", NUMBER },
					    { "remote_address", TEXT },
					    { "remote_port", NUMBER },
					    { NULL, TEXT } };
static const struct field remote_fields[] = { { "remote_address", TEXT },
					      { "remote_port", NUMBER },
					      { NULL, TEXT } };
static const struct field local_fields[] = { { "local_address", TEXT },
					     { "local_port", NUMBER },
					     { NULL, TEXT } };
static const struct field kind_fields[] = { { "family", TEXT },
					    { "protocol", TEXT },
					    { NULL, TEXT } };
static const struct field socket_fields[] = {
	{ "family", TEXT },	   { "type", TEXT },
	{ "protocol", TEXT },	   { "local_address", TEXT },
	{ "local_port", NUMBER },  { "remote_address", TEXT },
	{ "remote_port", NUMBER }, { NULL, TEXT }
};
static const struct field open_fields[] = { { "family", TEXT },
					    { "type", TEXT },
					    { "protocol", TEXT },
					    { "local_address", TEXT },
					    { "local_port", NUMBER },
					    { "remote_address", TEXT },
					    { "remote_port", NUMBER },
					    { "inode", NUMBER },
					    { NULL, TEXT } };
static const struct field place_fields[] = {
	{ "local_address", TEXT },  { "local_port", NUMBER },
	{ "remote_address", TEXT }, { "remote_port", NUMBER },
	{ "inode", NUMBER },	    { NULL, TEXT }
};
static const struct field flow_fields[] = { { "local", TEXT },
					    { "remote", TEXT },
					    { NULL, TEXT } };
static const struct field peer_fields[] = { { "peer_pid", NUMBER },
					    { "peer_command", TEXT },
					    { NULL, TEXT } };
static const struct field result_fields[] = { { "bytes", NUMBER },
					      { "error", TEXT },
					      { NULL, TEXT } };
static const struct field option_fields[] = { { "value", SIGNED },
					      { "length", NUMBER },
					      { NULL, TEXT } };

/*
 * The widths are minima of a table, and of a tool that prints lines those on a screen of less
 * than 100 columns, and on a wider one.  0: the rest of the line.
 */
static const struct type types[] = {
	/* name, field, fields, right, narrow, wide */
	{ "pid", NUMBER, NULL, true, 7, 7 },
	{ "number", NUMBER, NULL, true, 5, 5 },
	{ "count", NUMBER, NULL, true, 5, 6 },
	{ "bytes", NUMBER, NULL, true, 7, 8 },
	{ "ns", NUMBER, NULL, true, 6, 6 },
	{ "percent", NUMBER, NULL, true, 4, 4 },
	{ "per_minute", SIGNED, NULL, true, 9, 9 },
	{ "time", NUMBER, NULL, true, 12, 12 },
	{ "command", TEXT, NULL, false, 8, 15 },
	{ "name", TEXT, NULL, false, 4, 8 },
	{ "event", TEXT, NULL, false, 10, 10 },
	{ "error", TEXT, NULL, false, 8, 13 },
	{ "text", TEXT, NULL, false, 0, 0 },
	{ "ns_histogram", BUCKETS, NULL, false, 0, 0 },
	{ "bytes_histogram", BUCKETS, NULL, false, 0, 0 },
	{ "ns_fine_histogram", BUCKETS, NULL, false, 0, 0 },
	{ "bytes_fine_histogram", BUCKETS, NULL, false, 0, 0 },
	{ "kind", TEXT, kind_fields, false, 6, 6 },
	{ "result", TEXT, result_fields, true, 8, 15 },
	{ "peer", TEXT, peer_fields, false, 15, 20 },
	{ "option_value", TEXT, option_fields, true, 11, 12 },
	{ "local", TEXT, local_fields, false, 0, 0 },
	{ "remote", TEXT, remote_fields, false, 0, 0 },
	{ "ends", TEXT, ends_fields, false, 0, 0 },
	{ "flow", TEXT, flow_fields, false, 0, 0 },
	{ "socket", TEXT, socket_fields, false, 0, 0 },
	{ "open", TEXT, open_fields, false, 0, 0 },
	{ "place", TEXT, place_fields, false, 0, 0 },
};

bool is_known(const char *field)
{
	return field && *field && strcmp(field, "-") != 0;
}

bool is_type(const struct column *c, const char *name)
{
	return !strcmp(c->type->name, name);
}

static const struct type *type_of(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(types); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

static void add_field(struct columns *all, const char *key,
		      enum field_kind kind)
{
	all->fields = reallocarray(all->fields, all->n_fields + 1,
				   sizeof(*all->fields));
	if (!all->fields)
		die("no memory");
	all->fields[all->n_fields++] = (struct field){ text("%s", key), kind };
}

static const int percents[] = { 50, 90, 99 };

/* The unit of a fine histogram, or NULL. */
static const struct type *fine_unit(const struct column *c)
{
	return is_type(c, "ns_fine_histogram")	  ? type_of("ns") :
	       is_type(c, "bytes_fine_histogram") ? type_of("bytes") :
						    NULL;
}

bool has_percentiles(const struct column *c)
{
	return c->type->kind == BUCKETS && fine_unit(c);
}

const struct column *most_of(const struct columns *all, const struct column *c)
{
	const struct column *end = all->at + all->n;

	for (c++; c < end && c->percent;)
		c++;
	return c < end && c->is_most ? c : NULL;
}

/* The columns behind a fine histogram. */
static void add_percentiles(struct columns *all, const struct type *unit)
{
	size_t i;

	for (i = 0; i < LENGTH(percents); i++)
		all->at[all->n++] = (struct column){
			.title = text("p%d", percents[i]),
			.key = text("p%d_%s", percents[i], unit->name),
			.type = unit,
			.percent = percents[i],
		};
}

/* Their fields are behind those of the lines. */
static void add_percentile_fields(struct columns *all)
{
	struct column *c;

	all->n_read = all->n_fields;
	for (c = all->at; c < all->at + all->n; c++) {
		c->is_most = c > all->at && c[-1].percent && !c->percent &&
			     c->type == c[-1].type;
		if (!c->percent)
			continue;
		c->first = all->n_fields;
		c->fields = 1;
		add_field(all, c->key, NUMBER);
	}
}

static const struct {
	const char *title, *key, *type;
	int longest; /* if it has an end */
} process_columns[FACTS] = {
	[EXE] = { "exe", "exe", "text" },
	[PARENT] = { "parent", "parent_pid", "pid" },
	[UID] = { "uid", "uid", "number" },
	[USER] = { "user", "user", "name" },
	[CGROUP] = { "cgroup", "cgroup", "text" },
	[UNIT] = { "unit", "unit", "text" },
	[CONTAINER] = { "container", "container", "text", 12 },
	[POD] = { "pod", "pod", "text", 36 },
};

static void add_process_columns(struct columns *all)
{
	const struct column *command = find_column(all, "command");
	size_t i;

	if (!command || !is_type(command, "command") ||
	    !find_column(all, "pid"))
		return;
	all->command = command->first;
	all->facts = all->n_fields;
	for (i = 0; i < FACTS; i++) {
		const char *key = process_columns[i].key;
		struct column *c = &all->at[all->n];

		if (!key || find_column(all, key)) {
			add_field(all, "", TEXT);
			continue;
		}
		c->title = process_columns[i].title;
		c->key = key;
		c->type = type_of(process_columns[i].type);
		c->first = all->n_fields;
		c->fields = 1;
		c->of_process = true;
		c->longest = process_columns[i].longest;
		add_field(all, key, c->type->kind);
		all->n++;
	}
}

#define COLUMN_CHARACTERS "abcdefghijklmnopqrstuvwxyz_0123456789"

bool parse_columns(const char *words, struct columns *all)
{
	struct list l = words_of(words, " ");
	size_t i;

	*all = (struct columns){ 0 };
	all->at = calloc(l.n * (1 + LENGTH(percents)) + FACTS + 1,
			 sizeof(*all->at));
	if (!all->at)
		die("no memory");
	for (i = 0; i < l.n; i++) {
		struct column *c = &all->at[all->n++];
		char *word = l.at[i], *colon, *equal;
		const struct field *f;

		c->hidden = *word == '-';
		c->optional = *word == '?';
		word += c->hidden || c->optional;
		colon = strchr(word, ':');
		c->type = colon ? type_of(colon + 1) : NULL;
		if (!c->type || strspn(word, COLUMN_CHARACTERS "=") !=
					(size_t)(colon - word)) {
			all->n = 0; /* none of them */
			return false;
		}
		*colon = '\0';
		equal = strchr(word, '=');
		c->key = equal ? equal + 1 : word;
		if (equal)
			*equal = '\0';
		if (!*c->key || c->key[strspn(c->key, COLUMN_CHARACTERS)] ||
		    !*word) {
			all->n = 0;
			return false;
		}
		c->title = word;
		c->first = all->n_fields;
		if (c->type->fields)
			for (f = c->type->fields; f->key; f++)
				add_field(all, f->key, f->kind);
		else
			add_field(all, c->key, c->type->kind);
		c->fields = all->n_fields - c->first;
		if (has_percentiles(c))
			add_percentiles(all, fine_unit(c));
	}
	add_percentile_fields(all);
	add_process_columns(all);
	return all->n > 0;
}

struct column *find_column(const struct columns *all, const char *name)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!strcasecmp(all->at[i].title, name) ||
		    !strcasecmp(all->at[i].key, name))
			return &all->at[i];
	return NULL;
}

struct list column_titles(const struct columns *all)
{
	struct list l = { 0 };
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->at[i].type->kind != BUCKETS)
			add(&l, all->at[i].title);
	return l;
}

const char *field_of(const struct columns *all, char *const *record,
		     const char *key)
{
	size_t i;

	for (i = 0; i < all->n_fields; i++)
		if (!strcmp(all->fields[i].key, key))
			return record[i];
	return NULL;
}

/* A terminal may obey other bytes. */
void make_printable(char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			*s = '?';
}

/* FROM:COUNT,FROM:COUNT,... */
static bool are_buckets(const char *s)
{
	const char *from;
	size_t n;

	for (;; s = from + n + 1) {
		n = strspn(s, "0123456789");
		from = s + n + 1;
		if (!n || n > 18 || s[n] != ':')
			return false;
		n = strspn(from, "0123456789");
		if (!n || n > 18 || (from[n] && from[n] != ','))
			return false;
		if (!from[n])
			return true;
	}
}

#define DIGITS 24

static char unknown[] = "-";

/* Sets the percentiles of a record; there is room for their digits. */
static void set_percentiles(const struct columns *all, char **record,
			    char *digits)
{
	const struct column *c, *p, *most, *end = all->at + all->n;
	static struct histogram h;
	int64_t largest;

	for (c = all->at; c < end; c++) {
		if (!has_percentiles(c))
			continue;
		memset(&h, 0, sizeof(h));
		add_buckets(&h, record[c->first]);
		most = most_of(all, c);
		largest = most ? number_in(record[most->first]) : -1;
		for (p = c + 1; p < end && p->percent; p++, digits += DIGITS) {
			record[p->first] = digits;
			snprintf(digits, DIGITS, "%" PRId64,
				 percentile(&h, p->percent, largest));
		}
	}
}

char **split_record(const struct columns *all, const char *line, size_t length)
{
	char **record, *s;
	size_t i = 0, tabs = 0;

	for (i = 0; i < length; i++)
		tabs += line[i] == '\t';
	if (!all->n_read || tabs + 1 != all->n_read ||
	    memchr(line, '\0', length))
		return NULL;
	/* The pointers, then the text, then the percentiles. */
	record = malloc(all->n_fields * sizeof(*record) + length + 1 +
			(all->n_fields - all->n_read) * DIGITS);
	if (!record)
		die("no memory");
	s = (char *)(record + all->n_fields);
	memcpy(s, line, length);
	s[length] = '\0';
	for (i = 0; i < all->n_read; i++) {
		record[i] = s;
		s = strchrnul(s, '\t');
		if (*s)
			*s++ = '\0';
		make_printable(record[i]);
	}
	for (i = 0; i < all->n_read; i++) {
		enum field_kind kind = all->fields[i].kind;

		if (is_known(record[i]) &&
		    ((kind <= SIGNED && !is_number(record[i])) ||
		     (kind == BUCKETS && !are_buckets(record[i])))) {
			free(record);
			return NULL;
		}
	}
	set_percentiles(all, record,
			(char *)(record + all->n_fields) + length + 1);
	for (i = 0; all->facts && i < FACTS; i++)
		record[all->facts + i] = unknown;
	return record;
}

char **with_facts(const struct columns *all, char **record,
		  const struct process *p)
{
	size_t i, n, size = all->n_fields * sizeof(*record);
	char **moved, *s;

	for (i = 0; i < FACTS; i++)
		if (p->fact[i])
			record[all->facts + i] = p->fact[i];
	for (i = 0; i < all->n_fields; i++)
		size += strlen(record[i]) + 1;
	moved = malloc(size);
	if (!moved)
		die("no memory");
	s = (char *)(moved + all->n_fields);
	for (i = 0; i < all->n_fields; i++) {
		n = strlen(record[i]) + 1;
		moved[i] = memcpy(s, record[i], n);
		s += n;
	}
	free(record);
	return moved;
}

const char *shown_field(const struct columns *all, char *const *record,
			size_t i)
{
	return all->facts && i == all->command &&
			       is_known(record[all->facts + FULL_NAME]) ?
		       record[all->facts + FULL_NAME] :
		       record[i];
}

/* As many digits as the ns since 1970 have until 2286. */
#define TIME_DIGITS 19

/*
 * If stap has no room for its output, it leaves out the end of one line, and the next follows
 * at once.  A time of which the length is known shows where that begins.
 */
char **split_last_record(const struct columns *all, const char *line,
			 size_t length)
{
	const char *at = line + length;
	size_t tabs = 0;

	if (!all->n || !is_type(&all->at[0], "time"))
		return NULL;
	while (at > line && tabs < all->n_read)
		tabs += *--at == '\t';
	/* At the tab before the first field, or at the beginning of the line. */
	at += tabs == all->n_read;
	at = memchr(at, '\t', (size_t)(line + length - at));
	if (!at || at - line < TIME_DIGITS)
		return NULL;
	at -= TIME_DIGITS;
	return split_record(all, at, (size_t)(line + length - at));
}

bool is_number(const char *s)
{
	const char *digits = s + (*s == '-');

	if (!*digits || digits[strspn(digits, "0123456789")] ||
	    (*digits == '0' && digits[1]))
		return false;
	errno = 0;
	strtoll(s, NULL, 10);
	return !errno;
}

int64_t number_in(const char *field)
{
	return field && is_number(field) ? strtoll(field, NULL, 10) : 0;
}

bool is_set(const struct field *f, const char *value)
{
	return is_known(value) && (f->kind != NUMBER || *value != '-');
}
