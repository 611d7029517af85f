"""The engine for Python users: tables in and out are pandas DataFrames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from revops_xl.engine.cascade import cascade as run_cascade
from revops_xl.engine.explain import explain
from revops_xl.engine.hedge import audit_levels
from revops_xl.engine.weights import suggest, suggested_weights, values_or_blank
from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.model.inputs import GateFallback, Metric, NewHires, QuotaInputs, resolve_hedges
from revops_xl.model.money import MAX_UNITS, Unit
from revops_xl.model.org import Bools
from revops_xl.model.results import Explanation, QuotaPlan
from revops_xl.tables import hedge_audit, nodes, quotas
from revops_xl.tables import hierarchy as hierarchy_table
from revops_xl.tables import metrics as metrics_table
from revops_xl.tables import overrides as overrides_table
from revops_xl.tables.declare import NUMERIC
from revops_xl.tables.near_duplicates import look_alikes
from revops_xl.tables.number_text import NumberLocale
from revops_xl.tables.raw import CellColumn, RawTable
from revops_xl.tables.result import ResultTable
from revops_xl.tables.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Cascade:
    """A cascaded plan.

    Attributes:
        plan: The arrays behind it.
    """

    plan: QuotaPlan

    def __repr__(self) -> str:
        tree = self.plan.inputs.tree
        return f"Cascade(target {self.plan.inputs.target:,.2f}, {len(tree):,} nodes on {len(tree.levels)} levels)"

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """One row per node as an outline: level, node, parent, depth, ic, share, base_quota, hedge, cumulative_hedge, quota, hedge_buffer, over_assignment, rule.

        Amounts are in currency; share and over_assignment are fractions; NaN where undefined.
        """
        return to_frame(quotas.render(self.plan))

    @cached_property
    def hedge_audit(self) -> pd.DataFrame:
        """One row per level: level, nodes, base_total, hedged_total, hedge_buffer, over_assignment, verdict."""
        return to_frame(hedge_audit.render_audit(audit_levels(self.plan), self.plan.inputs.unit))

    @cached_property
    def weights(self) -> pd.DataFrame:
        """One row per blend metric: metric, direction, weight, influence, correlation, suggested_weight, reason."""
        return to_frame(hedge_audit.render_weights(suggested_weights(self.plan.inputs)))

    @cached_property
    def notes(self) -> tuple[Problem, ...]:
        """Names that look alike and are kept apart."""
        tree = self.plan.inputs.tree
        return tuple(look_alikes(tree))

    def explain(self, node: str) -> Explanation:
        """The full derivation of one node's number; `as_text()` and `as_dict()` show it.

        Raises:
            PlanError: No node is called so, or several levels have one.
        """
        return explain(self.plan, find_node(self.plan, node))


def cascade(
    hierarchy: pd.DataFrame,
    target: float,
    *,
    levels: Sequence[str],
    metrics: Sequence[Metric] | None = None,
    hedge: float | Mapping[str, float] = 1.0,
    overrides: Mapping[str, float] | None = None,
    override_basis: str = "base",
    new_hires: str | Collection[str] = "all_metrics_zero",
    gate_fallback: str = "redistribute",
    unit: float | None = 0.01,
) -> Cascade:
    """Hand a target down an org tree.

    Args:
        hierarchy: One row per IC: the level columns from the top node to the IC, then metric columns.
            A blank level in between is a level the branch skips. Blank metric cells are missing, not 0.
        target: The top node's quota in currency, above 0.
        levels: Names of the level columns, top first, ICs last.
        metrics: Signals that make the shares or gate ICs; None: all columns `*_Attainment`.
        hedge: One factor for every manager, or factors by level or node (1 elsewhere): 1.05 hands down 5 % more.
        overrides: Amounts fixed by node, 0 or more.
        override_basis: "base": the amounts are before hedges; "hedged": the number the node carries.
        new_hires: "all_metrics_zero", "primary_metric_zero" or "none"; or the name of a TRUE/FALSE column; or a list of ICs.
        gate_fallback: When everything below a quota is gated: "redistribute" (relax the gate), "leave", or "error".
        unit: Quotas are whole multiples of it; None: no rounding.

    Returns:
        The plan; `quotas` is the table of all nodes.

    Raises:
        PlanError: With every problem found.

    Source:
        The rules are in the README under "How quotas are computed".

    Example:
        >>> import pandas as pd
        >>> team = pd.DataFrame({"Company": ["Acme", "Acme"], "IC": ["Ann", "Bob"], "Q1_Attainment": [100, 50]})
        >>> plan = cascade(team, 1000, levels=["Company", "IC"], hedge=1.1)
        >>> plan.quotas[["node", "base_quota", "quota"]]
           node  base_quota    quota
        0  Acme     1000.00  1000.00
        1   Ann      666.67   733.33
        2   Bob      333.33   366.67
    """
    _refuse_kinds(metrics=metrics, hedge=hedge, overrides=overrides, new_hires=new_hires)
    arguments = _Arguments(hierarchy, levels)
    inputs = arguments.inputs(
        target,
        metrics=metrics,
        hedge=hedge,
        overrides=overrides or {},
        override_basis=override_basis,
        new_hires=new_hires,
        gate_fallback=gate_fallback,
        unit=unit,
    )
    return Cascade(run_cascade(inputs))


def _refuse_kinds(*, metrics: object, hedge: object, overrides: object, new_hires: object) -> None:
    """Arguments of a wrong kind, before anything is done with them."""
    listed = isinstance(metrics, Sequence) and all(isinstance(metric, Metric) for metric in metrics)
    fine = {
        "metrics": (metrics is None or listed, "a list of Metric, or None"),
        "hedge": (
            isinstance(hedge, int | float | np.number | Mapping),
            "a number, or a dict of numbers by level or node",
        ),
        "overrides": (overrides is None or isinstance(overrides, Mapping), "a dict of amounts by node"),
        "new_hires": (isinstance(new_hires, str | Collection), "a rule, a column name, or a list of ICs"),
    }
    problems = [Problem(name, "", f"{needed} is needed") for name, (ok, needed) in fine.items() if not ok]
    for name, mapping in (("hedge", hedge), ("overrides", overrides)):
        if isinstance(mapping, Mapping):
            problems += [
                Problem(name, "", f"{key!r} is no name of a node") for key in mapping if not isinstance(key, str)
            ]
    if problems:
        raise PlanError(problems)


def suggest_weights(data: pd.DataFrame, target: str, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Suggest a weight per metric: the size of its Pearson correlation with a target, over ICs.

    Pairs with a blank are left out; fewer than 3 pairs or no variation keep the declared weight; a correlation
    below 0.05 suggests 0. Direction is never changed: a sign that disagrees is reported.

    Args:
        data: One row per IC.
        target: Column to correlate with, such as last year's bookings.
        metrics: The candidates.

    Returns:
        metric, direction, declared_weight, correlation, observations, suggested_weight, agrees, reason.

    Raises:
        PlanError: A column is missing or holds something else than numbers.

    Example:
        >>> import pandas as pd
        >>> data = pd.DataFrame({"Won": [1, 2, 3, 4], "Seats": [2, 4, 6, 9]})
        >>> suggest_weights(data, "Won", [Metric("Seats")])[["metric", "suggested_weight", "agrees"]].round(3)
          metric  suggested_weight  agrees
        0  Seats             0.994    True
    """
    problems: list[Problem] = []
    typed = TypedTable(to_raw(data, "data"), hierarchy_table.TABLE, NumberLocale(), problems)
    if target not in typed.raw.headers:
        problems.append(Problem("data", "", f'there is no column "{target}"'))
    values = []
    for metric in metrics:
        columns, unmatched = metrics_table.matching_columns(metric, typed.raw.headers)
        problems += [Problem("data", "", f'no column matches "{text}" of metric "{metric.name}"') for text in unmatched]
        if not unmatched:
            columns = columns[-metric.lookback :] if metric.lookback else columns
            values.append(values_or_blank(hierarchy_table.read_metric(typed, metric, columns)))
    if problems:
        raise PlanError(problems)
    goal = typed.numbers(target, hierarchy_table.METRIC)
    if problems:
        raise PlanError(problems)
    import pandas as pd  # noqa: PLC0415  (half a second that the command line does not need)

    rows = suggest(metrics, values, goal)
    return pd.DataFrame(
        {
            "metric": [row.metric for row in rows],
            "direction": [row.direction for row in rows],
            "declared_weight": [row.declared for row in rows],
            "correlation": [row.correlation for row in rows],
            "observations": [row.observations for row in rows],
            "suggested_weight": [row.suggested for row in rows],
            "agrees": pd.array([row.agrees for row in rows], dtype="boolean"),
            "reason": [row.reason for row in rows],
        }
    )


