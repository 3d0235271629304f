#!/usr/bin/env python3
"""check_schema.py NAME FILE — whether the JSON in FILE keeps to docs/schema/NAME.schema.json. Fields that no schema names
are wrong too. Exit status 1 with a line for each mistake."""

import json
import sys
from pathlib import Path

import jsonschema

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schema"


def self_contained(rule, file):
    """The same schema with every object closed whose properties are named, and with references into one set of definitions,
    FILE:NAME, for those of all files."""
    if isinstance(rule, list):
        return [self_contained(part, file) for part in rule]
    if not isinstance(rule, dict):
        return rule
    out = {key: self_contained(value, file) for key, value in rule.items() if key != "$defs"}
    if isinstance(rule.get("properties"), dict) and "type" in rule:
        out.setdefault("additionalProperties", False)
    if isinstance(rule.get("$ref"), str):
        other, name = rule["$ref"].split("#/$defs/")
        out["$ref"] = f"#/$defs/{other or file}:{name}"
    return out


def load(wanted):
    definitions = {}
    for file in SCHEMAS.glob("*.schema.json"):
        schema = json.loads(file.read_text(encoding="utf-8"))
        for name, rule in schema.get("$defs", {}).items():
            definitions[f"{file.name}:{name}"] = self_contained(rule, file.name)
        if file.name == wanted:
            root = self_contained(schema, file.name)
    return {**root, "$defs": definitions}


def main():
    schema = load(f"{sys.argv[1]}.schema.json")
    value = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    mistakes = list(jsonschema.Draft202012Validator(schema).iter_errors(value))
    for mistake in mistakes:
        print(f"{mistake.json_path}: {mistake.message}")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
