"""Companies in which wins close early and losses are recorded late, with the true chance of every open deal.

Fate and times are drawn apart: a deal is to be won with a chance of its own, and has a day on which the win, or the loss,
is recorded. Bayes gives the chance of one that is still open: p W(a) / (p W(a) + (1 - p) L(a)), with W and L the parts of
the deals to be won, or lost, that are still open at the age a.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

CENTURY = 36_525.0
START = pd.Timestamp("2023-01-01")


@dataclass(frozen=True)
class Shape:
    """How a company sells.

    Attributes:
        won: Days to winning.
        lost: Days until a loss is recorded.
        rule: Age at which whatever is open is closed as lost; None: no such rule.
        level: Log odds of winning.
        size: Change of the log odds by a standard deviation of the log amount.
        spread: Standard deviation of the log amounts.
        growth: Deals created at the end, as a multiple of those at the beginning.
        deals: How many.
        days: In how many days they were created.
    """

    won: stats.rv_continuous
    lost: stats.rv_continuous
    rule: float | None = None
    level: float = -1.2
    size: float = -0.2
    spread: float = 0.9
    growth: float = 1.0
    deals: int = 4000
    days: int = 1000


SHAPES = {
    "losses swept late": Shape(stats.gamma(2, scale=20), stats.uniform(150, 60)),
    "closed by a rule": Shape(stats.gamma(2, scale=25), stats.gamma(2, scale=120), rule=180),
    "nobody tidies up": Shape(stats.lognorm(0.6, scale=45), stats.expon(scale=500)),
    "long cycles": Shape(stats.gamma(4, scale=50), stats.gamma(2, scale=90), deals=3000, days=1400),
    "growing fast": Shape(stats.gamma(2, scale=30), stats.gamma(1.5, scale=80), growth=5),
    "few large deals": Shape(stats.gamma(2, scale=35), stats.gamma(2, scale=70), spread=1.5, deals=5000),
    "old deals are never closed": Shape(stats.gamma(2, scale=20), stats.lognorm(3, scale=600)),
    "wins and losses alike": Shape(stats.gamma(2, scale=40), stats.gamma(2, scale=40)),
}  # fmt: skip


@dataclass(frozen=True)
class Pipeline:
    """Deals as the product reads them, and the truth about the open ones, in their order.

    Attributes:
        deals: With the headers of Deals.
        as_of: The day on which the table was taken.
        chance: True chance of each open deal to be won at all.
        amount: Its amount.
        next_quarter: True chance to be won within 91 days.
        days_left: Days until it is won; infinite if it is lost.
    """

    deals: pd.DataFrame
    as_of: pd.Timestamp
    chance: np.ndarray
    amount: np.ndarray
    next_quarter: np.ndarray
    days_left: np.ndarray


def pipeline(shape: Shape, seed: int, guess: float | None = None) -> Pipeline:
    """Simulate a company.

    Args:
        shape: How it sells.
        seed: Of the dice.
        guess: How far, as a standard deviation of the log, reps miss the day on which a deal would be won; None: open
            deals have no close date.
    """
    dice = np.random.default_rng(seed)
    n = shape.deals
    u = dice.random(n)
    spread_out = u if shape.growth == 1 else (np.sqrt(1 + u * (shape.growth**2 - 1)) - 1) / (shape.growth - 1)
    created = np.sort(np.floor(spread_out * shape.days))
    segment = dice.integers(0, 3, n)
    z, score = dice.normal(size=n), dice.normal(size=n)
    odds = shape.level + np.array([-0.6, 0.0, 0.6])[segment] + 0.5 * score + shape.size * z
    p = 1 / (1 + np.exp(-odds))
    to_win = dice.random(n) < p
    lag = np.where(to_win, shape.won.rvs(n, random_state=dice), shape.lost.rvs(n, random_state=dice))
    lag = np.minimum(lag, CENTURY)
    if shape.rule is not None:
        to_win &= lag < shape.rule
        lag = np.minimum(lag, shape.rule)
    close = np.floor(created + lag)
    still_open = close >= shape.days
    age = shape.days - created[still_open]
    won, lost = p[still_open] * shape.won.sf(age), (1 - p[still_open]) * shape.lost.sf(age)
    if shape.rule is not None:  # what would be won later than the rule is lost then
        late = shape.won.sf(shape.rule)
        never = p[still_open] * late + (1 - p[still_open]) * shape.lost.sf(age)
        won, lost = np.maximum(won - p[still_open] * late, 0.0), never
    soon = p[still_open] * (shape.won.sf(age) - shape.won.sf(age + 91))
    if shape.rule is not None:
        soon = p[still_open] * np.maximum(shape.won.sf(age) - shape.won.sf(np.minimum(age + 91, shape.rule)), 0.0)
    entered = np.full(still_open.sum(), np.datetime64("NaT"), dtype="datetime64[ns]")
    if guess is not None:  # reps know when a deal would be won, more or less, and push dates that have passed
        left = np.where(to_win, lag, shape.won.rvs(n, random_state=dice))[still_open] - age
        days = np.maximum(left, 5.0) * np.exp(guess * dice.normal(size=len(age)))
        entered = (START + pd.to_timedelta(np.floor(shape.days + days), "D")).to_numpy()
    closing = (START + pd.to_timedelta(close, "D")).to_numpy().copy()
    closing[still_open] = entered
    amount = np.round(np.exp(10 + shape.spread * z), 2)
    table = pd.DataFrame(
        {
            "Deal ID": [f"D{i}" for i in range(n)],
            "Status": np.where(still_open, "Open", np.where(to_win, "Won", "Lost")),
            "Amount": amount,
            "Created": START + pd.to_timedelta(created, "D"),
            "Close date": closing,
            "Segment": np.array(["SMB", "Mid", "Enterprise"])[segment],
            "Score": score,
        }
    )
    both = np.maximum(won + lost, 1e-12)
    return Pipeline(
        table,
        START + pd.Timedelta(days=shape.days - 1),
        won / both,
        amount[still_open],
        soon / both,
        np.where(to_win, close - shape.days, np.inf)[still_open],
    )
