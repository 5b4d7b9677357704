// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: types and prototypes as text, and how two of them differ. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "survey.h"

/* ------------------------------------------------------------ words of C */

struct words {
	const char *at;
	const char *word;
	size_t length; /* 0 at the end */
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void next(struct words *words)
{
	const char *at = words->at;

	while (isspace((unsigned char)*at))
		at++;
	words->word = at;
	if (is_name(*at))
		while (is_name(*at))
			at++;
	else if (!strncmp(at, "...", 3))
		at += 3;
	else if (*at)
		at++;
	words->length = at - words->word;
	words->at = at;
}

static bool is_at(const struct words *words, const char *word)
{
	return words->length == strlen(word) &&
	       !memcmp(words->word, word, words->length);
}

static bool at_any(const struct words *words, const char *const *list)
{
	for (; *list; list++)
		if (is_at(words, *list))
			return true;
	return false;
}

static bool at_name(const struct words *words)
{
	return words->length && is_name(*words->word) &&
	       !isdigit((unsigned char)*words->word);
}

static bool no_part_of_it(const struct words *words)
{
	static const char *const list[] = { "const",
					    "volatile",
					    "restrict",
					    "__restrict",
					    "static",
					    "extern",
					    "inline",
					    "register",
					    "__user",
					    "__kernel",
					    "__iomem",
					    "__rcu",
					    "__force",
					    "__percpu",
					    "asmlinkage",
					    "noinline",
					    "notrace",
					    "__always_inline",
					    "INDIRECT_CALLABLE_SCOPE",
					    NULL };

	return at_any(words, list);
}

static void next_of_it(struct words *words)
{
	do
		next(words);
	while (no_part_of_it(words));
}

/* ------------------------------------------------------------ types */

static const struct type integers[] = {
	{ "char", SHAPE_INTEGER, 1 },
	{ "signed char", SHAPE_INTEGER, 1 },
	{ "unsigned char", SHAPE_INTEGER, 1 },
	{ "bool", SHAPE_INTEGER, 1 },
	{ "short", SHAPE_INTEGER, 2 },
	{ "unsigned short", SHAPE_INTEGER, 2 },
	{ "int", SHAPE_INTEGER, 4 },
	{ "unsigned int", SHAPE_INTEGER, 4 },
	{ "long", SHAPE_INTEGER, 0 },
	{ "unsigned long", SHAPE_INTEGER, 0 },
	{ "long long", SHAPE_INTEGER, 8 },
	{ "unsigned long long", SHAPE_INTEGER, 8 },
	{ "void", SHAPE_VOID, 0 },
};

static struct type type_of_text(const char *text)
{
	struct type type = { text, SHAPE_UNKNOWN, 0 };
	size_t i;

	for (i = 0; i < sizeof(integers) / sizeof(*integers); i++)
		if (!strcmp(text, integers[i].text))
			return integers[i];
	return type;
}

struct type type_pointer_to(struct type type)
{
	size_t length = strlen(type.text);
	bool pointer = length && type.text[length - 1] == '*';

