/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the classes of histograms, which accounts and the tools count by.
 *
 * src/histogram.c reads what the tools print of them.
 */
#ifndef SOCKET_TAPSET_CLASSES_H
#define SOCKET_TAPSET_CLASSES_H

/* Each power of two from 2^6 has so many fine classes; below, each number has its own. */
#define SOCKET_CLASS_BITS 5
#define SOCKET_CLASS_STEPS (1 << SOCKET_CLASS_BITS)
/* Those of 0 to 2^63 - 1. */
#define SOCKET_CLASSES ((64 - SOCKET_CLASS_BITS) * SOCKET_CLASS_STEPS)

/* A class of a histogram: a power of two, or a fine one. */
static __always_inline u64 socket_class(s64 number, bool fine)
{
	unsigned int shift;

	if (unlikely(number < 0))
		number = 0;
	if (!fine)
		return fls64(number);
	shift = __fls(number | SOCKET_CLASS_STEPS) - SOCKET_CLASS_BITS;
	return (shift << SOCKET_CLASS_BITS) + (number >> shift);
}

/* The smallest number of a class. */
static s64 socket_class_from(u64 class, bool fine)
{
	if (!fine)
		return class && class <= 63 ? 1LL << (class - 1) : 0;
	if (class < 2 * SOCKET_CLASS_STEPS)
		return class;
	return class < SOCKET_CLASSES ? (s64)(class % SOCKET_CLASS_STEPS + SOCKET_CLASS_STEPS) <<
					(class / SOCKET_CLASS_STEPS - 1) : 0;
}

#endif
