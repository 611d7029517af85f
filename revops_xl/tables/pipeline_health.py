"""Sheet Pipeline health: the coverage of every node, and the quota that should move inside the teams."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats, Unit
from revops_xl.model.pipeline import PipelineHealth, PipelineInputs, Redistribution, Status
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.declare import COVERAGE, WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.result import LIVE_CHECK_ROWS, Formula, ResultTable, rounded, this_row

NO_QUOTA, NO_PIPELINE = "no quota", "not known"
THRESHOLD, MOVED = '0.0#"×"', '+#,##0.00;[Red]-#,##0.00;"–"'
TABLE = Table(
    "PipelineHealth",
    "Pipeline against quota for every node, each team followed by its members.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node; Level: Name where two levels share the text.", width=30),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8),
        Column("Quota", Kind.MONEY, "The quota the node carries.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Pipeline", Kind.MONEY, "Sum of the pipeline columns; of a team, over its ICs.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Coverage", Kind.NUMBER, f'Pipeline / quota; "{NO_QUOTA}" where the quota is 0.', unit="×", width=11, number_format=COVERAGE),
        Column("Healthy", Kind.NUMBER, "Coverage from which the node is healthy.", unit="×", width=10, number_format=THRESHOLD),
        Column("At risk", Kind.NUMBER, "Coverage below which quota may be given away.", unit="×", width=10, number_format=THRESHOLD),
        Column("Status", Kind.TEXT, "Healthy, Moderate (at or above at risk), At risk (at least 1), Critical.", width=18),
        Column("Gap to healthy", Kind.MONEY, "Pipeline that is missing to healthy coverage.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Win rate", Kind.PERCENT, "Amount won / amount closed of the deals below; from ten closed deals.", unit="%", width=10, number_format="0%"),
        Column("Coverage needed", Kind.NUMBER, "Coverage that wins the quota at this win rate: 1 / win rate.", unit="×", width=11, number_format=COVERAGE),
        Column("Thresholds from", Kind.NODE, "The node whose thresholds these are.", width=18),
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
SHEET = Sheet("Pipeline health", "Which quotas today's pipeline supports, and what could move", (TABLE, ADJUSTMENTS))


def render(plan: QuotaPlan, inputs: PipelineInputs | None, health: PipelineHealth | None) -> ResultTable:
    """One row a node in outline order; coverage, status and gap are formulas while they are few."""
    if inputs is None or health is None:
        return ResultTable.of_rows(TABLE, [])
    tree = plan.inputs.tree
    order, names = tree.outline, tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    source = inputs.thresholds.source
    limits = np.where(source < 0, -1, names.codes[source])
    quota, pipeline, coverage = (this_row("PipelineHealth", name) for name in ("Quota", "Pipeline", "Coverage"))
    healthy, at_risk = this_row("PipelineHealth", "Healthy"), this_row("PipelineHealth", "At risk")
    live = len(tree) <= LIVE_CHECK_ROWS
    words = [str(each) for each in Status]
    return ResultTable(
        TABLE,
        (
            Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            Coded(names.codes[order], names.names),
            Coded(parents[order], names.names),
            tree.depth[order],
            plan.quota[order],
            health.pipeline[order],
            _formulas(
                f'IF({quota}<=0,"{NO_QUOTA}",IF({pipeline}="","{NO_PIPELINE}",{pipeline}/{quota}))',
                _said(health.coverage[order], plan.quota[order]),
                live=live,
            ),
            inputs.thresholds.healthy[order],
            inputs.thresholds.at_risk[order],
            _formulas(
                f'IF({quota}<=0,"{Status.NO_QUOTA}",IF({pipeline}="","{Status.NO_PIPELINE}",IF(ROUND({coverage},12)>={healthy},'
                f'"{Status.HEALTHY}",IF(ROUND({coverage},12)>={at_risk},"{Status.MODERATE}",'
                f'IF(ROUND({coverage},12)>=1,"{Status.AT_RISK}","{Status.CRITICAL}")))))',
                [words[code] for code in health.status[order].tolist()],
                live=live,
            )
            if live
            else Coded(health.status[order].astype(np.int32), words),
            _formulas(
                f'IF(ISNUMBER({coverage}),MAX(0,ROUND({healthy}*{quota}-{pipeline},2)),"")',
                ["" if np.isnan(gap) else gap for gap in health.gap[order].tolist()],
                live=live,
            ),
            health.win_rate[order],
            health.needed[order],
            Coded(limits[order].astype(np.int32), names.names),
        ),
    )


def _said(coverage: Floats, quota: Floats) -> list[object]:
    """Coverages; in words where there is none."""
    return [
        value if value == value else NO_QUOTA if carried <= 0 else NO_PIPELINE  # noqa: PLR0124  (NaN)
        for value, carried in zip(coverage.tolist(), quota.tolist(), strict=True)
    ]


def _formulas(text: str, values: list[object] | list[str], *, live: bool) -> list[object]:
    return [Formula(text, value) for value in values] if live else list(values)


def render_adjustments(plan: QuotaPlan, inputs: PipelineInputs | None, moved: Redistribution | None) -> ResultTable:
    """One row an IC in outline order; a split IC has one per manager."""
    if inputs is None or moved is None:
        return ResultTable.of_rows(ADJUSTMENTS, [])
    tree, unit = plan.inputs.tree, plan.inputs.unit
    order = tree.outline[tree.is_ic[tree.outline]]
    names = tree.references
    quota, base = plan.cascaded_quota, plan.cascaded_base
    adjusted, adjusted_base = added(quota, moved.change, unit), added(base, moved.base_change, unit)
    accepted = np.full(len(tree), np.nan)
    if plan.accepted is not None:
        accepted = np.where(plan.accepted != 0, plan.accepted, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        after = np.where(adjusted > 0, inputs.pipeline / adjusted, np.nan)
        percent = np.where(quota > 0, moved.change / quota, np.nan)
    live = len(tree) <= LIVE_CHECK_ROWS
    mine, theirs, change = (this_row("QuotaAdjustments", c) for c in ("Quota", "Adjusted quota", "Change"))
    return ResultTable(
        ADJUSTMENTS,
        (
            Coded(names.codes[order], names.names),
            Coded(names.codes[tree.parent[order]], names.names),
            quota[order],
            adjusted[order],
            _formulas(rounded(f"{theirs}-{mine}", unit), moved.change[order].tolist(), live=live) if live else moved.change[order],
            _formulas(f'IF({mine}=0,"",{change}/{mine})', ["" if np.isnan(p) else p for p in percent[order].tolist()], live=live)
            if live
            else percent[order],
            Coded(moved.role[order].astype(np.int32), [str(role) for role in Redistribution.ROLES]),
            moved.coverage[order],
            after[order],
            base[order],
            adjusted_base[order],
            accepted[order],
            Coded(moved.reason[order].astype(np.int32) - 1, list(Redistribution.REASONS[1:])),
        ),
    )  # fmt: skip


def added(layer: Floats, change: Floats, unit: Unit | None) -> Floats:
    """A layer and a change of it, free of the noise of adding doubles."""
    total = layer + change
    return total if unit is None else unit.to_amount(np.rint(unit.in_units(total)))
