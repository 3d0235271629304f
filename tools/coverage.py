#!/usr/bin/env python3
"""coverage.py BUILD [--uncovered FOLDER] — line coverage of what ran in BUILD, by folder, from gcov's own counts.

BUILD is the folder of the preset `coverage`, after its tests ran. A line counts once, however often it was compiled (headers,
templates); it is covered when any of these ran. Tests themselves are not counted. With --uncovered the lines of FOLDER that never
ran follow, one range a line: FILE:FIRST-LAST. `--self-test` checks the counting.
"""

import collections
import json
import os
import subprocess
import sys

FOLDERS = ("base", "crypto", "spd", "ikev2", "esp", "tun", "config", "control", "apps")


def reports(build):
    """gcov's JSON of every object in BUILD that has counts."""
    found = [os.path.join(folder, name) for folder, _, names in os.walk(build) for name in names if name.endswith(".gcda")]
    for begin in range(0, len(found), 20):
        command = ["gcov", "--json-format", "--stdout", *map(os.path.abspath, found[begin:begin + 20])]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        yield from (json.loads(line) for line in output.splitlines() if line.startswith("{"))


def merge(documents, root):
    """{file: {line: count}} of our own files, by their paths from ROOT."""
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    for document in documents:
        for file in document["files"]:
            path = os.path.relpath(os.path.join(document["current_working_directory"], file["file"]), root)
            if path.split(os.sep)[0] in FOLDERS:
                for line in file["lines"]:
                    lines[path][line["line_number"]] += line["count"]
    return lines


def table(lines):
    """Rows of (folder, lines, lines that ran)."""
    rows = collections.defaultdict(lambda: [0, 0])
    for path, counts in lines.items():
        row = rows[path.split(os.sep)[0]]
        row[0] += len(counts)
        row[1] += sum(count > 0 for count in counts.values())
    return [(folder, *rows[folder]) for folder in FOLDERS if folder in rows]


def uncovered(lines, folder):
    """FILE:FIRST-LAST of each run of lines without a count; lines without code between them do not break it."""
    for path in sorted(path for path in lines if path.startswith(folder.rstrip("/") + "/")):
        first = last = None
        for number, count in [*sorted(lines[path].items()), (0, 1)]:
            if count == 0:
                first, last = first or number, number
            elif first:
                yield f"{path}:{first}-{last}"
                first = None


def self_test():
    sample = {"current_working_directory": "/r", "files": [
        {"file": "ikev2/a.cpp", "lines": [{"line_number": n, "count": c} for n, c in ((1, 2), (2, 0), (4, 0), (5, 1), (9, 0))]},
        {"file": "/usr/include/x.h", "lines": [{"line_number": 1, "count": 1}]}]}
    again = {"current_working_directory": "/r/b", "files": [{"file": "../ikev2/a.cpp", "lines": [{"line_number": 2, "count": 1}]}]}
    lines = merge([sample], "/r")
    if table(lines) != [("ikev2", 5, 2)] or list(uncovered(lines, "ikev2")) != ["ikev2/a.cpp:2-4", "ikev2/a.cpp:9-9"]:
        sys.exit(f"self-test: {table(lines)} {list(uncovered(lines, 'ikev2'))}")
    if table(merge([sample, again], "/r")) != [("ikev2", 5, 3)]:
        sys.exit("self-test: two objects with one line")
    print("self-test passed")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    lines = merge(reports(sys.argv[1]), os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if not lines:
        return "no counts: build the preset coverage and run its tests first (./dev coverage)"
    for folder, all_lines, ran in table(lines):
        print(f"{folder:8} {100 * ran / all_lines:6.2f} %   {ran} of {all_lines} lines")
    if sys.argv[2:3] == ["--uncovered"]:
        print(*uncovered(lines, sys.argv[3]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
