"""Redistribution: the worked team, the peer, a linear programme, and what must hold for any plan."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from revops_xl import Cascade, PlanError, cascade, coverage, redistribute
from tests.engine.test_coverage import case_b, peer_adjuster, peer_limits
from tests.engine.test_properties import frame
from tests.strategies import RandomOrg, orgs

Limits = dict[str, tuple[float, float]]


@st.composite
def plans(draw: st.DrawFn, *, whole: bool = True) -> tuple[Cascade, RandomOrg, dict[str, float], Limits, float]:
    """A rounded plan, pipelines that are often far too small or ample, thresholds, and a cap."""
    org = draw(orgs(jagged=draw(st.booleans())))
    org.periods = [[(period or 0.0) + 5 for period in periods] for periods in org.periods]
    unit = draw(st.sampled_from([0.01, 0.05, 1.0])) if whole else None
    plan = cascade(frame(org), 5000, levels=org.levels, hedge=org.hedges, unit=unit)
    quota = dict(zip(plan.quotas["node"], plan.quotas["quota"], strict=True))
    factor = st.sampled_from([0.0, 0.2, 0.7, 0.95, 1.0, 1.5, 2.0, 2.2, 3.0, 9.0]) | st.floats(0, 5)
    pipeline = {ic: round(quota[ic] * draw(factor), 2) for ic in org.ics}
    at_risk = draw(st.sampled_from([0.4, 0.8, 1.0, 1.3]))
    limits = {"(default)": (at_risk + draw(st.sampled_from([0.0, 0.5, 1.0])), at_risk)}
    cap = draw(st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]))
    return plan, org, pipeline, limits, cap


def teams(moved: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(manager): group for manager, group in moved.groupby("manager")}


def cents(amounts: Any) -> int:
    """An exact sum: binary noise would hide a lost cent."""
    return int(sum(Fraction(str(round(float(amount), 2))) for amount in amounts) * 100)


def test_worked_team(worked: pd.DataFrame) -> None:
    """Dir_1 of case B at thresholds 0.85 / 0.5: Ann is healthy, Bob and Cy are donors, Ann's cap binds."""
    moved = redistribute(case_b(worked), worked[["IC", "Pipeline"]], {"(default)": (0.85, 0.5)}).set_index("node")
    bob_could, cy_could = 99.225 * (0.5 - 40 / 99.225) / 0.5, 132.3 * 0.2
    ann_takes = 165.375 * 0.2
    assert ann_takes < bob_could + cy_could
    assert moved.loc["Ann", "change"] == pytest.approx(ann_takes)
    assert moved.loc["Bob", "change"] == pytest.approx(-ann_takes * bob_could / (bob_could + cy_could))
    assert moved.loc["Cy", "change"] == pytest.approx(-ann_takes * cy_could / (bob_could + cy_could))
    assert moved.loc["Fay", "why"] == "healthy, but nobody in the team gives quota"
    assert moved.loc["Dee", "role"] == "unchanged"


@given(plans())
def test_what_must_hold(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float]) -> None:
    """Team totals exact on both layers, nobody beyond the cap, donors only give, receivers only take."""
    plan, _, pipeline, limits, cap = case
    moved = redistribute(plan, pipeline, limits, cap)
    for team in teams(moved).values():
        assert cents(team["quota"]) == cents(team["adjusted_quota"])
        assert cents(team["base_quota"]) == cents(team["adjusted_base_quota"])
    change = moved["adjusted_quota"] - moved["quota"]
    assert (change.abs() <= moved["quota"] * cap + 1e-9).all()
    assert (change[moved["role"] == "donor"] <= 1e-9).all()
    assert (change[moved["role"] == "receiver"] >= -1e-9).all()
    assert (change[moved["role"] == "unchanged"] == 0).all()
    assert (moved["adjusted_quota"] >= 0).all()
    assert (moved["adjusted_base_quota"] >= 0).all()
    unit = float(plan.plan.inputs.unit.size) if plan.plan.inputs.unit is not None else 0
    assert np.allclose((moved["adjusted_quota"] / unit).round(), moved["adjusted_quota"] / unit, atol=1e-6)


