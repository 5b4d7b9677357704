// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * draw.c - draws the records of a tool: tables, lines, JSON, CSV
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A cell of a table: two addresses of UNIX sockets, escaped. */
#define CELL 1024
#define KEYS 4
#define SINCE 4
#define SCHEMA 1
/* So many sums since the start fit into some 30 MB. */
#define MOST_GROUPS 65536

struct row {
	char **record;
	int64_t key[KEYS]; /* to sort by; or by the text */
	char *text;
	size_t at;
};

/* A complete table, for the live screen. */
struct kept {
	struct row *rows;
	size_t n;
	int64_t time;
	char *losses;
};

/* A table of sums since the start. */
struct since {
	struct list by;
	void *groups;	/* a tree of struct group */
	size_t n, left; /* how many; records without a group */
};

struct group {
	char *key;
	char **record;
	int64_t *sum;
};

struct drawing {
	const struct look *look;
	const char *name;
	bool strict;	      /* refuses all that are not records */
	bool mixed;	      /* with the output of a command */
	bool begun, in_table; /* after #records; between #table and #end */
	bool headed;
	bool lines; /* records come without tables */
	int width;
	char *tool, *order, *summary, *losses, *ended;
	char *host; /* that of the table, in a merge */
	struct columns all;
	struct since since[SINCE];
	size_t n_since;
	int64_t now; /* the latest time of a record or a table */
	struct row *rows;
	size_t n_rows, room;
	size_t n_lines, damaged;
	char *first_damaged;   /* where that is, and what */
	FILE *out;	       /* for sums and losses */
	struct list *lines_to; /* instead of the output, or NULL */
	struct live *live;     /* the screen that shows the tables, or NULL */
	struct processes processes;
	bool wants_processes; /* their columns are shown, sorted or filtered by */
	bool unanswered;      /* wants them, and the recording has none */
	FILE *record;	      /* or NULL */
};

/* ---------------------------------------------------------------- losses */

static const struct {
	const char *cause, *remedy;
} losses[] = {
	{ "reentrant", "within another probe (-DINTERRUPTIBLE=0)" },
	{ "instances", "returns not followed (-DSOCKET_RETURNS)" },
	{ "skipped", "skipped by stap" },
	{ "calls", "calls not followed (-DSOCKET_FRAMES)" },
	{ "connects", "connects not followed (-DSOCKET_CONNECTS)" },
	{ "lines", "without a line (-DSOCKET_TALLIES)" },
	{ "notes", "without a note (-DSOCKET_NOTES)" },
	{ "buckets", "without a row (-DSOCKET_BUCKETS)" },
	{ "output", "printed in vain (--buffer; stap: -s)" },
};

/* CAUSE=NUMBER in a list of them, or "0". */
static const char *lost(const struct list *l, const char *cause)
{
	size_t i, n = strlen(cause);

	for (i = 0; i < l->n; i++)
		if (begins(l->at[i], cause) && l->at[i][n] == '=' &&
		    is_number(l->at[i] + n + 1))
			return l->at[i] + n + 1;
	return "0";
}

static int64_t now(const struct drawing *d)
{
	struct timespec t;

	if (d->now)
		return d->now;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void print_json_text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('"');
}

static void open_object(const struct drawing *d)
{
	printf("{\"schema\":%d,\"time_ns\":%" PRId64, SCHEMA, now(d));
}

/* The host of an object that is not a record, if this is a merge; null for all hosts. */
static void print_json_host(const struct drawing *d)
{
	if (!find_column(&d->all, HOST))
		return;
	printf(",\"" HOST "\":");
	if (d->host)
		print_json_text(d->host);
	else
		printf("null");
}

static void print_losses(const struct drawing *d, const char *words)
{
	struct list l = words_of(words, " ");
	const char *between = "";
	size_t i;

	if (d->look->csv)
		return;
	if (d->look->json) {
		open_object(d);
		print_json_host(d);
	} else {
		fputs("lost since the start: ", d->out);
	}
	for (i = 0; i < LENGTH(losses); i++) {
		const char *n = lost(&l, losses[i].cause);

		if (d->look->json) {
			printf(",\"lost_%s\":%s", losses[i].cause, n);
		} else if (strcmp(n, "0") != 0) {
			fprintf(d->out, "%s%s %s", between, n,
				losses[i].remedy);
			between = ", ";
		}
	}
	fputs(d->look->json ? "}\n" : "\n", d->out);
	free_list(&l);
}

/* "NS CAUSE" */
static void print_ended(const struct drawing *d, const char *words)
{
	bool guard = strstr(words, " overload");
	int64_t ns = strtoll(words, NULL, 10);
	char clock[32];

	if (d->look->csv)
		return;
	if (d->look->json) {
		open_object(d);
		print_json_host(d);
		printf(",\"ended_ns\":%" PRId64 ",\"ended_by\":\"%s\"}\n", ns,
		       guard ? "overload guard" : "error");
		return;
	}
	format_clock(clock, sizeof(clock), ns, false);
	printf("ended by %s: nothing after %s is counted\n",
	       guard ? "stap's overload guard (filters help)" : "an error",
	       clock);
}

/* ---------------------------------------------------------------- cells */

/* A port as it is shown: as a service, if that is asked for and its protocol has it. */
static const char *port_of(const struct drawing *d, char *const *record,
			   const char *port)
{
	const char *family = field_of(&d->all, record, "family");
	const char *protocol = field_of(&d->all, record, "protocol");
	const char *service = NULL;

	if (d->look->names && is_known(port) && is_number(port) &&
	    (!is_known(family) || begins(family, "INET")))
		service = service_of(is_known(protocol) ? protocol : NULL,
				     number_in(port));
	return service ? service : port;
}

/* An end of a socket: its address and its port. */
static void end_of(const struct drawing *d, char *const *record, char *out,
		   const char *address, const char *port)
{
	format_endpoint(out, CELL, field_of(&d->all, record, address),
			port_of(d, record, field_of(&d->all, record, port)));
}

/* The same of text that has both. */
static void end_in(const struct drawing *d, char *const *record, char *out,
		   const char *end)
{
	const char *address, *port;
	unsigned char bytes[16];
	size_t length;

	split_endpoint(end, &address, &length, &port);
	if (!is_known(end))
		strcpy(out, "-");
	else if (*port && read_address(address, length, bytes))
		snprintf(out, CELL, "%.*s%s", (int)(port - end), end,
			 port_of(d, record, port));
	else
		snprintf(out, CELL, "%s", end);
}

static const char *family_of(const struct drawing *d, char *const *record)
{
	const char *family = field_of(&d->all, record, "family");

	return is_known(family) ? family : "-";
}

/* The protocol, or the family if that has none; TCP6 is TCP over IPv6. */
static void format_kind(const struct drawing *d, char *const *record, char *out,
			size_t size)
{
	const char *family = family_of(d, record);
	const char *protocol = field_of(&d->all, record, "protocol");
	bool six = !strcmp(family, "INET6");

	if (!is_known(protocol))
		snprintf(out, size, "%s", family);
	else
		snprintf(out, size, "%s%s", protocol,
			 !six || !strcmp(protocol, "ICMPV6") ? "" :
			 is_number(protocol)		     ? "/6" :
							       "6");
}

