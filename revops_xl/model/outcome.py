"""Everything a run computed from a plan: what the result tables are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from revops_xl.model.cascade_steps import CascadeSteps
from revops_xl.model.commits import CommitReview, CommitRollUp
from revops_xl.model.org import Bools
from revops_xl.model.overlays import OverlayView
from revops_xl.model.pipeline import SMALLEST_CHANGE, PipelineHealth, Redistribution
from revops_xl.model.plan import Plan
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.rates import LocalView
from revops_xl.model.results import LevelAudit, QuotaPlan, SuggestedWeight
from revops_xl.model.revenue import Revenue


@dataclass(frozen=True)
class Outcome:
    """A plan and its results; a module without inputs has none.

    Attributes:
        plan: The inputs.
        quotas: The cascaded quotas with the accepted adjustments.
        audit: What the hedges add up to, level by level.
        weights: What the data say of the weights of the metrics.
        review: Commits corrected by bias.
        roll_up: Commits added up along the tree.
        health: Coverage of every node.
        moved: The redistribution of the cascaded quotas, whatever is accepted already.
        revenue: The revenue forecast.
        planning: Season, capacity, territories and how attainable the quotas are.
        steps: The cascade step by step, for quotas that are formulas; None: they are values.
        values_because: Why they are values; "" if they are formulas.
        machine: Managers whose machine forecast is that of the deals, with the forecast.
        local: Quotas in local currency; None: everybody's is the plan's.
        overlays: What overlays carry beside the plan; None: there are none.
    """

    plan: Plan
    quotas: QuotaPlan
    audit: tuple[LevelAudit, ...]
    weights: tuple[SuggestedWeight, ...]
    review: CommitReview | None
    roll_up: CommitRollUp | None
    health: PipelineHealth | None
    moved: Redistribution | None
    revenue: Revenue | None
    planning: PlanningOutcome
    machine: Mapping[str, float]
    steps: CascadeSteps | None = None
    local: LocalView | None = None
    overlays: OverlayView | None = None
    values_because: str = ""

    @property
    def open_changes(self) -> Bools:
        """Per node, whether the proposed change is another one than the change in force."""
        if self.moved is None:
            return np.zeros(len(self.quotas.quota), dtype=bool)
        in_force = 0.0 if self.quotas.accepted is None else self.quotas.accepted
        return np.asarray(np.abs(self.moved.change - in_force) > SMALLEST_CHANGE)
