// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tools.c - the scripts, and what their comments say
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From the directory of the command; `make` sets it. */
#ifndef LIBEXEC
#define LIBEXEC "../libexec"
#endif

static const char *here;
static const char *manual; /* where the pages of the commands and tools are */
const char *prefix, *scripts, *tapset, *data, *lib, *pages, *libexec, *runner;

void find_files(void)
{
	char *self = realpath("/proc/self/exe", NULL);

	if (!self)
		die("/proc/self/exe: %s", strerror(errno));
	*strrchr(self, '/') = '\0';
	here = self;
	if (readable(text("%s/../share/socket-tapset/version", here))) {
		prefix = realpath(text("%s/..", here), NULL);
		data = text("%s/share/socket-tapset", prefix);
		scripts = text("%s/examples", data);
		tapset = text("%s/tapset", data);
		lib = text("%s/lib", data);
		pages = text("%s/man/man3", data);
		manual = text("%s/share/man/man8", prefix);
		libexec = text("%s/" LIBEXEC "/socket-tapset", here);
		self = realpath(libexec, NULL);
		libexec = self ? self : libexec;
		runner = text("%s/stap-socket-run", here);
	} else {
		/* Where make puts what it makes, with links to the source. */
		prefix = "";
		scripts = text("%s/examples", here);
		tapset = text("%s/tapset", here);
		data = text("%s/doc", here);
		lib = text("%s/lib", here);
		pages = text("%s/man/man3", here);
		manual = text("%s/man", here);
		libexec = here;
		runner = text("%s/bin/stap-socket-run", here);
	}
#ifdef RUNNER /* in tests */
	runner = RUNNER;
#endif
}

char *version(void)
{
	char *v = file_says(text("%s/version", data));

	return *v ? v : text("unknown");
}

/* ---------------------------------------------------------------- comments */

/* The first comment of a script, without the marks, a line each. */
static struct list header(const char *script)
{
	char *s = read_file(script, NULL), *line, *end;
	struct list l = { 0 };
	bool first = true;

	for (line = s; line && *line; line = end, first = false) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		if ((first && begins(line, "#!")) || begins(line, "// SPDX"))
			continue;
		if (!begins(line, "//"))
			break;
		line += line[2] == ' ' ? 3 : 2;
		if (l.n || *line)
			add(&l, line);
	}
	return l;
}

static const char *const tool_mark = "@socket_tool(";

/*
 * The last argument of @socket_tool("NAME", SECONDS, "ORDER", "COLUMNS..."), a string of one or
 * more parts.
 */
char *columns_of(const char *script)
{
	char *s = read_file(script, NULL), *at, *columns = text("%s", "");
	int commas = 0;
	size_t n;

	at = s ? strstr(s, tool_mark) : NULL;
	if (!at)
		return NULL;
	for (at += strlen(tool_mark); *at && *at != ')'; at++) {
		commas += *at == ',';
		if (*at != '"')
			continue;
		n = strcspn(++at, "\"");
		if (commas == 3)
			columns = text("%s%.*s", columns, (int)n, at);
		at += n;
		if (!*at)
			break;
	}
	return columns;
}

long interval_of(const char *script)
{
	char *s = read_file(script, NULL),
	     *at = s ? strstr(s, tool_mark) : NULL;

	at = at ? strchr(at, ',') : NULL;
	return at ? strtol(at + 1, NULL, 10) : 0;
}

bool script_has(const char *script, const char *words)
{
	char *s = read_file(script, NULL);

	return s && strstr(s, words);
}

bool prints_lines(const char *script)
{
	return script_has(script, "\n@socket_lines");
}

char *title_of(const char *script)
{
	struct list l = header(script);
	char *dash = l.n ? strstr(l.at[0], " - ") : NULL;

	return text("%s", dash ? dash + 3 : "");
}

struct list names_in(const char *directory, const char *suffix)
{
	struct list l = { 0 };
	struct dirent **found;
	int i, n = scandir(directory, &found, NULL, alphasort);

	for (i = 0; i < n; i++) {
		char *name = found[i]->d_name;

		if (*name == '.' || !ends(name, suffix))
			continue;
		name[strlen(name) - strlen(suffix)] = '\0';
		add(&l, name);
	}
	return l;
}

struct list tools(void)
{
	struct list l = { 0 }, found = names_in(scripts, ".stp");
	size_t i;

	for (i = 0; i < found.n; i++)
		if (columns_of(script_of(found.at[i])))
			add(&l, found.at[i]);
	return l;
}

char *script_of(const char *tool)
{
	if (!strcmp(tool, SELF_TEST))
		return text("%s/self-test.stp", data);
	return text("%s/%s.stp", scripts, tool);
}

struct columns known_tool(const char *tool)
{
	struct columns all;
	struct list known, words;
	char *columns = NULL;