/* Both ends of a socket, or for one without addresses its kind and its inode number. */
static void format_socket(const struct drawing *d, char *const *record,
			  char *out, size_t room, bool is_place)
{
	const char *type = field_of(&d->all, record, "type");
	const char *protocol = field_of(&d->all, record, "protocol");
	const char *inode = field_of(&d->all, record, "inode");
	const char *detail = field_of(&d->all, record, "detail");
	char local[CELL], remote[CELL];
	size_t n = 0;

	if (is_known(detail)) {
		n = (size_t)snprintf(out, CELL / 2, "%s ", detail);
		n = n < CELL / 2 ? n : CELL / 2 - 1;
		room = room > n ? room - n : 0;
	}
	end_of(d, record, local, "local_address", "local_port");
	end_of(d, record, remote, "remote_address", "remote_port");
	if (is_known(local) || is_known(remote)) {
		format_ends(out + n, CELL - n, local, remote, room);
	} else {
		bool has_inode = is_known(inode) && *inode != '-' &&
				 *inode != '0';
		size_t digits = has_inode ? strlen(inode) + 1 : 0;

		snprintf(out + n, CELL - n, "%s %s%s%s", family_of(d, record),
			 is_known(type) ? type : "-",
			 is_known(protocol) ? " " : "",
			 is_known(protocol) ? protocol : "");
		/* It may be closed by now. */
		if (is_place && !has_inode)
			strcpy(out + n, "-");
		else if (strlen(out + n) + digits > room)
			format_kind(d, record, out + n, CELL - n);
		if (has_inode) {
			size_t at = strlen(out);

			snprintf(out + at, CELL - at, " %s", inode);
		}
	}
	/* A detail says more than a socket of which little is left. */
	if (n && room < 14 && strlen(out + n) > room)
		out[n - 1] = '\0';
	else if (n)
		shorten(out + n, room);
}

static void format_number(char *out, const struct column *c, int64_t number,
			  bool exact)
{
	if (is_type(c, "count"))
		format_count(out, CELL, number, exact);
	else if (is_type(c, "bytes"))
		format_bytes(out, CELL, number, exact);
	else if (is_type(c, "ns"))
		format_duration(out, CELL, number, exact);
	else if (is_type(c, "time"))
		format_clock(out, CELL, number, true);
	else if (is_type(c, "percent"))
		snprintf(out, CELL, "%" PRId64 "%%", number);
	else if (is_type(c, "per_minute")) {
		strcpy(out, number < 0 ? "-" : "+");
		format_count(out + 1, CELL - 1,
			     number < 0 && number != INT64_MIN ? -number :
								 number,
			     exact);
		strcat(out, "/min");
	} else
		snprintf(out, CELL, "%" PRId64, number);
}

/* The text of a column; `room` matters to those that can be shortened. */
static void format_cell(const struct drawing *d, const struct column *c,
			char *const *record, char *out, size_t room)
{
	char *const *field = record + c->first;
	bool exact = d->look->exact;
	char local[CELL], remote[CELL];

	if (is_type(c, "kind")) {
		format_kind(d, record, out, CELL);
	} else if (is_type(c, "socket") || is_type(c, "open") ||
		   is_type(c, "place")) {
		format_socket(d, record, out, room, is_type(c, "place"));
	} else if (is_type(c, "ends")) {
		end_of(d, record, local, "local_address", "local_port");
		end_of(d, record, remote, "remote_address", "remote_port");
		format_ends(out, CELL, local, remote, room);
	} else if (is_type(c, "flow")) {
		end_in(d, record, local, field[0]);
		end_in(d, record, remote, field[1]);
		format_ends(out, CELL, local, remote, room);
	} else if (is_type(c, "local") || is_type(c, "remote")) {
		format_endpoint(out, CELL, field[0],
				port_of(d, record, field[1]));
	} else if (is_type(c, "result")) {
		if (is_known(field[1]))
			snprintf(out, CELL, "%s", field[1]);
		else if (is_known(field[0]) && *field[0] != '-')
			format_bytes(out, CELL, number_in(field[0]), exact);
		else
			strcpy(out, "-");
	} else if (is_type(c, "peer")) {
		if (is_known(field[0]) && *field[0] != '-')
			snprintf(out, CELL, "%s %s", field[0], field[1]);
		else
			strcpy(out, "-");
	} else if (is_type(c, "option_value")) {
		if (is_known(field[0]))
			snprintf(out, CELL, "%s", field[0]);
		else
			snprintf(out, CELL, "%s bytes", field[1]);
	} else if (!is_set(&d->all.fields[c->first], field[0])) {
		strcpy(out, "-");
	} else if (is_type(c, "number") && !strcmp(c->key, "port")) {
		snprintf(out, CELL, "%s", port_of(d, record, field[0]));
	} else if (d->look->names && c->of_process && !strcmp(c->key, "uid") &&
		   is_known(record[d->all.facts + USER])) {
		snprintf(out, CELL, "%s", record[d->all.facts + USER]);
	} else if (c->type->kind <= SIGNED) {
		format_number(out, c, number_in(field[0]), exact);
	} else {
		snprintf(out, CELL, "%s",
			 shown_field(&d->all, record, c->first));
	}
}

/* ---------------------------------------------------------------- JSON and CSV */

static void print_json_buckets(const struct column *c, const char *buckets)
{
	struct powers p = powers_of(buckets);
	const char *between = "";
	int i;

	printf(",\"buckets\":[");
	for (i = p.first; i < p.past; i++) {
		printf("%s{\"from_%.*s\":%" PRId64 ",\"count\":%" PRIu64 "}",
		       between, (int)strcspn(c->type->name, "_"), c->type->name,
		       power_from(i), p.count[i]);
		between = ",";
	}
	putchar(']');
}

static void print_json_column(const struct drawing *d, const struct column *c,
			      char *const *record)
{
	size_t i;

	for (i = c->first; i < c->first + c->fields; i++) {
		const struct field *f = &d->all.fields[i];

		if (f->kind == BUCKETS) {
			print_json_buckets(c, record[i]);
			continue;
		}
		if (!strcmp(f->key, "time_ns"))
			continue; /* it is there already */
		printf(",\"%s\":", f->key);
		if (!is_set(f, record[i]))
			printf("null");
		else if (f->kind == TEXT)
			print_json_text(shown_field(&d->all, record, i));
		else
			printf("%s", record[i]);
	}
}

/* The columns that are drawn: ends with NULL, to be freed. */
static struct column **shown_columns(const struct drawing *d, bool every)
{
	struct column **shown = calloc(2 * d->all.n + 1, sizeof(*shown));
	struct list l;
	size_t i, n = 0;

	if (!shown)
		die("no memory");
	if (d->look->columns) {
		l = words_of(d->look->columns, ",");
		for (i = 0; i < l.n && n < 2 * d->all.n; i++) {
			shown[n] = find_column(&d->all, l.at[i]);
			n += shown[n] != NULL;
		}
		free_list(&l);
		return shown;
	}
	for (i = 0; i < d->all.n; i++)
		if (!d->all.at[i].of_process &&
		    (every || (!d->all.at[i].hidden &&
			       d->all.at[i].type->kind != BUCKETS)))
			shown[n++] = &d->all.at[i];
	return shown;
}

/* `table` is the word for a kind of record, where a tool has several; or NULL. */
static void print_json(const struct drawing *d, struct column *const *shown,
		       char *const *record, const char *table)
{
	open_object(d);
	if (table)
		printf(",\"table\":\"%s\"", table);
	for (; *shown; shown++)
		print_json_column(d, *shown, record);
	puts("}");
}

static void print_csv_word(const char *between, const char *s)
{
	bool quotes = s[strcspn(s, "\",")] != '\0';

	printf("%s%s", between, quotes ? "\"" : "");
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	printf("%s", quotes ? "\"" : "");
}

