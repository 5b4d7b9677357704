#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the output of the tools with the programs' own counts.

usage: check.py PROGRAMS TOOLS RELEASE

PROGRAMS is the directory of `programs`, TOOLS that of `nest-tools`.  Prints TAP without numbers
and plan: "ok - NAME", "not ok - NAME" with both values below, "skip - NAME # why".
"""
import collections
import json
import os
import re
import sys

programs, tools, release = sys.argv[1:]
kernel = tuple(map(int, release.split(".")[:2]))


def text(name):
    with open(os.path.join(programs, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def number(pattern, name, group=1):
    """The number that pattern finds in a program's output, without its commas."""
    found = re.search(pattern, text(name))
    return int(found.group(group).replace(",", "")) if found else None


def every_line(name):
    with open(os.path.join(tools, name), encoding="ascii") as file:
        return [json.loads(line) for line in file]


def tool(name):
    """The lines of a tool, without its lines of losses."""
    return [x for x in every_line(name) if "lost_lines" not in x]


def report(good, name, said, seen):
    print(("ok - " if good else "not ok - ") + name)
    if not good:
        print(f"# the program: {said}")
        print(f"#    the tool: {seen}")


def same(name, said, seen):
    """Both are equal.  Two empty counts prove nothing, so they fail."""
    nothing = not any(said) if isinstance(said, list) else not said
    report(said == seen and not nothing, name, said, seen)


def within(name, low, seen, high):
    report(low is not None and low <= seen <= high, name, f"{low} to {high}", seen)


def total(lines, field, **want):
    return sum(x[field] for x in lines if all(x.get(k) == v for k, v in want.items()))


def where(lines, **want):
    return [x for x in lines if all(x.get(k) == v for k, v in want.items())]


def pid(name):
    return int(text(name + ".pid"))


# `row` checks the probes that the kernel skipped.
ROOM = ["lost_" + x for x in ("calls", "connects", "lines", "notes", "buckets", "output")]
lost = {name: [x for x in every_line(name) if any(x.get(k) for k in ROOM)]
        for name in sorted(os.listdir(tools))}
report(not any(lost.values()), "nothing was lost", "nothing", lost)

top = where(tool("top"), table="process_total")
connect, accept, life = tool("connect"), tool("accept"), tool("life")
errors, flow, trace = tool("errors"), tool("flow"), tool("trace")
accepted = where(accept, error=None)

# ---------------------------------------------------------------- nginx, ab, wrk

log = [list(map(int, x.split())) for x in text("logs/access").splitlines()]
same("top: the bytes that nginx sent, by its log", sum(x[3] for x in log),
     total(top, "sent_bytes", command="nginx", family="INET"))
same("top: the bytes that nginx received, by its log", sum(x[4] for x in log),
     total(top, "received_bytes", command="nginx", family="INET"))
same("accept: the connections that nginx counts", number(r"(?m)^ (\d+) \d+ \d+", "nginx.status"),
     len(where(accepted, command="nginx", family="INET")))
by_port = collections.Counter()
for _, port, _, sent, received in log:
    by_port.update({(port, "sent"): sent, (port, "received"): received})
lives = collections.Counter()
for x in where(life, command="nginx", family="INET", type="STREAM"):
    if x["end"] != "listener":
        lives.update({(x["remote_port"], "sent"): x["sent_bytes"],
                      (x["remote_port"], "received"): x["received_bytes"]})
same("life: bytes in both directions of each connection of nginx", dict(by_port), dict(+lives))

same("top: the bytes that ab counts as received", number(r"Total transferred: +(\d+)", "ab.said"),
     total(top, "received_bytes", command="ab", family="INET"))
# Each of its four clients may open one connection more before ab sees that it has enough
# answers; nginx has counted those too (above).
requests = number(r"Complete requests: +(\d+)", "ab.said")
within("connect: one for each request of ab, and up to four more", requests,
       len(where(connect, command="ab", family="INET", error=None)), requests + 4)
