"""The outcome of a run in a handful of figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.bookings import COMBINED
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.outcome import Outcome
from revops_xl.model.overlays import OverlayView
from revops_xl.model.pipeline import Status
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.verdicts import ChanceVerdict
from revops_xl.model.wording import counted
from revops_xl.tables.overlays.overlay_quotas import overlay_line
from revops_xl.tables.schema.days import to_date

#: What falls into the forecast is told where it is less of all that is expected.
NEARLY_ALL = 0.99
#: A forecast that was so far off in the past is not to be trusted.
FAR_OFF = 0.25


def figures(outcome: Outcome) -> dict[str, Any]:
    """Figures of the modules that ran, in currency; a module without inputs is missing.

    "commits" are those of the top node in the roll-up, in which nothing counts twice; "pipeline" is about the top node and the ICs.
    """
    found: dict[str, Any] = {}
    review, sums, health, moved = outcome.review, outcome.roll_up, outcome.health, outcome.moved
    if review is not None and sums is not None:
        top = 0 if len(sums.node) else None  # the top node comes first wherever anybody has committed
        found["commits"] = {
            "managers": int((~np.isnan(review.commit)).sum()),
            "commit": 0.0 if top is None else float(sums.commit[top]),
            "adjusted_commit": 0.0 if top is None else float(sums.adjusted[top]),
            "forecast": 0.0 if top is None else float(sums.forecast[top]),
        }
    if health is not None and moved is not None:
        tree = outcome.quotas.inputs.tree
        counts = np.bincount(health.status[tree.is_ic], minlength=len(Status)).tolist()
        found["pipeline"] = {
            "pipeline": None if np.isnan(health.pipeline[0]) else round(float(health.pipeline[0]), 2),
            "coverage": None if np.isnan(health.coverage[0]) else round(float(health.coverage[0]), 4),
            "ics": {str(status): count for status, count in zip(Status, counts, strict=True) if count},
            "quota_to_move": round(float(moved.change[moved.change > 0].sum()), 6),
            "quota_in_force": round(sum(max(entry.change, 0.0) for entry in outcome.plan.inputs.adjustments), 6),
            "redistribute": outcome.plan.pipeline is not None and outcome.plan.pipeline.redistribute,
            "differs": bool(outcome.open_changes.any()),
            "accepted": len(outcome.plan.inputs.adjustments),
        }
    revenue = outcome.revenue
    if revenue is not None:
        result, at = revenue.forecast, revenue.forecast.baseline
        year, quality = result.year(result.total), revenue.report.model if revenue.report is not None else None
        found["forecast"] = {
            "as_of": str(to_date(revenue.as_of)),
            "open_deals": len(revenue.scored),
            "model": str(revenue.model.candidate) if revenue.model is not None else "the reps' probabilities",
            "auc": None if quality is None or np.isnan(quality.auc) else round(quality.auc, 4),
            "past_quarters": revenue.report.past_quarters if revenue.report is not None else 0,
            "dollar_bias": None if quality is None or np.isnan(quality.dollar_bias) else round(quality.dollar_bias, 4),
            "quarters": len(result.quarter_names),
            "fiscal_year": result.calendar.year_name(result.year_span[0] // 4) if result.fiscal_year else "",
            "won_before": result.won_before,
            "year": {s.name: float(value) for s, value in zip(result.scenarios, year, strict=True)},
            "year_low": float(result.year_low[at]),
            "year_high": float(result.year_high[at]),
            "safe_opex": float(safe(revenue.rules.opex_limit, float(year[at]))),
            "confidence": revenue.rules.confidence,
            "exceeded": float(result.exceeded[at]),
            "interval": revenue.rules.interval,
            "rep_value": _known_sum(revenue.scored.rep_value),
            "model_value": round(float(revenue.scored.model_value.sum()), 2),
            "model_value_in_time": round(float(revenue.scored.value_in(0, len(result.quarter_names)).sum()), 2),
        }
    if outcome.overlays is not None:
        found["overlays"] = _overlays(outcome.overlays)
    ahead = outcome.planning
    if ahead.attainability is not None or ahead.ground.baseline is not None:
        found["planning"] = _planning(ahead)
    return found


def _planning(ahead: PlanningOutcome) -> dict[str, Any]:
    """Headlines of quota planning; None where something is not known."""
    judged, spoken, base = ahead.attainability, ahead.ground.target_range, ahead.ground.baseline
    could, best = ahead.ground.potential, ahead.optimum

    def known(value: float) -> float | None:
        return None if np.isnan(value) else round(float(value), 4)

    return {
        "method": None if base is None else base.method or COMBINED,
        "expected": None if spoken is None else spoken.expected,
        "range_low": None if spoken is None else spoken.low,
        "range_high": None if spoken is None else spoken.high,
        "chance": _chance(ahead),
        "verdict": _verdict(ahead),
        "by_bookings": spoken is not None and (judged is None or judged.company),
        "bookings_differ": None if judged is None else known(judged.apart),
        "attainability": None if judged is None else known(judged.ratio[0]),
        "reps_at_quota": None if judged is None else known(judged.reps_at_quota[0]),
        "at_risk": None if judged is None else int(judged.not_backed[1:].sum()),
        "capacity_gap": None if ahead.capacity is None else round(ahead.capacity.gap, 2),
        "potential_model": None if could is None else str(could.model),
        "territories": None if could is None else len(could.territories),
        "best_expected": None if best is None or not best.allocations else known(best.allocations[0].expected),
        "recommendations": len(ahead.advice),
    }


def _chance(ahead: PlanningOutcome) -> float | None:
    """The chance of the target: that of Attainability, else that of the bookings."""
    judged, spoken = ahead.attainability, ahead.ground.target_range
    chance = float(judged.chance[0]) if judged is not None else np.nan
    if np.isnan(chance) and spoken is not None and spoken.complete:
        chance = spoken.chance
    return None if np.isnan(chance) else round(chance, 4)


def _verdict(ahead: PlanningOutcome) -> str:
    """What the chance of the target says."""
    judged, spoken = ahead.attainability, ahead.ground.target_range
    if judged is not None and not np.isnan(judged.chance[0]):
        return str(judged.verdict(0))
    return str(spoken.verdict if spoken is not None and spoken.complete else ChanceVerdict.UNKNOWN)


def safe(limit: float, year: float) -> float:
    """Part of a year that may be spent, to the cent."""
    return float(to_cents(np.array([limit * year]))[0])


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures as sentences."""
    said = []
    if "commits" in figures:
        commits = figures["commits"]
        said.append(
            f"Commits of {counted(commits['managers'], 'manager')}, added up along the org: {commits['commit']:,.2f} as made, "
            f"{commits['adjusted_commit']:,.2f} corrected by bias, {commits['forecast']:,.2f} blended with machine forecasts."
        )
    if "pipeline" in figures:
        pipeline = figures["pipeline"]
        coverage = "not known" if pipeline["coverage"] is None else f"{pipeline['coverage']:.2f}×"
        counts = ", ".join(f"{count:,} {status}" for status, count in pipeline["ics"].items())
        proposed, in_force = pipeline["quota_to_move"], pipeline["quota_in_force"]
        moved = f"Redistribution would move {proposed:,.2f} of quota."
        if not pipeline["redistribute"]:
            moved = "Adjustment mode is flag only." + (
                f" {in_force:,.2f} of quota moved earlier is in force." if in_force else ""
            )
        elif in_force and not pipeline["differs"]:
            moved = f"Redistribution has moved {in_force:,.2f} of quota, as proposed."
        elif in_force:
            moved = f"Redistribution: {in_force:,.2f} of quota moved, {proposed:,.2f} proposed."
        said.append(f"Coverage {coverage}; quotas of reps: {counts}. {moved}")
    if "forecast" in figures:
        said += _forecast_lines(figures["forecast"])
    if "overlays" in figures:
        said.append(figures["overlays"]["said"])
    if "planning" in figures:
        said += _planning_lines(figures["planning"])
    return said