/* RFC 4180, with the keys of JSON; what is unset is empty. */
static void print_csv(struct drawing *d, struct column *const *shown,
		      char *const *record)
{
	struct column *const *c;
	size_t i;

	if (!d->headed && !d->look->no_header) {
		printf("time_ns");
		for (c = shown; *c; c++)
			for (i = (*c)->first; i < (*c)->first + (*c)->fields;
			     i++)
				if (strcmp(d->all.fields[i].key, "time_ns") !=
				    0)
					print_csv_word(",",
						       d->all.fields[i].key);
		fputs("\r\n", stdout);
	}
	d->headed = true;
	if (!record)
		return;
	printf("%" PRId64, now(d));
	for (c = shown; *c; c++)
		for (i = (*c)->first; i < (*c)->first + (*c)->fields; i++)
			if (strcmp(d->all.fields[i].key, "time_ns") != 0)
				print_csv_word(
					",",
					is_set(&d->all.fields[i], record[i]) ?
						shown_field(&d->all, record,
							    i) :
						"");
	fputs("\r\n", stdout);
}

/* ---------------------------------------------------------------- tables */

static bool has_own_time(const struct drawing *d)
{
	const struct column *c = find_column(&d->all, "time_ns");

	return c && !c->hidden;
}

/* The screen may change its size. */
static void measure_again(struct drawing *d)
{
	if (!d->look->width)
		measure();
	d->width = d->look->width ? d->look->width : screen;
}

static int width(const struct drawing *d)
{
	return d->width - (d->look->timestamps && !has_own_time(d) ? 9 : 0);
}

/* A line of a table, with the time where that is asked for. */
static void print_line(const struct drawing *d, const char *line, bool heading)
{
	size_t n = strlen(line);
	char clock[32];

	while (n && line[n - 1] == ' ')
		n--;
	if (d->lines_to) {
		append(d->lines_to, text("%.*s", (int)n, line));
		return;
	}
	if (d->look->timestamps && !has_own_time(d)) {
		format_clock(clock, sizeof(clock), now(d), false);
		printf("%-8s ", heading ? "" : clock);
	}
	if (heading && d->look->color)
		printf("\033[1m%.*s\033[0m\n", (int)n, line);
	else
		printf("%.*s\n", (int)n, line);
}

static void print_histogram(const struct drawing *d, const struct column *c,
			    const char *buckets)
{
	static const char bar[] =
		"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
		"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
		"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"
		"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	int room = width(d) - 29, n;
	struct powers p = powers_of(buckets);
	int64_t count, most = 0;
	char number[CELL], smallest[CELL], line[CELL];
	int i;

	room = room<1 ? 1 : room>(int) strlen(bar) ? (int)strlen(bar) : room;
	for (i = p.first; i < p.past; i++)
		most = (int64_t)p.count[i] > most ? (int64_t)p.count[i] : most;
	for (i = p.first; i < p.past; i++) {
		count = (int64_t)p.count[i];
		n = most ? (int)((double)count * room / (double)most) : 0;
		n = count && !n ? 1 : n > room ? room : n;
		format_count(number, sizeof(number), count, d->look->exact);
		if (begins(c->type->name, "ns"))
			format_duration(smallest, sizeof(smallest),
					power_from(i), d->look->exact);
		else
			format_bytes(smallest, sizeof(smallest), power_from(i),
				     d->look->exact);
		snprintf(line, sizeof(line), "%15.30s%-2s %9.30s |%.*s",
			 smallest, i > 1 ? ".." : "", number, n, bar);
		print_line(d, line, false);
	}
}

/* The width of a column in lines that are printed one by one. */
static int line_width(const struct drawing *d, const struct column *c)
{
	int w = width(d) < 100 ? c->type->narrow : c->type->wide;
	int title = (int)strlen(c->title);

	if (!w)
		return 0;
	if (d->look->exact &&
	    (is_type(c, "ns") || is_type(c, "bytes") || is_type(c, "count")))
		w = is_type(c, "ns") ? 12 : 10;
	return title > w ? title : w;
}

struct table {
	struct column **shown;
	size_t n, stride, n_rows;
	bool one_by_one;
	char **cell;
	int *width, *room;
};

static void set_cell(struct table *t, size_t row, size_t i, const char *s,
		     bool widens)
{
	t->cell[row * t->stride + i] = text("%s", s);
	if (widens && t->width[i] < (int)strlen(s))
		t->width[i] = (int)strlen(s);
}

/* Two ends of IPv4; a column is not cut below LEAST. */
#define BOTH_ENDS 45
#define LEAST 8

/* The columns without a width of their own share so much of a line. */
static int rest_of_line(const struct drawing *d, const struct table *t)
{
	int left = width(d);
	size_t i;

	for (i = 0; i < t->n; i++)
		left -= (t->shown[i]->type->narrow ? t->width[i] : 0) + (i > 0);
	return left;
}

/* The longest cell of a column; the lines that come later are not known. */
static int longest(const struct drawing *d, const struct table *t,
		   const struct column *c, const struct row *rows)
{
	int most = 0, length;
	char cell[CELL];
	size_t row;

	for (row = 0; row < t->n_rows; row++) {
		format_cell(d, c, rows[row].record, cell, CELL);
		length = (int)strlen(cell);
		most = length > most ? length : most;
	}
	return !t->one_by_one ? most : c->longest ? c->longest : CELL;
}

/*
 * Gives columns, texts or the others, equal parts of what is left, but not more than they need:
 * those that need least are served first.
 */
static int share(const struct drawing *d, struct table *t,
		 const struct row *rows, bool texts, int left)
{
	int need[t->n], n = 0, least;
	size_t i, next;

	for (i = 0; i < t->n; i++) {
		need[i] = -1;
		if (t->shown[i]->type->narrow ||
		    is_type(t->shown[i], "text") != texts)
			continue;
		need[i] = longest(d, t, t->shown[i], rows);
		n++;
	}
	for (; n; n--) {
		for (i = 0, next = 0, least = INT_MAX; i < t->n; i++)
			if (need[i] >= 0 && need[i] < least)
				least = need[next = i];
		need[next] = -1;
		t->room[next] = left / n < least ? left / n : least;
		if (t->room[next] < LEAST)
			t->room[next] = LEAST;
		left -= t->room[next];
	}
	return left;
}

/*
 * Sets the room of columns without a width of their own.  Texts, such as paths, give way to
 * addresses until those have room for two of IPv4.  In lines they get at most half: later lines
 * are not known.
 */
static void share_rest(const struct drawing *d, struct table *t,
		       const struct row *rows)
{
	int left = rest_of_line(d, t), texts = 0, addresses = 0, most;
	size_t i;

	for (i = 0; i < t->n; i++) {
		texts += is_type(t->shown[i], "text");
		addresses += !t->shown[i]->type->narrow &&
			     !is_type(t->shown[i], "text");
	}
	if (texts && addresses) {
		most = left - addresses * BOTH_ENDS;
		if (t->one_by_one && most > left / 2)
			most = left / 2;
		left -= most - share(d, t, rows, true, most);
	} else if (texts) {
		share(d, t, rows, true, left);
	}
	if (addresses)
		share(d, t, rows, false, left);
	/* The last one may end anywhere. */
	if (t->n && t->room[t->n - 1] && texts + addresses == 1)
		t->room[t->n - 1] = left > LEAST ? left : LEAST;
}

static char *heading_of(const struct column *c)
{
	char *s = text("%s", c->title), *at;

	for (at = s; *at; at++)
		*at = *at == '_' && is_type(c, "place") ? ' ' :
		      *at >= 'a' && *at <= 'z'		? *at - 'a' + 'A' :
							  *at;
	return s;
}

/*
 * Words give way to numbers if a table is wider than the screen: the widest first, down to its
 * title.
 */