within("family: the same number of sockets", requests,
       total(tool("family"), "created", command="ab", protocol="TCP"), requests + 4)
# flow shows one of the two ends of a pair.
ours = where(flow, command="ab", peer_command="nginx")
theirs = where(flow, command="nginx", peer_command="ab")
same("flow: ab and nginx are the ends of each of its connections", requests,
     len(ours) + len(theirs))
same("flow: the bytes over all of them",
     number(r"Total transferred: +(\d+)", "ab.said"),
     total(ours, "received_bytes") + total(theirs, "sent_bytes"))
same("top: the bytes that wrk counts as received", number(r"bytes (\d+)", "wrk.said"),
     total(top, "received_bytes", command="wrk", family="INET"))
# Requests that were in flight when its time was over have no answer.
within("top: wrk sent each request, and those in flight at its end",
       number(r"requests (\d+)", "wrk.said"), total(top, "sends", command="wrk",
                                                   family="INET"),
       (number(r"requests (\d+)", "wrk.said") or 0) + 5)

# ---------------------------------------------------------------- redis

read, written = map(int, text("redis.bytes").split())
redis = pid("redis")
same("top: the bytes that redis received, by its INFO", read,
     total(top, "received_bytes", pid=redis, protocol="TCP")
     + total(top, "received_bytes", pid=redis, family="UNIX"))
same("top: the bytes that redis sent, by its INFO", written,
     total(top, "sent_bytes", pid=redis, protocol="TCP")
     + total(top, "sent_bytes", pid=redis, family="UNIX"))
# After that INFO came one more connection, that of redis-info.py.
same("accept: the connections that redis counts",
     number(r"total_connections_received:(\d+)", "redis.info") + 1,
     len(where(accepted, pid=redis)))
sizes = where(tool("size"), command="redis-benchmark", way="sent")
for low, of in ((128, "SET"), (32, "GET")):
    same(f"size: redis-benchmark's {of} requests, TCP and UNIX", 2000, sum(
        b["count"] for x in sizes for b in x["buckets"] if b["from_bytes"] == low))
began, ended = map(int, text("held").split())
clients = text("redis.clients").splitlines()
stay = len([x for x in clients if "cmd=client" not in x])
open_then = [x for x in where(tool("leaks"), pid=redis, protocol="TCP")
             if began < x["time_ns"] < ended]
same("leaks: the clients of redis's CLIENT LIST and not its listener, in each table meanwhile",
     {stay}, {x["open"] for x in open_then})
same("leaks: the oldest of them is a client, on its configured port",
     {(6379, True)}, {(x["local_port"], x["remote_address"] is not None) for x in open_then})

# ---------------------------------------------------------------- iperf3

tcp, udp = json.loads(text("iperf.tcp")), json.loads(text("iperf.udp"))
# Each stream begins with a cookie of 37 bytes.
data = tcp["end"]["sum_sent"]["bytes"] + 37
# A connection to another server may have the same port.
port = tcp["start"]["connected"][0]["local_port"]
server = tcp["start"]["connected"][0]["remote_port"]
same("life: iperf3's data over TCP, plus the cookie", [data, data],
     [total(life, "sent_bytes", command="iperf3", local_port=port),
      total(life, "received_bytes", command="iperf3", remote_port=port)])
same("flow: the same, with both ends named", [[data, "iperf3", "iperf3"]],
     [[x["sent_bytes"] + x["received_bytes"], x["command"], x["peer_command"]]
      for x in flow if {x["local"], x["remote"]} ==
      {f"127.0.0.1:{port}", f"127.0.0.1:{server}"}])
client = [x["pid"] for x in where(connect, command="iperf3", local_port=port)]
same("size: its messages of 1000 bytes", data // 1000, sum(
    b["count"] for x in where(tool("size"), command="iperf3", way="sent")
    for b in x["buckets"] if x["pid"] in client and b["from_bytes"] == 512))
