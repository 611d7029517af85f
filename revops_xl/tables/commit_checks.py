"""Checks of the commit review: what must add up, and whose numbers rest on little."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.model.commits import Bias, CommitReview, CommitRollUp
from revops_xl.tables.check import NOTE, SHOWN_NODES, WARNING, Check, clean, zero
from revops_xl.tables.commit_review import OWN
from revops_xl.tables.commits import CommitInputs
from revops_xl.tables.outcome import Outcome
from revops_xl.tables.result import LIVE_CHECK_ROWS, all_distinct_criteria

#: Commits are in cents.
CENT_TOLERANCE = 0.005
#: Closed periods below which a quotient may be luck.
FEW_PERIODS = 4


def commit_checks(outcome: Outcome) -> list[Check]:
    """What must hold of the commit review, and what deserves a look; nothing without commits."""
    inputs, review, found = outcome.plan.commits, outcome.review, outcome.roll_up
    if inputs is None or review is None or found is None:
        return []
    return [*_adds_up(outcome, found), *_commits(inputs, review), *_history(inputs, review)]


def _adds_up(outcome: Outcome, found: CommitRollUp) -> list[Check]:
    """The roll-up against itself, and against the rows it is made of."""
    tree = outcome.quotas.inputs.tree
    if not len(found.node):
        return []
    place = np.full(len(tree), -1)
    place[found.node] = np.arange(len(found.node))
    below = np.zeros(len(tree))
    rest = found.node[found.node > 0]
    np.add.at(below, tree.parent[rest], found.adjusted[place[rest]])
    off = np.where(found.counted > 0, np.abs(below[found.node] - found.adjusted), 0.0)
    live = len(found.node) <= LIVE_CHECK_ROWS and all_distinct_criteria(map(tree.reference, found.node.tolist()))
    table = "CommitRollUp"
    total = f"SUMIFS({table}[Adjusted commits],{table}[Parent],{table}[Node])-{table}[Adjusted commits]"
    return [
        zero(
            "Adjusted commits add up along the org",
            f'ROUND(SUMPRODUCT(({table}[Counts as]<>"{OWN}")*ABS({total})),6)' if live else None,
            clean(float(off.sum())),
            CENT_TOLERANCE,
            f"{table}: {len(found.node):,} nodes",
            "Sum of the differences between a node and the nodes below that are counted in it.",
        ),
        zero(
            "Commits in the roll-up are those of the review",
            f"ROUND(SUM(CommitReview[Adjusted commit])-SUM({table}[Own adjusted commit])-{_strange(outcome)!r},6)",
            0.0,
            CENT_TOLERANCE,
            "CommitReview, CommitRollUp",
            "A commit was changed since the run: the review follows, the roll-up does not. Run again.",
            WARNING,
        ),
    ]


def _strange(outcome: Outcome) -> float:
    """Adjusted commits of managers who are not in the tree."""
    inputs, review = outcome.plan.commits, outcome.review
    if inputs is None or review is None:
        return 0.0
    rows = [i for i, name in enumerate(review.bias.managers) if name in inputs.unknown]
    return round(float(np.nansum(review.adjusted[rows])), 2)


def _commits(inputs: CommitInputs, review: CommitReview) -> list[Check]:
    """The current commits: who is missing, who cannot be placed, whose quotient is a guess."""
    bias = review.bias
    names = np.array(bias.managers, dtype=object)
    committed = ~np.isnan(review.commit)
    strange = np.array([name in inputs.unknown for name in bias.managers], dtype=bool)
    unknown = np.array([label is Bias.NO_HISTORY for label in bias.label], dtype=bool)
    chance = np.array([label not in {Bias.NEUTRAL, Bias.NO_HISTORY} for label in bias.label], dtype=bool)
    chance &= (bias.low <= 1) & (bias.high >= 1)
    entries = (
        ("Commits of managers who are not in Hierarchy", WARNING, committed & strange, "Their commits are in the review, but in no sum along the org. Write the name as in Hierarchy."),
        ("Commits without history", NOTE, committed & unknown, "No closed period with a commit, so the quotient is 1 and the commit counts as it is."),
        ("Managers without a current commit", WARNING if inputs.current.managers else NOTE, ~committed & ~strange, "They have a history but no row in Commits, so they are missing from the sums, or their team counts as its own commit."),
        ("History of managers who are not in Hierarchy", NOTE, ~committed & strange, "They have left, or are written in another way. Their history is used for nobody else."),
        ("Bias that may be chance", NOTE, committed & chance, "The interval of the quotient includes 1: the history is short or uneven. The setting Bias shrinkage makes such histories count less."),
    )  # fmt: skip
    checks = [
        Check(name, status, int(flags.sum()), None, _named(names[flags].tolist()), advice)
        for name, status, flags, advice in entries
        if flags.any()
    ]
    checks += [
        Check(
            "Managers whose names look alike", WARNING, None, None, problem.where, f"{problem.message}. {problem.fix}"
        )
        for problem in inputs.alike
    ]
    return checks


def _history(inputs: CommitInputs, review: CommitReview) -> list[Check]:
    """The history: what is left out, what counts in an odd way."""
    history, bias, checks = inputs.history, review.bias, []
    still_open = np.isnan(history.actual)
    if still_open.any():
        periods = sorted({history.periods[i] for i in history.period[still_open].tolist()})
        advice = "No actual yet, so these rows are in no quotient."
        checks.append(Check("Open periods", NOTE, int(still_open.sum()), None, _named(periods), advice))
    if inputs.zero_commits:
        advice = "A commit of 0 in a closed period: its actual counts, so the quotient is higher. Check the rows."
        count = len(inputs.zero_commits)
        checks.append(Check("Commits of 0", WARNING, count, None, _named(inputs.zero_commits), advice))
    few = (bias.periods < FEW_PERIODS) & (bias.periods > 0) & ~np.isnan(review.commit)
    if few.any():
        names = [name for name, short in zip(bias.managers, few.tolist(), strict=True) if short]
        advice = f"Fewer than {FEW_PERIODS} closed periods: the quotient may be luck."
        checks.append(Check("Short histories", NOTE, int(few.sum()), None, _named(names), advice))
    if not inputs.periods_dated:
        shown = ", ".join(history.periods[:SHOWN_NODES])
        advice = "Not all periods could be placed in time (Q1 2026, 2026-03, FY26), so the trend follows the order of their texts."
        checks.append(Check("Order of periods", NOTE, len(history.periods), None, f"{shown}, …", advice))
    return checks


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NODES} more" if len(names) > SHOWN_NODES else ""
    return ", ".join(names[:SHOWN_NODES]) + more
