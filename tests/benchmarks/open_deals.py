"""The forecast of open pipelines whose truth is known, beside a model of closed deals and two random forests.

python -m tests.benchmarks.open_deals [seeds]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from revops_xl import fit_deals
from tests.simulated_pipelines import SHAPES, Pipeline, pipeline


def forests(made: Pipeline) -> float:
    """Wins of the open deals by a random forest of the closed ones, as is usual: said / true."""
    from sklearn.ensemble import RandomForestClassifier

    table = made.deals
    age = np.where(table["Close date"].isna(), made.as_of - table["Created"], table["Close date"] - table["Created"])
    x = np.column_stack(
        [
            pd.factorize(table["Segment"])[0],
            table["Score"],
            np.log(table["Amount"]),
            age.astype("timedelta64[D]").astype(float),
        ]
    )
    closed = (table["Status"] != "Open").to_numpy()
    won = (table["Status"] == "Won").to_numpy()
    forest = RandomForestClassifier(100, min_samples_leaf=5, n_jobs=-1, random_state=0).fit(x[closed], won[closed])
    return float(forest.predict_proba(x[~closed])[:, 1].sum() / made.chance.sum())


def main(seeds: int) -> None:
    """Print one row per company: means over the seeds."""
    print(
        "| company | open deals | true wins | wins said / true | dollars said / true | closed deals alone, wins | random forest, wins | past quarters in their 80 % interval | seconds |\n|---|---|---|---|---|---|---|---|---|"
    )
    inside_all: list[bool] = []
    for name, shape in SHAPES.items():
        rows, inside = [], []
        for seed in range(100, 100 + seeds):
            made = pipeline(shape, seed)
            start = time.process_time()
            fitted = fit_deals(made.deals, as_of=str(made.as_of.date()))
            scored = fitted.score()
            took = time.process_time() - start
            is_open = made.deals["Status"] == "Open"
            said = scored.set_index("deal_id")["model_probability"].loc[made.deals.loc[is_open, "Deal ID"]].to_numpy()
            model = fitted._fitted
            deals = fitted._deals.take(fitted._deals.is_open)
            x = model.features(deals, fitted._deals, model.as_of)
            alone = replace(model, level=None).chance(x).sum() / made.chance.sum()
            parts = fitted.dollar_bias
            inside += (parts.loc[parts["part"] == "Quarter", "in_interval"] == "yes").tolist()
            rows.append(
                (
                    is_open.sum(),
                    made.chance.sum(),
                    said.sum() / made.chance.sum(),
                    said @ made.amount / (made.chance @ made.amount),
                    alone,
                    forests(made),
                    took,
                )
            )
        count, true, wins, money, alone, forest, took = np.mean(rows, axis=0)
        inside_all += inside
        held = f"{np.mean(inside):.0%} of {len(inside)}" if inside else "none tried"
        print(
            f"| {name} | {count:,.0f} | {true:,.0f} | {wins:.2f} | {money:.2f} | {alone:.2f} | {forest:.2f} | {held} | {took:.1f} |",
            flush=True,
        )
    print(f"\nAll: {np.mean(inside_all):.0%} of {len(inside_all)} past quarters lie in their 80 % interval.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
