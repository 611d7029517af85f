"""The parts of a run."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """Parts of a run that can be written on their own; Checks and what counts them are always written."""

    QUOTAS = "quotas"
    COMMITS = "commits"
    PIPELINE = "pipeline"
    FORECAST = "forecast"
    PLANNING = "planning"


class Profile(StrEnum):
    """What a plan may have beside quotas, each with sheets of its own."""

    WEEKLY = "weekly"
    FORECAST = "forecast"
    PLANNING = "planning"
    PACKETS = "packets"
    PEOPLE = "people"
    CURRENCIES = "currencies"


#: Every profile; and the sheets that work behind the others.
ALL, MACHINERY = "all", "machinery"
