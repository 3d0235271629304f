#!/usr/bin/env python3
"""instruction_counts.py PROGRAM [--accept] — instructions per packet of each step of the data path, by callgrind.

Compares with instruction_counts.txt beside this script, which has a column for each compiler and version of Botan: more than 5 %
above is a failure, more than 5 % below asks for a lower number. --accept writes what was counted into the column, a new one
where there is none. Exit status 77: there is no column for this compiler, or no valgrind. A count does not depend on how busy
the machine is. --self-test proves that it can fail."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")
SKIPPED = 77
SHARE, LEAST = 0.05, 1.0  # tolerance: of the number, and in instructions for steps that have few


def count(program):
    """(platform, {step: instructions per packet})."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder}/out", program]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"valgrind ends with {run.returncode}:\n{run.stdout}{run.stderr}")
        totals = {}
        for path in Path(folder).iterdir():
            text = path.read_text(encoding="utf-8")
            trigger = re.search(r"^desc: Trigger: Client Request: (\S+)", text, re.M)
            if trigger:
                totals[trigger.group(1)] = int(re.search(r"^(?:totals|summary): (\d+)", text, re.M).group(1))
    lines = [line.split() for line in run.stdout.splitlines()]
    platform = next(words[1] for words in lines if words[0] == "platform")
    return platform, {words[1]: totals[words[1]] / int(words[2]) for words in lines if words[0] == "step"}


def read(text):
    """(comment lines, platforms, {step: {platform: number}})."""
    comments = [line for line in text.splitlines() if line.startswith("#")]
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    platforms = rows[0][1:] if rows else []
    table = {row[0]: {p: float(n) for p, n in zip(platforms, row[1:]) if n != "-"} for row in rows[1:]}
    return comments, platforms, table


def written(text, platform, counts):
    """The file with the column of that platform replaced; steps that are gone leave it."""
    comments, platforms, table = read(text)
    if platform not in platforms:
        platforms.append(platform)
    lines = comments + [" ".join([f"{'step':22}"] + [f"{p:>20}" for p in platforms])]
    for step, number in counts.items():
        row = {**table.get(step, {}), platform: number}
        cells = [f"{row[p]:20.1f}" if p in row else f"{'-':>20}" for p in platforms]
        lines.append(" ".join([f"{step:22}"] + cells))
    return "\n".join(lines) + "\n"


def verdict(platform, known, counts):
    """Prints a line a step; the steps that fail."""
    wrong = []
    for step, number in counts.items():
        before = known.get(step, {}).get(platform)
        remark = ""
        if before is None:
            wrong.append(step)
            remark = "NOT KNOWN"
        elif number > before + max(SHARE * before, LEAST):
            wrong.append(step)
            remark = f"MORE: {before:.1f} so far, {100 * (number / before - 1):+.1f} %"
        elif number < before - max(SHARE * before, LEAST):
            remark = f"less: {before:.1f} so far, {100 * (number / before - 1):+.1f} %: write the lower number down (--accept)"
        print(f"{step:22} {number:12.1f} {remark}".rstrip())
    return wrong


def self_test():
    text = written("# c\n", "gcc-1", {"a": 100, "b": 10})
    text = written(text, "gcc-2", {"a": 200, "b": 20})
    _, platforms, known = read(text)
    good = platforms == ["gcc-1", "gcc-2"] and known["a"] == {"gcc-1": 100, "gcc-2": 200}
    good = good and verdict("gcc-1", known, {"a": 104, "b": 11}) == []
    good = good and verdict("gcc-1", known, {"a": 106, "b": 11.2, "c": 1}) == ["a", "b", "c"]
    good = good and verdict("gcc-2", known, {"a": 100, "b": 1}) == []
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return SKIPPED
    platform, counts = count(arguments.program)
    text = FILE.read_text(encoding="utf-8")
    if arguments.accept:
        FILE.write_text(written(text, platform, counts), encoding="utf-8")
    _, platforms, known = read(FILE.read_text(encoding="utf-8"))
    if platform not in platforms:
        print(f"skipped: {FILE.name} has no column for {platform}; tests/bench/{Path(__file__).name} {arguments.program} --accept makes one")
        return SKIPPED
    print(f"instructions per packet, {platform}")
    wrong = verdict(platform, known, counts)
    if wrong:
        print(f"FAILED: more than 5 % above the known number: {', '.join(wrong)}. Where that is worth it, and said in the commit:\n"
              f"  tests/bench/{Path(__file__).name} {arguments.program} --accept")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
