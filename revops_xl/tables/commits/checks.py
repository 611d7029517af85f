"""Checks of the commit review: what must add up, and whose numbers rest on little."""

from __future__ import annotations

import numpy as np

from revops_xl.model.commits import Bias, CommitReview, CommitRollUp
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import CommitInputs
from revops_xl.tables.commits.commit_review import OWN
from revops_xl.tables.schema.check import NOTE, SHOWN_NODES, WARNING, Check, clean, named, some, zero
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, all_distinct_criteria

#: Commits are in cents.
CENT_TOLERANCE = 0.005
#: Closed periods below which a quotient may be luck.
FEW_PERIODS = 4
#: Nobody misses every quarter by such a factor.
MOST_QUOTIENT = 20.0


def commit_checks(outcome: Outcome) -> list[Check]:
    """What must hold of the commit review, and what deserves a look; nothing without commits."""
    inputs, review, found = outcome.plan.commits, outcome.review, outcome.roll_up
    if inputs is None or review is None or found is None:
        return []
    tree = outcome.quotas.inputs.tree
    return [
        *_adds_up(tree, inputs, review, found),
        *_incomplete(tree, found),
        *_commits(inputs, review),
        *_history(inputs, review),
    ]


def _adds_up(tree: OrgTree, inputs: CommitInputs, review: CommitReview, rolled_up: CommitRollUp) -> list[Check]:
    """The roll-up against itself, and against the rows it is made of."""
    outside_adjusted, outside_forecast = _outside(inputs, review)
    if not len(rolled_up.node):
        return []
    place = np.full(len(tree), -1)
    place[rolled_up.node] = np.arange(len(rolled_up.node))
    below = np.zeros(len(tree))
    rest = rolled_up.node[rolled_up.node > 0]
    np.add.at(below, tree.parent[rest], rolled_up.adjusted[place[rest]])
    off = np.where(rolled_up.counted > 0, np.abs(below[rolled_up.node] - rolled_up.adjusted), 0.0)
    live = len(rolled_up.node) <= LIVE_CHECK_ROWS and all_distinct_criteria(
        map(tree.reference, rolled_up.node.tolist())
    )
    table = "CommitRollUp"
    total = f"SUMIFS({table}[Adjusted commits],{table}[Parent],{table}[Node])-{table}[Adjusted commits]"
    return [
        zero(
            "Adjusted commits add up along the org",
            f'ROUND(SUMPRODUCT((LEFT({table}[Counts as],{len(OWN)})<>"{OWN}")*ABS({total})),6)' if live else None,
            clean(float(off.sum())),
            CENT_TOLERANCE,
            f"{table}: {len(rolled_up.node):,} nodes",
            "Sum of the differences between a node and the nodes below that are counted in it.",
        ),
        zero(
            "Commits in the roll-up are those of the review",
            "+".join(
                f"ABS(ROUND(SUM(CommitReview[{theirs}])-SUM({table}[{ours}])-{outside!r},2))"
                for theirs, ours, outside in (
                    ("Adjusted commit", "Own adjusted commit", outside_adjusted),
                    ("Blended forecast", "Own forecast", outside_forecast),
                )
            ),
            clean(abs(float(np.nansum(review.adjusted) - np.nansum(rolled_up.own)) - outside_adjusted)),
            CENT_TOLERANCE,
            "CommitReview, CommitRollUp",
            "A commit or a setting was changed since the run: the review follows, the roll-up does not. Run again.",
            WARNING,
        ),
    ]


def _incomplete(tree: OrgTree, rolled_up: CommitRollUp) -> list[Check]:
    """Sums from which somebody is missing."""
    partly = (rolled_up.committed < rolled_up.expected) & ((rolled_up.counted > 0) | (rolled_up.committed > 0))
    short = rolled_up.node[partly].tolist()
    if not short:
        return []
    has = np.zeros(len(tree), dtype=bool)
    has[rolled_up.node] = True
    missing = [
        child
        for node in short
        for child in tree.children(node)
        if not has[child] and (not tree.is_ic[child] or any(has[c] and tree.is_ic[c] for c in tree.children(node)))
    ]
    nobody = f"No commit from {some(tree, missing)}. " if missing else ""
    advice = f"{nobody}A node above counts as its own commit if it has one, else the sum is too low."
    return [Check("Sums of commits that are incomplete", WARNING, len(short), None, some(tree, short), advice)]


