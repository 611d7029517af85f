"""Which sheets a plan has: those of what it does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import ALL, Profile
from revops_xl.model.seats import Seats
from revops_xl.tables.book.catalog import INPUT_SHEETS, KEPT, MACHINERY, SHEETS
from revops_xl.tables.book.setting_list import Setting
from revops_xl.tables.schema.declare import Sheet

QUOTAS = "quotas"
#: Sheets of each part beside those that every plan has, and what it is for.
PROFILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    Profile.WEEKLY: ("commits and pipeline", ("Commits", "Thresholds", "Pipeline health", "Commit review")),
    Profile.FORECAST: ("deals and the revenue forecast", ("Deals", "Cohorts", "Forecast", "Scored deals", "Model report")),
    Profile.PLANNING: (
        "bookings, territories, capacity, and whether quotas can be reached",
        ("Bookings", "Territories", "Plan health", "Attainability", "Phasing", "Quotas by period", "Capacity", "Baseline", "Potential", "Optimum", "Sensitivity"),
    ),
    Profile.CURRENCIES: ("money in several currencies", ("Rates", "Local quotas")),
    Profile.PEOPLE: ("people who come, go, move and cover", ("Absences", "Overlays", "Overlay quotas")),
    Profile.PACKETS: ("workbooks for managers, and their answers", ("Packets", "Requests", "Roll-up", "Returns")),
}  # fmt: skip
#: Sheets of a fresh plan.
FRESH = ("Summary", "Start", "Quotas", "Checks", "Settings", "Hierarchy", "Levels", "Metrics", "Overrides")
#: The part that each setting belongs to, by the part of a run that reads it first.
_OF_SETTING = {
    "": QUOTAS,
    "pipeline": Profile.WEEKLY,
    "commits": Profile.WEEKLY,
    "forecast": Profile.FORECAST,
    "planning": Profile.PLANNING,
}


def part_of_sheet(name: str) -> str:
    """The part that a sheet belongs to; "quotas" for those of every plan."""
    return next((part for part, (_, sheets) in PROFILES.items() if name in sheets), QUOTAS)


def part_of_setting(setting: Setting) -> str:
    """The part of a plan that a setting belongs to."""
    return setting.profile or _OF_SETTING[setting.part.split(maxsplit=1)[0] if setting.part else ""]


def sheets_of(parts: Iterable[str]) -> tuple[Sheet, ...]:
    """The sheets of a fresh plan with some parts, in order.

    Example:
        >>> [sheet.name for sheet in sheets_of(["weekly"])][4:7]
        ['Pipeline health', 'Commit review', 'Settings']
    """
    wanted = set(parts)
    if ALL in wanted:
        return SHEETS
    names = {*FRESH, *(name for part in wanted for name in PROFILES[part][1])}
    found = [sheet for sheet in SHEETS if sheet.name in names]
    return tuple(found)


def tables_of(part: str) -> tuple[str, ...]:
    """Names of the tables on the sheets of a part; of "quotas" those of every plan, behind the others too."""
    return tuple(table.name for sheet in SHEETS if part_of_sheet(sheet.name) == part for table in sheet.tables)


def in_use(outcome: Outcome) -> set[str]:
    """Parts for which the inputs of a plan say something of their own."""
    plan, ahead = outcome.plan, outcome.planning.inputs
    own = (ahead.bookings, ahead.shares, ahead.territories)
    paid = ahead.ote is not None and not np.isnan(ahead.ote).all()
    used = {
        Profile.WEEKLY: plan.pipeline is not None or plan.commits is not None,
        Profile.FORECAST: outcome.revenue is not None,
        Profile.CURRENCIES: plan.money is not None and any(plan.money.codes),
        Profile.PEOPLE: outcome.planning.ground.presence is not None or outcome.overlays is not None,
        Profile.PLANNING: any(each is not None for each in own)
        or _seated(ahead.seats)
        or paid
        or outcome.planning.ground.presence is not None,
    }
    return {QUOTAS, *(part for part, here in used.items() if here)}


def _seated(seats: Seats | None) -> bool:
    """Whether anything is known of seats beyond that they are there."""
    if seats is None:
        return False
    known = ~np.isnan(seats.start) | ~np.isnan(seats.end) | (seats.capacity != 1)
    return bool(seats.tiers) or bool(known.any())


def never_added(outcome: Outcome, there: Collection[str]) -> set[str]:
    """Result tables that a workbook lacks and does not get: of parts that are not in use, and of earlier versions."""
    used = in_use(outcome)
    other = {name for part in PROFILES if part not in used for name in tables_of(part)}
    return {*other, *KEPT} - set(there)


def expected_inputs(parts: Collection[str]) -> set[str]:
    """Input tables that a plan with these parts should have."""
    return {
        table.name for sheet in INPUT_SHEETS if part_of_sheet(sheet.name) in {QUOTAS, *parts} for table in sheet.tables
    }


def hidden(sheet: str) -> bool:
    """Whether a sheet opens hidden."""
    return sheet in MACHINERY
