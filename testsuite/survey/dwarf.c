// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: types, functions and what is inlined into them, by DWARF. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <string.h>
#include "survey.h"

#define DEEPEST 32 /* types in types; what is deeper is broken */
#define DEEPEST_BLOCK 256
#define MOST_MEMBERS \
	100000 /* that are looked at for one path; more are a loop */

static const char *name_of(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	return name ? name : "";
}

/* The next one, which is behind it: what leads back is broken. */
static bool sibling(Dwarf_Die *die)
{
	Dwarf_Off before = dwarf_dieoffset(die);
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) || dwarf_dieoffset(&next) <= before)
		return false;
	*die = next;
	return true;
}

static Dwarf_Word constant(Dwarf_Die *die, unsigned int name, Dwarf_Word unset)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr_integrate(die, name, &attribute) ||
	    dwarf_formudata(&attribute, &value))
		return unset;
	return value;
}

static bool type_die(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, type);
}

/* ------------------------------------------------------------ types */

static struct type type_at(Dwarf_Die *die, int depth);

/* The type of a thing; void if it has none. */
static struct type type_of(Dwarf_Die *die, int depth)
{
	Dwarf_Die type;

	if (!type_die(die, &type))
		return (struct type){ "void", SHAPE_VOID, 0 };
	return type_at(&type, depth + 1);
}

static unsigned long elements(Dwarf_Die *array)
{
	unsigned long n = 1;
	Dwarf_Die part;

	if (dwarf_child(array, &part))
		return 0;
	do
		if (dwarf_tag(&part) == DW_TAG_subrange_type)
			n *= dwarf_hasattr(&part, DW_AT_count) ?
				     constant(&part, DW_AT_count, 0) :
				     constant(&part, DW_AT_upper_bound, -1) + 1;
	while (sibling(&part));
	return n;
}

static struct type type_at(Dwarf_Die *die, int depth)
{
	struct type type = { "?", SHAPE_UNKNOWN, 0 };
	unsigned long n;
	int tag = dwarf_tag(die);

	if (depth > DEEPEST)
		return type;
	switch (tag) {
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return type_of(die, depth);
	case DW_TAG_pointer_type:
		type = type_pointer_to(type_of(die, depth));
		type.size = constant(die, DW_AT_byte_size, sizeof(void *));
		return type;
	case DW_TAG_subroutine_type:
		return (struct type){ "function", SHAPE_OTHER, 0 };
	case DW_TAG_typedef:
		type = type_of(die, depth);
		type.text = type_word(name_of(die));
		return type;
	case DW_TAG_base_type:
		return (struct type){ type_word(name_of(die)), SHAPE_INTEGER,
				      constant(die, DW_AT_byte_size, 0) };
	case DW_TAG_enumeration_type:
		return (struct type){ keep_format("enum %s", name_of(die)),
				      SHAPE_INTEGER,
				      constant(die, DW_AT_byte_size, 0) };
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return (struct type){ keep_format("%s %s",
						  tag == DW_TAG_union_type ?
							  "union" :
							  "struct",
						  name_of(die)),
				      SHAPE_OTHER,
				      constant(die, DW_AT_byte_size, 0) };
	case DW_TAG_array_type:
		type = type_of(die, depth);
		n = elements(die);
		type.text = keep_format("%s[%lu]", type.text, n);
		type.shape = SHAPE_OTHER;
		type.size *= n;
		return type;
	}
	return type;
}

/* ------------------------------------------------------------ functions */

static bool has_code(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_low_pc) ||
	       dwarf_hasattr(die, DW_AT_ranges);
}

