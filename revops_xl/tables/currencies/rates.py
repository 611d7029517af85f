"""Sheet Rates: what one unit of each other currency is worth in the plan's."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.rates import ALWAYS, Rates
from revops_xl.tables.evidence.currencies import is_code, nearest_code
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.proper_rows import proper_rows
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

PER_ONE, BUYS = "Plan currency per 1", "1 plan currency buys"
#: What the setting Exchange rates says.
PLAN, DATED = "plan", "dated"
CHOICES = (PLAN, DATED)
TABLE = Table(
    "Rates",
    "Rates of exchange: each row has one of the two. Amounts in these currencies are converted before anything else reads them.",
    (
        Column("Currency", Kind.TEXT, "ISO code, such as EUR.", required=True, width=11),
        Column("From", Kind.DATE, "First day on which the rate holds; blank: always.", width=12),
        Column(PER_ONE, Kind.NUMBER, "What 1 unit is worth in the plan's currency, such as 1.085 for EUR in a plan in USD.", above=0, maximum=1e9, width=20, number_format="General"),
        Column(BUYS, Kind.NUMBER, "Or the other way round: units for 1 of the plan's currency, as Salesforce lists them.", above=0, maximum=1e9, width=20, number_format="General"),
    ),
)  # fmt: skip
SHEET = Sheet("Rates", "What other currencies are worth", (TABLE,))


def parse(
    raw: RawTable | None, locale: NumberLocale, *, dated: bool, problems: list[Problem], notes: list[Problem]
) -> Rates | None:
    """Read the rates; None where there are none.

    Args:
        raw: The table.
        locale: How numbers are written that are text, and the plan's currency.
        dated: Whether the rate of the day counts.
        problems: Gets what is wrong.
        notes: Gets what is read otherwise than it is written.
    """
    if raw is None or not len(raw):
        return None
    raw = proper_rows(raw, TABLE, locale, problems, notes, notes)
    typed = TypedTable(raw, TABLE, locale, problems, notes)
    if not typed.check_headers():
        return None
    typed.check_required("Currency")
    codes, since = typed.texts("Currency"), typed.dates("From")
    per_one, buys = typed.numbers(PER_ONE), typed.numbers(BUYS)
    found: dict[str, dict[float, tuple[int, Fraction]]] = {}
    for row, text in enumerate(codes):
        code = (text or "").strip().upper()
        rate = _rate(typed, row, code, per_one[row], buys[row]) if code else None
        if rate is None:
            continue
        day = to_days(since[row]) if since[row] is not None else ALWAYS
        before = found.setdefault(code, {}).setdefault(day, (row, rate))
        if before[0] != row:
            first = raw.row_text(before[0])
            typed.problem(row, "Currency", f"{code} has two rates of one day, first in row {first}", "Keep one.")
    if not dated:
        for code, rates in found.items():
            if len(rates) > 1:
                row = max(row for row, _ in rates.values())
                fix = "Keep one, or set Exchange rates to dated on the sheet Settings."
                typed.problem(
                    row, "Currency", f"{code} has {len(rates)} rates, and the plan uses one for all its time", fix
                )
    by_day = {code: tuple((day, rate) for day, (_, rate) in sorted(rates.items())) for code, rates in found.items()}
    return Rates(locale.currency, by_day, dated)


def _rate(typed: TypedTable, row: int, code: str, per_one: float, buys: float) -> Fraction | None:
    """The rate of a row; None, and a problem, where it says none, or where the currency is the plan's."""
    if not is_code(code):
        near = nearest_code(code)
        fix = f"Did you mean {near}?" if near else "Write a code such as EUR."
        typed.problem(row, "Currency", f'"{code}" is not the ISO code of a currency', fix)
        return None
    given = [(name, value) for name, value in ((PER_ONE, per_one), (BUYS, buys)) if not np.isnan(value)]
    if len(given) != 1:
        if not any(typed.is_bad(row, name) for name in (PER_ONE, BUYS)):
            what = "both rates are given" if given else "no rate is given"
            typed.problem(row, PER_ONE, f"{what} for {code}: one of the two is needed", f"Fill in {PER_ONE} or {BUYS}.")
        return None
    name, value = given[0]
    exact = Fraction(repr(float(value)))
    if code != typed.locale.currency:
        return exact if name == PER_ONE else 1 / exact
    if exact != 1:
        typed.problem(row, name, f"{code} is the plan's currency: its rate is 1", "Delete the row.")
    return None
