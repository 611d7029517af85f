"""What past deals suggest for cohorts, against companies whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from revops_xl.engine.forecast.cohorts import estimate_cohorts
from revops_xl.frames.forecast import _with_cohorts
from revops_xl.model.codes import Coded
from revops_xl.model.revenue import CohortEstimates
from tests.simulated_pipelines import SHAPES, pipeline

FIRST = pd.Timestamp("1970-01-01")


def estimates(deals: pd.DataFrame, as_of: pd.Timestamp, cohort: list[str]) -> CohortEstimates:
    found = estimate_cohorts(_with_cohorts(deals, None, None)[0], Coded.of(cohort), float((as_of - FIRST).days), np.inf)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["losses swept late", "closed by a rule", "wins and losses alike"])
def test_conversion_is_that_of_all_new_deals(name: str) -> None:
    """Young deals are not failed, and where losses come late they are not all won either."""
    said, true = [], []
    for seed in (3, 4, 5):
        made = pipeline(SHAPES[name], seed)
        said.append(estimates(made.deals, made.as_of, ["all"] * len(made.deals)).conversion[0])
        closed = (made.deals["Status"] == "Won").sum()
        true.append((closed + made.chance.sum()) / len(made.deals))
    assert np.mean(said) == pytest.approx(np.mean(true), rel=0.1)


def test_a_young_cohort_is_not_a_failed_one() -> None:
    """Deals of a segment that began four months ago, most still open, convert as the others do."""
    made = pipeline(SHAPES["long cycles"], 6)
    young = made.deals["Created"] > made.as_of - pd.Timedelta(days=120)
    found = estimates(made.deals, made.as_of, np.where(young, "new", "old").tolist())
    by_name = dict(zip(found.names, found.conversion.tolist(), strict=True))
    assert by_name["new"] == pytest.approx(by_name["old"], rel=0.35)
    closed = made.deals[young & (made.deals["Status"] != "Open")]
    plain = (closed["Status"] == "Won").sum() / young.sum()
    assert plain < 0.5 * by_name["new"]  # what counting open deals as failed would say


def test_a_dead_beginning_does_not_set_the_future() -> None:
    """Two years of imported deals without a recorded win, then the company as it is."""
    made = pipeline(SHAPES["wins and losses alike"], 7)
    dead = made.deals.copy()
    early = dead["Created"] < dead["Created"].min() + pd.Timedelta(days=400)
    dead = dead[~early | (dead["Status"] != "Won")]
    cohort = ["all"] * len(dead)
    said = estimates(dead, made.as_of, cohort).conversion[0]
    later = made.deals[~early.to_numpy()]
    true = ((later["Status"] == "Won").sum() + made.chance.sum()) / len(later)
    assert said == pytest.approx(true, rel=0.15)


def test_few_wins_are_weighed_against_the_others() -> None:
    made = pipeline(SHAPES["wins and losses alike"], 8)
    cohort = np.array(["many"] * len(made.deals), dtype=object)
    few = np.flatnonzero(made.deals["Status"] == "Lost")[:20]
    cohort[few] = "few"
    found = estimates(made.deals, made.as_of, cohort.tolist())
    by_name = dict(zip(found.names, zip(found.conversion.tolist(), found.wins.tolist(), strict=True), strict=True))
    assert by_name["few"][1] == 0
    assert 0.2 * by_name["many"][0] < by_name["few"][0] < by_name["many"][0]
