"""The public functions of the pipeline: quotas against it, and what could move."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from revops_xl.engine.pipeline.coverage import pipeline_health
from revops_xl.engine.pipeline.redistribution import redistribute as move
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import to_frame, to_raw
from revops_xl.frames.quotas import Cascade
from revops_xl.model.bounds import PART
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.pipeline import PipelineInputs
from revops_xl.tables.forecast import deals
from revops_xl.tables.pipeline import pipeline_health as health_table
from revops_xl.tables.pipeline import thresholds as limits
from revops_xl.tables.pipeline.pipeline import PIPELINE
from revops_xl.tables.schema import nodes
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd
from revops_xl.frames.common.given import DEALS, check_number, typed_table


def coverage(
    plan: Cascade,
    pipeline: pd.DataFrame | Mapping[str, float],
    thresholds: Mapping[str, tuple[float, float]] | pd.DataFrame | None = None,
    *,
    closed_deals: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare pipeline and quota of every node at every level.

    Args:
        plan: From `cascade`.
        pipeline: Pipeline by IC, in currency, 0 or more; or a table whose first column names the IC and whose other
            columns are added up. An IC that is missing or blank has no known pipeline, which is not 0. A split IC
            has one row with the pipeline of the whole person.
        thresholds: (healthy, at risk) by node, inherited from the nearest node above; "(default)" elsewhere, which is
            (2, 1) if it is missing. Or a table: node, healthy, at_risk.
        closed_deals: Deals with rep, status and amount, for win rates.

    Returns:
        The columns of the table PipelineHealth in snake_case, as an outline. coverage is NaN where the quota is 0 or
        no pipeline is known; status says which.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> from revops_xl import cascade
        >>> team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["Ann", "Bob"], "Q1_Attainment": [1, 1]})
        >>> plan = cascade(team, 200, levels=["Company", "IC"])
        >>> coverage(plan, {"Ann": 250, "Bob": 80})[["node", "coverage", "status", "gap_to_healthy"]]
           node  coverage    status  gap_to_healthy
        0  Acme      1.65  Moderate            70.0
        1   Ann      2.50   Healthy             0.0
        2   Bob      0.80  Critical           120.0
    """
    inputs = _pipeline_inputs(plan, pipeline, thresholds, closed_deals)
    health = pipeline_health(plan.plan.inputs.tree, plan.plan.quota, inputs)
    return to_frame(health_table.render(plan.plan, inputs, health, sheet=False))


def redistribute(
    plan: Cascade,
    pipeline: pd.DataFrame | Mapping[str, float],
    thresholds: Mapping[str, tuple[float, float]] | pd.DataFrame | None = None,
    max_change: float = 0.2,
    locked: Collection[str] = (),
) -> pd.DataFrame:
    """Move quota inside each team from ICs below at risk to healthy ones; every team keeps its total on both layers.

    Args:
        plan: From `cascade`; it is not changed.
        pipeline: As in `coverage`.
        thresholds: As in `coverage`.
        max_change: Most that a quota may move, as a part of it, 0 to 1.
        locked: ICs that stay out, or teams whose ICs all do.

    Returns:
        One row per IC and manager: the columns of the table QuotaAdjustments in snake_case.

    Raises:
        PlanError: With every problem found.

    Source:
        `revops-xl guide pipeline`.

    Example:
        >>> import pandas as pd
        >>> from revops_xl import cascade
        >>> team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["Ann", "Bob"], "Q1_Attainment": [1, 1]})
        >>> plan = cascade(team, 200, levels=["Company", "IC"])
        >>> redistribute(plan, {"Ann": 250, "Bob": 80})[["node", "quota", "adjusted_quota", "role"]]
          node  quota  adjusted_quota      role
        0  Ann  100.0           120.0  receiver
        1  Bob  100.0            80.0     donor
    """
    inputs = _pipeline_inputs(plan, pipeline, thresholds, None)
    tree = plan.plan.inputs.tree
    problems: list[Problem] = []
    check_number("max_change", max_change, PART, problems)
    inputs = replace(inputs, locked=_locked(tree, locked, problems))
    if problems:
        raise PlanError(problems)
    inputs = replace(inputs, max_change=float(max_change))
    return to_frame(health_table.render_adjustments(plan.plan, inputs, move(plan.plan, inputs), sheet=False))


def _pipeline_inputs(
    plan: Cascade,
    pipeline: pd.DataFrame | Mapping[str, float],
    thresholds: Mapping[str, tuple[float, float]] | pd.DataFrame | None,
    closed_deals: pd.DataFrame | None,
) -> PipelineInputs:
    problems: list[Problem] = []
    tree = plan.plan.inputs.tree
    values = _pipeline(tree, pipeline, problems)
    needed = limits.parse(_thresholds(thresholds, problems), tree)
    sold = None
    if closed_deals is not None:
        typed = typed_table(closed_deals, DEALS, "closed_deals", problems)
        sold = deals.parse(typed, None, tree).closed if typed is not None else None
    if problems:
        raise PlanError(problems)
    return PipelineInputs(values, needed, np.zeros(len(tree), dtype=bool), deals=sold)


