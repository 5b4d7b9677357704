// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: the symbols of a kernel, from a map, from an ELF file, from its image. */
#include <ctype.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include "survey.h"

/* ------------------------------------------------------------ System.map, kallsyms */

/* A word that ends at a space or at end. */
static size_t take(const char **at, const char *end, const char **word)
{
	*word = *at;
	while (*at < end && **at != ' ' && **at != '\t')
		++*at;
	end = *at;
	return end - *word;
}

static void skip(const char **at, const char *end)
{
	while (*at < end && (**at == ' ' || **at == '\t'))
		++*at;
}

static bool all(const char *word, size_t length, int (*is)(int))
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!is((unsigned char)word[i]))
			return false;
	return length > 0;
}

/* ADDRESS TYPE NAME, and [MODULE] behind those of modules. */
static bool map_line(struct kernel *kernel, const char *at, const char *end)
{
	const char *word, *name;
	char text[512];
	size_t length;

	length = take(&at, end, &word);
	if (length > 16 || !all(word, length, isxdigit))
		return false;
	skip(&at, end);
	if (take(&at, end, &word) != 1 ||
	    !strchr("AaBbCcDdGgIiNnpRrSsTtUuVvWw?-", *word))
		return false;
	skip(&at, end);
	length = take(&at, end, &name);
	if (!all(name, length, isgraph))
		return false;
	skip(&at, end);
	if (at < end)
		return *at == '[' &&
		       end[-1] == ']'; /* of a module: not looked at */
	if (*word != 'U' && length < sizeof(text)) {
		memcpy(text, name, length);
		text[length] = 0;
		kernel_symbol(kernel, text);
	}
	return true;
}

bool symbols_of_map(struct kernel *kernel, const char *text, size_t size)
{
	const char *at = text, *end = text + size, *line_end;
	unsigned long line;

	for (line = 1; at < end; line++, at = line_end + 1) {
		line_end = memchr(at, '\n', end - at);
		if (!line_end)
			line_end = end;
		if (map_line(kernel, at, line_end))
			continue;
		if (size < 300 && strstr(text, "The real System.map"))
			bad("%s is a stub; the real one is in the package that it names, or "
			    "read /proc/kallsyms as root",
			    reading);
		if (line == 1)
			return false;
		bad("%s: line %lu is not ADDRESS TYPE NAME, as in System.map",
		    reading, line);
	}
	kernel->has_symbols = true;
	return true;
}

/* ------------------------------------------------------------ ELF */

static bool symbols_of_section(struct kernel *kernel, Elf *elf,
			       Elf_Scn *section, GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t i, n = header->sh_entsize ?
			      header->sh_size / header->sh_entsize :
			      0;
	const char *name;
	GElf_Sym symbol;
	bool any = false;

	if (!data)
		bad("%s: its symbols cannot be read (%s): is it cut off?",
		    reading, elf_errmsg(-1));
	for (i = 1; i < n; i++) {
		if (!gelf_getsym(data, i, &symbol))
			bad("%s: symbol %zu cannot be read (%s)", reading, i,
			    elf_errmsg(-1));
		if (symbol.st_shndx == SHN_UNDEF ||
		    GELF_ST_TYPE(symbol.st_info) == STT_FILE ||
		    GELF_ST_TYPE(symbol.st_info) == STT_SECTION)
			continue;
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (!name)
			bad("%s: symbol %zu has no name (%s)", reading, i,
			    elf_errmsg(-1));
		if (*name)
			kernel_symbol(kernel, name);
		/* A file with types alone has symbols too: those of lists of types. */
		any |= GELF_ST_TYPE(symbol.st_info) == STT_FUNC;
	}
	return any;
}

bool symbols_of_elf(struct kernel *kernel, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	bool any = false;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    header.sh_type == SHT_SYMTAB)
			any |= symbols_of_section(kernel, elf, section,
						  &header);
	kernel->has_symbols |= any;
	return any;
}

/* ------------------------------------------------------------ an image's kallsyms */

/*
 * A kernel has its own names in memory (kernel/kallsyms.c), in tables of no fixed place.
 * One can be recognized by itself: 256 pieces of names, each with a NUL behind it, and after them
 * 256 numbers of 16 bits, where each of the pieces begins.  Somewhere before them is the
 * number of symbols, and then each symbol: the number of its pieces, in one byte or two,
 * and the pieces' numbers, of which the first begins with the type.  Behind the symbols is
 * where every 256th of them begins: that has to be true of all.
 */
struct image {
	const unsigned char *bytes;
	size_t size;
	bool swapped;
	size_t pieces;	     /* where they begin */
	uint16_t piece[256]; /* and each of them behind that */
};

