"""Diagnosis and redistribution against b2b-revenue-forecasting: same plan, same pipelines, same run.

Ours starts from a DataFrame of pipelines and ends with a DataFrame; the peer starts from attributes in its graph, and
its diagnosis ends with a DataFrame, its redistribution with a dictionary.

Run: python -m tests.benchmarks.weekly [--sizes 10000 100000] [--peer-diagnosis-up-to 10000]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from b2b_revenue_forecasting.hierarchy import SalesHierarchy
from b2b_revenue_forecasting.pipeline_adjuster import PipelineAdjuster

from revops_xl import Cascade, cascade, coverage, redistribute
from revops_xl.engine.pipeline.coverage import pipeline_health
from revops_xl.engine.pipeline.redistribution import redistribute as move
from revops_xl.frames.pipeline import _pipeline_inputs
from tests.benchmarks.cascade import best
from tests.benchmarks.orgs import LEVELS, org

LIMITS = {"(default)": (2.0, 1.0), "R1": (1.5, 0.8), "R2": (2.5, 1.2)}


def peer(table: pd.DataFrame, plan: Cascade) -> PipelineAdjuster:
    """The peer with the same quotas; building its graph is not timed."""
    hierarchy = SalesHierarchy()
    hierarchy.from_dataframe(table, path_cols=LEVELS, metrics_cols=["Pipeline"])
    quotas = dict(zip(plan.quotas["node"], plan.quotas["quota"], strict=True))
    return PipelineAdjuster(hierarchy, quotas, pipeline_attr="Pipeline")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--peer-diagnosis-up-to", type=int, default=10_000)
    given = arguments.parse_args()
    limits = {
        ("_default" if node == "(default)" else node): {"healthy": h, "at_risk": a} for node, (h, a) in LIMITS.items()
    }
    print("| ICs | what | revops-xl, arrays | revops-xl, DataFrames | b2b | ratio to DataFrames |")
    print("|---|---|---|---|---|---|")
    for size in given.sizes:
        table = org(size)
        plan = cascade(table, 1_000_000_000, levels=LEVELS, hedge=1.05)
        quota = pd.Series(plan.quotas["quota"].to_numpy(), index=plan.quotas["node"])
        dice = np.random.default_rng(5)
        table["Pipeline"] = np.round(quota[table["IC"]].to_numpy() * dice.uniform(0, 4, size), 2)
        pipeline = table[["IC", "Pipeline"]]
        theirs = peer(table, plan)
        inputs = _pipeline_inputs(plan, pipeline, LIMITS, None)
        tree, carried = plan.plan.inputs.tree, plan.plan.quota
        for what, arrays, frames, other in (
            (
                "diagnosis",
                lambda: pipeline_health(tree, carried, inputs),  # noqa: B023  (called at once)
                lambda: coverage(plan, pipeline, LIMITS),  # noqa: B023
                (lambda: theirs.diagnose(limits)) if size <= given.peer_diagnosis_up_to else None,  # noqa: B023
            ),
            (
                "redistribution",
                lambda: move(plan.plan, inputs),  # noqa: B023
                lambda: redistribute(plan, pipeline, LIMITS),  # noqa: B023
                lambda: theirs.adjust("redistribute", limits),  # noqa: B023
            ),
        ):
            fast, framed = best(arrays, 7), best(frames, 7)
            slow = best(other, 1) if other is not None else None
            shown = "– | –" if slow is None else f"{slow:.2f} s | {slow / framed:,.0f} ×"
            print(f"| {size:,} | {what} | {fast * 1000:.1f} ms | {framed * 1000:.1f} ms | {shown} |", flush=True)


if __name__ == "__main__":
    main()
