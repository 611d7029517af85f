"""The months that a plan covers, and the quarters and months they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: A plan of more months than this has no place in the twelve columns of its phasing.
MOST_MONTHS = 12


@dataclass(frozen=True)
class PlanPeriod:
    """What a plan covers.

    Attributes:
        first: Its first month, counted from January of the year 0.
        months: How many months, 1 to 12.

    Example:
        >>> year = PlanPeriod(2027 * 12, 12)
        >>> year.quarter_names, year.month_names[:2]
        (('2027-Q1', '2027-Q2', '2027-Q3', '2027-Q4'), ('2027-01', '2027-02'))
    """

    first: int
    months: int

    @property
    def year_part(self) -> float:
        """Part of a year, for what is known by the year."""
        return self.months / 12

    @property
    def whole_quarters(self) -> bool:
        """Whether it is made of calendar quarters."""
        return self.first % 3 == 0 and self.months % 3 == 0

    @property
    def quarter_names(self) -> tuple[str, ...]:
        """Its calendar quarters."""
        starts = range(self.first, self.first + self.months, 3)
        return tuple(f"{month // 12}-Q{month % 12 // 3 + 1}" for month in starts)

    @property
    def month_names(self) -> tuple[str, ...]:
        """Its months."""
        return tuple(f"{m // 12}-{m % 12 + 1:02d}" for m in range(self.first, self.first + self.months))

    @property
    def edges(self) -> Floats:
        """First day of each month, and of the one after the last, in days since 1970-01-01."""
        return month_starts(np.arange(self.first, self.first + self.months + 1))


def month_starts(months: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Floats:
    """First day of months that are counted from January of the year 0, in days since 1970-01-01.

    Example:
        >>> month_starts(np.array([1970 * 12, 1970 * 12 + 1])).tolist()
        [0.0, 31.0]
    """
    dates = (np.asarray(months) - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    return dates.astype(np.int64).astype(np.float64)
