"""The plan in a sentence or two: whether the target holds, how sure that is, and where it does not."""

from __future__ import annotations

import numpy as np

from revops_xl.model.attainability import REPS_USUAL, Advice
from revops_xl.model.outcome import Outcome
from revops_xl.model.verdicts import ChanceVerdict, Level, level_of
from revops_xl.model.wording import counted

#: Recommendations about quota that nobody expects to be reached.
_TOO_MUCH = ("Team", "Quota")
#: Part of the target from which somebody's surplus is named.
WORTH_A_WORD = 0.005
_UNITS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def short(amount: float) -> str:
    """An amount as people say it.

    Example:
        >>> [short(each) for each in (72e6, 4_528_570.3, 999_960, 45_200, 950, 1.234e9)]
        ['72.0 m', '4.5 m', '1.0 m', '45.2 k', '950', '1.2 bn']
    """
    for size, unit in _UNITS:
        if round(abs(amount) / size, 1) >= 1:
            return f"{amount / size:,.1f} {unit}"
    return f"{amount:,.0f}"


def headline(outcome: Outcome, failed: list[str]) -> str:
    """What a reader should know first, from what is known.

    Args:
        outcome: What was computed.
        failed: Names of the checks that failed or alarmed.
    """
    if failed:
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f'Do not use these quotas: "{failed[0]}"{more} failed. See Checks.'
    plan, planning = outcome.quotas, outcome.planning
    target = f"{short(plan.inputs.target)} {outcome.plan.settings.currency}"
    said = _target(outcome, target)
    least = WORTH_A_WORD * plan.inputs.target
    worst = next(
        (each for each in planning.advice if each.node and each.topic in _TOO_MUCH and each.amount >= least), None
    )
    if worst is not None:
        said += _worst(outcome, worst)
    revenue = outcome.revenue
    if revenue is not None:
        result = revenue.forecast
        year = float(result.year(result.total)[result.baseline])
        said += f" Forecast of {counted(min(len(result.quarter_names), 4), 'quarter')}: {short(year)}."
    return said


def _target(outcome: Outcome, target: str) -> str:
    """Whether the target holds, by its chance."""
    plan, planning = outcome.quotas, outcome.planning
    judged, spoken = planning.attainability, planning.ground.target_range
    spoken = spoken if spoken is not None and spoken.complete else None
    by_bookings = spoken is not None and (judged is None or judged.company)
    if judged is not None and not np.isnan(judged.chance[0]):
        chance, verdict, expected = float(judged.chance[0]), judged.verdict(0), float(judged.expected[0])
    elif spoken is not None:
        chance, verdict, expected = spoken.chance, spoken.verdict, spoken.expected
    else:
        tree = plan.inputs.tree
        reps = counted(len(set(tree.names[tree.is_ic].tolist())), "rep")
        return f"{target} is handed out to {reps}; there is nothing to tell by whether it can be reached."
    if spoken is not None and by_bookings:
        expected = spoken.expected
    source = "past bookings" if by_bookings else "the reps' history"
    over = plan.inputs.target - expected
    gap = f", {short(over)} above what {source} let{'s' * (not by_bookings)} expect" if over > 0 else ""
    if level_of(verdict) is Level.FINE:
        if spoken is not None and by_bookings and verdict is ChanceVerdict.BACKED and plan.inputs.target < spoken.low:
            return f"The target of {target} is below what past bookings support ({short(spoken.low)} to {short(spoken.high)})."
        return f"The target of {target} is within reach: {chance:.0%} likely{gap}."
    word = "a stretch" if level_of(verdict) is Level.WATCH else "out of reach"
    return f"The target of {target} is {word}: {chance:.0%} likely{gap}."


def _worst(outcome: Outcome, worst: Advice) -> str:
    """Whose quota is furthest above what is expected, and how many are expected to reach theirs."""
    tree, judged = outcome.quotas.inputs.tree, outcome.planning.attainability
    text = f" {tree.reference(worst.node)} carries {short(worst.amount)} more than is expected of it"
    reached = float(judged.reps_at_quota[0]) if judged is not None else float("nan")
    if reached < REPS_USUAL[0]:
        text += f"; {reached:.0%} of reps are expected at quota"
    return text + "."
