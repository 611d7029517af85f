"""One chance, one verdict: whatever the plan, no two sentences of the product contradict each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from revops_xl import cascade, plan_ahead, run
from revops_xl.errors import PlanError
from revops_xl.frames.planning import Planning
from revops_xl.model.attainability import RISKS, risk_of
from revops_xl.model.commits import Bias
from revops_xl.model.forecast import RiskFlag
from revops_xl.model.pipeline import Status
from revops_xl.model.verdicts import LEVELS, RUN_AGAIN, ChanceLimits, ChanceVerdict, Health, Level, level_of, verdict_of
from revops_xl.tables.schema.check import STATUSES
from tests.plans import small_sample
from tests.programs import recalculate
from tests.test_forecast import WHEN, rows

ORDER = (Level.FINE, Level.WATCH, Level.ACT)
LEVEL_NAMES = ["Company", "Region", "Team", "IC"]
LOWER = ("Target", "Team", "Quota")


def test_every_word_has_a_level_and_scales_are_monotone() -> None:
    for word in (*STATUSES, *Status, *ChanceVerdict, *Health, *Bias, *RiskFlag, *RISKS):
        assert str(word) in LEVELS or str(word) == "no quota"
        assert level_of(str(word)) in Level
    scales: list[list[Any]] = [
        [Status.HEALTHY, Status.MODERATE, Status.AT_RISK, Status.CRITICAL],
        [ChanceVerdict.BACKED, ChanceVerdict.AMBITIOUS, ChanceVerdict.STRETCH, ChanceVerdict.NOT_BACKED],
        [RiskFlag.NONE, RiskFlag.MEDIUM, RiskFlag.HIGH],
        [str(risk_of(each)) for each in (0.9, 0.8, 0.6, 0.3)],
        ["OK", "Warning", "Alarm"],
    ]
    for scale in scales:
        places = [ORDER.index(level_of(word)) for word in scale]
        assert places == sorted(places)
        assert places[0] == 0


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_verdicts_are_monotone_in_the_chance(limits: list[float], chances: list[float]) -> None:
    rules = ChanceLimits(*sorted(limits, reverse=True))
    words = list(ChanceVerdict)
    said = [words.index(verdict_of(chance, rules)) for chance in sorted(chances, reverse=True)]
    assert said == sorted(said)
    # what is shown decides: two chances that look alike are called alike
    assert all(verdict_of(chance, rules) == verdict_of(round(chance, 2), rules) for chance in chances)


def company(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Regions, teams and reps of all sizes, some new, and bookings of three years that are theirs or another company's."""
    dice = np.random.default_rng(seed)
    rows = [
        {"Company": "A", "Region": f"R{r}", "Team": f"R{r}T{t}", "IC": f"R{r}T{t}I{i}"}
        for r in range(dice.integers(1, 4))
        for t in range(dice.integers(1, 4))
        for i in range(dice.integers(1, 6))
    ]
    data = pd.DataFrame(rows)
    level = np.exp(dice.normal(4, 0.6, len(data)))
    for q in range(8):
        sold = level * np.maximum(dice.normal(1, 0.25, len(data)), 0.02)
        data[f"{2025 + q // 4}-Q{q % 4 + 1}_Attainment"] = np.where(dice.random(len(data)) < 0.05, np.nan, sold)
    new = dice.random(len(data)) < 0.15
    data.loc[new, data.columns[4:]] = np.nan
    if data.filter(like="Attainment").isna().all(axis=None):
        data.loc[0, data.columns[4:]] = level[0]
    data["OTE"] = np.where(dice.random(len(data)) < 0.8, level * dice.uniform(0.3, 2, len(data)), np.nan)
    year = float(data.filter(like="Attainment").sum().sum() / 2)
    booked = year / 4 * dice.choice([1.0, 1.02, 1.4]) * np.exp(dice.normal(0, 0.05, 12))
    names = [f"{y}-Q{q}" for y in (2024, 2025, 2026) for q in (1, 2, 3, 4)]
    return data, pd.DataFrame({"period": names, "bookings": np.round(booked, 2)}), year


