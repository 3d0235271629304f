#!/usr/bin/env python3
"""report.py one LABEL PING UP DOWN — one measurement as a line of JSON, from the output of ping and iperf3.
report.py table RESULTS FILE — the lines of RESULTS as a table, and as a JSON list into FILE."""

import json
import re
import sys


def one(label, ping, up, down):
    with open(ping, encoding="utf-8") as file:
        rtt = re.search(r"= [\d.]+/([\d.]+)/", file.read())
    result = {"label": label, "rtt_ms": float(rtt.group(1))}
    for key, path in (("up_mbit_s", up), ("down_mbit_s", down)):
        with open(path, encoding="utf-8") as file:
            end = json.load(file)["end"]
        result[key] = round(end["sum_received"]["bits_per_second"] / 1e6, 1)
    print(json.dumps(result))


def table(results, target):
    with open(results, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    print(f"{'':30} {'a to b Mbit/s':>14} {'b to a Mbit/s':>14} {'round trip ms':>14}")
    for row in rows:
        print(f"{row['label']:30} {row['up_mbit_s']:14} {row['down_mbit_s']:14} {row['rtt_ms']:14}")
    with open(target, "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    {"one": one, "table": table}[sys.argv[1]](*sys.argv[2:])
