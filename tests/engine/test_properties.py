"""What must hold for every org."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import Metric, PlanError, cascade
from revops_xl.frames.quotas import Cascade
from tests.oracles import Org, capacity
from tests.oracles import cascade as oracle
from tests.strategies import RandomOrg, orgs

BLEND = [Metric("Attainment"), Metric("Seats", direction="inverse", weight=0.3, columns=("Seats",), impute_zeros=False)]
ORACLE_BLEND = [
    {"name": "Attainment", "direction": "proportional", "weight": 1.0},
    {"name": "Seats", "direction": "inverse", "weight": 0.3},
]


def frame(org: RandomOrg, order: list[int] | None = None) -> pd.DataFrame:
    data = pd.DataFrame(org.rows, columns=org.levels)
    for i in range(3):
        data[f"Q{i}_Attainment"] = [periods[i] for periods in org.periods]
        data[f"Q{i}_Attainment"] = data[f"Q{i}_Attainment"].astype(float)
    data["Seats"] = org.seats
    return data.iloc[order] if order is not None else data


def by_node(plan: Cascade, column: str = "quota") -> dict[str, float]:
    table = plan.quotas
    return dict(zip(table["node"], table[column], strict=True))


def check_sums(plan: Cascade, unit: float) -> None:
    """Children add up to the pool on both layers, in whole units."""
    tree = plan.plan.inputs.tree
    for layer, hedge in ((plan.plan.base, np.ones(len(tree))), (plan.plan.quota, plan.plan.inputs.hedges.factor)):
        units = [round(value / unit) for value in layer.tolist()]
        assert np.allclose(np.array(units) * unit, layer, atol=1e-6)
        for manager in tree.managers.tolist():
            pool = units[manager] * float(hedge[manager])
            assert abs(sum(units[child] for child in tree.children(manager)) - pool) <= 0.5 + 1e-6


@given(orgs(), st.integers(100, 10_000_000), st.sampled_from([0.01, 1.0, 0.05, 5.0]))
def test_children_add_up_to_their_pool(org: RandomOrg, units: int, unit: float) -> None:
    plan = cascade(frame(org), round(units * unit, 2), levels=org.levels, metrics=BLEND, hedge=org.hedges, unit=unit)
    check_sums(plan, unit)
    tree = plan.plan.inputs.tree
    assert round(plan.plan.base[tree.is_ic].sum() / unit) == units


@given(orgs(negative=True), st.integers(1_000, 10_000_000))
def test_matches_the_plain_loop(org: RandomOrg, target: int) -> None:
    plan = cascade(frame(org), target, levels=org.levels, metrics=BLEND, hedge=org.hedges, unit=None)
    tree = Org.of_rows(org.rows)
    values = {
        "Attainment": {ic: capacity(periods) for ic, periods in zip(org.ics, org.periods, strict=True)},
        "Seats": dict(zip(org.ics, org.seats, strict=True)),
    }
    for column, hedged in (("quota", True), ("base_quota", False)):
        expected = oracle(tree, float(target), values, ORACLE_BLEND, org.hedges, hedged=hedged)
        assert by_node(plan, column) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(orgs(), st.data())
def test_overrides_and_gates_match_the_plain_loop(org: RandomOrg, data: st.DataObject) -> None:
    basis = data.draw(st.sampled_from(["base", "hedged"]))
    nodes = sorted({name for row in org.rows for name in row if name} - {"root"})
    chosen = data.draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True))
    fixed = {name: float(data.draw(st.integers(0, 400))) for name in chosen}
    carrying = [data.draw(st.booleans()) for _ in org.rows]
    table = frame(org).assign(Carrying=carrying)
    gate = Metric("Carrying", use="gate", gate="true", columns=("Carrying",))
    values = {
        "Attainment": {ic: capacity(periods) for ic, periods in zip(org.ics, org.periods, strict=True)},
        "Seats": dict(zip(org.ics, org.seats, strict=True)),
    }
    gated = frozenset(ic for ic, flag in zip(org.ics, carrying, strict=True) if not flag)
    arguments: dict[str, Any] = {"overrides": fixed, "override_basis": basis, "metrics": [*BLEND, gate]}
    try:
        exact = cascade(table, 100_000, levels=org.levels, hedge=org.hedges, unit=None, **arguments)
        rounded = cascade(table, 100_000, levels=org.levels, hedge=org.hedges, **arguments)
    except PlanError:
        assert fixed, "only overrides can make a plan impossible"
        return
    expected = oracle(
        Org.of_rows(org.rows), 100_000.0, values, ORACLE_BLEND, org.hedges, fixed, gated, hedged=True, basis=basis
    )
    assert by_node(exact) == pytest.approx(expected, rel=1e-9, abs=1e-6)
    check_sums(rounded, 0.01)
    column = "base_quota" if basis == "base" else "quota"
    assert all(by_node(rounded, column)[name] == amount for name, amount in fixed.items())


@given(orgs(), st.integers(100, 1_000_000), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(org: RandomOrg, cents: int, dice: random.Random) -> None:
    order = list(range(len(org.rows)))
    dice.shuffle(order)
    one = cascade(frame(org), cents / 100, levels=org.levels, hedge=org.hedges)
    two = cascade(frame(org, order), cents / 100, levels=org.levels, hedge=org.hedges)
    pd.testing.assert_frame_equal(one.quotas, two.quotas)


@given(orgs(), st.integers(1, 100_000))
def test_ten_times_the_target_is_ten_times_each_quota(org: RandomOrg, target: int) -> None:
    one = cascade(frame(org), target, levels=org.levels, hedge=org.hedges, unit=None)
    ten = cascade(frame(org), 10 * target, levels=org.levels, hedge=org.hedges, unit=None)
    assert (one.plan.quota * 10).tolist() == pytest.approx(ten.plan.quota.tolist())


@given(orgs())
def test_names_do_not_matter_but_for_their_order(org: RandomOrg) -> None:
    renamed = RandomOrg(
        org.levels, [[name and f"x{name}" for name in row] for row in org.rows], org.periods, org.seats, {}
    )
    one = cascade(frame(org), 12_345.67, levels=org.levels)
    two = cascade(frame(renamed), 12_345.67, levels=org.levels)
    assert one.plan.quota.tolist() == two.plan.quota.tolist()


@given(orgs())
def test_a_metric_of_weight_zero_changes_nothing(org: RandomOrg) -> None:
    one = cascade(frame(org), 5_000, levels=org.levels, metrics=[Metric("Attainment")])
    more = [Metric("Attainment"), Metric("Seats", weight=0, columns=("Seats",))]
    two = cascade(frame(org), 5_000, levels=org.levels, metrics=more)
    assert one.plan.quota.tolist() == two.plan.quota.tolist()


@given(orgs(), st.integers(1_000, 10_000_000))
def test_every_node_is_within_a_unit_per_level_of_its_exact_share(org: RandomOrg, cents: int) -> None:
    plan = cascade(frame(org), cents / 100, levels=org.levels, hedge=org.hedges).plan
    depth = plan.inputs.tree.depth
    slack = 0.01 * (depth * max([1.0, *org.hedges.values()]) ** depth + 1e-3)
    assert (np.abs(plan.base - plan.exact_base) <= slack).all()
    assert (np.abs(plan.quota - plan.exact_quota) <= slack).all()


def test_two_hundred_levels() -> None:
    levels = [f"L{i:03d}" for i in range(200)]
    rows = [[*(f"{level}_x" for level in levels[:-1]), f"ic{k}"] for k in range(3)]
    table = pd.DataFrame(rows, columns=levels).assign(Q1_Attainment=[1.0, 2.0, 4.0])
    plan = cascade(table, 1_000_000, levels=levels, hedge=1.001)
    check_sums(plan, 0.01)
    assert plan.quotas["depth"].max() == 199


def test_fifty_thousand_children_of_one_node() -> None:
    n = 50_000
    table = pd.DataFrame(
        {"Top": ["Top"] * n, "IC": [f"ic{i:05d}" for i in range(n)], "Q1_Attainment": np.arange(n) + 1.0}
    )
    plan = cascade(table, 1_000_000_000, levels=["Top", "IC"], hedge=1.05)
    assert round(plan.plan.base[1:].sum() * 100) == 100_000_000_000
    assert round(plan.plan.quota[1:].sum() * 100) == 105_000_000_000
    assert (np.diff(plan.plan.exact_base[1:]) > 0).all()
    huge = cascade(table, 9_999_999_999_999.99, levels=["Top", "IC"]).plan
    assert (np.abs(huge.base - huge.exact_base) < 0.011).all()
