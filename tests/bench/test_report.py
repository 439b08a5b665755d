"""Lines, the table, and the file with a part for each size."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.cluster import quarters
from bench.plan import SIZES
from bench.report import Row, figure, section, table, write


def test_less_is_better_and_the_floor_is_below() -> None:
    cells = Row("a", "ms", c=0.02, ours=0.005, floor=0.002).cells()
    assert cells == ("a", "ms", "20.0", "5.00", "4.00", "2.00", "2.50")


def test_where_more_is_better_the_floor_is_above() -> None:
    assert Row("a", "1/s", c=1000, ours=3000, floor=6000, more=True).cells()[4:] == ("3.00", "6,000", "2.00")


def test_what_is_not_known_has_no_ratio() -> None:
    assert Row("a", "MiB", ours=3 << 20).cells() == ("a", "MiB", "-", "3.00", "-", "-", "-")
    assert Row("a", "MiB", c=5 << 20, ours=-1 << 20).cells()[2:5] == ("5.00", "-1.00", "-")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.000234, "0.000234"), (1.5, "1.50"), (99.96, "100.0"), (1234567, "1,234,567"), (None, "-")],
)
def test_figures_have_three_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_the_table_is_aligned() -> None:
    lines = table([Row("short", "s", 1, 2), Row("a longer title", "times", 1000, 2, more=True)]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].count("---:") == 5


def test_a_run_replaces_its_own_part_alone(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "benchmarks.md"
    small, full = SIZES["small"], SIZES["full"]
    for plan, seconds in ((small, 1), (full, 2), (replace(small, jobs=7), 3)):
        write(path, section(plan, [Row("a", "s", seconds, seconds)], "22.05.8"))
    text = path.read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Benchmarks",
        "## The full run: 10,000 nodes, 50,000 jobs",
        "## The small run: 1,000 nodes, 7 jobs",
    ]
    assert [line.split("|")[3].strip() for line in text.splitlines() if line.startswith("| a ")] == ["2.00", "3.00"]


def test_quarters_leave_no_node_out() -> None:
    for count in (4, 50, 1001):
        numbers = [number for low, high in quarters(count) for number in range(low, high + 1)]
        assert numbers == list(range(1, count + 1))
