// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * options.c - the options that all tools share: one table for the usage, the parser, the
 * messages and the completion
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <netdb.h>
#include <pwd.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Options without a letter, and what has no option at all. */
enum {
	NETNS = 256,
	IN_CGROUP,
	OF_UNIT,
	IN_CONTAINER,
	IN_POD,
	LADDR,
	RADDR,
	FAILED,
	SLOWER,
	COLUMNS,
	JSON,
	CSV,
	NO_HEADER,
	NAMES,
	UNITS,
	BUFFER,
	RECORD,
	DRY_RUN,
	PRINT_SCRIPT,
	COMMAND
};

static const char *const group_title[GROUPS] = {
	[FILTERS] =
		"filters (also lists of numbers: -r 80,443,8000-8100; all but some: -r '!22')",
	[WHEN] = "when and how much",
	[OUTPUT] = "output",
	[ROOM] = "room, if events are lost",
	[OTHER] = "",
};

/* In the order of the usage. */
static const struct option_row table[] = {
	{ 'p', "pid", "PID", SOME_PIDS, "only_pid", FILTERS, "this process" },
	{ 'n', "command", "COMMAND", A_NAME, "only_command", FILTERS,
	  "processes of this name" },
	{ 'u', "user", "USER", SOME_USERS, "only_uid", FILTERS,
	  "processes of this user" },
	{ 'x', "tree", "PID", A_PID, "only_tree", FILTERS,
	  "this process and its descendants" },
	{ IN_CGROUP, "cgroup", "PATH", NOTHING, "only_cgroup", FILTERS,
	  "processes in this control group: path, id, pid:PID" },
	{ OF_UNIT, "unit", "UNIT", NOTHING, "only_cgroup", FILTERS,
	  "processes of this unit of systemd: nginx.service, ..." },
	{ IN_CONTAINER, "container", "ID", NOTHING, "only_cgroup", FILTERS,
	  "processes in this container: the beginning of its id" },
	{ IN_POD, "pod", "UID", NOTHING, "only_cgroup", FILTERS,
	  "processes in this pod of Kubernetes" },
	{ COMMAND, NULL, NULL, NOTHING, NULL, FILTERS,
	  "run this command; follow it and its descendants" },
	{ 'P', "protocol", "PROTOCOL", SOME_PROTOCOLS, "only_protocol", FILTERS,
	  "TCP, udp, 58, ...; with -f also those of the family" },
	{ 'f', "family", "FAMILY", SOME_FAMILIES, "only_family", FILTERS,
	  "INET, inet6, unix, netlink, 40, ..." },
	{ 't', "type", "TYPE", SOME_TYPES, "only_type", FILTERS,
	  "STREAM, dgram, seqpacket, 3, ..." },
	{ 'l', "lport", "PORT", SOME_PORTS, "only_lport", FILTERS,
	  "local port: 443, https, ..." },
	{ 'r', "rport", "PORT", SOME_PORTS, "only_rport", FILTERS,
	  "remote port" },
	{ LADDR, "laddr", "ADDRESS", NOTHING, "only_laddr", FILTERS,
	  "local address or network: 10.0.0.0/8, ::1, ..." },
	{ RADDR, "raddr", "ADDRESS", NOTHING, "only_raddr", FILTERS,
	  "remote address or network" },
	{ NETNS, "netns", "N", SOME_NAMESPACES, "only_netns", FILTERS,
	  "network namespace: name, path, inode, pid:PID" },
	{ FAILED, "failed", NULL, NOTHING, "only_failed", FILTERS,
	  "only calls that failed" },
	{ SLOWER, "slower", "TIME", NOTHING, "only_slower", FILTERS,
	  "only calls that took longer: 5ms, 100us, 1s" },
	{ 'i', "interval", "SECONDS", NOTHING, "interval", WHEN,
	  "time between tables" },
	{ 'c', "count", "COUNT", NOTHING, "count", WHEN,
	  "end after this many tables or lines (0: never)" },
	{ 'd', "duration", "SECONDS", NOTHING, "duration", WHEN,
	  "end after this time (0: never)" },
	{ 'N', "rows", "ROWS", NOTHING, NULL, OUTPUT, "lines of a table" },
	{ 's', "sort", "COLUMN", A_COLUMN, NULL, OUTPUT,
	  "the column to sort by" },
	{ COLUMNS, "columns", "LIST", SOME_COLUMNS, NULL, OUTPUT,
	  "these columns, in this order: pid,sent,..." },
	{ JSON, "json", NULL, NOTHING, NULL, OUTPUT,
	  "one object a line, with exact numbers and the time" },
	{ CSV, "csv", NULL, NOTHING, NULL, OUTPUT, "comma-separated values" },
	{ NO_HEADER, "no-header", NULL, NOTHING, NULL, OUTPUT,
	  "no line of column names" },
	{ 'T', "timestamps", NULL, NOTHING, NULL, OUTPUT,
	  "time of day at the beginning of each line" },
	{ 'b', "batch", NULL, NOTHING, NULL, OUTPUT,
	  "tables one after the other, no live screen" },
	{ NAMES, "names", NULL, NOTHING, NULL, OUTPUT,
	  "services and users by name: https, not 443" },
	{ UNITS, "units", "UNITS", A_UNIT, NULL, OUTPUT,
	  "human (1.2MB) or exact" },
	{ RECORD, "record", "FILE", A_FILE, NULL, OUTPUT,
	  "keep all in a new file, for stap-socket replay" },
	{ 'G', "set", "NAME=VALUE", AN_OWN_OPTION, NULL, OUTPUT,
	  "options of this tool only, see help TOOL" },
	{ 'D', "define", "NAME=N", A_LIMIT, NULL, ROOM,
	  "as the tool's last line names it: SOCKET_NOTES, ..." },
	{ BUFFER, "buffer", "MB", NOTHING, NULL, ROOM,
	  "memory for output that is not read yet" },
	{ DRY_RUN, "dry-run", NULL, NOTHING, NULL, OTHER,
	  "print the commands, run nothing" },
	{ PRINT_SCRIPT, "print-script", NULL, NOTHING, NULL, OTHER,
	  "print the tool's script" },
	{ 'h', "help", NULL, NOTHING, NULL, OTHER,
	  "print this; after a tool: its page" },
};

