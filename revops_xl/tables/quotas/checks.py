"""Checks of the quotas: what must add up, and what the cascade had to decide."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import round_half_away
from revops_xl.model.plan import Plan
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE, QuotaPlan, verdict
from revops_xl.tables.quotas import quotas
from revops_xl.tables.quotas.hedge_audit import over_assignment_verdict
from revops_xl.tables.quotas.meant import meant_checks
from revops_xl.tables.schema.check import ALARM, NOTE, WARNING, Check, clean, half_a_unit, some, zero
from revops_xl.tables.schema.result import (
    LIVE_CHECK_ROWS,
    Formula,
    all_distinct_criteria,
    rounded,
    target_formula,
    this_row,
)

#: A hedge below this is taken for a slip: 0.05 for 1.05.
SLIP_BELOW = 0.5
#: Part of the team's quota that an inverse metric may give a small node beyond its share of the people.
SMALL_NODE_GAIN = 0.1
#: Part of the ICs; a period that is zero or blank for more of them looks like half an export.
MOSTLY_EMPTY = 0.5


def quota_checks(plan: Plan, result: QuotaPlan) -> list[Check]:
    """What must hold of the quotas, and what deserves a look."""
    return [
        _target(plan, result),
        *_pools(result),
        _every_ic(result),
        _over_assignment(result),
        *_low_hedges(result),
        *_roles(result),
        *_small_nodes(result),
        *_silent_metrics(result),
        *_filled_in(result),
        *meant_checks(result),
    ]


def _target(plan: Plan, result: QuotaPlan) -> Check:
    tree = result.inputs.tree
    kept = np.isin(tree.managers, np.flatnonzero(result.roles.unallocated))
    stuck = clean(float((result.base[tree.managers] - tree.group_sums(result.base))[kept].sum()))
    missing = f"+{stuck!r}" if stuck else ""
    target = target_formula(plan.settings)
    difference = clean(float(result.base[tree.is_ic].sum()) + stuck - result.inputs.target)
    return zero(
        "ICs' base quotas add up to the target",
        f"ROUND(SUMIFS(Quotas[Base quota],Quotas[IC],TRUE){missing}-{target},6)",
        difference,
        half_a_unit(result.inputs.unit),
        "Quotas",
        "Difference in currency: a changed target, a quota typed over, or overrides above their pool. A run names them.",
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
            zero(
                f"Teams below level {level} add up to their pools",
                formula if live else None,
                clean(float(off[here].sum())),
                half_a_unit(result.inputs.unit),
                f"Quotas, level {level}: {int(here.sum()):,} team{'s' * (int(here.sum()) != 1)}",
                advice,
            )
        )
    return checks


def _every_ic(result: QuotaPlan) -> Check:
    tree, roles = result.inputs.tree, result.roles
    without = tree.is_ic & (result.quota <= 0) & ~roles.gated & ~roles.fixed
    return zero(
        "Every IC has a quota",
        'COUNTIFS(Quotas[IC],TRUE,Quotas[Quota],"<=0",Quotas[Rule],"<>gated*",Quotas[Rule],"<>fixed*")',
        int(without.sum()),
        0,
        some(tree, np.flatnonzero(without).tolist()) or "Quotas",
        "ICs without a quota who are neither gated nor fixed. Check their history, or the setting New hires.",
        WARNING,
    )


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


def _low_hedges(result: QuotaPlan) -> list[Check]:
    """A hedge below 1 hands down less than the quota; 0.05 is often a slip for 1.05."""
    tree, factor = result.inputs.tree, result.inputs.hedges.factor
    low = np.flatnonzero(factor < 1).tolist()
    if not low:
        return []
    worst = float(factor[low].min())
    status = ALARM if worst < SLIP_BELOW else WARNING
    advice = "A hedge below 1 hands down less than the quota, so the teams below can all succeed and the node still miss. Write 1.05 for 5 % more."
    return [Check("Hedges below 1", status, worst, None, some(tree, low), advice)]


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
            checks.append(Check(name, status, count, None, some(tree, np.flatnonzero(flags).tolist()), advice))
    return checks


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
                    some(tree, favoured),
                    advice,
                )
            )
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
                some(tree, nodes),
                advice,
            )
        )
    return checks
