"""From table to quotas, against b2b-revenue-forecasting: same data, same run, best of seven (the peer once).

Run: python -m tests.benchmarks.cascade [--sizes 10000 100000 1000000] [--peer-up-to 100000]
"""

from __future__ import annotations

import argparse
import gc
import time
import warnings
from collections.abc import Callable

import pandas as pd
from b2b_revenue_forecasting.hierarchy import SalesHierarchy
from b2b_revenue_forecasting.metric_spec import MetricSpec
from b2b_revenue_forecasting.quota_cascader import QuotaCascader

from revops_xl import Cascade, Metric, cascade
from tests.benchmarks.orgs import LEVELS, METRICS, org

TARGET, HEDGE = 1_000_000_000, 1.05


def best(action: Callable[[], object], times: int) -> float:
    """Shortest of several runs, in seconds."""
    found = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return min(found)


def columns(metric: str) -> list[str]:
    return [f"Q{quarter}_{metric}" for quarter in range(1, 5)]


def ours(table: pd.DataFrame, count: int) -> Cascade:
    """Quotas of every node on both layers, rounded."""
    metrics = [Metric(name, columns=tuple(columns(name))) for name in METRICS[:count]]
    return cascade(table, TARGET, levels=LEVELS, metrics=metrics, hedge=HEDGE)


def ours_frame(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The same as a DataFrame of 13 columns."""
    return ours(table, count).quotas


def peer(table: pd.DataFrame, count: int) -> dict[str, float]:
    """Quotas of every node on the hedged layer."""
    hierarchy = SalesHierarchy()
    hierarchy.from_dataframe(
        table, path_cols=LEVELS, metrics_cols=[column for name in METRICS[:count] for column in columns(name)]
    )
    cascader = QuotaCascader(hierarchy)
    metrics = [MetricSpec(name, columns=columns(name)) for name in METRICS[:count]] if count > 1 else None
    return dict(cascader.cascade_quota("Global", float(TARGET), hedge_multiplier=HEDGE, metrics=metrics, verbose=False))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--peer-up-to", type=int, default=100_000)
    given = arguments.parse_args()
    warnings.simplefilter("ignore")
    cases = [(size, shuffled, count) for size in given.sizes for shuffled in (False, True) for count in (1, 4)]
    # Ours first, all of it: the peer leaves a heap of small objects behind that slows down whoever comes after.
    mine = {}
    for size, shuffled, count in cases:
        table = org(size, shuffled=shuffled)
        mine[size, shuffled, count] = (
            best(lambda t=table, c=count: ours(t, c), 7),  # type: ignore[misc]
            best(lambda t=table, c=count: ours_frame(t, c), 7),  # type: ignore[misc]
        )
    print("| ICs | metrics | rows | to quotas | to their DataFrame | b2b to quotas | ratio to quotas | to DataFrame |")
    print("|---|---|---|---|---|---|---|---|")
    for size, shuffled, count in cases:
        quotas, framed = mine[size, shuffled, count]
        line = f"| {size:,} | {count} | {'shuffled' if shuffled else 'sorted'} | {quotas:.3f} s | {framed:.3f} s |"
        if size <= given.peer_up_to:
            table = org(size, shuffled=shuffled)
            theirs = best(lambda t=table, c=count: peer(t, c), 1)  # type: ignore[misc]
            line += f" {theirs:.1f} s | {theirs / quotas:,.0f} × | {theirs / framed:,.0f} × |"
        else:
            line += " – | – | – |"
        print(line, flush=True)


if __name__ == "__main__":
    main()
