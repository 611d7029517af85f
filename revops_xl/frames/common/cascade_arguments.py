"""The arguments of `cascade`, checked by the same rules as the tables of a workbook."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.engine.planning.planning import seat_weights
from revops_xl.engine.planning.presence import presence
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import to_raw
from revops_xl.frames.common.given import as_rows, is_number, shown
from revops_xl.frames.common.periods import Day, period_of
from revops_xl.model.calendar import Calendar
from revops_xl.model.inputs import GateFallback, Metric, NewHires, QuotaInputs, SeatWeights, resolve_hedges
from revops_xl.model.money import MAX_UNITS, Unit
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import PresenceRules
from revops_xl.tables.quotas import hierarchy as hierarchy_table
from revops_xl.tables.quotas import metrics as metrics_table
from revops_xl.tables.quotas import overrides as overrides_table
from revops_xl.tables.quotas.dated_rows import DatedRows, dated_rows
from revops_xl.tables.schema import nodes
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import CellColumn, RawTable
from revops_xl.tables.schema.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd


def refuse_kinds(*, metrics: object, hedge: object, overrides: object, new_hires: object) -> None:
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


class CascadeArguments:
    """The arguments of `cascade`, checked by the same rules as a workbook's tables."""

    def __init__(self, hierarchy: pd.DataFrame, levels: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self.levels = tuple(levels)
        self.period: PlanPeriod | None = None
        self.dated: DatedRows | None = None
        raw = to_raw(hierarchy, "hierarchy")
        raw = as_rows(raw, hierarchy_table.TABLE, self.problems)
        self.typed = TypedTable(raw, hierarchy_table.TABLE, NumberLocale(), self.problems)
        missing = [level for level in self.levels if level not in raw.headers]
        self.problems += [Problem("hierarchy", "", f'there is no column "{level}"') for level in missing]
        if len(self.levels) < 2 or len(set(self.levels)) < len(self.levels):
            self.problems.append(Problem("levels", "", "at least two different level columns are needed, ICs last"))
        if not len(raw):
            self.problems.append(Problem("hierarchy", "", "the table has no rows"))
        self.refuse()

    def read_days(self, start: Day, months: object, calendar: Calendar) -> None:
        """Settle who is where on which days of a plan."""
        self.period = period_of(start, months, self.problems, calendar)
        self.refuse()
        self.typed.calendar = calendar
        self.dated = dated_rows(self.typed, self.levels, self.period, PresenceRules())
        self.typed = self.dated.typed
        self.refuse()

    def _seats(self, tree: OrgTree) -> SeatWeights | None:
        """The time in which the seats are there; None: all of the plan."""
        if self.dated is None or self.dated.tenure is None or self.period is None:
            return None
        weeks = self.period.calendar.weeks_of(self.period.periods)
        return seat_weights(tree, presence(self.dated.tenure, self.period, weeks / weeks.sum()))

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
        dated = self.dated
        split, now = (None, None) if dated is None else (dated.split, dated.now)
        data = hierarchy_table.parse(self.typed, self.levels, read, split, now)
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
        fixed, _ = overrides_table.parse(
            TypedTable(raw, overrides_table.TABLE, NumberLocale(), self.problems), tree, step
        )
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
            seats=self._seats(tree),
        )

    def _unit(self, unit: float | None, target: float) -> Unit | None:
        step = None
        if unit is not None:
            try:
                step = Unit.of(unit)
            except ValueError as error:
                self.problem("unit", str(error))
        if not is_number(target):
            self.problem("target", f"{shown(target)} is not a number")
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
            if not is_number(value) or not (np.isfinite(value) and value > 0):
                self.problem("hedge", f"{name} is {shown(value)}; a hedge is a number above 0, such as 1.05")
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