def find_node(plan: QuotaPlan, node: str) -> list[int]:
    """Where a node stands in the tree; PlanError when nothing, or too much, is called so."""
    tree = plan.inputs.tree
    try:
        positions = tree.find(node)
    except LookupError as error:
        message = f'"{node}" names nodes of several levels'
        raise PlanError([Problem("node", "", message, f"Write {error}.")]) from None
    if not positions:
        raise PlanError([Problem("node", "", f'no node is called "{node}"', nodes.suggest(node, tree))])
    return positions


def to_frame(table: ResultTable) -> pd.DataFrame:
    """A result table as a DataFrame with snake_case columns; formulas become their values."""
    import pandas as pd  # noqa: PLC0415

    columns: dict[str, Any] = {}
    texts: dict[int, Any] = {}  # columns that share their names, such as node and parent, share the conversion
    for column in table.table.columns:
        values = table.column(column.name)
        if isinstance(values, Coded):
            names = texts.get(id(values.names))
            if names is None:
                names = texts[id(values.names)] = pd.array(values.names, dtype="str")
            columns[column.snake] = names.take(values.codes, allow_fill=True)
        elif not isinstance(values, np.ndarray) and column.kind in NUMERIC:
            columns[column.snake] = np.array([np.nan if value in {None, ""} else value for value in values])
        else:
            columns[column.snake] = values
    return pd.DataFrame(columns, copy=False)