@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(
    case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float], dice: Any
) -> None:
    plan, org, pipeline, limits, cap = case
    table = frame(org)
    order = list(range(len(table)))
    dice.shuffle(order)
    unit = plan.plan.inputs.unit
    shuffled = cascade(
        table.iloc[order],
        5000,
        levels=org.levels,
        hedge=org.hedges,
        unit=float(unit.size) if unit is not None else None,
    )
    mixed = {ic: pipeline[ic] for ic in (org.ics[i] for i in order)}
    pd.testing.assert_frame_equal(
        redistribute(plan, pipeline, limits, cap), redistribute(shuffled, mixed, limits, cap), check_exact=True
    )


def plain_loop(
    quota: dict[str, float], pipeline: dict[str, float], healthy: float, at_risk: float, cap: float
) -> dict[str, float]:
    """One team by the rule as it is written: fill the receivers round by round until nothing is left."""
    cover = {ic: pipeline[ic] / amount for ic, amount in quota.items() if amount > 0}
    gives = {ic: quota[ic] * min(cap, (at_risk - c) / at_risk) for ic, c in cover.items() if round(c, 12) < at_risk}
    wish = {ic: (c - healthy) / c for ic, c in cover.items() if c > healthy and (c - healthy) / c > 1e-12}
    room = {ic: quota[ic] * cap for ic in wish}
    change = dict.fromkeys(quota, 0.0)
    left = min(sum(gives.values()), sum(room.values()))
    scale = left / sum(gives.values()) if left > 0 else 0.0
    for ic, amount in gives.items():
        change[ic] = -amount * scale
    hungry = set(wish)
    while left > 1e-12 and hungry:
        total = sum(wish[ic] for ic in hungry)
        part = {ic: left * wish[ic] / total for ic in hungry}
        full = {ic for ic in hungry if part[ic] >= room[ic] - change[ic]}
        for ic in full or hungry:
            step = min(part[ic], room[ic] - change[ic])
            change[ic] += step
            left -= step
        hungry -= full or hungry
    return change


@given(plans(whole=False))
def test_matches_a_plain_loop(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float]) -> None:
    plan, _, pipeline, limits, cap = case
    for team in teams(redistribute(plan, pipeline, limits, cap)).values():
        quota = dict(zip(team["node"], team["quota"], strict=True))
        expected = plain_loop(quota, pipeline, *limits["(default)"], cap)
        found = dict(zip(team["node"], team["change"], strict=True))
        assert found == pytest.approx(expected, abs=1e-7, rel=1e-7)


@given(plans(whole=False))
def test_agrees_with_b2b_revenue_forecasting(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float]) -> None:
    """Where no receiver reaches its cap; the peer loses what a capped one cannot take."""
    plan, org, pipeline, limits, cap = case
    moved = redistribute(plan, pipeline, limits, cap).set_index("node")
    beside_teams = {str(row[-1]) for row in org.rows} - {ic for ic in org.ics if _all_ics(org, ic)}
    receivers = moved[moved["role"] == "receiver"]
    capped = set(receivers[receivers["change"] >= receivers["quota"] * cap * (1 - 1e-9)]["manager"])
    theirs = peer_adjuster(org, plan, pipeline).adjust("redistribute", peer_limits(limits), cap)
    for ic in org.ics:
        if ic not in beside_teams and moved.loc[ic, "manager"] not in capped:
            assert moved.loc[ic, "adjusted_quota"] == pytest.approx(theirs[ic], rel=1e-9, abs=1e-7)