static void fit(const struct drawing *d, struct table *t)
{
	size_t i, widest;
	int left;

	do {
		left = width(d);
		widest = t->n;
		for (i = 0; i < t->n; i++) {
			bool has_width = t->shown[i]->type->narrow;

			left -= (has_width ? t->width[i] : t->room[i]) +
				(i > 0);
			if (has_width && t->shown[i]->type->kind == TEXT &&
			    t->width[i] > (int)strlen(t->shown[i]->title) &&
			    t->width[i] > 5 &&
			    (widest == t->n || t->width[i] >= t->width[widest]))
				widest = i;
		}
		if (left < 0 && widest < t->n)
			t->width[widest]--;
	} while (left < 0 && widest < t->n);
}

/* Prints a line of cells, or of headings if `cell` is NULL. */
static void print_cells(const struct drawing *d, const struct table *t,
			char *const *cell)
{
	char *line, *heading;
	size_t i, size;
	FILE *f = open_memstream(&line, &size);

	for (i = 0; f && i < t->n; i++) {
		const struct type *type = t->shown[i]->type;
		int w = t->width[i], most = type->kind == TEXT ? w : CELL;

		heading = cell ? NULL : heading_of(t->shown[i]);
		fprintf(f, "%s%*.*s", i ? " " : "", type->right ? w : -w,
			cell && type->narrow ? most : CELL,
			cell ? cell[i] : heading);
		free(heading);
	}
	if (!f || fclose(f))
		die("no memory");
	print_line(d, line, !cell);
	free(line);
}

static const struct column *histogram_of(const struct drawing *d)
{
	size_t i;

	for (i = 0; i < d->all.n; i++)
		if (d->all.at[i].type->kind == BUCKETS)
			return &d->all.at[i];
	return NULL;
}

/* Prints rows below a heading; or a row of lines that are printed one by one. */
static void print_rows(const struct drawing *d, struct column **shown,
		       const struct row *rows, size_t n, bool one_by_one)
{
	const struct column *histogram = one_by_one || d->lines_to ?
						 NULL :
						 histogram_of(d);
	struct table t = { .shown = shown,
			   .n_rows = n,
			   .one_by_one = one_by_one };
	char cell[CELL];
	size_t i, row;

	while (shown[t.n])
		t.n++;
	t.stride = t.n;
	t.cell = calloc(t.n * n + 1, sizeof(*t.cell));
	t.width = calloc(t.n + 1, sizeof(*t.width));
	t.room = calloc(t.n + 1, sizeof(*t.room));
	if (!t.cell || !t.width || !t.room)
		die("no memory");
	for (i = 0; i < t.n; i++) {
		t.width[i] = one_by_one ? line_width(d, shown[i]) :
					  shown[i]->type->narrow;
		if ((shown[i]->type->narrow || shown[i + 1]) &&
		    t.width[i] < (int)strlen(shown[i]->title))
			t.width[i] = (int)strlen(shown[i]->title);
	}
	for (i = 0; i < t.n; i++) {
		for (row = 0; row < n && shown[i]->type->narrow; row++) {
			format_cell(d, shown[i], rows[row].record, cell, CELL);
			set_cell(&t, row, i, cell, !one_by_one);
		}
	}
	/* An optional column needs room for two addresses of IPv4. */
	if (t.n && shown[t.n - 1]->optional && !d->look->columns &&
	    rest_of_line(d, &t) < 27)
		t.n--;
	share_rest(d, &t, rows);
	fit(d, &t);
	for (i = 0; i < t.n; i++) {
		if (shown[i]->type->narrow)
			continue;
		if (one_by_one && i + 1 < t.n)
			t.width[i] = t.room[i];
		for (row = 0; row < n; row++) {
			format_cell(d, shown[i], rows[row].record, cell,
				    (size_t)t.room[i]);
			shorten(cell, (size_t)t.room[i]);
			set_cell(&t, row, i, cell, i + 1 < t.n);
		}
	}
	if (!d->look->no_header && !(one_by_one && n))
		print_cells(d, &t, NULL);
	for (row = 0; row < n; row++) {
		print_cells(d, &t, t.cell + row * t.stride);
		if (histogram)
			print_histogram(d, histogram,
					rows[row].record[histogram->first]);
	}
	for (i = 0; i < t.stride * n; i++)
		free(t.cell[i]);
	free(t.cell);
	free(t.width);
	free(t.room);
}

/* ---------------------------------------------------------------- order */

/* Wraps around where numbers are not those of a tool. */
static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* KEY+KEY,KEY: the sum of columns, and then another where that is the same. */
static void set_keys(const struct drawing *d, const char *order,
		     struct row *row)
{
	struct list parts = words_of(order, ","), sum;
	size_t i, k;

	for (i = 0; i < KEYS; i++) {
		row->key[i] = 0;
		if (i >= parts.n)
			continue;
		sum = words_of(parts.at[i], "+");
		for (k = 0; k < sum.n; k++) {
			const struct column *c = find_column(&d->all,
							     sum.at[k]);

			if (c)
				row->key[i] = plus(
					row->key[i],
					number_in(row->record[c->first]));
		}
		free_list(&sum);
	}
	free_list(&parts);
}

static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int i, order;

	if (x->text && y->text) {
		order = strcmp(x->text, y->text);
		if (order)
			return order;
	}
	for (i = 0; i < KEYS; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] > y->key[i] ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static void sort_rows(const struct drawing *d, struct row *rows, size_t n)
{
	const struct column *by = d->look->sort ?
					  find_column(&d->all, d->look->sort) :
					  NULL;
	bool texts = by && d->all.fields[by->first].kind == TEXT;
	char *order = by && !texts ? text("%s,%s", by->title, d->order) :
				     text("%s", d->order);
	char cell[CELL];
	size_t i;

	for (i = 0; i < n; i++) {
		rows[i].at = i;
		rows[i].text = NULL;
		if (texts) {
			format_cell(d, by, rows[i].record, cell, CELL);
			rows[i].text = text("%s", cell);
		}
		set_keys(d, order, &rows[i]);
	}
	if (n)
		qsort(rows, n, sizeof(*rows), compare);
	for (i = 0; i < n; i++)
		free(rows[i].text);
	free(order);
}

/* ---------------------------------------------------------------- sums */

static bool is_amount(const struct column *c)
{
	return is_type(c, "count") || is_type(c, "bytes");
}

static bool of_histogram(const struct column *c)
{
	return c->percent || c->is_most;
}

/* Numbers of which a sum makes sense. */
static bool adds_up(const struct column *c)
{
	return is_amount(c) && !of_histogram(c) && !begins(c->key, "average_");
}

/* The percentiles of all rows, and their largest number. */
static void sum_histograms(const struct drawing *d, const struct row *rows,
			   size_t n, int64_t *sum)
{
	const struct column *c, *p, *most, *end = d->all.at + d->all.n;
	struct histogram *h = calloc(1, sizeof(*h));
	int64_t largest, number;
	const char *field;
	size_t row;

	if (!h)
		die("no memory");
	for (c = d->all.at; c < end; c++) {
		if (!has_percentiles(c))
			continue;
		memset(h, 0, sizeof(*h));
		for (row = 0; row < n; row++)
			add_buckets(h, rows[row].record[c->first]);
		most = most_of(&d->all, c);
		largest = -1;
		for (row = 0; most && row < n; row++) {
			field = rows[row].record[most->first];
			number = is_known(field) ? number_in(field) : -1;
			largest = number > largest ? number : largest;
		}
		for (p = c + 1; p < end && p->percent; p++)
			sum[p - d->all.at] = percentile(h, p->percent, largest);
		if (most)
			sum[most - d->all.at] = largest;
	}
	free(h);
}

