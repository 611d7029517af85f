"""The outcome of a run in a handful of figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.pipeline import Status
from revops_xl.tables.outcome import Outcome


def summary(outcome: Outcome) -> dict[str, Any]:
    """Figures of the modules that ran, in currency; a module without inputs is missing.

    "commits" are sums over the managers with a commit; "pipeline" is about the top node and the ICs.
    """
    found: dict[str, Any] = {}
    review, health, moved = outcome.review, outcome.health, outcome.moved
    if review is not None:
        found["commits"] = {
            "managers": int((~np.isnan(review.commit)).sum()),
            "commit": round(float(np.nansum(review.commit)), 2),
            "adjusted_commit": round(float(np.nansum(review.adjusted)), 2),
            "forecast": round(float(np.nansum(review.forecast)), 2),
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
            "accepted": len(outcome.plan.inputs.adjustments),
        }
    return found


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures as sentences."""
    said = []
    if "commits" in figures:
        commits = figures["commits"]
        said.append(
            f"Commits {commits['commit']:,.0f} of {commits['managers']:,} managers: {commits['adjusted_commit']:,.0f} "
            f"corrected by bias, {commits['forecast']:,.0f} blended with machine forecasts."
        )
    if "pipeline" in figures:
        pipeline = figures["pipeline"]
        coverage = "not known" if pipeline["coverage"] is None else f"{pipeline['coverage']:.1f}×"
        counts = ", ".join(f"{count:,} {status}" for status, count in pipeline["ics"].items())
        said.append(
            f"Coverage {coverage}; ICs: {counts}. Redistribution: {pipeline['quota_to_move']:,.2f} proposed, "
            f"{pipeline['quota_in_force']:,.2f} in force."
        )
    return said
