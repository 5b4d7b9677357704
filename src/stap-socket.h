// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stap-socket.h - what the files of stap-socket share
 *
 * A tool is a script NAME.stp with a header comment that says what it is for and which
 * columns it has.  stap-socket turns options into the script's globals, runs a module that
 * was built before or builds one, and says in a sentence why it can't.
 *
 * A module is built without a value for any global, so that one serves all runs: the values
 * are its parameters when staprun loads it.
 *
 * Strings are freed only where records are drawn, which may take months.
 */
#ifndef STAP_SOCKET_H
#define STAP_SOCKET_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))
#define PRINTF(at, from) __attribute__((format(printf, at, from)))

/* Files of the kernel; tests have others. */
#ifndef PROC_MODULES
#define PROC_MODULES "/proc/modules"
#endif
#ifndef PROC_KALLSYMS
#define PROC_KALLSYMS "/proc/kallsyms"
#endif
#ifndef PROC
#define PROC "/proc"
#endif
#ifndef LOCKDOWN
#define LOCKDOWN "/sys/kernel/security/lockdown"
#endif

/* ---------------------------------------------------------------- util.c */

struct list {
	char **at; /* ends with NULL */
	size_t n;
};

char *text(const char *format, ...) PRINTF(1, 2);
char *format_text(const char *format, va_list arguments);
void add(struct list *l, const char *word);
void append(struct list *l, char *word); /* and frees it */
void free_list(struct list *l);
char *join(const struct list *l, const char *between);
bool has(const struct list *l, const char *word);
bool begins(const char *s, const char *with);
bool ends(const char *s, const char *with);
/* Splits at any of the characters, and drops empty words. */
struct list words_of(const char *s, const char *at);
char *lower(const char *s); /* of ASCII, in any locale */
/*
 * Prints words in lines of at most this width, unless a word is longer.  The first line begins
 * with `first`, the others with as many spaces.
 */
void fill(FILE *to, const char *first, const struct list *words, size_t width);

/* Each line on the standard error begins with the name of the program. */
void say(const char *format, ...) PRINTF(1, 2);
/* Called before a message, if it is not NULL. */
extern void (*before_messages)(void);
void die(const char *format, ...) PRINTF(1, 2) __attribute__((noreturn));
/* A wrong command line: the status is 2. */
void misuse(const char *format, ...) PRINTF(1, 2) __attribute__((noreturn));

/* The contents of a file, or NULL; `length` may be NULL. */
char *read_file(const char *path, size_t *length);
/* The lines of a file, without empty ones. */
struct list lines_of(const char *path);
/* The first line of a file, or "". */
char *file_says(const char *path);
bool readable(const char *path);
void remove_tree(const char *path);
/* Makes a directory, which is removed when the program ends; its name begins with `name`. */
char *make_directory_in(const char *directory, const char *name);
char *make_scratch(void); /* the same in TMPDIR */
/* For any shell. */
char *quoted(const char *word);
char *quoted_list(const struct list *l);
bool is_help(const char *word);

/* From then on, signals do not end the program, except where it waits. */
void catch_signals(void);
const sigset_t *caught_signals(void);
/* A child process calls this before it becomes another program. */
void restore_signals(void);
/* Waits for a signal, or that a child ends (SIGCHLD), for so long; 0 if there is none. */
int wait_signal(int milliseconds);
/* Ends the program as the signal would. */
void end_by(int number) __attribute__((noreturn));
/* From then on, signals are ignored, here and in children. */
void ignore_signals(void);

enum capture { OUT = 0, OUT_AND_ERR = 1, ON_TERMINAL = 2 };
/* The output of a program in the C locale; "" if there is no such program. */
char *capture(enum capture how, int *status, const char *const *words);
#define CAPTURE(how, ...) \
	capture(how, NULL, (const char *const[]){ __VA_ARGS__, NULL })
/* Where PATH has a program, or NULL; perhaps one that this user may not execute. */
char *program(const char *name);