static int64_t *sums_of(const struct drawing *d, const struct row *rows,
			size_t n)
{
	int64_t *sum = calloc(d->all.n, sizeof(*sum));
	size_t i, row;

	if (!sum)
		die("no memory");
	for (i = 0; i < d->all.n; i++)
		for (row = 0; row < n && adds_up(&d->all.at[i]); row++)
			sum[i] = plus(
				sum[i],
				number_in(
					rows[row].record[d->all.at[i].first]));
	sum_histograms(d, rows, n, sum);
	return sum;
}

/* The line above a table; `table` is for JSON. */
static void print_summary(const struct drawing *d, const struct row *rows,
			  size_t n, const char *table, bool clock)
{
	int64_t *sum = sums_of(d, rows, n);
	const char *at = d->summary;
	char cell[CELL];
	size_t i, length;

	if (d->look->json) {
		open_object(d);
		printf(",\"table\":\"%s\"", table);
		print_json_host(d);
		for (i = 0; i < d->all.n; i++)
			if (of_histogram(&d->all.at[i]) && sum[i] < 0)
				printf(",\"%s\":null", d->all.at[i].key);
			else if (of_histogram(&d->all.at[i]) ||
				 adds_up(&d->all.at[i]))
				printf(",\"%s\":%" PRId64, d->all.at[i].key,
				       sum[i]);
		puts("}");
		free(sum);
		return;
	}
	if (clock) {
		format_clock(cell, sizeof(cell), now(d), false);
		fprintf(d->out, "%s%s", cell, d->look->timestamps ? " " : "  ");
	}
	while (*at) {
		length = strcspn(at, "{");
		fprintf(d->out, "%.*s", (int)length, at);
		at += length;
		if (!*at)
			break;
		length = strcspn(++at, "}");
		for (i = 0; i < d->all.n; i++)
			if (strlen(d->all.at[i].title) == length &&
			    !strncmp(d->all.at[i].title, at, length)) {
				format_number(cell, &d->all.at[i], sum[i],
					      d->look->exact);
				if (of_histogram(&d->all.at[i]) && sum[i] < 0)
					strcpy(cell, "-");
				fputs(cell, d->out);
			}
		at += length + (at[length] == '}');
	}
	putc('\n', d->out);
	free(sum);
}

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->key,
		      ((const struct group *)b)->key);
}

/* Adds a record to the sums since the start. */
static void add_since(struct drawing *d, struct since *s, char *const *record)
{
	struct group wanted = { 0 }, **found;
	size_t i, size;
	FILE *f = open_memstream(&wanted.key, &size);

	for (i = 0; f && i < s->by.n; i++) {
		const struct column *c = find_column(&d->all, s->by.at[i]);

		fprintf(f, "%s\t", c ? record[c->first] : "");
	}
	if (!f || fclose(f))
		die("no memory");
	if (s->n == MOST_GROUPS &&
	    !tfind(&wanted, &s->groups, compare_groups)) {
		s->left++;
		free(wanted.key);
		return;
	}
	found = tsearch(&wanted, &s->groups, compare_groups);
	if (!found)
		die("no memory");
	if (*found == &wanted) {
		struct group *g = calloc(1, sizeof(*g));

		if (!g)
			die("no memory");
		g->key = wanted.key;
		g->record = calloc(d->all.n_fields, sizeof(*g->record));
		g->sum = calloc(d->all.n, sizeof(*g->sum));
		if (!g->record || !g->sum)
			die("no memory");
		for (i = 0; i < s->by.n; i++) {
			const struct column *c = find_column(&d->all,
							     s->by.at[i]);

			if (c)
				g->record[c->first] = text("%s",
							   record[c->first]);
		}
		if (d->all.facts && has(&s->by, "pid"))
			g->record[d->all.facts + FULL_NAME] = text(
				"%s", record[d->all.facts + FULL_NAME]);
		*found = g;
		s->n++;
	} else {
		free(wanted.key);
	}
	for (i = 0; i < d->all.n; i++)
		if (adds_up(&d->all.at[i]))
			(*found)->sum[i] = plus(
				(*found)->sum[i],
				number_in(record[d->all.at[i].first]));
}

static struct row *gathered;
static size_t n_gathered;

static void gather(const void *node, VISIT visit, int depth)
{
	const struct group *g = *(struct group *const *)node;

	(void)depth;
	if (visit != postorder && visit != leaf)
		return;
	gathered = reallocarray(gathered, n_gathered + 1, sizeof(*gathered));
	if (!gathered)
		die("no memory");
	gathered[n_gathered++] = (struct row){ .record = g->record,
					       .key = { 0 },
					       .text = (char *)g };
}

static size_t most_rows(const struct drawing *d)
{
	return d->look->rows				 ? d->look->rows :
	       d->look->json || d->look->csv || d->lines ? SIZE_MAX :
							   20;
}

static void print_more(const struct drawing *d, size_t n, size_t most)
{
	if (n > most && !d->look->json && !d->look->csv)
		printf("... and %zu more\n", n - most);
}

/* A table of sums since the start. */
static void print_since(const struct drawing *d, struct since *s)
{
	struct column **shown = calloc(d->all.n + 1, sizeof(*shown));
	size_t i, k, n = 0, most = most_rows(d);
	/* The word for it in JSON. */
	const char *table = has(&s->by, "pid") ? "process_total" : "command";

	if (!shown)
		die("no memory");
	gathered = NULL;
	n_gathered = 0;
	twalk(s->groups, gather);
	for (i = 0; i < n_gathered; i++) {
		const struct group *g = (struct group *)gathered[i].text;

		for (k = 0; k < d->all.n; k++)
			if (adds_up(&d->all.at[k]))
				gathered[i].record[d->all.at[k].first] = text(
					"%" PRId64, g->sum[k]);
		for (k = 0; k < d->all.n_fields; k++)
			if (!gathered[i].record[k])
				gathered[i].record[k] = text("-");
	}
	for (i = 0; i < d->all.n; i++)
		if (has(&s->by, d->all.at[i].title) || adds_up(&d->all.at[i]) ||
		    (d->look->json && !strcmp(d->all.at[i].key, HOST)))
			shown[n++] = &d->all.at[i];
	sort_rows(d, gathered, n_gathered);
	if (!d->look->json && !d->look->no_header)
		printf("since the start, by %s:\n", join(&s->by, ", "));
	if (d->summary && s == d->since)
		print_summary(d, gathered, n_gathered, "total", false);
	if (d->look->json)
		for (i = 0; i < n_gathered && i < most; i++)
			print_json(d, shown, gathered[i].record, table);
	else
		print_rows(d, shown, gathered,
			   n_gathered < most ? n_gathered : most, false);
	print_more(d, n_gathered, most);
	if (s->left && !d->look->json)
		printf("... without %zu lines of tables, for which there was no room\n",
		       s->left);
	if (!d->look->json && !d->look->no_header)
		putchar('\n');
	free(shown);
	free(gathered);
}

/* ---------------------------------------------------------------- for live.c */

bool has_tables(const struct drawing *d)
{
	return d->begun && d->all.n && !d->lines;
}

const char *name_of_tool(const struct drawing *d)
{
	return d->tool ? d->tool : d->name;
}

struct list shown_titles(const struct drawing *d)
{
	struct column **shown = shown_columns(d, false);
	struct list l = { 0 };
	size_t i;

	for (i = 0; shown[i]; i++)
		if (shown[i]->type->kind != BUCKETS)
			add(&l, shown[i]->title);
	free(shown);
	return l;
}

