// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: what a kernel has of what the tapset needs. */
#include <argp.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "survey.h"

const char *reading;

/* ------------------------------------------------------------ memory, mistakes */

static struct kept {
	struct kept *next;
	_Alignas(max_align_t) char bytes[];
} *all_kept;

void *keep(size_t size)
{
	struct kept *kept = calloc(1, sizeof(*kept) + size);

	if (!kept)
		bad("no memory");
	kept->next = all_kept;
	all_kept = kept;
	return kept->bytes;
}

static void free_kept(void)
{
	struct kept *kept;

	while ((kept = all_kept)) {
		all_kept = kept->next;
		free(kept);
	}
}

/* Names in a file are shown on terminals. */
static char *clean(char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = '?';
	return text;
}

char *keep_text(const char *text, size_t length)
{
	return clean(memcpy(keep(length + 1), text, length), length);
}

char *keep_format(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = keep(length + 1);
	va_start(arguments, format);
	vsnprintf(text, length + 1, format, arguments);
	va_end(arguments);
	return clean(text, length);
}

void *keep_more(void *array, int n, size_t size)
{
	void *larger;

	/* It is doubled where it is full: at 8, 16, 32, ... */
	if (n && (n < 8 || n & (n - 1)))
		return array;
	larger = keep((n ? 2 * n : 8) * size);
	return n ? memcpy(larger, array, n * size) : larger;
}

void bad(const char *format, ...)
{
	va_list arguments;
	char text[4096];

	fflush(stdout);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "survey: %s\n", clean(text, strlen(text)));
	exit(2);
}

/* ------------------------------------------------------------ the command line */

static const struct argp_option options[] = {
	{ "compare", 'c', NULL, 0,
	  "Print only what differs between OLD and NEW", 0 },
	{ "table", 't', "FILE", 0, "Use FILE in place of runtime/functions.tbl",
	  0 },
	{ "members", 'm', "FILE", 0, "Use FILE in place of runtime/members.tbl",
	  0 },
	{ 0 }
};

static const char usage[] = "FILE...\n--compare OLD NEW";
static const char description[] =
	"Compares a kernel with what the tapset needs: the functions of runtime/functions.tbl, "
	"whether they are there, gone, cloned or inlined, and whether their arguments are those "
	"that are known; the tracepoints; and where the members of structures are that runtime/ "
	"reads."
	"\v"
	"A kernel is described by one or more files:\n"
	"\n"
	"  vmlinux              symbols; DWARF and BTF, where it has them\n"
	"  vmlinuz (bzImage)    the names and the BTF that are in it (x86)\n"
	"  System.map, /proc/kallsyms, the output of nm   symbols\n"
	"  /sys/kernel/btf/vmlinux   types (BTF)\n"
	"\n"
	"Each may be compressed by gzip, bzip2, xz, lz4 or zstd.  Only DWARF shows which "
	"functions are inlined.  OLD and NEW are each a file, or several that are joined by "
	"commas.  For the boot image of another architecture, give the map and the BTF.\n"
	"\n"
	"  survey /proc/kallsyms /sys/kernel/btf/vmlinux    the running kernel, as root\n"
	"  survey --compare vmlinuz-6.1 System.map-6.12,btf-6.12\n"
	"\n"
	"NEED is the word in the tables: must, may, alone or point.  SIGNATURE compares the "
	"function with its prototypes in the table:\n"
	"\n"
	"  matches                    the first prototype\n"
	"  matches a line \"also\"      another prototype, which some kernels have\n"
	"  matches, except for names  the arguments have other names\n"
	"  compatible                 other types, with the same values for handlers\n"
	"  differs                    the handlers may read wrong values\n"
	"\n"
	"Exit status:\n"
	"\n"
	"  0  the kernel has all that the tapset needs, and no signature differs\n"
	"  1  something is MISSING or MOVED, or a signature differs\n"
	"  2  a file cannot be read, or the command line is wrong\n"
	"\n"
	"With --compare it is the status of NEW alone.  The last line counts the rows that "
	"differ between OLD and NEW, those that need a look, which make the status 1, and "
	"functions that NEW inlines or clones, so that some calls reach no probe.";

struct request {
	const char *functions, *members;
	bool compare;
	char **files;
	int n;
};

static error_t take_option(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case 'c':
		request->compare = true;
		return 0;
	case 't':
		request->functions = argument;
		return 0;
	case 'm':
		request->members = argument;
		return 0;
	case ARGP_KEY_ARGS:
		request->files = state->argv + state->next;
		request->n = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (request->compare && request->n != 2)
			argp_error(state, "--compare takes two kernels, not %d",
				   request->n);
		if (!request->n)
			argp_error(state, "no file of a kernel");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* One file, or several with commas between; a name that has a comma is a name. */
static void read_joined(struct kernel *kernel, char *files)
{
	char *file, *rest = keep_text(files, strlen(files));
	char **list = NULL;
	int n = 0;

	if (!access(files, F_OK)) {
		kernel_read(kernel, files, &files, 1);
		return;
	}
	while ((file = strsep(&rest, ","))) {
		list = keep_more(list, n, sizeof(*list));
		list[n++] = file;
	}
	kernel_read(kernel, files, list, n);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options,     take_option, usage,
					  description, NULL,	    NULL,
					  NULL };
	struct request request = {
		.functions = SURVEY_RUNTIME "/functions.tbl",
		.members = SURVEY_RUNTIME "/members.tbl",
	};
	struct kernel kernel = { 0 }, old = { 0 };
	struct table table;
	const char *name;
	int status, i;

	argp_err_exit_status = 2;
	atexit(free_kept);
	argp_parse(&argp, argc, argv, 0, NULL, &request);
	table_read(&table, request.functions, request.members);
	kernel.table = old.table = &table;
	if (request.compare) {
		read_joined(&old, request.files[0]);
		read_joined(&kernel, request.files[1]);
		status = report_compared(&old, &kernel);
	} else {
		name = request.files[0];
		for (i = 1; i < request.n; i++)
			name = keep_format("%s,%s", name, request.files[i]);
		kernel_read(&kernel, name, request.files, request.n);
		status = report(&kernel);
	}
	if (fflush(stdout) || ferror(stdout))
		bad("what was found cannot be written");
	return status;
}