/* A digest of strings and files, SHA-512, which is faster than SHA-256. */
struct digest;
struct digest *digest_new(void);
void digest_text(struct digest *d, const char *s);
void digest_file(struct digest *d, const char *path);
char *digest_end(struct digest *d);
char *digest_of_file(const char *path); /* SHA-256, as sha256sum(1) */

/* The width of the standard output, or what COLUMNS says. */
extern int screen;
void measure(void);

/* ---------------------------------------------------------------- names.c */

enum names { PROTOCOLS, FAMILIES, TYPES };

/* Lists of names: one of the above, or the protocols of a family. */
struct names_of;
const struct names_of *names_of(enum names which);
const struct names_of *protocols_of(const char *family); /* or NULL */
struct list first_names(const struct names_of *names);
struct list all_names(const struct names_of *names);
long number_of(const struct names_of *names, const char *name); /* or -1 */
const char *name_of(const struct names_of *names, long number); /* or NULL */
/* As the kernel has it, or -1.  The family may be NULL: one of IP. */
long protocol_number(const char *family, const char *name);
/*
 * The name that services(5) has for a port of a protocol, or NULL.  If the protocol is not known,
 * that of TCP and UDP, where they do not differ.
 */
const char *service_of(const char *protocol, int64_t port);

/* " (did you mean TCP?)", of the words that are a letter or two away, or "". */
const char *likely(const char *word, const struct list *words);

/* ---------------------------------------------------------------- tools.c */

#define SELF_TEST "self-test"

/* Where this program's files are. */
extern const char *prefix, *scripts, *tapset, *data, *lib, *pages, *libexec;
extern const char *runner; /* stap-socket-run */

void find_files(void);
char *version(void);
struct list tools(void);
char *script_of(const char *tool);
/* The columns of the script, or NULL if it is not a tool. */
char *columns_of(const char *script);
/* Seconds between its tables. */
long interval_of(const char *script);
bool script_has(const char *script, const char *words);
bool prints_lines(const char *script);
/* Ends the program if there is no such tool; returns its columns. */
struct columns known_tool(const char *tool);
char *title_of(const char *script);
/* The files of a directory with that suffix, sorted, and without it. */
struct list names_in(const char *directory, const char *suffix);
/* Becomes man(1) with a page of section 8, if there are both. */
void show_manual(const char *name);
void print_page(const char *tool);
/* The manual pages of the tapset: the names of the probes and functions, the file of one of
 * them, or NULL.  "socket" is the page of all values and events. */
struct list page_names(void);
char *page_of(const char *name);
char *title_of_page(const char *name);
/* Its globals with a value: their names, and the first characters of the values. */
struct list own_globals(const char *script, char **characters);

/* ---------------------------------------------------------------- records.c */

/* Numbers first.  A NUMBER below 0 is unset, as is "-" or nothing in any field. */
enum field_kind { NUMBER, SIGNED, TEXT, BUCKETS };

struct field {
	const char *key;
	enum field_kind kind;
};

struct type {
	const char *name;
	enum field_kind kind;
	const struct field *fields; /* until one without a key; or NULL */
	bool right;
	int narrow, wide;
};

struct column {
	const char *title, *key;
	const struct type *type;
	size_t first, fields; /* its fields in a record */
	bool hidden, optional;
	int percent;  /* of a percentile, which follows its histogram; or 0 */
	bool is_most; /* the largest number of the histogram before it */
	bool of_process; /* only on request, see processes.c */
	int longest;	 /* a text of which the end is known; or 0 */
};

struct columns {
	struct column *at;
	size_t n;
	struct field *fields;
	size_t n_fields, n_read; /* a line has the first of them */
	size_t command,
		facts; /* fields of a process; `facts` is 0 without any */
};

/* The column that a merge adds. */
#define HOST "host"

