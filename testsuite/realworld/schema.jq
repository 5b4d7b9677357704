# SPDX-License-Identifier: GPL-2.0-or-later
#
# schema.jq - checks the lines of JSON of a tool
#
# usage: jq -rn --arg tool TOOL -f schema.jq LINES
#
# Prints "ok N", the number of lines, or the first three lines that differ from the schema
# and how.  "number?" and "string?" may be null; [{...}] is a list of objects.  A line has
# all of the fields and no other.  The tables of top have different fields.

def buckets($from): [{($from): "number", count: "number"}];
def of_histogram($unit; $most; $type): ["p50", "p90", "p99", $most] |
	map({(. + "_" + $unit): $type}) | add;
def address: {local_address: "string?", local_port: "number?", remote_address: "string?",
	remote_port: "number?"};
def line: {schema: "number", time_ns: "number"};
def process: line + {pid: "number?", command: "string?"};
def kind: {family: "string?", type: "string?", protocol: "string?"};
def thread: process + {thread: "number?", thread_name: "string?"};
def attempt: thread + address + {family: "string?", protocol: "string?", error: "string?",
	duration_ns: "number?"};

def sums: line + {table: "string", sends: "number", receives: "number",
	sent_bytes: "number", received_bytes: "number", errors: "number"};

def schema: {
	"top all": sums,
	"top total": sums,
	"top command": (sums + {command: "string?", protocol: "string?", family: "string?"}),
	"top process": (process + sums + {protocol: "string?", family: "string?"}),
	"top process_total": (process + sums + {protocol: "string?", family: "string?"}),
	trace: (thread + kind + address + {event: "string", bytes: "number?",
		error: "string?", duration_ns: "number?", detail: "string?"}),
	stat: (line + {interval_ns: "number", event: "string", calls: "number",
		failed: "number", bytes: "number?", calls_per_s: "number",
		bytes_per_s: "number?"}),
	connect: attempt,
	accept: (attempt + {backlog: "number?"}),
	listen: (thread + {family: "string?", protocol: "string?", local_address: "string?",
		local_port: "number?", backlog_asked: "number", backlog: "number?",
		error: "string?", duration_ns: "number?"}),
	life: (process + kind + address + {sent_bytes: "number", sends: "number",
		received_bytes: "number", receives: "number", duration_ns: "number",
		end: "string?"}),
	latency: (process + {port: "number?", what: "string", count: "number",
		total_ns: "number", average_ns: "number", buckets: buckets("from_ns")} +
		of_histogram("ns"; "longest"; "number")),
	"latency all": (line + {table: "string", count: "number"} +
		of_histogram("ns"; "longest"; "number?")),
	firstbyte: (process + {count: "number", total_ns: "number", average_ns: "number",
		longest_ns: "number", remote_address: "string?", remote_port: "number?"}),
	size: (process + {way: "string", messages: "number", bytes: "number",
		average_bytes: "number", buckets: buckets("from_bytes")} +
		of_histogram("bytes"; "largest"; "number")),
	"size all": (line + {table: "string", messages: "number", bytes: "number"} +
		of_histogram("bytes"; "largest"; "number?")),
	errors: (process + {event: "string", error: "string?", count: "number",
		total: "number", family: "string?", latest: "string?"}),
	leaks: (process + kind + address + {inode: "number?", open: "number", half_closed: "number",
		oldest_ns: "number", average_ns: "number", growth_per_minute: "number?"}),
	flow: (process + {local: "string?", remote: "string?", sent_bytes: "number",
		received_bytes: "number", peer_pid: "number?", peer_command: "string?"}),
	buffers: (process + kind + address + {inode: "number?", send_percent: "number",
		send_most_percent: "number", held_ns: "number", waits: "number",
		receive_percent: "number", receive_most_percent: "number"}),
	options: (process + {option: "string", value: "number?", length: "number",
		error: "string?", count: "number", family: "string?", protocol: "string?"}),
	family: (process + kind + {created: "number", failed: "number", by: "string?"})
};

# The line of losses, which any tool can print.
def lost: ["reentrant", "instances", "skipped", "calls", "connects", "lines", "notes",
	"buckets", "output"] | line + (map({("lost_" + .): "number"}) | add);

# the mistakes in a value of that type
def wrong($want; $name):
	if ($want | type) == "object" then
		if type != "object" then "\($name) is not an object"
		else . as $value |
			((($want | keys) - keys)[] | "\($name).\(.) is missing"),
			((keys - ($want | keys))[] | "\($name).\(.) is not documented"),
			($want | keys[] | select(in($value)) as $key |
				$value[$key] | wrong($want[$key]; "\($name).\($key)"))
		end
	elif ($want | type) == "array" then
		if type != "array" then "\($name) is not a list"
		else .[] | wrong($want[0]; "\($name)[]") end
	elif $want[-1:] == "?" then
		select(. != null) | wrong($want[:-1]; $name)
	else
		select(type != $want) | "\($name) is \(type), not \($want)"
	end;

# what a line must be, or null if there is no such table
def wanted: if has("lost_lines") then lost else schema[[$tool, .table // empty] | join(" ")] end;

reduce inputs as $line ({lines: 0, bad: []};
	.lines += 1 |
	if (.bad | length) < 3 then .bad += [$line | wrong(wanted; "line")] else . end) |
if .bad == [] then "ok \(.lines)" else .bad[:3][] end