# Before the datagrams each end sends one of four bytes to open the test.
packets = udp["end"]["sum"]["packets"]
same("top: iperf3's datagrams, plus the one before them",
     [packets + 1, packets * 500 + 4],
     [total(top, "sends", command="iperf3", protocol="UDP", family="INET"),
      total(top, "sent_bytes", command="iperf3", protocol="UDP", family="INET")])
arrived = packets - udp["end"]["sum"]["lost_packets"]
same("top: the datagrams that arrived", arrived + 1,
     total(top, "receives", command="iperf3", protocol="UDP", pid=pid("iperf-udp")))

# ---------------------------------------------------------------- PostgreSQL

received = len(re.findall("connection received", text("logs/postgres")))
same("accept: the connections that PostgreSQL logs", received,
     len(where(accepted, command="postgres")))
for way, kind, greets in (("tcp", {"family": "INET"}, 3), ("unix", {"family": "UNIX"}, 2)):
    done = number(r"actually processed: (\d+)/", f"pgbench.{way}")
    begun = len(where(connect, command="pgbench", error=None, **kind))
    same(f"connect: pgbench ({way}): its clients, plus one before them", 5, begun)
    # Each connection also sends a startup packet, over TCP a request for TLS before it,
    # and at the end a Terminate message.
    same(f"top: pgbench ({way}): a message for each transaction, plus {greets} for each "
         "connection", done + greets * 5,
         total(top, "sends", command="pgbench", **kind))
same("top: PostgreSQL receives the bytes that pgbench sends, TCP",
     total(top, "sent_bytes", command="pgbench", family="INET"),
     total(top, "received_bytes", command="postgres", family="INET"))

# ---------------------------------------------------------------- curl

refused = text("curl.refused").count("curl 7")
same("errors: curl's connects that were refused", refused, total(
    errors, "count", command="curl", event="connected", error="ECONNREFUSED"))
same("connect: the same", refused,
     len(where(connect, command="curl", error="ECONNREFUSED", remote_port=9)))
slow = [x.split() for x in text("curl.slow").splitlines()]
waits = where(tool("firstbyte"), command="curl", remote_port=8081)
same("firstbyte: one for each slow answer", len(slow), total(waits, "count"))
# curl's clock runs from its start, the tool's from connect(); the server sleeps 0.3 s.
longest = max(float(x[2]) - float(x[1]) for x in slow)
within("firstbyte: at least the server's sleep, at most curl's own time", 300000000,
       min(x["longest_ns"] for x in waits) if waits else 0,
       round(1e9 * longest) + 30000000)
waited = where(tool("latency"), command="curl", port=8081, what="connect")
same("latency: the same number of connects", len(slow), total(waited, "count"))
within("latency: none took longer than by curl's clock", 1,
       max((x["longest_ns"] for x in waited), default=0),
       round(1e9 * max(float(x[1]) for x in slow)))
same("trace: curl's queries for an unknown name, by dnsmasq's log",
     len(re.findall(r"query\[A+\] no\.such\.example", text("logs/dnsmasq"))),
     len([x for x in where(trace, command="curl", event="send", remote_port=53)
          if x["error"] is None]))

# strace recorded each call of one curl.
calls, options, sockets = [], [], 0
curl = int(text("strace.curl").split()[0])
fds = set()
for line in text("strace.curl").splitlines():
    found = re.match(r"(\d+) +(\w+)\((\d*)(.*)\) += (-?\d+)(?: (E\w+))?", line)
    if not found or int(found[1]) != curl:
        continue
    name, fd, rest, result = found[2], found[3], found[4], int(found[5])
    error = found[6]
    if name == "socket":
        fds.add(result)
        sockets += 1
        calls.append(["create", None, error])
    elif name in ("sendto", "recvfrom", "sendmsg", "recvmsg") or (
            name in ("read", "write") and int(fd) in fds):
        moved = "send" if name in ("sendto", "sendmsg", "write") else "receive"
        calls.append([moved, None if error else result, error])
    elif name in ("connect", "setsockopt", "getsockopt", "bind", "shutdown"):
        calls.append([name, None, error])
        if name == "setsockopt":
            options.append(rest.split(",")[2].strip())
    elif name == "close" and int(fd) in fds:
        fds.discard(int(fd))
        calls.append(["close", None, None])
