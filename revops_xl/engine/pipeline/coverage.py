"""Pipeline against quota: coverage of every node, its status, and what is missing."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import OrgTree
from revops_xl.model.pipeline import ENOUGH_DEALS, ClosedDeals, PipelineHealth, PipelineInputs, Status, reaches


def coverage_of(pipeline: Floats, quota: Floats) -> Floats:
    """Pipeline / quota; NaN where the quota is 0 or the pipeline is not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(quota > 0, pipeline / quota, np.nan)


def pipeline_health(tree: OrgTree, quota: Floats, inputs: PipelineInputs) -> PipelineHealth:
    """Judge every node at every level.

    Coverage = pipeline / quota. At or above healthy Healthy, at or above at risk Moderate, at or above 1 At risk,
    else Critical. A team's pipeline is the sum over its ICs of whom one is known.

    Args:
        tree: The org.
        quota: Quota of each node, in currency.
        inputs: Pipeline, thresholds and closed deals.
    """
    known = tree.roll_up(np.where(tree.is_ic & ~np.isnan(inputs.pipeline), 1.0, 0.0)) > 0
    pipeline = np.where(known, tree.roll_up(np.where(tree.is_ic, np.nan_to_num(inputs.pipeline), 0.0)), np.nan)
    coverage = coverage_of(pipeline, quota)
    limits = inputs.thresholds
    status = statuses(pipeline, quota, limits.healthy, limits.at_risk)
    gap = np.where(np.isnan(coverage), np.nan, to_cents(np.maximum(limits.healthy * quota - pipeline, 0.0)))
    win_rate = _win_rates(tree, inputs.deals) if inputs.deals is not None else np.full(len(tree), np.nan)
    with np.errstate(divide="ignore"):
        needed = np.where(win_rate > 0, 1 / win_rate, np.nan)
    return PipelineHealth(pipeline, coverage, status, gap, win_rate, needed)


def statuses(
    pipeline: Floats, quota: Floats, healthy: Floats | float, at_risk: Floats | float
) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """Status of each, as an index into the members of Status; a pipeline of NaN is not known.

    Example:
        >>> found = statuses(np.array([250.0, 80.0, np.nan]), np.array([100.0, 100.0, 0.0]), 2.0, 1.0)
        >>> [str(list(Status)[code]) for code in found]
        ['Healthy', 'Critical', 'No quota']
    """
    coverage, words = coverage_of(pipeline, quota), list(Status)
    return np.select(
        [quota <= 0, np.isnan(pipeline), reaches(coverage, healthy), reaches(coverage, at_risk), reaches(coverage, 1.0)],
        [words.index(word) for word in (Status.NO_QUOTA, Status.NO_PIPELINE, Status.HEALTHY, Status.MODERATE, Status.AT_RISK)],
        words.index(Status.CRITICAL),
    ).astype(np.int8)  # fmt: skip


def _win_rates(tree: OrgTree, deals: ClosedDeals) -> Floats:
    """Amount won / amount closed of each node, where enough deals are closed below it."""
    count, won, closed = (tree.roll_up(values) for values in (deals.count, deals.won, deals.closed))
    with np.errstate(divide="ignore", invalid="ignore"):
        # A split IC's deals count in parts, which add up to whole deals but for noise.
        return np.where((count > ENOUGH_DEALS - 1e-6) & (closed > 0), won / closed, np.nan)
