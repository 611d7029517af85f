"""Who is in which seat on which days, who is away, and who then carries the quota."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

Ints = npt.NDArray[np.int64]


class Bearer(StrEnum):
    """Who carries what somebody who is away does not."""

    MANAGER = "manager"
    TEAM = "team"
    YEAR = "year"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Span:
    """Days of one row.

    Attributes:
        row: Of the path table.
        first: First day, in days since 1970-01-01.
        last: Last day.
    """

    row: int
    first: float
    last: float


@dataclass(frozen=True)
class Absence(Span):
    """Days on which somebody is away.

    Attributes:
        relief: Part of the quota of these days that is not carried, 0 to 1.
        bearer: Who carries it instead; None: as the plan's setting says.
        node: Position of a node that carries it; -1: none is named.
    """

    relief: float = 1.0
    bearer: Bearer | None = None
    node: int = -1


@dataclass(frozen=True)
class PresenceRules:
    """Settings of presence.

    Attributes:
        whole_months: Whether somebody who is there on the first day of a period is there all of it; else days count.
        by_shares: Whether months of the plan keep the season's shares; else everybody's month is level up to the season.
        bearer: Who carries what is relieved.
    """

    whole_months: bool = False
    by_shares: bool = False
    bearer: Bearer = Bearer.MANAGER


@dataclass(frozen=True)
class Tenure:
    """Days of the rows of a path table; NaN in begin: long ago, in end: stays.

    Attributes:
        begin: First day in the seat.
        end: Last day in it.
        gaps: Days within in which the seat is not there: between two rows of one person under the same manager.
        vacancies: Days in which the seat is there and nobody in it: after the end, until the row that fills it begins.
        absences: Days on which the person is away.
        weight: Of each row beside the others of a person, without its days: Split %, or 1.
        rules: How they count.
        weighing: Whether a row's days count in its quota of the year; else they only say on which months it falls. None: all.
    """

    begin: Floats
    end: Floats
    gaps: tuple[Span, ...] = ()
    vacancies: tuple[Span, ...] = ()
    absences: tuple[Absence, ...] = ()
    weight: Floats = None  # type: ignore[assignment]
    rules: PresenceRules = PresenceRules()
    weighing: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Weights are 1 unless they are given."""
        if self.weight is None:
            object.__setattr__(self, "weight", np.ones(len(self.begin)))


@dataclass(frozen=True)
class Presence:
    """Tenure over the periods of a plan; rows of the path table x periods.

    Attributes:
        tenure: Where it comes from.
        life: Part of the period in which the seat is there.
        present: Part of it in which somebody works in it: life less vacancies, and absences as far as they are relieved.
        season: Share of the plan that falls on each period; they add up to 1.
    """

    tenure: Tenure
    life: Floats
    present: Floats
    season: Floats

    @property
    def relieved(self) -> bool:
        """Whether anybody is away."""
        return bool((self.present < self.life).any())

    @property
    def dated(self) -> bool:
        """Whether anything differs from a year in one seat."""
        return self.relieved or bool((self.life < 1).any())

    @property
    def weighed(self) -> Floats:
        """The same as far as it counts in the quota of the year."""
        if self.tenure.weighing is None:
            return self.counted
        return np.where(self.tenure.weighing[:, None], self.counted, 1.0)

    @property
    def counted(self) -> Floats:
        """What each row's quota follows, period by period: its life, or its presence where relief is spread over the year."""
        return self.present if self.tenure.rules.bearer is Bearer.YEAR else self.life


@dataclass(frozen=True)
class PeriodQuotas:
    """Quotas period by period; nodes x periods, in currency.

    Attributes:
        full: What the seat of each IC would carry with nobody away; of a team what its ICs would.
        carried: What each IC carries; of a team what its ICs carry, and what is left at it and at managers below.
        left: What nobody carries, at the manager of the team; it is part of the team's.
    """

    full: Floats
    carried: Floats
    left: Floats
