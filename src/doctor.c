// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor.c - stap-socket check: what keeps the tools from working on this machine
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *scratch;
/* Probes that cannot be used, and phases of the self-test that were counted wrong. */
static struct list lacking, miscounted;
static bool untested;

/* ---------------------------------------------------------------- the report */

/* Commands to be copied, which stay in one line; with the next word if they end with a space. */
static const char *const whole_commands[] = {
	"apt-get install ",	"dnf install ",
	"staprun -d ",		"prebuild --kernel ",
	"stap-socket prebuild", "stap-socket check --probes",
};
#define KEEP '\001'

/* The words of an entry; a command is one word. */
static struct list words_to_show(const char *s)
{
	char *kept = text("%s", s), *at;
	struct list words;
	size_t i, k;

	for (i = 0; i < LENGTH(whole_commands); i++) {
		size_t n = strlen(whole_commands[i]);

		for (at = kept; *at; at++) {
			for (k = 0; k < n; k++)
				if (at[k] != whole_commands[i][k] &&
				    !(at[k] == KEEP &&
				      whole_commands[i][k] == ' '))
					break;
			if (k < n)
				continue;
			for (k = 0; k < n; k++)
				if (at[k] == ' ')
					at[k] = KEEP;
		}
	}
	words = words_of(kept, " \t\n");
	for (i = 0; i < words.n; i++)
		for (at = words.at[i]; (at = strchr(at, KEEP));)
			*at = ' ';
	return words;
}

/* An entry, in as many lines as the screen's width makes of it. */
static void point(const char *word, const char *format, ...) PRINTF(2, 3);
static void point(const char *word, const char *format, ...)
{
	struct list words;
	va_list arguments;

	va_start(arguments, format);
	words = words_to_show(format_text(format, arguments));
	va_end(arguments);
	fill(stdout, text("%-8s ", word), &words, (size_t)screen);
}

/* ---------------------------------------------------------------- this kernel */

/* Debian's kernels that the tests run on; on aarch64 the ground truth alone. */
#define TESTED_X86_64 "5.10 6.1 6.12 7.2"
#define TESTED_AARCH64 "6.12"

/* Debian's own kernel: others build theirs from its packages, as Raspberry Pi OS. */
static bool is_debians(void)
{
	static const char *const flavours[] = {
		"-amd64", "-cloud-amd64", "-rt-amd64",
		"-arm64", "-cloud-arm64", "-rt-arm64",
	};
	size_t i;

	for (i = 0; i < LENGTH(flavours); i++)
		if (ends(running, flavours[i]))
			return strstr(built, "Debian");
	return false;
}

/* One of the functions that kernels before 5.10 may lack and the tapset needs; or NULL. */
static const char *lacks_function(void)
{
	static const char *const needs[] = { "__sys_connect_file",
					     "____sys_sendmsg" };
	char *symbols = read_file(PROC_KALLSYMS, NULL);
	const char *lacks = NULL;
	size_t i;

	for (i = 0; symbols && !lacks && i < LENGTH(needs); i++)
		if (!strstr(symbols, text(" %s\n", needs[i])))
			lacks = needs[i];
	free(symbols);
	return lacks;
}

static const char *unsupported(int major, int minor)
{
	static const char *const others[] = { "ppc64", "ppc64le", "s390x",
					      "riscv64", "loongarch64" };
	const char *lacks;
	size_t i;

	if (begins(machine, "mips"))
		return "MIPS, whose kernel gives probes no access to arguments";
	if (begins(machine, "arm") ||
	    (*machine == 'i' && !strcmp(machine + 2, "86")))
		return text("32-bit kernels (%s)", machine);
	for (i = 0; i < LENGTH(others); i++)
		if (!strcmp(machine, others[i]))
			break;
	if (i == LENGTH(others) && strcmp(machine, "x86_64") &&
	    strcmp(machine, "aarch64"))
		return text("%s: no kernel of it was tried", machine);
	if (major * 1000 + minor >= 5010)
		return NULL;
	lacks = lacks_function();
	return lacks ? text("Linux %d.%d without %s(), which 5.10 and RHEL 8.4 have",
			    major, minor, lacks) :
		       NULL;
}

