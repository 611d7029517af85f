"""Checks of quota planning: what must add up, and what deserves a look."""

from __future__ import annotations

import numpy as np

from revops_xl.model.attainability import HEALTHY
from revops_xl.model.bookings import COMBINED, OutlierKind
from revops_xl.model.money import tidy
from revops_xl.model.outcome import Outcome
from revops_xl.model.presence import Bearer
from revops_xl.model.verdicts import ChanceVerdict, Level, level_of
from revops_xl.tables.planning.phasing import NOT_CARRIED, QUARTERS, by_quarter
from revops_xl.tables.schema.check import NOTE, WARNING, Check, clean, half_a_unit, named, zero
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, target_formula

#: Forecasts further ahead than this deserve a word, in years.
FAR_AHEAD = 2
#: Nobody plans a tenth of what was.
OTHER_UNIT = 10.0


def planning_checks(outcome: Outcome) -> list[Check]:
    """Everything about planning; nothing where there is nothing to plan with."""
    return [
        *_phasing(outcome),
        *_judged(outcome),
        *_capacity(outcome),
        *_optimum(outcome),
        *_bookings(outcome),
        *_territories(outcome),
    ]


def _phasing(outcome: Outcome) -> list[Check]:
    found, plan = outcome.planning, outcome.quotas
    tree, unit, given = plan.inputs.tree, plan.inputs.unit, found.inputs
    if found.phased is None:
        return _not_phased(outcome)
    live = len(tree) <= LIVE_CHECK_ROWS
    tolerance = half_a_unit(unit) if unit is not None else 1e-6 * max(plan.inputs.target, 1)
    quarters = by_quarter(found.phased, unit, monthly=given.rules.monthly)
    due = plan.quota if found.by_period is None else tidy(found.phased.sum(axis=1), unit)
    off = np.abs(tidy(quarters.sum(axis=1) - due, unit))
    row = "+".join(f"Phasing[{name}]" for name in QUARTERS)
    ics = tree.is_ic
    left = float(found.by_period.left.sum()) if found.by_period is not None else 0.0
    gap = float(quarters[ics].sum() + left - plan.quota[ics].sum())
    absent = _undated_year(outcome)
    whole = "SUMIFS(Quotas[Quota],Quotas[IC],TRUE)"
    whole += f'+SUMIFS(Phasing[Quota],Phasing[Level],"{NOT_CARRIED}")' if left else ""
    return [
        zero(
            "Phases add up to the quota of each node",
            f"ROUND(SUMPRODUCT(ABS({row}-Phasing[Quota])),6)" if live else None,
            clean(float(off.sum())),
            tolerance,
            f"Phasing: {len(tree):,} rows",
            "Sum of the differences between a quota and its periods. Run again.",
        ),
        zero(
            "Phases of the ICs add up to their quotas",
            f'ROUND(SUMIFS(PhasingPeriods[IC quotas],PhasingPeriods[Column],"Quarter*")-{whole},6)' if live else None,
            clean(gap if abs(gap) >= tolerance else 0.0),
            tolerance,
            f"PhasingPeriods: {quarters.shape[1]} quarters",
            "The periods' columns against the sheet Quotas. Run again.",
        ),
        *absent,
        *_relieved(outcome),
    ]


def _undated_year(outcome: Outcome) -> list[Check]:
    """ICs whose months follow Start date or End date, and whose quota of the year does not."""
    there, plan = outcome.planning.ground.presence, outcome.quotas
    tree = plan.inputs.tree
    if there is None or there.tenure.weighing is None or any(data.derived for data in plan.inputs.blend):
        return []
    part = (there.life < 1).any(axis=1) & ~there.tenure.weighing
    nodes = np.flatnonzero(tree.is_ic & part[tree.row] & (plan.quota > 0)).tolist()
    if not nodes:
        return []
    advice = "Start date or End date lies inside the plan, so their quota falls on fewer months; it is not smaller for it. Write From and To in Hierarchy for a quota by the time in the seat, or weigh by the metric Effective capacity."
    return [
        Check(
            "Quotas of a year for people who are there for a part of it",
            WARNING,
            len(nodes),
            None,
            named([tree.reference(node) for node in nodes]),
            advice,
        )
    ]