const struct option_table tool_options = { table, LENGTH(table) };

bool has_letter(const struct option_row *o)
{
	return o->key < 256;
}

static const char *const commands[][2] = {
	{ "stap-socket list", "the tools" },
	{ "stap-socket help TOPIC", "a tool, probe or function" },
	{ "stap-socket run SCRIPT [ARGUMENT...]",
	  "any script, with this tapset" },
	{ "stap-socket replay [OPTION...] FILE",
	  "draw and filter a recording" },
	{ "stap-socket merge [OPTION...] FILE...",
	  "the same of several hosts" },
	{ "stap-socket prebuild [OPTION...] [TOOL...]",
	  "build modules (see --help)" },
	{ "stap-socket check [--probes]", "what works on this machine" },
	{ "stap-socket --version", NULL },
};

void print_option(FILE *to, const struct option_row *o)
{
	const char *letter = has_letter(o) ? text("-%c, ", o->key) : "    ";
	const char *option = "-- COMMAND...";

	if (o->name)
		option = text("%s--%s %s", letter, o->name,
			      o->value ? o->value : "");
	fprintf(to, "  %-23s  %s\n", option, o->meaning);
}

void add_commands(struct list *l, struct list *meanings)
{
	size_t i;

	for (i = 0; i < LENGTH(commands); i++) {
		if (!commands[i][1])
			continue;
		add(l, words_of(commands[i][0], " ").at[1]);
		if (meanings)
			add(meanings, commands[i][1]);
	}
}

const char *long_of(const struct option_row *o)
{
	return o->name ? text("--%s", o->name) : "--";
}

/* The shortest way to write an option. */
static const char *spelled(const struct option_row *o)
{
	return has_letter(o) ? text("-%c", o->key) : long_of(o);
}

static const struct option_row *row_of(int key)
{
	size_t i;

	for (i = 0; i < LENGTH(table); i++)
		if (table[i].key == key)
			return &table[i];
	return NULL;
}

/* The option that sets a parameter of the module, or NULL. */
static const struct option_row *row_that_sets(const char *parameter)
{
	size_t i;

	for (i = 0; i < LENGTH(table); i++)
		if (table[i].parameter &&
		    !strcmp(table[i].parameter, parameter))
			return &table[i];
	return NULL;
}

/* ---------------------------------------------------------------- which mean something */

const char *without_failures(const char *tool)
{
	static const char *const counts[] = { "top", "stat", "family" };
	size_t i;

	if (!strcmp(tool, "errors"))
		return "all calls that errors counts have failed";
	for (i = 0; i < LENGTH(counts); i++)
		if (!strcmp(tool, counts[i]))
			return text(
				"%s counts failed calls in a column of their own; errors lists them",
				tool);
	return text("%s does not show calls that failed", tool);
}

/* One of those that compare the control group, which exclude each other. */
static bool is_cgroup(int key)
{
	return key >= IN_CGROUP && key <= IN_POD;
}

/* Why an option can't mean anything to a recording, or NULL. */
static const char *useless_later(const char *command,
				 const struct option_row *o)
{
	if (o->key == 'x')
		return "a recording does not have the descendants of a process";
	if (o->key == NETNS)
		return "a recording does not have the namespaces of sockets";
	if (is_cgroup(o->key))
		return "a recording does not have the ids of control groups; --columns cgroup,unit,container,pod shows their names";
	if (o->key == RECORD && !strcmp(command, "replay"))
		return "only for a tool that runs, and for merge";
	if (o->key == 'h' || (o->group == OUTPUT && o->key != 'G') ||
	    (o->parameter && is_recorded(o->parameter)))
		return NULL;
	return text(
		"only for a tool that runs; %s takes filters and the options that change how records look",
		command);
}

/* The same for a tool. */
static const char *useless(const struct request *r, int key)
{
	if (r->replays)
		return useless_later(r->tool, row_of(key));
	if (r->lines) {
		if (key == 'i' || key == 'N' || key == 'b')
			return text(
				"%s prints a line for each event, and no tables",
				r->tool);
		if (key == 's')
			return text("the output of %s can't be sorted",
				    r->tool);
	}
	if (!strcmp(r->tool, "family") &&
	    (key == 'l' || key == 'r' || key == LADDR || key == RADDR))
		return "a socket that is created has neither a port nor an address yet";
	if (!strcmp(r->tool, "listen") && (key == 'r' || key == RADDR))
		return "a socket that listens has no remote end";
	if (key == FAILED && !script_has(script_of(r->tool), "@socket_failed"))
		return without_failures(r->tool);
	if (key == SLOWER && !script_has(script_of(r->tool), "@socket_slower"))
		return text("%s does not measure how long each call takes",
			    r->tool);
	return NULL;
}

