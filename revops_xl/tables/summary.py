"""The outcome of a run in a handful of figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.pipeline import Status
from revops_xl.tables.outcome import Outcome


def summary(outcome: Outcome) -> dict[str, Any]:
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
    return found


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures as sentences."""
    said = []
    if "commits" in figures:
        commits = figures["commits"]
        said.append(
            f"Commits of {commits['managers']:,} managers, added up along the org: {commits['commit']:,.2f} as made, "
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
        said.append(f"Coverage {coverage}; ICs: {counts}. {moved}")
    return said
