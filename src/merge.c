// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * merge.c - makes one recording of those of many hosts
 *
 * A recording is cut into pieces, each of which has a time: a table, or a record of a tool
 * that prints lines.  Sorted by time, the pieces of all recordings are a new one, with a
 * column for the host.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct piece {
	int64_t time;
	size_t order;
	char *text;
};

struct merged {
	const char *first; /* the file whose header all others must have */
	char *header; /* the lines before the first piece, without the host */
	struct columns all;
	struct filter *only; /* or NULL */
	struct piece *at;
	size_t n, room;
	size_t damaged, n_processes;
	struct list lost; /* CAUSE=NUMBER of each file, which are added up */
	char *ended;
};

static void add_piece(struct merged *m, int64_t time, char *piece)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		m->at = reallocarray(m->at, m->room, sizeof(*m->at));
		if (!m->at)
			die("no memory");
	}
	m->at[m->n] = (struct piece){ time, m->n, piece };
	m->n++;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* The last line of losses of a file has those since the start. */
static void add_losses(struct merged *m, const char *words)
{
	struct list l = words_of(words, " ");
	size_t i;

	for (i = 0; i < l.n; i++)
		add(&m->lost, l.at[i]);
	free_list(&l);
}

/* The sums of all hosts, by cause. */
static void print_lost(FILE *to, const struct list *lost)
{
	struct list done = { 0 };
	const char *before = "#lost ";
	size_t i, k;

	for (i = 0; i < lost->n; i++) {
		char *cause = text("%.*s", (int)strcspn(lost->at[i], "="),
				   lost->at[i]);
		int64_t sum = 0;

		if (!has(&done, cause)) {
			for (k = i; k < lost->n; k++)
				if (begins(lost->at[k], text("%s=", cause)))
					sum += number_in(lost->at[k] +
							 strlen(cause) + 1);
			fprintf(to, "%s%s=%" PRId64, before, cause, sum);
			before = " ";
			add(&done, cause);
		}
		free(cause);
	}
	if (done.n)
		fputc('\n', to);
	free_list(&done);
}

static FILE *open_text(char **s, size_t *size)
{
	FILE *f = open_memstream(s, size);

	if (!f)
		die("no memory");
	return f;
}

static void close_text(FILE *f)
{
	if (fclose(f))
		die("no memory");
}

static void check_header(struct merged *m, const char *file, char *header)
{
	const char *columns = strstr(header, "\n#columns ");

	if (m->header) {
		if (strcmp(m->header, header) != 0)
			misuse("merge takes recordings of one tool and version: those of %s and %s differ",
			       m->first, file);
		free(header);
		return;
	}
	if (!begins(header, "#records 1 ") || !columns ||
	    !parse_columns(
		    text("%.*s",
			 (int)strcspn(columns + strlen("\n#columns "), "\n"),
			 columns + strlen("\n#columns ")),
		    &m->all))
		misuse("%s is not a recording of stap-socket, or one of a newer version",
		       file);
	if (find_column(&m->all, HOST))
		misuse("%s is merged already", file);
	m->header = header;
	m->first = file;
	if (m->only) {
		header += strlen("#records 1 ");
		check_filter(m->only, &m->all,
			     text("%.*s", (int)strcspn(header, "\n"), header));
	}
}

/* The fields of a line that passes the filters, or NULL; counts damaged ones. */
static char **take_record(struct merged *m, struct processes *known,
			  const char *line, size_t length)
{
	char **record = split_record(&m->all, line, length);
	struct process *p;

	m->damaged += !record;
	if (!record || !m->only)
		return record;
	p = m->all.facts ? find_process(known, &m->all, record) : NULL;
	if (p)
		record = with_facts(&m->all, record, p);
	if (passes(m->only, record))
		return record;
	free(record);
	return NULL;
}

/* Is it a line that comes before all records? */
static bool is_header(const char *line)
{
	static const char *const words[] = { "#records ",     "#columns ",
					     "#order",	      "#summary ",
					     "#since_start ", "#lines" };
	size_t i;

	for (i = 0; i < LENGTH(words); i++)
		if (begins(line, words[i]))
			return true;
	return false;
}

