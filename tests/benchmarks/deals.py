"""Training and scoring deals against the pair of random forests that the source uses: time and quality in one table.

python -m tests.benchmarks.deals [10000 50000 200000]     simulated deals with 12 features
python -m tests.benchmarks.deals --maven                  third-party deals, in the order of their engage dates
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from revops_xl import fit_deals
from revops_xl.engine.forecast.deals.alone import area_under_curve
from revops_xl.engine.forecast.deals.calibration import log_loss
from revops_xl.engine.forecast.deals.report import calibration_error
from tests.simulated_deals import Company, company

FEATURES = [
    "Stage", "Amount", "Exec sponsor", "Competitor", "Meetings", "Segment", "Industry", "Usage score", "Noise", "Rep", "Account ID", "Kick-off",
]  # fmt: skip


def pair(made: Company, rows: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """A random-forest classifier for the chance and a regressor for the value, 100 trees each, texts as numbers."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    closed = np.flatnonzero(made.deals["Status"] != "Open")
    start = time.perf_counter()
    table = made.deals[FEATURES].copy()
    for name in table:
        if table[name].dtype.kind not in "fib":
            table[name] = pd.factorize(table[name])[0]
    x = table.fillna(-1).to_numpy(dtype=np.float64)
    won = (made.deals["Status"] == "Won").to_numpy()
    chance = RandomForestClassifier(100, n_jobs=-1, random_state=0).fit(x[closed], won[closed])
    brought = np.flatnonzero(won)
    share = (made.worth / made.deals["Amount"].to_numpy())[brought]
    value = RandomForestRegressor(100, n_jobs=-1, random_state=0).fit(x[brought], share)
    said = np.clip(chance.predict_proba(x[rows])[:, 1], 0.001, 0.999)
    worth = value.predict(x[rows]) * made.deals["Amount"].to_numpy()[rows]
    return time.perf_counter() - start, said, worth


def boosted(made: Company, rows: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """LightGBM at its defaults, texts as categories: a classifier for the chance and a regressor for the value."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    closed = np.flatnonzero(made.deals["Status"] != "Open")
    start = time.perf_counter()
    table = made.deals[FEATURES].copy()
    for name in table:
        if table[name].dtype.kind == "M":
            table[name] = (table[name] - table[name].min()).dt.days
        elif table[name].dtype.kind not in "fib":
            table[name] = table[name].astype("category")
    won = (made.deals["Status"] == "Won").to_numpy()
    chance = LGBMClassifier(verbose=-1, n_jobs=-1, random_state=0).fit(table.iloc[closed], won[closed])
    brought = np.flatnonzero(won)
    share = (made.worth / made.deals["Amount"].to_numpy())[brought]
    value = LGBMRegressor(verbose=-1, n_jobs=-1, random_state=0).fit(table.iloc[brought], share)
    said = np.clip(np.asarray(chance.predict_proba(table.iloc[rows]))[:, 1], 0.001, 0.999)
    worth = np.asarray(value.predict(table.iloc[rows])) * made.deals["Amount"].to_numpy()[rows]
    return time.perf_counter() - start, said, worth


def ours(made: Company, rows: np.ndarray) -> tuple[float, float, np.ndarray, np.ndarray, str]:
    start = time.perf_counter()
    model = fit_deals(made.deals, as_of=str(made.as_of.date()))
    fitted = time.perf_counter()
    scored = model.score(made.deals.iloc[rows])
    return (
        fitted - start,
        time.perf_counter() - fitted,
        scored["model_probability"].to_numpy().clip(0.001, 0.999),
        scored["value_if_won"].to_numpy(),
        model.name,
    )


def line(name: str, seconds: str, said: np.ndarray, worth: np.ndarray, made: Company, rows: np.ndarray) -> str:
    won = made.outcome[rows]
    expected = float((made.chance[rows] * made.worth[rows]).sum())
    figures: list[Any] = [
        f"{log_loss(said, won).mean():.3f}",
        f"{area_under_curve(said, won):.3f}",
        f"{calibration_error(said, won):.3f}",
        f"{np.abs(said - made.chance[rows]).mean():.3f}",
        f"{(said * worth).sum() / expected - 1:+.1%}",
    ]
    return f"| {len(made.deals):,} | {name} | {seconds} | " + " | ".join(figures) + " |"


def simulated(counts: list[int]) -> None:
    print(
        "| deals | way | seconds | log-loss | AUC | calibration error | distance from the true chance | dollars against their expectation |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        made = company(count, seed=1, share=0.8, days=900)
        rows = np.flatnonzero(made.deals["Status"] == "Open")
        fitting, scoring, said, worth, name = ours(made, rows)
        print(line(f"revops-xl: {name}", f"{fitting:.1f} + {scoring:.1f}", said, worth, made, rows), flush=True)
        seconds, said, worth = pair(made, rows)
        print(line("random-forest pair", f"{seconds:.1f}", said, worth, made, rows))
        seconds, said, worth = boosted(made, rows)
        print(line("LightGBM pair", f"{seconds:.1f}", said, worth, made, rows))
        print(line("the truth", "–", made.chance[rows], made.worth[rows], made, rows), flush=True)


def maven() -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "maven_crm"
    deals = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    deals = deals.merge(pd.read_csv(folder / "accounts.csv"), on="account", how="left")
    deals = deals.merge(pd.read_csv(folder / "sales_teams.csv"), on="sales_agent", how="left")
    named = {"opportunity_id": "deal_id", "account": "account_id", "sales_agent": "rep", "close_value": "amount", "engage_date": "created", "regional_office": "region"}  # fmt: skip
    deals = deals.assign(status=deals["deal_stage"].where(deals["deal_stage"].isin(["Won", "Lost"]), "Open"))
    deals = deals.rename(columns=named).drop(columns="deal_stage").sort_values("created", kind="stable")
    start = time.perf_counter()
    model = fit_deals(deals)
    print(f"{model.name}, {time.perf_counter() - start:.1f} s; leaks: {model.leaks}")
    print(model.report[["measure", "model", "base_rate"]].to_string(index=False))
    print(model.dollar_bias[["part", "name", "predicted", "actual", "bias", "in_interval"]].to_string(index=False))


if __name__ == "__main__":
    words = sys.argv[1:]
    if "--maven" in words:
        maven()
    else:
        simulated([int(word) for word in words] or [10_000, 50_000, 200_000])