def _outside(inputs: CommitInputs, review: CommitReview) -> tuple[float, float]:
    """Adjusted commits and forecasts of managers who are not in the tree."""
    rows = [i for i, name in enumerate(review.bias.managers) if name in inputs.unknown]
    return round(float(np.nansum(review.adjusted[rows])), 2), round(float(np.nansum(review.blended[rows])), 2)


def _commits(inputs: CommitInputs, review: CommitReview) -> list[Check]:
    """The current commits: who is missing, who cannot be placed, whose quotient is a guess."""
    bias = review.bias
    names = np.array(bias.managers, dtype=object)
    committed = ~np.isnan(review.commit)
    strange = np.array([name in inputs.unknown for name in bias.managers], dtype=bool)
    unknown = np.array([label is Bias.NO_HISTORY for label in bias.label], dtype=bool)
    unclear = np.array([label is Bias.UNCLEAR for label in bias.label], dtype=bool)
    entries = (
        ("Commits of managers who are not in Hierarchy", WARNING, committed & strange, "Their commits are in the review, but in no sum along the org. Write the name as in Hierarchy."),
        ("Commits without history", NOTE, committed & unknown, "No closed period with a commit, so " + ("they count with the mean quotient of all managers." if bias.drawn else "the quotient is 1 and the commit counts as it is.")),
        ("Managers without a current commit", WARNING if inputs.current.managers else NOTE, ~committed & ~strange, "They have a history but no row in Commits, so they are missing from the sums, or their team counts as its own commit."),
        ("History of managers who are not in Hierarchy", NOTE, ~committed & strange, "They have left, or are written in another way. Their history is used for nobody else."),
        ("Quotients that no bias explains", WARNING, (bias.quotient > MOST_QUOTIENT) | ((bias.quotient > 0) & (bias.quotient < 1 / MOST_QUOTIENT)), "Actuals and commits of these managers differ by a factor that is more likely another unit, such as thousands. Write both in the currency of the plan."),
        ("Negative quotients", WARNING, bias.quotient < 0, "What was closed adds up to less than 0, so the adjusted commit is negative. Check the actuals."),
        ("Bias that is not clear yet", NOTE, committed & unclear, "The interval of the quotient reaches into the neutral band and beyond it: the history is short or uneven, and a label would often be wrong. The commit is corrected all the same, by what the history says on average."),
    )  # fmt: skip
    checks = [
        Check(name, status, int(flags.sum()), None, named(names[flags].tolist()), advice)
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
        checks.append(Check("Open periods", NOTE, int(still_open.sum()), None, named(periods), advice))
    if inputs.zero_commits:
        advice = "A commit of 0 in a closed period: its actual counts, so the quotient is higher. Check the rows."
        count = len(inputs.zero_commits)
        checks.append(Check("Commits of 0", WARNING, count, None, named(inputs.zero_commits), advice))
    if bias.drawn:
        at_run = round(float(bias.commit.sum() + 2 * bias.actual.sum()), 2)
        checks.append(
            zero(
                "Bias quotients are those of the history",
                f"ROUND(SUM(CommitReview[Commit])+2*SUM(CommitReview[Actual])-{at_run!r},2)",
                0.0,
                CENT_TOLERANCE,
                "CommitHistory, CommitReview",
                "The history was changed since the run: sums follow, quotients that are drawn together do not. Run again.",
                WARNING,
            )
        )
    if review.learned_from:
        advice = f"Learned from {review.learned_from} past machine forecasts: the weight with which blends would have missed least, drawn to 50 %."
        checks.append(
            Check("Weight of machine forecasts", NOTE, round(review.weight, 4), None, "CommitHistory", advice)
        )
    few = (bias.periods < FEW_PERIODS) & (bias.periods > 0) & ~np.isnan(review.commit) & (not bias.drawn)
    if few.any():
        names = [name for name, short in zip(bias.managers, few.tolist(), strict=True) if short]
        advice = f"Fewer than {FEW_PERIODS} closed periods: the quotient may be luck."
        checks.append(Check("Short histories", NOTE, int(few.sum()), None, named(names), advice))
    if not inputs.periods_dated:
        shown = ", ".join(history.periods[:SHOWN_NODES])
        advice = "Not all periods could be placed in time (Q1 2026, 2026-03, FY26), so the trend follows the order of their texts."
        checks.append(Check("Order of periods", NOTE, len(history.periods), None, f"{shown}, …", advice))
    if inputs.periods_mixed:
        advice = "Quarters beside months or years: they add up all the same, but the trend counts in quarters."
        checks.append(Check("Periods of several lengths", NOTE, None, None, "CommitHistory", advice))
    return checks