/* Is this kernel tested, expected to work, or not supported?  False if it is not supported. */
static bool standing(void)
{
	bool arm = !strcmp(machine, "aarch64");
	struct list tested = { 0 };
	const char *why;
	char *version_;
	int major, minor;

	if (sscanf(running, "%d.%d", &major, &minor) != 2)
		return true;
	why = unsupported(major, minor);
	if (why) {
		point("missing", "support: the tapset does not support %s",
		      why);
		return false;
	}
	if (arm || !strcmp(machine, "x86_64"))
		tested = words_of(arm ? TESTED_AARCH64 : TESTED_X86_64, " ");
	version_ = text("%d.%d", major, minor);
	if (has(&tested, version_) && is_debians()) {
		point("ok", "support: %s on Debian's %s (%s)",
		      arm ? "every probe was tested" : "the tests run",
		      version_, machine);
		return true;
	}
	tested = words_of(TESTED_X86_64, " ");
	point("note",
	      "support: this kernel should work, but was not tested (tested were Debian's %s on"
	      " x86_64 and " TESTED_AARCH64
	      " on aarch64); to test it here: stap-socket check --probes",
	      join(&tested, ", "));
	return true;
}

/* ---------------------------------------------------------------- the probes */

struct list probe_functions(const char *p2)
{
	struct list lines = lines_of(p2), found = { 0 };
	bool on = false;
	size_t i;

	for (i = 0; i < lines.n; i++) {
		char *line = lines.at[i], *at, *end, *leaf = "", *one;
		bool never = begins(line, "never");

		if (begins(line, "# "))
			on = begins(line, "# probes");
		if (!on || (*line != 'k' && !never))
			continue;
		at = strstr(line, "(\"");
		if (at && !never && strstr(at, "\")"))
			leaf = text("%.*s", (int)strcspn(at + 2, "\""), at + 2);
		if (begins(line, "kernel.trace"))
			leaf = text("tracepoint %s",
				    strchr(leaf, ':') ? strchr(leaf, ':') + 1 :
							leaf);
		for (at = line; (at = strstr(at, "<- socket.")); at = end) {
			at += strlen("<- ");
			end = at + strspn(at, "abcdefghijklmnopqrstuvwxyz_.");
			if (!begins(end, " ="))
				continue;
			one = text("%.*s%s%s", (int)(end - at), at,
				   *leaf ? " " : "", leaf);
			if (!has(&found, one))
				add(&found, one);
		}
	}
	return found;
}

/* The names that stap did not find, from its errors. */
static char *not_found(const char *log)
{
	struct list lines = lines_of(log), names = { 0 };
	size_t i;

	for (i = 0; i < lines.n; i++) {
		char *at = strstr(lines.at[i], "kprobe.");

		at = at ? at : strstr(lines.at[i], "kernel.");
		at = at ? strstr(at, "(\"") : NULL;
		if (!at)
			continue;
		at = text("%.*s", (int)strcspn(at + 2, "\""), at + 2);
		if (!has(&names, at))
			add(&names, at);
	}
	return names.n ? join(&names, " ") : NULL;
}

static struct list stap_words(const char *first, const char *script)
{
	struct list l = { 0 };

	add(&l, "--tapset");
	add(&l, tapset);
	add(&l, "--");
	if (*first)
		add(&l, first);
	add(&l, "-p2");
	add(&l, "-e");
	add(&l, script);
	return l;
}

/* A probe that does not resolve: why, from an attempt with it alone. */
static void check_lacking(const char *probe)
{
	struct list words = stap_words("", text("probe %s { }", probe));
	const char *names;

	run_stap(scratch, text("looking for what %s lacks", probe), &words);
	add(&lacking, probe);
	names = not_found(build_log);
	if (names)
		point("missing", "%s: this kernel has no %s", probe, names);
	else
		point("missing", "%s: %s", probe,
		      explain_build(build_log, running));
}

/* Each probe, with the kernel functions that it is made of here, or what it lacks. */
static void check_probes(const struct list *needs)
{
	struct list words = stap_words("-u", "probe socket.** ? { }"), found,
		    lines;
	const char *why = needs->n ? needs->at[0] : NULL;
	size_t i, k;

	putchar('\n');
	if (access(PROC_MODULES, F_OK))
		why = "no module can be loaded";
	if (why) {
		point("note", "the probes were not looked at: %s", why);
		return;
	}
	build_log = text("%s/p2", scratch);
	if (!run_stap(scratch, "looking for the kernel functions of the probes",
		      &words)) {
		untested = true;
		point("missing", "the probes: %s",
		      explain_build(build_log, running));
		return;
	}
	found = probe_functions(build_log);
	lines = lines_of(text("%s/linux/socket.stp", tapset));
	for (i = 0; i < lines.n; i++) {
		struct list functions = { 0 };
		bool never = false;
		const char *probe;

		if (!begins(lines.at[i], "probe socket."))
			continue;
		probe = words_of(lines.at[i], " ").at[1];
		for (k = 0; k < found.n; k++) {
			if (!strcmp(found.at[k], probe))
				never = true;
			else if (begins(found.at[k], text("%s ", probe)))
				add(&functions,
				    found.at[k] + strlen(probe) + 1);
		}
		if (functions.n)
			point("ok", "%s: %s", probe, join(&functions, ", "));
		else if (never)
			point("note",
			      "%s: this kernel has no such calls, so it never fires",
			      probe);
		else
			check_lacking(probe);
	}
}

