// SPDX-License-Identifier: GPL-2.0-or-later
/* survey: opens the files of a kernel, and finds out what they are. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "survey.h"

#define LARGEST ((size_t)1 << 30) /* of what is read into memory */

#define ACCEPTED \
	"accepted are vmlinux, vmlinuz (bzImage), System.map, /proc/kallsyms, BTF"

/* ------------------------------------------------------------ what is found */

void names_add(struct names *names, const char *name)
{
	int i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(names->names[i].name, name)) {
			names->names[i].count++;
			return;
		}
	names->names = keep_more(names->names, names->n, sizeof(*names->names));
	names->names[names->n].name = keep_text(name, strlen(name));
	names->names[names->n++].count = 1;
}

/* Where the row of a function is kept, or NULL. */
struct seen *kernel_function(struct kernel *kernel, const char *name)
{
	int i = table_row(kernel->table, name, strlen(name), false);

	return i < 0 ? NULL : &kernel->seen[i];
}

struct seen *kernel_tracepoint(struct kernel *kernel, const char **name)
{
	static const char prefix[] = "btf_trace_";
	int i;

	if (strncmp(*name, prefix, sizeof(prefix) - 1))
		return NULL;
	*name += sizeof(prefix) - 1;
	i = table_row(kernel->table, *name, strlen(*name), true);
	if (i < 0)
		return NULL;
	kernel->seen[i].compiled = true;
	return &kernel->seen[i];
}

void kernel_symbol(struct kernel *kernel, const char *name)
{
	static const char *const traced[] = { "__tracepoint_", "__traceiter_" };
	size_t length = strcspn(name, "."), prefix, j;
	int i;

	kernel->n_symbols++;
	for (j = 0; j < 2; j++) {
		prefix = strlen(traced[j]);
		if (strncmp(name, traced[j], prefix))
			continue;
		i = table_row(kernel->table, name + prefix,
			      strlen(name + prefix), true);
		if (i >= 0)
			kernel->seen[i].symbols = 1;
	}
	i = table_row(kernel->table, name, length, false);
	if (i < 0)
		return;
	if (name[length])
		names_add(&kernel->seen[i].clones, name);
	else
		kernel->seen[i].symbols++;
}

/* ------------------------------------------------------------ files */

static void add_from(struct kernel *kernel, const char *what)
{
	kernel->from = keep_format("%s%s%s", kernel->from ? kernel->from : "",
				   kernel->from ? ", " : "", what);
}

/* All of a file, with a NUL behind it. */
static char *slurp(int fd, size_t *size)
{
	size_t room = 1 << 16;
	char *text = malloc(room + 1), *more;
	ssize_t n = 1;

	*size = 0;
	while (text && n > 0) {
		if (*size == room) {
			if (room >= LARGEST)
				bad("%s has more than %zu MB, which is more than any kernel",
				    reading, LARGEST >> 20);
			room *= 2;
			more = realloc(text, room + 1);
			if (!more)
				break;
			text = more;
		}
		n = read(fd, text + *size, room - *size);
		if (n < 0)
			bad("cannot read %s: %s", reading, strerror(errno));
		*size += n;
	}
	if (!text || n)
		bad("%s: no memory for it", reading);
	text[*size] = 0;
	return text;
}

static bool is_btf(const void *data, size_t size)
{
	uint16_t magic;

	if (size < sizeof(magic))
		return false;
	memcpy(&magic, data, sizeof(magic));
	return magic == BTF_MAGIC || __builtin_bswap16(magic) == BTF_MAGIC;
}

/* A map, or BTF as such. */
static void read_plain(struct kernel *kernel, const char *data, size_t size)
{
	if (!size)
		bad("%s is empty; " ACCEPTED, reading);
	if (is_btf(data, size)) {
		if (!btf_read(kernel, data, size))
			bad("%s has BTF without a type", reading);
		add_from(kernel, "BTF");
		return;
	}
	if (!symbols_of_map(kernel, data, size))
		bad("%s is nothing that is known, or it is broken; " ACCEPTED,
		    reading);
	add_from(kernel, "map");
}

static Elf_Data *section_data(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	const char *its_name;
	GElf_Shdr header;
	size_t names;
	Elf_Data *data;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header))
			continue;
		its_name = elf_strptr(elf, names, header.sh_name);
		if (!its_name || strcmp(its_name, name) ||
		    header.sh_type == SHT_NOBITS)
			continue;
		data = elf_rawdata(section, NULL);
		if (!data || !data->d_buf)
			bad("%s: its section %s cannot be read (%s): is it cut off?",
			    reading, name, elf_errmsg(-1));
		return data;
	}
	return NULL;
}

