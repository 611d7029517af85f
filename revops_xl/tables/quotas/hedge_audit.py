"""Sheet Hedge audit: what the hedges add at each level, and how the metrics weigh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.model.money import Unit
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE, LevelAudit, SuggestedWeight
from revops_xl.tables.schema.check import STATUSES
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Words
from revops_xl.tables.schema.result import Formula, ResultTable, all_distinct_criteria, rounded, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

AUDIT = Table(
    "HedgeAudit",
    "What the hedges add up to, level by level. A branch that skips a level is missing from its totals.",
    (
        Column("Level", Kind.TEXT, "Level, the top node's first.", width=15),
        Column("Nodes", Kind.INTEGER, "How many rows of Quotas; a split IC has one per manager.", width=9),
        Column("Base total", Kind.MONEY, "Sum of the base quotas.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Hedged total", Kind.MONEY, "Sum of the quotas.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Hedge buffer", Kind.MONEY, "Hedged less base total.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Over-assignment %", Kind.PERCENT, "Hedged / base total - 1.", unit="%", width=15),
        Column("Verdict", Kind.TEXT, "OK up to 25 %, Warning above, Alarm from 40 %.", width=12),
    ),
    result=True,
    keys=("Level",),
)  # fmt: skip
WEIGHTS = Table(
    "Weights",
    "The blend metrics, how much each weighs, and what the data would say.",
    (
        Column("Metric", Kind.TEXT, "Name of the metric.", width=15),
        Column("Direction", Kind.TEXT, "As declared; never changed by the data.", width=14),
        Column("Weight", Kind.NUMBER, "As declared.", width=15, number_format="0.00"),
        Column("Influence", Kind.PERCENT, "Weight / sum of the weights.", unit="%", width=15),
        Column("Correlation", Kind.NUMBER, "With the first metric, over ICs.", width=15, number_format="0.00"),
        Column("Suggested weight", Kind.NUMBER, "Size of the correlation, 0 below 0.05.", width=15, number_format="0.00"),
        Column("Reason", Kind.TEXT, "Where the suggestion comes from.", width=80),
    ),
    result=True,
    keys=("Metric",),
)  # fmt: skip


def over_assignment_verdict(cell: str) -> str:
    """Formula text that judges an over-assignment."""
    return f'IF({cell}="","",IF({cell}>={ALARM_FROM},"Alarm",IF({cell}>{WARN_ABOVE},"Warning","OK")))'


def render_audit(audits: Sequence[LevelAudit], unit: Unit | None) -> ResultTable:
    """One row per level; totals are formulas over Quotas."""
    live = all_distinct_criteria(audit.level for audit in audits)
    level, base, hedged, over = (
        this_row("HedgeAudit", name) for name in ("Level", "Base total", "Hedged total", "Over-assignment %")
    )

    def total(column: str, value: float) -> object:
        return Formula(rounded(f"SUMIFS(Quotas[{column}],Quotas[Level],{level})", unit), value) if live else value

    rows = []
    for audit in audits:
        buffer = audit.hedged_total - audit.base_total
        if unit is not None:
            buffer = float(unit.to_amount(np.rint(unit.in_units(np.array([buffer]))))[0])
        rows.append(
            {
                "Level": audit.level,
                "Nodes": Formula(f"COUNTIFS(Quotas[Level],{level})", audit.nodes) if live else audit.nodes,
                "Base total": total("Base quota", audit.base_total),
                "Hedged total": total("Quota", audit.hedged_total),
                "Hedge buffer": Formula(rounded(f"{hedged}-{base}", unit), buffer),
                "Over-assignment %": Formula(
                    f'IF({base}=0,"",{hedged}/{base}-1)', audit.over_assignment if audit.base_total else ""
                ),
                "Verdict": Formula(over_assignment_verdict(over), audit.verdict),
            }
        )
    return ResultTable.of_rows(AUDIT, rows)


def render_weights(suggested: Sequence[SuggestedWeight]) -> ResultTable:
    """One row per blend metric."""
    total = sum(weight.declared for weight in suggested)
    influence = f"IF(SUM(Weights[Weight])=0,0,{this_row('Weights', 'Weight')}/SUM(Weights[Weight]))"
    return ResultTable.of_rows(
        WEIGHTS,
        [
            {
                "Metric": weight.metric,
                "Direction": weight.direction,
                "Weight": weight.declared,
                "Influence": Formula(influence, weight.declared / total if total else 0.0),
                "Correlation": weight.correlation,
                "Suggested weight": weight.suggested,
                "Reason": weight.reason,
            }
            for weight in suggested
        ],
    )


def _tables(outcome: Outcome) -> list[ResultTable]:
    inputs = outcome.quotas.inputs
    return [render_audit(outcome.audit, inputs.unit), render_weights(outcome.weights)]


SHEET = ResultSheet(
    "Hedge audit",
    "What the hedges add, and how metrics weigh",
    (AUDIT, WEIGHTS),
    Part.QUOTAS,
    _tables,
    (Words.of(AUDIT.name, "Verdict", STATUSES),),
)
