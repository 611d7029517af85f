"""The public functions of territories: what they could bring, and quota laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from revops_xl.engine.planning.optimum import optimise as lay_over
from revops_xl.engine.planning.potential import potential as find_potential
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_frame
from revops_xl.frames.common.given import check_number
from revops_xl.model.bounds import CONFIDENCE, FAIRNESS, SEED, TOTAL
from revops_xl.model.money import Unit
from revops_xl.model.planning import Groundwork, PlanningInputs, PlanningOutcome, PlanningRules
from revops_xl.model.territories import OptimisedQuotas as FoundOptimum
from revops_xl.model.territories import TerritoryPotential as FoundPotential
from revops_xl.tables.planning import optimum as optimum_tables
from revops_xl.tables.planning import potential as potential_tables
from revops_xl.tables.planning import territories as territory_tables
from revops_xl.tables.schema.result import ResultTable

if TYPE_CHECKING:
    import pandas as pd

from revops_xl.frames.common.planning_arguments import present_quotas, typed_loosely, unit_of


@dataclass(frozen=True, repr=False)
class Potential:
    """What territories could bring.

    Attributes:
        model: What the values come from.
        reason: Why it is a simpler one; "" if it is not.
    """

    model: str
    reason: str
    _found: FoundPotential

    def __repr__(self) -> str:
        return f"Potential({self.model!r}, {len(self._found.territories)} territories)"

    @cached_property
    def _tables(self) -> list[ResultTable]:
        ground = Groundwork(None, None, self._found, None, None)
        empty = PlanningInputs(PlanningRules())
        return potential_tables.render(
            PlanningOutcome(empty, ground, None, None, None, None, None, (), None), None, None
        )

    @cached_property
    def territories(self) -> pd.DataFrame:
        """The table TerritoryPotential in snake_case, in the order of the territories given."""
        return to_frame(self._tables[0])

    @cached_property
    def models(self) -> pd.DataFrame:
        """What was tried on territories it had not seen: model, error, explained, chosen."""
        return to_frame(self._tables[1])

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """What the columns say: driver, importance, direction, effect."""
        return to_frame(self._tables[2])


def potential(territories: Given, *, interval: float = 0.8, seed: int = 1) -> Potential:
    """Expected achievement of territories, learned from those whose achievement is known.

    Args:
        territories: Columns of the table Territories, in snake_case or as there; missing columns are not known. From 12
            known achievements on a linear model is tried, from 30 on a forest; below, historical revenue stands for it.
        interval: Chance that an achievement lies between low and high.
        seed: Same seed, same folds and trees.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> few = pd.DataFrame({"territory": ["North", "South"], "historical_revenue": [100, 50]})
        >>> found = potential(few)
        >>> found.model, found.reason
        ('historical revenue', '0 territories with a known achievement; a model needs 12')
    """
    problems: list[Problem] = []
    check_number("interval", interval, CONFIDENCE, problems)
    check_number("seed", seed, SEED, problems)
    typed = typed_loosely(territories, territory_tables.TERRITORIES, "territories", problems)
    places = territory_tables.parse_territories(typed)
    if problems or places is None:
        raise PlanError(problems or [Problem("territories", "", "the table has no rows")])
    found = find_potential(places, interval, seed)
    return Potential(str(found.model), found.reason, found)


@dataclass(frozen=True, repr=False)
class Optimum:
    """Quota laid over territories in four ways."""

    _found: FoundOptimum
    _unit: Unit | None

    def __repr__(self) -> str:
        return f"Optimum({self._found.total:,.2f} over {len(self._found.territories)} territories)"

    @cached_property
    def _tables(self) -> list[ResultTable]:
        ground, empty = Groundwork(None, None, None, None, None), PlanningInputs(PlanningRules())
        return optimum_tables.render(
            PlanningOutcome(empty, ground, None, None, None, self._found, None, (), None), self._unit
        )

    @cached_property
    def alternatives(self) -> pd.DataFrame:
        """One row per alternative: alternative, total, expected_revenue, moved, lowest_attainability, largest_growth, remark."""
        return to_frame(self._tables[0])

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """One row per territory: its limits, and its quota under each alternative."""
        return to_frame(self._tables[1])

    @cached_property
    def shadow_prices(self) -> pd.DataFrame:
        """What moving a limit would add: limit, limited_territory, step, gain, for_each_1, in_words."""
        return to_frame(self._tables[2])


def optimise(
    territories: Given,
    total: float,
    *,
    present: Mapping[str, float] | None = None,
    fairness: float = 2.0,
    unit: float | None = 0.01,
    seed: int = 1,
) -> Optimum:
    """Lay a total over territories: most expected revenue, least change, highest attainability, smoothest growth.

    Args:
        territories: Columns of the table Territories: conversion rate and capacity utilization for the first, min and max
            quota where there are limits, historical revenue (and achievement) for attainability and growth.
        total: To be laid over them, in currency.
        present: Quota that lies on each today; None: not known, so least change is left out.
        fairness: Cap on a quota, as a multiple of the average.
        unit: Quotas are whole multiples of it; None: of a millionth.
        seed: For the model of potential.

    Raises:
        PlanError: With every problem found: also limits that clash, by how much.

    Example:
        >>> import pandas as pd
        >>> places = pd.DataFrame({
        ...     "territory": ["North", "South"], "conversion_rate": [0.3, 0.2], "capacity_utilization": [1, 1],
        ...     "max_quota": [60, 80], "historical_revenue": [50, 40]})
        >>> found = optimise(places, 100)
        >>> found.quotas[["territory", "most_expected_revenue"]]
          territory  most_expected_revenue
        0     North                   60.0
        1     South                   40.0
        >>> found.shadow_prices["in_words"][0]
        'One more 1.00 of Max quota in North adds 0.10 to the expected revenue.'
    """
    problems: list[Problem] = []
    check_number("total", total, TOTAL, problems)
    check_number("fairness", fairness, FAIRNESS, problems)
    typed = typed_loosely(territories, territory_tables.TERRITORIES, "territories", problems)
    places = territory_tables.parse_territories(typed)
    names = places.names if places is not None else ()
    lies = present_quotas(present, names, problems)
    step = unit_of(unit, problems)
    check_number("seed", seed, SEED, problems)
    if problems or places is None:
        raise PlanError(problems or [Problem("territories", "", "the table has no rows")])
    could = find_potential(places, 0.8, int(seed))
    return Optimum(lay_over(places, lies, could.value, float(total), step, fairness), step)
