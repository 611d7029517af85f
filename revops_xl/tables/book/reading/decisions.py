"""The decisions that matter, most money first: one subject once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revops_xl.model.attainability import Advice
from revops_xl.model.wording import counted
from revops_xl.tables.book.reading.facts import Facts

#: How many there are, and letters of a title and of a line of why.
COUNT, LONGEST_TITLE, LONGEST_LINE = 5, 40, 62


@dataclass(frozen=True)
class Decision:
    """Something to decide.

    Attributes:
        what: A verb and its object.
        amount: Currency; NaN: none.
        why: One or two lines.
        table: The result table that says more.
        node: The row there: a node; "": its top.
        subject: Position of the node in the tree; 0: the plan.
        shown: What stands for the amount; "": the amount.
    """

    what: str
    amount: float
    why: str
    table: str
    node: str = ""
    subject: int = 0
    shown: str = ""

    @property
    def lines(self) -> list[str]:
        """Why, in at most two lines."""
        lines = textwrap.wrap(self.why, LONGEST_LINE)
        return (
            [lines[0], textwrap.shorten(" ".join(lines[1:]), LONGEST_LINE, placeholder=" …")]
            if len(lines) > 1
            else lines
        )


def decisions(facts: Facts) -> tuple[str, list[Decision]]:
    """A heading and the decisions; where nothing is to be decided, the largest asks."""
    found = sorted(_all(facts), key=lambda each: -np.nan_to_num(each.amount))
    chosen: list[Decision] = []
    for each in found:
        if each.amount < 0.001 * facts.target and not each.shown:
            continue
        if each.subject and any(_related(facts, each.subject, other.subject) for other in chosen if other.subject):
            continue
        chosen.append(each)
    if chosen:
        count = min(len(chosen), COUNT)
        words = ("", "One decision", "Two decisions", "Three decisions", "Four decisions", "Five decisions")
        return (f"{words[count]}, most money first" if count > 1 else words[1]), chosen[:COUNT]
    asks = list(_asks(facts))[:COUNT]
    return ("Largest asks", asks) if asks else ("What would tell more", list(_additions(facts)))


def _related(facts: Facts, one: int, other: int) -> bool:
    """Whether one node is the other or stands above or below it."""
    parent = facts.tree.parent
    for low, high in ((one, other), (other, one)):
        while low > high:
            low = int(parent[low])  # noqa: PLW2901
        if low == high:
            return True
    return False


def _all(facts: Facts) -> Iterator[Decision]:
    for advice in facts.outcome.planning.advice:
        found = _of_advice(facts, advice)
        if found is not None:
            yield found
    yield from _moves(facts)
    yield from _commits(facts)


def _of_advice(facts: Facts, advice: Advice) -> Decision | None:
    say, name = facts.scale.say, facts.name(advice.node)
    judged, plan = facts.outcome.planning.attainability, facts.outcome.quotas
    quota = float(plan.quota[advice.node])
    match advice.topic:
        case "Target" if facts.chance is not None:
            more = f"{say(facts.chance.expected)} is expected, a chance of {facts.chance.chance:.0%}."
            if facts.chance.expected < facts.target:
                return Decision("Lower the target, or back it", advice.amount, more, "Settings")
            return Decision("Raise the target, or bank the room", advice.amount, more, "Settings")
        case "Capacity":
            carried = facts.target - advice.amount
            why = f"Leave and ramp counted, today's seats can carry {say(carried)}; the rest of the {say(facts.target)} has nobody to sell it."
            return Decision("Hire, or plan with less", advice.amount, why, "CapacityByTier")
        case "Team" | "Quota" if judged is not None:
            team = f" ({facts.name(int(facts.tree.parent[advice.node]))})" if facts.tree.is_ic[advice.node] else ""
            expected = float(judged.expected[advice.node])
            why = f"{name}{team} carries {say(quota)}; {say(expected)} is expected, so it is {judged.chance[advice.node]:.0%} likely."
            return Decision(f"Lower {name}, or accept the risk", advice.amount, why, "Quotas", name, advice.node)
        case "Quota : OTE" if judged is not None:
            why = f"A quota of {say(quota)} is {judged.ote_ratio[advice.node]:.1f} times target earnings; {say(advice.aim)} would be in bounds."
            return Decision(f"Review {name}'s quota or pay", advice.amount, why, "Quotas", name, advice.node)
        case "Fairness":
            why = f"Carries more of the territory's potential than others; {say(advice.aim)} would be as much as they carry."
            return Decision(f"Even out {name}'s territory", advice.amount, why, "Quotas", name, advice.node)
        case "Ramp":
            why = f"A quota of {say(quota)} for a seat that is ramping up or not filled all the time."
            return Decision(f"Give {name} time to ramp up", advice.amount, why, "Capacity", "", advice.node)
    return None


def _moves(facts: Facts) -> Iterator[Decision]:
    """A redistribution that is proposed and not in force."""
    moved, plan = facts.outcome.moved, facts.outcome.plan
    if moved is None or plan.pipeline is None or not plan.pipeline.redistribute or not facts.outcome.open_changes.any():
        return
    amount = float(moved.change[moved.change > 0].sum())
    if not amount:
        return
    tree = facts.tree
    gives, takes = int((moved.change < 0).sum()), int((moved.change > 0).sum())
    teams = len(set(tree.parent[moved.change != 0].tolist()))
    why = f"From {counted(gives, 'rep')} who lack pipeline to {takes} who have it. No team's total changes; nothing moves until you accept."
    yield Decision(f"Let quota move inside {counted(teams, 'team')}", amount, why, "QuotaAdjustments")


def _commits(facts: Facts) -> Iterator[Decision]:
    """Managers who have not committed."""
    missing = facts.missing_commits
    if not missing:
        return
    who = missing[0] if len(missing) == 1 else f"{len(missing)} managers"
    why = f"Without {'it' if len(missing) == 1 else 'them'} the sums of commits are too low."
    yield Decision(f"Get a commit from {who}", 0.0, why, "CommitReview", shown="missing")


def _additions(facts: Facts) -> Iterator[Decision]:
    """What to add where too little is known to decide anything."""
    if facts.history is None:
        why = "Columns such as 2026-Q1_Attainment: quotas then follow history, and the target gets a chance."
        yield Decision("Enter what reps have sold", 0.0, why, "Hierarchy", shown="–")
    if facts.outcome.health is None:
        why = "Name them in Settings, Pipeline columns: coverage tells whose quota has no pipeline behind it."
        yield Decision("Add pipeline columns", 0.0, why, "Hierarchy", shown="–")
    if facts.outcome.revenue is None:
        yield Decision(
            "Add open and closed deals", 0.0, "They make a forecast of revenue beside the target.", "Deals", shown="–"
        )
    if facts.outcome.planning.ground.baseline is None:
        yield Decision(
            "Add past bookings", 0.0, "Two years of quarters tell what history supports.", "Bookings", shown="–"
        )


def _asks(facts: Facts) -> Iterator[Decision]:
    """Reps of whom most more is asked than they reached."""
    if facts.history is None:
        return
    tree, quota, history = facts.tree, facts.outcome.quotas.quota, facts.history
    more = np.where(tree.is_ic & (history > 0), quota - history, 0.0)
    for node in np.argsort(-more, kind="stable")[:COUNT].tolist():
        if more[node] <= 0:
            return
        name = facts.name(node)
        why = f"{facts.name(int(tree.parent[node]))}: quota {facts.scale.say(float(quota[node]))}, before {facts.scale.say(float(history[node]))} ({facts.asked[node]:+.0%})."
        yield Decision(name, float(more[node]), why, "Quotas", name, node)