seen = [[x["event"], x["bytes"], x["error"]] for x in where(trace, pid=curl)
        if x["event"] != "connected"]
same("trace: the calls, sizes and errors of strace, in order", calls, seen)
same("options: the options of strace", sorted(options), sorted(
    x["option"] for x in where(tool("options"), pid=curl) for _ in range(x["count"])))
same("family: the number of sockets of strace", sockets,
     total(tool("family"), "created", pid=curl))

# ---------------------------------------------------------------- ssh, rsync

# ssh counts the payload of its packets, without their protection and without its banner.
sent, got = (number(rf"Transferred:.*{way} (\d+)", "scp.said") for way in
             ("sent", "received"))
out = total(top, "sent_bytes", command="ssh", family="INET")
into = total(top, "received_bytes", command="ssh", family="INET")
within("top: the bytes that ssh counts as sent, plus at most 2,000", sent, out,
       (sent or 0) + 2000)
within("top: the bytes that ssh counts as received, plus at most 2,000", got, into,
       (got or 0) + 2000)
sshd = [x for x in top if x["command"].startswith("sshd") and x["family"] == "INET"]
same("top: sshd, at the other end, received and sent the same", [out, into],
     [total(sshd, "received_bytes"), total(sshd, "sent_bytes")])
# rsync does not count the greeting and the file list of a daemon before the transfer.
for way, other, field in (("received", "sent", "received_bytes"),
                          ("sent", "received", "sent_bytes")):
    said = number(rf"Total bytes {way}: ([\d,]+)", "rsync.stats")
    clients = [x for x in top if x["command"] == "rsync" and x["family"] == "INET"]
    served = {x["pid"] for x in accepted if x["local_port"] == 8730} | {
        x["pid"] for x in where(life, command="rsync", local_port=8730)}
    daemon = max(clients, key=lambda x: x["sent_bytes"], default=None)
    mine = total([x for x in clients if x is not daemon and x["pid"] not in served], field)
    within(f"top: the bytes that rsync counts as {way}, plus at most 300", said, mine,
           (said or 0) + 300)
    same(f"top: its daemon {other} the same", mine, daemon and daemon[f"{other}_bytes"])

# ---------------------------------------------------------------- dig

for way, protocol, prefix in (("udp", "UDP", 0), ("tcp", "TCP", 2)):
    asked, answered = (sum(int(x) + prefix for x in re.findall(pattern, text(f"dig.{way}")))
                       for pattern in (r"QUERY SIZE: (\d+)", r"MSG SIZE +rcvd: (\d+)"))
    same(f"top: dig over {protocol}: sizes of queries and answers" +
         (", each after two bytes of length" if prefix else ""), [asked, answered],
         [total(top, "sent_bytes", command="dig", protocol=protocol),
          total(top, "received_bytes", command="dig", protocol=protocol)])
same("top: dnsmasq received each query of its log over UDP",
     len(re.findall(r"query\[", text("logs/dnsmasq"))) - 1,
     total(top, "receives", pid=pid("dnsmasq"), protocol="UDP"))

# ---------------------------------------------------------------- io_uring

for way in ("udp", "tcp"):
    packets = number(r"packets=(\d+)", f"uring.{way}")
    # send-zerocopy needs io_uring of 6.0.
    if packets is None and kernel < (6, 0):
        print(f"skip - io_uring's send-zerocopy, {way} # it prints: "
              + text(f"uring.{way}").strip().replace("\n", "; "))
        continue
    same(f"top: each message of send-zerocopy over {way}",
         [packets, 30000 * (packets or 0)],
         [total(top, field, command="send-zerocopy", protocol=way.upper(), errors=0)
          for field in ("sends", "sent_bytes")])