/* Everything that the file has room for is where its headers say that it is. */
static void check_whole(Elf *elf)
{
	Elf_Scn *section = NULL;
	size_t size, n = 0, sections;
	GElf_Shdr header;
	GElf_Ehdr elf_header;

	if (!elf_rawfile(elf, &size) || !gelf_getehdr(elf, &elf_header) ||
	    elf_getshdrnum(elf, &sections))
		bad("%s: its ELF header is broken (%s)", reading,
		    elf_errmsg(-1));
	if (elf_header.e_type == ET_REL)
		bad("%s is an object or a module that is not linked; " ACCEPTED,
		    reading);
	if (elf_header.e_shoff > size)
		bad("%s is cut off: its section headers are not in it",
		    reading);
	while ((section = elf_nextscn(elf, section))) {
		n++;
		if (!gelf_getshdr(section, &header))
			bad("%s: the header of section %zu cannot be read (%s)",
			    reading, n, elf_errmsg(-1));
		if (header.sh_type != SHT_NOBITS &&
		    (header.sh_offset > size ||
		     header.sh_size > size - header.sh_offset))
			bad("%s is cut off: section %zu is not in it", reading,
			    n);
	}
	if (elf_header.e_shoff && n + 1 < sections)
		bad("%s is cut off: it has %zu of %zu sections", reading, n,
		    sections - 1);
	if (!n)
		bad("%s has no sections, and so nothing to read; " ACCEPTED,
		    reading);
}

static void read_elf(struct kernel *kernel, Elf *elf)
{
	Elf_Data *btf;
	bool any = false;

	check_whole(elf);
	if (symbols_of_elf(kernel, elf)) {
		add_from(kernel, "symbols");
		any = true;
	} else if (symbols_of_image(kernel, elf)) {
		add_from(kernel, "kallsyms of the image");
		any = true;
	}
	if (section_data(elf, ".debug_info") ||
	    section_data(elf, ".zdebug_info")) {
		if (!dwarf_read(kernel, elf))
			bad("%s: its DWARF cannot be read, or has no unit: is it cut off?",
			    reading);
		add_from(kernel, "DWARF");
		any = true;
	}
	btf = section_data(elf, ".BTF");
	if (btf && btf_read(kernel, btf->d_buf, btf->d_size)) {
		add_from(kernel, "BTF");
		any = true;
	}
	if (!any)
		bad("%s has no symbols, no DWARF, no BTF and no kallsyms that is known; give "
		    "System.map or /proc/kallsyms, and BTF",
		    reading);
}

/* ------------------------------------------------------------ what is packed */

/* The program that unpacks what begins so, or NULL. */
static const char *packer(const char *data, size_t size)
{
	static const struct {
		const char *program, *begin;
		size_t n;
	} packers[] = {
		{ "gzip", "\037\213", 2 },
		{ "bzip2", "BZh", 3 },
		{ "xz", "\3757zXZ", 5 },
		{ "zstd", "\x28\xb5\x2f\xfd", 4 },
		{ "lz4", "\x02\x21\x4c\x18", 4 },
		{ "lz4", "\x04\x22\x4d\x18", 4 },
		{ "lzop", "\211LZO", 4 },
		{ "xz", "\x5d\0\0",
		  3 }, /* LZMA, which xz finds out by itself */
	};
	size_t i;

	for (i = 0; i < sizeof(packers) / sizeof(*packers); i++)
		if (size >= packers[i].n &&
		    !memcmp(data, packers[i].begin, packers[i].n))
			return packers[i].program;
	return NULL;
}

/* A file in memory, for a program to read. */
static int file_of(const char *data, size_t size)
{
	int fd = memfd_create("survey", MFD_CLOEXEC);
	ssize_t n;

	while (fd >= 0 && size) {
		n = write(fd, data, size);
		if (n < 0)
			break;
		data += n;
		size -= n;
	}
	if (fd < 0 || size || lseek(fd, 0, SEEK_SET))
		bad("%s: no memory to unpack it: %s", reading, strerror(errno));
	return fd;
}

