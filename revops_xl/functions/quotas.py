"""Functions of the quota plan."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from revops_xl.engine.quotas.cascade import cascade
from revops_xl.engine.quotas.explain import explain
from revops_xl.engine.quotas.hedge import audit_levels, compound
from revops_xl.engine.quotas.shares import team_shares
from revops_xl.engine.quotas.weights import suggested_weights
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.quotas import suggest_weights
from revops_xl.functions import examples
from revops_xl.functions.answers import of_figures, of_frame, of_table, of_texts
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.cells import Answer, as_text, rows_of
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.functions.plan import NODE, PLAN, PLAN_FORMULA, parsed, planned
from revops_xl.model import bounds
from revops_xl.model.inputs import DIRECTIONS, MAX_WEIGHT, Metric
from revops_xl.model.money import MAX_UNITS, Floats, Unit, apportion, round_half_away
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.book import checks
from revops_xl.tables.book.input_checks import READINGS, input_checks
from revops_xl.tables.quotas import hedge_audit, metrics, quotas
from revops_xl.tables.quotas.checks import quota_checks
from revops_xl.tables.schema.check import BAD, WARNING
from revops_xl.tables.schema.nodes import find_node
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.typed import TypedTable

_function = partial(Function, category=Category.QUOTAS)
UNIT = Parameter("unit", Takes.NUMBER, "Every amount is a whole multiple of it. Blank: 0.01.", default=0.01, **bounds.UNIT.limits)  # fmt: skip
HEDGED, BASE = "hedged", "base"


_DIRECTIONS = " or ".join(DIRECTIONS)


def _cascade(arguments: Arguments) -> Answer:
    return of_table(quotas.render(planned(arguments)[1]))


def _quota(arguments: Arguments) -> Answer:
    layer = arguments.text("layer")
    arguments.refuse()
    plan = planned(arguments)[1]
    problems: list[Problem] = []
    rows = [
        [_amount(plan, None if cell is None else as_text(cell), layer, problems) for cell in row]
        for row in arguments.grid("node")
    ]
    if problems:
        raise PlanError(problems)
    return of_figures(np.array(rows))


def _amount(plan: QuotaPlan, node: str | None, layer: str, problems: list[Problem]) -> float:
    """Quota of a node, over all places of a split IC; NaN for a blank."""
    if node is None:
        return float("nan")
    try:
        positions = find_node(plan.inputs.tree, node)
    except PlanError as error:
        problems += error.problems
        return float("nan")
    return float((plan.base if layer == BASE else plan.quota)[positions].sum())


def _hedge_audit(arguments: Arguments) -> Answer:
    plan = planned(arguments)[1]
    return of_table(hedge_audit.render_audit(audit_levels(plan), plan.inputs.unit))


def _compound_hedge(arguments: Arguments) -> Answer:
    hedges, layers = arguments.numbers("hedges"), arguments.number("layers")
    arguments.refuse()
    return compound(hedges[~np.isnan(hedges)], layers)


def _shares(arguments: Arguments) -> Answer:
    values = arguments.numbers("values")
    if not arguments.problems and np.isnan(values).any():
        arguments.problem("values", "a blank among them", "Write 0, or leave the row out.")
    directions = [text.lower() for text in arguments.texts("directions")] or [DIRECTIONS[0]]
    if arguments.given("directions") and any(cell is None for row in arguments.grid("directions") for cell in row):
        arguments.problem("directions", "a blank among them", f"Write {_DIRECTIONS} into each cell.")
    weights = arguments.numbers("weights").ravel()
    count = values.shape[1]
    directions = directions * count if len(directions) == 1 else directions
    weights = np.repeat(weights, count) if len(weights) == 1 else weights
    for name, many in (("directions", len(directions)), ("weights", len(weights))):
        if many != count:
            arguments.problem(name, f"{many} cells for {count} columns of values")
    for direction in dict.fromkeys(directions):
        if direction not in DIRECTIONS:
            arguments.problem("directions", f'"{direction}" is not one of {", ".join(DIRECTIONS)}')
    if np.isnan(weights).any() or not weights.any():
        arguments.problem("weights", "a weight above 0 is needed, and no blank")
    arguments.refuse()
    blended = [Metric(f"{i}", direction=d, weight=w) for i, (d, w) in enumerate(zip(directions, weights, strict=True))]
    return of_figures(team_shares(blended, values.T)[:, None])


def _weights(arguments: Arguments) -> Answer:
    return of_table(hedge_audit.render_weights(suggested_weights(planned(arguments)[0].inputs)))


def _suggest_weights(arguments: Arguments) -> Answer:
    data, target = arguments.table("data"), arguments.text("target")
    if arguments.is_table("metrics", "Metric"):
        raw = arguments.table("metrics")
        typed = TypedTable(raw, metrics.TABLE, NumberLocale(), arguments.problems) if raw is not None else None
        chosen = [each.metric for each in metrics.parse(typed)] if typed is not None and typed.check_headers() else []
    else:
        chosen = [Metric(name, columns=(name,)) for name in arguments.texts("metrics")]
    arguments.refuse()
    assert data is not None  # noqa: S101  (a needed argument)
    return of_frame(suggest_weights(data, target, chosen))


def _apportion(arguments: Arguments) -> Answer:
    total, weights, unit = arguments.number("total"), arguments.numbers("weights"), arguments.number("unit")
    arguments.refuse()
    step = Unit.of(unit)
    units = float(step.in_units(total))
    if abs(units) > MAX_UNITS:
        arguments.problem("total", f"{total:,.15g} has more than 15 digits in units of {unit:g}", "Raise the unit.")
    elif step.exactly(abs(total)) is None:
        arguments.problem("total", f"{total:,.15g} is not a whole multiple of the unit {unit:g}")
    arguments.refuse()
    flat = weights.ravel()
    known = ~np.isnan(flat)
    parts: Floats = np.full(len(flat), np.nan)
    parts[known] = step.to_amount(apportion(int(round_half_away(units)), flat[known]).astype(np.float64))
    return of_figures(parts.reshape(weights.shape))


def _explain(arguments: Arguments) -> Answer:
    node, (_, plan) = arguments.text("node"), planned(arguments)
    arguments.refuse()
    found = explain(plan, find_node(plan.inputs.tree, node))
    titles, lines = zip(*((s.title, line) for s in found.steps for line in (s.lines or ("",))), strict=True)
    shown = [title if i == 0 or titles[i - 1] != title else None for i, title in enumerate(titles)]
    return rows_of(("Step", "Detail"), (shown, lines))


def _check(arguments: Arguments) -> Answer:
    headers = ("Status", "What", "Where", "What to do")
    plan, problems = parsed(arguments)
    if plan is None or problems:
        return of_texts([headers, *(("Refused", p.message, p.where, p.fix or None) for p in problems)])
    try:
        result = cascade(plan.inputs)
    except PlanError as error:  # what only the cascade can see, such as overrides above a pool
        return of_texts([headers, *(("Refused", p.message, p.where, p.fix or None) for p in error.problems)])
    table = ResultTable.of_rows(
        checks.TABLE, (each.row for each in (*quota_checks(plan, result), *input_checks(replace(plan, missing=()))))
    )
    columns = (table.values(name) for name in ("Status", "Check", "Where", "What to do"))
    found = [row for row in zip(*columns, strict=True) if row[0] in {WARNING, *BAD} or row[1] == READINGS]
    return of_texts([headers, *(found or [("OK", "no problems", None, None)])])


FUNCTIONS = (
    _function(
        "REVOPS_CASCADE",
        help="Hands a target down an org: the quota of every node as a table, with base quota, share, hedge and rule. Amounts add up to the cent.",
        parameters=PLAN,
        gives="table Quotas, one row per node",
        formula=f"=REVOPS_CASCADE({PLAN_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, examples.METRICS, 1.05),
        act=_cascade,
    ),
    _function(
        "REVOPS_QUOTA",
        help="Quota of a node, or of a range of nodes, in the plan that REVOPS_CASCADE makes. Equal plans are computed once, however many cells ask.",
        parameters=(
            NODE,
            *PLAN,
            Parameter("layer", Takes.TEXT, "hedged: as carried. base: before hedges.", default=HEDGED, choices=(HEDGED, BASE)),
        ),
        gives="number, or numbers in the shape of node",
        formula=f"=REVOPS_QUOTA(A2:A20,{PLAN_FORMULA})",
        example=((("Ann",), ("NA",), (None,)), examples.HIERARCHY, 1000, examples.LEVELS, None, 1.05, examples.OVERRIDES),
        act=_quota,
    ),
    _function(
        "REVOPS_HEDGE_AUDIT",
        help="What the hedges of a plan add up to, level by level: base and hedged totals, buffer, over-assignment, verdict.",
        parameters=PLAN,
        gives="table HedgeAudit, one row per level",
        formula=f"=REVOPS_HEDGE_AUDIT({PLAN_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, None, 1.05),
        act=_hedge_audit,
    ),
    _function(
        "REVOPS_COMPOUND_HEDGE",
        help="What hedges come to that are handed down one after the other: 1.05 through five layers is 1.2763.",
        parameters=(
            Parameter("hedges", Takes.NUMBERS, "Hedges, such as 1.05; blank cells are left out.", needed=True, above=0),
            Parameter("layers", Takes.WHOLE, "How often they are handed down. Blank: once.", default=1, minimum=1, maximum=1000),
        ),
        gives="number",
        formula="=REVOPS_COMPOUND_HEDGE(1.05,5)",
        example=(1.05, 5),
        act=_compound_hedge,
    ),
    _function(
        "REVOPS_SHARES",
        help="Shares of the members of one team by one or more metrics: proportional, or inverse with 1 % of the largest added. They add up to 1.",
        parameters=(
            Parameter("values", Takes.NUMBERS, "One row per member, one column per metric, without headers; below 0 counts as 0.", needed=True),
            Parameter("directions", Takes.NAMES, f"{_DIRECTIONS}, one for all columns or one for each. Blank: {DIRECTIONS[0]}."),
            Parameter("weights", Takes.NUMBERS, "Weights of the columns, one for all or one for each. Blank: alike.", default=1, minimum=0, maximum=MAX_WEIGHT),
        ),
        gives="column of fractions, one a member",
        formula='=REVOPS_SHARES(F2:G9,"proportional, inverse",{1,0.4})',
        example=(((400, 40), (240, 0), (0, 0)), "proportional, inverse", ((1, 0.4),)),
        act=_shares,
    ),
    _function(
        "REVOPS_WEIGHTS",
        help="The blend metrics of a plan: weight, influence, correlation with the first metric, suggested weight and why.",
        parameters=PLAN,
        gives="table Weights, one row per metric",
        formula=f"=REVOPS_WEIGHTS({PLAN_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, examples.METRICS),
        act=_weights,
    ),
    _function(
        "REVOPS_SUGGEST_WEIGHTS",
        help="Suggested weight of each metric: the size of its correlation with a target column, over the rows. A sign that disagrees with the direction is reported.",
        parameters=(
            Parameter("data", Takes.TABLE, "One row per IC.", needed=True),
            Parameter("target", Takes.TEXT, "Header of the column to correlate with.", needed=True),
            Parameter("metrics", Takes.TABLE_OR_TEXTS, "Headers of the metric columns: a range, one text with commas, or table Metrics.", needed=True, tables=(metrics.TABLE,)),
        ),
        gives="table, one row per metric",
        formula='=REVOPS_SUGGEST_WEIGHTS(Hierarchy[[#Headers],[#Data]],"2026-Q4_Attainment","CloudSeats, DCSeats")',
        example=(examples.HIERARCHY, "Q4_Attainment", "CloudSeats, DCSeats"),
        act=_suggest_weights,
    ),
    _function(
        "REVOPS_APPORTION",
        help="Splits a total by weights into whole multiples of a unit that add up to it exactly.",
        parameters=(
            Parameter("total", Takes.NUMBER, "Amount to split, a whole multiple of the unit.", needed=True),
            Parameter("weights", Takes.NUMBERS, "0 or more; they need not add up to 1. Blank cells get nothing.", needed=True, minimum=0),
            UNIT,
        ),
        gives="numbers in the shape of weights",
        formula="=REVOPS_APPORTION(100,B2:B4)",
        example=(100, ((1,), (1,), (1,)), 0.01),
        act=_apportion,
    ),
    _function(
        "REVOPS_EXPLAIN",
        help="Why a node has its quota: target, shares, metrics, hedges and overrides, step by step from the top.",
        parameters=(Parameter("node", Takes.TEXT, "A node; Level: Name where two levels share a text.", needed=True), *PLAN),
        gives="table: Step, Detail",
        formula=f'=REVOPS_EXPLAIN("EMEA",{PLAN_FORMULA})',
        example=("Bob", examples.HIERARCHY, 1000, examples.LEVELS, examples.METRICS, 1.05),
        act=_explain,
    ),
    _function(
        "REVOPS_CHECK",
        help="Every problem of a plan and what deserves a look, one row each. An OK row if there is none.",
        parameters=PLAN,
        gives="table: Status, What, Where, What to do",
        formula=f"=REVOPS_CHECK({PLAN_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, (("Metric", "Columns"), ("Seats", "Nowhere"))),
        act=_check,
    ),
)  # fmt: skip