def _relieved(outcome: Outcome) -> list[Check]:
    """Quota that nobody carries, because somebody is away."""
    found, tree = outcome.planning.by_period, outcome.quotas.inputs.tree
    if found is None or not found.left.any():
        return []
    nodes = np.flatnonzero(found.left.any(axis=1)).tolist()
    gap = outcome.plan.settings.presence.bearer is Bearer.NOBODY
    advice = "Somebody is away (Absences), or a seat is vacant, and what they do not carry stays with the manager: rows Not carried of Phasing. The setting Relieved quota, or Bearer in Absences, gives it to the team."
    if gap:
        advice = "Somebody is away (Absences), or a seat is vacant, and nobody carries it: a gap of the plan."
    name = "Gap of the plan while people are away" if gap else "Quota not carried while people are away"
    return [
        Check(
            name,
            WARNING if gap else NOTE,
            clean(float(found.left.sum())),
            None,
            named([tree.reference(node) for node in nodes]),
            advice,
        )
    ]


def _not_phased(outcome: Outcome) -> list[Check]:
    """Why there is a season but no phasing."""
    given = outcome.planning.inputs
    if given.bookings is None:
        return []
    if given.period is None:
        advice = "Neither Plan start nor Period says what the plan covers, so quotas are not phased and no target range is given. Write Period as FY 2027."
        return [Check("Plan without a period", WARNING, None, None, "Settings", advice)]
    advice = "The plan is not made of whole quarters, so it is not phased. Set Phasing periods to months."
    return [Check("Plan not phased", WARNING, None, None, "Settings", advice)]


def _judged(outcome: Outcome) -> list[Check]:
    found, plan = outcome.planning.attainability, outcome.quotas
    history = outcome.planning.inputs.history
    if found is None or history is None:
        return []
    live = len(plan.quota) <= LIVE_CHECK_ROWS
    less = found.quota.sum() - plan.quota.sum()  # what is relieved while people are away
    listed = [
        zero(
            "Attainability is that of the quotas",
            "ROUND(SUM(Attainability[Quota])-SUM(Quotas[Quota]),2)" if live and not less else None,
            0.0,
            half_a_unit(plan.inputs.unit) if plan.inputs.unit is not None else 0.01,
            f"Attainability: {len(plan.quota):,} rows",
            "The sheet is about other quotas. Run again.",
        )
    ]
    if not outcome.plan.planning.history_clear:
        advice = f"The headers of {named(history.columns)} do not all say which quarter or month they are, so all {len(history.columns)} together count as one plan. Set History periods if that is wrong."
        listed.append(Check("Length of the history is taken for granted", NOTE, len(history.columns), None, "Hierarchy", advice))  # fmt: skip
    if found.growth_source != "Bookings":
        error = outcome.planning.inputs.rules.attainability.growth_error
        advice = "How far growth may be off for everybody at once is the setting Growth error, an assumption: chances of teams and company rest on it."
        listed.append(Check("Growth error is assumed", NOTE, error, None, "Settings", advice))
    if found.growth == 0 and found.growth_source.startswith("nowhere"):
        advice = "Bookings do not cover history and plan, and Expected growth is blank, so chances assume that the future equals the past. Fill in one of them."
        listed.append(Check("Chances assume no growth", NOTE, None, None, "Attainability", advice))
    ratio = float(found.ratio[0])
    if not np.isnan(found.apart):
        advice = f"They let expect {found.apart:,.2f} times what the reps' history does. Is one of them in another unit, or about a part of the business? The chance of the target is the more careful one, by {'the bookings' if found.company else 'the history'}."
        listed.append(Check("Bookings and history are about different things", WARNING, round(found.apart, 4), None, "Bookings, Hierarchy", advice))  # fmt: skip
    if ratio < HEALTHY[0] and level_of(found.verdict(0)) is not Level.FINE:
        advice = f"History reaches {ratio:.0%} of the target; plans are healthy at {HEALTHY[0]:.0%} to {HEALTHY[1]:.0%}. The sheet Plan health names what to do."
        listed.append(Check("Target far above history", WARNING, round(ratio, 4), HEALTHY[0], "Attainability", advice))
    elif ratio > OTHER_UNIT:
        advice = f"History is {ratio:,.0f} times the target: is one of them in thousands or millions?"
        listed.append(
            Check("Target far below history", WARNING, round(ratio, 4), OTHER_UNIT, "Settings, Hierarchy", advice)
        )
    return listed


