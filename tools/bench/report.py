"""Tables of a run: on the terminal, in docs/benchmarks.md, and as a chart."""

import shutil

from bed import BUILD, ROOT
from cases import CASES
from chart import svg
from contenders import CONTENDERS
from store import Summary
from units import ratio_text, value_text

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"
HEAD = ("Medians of up to {rounds} rounds, with the least and the greatest; contenders were measured in turns. \"x wireguard-go\" and the like "
        "are the ratio to that contender in the same run; where less is better, a ratio below 1 is good. s/GB: seconds of processor "
        "time that both daemons together spent for 10^9 octets; s/1000: that the responder spent for 1000 handshakes. n: rounds; ! where "
        "others used more than 5 % of the machine in one of them.")
SHORT = {"wireguard-go": "x wg-go", "strongSwan": "x strongSwan", "veth": "x veth"}


class CaseTable:
    """The figures of one case: a row for each contender that was measured."""

    def __init__(self, store, case):
        self.case = case
        self.rows = [(CONTENDERS[name], Summary(store, case.name, name)) for name in case.contenders]
        self.rows = [(contender, summary) for contender, summary in self.rows if summary.kept or summary.errors]
        self.references = [(contender, summary) for contender, summary in self.rows if contender.kind != "ikev2d" and summary.kept]
        if not self.references and not case.once:
            self.references = self.rows[:1]
        self.costs = any(summary.median_of(case.cost) for _, summary in self.rows)

    def header(self):
        names = [SHORT.get(contender.kind, f"x {contender.label}") for contender, _ in self.references]
        cost = [self.case.cost_unit, *(names if self.case.cost_ratio else [])] if self.costs else []
        return ["", self.case.unit, "least - most", *names, *cost, "n"]

    def cells(self, contender, summary):
        if not summary.kept:
            return [contender.label, "failed", *[""] * (len(self.header()) - 3), "0"]
        ratios = self.ratios(contender, summary.median, lambda reference: reference.median)
        return [contender.label, value_text(summary.median), f"{value_text(summary.least)} - {value_text(summary.most)}", *ratios,
                *self.cost_cells(contender, summary), f"{summary.count}{'!' if summary.disturbed else ''}"]

    def ratios(self, contender, value, value_of):
        """To each reference, none to itself."""
        return ["" if contender is other else ratio_text(value, value_of(reference)) for other, reference in self.references]

    def cost_cells(self, contender, summary):
        if not self.costs:
            return []
        cost = summary.median_of(self.case.cost)
        ratios = self.ratios(contender, cost, lambda reference: reference.median_of(self.case.cost)) if self.case.cost_ratio else []
        return [value_text(cost), *ratios]

    def table(self):
        return [self.header(), *(self.cells(*row) for row in self.rows)]


def tables(store):
    made = (CaseTable(store, case) for case in CASES.values())
    return [table for table in made if table.rows]


def failures(store):
    for one in store.data["measurements"]:
        if "error" in one:
            yield f"{one['case']}, {CONTENDERS[one['contender']].label}: {one['error']}"


def show(store):
    """On the terminal, at most 100 columns."""
    for table in tables(store):
        print(f"\n{table.case.name}: {table.case.title}")
        rows = table.table()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            print(f"  {row[0]:{widths[0]}}  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:])))
    print()
    if any(summary.disturbed for table in tables(store) for _, summary in table.rows):
        print("!  some of these were measured while others used more than 5 % of the machine")
    for line in dict.fromkeys(failures(store)):
        print(f"failed: {line}")
    for reason in dict.fromkeys(store.data["skipped"].values()):
        print(f"left out: {reason}")
    print(f"the measurements: {BUILD / 'bench.json'}; ./dev bench --report --page makes docs/benchmarks.md of them")


def chart(store, path):
    path.write_text(svg(tables(store)), encoding="utf-8")
    shutil.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)


def machine_lines(about):
    versions = ", ".join(version for version in about.get("versions", {}).values() if version)
    return [f"{about['date']}, commit {about['commit']}; {about['processors']} x {about['processor']}, {about['memory_mib']} MiB, "
            f"Linux {about['kernel']}, {about['system']}; {versions}, iperf3 {about['iperf3']}.", ""]


def markdown(store):
    rounds = [summary.count for table in tables(store) if not table.case.once for _, summary in table.rows]
    lines = ["# Benchmarks", "", "Made by `./dev bench` and `./dev bench --report --page`; not written by hand. Everything ran on one machine, "
             "both gateways and both ends of the traffic, so figures compare with one another and with nothing else.", "",
             *machine_lines(store.data["about"]), HEAD.format(rounds=max(rounds, default=1)), "",
             "![The throughput cases as bars](benchmarks.svg)", ""]
    for table in tables(store):
        rows = table.table()
        lines += [f"## {table.case.title}", "", f"`./dev bench --case {table.case.name}`", ""]
        lines += ["| " + " | ".join(rows[0]) + " |", "|---" + "|--:" * (len(rows[0]) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows[1:]]
        lines += ["", *([table.case.note, ""] if table.case.note else []), *extras(table)]
    lines += [f"- Left out: {reason}" for reason in dict.fromkeys(store.data["skipped"].values())]
    return "\n".join(lines).rstrip() + "\n"


EXTRAS = {"least_us": "least {} µs", "p99_us": "99 % within {} µs", "rekeys": "{} rekeys", "gap_ms": "longest gap {} ms",
          "gbit_s": "{} Gbit/s", "retransmits": "{} retransmissions", "p99_ms": "99 % within {} ms", "again": "{} requests sent again",
          "kib_per_child": "{} KiB of memory for a child SA, both directions, mean of the two daemons", "rss_before_mib": "{} MiB without any",
          "rss_mib": "{} MiB with all", "anonymous_kib": "{} KiB of it anonymous", "per_second": "{} made a second"}


def extras(table):
    """What the measurements hold besides their value: medians, one line a contender."""
    lines = []
    for contender, summary in table.rows:
        found = [text.format(value_text(summary.median_of(key))) for key, text in EXTRAS.items() if summary.median_of(key) is not None]
        if summary.median_of("sender_limit"):
            found.append("the sender had no processor time for more, the tunnel may carry more")
        if found:
            lines.append(f"- {contender.label}: {', '.join(found)}")
    return [*lines, ""] if lines else []


def page(store):
    owner = ROOT.stat()
    for path, text in ((PAGE, markdown(store)), (PICTURE, svg(tables(store)))):
        path.write_text(text, encoding="utf-8")
        shutil.chown(path, owner.st_uid, owner.st_gid)
        print(f"written: {path}")