static void no_use_for(const struct request *r, int key, const char *option)
{
	const char *why = useless(r, key);

	if (why)
		misuse("%s: %s", option, why);
}

bool replays(const char *command)
{
	return !strcmp(command, "replay") || !strcmp(command, "merge");
}

bool has_use(const struct request *r, const struct option_row *o)
{
	return !useless(r, o->key);
}

/* All options, or those of replay or merge. */
static void print_options(FILE *to, const char *command)
{
	enum option_group g;
	bool begun;
	size_t i;

	for (g = 0; g < GROUPS; g++) {
		begun = false;
		for (i = 0; i < LENGTH(table); i++) {
			if (table[i].group != g ||
			    (command && useless_later(command, &table[i])))
				continue;
			if (!begun)
				fprintf(to, "\n%s%s", group_title[g],
					*group_title[g] ? ":\n" : "");
			begun = true;
			print_option(to, &table[i]);
		}
	}
}

void print_usage(FILE *to)
{
	size_t i;

	fputs("usage: stap-socket TOOL [OPTION...] [-- COMMAND...]\n", to);
	for (i = 0; i < LENGTH(commands); i++)
		if (commands[i][1])
			fprintf(to, "       %-43s  %s\n", commands[i][0],
				commands[i][1]);
		else
			fprintf(to, "       %s\n", commands[i][0]);
	print_options(to, NULL);
	fputs("\nOn a terminal, tables are a live screen: h lists its keys.\nCtrl-C ends a tool with its last table.\n",
	      to);
}

void command_help(const char *command)
{
	struct list words;
	size_t i;

	for (i = 0; i < LENGTH(commands); i++) {
		words = words_of(commands[i][0], " ");
		if (!strcmp(words.at[1], command))
			printf("usage: %s\n\n%s\n", commands[i][0],
			       commands[i][1]);
	}
	if (replays(command))
		print_options(stdout, command);
}

const char *option_of(const char *parameter)
{
	const struct option_row *o = row_that_sets(parameter);

	if (!strcmp(parameter, "only_tree"))
		return "-x or a command";
	return o ? spelled(o) : text("-G %s", parameter);
}

/* ---------------------------------------------------------------- values */

static bool digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

long whole_number(const char *option, const char *value, long lowest,
		  long highest, const char *unit)
{
	const char *hint = "", *units = "smhd";
	static const long seconds[] = { 1, 60, 3600, 86400 };
	size_t n = strspn(value, "0123456789");
	long number;

	if (digits(value) && n <= 12) {
		number = strtol(value, NULL, 10);
		if (number >= lowest && number <= highest)
			return number;
	}
	if (unit && !strcmp(unit, "seconds") && n && n <= 6 && value[n] &&
	    strchr(units, value[n]) && !value[n + 1]) {
		number = strtol(value, NULL, 10) *
			 seconds[strchr(units, value[n]) - units];
		if (number >= lowest && number <= highest)
			hint = text(" (that is %ld)", number);
	} else if (*value == '=' && digits(value + 1)) {
		hint = " (without the =)";
	}
	misuse("%s takes a whole number%s%s from %ld to %ld, not '%s'%s",
	       option, unit ? " of " : "", unit ? unit : "", lowest, highest,
	       value, hint);
}

/* A number, or a name in a list. */
static long named(const char *option, const char *value, const char *what,
		  long highest, const struct names_of *names)
{
	struct list every = all_names(names), first = first_names(names);
	long number;

	if (digits(value))
		return whole_number(option, value, 0, highest, NULL);
	number = number_of(names, value);
	if (number >= 0)
		return number;
	say("%s: no %s '%s'%s; it takes a number from 0 to %ld or one of these names:",
	    option, what, value, likely(value, &every), highest);
	fill(stderr, "  ", &first, 78);
	say("'stap-socket --help' shows the usage");
	exit(2);
}

static long service(const char *name, const char *protocol)
{
	struct servent *s = getservbyname(name, protocol);

	if (!s)
		s = getservbyname(lower(name), protocol);
	return s ? ntohs((unsigned short)s->s_port) : -1;
}

/* A number, or what services(5) has a name for. */
static long port(const char *option, const char *value, long protocol)
{
	struct list services = { 0 };
	struct servent *s;
	long number = -1;

	if (digits(value))
		return whole_number(option, value, 0, 65535, NULL);
	/* That of the protocol that is asked for goes first. */
	if (protocol == 6 || protocol == 17)
		number = service(value, protocol == 6 ? "tcp" : "udp");
	if (number < 0)
		number = service(value, NULL);
	if (number >= 0)
		return number;
	setservent(1);
	while ((s = getservent()))
		add(&services, s->s_name);
	misuse("%s takes a number from 0 to 65535, a range such as 8000-8100 or the name of a service in /etc/services, not '%s'%s",
	       option, value, likely(value, &services));
}

