#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what a tool prints as a record with the columns that it declares.

usage: agree.py SCRIPT...

The fields of a type are those of src/records.c: a number is printed with %d, a text with %s, a
number that can be unset with %s and sprint(...) : "-".  Prints each difference, and exits with
1 if there are any.
"""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
STRING = r'"(?:[^"\\]|\\.)*"'
STRINGS = rf"{STRING}(?:\s*{STRING})*"


def read(path):
    """A script without its comments."""
    with open(path, encoding="ascii") as file:
        return re.sub(rf"({STRING})|//[^\n]*|/\*.*?\*/", r"\1", file.read(), flags=re.S)


def joined(strings):
    return "".join(s[1:-1] for s in re.findall(STRING, strings))


def words(text, start):
    """The words between the parenthesis before `start` and its end."""
    depth, found, begin = 1, [], start
    for token in re.finditer(rf"{STRING}|[()\[\],]", text[start:]):
        at, c = start + token.start(), token.group()
        depth += (c in "([") - (c in ")]")
        if not depth or (c == "," and depth == 1):
            found.append(text[begin:at].strip())
            begin = at + 1
        if not depth:
            return found
    sys.exit(f"a parenthesis without its end: {text[start:start + 60]}")


def types():
    """The kinds of the fields of each type."""
    source = read(TOP + "/src/records.c")
    several = {name: re.findall(r"\{\s*\"(\w+)\",\s*(\w+)\s*\}", fields) for name, fields in
               re.findall(r"struct field (\w+)\[\] = \{(.*?)\};", source, re.S)}
    table = re.search(r"struct type types\[\] = \{(.*?)\n\};", source, re.S).group(1)
    rows = re.findall(r"\{\s*\"(\w+)\",\s*(\w+),\s*(\w+),", table)
    return {name: several.get(fields) or [(None, kind)] for name, kind, fields in rows}


def declared(source, of):
    """The fields that a tool declares: their keys and kinds."""
    call = re.search(r"@socket_tool\(", source)
    fields = []
    for column in joined(words(source, call.end())[3]).split():
        title, kind = column.lstrip("-?").rsplit(":", 1)
        fields += [(key or title.split("=")[-1], what) for key, what in of[kind]]
    return fields


def macros(source):
    return dict(re.findall(r"@define (print_\w+)\([^)]*\) %\((.*?)%\)", source, re.S))


def printed(source, of_macro):
    """Each piece that is printed, in the order of the script: a format and its arguments."""
    for call in re.finditer(r"(?<![\w@])(printf|println|print)\(|@(print_\w+)(\(?)", source):
        name, macro = call.group(1), call.group(2)
        if macro == "print_buckets":
            yield "\t%b", [macro]
        elif macro:
            yield from printed(of_macro[macro], of_macro)
        else:
            arguments = words(source, call.end())
            if not re.fullmatch(STRINGS, arguments[0]):
                sys.exit(f"{name}({arguments[0]}...: a format that is not a string")
            text = joined(arguments[0]) + ("\\n" if name == "println" else "")
            yield text.replace("\\t", "\t").replace("\\n", "\n"), arguments[1:]


def records(source, of_macro):
    """The conversions of each record, and their arguments."""
    text, arguments = "", []
    for piece, more in printed(source, of_macro):
        if not text and piece.startswith("#"):
            continue
        text += piece
        arguments += more
        if text.endswith("\n"):
            yield text[:-1].split("\t"), arguments
            text, arguments = "", []
    if text:
        yield text.split("\t") + ["no end of the line"], arguments


def fits(kind, conversion, argument):
    if kind == "SIGNED" and conversion == "%s":
        return bool(re.search(r"\?\s*sprint\(.*\)\s*:\s*\"-\"$", argument, re.S))
    return conversion == {"NUMBER": "%d", "SIGNED": "%d", "TEXT": "%s", "BUCKETS": "%b"}[kind]


def differences(name, fields, conversions, arguments):
    if not len(fields) == len(conversions) == len(arguments):
        yield (f"{name}: {len(fields)} fields are declared, and {len(arguments)} values are "
               f"printed as {len(conversions)}")
        return
    for (key, kind), conversion, argument in zip(fields, conversions, arguments):
        if not fits(kind, conversion, argument):
            yield f"{name}: {key} is a {kind}, and '{argument}' is printed with {conversion}"


known, of_macro, status = types(), macros(read(TOP + "/examples/lib/socket_tools.stpm")), 0
for script in sys.argv[1:]:
    tool, name, n = read(script), os.path.basename(script), 0
    for record in records(tool, of_macro):
        n += 1
        for line in differences(name, declared(tool, known), *record):
            print(line)
            status = 1
    if not n:
        print(f"{name}: no record")
        status = 1
sys.exit(status)