/* False if it is not a list of columns. */
bool parse_columns(const char *words, struct columns *all);
/* By its title or its key; or NULL. */
struct column *find_column(const struct columns *all, const char *name);
struct list column_titles(const struct columns *all);
bool is_type(const struct column *c, const char *name);
/* Is it a fine histogram, whose percentiles are the columns behind it? */
bool has_percentiles(const struct column *c);
/* The column of its largest number, which follows them; or NULL. */
const struct column *most_of(const struct columns *all, const struct column *c);
/* The fields of a line, to be freed; NULL if they are not those of the columns. */
char **split_record(const struct columns *all, const char *line, size_t length);
/* Those of the last record of a line in which others were cut off. */
char **split_last_record(const struct columns *all, const char *line,
			 size_t length);
const char *field_of(const struct columns *all, char *const *record,
		     const char *key);
/* A field as it is shown: the command is the full name, where that is known. */
const char *shown_field(const struct columns *all, char *const *record,
			size_t i);
struct process;
/* Sets the columns of the process; the record moves. */
char **with_facts(const struct columns *all, char **record,
		  const struct process *p);
bool is_known(const char *field);
void make_printable(char *s);
bool is_set(const struct field *f, const char *value);
bool is_number(const char *s);
int64_t number_in(const char *field);

/* ---------------------------------------------------------------- processes.c */

enum fact {
	FULL_NAME,
	EXE,
	PARENT,
	UID,
	USER,
	CGROUP,
	KEPT_FACTS, /* in a recording; the others are found in the cgroup */
	UNIT = KEPT_FACTS,
	CONTAINER,
	POD,
	FACTS
};

struct process {
	char *key;	   /* HOST, PID and COMMAND, with tabs between them */
	char *fact[FACTS]; /* "-" or NULL if it is not known */
};

struct processes {
	void *tree;
	size_t n;
};

bool is_there(long pid); /* in /proc */
/* Adds lines about a process in /proc; its number may belong to another one by now. */
void say_process(struct list *to, long pid, const char *command);
/* The path of its control group (cgroup v2), or "-". */
char *cgroup_of(long pid);
/* May the kernel have cut the name of the process? */
bool is_cut(const struct columns *all, char *const *record);
/* The process of a record, or NULL. */
struct process *find_process(struct processes *known, const struct columns *all,
			     char *const *record);
/* Looks it up in /proc; it may have ended. */
struct process *look_up_process(struct processes *known,
				const struct columns *all, char *const *record,
				bool name_alone);
/* In a recording: "#process PID COMMAND NAME EXE PARENT UID USER CGROUP", with tabs. */
#define PROCESS_LINE "#process "
void write_process(FILE *to, const struct process *p);
/* Reads what is behind #process; false if it is damaged. */
bool read_process(struct processes *known, const struct columns *all,
		  const char *words, size_t length);

/* ---------------------------------------------------------------- cgroups.c */

#ifndef CGROUPS
#define CGROUPS "/sys/fs/cgroup"
#endif
/* The UNIT, CONTAINER or POD that the path of a control group names, or "-". */
char *found_in_cgroup(const char *path, enum fact fact);
/* The ids of the control groups that a list of paths, units, ... is for, as a list. */
const char *cgroup_numbers(const char *option, const char *value,
			   enum fact fact);

/* ---------------------------------------------------------------- histogram.c */

/* Buckets by powers of two: 0, 1, 2 to 3, 4 to 7, ...; those from `first` to before `past`. */
#define POWERS 64
struct powers {
	int first, past;
	uint64_t count[POWERS];
};

#define CLASSES 1888
struct histogram {
	uint64_t n, count[CLASSES];
};

/* The numbers in buckets begin below 2^63. */
struct powers powers_of(const char *buckets);
int64_t power_from(int i);
void add_buckets(struct histogram *h, const char *buckets);
/* The middle of the bucket that it is in, but not above `most`, the largest number; or -1. */
int64_t percentile(const struct histogram *h, int percent, int64_t most);

/* ---------------------------------------------------------------- format.c */

