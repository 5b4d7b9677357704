// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: types and functions by BTF. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include "survey.h"

#define DEEPEST 32 /* types in types; what is deeper is broken */
#define MOST_MEMBERS \
	100000 /* that are looked at for one path; more are a loop */

static const char *name_of(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__str_by_offset(btf, offset);

	return name ? name : "";
}

static struct type type_of(const struct btf *btf, uint32_t id, int depth)
{
	const struct btf_type *t = id ? btf__type_by_id(btf, id) : NULL;
	struct type type = { "void", SHAPE_VOID, 0 };
	const struct btf_array *array;

	if (!id)
		return type;
	if (!t || depth > DEEPEST)
		return (struct type){ "?", SHAPE_UNKNOWN, 0 };
	switch (btf_kind(t)) {
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return type_of(btf, t->type, depth + 1);
	case BTF_KIND_PTR:
		return type_pointer_to(type_of(btf, t->type, depth + 1));
	case BTF_KIND_FUNC_PROTO:
		return (struct type){ "function", SHAPE_OTHER, 0 };
	case BTF_KIND_TYPEDEF:
		type = type_of(btf, t->type, depth + 1);
		type.text = type_word(name_of(btf, t->name_off));
		return type;
	case BTF_KIND_INT:
		return (struct type){ type_word(name_of(btf, t->name_off)),
				      SHAPE_INTEGER, t->size };
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return (struct type){ keep_format("enum %s",
						  name_of(btf, t->name_off)),
				      SHAPE_INTEGER, t->size };
	case BTF_KIND_FWD:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		type.text = keep_format(
			"%s %s",
			btf_kind(t) == BTF_KIND_UNION ||
					(btf_is_fwd(t) && btf_kflag(t)) ?
				"union" :
				"struct",
			name_of(btf, t->name_off));
		type.shape = SHAPE_OTHER;
		type.size = btf_is_fwd(t) ? 0 : t->size;
		return type;
	case BTF_KIND_ARRAY:
		array = btf_array(t);
		type = type_of(btf, array->type, depth + 1);
		type.text = keep_format("%s[%u]", type.text, array->nelems);
		type.shape = SHAPE_OTHER;
		type.size *= array->nelems;
		return type;
	default:
		return (struct type){ keep_format("kind %u", btf_kind(t)),
				      SHAPE_UNKNOWN, 0 };
	}
}

static unsigned int size_of(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	long long size;

	if (t && btf_is_ptr(t))
		return btf__pointer_size(btf);
	size = btf__resolve_size(btf, id);
	return size > 0 ? size : 0;
}

/* ------------------------------------------------------------ functions */

/* first: how many arguments are left out. */
static void keep_prototype(struct kernel *kernel, const struct btf *btf,
			   struct seen *seen, const char *name,
			   const struct btf_type *t, int first)
{
	const struct btf_param *argument;
	struct prototype *prototype;
	int i;

	if (seen->prototype || !t || !btf_is_func_proto(t))
		return;
	prototype = keep(sizeof(*prototype));
	prototype->name = keep_text(name, strlen(name));
	prototype->result = type_of(btf, t->type, 0);
	argument = btf_params(t) + first;
	for (i = first; i < btf_vlen(t); i++, argument++) {
		if (prototype->n == ARGUMENTS ||
		    (!argument->type && !argument->name_off)) {
			prototype->more = true;
			break;
		}
		prototype->argument[prototype->n].type = type_of(
			btf, argument->type, 0);
		if (argument->name_off)
			prototype->argument[prototype->n].name = keep_text(
				name_of(btf, argument->name_off),
				strlen(name_of(btf, argument->name_off)));
		prototype->n++;
	}
	seen->prototype = prototype;
	kernel->has_types = true;
}

static void look_at_function(struct kernel *kernel, const struct btf *btf,
			     const struct btf_type *t)
{
	const char *name = name_of(btf, t->name_off);
	struct seen *seen;

	kernel->has_functions = true;
	seen = kernel_function(kernel, name);
	if (!seen)
		return;
	seen->compiled = true;
	keep_prototype(kernel, btf, seen, name, btf__type_by_id(btf, t->type),
		       0);
}