def _all_ics(org: RandomOrg, ic: str) -> bool:
    """Whether an IC has only ICs beside it: the peer looks at such teams alone."""
    above = {str(row[-1]): [name for name in row[:-1] if name] for row in org.rows}
    manager, length = above[ic][-1], len(above[ic])
    return all(len(path) == length for path in above.values() if manager in path)


@given(plans())
def test_a_linear_programme_moves_no_more(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float]) -> None:
    """The most that can move in a team under the rules' limits, in whole units, by an independent solver."""
    plan, _, pipeline, limits, cap = case
    unit = plan.plan.inputs.unit
    assert unit is not None
    size, (healthy, at_risk) = float(unit.size), limits["(default)"]
    for team in teams(redistribute(plan, pipeline, limits, cap)).values():
        bounds = []
        for ic, quota in zip(team["node"], team["quota"], strict=True):
            cover = pipeline[ic] / quota if quota > 0 else math.nan
            low = high = 0.0
            if quota > 0 and round(cover, 12) < at_risk:
                low = -math.floor(round(quota * min(cap, (at_risk - cover) / at_risk) / size, 6))
            elif quota > 0 and cover > healthy and (cover - healthy) / cover > 1e-12:
                high = math.floor(round(quota * cap / size, 6))
            bounds.append((low, high))
        gains = [-1.0 if high > 0 else 0.0 for _, high in bounds]
        best = linprog(gains, A_eq=[[1.0] * len(bounds)], b_eq=[0.0], bounds=bounds)
        assert best.status == 0
        ours = team["change"][team["change"] > 0].sum() / size
        assert ours >= -best.fun - 1e-6
        for (low, high), change in zip(bounds, team["change"], strict=True):
            assert low - 1e-6 <= change / size <= high + 1e-6


@given(plans(), st.data())
def test_locked_ics_stay(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float], data: st.DataObject) -> None:
    plan, org, pipeline, limits, cap = case
    locked = data.draw(st.lists(st.sampled_from(org.ics), unique=True, max_size=4))
    moved = redistribute(plan, pipeline, limits, cap, locked).set_index("node")
    assert (moved.loc[locked, "change"] == 0).all()
    assert (moved.loc[locked, "role"] == "locked").all()
    for team in teams(moved.reset_index()).values():
        assert cents(team["quota"]) == cents(team["adjusted_quota"])


@given(plans())
def test_a_team_depends_on_nobody_else(case: tuple[Cascade, RandomOrg, dict[str, float], Limits, float]) -> None:
    """Other pipelines in the other teams change nothing, not even a cent."""
    plan, _, pipeline, limits, cap = case
    before = redistribute(plan, pipeline, limits, cap)
    assume(before["manager"].nunique() > 1)
    first = before["manager"][0]
    mine = set(before[before["manager"] == first]["node"])
    other = {ic: amount if ic in mine else amount * 3 + 1 for ic, amount in pipeline.items()}
    after = redistribute(plan, other, limits, cap)
    pd.testing.assert_frame_equal(
        before[before["manager"] == first], after[after["manager"] == first], check_exact=True
    )


def one_team(pipeline: dict[str, float | None], limits: Limits | None = None, **arguments: Any) -> pd.DataFrame:
    quotas = {"a": 300.0, "b": 200.0, "c": 100.0, "d": 100.0}
    team = pd.DataFrame({"Company": ["Acme"] * 4, "IC": list(quotas), "Q1_Attainment": list(quotas.values())})
    plan = cascade(team, 700, levels=["Company", "IC"])
    return redistribute(plan, pipeline, limits, **arguments).set_index("node")  # type: ignore[arg-type]


def test_what_a_capped_receiver_cannot_take_goes_to_the_others() -> None:
    """c wants most but may take 20 only; the peer would lose the rest, here b takes it."""
    moved = one_team({"a": 150, "b": 500, "c": 1000, "d": 150})
    wishes = {"b": (2.5 - 2) / 2.5, "c": (10 - 2) / 10}
    assert 60 * wishes["c"] / sum(wishes.values()) > 20
    assert moved["change"].to_dict() == {"a": -60, "b": 40, "c": 20, "d": 0}
    assert moved["why"].to_dict() == {
        "a": "gives the most allowed", "b": "takes the most allowed", "c": "takes the most allowed", "d": "between the thresholds",
    }  # fmt: skip


