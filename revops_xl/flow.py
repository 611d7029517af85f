"""From plan file to plan file: read, parse, compute, render, write. The one place that shows it all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from revops_xl.deal_store import valued
from revops_xl.engine.bias import review, with_machine
from revops_xl.engine.cascade import cascade
from revops_xl.engine.commit_rollup import roll_up
from revops_xl.engine.coverage import pipeline_health as health_of
from revops_xl.engine.explain import explain
from revops_xl.engine.explain_commit import explain_commit
from revops_xl.engine.explain_deal import explain_deal, explain_nodes
from revops_xl.engine.explain_pipeline import explain_pipeline
from revops_xl.engine.explain_planning import explain_planning
from revops_xl.engine.hedge import audit_levels
from revops_xl.engine.planning import groundwork, plan_ahead, with_derived
from revops_xl.engine.redistribution import redistribute
from revops_xl.engine.revenue import revenue
from revops_xl.engine.weights import suggested_weights, values_or_blank
from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.model.commits import CommitReview
from revops_xl.model.deals import Deals
from revops_xl.model.org import OrgTree
from revops_xl.model.results import Explanation, Step, SuggestedWeight
from revops_xl.model.revenue import Revenue
from revops_xl.outputs import LogEntry, Place, Results, refuse_too_many, user, write_results
from revops_xl.tables import (
    checks,
    commit_review,
    dashboard,
    dashboard_charts,
    forecast,
    forecast_charts,
    hedge_audit,
    model_report,
    pipeline_health,
    planning_results,
    quotas,
    run_log,
    scored_deals,
)
from revops_xl.tables.absent import absent, without
from revops_xl.tables.check import BAD, WARNING
from revops_xl.tables.declare import snake
from revops_xl.tables.kept import stale_parts
from revops_xl.tables.nodes import find_node
from revops_xl.tables.outcome import Outcome
from revops_xl.tables.plan import INPUT_TABLES, Plan, parse
from revops_xl.tables.raw import RawBook, RawTable
from revops_xl.tables.result import ResultTable
from revops_xl.version import __version__
from revops_xl.workbook import sandbox
from revops_xl.workbook.read import read_book
from revops_xl.workbook.write import check_tables

Progress = Callable[[str], None]
#: Whoever means a deal that is called like a node writes this before it.
DEAL = "Deal: "
LOG, HEADLINES = run_log.TABLE.name, dashboard.HEADLINES.name
STAGES = ("reading", "checking", "computing", "writing")


#: Parts of a run that can be written on their own, and the tables of each. Checks and what counts them are always written.
PARTS: dict[str, tuple[str, ...]] = {
    "quotas": ("Quotas", "HedgeAudit", "Weights", "Branches", "TopICs"),
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
OPTIONAL = frozenset(name for part, names in PARTS.items() if part != "quotas" for name in names)


def read(path: Path, *, outside: bool = False, also: Collection[str] = ()) -> RawBook:
    """The input tables, the run log, and further tables; a file from outside may carry nothing that can run."""
    return read_book(path, {table.name for table in INPUT_TABLES} | {LOG, *also}, outside=outside)


def load(path: Path, progress: Progress = lambda _: None, *, outside: bool = False) -> tuple[Plan, RawTable | None]:
    """Read and check a plan: the plan, and the run log as it stands.

    Raises:
        PlanError: With every problem of the workbook.
    """
    progress("reading")
    book = read(path, outside=outside)
    progress("checking")
    return parsed(book), book.tables.get(LOG)


def parsed(book: RawBook) -> Plan:
    """The tables as a plan.

    Raises:
        PlanError: With every problem of the workbook.
    """
    plan, problems = parse(book, dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1))  # it may be tomorrow somewhere
    if plan is None or problems:
        raise PlanError(problems)
    return plan


def compute(path: Path, progress: Progress = lambda _: None) -> Outcome:
    """Read, check and compute a plan without writing anything."""
    plan, _ = load(path, progress)
    progress("computing")
    return evaluate(plan)


def evaluate(plan: Plan) -> Outcome:
    """Everything the inputs allow.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    given = plan.planning.inputs
    ground = groundwork(given, plan.inputs.target, plan.inputs.tree)
    quotas = cascade(with_derived(plan.inputs, ground))
    commits, pipeline = plan.commits, plan.pipeline
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
        quotas.render(result),
        hedge_audit.render_audit(audit_levels(result), result.inputs.unit),
        hedge_audit.render_weights(suggested_weights(result.inputs)),
        commit_review.render(plan.commits, outcome.review, outcome.machine),
        commit_review.render_roll_up(result.inputs.tree, outcome.roll_up),
        commit_review.render_by_period(plan.commits),
        pipeline_health.render(result, plan.pipeline, outcome.health),
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


def check(path: Path) -> list[dict[str, str]]:
    """Everything that a run does but save.

    Returns:
        The checks that warn, alarm or fail.

    Raises:
        PlanError: What a run would refuse.
    """
    return _check(path, outside=False)


def check_from_outside(path: Path) -> list[dict[str, str]]:
    """`check` for a file that somebody else sent: in a process with limits, and refused if it can run or fetch anything."""
    return sandbox.call("revops_xl.flow:check_here", {"path": str(path)}, path.name)  # type: ignore[no-any-return]


def check_here(path: str) -> list[dict[str, str]]:
    """What `check_from_outside` does in the other process."""
    return _check(Path(path), outside=True)


