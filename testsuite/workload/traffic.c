// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic - make known socket traffic and write down exactly what was done.
 *
 * The ledger it writes predicts every event that a probe on the kernel's
 * socket layer should see of this process, one line each, with the time the
 * call took, so that what a probe reports can be compared with it.
 *
 * Lines of the ledger:
 *   ev      one event, or count=MIN-MAX of them; kind=none is a call that
 *           must make no event
 *   kernel  sockets the kernel may make (create=) and drop (close=) for itself
 *           inside that time, on top of what ev lines with the same time say
 *   skip    a scenario, or the rest of one, that this kernel cannot run
 *   total   in the modes that only count: what one process did
 * Further keys of an ev line:
 *   count=MIN-MAX   how many events; result is then the sum of their bytes
 *   anypid=1        it may happen in another task, a kernel thread's too
 *   interrupted=1   restarted by the kernel after a signal
 *   inkernel=N      the result of the socket layer, where the caller gets
 *                   another one
 *   likely=N        for result=?, what it should have been
 *   begun=0         it ends before it has begun: there is no event of its entry
 *   concurrent=1    its time overlaps that of an event of another process
 *   note=WORD       what is special
 *   elapsed_min=NS  it surely took that long
 * Values of the socket, unless they are uncertain; keys that end in 0 are the
 * values before the call, where they differ:
 *   ino= netns= nonblock= state= state0=
 *   laddr= lport= raddr= rport= tcp= laddr0= lport0= raddr0= rport0= tcp0=
 * Only some kinds have:
 *   connect, bind   addr= port= as asked for; connect: pending=1 when it goes
 *                   on after the call
 *   connected       what an attempt to connect came to, between its beginning
 *                   and when that was known; addr= port= where the call waited
 *   listen          backlog=; shutdown: how=
 *   accept          new_ino= new_laddr= new_lport= new_raddr= new_rport=
 *   setsockopt, getsockopt
 *                   level= optname= optlen= optlen1= (on return) optval=
 */
#include "traffic.h"

#include <fnmatch.h>
#include <getopt.h>
#include <sys/resource.h>

#define CELL_SECONDS 20

static struct scenario *scenarios;
static size_t n_scenarios, room;

struct scenario *scenario_add(void (*run)(const struct scenario *c),
			      const char *fmt, ...)
{
	struct scenario *c;
	va_list ap;

	if (n_scenarios == room) {
		room = room ? room * 2 : 256;
		scenarios = realloc(scenarios, room * sizeof(*scenarios));
		if (!scenarios)
			die("out of memory");
	}
	c = &scenarios[n_scenarios++];
	memset(c, 0, sizeof(*c));
	c->run = run;
	va_start(ap, fmt);
	vsnprintf(c->name, sizeof(c->name), fmt, ap);
	va_end(ap);
	return c;
}

static void usage(FILE *to)
{
	fputs("usage: traffic [-o FILE] [PATTERN...]\n"
	      "       traffic [-o FILE] storm [NPROC [NMSG]]\n"
	      "       traffic [-o FILE] blocked [N [HOLD]]\n"
	      "       traffic [-o FILE] unload [SECONDS]\n"
	      "       traffic [-o FILE] churn [CONNECTIONS]\n"
	      "       traffic -l | -h\n"
	      "Makes socket traffic and writes a ledger of it.\n"
	      "  -o FILE  where the ledger goes (default: standard output)\n"
	      "  -l       list the scenarios\n"
	      "  -h       this text\n"
	      "  PATTERN  run the scenarios whose name matches (as file names do,\n"
	      "           but * matches / too)\n"
	      "  storm    NPROC processes (8) move NMSG messages (12500) each\n"
	      "  blocked  N tasks (2000) wait in a receive at once, are held\n"
	      "           HOLD seconds (0), then served\n"
	      "  unload   a few processes wait in calls for SECONDS (10)\n"
	      "  churn    CONNECTIONS (10000) short TCP connections by four "
	      "processes\n"
	      "Exit status: 0 done, 1 something unplanned happened, 2 usage.\n",
	      to);
}

static bool chosen(const struct scenario *c, int n, char **pattern)
{
	int i;

	for (i = 0; i < n; i++)
		if (!fnmatch(pattern[i], c->name, 0))
			return true;
	return n == 0;
}

static void run_scenarios(int n, char **pattern)
{
	size_t i;

	for (i = 0; i < n_scenarios; i++) {
		if (!chosen(&scenarios[i], n, pattern))
			continue;
		ledger_scenario(scenarios[i].name);
		ledger_watchdog(CELL_SECONDS);
		scenarios[i].run(&scenarios[i]);
	}
}

static void check_patterns(int n, char **pattern)
{
	size_t j;
	int i;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n_scenarios; j++)
			if (!fnmatch(pattern[i], scenarios[j].name, 0))
				break;
		if (j == n_scenarios)
			die("no scenario matches '%s' (-l lists them)",
			    pattern[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} modes[] = {
		{ "storm", storm_main },
		{ "blocked", blocked_main },
		{ "unload", unload_main },
		{ "churn", churn_main },
	};
	const char *path = NULL;
	bool list = false;
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "+o:lh")) != -1) {
		switch (c) {
		case 'o':
			path = optarg;
			break;
		case 'l':
			list = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	argc -= optind;
	argv += optind;
	out_buf = malloc(2 * BIG_SIZE);
	in_buf = malloc(2 * BIG_SIZE);
	if (!out_buf || !in_buf)
		die("out of memory");
	for (i = 0; i < 2 * BIG_SIZE; i++)
		out_buf[i] = (char)('a' + i % 26);
	memset(in_buf, 0, 2 * BIG_SIZE);
	for (i = 0; argc && i < ARRAY_SIZE(modes); i++) {
		if (strcmp(argv[0], modes[i].name) || list)
			continue;
		ledger_open(path);
		ledger_scenario(modes[i].name);
		c = modes[i].run(argc - 1, argv + 1);
		return ledger_finish() || c;
	}
	transfer_scenarios();
	fault_scenarios();
	life_scenarios();
	conn_scenarios();
	check_patterns(argc, argv);
	if (list) {
		for (i = 0; i < n_scenarios; i++)
			if (chosen(&scenarios[i], argc, argv))
				puts(scenarios[i].name);
		return 0;
	}
	ledger_open(path);
	run_scenarios(argc, argv);
	return ledger_finish();
}