long running_process(const char *option, const char *value)
{
	long pid = whole_number(option, value, 1, 4194304, NULL);
	char *status = read_file(text("/proc/%ld/status", pid), NULL);
	char *group = status ? strstr(status, "\nTgid:") : NULL;

	if (!group)
		misuse("%s: no process %ld is running", option, pid);
	if (atol(group + strlen("\nTgid:")) != pid)
		misuse("%s: %ld is a thread of process %ld, and no process",
		       option, pid, atol(group + strlen("\nTgid:")));
	return pid;
}

static long user_number(const char *option, const char *value)
{
	struct passwd *p;

	if (digits(value))
		return whole_number(option, value, 0, 4294967294, NULL);
	p = getpwnam(value);
	if (!p)
		misuse("%s: no user '%s' on this machine", option, value);
	return p->pw_uid;
}

/* The file of a network namespace that is given by its name or path. */
static const char *netns_path(const char *value)
{
	return strchr(value, '/') ? value : text("/run/netns/%s", value);
}

/* The inode number of a network namespace. */
static long namespace_number(const char *option, const char *value)
{
	const char *file = netns_path(value);
	struct statfs fs;
	struct stat st;
	int fd = -1;

	if (begins(value, "pid:")) {
		file = text("/proc/%ld/ns/net",
			    running_process(text("%s pid", option), value + 4));
	} else if (file != value && access(file, F_OK)) {
		if (digits(value))
			return whole_number(option, value, 1, 4294967295, NULL);
		misuse("%s: no network namespace '%s': known are those of 'ip netns', a path, pid:PID and an inode number",
		       option, value);
	}
	if (stat(file, &st) || statfs(file, &fs))
		misuse("%s: '%s' is missing, or is not yours to look at",
		       option, file);
	if (fs.f_type == NSFS_MAGIC)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		misuse("%s: '%s' is not a network namespace", option, file);
	close(fd);
	return (long)st.st_ino;
}

/* The longest time of --slower, in ns. */
#define SLOWEST 1000000000000000

/* ---------------------------------------------------------------- lists of values */

#define LIST_LENGTH 255
/* A part that stays a name. */
#define NAMED (-2)

struct parse;
typedef long to_number(const struct parse *p, const char *option,
		       const char *value);

struct list parts_of(const char *option, const char *value)
{
	struct list parts = { 0 };
	const char *at = value + (*value == '!');
	size_t n;

	if (!*at)
		misuse("%s takes a list after the !, such as '!A,B'", option);
	for (;; at += n + 1) {
		n = strcspn(at, ",");
		if (!n)
			misuse("%s takes a list such as A,B, without empty parts: '%s'",
			       option, value);
		if (*at == '!')
			misuse("%s takes a ! before the list, which is for all of it: not '%s'",
			       option, value);
		add(&parts, text("%.*s", (int)n, at));
		if (!at[n])
			break;
	}
	if (parts.n > LIST_MOST)
		misuse("%s takes a list of at most %d parts, not %zu: '%s'",
		       option, LIST_MOST, parts.n, value);
	return parts;
}

const char *fitting(const char *option, const char *list)
{
	if (strlen(list) > LIST_LENGTH)
		misuse("%s takes a list of at most %d characters: '%s'", option,
		       LIST_LENGTH, list);
	return list;
}

/* Where the end of a range of numbers is, or NULL. */
static const char *range_end(const char *part)
{
	size_t n = strspn(part, "0123456789");

	return n && part[n] == '-' && digits(part + n + 1) ? part + n + 1 :
							     NULL;
}

/* A list for the module: names become numbers. */
static const char *numbers(const struct parse *p, const char *option,
			   const char *value, to_number *number,
			   to_number *of_range)
{
	struct list parts = parts_of(option, value), out = { 0 };
	const char *end, *part;
	long from, to;
	size_t i;

	for (i = 0; i < parts.n; i++) {
		part = parts.at[i];
		end = of_range ? range_end(part) : NULL;
		if (!end) {
			from = number(p, option, part);
			add(&out, from == NAMED ? part : text("%ld", from));
			continue;
		}
		from = of_range(p, option,
				text("%.*s", (int)(end - 1 - part), part));
		to = of_range(p, option, end);
		if (from > to)
			misuse("%s: the range '%s' begins above its end",
			       option, part);
		add(&out, text("%ld-%ld", from, to));
	}
	return fitting(option,
		       text("%s%s", *value == '!' ? "!" : "", join(&out, ",")));
}

/* Clears the bits of an address beyond its prefix; false if none was set. */
static bool clear_host(unsigned char address[16], long bits)
{
	unsigned char kept, other = 0;
	int i;

	for (i = 0; i < 16; i++) {
		kept = i < bits / 8 ? 0xff :
		       i > bits / 8 ? 0 :
				      (unsigned char)~(0xff >> bits % 8);
		other |= address[i] & (unsigned char)~kept;
		address[i] &= kept;
	}
	return other;
}

