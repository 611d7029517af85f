"""Attainability: the levels of the source, chances against simulated truth, and advice with amounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from revops_xl import Cascade, cascade, plan_ahead
from revops_xl.engine.planning.attainability import attainability
from revops_xl.model.attainability import AttainabilityRules, History, Risk, risk_of

LEVELS = ["Company", "Team", "IC"]


def by(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Rows by the value of a column."""
    return {str(row[key]): row for row in frame.to_dict("records")}  # type: ignore[misc]


def test_the_levels_of_the_source() -> None:
    edges = [1.2, 0.85, 0.8499, 0.70, 0.6999, 0.55, 0.5499, 0.0]
    said = [Risk.LOW, Risk.LOW, Risk.MEDIUM, Risk.MEDIUM, Risk.HIGH, Risk.HIGH, Risk.VERY_HIGH, Risk.VERY_HIGH]
    assert [risk_of(edge) for edge in edges] == said


def test_the_worked_org_by_hand(worked: pd.DataFrame, levels: list[str]) -> None:
    """Case A: Bob was not there for two quarters, which are not known; Eli sold nothing in one, which is a zero."""
    found = plan_ahead(cascade(worked, 1000, levels=levels), worked, start="2027-01-01").attainability
    nodes = by(found, "node")
    history = {"Ann": 400, "Bob": 240, "Dee": 800, "Eli": 200, "Fay": 160}
    for name, amount in history.items():
        assert nodes[name]["historical_average"] == pytest.approx(amount, abs=0.005)
    assert nodes["Global"]["historical_average"] == 1800
    assert nodes["Ann"]["attainability"] == pytest.approx(400 / 142.86)
    assert nodes["Ann"]["growth_required"] == pytest.approx((142.86 - 400) / 400)
    assert nodes["Cy"]["verdict"] == "nothing to tell by"
    assert np.isnan(nodes["Cy"]["attainability"])


