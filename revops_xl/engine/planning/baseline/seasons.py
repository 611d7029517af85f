"""Seasonal factors: what each quarter or month brings for each 1 of an average one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats


@dataclass(frozen=True)
class Season:
    """A season and how it is taken out of a series.

    Attributes:
        factors: Per part of the year; they average 1, and are all 1 where nothing tells a season from chance.
        scale: Factors multiply where every value is above 0 (scale 0); else (factor - 1) x scale is added.
    """

    factors: Floats
    scale: float

    def without(self, values: Floats, first: int) -> Floats:
        """A series without its season; its first value belongs to this part of the year."""
        factor = self.factors[(first + np.arange(len(values))) % len(self.factors)]
        return values / factor if not self.scale else values - (factor - 1) * self.scale

    def again(self, values: Floats, first: int) -> Floats:
        """A series with its season put back."""
        factor = self.factors[(first + np.arange(len(values))) % len(self.factors)]
        return values * factor if not self.scale else values + (factor - 1) * self.scale


def centred_means(values: Floats, season: int) -> Floats:
    """Mean over a year around each period, its two ends counted half; NaN where the year is not complete.

    Example:
        >>> centred_means(np.array([1.0, 2, 3, 4, 5]), 4).tolist()
        [nan, nan, 3.0, nan, nan]
    """
    weights = np.concatenate([[0.5], np.ones(season - 1), [0.5]]) / season
    half = season // 2
    means = np.full(len(values), np.nan)
    means[half : len(values) - half] = np.convolve(values, weights, "valid")
    return means


def find_season(values: Floats, season: int, first: int) -> Season:
    """Classical factors, drawn to 1 as far as they may be chance.

    The ratio of each value to the mean of the year around it is averaged by part of the year. The less the averages differ
    among each other in proportion to how the years differ, the more they are drawn to 1 (James and Stein); that a season
    needs no test of significance then makes forecasts better.

    Args:
        values: Two years or more, the oldest first.
        season: Periods a year.
        first: Part of the year of the first value.

    Source:
        Miller and Williams, "Shrinkage estimators of time series seasonal factors", IJF 19 (2003).
    """
    part = (first + np.arange(len(values))) % season
    positive = bool((values > 0).all())
    means = centred_means(values, season)
    scale = 0.0 if positive else float(np.abs(values).mean())
    if scale == 0.0 and not positive:
        return Season(np.ones(season), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values / means if positive else 1 + (values - means) / scale
    known = np.isfinite(ratio)
    groups = [ratio[known & (part == p)] for p in range(season)]
    if any(len(group) == 0 for group in groups):
        return Season(np.ones(season), scale)
    factors = np.array([group.mean() for group in groups])
    factors = factors / factors.mean() if factors.mean() > 0 else np.ones(season)
    noise = float(np.mean([_variance(groups, group) / len(group) for group in groups]))
    spread = float(((factors - 1) ** 2).sum() / (season - 1))
    kept = max(0.0, 1 - (season - 3) / (season - 1) * noise / spread) if spread > 0 else 0.0
    return Season(1 + kept * (factors - 1), scale)


def _variance(groups: list[Floats], group: Floats) -> float:
    """How a part of the year differs from year to year; that of all parts where it was seen once."""
    if len(group) > 1:
        return float(group.var(ddof=1))
    seen = [each.var(ddof=1) for each in groups if len(each) > 1]
    return float(np.mean(seen)) if seen else 0.0
