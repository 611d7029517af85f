"""How whole columns are read: the worked decisions, and plain-loop oracles over random columns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl.tables.evidence.currencies import in_format, is_currency_of, parted
from revops_xl.tables.evidence.header_names import meant_by
from revops_xl.tables.evidence.labels import labels_once
from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.evidence.percents import percents
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.evidence.text_dates import text_dates
from revops_xl.tables.evidence.totals import odd_rows
from revops_xl.tables.schema.number_text import read_number

Row = tuple[str, str, float, float | None]


# --- separators --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "locale", "decimal"),
    [
        (["12.500", "1.200"], ".", ""),
        (["12.500", "1.200"], ",", ","),
        (["1,200", "950"], ".", "."),
        (["1,200", "950"], ",", ""),
        (["12.500", "7.25"], ",", "."),
        (["0.125"], ",", "."),
        (["1.234,5", "12.500"], ".", ","),
        (["1.234.567"], ".", ","),
        (["1234,567"], ".", ","),
        (["1.234,5", "1,234.5"], ".", ""),
        (["100", "2000"], ",", ","),
    ],
)
def test_one_way_of_writing_for_a_whole_column(texts: list[str], locale: str, decimal: str) -> None:
    assert separators(texts, locale).decimal == decimal


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=12), st.sampled_from(",."))
def test_what_one_locale_writes_is_read_back_or_refused(cents: list[int], decimal: str) -> None:
    """Cents written by a plain rule are read as the same cents in either locale, or refused; never as others."""
    group = "." if decimal == "," else ","
    texts = [
        f"{cent // 100:,}".replace(",", group) + (f"{decimal}{cent % 100:02}" if cent % 100 else "") for cent in cents
    ]
    for locale in ",.":
        how = separators(texts, locale)
        if how.decimal:
            read = [read_number(text, how.decimal) for text in texts]
            values = [None if each is None else round(each.value * 100) for each in read]
            settled = any(decimal in text for text in texts) or any(text.count(group) > 1 for text in texts)
            assert values == cents or (not settled and locale == decimal)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("(1.234,5)", ",", -1234.5), ("500-", ".", -500), ("1'234.50", ".", 1234.5), ("1 234,5", ",", 1234.5),
        ("12,5 %", ",", 0.125), ("12,34,567.5", ".", 1234567.5), ("-5", ",", -5), ("12.5K", ".", None), ("1e5", ".", None),
        ("1 2", ".", None), ("--5", ".", None), ("(-5)", ".", None), ("", ".", None), ("12345678901234567", ".", None),
    ],
)  # fmt: skip
def test_a_number_as_people_write_it(text: str, decimal: str, value: float | None) -> None:
    read = read_number(text, decimal)
    assert (read.value if read is not None else None) == value


# --- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "order", "first"),
    [
        (["01/02/2026", "15/03/2026"], "day first", dt.date(2026, 2, 1)),
        (["01/02/2026", "03/15/2026"], "month first", dt.date(2026, 1, 2)),
        (["01/02/2026", "03/04/2026"], "", None),
        (["1.2.2026"], "day first", dt.date(2026, 2, 1)),
        (["1.2.2026", "3.13.2026"], "month first", dt.date(2026, 1, 2)),
        (["13/01/2026", "01/13/2026"], "", None),
        (["2026-03-01T10:00:00Z"], "", dt.date(2026, 3, 1)),
        (["12. März 2026"], "", dt.date(2026, 3, 12)),
        (["Mar 3, 2026"], "", dt.date(2026, 3, 3)),
        (["3 de enero de 2026"], "", dt.date(2026, 1, 3)),
        (["7/7/2026"], "", dt.date(2026, 7, 7)),
        (["20260304"], "", dt.date(2026, 3, 4)),
        (["31/02/2026"], "day first", None),
    ],
)
def test_dates_by_the_whole_column(texts: list[str], order: str, first: dt.date | None) -> None:
    how = text_dates(texts)
    assert (how.order, how.days.get(0)) == (order, first)


@given(st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)), min_size=1, max_size=10), st.booleans())
def test_dates_are_read_back_or_left_open(days: list[dt.date], day_first: bool) -> None:  # noqa: FBT001
    texts = [f"{d:%d/%m/%Y}" if day_first else f"{d:%m/%d/%Y}" for d in days]
    how = text_dates(texts)
    if how.order:
        assert [how.days.get(i) for i in range(len(days))] == days
    else:
        assert all(day.day <= 12 for day in days)


# --- percentages, currencies, names, headers -----------------------------------------------------------------------


def test_percentages_are_read_in_one_way() -> None:
    assert percents([50, 80, 1], [False] * 3).divisor == 100
    assert percents([0.5, 1.0], [False] * 2).divisor == 1
    assert percents([0.5, 80], [False] * 2).divisor == 0
    assert percents([0.4, 80], [True, False]).divisor == 100  # the text 40 % says itself what it is


def test_currencies_beside_amounts_and_in_formats() -> None:
    assert [parted(text)[1] for text in ("JPY 10,000", "10.000 €", "$5", "R$ 5", "5 kr", "ABC 5", "5")] == ["JPY", "€", "$", "R$", "kr", "", ""]  # fmt: skip
    assert is_currency_of("$", "CAD")
    assert not is_currency_of("€", "USD")
    assert [in_format(code) for code in ("[$¥-411]#,##0", '#,##0.00 "€"', "#,##0.00", '0.0"×"', "[$-409]mmm")] == ["¥", "€", "", "", ""]  # fmt: skip


def test_names_without_what_nobody_sees() -> None:
    texts = (" EMEA ", "Ann\u00a0Lee", "\u200bX\u2060", "\u00a0\u200b", "plain", "a  b")
    assert [tidy_name(text) for text in texts] == ["EMEA", "Ann Lee", "X", "", "plain", "a  b"]


def test_headers_of_other_programs() -> None:
    salesforce = ["Opportunity ID", "Opportunity Owner", "Account Name", "Stage", "Amount", "Probability (%)", "Created Date", "Close Date"]  # fmt: skip
    ours = ["Deal ID", "Rep", "Account ID", "Rep probability", "Created", "Close date"]
    assert [meant_by("Deals", each, salesforce) for each in ours] == [salesforce[i] for i in (0, 1, 2, 5, 6, 7)]
    assert meant_by("Deals", "Status", salesforce) == ""
    assert meant_by("Commits", "Manager", ["MANAGER ", "x"]) == "MANAGER "


# --- rows that are not rows ----------------------------------------------------------------------------------------


def verdicts(rows: list[Row], key: str = "") -> list[tuple[int, str]]:
    texts = {"Manager": [row[0] or None for row in rows], "IC": [row[1] or None for row in rows]}
    numbers = {
        name: np.array([np.nan if row[i] is None else row[i] for row in rows], dtype=np.float64)
        for i, name in ((2, "H1"), (3, "H2"))
    }
    return [(odd.row, str(odd.verdict)) for odd in odd_rows(texts, numbers, key)]


ANN, BOB = ("Mia", "Ann", 100.0, 50.0), ("Mia", "Bob", 40.0, 60.0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [ANN, BOB, ("Mia Total", "", 140, 110), ("Otto", "Cy", 30, 20), ("Otto", "Dee", 20, 10), ("Otto Total", "", 50, 30), ("Grand Total", "", 190, 140)],
            [(2, "total"), (5, "total"), (6, "total")],
        ),
        ([ANN, BOB, ("Mia", "Mia Stone Total", 140, 110)], [(2, "total")]),
        ([ANN, BOB, ("Mia", "Total", 141, 110)], [(2, "name only")]),
        ([ANN, BOB, ("Mia", "Cy", 140, 110)], [(2, "sum only")]),
        ([("Mia", "Ann", 100, None), ("Mia", "Bob", 40, None), ("Mia", "Cy", 140, None)], []),
        ([ANN, ("Mia", "Totaler", 7, 5), ("Total Dynamics", "Bob", 40, 60), ("Mia", "Sum Yi", 3, 4)], []),
        ([ANN, BOB, ("", "Mia Total", 999, 1)], [(2, "name only")]),
        ([ANN, BOB, ("", "Zwischensumme", 140, 110), ("Otto", "Cy", 5, 5), ("", "Zwischensumme", 5, 5)], [(2, "total"), (4, "total")]),
        ([ANN, BOB, ("Manager", "IC", None, None), ("Mia", "Cy", 1, 2)], [(2, "header")]),
        ([ANN, BOB, ("Copyright © 2026", "", None, None)], [(2, "footer")]),
        ([("Total", "Ann", 100, 50), ("Total", "Bob", 40, 60), ("Total", "Cy", 7, 8)], []),
    ],
)  # fmt: skip
def test_rows_that_are_not_rows(rows: list[Row], expected: list[tuple[int, str]]) -> None:
    assert verdicts(rows) == expected


def test_an_account_called_total_has_an_id() -> None:
    rows: list[Row] = [("D1", "Alpha", 10, None), ("D2", "Beta", 20, None), ("D3", "Total", 30, None), ("", "Total", 60, None)]  # fmt: skip
    assert verdicts(rows, key="Manager") == [(3, "total")]


# --- labels that stand once ----------------------------------------------------------------------------------------

LEVELS = ("Company", "Region", "Manager", "IC")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["Acme NA Mia Ann", "Acme - - Bob", "Acme EMEA Otto Cy", "Acme - - Dee"], ["written", "two readings", "two readings"]),
        (["Acme NA Mia Ann", "- - - Bob", "- EMEA Otto Cy", "- - - Dee"], ["once", "once", "once"]),
        (["Acme NA Mia Ann", "Acme NA - Bob", "Acme EMEA Otto Cy", "Acme EMEA - Dee"], ["written", "written", "two readings"]),
        (["Acme NA Mia Ann", "Acme NA Mia Al", "Acme NA - Bob", "Acme EMEA Otto Cy"], ["written", "written", "jagged"]),
        (["- NA Mia Ann", "Acme NA Mia Bob"], ["no first label", "written", "written"]),
    ],
)  # fmt: skip
def test_labels_once_or_a_level_that_is_skipped(rows: list[str], expected: list[str]) -> None:
    cells = [[None if cell == "-" else cell for cell in row.split(" ")] for row in rows]
    columns = {level: [row[i] for row in cells] for i, level in enumerate(LEVELS)}
    found = labels_once(columns)
    assert [str(verdict) for verdict in found.verdicts.values()] == expected
    if expected == ["once"] * 3:
        assert [tuple(column[i] for column in found.columns.values()) for i in (1, 3)] == [("Acme", "NA", "Mia", "Bob"), ("Acme", "EMEA", "Otto", "Dee")]  # fmt: skip
    assert "two readings" not in map(str, labels_once(columns, fill=False).verdicts.values())
    assert "two readings" not in map(str, labels_once(columns, fill=True).verdicts.values())
