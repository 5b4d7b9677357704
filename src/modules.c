// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modules.c - finds, judges, builds and records modules
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct list limits;

char *build_log;

/* The program that builds; it ends with this one. */
static pid_t builder;

static void end_builder(void)
{
	if (!builder)
		return;
	/* It may not have a session of its own yet. */
	if (kill(-builder, SIGTERM))
		kill(builder, SIGTERM);
	while (waitpid(builder, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---------------------------------------------------------------- what is there */

bool is_signed(const char *module)
{
	static const char *const mark = "~Module signature appended~\n";
	char tail[sizeof("~Module signature appended~\n")] = "";
	FILE *f = fopen(module, "r");

	if (!f)
		return false;
	if (fseek(f, -(long)strlen(mark), SEEK_END) ||
	    fread(tail, 1, strlen(mark), f) != strlen(mark))
		tail[0] = '\0';
	fclose(f);
	return !strcmp(tail, mark);
}

char *entry_of(const char *tool)
{
	struct digest *d;

	if (!limits.n)
		return text("%s", tool);
	d = digest_new();
	digest_text(d, join(&limits, " "));
	return text("%s-%.8s", tool, digest_end(d));
}

/*
 * staprun -R ends the name with its process id, in as many characters as it had: these are
 * the ones to lose.
 */
char *module_name(const char *tool)
{
	char *name = text("stap_socket_%s_00000000", entry_of(tool)), *c;

	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

/*
 * systemtap ends a script that missed more than 100 events, each because something else held
 * a lock for too long, which is harmless on a busy machine.  It reports their number at the
 * end.
 */
static struct list stap_options(void)
{
	struct list l = { 0 };
	size_t i;

	add(&l, "-p4");
	add(&l, "-DMAXSKIPPED=2147483647");
	for (i = 0; i < limits.n; i++)
		add(&l, limits.at[i]);
	return l;
}

struct list stap_arguments(const char *tool)
{
	struct list l = stap_options();

	add(&l, "-m");
	add(&l, module_name(tool));
	return l;
}

char *name_in(const char *module)
{
	const char *name = strrchr(module, '/') + 1;

	return text("%.*s", (int)(strlen(name) - strlen(".ko")), name);
}

static int is_visible(const struct dirent *e)
{
	return *e->d_name != '.';
}

/* Adds the files of a directory whose names begin and end so, in the order of their names. */
static void digest_files(struct digest *d, const char *directory,
			 const char *begin, const char *end)
{
	struct dirent **found;
	int i, n = scandir(directory, &found, is_visible, alphasort);

	for (i = 0; i < n; i++)
		if (begins(found[i]->d_name, begin) &&
		    ends(found[i]->d_name, end))
			digest_file(d,
				    text("%s/%s", directory, found[i]->d_name));
}

/* A digest of a module's sources: its script, the tapset, stap's options. */
char *sources_sum(const char *tool)
{
	struct digest *d = digest_new();
	struct list options = stap_options();

	digest_file(d, script_of(tool));
	digest_files(d, text("%s/linux", tapset), "socket", ".stp");
	digest_files(d, lib, "", "");
	digest_text(d, text("%s\n", join(&options, " ")));
	return text("%.16s", digest_end(d));
}

/* The words of a line of a directory's manifest; none if there is no such line. */
static struct list recorded(const char *directory, const char *tool)
{
	struct list lines = lines_of(text("%s/" MANIFEST, directory)), words;
	size_t i;

	for (i = 0; i < lines.n; i++) {
		words = words_of(lines.at[i], " \t");
		if (words.n && !strcmp(words.at[0], tool))
			return words;
	}
	return (struct list){ 0 };
}

/*
 * Why the module of a directory is not used: "" if it is good, NULL if there is none.  stap,
 * the version of systemtap, may be "".  Sets `found` to the module.
 */
static char *stale(const char *directory, const char *tool, const char *kernel,
		   const char *stap, char **found)
{
	struct list line = recorded(directory, entry_of(tool));
	char *module, *why;

	if (line.n < 2)
		return NULL;
	if (line.n != 6 || strchr(line.at[1], '/'))
		return text("its line in %s/" MANIFEST
			    " was not written by this command",
			    directory);
	module = *found = text("%s/%s", directory, line.at[1]);
	if (!readable(module))
		return text("%s is missing", module);
	why = UNTRUSTED(directory, text("%s/" MANIFEST, directory), module);
	if (why)
		return why;
	if (strcmp(line.at[2], kernel))
		return text("it was built for kernel %s", line.at[2]);
	if (strcmp(line.at[4], sources_sum(tool)))
		return text(
			"it was built from another version of the script or the tapset");
	if (*stap && strcmp(line.at[3], stap))
		return text("it was built by systemtap %s, and here is %s",
			    line.at[3], stap);
	/* The kernel itself looks after what is signed. */
	if (!is_signed(module) && strcmp(line.at[5], digest_of_file(module)))
		return text("%s is damaged", module);
	return text("%s", "");
}

/* Where modules of a kernel are kept, the first that staprun lets anybody use. */
static struct list module_dirs(const char *kernel)
{
	struct list l = { 0 };

	add(&l, text("/lib/modules/%s/systemtap", kernel));
	if (may_load() == MAY_ANY) {
		if (*prefix)
			add(&l, text("%s/lib/socket-tapset/modules/%s", prefix,
				     kernel));
		add(&l, own_modules(kernel));
	}
	return l;
}

char *find_module(const char *tool, const char *staprun, struct list *whys)
{
	struct list directories = module_dirs(running);
	size_t i;

	for (i = 0; i < directories.n; i++) {
		const char *d = directories.at[i], *why;
		char *module;

		if (access(text("%s/" MANIFEST, d), F_OK))
			continue;
		why = stale(d, tool, running, staprun, &module);
		if (!why)
			continue;
		if (!*why)
			return module;
		add(whys, text("not using the module in %s: %s", d, why));
	}
	return NULL;
}

char *own_modules(const char *kernel)
{
	return text("%s/modules/%s", cache, kernel);
}

char *own_module(const char *tool)
{
	return text("%s/%s.ko", own_modules(running), module_name(tool));
}

/* ---------------------------------------------------------------- building */

/* One line that changes on a terminal, else a line every ten seconds. */
static void progress(const char *what, long seconds)
{
	static const char *before;
	static long next;

	if (what != before) {
		next = 0;
		before = what;
	}
	if (isatty(2)) {
		fprintf(stderr, "\r\033[Kstap-socket: %s ... %ld s", what,
			seconds);
	} else if (seconds >= next) {
		say("%s ... %ld s", what, seconds);
		next += 10;
	}
}

static void progress_end(void)
{
	if (isatty(2))
		fputs("\r\033[K", stderr);
}

static void become_builder(const char *directory, const struct list *arguments)
{
	const char **words = calloc(arguments->n + 2, sizeof(*words));
	int null = open("/dev/null", O_RDONLY);
	int log = open(build_log, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
		       0666);
	size_t i;

	if (!words || log < 0 || chdir(directory))
		_exit(1);
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	setenv("HOME", home, 1);
	setenv("LC_ALL", "C", 1);
	setenv("XDG_CACHE_HOME", cache_home, 1);
	words[0] = runner;
	for (i = 0; i < arguments->n; i++)
		words[i + 1] = arguments->at[i];
	restore_signals();
	execv(runner, (char *const *)words);
	_exit(127);
}

/* stap-socket-run in a directory; what it prints goes to build_log. */
bool run_stap(const char *directory, const char *what,
	      const struct list *arguments)
{
	struct timespec start, now;
	int status = -1, number;
	pid_t pid;

	static bool once;

	if (!once)
		atexit(end_builder);
	once = true;
	catch_signals();
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		/* A session of its own: stap sends signals to its whole group. */
		setsid();
		become_builder(directory, arguments);
	}
	builder = pid;
	while (!waitpid(builder, &status, WNOHANG)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		progress(what, now.tv_sec - start.tv_sec);
		number = wait_signal(200);
		if (number && number != SIGCHLD) {
			progress_end();
			end_by(number);
		}
	}
	builder = 0;
	progress_end();
	return !status;
}

void make_directory(const char *path)
{
	char *p = text("%s", path), *c;
	mode_t mask = umask(022);

	for (c = p + 1; *c; c++)
		if (*c == '/') {
			*c = '\0';
			mkdir(p, 0777);
			*c = '/';
		}
	mkdir(p, 0777);
	umask(mask);
}

/* Removes what builds that were killed have left. */
static void remove_old(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		char *path = text("%s/%s", directory, e->d_name);

		if (begins(e->d_name, ".build.") && !lstat(path, &st) &&
		    time(NULL) - st.st_mtime > 3600)
			remove_tree(path);
	}
	if (d)
		closedir(d);
}

/* Moves the module, which is alone in its directory, and adds a line to the manifest. */
static void record(const char *tool, const char *directory, const char *file,
		   const char *kernel)
{
	int lock = open(text("%s/.lock", directory),
			O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	const char *new = text("%s.manifest", file),
		   *name = strrchr(file, '/') + 1, *entry = entry_of(tool);
	char *digest = digest_of_file(file);
	struct list lines;
	size_t i;
	FILE *f;

	while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) &&
	       errno == EWOULDBLOCK) {
		int number = wait_signal(200);

		if (number && number != SIGCHLD)
			end_by(number);
	}
	if (lock < 0)
		die("cannot lock %s/.lock: %s", directory, strerror(errno));
	/* The module first: a line of the manifest is good for one that is whole. */
	if (rename(file, text("%s/%s", directory, name)))
		die("cannot write to %s: %s", directory, strerror(errno));
	lines = lines_of(text("%s/" MANIFEST, directory));
	f = fopen(new, "w");
	if (!f)
		die("cannot write %s: %s", new, strerror(errno));
	fputs("# tool module kernel systemtap sources sha256\n", f);
	for (i = 0; i < lines.n; i++) {
		struct list words = words_of(lines.at[i], " \t");

		if (words.n && *lines.at[i] != '#' &&
		    strcmp(words.at[0], entry))
			fprintf(f, "%s\n", lines.at[i]);
	}
	fprintf(f, "%s %s %s %s %s %s\n", entry, name, kernel, made_by(),
		sources_sum(tool), digest);
	if (fclose(f) || chmod(new, 0644) ||
	    rename(new, text("%s/" MANIFEST, directory)))
		die("cannot write %s/" MANIFEST ": %s", directory,
		    strerror(errno));
	close(lock);
}

/* The options are those of stap-socket-run. */
bool build(const char *tool, const char *kernel, const char *directory,
	   const char *what, const struct list *options)
{
	char *name = module_name(tool), *file, *box;
	const char *logs = text("%s/log", cache);
	struct list words = { 0 }, arguments = stap_arguments(tool);
	struct stat st;
	bool good;
	size_t i;

	/* Twice: another may make a directory in between. */
	TRUST(directory, logs);
	make_directory(directory);
	make_directory(logs);
	if (access(directory, W_OK))
		die("cannot write to %s", directory);
	TRUST(directory, logs);
	build_log = text("%s/%s.build", logs, entry_of(tool));
	unlink(build_log);
	remove_old(directory);
	box = make_directory_in(directory, ".build");
	add(&words, "--kernel");
	add(&words, kernel);
	add(&words, "--tapset");
	add(&words, tapset);
	for (i = 0; options && i < options->n; i++)
		add(&words, options->at[i]);
	add(&words, "--");
	for (i = 0; i < arguments.n; i++)
		add(&words, arguments.at[i]);
	add(&words, script_of(tool));
	file = text("%s/%s.ko", box, name);
	good = run_stap(box, what, &words) && !stat(file, &st) && st.st_size;
	if (good) {
		chmod(file, 0644);
		record(tool, directory, file, kernel);
	}
	remove_tree(box);
	return good;
}

char *build_own(const char *tool, const char *what)
{
	return build(tool, running, own_modules(running), what, NULL) ?
		       own_module(tool) :
		       NULL;
}

static const char *line_with(const char *said, const char *what)
{
	struct list lines = words_of(said, "\n");
	size_t i;

	for (i = 0; i < lines.n; i++)
		if (strstr(lines.at[i], what))
			return lines.at[i];
	return "";
}

static bool in_order(const char *said, const char *first, const char *second)
{
	said = strstr(said, first);
	return said && strstr(said + strlen(first), second);
}

/* The messages of stap-socket-run itself, or NULL. */
static char *said_by_runner(const char *said)
{
	static const char *const mark = "stap-socket-run: ";
	struct list lines = words_of(said, "\n"), own = { 0 };
	size_t i;

	for (i = 0; i < lines.n; i++)
		if (begins(lines.at[i], mark))
			add(&own, lines.at[i] + strlen(mark));
	return own.n ? join(&own, " ") : NULL;
}

/* Where a build went wrong, in a sentence. */
char *explain_build(const char *log, const char *kernel)
{
	char *said = read_file(log, NULL), *own, *tested;
	struct list lines;

	said = said ? said : text("%s", "");
	own = said_by_runner(said);
	if (own)
		return own;
	if (strstr(said, "No space left on device"))
		return text("no space left on the device of %s or of %s", cache,
			    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (in_order(said, ": not found", "gcc") ||
	    in_order(said, "gcc", ": not found") ||
	    strstr(said, "gcc: No such file"))
		return text(
			"the compiler that this kernel's headers ask for is missing: %s",
			install("gcc", "gcc", NULL));
	if (in_order(said, "error: ", "runtime/") ||
	    in_order(said, "runtime/", "error: ") ||
	    strstr(said, "modpost: ")) {
		tested = strstr(CAPTURE(OUT_AND_ERR, "stap", "-V"),
				"tested kernel versions: ");
		if (tested) {
			tested += strlen("tested kernel versions: ");
			tested[strcspn(tested, "\n")] = '\0';
		}
		return text(
			"systemtap %s does not compile for kernel %s (it says that it was"
			" tested on %s): it is too old or too new for it; install another"
			" version, or build elsewhere: stap-socket prebuild",
			stap_version(), kernel,
			tested ? tested : "unknown ones");
	}
	if (strstr(said, "resolution failed"))
		return text(
			"kernel %s lacks a place that the script probes: %s",
			kernel, line_with(said, "while resolving"));
	if (strstr(said, "semantic error:"))
		return text("%s", line_with(said, "semantic error:"));
	if (strstr(said, "parse error:"))
		return text("%s", line_with(said, "parse error:"));
	lines = words_of(said, "\n");
	return text("%s", lines.n ? lines.at[lines.n - 1] : "");
}

/* ---------------------------------------------------------------- prebuild */

enum { KERNEL = 256, DIRECTORY, BUILD, SYMBOLS, BTF };

static const struct option_row table[] = {
	{ KERNEL, "kernel", "RELEASE", A_KERNEL, NULL, OTHER,
	  "the kernel to build for (default: the running one)" },
	{ DIRECTORY, "output", "DIR", A_DIRECTORY, NULL, OTHER,
	  "the directory for the modules" },
	{ 'D', "define", "NAME=N", A_LIMIT, NULL, OTHER,
	  "modules for tools that are given the same -D" },
	{ BUILD, "build", "DIR", A_DIRECTORY, NULL, OTHER,
	  "headers of a kernel that does not run here" },
	{ SYMBOLS, "symbols", "FILE", A_FILE, NULL, OTHER, "its symbols" },
	{ BTF, "btf", "FILE", A_FILE, NULL, OTHER, "its types" },
	{ 'h', "help", NULL, NOTHING, NULL, OTHER, "print this" },
};

const struct option_table prebuild_options = { table, LENGTH(table) };

static void print_prebuild_usage(void)
{
	size_t i;

	fputs("usage: stap-socket prebuild [OPTION...] [TOOL...]\n"
	      "\n"
	      "Builds the tools and the self-test of check --probes (or those named) for a\n"
	      "kernel, and writes their modules and a manifest.  Modules that are current are\n"
	      "kept, so that it can be interrupted and started again.\n"
	      "\n",
	      stdout);
	for (i = 0; i < LENGTH(table); i++)
		print_option(stdout, &table[i]);
	fputs("\n"
	      "The default DIR is the directory that this command uses; for root who has it\n"
	      "installed, the one of all users.  --build, --symbols and --btf are those of\n"
	      "stap-socket-run.\n"
	      "\n"
	      "On the machines that are to use them, the files of DIR belong into\n"
	      "/lib/modules/RELEASE/systemtap (also for members of stapusr) or\n"
	      "PREFIX/lib/socket-tapset/modules/RELEASE.\n",
	      stdout);
}

struct asked {
	const char *kernel, *output, *headers;
	struct list pass, tools;
};

static void take_prebuild(struct asked *a, const char *option,
			  const char *value)
{
	struct stat st;
	const char *why;

	if (!strcmp(option, "--kernel")) {
		a->kernel = value;
	} else if (!strcmp(option, "--output")) {
		a->output = value;
		why = UNTRUSTED(value);
		if (why)
			misuse("--output: %s", why);
	} else if (!strcmp(option, "--build")) {
		if (stat(value, &st) || !S_ISDIR(st.st_mode))
			misuse("--build: no directory '%s'", value);
		a->headers = realpath(value, NULL);
		add(&a->pass, option);
		add(&a->pass, a->headers);
	} else {
		if (!readable(value))
			misuse("%s: no file '%s' that can be read", option,
			       value);
		add(&a->pass, option);
		add(&a->pass, realpath(value, NULL));
	}
}

static void parse_prebuild(struct asked *a, int argc, char **argv)
{
	struct list options = { 0 }, given = { 0 };
	size_t k;
	int i;

	for (k = 0; k < LENGTH(table); k++) {
		if (has_letter(&table[k]))
			add(&options, text("-%c", table[k].key));
		add(&options, long_of(&table[k]));
	}
	for (i = 1; i < argc; i++) {
		const char *o = argv[i];

		if (is_help(o)) {
			print_prebuild_usage();
			exit(0);
		}
		if (*o != '-') {
			if (strcmp(o, SELF_TEST))
				known_tool(o);
			add(&a->tools, o);
			continue;
		}
		if (begins(o, "-DSOCKET_") || begins(o, "--define=")) {
			k = o[1] == 'D' ? strlen("-D") : strlen("--define=");
			add_limit(text("%.*s", o[1] == 'D' ? 2 : 8, o), o + k);
			continue;
		}
		if (!has(&options, o))
			misuse("prebuild has no option '%s'%s", o,
			       likely(o, &options));
		if (i + 1 == argc || !*argv[i + 1])
			misuse("%s needs a value", o);
		if (!strcmp(o, "-D") || !strcmp(o, "--define")) {
			add_limit(o, argv[++i]);
			continue;
		}
		for (k = 0; k < given.n; k += 2)
			if (!strcmp(given.at[k], o))
				misuse("%s is given twice, with '%s' and '%s'",
				       o, given.at[k + 1], argv[i + 1]);
		add(&given, o);
		add(&given, argv[++i]);
		take_prebuild(a, o, argv[i]);
	}
}

int prebuild(int argc, char **argv)
{
	struct asked a = { 0 };
	int made = 0, kept = 0, failed = 0;
	time_t begin = time(NULL);
	struct list needs;
	const char *why;
	char *module;
	size_t i;

	parse_prebuild(&a, argc, argv);
	if (!a.kernel) {
		a.kernel = running;
		if (access(PROC_MODULES, F_OK))
			die("%s", kernel_refuses(false));
	}
	if (strchr(a.kernel, '/') || *a.kernel == '.' ||
	    strpbrk(a.kernel, " \t\n\v\f\r"))
		misuse("--kernel takes a release as 'uname -r' prints it, not '%s'",
		       a.kernel);
	if (!a.tools.n) {
		a.tools = tools();
		if (!a.tools.n)
			die("there are no tools in %s", scripts);
		/* check --probes runs it as it is. */
		if (!limits.n)
			add(&a.tools, SELF_TEST);
	}
	if (!a.output)
		a.output = *prefix && !geteuid() ?
				   text("%s/lib/socket-tapset/modules/%s",
					prefix, a.kernel) :
				   own_modules(a.kernel);
	needs = build_needs(a.kernel,
			    a.headers ? a.headers : headers_of(a.kernel));
	if (needs.n)
		die("nothing can be built for kernel %s: %s", a.kernel,
		    join(&needs, "\n"));
	for (i = 0; i < a.tools.n; i++) {
		const char *tool = a.tools.at[i];

		why = stale(a.output, tool, a.kernel, stap_version(), &module);
		if (why && !*why) {
			kept++;
		} else if (build(tool, a.kernel, a.output,
				 text("%zu of %zu: %s for kernel %s", i + 1,
				      a.tools.n, tool, a.kernel),
				 &a.pass)) {
			made++;
		} else {
			failed++;
			say("%s can't be built: %s (stap's own words: %s)",
			    tool, explain_build(build_log, a.kernel),
			    build_log);
		}
	}
	say("%s: %d built, %d kept, %d failed in %ld s", a.output, made, kept,
	    failed, (long)(time(NULL) - begin));
	return failed > 0;
}