def _pipeline(tree: OrgTree, pipeline: pd.DataFrame | Mapping[str, float], problems: list[Problem]) -> Floats:
    """Pipeline of each placement in tree order."""
    raw = _node_table(pipeline, "pipeline")
    amounts = raw.headers[1:]
    node = Column("Node", Kind.NODE, "An IC.", required=True)
    columns = (node, *(replace(PIPELINE, name=name) for name in amounts))
    typed = TypedTable(raw, Table("pipeline", "Pipeline by IC.", columns), NumberLocale(), problems)
    parts = np.array([typed.numbers(name) for name in amounts]).reshape(len(amounts), len(raw))
    total = np.where(np.isnan(parts).all(axis=0), np.nan, np.nansum(parts, axis=0))
    values = np.full(len(tree), np.nan)
    places = _places(tree, typed)
    if places is not None:
        values[places] = total
        return values
    for row, text, positions in nodes.read_nodes(typed, tree):
        if not tree.is_ic[positions[0]]:
            typed.problem(row, "Node", f'"{text}" is a team; its pipeline is the sum over its ICs', "Name ICs.")
        values[positions] = total[row] * tree.split[positions]
    return values


def _places(tree: OrgTree, typed: TypedTable) -> npt.NDArray[np.intp] | None:
    """Position of the IC of each row where every row is plainly another one, without a look at each; else None."""
    import pandas as pd  # noqa: PLC0415

    if tree.shared_names or (tree.split < 1).any():
        return None
    ics = np.flatnonzero(tree.is_ic)
    coded = typed.coded("Node")
    found = pd.Index(tree.names[ics]).get_indexer(pd.Index(coded.names, dtype=object))
    plain = len(coded.names) == len(coded.codes) and bool((found >= 0).all()) and bool((coded.codes >= 0).all())
    return ics[found[coded.codes]] if plain else None


def _node_table(given: pd.DataFrame | Mapping[str, Any], name: str) -> RawTable:
    """A table whose first column names nodes; a mapping or a Series has one further column."""
    import pandas as pd  # noqa: PLC0415  (half a second that the command line does not need)

    if isinstance(given, pd.DataFrame):
        if len(given.columns) < 2:
            raise PlanError([Problem(name, "", "the table has no column of amounts", "The first column names the IC.")])
        raw = to_raw(given, name)
        return replace(raw, headers=("Node", *raw.headers[1:]))
    if not isinstance(given, Mapping | pd.Series):
        raise PlanError([Problem(name, "", "a table, or numbers by node, are needed")])
    frame = pd.DataFrame(
        {"Node": list(given.keys()), "Amount": list(given.values() if isinstance(given, Mapping) else given)}
    )
    return to_raw(frame, name)


def _thresholds(
    given: Mapping[str, tuple[float, float]] | pd.DataFrame | None, problems: list[Problem]
) -> TypedTable | None:
    import pandas as pd  # noqa: PLC0415

    if given is None:
        return None
    if not isinstance(given, Mapping | pd.DataFrame):
        raise PlanError([Problem("thresholds", "", "a dict of (healthy, at risk) by node, or a table, is needed")])
    if isinstance(given, Mapping):
        wrong = [node for node, pair in given.items() if not isinstance(pair, tuple | list) or len(pair) != 2]
        if wrong:
            raise PlanError(
                [
                    Problem("thresholds", "", f"{node!r} is needed to have two numbers: (healthy, at risk)")
                    for node in wrong
                ]
            )
        pairs = [tuple(pair) for pair in given.values()]
        given = pd.DataFrame({"Node": list(given), "Healthy": [p[0] for p in pairs], "At risk": [p[1] for p in pairs]})
    return typed_table(given, limits.TABLE, "thresholds", problems)


def _locked(tree: OrgTree, names: Collection[str], problems: list[Problem]) -> Bools:
    locked = np.zeros(len(tree), dtype=bool)
    if isinstance(names, str) or not isinstance(names, Collection):
        problems.append(Problem("locked", "", "a list of nodes is needed"))
        return locked
    for name in names:
        try:
            positions = tree.find(str(name))
        except LookupError as error:
            problems.append(Problem("locked", "", f'"{name}" names nodes of several levels', f"Write {error}."))
            continue
        if not positions:
            problems.append(Problem("locked", "", f'no node is called "{name}"', nodes.suggest(str(name), tree)))
        locked[positions] = True
    return tree.everybody_below(locked)
