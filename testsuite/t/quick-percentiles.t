#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Numbers of known distributions, in the classes of runtime/socket_classes.h as a tool prints
# them, have percentiles that differ from the exact ones by 2 % at most.
. "$(dirname "$0")/../tap.sh"
. "$top/testsuite/stap-socket/installed.sh"

python3 - "$box/numbers" <<'END'
import random
import sys

random.seed(20241128)
of = {
    "even": lambda: random.randrange(1 << 20),
    "lognormal": lambda: int(random.lognormvariate(9, 2)),
    "exponential": lambda: int(random.expovariate(1e-6)),
    "pareto": lambda: int(40 * random.paretovariate(0.8)),
    "few": lambda: random.choice((0, 63, 64, 65, 127, 128, 129)),
    "large": lambda: random.randrange(1 << 55, 1 << 59),
}
for name, number in of.items():
    with open(f"{sys.argv[1]}.{name}", "w", encoding="ascii") as file:
        for _ in range(20000):
            print(min(number(), (1 << 59) - 1), file=file)
END
for name in even lognormal exponential pareto few large; do
	"$O/unit-classes" <"$box/numbers.$name" >"$box/classes" || break
	{
		printf '#records 1 x\n#columns n:count h:ns_fine_histogram\n#order \n#table 1\n'
		sort -n "$box/classes" | awk '
			{ class[$1]++ }
			!(class[$1] - 1) { order[++n] = $1 }
			END {
				printf "%d\t", NR
				for (i = 1; i <= n; i++)
					printf "%s%s:%d", (i > 1 ? "," : ""), order[i], class[order[i]]
				print ""
			}'
		echo '#end'
	} >"$box/records"
	run stap-socket replay --json "$box/records"
	is "$name: percentiles are within 2 %, classes within 1/32" "$(python3 - "$box/numbers.$name" \
		"$box/classes" "$said" <<-'END'
		import json
		import math
		import sys

		with open(sys.argv[1], encoding="ascii") as file:
		    numbers = sorted(int(line) for line in file)
		with open(sys.argv[2], encoding="ascii") as file:
		    for line in file:
		        low, number = map(int, line.split())
		        if not low <= number <= low + low // 32 or number < 64 and low != number:
		            print(f"the class of {number} is {low}")
		seen = json.loads(sys.argv[3])
		for percent in 50, 90, 99:
		    exact = numbers[math.ceil(len(numbers) * percent / 100) - 1]
		    if abs(seen[f"p{percent}_ns"] - exact) > exact / 50:
		        print(f"p{percent} is {seen[f'p{percent}_ns']}, not {exact}")
		print(len(numbers))
		END
	)" 20000
done
finish