def _capacity(outcome: Outcome) -> list[Check]:
    found, plan, settings = outcome.planning.capacity, outcome.quotas, outcome.plan.settings
    read = outcome.plan.planning
    if found is None:
        if outcome.plan.rows.get("Tiers"):
            advice = "Hierarchy has no column Tier, or the plan's period is not known."
            return [Check("Tiers are not used", WARNING, None, None, "Territories", advice)]
        return []
    listed = []
    if found.full.any():
        live = len(plan.quota) <= LIVE_CHECK_ROWS
        listed.append(
            zero(
                "Full quotas by tier add up to the target",
                f"ROUND(SUM(Capacity[Full quota])-{target_formula(settings)},6)" if live else None,
                clean(float(tidy(np.array([found.full.sum() - found.target]), plan.inputs.unit)[0])),
                half_a_unit(plan.inputs.unit) if plan.inputs.unit is not None else 0.01,
                f"Capacity: {len(found.node):,} seats",
                "Run again.",
                WARNING,
            )
        )
    if read.untiered:
        advice = "They weigh by capacity alone and do not ramp."
        listed.append(Check("ICs without a tier", NOTE, len(read.untiered), None, named(read.untiered), advice))
    gone = int((found.capacity.present == 0).sum())
    if gone:
        advice = "Their seats are empty for the whole plan (Start date, End date); what the cascade gives them nobody carries."
        listed.append(Check("ICs who are not there in the plan", WARNING, gone, None, "Hierarchy", advice))
    return listed


def _optimum(outcome: Outcome) -> list[Check]:
    optimum = outcome.planning.optimum
    if optimum is None or not optimum.allocations:
        return []
    live = len(optimum.territories) <= LIVE_CHECK_ROWS
    tolerance = half_a_unit(outcome.quotas.inputs.unit)
    names = [str(each.alternative) for each in optimum.allocations]
    outside = "+".join(
        f"SUMPRODUCT((Optimum[{name}]<Optimum[Least]-{tolerance})+(Optimum[{name}]>Optimum[Most]+{tolerance}))"
        for name in names
    )
    beyond = sum(
        int(((each.quota < optimum.low - tolerance) | (each.quota > optimum.high + tolerance)).sum())
        for each in optimum.allocations
    )
    off = max(abs(float(each.quota.sum()) - optimum.total) for each in optimum.allocations)
    return [
        zero(
            "Alternatives add up to one total",
            f"ROUND(ABS(MAX(Alternatives[Total])-{optimum.total!r})+ABS(MIN(Alternatives[Total])-{optimum.total!r}),6)" if live else None,
            clean(off if off >= tolerance else 0.0),
            tolerance,
            f"Alternatives: {named(names)}",
            "Run again.",
        ),
        zero(
            "Alternatives keep the limits",
            outside if live else None,
            beyond,
            0,
            f"Optimum: {len(optimum.territories):,} territories",
            "Quotas outside Min quota, Max quota or the fairness cap.",
        ),
    ]  # fmt: skip