const char *first_order(const struct drawing *d)
{
	struct list l = words_of(d->order, ",+");
	const struct column *c = l.n ? find_column(&d->all, l.at[0]) : NULL;

	free_list(&l);
	return c ? c->title : NULL;
}

char *heading_named(const struct drawing *d, const char *title)
{
	const struct column *c = find_column(&d->all, title);

	return c ? heading_of(c) : text("%s", title);
}

/* Text that a function prints to `out` of a drawing, without the end of its line. */
struct captured {
	struct drawing d;
	char *text;
	size_t size;
};

static void begin_capture(struct captured *c, const struct drawing *d)
{
	c->d = *d;
	c->d.out = open_memstream(&c->text, &c->size);
	if (!c->d.out)
		die("no memory");
}

static char *end_capture(struct captured *c)
{
	if (fclose(c->d.out))
		die("no memory");
	c->text[strcspn(c->text, "\n")] = '\0';
	return c->text;
}

char *losses_of(const struct drawing *d, const char *words)
{
	struct captured c;

	begin_capture(&c, d);
	print_losses(&c.d, words);
	return end_capture(&c);
}

char *summary_of(const struct drawing *d, const struct kept *t)
{
	struct look look = *d->look;
	struct captured c;
	char clock[32];

	if (!d->summary) {
		format_clock(clock, sizeof(clock), t->time, false);
		return text("%s", clock);
	}
	look.timestamps = false;
	begin_capture(&c, d);
	c.d.look = &look;
	c.d.now = t->time;
	print_summary(&c.d, t->rows, t->n, NULL, true);
	return end_capture(&c);
}

/* What was measured; the other columns say of what. */
static bool is_measured(const struct column *c)
{
	return is_amount(c) || c->of_process || c->type->kind == BUCKETS ||
	       is_type(c, "ns") || is_type(c, "percent") ||
	       is_type(c, "per_minute") || is_type(c, "time") ||
	       is_type(c, "result");
}

/* The same for a row in each table. */
static char *identity(const struct drawing *d, char *const *record)
{
	size_t i, k, size;
	char *s;
	FILE *f = open_memstream(&s, &size);

	for (i = 0; f && i < d->all.n; i++)
		for (k = 0; k < d->all.at[i].fields; k++)
			if (!is_measured(&d->all.at[i]))
				fprintf(f, "%s\t",
					record[d->all.at[i].first + k]);
	if (!f || fclose(f))
		die("no memory");
	return s;
}

/* Is there text for it? */
static bool has_cell(const struct column *c, char *const *record)
{
	return c->type->kind != BUCKETS &&
	       (!c->of_process || is_known(record[c->first]));
}

static bool matches(const struct drawing *d, char *const *record,
		    const char *filter)
{
	char cell[CELL];
	size_t i;

	for (i = 0; i < d->all.n; i++) {
		if (!has_cell(&d->all.at[i], record))
			continue;
		format_cell(d, &d->all.at[i], record, cell, CELL);
		if (strcasestr(cell, filter))
			return true;
	}
	return false;
}

/* The same drawing with a look of its own, and lines of text for its output. */
static struct drawing in_lines(const struct drawing *d, struct look *look,
			       int width, struct list *to)
{
	struct drawing v = *d;

	*look = *d->look;
	look->timestamps = look->no_header = false;
	v.look = look;
	v.width = width;
	v.lines_to = to;
	return v;
}

void sheet_of(const struct drawing *d, const struct kept *t,
	      const struct view *view, struct sheet *sheet)
{
	struct row *rows = calloc(t ? t->n + 1 : 1, sizeof(*rows)), other;
	struct look look;
	struct drawing v = in_lines(d, &look, view->width, &sheet->text);
	struct column **shown;
	size_t i, n = 0, most = look.rows ? look.rows : SIZE_MAX;

	if (!rows)
		die("no memory");
	look.sort = view->sort;
	for (i = 0; t && i < t->n; i++)
		if (!*view->filter ||
		    matches(d, t->rows[i].record, view->filter))
			rows[n++] = t->rows[i];
	sort_rows(&v, rows, n);
	for (i = 0; view->reverse && i < n / 2; i++) {
		other = rows[i];
		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = other;
	}
	sheet->more = n > most ? n - most : 0;
	n = n < most ? n : most;
	shown = shown_columns(d, false);
	print_rows(&v, shown, rows, n, false);
	for (i = 0; i < n; i++) {
		char *s = identity(d, rows[i].record);

		add(&sheet->rows, s);
		free(s);
	}
	free(shown);
	free(rows);
}

static char *const *find_row(const struct drawing *d, const struct kept *t,
			     const char *wanted)
{
	size_t i;
	bool same;
	char *s;

	for (i = 0; t && i < t->n; i++) {
		s = identity(d, t->rows[i].record);
		same = !strcmp(s, wanted);
		free(s);
		if (same)
			return t->rows[i].record;
	}
	return NULL;
}

/* Does say_process() print it, too? */
static bool is_said(const struct column *c)
{
	return c->of_process &&
	       (!strcmp(c->key, "exe") || !strcmp(c->key, "user"));
}

bool details_of(const struct drawing *d, const struct kept *t,
		const char *wanted, int width, struct list *to, long *pid,
		char **command)
{
	char *const *record = find_row(d, t, wanted);
	struct look look;
	struct drawing v = in_lines(d, &look, width, to);
	const char *s;
	char cell[CELL];
	size_t i, k;
	int widest = 0;

	if (!record)
		return false;
	s = field_of(&d->all, record, "pid");
	*pid = is_known(s) ? (long)number_in(s) : 0;
	for (i = 0; i < d->all.n; i++)
		if (widest < (int)strlen(d->all.at[i].title))
			widest = (int)strlen(d->all.at[i].title);
	for (i = 0; i < d->all.n; i++) {
		const struct column *c = &d->all.at[i];
		char *heading;

		if (!has_cell(c, record) ||
		    (is_said(c) && d->look->owner && is_there(*pid)))
			continue;
		heading = heading_of(c);
		format_cell(&v, c, record, cell, CELL);
		append(to, text("%-*s  %s", widest, heading, cell));
		free(heading);
		for (k = 0; c->fields > 1 && k < c->fields; k++)
			if (is_set(&d->all.fields[c->first + k],
				   record[c->first + k]))
				append(to, text("%*s  %s %s", widest, "",
						d->all.fields[c->first + k].key,
						record[c->first + k]));
	}
	for (i = 0; i < d->all.n; i++)
		if (d->all.at[i].type->kind == BUCKETS) {
			add(to, "");
			print_histogram(&v, &d->all.at[i],
					record[d->all.at[i].first]);
		}
	s = field_of(&d->all, record, "command");
	*command = text("%s", s ? s : "");
	return true;
}

/* ---------------------------------------------------------------- the stream */

/* Lines that are sorted, or of which only some are shown, come at the end. */
static bool comes_last(const struct drawing *d)
{
	return d->lines && (d->look->sort || d->look->rows);
}

/* The time of a line is its own. */
static void take_time(struct drawing *d, char *const *record)
{
	const char *time = field_of(&d->all, record, "time_ns");

	if (d->lines && is_known(time))
		d->now = number_in(time);
}

