#!/usr/bin/env python3
"""Keeps files and functions small: files warn over 400 lines and fail over 600 (tables and tests excepted), functions
warn over 40 and fail over 80 lines, and at most 4 % of all functions may be over 60. --self-test proves it can fail."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_WARN, FILE_FAIL = 400, 600
FUNCTION_WARN, FUNCTION_LONG, FUNCTION_FAIL, LONG_SHARE = 40, 60, 80, 0.04
TABLES = re.compile(r"(\.def|_table\.cpp|_vectors?\.(h|cpp)|_vec\.h|algorithms\.h|transitions\.cpp|rules\.cpp)$")

STRIP = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*',
                   re.S | re.M)
SCOPE = re.compile(r'\b(namespace|extern)\b|^\s*(template\s*<.*>\s*)?(class|struct|union|enum)\b', re.S)
# what may stand before a function without a ; of its own: access labels and macro calls
LABEL = re.compile(r"(\s*(public|private|protected)\s*:(?!:)|\s*[A-Z][A-Z0-9_]+\([^()]*(\([^()]*\)[^()]*)*\)(?!\s*\{))*\s*")
MEMBER_INIT = re.compile(r"\)\s*(noexcept\s*(\([^)]*\)\s*)?)?:[^:].*[\w>]\s*$", re.S)


def strip(text):
    """Comments, literals and preprocessor lines become blanks; lines stay."""
    return STRIP.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def kind_of(header, outer):
    if outer in ("function", "block"):
        return "block"
    if MEMBER_INIT.search(header):
        return "init"  # a_{x} in a constructor's list: the header goes on behind it
    if SCOPE.search(header) and not re.search(r"\)\s*(const|noexcept|override|\s)*(->.*)?$", header, re.S):
        return "scope"
    if "(" in header and not re.search(r"=\s*$", header):
        return "function"
    return "init"


def functions(text):
    """(line, length, name) of every function body, outermost only."""
    text = strip(text)
    stack, header_start, found = [], 0, []
    for position, char in enumerate(text):
        if char == "{":
            header = text[header_start:position]
            kind = kind_of(header, stack[-1][0] if stack else "scope")
            first = header_start + LABEL.match(header).end()
            stack.append((kind, first, header))
            if kind != "init":
                header_start = position + 1
        elif char == "}" and stack:
            kind, first, header = stack.pop()
            if kind == "function":
                line = text.count("\n", 0, first) + 1
                name = re.search(r"([\w:~]+|operator\S+)\s*\(", header)
                found.append((line, text.count("\n", first, position) + 1, name.group(1) if name else "?"))
            if kind != "init":
                header_start = position + 1
        elif char == ";" and (not stack or stack[-1][0] == "scope"):
            header_start = position + 1
    return found


def self_test():
    body = "  x();\n" * 90
    sample = ("namespace a {\nclass B {\n public:\n  B(int x) : x_{x}, y_(2) {\n" + body + "  }\n  int small() const { return 1; }\n};\n"
              "Result<int> f(int a) {\n  if (a) {\n" + body + "  }\n  return 1;\n}\nconstexpr int t[] = {1, 2};\n}\n")
    names = [(name, length) for _, length, name in functions(sample)]
    if [name for name, _ in names] != ["B", "small", "f"] or names[0][1] != 92 or names[1][1] != 1 or names[2][1] != 95:
        print(f"self test: {names}")
        return 1
    return 0


def sources():
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.h", "*.cpp", "*.def", "*.sh",
                              "*.py"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [line for line in listing.splitlines() if (ROOT / line).is_file()]


def main():
    failures, count, long_ones = 0, 0, 0
    for path in sources():
        text = (ROOT / path).read_text(encoding="utf-8")
        lines = text.count("\n")
        excepted = path.startswith("tests/") or TABLES.search(path)
        if lines > FILE_WARN and not excepted:
            print(f"{path}: {'error' if lines > FILE_FAIL else 'warning'}: {lines} lines")
            failures += lines > FILE_FAIL
        if excepted or not path.endswith((".h", ".cpp")):
            continue
        for line, length, name in functions(text):
            count += 1
            long_ones += length > FUNCTION_LONG
            if length > FUNCTION_WARN:
                print(f"{path}:{line}: {'error' if length > FUNCTION_FAIL else 'warning'}: {name} has {length} lines")
                failures += length > FUNCTION_FAIL
    if count and long_ones / count > LONG_SHARE:
        print(f"error: {long_ones} of {count} functions are over {FUNCTION_LONG} lines")
        failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(self_test() or main())
