"""The order of measurements, the beds they need, what is left to do, and a line for each."""

import datetime
import os
import shutil
import sys
import tempfile
import time

import machine
from bed import Bed, Failure
from contenders import CONTENDERS
from store import disturbed
from units import value_text

START = 2.5  # seconds to bring a contender up, for estimates


def seconds_of(case, settings, store=None):
    """How long a measurement of this case takes: as it took so far, or as the case estimates."""
    return (store and store.took(case.name)) or case.estimate(settings)


class Runner:
    def __init__(self, store, settings, cases, rounds, only=None):
        self.store, self.settings, self.cases, self.rounds = store, settings, cases, rounds
        self.beds = {}
        self.failed = False
        self.usable = self._usable(only)
        self.work = tempfile.mkdtemp(prefix="ikev2d-bench.")

    def _usable(self, only):
        """Contenders of these cases that are here. Of the others one line says how to get them."""
        names = dict.fromkeys(name for case in self.cases for name in case.contenders if not only or name in only)
        usable, told = set(), set()
        for name in names:
            reason = CONTENDERS[name].missing()
            if reason is None:
                usable.add(name)
                self.store.data["skipped"].pop(name, None)
                self.store.data["about"].setdefault("versions", {})[CONTENDERS[name].kind] = CONTENDERS[name].version()
                continue
            self.store.data["skipped"][name] = reason
            if reason not in told:
                print(f"left out: {reason}")
                told.add(reason)
        return usable

    def plan(self):
        """(case, round, contender) of all that is not measured yet, a case after the other, contenders in turns."""
        for case in self.cases:
            for number in range(1, (1 if case.once else self.rounds) + 1):
                for name in case.contenders:
                    if name in self.usable and not self.store.done(case, name, number):
                        yield case, number, CONTENDERS[name]

    def run(self):
        current = None
        for case, number, contender in list(self.plan()):
            if case is not current:
                current = case
                print(f"\n{case.name}: {case.title}", flush=True)
                self._close_beds(keep=case.contenders)
            while not self.store.done(case, contender.name, number):
                self._measure(case, number, contender)

    def _measure(self, case, number, contender):
        begin = time.monotonic()
        attempt = len(self.store.of(case.name, contender.name, number)) + 1
        result = {"case": case.name, "contender": contender.name, "round": number, "attempt": attempt}
        try:
            if case.fresh:
                self._close(contender.name)
            bed = self._bed(contender) if case.ends else None
            begin = time.monotonic()  # without the start of the daemons
            before = machine.Sample()
            result.update(case.measure(bed, contender, self.settings))
            result.update(machine.Sample().shares_since(before))
        except Failure as failure:
            result["error"] = str(failure)
            self.failed = True
        result["took"] = round(time.monotonic() - begin, 2)
        if case.fresh or "error" in result:
            self._close(contender.name)
        result["at"] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.store.add(result)
        self._tell(case, contender, result)

    def _tell(self, case, contender, result):
        head = f"  {result['round']}/{1 if case.once else self.rounds}  {contender.label[:34]:34}"
        left = f"{self.left() / 60:5.1f} min left"
        if "error" in result:
            print(f"{head} FAILED: {result['error']}", file=sys.stderr, flush=True)
            return
        cost = f"{result[case.cost]:7.2f} {case.cost_unit}" if case.cost in result else " " * 12
        text = f"{head} {value_text(result['value']):>8} {case.unit:7}{cost}  {left}"
        if disturbed(result):
            again = "" if self.store.done(case, contender.name, result["round"]) else "; again"
            text += f"  (disturbed: others used {100 * result['foreign']:.0f} % of the machine{again})"
        print(text, flush=True)

    def left(self):
        """Seconds until everything is measured."""
        seconds, starts = 0.0, set()
        for case, _, contender in self.plan():
            seconds += seconds_of(case, self.settings, self.store) + 0.3
            if case.ends and contender.name not in self.beds:
                starts.add(contender.name)
        return seconds + START * len(starts)

    def _bed(self, contender):
        bed = self.beds.get(contender.name)
        if bed and not bed.alive():
            self._close(contender.name)
            bed = None
        if bed is None:
            bed = self.beds[contender.name] = Bed(self.work, contender.name)
            contender.start(bed)
        return bed

    def _close(self, name):
        bed = self.beds.pop(name, None)
        if bed:
            bed.close()

    def _close_beds(self, keep=()):
        for name in [name for name in self.beds if name not in keep]:
            self._close(name)

    def close(self):
        self._close_beds()
        if os.environ.get("IKEV2D_KEEP"):
            print(f"kept: {self.work}", file=sys.stderr)
        else:
            shutil.rmtree(self.work, ignore_errors=True)