def planned(seed: int) -> tuple[Planning, ChanceLimits]:
    dice = np.random.default_rng(seed + 10_000)
    data, bookings, year = company(seed)
    target = round(year * dice.uniform(0.6, 1.6), 2)
    fixed = {}
    if dice.random() < 0.4:
        fixed = {
            str(data["IC"].iloc[int(dice.integers(len(data)))]): round(target / len(data) * dice.uniform(0.2, 0.9), 2)
        }
    hedge = float(dice.choice([1.0, 1.1]))
    try:
        plan = cascade(data, target, levels=LEVEL_NAMES, hedge=hedge, overrides=fixed)
    except PlanError:  # the override does not fit
        plan = cascade(data, target, levels=LEVEL_NAMES, hedge=hedge)
    limits = [(0.8, 0.5, 0.2), (0.9, 0.6, 0.4)][int(dice.integers(2))]
    found = plan_ahead(
        plan, data, start="2027-01-01", bookings=bookings if dice.random() < 0.6 else None, verdicts=limits
    )
    return found, ChanceLimits(*limits)


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_no_two_verdicts_contradict(seed: int) -> None:
    found, limits = planned(seed)
    nodes = found.attainability
    for row in nodes.to_dict("records"):
        expected = verdict_of(float(row["chance"]), limits) if row["quota"] > 0 else ChanceVerdict.NO_QUOTA
        assert row["verdict"] == expected
    top = nodes.iloc[0]
    said = found.health.set_index("measure")
    if not np.isnan(top["chance"]):
        assert said.loc["Chance of the target", "figure"] == pytest.approx(top["chance"], abs=1e-6)
        assert said.loc["Chance of the target", "health"] == top["verdict"]
    spoken = found.target_range
    if spoken is not None and len(spoken):
        assert spoken.iloc[0]["chance"] == pytest.approx(top["chance"], abs=1e-9)
        assert spoken.iloc[0]["verdict"] == top["verdict"]
    by_name = nodes.drop_duplicates("node").set_index("node")
    advice = found.recommendations
    assert advice["advised_node"][1:].is_unique or (advice["advised_node"] == "A").sum() > 1
    for row in advice.to_dict("records"):
        verdict, text = by_name.loc[row["advised_node"], "verdict"], row["recommendation"]
        if row["about"] in LOWER and "less would" in text:
            assert level_of(verdict) in {Level.WATCH, Level.ACT}
        if "There is room" in text:
            assert verdict == ChanceVerdict.BACKED
        stated = re.search(r"a chance of (\d+)% \(([a-z ]+)\)", text)
        if stated:
            assert stated[2] == verdict
            assert int(stated[1]) == round(100 * by_name.loc[row["advised_node"], "chance"])
        moved = re.match(rf"Chance of {row['advised_node']} (\d+)% → (\d+)%", str(row["what_it_changes"]))
        if moved and row["about"] in {"Team", "Quota"}:
            assert int(moved[2]) > int(moved[1])


@pytest.mark.parametrize("target", [60e6, 72e6, 95e6])
def test_the_same_question_has_one_answer_on_every_sheet_in_text_and_in_json(tmp_path: Path, target: float) -> None:
    path = small_sample(tmp_path / "plan.xlsx", settings={"Target": target})
    outcome = run(path, now=WHEN)
    figures = outcome.summary["planning"]
    top = next(row for row in rows(path, "Attainability", "Attainability") if row["Depth"] == 0)
    health = {row["Measure"]: row for row in rows(path, "Plan health", "PlanHealth")}["Chance of the target"]
    spoken = rows(path, "Baseline", "TargetRange")[0]
    assert figures["chance"] == pytest.approx(top["Chance"], abs=1e-4)
    assert health["Figure"] == pytest.approx(top["Chance"], abs=1e-6)
    assert spoken["Chance"] == pytest.approx(top["Chance"], abs=1e-12)
    assert figures["verdict"] == top["Verdict"] == health["Health"] == spoken["Verdict"]
    assert f"Chance of the target {top['Chance']:.0%}: {top['Verdict']}." in outcome.lines
    said = rows(path, "Summary", "PlanStatus")[0]["In a sentence"]
    words = {
        Level.FINE: ("is within reach", "is below what", "is far below what"),
        Level.WATCH: ("is a stretch",),
        Level.ACT: ("is out of reach",),
    }
    assert any(word in said for word in words[level_of(top["Verdict"])])
    assert f"{top['Chance']:.0%} likely" in said or f"a {top['Chance']:.0%} chance" in said
    if target == 72e6:
        changed_target_is_not_judged_by_the_old_chance(path, tmp_path)
    warned = [row["Check"] for row in rows(path, "Checks", "Checks") if row["Check"].startswith("The target is ")]
    assert bool(warned) == (level_of(top["Verdict"]) in {Level.WATCH, Level.ACT})


def changed_target_is_not_judged_by_the_old_chance(path: Path, folder: Path) -> None:
    """In the open workbook the target is doubled: neither sheet calls it by the chance of the old one; nodes follow."""
    book: Any = load_workbook(path)
    cell = next(row[1] for row in book["Settings"].iter_rows(min_row=5) if row[0].value == "Target")
    cell.value = 144e6
    edited = folder / "doubled.xlsx"
    book.save(edited)
    again = recalculate([edited], folder / "again")[0]
    top, *below = rows(again, "Attainability", "Attainability")
    assert top["Quota"] == pytest.approx(144e6)
    assert top["Verdict"] == RUN_AGAIN == rows(again, "Baseline", "TargetRange")[0]["Verdict"]
    chances = [row["Chance"] for row in below if isinstance(row["Chance"], int | float)]
    before = [
        row["Chance"]
        for row in rows(path, "Attainability", "Attainability")[1:]
        if isinstance(row["Chance"], int | float)
    ]
    assert sum(chances) < 0.5 * sum(before)
    for row in below:
        if isinstance(row["Chance"], int | float):
            assert row["Verdict"] == verdict_of(row["Chance"])