static void print_table(struct drawing *d)
{
	struct column **shown = shown_columns(d, d->look->json || d->look->csv);
	size_t i, n = d->n_rows, most = most_rows(d);
	char clock[32];

	n = n < most ? n : most;
	sort_rows(d, d->rows, d->n_rows);
	if (d->look->json) {
		if (d->summary)
			print_summary(d, d->rows, d->n_rows, "all", false);
		for (i = 0; i < n; i++) {
			take_time(d, d->rows[i].record);
			print_json(d, shown, d->rows[i].record,
				   d->n_since ? "process" : NULL);
		}
	} else if (d->look->csv) {
		print_csv(d, shown, NULL);
		for (i = 0; i < n; i++) {
			take_time(d, d->rows[i].record);
			print_csv(d, shown, d->rows[i].record);
		}
	} else {
		if (d->summary) {
			print_summary(d, d->rows, d->n_rows, NULL, true);
		} else if (!d->look->timestamps && !d->look->no_header &&
			   !d->lines) {
			format_clock(clock, sizeof(clock), now(d), false);
			puts(clock);
		}
		print_rows(d, shown, d->rows, n, false);
	}
	print_more(d, d->n_rows, most);
	for (i = 0; i < d->n_rows; i++)
		free(d->rows[i].record);
	d->n_rows = 0;
	free(shown);
}

static void end_table(struct drawing *d)
{
	d->in_table = false;
	free(d->losses);
	d->losses = NULL;
	free(d->host);
	d->host = NULL;
	if (!d->look->json && !d->look->csv && !d->look->no_header)
		putchar('\n');
}

void free_kept(struct kept *t)
{
	size_t i;

	for (i = 0; t && i < t->n; i++)
		free(t->rows[i].record);
	if (t) {
		free(t->rows);
		free(t->losses);
	}
	free(t);
}

/* Gives the table to the live screen; false if that does not take it. */
static bool show_table(struct drawing *d)
{
	struct kept *t = calloc(1, sizeof(*t));

	if (!t)
		die("no memory");
	*t = (struct kept){ d->rows, d->n_rows, d->now,
			    d->losses ? text("%s", d->losses) : NULL };
	if (!live_take(d->live, t)) {
		free(t->losses);
		free(t);
		return false;
	}
	d->rows = NULL;
	d->n_rows = d->room = 0;
	free(d->losses);
	d->losses = NULL;
	d->in_table = false;
	return true;
}

static void finish_table(struct drawing *d)
{
	print_table(d);
	if (d->losses)
		print_losses(d, d->losses);
	end_table(d);
}

/* Ends the live screen, and prints the last table that it had. */
static void end_live(struct drawing *d)
{
	struct drawing last = *d;
	struct kept *t = live_end(d->live);

	d->live = NULL;
	if (!t)
		return;
	last.rows = t->rows;
	last.n_rows = t->n;
	last.now = t->time;
	last.losses = t->losses;
	last.host = NULL;
	finish_table(&last);
	free(t->rows);
	free(t);
}

static void complete_table(struct drawing *d)
{
	if (d->live) {
		if (show_table(d))
			return;
		end_live(d);
	}
	finish_table(d);
}

/* A record of a tool that prints lines. */
static void print_event(struct drawing *d, char **record)
{
	struct column **shown = shown_columns(d, d->look->json || d->look->csv);
	struct row row = { .record = record };

	if (d->look->json)
		print_json(d, shown, record, NULL);
	else if (d->look->csv)
		print_csv(d, shown, record);
	else
		print_rows(d, shown, &row, 1, true);
	free(shown);
}

/* The heading of a tool that prints lines: its first record is without a table. */
static void print_heading(struct drawing *d)
{
	struct column **shown = shown_columns(d, d->look->json || d->look->csv);

	if (d->look->csv)
		print_csv(d, shown, NULL);
	else if (!d->look->json)
		print_rows(d, shown, NULL, 0, true);
	free(shown);
	d->headed = true;
}

static void add_row(struct drawing *d, char **record)
{
	size_t i;

	if (d->n_rows == d->room) {
		d->room = d->room ? 2 * d->room : 256;
		d->rows = reallocarray(d->rows, d->room, sizeof(*d->rows));
		if (!d->rows)
			die("no memory");
	}
	d->rows[d->n_rows++] = (struct row){ .record = record };
	for (i = 0; i < d->n_since && !d->look->csv; i++)
		add_since(d, &d->since[i], record);
}

/* Adds what is known of its process to a record, which moves. */
static char **describe(struct drawing *d, char **record)
{
	const struct look *look = d->look;
	bool looks = look->here && (d->wants_processes || d->record);
	struct process *p;

	if (!d->all.facts ||
	    !(looks || d->wants_processes || is_cut(&d->all, record)))
		return record;
	p = find_process(&d->processes, &d->all, record);
	/* A pipe may be one from another machine: its names stay as they are. */
	if (!p && (looks || (look->here && look->owner))) {
		p = look_up_process(&d->processes, &d->all, record, !looks);
		if (p->fact[EXE] && d->record)
			write_process(d->record, p);
	}
	return p && p->fact[FULL_NAME] ? with_facts(&d->all, record, p) :
					 record;
}

static void take_record(struct drawing *d, const char *line, size_t length)
{
	char **record = split_record(&d->all, line, length);

	if (!record && d->mixed) {
		printf("%.*s\n", (int)length, line);
		return;
	}
	if (!record) {
		d->damaged++;
		record = split_last_record(&d->all, line, length);
	}
	if (!record)
		return;
	record = describe(d, record);
	take_time(d, record);
	/* Its table was lost. */
	d->damaged += !d->in_table && !d->lines;
	if ((!d->in_table && !d->lines) || !passes(d->look->only, record)) {
		free(record);
		return;
	}
	if (d->in_table || comes_last(d)) {
		add_row(d, record);
		return;
	}
	if (!d->headed)
		print_heading(d);
	print_event(d, record);
	free(record);
}

static bool wants_processes(const struct look *look, const struct columns *all)
{
	struct list l = words_of(look->columns ? look->columns : "", ",");
	bool wants = filters_users(look->only);
	const struct column *c;
	size_t i;

	if (look->sort)
		add(&l, look->sort);
	for (i = 0; i < l.n && !wants; i++) {
		c = find_column(all, l.at[i]);
		wants = c && c->of_process;
	}
	free_list(&l);
	return wants;
}

static bool take_columns(struct drawing *d, const char *words)
{
	if (!parse_columns(words, &d->all))
		return false;
	check_look(d->look, &d->all, d->tool);
	if (d->look->only)
		check_filter(d->look->only, &d->all, d->tool);
	d->wants_processes = wants_processes(d->look, &d->all);
	return true;
}

/* A line that begins with #WORD, of which `words` is the rest.  False if it is damaged. */
static bool take_word(struct drawing *d, const char *word, const char *words)
{
	if (!strcmp(word, "#columns") && !d->all.n)
		return take_columns(d, words);
	if (!strcmp(word, "#host")) {
		free(d->host);
		d->host = text("%s", words);
		return true;
	}
	/* Without columns, the others mean nothing. */
	if (!d->all.n)
		return false;
	if (!strcmp(word, "#order")) {
		if (d->look->begun)
			say("%s", d->look->begun);
		d->order = text("%s", words);
	} else if (!strcmp(word, "#summary")) {
		d->summary = text("%s", words);
	} else if (!strcmp(word, "#since_start")) {
		if (d->n_since == SINCE)
			return false;
		d->since[d->n_since++].by = words_of(words, " ");
	} else if (!strcmp(word, "#table")) {
		if (!is_number(words))
			return false;
		if (d->in_table) {
			/* The end of the one before was lost. */
			d->damaged++;
			complete_table(d);
		}
		d->now = number_in(words);
		d->in_table = true;
	} else if (!strcmp(word, "#end")) {
		if (!d->in_table)
			return false;
		complete_table(d);
	} else if (!strcmp(word, "#lines")) {
		if (d->live)
			end_live(d);
		d->lines = true;
		if (!comes_last(d))
			print_heading(d);
	} else if (!strcmp(word, "#lost")) {
		free(d->losses);
		d->losses = text("%s", words);
		if (d->live)
			live_lost(d->live, losses_of(d, words));
	} else if (!strcmp(word, "#ended")) {
		free(d->ended);
		d->ended = text("%s", words);
	} else {
		return false;
	}
	return true;
}

