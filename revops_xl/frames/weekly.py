"""The public functions of every week: commits against their history, and quotas against the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from revops_xl.engine.bias import review
from revops_xl.engine.coverage import pipeline_health
from revops_xl.engine.redistribution import redistribute as move
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.api import Cascade
from revops_xl.frames.convert import to_frame, to_raw
from revops_xl.model.commits import CommitRules
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.pipeline import PipelineInputs
from revops_xl.tables import commit_review, commits, deals, nodes
from revops_xl.tables import pipeline_health as health_table
from revops_xl.tables import thresholds as limits
from revops_xl.tables.declare import Column, Kind, Table, snake
from revops_xl.tables.number_text import NumberLocale
from revops_xl.tables.pipeline import PIPELINE
from revops_xl.tables.raw import RawTable
from revops_xl.tables.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd


def bias_quotients(
    history: pd.DataFrame,
    *,
    neutral_band: float = 0.1,
    shrinkage: float = 0.0,
    interval: float = 0.8,
    seed: int = 1,
) -> pd.DataFrame:
    """Judge each manager's commits by what became of them.

    The quotient is the sum of the actuals / the sum of the commits over closed periods. Above 1 + band the manager
    is a sandbagger, below 1 - band has happy ears.

    Args:
        history: One row a manager and period: manager, period, commit (0 or more), actual, in currency. A blank
            actual is an open period and left out of both sums.
        neutral_band: Half the width of neutral, 0 to 1.
        shrinkage: Periods of unbiased commits to add to each history; 0: the plain quotient.
        interval: Confidence of the interval, 0 to 0.999; 0: none. It needs three closed periods.
        seed: Seed of the bootstrap: same seed, same interval.

    Returns:
        One row a manager, by name: manager, periods, commit, actual, bias_quotient, low, high, trend (change of the
        quotient per period), label. NaN where undefined; the quotient is 1 without a closed period.

    Raises:
        PlanError: With every problem found.

    Source:
        The README, under "How commits are corrected".

    Example:
        >>> import pandas as pd
        >>> past = pd.DataFrame({"manager": ["A", "A", "B", "B"], "period": ["Q1 2026", "Q2 2026"] * 2,
        ...                      "commit": [200, 250, 300, 350], "actual": [300, 375, 270, 280]})
        >>> bias_quotients(past)[["manager", "bias_quotient", "label"]].round(4)
          manager  bias_quotient       label
        0       A         1.5000  sandbagger
        1       B         0.8462  happy ears
    """
    rules = _rules(0.5, neutral_band, shrinkage, interval, seed)
    frame = _reviewed(None, history, rules)
    return frame.iloc[:, : list(frame.columns).index("label") + 1]


def reconcile_commits(
    commits: pd.DataFrame,
    history: pd.DataFrame,
    machine_weight: float = 0.5,
    *,
    neutral_band: float = 0.1,
    shrinkage: float = 0.0,
    interval: float = 0.8,
    seed: int = 1,
) -> pd.DataFrame:
    """Correct current commits by the bias of their managers, and blend them with machine forecasts.

    Adjusted = commit x quotient; blended = (1 - weight) x adjusted + weight x machine forecast; both to the cent.

    Args:
        commits: One row a manager: manager, commit (0 or more, in currency) and, if there are any, machine_forecast.
        history: As in `bias_quotients`.
        machine_weight: Weight of the machine forecast, 0 to 1.
        neutral_band: As in `bias_quotients`.
        shrinkage: As in `bias_quotients`.
        interval: As in `bias_quotients`.
        seed: As in `bias_quotients`.

    Returns:
        One row a manager of either table, by name: the columns of the table CommitReview in snake_case. A manager
        without history has quotient 1, and the note says so; blended_forecast is the adjusted commit where there is no machine forecast; NaN without a commit.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> past = pd.DataFrame({"manager": ["A", "A"], "period": ["Q1 2026", "Q2 2026"],
        ...                      "commit": [200, 250], "actual": [300, 375]})
        >>> now = pd.DataFrame({"manager": ["A", "New"], "commit": [100, 80], "machine_forecast": [120, None]})
        >>> reconcile_commits(now, past)[["manager", "adjusted_commit", "blended_forecast"]]
          manager  adjusted_commit  blended_forecast
        0       A            150.0             135.0
        1     New             80.0              80.0
    """
    return _reviewed(commits, history, _rules(machine_weight, neutral_band, shrinkage, interval, seed))


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
        One row an IC and manager: the columns of the table QuotaAdjustments in snake_case.

    Raises:
        PlanError: With every problem found.

    Source:
        The README, under "How quota moves".

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
    if not _is_number(max_change) or not 0 <= max_change <= 1:
        problems.append(Problem("max_change", "", f"{max_change!r} is needed to be a number from 0 to 1, such as 0.2"))
    inputs = replace(inputs, locked=_locked(tree, locked, problems))
    if problems:
        raise PlanError(problems)
    inputs = replace(inputs, max_change=float(max_change))
    return to_frame(health_table.render_adjustments(plan.plan, inputs, move(plan.plan, inputs), sheet=False))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _rules(machine_weight: float, band: float, shrinkage: float, interval: float, seed: int) -> CommitRules:
    """The rules, if they are in their bounds."""
    bounds = (
        ("machine_weight", machine_weight, 1.0),
        ("neutral_band", band, 1.0),
        ("shrinkage", shrinkage, 1000.0),
        ("interval", interval, 0.999),
        ("seed", seed, 1e9),
    )
    problems = [
        Problem(name, "", f"{value!r} is needed to be a {'whole ' * (name == 'seed')}number from 0 to {most:g}")
        for name, value, most in bounds
        if not _is_number(value) or not 0 <= value <= most or (name == "seed" and value != int(value))
    ]
    if problems:
        raise PlanError(problems)
    return CommitRules(float(band), float(machine_weight), float(shrinkage), float(interval), int(seed))


def _typed(frame: pd.DataFrame, table: Table, name: str, problems: list[Problem]) -> TypedTable | None:
    """A DataFrame as a declared table; its columns may be written as in the workbook or in snake_case."""
    import pandas as pd  # noqa: PLC0415

    if not isinstance(frame, pd.DataFrame):
        raise PlanError([Problem(name, "", "a DataFrame is needed")])
    raw = to_raw(frame, name)
    headers = {column.snake: column.name for column in table.columns}
    renamed = tuple(headers.get(snake(header), header) for header in raw.headers)
    typed = TypedTable(replace(raw, headers=renamed), table, NumberLocale(), problems)
    return typed if typed.check_headers() and len(raw) else None


def _reviewed(current: pd.DataFrame | None, history: pd.DataFrame, rules: CommitRules) -> pd.DataFrame:
    problems: list[Problem] = []
    past = _typed(history, commits.HISTORY, "history", problems)
    now = _typed(current, commits.COMMITS, "commits", problems) if current is not None else None
    found = commits.parse(past, now, None, rules) if not problems else None
    if problems:
        raise PlanError(problems)
    return to_frame(
        commit_review.render(found, review(found.history, found.current, rules) if found is not None else None)
    )


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
        wanted = [deals.DEALS.column(name) for name in ("Rep", "Status", "Amount")]
        typed = _typed(closed_deals, replace(deals.DEALS, columns=tuple(wanted)), "closed_deals", problems)
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
    return _typed(given, limits.TABLE, "thresholds", problems)


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