static uint16_t number_16(const struct image *image, size_t at)
{
	uint16_t value;

	memcpy(&value, image->bytes + at, sizeof(value));
	return image->swapped ? __builtin_bswap16(value) : value;
}

static uint32_t number_32(const struct image *image, size_t at)
{
	uint32_t value;

	memcpy(&value, image->bytes + at, sizeof(value));
	return image->swapped ? __builtin_bswap32(value) : value;
}

/* Do the pieces whose places are at index begin at pieces? */
static bool are_pieces(const struct image *image, size_t pieces, size_t index)
{
	size_t i, begin, end = pieces;

	for (i = 0; i < 256; i++) {
		begin = pieces + number_16(image, index + 2 * i);
		if (begin != end)
			return false;
		while (end < index && image->bytes[end]) {
			if (!isgraph(image->bytes[end]))
				return false;
			end++;
		}
		if (end++ >= index)
			return false;
	}
	return index - end < 16;
}

static bool find_pieces(struct image *image)
{
	size_t index, pieces, i, last;

	for (index = 512; index + 512 <= image->size; index += 4) {
		if (number_16(image, index))
			continue;
		for (i = 1; i < 256; i++)
			if (number_16(image, index + 2 * i) <=
			    number_16(image, index + 2 * i - 2))
				break;
		if (i < 256)
			continue;
		last = number_16(image, index + 510);
		if (last > 16384 || last + 1 > index)
			continue;
		/* The last piece, and what aligns the numbers, is between. */
		for (pieces = index - last - 1; last + 256 > index - pieces;
		     pieces--) {
			if (are_pieces(image, pieces, index)) {
				image->pieces = pieces;
				for (i = 0; i < 256; i++)
					image->piece[i] = number_16(
						image, index + 2 * i);
				return true;
			}
			if (!pieces)
				break;
		}
	}
	return false;
}

/* The symbol at *at, which moves behind it; 0 where there can't be one. */
static size_t symbol_at(const struct image *image, size_t *at, char *name,
			size_t size)
{
	size_t n, length = 0;
	const char *piece;

	if (*at >= image->pieces)
		return 0;
	n = image->bytes[(*at)++];
	if (n & 0x80) {
		if (*at >= image->pieces)
			return 0;
		n = (n & 0x7f) | (size_t)image->bytes[(*at)++] << 7;
	}
	if (!n || n > image->pieces - *at)
		return 0;
	while (n--) {
		piece = (const char *)image->bytes + image->pieces +
			image->piece[image->bytes[(*at)++]];
		while (*piece && length + 1 < size)
			name[length++] = *piece++;
		if (*piece)
			return 0;
	}
	name[length] = 0;
	return length > 1 && (isalpha((unsigned char)*name) || *name == '?') ?
		       length :
		       0;
}

/* Are n symbols at begin, with where every 256th begins behind them? */
static bool are_symbols(const struct image *image, size_t begin, uint32_t n,
			size_t align)
{
	size_t at = begin, marks, i;
	char name[1024];

	for (i = 0; i < n; i++)
		if (!symbol_at(image, &at, name, sizeof(name)))
			return false;
	marks = begin + ((at - begin + align - 1) & ~(align - 1));
	if (marks + 4 * ((n + 255) / 256) > image->pieces)
		return false;
	for (i = 0, at = begin; i < n; i++) {
		if (i % 256 == 0 &&
		    number_32(image, marks + i / 64) != at - begin)
			return false;
		symbol_at(image, &at, name, sizeof(name));
	}
	return true;
}

/* The tables are aligned to 8 bytes in kernels of 64 bits, and in newer ones (7.2) to 4. */
static bool find_symbols(const struct image *image, size_t *begin, uint32_t *n)
{
	size_t align;

	/* The nearest ones before the pieces: what is between is short beside them. */
	for (*begin = image->pieces & ~(size_t)3; *begin >= 8; *begin -= 4)
		for (align = 4; align <= 8; align += 4) {
			*n = number_32(image, *begin - align);
			if (*n >= 16 && *n < 10000000 &&
			    are_symbols(image, *begin, *n, align))
				return true;
		}
	return false;
}

bool symbols_of_image(struct kernel *kernel, Elf *elf)
{
	const char *ident = elf_getident(elf, NULL);
	struct image image = { 0 };
	const char *raw;
	char name[1024];
	size_t at;
	uint32_t n;

	raw = elf_rawfile(elf, &image.size);
	if (!raw || !ident)
		return false;
	image.bytes = (const unsigned char *)raw;
	image.swapped = (ident[EI_DATA] == ELFDATA2MSB) !=
			(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	if (!find_pieces(&image) || !find_symbols(&image, &at, &n))
		return false;
	while (n--) {
		symbol_at(&image, &at, name, sizeof(name));
		kernel_symbol(kernel, name + 1);
	}
	kernel->has_symbols = true;
	return true;
}
