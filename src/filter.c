// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filter.c - which records pass the filters of replay and merge
 *
 * They mean what runtime/socket_filters.h does to the events of a tool; options.c makes the
 * same lists of them.  An unset field passes only after a "!".
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	NUMBERS,
	USERS,
	PROTOCOL,
	FAMILY,
	TYPE,
	NAME,
	NETWORKS,
	FAILURE,
	TIME
};

/* The parameters of a module, the fields that answer them, and words for those. */
static const struct row {
	const char *parameter, *field, *words;
	enum kind kind;
} table[] = {
	{ "only_pid", "pid", "PID", NUMBERS },
	{ "only_command", "command", "COMMAND", NAME },
	{ "only_uid", "uid", "user", USERS },
	{ "only_protocol", "protocol", "protocol", PROTOCOL },
	{ "only_family", "family", "family", FAMILY },
	{ "only_type", "type", "type", TYPE },
	{ "only_lport", "local_port", "local port", NUMBERS },
	{ "only_rport", "remote_port", "remote port", NUMBERS },
	{ "only_laddr", "local_address", "local address", NETWORKS },
	{ "only_raddr", "remote_address", "remote address", NETWORKS },
	{ "only_failed", "error", "error", FAILURE },
	{ "only_slower", "duration_ns", "time of a call", TIME },
};

struct part {
	int64_t from, to;
	struct in6_addr network; /* of IPv4: in ::ffff:0:0/96 */
	int bits;
	char *name;
	bool seen; /* the name, in a record */
};

#define NO_FIELD SIZE_MAX

struct condition {
	const struct row *row;
	bool others; /* all but the parts */
	struct part *part;
	size_t n;
	size_t field;
	bool is_endpoint; /* the field has an address and a port */
};

struct filter {
	struct condition *at;
	size_t n, family, user, event, thread_name; /* fields */
};

/* ---------------------------------------------------------------- lists */

static const struct row *row_of(const char *parameter)
{
	size_t i, n = strcspn(parameter, "=");

	for (i = 0; i < LENGTH(table); i++)
		if (strlen(table[i].parameter) == n &&
		    !strncmp(table[i].parameter, parameter, n))
			return &table[i];
	return NULL;
}

bool is_recorded(const char *parameter)
{
	return row_of(parameter) != NULL;
}

static void read_network(struct part *p, const char *s)
{
	const char *slash = strchrnul(s, '/');
	int all = strchr(s, ':') ? 128 : 32;

	read_address(s, (size_t)(slash - s), p->network.s6_addr);
	p->bits = 128 - all + (*slash ? atoi(slash + 1) : all);
}

/* NUMBER, NUMBER-NUMBER, or the name of a user. */
static void read_range(struct part *p, const char *s)
{
	char *end;

	p->from = p->to = strtoll(s, &end, 10);
	if (*end == '-' && end > s)
		p->to = strtoll(end + 1, &end, 10);
	if (!*end && *s >= '0' && *s <= '9')
		return;
	p->from = p->to = -2; /* none */
	p->name = text("%s", s);
	make_printable(p->name);
}

/* As socket_text() of the tools prints it. */
static char *printed(const char *name)
{
	char *s = text("%s", ""), *longer;

	for (; *name; name++, s = longer) {
		longer = *name < ' ' || *name > '~' ?
				 text("%s\\%03o", s, (unsigned char)*name) :
				 text("%s%c", s, *name);
		free(s);
	}
	return s;
}

static void read_condition(struct condition *c, const char *value)
{
	struct list parts = { 0 };
	size_t i;

	if (c->row->kind == NAME) /* in quotes */
		add(&parts, text("%.*s", (int)strlen(value) - 2, value + 1));
	else
		parts = words_of(value + c->others, ",");
	c->n = parts.n;
	c->part = calloc(c->n + 1, sizeof(*c->part));
	if (!c->part)
		die("no memory");
	for (i = 0; i < c->n; i++)
		if (c->row->kind == NAME)
			c->part[i].name = printed(parts.at[i]);
		else if (c->row->kind == NETWORKS)
			read_network(&c->part[i], parts.at[i]);
		else
			read_range(&c->part[i], parts.at[i]);
}

struct filter *filter_of(const struct list *values)
{
	struct filter *f = calloc(1, sizeof(*f));
	size_t i;

	if (!f)
		die("no memory");
	f->at = calloc(values->n + 1, sizeof(*f->at));
	if (!f->at)
		die("no memory");
	for (i = 0; i < values->n; i++) {
		const char *value = strchr(values->at[i], '=') + 1;
		struct condition *c = &f->at[f->n++];

		c->row = row_of(values->at[i]);
		c->others = c->row->kind != NAME && *value == '!';
		read_condition(c, value);
	}
	return f;
}

/* ---------------------------------------------------------------- fields */

/* The field with a key; that of a flow has an address and a port. */
static size_t find_field(const struct columns *all, const char *key,
			 bool *is_endpoint)
{
	size_t i, k, found = NO_FIELD, n;

	*is_endpoint = false;
	for (i = 0; i < all->n; i++) {
		const struct column *c = &all->at[i];

		/* One of the many sockets that the record is about. */
		if (is_type(c, "place"))
			continue;
		for (k = c->first; k < c->first + c->fields; k++) {
			if (!strcmp(all->fields[k].key, key)) {
				*is_endpoint = false;
				return k;
			}
			n = strlen(all->fields[k].key);
			if (is_type(c, "flow") &&
			    begins(key, all->fields[k].key) && key[n] == '_') {
				*is_endpoint = true;
				found = k;
			}
		}
	}
	return found;
}

