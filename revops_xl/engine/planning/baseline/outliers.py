"""Periods that do not fit: single unusual values, and shifts of the level."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np

from revops_xl.model.bookings import Outlier, OutlierKind
from revops_xl.model.money import Floats

#: Robust standard deviations from which a value, or a step, is flagged, and the part of the value it has to be at least.
UNUSUAL, AT_LEAST = 3.5, 0.15
SHIFT_UNUSUAL, SHIFT_AT_LEAST = 4.0, 0.2
#: Chance that an ordinary series has a flag.
CHANCE_OF_A_FLAG = 0.05
#: The spread of ordinary periods is never taken for less.
LEAST_SPREAD = 0.01
#: Median absolute deviation of a normal distribution of standard deviation 1.
NORMAL_MAD = 0.6745


def find_outliers(values: Floats, season: int) -> tuple[Outlier, ...]:
    """Flag what deviates from trend and season by a robust decomposition (STL); ordered by time.

    A level shift is a step between the year before and the year from a period on, beyond what growth explains; only its
    first period is flagged. Values must be above 0, else nothing is flagged.
    """
    if not (values > 0).all() or len(values) < 2 * season + 2 or np.ptp(values) == 0:
        return ()
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415  (slow to start)

    logs = np.log(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = STL(logs, period=season, robust=True, seasonal=2 * (len(values) // season) * season + 1).fit()
    seasonal = np.asarray(parts.seasonal)
    level = logs - seasonal
    shifts = _shifts(level, season)
    left = level - _local_level(level, [at for at, _ in shifts], season)
    limit = max(UNUSUAL * _robust_spread(left), AT_LEAST)
    suspects = np.flatnonzero(np.abs(left) > limit)
    one_offs = [i for i in suspects.tolist() if _confirmed(logs, i, suspects, [at for at, _ in shifts], season)]
    found = [Outlier(i, OutlierKind.ONE_OFF, *_deviation(values[i], left[i])) for i in one_offs]
    found += [Outlier(i, OutlierKind.SHIFT, *_deviation(values[i], step)) for i, step in shifts]
    return tuple(sorted(found, key=lambda each: each.position))


def _confirmed(
    logs: Floats, suspect: int, suspects: np.ndarray[tuple[int, ...], np.dtype[np.intp]], shifts: list[int], season: int
) -> bool:
    """Whether a suspect is too far from what the two years on each side of it say without any suspect.

    A line and a season are fitted to the others; the suspect's distance in standard errors is held against the t
    distribution so strictly that of a hundred ordinary series about five have a flag.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to start)

    start = max([0, suspect - 2 * season, *(at for at in shifts if at <= suspect)])
    stop = min([len(logs), suspect + 2 * season + 1, *(at for at in shifts if at > suspect)])
    others = np.setdiff1d(np.arange(start, stop), suspects)
    freedom = len(others) - season - 1
    if freedom < 2 or len(set((others % season).tolist())) < season:
        return False

    def row(i: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Floats:
        return np.column_stack([i - suspect, (i % season)[:, None] == np.arange(season)]).astype(np.float64)

    known = row(others)
    solved = np.linalg.lstsq(known, logs[others], rcond=None)[0]
    spread = float(np.sqrt(np.sum((logs[others] - known @ solved) ** 2) / freedom))
    asked = row(np.array([suspect]))[0]
    wide = float(np.sqrt(1 + asked @ np.linalg.pinv(known.T @ known) @ asked))
    distance = abs(float(logs[suspect] - asked @ solved)) / (max(spread, LEAST_SPREAD) * wide)
    return bool(distance > stdtrit(freedom, 1 - CHANCE_OF_A_FLAG / 2 / len(logs)))


def _deviation(value: float, off: float) -> tuple[float, float]:
    """What was expected, and how far the value is from it."""
    return float(value * np.exp(-off)), float(np.exp(off) - 1)


def _local_level(level: Floats, shifts: list[int], season: int) -> Floats:
    """A straight line through each stretch between shifts that single values do not move (Theil and Sen)."""
    from scipy.stats import theilslopes  # noqa: PLC0415  (slow to start)

    line = np.empty(len(level))
    edges = [0, *shifts, len(level)]
    for start, stop in pairwise(edges):
        stretch = level[start:stop]
        if len(stretch) < 3:
            line[start:stop] = np.median(stretch)
        elif len(stretch) <= 4 * season:
            slope, height = theilslopes(stretch)[:2]
            line[start:stop] = height + slope * np.arange(len(stretch))
        else:
            line[start:stop] = _running_line(stretch, season)
    return line


def _running_line(stretch: Floats, season: int) -> Floats:
    """The same around each period, over two years on each side."""
    from scipy.stats import theilslopes  # noqa: PLC0415  (slow to start)

    line = np.empty(len(stretch))
    for i in range(len(stretch)):
        first, last = max(0, i - 2 * season), min(len(stretch), i + 2 * season + 1)
        slope, height = theilslopes(stretch[first:last])[:2]
        line[i] = height + slope * (i - first)
    return line


def _shifts(level: Floats, season: int) -> list[tuple[int, float]]:
    """First periods of another level, with the step."""
    span = season
    places = np.arange(span, len(level) - span + 1)
    if len(places) < 3:
        return []
    steps = np.array([np.median(level[i : i + span]) - np.median(level[i - span : i]) for i in places])
    growth = float(np.median(steps))
    ordinary = np.diff(level)
    limit = max(SHIFT_UNUSUAL * _robust_spread(ordinary - np.median(ordinary)), SHIFT_AT_LEAST)
    found: list[tuple[int, float]] = []
    sizes = np.abs(steps - growth)
    while sizes.size and float(sizes.max()) > limit:
        top = np.flatnonzero(sizes >= sizes.max() - 1e-12)
        i = int(top[len(top) // 2])
        at = int(places[i])
        at, step = _located(level, at, season)
        found.append((at, step))
        sizes = np.where(np.abs(places - at) < span, 0.0, sizes)
    return sorted(found)


def _located(level: Floats, near: int, season: int) -> tuple[int, float]:
    """Where a line with one step fits best around a place, and the step."""
    start, stop = max(0, near - 2 * season), min(len(level), near + 2 * season)
    time = np.arange(start, stop)
    best = (np.inf, near, 0.0)
    for at in range(max(near - season, start + 2), min(near + season, stop - 2) + 1):
        known = np.column_stack([np.ones(len(time)), time - near, time >= at]).astype(np.float64)
        solved, left = np.linalg.lstsq(known, level[start:stop], rcond=None)[:2]
        off = float(left[0]) if len(left) else np.inf
        if off < best[0]:
            best = (off, at, float(solved[2]))
    return best[1], best[2]


def _robust_spread(values: Floats) -> float:
    spread = float(np.median(np.abs(values - np.median(values)))) / NORMAL_MAD
    return max(spread, LEAST_SPREAD)