def _planning_lines(figures: dict[str, Any]) -> list[str]:
    said = []
    if figures["expected"] is not None:
        said.append(
            f"Bookings let expect {figures['expected']:,.0f}, between {figures['range_low']:,.0f} and {figures['range_high']:,.0f}."
        )
    if figures["chance"] is not None:
        by = " by the reps' history" if figures["bookings_differ"] and not figures["by_bookings"] else ""
        said.append(f"Chance of the target {figures['chance']:.0%}{by}: {figures['verdict']}.")
    if figures["attainability"] is not None:
        reps = "" if figures["reps_at_quota"] is None else f"; {figures['reps_at_quota']:.0%} of reps expected at quota"
        gap = (
            ""
            if not figures["capacity_gap"]
            else f"; after leave and ramp the reps can carry {figures['capacity_gap']:,.0f} less than the target"
        )
        said.append(
            f"Attainability {figures['attainability']:.0%} of the target{reps}; {counted(figures['at_risk'], 'quota')} not backed{gap}. "
            f"{counted(figures['recommendations'], 'recommendation')}."
        )
    return said


def _overlays(view: OverlayView) -> dict[str, Any]:
    """What overlays carry, and what is credited beside what is booked."""
    return {
        "quota": round(sum(row.quota for row in view.overlays), 2),
        "booked": view.booked,
        "credited": view.credited,
        "said": overlay_line(view),
    }


