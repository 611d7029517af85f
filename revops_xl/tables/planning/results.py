"""All result tables of quota planning."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.outcome import Outcome
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.planning import attainability, baseline, capacity, optimum, phasing, potential, sensitivity
from revops_xl.tables.planning import charts as planning_charts
from revops_xl.tables.schema.result import ResultTable, target_formula

SHEETS = (
    baseline.SHEET,
    phasing.SHEET,
    capacity.SHEET,
    potential.SHEET,
    attainability.HEALTH_SHEET,
    attainability.SHEET,
    optimum.SHEET,
    sensitivity.SHEET,
)
NAMES = (*(table.name for sheet in SHEETS for table in sheet.tables), *(t.name for t in planning_charts.TABLES))


def render(outcome: Outcome) -> list[ResultTable]:
    """Every table; empty where a module has no inputs."""
    plan, found, settings = outcome.quotas, outcome.planning, outcome.plan.settings
    present, seats = present_quota(plan, found)
    return [
        *baseline.render(
            found.ground.baseline, found.ground.target_range, found.inputs.period, target_formula(settings)
        ),
        *phasing.render(plan, found),
        *capacity.render(plan, found),
        *potential.render(
            found, present, seats, found.inputs.period.year_part if found.inputs.period is not None else 1.0
        ),
        *attainability.render(plan, found, live_quotas=outcome.steps is not None),
        *optimum.render(found, plan.inputs.unit),
        sensitivity.render(found.sensitivity),
        *planning_charts.render(plan, found),
    ]


def present_quota(plan: QuotaPlan, found: PlanningOutcome) -> tuple[Floats | None, Floats | None]:
    """Base quota and ICs of each territory; None where Hierarchy assigns none."""
    places, place = found.inputs.territories, found.inputs.territory
    if places is None or place is None:
        return None, None
    tree = plan.inputs.tree
    node = np.flatnonzero(tree.is_ic)
    at = place[tree.row[node]]
    here = at >= 0
    size = len(places)
    carried = np.bincount(at[here], weights=plan.base[node][here], minlength=size).astype(np.float64)
    return carried, np.bincount(at[here], weights=tree.split[node][here], minlength=size).astype(np.float64)
