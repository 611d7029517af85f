"""Periods in the spellings that people use, in the order of time."""

from __future__ import annotations

import datetime as dt

import pytest

from revops_xl.errors import Problem
from revops_xl.tables.commits.commits import HISTORY
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.periods import Periods, key, read_periods
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable


def read(*cells: object) -> Periods:
    problems: list[Problem] = []
    raw = RawTable("CommitHistory", "Commits", ("Period",), (list(cells),), range(5, 5 + len(cells)))
    return read_periods(TypedTable(raw, HISTORY, NumberLocale(), problems), "Period")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q1 2026", ("Q", 2026, 1)), ("q1-26", ("Q", 2026, 1)), ("2026Q1", ("Q", 2026, 1)), ("FY26 Q1", ("Q", 2026, 1)),
        ("Q1 FY2026", ("Q", 2026, 1)), ("2026-03", ("M", 2026, 3)), ("03/2026", ("M", 2026, 3)), ("March 2026", ("M", 2026, 3)),
        ("Mar-26", ("M", 2026, 3)), ("H2 2026", ("H", 2026, 2)), ("2026", ("Y", 2026, 1)), ("FY27", ("Y", 2027, 1)),
        ("2026-W07", ("W", 2026, 7)), ("Q5 2026", None), ("2026-13", None), ("soon", None), ("P3", None),
    ],
)  # fmt: skip
def test_spellings(text: str, expected: tuple[str, int, int] | None) -> None:
    assert key(text) == expected


def test_the_oldest_comes_first() -> None:
    found = read("Q1 2026", "Q4 2025", "Q10 2025", None)
    assert not found.dated
    found = read("Q1 2026", "Q4 2025", "Q2 2026", None)
    assert (found.names, found.index) == (("Q4 2025", "Q1 2026", "Q2 2026"), (1, 0, 2, -1))
    assert [b - a for a, b in zip(found.times, found.times[1:], strict=False)] == [1, 1]


def test_a_date_is_its_month() -> None:
    found = read(dt.date(2026, 3, 1), "Feb 2026", dt.datetime(2026, 4, 1))  # noqa: DTZ001
    assert found.names == ("Feb 2026", "2026-03", "2026-04")


def test_other_texts_keep_the_order_of_their_numbers() -> None:
    found = read("P10", "P9", "P1")
    assert (found.names, found.dated) == (("P1", "P9", "P10"), False)


def test_months_beside_quarters_are_in_order() -> None:
    assert read("Q2 2026", "Jan 2026", "2025", "Dec 2026").names == ("2025", "Jan 2026", "Q2 2026", "Dec 2026")
