"""Quota over territories: against all allocations there are, against another solver, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize

from revops_xl.engine.planning.optimum import optimise
from revops_xl.engine.planning.water_level import water_level
from revops_xl.errors import PlanError
from revops_xl.model.money import Floats, Unit
from revops_xl.model.territories import FEATURES, Alternative, OptimisedQuotas, Territories

ONE = Unit.of(1)


def places(worth: list[float], low: list[float], high: list[float], history: list[float] | None = None) -> Territories:
    count = len(worth)
    features = np.full((count, len(FEATURES)), np.nan)
    features[:, 0] = history if history is not None else 1.0
    return Territories(
        tuple(f"T{i}" for i in range(count)), features, np.full(count, np.nan), np.array(worth, float), np.ones(count),
        np.array(low, float), np.array(high, float), np.ones(count),
    )  # fmt: skip


def quota(found: OptimisedQuotas, alternative: Alternative) -> Floats:
    return next(each.quota for each in found.allocations if each.alternative is alternative)


@given(
    worth=st.lists(st.integers(0, 9), min_size=3, max_size=4),
    data=st.data(),
)
def test_against_all_allocations(worth: list[int], data: st.DataObject) -> None:
    """Small whole numbers: every way to lay the total over the territories is tried."""
    count = len(worth)
    low = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    high = [
        a + b for a, b in zip(low, data.draw(st.lists(st.integers(0, 7), min_size=count, max_size=count)), strict=True)
    ]
    total = data.draw(st.integers(1, 14))
    present = np.array(data.draw(st.lists(st.integers(0, 8), min_size=count, max_size=count)), float)
    potential = np.array(data.draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)), float)
    cap = np.floor(2 * total / count + 1e-9)
    if np.minimum(high, cap).sum() < total:  # a cap between two units does not fail by the one
        cap = np.ceil(2 * total / count - 1e-9)
    every = [
        each
        for each in itertools.product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))
        if sum(each) == total and max(each) <= cap
    ]
    given_places = places([w / 10 for w in worth], list(map(float, low)), list(map(float, high)), potential.tolist())
    if not every:
        with pytest.raises(PlanError):
            optimise(given_places, present, potential, total, ONE, 2.0)
        return
    found = optimise(given_places, present, potential, total, ONE, 2.0)
    for each in found.allocations:
        assert tuple(each.quota.astype(int)) in every
    best = max(float(np.dot(each, worth)) for each in every) / 10
    assert found.allocations[0].expected == pytest.approx(best)
    least = min(float(np.abs(np.array(each) - present).sum()) for each in every)
    assert np.abs(quota(found, Alternative.LEAST_CHANGE) - present).sum() == pytest.approx(least)
    # whole numbers cannot be more even than the exact level, and come within one of it
    fair = quota(found, Alternative.FAIREST)
    exact = water_level(potential, np.array(low, float), np.minimum(np.array(high, float), cap), total)
    assert np.abs(fair - exact).max() < 1 + 1e-6


def test_against_the_solver_of_the_source() -> None:
    """SLSQP, which the source uses, from equal quotas: HiGHS is never worse."""
    dice = np.random.default_rng(3)
    for _ in range(20):
        count = int(dice.integers(3, 12))
        worth = dice.uniform(0.1, 0.4, count)
        average = 100.0
        low, high = dice.uniform(0, 60, count), dice.uniform(120, 260, count)
        total = average * count
        found = optimise(places(worth.tolist(), low.tolist(), high.tolist()), np.full(count, average), np.ones(count), total, Unit.of(0.01), 2.0)  # fmt: skip
        theirs = minimize(
            lambda q, w=worth: -float(w @ q),
            np.full(count, average),
            method="SLSQP",
            bounds=list(zip(low, np.minimum(high, 2 * average), strict=True)),
            constraints=[{"type": "eq", "fun": lambda q, t=total: q.sum() - t}],
        )
        assert theirs.success
        assert found.allocations[0].expected >= -theirs.fun - 0.05
        assert found.allocations[0].expected == pytest.approx(-theirs.fun, rel=1e-4)


def test_most_revenue_by_hand() -> None:
    """Worth .3, .2, .1; limits 0 to 60; total 100: the best takes 60, the next 40."""
    found = optimise(places([0.3, 0.2, 0.1], [0, 0, 10], [60, 60, 60]), np.array([40.0, 30, 30]), np.array([50.0, 40, 10]), 100, ONE, 2.0)  # fmt: skip
    assert quota(found, Alternative.REVENUE).tolist() == [60, 30, 10]
    assert found.allocations[0].expected == pytest.approx(25)
    assert quota(found, Alternative.LEAST_CHANGE).tolist() == [40, 30, 30]
    assert quota(found, Alternative.FAIREST).tolist() == [50, 40, 10]
    words = {price.limit: (price.step, round(price.gain, 6), round(price.marginal, 6)) for price in found.prices}
    assert words["Max quota"] == (1, 0.1, 0.1)  # one more at .3 is taken from .2
    assert words["Min quota"] == (1, 0.1, 0.1)
    assert words["Total"] == (1, 0.2, 0.2)
    assert "Fairness cap" not in words


def test_the_fairness_cap_binds_and_has_a_price() -> None:
    found = optimise(places([0.5, 0.1, 0.1], [0, 0, 0], [np.nan] * 3), np.full(3, np.nan), np.ones(3), 300, ONE, 1.5)
    assert quota(found, Alternative.REVENUE).tolist() == [150, 75, 75]  # of equal worth, equal parts
    assert found.cap == 150
    # a cap of one more moves one unit from .1 to .5; one more of the total raises the cap by a half: too little for a unit
    assert [(price.limit, price.step, round(price.gain, 6)) for price in found.prices] == [
        ("Fairness cap", 1, 0.4),
        ("Total", 1, 0.1),
    ]
    assert [kind for kind, _ in found.left_out] == [Alternative.LEAST_CHANGE]


@pytest.mark.parametrize(
    ("low", "high", "total", "said"),
    [
        ([50, 60, 0], [99, 99, 99], 100, "Min quotas add up to 110.00, above the total of 100.00 by 10.00"),
        ([0, 0, 0], [20, 30, 40], 100, "Max quotas add up to 90.00, below the total of 100.00 by 10.00"),
        ([80, 0, 0], [99, 99, 99], 100, "above the fairness cap of 66.67 (2 × the average), by 13.33"),
        ([0, 0, 0], [10, 10, np.nan], 100, "1 of them held by the fairness cap of 66.67"),
    ],
)
def test_limits_that_clash_are_named_with_the_amount(
    low: list[float], high: list[float], total: float, said: str
) -> None:
    with pytest.raises(PlanError) as refused:
        optimise(places([0.1, 0.2, 0.3], low, high), np.ones(3), np.ones(3), total, Unit.of(0.01), 2.0)
    assert said in " | ".join(problem.message for problem in refused.value.problems)


@given(
    weight=st.lists(st.floats(0, 100), min_size=1, max_size=8),
    data=st.data(),
)
def test_the_water_level_is_the_same_everywhere_inside_the_bounds(weight: list[float], data: st.DataObject) -> None:
    size = len(weight)
    low = np.array(data.draw(st.lists(st.floats(0, 50), min_size=size, max_size=size)))
    high = low + np.array(data.draw(st.lists(st.floats(0, 50), min_size=size, max_size=size)))
    assume(high.sum() > low.sum())
    total = float(low.sum() + data.draw(st.floats(0, 1)) * (high.sum() - low.sum()))
    w = np.round(np.array(weight), 3)
    amount = water_level(w, low, high, total)
    assert amount.sum() == pytest.approx(total, abs=1e-6)
    assert (amount >= low - 1e-9).all()
    assert (amount <= high + 1e-9).all()
    inside = (w > 0) & (amount > low + 1e-6) & (amount < high - 1e-6)
    levels = amount[inside] / w[inside]
    assert levels.max(initial=0) - levels.min(initial=np.inf if not len(levels) else levels.max()) <= 1e-6 * max(
        levels.max(initial=1), 1
    )


def test_shadow_prices_are_what_solving_again_gives() -> None:
    """Random problems: every gain that is told is the difference to a problem with that limit moved."""
    dice = np.random.default_rng(8)
    told = 0
    for _ in range(40):
        count = int(dice.integers(2, 9))
        worth = np.round(dice.uniform(0.1, 0.5, count), 3)
        low, high = np.round(dice.uniform(0, 60, count)), np.round(dice.uniform(110, 260, count))
        total = 100.0 * count
        given_places = places(worth.tolist(), low.tolist(), high.tolist())
        found = optimise(given_places, np.full(count, np.nan), np.ones(count), total, ONE, 2.0)
        here = found.allocations[0].expected
        for price in found.prices:
            a, b, t, cap = low.copy(), high.copy(), total, 2.0
            if price.limit == "Min quota":
                a[price.territory] -= price.step
            elif price.limit == "Max quota":
                b[price.territory] += price.step
            elif price.limit == "Total":
                t += price.step
            else:
                cap = (2.0 * total / count + price.step) / (total / count)
            again = optimise(places(worth.tolist(), a.tolist(), b.tolist()), np.full(count, np.nan), np.ones(count), t, ONE, cap)  # fmt: skip
            assert again.allocations[0].expected - here == pytest.approx(price.gain, abs=0.011)
            assert price.gain != 0
            told += 1
    assert told > 100


@pytest.mark.parametrize(("total", "unit"), [(5e10, None), (1e12, None), (1e-6, None), (9e12, Unit.of(0.01))])
def test_totals_of_any_size_come_to_an_end(total: float, unit: Unit | None) -> None:
    found = optimise(places([0.3, 0.2, 0.1], [0, 0, 0], [np.nan] * 3), np.full(3, np.nan), np.ones(3), total, unit, 2.0)
    assert found.allocations[0].quota.sum() == pytest.approx(total, rel=1e-9)


def test_a_cap_of_the_average_is_kept_to_the_unit() -> None:
    found = optimise(
        places([0.3, 0.2, 0.1], [0, 0, 0], [np.nan] * 3), np.full(3, np.nan), np.ones(3), 1_000_000, ONE, 1.0
    )
    assert found.allocations[0].quota.sum() == 1_000_000
    assert found.allocations[0].quota.max() == 333_334
