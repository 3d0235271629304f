#!/usr/bin/env python3
"""check_schema.py NAME FILE — whether the JSON in FILE keeps to docs/schema/NAME.schema.json. Fields that no schema names
are wrong too. Exit status 1 with a line for each mistake."""

import json
import sys
from pathlib import Path

import jsonschema

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schema"


def closed(rule):
    """The same schema, with every object closed whose properties are named."""
    if isinstance(rule, list):
        return [closed(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    out = {key: closed(value) for key, value in rule.items()}
    if isinstance(rule.get("properties"), dict) and "type" in rule:
        out.setdefault("additionalProperties", False)
    return out


def load(name):
    return closed(json.loads((SCHEMAS / name).read_text(encoding="utf-8")))


def main():
    name, path = f"{sys.argv[1]}.schema.json", Path(sys.argv[2])
    base = SCHEMAS.as_uri() + "/"
    store = {base + file.name: load(file.name) for file in SCHEMAS.glob("*.schema.json")}
    schema = store[base + name]
    resolver = jsonschema.RefResolver(base + name, schema, store=store)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    mistakes = list(validator.iter_errors(json.loads(path.read_text(encoding="utf-8"))))
    for mistake in mistakes:
        print(f"{mistake.json_path}: {mistake.message}")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