/* Returns the output of the program; whole: it had no complaint. */
static char *unpack(const char *program, const char *data, size_t size,
		    size_t *unpacked, bool *whole)
{
	int packed = file_of(data, size), from[2], status, null;
	char *text;
	pid_t pid;

	if (pipe2(from, O_CLOEXEC))
		bad("%s: cannot unpack it: %s", reading, strerror(errno));
	pid = fork();
	if (pid < 0)
		bad("%s: cannot unpack it: %s", reading, strerror(errno));
	if (!pid) {
		null = open("/dev/null", O_WRONLY);
		if (dup2(packed, 0) < 0 || dup2(from[1], 1) < 0 ||
		    dup2(null, 2) < 0)
			_exit(126);
		execlp(program, program, "-dc", NULL);
		_exit(127);
	}
	close(packed);
	close(from[1]);
	text = slurp(from[0], unpacked);
	close(from[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		bad("%s is packed by %s, and there is no such program here: install it, or give "
		    "System.map and BTF",
		    reading, program);
	*whole = !status;
	return text;
}

/* ------------------------------------------------------------ a file, whatever it is */

static void read_any(struct kernel *kernel, const char *data, size_t size,
		     int depth);

static uint32_t word(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;

	return byte[0] | byte[1] << 8 | byte[2] << 16 | (uint32_t)byte[3] << 24;
}

static bool is_boot_image(const char *data, size_t size)
{
	return size > 0x250 && !memcmp(data + 0x202, "HdrS", 4);
}

/*
 * x86's bzImage (Documentation/x86/boot.rst): a program that unpacks what it has with it.
 * The last four bytes of that say how long it is unpacked.
 */
static void read_boot_image(struct kernel *kernel, const char *data,
			    size_t size, int depth)
{
	size_t at, length, unpacked;
	const char *program;
	bool whole;
	char *text;

	if ((unsigned char)data[0x206] + 256 * (unsigned char)data[0x207] <
	    0x208)
		bad("%s is a boot image from before 2.6.26, which is not read; give System.map",
		    reading);
	at = ((data[0x1f1] ? (unsigned char)data[0x1f1] : 4) + 1) * 512 +
	     (size_t)word(data + 0x248);
	length = word(data + 0x24c);
	if (length < 8 || at > size || length > size - at)
		bad("%s is a boot image that is cut off or broken: its kernel is not in it",
		    reading);
	program = packer(data + at, length);
	if (!program)
		bad("%s is a boot image packed in a way that is not known; give System.map and "
		    "BTF",
		    reading);
	text = unpack(program, data + at, length, &unpacked, &whole);
	if (unpacked != word(data + at + length - 4))
		bad("%s is a boot image that is cut off or broken: %s makes %zu bytes of its "
		    "kernel, not %u",
		    reading, program, unpacked, word(data + at + length - 4));
	read_any(kernel, text, unpacked, depth);
	free(text);
}

static void read_packed(struct kernel *kernel, const char *program,
			const char *data, size_t size, int depth)
{
	size_t unpacked;
	bool whole;
	char *text = unpack(program, data, size, &unpacked, &whole);

	if (!whole)
		bad("%s is cut off or broken: %s cannot unpack it", reading,
		    program);
	read_any(kernel, text, unpacked, depth);
	free(text);
}

/* depth: in how many others it was packed. */
static void read_any(struct kernel *kernel, const char *data, size_t size,
		     int depth)
{
	const char *program = packer(data, size);
	Elf *elf;

	if (depth > 2)
		bad("%s is packed in itself more than twice", reading);
	if (size >= 4 && !memcmp(data, ELFMAG, SELFMAG)) {
		elf = elf_memory((char *)data, size);
		if (!elf)
			bad("%s: its ELF header is broken (%s)", reading,
			    elf_errmsg(-1));
		read_elf(kernel, elf);
		elf_end(elf);
	} else if (is_boot_image(data, size)) {
		read_boot_image(kernel, data, size, depth + 1);
	} else if (program) {
		read_packed(kernel, program, data, size, depth + 1);
	} else {
		read_plain(kernel, data, size);
	}
}

/* The file as it is in memory: vmlinux may be larger than that. */
static void read_mapped(struct kernel *kernel, int fd, size_t size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
			  0);

	if (data == MAP_FAILED)
		bad("cannot read %s: %s", reading, strerror(errno));
	read_any(kernel, data, size, 0);
	munmap(data, size);
}

static void read_file(struct kernel *kernel, const char *name)
{
	struct stat status;
	char magic[4], *data;
	size_t size;
	int fd;

	reading = name;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		bad("cannot read %s: %s; " ACCEPTED, name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		bad("%s is a directory; " ACCEPTED, name);
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		bad("%s is not a file; " ACCEPTED, name);
	if (S_ISREG(status.st_mode) &&
	    pread(fd, magic, SELFMAG, 0) == SELFMAG &&
	    !memcmp(magic, ELFMAG, SELFMAG)) {
		read_mapped(kernel, fd, status.st_size);
	} else {
		data = slurp(fd, &size);
		read_any(kernel, data, size, 0);
		free(data);
	}
	close(fd);
	reading = NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct counted *)a)->name,
		      ((const struct counted *)b)->name);
}

static void sort(struct names *names)
{
	if (names->n)
		qsort(names->names, names->n, sizeof(*names->names), by_name);
}

void kernel_read(struct kernel *kernel, const char *name, char **files, int n)
{
	int i;

	kernel->name = name;
	kernel->seen = keep(kernel->table->n_rows * sizeof(*kernel->seen));
	kernel->places = keep(kernel->table->n_members *
			      sizeof(*kernel->places));
	elf_version(EV_CURRENT);
	for (i = 0; i < n; i++)
		read_file(kernel, files[i]);
	for (i = 0; i < kernel->table->n_rows; i++) {
		sort(&kernel->seen[i].inlined);
		sort(&kernel->seen[i].clones);
	}
	if (!kernel->has_symbols && !kernel->has_functions)
		bad("%s: it does not show which functions there are; give System.map or "
		    "/proc/kallsyms too",
		    name);
}
