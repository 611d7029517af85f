"""The public functions: cascade and suggest_weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from revops_xl.engine.quotas.cascade import cascade as run_cascade
from revops_xl.engine.quotas.explain import explain
from revops_xl.engine.quotas.hedge import audit_levels
from revops_xl.engine.quotas.weights import suggest, suggested_weights, values_or_blank
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.cascade_arguments import CascadeArguments, refuse_kinds
from revops_xl.frames.common.convert import Given, to_frame, to_raw
from revops_xl.frames.common.periods import Day
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.inputs import Metric
from revops_xl.model.results import Explanation, QuotaPlan
from revops_xl.tables.quotas import hedge_audit, quotas
from revops_xl.tables.quotas import hierarchy as hierarchy_table
from revops_xl.tables.quotas import metrics as metrics_table
from revops_xl.tables.schema.near_duplicates import look_alikes
from revops_xl.tables.schema.nodes import find_node
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.typed import TypedTable

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
        return explain(self.plan, find_node(self.plan.inputs.tree, node))


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
    start: Day | None = None,
    months: int = 12,
    calendar: Calendar = CALENDAR_YEAR,
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
        start: First day of the plan, for the columns From, To and Backfill of: a seat weighs the time in which it is there; a
            person may stand on several rows. None: they are not read.
        months: How many months, or periods of the calendar, the plan covers.
        calendar: The firm's, from `fiscal_calendar`.

    Returns:
        The plan; `quotas` is the table of all nodes.

    Raises:
        PlanError: With every problem found.

    Source:
        The rules: `revops-xl guide quotas`.

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
    refuse_kinds(metrics=metrics, hedge=hedge, overrides=overrides, new_hires=new_hires)
    arguments = CascadeArguments(hierarchy, levels)
    if start is not None:
        arguments.read_days(start, months, calendar)
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


def suggest_weights(data: Given, target: str, metrics: Sequence[Metric]) -> pd.DataFrame:
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
