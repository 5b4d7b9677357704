// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.c - runs a tool: its module, and the command that it follows
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The lines of staprun that explain_run() puts in its own words. */
#define LOAD_TROUBLE                                                       \
	"Couldn't insert module|normal user|should either be root|stapusr" \
	"|signature for the module|effective user ID"                      \
	"|Check permissions on staprun|Rerun with staprun option"          \
	"|owned by root|world writable|that directory|Can't resolve|^$"    \
	"|Disconnecting from systemtap|To reconnect, type"

static void nap(long milliseconds)
{
	nanosleep(&(struct timespec){ milliseconds / 1000,
				      milliseconds % 1000 * 1000000L },
		  NULL);
}

static bool any_of(const char *said, const char *a, const char *b)
{
	return strstr(said, a) || strstr(said, b);
}

/* ---------------------------------------------------------------- why it failed */

/* Why staprun could not load or run, in a sentence, or NULL. */
static char *explain_run(const char *log, const char *module)
{
	const char *said = read_file(log, NULL), *why, *mode = lockdown();
	bool lacks = !has_cap_sys_module(), trusted = true;
	enum may may;

	said = said ? said : "";
	why = kernel_refuses(is_signed(module));
	if (is_signed(module)) {
		/* On a locked kernel, a key that it does not know is not permitted. */
		trusted = !any_of(said, "Key was rejected",
				  "Required key not available") &&
			  (why || lacks || !*mode || !strcmp(mode, "none") ||
			   !strstr(said, "Operation not permitted"));
	}
	if (!trusted)
		return text(
			"this kernel refuses the signature of %s: it does not trust the key"
			" (mokutil --import adds one), or the module was changed since:"
			" sign it again (scripts/sign-file of the kernel headers)",
			module);
	if (any_of(said, "Key was rejected", "Required key not available"))
		return text(
			"this kernel loads signed modules only, as with Secure Boot: " SIGN
			", or turn Secure Boot off");
	if (strstr(said, "Operation not permitted")) {
		if (why)
			return text("%s", why);
		if (!geteuid() && lacks)
			return text(NO_CAPABILITY);
		return text(
			"the kernel refuses to load a module, and does not say why"
			" (lockdown, or a security module such as SELinux?)");
	}
	if (any_of(said, "normal user", "\"stapusr\"")) {
		may = may_load();
		return may_not_load(may == MAY_NOTHING ? MAY_NOTHING :
							 MAY_INSTALLED);
	}
	if (strstr(said, "effective user ID of staprun"))
		return text(
			"staprun is not setuid root, so only root can use it");
	if (strstr(said, "Invalid module format"))
		return text(
			"%s was built for another kernel than %s, though it has the same"
			" name: delete it, and it will be built again",
			module, running);
	if (any_of(said, "Unknown symbol in module", "wrong symbol version") ||
	    strstr(said, "Can't resolve"))
		return text(
			"this kernel lacks what the module needs: systemtap is too old or"
			" too new for kernel %s, or the kernel was updated since; install"
			" another version, or delete %s and build it again",
			running, module);
	if (strstr(said, "File exists"))
		return text(
			"a module of that name is loaded, from an earlier run that was"
			" killed or from one that still runs; staprun -d %s removes the"
			" former",
			name_in(module));
	if (strstr(said, "Invalid parameters"))
		return text(
			"the kernel refuses one of the values that the module is loaded"
			" with");
	if (strstr(said, "Cannot allocate memory"))
		return text(
			"not enough memory for the tables of this tool (-D changes their"
			" sizes) or for its output (--buffer)");
	if (strstr(said, "probe overhead ("))
		return text(
			"the system was too busy with the probes, so that systemtap ended"
			" them: look at less (-p, -n, -P, -f), or use a tool that counts");
	if (strstr(said, "Array overflow"))
		return text(
			"there was more to count than an array of this tool has room for:"
			" look at less (-p, -n, -P, -f)");
	return NULL;
}

/* The first module of /proc/modules whose name matches, or NULL. */
static char *loaded(const char *pattern)
{
	struct list lines = lines_of(PROC_MODULES);
	size_t i;

	for (i = 0; i < lines.n; i++) {
		lines.at[i][strcspn(lines.at[i], " ")] = '\0';
		if (!fnmatch(pattern, lines.at[i], 0))
			return lines.at[i];
	}
	return NULL;
}

