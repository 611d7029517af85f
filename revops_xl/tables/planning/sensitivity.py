"""Sheet Sensitivity: what moves the plan most."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.attainability import Driver, Sensitivity
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.result import Formula, ResultTable, this_row


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=16, number_format=WHOLE_MONEY)


def _percent(name: str, text: str) -> Column:
    return Column(name, Kind.PERCENT, text, unit="%", width=12, number_format="0.0%")


def _points(name: str, text: str) -> Column:
    return Column(name, Kind.PERCENT, text, unit="%", width=12, number_format="+0.0%;-0.0%;0.0%")


TABLE = Table(
    "Sensitivity",
    "One assumption at a time is moved and the whole plan computed again. The strongest first.",
    (
        Column("Driver", Kind.TEXT, "The assumption.", width=28),
        Column("Low case", Kind.TEXT, "What was assumed instead.", width=24),
        Column("High case", Kind.TEXT, "What was assumed instead.", width=24),
        _money("IC quotas low", "Sum of the ICs' quotas in the low case."),
        _money("IC quotas high", "In the high case."),
        _money("Moved low", "Quota that is added, taken away or changes hands between ICs, against the plan."),
        _money("Moved high", "In the high case."),
        _percent("Reps at quota low", "Share of reps expected at quota in the low case."),
        _percent("Reps at quota high", "In the high case."),
        _points("Swing low", "Against the plan, in points."),
        _points("Swing high", "In the high case."),
        _percent("Attainability low", "Historical average / quotas of the ICs, in the low case."),
        _percent("Attainability high", "In the high case."),
        Column("Remark", Kind.TEXT, "Why a case cannot be computed.", width=60),
    ),
    result=True,
    keys=("Driver",),
)
SHEET = Sheet("Sensitivity", "What moves the plan most", (TABLE,))


def render(found: Sensitivity | None) -> ResultTable:
    """One row per driver."""
    if found is None:
        return ResultTable.of_rows(TABLE, [])
    return ResultTable.of_rows(TABLE, (_row(driver, found) for driver in found.drivers))


def _row(driver: Driver, found: Sensitivity) -> tuple[Any, ...]:
    swings = []
    for side, value in zip(("low", "high"), driver.reps_at_quota, strict=True):
        here, known = round(found.reps_at_quota, 9), not np.isnan(value) and not np.isnan(found.reps_at_quota)
        text = f"{this_row('Sensitivity', f'Reps at quota {side}')}-{here!r}"
        swings.append(Formula(text, round(value, 9) - here) if known else None)
    remarks = [f"{case}: {why}" for case, why in zip(driver.cases, driver.refused, strict=True) if why]
    amounts = (tuple(round(value, 2) for value in pair) for pair in (driver.ic_quotas, driver.moved))
    pairs = (*amounts, tuple(round(v, 9) for v in driver.reps_at_quota))
    values = [None if np.isnan(value) else float(value) for pair in pairs for value in pair]
    rest = [None if np.isnan(value) else float(value) for value in driver.attainability]
    return (driver.name, *driver.cases, *values, *swings, *rest, "; ".join(remarks) or None)