def _bookings(outcome: Outcome) -> list[Check]:
    ground, given = outcome.planning.ground, outcome.planning.inputs
    found, spoken = ground.baseline, ground.target_range
    if found is None:
        return []
    listed = []
    if not (found.bookings.values > 0).all():
        advice = "Some bookings are 0 or below, so unusual ones are not looked for, and intervals are as wide for every period."
        listed.append(
            Check("Bookings of 0 or below", NOTE, int((found.bookings.values <= 0).sum()), None, "Bookings", advice)
        )
    if found.bookings.cumulative:
        advice = "They grow through every year and then start anew, as sums since the start of the year do; they are read as what each period brought. If they are sums, enter the differences: baseline, phasing and chance rest on them."
        listed.append(Check("Bookings look like sums of the year so far", WARNING, None, None, "Bookings", advice))
    if spoken is None and given.period is not None:
        advice = "The plan does not begin and end with quarters as the bookings do, so no target range is given. Bookings by month would give one."
        listed.append(Check("No target range", WARNING, None, None, "Baseline", advice))
    if spoken is not None and not spoken.complete:
        advice = "The bookings begin after the plan does, or end too early, so the range covers a part of it."
        listed.append(Check("Bookings do not cover the plan", WARNING, None, None, "Bookings", advice))
    elif spoken is not None and level_of(spoken.verdict) in {Level.WATCH, Level.ACT}:
        judged = outcome.planning.attainability
        expected = f"Bookings let expect {spoken.expected:,.0f}, between {spoken.low:,.0f} and {spoken.high:,.0f}"
        if judged is not None and not judged.company:
            expected = f"The reps' history lets expect {judged.expected[0]:,.0f}"
        advice = f"{expected}; the target is {spoken.target:,.0f}. Lower it, or say what changes."
        what = "a stretch" if spoken.verdict is ChanceVerdict.STRETCH else "not backed by history"
        listed.append(Check(f"The target is {what}", WARNING, round(spoken.chance, 4), None, "Baseline", advice))
    if not found.trials:
        advice = f"With two years of bookings nothing can be tried on the past; the {COMBINED} is used, and the interval is a usual one."
        listed.append(Check("Bookings too short to try methods", NOTE, len(found.bookings), None, "Bookings", advice))
    if len(found.forecast) > FAR_AHEAD * found.bookings.season:
        advice = (
            "The plan ends more than two years after the last booking: what is forecast so far ahead is hardly known."
        )
        listed.append(Check("Bookings end long before the plan", WARNING, len(found.forecast), None, "Bookings", advice))  # fmt: skip
    for kind, word in (
        (OutlierKind.ONE_OFF, "They count as what was expected." if given.rules.baseline.replace_one_offs else "They count as they are; the setting Unusual bookings can replace them."),
        (OutlierKind.SHIFT, "The level changed there and stayed: look whether the new one lasts."),
    ):  # fmt: skip
        hits = [each for each in found.outliers if each.kind is kind]
        if hits:
            where = named([f"{found.bookings.name(each.position)} {each.deviation:+.0%}" for each in hits])
            name = "Unusual bookings" if kind is OutlierKind.ONE_OFF else "Bookings change their level"
            listed.append(Check(name, WARNING, len(hits), None, where, word))
    return listed


def _territories(outcome: Outcome) -> list[Check]:
    found, read = outcome.planning.ground.potential, outcome.plan.planning
    if found is None:
        return []
    listed = []
    if found.reason:
        advice = f"{found.reason}. Used: {found.model}."
        listed.append(Check("A simpler model of potential", NOTE, found.learned_from, None, "Territories", advice))
    if found.filled_in:
        advice = "They count as the median of their column."
        listed.append(Check("Blank cells of territories", NOTE, found.filled_in, None, "Territories", advice))
    if read.unplaced:
        advice = "They are in no territory: what is said by territory leaves them out."
        listed.append(Check("ICs without a territory", NOTE, len(read.unplaced), None, named(read.unplaced), advice))
    if read.idle_territories:
        advice = "No IC of Hierarchy is in them, so they carry no present quota."
        listed.append(Check("Territories without ICs", WARNING, len(read.idle_territories), None, named(read.idle_territories), advice))  # fmt: skip
    optimum = outcome.planning.optimum
    if optimum is not None and optimum.left_out:
        why = "; ".join(f"{kind}: {reason}" for kind, reason in optimum.left_out)
        listed.append(Check("Alternatives that could not be computed", NOTE, len(optimum.left_out), None, "Optimum", why))  # fmt: skip
    return listed