/*
 * The module that staprun was kept from removing (SIGKILL, SIGQUIT, an interrupt while it
 * started).  staprun leaves one that is in use.
 */
static bool remove_left(const char *pattern)
{
	char *name = NULL;
	int i;

	for (i = 0; i < 15; i++) {
		name = loaded(pattern);
		if (!name)
			return true;
		/* A moment for the staprun -d that stapio itself has started. */
		if (i >= 3)
			CAPTURE(OUT, "staprun", "-d", name);
		nap(200);
	}
	say("the module %s is still loaded; remove it with: staprun -d %s",
	    name, name);
	return false;
}

/* ---------------------------------------------------------------- running */

/*
 * Copies the messages of staprun to a log, and those that are not about loading to the
 * standard error, or where a live screen shows them.  Ends with the last program that has the
 * pipe: a command may go on.
 */
static void filter(FILE *in, FILE *out, FILE *to, const regex_t *trouble,
		   pid_t parent)
{
	static const char *const skipped =
		"WARNING: Number of errors: 0, skipped probes: ";
	char *line = NULL;
	size_t size = 0, n;

	ignore_signals();
	while (getline(&line, &size, in) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		/* Nobody reads what it prints; stapio would go on for ever. */
		if (strstr(line, "error writing output: ")) {
			kill(parent, SIGUSR1);
			continue;
		}
		fprintf(out, "%s\n", line);
		fflush(out);
		n = strlen(skipped);
		if (begins(line, skipped) && line[n] >= '1' && line[n] <= '9')
			fprintf(to,
				"stap-socket: %ld events were missed, as the machine was too busy to count them\n",
				atol(line + n));
		else if (regexec(trouble, line, 0, NULL, 0))
			fprintf(to, "%s\n", line);
		fflush(to);
	}
	_exit(0);
}

/* staprun reports that a command failed, but not its status: a script that keeps it. */
static char *wrap(const char *box, const struct list *command)
{
	char *file = text("%s/command", box), *all = getenv("LC_ALL");
	char terminal[4096] = "";
	FILE *f = fopen(file, "w");

	if (!f)
		die("cannot write %s: %s", file, strerror(errno));
	fputs("trap : INT TERM\n", f);
	if (all)
		fprintf(f, "export LC_ALL=%s\n", quoted(all));
	else
		fputs("unset LC_ALL\n", f);
	/* A terminal also shows a line before it is complete. */
	if (isatty(2) &&
	    readlink("/proc/self/fd/2", terminal, sizeof(terminal) - 1) > 0)
		fprintf(f, "[ ! -w %s ] || exec 2>%s\n", quoted(terminal),
			quoted(terminal));
	fprintf(f, "%s\n{ echo $? >%s; } 2>/dev/null\nexit 0\n",
		quoted_list(command), quoted(text("%s/status", box)));
	if (fclose(f))
		die("cannot write %s: %s", file, strerror(errno));
	return text("/bin/sh %s", quoted(file));
}

/*
 * The pipe through which the records of the tool come.  It has a name, since the command that
 * the tool follows keeps the standard output.  Held open here, so that whoever reads it sees
 * its end when this program closes it, and not before staprun opens it.
 */
static char *make_records(const char *box, int *kept)
{
	char *fifo = text("%s/records", box);

	if (mkfifo(fifo, 0600))
		die("cannot make %s: %s", fifo, strerror(errno));
	*kept = open(fifo, O_RDWR | O_CLOEXEC);
	if (*kept < 0)
		die("cannot open %s: %s", fifo, strerror(errno));
	return fifo;
}

/* staprun takes the name of a file as a format of strftime(3). */
static char *for_staprun(const char *path)
{
	size_t size;
	char *s;
	FILE *f = open_memstream(&s, &size);

	for (; f && *path; path++)
		fprintf(f, *path == '%' ? "%%%%" : "%c", *path);
	if (!f || fclose(f))
		die("no memory");
	return s;
}

void check_recording(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *directory = !slash ?
					"." :
				slash == file ?
					"/" :
					text("%.*s", (int)(slash - file), file);

	if (!access(file, F_OK))
		misuse("--record: %s exists; it is not overwritten", file);
	if (access(directory, W_OK))
		misuse("--record: cannot write %s: %s", file, strerror(errno));
}