echoed = list(map(int, re.findall(r"received (\d+) bytes", text("logs/uring-echo"))))
if echoed or kernel >= (6, 0):
    same("top: the messages and bytes that io_uring-udp received and sent back",
         [len(echoed), sum(echoed)] * 2,
         [total(top, f, command="io_uring-udp") for f in
          ("receives", "received_bytes", "sends", "sent_bytes")])
else:
    print("skip - io_uring-udp # it prints: "
          + text("logs/uring-echo").strip().replace("\n", "; "))

# ---------------------------------------------------------------- the kernel's own counts

snmp = {}
for line in text("snmp").splitlines():
    protocol, fields = line.split(": ", 1)
    if protocol in snmp:
        snmp[protocol] = dict(zip(snmp[protocol], map(int, fields.split())))
    else:
        snmp[protocol] = fields.split()
same("connect: the TCP connections that the kernel counts (ActiveOpens)",
     snmp["Tcp"]["ActiveOpens"], len(where(connect, protocol="TCP")))
same("accept: the TCP connections that the kernel counts (PassiveOpens)",
     snmp["Tcp"]["PassiveOpens"], len(where(accepted, protocol="TCP")))
same("top: datagrams sent (OutDatagrams)", snmp["Udp"]["OutDatagrams"],
     total(top, "sends", protocol="UDP"))
same("top: datagrams received (InDatagrams)", snmp["Udp"]["InDatagrams"],
     total(top, "receives", protocol="UDP"))
stat = {x["event"]: x for x in tool("stat")}
for event, lines in (("accept", accepted), ("connected", where(connect, error=None))):
    same(f"stat: {event}: successful calls as {event.replace('ed', '')} has lines",
         len(lines), stat[event]["calls"] - stat[event]["failed"])
same("stat: send: the bytes of top", total(top, "sent_bytes"), stat["send"]["bytes"])
same("stat: receive: the bytes of top", total(top, "received_bytes"),
     stat["receive"]["bytes"])

# ---------------------------------------------------------------- ss

backlogs = {}
for line in text("listeners").splitlines():
    _, state, *rest = ["", *line.split()]
    if state == "LISTEN":
        backlogs[int(rest[2].rsplit(":", 1)[1])] = int(rest[1])
listens = {x["local_port"]: x["backlog"] for x in tool("listen") if x["local_port"]}
same("listen: the listeners of ss, with their backlogs", backlogs,
     {port: listens.get(port) for port in backlogs})
bound = len(re.findall(r"bind\(\) to .*98: ", text("logs/error")))
same("errors: ports that a second nginx could not bind", bound, total(
    errors, "count", command="nginx", event="bind", error="EADDRINUSE"))

held = {}
for match in re.finditer(r":(\d+) +127\.0\.0\.1:(\d+).*?skmem:\(r(\d+),rb(\d+),t\d+,tb(\d+),"
                         r"f\d+,w(\d+)", text("held.ss"), re.S):
    mine, peer, r, rb, tb, w = map(int, match.groups())
    held[mine, peer] = {"receive_percent": r * 100 // rb, "send_percent": w * 100 // tb}
buffers = [x for x in tool("buffers") if began < x["time_ns"] < ended]
for ends, full in held.items():
    field, who = (("receive_percent", "the reader's") if ends[0] == 8400 else
                  ("send_percent", "the sender's"))
    seen = {x[field] for x in where(buffers, local_port=ends[0], remote_port=ends[1])}
    report(full[field] > 30 and seen and all(abs(x - full[field]) <= 1 for x in seen),
           f"buffers: {who} buffer is as full as in ss, in each table", full[field], seen)
report(len(held) == 2, "buffers: ss shows both ends", 2, len(held))
# The sender's buffer was full from `began` to `ended`, and the sender was held back at most
# from when the reader was stopped until its own end.
blocked = [x for x in tool("buffers") if x["command"] == "cat" and x["remote_port"] == 8400]
stopped, killed = map(int, text("blocked").split())
within("buffers: the time that the sender was held back", ended - began,
       sum(x["held_ns"] for x in blocked), killed - stopped)