void check_filter(struct filter *f, const struct columns *all, const char *tool)
{
	struct list there = { 0 };
	bool is_endpoint;
	size_t i;

	f->family = find_field(all, "family", &is_endpoint);
	f->event = find_field(all, "event", &is_endpoint);
	f->thread_name = find_field(all, "thread_name", &is_endpoint);
	f->user = all->facts ? all->facts + USER : NO_FIELD;
	for (i = 0; i < LENGTH(table); i++)
		if (find_field(all, table[i].field, &is_endpoint) != NO_FIELD)
			add(&there, option_of(table[i].parameter));
	for (i = 0; i < f->n; i++) {
		struct condition *c = &f->at[i];

		c->field = find_field(all, c->row->field, &c->is_endpoint);
		if (c->row->kind == FAILURE && !strcmp(tool, "errors"))
			misuse("%s: %s", option_of(c->row->parameter),
			       without_failures(tool));
		if (c->field == NO_FIELD)
			misuse("%s: the records of %s have no %s; their filters are: %s",
			       option_of(c->row->parameter), tool,
			       c->row->words,
			       there.n ? join(&there, " ") : "none");
	}
	free_list(&there);
}

bool filters_users(const struct filter *f)
{
	size_t i;

	for (i = 0; f && i < f->n; i++)
		if (f->at[i].row->kind == USERS)
			return true;
	return false;
}

/* ---------------------------------------------------------------- records */

/* A number, or a name in a list; -1 if it is unset. */
static int64_t numbered(const char *field, const struct names_of *names)
{
	return is_number(field) ? number_in(field) : number_of(names, field);
}

static const char *family_of(const struct filter *f, char *const *record)
{
	const char *family = f->family == NO_FIELD ? NULL : record[f->family];

	return is_known(family) ? family : NULL;
}

static bool is_of_ip(const char *family)
{
	return !family || !strcmp(family, "INET") || !strcmp(family, "INET6");
}

static int64_t protocol_in(const char *family, const char *field)
{
	if (is_number(field))
		return number_in(field);
	/* A family with a single one. */
	if (!is_known(field))
		return is_of_ip(family) ? -1 : 0;
	if (family && !strcmp(family, "RXRPC"))
		return number_of(names_of(FAMILIES), field);
	return protocol_number(family, field);
}

static bool in_ranges(const struct condition *c, int64_t number)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (number >= c->part[i].from && number <= c->part[i].to)
			return true;
	return false;
}

static bool is_user(struct condition *c, const char *uid, const char *name)
{
	bool found = is_number(uid) && in_ranges(c, number_in(uid));
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->part[i].name && is_known(name) &&
		    !strcmp(c->part[i].name, name))
			found = c->part[i].seen = true;
	return found;
}

static bool in_network(const struct part *p, const struct in6_addr *address)
{
	int i, whole = p->bits / 8, rest = p->bits % 8;

	/* A network of IPv6, ::/0 too, has no addresses of IPv4. */
	if (IN6_IS_ADDR_V4MAPPED(address) != IN6_IS_ADDR_V4MAPPED(&p->network))
		return false;
	for (i = 0; i < whole; i++)
		if (address->s6_addr[i] != p->network.s6_addr[i])
			return false;
	return !rest ||
	       !((address->s6_addr[i] ^ p->network.s6_addr[i]) >> (8 - rest));
}

static bool in_networks(const struct condition *c, const char *s, size_t length)
{
	struct in6_addr address;
	size_t i;

	if (!read_address(s, length, address.s6_addr))
		return false;
	for (i = 0; i < c->n; i++)
		if (in_network(&c->part[i], &address))
			return true;
	return false;
}

/* An attempt to connect that goes on has not failed. */
static bool goes_on(const struct filter *f, char *const *record,
		    const char *error)
{
	return !strcmp(error, "pending") ||
	       (f->event != NO_FIELD && !strcmp(record[f->event], "connect") &&
		(!strcmp(error, "EINPROGRESS") || !strcmp(error, "EALREADY")));
}

/* Does the field have one of the parts? */
static bool has_part(const struct filter *f, struct condition *c,
		     char *const *record)
{
	const char *field = record[c->field], *family = family_of(f, record);
	const char *address = field, *port = field;
	size_t length = strlen(field);

	if (c->is_endpoint)
		split_endpoint(field, &address, &length, &port);
	switch (c->row->kind) {
	case NAME:
		return !strcmp(field, c->part->name) ||
		       (f->thread_name != NO_FIELD &&
			!strcmp(record[f->thread_name], c->part->name));
	case USERS:
		return is_user(c, field,
			       f->user == NO_FIELD ? NULL : record[f->user]);
	case PROTOCOL:
		return in_ranges(c, protocol_in(family, field));
	case FAMILY:
		return in_ranges(c, numbered(field, names_of(FAMILIES)));
	case TYPE:
		return in_ranges(c, numbered(field, names_of(TYPES)));
	case FAILURE:
		return is_known(field) && !goes_on(f, record, field);
	case TIME:
		return is_number(field) && number_in(field) > c->part->from;
	case NETWORKS:
		return is_of_ip(family) && in_networks(c, address, length);
	default:
		return is_number(port) && in_ranges(c, number_in(port));
	}
}

bool passes(const struct filter *f, char *const *record)
{
	size_t i;

	for (i = 0; f && i < f->n; i++)
		if (has_part(f, &f->at[i], record) == f->at[i].others)
			return false;
	return true;
}

void say_missing_users(const struct filter *f, const char *file)
{
	const struct condition *c;
	size_t i, k;

	for (i = 0; f && i < f->n; i++)
		for (c = &f->at[i], k = 0; k < c->n; k++)
			if (c->row->kind == USERS && c->part[k].name &&
			    !c->part[k].seen)
				say("%s: no process of %s has the user '%s'",
				    option_of(c->row->parameter), file,
				    c->part[k].name);
}