/* As it is declared: what is compiled of it may have fewer arguments. */
static struct prototype *prototype_of(Dwarf_Die *die, const char *name,
				      int first)
{
	struct prototype *prototype = keep(sizeof(*prototype));
	struct argument *argument;
	const char *its_name;
	Dwarf_Die part;

	prototype->name = keep_text(name, strlen(name));
	prototype->result = type_of(die, 0);
	if (dwarf_child(die, &part))
		return prototype;
	do {
		if (dwarf_tag(&part) == DW_TAG_unspecified_parameters)
			prototype->more = true;
		if (dwarf_tag(&part) != DW_TAG_formal_parameter || first-- > 0)
			continue;
		if (prototype->n == ARGUMENTS) {
			prototype->more = true;
			break;
		}
		argument = &prototype->argument[prototype->n++];
		argument->type = type_of(&part, 0);
		its_name = dwarf_diename(&part);
		if (its_name)
			argument->name = keep_text(its_name, strlen(its_name));
	} while (sibling(&part));
	return prototype;
}

/* All that is inlined into the function of that name. */
static void look_inside(struct kernel *kernel, Dwarf_Die *die,
			const char *caller, int depth)
{
	struct seen *seen;
	Dwarf_Die part;

	if (depth > DEEPEST_BLOCK || dwarf_child(die, &part))
		return;
	do {
		switch (dwarf_tag(&part)) {
		case DW_TAG_inlined_subroutine:
			seen = kernel_function(kernel, name_of(&part));
			if (seen)
				names_add(&seen->inlined, caller);
			/* fall through */
		case DW_TAG_lexical_block:
		case DW_TAG_try_block:
		case DW_TAG_catch_block:
			look_inside(kernel, &part, caller, depth + 1);
		}
	} while (sibling(&part));
}

/* Compiled, it may have lost arguments: this is the one in the source. */
static Dwarf_Die source_of(Dwarf_Die die)
{
	Dwarf_Attribute attribute;
	Dwarf_Die origin;
	int depth;

	for (depth = 0; depth < DEEPEST; depth++) {
		if (!dwarf_attr(&die, DW_AT_abstract_origin, &attribute) ||
		    !dwarf_formref_die(&attribute, &origin))
			break;
		die = origin;
	}
	return die;
}

static void look_at_function(struct kernel *kernel, Dwarf_Die *die)
{
	const char *name = name_of(die);
	struct seen *seen = kernel_function(kernel, name);
	bool compiled = has_code(die);
	Dwarf_Die source;

	if (seen && (compiled || dwarf_hasattr(die, DW_AT_inline))) {
		seen->compiled |= compiled;
		source = source_of(*die);
		if (!seen->prototype)
			seen->prototype = prototype_of(&source, name, 0);
	}
	if (compiled) {
		kernel->has_functions = true;
		look_inside(kernel, die, name, 0);
	}
}

static void look_at_tracepoint(struct kernel *kernel, Dwarf_Die *die)
{
	const char *name = name_of(die);
	struct seen *seen = kernel_tracepoint(kernel, &name);
	Dwarf_Die pointer, function;

	if (!seen)
		return;
	if (!seen->prototype && type_die(die, &pointer) &&
	    type_die(&pointer, &function) &&
	    dwarf_tag(&function) == DW_TAG_subroutine_type)
		seen->prototype = prototype_of(&function, name, 1);
}

/* ------------------------------------------------------------ members */

/* The structure or union that a type comes to. */
static bool whole(Dwarf_Die *die)
{
	int depth;

	for (depth = 0; depth < DEEPEST; depth++) {
		switch (dwarf_tag(die)) {
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
			return true;
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
			if (type_die(die, die))
				continue;
		}
		return false;
	}
	return false;
}

static bool is_big_endian;

static void add_place(Dwarf_Die *member, struct place_of *place)
{
	Dwarf_Word before = constant(member, DW_AT_bit_offset, 0), size;
	Dwarf_Die type;

	place->bit += 8 * constant(member, DW_AT_data_member_location, 0) +
		      constant(member, DW_AT_data_bit_offset, 0);
	place->bits = constant(member, DW_AT_bit_size, 0);
	place->is_bits = place->bits;
	/* Up to DWARF 4, counted from the most significant bit of what it is a part of. */
	if (!dwarf_hasattr(member, DW_AT_bit_offset) ||
	    !type_die(member, &type))
		return;
	if (dwarf_aggregate_size(&type, &size))
		size = 0;
	size = constant(member, DW_AT_byte_size, size);
	place->bit += is_big_endian ? before : 8 * size - before - place->bits;
}

