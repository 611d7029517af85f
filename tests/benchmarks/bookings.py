"""The baseline on real series of the M3 competition, beside the published methods; the data are not part of the project.

Run: python -m tests.benchmarks.bookings [--every 10]
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from revops_xl.engine.planning.baseline.intervals import bounds, error_model, quantile, sum_error
from revops_xl.engine.planning.baseline.trials import predict, smape, try_methods
from revops_xl.model.money import Floats

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "m3"
SHOWN = ("THETA", "COMB S-H-D", "ForecastPro", "DAMPEN", "NAIVE2", "WINTER")
INTERVALS = (0.8, 0.95)


@dataclass(frozen=True)
class Outcome:
    """What came of one series: sMAPE of the chosen method and of all, whether intervals held, seconds."""

    season: int
    chosen: str
    error: float
    every: dict[str, float]
    held: dict[float, float]
    year_held: dict[float, bool]
    seconds: float


def series(every: int = 1) -> list[tuple[int, Floats, Floats]]:
    """(season, past, what came) of every so many-th series."""
    data = pd.read_csv(FOLDER / "m3_quarterly_monthly.csv.gz")
    found = []
    for _, one in list(data.groupby("series", sort=False))[::every]:
        season = 4 if one["period"].iloc[0] == "QUARTERLY" else 12
        past, came = (one.loc[one["part"] == part, "value"].to_numpy(float) for part in ("train", "test"))
        found.append((season, past, came))
    return found


def judge(one: tuple[int, Floats, Floats]) -> Outcome:
    """Forecast a series as the product does, and compare with what came."""
    season, past, came = one
    begun = time.perf_counter()
    trials = try_methods(past, season, 0)
    said = predict(past, season, 0, len(came))
    model = error_model(trials.errors)
    seconds = time.perf_counter() - begun
    chosen = said[trials.chosen]
    held, year_held = {}, {}
    year, truth = chosen[:season], float(came[:season].sum())
    for interval in INTERVALS:
        low, high = bounds(chosen, model, interval)
        held[interval] = float(((low <= came) & (came <= high)).mean())
        width = quantile(model, interval) * sum_error(year, model) / year.sum()
        year_held[interval] = bool(year.sum() * np.exp(-width) <= truth <= year.sum() * np.exp(width))
    every = {name: smape(came, value) for name, value in said.items()}
    return Outcome(season, trials.chosen, every[trials.chosen], every, held, year_held, seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    given = series(parser.parse_args().every)
    begun = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        outcomes = list(pool.map(judge, given, chunksize=8))
    wall = time.perf_counter() - begun
    published = pd.read_csv(FOLDER / "m3_published_smape_by_method.csv").set_index("method")
    print("| | quarterly | monthly |\n|---|---|---|")
    both = [[one for one in outcomes if one.season == season] for season in (4, 12)]

    def row(name: str, values: list[float], digits: int = 2) -> None:
        print(f"| {name} | " + " | ".join(f"{value:.{digits}f}" for value in values) + " |")

    row("series", [float(len(group)) for group in both], 0)
    row("**revops-xl, chosen by rolling origin**", [100 * float(np.mean([o.error for o in group])) for group in both])
    for name in both[0][0].every:
        row(f"revops-xl, always {name}", [100 * float(np.mean([o.every[name] for o in group])) for group in both])
    for name in SHOWN:
        row(f"published: {name}", [float(published.loc[name, kind]) for kind in ("QUARTERLY", "MONTHLY")])  # type: ignore[arg-type]
    for interval in INTERVALS:
        row(f"{interval:.0%} interval of a period holds, %", [100 * float(np.mean([o.held[interval] for o in group])) for group in both], 1)  # fmt: skip
        row(f"{interval:.0%} interval of the next year holds, %", [100 * float(np.mean([o.year_held[interval] for o in group])) for group in both], 1)  # fmt: skip
    row("seconds a series", [float(np.mean([o.seconds for o in group])) for group in both])
    print(f"\n{len(outcomes):,} series in {wall:.0f} s, two processes")


if __name__ == "__main__":
    main()
