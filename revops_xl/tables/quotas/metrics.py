"""Sheet Metrics: which signals make the shares, and which switch ICs off."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.inputs import AGGREGATIONS, DIRECTIONS, USES, Metric, MetricData
from revops_xl.model.planning import DERIVED
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.column_lists import expand, literal, split_list
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable

GATE_SIGNS = {">": "gt", ">=": "ge", "<": "lt", "<=": "le", "true": "true"}
#: What makes the shares when the table Metrics has no rows.
DEFAULT_METRIC = Metric("Attainment")

#: Whose history a metric is.
FOLLOWS = PERSON, SEAT = ("person", "seat")
TABLE = Table(
    "Metrics",
    "Signals about ICs. Blended ones make the shares; a gate switches off the ICs that fail it. "
    "No rows: all columns *_Attainment.",
    (
        Column("Metric", Kind.TEXT, "Name of the metric.", required=True, width=20),
        Column("Use", Kind.CHOICE, "blend: makes shares. gate: who fails it gets no quota.", choices=USES, width=8),
        Column("Direction", Kind.CHOICE, "proportional: more of it, more quota. inverse: more of it, less quota.", choices=DIRECTIONS, width=14),
        Column("Weight", Kind.NUMBER, "0 or more; the influence is the weight divided by the sum of the weights.", minimum=0, maximum=1e9, width=9),
        Column("Columns", Kind.COLUMNS, "Columns of Hierarchy, oldest first, separated by commas; * stands for any text. Blank: *_ and the name, else the name.", width=26),
        Column("Lookback", Kind.INTEGER, "Use only the last so many columns.", optional=True, unit="periods", minimum=1, width=10),
        Column("Aggregation", Kind.CHOICE, "How the periods become one value.", optional=True, choices=AGGREGATIONS, width=13),
        Column("Impute zeros", Kind.BOOLEAN, "Replace a zero or blank period by the IC's own average. Boolean columns never are.", optional=True, width=13),
        Column("Gate test", Kind.CHOICE, "The test an IC must pass.", optional=True, choices=tuple(GATE_SIGNS), width=10),
        Column("Gate threshold", Kind.NUMBER, "What the test compares with.", optional=True, width=15),
        Column("Money", Kind.BOOLEAN, "Whether its columns hold amounts, which are converted where Hierarchy has a column Currency; blank: told by their names.", optional=True, width=9),
        Column("Follows", Kind.CHOICE, "person: history goes where the person goes. seat: accounts and installed base stay, and whoever fills the seat has them.", optional=True, choices=FOLLOWS, width=10),
    ),
)  # fmt: skip
SHEET = Sheet("Metrics", "What makes the shares", (TABLE,))


@dataclass(frozen=True)
class Declared:
    """A metric and where it was declared; row -1 stands for the default metric of an empty table."""

    metric: Metric
    row: int
    of_seat: bool = False


def parse(typed: TypedTable | None) -> list[Declared]:
    """Read the declarations; those with problems are left out."""
    if typed is None or not len(typed):
        return [Declared(DEFAULT_METRIC, -1)]
    names, uses = typed.texts("Metric"), typed.choices("Use", "blend")
    directions, weights = typed.choices("Direction"), typed.numbers("Weight")
    columns, lookbacks = typed.texts("Columns"), typed.numbers("Lookback")
    aggregations, imputes = typed.choices("Aggregation", "sum"), typed.flags("Impute zeros")
    tests, thresholds = typed.choices("Gate test"), typed.numbers("Gate threshold")
    follows = typed.choices("Follows", PERSON) if typed.has("Follows") else [PERSON] * len(typed)
    declared = []
    seen: dict[str, int] = {}
    for row, name in enumerate(names):
        before = len(typed.problems)
        if name is None:
            if not typed.is_bad(row, "Metric"):
                typed.problem(row, "Metric", "Metric is blank; a name is needed")
            continue
        if name in seen:
            typed.problem(
                row, "Metric", f'metric "{name}" is declared twice, first in row {typed.raw.row_text(seen[name])}'
            )
        seen.setdefault(name, row)
        _refuse_unused(typed, row, gate=uses[row] == "gate")
        if tests[row] == "true" and not np.isnan(thresholds[row]):
            typed.problem(
                row, "Gate threshold", "Gate threshold means nothing for the test true", "Clear it, or use >."
            )
        if any(typed.is_bad(row, column) for column in TABLE.headers) or len(typed.problems) > before:
            continue
        weight, lookback, threshold = float(weights[row]), lookbacks[row], thresholds[row]
        metric = Metric(
            name,
            columns=split_list(columns[row]),
            direction=directions[row] or "proportional",
            weight=1.0 if np.isnan(weight) else weight,
            lookback=None if np.isnan(lookback) else int(lookback),
            aggregation=aggregations[row] or "sum",
            impute_zeros=imputes[row] is not False,
            use=uses[row] or "blend",
            gate=GATE_SIGNS[tests[row] or ">"],
            threshold=0.0 if np.isnan(threshold) else float(threshold),
        )
        declared.append(Declared(metric, row, follows[row] == SEAT))
    return declared


def seat_columns(declared: Sequence[Declared], headers: Sequence[str], levels: Sequence[str]) -> set[str]:
    """Columns of metrics that follow the seat."""
    available = hierarchy.metric_columns(headers, levels)
    return {name for each in declared if each.of_seat for name in matching_columns(each.metric, available)[0]}


def declare(metrics: Sequence[Metric] | None) -> list[Declared]:
    """Metrics given in Python; None stands for the default metric."""
    return [Declared(metric, -1) for metric in ([DEFAULT_METRIC] if metrics is None else metrics)]


def _refuse_unused(typed: TypedTable, row: int, *, gate: bool) -> None:
    """A gate has no share, a blend has no test: what would be ignored is refused."""
    unused = ("Direction", "Weight") if gate else ("Gate test", "Gate threshold")
    for name in unused:
        if typed.has(name) and typed.filled(name)[row]:
            use = "gate" if gate else "blend"
            typed.problem(row, name, f"{name} means nothing for a {use} metric", "Clear it, or change Use.")


def resolve(
    declared: Sequence[Declared],
    typed: TypedTable | None,
    people: TypedTable,
    levels: Sequence[str],
    problems: list[Problem],
) -> tuple[list[MetricData], list[MetricData]]:
    """Find each metric's columns in Hierarchy and read them: (blend, gates)."""
    available = hierarchy.metric_columns(people.raw.headers, levels)
    blend: list[MetricData] = []
    gates: list[MetricData] = []
    cache: hierarchy.Cache = {}
    for entry in declared:
        metric = entry.metric
        derived = _derived(metric, people.raw.headers)
        columns, unmatched = ([derived], []) if derived else matching_columns(metric, available)
        for pattern in unmatched:
            where = ("Columns" if metric.columns else "Metric") if typed is not None and entry.row >= 0 else ""
            message = f'no column of Hierarchy matches "{pattern}" of metric "{metric.name}"'
            fix = f"Name columns so, or list others in Metrics, column Columns; there are: {', '.join(available[:12]) or 'none'}."
            if where and typed is not None:
                typed.problem(entry.row, where, message, fix)
            else:
                problems.append(Problem(people.raw.sheet, people.raw.header_cell(), message, fix))
        if unmatched:
            continue
        if metric.lookback is not None and metric.lookback > len(columns):
            message = f'Lookback {metric.lookback} of metric "{metric.name}", which has {len(columns)} columns'
            if typed is not None:
                typed.problem(entry.row, "Lookback", message)
            else:
                problems.append(Problem("metrics", "", message))
            continue
        columns = columns[-metric.lookback :] if metric.lookback else columns
        if derived:  # filled in when it is known
            unknown = np.full((1, len(people)), np.nan)
            (gates if metric.use == "gate" else blend).append(
                MetricData(metric, (derived,), unknown, np.zeros(1, bool), derived=True)
            )
            continue
        resolved = hierarchy.read_metric(people, metric, columns, cache)
        if metric.use == "gate":
            _refuse_blank_gate(resolved, people)
            gates.append(resolved)
        else:
            blend.append(resolved)
    _check_blend(declared, typed, problems)
    return blend, gates


