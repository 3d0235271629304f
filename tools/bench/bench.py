#!/usr/bin/env python3
"""./dev bench: ikev2d beside wireguard-go, strongSwan's userspace ESP and a bare cable, on this machine and in one run.

Every case measures its contenders in turns (A B C A B C …), so that whatever the machine does meets all of them. Each
measurement goes into build/bench.json at once; a run that was cut off goes on from there. Nothing passes or fails by time:
the exit status is 1 only where something did not run, or octets arrived that were not sent."""

import argparse
import signal
import sys
from pathlib import Path

import machine
import report
from bed import BUILD, Failure, sweep
from cases import CASES
from cases.base import Settings
from contenders import CONTENDERS
from runner import Runner, seconds_of
from store import Store

FULL = Settings(seconds=8, warm_up=2, pings=1000, probe=2)
QUICK = Settings(seconds=2, warm_up=1, pings=200, probe=0.7)
FULL_ROUNDS, QUICK_ROUNDS = 5, 2


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="the most important cases, short: under 15 minutes")
    parser.add_argument("--case", action="append", metavar="NAME", help="only this case (may be given again; --list shows them)")
    parser.add_argument("--contender", action="append", metavar="NAME", help="only this contender (may be given again)")
    parser.add_argument("--repeat", type=int, metavar="N", help=f"rounds ({FULL_ROUNDS}; {QUICK_ROUNDS} with --quick)")
    parser.add_argument("--seconds", type=float, metavar="S", help=f"of a measurement ({FULL.seconds:g}; {QUICK.seconds:g} with --quick)")
    parser.add_argument("--fresh", action="store_true", help="begin anew, whatever build/bench.json holds")
    parser.add_argument("--list", action="store_true", help="the cases and contenders, and nothing else")
    parser.add_argument("--report", action="store_true", help="the table of what build/bench.json holds, and nothing else")
    parser.add_argument("--page", action="store_true", help="with --report: write docs/benchmarks.md and its chart, too")
    asked = parser.parse_args()
    for name, known in (("case", CASES), ("contender", CONTENDERS)):
        for one in getattr(asked, name) or ():
            if one not in known:
                parser.error(f"there is no {name} '{one}' (--list shows them)")
    return asked


def settings(asked):
    chosen = Settings(**vars(QUICK if asked.quick else FULL))
    if asked.seconds:
        chosen.warm_up = min(chosen.warm_up, max(1, int(asked.seconds)))
        chosen.probe = min(chosen.probe, asked.seconds)
        chosen.pings = min(chosen.pings, int(100 * asked.seconds))
        chosen.seconds = asked.seconds
    return chosen


def wanted(asked):
    """The cases of this run, in order."""
    cases = [case.shortened() if asked.quick else case for case in CASES.values() if case.available()]
    if asked.case:
        return [case for case in cases if case.name in asked.case]
    return [case for case in cases if case.quick or not asked.quick]


def show_list(asked):
    rounds = asked.repeat or (QUICK_ROUNDS if asked.quick else FULL_ROUNDS)
    total = 0
    for case in wanted(asked):
        seconds = seconds_of(case, settings(asked)) * len(case.contenders) * (1 if case.once else rounds)
        total += seconds
        print(f"{case.name:18} {case.title}\n{'':18} {seconds / 60:.1f} minutes: {', '.join(case.contenders)}")
    print(f"{total / 60:.0f} minutes in all")


def open_store(asked):
    """The run so far, if it is of the same program, machine and settings; otherwise a new one."""
    path = BUILD / "bench.json"
    about = machine.about()
    key = {"program": machine.binary(), "processor": about["processor"], "settings": vars(settings(asked))}
    store = None if asked.fresh else Store.read(path)
    if store is None:
        return Store(path, key, about)
    differs = [name for name in key if store.data["key"][name] != key[name]]
    if differs:
        sys.exit(f"bench: {path} holds results of another {' and '.join(differs)}; they are not mixed. --fresh begins anew")
    store.forget_failures()
    if store.data["measurements"]:
        print(f"{path} holds {len(store.data['measurements'])} measurements of {store.data['about']['date']}; going on from there "
              "(--fresh begins anew)")
    return store


def stop(*_):
    raise KeyboardInterrupt


def main():
    asked = arguments()
    if asked.list:
        show_list(asked)
        return 0
    if asked.report:
        store = Store.read(BUILD / "bench.json") or sys.exit("bench: nothing was measured yet")
        report.show(store)
        if asked.page:
            report.page(store)
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    sweep()
    store = open_store(asked)
    rounds = asked.repeat or (QUICK_ROUNDS if asked.quick else FULL_ROUNDS)
    runner = Runner(store, settings(asked), wanted(asked), rounds, asked.contender)
    try:
        runner.run()
    except KeyboardInterrupt:
        print("\ncut off; the same command goes on from here", file=sys.stderr)
        return 130
    finally:
        runner.close()
    report.show(store)
    report.chart(store, Path(BUILD / "bench.svg"))
    return 1 if runner.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