static const char *networks(const char *option, const char *value)
{
	struct list parts = parts_of(option, value);
	char network[INET6_ADDRSTRLEN];
	unsigned char address[16];
	const char *slash;
	bool is_ipv6;
	long bits;
	size_t i;

	for (i = 0; i < parts.n; i++) {
		const char *part = parts.at[i];

		slash = strchr(part, '/');
		memset(address, 0, sizeof(address));
		is_ipv6 = strchr(part, ':') != NULL;
		if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET,
			      text("%.*s", (int)strcspn(part, "/"), part),
			      address) != 1)
			misuse("%s takes addresses or networks, such as 10.0.0.0/8,2001:db8::/32, not '%s'",
			       option, part);
		if (!slash)
			continue;
		bits = whole_number(
			text("%s %s: the length of a prefix", option, part),
			slash + 1, 0, is_ipv6 ? 128 : 32, NULL);
		if (clear_host(address, bits))
			misuse("%s: '%s' has bits beyond the length of its prefix (did you mean %s/%ld?)",
			       option, part,
			       inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, address,
					 network, sizeof(network)),
			       bits);
	}
	return fitting(option, value);
}

/* As a value of the module. */
static const char *string(const char *option, const char *value)
{
	if (strpbrk(value, "\"\n"))
		misuse("%s takes no quote or newline: '%s'", option, value);
	return text("\"%s\"", value);
}

/* The option that gives a global that value, and its key; or NULL. */
static const char *shared_option(const char *global, const char *value,
				 int *key)
{
	const struct option_row *o;

	*key = 0;
	if (!strcmp(text("%s=%s", global, value), "only_tree=-1"))
		return "a command after --";
	o = row_that_sets(global);
	if (!o)
		return NULL;
	*key = o->key;
	if (o->key == SLOWER)
		return text("%s %sns", spelled(o), quoted(value));
	return o->value ? text("%s %s", spelled(o), quoted(value)) : spelled(o);
}

/* An option of a global to which the script itself gives a value. */
static const char *own_option(const struct request *r, const char *option,
			      const char *argument)
{
	const char *equal = strchr(argument, '='), *name, *value, *shared;
	struct list own;
	char *first;
	size_t i;
	int key;

	if (!equal)
		misuse("%s takes NAME=VALUE, not '%s'", option, argument);
	name = text("%.*s", (int)(equal - argument), argument);
	value = equal + 1;
	own = own_globals(script_of(r->tool), &first);
	for (i = 0; i < own.n; i++) {
		const char *number = value + (*value == '-');

		if (strcmp(own.at[i], name))
			continue;
		if (first[i] == '"')
			return text(
				"%s=%s", name,
				string(text("%s %s=", option, name), value));
		if (!digits(number) || strlen(number) > 18)
			misuse("%s %s= takes a whole number, not '%s'", option,
			       name, value);
		return argument;
	}
	shared = shared_option(name, value, &key);
	if (shared) {
		if (key)
			no_use_for(r, key, spelled(row_of(key)));
		misuse("%s %s: that is what %s is for; %s's own options: %s",
		       option, argument, shared, r->tool,
		       own.n ? join(&own, " ") : "none");
	}
	misuse("%s: %s has no option '%s'%s of its own; it has: %s", option,
	       r->tool, name, likely(name, &own),
	       own.n ? join(&own, " ") : "none");
}

/*
 * The sizes that a module can have instead of the usual ones.  The largest are those that the
 * kernel can load, and that a table can be searched through in one timer probe.
 */
static const struct {
	const char *name;
	long most;
} limit_table[] = {
	{ "SOCKET_BUCKETS", 262144 }, { "SOCKET_CONNECTS", 1048576 },
	{ "SOCKET_FRAMES", 1048576 }, { "SOCKET_NOTES", 1048576 },
	{ "SOCKET_RETURNS", 65536 },  { "SOCKET_TALLIES", 262144 },
};

struct list limit_names(void)
{
	struct list l = { 0 };
	size_t i;

	for (i = 0; i < LENGTH(limit_table); i++)
		add(&l, limit_table[i].name);
	return l;
}

void add_limit(const char *option, const char *value)
{
	size_t n = strcspn(value, "="), i = 0, k;
	const char *name = text("%.*s", (int)n, value);
	struct list known = limit_names();
	long number;
	char *word;

	while (i < LENGTH(limit_table) && strcmp(name, limit_table[i].name))
		i++;
	if (i == LENGTH(limit_table))
		misuse("%s: no limit '%s'%s; there are: %s", option, name,
		       likely(name, &known), join(&known, " "));
	if (!value[n])
		misuse("%s takes NAME=N, not '%s'", option, value);
	option = text("%s %s", option, name);
	number = whole_number(text("%s=", option), value + n + 1, 64,
			      limit_table[i].most, NULL);
	if (!strcmp(name, "SOCKET_FRAMES") && number & (number - 1))
		misuse("%s= takes a power of two, not '%ld'", option, number);
	word = text("-D%s=%ld", name, number);
	for (k = 0; k < limits.n; k++)
		if (begins(limits.at[k], text("-D%s=", name)))
			misuse("%s is given twice, with '%s' and '%ld'", option,
			       strchr(limits.at[k], '=') + 1, number);
	/* Sorted: the same module, in whatever order they are given. */
	add(&limits, word);
	for (k = limits.n - 1; k && strcmp(limits.at[k - 1], word) > 0; k--)
		limits.at[k] = limits.at[k - 1];
	limits.at[k] = word;
}

/* ---------------------------------------------------------------- the parser */

struct parse {
	struct request *r;
	struct list
		given;	 /* "-p", its value, "--pid" if it was given so, ... */
	const char *one; /* -p or -x, with its value */
	const char *cgroup;  /* --cgroup or another of these */
	const char *family;  /* if it is one */
	long protocol;	     /* likewise, or -1 */
	const char *refused; /* a word that argp does not take */
	int before; /* argp's place when it had taken the option before */
	bool dashes;
};

