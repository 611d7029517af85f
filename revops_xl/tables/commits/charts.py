"""The rows behind the dashboard's chart of bias."""

from __future__ import annotations

import numpy as np

from revops_xl.model.commits import Bias, CommitReview
from revops_xl.model.parts import Part
from revops_xl.tables.schema.declare import QUOTIENT, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

MOST_MANAGERS = 25

BIASES = Table(
    "BiasByManager",
    f"Bias quotients, the highest first; of more than {MOST_MANAGERS} managers those with the largest effect on their commit.",
    (
        Column("Committing manager", Kind.NODE, "The manager.", width=20),
        Column("Sandbagger", Kind.FACTOR, "Quotient of a sandbagger.", unit="×", width=20, number_format=QUOTIENT),
        Column("Neutral", Kind.FACTOR, "Quotient within the neutral band.", unit="×", width=20, number_format=QUOTIENT),
        Column("Happy ears", Kind.FACTOR, "Quotient of happy ears.", unit="×", width=20, number_format=QUOTIENT),
    ),
    result=True,
    keys=("Committing manager",),
)  # fmt: skip


def render_biases(review: CommitReview | None) -> ResultTable:
    """Quotients of managers with a history, one column per label so that each has its colour."""
    if review is None:
        return ResultTable.empty(BIASES)
    bias = review.bias
    known = [i for i, label in enumerate(bias.label) if label is not Bias.NO_HISTORY]
    effect = np.abs(bias.quotient - 1) * np.where(np.isnan(review.commit), 0.0, review.commit)
    known = sorted(known, key=lambda i: (-effect[i], -abs(bias.quotient[i] - 1), bias.managers[i]))[:MOST_MANAGERS]
    known.sort(key=lambda i: (-bias.quotient[i], bias.managers[i]))
    columns = dict(zip(BIASES.headers[1:], (Bias.SANDBAGGER, Bias.NEUTRAL, Bias.HAPPY_EARS), strict=True))
    rows = [
        {BIASES.headers[0]: bias.managers[i]}
        | {name: float(bias.quotient[i]) if bias.label[i] is label else None for name, label in columns.items()}
        for i in known
    ]
    return ResultTable.of_rows(BIASES, rows)


CHARTS = ResultSheet(
    "Commit review",
    "Bias in a chart",
    (BIASES,),
    Part.COMMITS,
    lambda outcome: [render_biases(outcome.review)],
    (Drawing(BIASES.name, "bias"),),
    exported=False,
)