def _check(path: Path, *, outside: bool) -> list[dict[str, str]]:
    plan, log = load(path, outside=outside)
    outcome = evaluate(plan)
    tables = render(outcome)
    entry = run_log.render(log, dt.datetime.now(dt.UTC), __version__, user(), "check", plan.digest, 0)
    check_tables(path, [*tables, entry])
    return remarks(next(table for table in tables if table.table is checks.TABLE))


def remarks(checked: ResultTable) -> list[dict[str, str]]:
    """The checks that warn, alarm or fail, as plain texts."""
    names = [column.name for column in checks.TABLE.columns]
    rows = zip(*(checked.values(name) for name in names), strict=True)
    shown = ("Status", "Check", "Where", "What to do")
    found = [{snake(name): str(row[names.index(name)]) for name in shown} for row in rows]
    return [remark for remark in found if remark["status"] in {WARNING, *BAD}]


def run(
    plan_path: str | Path,
    out_path: str | Path | None = None,
    *,
    only: Collection[str] = (),
    now: dt.datetime | None = None,
    who: str | None = None,
    what: str = "run",
    backup: bool = False,
    progress: Progress = lambda _: None,
) -> Results:
    """Run a plan workbook: everything its inputs allow.

    Args:
        plan_path: The plan workbook.
        out_path: Where to save the workbook with the results; None: into the plan itself.
        only: Parts to write, of "quotas", "commits", "pipeline", "forecast" and "planning"; the others stay as they are, and Checks says if
            they are not those of the inputs. Empty: all.
        now: Time for the run log, in UTC; None: the clock.
        who: Name for the run log; None: the user.
        what: Command for the run log.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem; nothing was written. Also if quotas are to stay that are not those of the inputs.
        ValueError: There is no such part.
    """
    unknown = sorted(set(only) - PARTS.keys())
    if unknown:
        raise ValueError(f"only has {', '.join(unknown)}; the parts are {', '.join(PARTS)}")
    place = Place.of(plan_path, out_path)
    left_out = [part for part in PARTS if only and part not in only]
    progress("reading")
    book = read(place.source, also=[HEADLINES, *(name for part in left_out for name in PARTS[part])])
    progress("checking")
    plan = parsed(book)
    refuse_too_many(plan)
    progress("computing")
    outcome = evaluate(plan)
    tables = render(outcome)
    stale = stale_parts(PARTS, left_out, book.tables, tables)
    if "quotas" in stale:
        refuse_other_quotas(book.tables.get("Quotas"), place.source.name)
    if stale:
        tables = render(outcome, stale, book.tables.get(HEADLINES))
    kept = {name for part in left_out for name in PARTS[part]}
    shown = " ".join([what, *(f"--only {part}" for part in PARTS if part in only)])
    progress("writing")
    written = [table for table in tables if table.table.name not in kept]
    entry = LogEntry(now, who, shown)
    results = write_results(place, outcome, written, book.tables.get(LOG), entry, backup=backup)
    return replace(results, stale=stale)


def refuse_other_quotas(there: RawTable | None, name: str) -> NoReturn:
    """Refuse to leave quotas in a workbook that are not those of its inputs: the checks would speak of others."""
    message = "the quotas in the workbook are not those of its inputs, so the other parts cannot be written beside them"
    where = there.sheet if there is not None else name
    raise PlanError([Problem(where, "", message, "Run everything, or add --only quotas.")])


def explain_node(path: Path, node: str) -> Explanation:
    """Why a node, or a deal, of a plan file has its number.

    Raises:
        PlanError: The plan is refused, or nothing, or too much, is called so.
    """
    outcome = compute(path)
    tree, commits = outcome.quotas.inputs.tree, outcome.plan.commits
    if commits is not None and outcome.review is not None and node in commits.unknown:
        steps = explain_commit(outcome.review, outcome.roll_up, tree, commits.rules, node)
        return Explanation(node, "not in Hierarchy", None, None, tuple(steps))
    wanted = node.removeprefix(DEAL)
    asked = wanted != node or not _is_node(tree, node)
    deal = explain_deal(outcome.revenue, wanted) if outcome.revenue is not None and asked else None
    if deal is not None:
        return deal
    positions = find_node(tree, node)
    explanation = explain(outcome.quotas, positions)
    more: list[Step] = []
    if outcome.revenue is not None:
        more += explain_nodes(outcome.revenue, explanation.node, positions)
    if outcome.plan.pipeline is not None and outcome.health is not None and outcome.moved is not None:
        more += explain_pipeline(outcome.quotas, outcome.plan.pipeline, outcome.health, outcome.moved, positions)
    more += explain_planning(outcome.quotas, outcome.planning, positions)
    if commits is not None and outcome.review is not None:
        more += explain_commit(outcome.review, outcome.roll_up, tree, commits.rules, explanation.node)
    return replace(explanation, steps=(*explanation.steps, *more))


def _is_node(tree: OrgTree, name: str) -> bool:
    """Whether somebody who names this means a node."""
    try:
        return bool(tree.find(name))
    except LookupError:
        return True


def weights(path: Path, target: str | None = None) -> Sequence[SuggestedWeight]:
    """What the data say about the weights; the target is a blend metric, None the first."""
    plan, _ = load(path)
    if target is None:
        return suggested_weights(plan.inputs)
    names = [data.metric.name for data in plan.inputs.blend]
    if target not in names:
        raise PlanError(
            [Problem("--target", "", f'no blend metric is called "{target}"', f"They are {', '.join(names)}.")]
        )
    return suggested_weights(plan.inputs, values_or_blank(plan.inputs.blend[names.index(target)]))