FILE *open_recording(const char *file)
{
	char host[256] = "", *c;
	FILE *f;

	if (!file)
		return NULL;
	f = fopen(file, "wxe");
	if (!f)
		die("--record: cannot write %s: %s", file, strerror(errno));
	gethostname(host, sizeof(host) - 1);
	for (c = host; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
	fprintf(f, "#host %s\n", host);
	if (fflush(f)) /* before there is a second process */
		die("--record: cannot write %s: %s", file, strerror(errno));
	return f;
}

/*
 * Draws the records in a process of its own, which ends when the tool has.  Its status is 0, 1
 * after a message, or NO_READER.
 */
#define NO_READER 3

static pid_t start_drawing(const char *fifo, int kept, const struct request *r,
			   FILE *record, int messages)
{
	struct look look = r->look;
	long empty = record ? ftell(record) : 0;
	int from, status;
	pid_t pid = fork();

	if (pid)
		return pid;
	ignore_signals();
	signal(SIGPIPE, SIG_IGN);
	from = open(fifo, O_RDONLY | O_CLOEXEC);
	close(kept);
	/* The tools leave out whoever has their output as its standard input. */
	if (from >= 0)
		from = dup2(from, 0);
	if (from < 0)
		die("cannot open %s: %s", fifo, strerror(errno));
	look.owner = getppid();
	look.here = true;
	look.messages = messages;
	status = draw(from, r->tool, &look, record);
	if (record && ftell(record) == empty)
		unlink(r->record); /* the tool has never begun */
	if (record && fclose(record))
		die("cannot write %s: %s", r->record, strerror(errno));
	/* Damaged lines are those that were lost, which the tool itself counts. */
	_exit(status == 2 ? NO_READER : 0);
}

static void become_staprun(const struct list *words, int output, int errors)
{
	if (output >= 0)
		dup2(output, 1);
	dup2(errors, 2);
	setenv("LC_ALL", "C", 1);
	restore_signals();
	execvp("staprun", words->at);
	_exit(127);
}

struct drawing_process {
	pid_t pid;
	int records; /* the end of the pipe that is kept open */
	int status;
	bool ended;
};

/* Without a reader of the records, stapio would wait for ever: it gets an error instead. */
static bool drawing_ended(struct drawing_process *d)
{
	if (d->pid <= 0 || d->ended ||
	    waitpid(d->pid, &d->status, WNOHANG) != d->pid)
		return false;
	d->ended = true;
	close(d->records);
	return true;
}

/* Stops, as Ctrl-Z asks, after the process that has to restore the terminal. */
static void stop(const struct drawing_process *d)
{
	siginfo_t state = { 0 };
	int i;

	for (i = 0; i < 200; i++) {
		if (waitid(P_PID, (id_t)d->pid, &state,
			   WSTOPPED | WEXITED | WNOHANG | WNOWAIT) ||
		    state.si_pid)
			break;
		nap(10);
	}
	kill(getpid(), SIGSTOP);
}

/* Waits for staprun, and passes signals on; returns the name of the one that ended it. */
static const char *follow(pid_t pid, const sigset_t *signals,
			  struct drawing_process *drawing, int *status)
{
	static const char *const names[] = {
		[SIGINT] = "SIGINT",
		[SIGTERM] = "SIGTERM",
		[SIGHUP] = "SIGHUP",
	};
	bool passed[LENGTH(names)] = { false };
	const char *ended = NULL;
	int number;

	for (;;) {
		number = sigwaitinfo(signals, NULL);
		switch (number) {
		case SIGINT:
		case SIGTERM:
		case SIGHUP:
			/*
			 * On a terminal it has got the signal too.  stapio takes two for
			 * one, but from the third on it leaves without the last table:
			 * never pass on two.
			 */
			ended = names[number];
			if (!passed[number])
				kill(pid, number);
			passed[number] = true;
			break;
		case SIGQUIT:
			/* stapio leaves at once, and the module to remove_left(). */
			ended = "SIGQUIT";
			break;
		case SIGTSTP:
			stop(drawing);
			break;
		case SIGUSR1:
			ended = "SIGPIPE";
			kill(pid, SIGTERM);
			break;
		default:
			if (waitpid(pid, status, WNOHANG))
				return ended;
			if (drawing_ended(drawing)) {
				ended = "SIGPIPE";
				kill(pid, SIGTERM);
			}
		}
	}
}

/* Keeps the log of staprun for users who want its own words; NULL if there is no place. */
static char *keep_log(const char *log, const char *tool)
{
	const char *logs = text("%s/log", cache), *said = read_file(log, NULL);
	char *kept = text("%s/%s.run", logs, tool);
	mode_t mask = umask(022);
	FILE *f = NULL;

	if (!UNTRUSTED(logs)) {
		make_directory(logs);
		if (!UNTRUSTED(logs)) {
			unlink(kept);
			f = fopen(kept, "wx");
		}
	}
	umask(mask);
	if (!f)
		return NULL;
	fputs(said ? said : "", f);
	return fclose(f) ? NULL : kept;
}

/* What a failure means, for the user. */
static void report(const char *log, const char *module, const char *tool,
		   int status, const char *ended)
{
	char *why = explain_run(log, module), *said = read_file(log, NULL),
	     *kept;

	if (why) {
		kept = keep_log(log, tool);
		if (!kept)
			fprintf(stderr, "%s", said ? said : "");
		say("%s%s", why,
		    kept ? text(" (staprun's own words: %s)", kept) : "");
	} else if ((!said || !*said) && !ended) {
		say("staprun ended with status %d and no message", status);
	}
}

/*
 * The command that runs a module.  The command to follow is a word for a shell, or NULL, as is
 * the file for the output of the module.
 */
static struct list staprun_words(const char *module, bool own_name,
				 const char *command, const char *records,
				 const struct request *r)
{
	struct list words = { 0 };
	size_t i;

	add(&words, "staprun");
	/*
	 * With a name of its own, any number may run at a time; another name would break a
	 * signature.
	 */
	if (own_name)
		add(&words, "-R");
	if (r->buffer) {
		add(&words, "-b");
		add(&words, r->buffer);
	}
	if (command) {
		add(&words, "-c");
		add(&words, command);
	}
	if (records) {
		add(&words, "-o");
		add(&words, for_staprun(records));
	}
	add(&words, module);
	for (i = 0; i < r->values.n; i++)
		add(&words, r->values.at[i]);
	return words;
}

/*
 * The pipe ends when stapio is gone, which staprun has waited for unless it was killed.  What
 * was drawn may wait for a reader of the standard output, as long as that takes.
 */
static void finish_drawing_process(struct drawing_process *d, bool killed)
{
	int i;

	if (d->pid <= 0 || d->ended)
		return;
	close(d->records);
	for (i = 0; killed && i < 30 && !d->ended; i++) {
		d->ended = waitpid(d->pid, &d->status, WNOHANG) == d->pid;
		nap(d->ended ? 0 : 100);
	}
	if (killed && !d->ended)
		kill(d->pid, SIGKILL);
	if (!d->ended)
		waitpid(d->pid, &d->status, 0);
}

static void print_messages(FILE *f)
{
	char *line = NULL;
	size_t size = 0;

	rewind(f);
	while (getline(&line, &size, f) >= 0)
		fputs(line, stderr);
	fclose(f);
}

int run_module(const char *module, const struct request *r, int output,
	       bool *interrupted)
{
	const char *ended, *name, *directory;
	bool own_name = !is_signed(module);
	struct list words;
	sigset_t signals;
	regex_t trouble;
	FILE *in, *out;
	struct drawing_process drawing = { .records = -1 };
	pid_t pid, filter_pid;
	int errors[2], status = 0, i;
	char *box, *log, *kept, *fifo = NULL;
	FILE *record = open_recording(r->record), *messages = stderr;

	box = make_scratch();
	log = text("%s/log", box);
	if (r->look.live) {
		keep_terminal();
		if (isatty(2))
			messages = fopen(text("%s/messages", box), "a+e");
		if (!messages)
			die("cannot write in %s: %s", box, strerror(errno));
	}
	if (output < 0)
		fifo = make_records(box, &drawing.records);
	words = staprun_words(module, own_name,
			      r->command.n ? wrap(box, &r->command) : NULL,
			      fifo, r);
	directory = text("%.*s", (int)(strrchr(module, '/') - module), module);
	TRUST(directory, module);

	signals = *caught_signals();
	sigaddset(&signals, SIGUSR1);
	if (r->look.live)
		sigaddset(&signals, SIGTSTP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (regcomp(&trouble, LOAD_TROUBLE, REG_EXTENDED | REG_NOSUB))
		die("no memory");
	out = fopen(log, "ae");
	if (!out)
		die("cannot write %s: %s", log, strerror(errno));
	if (pipe2(errors, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	in = fdopen(errors[0], "r");
	if (!in)
		die("no memory");
	fflush(stdout);
	filter_pid = fork();
	if (!filter_pid) {
		close(errors[1]);
		close(drawing.records);
		filter(in, out, messages, &trouble, getppid());
	}
	fclose(in);
	if (fifo)
		drawing.pid = start_drawing(
			fifo, drawing.records, r, record,
			messages == stderr ? -1 : fileno(messages));
	pid = filter_pid < 0 || drawing.pid < 0 ? -1 : fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid)
		become_staprun(&words, output, errors[1]);
	close(errors[1]);
	ended = follow(pid, &signals, &drawing, &status);
	ignore_signals();
	status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				       WEXITSTATUS(status);
	finish_drawing_process(&drawing, status > 128);
	/* The filter ends with staprun, unless a command goes on that has something to say. */
	for (i = 0; i < 10 && !waitpid(filter_pid, NULL, WNOHANG); i++)
		nap(100);
	if (r->look.live && WIFSIGNALED(drawing.status))
		restore_terminal();
	if (messages != stderr)
		print_messages(messages);

	if (ended && !strcmp(ended, "SIGQUIT"))
		say("ended by SIGQUIT, without the last table");
	if (status)
		report(log, module, r->tool, status, ended);
	name = name_in(module);
	if (own_name)
		name = text("%.*s*_%d",
			    (int)(strlen(name) - strlen("00000000")), name,
			    pid);
	if (!remove_left(name) && !status)
		status = 1;
	/* It has said why. */
	if (drawing.pid > 0 && !status &&
	    (!WIFEXITED(drawing.status) ||
	     (WEXITSTATUS(drawing.status) != NO_READER &&
	      WEXITSTATUS(drawing.status))))
		status = 1;
	kept = file_says(text("%s/status", box));
	if (!status && *kept)
		status = atoi(kept);
	if (interrupted)
		*interrupted = ended;
	return status;
}

/* ---------------------------------------------------------------- a tool */

/* What build() and run_module() would do, for a shell: one list of commands, so that a failure
 * ends it. */
static void show_commands(const char *module, const struct request *r)
{
	const char *file = module ? module : own_module(r->tool), *d, *name;
	struct list words = { 0 }, arguments = stap_arguments(r->tool);
	size_t i;

	if (!module) {
		name = module_name(r->tool);
		d = own_modules(running);
		add(&words, "env");
		add(&words, text("HOME=%s", home));
		add(&words, "LC_ALL=C");
		add(&words, text("XDG_CACHE_HOME=%s", cache_home));
		add(&words, runner);
		add(&words, "--kernel");
		add(&words, running);
		add(&words, "--tapset");
		add(&words, tapset);
		add(&words, "--");
		for (i = 0; i < arguments.n; i++)
			add(&words, arguments.at[i]);
		add(&words, script_of(r->tool));
		puts("# this builds the module and keeps it, and the last line runs it");
		printf("(umask 022; mkdir -p %s) &&\n", quoted(d));
		printf("box=$(mktemp -d %s/.build.XXXXXX) &&\n", quoted(d));
		printf("(cd \"$box\" && %s) &&\n", quoted_list(&words));
		printf("chmod 644 \"$box\"/%s.ko &&\n", name);
		printf("mv \"$box\"/%s.ko %s/ &&\n", name, quoted(d));
		printf("{ awk '!/^#/ && $1 != \"%s\"' %s 2>/dev/null;\n",
		       entry_of(r->tool), quoted(text("%s/" MANIFEST, d)));
		printf("  echo %s $(sha256sum <%s | cut -d ' ' -f 1); } \\\n",
		       quoted(text("%s %s.ko %s %s %s", entry_of(r->tool), name,
				   running, made_by(), sources_sum(r->tool))),
		       quoted(file));
		puts("  >\"$box\"/manifest && chmod 644 \"$box\"/manifest &&");
		printf("mv \"$box\"/manifest %s && rmdir \"$box\" &&\n",
		       quoted(text("%s/" MANIFEST, d)));
	}
	words = staprun_words(file, !module || !is_signed(module),
			      r->command.n ? quoted_list(&r->command) : NULL,
			      NULL, r);
	printf("%s |\n", quoted_list(&words));
	if (r->record)
		printf("tee %s |\n", quoted(r->record));
	printf("stap-socket replay -");
	for (i = 0; i < r->drawing.n; i++)
		printf(" %s", quoted(r->drawing.at[i]));
	putchar('\n');
}

/* The kernel takes values that a module does not have, and says nothing. */
static void check_values(const char *module, const struct request *r)
{
	size_t length, i;
	char *s = read_file(module, &length);

	for (i = 0; s && i < r->values.n; i++) {
		const char *value = r->values.at[i], *option;
		int n = (int)strcspn(value, "=");
		char *mark = text("parmtype=%.*s:", n, value);

		option = option_of(text("%.*s", n, value));
		if (*option && !memmem(s, length, mark, strlen(mark)))
			die("%s has no use for the option %s", r->tool, option);
	}
}

/* A module that was built before, or one that is built now. */
static const char *get_module(const struct request *r, const char *found)
{
	const char *why, *module;
	struct list needs;
	enum may may;

	/* Other requirements do not matter without it. */
	if (access(PROC_MODULES, F_OK))
		die("%s", kernel_refuses(false));
	why = staprun_needs();
	if (why)
		die("%s", why);
	may = may_load();
	if (may == MAY_NOTHING || (may == MAY_INSTALLED && !found))
		die("%s", may_not_load(may));
	why = kernel_refuses(found && is_signed(found));
	if (why)
		die("%s", why);
	if (found)
		return found;
	needs = build_needs(running, headers_of(running));
	if (needs.n)
		die("there is no prebuilt module of %s for kernel %s, and it can't be built: %s",
		    r->tool, running, join(&needs, "\n"));
	module = build_own(r->tool,
			   text("building %s for kernel %s", r->tool, running));
	if (!module)
		die("%s can't be built: %s (stap's own words: %s)", r->tool,
		    explain_build(build_log, running), build_log);
	return module;
}

/* A parameter that is a number, or what it is without the option. */
static long number_given(const struct request *r, const char *name, long usual)
{
	size_t i, n = strlen(name);

	for (i = 0; i < r->values.n; i++)
		if (begins(r->values.at[i], name) && r->values.at[i][n] == '=')
			return strtol(r->values.at[i] + n + 1, NULL, 10);
	return usual;
}

/* Until the first table nothing else shows that the tool runs. */
static const char *begun(const struct request *r)
{
	long interval = number_given(r, "interval",
				     interval_of(script_of(r->tool)));
	long duration = number_given(r, "duration", 0);

	return text("%s is running, the first table comes in %ld s", r->tool,
		    duration && duration < interval ? duration : interval);
}

int run_tool(int argc, char **argv)
{
	struct request r = { .tool = argv[0],
			     .columns = known_tool(argv[0]),
			     .lines = prints_lines(script_of(argv[0])) };
	struct list whys = { 0 }, needs = { 0 };
	const char *module;
	size_t i;
	char *s;

	parse_options(&r, argc, argv);
	if (r.print_script) {
		s = read_file(script_of(r.tool), NULL);
		fputs(s ? s : "", stdout);
		return 0;
	}
	module = find_module(r.tool, loader(), &whys);
	for (i = 0; i < whys.n; i++)
		say("%s", whys.at[i]);
	if (!r.dry_run) {
		module = get_module(&r, module);
		check_values(module, &r);
		/* A command shares the terminal. */
		r.look.live = !r.lines && !r.command.n && can_be_live(&r.look);
		if (!r.lines && !r.look.live && isatty(2))
			r.look.begun = begun(&r);
		return run_module(module, &r, -1, NULL);
	}
	if (!module)
		needs = build_needs(running, headers_of(running));
	s = staprun_needs();
	if (s)
		add(&needs, s);
	if (needs.n)
		say("these commands fail here: %s", join(&needs, "; "));
	show_commands(module, &r);
	return needs.n > 0;
}