/* ---------------------------------------------------------------- the self-test */

/* A line of the ledger, or of what the probes have counted. */
struct count {
	const char *phase, *probe;
	long events;
	const char *bytes; /* "-": the probe has none */
};

struct counts {
	struct count *at;
	size_t n;
};

static struct counts read_counts(const char *file)
{
	struct list lines = lines_of(file);
	struct counts c = { calloc(lines.n + 1, sizeof(*c.at)), 0 };
	size_t i;

	for (i = 0; c.at && i < lines.n; i++) {
		struct list words = words_of(lines.at[i], " ");

		if (words.n < 3)
			continue;
		c.at[c.n].phase = words.at[0];
		c.at[c.n].probe = words.at[1];
		c.at[c.n].events = atol(words.at[2]);
		c.at[c.n].bytes = words.n > 3 ? words.at[3] : "0";
		if (!strcmp(words.at[1], "skipped"))
			c.at[c.n].bytes = text(
				"%s", strstr(lines.at[i], " skipped ") +
					      strlen(" skipped "));
		c.n++;
	}
	return c;
}

static const struct count *find_count(const struct counts *c, const char *phase,
				      const char *probe)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->at[i].phase, phase) &&
		    !strcmp(c->at[i].probe, probe))
			return &c->at[i];
	return NULL;
}

/* One phase: what the program has made beside what the probes have counted. */
static void compare_phase(const char *phase, const struct counts *due,
			  const struct counts *seen)
{
	struct list wrong = { 0 }, right = { 0 };
	long most = 0;
	size_t i;

	for (i = 0; i < due->n; i++) {
		const struct count *d = &due->at[i], *s;
		const char *bytes, *said;

		if (strcmp(d->phase, phase))
			continue;
		if (!strcmp(d->probe, "skipped")) {
			point("note", "%s: not tried: %s", phase, d->bytes);
			return;
		}
		if (has(&lacking, d->probe))
			continue;
		s = find_count(seen, phase, d->probe);
		bytes = s ? s->bytes : "0";
		said = text("%s %ld of %ld", d->probe, s ? s->events : 0,
			    d->events);
		if (strcmp(d->bytes, "-"))
			said = text("%s (%s of %s bytes)", said, bytes,
				    d->bytes);
		if (!s || s->events != d->events ||
		    (strcmp(d->bytes, "-") && strcmp(bytes, d->bytes)))
			add(&wrong, said);
		add(&right, d->probe + (begins(d->probe, "socket.") ?
						strlen("socket.") :
						0));
		most = d->events;
	}
	for (i = 0; i < seen->n; i++)
		if (!strcmp(seen->at[i].phase, phase) &&
		    !find_count(due, phase, seen->at[i].probe))
			add(&wrong,
			    text("%s %ld, expected none", seen->at[i].probe,
				 seen->at[i].events));
	if (wrong.n) {
		add(&miscounted, phase);
		point("wrong", "%s: counted by %s", phase, join(&wrong, ", "));
	} else if (!strcmp(phase, "connection")) {
		point("ok", "%s: each call counted by %s", phase,
		      join(&right, ", "));
	} else if (right.n) {
		point("ok", "%s: %ld of %ld counted by %s", phase, most, most,
		      join(&right, ", "));
	}
}

static void compare_calls(const char *ledger, const char *seen)
{
	struct counts due = read_counts(ledger), got = read_counts(seen);
	struct list phases = { 0 };
	size_t i;

	for (i = 0; i < due.n; i++) {
		if (has(&phases, due.at[i].phase))
			continue;
		add(&phases, due.at[i].phase);
		compare_phase(due.at[i].phase, &due, &got);
	}
}

/* find_module(); the reasons why modules are not used are part of the report. */
static char *note_module(const char *tool, const char *staprun)
{
	struct list whys = { 0 };
	char *module = find_module(tool, staprun, &whys);
	size_t i;

	for (i = 0; i < whys.n; i++)
		point("note", "%s: %s", tool, whys.at[i]);
	return module;
}

/* Whether modules can be loaded and must be signed, as found before. */
struct able {
	bool load, sign;
	enum may who;
	const char *staprun;
	const struct list *needs;
};

