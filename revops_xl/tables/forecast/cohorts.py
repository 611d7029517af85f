"""Sheet Cohorts: pipeline that no deal stands for yet, and what the forecast assumes."""

from __future__ import annotations

import numpy as np

from revops_xl.model.bounds import LARGEST
from revops_xl.model.forecast import SCENARIOS as STANDARD
from revops_xl.model.forecast import Cohorts, Scenario, ValueBasis
from revops_xl.model.plan import Outlook
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable
from revops_xl.tables.schema.unique_names import unique_names

LAG = "Lag (quarters)"
COHORTS = Table(
    "Cohorts",
    "Revenue of deals that do not exist yet, by cohort. The sheet Forecast says what past deals suggest.",
    (
        Column("Cohort", Kind.TEXT, "Name of the cohort.", required=True, width=18),
        Column("Baseline", Kind.MONEY, "Revenue a quarter, in the first quarter of the forecast.", required=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Growth rate", Kind.PERCENT, "Growth a quarter.", required=True, unit="%", above=-1, maximum=10, width=12),
        Column(LAG, Kind.NUMBER, "Quarters until a deal that is created now can be won; before that nothing counts. Blank: 0.", optional=True, unit="quarters", minimum=0, maximum=40, width=14),
    ),
    totals="named",
)  # fmt: skip
SCENARIOS = Table(
    "Scenarios",
    "What the forecast assumes, one row per scenario; without rows Baseline, Best and Worst.",
    (
        Column("Scenario", Kind.TEXT, "Name of the scenario.", required=True, width=14),
        Column("Conversion factor", Kind.FACTOR, "Multiplier on win probabilities, which stay at most 100 %.", required=True, unit="×", minimum=0, maximum=100, width=17),
        Column("Value basis", Kind.CHOICE, "Which value of a won deal counts.", required=True, choices=tuple(ValueBasis), width=14),
        Column("Delay (quarters)", Kind.NUMBER, "Deals close so many quarters later; those due within a quarter, in proportion. Blank: 0.", unit="quarters", minimum=0, maximum=40, width=16),
        Column("Unseen factor", Kind.FACTOR, "Multiplier on the unseen pipeline. Blank: 1.", unit="×", minimum=0, maximum=100, width=14),
    ),
)  # fmt: skip
SHEET = Sheet("Cohorts", "Unseen pipeline and scenarios", (COHORTS, SCENARIOS))
#: Rows of the template.
STANDARD_ROWS = tuple((s.name, s.conversion, str(s.basis), s.delay, s.unseen) for s in STANDARD)


def parse(cohorts: TypedTable | None, scenarios: TypedTable | None) -> Outlook:
    """Read both tables."""
    return Outlook(
        _cohorts(cohorts) if cohorts is not None else Cohorts.none(),
        _scenarios(scenarios) if scenarios is not None else STANDARD,
        cohorts is not None and _numeric(cohorts, ("Baseline", "Growth rate", LAG)),
        scenarios is not None
        and _numeric(scenarios, ("Conversion factor", "Delay (quarters)", "Unseen factor"))
        and all(str(cell).strip(" ").lower() in set(ValueBasis) for cell in scenarios.cells("Value basis")),
        cohorts is not None and cohorts.has(LAG),
    )


def _numeric(typed: TypedTable, names: tuple[str, ...]) -> bool:
    return not any(isinstance(cell, str) and cell for name in names for cell in typed.cells(name))


def _cohorts(typed: TypedTable) -> Cohorts:
    names = unique_names(typed, "Cohort")
    baseline, growth, lag = (typed.numbers(name) for name in ("Baseline", "Growth rate", LAG))
    typed.check_required("Baseline")
    typed.check_required("Growth rate")
    return Cohorts(names, np.nan_to_num(baseline), np.nan_to_num(growth), np.nan_to_num(lag))


def _scenarios(typed: TypedTable) -> tuple[Scenario, ...]:
    names = unique_names(typed, "Scenario")
    conversion, delay, unseen = (
        typed.numbers(name) for name in ("Conversion factor", "Delay (quarters)", "Unseen factor")
    )
    basis = typed.choices("Value basis")
    typed.check_required("Conversion factor")
    typed.check_required("Value basis")
    return tuple(
        Scenario(
            name,
            float(np.nan_to_num(conversion[row])),
            ValueBasis(basis[row] or ValueBasis.MEAN),
            float(np.nan_to_num(delay[row])),
            1.0 if np.isnan(unseen[row]) else float(unseen[row]),
        )
        for row, name in enumerate(names)
    )
