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
