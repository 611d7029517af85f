"""Who sits where, since when, and what a seat of each tier can carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats


@dataclass(frozen=True)
class Tier:
    """A kind of seat.

    Attributes:
        name: Its name.
        multiplier: Weight of its capacity.
        steps: Months in the seat from which a factor holds, ascending, the first 0: ((0, 0.5), (6, 1)) is half for six months.

    Example:
        >>> Tier("Enterprise", 1.0, ((0.0, 0.5), (6.0, 1.0))).ramp_months
        6.0
    """

    name: str
    multiplier: float
    steps: tuple[tuple[float, float], ...] = ((0.0, 1.0),)

    @property
    def ramp_months(self) -> float:
        """Months until nothing changes any more."""
        return self.steps[-1][0]


@dataclass(frozen=True)
class Seats:
    """One entry per row of the path table.

    Attributes:
        tiers: What the tiers are.
        tier: Index of each seat's tier; -1 where it has none: multiplier 1, no ramp.
        capacity: Working capacity, 1 for full time.
        start: First day in the seat, in days since 1970-01-01; NaN: long ago.
        end: Last day in the seat; NaN: stays.
        maturity: Maturity of its territory, 1 for a developed one.
        begin: First day in this place, if that is another one than the start from which the ramp counts.
    """

    tiers: tuple[Tier, ...]
    tier: npt.NDArray[np.int32]
    capacity: Floats
    start: Floats
    end: Floats
    maturity: Floats
    begin: Floats | None = None

    @property
    def multiplier(self) -> Floats:
        """Of each seat's tier."""
        known = np.array([*(tier.multiplier for tier in self.tiers), 1.0])
        return np.asarray(known[self.tier])


@dataclass(frozen=True)
class SeatCapacity:
    """What each seat can carry in the plan; one entry per row of the path table.

    Attributes:
        months: Months in the seat when the plan begins; below 0: starts later; NaN: long ago.
        present: Part of the plan in which the seat is filled.
        ramp: Mean ramp factor while it is filled; 1 where it never is.
        weighted: Capacity x multiplier: what the seat is weighted with before ramp and leave.
        effective: Weighted x present x ramp x maturity of the territory.
    """

    months: Floats
    present: Floats
    ramp: Floats
    weighted: Floats
    effective: Floats


@dataclass(frozen=True)
class CapacityPlan:
    """The target by tier and ramp; one entry per placement of an IC, in tree order.

    Attributes:
        node: Position in the tree.
        capacity: What each can carry.
        full: Part of the target by weighted capacity; adds up to the target.
        productive: The same after leave, ramp and maturity.
        quota: What is handed out: productive, or the whole target spread again by it.
        target: What was to be spread.
        spread_again: Whether the gap was.
    """

    node: npt.NDArray[np.intp]
    capacity: SeatCapacity
    full: Floats
    productive: Floats
    quota: Floats
    target: float
    spread_again: bool

    @property
    def gap(self) -> float:
        """What of the target nobody's seat carries."""
        return self.target - float(self.productive.sum())
