"""Functions of the commit review."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from revops_xl.engine.commits.bias import labels, quotient_of
from revops_xl.frames.commits import bias_quotients, reconcile_commits
from revops_xl.functions import examples
from revops_xl.functions.answers import of_frame, of_texts
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.cells import Answer
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.model import bounds
from revops_xl.tables.commits import commit_review
from revops_xl.tables.commits import commits as commit_tables

_function = partial(Function, category=Category.COMMITS)
BAND = Parameter(
    "neutral_band", Takes.NUMBER, "Half the width of neutral. Blank: 0.1.", default=0.1, **bounds.PART.limits
)
SHRINKAGE = Parameter("shrinkage", Takes.NUMBER, "Periods of unbiased commits to add to each history. Blank: 0.", default=0, **bounds.SHRINKAGE.limits)  # fmt: skip
ACROSS = Parameter("shrinkage", Takes.NUMBER, "Periods of unbiased commits to add to each history; 0: the plain quotient. Blank: quotients are drawn together across managers.", **bounds.SHRINKAGE.limits)  # fmt: skip
INTERVAL = Parameter("interval", Takes.NUMBER, "Confidence of low and high; 0: none. Blank: 0.8.", default=0.8, **bounds.BIAS_INTERVAL.limits)  # fmt: skip
SEED = Parameter("seed", Takes.WHOLE, "Same seed, same dice. Blank: 1.", default=1, **bounds.SEED.limits)
HISTORY = Parameter("history", Takes.TABLE, "Table CommitHistory: Manager, Period, Commit, Actual. A blank actual is an open period.", needed=True, tables=(commit_tables.HISTORY,))  # fmt: skip


def _bias_quotient(arguments: Arguments) -> Answer:
    commits, actuals = arguments.numbers("commits"), arguments.numbers("actuals")
    shrinkage = arguments.number("shrinkage")
    if commits.shape != actuals.shape:
        arguments.problem("actuals", f"{actuals.size} cells beside {commits.size} commits")
    else:
        lone = int((np.isnan(commits) & ~np.isnan(actuals)).sum())
        if lone:
            arguments.problem("commits", f"blank beside {lone} actuals", "Enter the commit, or clear the actual.")
    arguments.refuse()
    there = ~np.isnan(commits.ravel())
    return quotient_of(commits.ravel()[there], actuals.ravel()[there], shrinkage)


def _bias_label(arguments: Arguments) -> Answer:
    quotient, band = arguments.numbers("quotient"), arguments.number("neutral_band")
    arguments.refuse()
    flat = quotient.ravel()
    words = np.array(labels(np.nan_to_num(flat), ~np.isnan(flat), band), dtype=object).reshape(quotient.shape)
    return of_texts([[None if np.isnan(q) else str(w) for q, w in zip(*rows, strict=True)] for rows in zip(quotient, words, strict=True)])  # fmt: skip


def _rules(arguments: Arguments) -> dict[str, Any]:
    """Rules of the bias; a blank shrinkage draws quotients together."""
    return {
        "neutral_band": arguments.number("neutral_band"),
        "interval": arguments.number("interval"),
        "shrinkage": _given(arguments, "shrinkage"),
    }


def _given(arguments: Arguments, name: str) -> float | None:
    """A number, or None where it is blank."""
    value = arguments.number(name)
    return None if np.isnan(value) else value


def _bias_quotients(arguments: Arguments) -> Answer:
    history, rules, seed = arguments.table("history"), _rules(arguments), arguments.whole("seed")
    arguments.refuse()
    assert history is not None  # noqa: S101  (a needed argument)
    return of_frame(bias_quotients(history, **rules, seed=seed), commit_review.TABLE)


def _reconcile(arguments: Arguments) -> Answer:
    commits, history = arguments.table("commits"), arguments.table("history")
    rules, weight, seed = _rules(arguments), _given(arguments, "machine_weight"), arguments.whole("seed")
    arguments.refuse()
    assert history is not None  # noqa: S101  (a needed argument)
    return of_frame(reconcile_commits(commits, history, weight, **rules, seed=seed), commit_review.TABLE)


FUNCTIONS = (
    _function(
        "REVOPS_BIAS_QUOTIENT",
        help="What one manager closes per 1.00 committed: sum of actuals / sum of commits over closed periods. 1 without a closed period.",
        parameters=(
            Parameter("commits", Takes.NUMBERS, "Commits of past periods, 0 or more.", needed=True, blank=True, minimum=0),
            Parameter("actuals", Takes.NUMBERS, "What was closed in the same periods; blank while a period is open.", needed=True, blank=True),
            SHRINKAGE,
        ),
        gives="number",
        formula="=REVOPS_BIAS_QUOTIENT(C2:C9,D2:D9)",
        example=(((200,), (250,), (90,)), ((300,), (375,), (None,))),
        act=_bias_quotient,
    ),
    _function(
        "REVOPS_BIAS_LABEL",
        help="What bias quotients say: above 1 + band sandbagger, below 1 - band happy ears, else neutral.",
        parameters=(Parameter("quotient", Takes.NUMBERS, "Bias quotient, or a range of them.", needed=True, blank=True), BAND),
        gives="text, or texts in the shape of quotient",
        formula="=REVOPS_BIAS_LABEL(E2:E9)",
        example=(((1.5,), (0.8462,), (1.0,)), 0.1),
        act=_bias_label,
    ),
    _function(
        "REVOPS_BIAS_QUOTIENTS",
        help="Bias of every manager of a history: quotient, interval, trend and label.",
        parameters=(HISTORY, BAND, ACROSS, SEED, INTERVAL),
        gives="table, one row per manager",
        formula="=REVOPS_BIAS_QUOTIENTS(CommitHistory[[#Headers],[#Data]])",
        example=(examples.HISTORY,),
        act=_bias_quotients,
    ),
    _function(
        "REVOPS_RECONCILE",
        help="Current commits corrected by the bias of their managers, and blended with machine forecasts, to the cent.",
        parameters=(
            Parameter("commits", Takes.TABLE, "Table Commits: Manager, Commit, Machine forecast.", needed=True, tables=(commit_tables.COMMITS,)),
            HISTORY,
            Parameter("machine_weight", Takes.NUMBER, "Weight of the machine forecast. Blank: learned from past ones in the history, else 0.5.", **bounds.PART.limits),
            BAND,
            ACROSS,
            SEED,
            INTERVAL,
        ),
        gives="table CommitReview, one row per manager",
        formula="=REVOPS_RECONCILE(Commits[[#Headers],[#Data]],CommitHistory[[#Headers],[#Data]])",
        example=(examples.COMMITS, examples.HISTORY, 0.5),
        act=_reconcile,
    ),
)  # fmt: skip
