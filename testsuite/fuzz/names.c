// SPDX-License-Identifier: GPL-2.0-or-later
//
// names - fuzzes the name parsers of runtime/socket_names.h, with libFuzzer
//
// The first byte selects the parser, the rest is its string.  The number that a string is
// parsed to, written as a string and parsed again, must be the same number.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/host.h"

static const struct socket_name_table *const tables[] = {
	&socket_protocols, &socket_families,   &socket_states,
	&socket_types,	   &socket_tcp_states,
};
#define TABLES (sizeof(tables) / sizeof(*tables))

static const struct socket_name_table *const flag_tables[] = {
	&socket_message_flags,
	&socket_socket_flags,
};

static void demand(int truth, const char *what, const char *text)
{
	if (truth)
		return;
	fprintf(stderr, "%s: \"%s\"\n", what, text);
	abort();
}

static void name(const struct socket_name_table *table, const char *text)
{
	int64_t number = socket_number_of(table, text);
	char again[512];

	demand(number >= -1 && number < table->size, "no such number", text);
	if (number < 0)
		return;
	socket_put_name(again, sizeof(again), socket_name_of(table, number));
	demand(socket_number_of(table, again) == number, "not the same", text);
}

// Writes into a string of full size, and into one whose size depends on the text.
static void mask(const struct socket_name_table *table, const char *text)
{
	int64_t number = socket_flags_of(table, text);
	size_t size = strlen(text) % 512 + 1;
	char *small = malloc(size), again[512];

	if (!small)
		return;
	socket_put_known_flags(small, size, table, number);
	demand(strlen(small) < size, "not ended", text);
	if (number != -1 && number) {
		socket_put_known_flags(again, sizeof(again), table, number);
		demand(socket_flags_of(table, again) == number, "not the same",
		       text);
		if (*small)
			demand(socket_flags_of(table, small) == number,
			       "cut off", text);
	}
	free(small);
}

// The numbers are the bytes of the text.
static void numbers(const uint8_t *data, size_t size)
{
	int64_t a = 0, b = 0;
	char to[24];

	memcpy(&a, data, size < 8 ? size : 8);
	if (size > 8)
		memcpy(&b, data + 8, size < 16 ? size - 8 : 8);
	socket_put_name(to, sizeof(to), socket_protocol_name(a, b));
	socket_put_name(to, sizeof(to), socket_option_name(a, b));
	socket_put_name(to, sizeof(to), socket_error_name(a));
	socket_put_name(to, sizeof(to), socket_level_name(a));
	socket_put_name(to, sizeof(to), SOCKET_NAME_IN(socket_shutdowns, a));
	socket_put_message_flags(to, (size_t)b % sizeof(to), a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	int whom;

	if (!size)
		return 0;
	whom = *data++ % (TABLES + 3);
	size--;
	if (whom == TABLES + 2) {
		numbers(data, size);
		return 0;
	}
	// Exactly as long as the text, so that the sanitizer sees a read past its end.
	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (whom < (int)TABLES)
		name(tables[whom], text);
	else
		mask(flag_tables[whom - TABLES], text);
	free(text);
	return 0;
}
