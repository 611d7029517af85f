"""Deals of the sample company: two years of closed ones with what was known about them, and a pipeline."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

FEATURES = ("Segment", "Exec sponsor", "Competitor", "Meetings", "Days in stage", "Loss reason")
AS_OF = dt.date(2027, 1, 1)
COHORT_ROWS = (
    ("Enterprise", 9_500_000, 0.01, 1),
    ("Mid-Market", 4_500_000, 0.0, 1),
    ("SMB", 2_000_000, 0.02, 0.5),
)
_FIRST = dt.date(2025, 1, 1)
_STAGES = ("Discovery", "Evaluation", "Proposal", "Negotiation")
#: Log odds of winning by region: teams differ.
_REGIONS = {"NA": 0.35, "EMEA": -0.2, "APAC": 0.05, "LATAM": -0.45}
_SEGMENTS = {"Enterprise": (13.3, -0.3), "Mid-Market": (12.4, 0.0), "SMB": (11.5, 0.35)}
_ACCOUNTS = 300


def deal_rows(reps: dict[str, str], seed: int) -> list[tuple[Any, ...]]:
    """Rows of Deals with FEATURES, in the order of the declared columns.

    Args:
        reps: Region of each IC.
        seed: Of the dice.
    """
    dice = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    segments = [dice.choice(tuple(_SEGMENTS)) for _ in range(_ACCOUNTS)]
    skill = {rep: dice.gauss(0, 0.35) for rep in reps}
    rows: list[tuple[Any, ...]] = []
    for rep, region in reps.items():
        for _ in range(dice.randint(7, 11)):
            account = dice.randrange(_ACCOUNTS)
            rows.append(
                _deal(dice, f"D{len(rows) + 1:04d}", account, segments[account], rep, _REGIONS[region] + skill[rep])
            )
    return rows


def _deal(dice: random.Random, name: str, account: int, segment: str, rep: str, odds: float) -> tuple[Any, ...]:
    middle, ease = _SEGMENTS[segment]
    amount = round(dice.lognormvariate(middle, 0.6), -2)
    created = _FIRST + dt.timedelta(days=dice.randrange((AS_OF - _FIRST).days))
    cycle = dt.timedelta(days=round(dice.gammavariate(4, 24)) + 7)
    stage, meetings = dice.choices(range(4), (3, 3, 2, 2))[0], min(round(dice.expovariate(0.25)), 15)
    sponsor, competitor = dice.random() < 0.45, dice.random() < 0.4
    stalled = round(dice.expovariate(1 / 30))
    size = (math.log(max(amount, 1)) - middle) / 0.6
    odds += (
        -1.35
        + ease
        + 1.4 * sponsor
        - 0.9 * competitor
        + 0.6 * stage
        + 0.12 * min(meetings, 8)
        - 0.012 * min(stalled, 90)
        - 0.3 * size
    )
    chance = 1 / (1 + math.exp(-odds))
    said = min(max(chance + dice.gauss(0.13, 0.14), 0.05), 0.95)
    closes = created + cycle
    won = dice.random() < chance
    brought = None
    status, reason = "Open", None
    if closes < AS_OF:
        status = "Won" if won else "Lost"
        brought = round(amount * dice.lognormvariate(-0.09, 0.12), -2) if won else None
        reason = None if won else dice.choice(("Price", "Competitor", "No decision", "Timing"))
    elif dice.random() < 0.12:  # slipped: the rep has not moved the date yet
        closes = AS_OF - dt.timedelta(days=dice.randint(3, 50))
        created = min(created, closes - dt.timedelta(days=14))
    days = (created.isoformat(), closes.isoformat())
    known = None if dice.random() < 0.08 else meetings
    features = (segment, sponsor, competitor, known, stalled, reason)
    return (name, f"A{account + 1:03d}", rep, _STAGES[stage], status, amount, round(said, 2), *days, brought, *features)


def telemetry_rows(seed: int) -> list[tuple[Any, ...]]:
    """Usage by site of two thirds of the accounts."""
    dice = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    rows: list[tuple[Any, ...]] = []
    for account in range(_ACCOUNTS):
        if dice.random() < 0.67:
            rows += [
                (f"A{account + 1:03d}", f"Site {site + 1}", round(dice.lognormvariate(6, 1)))
                for site in range(dice.randint(1, 3))
            ]
    return rows