/* Where the list of given options has one, by its shortest name; or NULL. */
static char **find_given(const struct parse *p, const char *option)
{
	size_t i;

	for (i = 0; i < p->given.n; i += 3)
		if (!strcmp(p->given.at[i], option))
			return &p->given.at[i];
	return NULL;
}

/* The value that an option was given, or NULL. */
static const char *given(const struct parse *p, const char *option)
{
	char **found = find_given(p, option);

	return found ? found[1] : NULL;
}

/* How an option was written. */
static const char *written(const struct parse *p, const char *option)
{
	return find_given(p, option)[2];
}

/* Refuses an option that was given before: what is meant would be a guess. */
static void once(struct parse *p, const char *option, const char *value,
		 const char *word)
{
	const char *before = given(p, option);

	if (before && value)
		misuse("%s is given twice, with '%s' and '%s'", word, before,
		       value);
	if (before)
		misuse("%s is given twice", word);
	add(&p->given, option);
	add(&p->given, value ? value : "");
	add(&p->given, word);
}

static void set(struct parse *p, const char *format, ...) PRINTF(2, 3);
static void set(struct parse *p, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(&p->r->values, format_text(format, arguments));
	va_end(arguments);
}

/* For the first line of the live screen. */
static void add_filter(struct look *look, const char *filter)
{
	look->filters = text("%s%s%s", look->filters ? look->filters : "",
			     look->filters ? " " : "", filter);
}

/* An option without a value, written as a word. */
static void take_flag(struct parse *p, const struct option_row *o,
		      const char *word)
{
	struct look *look = &p->r->look;

	once(p, spelled(o), NULL, word);
	if (o->group == OUTPUT)
		add(&p->r->drawing, spelled(o));
	no_use_for(p->r, o->key, word);
	if (o->group == FILTERS)
		add_filter(&p->r->look, spelled(o));
	if (o->parameter)
		set(p, "%s=1", o->parameter);
	look->batch |= o->key == 'b';
	look->json |= o->key == JSON;
	look->csv |= o->key == CSV;
	look->no_header |= o->key == NO_HEADER;
	look->timestamps |= o->key == 'T';
	look->names |= o->key == NAMES;
	p->r->dry_run |= o->key == DRY_RUN;
	p->r->print_script |= o->key == PRINT_SCRIPT;
}

static long pid_of_range(const struct parse *p, const char *option,
			 const char *value)
{
	(void)p;
	return whole_number(option, value, 1, 4194304, NULL);
}

static long pid_value(const struct parse *p, const char *option,
		      const char *value)
{
	return p->r->replays ? pid_of_range(p, option, value) :
			       running_process(option, value);
}

static long user_value(const struct parse *p, const char *option,
		       const char *value)
{
	/* A recording has the names of its own host. */
	return p->r->replays && !digits(value) ? NAMED :
						 user_number(option, value);
}

static long family_value(const struct parse *p, const char *option,
			 const char *value)
{
	(void)p;
	return named(option, value, "family", 255, names_of(FAMILIES));
}

static long type_value(const struct parse *p, const char *option,
		       const char *value)
{
	(void)p;
	return named(option, value, "type", 15, names_of(TYPES));
}

static long netns_value(const struct parse *p, const char *option,
			const char *value)
{
	(void)p;
	return namespace_number(option, value);
}

/* The family decides the meaning of a protocol's number. */
static long protocol_value(const struct parse *p, const char *option,
			   const char *value)
{
	const struct names_of *own = p->family ? protocols_of(p->family) : NULL;
	long number;

	if (p->family && !own && !begins(p->family, "INET") && !digits(value))
		misuse("%s takes a number from 0 to 65535 with %s %s, not '%s'",
		       option, written(p, "-f"), given(p, "-f"), value);
	number = named(option, value, "protocol", 65535,
		       own ? own : names_of(PROTOCOLS));
	return digits(value) ? number : protocol_number(p->family, value);
}

/* The family decides the range of a port, and the protocol the meaning of its name. */
static long port_value(const struct parse *p, const char *option,
		       const char *value)
{
	if (!p->family || !strcmp(p->family, "INET") ||
	    !strcmp(p->family, "INET6"))
		return port(option, value, p->protocol);
	if (!strcmp(p->family, "NETLINK") || !strcmp(p->family, "PACKET") ||
	    !strcmp(p->family, "VSOCK"))
		return whole_number(option, value, 0, 4294967295, NULL);
	misuse("%s and %s %s exclude each other: sockets of that family have no ports",
	       option, written(p, "-f"), given(p, "-f"));
}

/* A time for the module, in ns. */
static long nanoseconds(const char *option, const char *value)
{
	static const struct {
		const char *unit;
		long ns;
	} units[] = { { "ns", 1 },
		      { "us", 1000 },
		      { "ms", 1000000 },
		      { "s", 1000000000 } };
	size_t n = strspn(value, "0123456789"), i;
	long number = n && n <= 12 ? strtol(value, NULL, 10) : 0;

	for (i = 0; i < LENGTH(units); i++)
		if (!strcmp(value + n, units[i].unit) && number > 0 &&
		    number <= SLOWEST / units[i].ns)
			return number * units[i].ns;
	misuse("%s takes a whole number from 1 with a unit, ns, us, ms or s, up to %lds, such as 5ms, not '%s'",
	       option, SLOWEST / 1000000000, value);
}