void format_count(char *out, size_t size, int64_t number, bool exact);
void format_bytes(char *out, size_t size, int64_t number, bool exact);
void format_duration(char *out, size_t size, int64_t ns, bool exact);
void format_clock(char *out, size_t size, int64_t ns, bool milliseconds);
void format_endpoint(char *out, size_t size, const char *address,
		     const char *port);
/* An address of IP, that of IPv4 as ::ffff:0:0/96; false if it is another. */
bool read_address(const char *s, size_t length, unsigned char address[16]);
/* The address of "[::1]:80", "::1" or "10.0.0.1:80"; its port, or "". */
void split_endpoint(const char *s, const char **address, size_t *length,
		    const char **port);
/* "local > remote"; ":port > remote" or "> remote" if that is too long. */
void format_ends(char *out, size_t size, const char *local, const char *remote,
		 size_t room);
/* In place, to a width of at least 8. */
void shorten(char *s, size_t room);

/* ---------------------------------------------------------------- filter.c */

struct filter;

/* Do records have what a parameter of a module filters by? */
bool is_recorded(const char *parameter);
/* Takes "PARAMETER=LIST" of such, as for a module; a user may be a name. */
struct filter *filter_of(const struct list *values);
/* Finds the fields; ends the program if the tool does not record one. */
void check_filter(struct filter *f, const struct columns *all,
		  const char *tool);
/* These take NULL for no filter. */
bool filters_users(const struct filter *f);
bool passes(const struct filter *f, char *const *record);
/* Says which users were not in any record. */
void say_missing_users(const struct filter *f, const char *file);

/* ---------------------------------------------------------------- draw.c */

/* How records are drawn, and which. */
struct look {
	bool json, csv, no_header, timestamps, exact, color, names;
	int width;
	size_t rows;	     /* 0: 20 of a table, all of JSON and CSV */
	const char *sort;    /* a column, or NULL */
	const char *columns; /* a list with commas, or NULL */
	struct filter *only; /* or NULL: all that a tool prints */
	bool strict; /* nothing but records; else other lines are printed as they are */
	bool here;	   /* the processes may be those of this machine */
	const char *begun; /* a message when the tool has begun, or NULL */
	bool batch;
	/* For the live screen: whether there is one, the process that it belongs to or 0, a file
	 * of messages or -1, the filters as they were given. */
	bool live;
	pid_t owner;
	int messages;
	const char *filters;
};

/*
 * Draws the records that come from a descriptor, until its end; keeps them in `record` too if
 * that is not NULL.  `name` is for messages.  Returns 0, 1 if something was damaged, or 2 if
 * there is nobody to read.
 */
int draw(int from, const char *name, const struct look *look, FILE *record);
/* The columns that a look asks for; ends the program if the tool does not have them. */
void check_look(const struct look *look, const struct columns *all,
		const char *tool);
int replay(int argc, char **argv);

/* What live.c shows of a drawing. */
struct drawing;
struct kept; /* a complete table */

struct view {
	const char *sort;   /* a column, or NULL */
	const char *filter; /* rows with this text in any cell, or "" */
	bool reverse;
	int width;
};

/* Lines of text: the heading, and a line for each row. */
struct sheet {
	struct list text,
		rows; /* the identities of the rows: the same in each table */
	size_t more;  /* rows that -N leaves out */
};

bool has_tables(const struct drawing *d);
const char *name_of_tool(const struct drawing *d);
struct list shown_titles(const struct drawing *d);
const char *first_order(const struct drawing *d); /* a column, or NULL */
char *heading_named(const struct drawing *d, const char *title);
char *losses_of(const struct drawing *d, const char *words);
char *summary_of(const struct drawing *d, const struct kept *t);
/* `t` may be NULL. */
void sheet_of(const struct drawing *d, const struct kept *t,
	      const struct view *view, struct sheet *sheet);
/* All that is known of a row; false if the table does not have it. */
bool details_of(const struct drawing *d, const struct kept *t,
		const char *wanted, int width, struct list *to, long *pid,
		char **command);