static void look_at_tracepoint(struct kernel *kernel, const struct btf *btf,
			       const struct btf_type *t)
{
	const char *name = name_of(btf, t->name_off);
	struct seen *seen = kernel_tracepoint(kernel, &name);

	if (!seen)
		return;
	t = btf__type_by_id(btf, t->type);
	if (t && btf_is_ptr(t))
		keep_prototype(kernel, btf, seen, name,
			       btf__type_by_id(btf, t->type), 1);
}

/* ------------------------------------------------------------ members */

/* The structure or union that a type comes to, or NULL. */
static const struct btf_type *whole(const struct btf *btf, uint32_t id,
				    int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	if (!t || depth > DEEPEST)
		return NULL;
	if (btf_is_mod(t) || btf_is_typedef(t))
		return whole(btf, t->type, depth + 1);
	return btf_is_composite(t) ? t : NULL;
}

static int looked_at;

/* Adds where the member of that name is, of unnamed members too. */
static const struct btf_member *find_member(const struct btf *btf,
					    const struct btf_type *of,
					    const char *name, size_t length,
					    struct place_of *place, int depth)
{
	const struct btf_member *member = btf_members(of), *found;
	const struct btf_type *part;
	const char *its_name;
	int i;

	for (i = 0; i < btf_vlen(of) && looked_at++ < MOST_MEMBERS;
	     i++, member++) {
		its_name = name_of(btf, member->name_off);
		if (strlen(its_name) == length && length &&
		    !memcmp(its_name, name, length)) {
			place->bit += btf_member_bit_offset(of, i);
			place->bits = btf_member_bitfield_size(of, i);
			place->is_bits = place->bits;
			return member;
		}
		part = *its_name || depth > DEEPEST ?
			       NULL :
			       whole(btf, member->type, 0);
		found = part ? find_member(btf, part, name, length, place,
					   depth + 1) :
			       NULL;
		if (found) {
			place->bit += btf_member_bit_offset(of, i);
			return found;
		}
	}
	return NULL;
}

static bool find_path(const struct btf *btf, uint32_t id, const char *path,
		      struct place_of *place)
{
	const struct btf_type *of;
	const struct btf_member *member = NULL;
	const char *name;
	size_t length;

	looked_at = 0;
	for (name = path; *name; name += length + (name[length] == '.')) {
		length = strcspn(name, ".");
		of = whole(btf, id, 0);
		member = of ? find_member(btf, of, name, length, place, 0) :
			      NULL;
		if (!member)
			return false;
		id = member->type;
	}
	place->there = member;
	place->path = path;
	place->type = type_of(btf, id, 0);
	if (!place->is_bits)
		place->bits = 8 * (unsigned long)size_of(btf, id);
	return true;
}

static uint32_t structure(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? id : 0;
}

static void look_at_members(struct kernel *kernel, const struct btf *btf)
{
	const struct member *member;
	struct place_of *place;
	uint32_t id, behind;
	int i, path;

	for (i = 0; i < kernel->table->n_members; i++) {
		member = &kernel->table->members[i];
		place = &kernel->places[i];
		id = structure(btf, member->of);
		if (!id || place->there)
			continue;
		kernel->has_types = true;
		for (path = 0; path < member->n_paths && !place->there;
		     path++) {
			memset(place, 0, sizeof(*place));
			find_path(btf, id, member->paths[path], place);
		}
		behind = member->behind ? structure(btf, member->behind) : 0;
		place->has_behind = behind;
		place->behind = behind ? size_of(btf, behind) : 0;
	}
}

static int be_quiet(enum libbpf_print_level level, const char *format,
		    va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

bool btf_read(struct kernel *kernel, const void *data, size_t size)
{
	const struct btf_type *t;
	struct btf *btf;
	uint32_t id, n;

	libbpf_set_print(be_quiet);
	btf = btf__new(data, size);
	if (libbpf_get_error(btf))
		bad("%s: its BTF cannot be read: is it cut off?", reading);
	n = btf__type_cnt(btf);
	for (id = 1; id < n; id++) {
		t = btf__type_by_id(btf, id);
		if (t && btf_is_func(t))
			look_at_function(kernel, btf, t);
		else if (t && btf_is_typedef(t))
			look_at_tracepoint(kernel, btf, t);
	}
	look_at_members(kernel, btf);
	btf__free(btf);
	return n > 1;
}
