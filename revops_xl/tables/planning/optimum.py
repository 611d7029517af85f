"""Sheet Optimum: quota laid over territories in four ways, and what moving a limit would bring."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.money import Unit, to_cents
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.territories import Alternative, OptimisedQuotas, ShadowPrice
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, Tone
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, rounded
from revops_xl.tables.schema.result_sheet import ResultSheet


def _money(name: str, text: str, width: int = 16) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width)


ALTERNATIVES = Table(
    "Alternatives",
    "Ways to lay the total over the territories. Expected revenue here compares them by their rates; it is no forecast.",
    (
        Column("Alternative", Kind.TEXT, "What it is best at.", width=24),
        _money("Total", "Sum over the territories."),
        Column("Expected revenue", Kind.MONEY, "Sum of quota x conversion x utilization, to compare allocations by.", unit="currency", width=17, number_format=WHOLE_MONEY),
        Column("Moved", Kind.MONEY, "Quota that changes place against the present plan.", unit="currency", width=16, number_format=WHOLE_MONEY),
        Column("Lowest potential : quota", Kind.PERCENT, "Smallest potential / quota, both in the length of the plan.", unit="%", width=13, number_format="0%"),
        Column("Largest growth", Kind.PERCENT, "Largest quota / historical revenue - 1.", unit="%", width=12, number_format="+0%;-0%;0%"),
        Column("Remark", Kind.TEXT, "Why it could not be computed.", width=60),
    ),
    result=True,
    keys=("Alternative",),
)  # fmt: skip
TABLE = Table(
    "Optimum",
    "Quota of each territory, before hedges, under each alternative; grey: held by a limit.",
    (
        Column("Territory", Kind.TEXT, "As in Territories.", width=20),
        _money("Present quota", "Base quotas of its ICs."),
        _money("Least", "Min quota."),
        _money("Most", "Max quota or fairness cap, whichever is lower."),
        Column("Worth", Kind.PERCENT, "Conversion x utilization: revenue expected of each 1 of quota.", unit="%", width=10, number_format="0.0%"),
        *(_money(str(each), f"Quota under: {str(each).lower()}.") for each in Alternative),
    ),
    result=True,
    keys=("Territory",),
)  # fmt: skip
PRICES = Table(
    "ShadowPrices",
    "What moving a limit would add to the expected revenue.",
    (
        Column("Limit", Kind.TEXT, "Which limit.", width=14),
        Column("Limited territory", Kind.TEXT, "Of which territory.", width=20),
        _money("Step", "By how much it is moved."),
        _money("Gain", "What that adds to the expected revenue."),
        Column("For each 1", Kind.NUMBER, "Gain / step.", width=11, number_format="0.000"),
        Column("In words", Kind.TEXT, "The same as a sentence.", width=80),
    ),
    result=True,
    keys=("Limit", "Limited territory"),
)


def render(planning: PlanningOutcome, unit: Unit | None) -> list[ResultTable]:
    """All three; empty where nothing is optimised."""
    optimum = planning.optimum
    if optimum is None:
        return [ResultTable.empty(table) for table in SHEET.tables]
    return [_alternatives(optimum, unit), _territories(optimum), _prices(optimum)]


def _territories(optimum: OptimisedQuotas) -> ResultTable:
    by_kind = {each.alternative: each.quota for each in optimum.allocations}
    places = optimum.territories
    worth = places.conversion * places.utilization
    blank = np.full(len(places), np.nan)
    columns: dict[str, ResultColumn] = {
        "Territory": list(places.names),
        "Present quota": np.round(optimum.present, 6),
        "Least": optimum.low,
        "Most": optimum.high,
        "Worth": worth,
        **{str(kind): by_kind.get(kind, blank) for kind in Alternative},
    }
    return ResultTable.of_columns(TABLE, columns)


def _alternatives(optimum: OptimisedQuotas, unit: Unit | None) -> ResultTable:
    rows: list[dict[str, Any]] = []
    live = len(optimum.territories) <= LIVE_CHECK_ROWS
    known = not np.isnan(optimum.present).any()
    with np.errstate(divide="ignore", invalid="ignore"):
        for each in optimum.allocations:
            quota, name = each.quota, str(each.alternative)
            total = float(np.round(quota.sum(), 6))
            moved = float(to_cents(np.array([np.abs(quota - optimum.present).sum() / 2]))[0]) if known else None
            attain = optimum.potential / quota
            growth = quota / optimum.history - 1
            attain, growth = attain[np.isfinite(attain)], growth[np.isfinite(growth)]
            expected = None if np.isnan(each.expected) else float(to_cents(np.array([each.expected]))[0])
            rows.append(
                {
                    "Alternative": name,
                    "Total": Formula(rounded(f"SUM(Optimum[{name}])", unit), total) if live else total,
                    "Expected revenue": Formula(f"ROUND(SUMPRODUCT(Optimum[{name}]*Optimum[Worth]),2)", expected) if live and expected is not None else expected,
                    "Moved": Formula(f"ROUND(SUMPRODUCT(ABS(Optimum[{name}]-Optimum[Present quota]))/2,2)", moved) if live and moved is not None else moved,
                    "Lowest potential : quota": float(attain.min()) if len(attain) else None,
                    "Largest growth": float(growth.max()) if len(growth) else None,
                    "Remark": None,
                }
            )  # fmt: skip
    rows += [
        {
            "Alternative": str(kind),
            "Total": None,
            "Expected revenue": None,
            "Moved": None,
            "Lowest potential : quota": None,
            "Largest growth": None,
            "Remark": f"not computed: {reason}",
        }
        for kind, reason in optimum.left_out
    ]
    return ResultTable.of_rows(ALTERNATIVES, rows)


def _prices(optimum: OptimisedQuotas) -> ResultTable:
    rows = []
    for price in optimum.prices:
        place = optimum.territories.names[price.territory] if price.territory >= 0 else None
        rows.append(
            {
                "Limit": price.limit,
                "Limited territory": place,
                "Step": price.step,
                "Gain": price.gain,
                "For each 1": price.marginal,
                "In words": in_words(price, place or ""),
            }
        )
    return ResultTable.of_rows(PRICES, rows)


def in_words(price: ShadowPrice, place: str) -> str:
    """A shadow price as a sentence.

    Example:
        >>> in_words(ShadowPrice("Max quota", 0, 100_000, 12_000, 0.12), "EMEA")
        'One more 100,000 of Max quota in EMEA adds 12,000 to the expected revenue.'
    """
    digits = 0 if abs(price.gain) >= 100 else 2
    step, gain = f"{price.step:,.{digits}f}", f"{abs(price.gain):,.{digits}f}"
    adds = "adds" if price.gain >= 0 else "takes"
    to = "to" if price.gain >= 0 else "from"
    if price.limit == "Total":
        return f"Another {step} of total quota {adds} {gain} {to} the expected revenue; the fairness cap grows with it."
    if price.limit == "Fairness cap":
        return f"A fairness cap that is {step} higher {adds} {gain} {to} the expected revenue."
    if price.limit == "Min quota":
        return f"{step} less Min quota in {place} {adds} {gain} {to} the expected revenue."
    return f"One more {step} of {price.limit} in {place} {adds} {gain} {to} the expected revenue."


SHEET = ResultSheet(
    "Optimum",
    "Quota over territories",
    (ALTERNATIVES, TABLE, PRICES),
    Part.PLANNING,
    lambda outcome: render(outcome.planning, outcome.quotas.inputs.unit),
    tuple(
        Highlight(
            TABLE.name,
            ((name, name),),
            f'({{{name}}}<>"")*(({{{name}}}>={{Most}})+({{{name}}}<={{Least}})*({{Least}}>0)>0)',
            Tone.QUIET,
        )
        for name in map(str, Alternative)
    ),
)