static int looked_at;

/* Looks into unnamed members too. */
static bool find_member(Dwarf_Die *of, const char *name, size_t length,
			Dwarf_Die *found, struct place_of *place, int depth)
{
	const char *its_name;
	Dwarf_Die part, type;

	if (depth > DEEPEST || dwarf_child(of, &part))
		return false;
	do {
		if (dwarf_tag(&part) != DW_TAG_member)
			continue;
		its_name = name_of(&part);
		if (strlen(its_name) == length && length &&
		    !memcmp(its_name, name, length)) {
			add_place(&part, place);
			*found = part;
			return true;
		}
		if (*its_name || !type_die(&part, &type) || !whole(&type) ||
		    !find_member(&type, name, length, found, place, depth + 1))
			continue;
		place->bit += 8 *
			      constant(&part, DW_AT_data_member_location, 0);
		return true;
	} while (sibling(&part) && looked_at++ < MOST_MEMBERS);
	return false;
}

static void find_path(const Dwarf_Die *structure, const char *path,
		      struct place_of *place)
{
	Dwarf_Die of = *structure, member, type;
	const char *name;
	size_t length;

	looked_at = 0;
	for (name = path; *name; name += length + (name[length] == '.')) {
		length = strcspn(name, ".");
		if (!whole(&of) ||
		    !find_member(&of, name, length, &member, place, 0) ||
		    !type_die(&member, &type))
			return;
		of = type;
	}
	place->there = true;
	place->path = path;
	place->type = type_at(&type, 0);
	if (!place->is_bits) {
		Dwarf_Word size;

		place->bits = 8 * (dwarf_aggregate_size(&type, &size) ?
					   place->type.size :
					   size);
	}
}

/* A kernel has millions of them. */
static bool same(const char *a, const char *b)
{
	return *a == *b && !strcmp(a, b);
}

static void look_at_structure(struct kernel *kernel, Dwarf_Die *die)
{
	const char *name = name_of(die);
	const struct member *member;
	struct place_of *place;
	int i, path;

	if (!*name || dwarf_hasattr(die, DW_AT_declaration))
		return;
	for (i = 0; i < kernel->table->n_members; i++) {
		member = &kernel->table->members[i];
		place = &kernel->places[i];
		if (member->behind && !place->has_behind &&
		    same(member->behind, name)) {
			place->has_behind = true;
			place->behind = constant(die, DW_AT_byte_size, 0);
		}
		if (!same(member->of, name) || place->there)
			continue;
		kernel->has_types = true;
		for (path = 0; path < member->n_paths && !place->there;
		     path++) {
			struct place_of here = { 0 };

			find_path(die, member->paths[path], &here);
			here.has_behind = place->has_behind;
			here.behind = place->behind;
			*place = here;
		}
	}
}

/* ------------------------------------------------------------ all of it */

static bool look_at_unit(struct kernel *kernel, Dwarf_Die *unit)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die))
		return false;
	do {
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			look_at_function(kernel, &die);
			break;
		case DW_TAG_structure_type:
			look_at_structure(kernel, &die);
			break;
		case DW_TAG_typedef:
			look_at_tracepoint(kernel, &die);
			break;
		}
	} while (sibling(&die));
	return true;
}

bool dwarf_read(struct kernel *kernel, Elf *elf)
{
	Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	Dwarf_CU *unit = NULL;
	uint8_t unit_type;
	bool any = false;
	Dwarf_Die die;
	int more;

	if (!dwarf)
		return false;
	is_big_endian = elf_getident(elf, NULL)[EI_DATA] == ELFDATA2MSB;
	while (!(more = dwarf_get_units(dwarf, unit, &unit, NULL, &unit_type,
					&die, NULL)))
		if (unit_type == DW_UT_compile || unit_type == DW_UT_partial)
			any |= look_at_unit(kernel, &die);
	if (more < 0)
		bad("%s: its DWARF cannot be read (%s): is it cut off?",
		    reading, dwarf_errmsg(-1));
	dwarf_end(dwarf);
	kernel->has_inlines |= any && kernel->has_functions;
	return any;
}
