"""Sheets whose engines come later: their columns are declared and their cells checked, so a plan can carry them."""

from __future__ import annotations

from revops_xl.tables.declare import Column, Kind, Sheet, Table


def _money(
    name: str, text: str, *, required: bool = False, optional: bool = False, minimum: float | None = 0
) -> Column:
    return Column(name, Kind.MONEY, text, required, optional, "currency", minimum=minimum, width=15)


COMMIT_HISTORY = Table(
    "CommitHistory",
    "What each manager committed and what was closed, period by period.",
    (
        Column("Manager", Kind.NODE, "The manager, as in Hierarchy.", required=True, width=22),
        Column("Period", Kind.TEXT, "The period, for example Q1 2026.", required=True, width=12),
        _money("Commit", "What was committed.", required=True),
        _money("Actual", "What was closed; blank while the period is open."),
    ),
    used=False,
)
COMMITS = Table(
    "Commits",
    "The current commit of each manager.",
    (
        Column("Manager", Kind.NODE, "The manager, as in Hierarchy.", required=True, width=22),
        _money("Commit", "The current commit.", required=True),
        _money("Machine forecast", "A forecast to blend with, if there is one.", optional=True),
    ),
    used=False,
)
DEALS = Table(
    "Deals",
    "Open and closed deals.",
    (
        Column("Deal ID", Kind.TEXT, "Id of the deal.", required=True, width=12),
        Column("Account ID", Kind.TEXT, "Id of the account.", width=12),
        Column("Rep", Kind.TEXT, "The IC, as in Hierarchy.", width=20),
        Column("Stage", Kind.TEXT, "Stage in the CRM.", width=14),
        Column("Status", Kind.CHOICE, "Open, Won or Lost.", required=True, choices=("Open", "Won", "Lost"), width=9),
        _money("Amount", "Amount by the rep."),
        Column(
            "Rep probability", Kind.PERCENT, "Win probability by the rep.", unit="%", minimum=0, maximum=1, width=15
        ),
        Column("Created", Kind.DATE, "Day the deal was created.", unit="date", width=12),
        Column("Close date", Kind.DATE, "Day it was closed, or is expected to close.", unit="date", width=12),
    ),
    free_columns="features of the deal, of any name",
    used=False,
)
TELEMETRY = Table(
    "Telemetry",
    "Product usage by the accounts' child nodes.",
    (
        Column("Account ID", Kind.TEXT, "Id of the account.", required=True, width=12),
        Column("Child node", Kind.TEXT, "Subsidiary, site or workspace.", required=True, width=16),
        Column("Usage", Kind.NUMBER, "Usage in any one unit.", required=True, minimum=0, width=12),
    ),
    used=False,
)
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
    Sheet("Commits", "Commits and what became of them", (COMMIT_HISTORY, COMMITS)),
    Sheet("Deals", "Open and closed deals", (DEALS, TELEMETRY)),
    Sheet("Cohorts", "Unseen pipeline and scenarios", (COHORTS, SCENARIOS)),
    Sheet("Bookings", "Revenue booked", (BOOKINGS,)),
    Sheet("Territories", "Territories and tiers", (TERRITORIES, TIERS)),
)
