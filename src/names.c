// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * names.c - names and numbers of protocols, families and types, from the tables of the
 * tapset; and words that somebody may have meant
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../runtime/socket_tables.h"

struct name {
	unsigned int number;
	const char *name;
};

struct names_of {
	const char *
		about; /* the first word of it is a family's, for its protocols */
	const char *prefix; /* of the constants */
	const struct name *first, *second;
	size_t nr_first, nr_second;
};

#define NAME(number, name) { number, name },
#define TABLE(table, first, second, prefix, how, use, about)        \
	static const struct name first_##table[] = { first(NAME) }; \
	static const struct name second_##table[] = {               \
		second(NAME){ 0, NULL },                            \
	};
SOCKET_TABLES(TABLE)
SOCKET_SPARSE_TABLES(TABLE)

#define ROW(table, first, second, prefix, how, use, about) \
	{ about,                                           \
	  #prefix,                                         \
	  first_##table,                                   \
	  second_##table,                                  \
	  LENGTH(first_##table),                           \
	  LENGTH(second_##table) - 1 },
static const struct names_of all[] = { SOCKET_TABLES(ROW)
					       SOCKET_SPARSE_TABLES(ROW) };

static const struct name prefixed[] = { SOCKET_PROTOCOL_PREFIXED_NAMES(NAME) };

static const struct names_of *about(const char *what)
{
	size_t i;

	for (i = 0; i < LENGTH(all); i++)
		if (begins(all[i].about, what))
			return &all[i];
	return NULL;
}

const struct names_of *names_of(enum names which)
{
	static const char *const names[] = {
		[PROTOCOLS] = "Protocols of IP:",
		[FAMILIES] = "Address families:",
		[TYPES] = "Types of a socket:",
	};

	return about(names[which]);
}

const struct names_of *protocols_of(const char *family)
{
	size_t i, n = strlen(family);

	for (i = 0; i < LENGTH(all); i++)
		if (begins(all[i].about, family) &&
		    begins(all[i].about + n, " protocols:"))
			return &all[i];
	return NULL;
}

long protocol_number(const char *family, const char *name)
{
	const struct names_of *own = family ? protocols_of(family) : NULL;
	long number = number_of(own ? own : names_of(PROTOCOLS), name);

	/* Its protocols are in network byte order. */
	return number >= 0 && own && !strcmp(family, "PACKET") ?
		       htons((uint16_t)number) :
		       number;
}

struct list first_names(const struct names_of *names)
{
	struct list l = { 0 };
	size_t i;

	for (i = 0; i < names->nr_first; i++)
		add(&l, names->first[i].name);
	return l;
}

struct list all_names(const struct names_of *names)
{
	struct list l = first_names(names);
	size_t i;

	for (i = 0; i < names->nr_second; i++)
		add(&l, names->second[i].name);
	return l;
}

static long find(const struct name *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcasecmp(names[i].name, name))
			return names[i].number;
	return -1;
}

long number_of(const struct names_of *names, const char *name)
{
	size_t n = strlen(names->prefix);
	long number;

	if (n && !strncasecmp(name, names->prefix, n)) {
		name += n;
		if (names == names_of(PROTOCOLS)) {
			number = find(prefixed, LENGTH(prefixed), name);
			if (number >= 0)
				return number;
		}
	}
	number = find(names->first, names->nr_first, name);
	return number >= 0 ? number :
			     find(names->second, names->nr_second, name);
}

const char *name_of(const struct names_of *names, long number)
{
	size_t i;

	for (i = 0; i < names->nr_first; i++)
		if (names->first[i].number == number)
			return names->first[i].name;
	return NULL;
}

/* ---------------------------------------------------------------- services */

/* The longest that Debian has. */
#define LONGEST_SERVICE 16

enum transport { TCP, UDP, SCTP, DCCP, TRANSPORTS };

static const char *const transports[TRANSPORTS] = { "tcp", "udp", "sctp",
						    "dccp" };

/* A name that cannot be taken for anything else, or "". */
static char *safe_service(const char *name)
{
	char *s = text("%s", name), *at;

	for (at = s; *at; at++)
		if (*at <= ' ' || *at > '~' || *at == ':')
			*at = '?';
	if (strlen(s) > LONGEST_SERVICE || !isalnum((unsigned char)*s) ||
	    !s[strspn(s, "0123456789-?")])
		*s = '\0';
	return s;
}

/* Looks it up once; NULL if there is none. */
static const char *service_in(enum transport transport, uint16_t port)
{
	static char **known[TRANSPORTS];
	struct servent *s;
	char *name;

	if (!known[transport])
		known[transport] = calloc(1 << 16, sizeof(*known[transport]));
	if (!known[transport])
		die("no memory");
	name = known[transport][port];
	if (!name) {
		s = getservbyport(htons(port), transports[transport]);
		name = known[transport][port] = safe_service(s ? s->s_name :
								 "");
	}
	return *name ? name : NULL;
}

const char *service_of(const char *protocol, int64_t port)
{
	const char *name, *other;
	size_t i;

	if (port < 0 || port > UINT16_MAX)
		return NULL;
	if (protocol) {
		protocol = !strcmp(protocol, "MPTCP")	? "TCP" :
			   !strcmp(protocol, "UDPLITE") ? "UDP" :
							  protocol;
		for (i = 0; i < TRANSPORTS; i++)
			if (!strcasecmp(protocol, transports[i]))
				return service_in((enum transport)i,
						  (uint16_t)port);
		return NULL;
	}
	name = service_in(TCP, (uint16_t)port);
	other = service_in(UDP, (uint16_t)port);
	return name && other && strcmp(name, other) != 0 ? NULL :
	       name					 ? name :
							   other;
}

/* ---------------------------------------------------------------- similar words */

#define LONGEST 30

static int least(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Two for each letter that is wrong, missing or too many, one for two that are swapped.  The
 * second word is at most two letters longer than the first.
 */
static int distance(const char *a, const char *b)
{
	int d[LONGEST + 1][LONGEST + 4], n = (int)strlen(a), m = (int)strlen(b);
	int i, j;

	for (i = 0; i <= n; i++)
		d[i][0] = 2 * i;
	for (j = 0; j <= m; j++)
		d[0][j] = 2 * j;
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			d[i][j] = least(d[i - 1][j - 1] +
						2 * (a[i - 1] != b[j - 1]),
					least(d[i - 1][j], d[i][j - 1]) + 2);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[n][m];
}

const char *likely(const char *word, const struct list *words)
{
	int n = (int)strlen(word), best = n < 3 ? 0 : n < 6 ? 2 : 4, away;
	const char *low = lower(word);
	struct list found = { 0 }, seen = { 0 };
	size_t i;

	if (n > LONGEST)
		return "";
	for (i = 0; i < words->n; i++) {
		away = 2 * ((int)strlen(words->at[i]) - n);
		if (away > best || -away > best || has(&seen, words->at[i]))
			continue;
		add(&seen, words->at[i]);
		away = distance(low, lower(words->at[i]));
		if (away > best)
			continue;
		if (away < best)
			found.n = 0;
		best = away;
		add(&found, words->at[i]);
	}
	return found.n ? text(" (did you mean %s?)", join(&found, " or ")) : "";
}
