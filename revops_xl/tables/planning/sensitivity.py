"""Sheet Sensitivity: what moves the plan most."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.attainability import Driver, Sensitivity
from revops_xl.model.parts import Part
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result import Formula, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet


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


def render(sensitivity: Sensitivity | None) -> ResultTable:
    """One row per driver."""
    if sensitivity is None:
        return ResultTable.empty(TABLE)
    return ResultTable.of_rows(TABLE, (_row(driver, sensitivity) for driver in sensitivity.drivers))


def _row(driver: Driver, sensitivity: Sensitivity) -> dict[str, Any]:
    remarks = [f"{case}: {why}" for case, why in zip(driver.cases, driver.refused, strict=True) if why]
    row: dict[str, Any] = {"Driver": driver.name, "Remark": "; ".join(remarks) or None}
    here = round(sensitivity.reps_at_quota, 9)
    for i, side in enumerate(("low", "high")):
        reps = round(driver.reps_at_quota[i], 9)
        known = not np.isnan(reps) and not np.isnan(here)
        swing = Formula(f"{this_row('Sensitivity', f'Reps at quota {side}')}-{here!r}", reps - here)
        row |= {
            f"{side.capitalize()} case": driver.cases[i],
            f"IC quotas {side}": _or_none(round(driver.ic_quotas[i], 2)),
            f"Moved {side}": _or_none(round(driver.moved[i], 2)),
            f"Reps at quota {side}": _or_none(reps),
            f"Swing {side}": swing if known else None,
            f"Attainability {side}": _or_none(driver.attainability[i]),
        }
    return row


def _or_none(value: float) -> float | None:
    """None where nothing is known."""
    return None if np.isnan(value) else float(value)


SHEET = ResultSheet(
    "Sensitivity",
    "What moves the plan most",
    (TABLE,),
    Part.PLANNING,
    lambda outcome: [render(outcome.planning.sensitivity)],
    (Drawing(TABLE.name, "tornado"),),
)
