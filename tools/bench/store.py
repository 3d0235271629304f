"""The measurements of a run in a JSON file, which is whole after each of them: a run that was cut off goes on from it."""

import json
import os
import statistics
from pathlib import Path

MAX_FOREIGN = 0.05  # of the machine used by others: a measurement with more is disturbed
ATTEMPTS = 3        # of a measurement that is disturbed


class Store:
    """`key` says what may not differ between runs of one file: the program, the machine, the settings."""

    def __init__(self, path, key, about):
        self.path = Path(path)
        self.data = {"key": key, "about": about, "skipped": {}, "measurements": []}

    @classmethod
    def read(cls, path):
        """What the file holds, or None where there is none."""
        if not Path(path).exists():
            return None
        store = cls(path, None, None)
        store.data = json.loads(store.path.read_text(encoding="utf-8"))
        return store

    def write(self):
        """The file has the old or the new contents at any time, and the owner of its folder."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        owner = self.path.parent.stat()
        os.chown(new, owner.st_uid, owner.st_gid)
        new.rename(self.path)

    def add(self, measurement):
        self.data["measurements"].append(measurement)
        self.write()

    def of(self, case, contender, round_number=None):
        return [one for one in self.data["measurements"] if one["case"] == case and one["contender"] == contender
                and round_number in (None, one["round"])]

    def done(self, case, contender, round_number):
        """Whether nothing is left to try for this measurement of a case."""
        tries = self.of(case.name, contender, round_number)
        return len(tries) >= (1 if case.once else ATTEMPTS) or any("error" in one or not disturbed(one) for one in tries)

    def forget_failures(self):
        """What failed is tried again."""
        self.data["measurements"] = [one for one in self.data["measurements"] if "error" not in one]

    def took(self, case):
        """Median seconds of its measurements so far, or None."""
        times = [one["took"] for one in self.data["measurements"] if one["case"] == case and "error" not in one]
        return statistics.median(times) if times else None


def disturbed(measurement):
    return measurement.get("foreign", 0) > MAX_FOREIGN


class Summary:
    """One contender in one case: of each round the attempt that others disturbed least."""

    def __init__(self, store, case, contender):
        tries = store.of(case, contender)
        rounds = {}
        for one in tries:
            if "error" not in one:
                best = rounds.setdefault(one["round"], one)
                rounds[one["round"]] = min(best, one, key=lambda each: each.get("foreign", 0))
        self.kept = list(rounds.values())
        self.count = len(self.kept)
        self.disturbed = sum(disturbed(one) for one in self.kept)
        self.errors = [one["error"] for one in tries if "error" in one]
        values = [one["value"] for one in self.kept]
        self.median = statistics.median(values) if values else None
        self.least, self.most = (min(values), max(values)) if values else (None, None)

    def median_of(self, key):
        """Median of something else that the measurements hold, or None."""
        values = [one[key] for one in self.kept if one.get(key) is not None]
        return statistics.median(values) if values else None