static bool begin_records(struct drawing *d, const char *line)
{
	if (begins(line, "#records 1 ")) {
		d->begun = true;
		d->tool = text("%s", line + strlen("#records 1 "));
		return true;
	}
	if (d->strict && !begins(line, "#host "))
		misuse("%s is not a recording of stap-socket, or one of a newer version: it begins with '%.40s', not with '#records 1'",
		       d->name, line);
	return d->strict;
}

static void take_line(struct drawing *d, const char *line, size_t length)
{
	char *s, *words, *word;
	bool taken;

	if (!length && d->begun && !d->mixed)
		return; /* after a record that was cut off */
	if (d->begun && *line != '#') {
		take_record(d, line, length);
		return;
	}
	if (d->all.facts && length > strlen(PROCESS_LINE) &&
	    begins(line, PROCESS_LINE) &&
	    read_process(&d->processes, &d->all, line + strlen(PROCESS_LINE),
			 length - strlen(PROCESS_LINE)))
		return;
	s = text("%.*s", (int)length, line);
	make_printable(s);
	if (!d->begun) {
		taken = begin_records(d, s);
	} else {
		words = strchrnul(s, ' ');
		word = text("%.*s", (int)(words - s), s);
		taken = take_word(d, word, words + (*words == ' '));
		free(word);
		d->damaged += !taken && !d->mixed;
	}
	/* A command has printed it, or a script that is not a tool. */
	if (!taken && (d->mixed || !d->begun))
		printf("%.*s\n", (int)length, line);
	free(s);
}

static void keep(const struct drawing *d, const char *s, size_t length)
{
	if (d->record && fwrite(s, 1, length, d->record) != length)
		die("cannot write the recording: %s", strerror(errno));
}

/* For the message at the end. */
static void keep_damaged(struct drawing *d, const char *line, size_t length)
{
	char *s = text("%.*s", length < 40 ? (int)length : 40, line), *tab;

	while ((tab = strchr(s, '\t')))
		*tab = ' ';
	make_printable(s);
	d->first_damaged = text(", the first is line %zu: '%s'", d->n_lines, s);
	free(s);
}

/* Takes the complete lines of a buffer, and keeps the rest at its beginning. */
static size_t take_lines(struct drawing *d, char *buffer, size_t length)
{
	char *line = buffer, *end;
	size_t damaged;

	while ((end = memchr(line, '\n', length - (size_t)(line - buffer)))) {
		damaged = d->damaged;
		d->n_lines++;
		take_line(d, line, (size_t)(end - line));
		if (d->damaged > damaged && !d->first_damaged)
			keep_damaged(d, line, (size_t)(end - line));
		keep(d, line, (size_t)(end + 1 - line));
		line = end + 1;
	}
	length -= (size_t)(line - buffer);
	memmove(buffer, line, length);
	return length;
}

static void finish_drawing(struct drawing *d)
{
	size_t i;

	if (d->in_table) {
		print_table(d);
		end_table(d);
		say("%s ends within a table: its last table is not complete",
		    d->name);
	}
	if (d->lines && d->n_rows)
		print_table(d);
	for (i = 0; i < d->n_since && !d->look->csv; i++)
		print_since(d, &d->since[i]);
	if (d->losses)
		print_losses(d, d->losses);
	if (d->ended)
		print_ended(d, d->ended);
	d->unanswered = d->wants_processes && !d->look->here && !d->processes.n;
	if (d->unanswered)
		say("%s was not made by --record: the users and programs of its processes are unknown",
		    d->name);
	else
		say_missing_users(d->look->only, d->name);
	if (d->damaged)
		say("%s: %zu lines are damaged and left out%s", d->name,
		    d->damaged, d->first_damaged ? d->first_damaged : "");
}

static int cannot_write(void)
{
	if (errno == EPIPE)
		return 2;
	say("cannot write: %s", strerror(errno));
	_exit(1); /* not twice */
}

int draw(int from, const char *name, const struct look *look, FILE *record)
{
	struct drawing d = { .look = look,
			     .name = name,
			     .order = text("%s", ""),
			     .strict = look->strict,
			     .mixed = !strcmp(name, "-"),
			     .record = record,
			     .out = stdout };
	size_t room = 1 << 16, length = 0;
	char *buffer = malloc(room);
	ssize_t n;

	if (!buffer)
		die("no memory");
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	measure_again(&d);
	if (look->live)
		d.live = live_new(&d, look);
	while ((!d.live || live_wait(d.live, from)) &&
	       (n = read(from, buffer + length, room - length))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("cannot read %s: %s", name, strerror(errno));
		measure_again(&d);
		length = take_lines(&d, buffer, length + (size_t)n);
		if (fflush(stdout) || ferror(stdout))
			return cannot_write();
		if (length == room) {
			room *= 2;
			buffer = reallocarray(buffer, room, 1);
			if (!buffer)
				die("no memory");
		}
	}
	keep(&d, buffer, length);
	if (d.live)
		end_live(&d);
	if (d.mixed || !d.begun)
		fwrite(buffer, 1, length, stdout);
	else
		d.damaged += length > 0;
	finish_drawing(&d);
	free(buffer);
	if (fflush(stdout) || ferror(stdout))
		return cannot_write();
	return d.damaged || (d.unanswered && filters_users(look->only));
}

void check_look(const struct look *look, const struct columns *all,
		const char *tool)
{
	struct list titles = column_titles(all), l;
	const char *there = join(&titles, " ");
	size_t i, k;

	const struct column *c = look->sort ? find_column(all, look->sort) :
					      NULL;

	if (look->sort && (!c || c->type->kind == BUCKETS))
		misuse("-s: %s has no column '%s'%s; it has: %s", tool,
		       look->sort, likely(look->sort, &titles), there);
	if (!look->columns)
		return;
	l = words_of(look->columns, ",");
	if (!l.n)
		misuse("--columns takes a list such as %s, not '%s'",
		       titles.at[0], look->columns);
	for (i = 0; i < l.n; i++) {
		c = find_column(all, l.at[i]);
		if (!c)
			misuse("--columns: %s has no column '%s'%s; it has: %s",
			       tool, l.at[i], likely(l.at[i], &titles), there);
		for (k = 0; k < i; k++)
			if (c == find_column(all, l.at[k]))
				misuse("--columns: '%s' is given twice",
				       l.at[i]);
	}
}

int replay(int argc, char **argv)
{
	struct request r = { .tool = "replay", .replays = true };
	const char *file;
	int from = 0, status;
	struct stat input;

	parse_options(&r, argc, argv);
	if (r.files.n != 1)
		misuse("replay needs one FILE that --record has written, or - for the standard input");
	file = r.files.at[0];
	r.look.strict = strcmp(file, "-") != 0;
	if (r.look.strict)
		from = open(file, O_RDONLY | O_CLOEXEC);
	else
		/* Ctrl-C ends the tool before the pipe, which has more to say. */
		signal(SIGINT, SIG_IGN);
	if (from < 0)
		misuse("cannot read %s: %s", file, strerror(errno));
	r.look.here = !r.look.strict && !fstat(from, &input) &&
		      S_ISFIFO(input.st_mode);
	r.look.live = r.look.here && can_be_live(&r.look);
	status = draw(from, file, &r.look, NULL);
	return status == 2 ? 0 : status;
}
