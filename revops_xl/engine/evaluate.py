"""What a plan computes, in order: from its inputs to everything that is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from revops_xl.engine.commits.bias import review, with_machine
from revops_xl.engine.commits.roll_up import roll_up
from revops_xl.engine.forecast.machine import machine_forecasts
from revops_xl.engine.forecast.revenue import revenue
from revops_xl.engine.pipeline.coverage import pipeline_health
from revops_xl.engine.pipeline.redistribution import redistribute
from revops_xl.engine.planning.planning import groundwork, plan_ahead, with_derived
from revops_xl.engine.quotas.cascade import cascade
from revops_xl.engine.quotas.cascade_steps import cascade_steps
from revops_xl.engine.quotas.hedge import audit_levels
from revops_xl.engine.quotas.local_view import local_view
from revops_xl.engine.quotas.overlays import overlay_view
from revops_xl.engine.quotas.weights import suggested_weights
from revops_xl.model.codes import Coded
from revops_xl.model.commits import CommitReview
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import ForecastRules
from revops_xl.model.outcome import Outcome
from revops_xl.model.overlays import OverlayView
from revops_xl.model.plan import Plan
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.model.revenue import Revenue, Valuation

#: How deals are valued: anew, or as it was kept of the same deals.
ValueDeals = Callable[[Deals, ForecastRules, float], Valuation]


#: What takes its time, in order.
STEPS = ("bookings", "quotas", "deals", "commits", "outlook")


def evaluate(
    plan: Plan, value_deals: ValueDeals, *, most_live_rows: int, progress: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Everything the inputs allow.

    Args:
        plan: The inputs.
        value_deals: The deal model.
        most_live_rows: Up to how many rows of quotas the steps of the cascade are worked out, for formulas.
        progress: Called with the name of each of the STEPS as it begins.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    tree = plan.inputs.tree
    progress(STEPS[0])
    ground = groundwork(plan.planning.inputs, plan.inputs.target, tree)
    progress(STEPS[1])
    quotas = cascade(with_derived(plan.inputs, ground))
    progress(STEPS[2])
    forecast = _revenue(plan, value_deals)
    machine = machine_forecasts(tree, forecast) if forecast is not None else {}
    progress(STEPS[3])
    commits, pipeline = plan.commits, plan.pipeline
    reviewed: CommitReview | None = None
    from_deals: Mapping[str, float] = {}
    if commits is not None:
        current, from_deals = with_machine(commits.current, machine)
        reviewed = review(commits.history, current, commits.rules)
    health = pipeline_health(tree, quotas.quota, pipeline) if pipeline is not None else None
    moved = redistribute(quotas, pipeline) if pipeline is not None else None
    progress(STEPS[4])
    ahead = plan_ahead(quotas, plan.planning.inputs, ground)
    return Outcome(
        plan=plan,
        quotas=quotas,
        audit=tuple(audit_levels(quotas)),
        weights=tuple(suggested_weights(quotas.inputs)),
        review=reviewed,
        roll_up=roll_up(tree, reviewed, commits.nodes) if reviewed is not None and commits is not None else None,
        health=health,
        moved=moved,
        revenue=forecast,
        planning=ahead,
        machine=from_deals,
        local=local_view(tree, quotas.quota, plan.money),
        overlays=_overlays(plan, quotas, ahead),
        steps=cascade_steps(quotas) if plan.settings.live and len(quotas.quota) <= most_live_rows else None,
    )


def _overlays(plan: Plan, quotas: QuotaPlan, ahead: PlanningOutcome) -> OverlayView | None:
    """What overlays carry beside the plan."""
    if plan.overlays is None:
        return None
    given = ahead.inputs
    return overlay_view(
        plan.overlays,
        quotas,
        period=given.period,
        by_period=ahead.phased if ahead.by_period is None else ahead.by_period.full,
        history=given.history.last_of_nodes(quotas.inputs.tree) if given.history is not None else None,
        pipeline=plan.pipeline.pipeline if plan.pipeline is not None else None,
        deals=plan.deals.deals if plan.deals is not None else None,
    )


def _revenue(plan: Plan, value_deals: ValueDeals) -> Revenue | None:
    """The revenue forecast of a plan; None where there is nothing to forecast."""
    given, outlook = plan.deals, plan.outlook
    deals = given.deals if given is not None else replace(Deals.none(), calendar=plan.settings.calendar)
    cohort = given.cohort if given is not None else Coded.of([])
    usage = given.usage if given is not None else None
    rules = plan.settings.forecast_rules
    return revenue(
        deals, usage, cohort, outlook.cohorts, outlook.scenarios, rules, tree=plan.inputs.tree, value=value_deals
    )
