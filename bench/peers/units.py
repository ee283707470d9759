"""The table of bench/peers over made-up results: its ratios, its verdicts, and what it must not leave out."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from bench.peers import table
from bench.peers.tasks import NOTES, TASKS, TWO_CALLS, Task
from bench.table import Results


def results(**printed: str) -> Results:
    """Of programs that printed this."""
    with tempfile.TemporaryDirectory() as folder:
        for source, lines in printed.items():
            Path(folder, source).write_text(lines, encoding="utf-8")
        return Results(folder)


def line(name: str, ns: float) -> str:
    return f"Benchmark{name}\t10\t{ns:.1f} ns/op\n"


OFFER = Task("offer", "Offer", "ac", 0.7, 100)


class Table(unittest.TestCase):
    def test_a_figure_is_per_device_and_the_median_of_the_rounds(self) -> None:
        found = results(ours="".join(line("Offer", ns) for ns in (1e5, 9e5, 2e5)))
        self.assertEqual(table.row(found, OFFER).cells()[1], "2")

    def test_a_ratio_is_that_of_each_round(self) -> None:
        """A busy minute falls on both programs of a round. The ratio of the medians would be 0.5."""
        found = results(
            ours=line("Offer", 100) + line("Offer", 1000) + line("Offer", 300),
            rust=line("Offer", 100) + line("Offer", 1000) + line("Offer", 600),
        )
        self.assertEqual(table.row(found, OFFER).cells()[4], "1")

    def test_the_worse_ratio_decides(self) -> None:
        ours, slow, fast = line("Offer", 100), line("Offer", 200), line("Offer", 125)
        self.assertEqual(table.row(results(ours=ours, rust=slow, lto=slow), OFFER).met, "✓")
        self.assertEqual(table.row(results(ours=ours, rust=slow, lto=fast), OFFER).met, "✗")
        self.assertEqual(table.row(results(ours=ours), OFFER).met, "")

    def test_a_row_can_name_another_benchmark_of_theirs(self) -> None:
        found = results(ours=line("Offer", 100), rust=line("Offer", 200) + line("Offer/unsynced", 50))
        unsynced = Task("not synced", "Offer", "d", theirs="Offer/unsynced")
        self.assertEqual([table.row(found, task).cells()[4] for task in (OFFER, unsynced)], ["0.5", "2"])

    def test_two_calls_are_faster_at_once_or_they_miss_the_aim(self) -> None:
        _, one, two = TWO_CALLS
        self.assertEqual(table.two_calls(results(ours=line(one, 300) + line(two, 150))).met, "✓")
        self.assertEqual(table.two_calls(results(ours=line(one, 300) + line(two, 290))).met, "✗")

    def test_what_was_not_measured_is_named(self) -> None:
        everything = "".join(line(task.theirs or task.name, 1) + line(task.name, 1) for task in TASKS)
        everything += "".join(line(name, 1) for name in TWO_CALLS[1:])
        self.assertEqual(table.unmeasured(results(ours=everything, rust=everything), "ours", "rust"), [])
        without = everything.replace("BenchmarkOfferParse", "BenchmarkOther")
        self.assertEqual(table.unmeasured(results(ours=without, rust=everything), "ours", "rust"), ["ours: OfferParse"])

    def test_both_forms_have_every_row_and_every_note(self) -> None:
        empty = results()
        for printed in (table.text(empty, []), table.page(empty)):
            for text in (*(task.label for task in TASKS), TWO_CALLS[0], *NOTES.values()):
                self.assertIn(text, printed)

    def test_every_letter_has_a_note(self) -> None:
        letters = {letter for row in table.rows(results()) for letter in row.notes}
        self.assertEqual(letters, NOTES.keys())


if __name__ == "__main__":
    unittest.main()