void free_kept(struct kept *t);

/* ---------------------------------------------------------------- live.c */

struct live;

/* The standard output is a terminal that can, and that this process may use. */
bool can_be_live(const struct look *look);
struct live *live_new(const struct drawing *d, const struct look *look);
/* Keeps the screen until there is something to read; false if the user does not wait for it. */
bool live_wait(struct live *l, int from);
/* Takes a table, and frees it later; false if the screen is gone. */
bool live_take(struct live *l, struct kept *t);
void live_lost(struct live *l, char *losses);
/* Restores the terminal; returns the last table, or NULL. */
struct kept *live_end(struct live *l);
/* For the owner: keeps the state of the terminal, and restores it after a crash. */
void keep_terminal(void);
void restore_terminal(void);

/* ---------------------------------------------------------------- merge.c */

int merge(int argc, char **argv);

/* ---------------------------------------------------------------- options.c */

/* What the options of a tool say. */
struct request {
	const char *tool;
	struct columns columns;
	bool lines;	    /* it prints a line for each event */
	struct list values; /* parameters of the module */
	struct look look;
	struct list drawing; /* its options, for a shell */
	const char *record;  /* the file for the records, or NULL */
	struct list files;   /* of replay and merge */
	bool replays;
	struct list command;
	const char *buffer; /* MB of memory for the output, or NULL */
	bool dry_run, print_script;
};

enum option_group { FILTERS, WHEN, OUTPUT, ROOM, OTHER, GROUPS };

/* The kind of value that an option takes, for completion. */
enum value {
	NOTHING, /* that could be offered, or no value */
	A_COLUMN,
	A_DIRECTORY,
	A_FILE,
	A_KERNEL,
	A_LIMIT,
	A_NAME,
	A_PID,
	A_TOOL,
	A_UNIT,
	AN_OWN_OPTION,
	/* lists */
	SOME_COLUMNS,
	SOME_FAMILIES,
	SOME_NAMESPACES,
	SOME_PIDS,
	SOME_PORTS,
	SOME_PROTOCOLS,
	SOME_TYPES,
	SOME_USERS,
};

struct option_row {
	int key;	   /* its letter, or more than a character */
	const char *name;  /* the long option */
	const char *value; /* what it is called in the usage, or NULL */
	enum value takes;
	const char *parameter; /* of the module */
	enum option_group group;
	const char *meaning;
};

struct option_table {
	const struct option_row *at;
	size_t n;
};

extern const struct option_table tool_options;

bool has_letter(const struct option_row *o);
const char *long_of(const struct option_row *o);
void print_option(FILE *to, const struct option_row *o);
/* Does the option mean something to the tool? */
bool has_use(const struct request *r, const struct option_row *o);
void print_usage(FILE *to);
void command_help(const char *command);
/* `meanings` may be NULL. */
void add_commands(struct list *l, struct list *meanings);
void parse_options(struct request *r, int argc, char **argv);
/* Is it a command that draws recordings? */
bool replays(const char *command);
/* What -D takes. */
struct list limit_names(void);
/* Takes NAME=N as a limit; `option` is for messages. */
void add_limit(const char *option, const char *value);
/* A whole number; the unit may be NULL. */
long whole_number(const char *option, const char *value, long lowest,
		  long highest, const char *unit);
/* The number of a process, which must be running. */
long running_process(const char *option, const char *value);
/* As many as runtime/socket_filters.h has room for. */
#define LIST_MOST 16
/* The parts of a list, without the "!" that may be before them. */
struct list parts_of(const char *option, const char *value);
/* A list for the module, if it is not too long for it. */
const char *fitting(const char *option, const char *list);
/* The option that sets a parameter of the module, or "". */
const char *option_of(const char *parameter);
/* Why a tool does not take --failed. */
const char *without_failures(const char *tool);

/* ---------------------------------------------------------------- complete.c */

