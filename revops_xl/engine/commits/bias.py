"""Commit bias: what managers close for each unit they commit, and what their commits are worth."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from revops_xl.engine.commits.across import LEAST_COMMIT, Across, across_managers
from revops_xl.engine.commits.machine_weight import machine_weight
from revops_xl.model.commits import Bias, BiasQuotients, CommitHistory, CommitReview, CommitRules, CurrentCommits
from revops_xl.model.money import Floats, to_cents

#: Resamples of the bootstrap: the ends of an 80 % interval move by less than a hundredth of its width.
RESAMPLES = 4000
#: Fewer closed periods show no spread worth an interval, and no trend.
FEWEST_PERIODS = 3
#: Histories resampled together, which bounds the memory.
MANAGERS_AT_ONCE = 500


def bias_quotients(history: CommitHistory, rules: CommitRules) -> BiasQuotients:
    """Judge each manager by its closed periods.

    The quotient is sum of actuals / sum of commits, drawn together across managers as far as differences may be chance.
    With a shrinkage of k periods it is (sum of actuals + k m) / (sum of commits + k m), m being the manager's mean commit:
    k periods in which the commit was met exactly. A manager without a commit in a closed period has the mean of all, or 1.
    """
    order = np.lexsort((history.period, history.manager))  # so that the order of rows does not show in the last bits
    closed = order[~np.isnan(history.actual[order])]
    manager, period = history.manager[closed], history.period[closed]
    commits, actuals = history.commit[closed], history.actual[closed]
    count = len(history.managers)
    periods = np.bincount(manager, minlength=count)
    commit = np.asarray(np.bincount(manager, weights=commits, minlength=count), dtype=np.float64)
    actual = np.asarray(np.bincount(manager, weights=actuals, minlength=count), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = commit >= LEAST_COMMIT
        plain = np.where(known, actual / commit, np.nan)
        more = (rules.shrinkage or 0.0) * commit / np.maximum(periods, 1)
        shrunk = (actual + more) / (commit + more)
    across = across_managers(manager, commits, actuals, count) if rules.shrinkage is None else None
    if across is not None:
        quotient = across.quotient
        low, high = _around(across, known, rules.interval)
    else:
        quotient = np.where(known, shrunk if rules.shrinkage else plain, 1.0)
        low, high = _intervals(periods, commits, actuals, rules)
    begins = np.array(history.times, dtype=np.float64)[period]
    trend = _trends(manager, begins, commits, actuals, count)
    label = labels(quotient, known, rules.neutral_band)
    if rules.interval:
        label = _clear(label, low, high, rules.neutral_band)
    weight = across.weight if across is not None else np.full(count, np.nan)
    mean = across.mean if across is not None else np.nan
    return BiasQuotients(
        history.managers, periods, commit, actual, plain, quotient, low, high, trend, label, weight, mean
    )


def _around(across: Across, known: npt.NDArray[np.bool_], confidence: float) -> tuple[Floats, Floats]:
    """Interval of each drawn quotient; none without a history."""
    from scipy.special import stdtrit  # noqa: PLC0415  (a fifth of a second that other runs do not need)

    if not confidence:
        return np.full(len(known), np.nan), np.full(len(known), np.nan)
    wide = stdtrit(across.freedom, (1 + confidence) / 2) * across.error
    return np.where(known, across.quotient - wide, np.nan), np.where(known, across.quotient + wide, np.nan)


def _clear(label: tuple[Bias, ...], low: Floats, high: Floats, band: float) -> tuple[Bias, ...]:
    """Labels where the interval lies on one side of the neutral band, or inside it; else it is not clear yet."""
    top, bottom = round(1 + band, 12), round(1 - band, 12)
    found: list[Bias] = []
    for word, lower, upper in zip(label, np.round(low, 12).tolist(), np.round(high, 12).tolist(), strict=True):
        if word is Bias.NO_HISTORY:
            found.append(word)
        elif lower > top:
            found.append(Bias.SANDBAGGER)
        elif upper < bottom:
            found.append(Bias.HAPPY_EARS)
        else:
            found.append(Bias.NEUTRAL if bottom <= lower and upper <= top else Bias.UNCLEAR)
    return tuple(found)


def quotient_of(commit: Floats, actual: Floats, shrinkage: float = 0.0) -> float:
    """One manager's bias quotient; 1 without a closed period that has a commit.

    Args:
        commit: Of past periods, in currency, 0 or more.
        actual: Of the same periods; NaN while a period is open.
        shrinkage: As in the rules.

    Example:
        >>> quotient_of(np.array([200.0, 250.0]), np.array([300.0, 375.0]))
        1.5
    """
    count = len(commit)
    names = tuple(map(str, range(count)))
    one, each = np.zeros(count, dtype=np.int32), np.arange(count, dtype=np.int32)
    history = CommitHistory(("",), names, tuple(map(float, range(count))), one, each, commit, actual)
    return float(bias_quotients(history, CommitRules(shrinkage=shrinkage, interval=0)).quotient[0])


def labels(quotient: Floats, known: npt.NDArray[np.bool_], band: float) -> tuple[Bias, ...]:
    """Above 1 + band a sandbagger, below 1 - band happy ears, else neutral; 15 digits count, as in a spreadsheet."""
    rounded = np.round(quotient, 12)
    high, low = round(1 + band, 12), round(1 - band, 12)
    return tuple(
        Bias.NO_HISTORY
        if not there
        else Bias.SANDBAGGER
        if value > high
        else Bias.HAPPY_EARS
        if value < low
        else Bias.NEUTRAL
        for value, there in zip(rounded.tolist(), known.tolist(), strict=True)
    )


def review(history: CommitHistory, current: CurrentCommits, rules: CommitRules) -> CommitReview:
    """Correct the current commits by the bias of their managers, and blend them with machine forecasts.

    Adjusted = commit x quotient; blended = (1 - weight) x adjusted + weight x machine forecast, and adjusted
    where there is none; both to the cent.
    Managers of either list are in the result, in code-point order.
    """
    managers = tuple(sorted({*history.managers, *current.managers}))
    place = {name: number for number, name in enumerate(managers)}
    moved = np.array([place[name] for name in history.managers], dtype=np.int32)
    known = CommitHistory(
        managers,
        history.periods,
        history.times,
        moved[history.manager] if len(history.manager) else history.manager,
        history.period,
        history.commit,
        history.actual,
        history.machine,
    )
    weight, learned_from = (rules.machine_weight, 0) if rules.machine_weight is not None else machine_weight(known)
    bias = bias_quotients(known, rules)
    commit, machine = np.full(len(managers), np.nan), np.full(len(managers), np.nan)
    here = [place[name] for name in current.managers]
    commit[here], machine[here] = current.commit, current.machine
    adjusted = to_cents(commit * bias.quotient)
    both = to_cents((1 - weight) * adjusted + weight * machine)
    blended = np.where(np.isnan(machine), adjusted, both)
    return CommitReview(bias, commit, adjusted, machine, blended, weight, learned_from)


def _intervals(
    periods: npt.NDArray[np.int64], commits: Floats, actuals: Floats, rules: CommitRules
) -> tuple[Floats, Floats]:
    """Ends of the interval of each plain quotient: the bootstrap over periods, expanded for short histories.

    Few periods make a bootstrap too narrow, so its percentiles are taken further out, as far as Student's t is
    wider than the normal distribution (Hesterberg, What Teachers Should Know About the Bootstrap, 2015).

    Args:
        periods: Closed periods of each manager.
        commits: Per closed period, manager by manager.
        actuals: Per closed period.
        rules: Confidence and seed.
    """
    low, high = np.full(len(periods), np.nan), np.full(len(periods), np.nan)
    if not rules.interval:
        return low, high
    first = np.cumsum(periods) - periods
    for length in np.unique(periods[periods >= FEWEST_PERIODS]).tolist():
        tail = _expanded_tail(length, rules.interval)
        # One set of resamples for all histories of a length: nobody's interval depends on who else is in the table.
        dice = np.random.default_rng([rules.seed, length])
        times = dice.multinomial(length, np.full(length, 1 / length), size=RESAMPLES).astype(np.float64)
        alike = np.flatnonzero(periods == length)
        for some in np.array_split(alike, len(alike) // MANAGERS_AT_ONCE + 1):
            rows = first[some][:, None] + np.arange(length)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = (times @ actuals[rows].T) / (times @ commits[rows].T)
            usable = np.isfinite(found).all(axis=0)  # no interval where a resample has no commit at all
            ends = np.quantile(found[:, usable], [tail, 1 - tail], axis=0)
            low[some[usable]], high[some[usable]] = ends
    return low, high


def _expanded_tail(length: int, confidence: float) -> float:
    """Part of the resamples to leave out at each end, for a sample of this length."""
    from scipy.special import stdtrit  # noqa: PLC0415  (a fifth of a second that other runs do not need)

    student = float(stdtrit(length - 1, (1 + confidence) / 2))
    return NormalDist().cdf(-student * (length / (length - 1)) ** 0.5)


def _trends(manager: npt.NDArray[np.int32], time: Floats, commits: Floats, actuals: Floats, count: int) -> Floats:
    """Slope of the quotient over time, per period, weighted by commit: a line by least squares."""
    used = commits > 0
    manager, commits, actuals, time = manager[used], commits[used], actuals[used], time[used]

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(manager, weights=values, minlength=count), dtype=np.float64)

    with np.errstate(divide="ignore", invalid="ignore"):
        weight = total(commits)
        mean_time = total(commits * time) / weight
        mean_quotient = total(actuals) / weight
        off = time - mean_time[manager]
        slope = total(commits * off * (actuals / commits - mean_quotient[manager])) / total(commits * off * off)
    enough = np.bincount(manager, minlength=count) >= FEWEST_PERIODS
    return np.where(enough, slope, np.nan)


def with_machine(current: CurrentCommits, forecasts: Mapping[str, float]) -> tuple[CurrentCommits, dict[str, float]]:
    """Commits with machine forecasts where none was entered, and which were taken.

    Args:
        current: Commits of the running period.
        forecasts: Machine forecasts by manager, in currency.
    """
    taken = {
        name: forecasts[name]
        for name, entered in zip(current.managers, current.machine.tolist(), strict=True)
        if entered != entered and name in forecasts  # noqa: PLR0124  (NaN)
    }
    machine = [
        taken.get(name, entered) for name, entered in zip(current.managers, current.machine.tolist(), strict=True)
    ]
    return CurrentCommits(current.managers, current.commit, np.array(machine, dtype=np.float64)), taken
