// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * histogram.c - the histograms in records: FROM:COUNT,FROM:COUNT,...
 *
 * FROM is the smallest number of a bucket.  A fine histogram has the classes of
 * runtime/socket_classes.h: each number below 64 is one, and each power of two above has 32
 * of the same width.  Half a class is at most 1/64 of its numbers, so a percentile that is the
 * middle of one has an error of 1.6 % at most.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <stdlib.h>

#define STEPS 32

static int power_of(int64_t number)
{
	return number > 0 ? 63 - __builtin_clzll((uint64_t)number) : 0;
}

/* The class of a number; and the shift that makes its width. */
static int class_of(int64_t number, int *shift)
{
	*shift = number < 2 * STEPS ? 0 : power_of(number) - power_of(STEPS);
	return *shift * STEPS + (int)(number >> *shift);
}

/* False after the end. */
static bool next_bucket(const char **at, int64_t *from, uint64_t *count)
{
	char *end;

	if (!is_known(*at))
		return false;
	*from = strtoll(*at, &end, 10);
	*count = strtoull(end + 1, &end, 10);
	*at = *end == ',' ? end + 1 : "";
	return true;
}

struct powers powers_of(const char *buckets)
{
	struct powers p = { .first = POWERS };
	uint64_t count;
	int64_t from;
	int i;

	while (next_bucket(&buckets, &from, &count)) {
		i = from > 0 ? power_of(from) + 1 : 0;
		p.count[i] += count;
		p.first = i < p.first ? i : p.first;
		p.past = i + 1 > p.past ? i + 1 : p.past;
	}
	return p;
}

int64_t power_from(int i)
{
	return i ? INT64_C(1) << (i - 1) : 0;
}

void add_buckets(struct histogram *h, const char *buckets)
{
	uint64_t count;
	int64_t from;
	int shift;

	while (next_bucket(&buckets, &from, &count)) {
		h->count[class_of(from, &shift)] += count;
		h->n += count;
	}
}

int64_t percentile(const struct histogram *h, int percent, int64_t most)
{
	uint64_t rank = h->n / 100 * (uint64_t)percent +
			(h->n % 100 * (uint64_t)percent + 99) / 100;
	uint64_t below = 0;
	int64_t from = 0, middle;
	int i, shift;

	for (i = 0; i < CLASSES; i++) {
		below += h->count[i];
		if (below >= rank)
			break;
	}
	if (!h->n || i == CLASSES)
		return -1;
	shift = i < 2 * STEPS ? 0 : i / STEPS - 1;
	from = (int64_t)(i - shift * STEPS) << shift;
	middle = from + (INT64_C(1) << shift) / 2;
	/* The largest number may be older than the count of the last one. */
	return most >= from && most < middle ? most : middle;
}
