"""Phases: both margins exact, whatever the org, the hedges and the shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import cascade
from revops_xl.engine.planning.phasing import phase
from revops_xl.model.money import Unit
from tests.engine.test_properties import frame
from tests.strategies import RandomOrg, orgs


@given(
    org=orgs(),
    target=st.integers(1, 10**9),
    hedge=st.sampled_from([1.0, 1.03, 1.25]),
    unit=st.sampled_from([0.01, 1.0, 250.0]),
    weights=st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=12).filter(lambda w: sum(w) > 0),
)
def test_rows_and_columns_add_up_to_the_unit(
    org: RandomOrg, target: int, hedge: float, unit: float, weights: list[float]
) -> None:
    plan = cascade(frame(org), round(target * unit, 2), levels=org.levels, hedge=hedge, unit=unit).plan
    tree, step = plan.inputs.tree, Unit.of(unit)
    shares = np.array(weights) / sum(weights)
    phased = np.rint(step.in_units(phase(tree, plan.quota, shares, step)))
    quota = np.rint(step.in_units(plan.quota))
    assert (phased >= 0).all()
    assert (phased.sum(axis=1) == quota).all()
    # the ICs of every node together, period by period: the columns of a team are those of its ICs, up to the top
    below = np.array([tree.roll_up(np.where(tree.is_ic, column, 0.0)) for column in phased.T]).T
    carried = below.sum(axis=1)
    same = carried == quota
    assert (phased[same] == below[same]).all()
    # the top's ICs are split by the shares alone, as if they were one
    total = carried[0]
    ends = [np.floor(total * reached + 0.5) for reached in np.cumsum(shares)[:-1]]
    assert np.abs(np.cumsum(below[0])[:-1] - ends).max(initial=0) <= 1
    # nobody is far from the exact part
    assert np.abs(phased - quota[:, None] * shares).max() <= 3 + tree.depths


def test_by_hand() -> None:
    """100.00 and 50.01 over thirds: columns 50.00, 50.01, 50.00 and rows as they are."""
    team = pd.DataFrame({"Company": ["A", "A"], "IC": ["Ann", "Bob"], "Q1_Attainment": [100.0, 50.01]})
    plan = cascade(team, 150.01, levels=["Company", "IC"]).plan
    assert plan.quota.tolist() == [150.01, 100.0, 50.01]
    phased = phase(plan.inputs.tree, plan.quota, np.ones(3) / 3, Unit.of(0.01))
    assert phased[0].round(2).tolist() == [50.0, 50.01, 50.0]
    assert phased[1].round(2).tolist() == [33.33, 33.34, 33.33]
    assert phased[2].round(2).tolist() == [16.67, 16.67, 16.67]


def test_a_large_flat_team_is_phased_in_seconds() -> None:
    count = 20_000
    team = pd.DataFrame(
        {"Company": "A", "IC": [f"I{i}" for i in range(count)], "Q1_Attainment": np.arange(count) + 1.0}
    )
    plan = cascade(team, 1e9, levels=["Company", "IC"]).plan
    phased = phase(plan.inputs.tree, plan.quota, np.array([0.2, 0.25, 0.25, 0.3]), Unit.of(0.01))
    assert phased[1:].sum(axis=0).round(2).tolist() == phased[0].round(2).tolist() == [2e8, 2.5e8, 2.5e8, 3e8]


@pytest.mark.parametrize("unit", [None])
def test_without_rounding_every_node_is_split_by_the_shares(unit: None) -> None:
    team = pd.DataFrame({"Company": ["A", "A"], "IC": ["Ann", "Bob"], "Q1_Attainment": [1.0, 2.0]})
    plan = cascade(team, 100, levels=["Company", "IC"], unit=unit).plan
    assert phase(plan.inputs.tree, plan.quota, np.array([0.25, 0.75]), unit)[1].tolist() == pytest.approx(
        [100 / 12, 25]
    )
