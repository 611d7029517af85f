"""The six figures of the page, each with what it is measured by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.model.attainability import REPS_AIM, REPS_USUAL
from revops_xl.model.pipeline import Status
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE
from revops_xl.model.verdicts import Level, level_of
from revops_xl.model.wording import counted
from revops_xl.tables.book.reading.facts import ASKED, Facts
from revops_xl.tables.book.reading.freshness import stale
from revops_xl.tables.book.reading.marks import MARKS, marked
from revops_xl.tables.schema.check import quoted
from revops_xl.tables.schema.result import Formula, target_formula

#: How many there are.
COUNT = 6


@dataclass(frozen=True)
class Tile:
    """A figure.

    Attributes:
        name: What it is.
        value: The exact figure.
        shown: As it is shown: a text, or a formula.
        beside: What it is measured by.
        verdict: With its mark.
        parts: Parts of a run it is of; empty: it is live.
    """

    name: str
    value: Any
    shown: Any
    beside: Any
    verdict: Any
    parts: tuple[str, ...] = ()

    def verdict_of(self, day: str) -> Any:
        """The verdict; of inputs that have changed since, none: an old green light is worse than none."""
        if not self.parts:
            return self.verdict
        old = marked(Level.NONE, f"of the run of {day}")
        live = isinstance(self.verdict, Formula)
        fresh, shown = (self.verdict.text, self.verdict.value) if live else (quoted(self.verdict), self.verdict)
        return Formula(f'IF({stale(self.parts)},"{old}",{fresh})', shown)


def tiles(facts: Facts) -> list[Tile]:
    """Six figures of what is known, the most important first."""
    return [each for each in _all(facts) if each is not None][:COUNT]


def _all(facts: Facts) -> Iterator[Tile | None]:
    yield _target(facts)
    yield _forecast(facts)
    yield _chance(facts)
    yield _hedge(facts)
    yield _coverage(facts)
    yield _safe(facts)
    yield _at_quota(facts)
    yield _reps(facts)
    yield _asked(facts)
    yield _fixed(facts)
    yield _largest(facts)
    yield _teams(facts)


def _target(facts: Facts) -> Tile:
    scale, last = facts.scale, facts.last_year
    target = target_formula(facts.outcome.plan.settings)
    shown = Formula(scale.formula(target), scale.say(facts.target))
    if np.isnan(last):
        return Tile("Target", Formula(target, facts.target), shown, facts.outcome.plan.settings.period or "to be handed down", marked(Level.NONE, "no history to compare with"))  # fmt: skip
    growth = f"({target}/{last!r}-1)"
    beside = Formula(
        f'IF({growth}>=0,"+","")&FIXED({growth}*100,1)&"% on last year\'s {scale.say(last)}"',
        f"{facts.target / last - 1:+.1%} on last year's {scale.say(last)}",
    )
    return Tile("Target", Formula(target, facts.target), shown, beside, _within(facts), ("planning",))


def _within(facts: Facts) -> str:
    """The target beside what history supports."""
    spoken = facts.spoken
    if spoken is None:
        return marked(Level.NONE, f"last year {facts.scale.say(facts.last_year)}")
    if facts.target < spoken.low:
        return marked(Level.FINE, "below what history supports")
    if facts.target <= spoken.high:
        return marked(Level.FINE, "within what history supports")
    return marked(Level.ACT, f"{facts.scale.say(facts.target - spoken.high)} above all it supports")


def _forecast(facts: Facts) -> Tile | None:
    found = facts.forecast
    if found is None:
        return None
    beside = f"{found.interval:.0%} range {facts.scale.range(found.low, found.high)}"
    gap = found.total - facts.target
    if not found.comparable:
        verdict = marked(Level.NONE, found.why_not)
    elif gap >= 0:
        verdict = marked(Level.FINE, f"{facts.scale.say(gap)} above the target")
    else:
        level = Level.WATCH if found.high >= facts.target else Level.ACT
        verdict = marked(level, f"{facts.scale.say(-gap)} below the target")
    name = "Forecast" if found.comparable else f"Forecast, {found.span}"
    return Tile(name, found.total, facts.scale.say(found.total), beside, verdict, ("forecast",))


def _chance(facts: Facts) -> Tile | None:
    found = facts.chance
    if found is None:
        return Tile("Chance of the target", None, "–", "needs Bookings or history", marked(Level.NONE, "not known yet"))  # fmt: skip
    beside = f"{found.source.removeprefix('the ')}: {facts.scale.say(found.expected)} expected"
    verdict = marked(level_of(found.verdict), str(found.verdict))
    return Tile("Chance of the target", found.chance, f"{found.chance:.0%}", beside, verdict, ("planning",))


def _hedge(facts: Facts) -> Tile:
    """Live: over-assignment against its limits."""
    over, scale = facts.over_assigned, facts.scale
    figure = "INDEX(Headlines[Over-assignment %],1)"
    carried = "INDEX(Headlines[IC quotas],1)"
    texts = {
        Level.FINE: f"within the {WARN_ABOVE:.0%} limit",
        Level.WATCH: f"above the {WARN_ABOVE:.0%} limit",
        Level.ACT: f"far above the {WARN_ABOVE:.0%} limit",
    }
    level = Level.ACT if over >= ALARM_FROM else Level.WATCH if over > WARN_ABOVE else Level.FINE
    said = {level: f"{MARKS[level]} {text}" for level, text in texts.items()}
    verdict = Formula(
        f'IF({figure}>={ALARM_FROM},"{said[Level.ACT]}",IF({figure}>{WARN_ABOVE},"{said[Level.WATCH]}","{said[Level.FINE]}"))',
        said[level],
    )
    return Tile(
        "Hedges add",
        Formula(figure, over),
        Formula(f'FIXED({figure}*100,1)&"%"', f"{100 * over:,.1f}%"),
        Formula(f'"reps carry "&{scale.formula(carried)}', f"reps carry {scale.say(facts.carried)}"),
        verdict,
        ("quotas",),
    )


def _coverage(facts: Facts) -> Tile | None:
    health = facts.outcome.health
    if health is None or np.isnan(health.coverage[0]):
        return None
    pipeline = facts.outcome.plan.pipeline
    needed = float(pipeline.thresholds.healthy[0]) if pipeline is not None else float("nan")
    status = health.STATUSES[health.status[0]]
    beside = f"needs {needed:.2f}×; pipeline {facts.scale.say(float(health.pipeline[0]))}"
    words = {Status.HEALTHY: "healthy", Status.MODERATE: "moderate", Status.AT_RISK: "at risk", Status.CRITICAL: "critical"}  # fmt: skip
    verdict = marked(level_of(status), words.get(status, str(status)))
    if facts.short_of_pipeline and level_of(status) is Level.FINE:
        verdict = marked(Level.WATCH, f"{len(facts.short_of_pipeline)} of {counted(len(facts.branches), 'branch', 'branches')} short")  # fmt: skip
    value = float(health.coverage[0])
    return Tile("Pipeline coverage", value, f"{value:.2f}×", beside, verdict, ("pipeline",))


def _safe(facts: Facts) -> Tile | None:
    found, revenue = facts.forecast, facts.outcome.revenue
    if found is None or revenue is None:
        return None
    often = f"covered in {revenue.rules.confidence:.0%} of simulated years"
    plain = marked(Level.NONE, f"plain {revenue.rules.opex_limit:.0%} rule: {facts.scale.say(found.plain)}")
    return Tile("Spend that is safe", found.safe, facts.scale.say(found.safe), often, plain, ("forecast",))


def _at_quota(facts: Facts) -> Tile | None:
    reached = facts.reps_at_quota
    if np.isnan(reached):
        return None
    level = Level.FINE if reached >= REPS_AIM[0] else Level.WATCH if reached >= REPS_USUAL[0] else Level.ACT
    verdict = marked(level, f"aim {REPS_AIM[0]:.0%} to {REPS_AIM[1]:.0%}")
    return Tile("Reps at quota", reached, f"{reached:.0%}", "expected to reach their quota", verdict, ("planning",))


def _reps(facts: Facts) -> Tile:
    roles, tree = facts.outcome.quotas.roles, facts.tree
    new = int((roles.new_hire & tree.is_ic).sum())
    gated = int((roles.gated & tree.is_ic).sum())
    beside = ", ".join(
        filter(None, (counted(new, "new hire") if new else "", f"{gated} without a quota" if gated else ""))
    )
    teams = int((~tree.is_ic).sum())
    each = facts.target / max(facts.reps, 1)
    return Tile("Reps with a quota", facts.reps, f"{facts.reps:,}", beside or f"in {counted(teams, 'team')}", marked(Level.NONE, f"{facts.scale.say(each)} each on average"), ("quotas",))  # fmt: skip


def _asked(facts: Facts) -> Tile | None:
    asked = facts.asked[facts.tree.is_ic]
    known, much = int((~np.isnan(asked)).sum()), int((asked >= ASKED).sum())
    if not known:
        return None
    part = much / known
    level = Level.FINE if part < ASKED else Level.WATCH
    return Tile(f"Asked for {ASKED:.0%} or more", much, f"{much:,}", f"of {counted(known, 'rep')} with a history", marked(level, f"{part:.0%} of them"), ("quotas",))  # fmt: skip


def _fixed(facts: Facts) -> Tile | None:
    fixed = facts.outcome.quotas.inputs.fixed
    if not fixed:
        return None
    amount = float(sum(facts.outcome.quotas.quota[each.node] for each in fixed))
    return Tile("Fixed by hand", amount, facts.scale.say(amount), counted(len(fixed), "amount"), marked(Level.NONE, "see Overrides"), ("quotas",))  # fmt: skip


def _largest(facts: Facts) -> Tile:
    tree, quota = facts.tree, facts.outcome.quotas.quota
    ics = np.flatnonzero(tree.is_ic)
    top = int(ics[np.argmax(quota[ics])])
    return Tile("Largest quota", float(quota[top]), facts.scale.say(float(quota[top])), facts.name(top), marked(Level.NONE, f"{quota[top] / max(facts.carried, 1e-9):.0%} of all"), ("quotas",))  # fmt: skip


def _teams(facts: Facts) -> Tile:
    teams = int((~facts.tree.is_ic).sum())
    return Tile("Teams", teams, f"{teams:,}", "each adds up to its quota", marked(Level.FINE, "to the cent"), ("quotas",))  # fmt: skip