static void take_file(struct merged *m, const char *file)
{
	char *host = text("%s", file), *line = NULL, *header, *piece = NULL;
	char *losses = NULL, **record, *lines;
	size_t room = 0, size, header_size, lines_size, in_header = 1;
	FILE *from = fopen(file, "re"), *top, *table = NULL, *about;
	struct processes known = { 0 };
	int64_t time = 0;
	ssize_t n;

	if (!from)
		misuse("cannot read %s: %s", file, strerror(errno));
	top = open_text(&header, &header_size);
	/* Lines about processes, then a record. */
	about = open_text(&lines, &lines_size);
	while ((n = getline(&line, &room, from)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (begins(line, "#host ")) {
			host = text("%s", line + strlen("#host "));
			make_printable(host); /* a tab would begin a field */
			continue;
		}
		if (in_header && is_header(line)) {
			fprintf(top, "%s\n", line);
			continue;
		}
		if (in_header) {
			close_text(top);
			check_header(m, file, header);
			in_header = 0;
		}
		if (begins(line, PROCESS_LINE)) {
			/* It stays with the next record. */
			fprintf(about, PROCESS_LINE "%s\t%s\n", host,
				line + strlen(PROCESS_LINE));
			if (filters_users(m->only))
				read_process(&known, &m->all,
					     line + strlen(PROCESS_LINE),
					     (size_t)n - strlen(PROCESS_LINE));
		} else if (begins(line, "#table ") && !table) {
			time = strtoll(line + strlen("#table "), NULL, 10);
			table = open_text(&piece, &size);
			fprintf(table, "#host %s\n%s\n", host, line);
		} else if (!strcmp(line, "#end") && table) {
			fprintf(table, "#end\n");
			close_text(table);
			add_piece(m, time, piece);
			table = NULL;
		} else if (begins(line, "#lost ")) {
			free(losses);
			losses = text("%s", line + strlen("#lost "));
		} else if (begins(line, "#ended ")) {
			m->ended = text("%s", line);
		} else {
			record = take_record(m, &known, line, (size_t)n);
			if (!record)
				continue;
			fprintf(about, "%s\t%s\n", host, line);
			close_text(about);
			if (table) {
				fputs(lines, table);
				free(lines);
			} else {
				add_piece(m,
					  number_in(field_of(&m->all, record,
							     "time_ns")),
					  lines);
			}
			about = open_text(&lines, &lines_size);
			free(record);
		}
	}
	fclose(from);
	if (in_header) {
		close_text(top);
		check_header(m, file, header);
	}
	if (table) {
		fclose(table);
		m->damaged++;
	}
	if (losses)
		add_losses(m, losses);
	m->n_processes += known.n;
	close_text(about);
	free(lines);
	free(line);
}

/* The new recording, in memory. */
static int write_merged(struct merged *m)
{
	int fd = memfd_create("merged", MFD_CLOEXEC);
	FILE *to = fd < 0 ? NULL : fdopen(dup(fd), "w");
	const char *columns;
	size_t i;

	if (!to)
		die("no memory");
	columns = strstr(m->header, "\n#columns ") + strlen("\n#columns ");
	fprintf(to, "%.*s" HOST ":name %s", (int)(columns - m->header),
		m->header, columns);
	qsort(m->at, m->n, sizeof(*m->at), compare_pieces);
	for (i = 0; i < m->n; i++)
		fputs(m->at[i].text, to);
	print_lost(to, &m->lost);
	if (m->ended)
		fprintf(to, "%s\n", m->ended);
	if (fclose(to) || lseek(fd, 0, SEEK_SET))
		die("no memory");
	return fd;
}

/* Writes the recording to its file, whole. */
static void keep(int from, FILE *to, const char *file)
{
	char buffer[1 << 16];
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, to);
	if (ferror(to) || fclose(to))
		die("cannot write %s: %s", file, strerror(errno));
	if (lseek(from, 0, SEEK_SET))
		die("no memory");
}

int merge(int argc, char **argv)
{
	struct request r = { .tool = "merge", .replays = true };
	struct merged m = { 0 };
	FILE *record;
	size_t i;
	bool unanswered;
	int from, status;

	parse_options(&r, argc, argv);
	if (r.files.n < 2)
		misuse("merge needs two or more FILEs that --record has written");
	m.only = r.look.only;
	r.look.only = NULL;
	for (i = 0; i < r.files.n; i++)
		take_file(&m, r.files.at[i]);
	record = open_recording(r.record);
	r.look.strict = true;
	from = write_merged(&m);
	if (record)
		keep(from, record, r.record);
	status = draw(from, "the merged recording", &r.look, NULL);
	if (m.damaged)
		say("%zu lines or tables are damaged and left out", m.damaged);
	unanswered = filters_users(m.only) && !m.n_processes;
	if (unanswered)
		say("the files were not made by --record: the users and programs of their processes are unknown");
	else
		say_missing_users(m.only, "the files");
	return status == 1 || m.damaged || unanswered;
}