static const char *cannot_test(const struct able *a, const char *module)
{
	if (!a->load)
		return "no module can be loaded, as said above";
	if (a->sign && (!module || !is_signed(module)))
		return kernel_refuses(false);
	if (module)
		return NULL;
	if (a->who != MAY_ANY)
		return may_not_load(a->who);
	if (a->needs->n)
		return text("there is no prebuilt module of it, and %s",
			    a->needs->at[0]);
	return NULL;
}

static void check_calls(const struct able *a)
{
	struct request r = { .tool = SELF_TEST };
	char *ledger = text("%s/ledger", scratch),
	     *seen = text("%s/seen", scratch);
	const char *module, *why, *self = text("%s/self-test", libexec);
	bool interrupted = false;
	int status, output;
	struct stat st;

	putchar('\n');
	module = note_module(SELF_TEST, a->staprun);
	why = cannot_test(a, module);
	if (why) {
		point("note", "the self-test was not run: %s", why);
		return;
	}
	untested = true;
	if (access(self, X_OK)) {
		point("missing", "the self-test's program, %s", self);
		return;
	}
	TRUST(self);
	if (!module) {
		module = build_own(SELF_TEST, "building the self-test");
		if (!module) {
			point("missing",
			      "the self-test's module: %s (stap's own words: %s)",
			      explain_build(build_log, running), build_log);
			return;
		}
	}
	add(&r.command, self);
	add(&r.command, ledger);
	output = open(seen, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (output < 0)
		die("cannot write %s: %s", seen, strerror(errno));
	status = run_module(module, &r, output, &interrupted);
	close(output);
	if (interrupted)
		exit(130);
	if (status || stat(ledger, &st) || !st.st_size) {
		point("missing",
		      "the self-test: its program ended with status %d",
		      status);
		return;
	}
	untested = false;
	compare_calls(ledger, seen);
}

/* ---------------------------------------------------------------- check */

static void note_lockdown(void)
{
	const char *mode = lockdown();

	if (!strcmp(mode, "integrity"))
		point("note",
		      "lockdown=integrity: a signed module runs as it does without lockdown");
	else if (!strcmp(mode, "confidentiality"))
		point("note",
		      "lockdown=confidentiality: a signed module runs as it does without lockdown;"
		      " what is forbidden then, kprobes of tracefs and perf and reads by bpf,"
		      " modules do not use");
}

/* Whether the kernel, staprun and the user's rights permit loading. */
static void check_loading(struct able *a)
{
	const char *why = kernel_refuses(false);
	char *symbols;

	if (!why) {
		point("ok", "the kernel takes unsigned modules");
	} else {
		point("missing", "%s", why);
		if (kernel_refuses(true))
			a->load = false;
		else
			a->sign = true;
	}
	note_lockdown();
	if (program("staprun")) {
		a->staprun = loader();
		point("ok", "staprun%s%s: runs modules",
		      *a->staprun ? " of systemtap " : "", a->staprun);
	} else {
		a->load = false;
		point("missing", "staprun: %s",
		      install("systemtap-runtime", "systemtap-runtime", NULL));
	}
	a->who = may_load();
	switch (a->who) {
	case MAY_ANY:
		point("ok", "%s may run any module", user_name());
		break;
	case MAY_INSTALLED:
		point("ok",
		      "%s may run the modules in /lib/modules/%s/systemtap (group stapusr)",
		      user_name(), running);
		break;
	default:
		a->load = false;
		point("missing", "permission: %s", may_not_load(MAY_NOTHING));
	}
	if (!geteuid() && !has_cap_sys_module()) {
		a->load = false;
		point("missing", NO_CAPABILITY);
	}
	symbols = read_file(PROC_KALLSYMS, NULL);
	if (symbols && strstr(symbols, " register_kprobe\n")) {
		point("ok", "the kernel has kprobes");
	} else {
		a->load = false;
		point("missing",
		      "kprobes: this kernel was built without CONFIG_KPROBES");
	}
	free(symbols);
}

static bool has_bpftool(void)
{
	return program("bpftool") || program("/usr/sbin/bpftool") ||
	       program("/sbin/bpftool");
}

/* Whether modules can be built, for this kernel or others; true if for this kernel. */
static bool check_building(const struct able *a, struct list *needs)
{
	bool modules = !access(PROC_MODULES, F_OK);
	struct list all = build_needs(running, headers_of(running));
	size_t i;

	/* Without modules they are built for other kernels, which have headers of their own. */
	for (i = 0; i < all.n; i++)
		if (modules || !begins(all.at[i], "the headers of"))
			add(needs, all.at[i]);
	if (!needs->n)
		point("ok", "systemtap %s, gcc, make%s: builds modules",
		      stap_version(),
		      modules ? ", the kernel's headers" :
				" (for other kernels)");
	for (i = 0; i < needs->n; i++)
		point("missing", "to build modules: %s", needs->at[i]);
	if (!has_bpftool())
		point("missing",
		      "bpftool, without which the first build takes minutes: %s",
		      install("bpftool", "bpftool", NULL));
	return !needs->n && !kernel_refuses(false) && a->who == MAY_ANY;
}

/* Which tools have modules that can be loaded; false if some cannot be used. */
static bool check_tools(const struct able *a, bool can_build)
{
	struct list all = tools(), names = { 0 }, unsigned_ = { 0 };
	size_t i, have = 0;

	for (i = 0; i < all.n; i++) {
		const char *module = note_module(all.at[i], a->staprun);

		if (module && a->sign && !is_signed(module))
			add(&unsigned_, all.at[i]);
		else if (module)
			have++;
		else
			add(&names, all.at[i]);
	}
	if (!all.n) {
		point("missing", "the tools: none in %s", scripts);
		return false;
	}
	if (have == all.n) {
		point("ok", "prebuilt modules of all %zu tools", all.n);
		return true;
	}
	if (can_build) {
		point("ok",
		      "prebuilt modules of %zu of %zu tools; built when first used: %s",
		      have, all.n, join(&names, " "));
		return true;
	}
	if (access(PROC_MODULES, F_OK))
		return false;
	if (unsigned_.n)
		point("missing", "the signature of prebuilt modules: %s",
		      join(&unsigned_, " "));
	if (names.n)
		point("missing",
		      "modules that can't be built here, so to be prebuilt elsewhere"
		      " (stap-socket prebuild --kernel %s): %s",
		      running, join(&names, " "));
	return false;
}

/* Modules of runs that were killed: the name ends with the process that looked after it. */
static void note_left(void)
{
	struct list lines = lines_of(PROC_MODULES);
	size_t i;

	for (i = 0; i < lines.n; i++) {
		char *name = lines.at[i], *last;

		name[strcspn(name, " ")] = '\0';
		last = strrchr(name, '_');
		if (!begins(name, "stap_socket_") || !last || !last[1] ||
		    last[1 + strspn(last + 1, "0123456789")])
			continue;
		if (access(text("/proc/%ld", atol(last + 1)), F_OK))
			point("note",
			      "the module %s was left by a run that was killed; staprun -d %s removes it",
			      name, name);
	}
}

static int verdict(bool load)
{
	if (!load)
		puts("The tools can not run.");
	else if (miscounted.n)
		printf("The tools can run, but not all probes count right on this kernel: %s.\n",
		       join(&miscounted, ", "));
	else if (lacking.n)
		printf("The tools can run, but this kernel does not have all probes: %s.\n",
		       join(&lacking, " "));
	else if (untested)
		puts("The tools can run, but not all of this could be tested.");
	else
		puts("The tools can run.");
	return !load || miscounted.n || lacking.n || untested;
}

static void print_check_help(void)
{
	command_help("check");
	fputs("A line for each thing that is needed: \"ok\", or \"missing\" and how to get it.\n"
	      "Ends with 0 where tools can run, else with 1.\n"
	      "\n"
	      "With --probes also each probe, with the kernel functions behind it or what it\n"
	      "lacks, and a self-test: a program makes 20 calls of each kind, and its numbers\n"
	      "are compared with those of the probes.  \"wrong\" or a missing probe: ends with 1.\n",
	      stdout);
}

int check(int argc, char **argv)
{
	struct able a = { .load = true, .staprun = "" };
	struct list needs = { 0 };
	bool probes = false, can_build, load;
	int i = 1;

	if (is_help(argv[1])) {
		print_check_help();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--probes")) {
		probes = true;
		i++;
	}
	if (argc > i)
		misuse("check takes --probes, but was given '%s'", argv[i]);
	measure();
	printf("kernel %s, %s\n", running, machine);
	/* A kernel without modules is not asked; tools are built for others there. */
	if (!access(PROC_MODULES, F_OK) && !standing())
		return verdict(false);
	check_loading(&a);
	can_build = check_building(&a, &needs);
	load = a.load;
	if (!check_tools(&a, can_build))
		load = false;
	note_left();
	if (probes) {
		scratch = make_scratch();
		a.needs = &needs;
		check_probes(&needs);
		check_calls(&a);
		putchar('\n');
	}
	return verdict(load);
}
