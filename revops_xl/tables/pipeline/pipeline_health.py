"""Sheet Pipeline health: the coverage of every node, and the quota that should move inside the teams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats, tidy
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.pipeline import PipelineHealth, PipelineInputs, Redistribution, Role, Status
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.pipeline.thresholds import DEFAULT_ROW
from revops_xl.tables.quotas.quotas import quotas_of
from revops_xl.tables.schema.declare import COVERAGE, WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Outline, Tone, Words
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, rounded, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

NO_QUOTA, NO_PIPELINE = "no quota", "not known"
MOVED = '+#,##0.00;[Red]-#,##0.00;"–"'
TABLE = Table(
    "PipelineHealth",
    "Pipeline against quota for every node, each team followed by its members.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node; Level: Name where two levels share the text.", width=30),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8, hidden=True),
        Column("Quota", Kind.MONEY, "The quota the node carries.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Pipeline", Kind.MONEY, "Sum of the pipeline columns; of a team, over its ICs.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Coverage", Kind.NUMBER, f'Pipeline / quota; "{NO_QUOTA}" where the quota is 0.', unit="×", width=11, number_format=COVERAGE),
        Column("Healthy", Kind.NUMBER, "Coverage from which the node is healthy.", unit="×", width=10, number_format=COVERAGE),
        Column("At risk", Kind.NUMBER, "Coverage below which quota may be given away.", unit="×", width=10, number_format=COVERAGE),
        Column("Status", Kind.TEXT, "Healthy, Moderate (at or above at risk), At risk (at least 1), Critical.", width=18),
        Column("Gap to healthy", Kind.MONEY, "Pipeline that is missing to healthy coverage.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Win rate", Kind.PERCENT, "Amount won / amount closed of the deals below; from ten closed deals.", unit="%", width=10, number_format="0%"),
        Column("Coverage needed", Kind.NUMBER, "Coverage that wins the quota at this win rate: 1 / win rate.", unit="×", width=11, number_format=COVERAGE),
        Column("Thresholds from", Kind.NODE, f"The node whose thresholds these are, or {DEFAULT_ROW}.", width=18),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip
ADJUSTMENTS = Table(
    "QuotaAdjustments",
    "Quota before and after redistribution, for every IC. Each team keeps its total on both layers.",
    (
        Column("Node", Kind.NODE, "The IC.", width=24),
        Column("Manager", Kind.NODE, "The node above.", width=20),
        Column("Quota", Kind.MONEY, "Quota as cascaded, before any adjustment.", unit="currency", width=15),
        Column("Adjusted quota", Kind.MONEY, "Quota after redistribution.", unit="currency", width=15),
        Column("Change", Kind.MONEY, "Adjusted quota less quota.", unit="currency", width=14, number_format=MOVED),
        Column("Change %", Kind.PERCENT, "Change / quota.", unit="%", width=10, frame_name="relative_change", number_format='+0.0%;[Red]-0.0%;"–"'),
        Column("Role", Kind.TEXT, "donor: below at risk. receiver: healthy. locked: by Overrides. unchanged: the others.", width=12),
        Column("Coverage before", Kind.NUMBER, "Pipeline / quota.", unit="×", width=10, number_format=COVERAGE),
        Column("Coverage after", Kind.NUMBER, "Pipeline / adjusted quota.", unit="×", width=10, number_format=COVERAGE),
        Column("Base quota", Kind.MONEY, "Base quota as cascaded.", unit="currency", width=15),
        Column("Adjusted base quota", Kind.MONEY, "Base quota after redistribution.", unit="currency", width=15),
        Column("Accepted change", Kind.MONEY, "Change in force, from AcceptedAdjustments; blank if none.", unit="currency", width=14, number_format=MOVED),
        Column("Why", Kind.TEXT, "Why no more and no less.", width=48),
    ),
    result=True,
    keys=("Node", "Manager"),
)  # fmt: skip


def render(
    plan: QuotaPlan,
    inputs: PipelineInputs | None,
    health: PipelineHealth | None,
    *,
    sheet: bool = True,
    live_quotas: bool = False,
) -> ResultTable:
    """One row per node in outline order.

    Args:
        plan: The quotas.
        inputs: Pipeline and thresholds; None: no rows.
        health: What came of them.
        sheet: For a sheet: coverage, status and gap are formulas while they are few, and words say why there is no
            coverage. Else plain numbers, NaN where undefined.
        live_quotas: Quotas are formulas, so these follow them.
    """
    if inputs is None or health is None:
        return ResultTable.empty(TABLE)
    tree = plan.inputs.tree
    order, names = tree.outline, tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    source = inputs.thresholds.source
    limits = np.where(source < 0, len(names.names), names.codes[source])
    coverage, gap = health.coverage[order], health.gap[order]
    status = Coded(health.status[order].astype(np.int32), [str(each) for each in Status])
    columns: dict[str, ResultColumn] = {
        "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
        "Node": Coded(names.codes[order], names.names),
        "Parent": Coded(parents[order], names.names),
        "Depth": tree.depth[order],
        "Quota": plan.quota[order],
        "Pipeline": health.pipeline[order],
        "Coverage": coverage,
        "Healthy": inputs.thresholds.healthy[order],
        "At risk": inputs.thresholds.at_risk[order],
        "Status": status,
        "Gap to healthy": gap,
        "Win rate": health.win_rate[order],
        "Coverage needed": health.needed[order],
        "Thresholds from": Coded(limits[order].astype(np.int32), [*names.names, DEFAULT_ROW]),
    }
    if sheet:
        said, live = _said(coverage, plan.quota[order]), len(tree) <= LIVE_CHECK_ROWS
        columns["Coverage"] = _formulas(_COVERAGE, said) if live else said
        columns["Status"] = _formulas(_STATUS, status.texts()) if live else status
        columns["Gap to healthy"] = _formulas(_GAP, _or_blank(gap)) if live else gap
    if live_quotas:
        columns["Quota"] = quotas_of(TABLE.name, plan)
    return ResultTable.of_columns(TABLE, columns)


_QUOTA, _PIPELINE, _MINE, _HEALTHY, _AT_RISK = (
    this_row(TABLE.name, name) for name in ("Quota", "Pipeline", "Coverage", "Healthy", "At risk")
)
_COVERAGE = f'IF({_QUOTA}<=0,"{NO_QUOTA}",IF({_PIPELINE}="","{NO_PIPELINE}",{_PIPELINE}/{_QUOTA}))'
_STATUS = (
    f'IF({_QUOTA}<=0,"{Status.NO_QUOTA}",IF({_PIPELINE}="","{Status.NO_PIPELINE}",IF(ROUND({_MINE},12)>={_HEALTHY},'
    f'"{Status.HEALTHY}",IF(ROUND({_MINE},12)>={_AT_RISK},"{Status.MODERATE}",'
    f'IF(ROUND({_MINE},12)>=1,"{Status.AT_RISK}","{Status.CRITICAL}")))))'
)
_GAP = f'IF(ISNUMBER({_MINE}),MAX(0,ROUND({_HEALTHY}*{_QUOTA}-{_PIPELINE},2)),"")'


def _said(coverage: Floats, quota: Floats) -> list[Any]:
    """Coverages; in words where there is none."""
    said: list[Any] = coverage.tolist()
    for row in np.flatnonzero(np.isnan(coverage)).tolist():
        said[row] = NO_QUOTA if quota[row] <= 0 else NO_PIPELINE
    return said


def _or_blank(values: Floats) -> list[Any]:
    """What a formula gives: "" where there is no number."""
    return ["" if value != value else value for value in values.tolist()]  # noqa: PLR0124  (NaN)


def _formulas(text: str, values: Sequence[Any]) -> list[Formula]:
    return [Formula(text, value) for value in values]


def render_adjustments(
    plan: QuotaPlan, inputs: PipelineInputs | None, moved: Redistribution | None, *, sheet: bool = True
) -> ResultTable:
    """One row per IC in outline order; a split IC has one per manager. On a sheet changes are formulas while they are few."""
    if inputs is None or moved is None:
        return ResultTable.empty(ADJUSTMENTS)
    tree, unit = plan.inputs.tree, plan.inputs.unit
    order = tree.outline[tree.is_ic[tree.outline]]
    names = tree.references
    quota, base = plan.cascaded_quota, plan.cascaded_base
    adjusted, adjusted_base = tidy(quota + moved.change, unit), tidy(base + moved.base_change, unit)
    accepted = np.full(len(tree), np.nan)
    if plan.accepted is not None:
        accepted = np.where(plan.accepted != 0, plan.accepted, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        after = np.where(adjusted > 0, inputs.pipeline / adjusted, np.nan)
        percent = np.where(quota > 0, moved.change / quota, np.nan)
    columns: dict[str, ResultColumn] = {
        "Node": Coded(names.codes[order], names.names),
        "Manager": Coded(names.codes[tree.parent[order]], names.names),
        "Quota": quota[order],
        "Adjusted quota": adjusted[order],
        "Change": moved.change[order],
        "Change %": percent[order],
        "Role": Coded(moved.role[order].astype(np.int32), [str(role) for role in Redistribution.ROLES]),
        "Coverage before": moved.coverage[order],
        "Coverage after": after[order],
        "Base quota": base[order],
        "Adjusted base quota": adjusted_base[order],
        "Accepted change": accepted[order],
        "Why": Coded(moved.reason[order].astype(np.int32), [str(reason) for reason in Redistribution.REASONS]),
    }
    if sheet and len(tree) <= LIVE_CHECK_ROWS:
        mine, theirs, change = (this_row(ADJUSTMENTS.name, name) for name in ("Quota", "Adjusted quota", "Change"))
        columns["Change"] = _formulas(rounded(f"{theirs}-{mine}", unit), moved.change[order].tolist())
        columns["Change %"] = _formulas(f'IF({mine}=0,"",{change}/{mine})', _or_blank(percent[order]))
    return ResultTable.of_columns(ADJUSTMENTS, columns)


def _tables(outcome: Outcome) -> list[ResultTable]:
    plan, pipeline = outcome.quotas, outcome.plan.pipeline
    return [
        render(plan, pipeline, outcome.health, live_quotas=outcome.steps is not None),
        render_adjustments(plan, pipeline, outcome.moved),
    ]


SHEET = ResultSheet(
    "Pipeline health",
    "Which quotas today's pipeline supports, and what could move",
    (TABLE, ADJUSTMENTS),
    Part.PIPELINE,
    _tables,
    (
        Words.of(TABLE.name, "Status", Status),
        Outline(TABLE.name, (("Level", "Level"), ("Parent", "At risk"), ("Gap to healthy", "Thresholds from"))),
        Words(ADJUSTMENTS.name, "Role", {Role.DONOR: Tone.WATCH, Role.RECEIVER: Tone.GOOD, Role.LOCKED: Tone.QUIET}),
    ),
)