def _derived(metric: Metric, headers: Sequence[str]) -> str:
    """What a metric reads that planning finds out; "" if it reads columns."""
    asked = metric.columns[0] if metric.columns is not None and len(metric.columns) == 1 else metric.name
    return (
        asked
        if asked in DERIVED and asked not in headers and (metric.columns is None or asked in metric.columns)
        else ""
    )


def matching_columns(metric: Metric, available: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns a metric reads, in their order, and the patterns that match none."""
    if metric.columns is None:
        pattern = f"*_{metric.name}"
        found = [name for name in available if fnmatch.fnmatchcase(name, literal(pattern))]
        found = found or [name for name in available if name == metric.name]
        return found, [] if found else [f"{pattern} or {metric.name}"]
    return expand(metric.columns, available)


def _refuse_blank_gate(gate: MetricData, people: TypedTable) -> None:
    """A gate decides about every IC, so it needs a value of every IC."""
    for row in np.flatnonzero(np.isnan(gate.periods).all(axis=0)).tolist():
        if not any(people.is_bad(row, name) for name in gate.columns):
            people.problem(
                row,
                gate.columns[-1],
                f'blank, but gate "{gate.metric.name}" decides by it',
                "Enter TRUE, FALSE or a number.",
            )


def _check_blend(declared: Sequence[Declared], typed: TypedTable | None, problems: list[Problem]) -> None:
    blends = [entry for entry in declared if entry.metric.use == "blend"]
    if any(entry.metric.weight > 0 for entry in blends) or (typed is not None and len(declared) < len(typed)):
        return
    sheet, cell = (typed.raw.sheet, typed.raw.header_cell("Weight")) if typed is not None else ("metrics", "")
    message = "no blend metric has a weight above 0, so nothing makes the shares"
    problems.append(Problem(sheet, cell, message, "Give one metric a weight."))