static void take_value(struct parse *p, const struct option_row *o,
		       const char *name, const char *value)
{
	const char *list = NULL;
	long number = 0;

	if (!*value)
		misuse("%s needs a value that is not empty", name);
	no_use_for(p->r, o->key, name);
	if (o->key != 'G' && o->key != 'D')
		once(p, spelled(o), value, name);
	else if (o->key == 'G' && strchr(value, '='))
		once(p,
		     text("%s %.*s", spelled(o), (int)strcspn(value, "="),
			  value),
		     strchr(value, '=') + 1,
		     text("%s %.*s", name, (int)strcspn(value, "="), value));
	if (o->group == FILTERS)
		add_filter(&p->r->look, text("%s %s", spelled(o), value));
	if (o->group == OUTPUT && o->key != 'G' && o->key != RECORD) {
		add(&p->r->drawing, spelled(o));
		add(&p->r->drawing, value);
	}
	switch (o->key) {
	case 'n':
		if (*value == '!')
			misuse("%s takes one name; lists and ! are for numbers and addresses: '%s'",
			       name, value);
		/* The kernel keeps 15 bytes. */
		set(p, "%s=%s", o->parameter,
		    string(name, text("%.15s", value)));
		return;
	case 's':
		p->r->look.sort = value;
		return;
	case COLUMNS:
		p->r->look.columns = value;
		return;
	case RECORD:
		p->r->record = value;
		check_recording(value);
		return;
	case 'G':
		set(p, "%s", own_option(p->r, name, value));
		return;
	case 'D':
		add_limit(name, value);
		return;
	case BUFFER:
		p->r->buffer = text("%ld",
				    whole_number(name, value, 1, 4095, "MB"));
		return;
	case 'P':
	case 'l':
	case 'r':
		return; /* finish() */
	case 'p':
		p->one = text("%s %s", name, value);
		list = numbers(p, name, value, pid_value, pid_of_range);
		break;
	case 'u':
		list = numbers(p, name, value, user_value, user_value);
		break;
	case 'f':
		list = numbers(p, name, value, family_value, family_value);
		if (digits(list))
			p->family = name_of(names_of(FAMILIES),
					    strtol(list, NULL, 10));
		if (digits(list) && !p->family)
			p->family = list;
		break;
	case 't':
		list = numbers(p, name, value, type_value, type_value);
		break;
	case NETNS:
		/* A name may have a comma or a dash. */
		list = access(netns_path(value), F_OK) ?
			       numbers(p, name, value, netns_value, NULL) :
			       text("%ld", namespace_number(name, value));
		break;
	case IN_CGROUP:
	case OF_UNIT:
	case IN_CONTAINER:
	case IN_POD:
		if (p->cgroup)
			misuse("%s and %s exclude each other", p->cgroup, name);
		p->cgroup = name;
		list = cgroup_numbers(name, value,
				      o->key == IN_CGROUP    ? CGROUP :
				      o->key == OF_UNIT	     ? UNIT :
				      o->key == IN_CONTAINER ? CONTAINER :
							       POD);
		break;
	case LADDR:
	case RADDR:
		list = networks(name, value);
		break;
	case 'x':
		if (strpbrk(value, "!,"))
			misuse("%s takes one process; lists and ! are for -p: '%s'",
			       name, value);
		number = running_process(name, value);
		p->one = text("%s %s", name, value);
		break;
	case SLOWER:
		number = nanoseconds(name, value);
		break;
	case 'i':
		number = whole_number(name, value, 1, 1000000, "seconds");
		break;
	case 'c':
		number = whole_number(name, value, 0, 1000000000, NULL);
		break;
	case 'd':
		number = whole_number(name, value, 0, 1000000000, "seconds");
		break;
	case 'N':
		p->r->look.rows = (size_t)whole_number(name, value, 1, 100000,
						       NULL);
		return;
	default: /* UNITS */
		if (strcmp(value, "human") && strcmp(value, "exact"))
			misuse("--units takes human or exact, not '%s'", value);
		p->r->look.exact = !strcmp(value, "exact");
		return;
	}
	set(p, "%s=%s", o->parameter, list ? list : text("%ld", number));
}

/* A word that argp does not take: an option without its value, or an unknown one. */
static void refuse(const char *word)
{
	struct list meant = { 0 }, names = { 0 };
	const char *name = word + strspn(word, "-");
	size_t i, n = strcspn(name, "=");
	const struct option_row *letter;

	for (i = 1; word[1] != '-' && word[i]; i++) {
		letter = row_of(word[i]);
		if (!letter)
			break;
		if (letter->value)
			misuse("%s needs a value", spelled(letter));
	}
	for (i = 0; i < LENGTH(table); i++) {
		const struct option_row *o = &table[i];

		if (o->name)
			add(&names, long_of(o));
		/* The beginning of its name, or what its value is called. */
		if (n + begins(word, "--") > 1 && o->name &&
		    !strncmp(name, o->name, n))
			add(&meant, long_of(o));
		else if (o->value && strlen(o->value) == n &&
			 !strncasecmp(name, o->value, n))
			add(&meant, text("%s %s", long_of(o), o->value));
		if (!o->value)
			continue;
		if (!strcmp(word, long_of(o)))
			misuse("%s needs a value", word);
	}
	misuse("no option '%s'%s", word,
	       meant.n ? text(" (did you mean %s?)", join(&meant, " or ")) :
			 likely(word, &names));
}

