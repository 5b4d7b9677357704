/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey - what a kernel has of what the tapset needs.
 *
 *   table.c     what is needed: runtime/functions.tbl, runtime/members.tbl
 *   prototype.c types and prototypes as text, and how two of them differ
 *   symbols.c   symbols: a map as text, an ELF file's own, those in the image of a kernel
 *   btf.c       types by BTF
 *   dwarf.c     types, and what is inlined into what, by DWARF
 *   kernel.c    opens files, finds out what they are, and gives them to the three above
 *   report.c    what came of it, for people
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENTS 16 /* of a function, at most */
#define PROTOTYPES 8 /* of a row of the table */
#define NAMES 8	     /* of a row that stand for another, or paths of a member */

/* ------------------------------------------------------------ types, prototypes */

enum shape {
	SHAPE_UNKNOWN,
	SHAPE_VOID,
	SHAPE_INTEGER,
	SHAPE_POINTER,
	SHAPE_OTHER
};

/* The text is without const and the like, and the same from wherever it comes. */
struct type {
	const char *text;
	enum shape shape;
	unsigned int size; /* in bytes, where it is known */
};

struct argument {
	struct type type;
	const char *name; /* NULL where that is not known */
};

struct prototype {
	const char *name;
	struct type result;
	int n;
	bool more; /* ..., or more than ARGUMENTS */
	struct argument argument[ARGUMENTS];
};

enum difference { ALIKE, RENAMED, READS_ALIKE, DIFFERS };

typedef void say(void *to, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool prototype_parse(struct prototype *prototype, const char *text,
		     const char **why);
const char *prototype_text(const struct prototype *prototype);
const char *type_word(const char *words);
struct type type_pointer_to(struct type type);
enum difference prototype_compare(const struct prototype *seen,
				  const struct prototype *known,
				  const char *known_as, say *say, void *to);

/* ------------------------------------------------------------ what is needed */

enum demand { DEMAND_MUST, DEMAND_MAY, DEMAND_ALONE, DEMAND_POINT };

struct row {
	const char *name;
	bool tracepoint;
	enum demand demand;
	int n_prototypes, n_instead;
	struct prototype *prototypes[PROTOTYPES];
	const char
		*instead[NAMES]; /* any of these does where it is not there */
};

enum place { PLACE_ANY, PLACE_AT, PLACE_BEHIND, PLACE_EVERY };

struct member {
	const char *of, *name;
	bool must;
	int n_paths, n_places;
	const char *paths[NAMES]; /* the first that is there */
	enum place place;
	const char *behind; /* a structure */
	unsigned long places[NAMES];
};

struct table {
	int n_rows, n_members;
	struct row *rows;
	struct member *members;
};

void table_read(struct table *table, const char *functions,
		const char *members);
int table_row(const struct table *table, const char *name, size_t length,
	      bool tracepoint);

/* ------------------------------------------------------------ what is there */

struct names {
	int n;
	struct counted {
		const char *name;
		unsigned int count;
	} *names;
};

struct seen {
	unsigned int symbols; /* of this very name */
	struct names clones;  /* name.isra.0 and the like */
	bool compiled;	      /* DWARF or BTF: it is a function of its own */
	struct names inlined; /* into these */
	const struct prototype *prototype;
};

struct place_of {
	bool there, is_bits;
	const char *path;
	unsigned long bit, bits; /* from the begin, and how many */
	struct type type;
	bool has_behind;
	unsigned long behind; /* bytes of the structure that it is behind of */
};

struct kernel {
	const char *name;
	const struct table *table;
	struct seen *seen;	 /* one a row */
	struct place_of *places; /* one a member */
	bool has_symbols, has_types, has_functions, has_inlines;
	const char *from; /* what was read, for people */
	unsigned long n_symbols;
};

void kernel_read(struct kernel *kernel, const char *name, char **files, int n);
void kernel_symbol(struct kernel *kernel, const char *name);
struct seen *kernel_function(struct kernel *kernel, const char *name);
/*
 * By the typedef that each tracepoint has, void (*btf_trace_NAME)(void *, ...): what is seen
 * of it, or NULL; *name is its own name then.
 */
struct seen *kernel_tracepoint(struct kernel *kernel, const char **name);
void names_add(struct names *names, const char *name);

typedef struct Elf Elf;

/* Each says whether the file has what it looks for. */
bool symbols_of_map(struct kernel *kernel, const char *text, size_t size);
bool symbols_of_elf(struct kernel *kernel, Elf *elf);
bool symbols_of_image(struct kernel *kernel, Elf *elf);
bool btf_read(struct kernel *kernel, const void *data, size_t size);
bool dwarf_read(struct kernel *kernel, Elf *elf);

/* ------------------------------------------------------------ what came of it */

/* The exit status: 0, or 1 where something is missing. */
int report(const struct kernel *kernel);
int report_compared(const struct kernel *old, const struct kernel *new);

/* ------------------------------------------------------------ all of it */

/* Memory that is there until the end. */
void *keep(size_t size);
char *keep_text(const char *text, size_t length);
char *keep_format(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void *keep_more(void *array, int n, size_t size); /* room for one more than n */

/* Ends with status 2. */
void bad(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));
extern const char *reading; /* the file that is looked at, for messages */

#endif