	return (struct type){ keep_format(pointer ? "%s*" : "%s *", type.text),
			      SHAPE_POINTER, 0 };
}

/* Reads the words of C that name an integer: "long unsigned int" is one. */
static bool specifiers(struct words *words, const char **text)
{
	int is_unsigned = 0, is_signed = 0, longs = 0, shorts = 0, chars = 0,
	    ints = 0;
	int others = 0, any = 0;

	for (;; next_of_it(words), any++) {
		if (is_at(words, "unsigned"))
			is_unsigned++;
		else if (is_at(words, "signed") || is_at(words, "__signed__"))
			is_signed++;
		else if (is_at(words, "long"))
			longs++;
		else if (is_at(words, "short"))
			shorts++;
		else if (is_at(words, "char"))
			chars++;
		else if (is_at(words, "int"))
			ints++;
		else if (!any &&
			 (is_at(words, "void") || is_at(words, "bool") ||
			  is_at(words, "_Bool"))) {
			*text = is_at(words, "void") ? "void" : "bool";
			others++;
		} else
			break;
	}
	if (!any || others)
		return any;
	*text = keep_format("%s%s",
			    is_unsigned	       ? "unsigned " :
			    chars && is_signed ? "signed " :
						 "",
			    chars     ? "char" :
			    shorts    ? "short" :
			    longs > 1 ? "long long" :
			    longs     ? "long" :
					"int");
	return true;
}

/* The name of a type in DWARF or BTF, as specifiers() has it. */
const char *type_word(const char *name)
{
	struct words words = { name, NULL, 0 };
	const char *text = name;

	next_of_it(&words);
	if (!specifiers(&words, &text) || words.length)
		return keep_text(name, strlen(name));
	return text;
}

/* A structure's name in the sources that include/linux/socket.h defines as another. */
static const char *tag(const char *name, size_t length)
{
	const char *text = keep_text(name, length);

	return strcmp(text, "sockaddr_storage") ? text :
						  "__kernel_sockaddr_storage";
}

static bool parse_type(struct words *words, struct type *type, const char **why)
{
	static const char *const tagged[] = { "struct", "union", "enum", NULL };
	const char *text, *kind;
	size_t length;

	if (no_part_of_it(words))
		next_of_it(words);
	if (specifiers(words, &text)) {
		;
	} else if (at_any(words, tagged)) {
		kind = words->word;
		length = words->length;
		next_of_it(words);
		if (!at_name(words)) {
			*why = "no name behind struct, union or enum";
			return false;
		}
		text = keep_format("%.*s %s", (int)length, kind,
				   tag(words->word, words->length));
		next_of_it(words);
	} else if (at_name(words)) {
		text = keep_text(words->word, words->length);
		next_of_it(words);
	} else {
		*why = words->length ? "no type where one is expected" :
				       "it ends early";
		return false;
	}
	*type = type_of_text(text);
	for (; is_at(words, "*"); next_of_it(words))
		*type = type_pointer_to(*type);
	return true;
}

static bool parse_argument(struct words *words, struct argument *argument,
			   const char **why)
{
	if (!parse_type(words, &argument->type, why))
		return false;
	if (at_name(words)) {
		argument->name = keep_text(words->word, words->length);
		next_of_it(words);
	}
	if (is_at(words, "[")) {
		while (words->length && !is_at(words, "]"))
			next(words);
		next_of_it(words);
		argument->type = type_pointer_to(argument->type);
	}
	return true;
}

/* "int f(struct socket *sock, int flags)"; of a tracepoint, without the result. */
bool prototype_parse(struct prototype *prototype, const char *text,
		     const char **why)
{
	struct words words = { text, NULL, 0 }, first;

	memset(prototype, 0, sizeof(*prototype));
	next_of_it(&words);
	first = words;
	if (at_name(&words))
		next(&words);
	if (is_at(&words, "(")) {
		words = first;
		prototype->result = type_of_text("void");
	} else {
		words = first;
		if (!parse_type(&words, &prototype->result, why))
			return false;
	}
	*why = "no name and ( behind the type of the result";
	if (!at_name(&words))
		return false;
	prototype->name = keep_text(words.word, words.length);
	next(&words);
	if (!is_at(&words, "("))
		return false;
	next_of_it(&words);
	first = words;
	if (is_at(&words, "void")) {
		next(&words);
		if (!is_at(&words, ")"))
			words = first;
	}
	while (!is_at(&words, ")")) {
		if (prototype->n == ARGUMENTS) {
			*why = "too many arguments";
			return false;
		}
		if (is_at(&words, "...")) {
			prototype->more = true;
			next(&words);
		} else if (!parse_argument(&words,
					   &prototype->argument[prototype->n++],
					   why)) {
			return false;
		}
		*why = "no , and argument or ) behind an argument";
		if (is_at(&words, ",")) {
			next_of_it(&words);
			if (is_at(&words, ")"))
				return false;
		} else if (!is_at(&words, ")"))
			return false;
	}
	next(&words);
	*why = "more words behind the )";
	return !words.length;
}

static const char *with_name(const char *type, const char *name)
{
	size_t length = strlen(type);

	return keep_format("%s%s%s", type,
			   name && type[length - 1] != '*' ? " " : "",
			   name ? name : "");
}

static const char *argument_text(const struct argument *argument)
{
	return with_name(argument->type.text, argument->name);
}

const char *prototype_text(const struct prototype *prototype)
{
	const char *text = keep_format(
		"%s(", with_name(prototype->result.text, prototype->name));
	int i;

	for (i = 0; i < prototype->n; i++)
		text = keep_format("%s%s%s", text, i ? ", " : "",
				   argument_text(&prototype->argument[i]));
	return keep_format("%s%s)", text,
			   prototype->more ? prototype->n ? ", ..." : "..." :
			   prototype->n	   ? "" :
					     "void");
}

/* ------------------------------------------------------------ how two differ */

static enum difference compare_types(const struct type *seen,
				     const struct type *known)
{
	if (!strcmp(seen->text, known->text))
		return ALIKE;
	/* The same register, and as many bits of it. */
	if (seen->shape == SHAPE_INTEGER && known->shape == SHAPE_INTEGER &&
	    seen->size && seen->size == known->size)
		return READS_ALIKE;
	return DIFFERS;
}

/* Says what differs, by say if there is one. */
enum difference prototype_compare(const struct prototype *seen,
				  const struct prototype *known,
				  const char *known_as, say *say, void *to)
{
	enum difference most = compare_types(&seen->result, &known->result),
			one;
	int i;

	if (most != ALIKE && say)
		say(to, "result: %s; %s %s", seen->result.text, known_as,
		    known->result.text);
	if (seen->n != known->n || seen->more != known->more) {
		most = DIFFERS;
		if (say)
			say(to, "arguments: %d%s; %s %d%s", seen->n,
			    seen->more ? " and more" : "", known_as, known->n,
			    known->more ? " and more" : "");
	}
	for (i = 0; i < seen->n || i < known->n; i++) {
		const struct argument *a = &seen->argument[i],
				      *b = &known->argument[i];

		if (i >= seen->n) {
			if (say)
				say(to, "argument %d: none; %s %s", i + 1,
				    known_as, argument_text(b));
			continue;
		}
		if (i >= known->n) {
			if (say)
				say(to, "argument %d: %s; %s none", i + 1,
				    argument_text(a), known_as);
			continue;
		}
		one = compare_types(&a->type, &b->type);
		if (one == ALIKE && a->name && b->name &&
		    strcmp(a->name, b->name))
			one = RENAMED;
		if (one > most)
			most = one;
		if (one != ALIKE && say)
			say(to, "argument %d: %s; %s %s", i + 1,
			    argument_text(a), known_as, argument_text(b));
	}
	return most;
}