/* Prints what a shell offers for the last word of a line. */
void complete_line(int argc, char **argv);

/* ---------------------------------------------------------------- machine.c */

extern char *running;	      /* the release of the kernel */
extern char *machine, *built; /* uname -m, -v */
extern const char *home, *cache, *cache_home;

#define SIGN                                                                   \
	"sign the module with a key that the kernel trusts (scripts/sign-file" \
	" of the kernel headers; mokutil --import adds a key)"
#define NO_CAPABILITY                                                            \
	"root may not load modules here (no CAP_SYS_MODULE, as in a container):" \
	" run it on the host"

enum may { MAY_NOTHING, MAY_INSTALLED, MAY_ANY };

void look_around(void);
char *install(const char *debian, const char *fedora, const char *kernel);
char *staprun_needs(void); /* or NULL */
bool has_cap_sys_module(void);
char *stap_version(void); /* or "" */
char *made_by(void);
char *loader(void); /* the version of staprun, or "" */
char *pair_trouble(const char *stap, const char *kernel); /* or NULL */
/* What keeps every module out, or every unsigned one; or NULL. */
char *kernel_refuses(bool signed_one);
char *lockdown(void);
enum may may_load(void);
const char *user_name(void);
char *may_not_load(enum may which);
char *headers_of(const char *kernel);
/* A line for each thing that is missing to build. */
struct list build_needs(const char *kernel, const char *headers);
/* Who could change one of the paths, besides root and the user; or NULL. */
char *untrusted(const char *const *paths);
#define UNTRUSTED(...) untrusted((const char *const[]){ __VA_ARGS__, NULL })
#define TRUST(...)                                         \
	do {                                               \
		const char *who_ = UNTRUSTED(__VA_ARGS__); \
		if (who_)                                  \
			die("%s", who_);                   \
	} while (0)

/* ---------------------------------------------------------------- modules.c */

#define MANIFEST "stap-socket.manifest"

extern char *build_log;
/* "-DNAME=N" for a module with other limits. */
extern struct list limits;
/* The arguments of stap, without the script. */
struct list stap_arguments(const char *tool);
/* The word for a module in the manifest: the tool, and its limits if these are not usual. */
char *entry_of(const char *tool);

bool is_signed(const char *module);
char *module_name(const char *tool);
char *sources_sum(const char *tool);
/* A module that can be loaded as it is, or NULL; and why others are not used. */
char *find_module(const char *tool, const char *staprun, struct list *why);
/* Where the user's own modules are, and one of this kernel. */
char *own_modules(const char *kernel);
char *own_module(const char *tool);
/* The file's name without .ko. */
char *name_in(const char *module);
/* Creates a directory, and those above it, that others cannot write to. */
void make_directory(const char *path);
bool run_stap(const char *directory, const char *progress,
	      const struct list *arguments);
bool build(const char *tool, const char *kernel, const char *directory,
	   const char *progress, const struct list *options);
/* Builds one of the user's own for this kernel, and returns it; or NULL. */
char *build_own(const char *tool, const char *progress);
char *explain_build(const char *log, const char *kernel);
extern const struct option_table prebuild_options;
int prebuild(int argc, char **argv);

/* ---------------------------------------------------------------- run.c */

/*
 * Returns the status of the tool, else of the command; `output` is the file for the output
 * of the tool, or -1.  Sets `interrupted` if a signal has ended it.
 */
int run_module(const char *module, const struct request *r, int output,
	       bool *interrupted);
int run_tool(int argc, char **argv);
/* A new file for records, which begins with the name of the host; NULL without a name. */
FILE *open_recording(const char *file);
/* Before anything is built. */
void check_recording(const char *file);

/* ---------------------------------------------------------------- doctor.c */

int check(int argc, char **argv);
/* Reads a file with what stap -p2 prints of probes: "PROBE FUNCTION", PROBE alone if it is `never`. */
struct list probe_functions(const char *p2);

#endif
