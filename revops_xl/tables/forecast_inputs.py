"""Sheets whose engines come later: their columns are declared and their cells checked, so a plan can carry them."""

from __future__ import annotations

from revops_xl.tables.declare import Column, Kind, Sheet, Table


def _money(
    name: str, text: str, *, required: bool = False, optional: bool = False, minimum: float | None = 0
) -> Column:
    return Column(name, Kind.MONEY, text, required, optional, "currency", minimum=minimum, width=15)


COHORTS = Table(
    "Cohorts",
    "Pipeline that no deal stands for yet, by cohort.",
    (
        Column("Cohort", Kind.TEXT, "Name of the cohort.", required=True, width=18),
        _money("Baseline", "Revenue a quarter today.", required=True),
        Column("Growth rate", Kind.PERCENT, "Growth a quarter.", required=True, unit="%", above=-1, width=12),
    ),
    used=False,
)
SCENARIOS = Table(
    "Scenarios",
    "What the forecast assumes.",
    (
        Column("Scenario", Kind.TEXT, "Name of the scenario.", required=True, width=14),
        Column("Conversion factor", Kind.FACTOR, "Multiplier on win probabilities.", required=True, unit="×", minimum=0, width=17),
        Column("Value basis", Kind.CHOICE, "Which value of a won deal counts.", required=True, choices=("mean", "upper quartile", "lower quartile"), width=14),
        Column("Delay (quarters)", Kind.NUMBER, "Close dates move by so many quarters.", unit="quarters", minimum=0, width=16),
        Column("Unseen factor", Kind.FACTOR, "Multiplier on the unseen pipeline.", unit="×", minimum=0, width=14),
    ),
    used=False,
)  # fmt: skip
BOOKINGS = Table(
    "Bookings",
    "Revenue booked, period by period.",
    (
        Column("Period", Kind.TEXT, "Quarter or month, for example 2026-Q1.", required=True, width=14),
        _money("Bookings", "Revenue booked.", required=True, minimum=None),
    ),
    used=False,
)
TERRITORIES = Table(
    "Territories",
    "What is known about each territory.",
    (
        Column("Territory", Kind.TEXT, "Name, as in Hierarchy.", required=True, width=18),
        _money("Historical revenue", "Revenue of the last year."),
        _money("Market size", "Addressable market."),
        Column("Account count", Kind.INTEGER, "Accounts in it.", minimum=0, width=14),
        Column("Competition density", Kind.NUMBER, "Competitors an account meets.", minimum=0, width=19),
        Column("Rep tenure", Kind.NUMBER, "Months the rep has been in the seat.", unit="months", minimum=0, width=12),
        Column("Industry growth", Kind.PERCENT, "Growth of the industry a year.", unit="%", width=15),
        _money("Actual achievement", "Revenue reached, which the model learns from."),
        Column(
            "Conversion rate",
            Kind.PERCENT,
            "Part of the pipeline that is won.",
            unit="%",
            minimum=0,
            maximum=1,
            width=15,
        ),
        Column("Capacity utilization", Kind.PERCENT, "Part of the capacity in use.", unit="%", minimum=0, width=18),
        _money("Min quota", "Least the territory must carry."),
        _money("Max quota", "Most the territory can carry."),
    ),
    used=False,
)
TIERS = Table(
    "Tiers",
    "Multipliers and ramp by tier.",
    (
        Column("Tier", Kind.TEXT, "Name of the tier.", required=True, width=14),
        Column(
            "Multiplier", Kind.FACTOR, "Weight of the tier's capacity.", required=True, unit="×", minimum=0, width=11
        ),
        Column("Ramp factor", Kind.FACTOR, "Capacity while ramping.", unit="×", minimum=0, maximum=1, width=12),
        Column("Ramp months", Kind.NUMBER, "Months until full capacity.", unit="months", minimum=0, width=13),
    ),
    used=False,
)
SHEETS = (
    Sheet("Cohorts", "Unseen pipeline and scenarios", (COHORTS, SCENARIOS)),
    Sheet("Bookings", "Revenue booked", (BOOKINGS,)),
    Sheet("Territories", "Territories and tiers", (TERRITORIES, TIERS)),
)
