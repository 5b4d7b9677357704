// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: what came of it, in 80 columns. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "survey.h"

#define COLUMNS 80
#define TYPE_COLUMNS 25

enum state { UNKNOWN, THERE, CLONED, INLINED, GONE };

static const char *const state_words[] = { "?", "there", "cloned", "inlined",
					   "gone" };
static const char *const demand_words[] = { "must", "may", "alone", "point" };

/* ------------------------------------------------------------ lines */

/* A text that goes on below where it is too long, indented. */
static void say_indented(int indent, const char *text)
{
	int column = 0, length;

	while (*text) {
		length = strcspn(text, " ");
		if (column && column + 1 + length > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (!column) {
			column = indent + length;
			printf("%*s%.*s", indent, "", length, text);
			indent = indent < 8 ? indent + 2 : indent;
		} else {
			column += 1 + length;
			printf(" %.*s", length, text);
		}
		text += length;
		text += strspn(text, " ");
	}
	if (column)
		putchar('\n');
}

static void say_text(int indent, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say_text(int indent, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say_indented(indent, text);
}

/* say of prototype_compare(): a line below that of the function. */
static void detail(void *to, const char *format, ...)
{
	char text[4096];
	va_list arguments;

	(void)to;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say_indented(4, text);
}

/* Code that is seldom run lies apart; nothing calls it by itself. */
static bool is_cold(const char *clone)
{
	return strstr(clone, ".cold");
}

static const char *names_text(const struct names *names, bool cold)
{
	const char *text = "";
	int i;

	for (i = 0; i < names->n; i++) {
		if (!cold && is_cold(names->names[i].name))
			continue;
		text = keep_format("%s%s%s", text, *text ? ", " : "",
				   names->names[i].name);
		if (names->names[i].count > 1)
			text = keep_format("%s (%u times)", text,
					   names->names[i].count);
	}
	return text;
}

/* ------------------------------------------------------------ functions */

static bool has_clones(const struct seen *seen)
{
	int i;

	for (i = 0; i < seen->clones.n; i++)
		if (!is_cold(seen->clones.names[i].name))
			return true;
	return false;
}

static enum state state_of(const struct kernel *kernel, int i)
{
	const struct seen *seen = &kernel->seen[i];

	if (seen->symbols)
		return THERE;
	if (has_clones(seen))
		return CLONED;
	/* A file without symbols, or a tracepoint that only types show. */
	if (seen->compiled &&
	    (!kernel->has_symbols || kernel->table->rows[i].tracepoint))
		return THERE;
	if (seen->inlined.n)
		return INLINED;
	return kernel->has_symbols || kernel->has_functions ? GONE : UNKNOWN;
}

static bool is_needed(const struct kernel *kernel, int i)
{
	const struct row *row = &kernel->table->rows[i];
	int j, of_function, of_tracepoint;
	const char *name;

	if (row->demand == DEMAND_MAY || row->demand == DEMAND_ALONE)
		return false;
	for (j = 0; j < row->n_instead; j++) {
		name = row->instead[j];
		of_function = table_row(kernel->table, name, strlen(name),
					false);
		of_tracepoint = table_row(kernel->table, name, strlen(name),
					  true);
		if ((of_function >= 0 &&
		     state_of(kernel, of_function) == THERE) ||
		    (of_tracepoint >= 0 &&
		     state_of(kernel, of_tracepoint) == THERE))
			return false;
	}
	return true;
}

/* By the prototype that fits best; which says which that is. */
static enum difference signature(const struct row *row, const struct seen *seen,
				 int *which)
{
	enum difference best = DIFFERS, one;
	int i;

	*which = 0;
	for (i = 0; i < row->n_prototypes; i++) {
		one = prototype_compare(seen->prototype, row->prototypes[i], "",
					NULL, NULL);
		if (one < best) {
			best = one;
			*which = i;
		}
	}
	return best;
}

static const char *signature_word(const struct row *row,
				  const struct seen *seen)
{
	enum difference difference;
	int which;

	if (!seen->prototype)
		return "-";
	difference = signature(row, seen, &which);
	if (difference == DIFFERS)
		return "differs";
	if (difference == READS_ALIKE)
		return "compatible";
	if (difference == RENAMED)
		return "matches, except for names";
	return which ? "matches a line \"also\"" : "matches";
}

/* Is it as the tapset needs it? */
static bool function_is_good(const struct kernel *kernel, int i)
{
	const struct seen *seen = &kernel->seen[i];
	int which;

	/* A function that is not there may have any arguments. */
	if (state_of(kernel, i) != THERE)
		return !is_needed(kernel, i);
	return !seen->prototype ||
	       signature(&kernel->table->rows[i], seen, &which) != DIFFERS;
}

/* Returns whether it is as the tapset needs it. */
static bool report_function(const struct kernel *kernel, int i)
{
	const struct row *row = &kernel->table->rows[i];
	const struct seen *seen = &kernel->seen[i];
	enum state state = state_of(kernel, i);
	bool good = function_is_good(kernel, i);
	int which = 0, j;

	printf("%-28s %-6s %-8s %s\n", row->name, demand_words[row->demand],
	       state_words[state],
	       state == GONE ? "-" : signature_word(row, seen));
	if (state != THERE && !good) {
		if (row->n_instead) {
			const char *instead = "";

			for (j = 0; j < row->n_instead; j++)
				instead = keep_format("%s%s%s", instead,
						      j ? ", " : "",
						      row->instead[j]);
			say_text(
				4,
				"MISSING, and so is what does in its place: %s",
				instead);
		} else {
			say_text(4, "MISSING");
		}
	}
	if (seen->inlined.n)
		say_text(
			4,
			state == THERE ?
				"also inlined into %s: those calls pass it by" :
				"inlined into %s",
			names_text(&seen->inlined, true));
	if (seen->clones.n)
		say_text(4, "%s: %s",
			 has_clones(seen) ?
				 "clones, which calls may go to unseen" :
				 "apart",
			 names_text(&seen->clones, true));
	if (seen->symbols > 1)
		say_text(4, "%u symbols have this name", seen->symbols);
	if (!seen->prototype || state == GONE)
		return good;
	if (signature(row, seen, &which) != ALIKE)
		prototype_compare(seen->prototype, row->prototypes[which],
				  "the table has", detail, NULL);
	return good;
}

static bool report_functions(const struct kernel *kernel, bool tracepoints)
{
	bool good = true;
	int i;

	printf("\n%-28s %-6s %-8s %s\n",
	       tracepoints ? "TRACEPOINT" : "FUNCTION", "NEED", "STATE",
	       "SIGNATURE");
	for (i = 0; i < kernel->table->n_rows; i++)
		if (kernel->table->rows[i].tracepoint == tracepoints)
			good &= report_function(kernel, i);
	return good;
}

/* ------------------------------------------------------------ members */

static const char *place_text(const struct place_of *place)
{
	if (!place->there)
		return "gone";
	return keep_format(place->is_bits ? "%lu:%lu" : "%lu", place->bit / 8,
			   place->bit % 8);
}

static const char *size_text(const struct place_of *place)
{
	if (!place->there)
		return "-";
	return keep_format(place->is_bits ? "%lub" : "%lu",
			   place->is_bits ? place->bits : place->bits / 8);
}

static const char *member_name(const struct member *member)
{
	return keep_format("%s.%s", member->of, member->name);
}

static bool is_in_place(const struct member *member,
			const struct place_of *place)
{
	unsigned long at = place->bit / 8;
	int i;

	if (member->place == PLACE_ANY)
		return true;
	if (place->bit % 8 ||
	    (member->place == PLACE_BEHIND && !place->has_behind))
		return false;
	if (member->place == PLACE_EVERY)
		return at % member->places[0] == 0;
	for (i = 0; i < member->n_places; i++)
		if (at ==
		    member->places[i] +
			    (member->place == PLACE_BEHIND ? place->behind : 0))
			return true;
	return false;
}

static const char *places_text(const struct member *member,
			       const struct place_of *place)
{
	const char *text = member->place == PLACE_EVERY ? "a multiple of " : "";
	int i;

	for (i = 0; i < member->n_places; i++)
		text = keep_format("%s%s%lu", text, i ? " or " : "",
				   member->places[i] +
					   (member->place == PLACE_BEHIND ?
						    place->behind :
						    0));
	return text;
}

static bool member_is_good(const struct member *member,
			   const struct place_of *place)
{
	return place->there ? is_in_place(member, place) : !member->must;
}

static bool report_member(const struct member *member,
			  const struct place_of *place)
{
	bool good = member_is_good(member, place);

	printf("%-35s %-4s %6s %5s", member_name(member),
	       member->must ? "must" : "may", place_text(place),
	       size_text(place));
	printf("%s%s\n",
	       place->there && strlen(place->type.text) <= TYPE_COLUMNS ? "  " :
									  "",
	       place->there && strlen(place->type.text) <= TYPE_COLUMNS ?
		       place->type.text :
		       "");
	if (!place->there) {
		if (!good)
			say_text(4, "MISSING");
		return good;
	}
	if (strlen(place->type.text) > TYPE_COLUMNS)
		say_text(4, "%s", place->type.text);
	if (place->path != member->paths[0])
		say_text(4, "as %s", place->path);
	if (!good) {
		if (member->place == PLACE_BEHIND && !place->has_behind)
			say_text(4, "MOVED, or not: there is no struct %s",
				 member->behind);
		else
			say_text(4, "MOVED: runtime/ looks for it at %s",
				 places_text(member, place));
	}
	return good;
}

static bool report_members(const struct kernel *kernel)
{
	bool good = true;
	int i;

	printf("\n%-35s %-4s %6s %5s  %s\n", "MEMBER", "NEED", "OFFSET", "SIZE",
	       "TYPE");
	for (i = 0; i < kernel->table->n_members; i++)
		good &= report_member(&kernel->table->members[i],
				      &kernel->places[i]);
	return good;
}

/* ------------------------------------------------------------ one kernel */

static void report_head(const char *what, const struct kernel *kernel)
{
	say_text(0, kernel->has_symbols ? "%s%s: %s; %lu symbols" : "%s%s: %s",
		 what, kernel->name, kernel->from, kernel->n_symbols);
}

int report(const struct kernel *kernel)
{
	bool good = true;

	report_head("", kernel);
	good &= report_functions(kernel, false);
	good &= report_functions(kernel, true);
	if (kernel->has_types)
		good &= report_members(kernel);
	putchar('\n');
	if (!kernel->has_inlines)
		say_text(
			0,
			"A function that is gone may be inlined: only DWARF shows that.");
	if (!kernel->has_types)
		say_text(
			0,
			"Signatures and members were not looked at: BTF or DWARF has them.");
	say_text(
		0,
		good ? "All that must be there is there." :
		       "Not all is as the tapset needs it: see MISSING, MOVED and differs above.");
	return good ? 0 : 1;
}

/* ------------------------------------------------------------ two kernels */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/* The rows that differ, and those of NEW that are not as the tapset needs them. */
struct verdict {
	int differ, bad, other_bad, unseen;
};

static void count_row(struct verdict *verdict, bool differs, bool good)
{
	verdict->differ += differs;
	if (!good)
		*(differs ? &verdict->bad : &verdict->other_bad) += 1;
}

static const char *some(const struct names *names)
{
	const char *text = names_text(names, false);

	return *text ? text : "none";
}

/* Does the function have calls that reach no probe? */
static bool has_unseen(const struct seen *seen)
{
	return seen->inlined.n || has_clones(seen);
}

static int compare_function(const struct kernel *old, const struct kernel *new,
			    int i, struct verdict *verdict)
{
	const struct seen *a = &old->seen[i], *b = &new->seen[i];
	enum state from = state_of(old, i), to = state_of(new, i);
	bool inlines = old->has_inlines && new->has_inlines &&
		       !same_text(some(&a->inlined), some(&b->inlined));
	bool clones = old->has_symbols && new->has_symbols &&
		      !same_text(some(&a->clones), some(&b->clones));
	bool signatures = a->prototype && b->prototype && from != GONE &&
			  to != GONE &&
			  prototype_compare(b->prototype, a->prototype, "",
					    NULL, NULL) != ALIKE;
	bool differs = from != to || inlines || clones || signatures;

	count_row(verdict, differs, function_is_good(new, i));
	if (!differs)
		return 0;
	verdict->unseen += (inlines || clones) && to == THERE && has_unseen(b);
	printf("%-28s %-6s %-8s %s\n", old->table->rows[i].name,
	       demand_words[old->table->rows[i].demand], state_words[from],
	       state_words[to]);
	if (inlines)
		say_text(4, "inlined into %s; was into %s", some(&b->inlined),
			 some(&a->inlined));
	if (clones)
		say_text(4, "clones: %s; were %s", some(&b->clones),
			 some(&a->clones));
	if (signatures)
		prototype_compare(b->prototype, a->prototype, "was", detail,
				  NULL);
	return 1;
}

static int compare_member(const struct kernel *old, const struct kernel *new,
			  int i, struct verdict *verdict)
{
	const struct place_of *a = &old->places[i], *b = &new->places[i];
	bool types = a->there && b->there &&
		     !same_text(a->type.text, b->type.text);
	bool differs = types || !same_text(place_text(a), place_text(b)) ||
		       !same_text(size_text(a), size_text(b));

	count_row(verdict, differs, member_is_good(&new->table->members[i], b));
	if (!differs)
		return 0;
	printf("%-35s %7s %6s %7s %6s\n", member_name(&old->table->members[i]),
	       place_text(a), size_text(a), place_text(b), size_text(b));
	if (types)
		say_text(4, "%s; was %s", b->type.text, a->type.text);
	return 1;
}

/* The last line. */
static void say_verdict(const struct verdict *verdict, bool all)
{
	const char *text;

	if (verdict->differ)
		text = keep_format("%d row%s of the tables differ%s",
				   verdict->differ,
				   verdict->differ > 1 ? "s" : "",
				   verdict->differ > 1 ? "" : "s");
	else if (verdict->other_bad)
		text = "No row of the tables differs";
	else
		text = all ? "Nothing that the tapset relies on differs" :
			     "Nothing that was compared differs";
	if (verdict->bad)
		text = keep_format("%s, %d of them need%s a look", text,
				   verdict->bad, verdict->bad > 1 ? "" : "s");
	else if (verdict->unseen)
		text = keep_format(
			"%d row%s differ%s, none is missing or moved",
			verdict->differ, verdict->differ > 1 ? "s" : "",
			verdict->differ > 1 ? "" : "s");
	else if (verdict->differ)
		text = keep_format("%s, none of them needs a look", text);
	if (verdict->other_bad && verdict->differ)
		text = keep_format("%s; %d other%s", text, verdict->other_bad,
				   verdict->other_bad > 1 ? "s do" : " does");
	else if (verdict->other_bad)
		text = keep_format("%s, but %d need%s a look", text,
				   verdict->other_bad,
				   verdict->other_bad > 1 ? "" : "s");
	/* Functions that are inlined or cloned. */
	if (verdict->unseen)
		text = keep_format("%s; calls of %d reach no probe", text,
				   verdict->unseen);
	say_text(0, "%s.", text);
}

int report_compared(const struct kernel *old, const struct kernel *new)
{
	bool all = old->has_types && new->has_types, good;
	struct verdict verdict = { 0 };
	int i, n = 0, moved = 0;

	report_head("old: ", old);
	report_head("new: ", new);
	printf("\n%-28s %-6s %-8s %s\n", "FUNCTION, TRACEPOINT", "NEED", "OLD",
	       "NEW");
	for (i = 0; i < old->table->n_rows; i++)
		n += compare_function(old, new, i, &verdict);
	if (all) {
		printf("\n%-35s %7s %6s %7s %6s\n", "MEMBER", "OLD AT", "SIZE",
		       "NEW AT", "SIZE");
		for (i = 0; i < old->table->n_members; i++)
			moved += compare_member(old, new, i, &verdict);
	} else if (new->has_types) {
		/* The exit status is that of NEW alone. */
		for (i = 0; i < new->table->n_members; i++)
			count_row(&verdict, false,
				  member_is_good(&new->table->members[i],
						 &new->places[i]));
	}
	putchar('\n');
	if (!all)
		say_text(
			0,
			"Signatures and members were not compared: %s has neither BTF nor "
			"DWARF.",
			old->has_types ? new->name : old->name);
	say_text(0,
		 "%d of %d functions and tracepoints differ, %d of %d members.",
		 n, old->table->n_rows, moved, old->table->n_members);
	good = !verdict.bad && !verdict.other_bad;
	if (!good)
		say_text(
			0,
			"Not all of %s is as the tapset needs it: see survey %s",
			new->name, new->name);
	say_verdict(&verdict, all);
	return good ? 0 : 1;
}
