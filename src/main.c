// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - stap-socket, one command for the socket tools: its commands other than tools
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_lines(struct list l)
{
	size_t i;

	for (i = 0; i < l.n; i++)
		puts(l.at[i]);
}

static int list_tools(int argc, char **argv)
{
	struct list l = tools();
	size_t i;

	if (is_help(argv[1])) {
		command_help("list");
		return 0;
	}
	if (argc > 1)
		misuse("list takes no argument, but was given '%s'", argv[1]);
	for (i = 0; i < l.n; i++)
		printf("%-10s %s\n", l.at[i], title_of(script_of(l.at[i])));
	return 0;
}

static int run_script(int argc, char **argv)
{
	struct stat st;

	if (argc < 2)
		misuse("run needs a SCRIPT");
	if (is_help(argv[1])) {
		command_help("run");
		puts("Arguments after the script go to stap, as with stap-socket-run, which also\n"
		     "takes scripts in arguments: stap-socket-run -e 'probe socket.send { ... }'");
		return 0;
	}
	if (*argv[1] == '-')
		misuse("run takes a script first, not '%s'; stap-socket-run takes what stap does",
		       argv[1]);
	if (stat(argv[1], &st) || !S_ISREG(st.st_mode) || !readable(argv[1]))
		misuse("no script '%s' that can be read", argv[1]);
	setenv("HOME", home, 1);
	setenv("XDG_CACHE_HOME", cache_home, 1);
	restore_signals();
	argv[0] = text("%s", runner);
	execv(runner, argv);
	die("cannot run %s: %s", runner, strerror(errno));
}

/* For completion, and for tests: the words of a kind. */
static int print_words(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "", *columns;
	struct columns all;

	if (!strcmp(kind, "line")) {
		complete_line(argc - 2, argv + 2);
	} else if (!strcmp(kind, "pages")) {
		print_lines(page_names());
	} else if (!strcmp(kind, "probes") && argc > 2) {
		print_lines(probe_functions(argv[2]));
	} else if (!strcmp(kind, "columns") && argc > 2) {
		columns = columns_of(script_of(argv[2]));
		if (columns && parse_columns(columns, &all))
			print_lines(column_titles(&all));
	} else {
		misuse("words takes line, pages, probes FILE or columns TOOL, not '%s'",
		       kind);
	}
	return 0;
}

static int help(int argc, char **argv);

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list", list_tools },	  { "help", help },   { "run", run_script },
	{ "prebuild", prebuild }, { "check", check }, { "words", print_words },
	{ "replay", replay },	  { "merge", merge },
};

static int help(int argc, char **argv)
{
	char *words[] = { argv[1], "--help", NULL };
	struct list known, named;
	const char *page;
	size_t i;

	if (argc > 2)
		misuse("help takes one topic, but was given '%s' too", argv[2]);
	if (argc < 2) {
		print_usage(stdout);
		return 0;
	}
	if (is_help(argv[1]) || !strcmp(argv[1], "help")) {
		command_help("help");
		return 0;
	}
	if (!strcmp(argv[1], "stap-socket")) {
		show_manual(argv[1]);
		print_usage(stdout);
		return 0;
	}
	for (i = 0; i < LENGTH(commands); i++)
		if (!strcmp(argv[1], commands[i].name) &&
		    commands[i].run != print_words)
			return commands[i].run(2, words);
	page = page_of(argv[1]);
	if (page) {
		execlp("man", "man", "-l", page, NULL);
		die("cannot run man: %s; the page is %s", strerror(errno),
		    page);
	}
	known = tools();
	if (has(&known, argv[1])) {
		print_page(argv[1]);
		return 0;
	}
	add_commands(&known, NULL);
	named = page_names();
	for (i = 0; i < named.n; i++)
		add(&known, named.at[i]);
	misuse("no help for '%s'%s; there is help for each tool, command, probe and function, "
	       "such as top, check, socket.send, and for socket",
	       argv[1], likely(argv[1], &known));
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	size_t i;

	setlocale(LC_ALL, "C");
	find_files();
	look_around();
	for (i = 0; i < LENGTH(commands); i++)
		if (!strcmp(word, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (is_help(word)) {
		print_usage(stdout);
	} else if (!strcmp(word, "--version")) {
		printf("stap-socket %s\n", version());
	} else if (!*word) {
		print_usage(stderr);
		return 2;
	} else if (*word == '-') {
		misuse("no option '%s' before the TOOL", word);
	} else {
		return run_tool(argc - 1, argv + 1);
	}
	return 0;
}
