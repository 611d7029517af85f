"""Planted leaks are found, and nothing else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from revops_xl import fit_deals
from revops_xl.engine.forecast.deals.leakage import examine
from revops_xl.frames.forecast import _with_cohorts
from revops_xl.model.deal_model import Use
from tests.simulated_deals import Company, company


def leaks(frame: pd.DataFrame, as_of: pd.Timestamp) -> set[str]:
    deals = _with_cohorts(frame, None, None)[0].in_order()
    day = float((as_of - pd.Timestamp("1970-01-01")).days)
    return {column.name for column in examine(deals, day) if column.use is Use.LEAK}


def planted(made: Company) -> dict[str, pd.Series]:
    """Ways in which CRM exports tell the outcome."""
    deals = made.deals
    status, close, created = deals["Status"], deals["Close date"], deals["Created"]
    won, lost, closed = status == "Won", status == "Lost", status != "Open"
    dice = np.random.default_rng(9)
    noise = pd.Series(dice.normal(0, 0.3, len(deals)))
    return {
        "Loss reason": pd.Series(dice.choice(["Price", "Timing"], len(deals))).where(lost),
        "Contract number": pd.Series([f"C{i}" for i in range(len(deals))]).where(won),
        "Signed on": close.where(won),
        "Outcome score": (won * 2.0 - lost * 2.0 + noise).where(closed),
        "Probability at close": pd.Series(np.where(won, 1.0, np.where(lost, 0.0, 0.5))),
        "Closed by": pd.Series(dice.choice(["Ann", "Bob"], len(deals))).where(closed),
        "CRM stage": pd.Series(np.where(won, "Closed Won", np.where(lost, "Closed Lost", "Proposal"))),
        "Days to close": (close - created).dt.days.where(closed, (made.as_of - created).dt.days),
        "Last modified": close.where(closed, made.as_of - pd.Timedelta(days=2)),
        "Invoiced": deals["Amount"].where(won, 0.0),
        "Onboarding call": pd.Series(won & (dice.random(len(deals)) < 0.6)),
    }


@pytest.mark.parametrize("seed", range(4))
def test_planted_leaks_are_found_and_no_others(seed: int) -> None:
    made = company(1200, seed=seed)
    plants = planted(made)
    frame = made.deals.assign(**plants)
    assert leaks(frame, made.as_of) == set(plants)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [120, 800, 4000])
def test_an_honest_company_has_no_leak(seed: int, count: int) -> None:
    made = company(count, seed=seed)
    assert leaks(made.deals, made.as_of) == set()


@pytest.mark.parametrize("name", ["Outcome score", "Invoiced", "CRM stage", "Probability at close", "Loss reason"])
def test_leaks_are_found_without_open_deals(name: str) -> None:
    made = company(1200, seed=3)
    frame = made.deals.assign(**{name: planted(made)[name]})
    closed = frame[frame["Status"] != "Open"].reset_index(drop=True)
    assert leaks(closed, made.as_of) == {name}


def test_amounts_that_are_zero_for_lost_deals_are_a_leak() -> None:
    made = company(1200, seed=1)
    frame = made.deals.assign(Amount=made.deals["Amount"].where(made.deals["Status"] != "Lost", 0.0))
    assert leaks(frame, made.as_of) == {"Amount"}


def test_the_stage_in_which_deals_ended_is_a_leak() -> None:
    made = company(1500, seed=1)
    won = made.deals["Status"] == "Won"
    frame = made.deals.assign(Stage=made.deals["Stage"].where(~won, "Negotiation"))
    assert leaks(frame, made.as_of) == {"Stage"}


@pytest.mark.deep
def test_a_leak_changes_nothing() -> None:
    made = company(900, seed=14)
    plain = fit_deals(made.deals)
    fooled = fit_deals(
        made.deals.assign(**{"Loss reason": planted(made)["Loss reason"], "Signed on": planted(made)["Signed on"]})
    )
    assert set(fooled.leaks) == {"Loss reason", "Signed on"}
    pd.testing.assert_frame_equal(plain.score(), fooled.score())


def test_constant_and_nameless_columns_are_listed_as_such() -> None:
    made = company(600, seed=2)
    frame = made.deals.assign(Country="DE", Note=[f"call {i}" for i in range(600)], Empty=None)
    shown = fit_deals(frame).columns.set_index("feature")["why"]
    assert "the same in every closed deal" in shown["Country"]
    assert "a name or a note" in shown["Note"]
    assert "blank in every closed deal" in shown["Empty"]