def simulated(count: int, years: int, seed: int, spread: float) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Reps with a level of their own and independent quarters; also the year that follows."""
    dice = np.random.default_rng(seed)
    level = np.exp(dice.normal(11, 0.4, count))
    season = np.tile([0.9, 1.0, 0.95, 1.15], years + 1)
    quarters = level[:, None] * season * np.maximum(dice.normal(1, spread, (count, 4 * years + 4)), 0.01)
    data = pd.DataFrame(
        {"Company": "A", "Team": [f"T{i % 5}" for i in range(count)], "IC": [f"I{i:03d}" for i in range(count)]}
    )
    for q in range(4 * years):
        data[f"{2025 + q // 4}-Q{q % 4 + 1}_Attainment"] = quarters[:, q]
    return data, quarters[:, 4 * years :].sum(axis=1)


@pytest.mark.parametrize("spread", [0.15, 0.4])
def test_chances_are_as_frequent_as_they_say(spread: float) -> None:
    """Quotas all around history: in every group of chances as many reps reach their quota as the chance says."""
    chances, reached = [], []
    for seed in range(10):
        data, truth = simulated(200, 2, seed, spread)
        total = float(data.filter(like="Attainment").sum().sum() / 2)
        plan = cascade(data, round(total, 2), levels=LEVELS, new_hires="none")
        dice = np.random.default_rng(seed + 100)
        factor = dice.uniform(0.7, 1.3, len(plan.plan.quota))
        tree = plan.plan.inputs.tree
        moved = Cascade(plan.plan.__class__(**{**plan.plan.__dict__, "quota": plan.plan.quota * factor}))
        columns = [str(name) for name in data.filter(like="Attainment")]
        history = History(data[columns].to_numpy().T, tuple(columns), 4, 3, (0, 1, 2, 3) * 2, (2025,) * 4 + (2026,) * 4)
        found = attainability(moved.plan, history, AttainabilityRules(growth_error=0.0))  # growth is known: none
        node = np.flatnonzero(tree.is_ic)
        chances.append(found.chance[node])
        reached.append(truth[tree.row[node]] >= moved.plan.quota[node])
    chance, hit = np.concatenate(chances), np.concatenate(reached)
    assert abs(chance.mean() - hit.mean()) < 0.03
    for low in np.arange(0, 1, 0.25):
        group = (chance >= low) & (chance < low + 0.25)
        luck = np.sqrt(chance[group].mean() * (1 - chance[group].mean()) / group.sum())
        assert abs(chance[group].mean() - hit[group].mean()) < 3 * luck + 0.02
    assert np.mean((chance - hit) ** 2) < 0.8 * np.mean((hit.mean() - hit) ** 2)


def test_teams_and_the_whole_are_surer_than_their_reps() -> None:
    """Independent reps make up for each other: at 10 % above quota the company is all but sure, a rep is not."""
    data, _ = simulated(100, 2, 3, 0.3)
    history = float(data.filter(like="Attainment").sum().sum() / 2)
    plan = cascade(data, round(history / 1.1, 2), levels=LEVELS, new_hires="none")
    found = by(plan_ahead(plan, data, start="2027-01-01", growth_error=0).attainability, "node")
    assert found["A"]["chance"] > 0.97
    assert 0.6 < found["A"]["reps_at_quota"] < 0.85
    reps = [row["chance"] for row in found.values() if row["depth"] == 2]
    assert found["A"]["reps_at_quota"] == pytest.approx(np.mean(reps))


def test_chances_hold_for_reps_teams_and_company_when_growth_goes_wrong_for_all() -> None:
    """Years of a company in which all reps grow or shrink together by 10 %: told so, every level is as sure as it should be."""
    levels: dict[int, tuple[list[float], list[bool]]] = {0: ([], []), 1: ([], []), 2: ([], [])}
    for seed in range(60):
        data, truth = simulated(60, 2, seed, 0.3)
        dice = np.random.default_rng(seed + 500)
        truth = truth * (1 + 0.1 * dice.standard_normal())
        total = float(data.filter(like="Attainment").sum().sum() / 2)
        plan = cascade(data, round(total * dice.uniform(0.85, 1.15), 2), levels=LEVELS, new_hires="none")
        columns = [str(name) for name in data.filter(like="Attainment")]
        history = History(data[columns].to_numpy().T, tuple(columns), 4, 3, (0, 1, 2, 3) * 2, (2025,) * 4 + (2026,) * 4)
        found = attainability(plan.plan, history, AttainabilityRules(growth_error=0.1))
        tree = plan.plan.inputs.tree
        came = tree.roll_up(np.where(tree.is_ic, truth[tree.row], 0.0))
        for node in range(len(tree)):
            chances, reached = levels[int(tree.depth[node])]
            chances.append(float(found.chance[node]))
            reached.append(bool(came[node] >= plan.plan.quota[node]))
    for depth, (chances, reached) in levels.items():
        chance, hit = np.array(chances), np.array(reached)
        # misses of a company's nodes hang together, so its years count, not its nodes
        assert chance.mean() == pytest.approx(hit.mean(), abs=3 * 0.5 / np.sqrt(60)), depth
        sure, unsure = chance >= 0.8, chance < 0.2
        if sure.sum() > 20:
            assert hit[sure].mean() > 0.7, depth
        if unsure.sum() > 20:
            assert hit[unsure].mean() < 0.3, depth
    top = np.array(levels[0][0])
    assert ((top > 0.01) & (top < 0.99)).mean() > 0.9  # nothing is certain to 1e-10


def test_ramping_people_are_expected_at_full_seats_means_and_the_ramp_of_the_plan() -> None:
    """0, 15, 40, 60, 80 at 0 to 100 %: 195 / 2.5 = 78 a month; twelve ramped months 936 and not 468."""
    data = pd.DataFrame({
        "Company": "A", "Team": "T", "IC": ["Ann", "Bob"], "Tier": "E",
        "Start date": [pd.Timestamp("2026-08-01"), None],
        **{f"2026-{m:02d}_Attainment": [sold, 100.0] for m, sold in zip(range(8, 13), (0.0, 15.0, 40.0, 60.0, 80.0), strict=True)},
    })  # fmt: skip
    plan = cascade(data, 2000, levels=LEVELS, new_hires="none")
    curves = pd.DataFrame(
        {"curve_tier": "E", "from_month": [0, 1, 2, 3, 4], "productivity": [0.0, 0.25, 0.5, 0.75, 1.0]}
    )
    tiers = pd.DataFrame({"tier": ["E"], "multiplier": [1.0]})
    found = by(plan_ahead(plan, data, start="2027-01-01", tiers=tiers, curves=curves).attainability, "node")
    assert found["Ann"]["expected"] == pytest.approx(936, abs=1)
    # the history that is shown is never changed; a zero before the first sale is not known
    assert found["Ann"]["historical_average"] == pytest.approx((15 + 40 + 60 + 80) / 4 * 12, abs=1)
    assert found["Bob"]["expected"] == pytest.approx(1200, abs=0.01)


def sold(quarter: int, level: np.ndarray, start: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """What each rep sells in a quarter: 30 %, then 70 % of a full one after the start; who starts below 0 was always there."""
    inside = quarter - start
    ramp = np.array([0.3, 0.7])[np.clip(inside, 0, 1)]
    factor = np.where(start < 0, 1.0, np.where(inside < 0, 0.0, np.where(inside < 2, ramp, 1.0)))
    return np.asarray(level * factor * np.maximum(dice.normal(1, 0.25, len(level)), 0.01))


def test_a_ramping_company_brings_what_was_expected() -> None:
    """Reps who start over two years and ramp for two quarters: expected against what comes, over companies."""
    ratios = []
    for seed in range(12):
        dice = np.random.default_rng(seed)
        count = 60
        level = np.exp(dice.normal(11, 0.3, count))
        start = dice.integers(-4, 8, count)  # quarter of 2025 in which each starts; before it: long ago
        data = pd.DataFrame(
            {"Company": "A", "Team": [f"T{i % 4}" for i in range(count)], "IC": [f"I{i:03d}" for i in range(count)]}
        )
        data["Tier"] = "E"
        first = [pd.Timestamp(2025 + s // 4, s % 4 * 3 + 1, 1) if s >= 0 else None for s in start.tolist()]
        data["Start date"] = first
        for q in range(8):
            values = sold(q, level, start, dice)
            data[f"{2025 + q // 4}-Q{q % 4 + 1}_Attainment"] = np.where(values > 0, values, np.nan)
        coming = float(sum(sold(8 + q, level, start, dice).sum() for q in range(4)))
        plan = cascade(data, 1e6, levels=LEVELS, new_hires="none")
        curves = pd.DataFrame({"curve_tier": "E", "from_month": [0, 3, 6], "productivity": [0.3, 0.7, 1.0]})
        tiers = pd.DataFrame({"tier": ["E"], "multiplier": [1.0]})
        found = by(plan_ahead(plan, data, start="2027-01-01", tiers=tiers, curves=curves).attainability, "node")
        ratios.append(found["A"]["expected"] / coming)
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


def test_growth_is_that_of_the_bookings_unless_it_is_entered() -> None:
    data, _ = simulated(20, 2, 1, 0.1)
    plan = cascade(data, 5e6, levels=LEVELS)
    quarters = [f"{year}-Q{q}" for year in range(2023, 2027) for q in (1, 2, 3, 4)]
    bookings = pd.DataFrame({"period": quarters, "bookings": [100 * 1.2 ** (i / 4) for i in range(16)]})
    grown = plan_ahead(plan, data, start="2027-01-01", bookings=bookings)
    health = by(grown.health, "measure")
    # 2027 against the mean of 2025 and 2026 at 20 % a year
    assert health["Growth expected"]["figure"] == pytest.approx(1.2**2 / ((1 + 1.2) / 2) - 1, abs=0.05)
    entered = plan_ahead(plan, data, start="2027-01-01", bookings=bookings, growth=0.05)
    assert by(entered.health, "measure")["Growth expected"]["figure"] == 0.05
    ratio = entered.attainability["expected"] / entered.attainability["historical_average"]
    assert ratio.to_numpy() == pytest.approx(np.full(len(ratio), 1.05), abs=1e-4)


def test_new_seats_are_expected_to_bring_what_they_can_carry() -> None:
    """Two old hands bring 100 a year each; a third who starts in July with a ramp of half for 3 months brings 37.50."""
    data = pd.DataFrame({
        "Company": "A", "Team": "T", "IC": ["Ann", "Bob", "Cy"], "Tier": "E", "Start date": [None, None, pd.Timestamp("2027-07-01")],
        **{f"2026-Q{q}_Attainment": [25.0, 25.0, None] for q in (1, 2, 3, 4)},
    })  # fmt: skip
    tiers = pd.DataFrame({"tier": ["E"], "multiplier": [1.0], "ramp_factor": [0.5], "ramp_months": [3]})
    plan = cascade(data, 240, levels=LEVELS)
    found = by(plan_ahead(plan, data, start="2027-01-01", tiers=tiers).attainability, "node")
    assert found["Cy"]["expected"] == 37.5
    assert np.isnan(found["Cy"]["historical_average"])
    assert found["Cy"]["chance"] < 0.05  # against a third of the team's 240


def test_advice_names_nodes_and_amounts() -> None:
    data = pd.DataFrame({
        "Company": "A", "Team": "T", "IC": ["Ann", "Bob"], "OTE": [10.0, 40.0],
        **{f"2026-Q{q}_Attainment": [25.0, 25.0] for q in (1, 2, 3, 4)},
    })  # fmt: skip
    plan = cascade(data, 220, levels=LEVELS, overrides={"Ann": 170})
    found = plan_ahead(plan, data, start="2027-01-01").recommendations
    ann = found[(found["advised_node"] == "Ann") & (found["about"] == "Quota")].iloc[0]
    # 100 are expected of each; Bob has 50, and at an error of 8 % four of five times he brings this much
    room = 100 * (1 - stats.t.ppf(0.8, 7) * np.sqrt(0.08**2 + 0.01**2 / 2)) - 50
    assert ann["amount"] == 70
    assert ann["recommendation"] == f"Ann (T): a quota of 170.00, 100.00 expected, a chance of 0% (not backed). 70.00 less would make the chance 50%; colleagues with room: Bob {room:.2f}. Also: Quota : OTE."  # fmt: skip
    assert ann["what_it_changes"].startswith("Chance of Ann 0% → 50%; Bob carries 70.00 more; ")
    assert "A" not in found["advised_node"].tolist()  # the company is 20 above what is expected because Ann is 70 above
    bob = by(found[found["about"] == "Quota : OTE"], "advised_node")["Bob"]
    assert bob["amount"] == 110
    assert bob["recommendation"] == "Bob: the quota is 1.2 × OTE; 4 × would be a quota of at least 160.00 or an OTE of 12.50."  # fmt: skip


def test_sensitivity_against_plans_computed_one_by_one(worked: pd.DataFrame, levels: list[str]) -> None:
    """The target ten per cent up and down, and a weight, against cascades made for it."""
    from revops_xl import Metric

    metrics = [Metric("Attainment"), Metric("CloudSeats", columns=("CloudSeats",), weight=0.5)]
    plan = cascade(worked, 1000, levels=levels, metrics=metrics, hedge=1.05)
    found = by(plan_ahead(plan, worked, start="2027-01-01").sensitivity, "driver")

    def ics(target: float, weight: float, hedge: float = 1.05) -> pd.Series[Any]:
        other = [metrics[0], Metric("CloudSeats", columns=("CloudSeats",), weight=weight)]
        table = cascade(worked, target, levels=levels, metrics=other, hedge=hedge).quotas
        return table[table["ic"]].set_index("node")["quota"]

    here = ics(1000, 0.5)
    assert found["Target"]["ic_quotas_low"] == pytest.approx(ics(900, 0.5).sum())
    assert found["Target"]["moved_high"] == pytest.approx((ics(1100, 0.5) - here).abs().sum())
    assert found["Weight of CloudSeats"]["moved_low"] == pytest.approx((ics(1000, 0.25) - here).abs().sum())
    assert found["Hedges"]["ic_quotas_high"] == pytest.approx(ics(1000, 0.5, 1.06).sum())
    assert found["Weight of CloudSeats"]["ic_quotas_high"] == pytest.approx(here.sum(), abs=0.05)


def test_a_case_that_cannot_be_computed_says_why(worked: pd.DataFrame, levels: list[str]) -> None:
    plan = cascade(worked, 1000, levels=levels, overrides={"NA": 950})
    found = by(plan_ahead(plan, worked, start="2027-01-01").sensitivity, "driver")
    assert np.isnan(found["Target"]["ic_quotas_low"])
    assert "above its base pool of 900" in found["Target"]["remark"]
