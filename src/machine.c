// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine.c - what this machine has and allows
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

char *running, *machine, *built;
const char *home, *cache, *cache_home;

void look_around(void)
{
	struct utsname names;
	struct passwd *p;
	struct stat st;

	if (uname(&names))
		die("uname: %s", strerror(errno));
	running = text("%s", names.release);
	machine = text("%s", names.machine);
	built = text("%s", names.version);

	home = getenv("HOME");
	cache_home = getenv("XDG_CACHE_HOME");
	/* Root's own home, not that of whom sudo came from. */
	if (home && *home && (stat(home, &st) || st.st_uid != geteuid()))
		home = cache_home = NULL;
	if (!home || !*home) {
		p = getpwuid(geteuid());
		home = p ? text("%s", p->pw_dir) : "";
	}
	if (!cache_home || *cache_home != '/')
		cache_home = text("%s/.cache", home);
	cache = text("%s/socket-tapset", cache_home);
}

/* ---------------------------------------------------------------- packages */

static bool is_like(const char *distribution)
{
	struct list lines = lines_of("/etc/os-release"), words;
	size_t i;

	for (i = 0; i < lines.n; i++) {
		if (!begins(lines.at[i], "ID=") &&
		    !begins(lines.at[i], "ID_LIKE="))
			continue;
		words = words_of(strchr(lines.at[i], '=') + 1, "\" ");
		if (has(&words, distribution))
			return true;
	}
	return false;
}

/* The upstream version that apt would install, or "". */
static char *offered(const char *package)
{
	static const char *const mark = "\n  Candidate: ";
	char *said = CAPTURE(OUT, "apt-cache", "policy", package);
	char *v = strstr(said, mark), *dash;

	if (!v || begins(v + strlen(mark), "(none)"))
		return "";
	v += strlen(mark);
	v[strcspn(v, "\n")] = '\0';
	dash = strrchr(v, '-');
	if (dash)
		*dash = '\0';
	return v;
}

static bool older(const char *version, const char *than)
{
	return strverscmp(version, than) < 0;
}

/* How to get a package. */
char *install(const char *debian, const char *fedora, const char *kernel)
{
	bool ubuntu = is_like("ubuntu");
	const char *v = "", *why, *suite;

	if (!ubuntu && !is_like("debian")) {
		if (is_like("fedora") || is_like("rhel") || is_like("centos"))
			return text("dnf install %s", fedora);
		return text(
			"apt-get install %s (Debian, Ubuntu) or dnf install %s (Fedora, RHEL)",
			debian, fedora);
	}
	if (!kernel)
		kernel = running;
	if (begins(debian, "systemtap"))
		v = offered(debian);
	why = *v ? pair_trouble(v, kernel) : NULL;
	if (!why || !strstr(why, "too old"))
		return text("apt-get install %s", debian);
	/* The versions there: pair_trouble() has what fails. */
	suite = older(kernel, "5.11") ? "trixie" : "sid";
	if (!ubuntu)
		return text(
			"apt-get install -t %s %s, after adding %s to apt's sources and"
			" a pin that keeps the rest as it is (Pin-Priority: 100): apt"
			" offers systemtap %s now, too old for kernel %s",
			suite, debian, suite, v, kernel);
	return text(
		"apt offers systemtap %s only, which is too old for kernel %s: install a"
		" newer one from its source, or build modules elsewhere (stap-socket"
		" prebuild)",
		v, kernel);
}

char *staprun_needs(void)
{
	if (program("staprun"))
		return NULL;
	return text("staprun is not installed: %s",
		    install("systemtap-runtime", "systemtap-runtime", NULL));
}

/* Is there a program of this name, or with a number after it, as gcc-14? */
static bool has_compiler(const char *name)
{
	const char *path = getenv("PATH");
	struct list directories = words_of(path ? path : "", ":");
	size_t i, n = strlen(name);
	bool found = false;

	for (i = 0; i < directories.n && !found; i++) {
		DIR *d = opendir(directories.at[i]);
		struct dirent *e;

		while (d && !found && (e = readdir(d))) {
			const char *rest = e->d_name + n;

			if (!begins(e->d_name, name))
				continue;
			if (*rest == '-' && rest[1])
				rest += 1 + strspn(rest + 1, "0123456789");
			found = !*rest && program(e->d_name);
		}
		if (d)
			closedir(d);
	}
	return found;
}

char *headers_of(const char *kernel)
{
	return text("/lib/modules/%s/build", kernel);
}

struct list build_needs(const char *kernel, const char *headers)
{
	struct list l = { 0 };
	const char *why = NULL;

#ifdef NEEDS_NOTHING /* in tests */
	return l;
#endif
	/* The headers name their compiler: gcc-14 without a gcc will do. */
	if (!has_compiler("gcc") && !has_compiler("clang"))
		add(&l, text("no C compiler is installed: %s",
			     install("gcc", "gcc", NULL)));
	if (!program("make"))
		add(&l, text("make is not installed: %s",
			     install("make", "make", NULL)));
	if (!program("stap"))
		add(&l, text("stap is not installed: %s",
			     install("systemtap", "systemtap-devel", kernel)));
	else if (*stap_version())
		why = pair_trouble(stap_version(), kernel);
	if (why)
		add(&l, why);
	if (!readable(text("%s/Makefile", headers)))
		add(&l,
		    text("the headers of kernel %s are not installed (%s): %s",
			 kernel, headers,
			 install(text("linux-headers-%s", kernel),
				 text("kernel-devel-%s", kernel), NULL)));
	return l;
}

