"""Sheet Checks: every identity and every warning, one row each; the sums are live formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.model.money import round_half_away
from revops_xl.model.org import OrgTree
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE, QuotaPlan, verdict
from revops_xl.tables import quotas, thresholds
from revops_xl.tables.declare import Column, Kind, Sheet, Table
from revops_xl.tables.hedge_audit import over_assignment_verdict
from revops_xl.tables.plan import Plan
from revops_xl.tables.result import (
    LIVE_CHECK_ROWS,
    Formula,
    ResultTable,
    all_distinct_criteria,
    matches_itself,
    rounded,
    target_formula,
    this_row,
)

TABLE = Table(
    "Checks",
    "Every identity and every warning. OK and Note need nothing; Warning deserves a look; Failed and Alarm need action.",
    (
        Column("Check", Kind.TEXT, "What is checked.", width=46),
        Column("Status", Kind.TEXT, "OK, Note, Warning, Alarm or Failed.", width=11),
        Column("Value", Kind.NUMBER, "What was found.", width=18),
        Column("Tolerance", Kind.NUMBER, "How far the value may be from 0, or its limit.", width=12),
        Column("Where", Kind.TEXT, "Sheet, cell or node.", width=58),
        Column("What to do", Kind.TEXT, "What it means and what to do about it.", width=78),
    ),
    result=True,
    keys=("Check",),
)
SHEET = Sheet("Checks", "What ties and what deserves a look", (TABLE,))

OK, NOTE, WARNING, ALARM, FAILED = "OK", "Note", "Warning", "Alarm", "Failed"
BAD = (ALARM, FAILED)
#: A hedge below this is taken for a slip: 0.05 for 1.05.
SLIP_BELOW = 0.5
#: Part of the team's quota that an inverse metric may give a small node beyond its share of the people.
SMALL_NODE_GAIN = 0.1
SHOWN_NODES = 3
#: Part of the ICs; a period that is zero or blank for more of them looks like half an export.
MOSTLY_EMPTY = 0.5


@dataclass(frozen=True)
class Check:
    """One row: value and status may be formulas."""

    name: str
    status: Any
    value: Any = None
    tolerance: float | None = None
    where: str = ""
    advice: str = ""

    @property
    def row(self) -> tuple[Any, ...]:
        """The row in column order."""
        return (self.name, self.status, self.value, self.tolerance, self.where, self.advice)


def render(plan: Plan, result: QuotaPlan) -> ResultTable:
    """All checks of a run."""
    checks = [
        _target(plan, result),
        *_pools(result),
        _every_ic(result),
        *_references(plan),
        _freshness(plan),
        _over_assignment(result),
        *_low_hedges(result),
        *_roles(result),
        *_small_nodes(result),
        *_silent_metrics(result),
        *_filled_in(result),
        *(
            Check("Input that deserves a look", WARNING, None, None, note.where, f"{note.message}. {note.fix}")
            for note in plan.notes
        ),
        *(
            Check(each.name, WARNING if each.warns else NOTE, each.count, None, each.where, each.advice)
            for each in plan.remarks
        ),
        *_idle(plan),
    ]
    return ResultTable.of_rows(TABLE, (check.row for check in checks))


def failed(table: ResultTable) -> list[str]:
    """Names of the checks that failed or alarmed."""
    pairs = zip(table.values("Check"), table.values("Status"), strict=True)
    return [str(name) for name, status in pairs if status in BAD]


def _zero(
    name: str, formula: str | None, value: float, tolerance: float, where: str, advice: str, bad: str = FAILED
) -> Check:
    """A check that holds when the value is within the tolerance of 0."""
    cell, limit = this_row("Checks", "Value"), this_row("Checks", "Tolerance")
    status = OK if abs(value) <= tolerance else bad
    return Check(
        name,
        Formula(f'IF(ABS({cell})<={limit},"{OK}","{bad}")', status),
        value if formula is None else Formula(formula, value),
        tolerance,
        where,
        advice,
    )


def _tolerance(result: QuotaPlan) -> float:
    """Half a unit: quotas are whole units, so anything less is the noise of adding doubles."""
    unit = result.inputs.unit
    return 1e-6 if unit is None else float(unit.size) / 2


def _clean(value: float) -> float:
    """A difference without the last bits of the sum, so that runs print the same."""
    return round(value, 6) + 0.0


def _target(plan: Plan, result: QuotaPlan) -> Check:
    tree = result.inputs.tree
    kept = np.isin(tree.managers, np.flatnonzero(result.roles.unallocated))
    stuck = _clean(float((result.base[tree.managers] - tree.group_sums(result.base))[kept].sum()))
    missing = f"+{stuck!r}" if stuck else ""
    target = target_formula(plan.settings)
    difference = _clean(float(result.base[tree.is_ic].sum()) + stuck - result.inputs.target)
    return _zero(
        "ICs' base quotas add up to the target",
        f"ROUND(SUMIFS(Quotas[Base quota],Quotas[IC],TRUE){missing}-{target},6)",
        difference,
        _tolerance(result),
        "Quotas",
        "Difference in currency: the target was changed since the run, or a quota was typed over. Run again.",
    )


def _pools(result: QuotaPlan) -> list[Check]:
    """Level by level: do children add up to what their parent hands down?"""
    tree, unit = result.inputs.tree, result.inputs.unit
    managers = tree.managers
    live = len(tree) <= LIVE_CHECK_ROWS and all_distinct_criteria(map(tree.reference, managers.tolist()))
    handed = result.quota[managers] * result.inputs.hedges.factor[managers]
    if unit is not None:
        handed = unit.to_amount(round_half_away(unit.in_units(handed)))
    off = np.abs(tree.group_sums(result.quota) - handed) + np.abs(tree.group_sums(result.base) - result.base[managers])
    off[result.roles.unallocated[managers]] = 0.0
    checks = []
    for index, level in enumerate(tree.levels[:-1]):
        here = tree.level[managers] == index
        if not here.any():
            continue
        pool = "Quotas[Quota]*Quotas[Hedge]"
        if unit is not None:
            pool = rounded(pool, unit)
        formula = (
            f'ROUND(SUMPRODUCT((Quotas[Level]="{level.replace(chr(34), chr(34) * 2)}")*(Quotas[IC]=FALSE)'
            f'*(RIGHT(Quotas[Rule],{len(quotas.UNALLOCATED)})<>"{quotas.UNALLOCATED}")'
            f"*(ABS(SUMIFS(Quotas[Quota],Quotas[Parent],Quotas[Node])-{pool})"
            f"+ABS(SUMIFS(Quotas[Base quota],Quotas[Parent],Quotas[Node])-Quotas[Base quota]))),6)"
        )
        advice = "Sum of the differences, on both layers, between what a node hands down and what its children carry."
        if not live:
            advice += (
                f" A value of the run, not a formula: more than {LIVE_CHECK_ROWS:,} rows."
                if len(tree) > LIVE_CHECK_ROWS
                else " A value of the run, not a formula: some names read as numbers or wildcards, or differ only by case."
            )
        checks.append(
            _zero(
                f"Teams below level {level} add up to their pools",
                formula if live else None,
                _clean(float(off[here].sum())),
                _tolerance(result),
                f"Quotas, level {level}: {int(here.sum()):,} team{'s' * (int(here.sum()) != 1)}",
                advice,
            )
        )
    return checks


def _every_ic(result: QuotaPlan) -> Check:
    tree, roles = result.inputs.tree, result.roles
    without = tree.is_ic & (result.quota <= 0) & ~roles.gated & ~roles.fixed
    return _zero(
        "Every IC has a quota",
        'COUNTIFS(Quotas[IC],TRUE,Quotas[Quota],"<=0",Quotas[Rule],"<>gated*",Quotas[Rule],"<>fixed*")',
        int(without.sum()),
        0,
        _some(tree, np.flatnonzero(without).tolist()) or "Quotas",
        "ICs without a quota who are neither gated nor fixed. Check their history, or the setting New hires.",
        WARNING,
    )


def _references(plan: Plan) -> list[Check]:
    """Inputs that name nodes: a run refuses unknown ones, the formula catches what is typed afterwards."""
    checks = []
    for table, sheet, extra in (
        ("Overrides", "Overrides", ""),
        ("NodeHedges", "Levels", ""),
        ("Thresholds", "Thresholds", '*(Thresholds[Node]<>"(default)")'),
    ):
        rows = plan.rows.get(table, 0)
        if table not in plan.rows:
            continue
        live = len(plan.inputs.tree) <= LIVE_CHECK_ROWS and all(
            matches_itself(name) or name == thresholds.DEFAULT_ROW for name in plan.named[table]
        )
        node = f"{table}[Node]"
        tail = f'MID({node},FIND(": ",{node}&": ")+2,255)'
        known = f"COUNTIF(Quotas[Node],{node})+COUNTIF(Quotas[Node],{tail})"
        checks.append(
            _zero(
                f"Every row of {table} names a node",
                f'SUMPRODUCT(({node}<>""){extra}*(({known})=0))' if live else None,
                0,
                0,
                f"{sheet}: {rows:,} rows",
                "Rows that name no node of this plan. Correct them and run again.",
            )
        )
    return checks


def _freshness(plan: Plan) -> Check:
    """Live: is what stands in the input tables still what the results were computed from?"""
    return _zero(
        "Totals of the inputs are those of the run",
        plan.watch,
        0,
        0,
        "Hierarchy, Levels, Metrics, Overrides",
        "Totals of the inputs have changed since the run: run again.",
        WARNING,
    )


def _low_hedges(result: QuotaPlan) -> list[Check]:
    """A hedge below 1 hands down less than the quota; 0.05 is often a slip for 1.05."""
    tree, factor = result.inputs.tree, result.inputs.hedges.factor
    low = np.flatnonzero(factor < 1).tolist()
    if not low:
        return []
    worst = float(factor[low].min())
    status = ALARM if worst < SLIP_BELOW else WARNING
    advice = "A hedge below 1 hands down less than the quota, so the teams below can all succeed and the node still miss. Write 1.05 for 5 % more."
    return [Check("Hedges below 1", status, worst, None, _some(tree, low), advice)]


def _small_nodes(result: QuotaPlan) -> list[Check]:
    """An inverse metric compares totals, so a small node beside large ones gets much for being small."""
    tree, breakdown = result.inputs.tree, result.breakdown
    heads = tree.roll_up(np.where(tree.is_ic, tree.split, 0.0))
    group = np.concatenate([[np.nan], tree.to_children(tree.group_sums(heads))])
    checks = []
    for i, data in enumerate(result.inputs.blend):
        if data.metric.direction != "inverse" or data.metric.weight == 0:
            continue
        with np.errstate(invalid="ignore"):
            gain = breakdown.influence[i] * (breakdown.metric_share[i] - heads / group)
            favoured = np.flatnonzero(
                (gain > SMALL_NODE_GAIN) & (heads < group / tree.child_count[tree.parent] / 2)
            ).tolist()
        if favoured:
            advice = "Its share of the team is far above its share of the people, because an inverse metric compares totals. Lower the weight, or use an average per IC."
            checks.append(
                Check(
                    f"Inverse metric {data.metric.name} favours small nodes",
                    WARNING,
                    len(favoured),
                    None,
                    _some(tree, favoured),
                    advice,
                )
            )
    return checks


def _some(tree: OrgTree, nodes: Sequence[int]) -> str:
    """The first nodes by name, and how many more there are."""
    more = f" and {len(nodes) - SHOWN_NODES} more" if len(nodes) > SHOWN_NODES else ""
    return ", ".join(tree.reference(node) for node in nodes[:SHOWN_NODES]) + more


def _over_assignment(result: QuotaPlan) -> Check:
    # From the hedges, not from rounded quotas: a coarse rounding unit should not set off an alarm.
    highest = int(np.argmax(result.cumulative_hedge))
    value = float(result.cumulative_hedge[highest]) - 1
    return Check(
        "Cumulative over-assignment",
        Formula(over_assignment_verdict(this_row("Checks", "Value")), verdict(value)),
        Formula("MAX(Quotas[Cumulative hedge])-1", value),
        WARN_ABOVE,
        f"highest at {result.inputs.tree.reference(highest)}",
        f"Hedges multiply from level to level. Above {WARN_ABOVE} warns, from {ALARM_FROM} alarms: lower a hedge.",
    )


def _roles(result: QuotaPlan) -> list[Check]:
    tree, roles = result.inputs.tree, result.roles
    beside_teams = roles.new_hire.copy()
    team_below = np.zeros(len(tree), dtype=bool)
    team_below[tree.parent[1:][~tree.is_ic[1:]]] = True
    beside_teams[1:] &= team_below[tree.parent[1:]]
    parent_equal = np.zeros(len(tree), dtype=bool)
    several = np.zeros(len(tree), dtype=bool)
    several[1:] = tree.child_count[tree.parent[1:]] > 1
    parent_equal[tree.parent[1:][(result.breakdown.equal & several)[1:]]] = True
    entries = (
        ("New hires", NOTE, roles.new_hire, "They get an equal share of their team."),
        ("New hires beside teams", WARNING, beside_teams, "An equal share there is as much as a team's. Fix an amount in Overrides."),
        ("Gated ICs", NOTE, roles.gated & tree.is_ic, "They fail a gate and get no quota; their team carries it."),
        ("Gate relaxed", WARNING, roles.relaxed & tree.is_ic, "Everything beside them is gated too, so they got quota all the same."),
        ("Unallocated", WARNING, roles.unallocated, "Everything below is gated, so the quota stays at this node."),
        ("Teams split equally", NOTE, parent_equal, "No metric has a signal in these teams."),
        ("Negative history", WARNING, roles.negative & tree.is_ic & ~roles.gated & ~roles.fixed, "Clawbacks exceed the bookings of these ICs; their history counts as 0."),
    )  # fmt: skip
    checks = []
    for name, status, flags, advice in entries:
        count = int(flags.sum())
        if count:
            checks.append(Check(name, status, count, None, _some(tree, np.flatnonzero(flags).tolist()), advice))
    return checks


def _silent_metrics(result: QuotaPlan) -> list[Check]:
    return [
        Check(
            f"Metric {data.metric.name} has no signal",
            WARNING,
            0,
            None,
            ", ".join(data.columns),
            "Its columns are empty or 0 for every IC, so it does not influence the plan. Check the columns.",
        )
        for i, data in enumerate(result.inputs.blend)
        if data.metric.weight > 0 and not (result.breakdown.metric_value[i] > 0).any()
    ]


def _filled_in(result: QuotaPlan) -> list[Check]:
    """Zero and blank periods that count as the average of the others; a column that is mostly so may be half an export."""
    tree, checks = result.inputs.tree, []
    for data in (*result.inputs.blend, *result.inputs.gates):
        rows = np.asarray(data.filled_in)
        if not rows.any():
            continue
        nodes = np.flatnonzero(tree.is_ic & np.asarray(rows.any(axis=0))[np.maximum(tree.row, 0)]).tolist()
        by_period = rows.sum(axis=1)
        worst = int(np.argmax(by_period))
        share = float(by_period[worst]) / rows.shape[1]
        mostly = share > MOSTLY_EMPTY
        advice = "A zero or blank period of an IC that has other periods counts as the average of these. If zeros are meant, write FALSE under Impute zeros."
        if mostly:
            advice = (
                f"{data.columns[worst]} is zero or blank for {share:.0%} of the ICs: was it exported completely? "
                + advice
            )
        checks.append(
            Check(
                f"Filled-in periods of {data.metric.name}",
                WARNING if mostly else NOTE,
                int(rows.sum()),
                None,
                _some(tree, nodes),
                advice,
            )
        )
    return checks


def _idle(plan: Plan) -> list[Check]:
    """Modules without inputs, and inputs that this version does not use yet: nothing is silent."""
    checks = [
        Check(f"{table}: not used by this version", NOTE, rows, None, table, "The rows were read and their cells checked; no result depends on them yet.")
        for table, rows in plan.idle.items()
        if rows
    ]  # fmt: skip
    checks += [Check("Inputs not used by this version", NOTE, None, None, where, what) for where, what in plan.unused]
    if plan.missing:
        advice = "The workbook has no such tables, so nothing of the kind was read."
        checks.append(Check("Input tables missing", WARNING, len(plan.missing), None, ", ".join(plan.missing), advice))
    empty: Sequence[str] = [table for table, rows in plan.idle.items() if not rows]
    if empty:
        checks.append(Check("Modules skipped", NOTE, len(empty), None, ", ".join(empty), "These tables have no rows."))
    return checks
