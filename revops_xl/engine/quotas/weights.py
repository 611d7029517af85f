"""Weights that the data suggest. Direction stays the analyst's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.quotas.directions import RULES
from revops_xl.engine.quotas.metric_values import has_history, row_values
from revops_xl.model.inputs import Metric, MetricData, QuotaInputs
from revops_xl.model.money import Floats
from revops_xl.model.results import SuggestedWeight
from revops_xl.model.wording import counted

#: A correlation needs this many pairs to exist at all.
MIN_OBSERVATIONS = 3
#: Below this a correlation is taken for noise.
MIN_CORRELATION = 0.05


def suggest(metrics: Sequence[Metric], values: Sequence[Floats], target: Floats) -> list[SuggestedWeight]:
    """Suggest |Pearson correlation| with the target as weight, metric by metric.

    Args:
        metrics: The declarations.
        values: One array per metric over ICs; NaN where the IC has no value.
        target: Over the same ICs; NaN where unknown.
    """
    return [_suggest_one(metric, value, target) for metric, value in zip(metrics, values, strict=True)]


def _suggest_one(metric: Metric, value: Floats, target: Floats) -> SuggestedWeight:
    both = ~np.isnan(value) & ~np.isnan(target)
    n = int(both.sum())
    correlation = _pearson(value[both], target[both]) if n >= MIN_OBSERVATIONS else float("nan")
    if np.isnan(correlation):
        flat = "this metric" if n >= MIN_OBSERVATIONS and not _varies(value[both]) else "the target of the comparison"
        why = f"only {counted(n, 'rep')} with both values" if n < MIN_OBSERVATIONS else f"no variation in {flat}"
        reason = f"{why}: no correlation; the declared weight is kept"
        return SuggestedWeight(
            metric.name, metric.direction, metric.weight, correlation, n, metric.weight, None, reason
        )
    size = abs(correlation)
    if size < MIN_CORRELATION:
        reason = f"correlation {correlation:+.2f} over {counted(n, 'rep')} is below {MIN_CORRELATION}: noise"
        return SuggestedWeight(metric.name, metric.direction, metric.weight, correlation, n, 0.0, None, reason)
    agrees = (correlation > 0) == RULES[metric.direction].more
    reason = f"correlation {correlation:+.2f} over {counted(n, 'rep')}; " + (
        f"the sign agrees with {metric.direction}"
        if agrees
        else f"the sign disagrees with {metric.direction}: check the direction, it is not changed"
    )
    return SuggestedWeight(metric.name, metric.direction, metric.weight, correlation, n, size, agrees, reason)


def _varies(x: Floats) -> bool:
    """Whether the values differ by more than the noise of doubles."""
    return bool(np.sqrt(((x - x.mean()) ** 2).sum()) > 1e-12 * np.abs(x).max())


def _pearson(x: Floats, y: Floats) -> float:
    """Pearson correlation; NaN when one of them does not vary."""
    if not (_varies(x) and _varies(y)):
        return float("nan")
    dx, dy = x - x.mean(), y - y.mean()
    return float(np.clip((dx * dy).sum() / np.sqrt((dx**2).sum() * (dy**2).sum()), -1.0, 1.0))


def suggested_weights(inputs: QuotaInputs, target: Floats | None = None) -> list[SuggestedWeight]:
    """What the data say about the weights of the blend metrics.

    Args:
        inputs: The plan.
        target: What to correlate with, per row of Hierarchy; None: the first blend metric, who then keeps its weight.
    """
    tree = inputs.tree
    # A split IC stands on several rows but is one person.
    once = tree.row[tree.is_ic][np.unique(tree.text[tree.is_ic], return_index=True)[1]]
    values = [values_or_blank(data)[once] for data in inputs.blend]
    declared = [data.metric for data in inputs.blend]
    if target is not None:
        return suggest(declared, values, target[once])
    if not values:
        return []
    first = inputs.blend[0].metric
    lead = SuggestedWeight(
        first.name,
        first.direction,
        first.weight,
        float("nan"),
        int((~np.isnan(values[0])).sum()),
        first.weight,
        None,
        "the first metric: the others are compared with it",
    )
    return [lead, *suggest(declared[1:], values[1:], values[0])]


def values_or_blank(data: MetricData) -> Floats:
    """One value per row of Hierarchy; NaN where every period is blank."""
    return np.where(has_history(data), row_values(data), np.nan)
