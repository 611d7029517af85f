"""Simulated companies whose truth is known: the chance of each deal, what it brings, and which columns matter."""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pandas as pd

from revops_xl import fit_deals
from revops_xl.frames.forecast import DealModel

STAGES = ("Discovery", "Evaluation", "Proposal", "Negotiation")
SEGMENTS = ("Enterprise", "Mid-Market", "SMB")
INDUSTRIES = ("Bank", "Health", "Media", "Public", "Retail", "Software")
START = np.datetime64("2024-01-01")


@dataclass(frozen=True)
class Company:
    """Deals as the product reads them, and the truth beside them.

    Attributes:
        deals: A table with the headers of Deals; a deal is open if its outcome lies after `as_of`.
        chance: True chance to win of each deal.
        worth: What the deal brings if won.
        outcome: Whether it is won, also for open ones.
        closes: Day on which it closes.
        as_of: The day on which the table was taken.
    """

    deals: pd.DataFrame
    chance: np.ndarray
    worth: np.ndarray
    outcome: np.ndarray
    closes: np.ndarray
    as_of: pd.Timestamp


def fitted_to_closed_deals(deals: pd.DataFrame, as_of: str | None = None) -> DealModel:
    """The model where days cannot show how open deals fare."""
    with patch("revops_xl.engine.forecast.deals.fit.days_say_when", return_value=False):
        return fit_deals(deals, as_of=as_of)


def company(
    count: int = 4000,
    *,
    seed: int = 0,
    spread: float = 1.0,
    size_effect: float = -0.35,
    share: float | None = None,
    days: int = 900,
    drift: float = 0.0,
) -> Company:
    """Simulate.

    Args:
        count: Deals.
        seed: Of the dice.
        spread: Standard deviation of the log of the amounts; 2 puts 38 % of the money into 1 % of the deals.
        size_effect: Change of the log odds per standard deviation of the log amount.
        share: Mean of won amount / amount; None: a won deal brings its amount, and there is no column Won amount.
        days: Days in which deals are created.
        drift: Change of the log odds over all the days.
    """
    dice = np.random.default_rng(seed)
    created = np.sort(dice.integers(0, days, count))
    rep, account = dice.integers(0, 40, count), dice.integers(0, max(count // 8, 10), count)
    skill = dice.normal(0, 0.5, 40)
    segment, industry = dice.integers(0, 3, count), dice.integers(0, 6, count)
    sponsor, competitor = dice.random(count) < 0.5, dice.random(count) < 0.4
    meetings = dice.poisson(4, count).astype(float)
    stage = dice.choice(4, count, p=[0.3, 0.3, 0.25, 0.15])
    usage = dice.gamma(2, 50, count)
    size = dice.normal(0, 1, count)
    amount = np.round(np.exp(10 + 0.5 * (segment == 0) - 0.5 * (segment == 2) + spread * size), 2)
    odds = (
        -1.2
        + 1.3 * sponsor
        - 0.8 * competitor
        + 0.18 * (meetings - 4)
        + 0.7 * (stage - 1)
        + skill[rep]
        + 0.5 * (segment == 2)
        + 0.9 * ((industry == 3) & sponsor)
        - 0.8 * (usage < 40)
        + size_effect * size
        + drift * (created / days - 0.5)
    )
    chance = 1 / (1 + np.exp(-odds))
    outcome = dice.random(count) < chance
    cycle = np.maximum(dice.gamma(3, 25, count).astype(int), 1)
    worth = amount.copy()
    if share is not None:
        worth = np.round(amount * share * np.exp(dice.normal(0, 0.2, count) - 0.02), 2)
    as_of = days
    still_open = created + cycle > as_of
    status = np.where(still_open, "Open", np.where(outcome, "Won", "Lost"))
    happy = np.clip(chance + dice.normal(0.12, 0.15, count), 0.02, 0.98)
    frame = pd.DataFrame(
        {
            "Deal ID": [f"D{i:06d}" for i in range(count)],
            "Account ID": [f"A{i:05d}" for i in account],
            "Rep": [f"Rep {i:02d}" for i in rep],
            "Stage": [STAGES[i] for i in stage],
            "Status": status,
            "Amount": amount,
            "Rep probability": np.round(happy, 2),
            "Created": START + created.astype("timedelta64[D]"),
            "Close date": START + (created + cycle).astype("timedelta64[D]"),
            "Exec sponsor": sponsor,
            "Competitor": competitor,
            "Meetings": np.where(dice.random(count) < 0.1, np.nan, meetings),
            "Segment": [SEGMENTS[i] for i in segment],
            "Industry": [INDUSTRIES[i] for i in industry],
            "Usage score": np.round(usage, 1),
            "Noise": dice.normal(0, 1, count),
            "Kick-off": START + (created + dice.integers(0, 30, count)).astype("timedelta64[D]"),
        }
    )
    if share is not None:
        frame["Won amount"] = np.where(status == "Won", worth, np.nan)
    return Company(frame, chance, worth, outcome, (START + (created + cycle)), pd.Timestamp(START + as_of))
