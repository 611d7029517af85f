"""Sheets whose engines come later: their columns are declared and their cells checked, so a plan can carry them."""

from __future__ import annotations

from revops_xl.tables.declare import Column, Kind, Sheet, Table


def _money(
    name: str, text: str, *, required: bool = False, optional: bool = False, minimum: float | None = 0
) -> Column:
    return Column(name, Kind.MONEY, text, required, optional, "currency", minimum=minimum, width=15)


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
    Sheet("Bookings", "Revenue booked", (BOOKINGS,)),
    Sheet("Territories", "Territories and tiers", (TERRITORIES, TIERS)),
)
