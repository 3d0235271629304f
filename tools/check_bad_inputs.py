#!/usr/bin/env python3
"""check_bad_inputs.py — each row of docs/bad-inputs.md has a test that names it, and each such test has a row.

Exit status 1 when one is missing.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASE = re.compile(r'TEST_CASE\(\s*"([^"]*)"')


def rows(text):
    """The numbers that begin the rows of the tables."""
    return set(re.findall(r"^\| (B\d{3}) \|", text, re.M))


def named(text):
    """The numbers in front of the colon of a test's name: "B006, B007: ..."."""
    found = set()
    for name in CASE.findall(text):
        if match := re.match(r"((?:B\d{3})(?:, B\d{3})*):", name):
            found |= set(match[1].split(", "))
    return found


def missing(document, sources):
    """(rows without a test, numbers of tests without a row)"""
    tests = set().union(*map(named, sources))
    return sorted(rows(document) - tests), sorted(tests - rows(document))


def self_test():
    document = "| number | x |\n| B001 | a |\n| B002 | b |\n"
    source = 'TEST_CASE("B001, B003: one") {}\nTEST_CASE(\n    "two B002: no number in front") {}'
    assert missing(document, [source]) == (["B002"], ["B003"])
    print("check_bad_inputs.py finds what it should")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    document = (ROOT / "docs/bad-inputs.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.cpp"))]
    untested, unlisted = missing(document, sources)
    for row in untested:
        print(f"docs/bad-inputs.md: no test names {row}")
    for row in unlisted:
        print(f"docs/bad-inputs.md: a test names {row}, which has no row")
    return 1 if untested or unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
