"""The steps of a plan, for the sheet Start: what is done, what is to do, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from revops_xl.model.verdicts import Level
from revops_xl.model.wording import counted
from revops_xl.tables.book.reading.facts import Facts
from revops_xl.tables.book.reading.freshness import stale
from revops_xl.tables.book.reading.marks import marked
from revops_xl.tables.book.setting_list import SETTINGS
from revops_xl.tables.schema.check import quoted
from revops_xl.tables.schema.result import Formula

DONE, TO_DO, UNUSED = marked(Level.FINE, "done"), marked(Level.WATCH, "to do"), marked(Level.NONE, "not used")
AGAIN, FAILS = marked(Level.ACT, "run again"), marked(Level.ACT, "fails")


@dataclass(frozen=True)
class Step:
    """A step as the sheet has it before the first run.

    Attributes:
        group: When it is done.
        name: What it is.
        state: Before the first run.
        what: What to do, before the first run.
        sheet: Where.
        part: The part of a run that it belongs to; "": none, it is an input.
    """

    group: str
    name: str
    state: str
    what: str
    sheet: str
    part: str = ""


STEPS = (
    Step("Plan", "Target and settings", TO_DO, "Enter the Target, the Period and the Currency", "Settings"),
    Step("Plan", "People and history", TO_DO, "One row per rep, with the levels above and what was sold", "Hierarchy"),
    Step("Plan", "Hedges, metrics, fixed amounts", UNUSED, "Hedges by level or team; what counts for the split; amounts fixed by hand", "Levels"),
    Step("Plan", "Quotas", TO_DO, "Run the plan: RevOps tab, or revops-xl run", "Quotas", "quotas"),
    Step("Every week", "Commits", UNUSED, "Needs the sheet Commits: revops-xl parts --add weekly", "Commit review", "commits"),
    Step("Every week", "Pipeline", UNUSED, "Needs pipeline columns in Hierarchy, named in Settings", "Pipeline health", "pipeline"),
    Step("Every week", "Deals and forecast", UNUSED, "Needs the sheet Deals: revops-xl parts --add forecast", "Forecast", "forecast"),
    Step("Planning", "Whether it can be reached", UNUSED, "Needs history, or Bookings: revops-xl parts --add planning", "Plan health", "planning"),
    Step("With managers", "Send packets", UNUSED, "One workbook per manager: Packets, or revops-xl packets", "Packets"),
    Step("With managers", "Collect answers", UNUSED, "Nothing sent yet", "Requests"),
)  # fmt: skip


@dataclass(frozen=True)
class State:
    """A step after a run.

    Attributes:
        state: With its mark; a text or a formula.
        what: What is there.
    """

    state: Any
    what: str


def states(facts: Facts, rows: Mapping[str, int]) -> list[State]:
    """The steps in order.

    Args:
        facts: The outcome.
        rows: Rows of tables of the workbook that no run fills, such as Packets.
    """
    found = list(_states(facts, rows))
    return [
        State(_or_again(each.state, step.part) if step.part and each.state != UNUSED else each.state, each.what)
        for step, each in zip(STEPS, found, strict=True)
    ]


def _or_again(state: str, part: str) -> Formula:
    return Formula(f'IF({stale([part])},"{AGAIN}",{quoted(state)})', state)


def _states(facts: Facts, rows: Mapping[str, int]) -> Iterator[State]:
    outcome, say = facts.outcome, facts.scale.say
    plan, tree, inputs = outcome.plan, facts.tree, outcome.quotas.inputs
    changed = sum(1 for each in plan.watch.inputs if each.table == "Settings" and _set(each.column, each.value))
    period = f", {plan.settings.period}" if plan.settings.period else ""
    yield State(DONE, f"{say(facts.target)} {plan.settings.currency}{period}; {counted(changed, 'setting')} filled in")
    teams = int((~tree.is_ic).sum())
    history = outcome.planning.inputs.history
    past = f", {counted(len(history.columns), 'period')} of history" if history is not None else ""
    people = len(set(tree.names[tree.is_ic].tolist()))
    yield State(DONE, f"{counted(people, 'rep')} in {counted(teams, 'team')}{past}")
    hedged, single = plan.rows.get("Levels", 0), plan.rows.get("NodeHedges", 0)
    metrics, fixed = len(inputs.blend), len(inputs.fixed)
    hedges = f"{counted(hedged, 'level')}" + (f", {counted(single, 'team')} with their own" if single else "")
    yield State(DONE, "; ".join(filter(None, (hedges, counted(metrics, "metric"), counted(fixed, "fixed amount") if fixed else ""))))  # fmt: skip
    yield State(FAILS if facts.failed else DONE, f"{say(facts.carried)} handed out; " + ("see Checks" if facts.failed else f"adds up in {'all ' if teams > 1 else ''}{counted(teams, 'team')}"))  # fmt: skip
    yield _commits(facts)
    yield _pipeline(facts)
    yield _forecast(facts)
    yield _planning(facts)
    sent, asked = rows.get("Packets", 0), rows.get("Requests", 0)
    yield State(DONE, f"{counted(sent, 'packet')} sent") if sent else State(UNUSED, STEPS[8].what)
    if asked:
        yield State(TO_DO, f"{counted(asked, 'request')} on the sheet Requests")
    else:
        yield State(TO_DO if sent else UNUSED, "Waiting for answers" if sent else STEPS[9].what)


def _set(name: str, value: float) -> bool:
    """Whether a setting is filled in with something else than its default."""
    setting = next(each for each in SETTINGS if each.name == name)
    if isinstance(setting.default, int | float) and not isinstance(setting.default, bool):
        return value != setting.default
    return bool(value) and setting.default is None


def _commits(facts: Facts) -> State:
    review, commits = facts.outcome.review, facts.outcome.plan.commits
    if review is None or commits is None:
        return State(UNUSED, STEPS[4].what)
    now, missing = len(commits.current.managers), len(facts.missing_commits)
    what = f"{now} of {counted(now + missing, 'manager')} have committed" if missing else f"{counted(now, 'manager')} committed" if now else "No commit of this quarter yet"  # fmt: skip
    return State(TO_DO if missing or not now else DONE, what)


def _pipeline(facts: Facts) -> State:
    health, moved = facts.outcome.health, facts.outcome.moved
    if health is None or facts.outcome.plan.pipeline is None:
        return State(UNUSED, STEPS[5].what)
    covered = float(health.coverage[0])
    what = f"Coverage {covered:.2f}×" if covered == covered else "No coverage known"  # noqa: PLR0124  (NaN)
    open_moves = facts.outcome.plan.pipeline.redistribute and bool(facts.outcome.open_changes.any())
    if moved is not None and open_moves:
        what += f"; {facts.scale.say(float(moved.change[moved.change > 0].sum()))} proposed to move"
    return State(TO_DO if open_moves else DONE, what)


def _forecast(facts: Facts) -> State:
    revenue, found = facts.outcome.revenue, facts.forecast
    if revenue is None or found is None:
        return State(UNUSED, STEPS[6].what)
    return State(DONE, f"{counted(len(revenue.scored), 'open deal')}; forecast {facts.scale.say(found.total)}")


def _planning(facts: Facts) -> State:
    advice, chance = facts.outcome.planning.advice, facts.chance
    if chance is None:
        return State(UNUSED, STEPS[7].what)
    return State(DONE, f"Chance of the target {chance.chance:.0%}; {counted(len(advice), 'recommendation')}")
