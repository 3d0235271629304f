#!/usr/bin/env python3
"""The arithmetic of the benchmark, without a benchmark: the search for a rate, what is kept of several attempts, the plan
of a run that goes on, and that tables and chart can be made of it. Exit status 0 where all is as it should be."""

import tempfile
import unittest
from pathlib import Path

from cases import CASES
from cases.udp import search
from chart import svg
from contenders import CONTENDERS
from report import CaseTable, markdown
from store import Store, Summary


def tunnel(capacity, sender=9e6):
    """Loses what is above its capacity; the sender reaches no more than `sender`."""
    def try_rate(rate):
        reached = min(rate, sender)
        return {"rate": reached, "lost": max(0, reached - capacity) / reached}
    return try_rate


class Search(unittest.TestCase):
    def test_the_highest_rate_is_found_within_4_per_cent(self):
        for capacity in (3e3, 59e3, 61e3, 500e3, 3.9e6):
            found = search(tunnel(capacity))["rate"]
            self.assertLessEqual(found, capacity * 1.002)
            self.assertGreater(found, capacity / 1.05)

    def test_a_tunnel_that_carries_nothing_has_rate_0(self):
        self.assertEqual(search(tunnel(0))["rate"], 0)

    def test_a_sender_without_time_for_more_ends_the_search(self):
        self.assertEqual(search(tunnel(5e6, sender=200e3))["rate"], 200e3)

    def test_a_single_loss_is_tried_again(self):
        calls = []

        def try_rate(rate):
            calls.append(rate)
            return {"rate": rate, "lost": 0.5 if len(calls) == 1 or rate > 100e3 else 0}
        self.assertGreater(search(try_rate)["rate"], 95e3)


class Kept(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "bench.json"
        self.store = Store(self.path, {}, {"date": "", "commit": "", "processor": "", "processors": 2, "memory_mib": 1, "kernel": "",
                                           "system": "", "iperf3": "", "versions": {}})
        self.case = CASES["tcp1"]

    def add(self, number, value, foreign=0.0, **more):
        self.store.add({"case": "tcp1", "contender": "ikev2d", "round": number, "value": value, "foreign": foreign, "took": 1, **more})

    def test_the_attempt_that_was_disturbed_least_counts(self):
        self.add(1, 3, 0.4)
        self.assertFalse(self.store.done(self.case, "ikev2d", 1))
        self.add(1, 9, 0.2)
        self.add(1, 5, 0.3)
        self.assertTrue(self.store.done(self.case, "ikev2d", 1))
        summary = Summary(self.store, "tcp1", "ikev2d")
        self.assertEqual((summary.median, summary.count, summary.disturbed), (9, 1, 1))

    def test_a_file_that_was_read_again_knows_what_is_done(self):
        self.add(1, 3)
        store = Store.read(self.path)
        self.assertTrue(store.done(self.case, "ikev2d", 1))
        self.assertFalse(store.done(self.case, "ikev2d", 2))

    def test_failures_are_tried_again_by_the_next_run(self):
        self.store.add({"case": "tcp1", "contender": "ikev2d", "round": 1, "error": "x", "took": 1})
        self.assertTrue(self.store.done(self.case, "ikev2d", 1))
        self.store.forget_failures()
        self.assertFalse(self.store.done(self.case, "ikev2d", 1))

    def test_tables_and_chart(self):
        for number, value in enumerate((10, 12, 11)):
            self.add(number, value, cpu_s_per_gb=0.5)
            self.store.add({"case": "tcp1", "contender": "wireguard-go", "round": number, "value": 2.75, "took": 1, "cpu_s_per_gb": 4})
        table = CaseTable(self.store, self.case)
        self.assertEqual(table.table()[1], ["ikev2d", "11", "10 - 12", "4x", "0.50", "3"])
        self.assertIn("| ikev2d | 11 | 10 - 12 | 4x | 0.50 | 3 |", markdown(self.store))
        self.assertIn("<rect", svg([table]))


    def test_processor_time_has_ratios_where_a_case_wants_them(self):
        for contender, value, cost in (("ikev2d-responder-psk", 3000, 0.2), ("strongswan-responder-psk", 1000, 0.5)):
            self.store.add({"case": "handshakes-psk", "contender": contender, "round": 1, "value": value, "took": 1, "cpu_s_per_1000": cost})
        table = CaseTable(self.store, CASES["handshakes-psk"]).table()
        self.assertEqual(table[0][1:], ["1/s", "least - most", "x strongSwan", "s/1000", "x strongSwan", "n"])
        self.assertEqual(table[1][1:], ["3000", "3000 - 3000", "3x", "0.20", "0.40x", "1"])
        self.assertEqual(table[2][1:], ["1000", "1000 - 1000", "", "0.50", "", "1"])


class Names(unittest.TestCase):
    def test_quick_leaves_out_the_slow_contenders_of_a_case(self):
        self.assertNotIn("ikev2d-sas-10000", CASES["many-sas"].shortened().contenders)
        self.assertEqual(len(CASES["many-sas"].contenders), len(CASES["many-sas"].shortened().contenders) + 1)

    def test_every_contender_of_a_case_exists(self):
        for case in CASES.values():
            self.assertLessEqual(set(case.contenders), set(CONTENDERS), case.name)
            self.assertLessEqual(set(case.slow), set(case.contenders), case.name)


if __name__ == "__main__":
    unittest.main()
