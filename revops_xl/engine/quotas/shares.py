"""How siblings share a pool by metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.quotas.directions import RULES, sums
from revops_xl.model.codes import Coded
from revops_xl.model.inputs import Metric
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.org_build import build_tree
from revops_xl.model.results import ShareBreakdown


def sibling_shares(tree: OrgTree, metrics: Sequence[Metric], values: Floats, sharing: Bools) -> ShareBreakdown:
    """Blend the metrics into one share per child.

    Share = sum over metrics of weight x share by that metric, over the weights that have a signal among these
    siblings. Proportional: value / sum. Inverse: 1 / (value + f) over its sum, with f = 1 % of the largest.
    Values below 0 count as 0. No signal at all: equal shares. A placement of a split IC has its part of the share
    that the whole person would have, so for an inverse metric the person's value counts, not the divided one.

    Args:
        tree: The org.
        metrics: Blend metrics; their weights add up to more than 0.
        values: Shape (metrics, nodes).
        sharing: Per node, whether it takes part: not gated, not fixed, not a new hire.
    """
    nodes = len(tree)
    part = sharing[1:]
    blended = np.zeros(nodes - 1)
    total_weight = np.zeros(len(tree.managers))
    by_metric = np.full((len(metrics), nodes), np.nan)
    for i, metric in enumerate(metrics):
        share, signal = _one_metric(tree, metric, np.where(part, np.maximum(values[i, 1:], 0.0), 0.0), part)
        signal_below = tree.to_children(signal)
        by_metric[i, 1:] = np.where(part & signal_below, share, np.nan)
        blended += metric.weight * share
        total_weight += metric.weight * signal
    weight_below = tree.to_children(total_weight)
    headcount = np.where(part, tree.split[1:], 0.0)
    heads = tree.to_children(sums(tree, headcount))
    equal = part & (weight_below == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        blended = np.where(equal, headcount / heads, np.where(part, blended / weight_below, 0.0))
        influence = np.full((len(metrics), nodes), np.nan)
        for i, metric in enumerate(metrics):
            influence[i, 1:] = np.where(np.isnan(by_metric[i, 1:]), np.nan, metric.weight / weight_below)
    return ShareBreakdown(
        np.concatenate([[np.nan], blended]), np.concatenate([[False], equal]), values, by_metric, influence
    )


def team_shares(metrics: Sequence[Metric], values: Floats) -> Floats:
    """Shares of the members of one team, by the rules of `sibling_shares`.

    Args:
        metrics: Blend metrics; their weights add up to more than 0.
        values: Shape (metrics, members), in the order of the members.

    Returns:
        One share a member; they add up to 1.

    Example:
        >>> team_shares([Metric("Won")], np.array([[300.0, 100.0]])).tolist()
        [0.75, 0.25]
    """
    count = values.shape[1]
    names = [f"{i:09d}" for i in range(count)]  # ids put members in order
    top = Coded(np.zeros(count, dtype=np.int32), ["team"])
    tree = build_tree(("Team", "Member"), [top, Coded(np.arange(count, dtype=np.int32), names)], np.ones(count))
    rows = np.concatenate([np.zeros((len(metrics), 1)), values], axis=1)
    return sibling_shares(tree, metrics, rows, np.ones(count + 1, dtype=bool)).share[1:]


def _one_metric(tree: OrgTree, metric: Metric, value: Floats, part: Bools) -> tuple[Floats, Bools]:
    """Share of each child by one metric (0 without a signal), and per manager whether there is a signal."""
    worth, signal = RULES[metric.direction].worth(tree, value, part)
    signal = signal & (metric.weight > 0)
    whole = tree.to_children(np.where(signal, sums(tree, worth), 1.0))
    return np.where(tree.to_children(signal), worth / whole, 0.0), signal
