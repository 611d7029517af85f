"""Sheet Commit review: whose commit can be believed, what it is worth, and what the commits add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.commits import Bias, CommitReview, CommitRollUp
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.plan import CommitInputs
from revops_xl.model.segments import running_totals
from revops_xl.tables.schema.declare import QUOTIENT, WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, InSight, Tone, Words
from revops_xl.tables.schema.result import Formula, ResultColumn, ResultTable, all_distinct_criteria, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

SLOPE = '+0.00"×";-0.00"×";0.00"×"'
TABLE = Table(
    "CommitReview",
    "The bias of each manager over the closed periods, and what the current commit is worth.",
    (
        Column("Manager", Kind.NODE, "The manager.", width=22),
        Column("Periods", Kind.INTEGER, "Closed periods.", width=9),
        Column("Commit", Kind.MONEY, "Sum of the commits of the closed periods.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Actual", Kind.MONEY, "Sum of what was closed in them.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Plain quotient", Kind.FACTOR, "Actual / commit.", unit="×", width=10, number_format=QUOTIENT),
        Column("Own weight", Kind.PERCENT, "Part of the manager's difference from the mean of all that counts: the rest may be chance. Blank if quotients are not drawn together.", unit="%", width=9, number_format="0%"),
        Column("Bias quotient", Kind.FACTOR, "Actual / commit, drawn to the mean of all managers as far as it may be chance, or shrunk by the setting Bias shrinkage.", unit="×", width=10, number_format=QUOTIENT),
        Column("Low", Kind.FACTOR, "Lower end of its interval; with Bias shrinkage that of actual / commit, by bootstrap over periods, from three periods.", unit="×", width=8, number_format=QUOTIENT),
        Column("High", Kind.FACTOR, "Upper end of the interval.", unit="×", width=8, number_format=QUOTIENT),
        Column("Trend", Kind.FACTOR, "Change of the quotient per period; from three periods.", unit="×", width=9, number_format=SLOPE),
        Column("Label", Kind.TEXT, "sandbagger: the interval lies above the neutral band, so more is closed than committed. happy ears: below it. neutral: inside. Else it is not clear yet.", width=13),
        Column("Current commit", Kind.MONEY, "Commit of the running period.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Adjusted commit", Kind.MONEY, "Current commit x bias quotient.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Machine forecast", Kind.MONEY, "As entered; else what the deals say the running quarter brings.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Blended forecast", Kind.MONEY, "Adjusted commit and machine forecast, by Machine weight; without a machine forecast the adjusted commit.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Note", Kind.TEXT, "What to know about the row.", width=44),
    ),
    result=True,
    keys=("Manager",),
)  # fmt: skip
ROLL_UP = Table(
    "CommitRollUp",
    "Commits added up along the org. A node counts as the sum of those below if all have committed, else as its own commit.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=24),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Commits", Kind.MONEY, "Commits as made.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Adjusted commits", Kind.MONEY, "Commits corrected by bias.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Forecast", Kind.MONEY, "Blended forecasts.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Own adjusted commit", Kind.MONEY, "The node's own, for comparison.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Own forecast", Kind.MONEY, "The node's own blended forecast, for comparison.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Counts as", Kind.TEXT, "Own commit, or how many of the nodes below are in the sum.", width=26),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip
BY_PERIOD = Table(
    "BiasByPeriod",
    "The quotient period by period, the oldest first.",
    (
        Column("Manager", Kind.NODE, "The manager.", width=22),
        Column("Period", Kind.TEXT, "The closed period.", width=12),
        Column("Commit", Kind.MONEY, "What was committed.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Actual", Kind.MONEY, "What was closed.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Quotient", Kind.FACTOR, "Actual / commit of the period.", unit="×", width=10, number_format=QUOTIENT),
        Column("Quotient so far", Kind.FACTOR, "Actual / commit up to and with the period.", unit="×", width=10, number_format=QUOTIENT),
    ),
    result=True,
    keys=("Manager", "Period"),
)  # fmt: skip

OWN, INCOMPLETE = "own commit", "only"
#: Criterion that finds numbers and neither blanks nor the empty text of a formula.
NUMBER = ">=-1E+300"
#: Comparisons that a spreadsheet makes at each calculation, managers times rows of the history, up to which the sums are formulas.
LIVE_COMPARISONS = 5_000_000


def render(
    inputs: CommitInputs | None, review: CommitReview | None, from_deals: Mapping[str, float] | None = None
) -> ResultTable:
    """One row per manager; sums, quotient, label and forecasts are formulas over the inputs.

    Args:
        inputs: The commits.
        review: What came of them.
        from_deals: Managers whose machine forecast is that of the deals.
    """
    if inputs is None or review is None:
        return ResultTable.empty(TABLE)
    bias = review.bias
    comparisons = len(bias.managers) * (len(inputs.history.commit) + len(inputs.current.commit))
    live = inputs.live and comparisons <= LIVE_COMPARISONS and all_distinct_criteria(bias.managers)
    past, now = bool(inputs.history.managers), bool(inputs.current.managers)
    machines = bool((~np.isnan(review.machine)).any())
    mine, periods, commit, actual, quotient = (
        this_row("CommitReview", name) for name in ("Manager", "Periods", "Commit", "Actual", "Bias quotient")
    )
    current, adjusted, machine = (
        this_row("CommitReview", name) for name in ("Current commit", "Adjusted commit", "Machine forecast")
    )
    sums = f'IF(COUNTIFS(RiskAllocation[Node],{mine})=0,"",SUMIFS(RiskAllocation[Machine forecast],RiskAllocation[Node],{mine}))'
    by_deals = sums if from_deals else '""'
    closed = f'CommitHistory[Manager],{mine},CommitHistory[Actual],"{NUMBER}"'
    more = f"Bias_shrinkage*{commit}/{periods}"
    weight = f'IF(Machine_weight="",{review.weight!r},Machine_weight)'
    # drawn quotients and intervals are those of all managers together: values of the run
    by_band = not bias.drawn and not inputs.rules.interval
    formulas = {
        "Periods": f"COUNTIFS({closed})" if live and past else None,
        "Commit": f"SUMIFS(CommitHistory[Commit],{closed})" if live and past else None,
        "Actual": f"SUMIFS(CommitHistory[Actual],CommitHistory[Manager],{mine})" if live and past else None,
        "Plain quotient": f'IF({commit}>=0.005,{actual}/{commit},"")',
        "Bias quotient": None if bias.drawn else f"IF({commit}>=0.005,({actual}+{more})/({commit}+{more}),1)",
        "Label": None
        if not by_band
        else f'IF({commit}>=0.005,IF(ROUND({quotient},12)>ROUND(1+Neutral_band,12),"{Bias.SANDBAGGER}",'
        f'IF(ROUND({quotient},12)<ROUND(1-Neutral_band,12),"{Bias.HAPPY_EARS}","{Bias.NEUTRAL}")),"{Bias.NO_HISTORY}")',
        "Current commit": f'IF(COUNTIFS(Commits[Manager],{mine})=0,"",SUMIFS(Commits[Commit],Commits[Manager],{mine}))'
        if live and now
        else None,
        "Adjusted commit": f'IF({current}="","",ROUND({current}*{quotient},2))',
        "Machine forecast": f'IF(COUNTIFS(Commits[Manager],{mine})=0,"",IF(COUNTIFS(Commits[Manager],{mine},Commits[Machine forecast],"{NUMBER}")=0,{by_deals},'
        f"SUMIFS(Commits[Machine forecast],Commits[Manager],{mine})))"
        if live and machines
        else None,
        "Blended forecast": f'IF({current}="","",IF({machine}="",{adjusted},ROUND((1-{weight})*{adjusted}+{weight}*{machine},2)))',
    }
    values: dict[str, ResultColumn] = {
        "Manager": list(bias.managers),
        "Periods": bias.periods,
        "Commit": bias.commit,
        "Actual": bias.actual,
        "Plain quotient": bias.plain,
        "Own weight": np.round(bias.weight, 6),
        "Bias quotient": bias.quotient,
        "Low": bias.low,
        "High": bias.high,
        "Trend": bias.trend,
        "Label": [str(label) for label in bias.label],
        "Current commit": review.commit,
        "Adjusted commit": review.adjusted,
        "Machine forecast": review.machine,
        "Blended forecast": review.blended,
        "Note": [_note(inputs, review, i, from_deals or {}) for i in range(len(bias.managers))],
    }
    for name, formula in formulas.items():
        if formula:
            values[name] = [Formula(formula, value) for value in _shown(values[name])]
    return ResultTable.of_columns(TABLE, values)


def _shown(column: ResultColumn) -> list[Any]:
    """What the formulas give: "" where there is no number."""
    if not isinstance(column, np.ndarray):
        return list(column) if not isinstance(column, Coded) else list(column.texts())
    return ["" if value != value else value for value in column.tolist()]  # noqa: PLR0124  (NaN)


def _note(inputs: CommitInputs, review: CommitReview, i: int, from_deals: Mapping[str, float]) -> str:
    """What a reader should know about a manager."""
    bias, name = review.bias, review.bias.managers[i]
    notes = []
    if inputs.rules.shrinkage and not np.isnan(bias.plain[i]):
        notes.append(f"{bias.plain[i]:.2f}× before shrinkage")
    if bias.label[i] is Bias.NO_HISTORY:
        which = "the mean of all" if bias.drawn else "quotient 1"
        notes.append(f"no closed period with a commit: {which}")
    elif bias.label[i] is Bias.UNCLEAR and np.isnan(bias.low[i]):
        notes.append("too few closed periods for an interval")
    if np.isnan(review.commit[i]) and inputs.current.managers:
        notes.append("no current commit")
    if name in from_deals:
        notes.append("machine forecast from the deals")
    if name in inputs.unknown:
        notes.append("not in Hierarchy")
    return "; ".join(notes)


def render_roll_up(tree: OrgTree, rolled_up: CommitRollUp | None) -> ResultTable:
    """One row per node that has a commit or one below, in outline order."""
    if rolled_up is None:
        return ResultTable.empty(ROLL_UP)
    place = {int(node): i for i, node in enumerate(rolled_up.node.tolist())}
    rows = []
    for node in tree.outline.tolist():
        if node not in place:
            continue
        i = place[node]
        counted, expected = int(rolled_up.counted[i]), int(rolled_up.expected[i])
        counts_as = OWN if not counted else f"sum of {counted} below"
        if not counted and rolled_up.committed[i]:
            counts_as = f"{OWN}; {INCOMPLETE} {rolled_up.committed[i]} of {expected} below"
        if counted and rolled_up.committed[i] < expected:
            counts_as = f"{INCOMPLETE} {rolled_up.committed[i]} of {expected} below complete"
        rows.append(
            {
                "Level": tree.levels[tree.level[node]],
                "Node": tree.reference(node),
                "Parent": tree.reference(int(tree.parent[node])) if node else None,
                "Commits": float(rolled_up.commit[i]),
                "Adjusted commits": float(rolled_up.adjusted[i]),
                "Forecast": float(rolled_up.forecast[i]),
                "Own adjusted commit": float(rolled_up.own[i]),
                "Own forecast": float(rolled_up.own_forecast[i]),
                "Counts as": counts_as,
            }
        )
    return ResultTable.of_rows(ROLL_UP, rows)


def render_by_period(inputs: CommitInputs | None) -> ResultTable:
    """One row per manager and closed period."""
    if inputs is None:
        return ResultTable.empty(BY_PERIOD)
    history = inputs.history
    order = np.lexsort((history.period, history.manager))
    order = order[~np.isnan(history.actual[order])]
    manager, commit, actual = history.manager[order], history.commit[order], history.actual[order]
    first = np.flatnonzero(np.diff(manager, prepend=-1))
    size = np.diff(first, append=len(order))
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.where(commit > 0, actual / commit, np.nan)
        committed = running_totals(commit, first, size)
        so_far = np.where(committed > 0, running_totals(actual, first, size) / committed, np.nan)
    return ResultTable.of_columns(
        BY_PERIOD,
        {
            "Manager": Coded(manager, list(history.managers)),
            "Period": Coded(history.period[order], list(history.periods)),
            "Commit": commit,
            "Actual": actual,
            "Quotient": quotient,
            "Quotient so far": so_far,
        },
    )


def _tables(outcome: Outcome) -> list[ResultTable]:
    commits = outcome.plan.commits
    return [
        render(commits, outcome.review, outcome.machine),
        render_roll_up(outcome.quotas.inputs.tree, outcome.roll_up),
        render_by_period(commits),
    ]


SHEET = ResultSheet(
    "Commit review",
    "Whose commit can be believed, and what it is worth",
    (TABLE, ROLL_UP, BY_PERIOD),
    Part.COMMITS,
    _tables,
    (
        Words.of(TABLE.name, "Label", Bias),
        Highlight(
            ROLL_UP.name,
            (("Counts as", "Counts as"),),
            f'ISNUMBER(SEARCH("{INCOMPLETE} ",{{Counts as}}))',
            Tone.WATCH,
        ),
        InSight(TABLE.name, "Periods"),
    ),
)