def _known_sum(values: Floats) -> float | None:
    """The sum of what is known; None if nothing is."""
    known = values[~np.isnan(values)]
    return round(float(known.sum()), 2) if len(known) else None


def _forecast_lines(figures: dict[str, Any]) -> list[str]:
    years = ", ".join(f"{name} {value:,.2f}" for name, value in figures["year"].items())
    what = counted(min(figures["quarters"], 4), "quarter")
    if figures["fiscal_year"]:
        what = f"{figures['fiscal_year']}, of which {figures['won_before']:,.2f} was won before,"
    first = (
        f"Forecast of {what} as of {figures['as_of']}: {years}. "
        f"Baseline, {figures['interval']:.0%} interval: {figures['year_low']:,.2f} to {figures['year_high']:,.2f}; "
        f"safe OpEx {figures['safe_opex']:,.2f}."
    )
    tried = (
        "" if figures["auc"] is None or figures["past_quarters"] else f", AUC {figures['auc']:.2f} on the last deals"
    )
    if figures["model"] == "base rate":
        tried = ", which cannot tell deals apart"
    bias = "" if figures["dollar_bias"] is None else f", dollars off by {figures['dollar_bias']:+.0%}"
    if bias and figures["past_quarters"]:
        bias += f" over {counted(figures['past_quarters'], 'past quarter')}"
    reps = "" if figures["rep_value"] is None else f"reps expect {figures['rep_value']:,.2f}, "
    within, late = figures["model_value_in_time"], f" of it within {counted(figures['quarters'], 'quarter')}"
    later = f", {within:,.2f}{late}" if within < NEARLY_ALL * figures["model_value"] else ""
    second = (
        f"{counted(figures['open_deals'], 'open deal')} by {figures['model']}{tried}{bias}: "
        f"{reps}the model {figures['model_value']:,.2f}{later}."
    )
    off = figures["dollar_bias"]
    if off is not None and abs(off) > FAR_OFF and figures["past_quarters"]:
        word = "more" if off > 0 else "less"
        return [
            f"Treat the forecast with care: over the past quarters it would have said {abs(off):.0%} {word} than came.",
            first,
            second,
        ]
    return [first, second]
