"""The periods that a plan covers, and the quarters and months they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.money import Floats

#: A plan of more months than this has no place in the twelve columns of its phasing.
MOST_MONTHS = 12


@dataclass(frozen=True)
class PlanPeriod:
    """What a plan covers.

    Attributes:
        first: Its first period; of the calendar year a month, counted from January of the year 0.
        months: How many periods, 1 to 12: months, or those of a calendar of weeks.
        calendar: The calendar that counts them.

    Example:
        >>> year = PlanPeriod(2027 * 12, 12)
        >>> year.quarter_names, year.month_names[:2]
        (('2027-Q1', '2027-Q2', '2027-Q3', '2027-Q4'), ('2027-01', '2027-02'))
    """

    first: int
    months: int
    calendar: Calendar = CALENDAR_YEAR

    @property
    def year_part(self) -> float:
        """Part of a year, for what is known by the year."""
        return self.months / 12

    @property
    def whole_quarters(self) -> bool:
        """Whether it is made of quarters of its calendar."""
        return self.first % 3 == 0 and self.months % 3 == 0

    @property
    def periods(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The periods."""
        return np.arange(self.first, self.first + self.months)

    @property
    def quarter_names(self) -> tuple[str, ...]:
        """Its quarters."""
        starts = range(self.first, self.first + self.months, 3)
        return tuple(self.calendar.quarter_label(period // 3) for period in starts)

    @property
    def month_names(self) -> tuple[str, ...]:
        """Its periods by name."""
        return tuple(map(self.calendar.period_name, self.periods.tolist()))

    @property
    def edges(self) -> Floats:
        """First day of each period, and of the one after the last, in days since 1970-01-01."""
        return self.calendar.starts(np.arange(self.first, self.first + self.months + 1))
