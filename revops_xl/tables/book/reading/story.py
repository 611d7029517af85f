"""The plan in three lines: whether the target holds, what supports that, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revops_xl.model.attainability import REPS_AIM, REPS_USUAL
from revops_xl.model.results import WARN_ABOVE
from revops_xl.model.verdicts import ChanceVerdict, Level
from revops_xl.model.wording import counted
from revops_xl.tables.book.reading.facts import ASKED, Facts

#: What stands against a plan is said of so many things, the weightiest first.
MOST_AGAINST = 3
#: Part of the target from which somebody's gap is worth a word.
WORTH_A_WORD = 0.005
#: A target below this part of what is expected asks for too little.
TOO_EASY = 0.9
#: A smaller share of reps is none of them.
NOBODY = 0.005
#: A branch that expects less than this part of its quota sits in the wrong place.
WRONG_PLACE = 0.75


@dataclass(frozen=True)
class Story:
    """Three lines about a plan.

    Attributes:
        headline: Whether it holds.
        supports: What speaks for it; "": nothing is known.
        against: What speaks against it; "": nothing.
    """

    headline: str
    supports: str
    against: str

    @property
    def text(self) -> str:
        """All of it, for a command line."""
        return " ".join(filter(None, (self.headline, self.supports, self.against)))


def story(facts: Facts) -> Story:
    """The three lines, from what is known; what is not known is left out."""
    if facts.failed:
        more = f" and {len(facts.failed) - 1} more" if len(facts.failed) > 1 else ""
        head = f'Do not use these quotas: "{facts.failed[0]}"{more} failed. See Checks.'
    else:
        head = _headline(facts)
    against = _joined(list(_against(facts))[:MOST_AGAINST])
    todo = f" {counted(facts.to_look_at, 'thing')} to look at." if facts.to_look_at else ""
    return Story(
        head,
        f"What supports it: {_joined(list(_supports(facts)))}.",
        f"What stands against it: {against}.{todo}"
        if against
        else f"Nothing stands against it.{todo}"
        if facts.chance
        else todo.strip(),
    )


def _headline(facts: Facts) -> str:
    target, say = f"The {facts.scale.say(facts.target)} target", facts.scale.say
    level, chance = facts.chance_level(), facts.chance
    if chance is None:
        return _handed_out(facts)
    if chance.verdict is ChanceVerdict.BACKED and facts.target < chance.low and not _speaks_against(facts):
        return f"{target} is below what past bookings support ({facts.scale.range(chance.low, chance.high)})."
    if (
        chance.verdict is ChanceVerdict.BACKED
        and facts.target < TOO_EASY * chance.expected
        and not _speaks_against(facts)
    ):
        return f"{target} is far below what {chance.source} let{'s' * (chance.source != 'past bookings')} expect ({say(chance.expected)})."
    if level is Level.FINE:
        forecast = facts.forecast
        if forecast is not None and forecast.comparable and forecast.high < facts.target:
            return f"{target} is within reach by {chance.source}, but the forecast ends {say(facts.target - forecast.total)} below it."
        if _wrong_places(facts):
            return f"{target} is within reach, but the quotas sit in the wrong places."
        return f"{target} is within reach, and the quotas fit it."
    over = facts.target - chance.expected
    gap = (
        f", {say(over)} above what {chance.source} let{'s' * (chance.source != 'past bookings')} expect"
        if over > 0
        else ""
    )
    if level is Level.ACT:
        forecast = facts.forecast
        if forecast is not None and forecast.comparable and forecast.best < facts.target:
            return f"{target} is out of reach: {chance.chance:.0%} likely, and the best scenario ends at {say(forecast.best)}."
        return f"{target} is out of reach: {chance.chance:.0%} likely{gap}."
    return f"{target} is a stretch: {chance.chance:.0%} likely{gap}."


def _speaks_against(facts: Facts) -> bool:
    """Whether something says that the target is not too easy."""
    forecast, capacity = facts.forecast, facts.outcome.planning.capacity
    low = forecast is not None and forecast.comparable and forecast.total < facts.target
    short = capacity is not None and capacity.gap > WORTH_A_WORD * facts.target
    return low or short or _wrong_places(facts)


def _handed_out(facts: Facts) -> str:
    """Where there is nothing to tell the chance by."""
    start = f"{facts.scale.say(facts.target)} is handed out to {counted(facts.reps, 'rep')}"
    if facts.history is None:
        if np.nansum(np.abs(facts.outcome.quotas.breakdown.metric_value)) > 0:
            return f"{start}; it adds up in every team."
        return f"{start} in equal parts: there is no history to tell them apart."
    worst = _most_asked(facts)
    asks = f", and asks {facts.name(worst)} for {facts.asked[worst]:.0%} more" if worst is not None else ""
    return f"{start}; it adds up in every team{asks}."


def _most_asked(facts: Facts) -> int | None:
    """The branch of which most growth is asked."""
    known = [node for node in facts.branches if facts.asked[node] > 0]
    return max(known, key=lambda node: facts.asked[node]) if known else None


def _wrong_places(facts: Facts) -> bool:
    """Whether the target holds while its parts do not: a branch far from its quota, or too few reps at theirs."""
    judged = facts.outcome.planning.attainability
    if judged is None:
        return False
    far = [node for node in facts.branches if judged.expected[node] < WRONG_PLACE * judged.quota[node]]
    return bool(far) or facts.reps_at_quota < REPS_USUAL[0]


def _supports(facts: Facts) -> Iterator[str]:
    say, chance, forecast = facts.scale.say, facts.chance, facts.forecast
    if chance is not None and facts.chance_level() is Level.FINE:
        verb = "give" if chance.source == "past bookings" else "gives"
        yield f"{chance.source} {verb} it a {chance.chance:.0%} chance"
    elif chance is None and not np.isnan(facts.last_year):
        yield f"the target is {facts.target / facts.last_year - 1:+.1%} on last year"
    if forecast is not None and (not forecast.comparable or forecast.total >= facts.target):
        at = "" if forecast.comparable else f" for {forecast.span}"
        yield f"the forecast is {say(forecast.total)}{at} ({facts.scale.range(forecast.low, forecast.high)})"
    if facts.over_assigned > 0:
        yield f"reps carry {say(facts.carried)}, so hedges leave {say(facts.carried - facts.target)} of room"
    else:
        yield f"reps carry {say(facts.carried)}"


def _against(facts: Facts) -> Iterator[str]:
    """The weightiest first: amounts by their size."""
    found = sorted(_amounts(facts), key=lambda each: -each[0])
    yield from (text for amount, text in found if amount >= WORTH_A_WORD * facts.target)
    reached = facts.reps_at_quota
    if reached < REPS_AIM[0]:
        who = f"only {reached:.0%} of reps are" if reached >= NOBODY else "no rep is"
        yield f"{who} expected to reach {'their' if reached >= NOBODY else 'the'} quota (aim: {REPS_AIM[0]:.0%} to {REPS_AIM[1]:.0%})"
    if facts.short_of_pipeline:
        yield f"{len(facts.short_of_pipeline)} of {counted(len(facts.branches), 'branch', 'branches')} {'are' if len(facts.short_of_pipeline) > 1 else 'is'} short of pipeline"
    if facts.over_assigned > WARN_ABOVE:
        yield f"hedges add {facts.over_assigned:.0%}, more than the {WARN_ABOVE:.0%} limit"
    if facts.missing_commits:
        yield f"{counted(len(facts.missing_commits), 'manager')} {'have' if len(facts.missing_commits) > 1 else 'has'} not committed"
    if facts.chance is None:
        asked = _asked_much(facts)
        if asked[0]:
            yield f"{asked[0]} of {counted(asked[1], 'rep')} with a history {'are' if asked[0] > 1 else 'is'} asked for {ASKED:.0%} or more on it"


def _asked_much(facts: Facts) -> tuple[int, int]:
    """Reps who are asked for much growth, and reps with a history."""
    asked = facts.asked[facts.tree.is_ic]
    return int((asked >= ASKED).sum()), int((~np.isnan(asked)).sum())


def _amounts(facts: Facts) -> Iterator[tuple[float, str]]:
    """What is missing in money, with its words."""
    say, forecast = facts.scale.say, facts.forecast
    judged = facts.outcome.planning.attainability
    if forecast is not None and forecast.comparable and forecast.total < facts.target:
        gap = facts.target - forecast.total
        yield (
            gap,
            f"the forecast is {say(forecast.total)} ({facts.scale.range(forecast.low, forecast.high)}), {say(gap)} below the target",
        )
    if judged is not None:
        gaps = {node: float(judged.quota[node] - judged.expected[node]) for node in facts.branches if judged.expected[node] < WRONG_PLACE * judged.quota[node]}  # fmt: skip
        if gaps:
            worst = max(gaps, key=lambda node: gaps[node])
            yield (
                gaps[worst],
                f"{facts.name(worst)} is expected to reach {judged.expected[worst] / judged.quota[worst]:.0%} of its quota, {say(gaps[worst])} short",
            )
    capacity = facts.outcome.planning.capacity
    if capacity is not None and capacity.gap > 0:
        yield capacity.gap, f"today's seats can carry {say(capacity.target - capacity.gap)}"


def _joined(texts: list[str]) -> str:
    """Several clauses as one."""
    return ", and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
