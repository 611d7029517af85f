"""What exports of others taught: dates half converted, statuses that stages contradict, names that repeat, downsells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from revops_xl.errors import Problem
from revops_xl.tables.evidence.outcomes import outcome_of
from revops_xl.tables.evidence.totals import Verdict, odd_rows
from revops_xl.tables.forecast import deals as deal_tables
from revops_xl.tables.schema.number_text import NumberLocale, read_number
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable


def _typed(rows: list[dict[str, Any]], problems: list[Problem]) -> TypedTable:
    headers = tuple(rows[0])
    raw = RawTable(
        "Deals", "Deals", headers, tuple([row[h] for row in rows] for h in headers), range(5, 5 + len(rows)), 0
    )
    return TypedTable(raw, deal_tables.DEALS, NumberLocale(), problems)


def _deal(number: int, **cells: Any) -> dict[str, Any]:
    return {
        "Deal ID": f"D{number}", "Account ID": f"A{number}", "Rep": "Kim", "Stage": "Proposal", "Status": "Open", "Amount": 100.0,
        "Rep probability": 0.5, "Created": dt.date(2026, 1, 5), "Close date": dt.date(2026, 12, 1),
    } | cells  # fmt: skip


def test_dates_that_a_spreadsheet_swapped_are_refused() -> None:
    problems: list[Problem] = []
    given = [dt.date(2026, 8, 6), "28/06/26", dt.date(2026, 9, 5), "30/05/26"]
    _typed([_deal(i, **{"Close date": each}) for i, each in enumerate(given)], problems).dates("Close date")
    assert [problem.cell for problem in problems] == ["I5, I7"]
    assert "swapped" in problems[0].message
    assert "as text" in problems[0].fix


@pytest.mark.parametrize("natural", [dt.date(2026, 8, 16), "05/06/26"])
def test_other_dates_beside_texts_are_read(natural: object) -> None:
    """A day above 12, or a text that the spreadsheet could have read and did not, shows that nothing was swapped."""
    problems: list[Problem] = []
    given = [dt.date(2026, 8, 6), "28/06/26", dt.date(2026, 9, 5), natural]
    days = _typed([_deal(i, **{"Close date": each}) for i, each in enumerate(given)], problems).dates("Close date")
    assert not problems
    assert days[:3] == [dt.date(2026, 8, 6), dt.date(2026, 6, 28), dt.date(2026, 9, 5)]


def test_a_status_against_the_stage_or_a_flag_is_refused() -> None:
    problems: list[Problem] = []
    rows = [
        _deal(1, Stage="Closed Won", IsWon=True),
        _deal(2, IsWon=False),
        _deal(3, Stage="6 - Closed Lost", IsWon=False),
    ]
    deal_tables.parse(_typed(rows, problems), None, None)
    assert {(problem.cell, problem.message) for problem in problems} == {
        ("E5", 'Status is Open, but Stage is "Closed Won"'),
        ("E7", 'Status is Open, but Stage is "6 - Closed Lost"'),
        ("E5", 'Status is Open, but IsWon is "TRUE"'),
    }


def test_each_unknown_status_is_told_once_with_what_to_write() -> None:
    problems: list[Problem] = []
    words = ["Delivered", "Delivered", "Cerrado ganado", "Dead"]
    _typed([_deal(i, Status=word) for i, word in enumerate(words)], problems).choices("Status")
    assert [(problem.cell, problem.fix) for problem in problems] == [
        ("E5, E6", "Write Open, Won, Lost: whichever it means."), ("E7", "Write Won."), ("E8", "Write Lost."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("Closed - Won", "Won"), ("Won - Renewal", "Won"), ("Loss", "Lost"), ("Cerrado perdido", "Lost"), ("Ganho", "Won"),
     ("On Hold", "Open"), ("En cours", "Open"), ("失注", "Lost"), ("Wonder Inc", ""), ("Closed", "")],
)  # fmt: skip
def test_words_for_outcomes(text: str, outcome: str) -> None:
    assert outcome_of(text) == outcome


def test_names_that_repeat_are_no_ids() -> None:
    problems: list[Problem] = []
    rows = [{"Deal Name": "Sakura", "Status": "Open", "Owner Name": "Kim"}] * 2
    _typed(rows, problems).check_headers()
    fixes = [problem.fix for problem in problems]
    assert not any('Rename "Deal Name"' in fix for fix in fixes)
    assert fixes[0].startswith('Add a column "Deal ID"')
    assert '"Deal Name"' in fixes[0]  # what is there to be renamed


def test_two_rows_of_an_id_get_the_advice_that_loses_nothing() -> None:
    problems: list[Problem] = []
    rows = [_deal(1), _deal(1), _deal(2), _deal(2, Amount=50.0), _deal(3), _deal(3, **{"Account ID": "B"})]
    deal_tables.parse(_typed(rows, problems), None, None)
    assert [problem.fix.split()[0] for problem in problems] == ["Delete", "If", "Give"]
    assert "the sum of the amounts" in problems[1].fix


def test_downsells_and_impossible_dates_are_read_and_told() -> None:
    problems: list[Problem] = []
    backwards = dt.date(2025, 12, 1)
    rows = [_deal(1, Amount=-40.0), _deal(2, **{"Close date": backwards}), _deal(3), _deal(4)]
    rows.append(_deal(5, Status="Lost", **{"Close date": backwards}))
    found = deal_tables.parse(_typed(rows, problems), None, None)
    assert not problems
    assert (found.odd.downsells, found.odd.downsells_amount) == (("F5",), -40.0)
    assert (found.odd.backwards, found.odd.backwards_amount) == (("I6", "I9"), 200.0)
    assert found.deals.close[1] != found.deals.close[1]  # the open deal is expected as others of its age
    assert found.deals.created[4] != found.deals.created[4]  # the lost one teaches no cycle


def test_most_deals_backwards_is_another_column() -> None:
    problems: list[Problem] = []
    rows = [_deal(i, **{"Close date": dt.date(2025, 12, 1)}) for i in range(6)] + [_deal(7)]
    deal_tables.parse(_typed(rows, problems), None, None)
    assert ["swapped" in problem.fix for problem in problems] == [True]


def test_a_row_without_any_text_that_adds_up_is_a_total() -> None:
    import numpy as np

    found = odd_rows(
        {"Rep": ["A", "B", "C", None]},
        {"x": np.array([100.0, 200.0, 400.0, 700.0]), "y": np.array([5.0, 1.0, 1.0, 7.0])},
    )
    assert [(odd.row, odd.verdict) for odd in found] == [(3, Verdict.TOTAL)]


@pytest.mark.parametrize("text", ["2060909.9999999998", "7832265.523200001"])
def test_decimals_that_programs_write_are_read(text: str) -> None:
    read = read_number(text, ".")
    assert read is not None
    assert read.value == pytest.approx(float(text), abs=1e-6)
    assert read_number("1234567890123456", ".") is None


def test_a_column_called_currency_that_holds_none_says_nothing() -> None:
    import pandas as pd

    import revops_xl

    rows = [
        {
            **_deal(i, Status="Won" if i % 2 else "Lost", **{"Close date": dt.date(2026, 2, 1)}),
            "currency": "Sin_Factura",
        }
        for i in range(12)
    ]
    assert "DealModel" in repr(revops_xl.fit_deals(pd.DataFrame(rows)))


@pytest.mark.parametrize(
    ("rows", "verdicts"),
    [
        # totals above their rows, under any name
        ([("Lena", 700.0), ("A", 300.0), ("B", 250.0), ("C", 150.0)], {0: Verdict.SUM_ONLY}),
        ([("All", 700.0), ("A", 300.0), ("B", 250.0), ("C", 150.0)], {0: Verdict.TOTAL}),
        # every block has its own
        (
            [("A", 300.0), ("B", 250.0), ("C", 150.0), ("NA", 700.0), ("D", 110.0), ("E", 120.0), ("F", 130.0), ("EU", 360.0)],
            {3: Verdict.SUM_ONLY, 7: Verdict.SUM_ONLY},
        ),
        ([("A", 300.0), ("B", 250.0), ("C", 150.0), ("*** Total ***", 700.0)], {3: Verdict.TOTAL}),
        ([("A", 300.0), ("B", 251.0), ("C", 150.0), ("Team average", 233.7)], {3: Verdict.NAME_ONLY}),
        # a first name, unless the numbers say otherwise
        ([("A", 300.0), ("B", 250.0), ("Max", 150.0), ("C", 125.0)], {}),
        ([("A", 300.0), ("B", 250.0), ("C", 150.0), ("Max", 300.0)], {3: Verdict.NAME_ONLY}),
        # small numbers add up by chance
        ([("A", 1.0), ("B", 1.0), ("C", 2.0), ("D", 4.0)], {}),
    ],
)  # fmt: skip
def test_totals_under_any_name_and_on_either_side(rows: list[tuple[str, float]], verdicts: dict[int, Verdict]) -> None:
    import numpy as np

    one = np.array([value for _, value in rows])
    other = one * np.array([1.0]) if len(verdicts) == 0 else one * 2
    found = odd_rows({"Rep": [name for name, _ in rows]}, {"x": one, "y": other})
    assert {odd.row: odd.verdict for odd in found} == verdicts


def test_a_label_once_more_on_a_new_page_is_asked_about() -> None:
    from revops_xl.tables.evidence.labels import Labels, labels_once

    managers = ["Lena", None, None, "Lena", None, "Omar", None, None]
    found = labels_once({"Manager": ["Firm"] * 8, "Team": managers, "Rep": list("ABCDEFGH")})
    assert found.verdicts["Team"] is Labels.TWO_READINGS
    again = ["Lena", None, "Omar", None, "Lena", None, "Omar", None]
    assert (
        labels_once({"Manager": ["Firm"] * 8, "Team": again, "Rep": list("ABCDEFGH")}).verdicts["Team"] is Labels.JAGGED
    )


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [("$12,400.00 MXN", "12,400.00", "MXN"), ("USD $12", "12", "USD"), ("R 12,400", "12,400", "ZAR"), ("S/ 12", "12", "PEN"),
     ("EUR 12 USD", "12 USD", "EUR")],
)  # fmt: skip
def test_currencies_named_twice(text: str, amount: str, currency: str) -> None:
    from revops_xl.tables.evidence.currencies import named, parted

    bare, seen = parted(text)
    assert (bare, named(seen)) == (amount, currency)


@pytest.mark.parametrize(
    ("code", "currency"), [(r"\C\H\F\ #,##0", "CHF"), ('#,##0 "EUR/yr"', "EUR"), ('0.0"×"', ""), ('0 "days"', "")]
)
def test_currencies_in_formats(code: str, currency: str) -> None:
    from revops_xl.tables.evidence.currencies import in_format

    assert in_format(code) == currency


@pytest.mark.parametrize(
    ("text", "day"), [("5 marraskuuta 2025", None), ("26-03-04", None), ("4 de março de 2026", dt.date(2026, 3, 4))]
)
def test_dates_of_other_languages_are_not_guessed(text: str, day: dt.date | None) -> None:
    from revops_xl.tables.evidence.text_dates import text_dates

    assert text_dates([text, "28-03-26"]).days.get(0) == day


def test_the_same_id_in_two_spellings_is_refused() -> None:
    problems: list[Problem] = []
    short, long = "0068c00000xY1bA", "0068c00000xY1bAAAS"
    rows = [_deal(1, **{"Deal ID": text}) for text in (short, long, "D-1004", "d-1004", "0068c00000xY1ba")]
    deal_tables.parse(_typed(rows, problems), None, None)
    assert [problem.cell for problem in problems] == ["A6", "A8"]


def test_percentages_as_text_beside_large_numbers_are_refused() -> None:
    from revops_xl.tables.schema.declare import Column, Kind

    problems: list[Problem] = []
    typed = _typed([_deal(i, Score=each) for i, each in enumerate(["98%", 98.2, "97%", 95.0])], problems)
    typed.numbers("Score", Column("Score", Kind.NUMBER, ""))
    assert [problem.cell for problem in problems] == ["J5, J6"]


def test_numbers_that_are_dates_without_their_format_get_that_advice() -> None:
    problems: list[Problem] = []
    _typed([_deal(1, Created=46086), _deal(2, Created=7)], problems).dates("Created")
    assert [problem.fix[:15] for problem in problems] == ["Format the colu", ""]


def test_a_deal_of_another_century_is_refused() -> None:
    problems: list[Problem] = []
    deal_tables.parse(_typed([_deal(1, Created=dt.date(1926, 3, 5))], problems), None, None)
    assert [problem.cell for problem in problems] == ["H5"]


@pytest.mark.parametrize(
    ("values", "small"),
    [
        ([98.2, 101.0, 0.97, 1.05, 93.0, 0.88], (2, 3, 5)),  # percent beside parts
        ([51_900.0, 33.1, 70_200.0, 28.4, 64_000.0, 45_000.0], (1, 3)),  # thousands beside units
        ([105_000.0, 88_000.0, 8.87e12, 93_000.0, 120_000.0], (0, 1, 3, 4)),  # some digits too many
        ([12_000.0, 45_000.0, 160_000.0, 30_000.0, 8_000.0, 700_000.0], None),
    ],
)
def test_two_scales_in_a_column(values: list[float], small: tuple[int, ...] | None) -> None:
    import numpy as np

    from revops_xl.tables.evidence.scales import two_scales

    found = two_scales(np.array(values))
    assert (found.small if found is not None else None) == small


@pytest.mark.parametrize(("text", "expected"), [("1Q23", ("Q", 2023, 1)), ("2Q 2026", ("Q", 2026, 2)), ("5Q23", None)])
def test_quarters_with_the_number_first(text: str, expected: tuple[str, int, int] | None) -> None:
    from revops_xl.tables.schema.periods import key

    assert key(text) == expected