def to_raw(frame: pd.DataFrame, name: str) -> RawTable:
    """A DataFrame as a table whose cells are called by row label and column."""
    headers = tuple(str(header) for header in frame.columns)
    doubled = sorted({header for header in headers if headers.count(header) > 1})
    if doubled:
        raise PlanError([Problem(name, "", f'column "{header}" stands twice') for header in doubled])
    columns = tuple(_cells(frame.iloc[:, i]) for i in range(len(headers)))
    return RawTable(name, name, headers, columns, range(len(frame)))


def _cells(series: pd.Series[Any]) -> CellColumn:
    """A column's cells; every kind of missing value becomes None, or NaN among numbers."""
    if getattr(series.dtype, "storage", None) == "pyarrow":
        return _coded(series)
    if series.dtype.kind in "fiub":
        if isinstance(series.dtype, np.dtype):
            return series.to_numpy()
        if series.dtype.kind != "b":
            return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if not series.hasnans:
        return series.tolist()
    return [None if missing else value for value, missing in zip(series.tolist(), series.isna(), strict=True)]


def _coded(series: pd.Series[Any]) -> Coded:
    """An Arrow column of texts as codes, without a Python object per cell."""
    import pyarrow as pa  # noqa: PLC0415  (comes with the pandas column)
    import pyarrow.compute as pc  # noqa: PLC0415

    texts = pa.array(series, from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    ends_differ = len(texts) > 1 and texts[0].as_py() not in {"", texts[1].as_py()} and texts.null_count == 0
    if ends_differ and pc.all(pc.less(texts[:-1], texts[1:])).as_py():  # so they all differ, as sorted ids do
        blanks = pc.any(pc.utf8_is_space(texts)).as_py()
        return Coded(np.arange(len(texts), dtype=np.int32), texts.to_pylist(), increasing=True, no_blanks=not blanks)
    runs = pc.run_end_encode(texts)  # teams usually stand together: then each run is looked up once
    heads = runs.values  # noqa: PD011  (an Arrow array, not a Series)
    together = len(heads) < len(texts) // 4
    coded = (heads if together else texts).dictionary_encode()
    names = coded.dictionary.to_pylist()
    if "" in names:
        return Coded.of(texts.to_pylist())
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    if together:
        codes = np.repeat(codes, np.diff(runs.run_ends.to_numpy(), prepend=0))
    return Coded(codes, names)


class _Arguments:
    """The arguments of `cascade`, checked by the same rules as a workbook's tables."""

    def __init__(self, hierarchy: pd.DataFrame, levels: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self.levels = tuple(levels)
        raw = to_raw(hierarchy, "hierarchy")
        self.typed = TypedTable(raw, hierarchy_table.TABLE, NumberLocale(), self.problems)
        missing = [level for level in self.levels if level not in raw.headers]
        self.problems += [Problem("hierarchy", "", f'there is no column "{level}"') for level in missing]
        if len(self.levels) < 2 or len(set(self.levels)) < len(self.levels):
            self.problems.append(Problem("levels", "", "at least two different level columns are needed, ICs last"))
        if not len(raw):
            self.problems.append(Problem("hierarchy", "", "the table has no rows"))
        self.refuse()

    def refuse(self) -> None:
        """Raise what was found so far."""
        if self.problems:
            raise PlanError(self.problems)

    def problem(self, argument: str, message: str, fix: str = "") -> None:
        """Note what is wrong with an argument."""
        self.problems.append(Problem(argument, "", message, fix))

    def inputs(
        self,
        target: float,
        *,
        metrics: Sequence[Metric] | None,
        hedge: float | Mapping[str, float],
        overrides: Mapping[str, float],
        override_basis: str,
        new_hires: str | Collection[str],
        gate_fallback: str,
        unit: float | None,
    ) -> QuotaInputs:
        """Everything the cascade needs; PlanError with all problems."""
        step = self._unit(unit, target)
        declared = metrics_table.declare(metrics)
        blend, gates = metrics_table.resolve(declared, None, self.typed, self.levels, self.problems)
        read = {column for metric in (*blend, *gates) for column in metric.columns}
        data = hierarchy_table.parse(self.typed, self.levels, read)
        if data is None:
            raise PlanError(self.problems)
        tree = data.tree
        default, by_level, by_node = self._hedges(data, hedge)
        rows: dict[str, CellColumn] = {
            "Node": list(overrides),
            "Amount": list(overrides.values()),
            "Basis": [override_basis] * len(overrides),
        }
        raw = RawTable("overrides", "overrides", tuple(rows), tuple(rows.values()), range(len(overrides)))
        fixed = overrides_table.parse(TypedTable(raw, overrides_table.TABLE, NumberLocale(), self.problems), tree, step)
        rule, flags = self._new_hires(data, new_hires)
        if gate_fallback not in set(GateFallback):
            self.problem("gate_fallback", f'"{gate_fallback}" is not one of {", ".join(GateFallback)}')
        self.refuse()
        hedges = resolve_hedges(tree, default, by_level, by_node)
        return QuotaInputs(
            tree,
            target,
            step,
            tuple(blend),
            tuple(gates),
            hedges,
            tuple(fixed),
            rule,
            flags,
            GateFallback(gate_fallback),
        )

    def _unit(self, unit: float | None, target: float) -> Unit | None:
        step = None
        if unit is not None:
            try:
                step = Unit.of(unit)
            except ValueError as error:
                self.problem("unit", str(error))
        if isinstance(target, bool) or not isinstance(target, int | float | np.integer | np.floating):
            self.problem("target", f"{target!r} is not a number")
        elif not (np.isfinite(target) and target > 0):
            self.problem("target", f"{target} is needed to be finite and above 0")
        elif step is not None and float(step.in_units(target)) > MAX_UNITS:
            self.problem("target", f"{target:,.15g} has more than 15 digits in units of {step.size}", "Raise the unit.")
        elif step is not None and step.exactly(target) is None:
            self.problem("target", f"{target:,.15g} is not a whole multiple of the unit {step.size:f}")
        self.refuse()
        return step

    def _hedges(
        self, data: hierarchy_table.Hierarchy, hedge: float | Mapping[str, float]
    ) -> tuple[float, dict[int, float], dict[int, float]]:
        tree = data.tree
        named = hedge if isinstance(hedge, Mapping) else {"default": hedge}
        for name, value in named.items():
            number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
            if not number or not (np.isfinite(value) and value > 0):
                self.problem("hedge", f"{name} is {value!r}; a hedge is a number above 0, such as 1.05")
        self.refuse()
        if not isinstance(hedge, Mapping):
            return float(hedge), {}, {}
        by_level: dict[int, float] = {}
        by_node: dict[int, float] = {}
        for name, value in hedge.items():
            if name in self.levels:
                level = self.levels.index(name)
                if any(tree.level[node] != level for node in np.flatnonzero(tree.names == name)):
                    self.problem(
                        "hedge",
                        f'"{name}" is a level, and a node of another level',
                        f'For the node write "LEVEL: {name}".',
                    )
                if name == self.levels[-1]:
                    self.problem("hedge", f'"{name}" is the level of the ICs, who hand nothing down')
                by_level[self.levels.index(name)] = float(value)
                continue
            try:
                positions = tree.find(name)
            except LookupError as error:
                self.problem("hedge", f'"{name}" names nodes of several levels', f"Write {error}.")
                continue
            if not positions:
                self.problem("hedge", f'no level or node is called "{name}"', nodes.suggest(name, tree))
            elif tree.is_ic[positions[0]]:
                self.problem("hedge", f'"{name}" is an IC, who hands nothing down')
            else:
                by_node[positions[0]] = float(value)
        return 1.0, by_level, by_node

    def _new_hires(self, data: hierarchy_table.Hierarchy, new_hires: str | Collection[str]) -> tuple[NewHires, Bools]:
        tree = data.tree
        flags = np.zeros(len(self.typed), dtype=bool)
        if isinstance(new_hires, str):
            if new_hires in set(NewHires) - {NewHires.FLAG}:
                if data.new_hire.any():
                    message = f'{int(data.new_hire.sum())} ICs are flagged in the column "New hire", but new_hires is "{new_hires}"'
                    self.problem(
                        "new_hires",
                        message,
                        'Pass new_hires="New hire", or clear the flags: they answer the same question.',
                    )
                return NewHires(new_hires), flags
            if new_hires not in self.typed.raw.headers:
                rules = ", ".join(rule for rule in NewHires if rule is not NewHires.FLAG)
                self.problem("new_hires", f'"{new_hires}" is neither a rule ({rules}) nor a column of the hierarchy')
                return NewHires.NONE, flags
            marked = self.typed.flags(new_hires)
            return NewHires.FLAG, np.array([flag is True for flag in marked], dtype=bool)
        for name in new_hires:
            try:
                positions = [node for node in tree.find(name) if tree.is_ic[node]]
            except LookupError:
                positions = tree.find(f"{self.levels[-1]}: {name}")
            if not positions:
                self.problem("new_hires", f'no IC is called "{name}"', nodes.suggest(name, tree))
            flags[tree.row[positions]] = True
        return NewHires.FLAG, flags
