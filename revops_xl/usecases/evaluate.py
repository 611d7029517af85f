"""A plan computed and shown: inputs to outcome, outcome to result tables. No files, no spreadsheet program."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from revops_xl.engine.commits.bias import review, with_machine
from revops_xl.engine.commits.roll_up import roll_up
from revops_xl.engine.forecast.revenue import revenue
from revops_xl.engine.pipeline.coverage import pipeline_health as health_of
from revops_xl.engine.pipeline.redistribution import redistribute
from revops_xl.engine.planning.planning import groundwork, plan_ahead, with_derived
from revops_xl.engine.quotas.cascade import cascade
from revops_xl.engine.quotas.cascade_steps import cascade_steps
from revops_xl.engine.quotas.hedge import audit_levels
from revops_xl.engine.quotas.weights import suggested_weights
from revops_xl.model.codes import Coded
from revops_xl.model.commits import CommitReview
from revops_xl.model.deals import Deals
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.model.revenue import Revenue
from revops_xl.tables.book import checks, dashboard, dashboard_charts
from revops_xl.tables.book.absent import absent, without
from revops_xl.tables.commits import commit_review
from revops_xl.tables.forecast import charts as forecast_charts
from revops_xl.tables.forecast import forecast, model_report, scored_deals
from revops_xl.tables.pipeline import pipeline_health
from revops_xl.tables.planning import results as planning_results
from revops_xl.tables.quotas import cascade as cascade_table
from revops_xl.tables.quotas import hedge_audit, quotas
from revops_xl.tables.quotas.live import LIVE_ROWS, in_the_way
from revops_xl.tables.schema.check import BAD, WARNING
from revops_xl.tables.schema.declare import snake
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.deal_store import valued

#: Parts of a run that can be written on their own, and the tables of each. Checks and what counts them are always written.
PARTS: dict[str, tuple[str, ...]] = {
    "quotas": ("Quotas", "Cascade", "HedgeAudit", "Weights", "Branches", "TopICs"),
    "commits": ("CommitReview", "CommitRollUp", "BiasByPeriod", "BiasByManager"),
    "pipeline": ("PipelineHealth", "QuotaAdjustments", "BranchCoverage"),
    "forecast": (
        *(table.name for table in forecast.SHEET.tables),
        *(table.name for table in scored_deals.SHEET.tables),
        *(table.name for table in model_report.SHEET.tables),
        *(table.name for table in forecast_charts.TABLES),
    ),
    "planning": planning_results.NAMES,
}


#: Tables that a workbook may lack: Checks says so, and the others are written.
OPTIONAL = frozenset(name for part, names in PARTS.items() if part != "quotas" for name in names) | {"Cascade"}


def evaluate(plan: Plan) -> Outcome:
    """Everything the inputs allow.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    given = plan.planning.inputs
    ground = groundwork(given, plan.inputs.target, plan.inputs.tree)
    quotas = cascade(with_derived(plan.inputs, ground))
    commits, pipeline = plan.commits, plan.pipeline
    steps = cascade_steps(quotas) if plan.settings.live and len(quotas.quota) <= LIVE_ROWS else None
    why = in_the_way(plan.settings, plan.not_for_formulas, quotas, steps, plan.tables)
    found = _revenue(plan)
    machine = forecast.machine_forecasts(plan.inputs.tree, found) if found is not None else {}
    reviewed: CommitReview | None = None
    used: Mapping[str, float] = {}
    if commits is not None:
        current, used = with_machine(commits.current, machine)
        reviewed = review(commits.history, current, commits.rules)
    return Outcome(
        plan,
        quotas,
        reviewed,
        roll_up(plan.inputs.tree, reviewed, commits.nodes) if reviewed is not None and commits is not None else None,
        health_of(plan.inputs.tree, quotas.quota, pipeline) if pipeline is not None else None,
        redistribute(quotas, pipeline) if pipeline is not None else None,
        found,
        plan_ahead(quotas, given, ground),
        used,
        None if why else steps,
        why,
    )


def _revenue(plan: Plan) -> Revenue | None:
    """The revenue forecast of a plan; None where there is nothing to forecast."""
    given, outlook = plan.deals, plan.outlook
    deals = given.deals if given is not None else Deals.none()
    cohort = given.cohort if given is not None else Coded.of([])
    usage = given.usage if given is not None else None
    rules = plan.settings.forecast_rules
    return revenue(deals, usage, cohort, outlook.cohorts, outlook.scenarios, rules, tree=plan.inputs.tree, value=valued)


def render(
    outcome: Outcome,
    stale: Collection[str] = (),
    headlines: RawTable | None = None,
    *,
    everything: bool = False,
) -> list[ResultTable]:
    """Every result table but the run log; without those that the workbook does not have, if the plan can do without.

    Args:
        outcome: What was computed.
        stale: Parts that stay in the workbook as an earlier run left them: Checks says so instead of judging them.
        headlines: The headlines as they stand, for the figures of these parts.
        everything: Whatever the workbook has.
    """
    results = _results(outcome)
    missing = () if everything else absent(results, outcome.plan.tables, OPTIONAL)
    checked = checks.render(outcome, stale, missing)
    status, figures = dashboard.render_status(checked), dashboard.render_headlines(outcome, checked, stale, headlines)
    return without([*results, checked, status, figures], missing)


def _results(outcome: Outcome) -> list[ResultTable]:
    """What was computed, before it is checked."""
    plan, result = outcome.plan, outcome.quotas
    return [
        quotas.render(result, live=outcome.steps is not None),
        cascade_table.render(result, outcome.steps),
        hedge_audit.render_audit(audit_levels(result), result.inputs.unit),
        hedge_audit.render_weights(suggested_weights(result.inputs)),
        commit_review.render(plan.commits, outcome.review, outcome.machine),
        commit_review.render_roll_up(result.inputs.tree, outcome.roll_up),
        commit_review.render_by_period(plan.commits),
        pipeline_health.render(result, plan.pipeline, outcome.health, live_quotas=outcome.steps is not None),
        pipeline_health.render_adjustments(result, plan.pipeline, outcome.moved),
        forecast.render(outcome.revenue, plan.outlook),
        forecast.render_budget(outcome.revenue, plan.outlook),
        forecast.render_allocation(result.inputs.tree, outcome.revenue),
        forecast.render_estimates(outcome.revenue),
        scored_deals.render(outcome.revenue),
        *model_report.render(outcome.revenue),
        dashboard_charts.render_branches(result),
        dashboard_charts.render_top(result),
        dashboard_charts.render_coverages(outcome),
        dashboard_charts.render_biases(outcome.review),
        *forecast_charts.render(outcome),
        *planning_results.render(outcome),
    ]


def remarks(checked: ResultTable) -> list[dict[str, str]]:
    """The checks that warn, alarm or fail, as plain texts."""
    names = [column.name for column in checks.TABLE.columns]
    rows = zip(*(checked.values(name) for name in names), strict=True)
    shown = ("Status", "Check", "Where", "What to do")
    found = [{snake(name): str(row[names.index(name)]) for name in shown} for row in rows]
    return [remark for remark in found if remark["status"] in {WARNING, *BAD}]