	if (!strchr(tool, '/') && *tool != '.')
		columns = columns_of(script_of(tool));
	if (columns) {
		if (!parse_columns(columns, &all))
			die("%s: its columns are wrong: %s", script_of(tool),
			    columns);
		return all;
	}
	known = tools();
	if (!known.n)
		die("there are no tools in %s", scripts);
	words = words_of(join(&known, " "), " ");
	add_commands(&words, NULL);
	misuse("no tool '%s'%s; there are: %s", tool, likely(tool, &words),
	       join(&known, " "));
}

#define PAGE ".3stap"

struct list page_names(void)
{
	struct list l = { 0 }, found = names_in(pages, PAGE);
	const char *colons;
	size_t i;

	for (i = 0; i < found.n; i++) {
		colons = strstr(found.at[i], "::");
		if (colons)
			add(&l, colons + strlen("::"));
	}
	return l;
}

char *page_of(const char *name)
{
	static const char *const kinds[] = { "tapset::", "probe::",
					     "function::", "" };
	size_t i;

	for (i = 0; i < LENGTH(kinds) && !strchr(name, '/'); i++) {
		char *file = text("%s/%s%s" PAGE, pages, kinds[i], name);

		if (readable(file))
			return file;
	}
	return NULL;
}

char *title_of_page(const char *name)
{
	static const char *const dash = " \\- ";
	char *file = page_of(name), *s = file ? read_file(file, NULL) : NULL;
	char *title, *to;

	s = s ? strstr(s, "\n.SH NAME\n") : NULL;
	s = s ? strstr(s, dash) : NULL;
	if (!s)
		return text("%s", "");
	title = text("%.*s", (int)strcspn(s, "\n"), s);
	title += strlen(dash);
	/* As man/roff.awk writes them: \(aq is a quote, \- a dash. */
	for (s = to = title; *s; s++) {
		if (begins(s, "\\(aq")) {
			s += 3;
			*to++ = '\'';
		} else if (*s != '\\') {
			*to++ = *s;
		}
	}
	*to = '\0';
	return title;
}

void show_manual(const char *name)
{
	static const char *const suffixes[] = { ".8", ".8.gz" };
	size_t i;

	for (i = 0; i < LENGTH(suffixes); i++) {
		char *file = text("%s/%s%s", manual, name, suffixes[i]);

		if (readable(file))
			execlp("man", "man", "-l", file, NULL);
	}
}

/*
 * The comment for a screen: indented lines stay as they are, or lose the indent if they would
 * not fit, and the others are filled.
 */
static void flush_page(struct list *filled, struct list *indented, size_t width)
{
	size_t i, widest = 0;

	if (filled->n)
		fill(stdout, "", filled, width);
	for (i = 0; i < indented->n; i++)
		if (strlen(indented->at[i]) > widest)
			widest = strlen(indented->at[i]);
	for (i = 0; i < indented->n; i++)
		puts(indented->at[i] + (widest > width ? 2 : 0));
	filled->n = indented->n = 0;
}

/* The page without man(1): the comment that it is made from, and the columns. */
static void print_comment(const char *tool)
{
	const char *script = script_of(tool);
	size_t width, i, k;
	struct list l, filled = { 0 }, indented = { 0 };
	struct columns all = known_tool(tool);

	measure();
	width = screen < 80 ? (size_t)screen : 80;
	l = header(script);
	for (i = 0; i < l.n; i++) {
		struct list words = words_of(l.at[i], " \t");

		if (!words.n) {
			flush_page(&filled, &indented, width);
			putchar('\n');
		} else if (begins(l.at[i], "  ")) {
			if (filled.n)
				flush_page(&filled, &indented, width);
			add(&indented, l.at[i]);
		} else {
			if (indented.n)
				flush_page(&filled, &indented, width);
			for (k = 0; k < words.n; k++)
				add(&filled, words.at[k]);
		}
	}
	flush_page(&filled, &indented, width);
	puts("\nOptions that all tools share: stap-socket --help");
	l = column_titles(&all);
	fill(stdout,
	     prints_lines(script) ? "Columns for --columns: " :
				    "Columns for -s and --columns: ",
	     &l, width);
}

void print_page(const char *tool)
{
	show_manual(text("stap-socket-%s", tool));
	print_comment(tool);
}

struct list own_globals(const char *script, char **characters)
{
	struct list lines = lines_of(script), names = { 0 };
	char *first = text("%s", "");
	size_t i, k, n;

	for (i = 0; i < lines.n; i++) {
		struct list items;

		if (!begins(lines.at[i], "global "))
			continue;
		items = words_of(lines.at[i] + strlen("global "), ",");
		for (k = 0; k < items.n; k++) {
			const char *item = items.at[k];

			item += strspn(item, " ");
			n = strspn(item,
				   "abcdefghijklmnopqrstuvwxyz_0123456789");
			if (!n || item[n + strspn(item + n, " ")] != '=')
				continue;
			add(&names, text("%.*s", (int)n, item));
			item = strchr(item, '=') + 1;
			item += strspn(item, " ");
			first = text("%s%c", first, *item ? *item : ' ');
		}
	}
	*characters = first;
	return names;
}