def test_reasons() -> None:
    moved = one_team({"a": 280, "b": 400, "c": None, "d": 500}, locked=["d"])
    assert moved["why"].to_dict() == {
        "a": "below at risk, but nobody in the team can take quota",
        "b": "exactly healthy: can take nothing",
        "c": "no pipeline known",
        "d": "locked",
    }
    moved = one_team({"a": 0, "b": 190, "c": 1000, "d": 150}, max_change=1)
    assert moved["change"].tolist() == [-96.77, -3.23, 100.0, 0.0]
    assert moved["why"]["a"] == "gives less: the team can take no more"


def test_everything_may_be_given_away() -> None:
    """With a cap of 100 % and no pipeline an IC gives its whole quota; the base layer keeps its total too."""
    moved = one_team({"a": 0, "b": 5000, "c": 5000, "d": 5000}, max_change=1)
    assert moved.loc["a", "adjusted_quota"] == 0
    assert moved.loc["a", "adjusted_base_quota"] == 0
    assert moved["adjusted_quota"].sum() == pytest.approx(700)


def test_coverage_moves_towards_the_thresholds() -> None:
    """Donors gain coverage, receivers lose it."""
    moved = one_team({"a": 150, "b": 500, "c": 1000, "d": 150})
    better = moved["coverage_after"] - moved["coverage_before"]
    assert better["a"] > 0
    assert (better[["b", "c"]] < 0).all()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"max_change": 1.2}, "max_change: 1.2 where a number of 0 or more and up to 1 is needed"),
        ({"max_change": -0.1}, "max_change"),
        ({"max_change": math.nan}, "max_change"),
        ({"max_change": "20%"}, "max_change"),
        ({"locked": ["nobody"]}, 'locked: no node is called "nobody"'),
        ({"locked": "a"}, "locked: a list of nodes is needed"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(PlanError) as refused:
        one_team({"a": 1}, **arguments)
    assert expected in str(refused.value)


def test_two_teams_keep_to_themselves() -> None:
    """Ample pipeline in one team does not help another."""
    table = pd.DataFrame(
        {"Company": ["Acme"] * 4, "Team": ["A", "A", "B", "B"], "IC": ["a", "b", "c", "d"], "Q1_Attainment": [1.0] * 4}
    )
    plan = cascade(table, 400, levels=["Company", "Team", "IC"], hedge=1.1)
    moved = redistribute(plan, {"a": 1, "b": 1, "c": 9999, "d": 9999})
    assert (moved["change"] == 0).all()
    by_team = defaultdict(set)
    for manager, why in zip(moved["manager"], moved["why"], strict=True):
        by_team[manager].add(why)
    assert by_team == {
        "A": {"below at risk, but nobody in the team can take quota"},
        "B": {"healthy, but nobody in the team gives quota"},
    }
    assert coverage(plan, {"a": 1, "b": 1, "c": 9999, "d": 9999})["status"][0] == "Healthy"


def test_a_limit_that_is_a_whole_number_of_cents_is_not_missed_by_one() -> None:
    """27.31 − 25.94 is 1.37; as a quotient of the quota it comes out a hair below."""
    quotas = {"a": 27.31, "b": 500.0}
    team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": list(quotas), "Q1_Attainment": list(quotas.values())})
    plan = cascade(team, 527.31, levels=["Company", "IC"])
    moved = redistribute(plan, {"a": 25.94, "b": 5000}, {"(default)": (1, 1)}).set_index("node")
    assert moved["quota"].to_dict() == quotas
    assert moved.loc["a", "change"] == -1.37