/* ---------------------------------------------------------------- systemtap */

/* What -V says of itself. */
static char *version_in(const char *said)
{
	const char *v = strstr(said, "(version ");

	if (!v)
		return text("%s", "");
	v += strlen("(version ");
	return text("%.*s", (int)strspn(v, "0123456789."), v);
}

char *stap_version(void)
{
	static char *v;

	if (!v)
		v = version_in(CAPTURE(OUT_AND_ERR, "stap", "-V"));
	return v;
}

char *made_by(void)
{
	return *stap_version() ? stap_version() : text("unknown");
}

/* staprun prints its version to a terminal only: it leaves without a flush. */
char *loader(void)
{
	if (!program("staprun"))
		return text("%s", "");
	return version_in(CAPTURE(ON_TERMINAL, "staprun", "-V"));
}

/* Pairs that were seen to fail, and why; stap says less, and after half a minute. */
char *pair_trouble(const char *stap, const char *kernel)
{
	if (older(stap, "5.1"))
		return text(
			"systemtap %s is too old for this tapset; install 5.1 or later",
			stap);
	if (older(stap, "5.2") && !older(kernel, "6.12"))
		return text(
			"systemtap %s is too old for kernel %s, which refuses its modules;"
			" install 5.2 or later, or build elsewhere: stap-socket prebuild",
			stap, kernel);
	if (!older(stap, "5.6") && older(kernel, "5.11"))
		return text(
			"systemtap %s is too new for kernel %s, for which its modules do"
			" not compile; install an older one (5.1 does), or build"
			" elsewhere: stap-socket prebuild",
			stap, kernel);
	return NULL;
}

/* ---------------------------------------------------------------- rights */

/* The kernel asks for it besides being root; it is bit 16. */
bool has_cap_sys_module(void)
{
	char *s = read_file("/proc/self/status", NULL);
	char *mask = s ? strstr(s, "\nCapEff:") : NULL;

	return mask && strtoull(mask + strlen("\nCapEff:"), NULL, 16) >> 16 & 1;
}

char *lockdown(void)
{
	char *s = file_says(LOCKDOWN), *from = strchr(s, '[');

	if (!from)
		return text("%s", "");
	return text("%.*s", (int)strcspn(from + 1, "]"), from + 1);
}

char *kernel_refuses(bool signed_one)
{
	static const char *const force =
		"/sys/module/module/parameters/sig_enforce";
	const char *mode = lockdown();

	if (access(PROC_MODULES, F_OK))
		return text(
			"not on this kernel: it loads no modules (CONFIG_MODULES); \"make"
			" demo\" in the source tree runs top on a kernel of its own, and"
			" \"stap-socket prebuild --kernel RELEASE\" builds for another one");
	if (!strcmp(file_says("/proc/sys/kernel/modules_disabled"), "1"))
		return text(
			"this kernel loads no module until the next boot (sysctl"
			" kernel.modules_disabled is 1)");
	if (!strcmp(file_says("/proc/sys/crypto/fips_enabled"), "1"))
		return text(
			"staprun loads no module in FIPS mode (sysctl crypto.fips_enabled"
			" is 1)");
	if (!signed_one &&
	    (!strcmp(mode, "integrity") || !strcmp(mode, "confidentiality")))
		return text(
			"this kernel is locked down (%s), as with Secure Boot, and loads"
			" signed modules only: %s, or turn Secure Boot off",
			LOCKDOWN, SIGN);
	if (!signed_one && !strcmp(file_says(force), "Y"))
		return text("this kernel loads signed modules only (%s): %s",
			    force, SIGN);
	return NULL;
}

const char *user_name(void)
{
	struct passwd *p = getpwuid(geteuid());

	return p ? text("%s", p->pw_name) : text("%u", geteuid());
}

static enum may ask_may_load(void)
{
	struct list groups;

	if (!geteuid())
		return MAY_ANY;
	groups = words_of(CAPTURE(OUT, "id", "-Gn"), " \n");
	if (!has(&groups, "stapusr"))
		return MAY_NOTHING;
	return has(&groups, "stapdev") ? MAY_ANY : MAY_INSTALLED;
}

enum may may_load(void)
{
	static enum may may;
	static bool asked;

	if (!asked)
		may = ask_may_load();
	asked = true;
	return may;
}

char *may_not_load(enum may which)
{
	if (which == MAY_NOTHING)
		return text(
			"you are neither root nor in the group stapusr: root can run it, or"
			" let you with: usermod -aG stapusr,stapdev %s (any script, which"
			" is as good as root), or with stapusr alone (the modules in"
			" /lib/modules/%s/systemtap)",
			user_name(), running);
	return text(
		"you are in stapusr but not in stapdev, and so run only what root has put"
		" there with: stap-socket prebuild --output /lib/modules/%s/systemtap",
		running);
}

/* Whoever may write there is as good as the user. */
char *untrusted(const char *const *paths)
{
	const char *words[8] = { runner, "--untrusted" };
	int status;
	size_t i;
	char *said;

	for (i = 0; paths[i]; i++)
		words[i + 2] = paths[i];
	said = capture(OUT, &status, words);
	said[strcspn(said, "\n")] = '\0';
	if (!status)
		return NULL;
	return *said ? said :
		       text("cannot check who could change %s: %s failed",
			    paths[0], runner);
}