/*
 * The word with the option that argp takes now.  argp has not gone on from a word of letters
 * (-TN5) until it has taken the last.
 */
static const char *word_now(const struct parse *p, const char *argument,
			    const struct argp_state *state)
{
	int at = state->next;

	if (at > p->before)
		at -= argument && argument == state->argv[at - 1] ? 2 : 1;
	return state->argv[at];
}

/*
 * The option as it was written, without its value.  argp takes the beginning of a name for the
 * name, which is refused: a later option may begin so, too.
 */
static const char *option_word(const struct option_row *o, const char *word)
{
	if (!begins(word, "--"))
		return spelled(o);
	if (strcmp(text("%.*s", (int)strcspn(word, "="), word), long_of(o)))
		refuse(word);
	return long_of(o);
}

static error_t parse_one(int key, char *argument, struct argp_state *state)
{
	const struct option_row *o = row_of(key);
	struct parse *p = state->input;
	const char *word;
	int at;

	switch (key) {
	case ARGP_KEY_ARG:
		at = state->next - 1;
		if (p->r->replays) {
			if (state->quoted && at >= state->quoted &&
			    p->r->files.n && !strcmp(p->r->tool, "replay"))
				misuse("a command ('%s') is for a tool that runs",
				       argument);
			add(&p->r->files, argument);
			return 0;
		}
		if (!state->quoted || at < state->quoted)
			misuse("%s takes no argument '%s'; a command goes after --",
			       p->r->tool, argument);
		for (; at < state->argc; at++)
			add(&p->r->command, state->argv[at]);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_ERROR:
		p->refused = word_now(p, NULL, state);
		return 0;
	case ARGP_KEY_END:
		p->dashes = state->quoted;
		return 0;
	}
	if (!o) /* argp has more keys of its own */
		return ARGP_ERR_UNKNOWN;
	word = option_word(o, word_now(p, argument, state));
	p->before = state->next;
	if (key == 'h' && p->r->replays) {
		command_help(p->r->tool);
		exit(0);
	}
	if (key == 'h') {
		print_page(p->r->tool);
		exit(0);
	}
	if (o->value)
		take_value(p, o, word, argument);
	else
		take_flag(p, o, word);
	return 0;
}

/* The options whose values depend on others. */
static void finish(struct parse *p)
{
	const char *side, *value = given(p, "-P"), *list, *name;
	int i;

	if (value) {
		list = numbers(p, written(p, "-P"), value, protocol_value,
			       protocol_value);
		if (digits(list))
			p->protocol = strtol(list, NULL, 10);
		set(p, "only_protocol=%s", list);
	}
	for (side = "lr"; *side; side++) {
		name = text("-%c", *side);
		value = given(p, name);
		if (value)
			set(p, "only_%cport=%s", *side,
			    numbers(p, written(p, name), value, port_value,
				    port_value));
	}
	if (p->family && !begins(p->family, "INET"))
		for (i = 0; i < 2; i++)
			if (given(p, i ? "--raddr" : "--laddr"))
				misuse("%s and %s %s exclude each other: sockets of that family have no address of IP",
				       i ? "--raddr" : "--laddr",
				       written(p, "-f"), given(p, "-f"));
	value = given(p, "--units");
	if (value && !strcmp(value, "human") &&
	    (given(p, "--json") || given(p, "--csv")))
		misuse("--units human and %s exclude each other: %s has all digits",
		       given(p, "--json") ? "--json" : "--csv",
		       given(p, "--json") ? "JSON" : "CSV");
	if (p->r->look.csv && p->r->look.json)
		misuse("--csv and --json exclude each other");
	if (p->r->columns.n)
		check_look(&p->r->look, &p->r->columns, p->r->tool);
	if (p->r->command.n) {
		const char *command = p->r->command.at[0];

		if (p->one)
			misuse("%s and a command ('%s') exclude each other",
			       p->one, command);
		if (!program(command))
			misuse("no program '%s' to run", command);
		set(p, "only_tree=-1");
	} else if (p->dashes && !p->r->replays) {
		misuse("no command after --");
	}
}

static bool has_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && !(no_color && *no_color) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

void parse_options(struct request *r, int argc, char **argv)
{
	struct argp_option options[LENGTH(table) + 1] = { 0 };
	struct argp argp = { .options = options, .parser = parse_one };
	struct parse p = { .r = r, .before = 1, .protocol = -1 };
	size_t i, n = 0;

	for (i = 0; i < LENGTH(table); i++) {
		if (table[i].key == COMMAND)
			continue;
		options[n].key = table[i].key;
		options[n].name = table[i].name;
		options[n++].arg = table[i].value;
	}
	if (argp_parse(&argp, argc, argv,
		       ARGP_IN_ORDER | ARGP_NO_ERRS | ARGP_NO_HELP |
			       ARGP_NO_EXIT,
		       NULL, &p))
		refuse(p.refused);
	finish(&p);
	if (r->replays && r->values.n)
		r->look.only = filter_of(&r->values);
	r->look.color = has_color();
}
