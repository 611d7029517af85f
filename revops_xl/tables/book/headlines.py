"""The plan in one row of figures, and the state of its checks."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from revops_xl.model.money import Unit, to_cents
from revops_xl.model.outcome import Outcome
from revops_xl.tables.book.reading.freshness import WHOLE, stale
from revops_xl.tables.book.reading.page import facts_of
from revops_xl.tables.book.reading.story import story
from revops_xl.tables.schema.check import ALARM, FAILED, NOTE, OK, WARNING, quoted
from revops_xl.tables.schema.declare import COVERAGE, WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import (
    LIVE_CHECK_ROWS,
    Formula,
    ResultTable,
    all_distinct_criteria,
    rounded,
    target_formula,
    this_row,
)

STATUS = Table(
    "PlanStatus",
    "How the last run went.",
    (
        Column("Plan", Kind.TEXT, "Verdict of the checks.", width=44),
        Column("Failed", Kind.INTEGER, "Checks that failed or alarmed.", width=14),
        Column("Warnings", Kind.INTEGER, "Checks that deserve a look.", width=14),
        Column("Notes", Kind.INTEGER, "Things to know.", width=14),
        Column("OK", Kind.INTEGER, "Checks that hold.", width=14),
        Column(
            "In a sentence",
            Kind.TEXT,
            "Whether the target holds, how sure that is, and where it does not; of the last run.",
            width=84,
        ),
    ),
    result=True,
    keys=("Plan",),
)
#: What comes before a sentence of an earlier run.
BEFORE = "Run again: inputs have changed. Before that: "
HEADLINES = Table(
    "Headlines",
    "The plan in one row.",
    (
        Column("Plan name", Kind.TEXT, "Name of the plan.", width=30),
        Column("Currency", Kind.TEXT, "Currency of every amount.", width=12),
        Column(
            "Target", Kind.MONEY, "The quota of the top node.", unit="currency", width=20, number_format=WHOLE_MONEY
        ),
        Column(
            "IC base quotas",
            Kind.MONEY,
            "Sum over ICs; equals the target.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
        Column(
            "IC quotas",
            Kind.MONEY,
            "Sum over ICs with all hedges.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
        Column(
            "Hedge buffer",
            Kind.MONEY,
            "IC quotas less IC base quotas.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
        Column("Over-assignment %", Kind.PERCENT, "IC quotas / target - 1.", unit="%", width=18),
        Column("ICs", Kind.INTEGER, "How many ICs.", width=12),
        Column("New hires", Kind.INTEGER, "ICs with an equal share.", width=12),
        Column("Fixed", Kind.INTEGER, "Nodes with an override.", width=12),
        Column("Gated", Kind.INTEGER, "Nodes that fail a gate.", width=12),
        Column("Checks failed", Kind.INTEGER, "Failed or alarmed.", width=14),
        Column(
            "Coverage", Kind.NUMBER, "Pipeline / quota of the top node.", unit="×", width=14, number_format=COVERAGE
        ),
        Column(
            "Commit forecast",
            Kind.MONEY,
            "Commits corrected and blended, added up along the org.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
        Column(
            "Year forecast",
            Kind.MONEY,
            "Revenue of the next four quarters, Baseline.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
        Column(
            "Safe OpEx",
            Kind.MONEY,
            "What may be spent of it.",
            unit="currency",
            width=20,
            number_format=WHOLE_MONEY,
        ),
    ),
    result=True,
    keys=("Plan name",),
)


def _amount(layer: np.ndarray[tuple[int, ...], np.dtype[np.float64]], unit: Unit | None) -> float:
    return (
        float(layer.sum())
        if unit is None
        else float(unit.to_amount(np.rint(unit.in_units(layer)).sum(keepdims=True))[0])
    )


def render_status(outcome: Outcome, checks: ResultTable) -> ResultTable:
    """Counts of the checks by status, as formulas over Checks, and the plan in a sentence, which says when it is of before."""
    statuses = list(checks.values("Status"))
    counts = {status: statuses.count(status) for status in (OK, NOTE, WARNING, ALARM, FAILED)}
    bad = counts[ALARM] + counts[FAILED]
    failed, warnings = this_row("PlanStatus", "Failed"), this_row("PlanStatus", "Warnings")
    texts = ("Checks failed: see Checks", "Ties, with warnings: see Checks", "Everything ties")
    verdict = texts[0] if bad else texts[1] if counts[WARNING] else texts[2]

    def count(status: str) -> str:
        return f'COUNTIF(Checks[Status],"{status}")'

    row = {
        "Plan": Formula(f'IF({failed}>0,"{texts[0]}",IF({warnings}>0,"{texts[1]}","{texts[2]}"))', verdict),
        "Failed": Formula(f"{count(FAILED)}+{count(ALARM)}", bad),
        "Warnings": Formula(count(WARNING), counts[WARNING]),
        "Notes": Formula(count(NOTE), counts[NOTE]),
        "OK": Formula(count(OK), counts[OK]),
        "In a sentence": _sentence(outcome, checks),
    }
    return ResultTable.of_rows(STATUS, [row])


def _sentence(outcome: Outcome, checks: ResultTable) -> Formula:
    """The plan in words; where the inputs have changed since, that first."""
    said = story(facts_of(outcome, checks)).text
    return Formula(f'IF({stale([WHOLE])},"{BEFORE}","")&{quoted(said)}', said)


def render_headlines(
    outcome: Outcome, checks: ResultTable, stale: Collection[str] = (), there: RawTable | None = None
) -> ResultTable:
    """The plan in one row, as formulas over the other results.

    Args:
        outcome: What was computed.
        checks: The checks.
        stale: Parts that stay as an earlier run left them.
        there: The headlines of that run, whose figures of these parts stay too.
    """
    settings, plan = outcome.plan.settings, outcome.quotas
    tree, roles, unit = plan.inputs.tree, plan.roles, plan.inputs.unit
    base, quota = _amount(plan.base[tree.is_ic], unit), _amount(plan.quota[tree.is_ic], unit)
    statuses = list(checks.values("Status"))
    target, ic_base, ic_quota = (this_row("Headlines", name) for name in ("Target", "IC base quotas", "IC quotas"))
    ics = len(set(tree.names[tree.is_ic].tolist()))
    failed = statuses.count(FAILED) + statuses.count(ALARM)
    row = {
        "Plan name": Formula("Plan", settings.plan),
        "Currency": Formula("Currency", settings.currency),
        "Target": Formula(target_formula(settings), plan.inputs.target),
        "IC base quotas": Formula(rounded("SUMIFS(Quotas[Base quota],Quotas[IC],TRUE)", unit), base),
        "IC quotas": Formula(rounded("SUMIFS(Quotas[Quota],Quotas[IC],TRUE)", unit), quota),
        "Hedge buffer": Formula(rounded(f"{ic_quota}-{ic_base}", unit), _amount(np.array([quota, -base]), unit)),
        "Over-assignment %": Formula(f"{ic_quota}/{target}-1", quota / plan.inputs.target - 1),
        "ICs": ics if (tree.split < 1).any() else Formula("COUNTIFS(Quotas[IC],TRUE)", ics),
        "New hires": Formula('COUNTIFS(Quotas[Rule],"*new hire*")', int(roles.new_hire.sum())),
        "Fixed": Formula('COUNTIFS(Quotas[Rule],"*fixed (*")', int(roles.fixed.sum())),
        "Gated": Formula('COUNTIFS(Quotas[Rule],"*gated: no*")', int(roles.gated.sum())),
        "Checks failed": Formula(f'COUNTIF(Checks[Status],"{FAILED}")+COUNTIF(Checks[Status],"{ALARM}")', failed),
        "Coverage": _of_before(there, "Coverage") if "pipeline" in stale else _coverage(outcome),
        "Commit forecast": _of_before(there, "Commit forecast") if "commits" in stale else _commit_forecast(outcome),
        **{
            name: _of_before(there, name) if "forecast" in stale else _year(outcome, name)
            for name in ("Year forecast", "Safe OpEx")
        },
    }
    return ResultTable.of_rows(HEADLINES, [row])


def _of_before(there: RawTable | None, column: str) -> object:
    """A figure as it stands in the workbook."""
    return there.column(column)[0] if there is not None and len(there) and column in there.headers else None


def _coverage(outcome: Outcome) -> object:
    """Coverage of the top node; blank without a pipeline."""
    if outcome.health is None or np.isnan(outcome.health.coverage[0]):
        return None
    formula = "SUMIFS(PipelineHealth[Pipeline],PipelineHealth[Depth],0)/SUMIFS(Quotas[Quota],Quotas[Depth],0)"
    return Formula(formula, float(outcome.health.coverage[0]))


def _commit_forecast(outcome: Outcome) -> object:
    """The top node's forecast in the roll-up; blank without commits."""
    rolled_up = outcome.roll_up
    if rolled_up is None or not len(rolled_up.node):
        return None
    tree, value = outcome.quotas.inputs.tree, float(rolled_up.forecast[0])
    live = len(rolled_up.node) <= LIVE_CHECK_ROWS and all_distinct_criteria(
        map(tree.reference, rolled_up.node.tolist())
    )
    formula = f'SUMIFS(CommitRollUp[Forecast],CommitRollUp[Node],"{tree.reference(0)}")'
    return Formula(formula, value) if live else value


def _year(outcome: Outcome, column: str) -> object:
    """A figure of the Baseline in Budget; blank without a forecast."""
    revenue = outcome.revenue
    if revenue is None:
        return None
    result = revenue.forecast
    scenario = result.scenarios[result.baseline].name
    year = float(result.year(result.total)[result.baseline])
    value = year if column == "Year forecast" else float(to_cents(np.array([revenue.rules.opex_limit * year]))[0])
    live = all_distinct_criteria(each.name for each in result.scenarios)
    return Formula(f'SUMIFS(Budget[{column}],Budget[Scenario],"{scenario}")', value) if live else value
