"""The firm's calendar: fiscal years of whole months or of whole weeks; every period of time in the product comes from here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

Ints = npt.NDArray[np.int64]

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
#: 1970-01-01 in months counted from January of the year 0.
_EPOCH = 1970 * 12
_THURSDAY = 3


@dataclass(frozen=True)
class WeekYears:
    """Fiscal years of 52 or 53 whole weeks, as in 26 CFR 1.441-2.

    Attributes:
        pattern: Weeks of the three periods of a quarter, such as (4, 4, 5).
        weekday: On which a year ends, Monday 0 to Sunday 6.
        nearest: Whether that is the one nearest to the end of the month before the start month; else the last one in it.
        extra: Period, 1 to 12, that takes the 53rd week.
    """

    pattern: tuple[int, int, int]
    weekday: int = 5
    nearest: bool = False
    extra: int = 12


@dataclass(frozen=True)
class Calendar:
    """How a firm parts time: twelve periods a fiscal year, three a quarter.

    Periods are whole numbers, 12 a year, counted so that period 12 x y is the first of the fiscal year that begins in the
    year y (or within days of it, where years are of weeks). Of the calendar year they are months counted from January of
    the year 0. Quarters are periods // 3, years periods // 12. Days count from 1970-01-01.

    Attributes:
        start: Month in which a fiscal year begins, 1 to 12.
        by_start: Whether a fiscal year is named by the calendar year in which it begins; else by that in which it ends.
        weeks: How years of whole weeks are parted; None: periods are months.
        said: Whether somebody said when the year begins.
        bare_is_fiscal: Whether a quarter or year named without FY is fiscal.

    Example:
        >>> october = Calendar(10)
        >>> day = np.datetime64("2026-01-01").astype(float)
        >>> october.quarter_name(int(october.quarter_of(np.array([day]))[0])), october.quarter_name(4 * 2025)
        ('Q2 FY26', 'Q1 FY26')
    """

    start: int = 1
    by_start: bool = False
    weeks: WeekYears | None = None
    said: bool = False
    bare_is_fiscal: bool = True

    @property
    def fiscal(self) -> bool:
        """Whether its years are others than those of the calendar."""
        return self.start != 1 or self.weeks is not None

    @property
    def shift(self) -> int:
        """Months between January and the start month."""
        return self.start - 1

    def period_of(self, days: Floats) -> Ints:
        """The period of each day; -1 for NaN.

        Example:
            >>> Calendar(2).period_of(np.array([0.0, 31.0, np.nan])) - 12 * 1969  # January 1970 is P12 of the year from 1969
            array([    11,     12, -23629])
        """
        known = ~np.isnan(days)
        whole = np.floor(np.where(known, days, 0.0))
        months = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + _EPOCH - self.shift
        if self.weeks is None:
            return np.where(known, months, -1)
        year = months // 12
        year = year - (whole < self._first_days(year))
        year = year + (whole >= self._first_days(year + 1))
        week = ((whole - self._first_days(year)) // 7).astype(np.int64)
        edges = self._week_edges(year)
        return np.where(known, 12 * year + (edges[..., 1:-1] <= week[..., None]).sum(axis=-1), -1)

    def starts(self, periods: Ints) -> Floats:
        """First day of each period.

        Example:
            >>> Calendar().starts(np.array([1970 * 12, 1970 * 12 + 1])).tolist()
            [0.0, 31.0]
        """
        periods = np.asarray(periods, dtype=np.int64)
        if self.weeks is None:
            return month_starts(periods + self.shift)
        year, part = periods // 12, periods % 12
        week = np.take_along_axis(self._week_edges(year), part[..., None], axis=-1)[..., 0]
        return np.asarray(self._first_days(year) + 7.0 * week)

    def length(self, first: int, periods: int) -> float:
        """Days from the first day of a period to that of another so many later."""
        begin, end = self.starts(np.array([first, first + periods]))
        return float(end - begin)

    def weeks_of(self, periods: Ints) -> Floats:
        """What each period weighs beside others of no season: its weeks, or 1 where periods are months."""
        if self.weeks is None:
            return np.ones(len(periods))
        return np.asarray((self.starts(np.asarray(periods) + 1) - self.starts(periods)) / 7)

    def longer(self, periods: Ints) -> Floats:
        """How many times as long as usual each period is: 1, but for that with the 53rd week."""
        if self.weeks is None:
            return np.ones(len(periods))
        usual = np.array(self.weeks.pattern)[np.asarray(periods) % 3]
        return np.asarray(self.weeks_of(periods) / usual)

    def quarter_of(self, days: Floats) -> Ints:
        """The quarter of each day, counted from the year 0; -1 for NaN."""
        return np.where(np.isnan(days), -1, self.period_of(days) // 3)

    def quarter_at(self, day: float) -> int:
        """The quarter of one day."""
        return int(self.quarter_of(np.array([day]))[0])

    def quarter_start(self, quarter: int) -> float:
        """First day of a quarter."""
        return float(self.starts(np.array([3 * quarter]))[0])

    def year_name(self, year: int) -> str:
        """What the fiscal year is called that begins in a year: 2026, or FY26."""
        if not self.fiscal:
            return str(year)
        named = year if self.by_start or self.start == 1 else year + 1
        return f"FY{named % 100:02d}" if 2000 <= named < 2100 else f"FY{named}"

    def year_named(self, number: int) -> int:
        """The year in which the fiscal year of a name begins."""
        return number if self.by_start or self.start == 1 else number - 1

    def quarter_name(self, quarter: int) -> str:
        """A quarter as people write it.

        Example:
            >>> Calendar().quarter_name(4 * 2027)
            'Q1 2027'
        """
        return f"Q{quarter % 4 + 1} {self.year_name(quarter // 4)}"

    def quarter_label(self, quarter: int) -> str:
        """The same with its year first: 2027-Q1."""
        return f"{self.year_name(quarter // 4)}-Q{quarter % 4 + 1}"

    def period_name(self, period: int) -> str:
        """A period as people write it: the month 2027-01, or P1 FY27 where periods are of weeks."""
        if self.weeks is not None:
            return f"P{period % 12 + 1} {self.year_name(period // 12)}"
        month = period + self.shift
        return f"{month // 12}-{month % 12 + 1:02d}"

    def period_title(self, period: int) -> str:
        """A period over a column of a report: Jan 2027, or P1 FY27."""
        if self.weeks is not None:
            return self.period_name(period)
        month = period + self.shift
        return f"{MONTH_NAMES[month % 12][:3]} {month // 12}"

    def _first_days(self, year: Ints) -> Floats:
        """First day of the fiscal years that begin in some years."""
        begin = month_starts(12 * year + self.shift)
        if self.weeks is None:
            return begin
        last = begin - 1
        back = (last + _THURSDAY - self.weeks.weekday) % 7
        end = last - back
        return np.asarray(np.where(self.weeks.nearest & (back > 3), end + 7, end) + 1)

    def _week_edges(self, year: Ints) -> Ints:
        """Week with which each of the twelve periods begins, and the number of weeks; shape (..., 13)."""
        if self.weeks is None:
            raise ValueError("periods are months")
        usual = np.concatenate([[0], np.cumsum(self.weeks.pattern * 4)])
        number = (self._first_days(year + 1) - self._first_days(year)) / 7
        later = np.arange(13) >= self.weeks.extra
        return np.asarray(usual + (number[..., None] == 53) * later, dtype=np.int64)


#: Years from January to December.
CALENDAR_YEAR = Calendar()


def month_starts(months: Ints) -> Floats:
    """First day of months that are counted from January of the year 0, in days since 1970-01-01.

    Example:
        >>> month_starts(np.array([1970 * 12, 1970 * 12 + 1])).tolist()
        [0.0, 31.0]
    """
    dates = (np.asarray(months, dtype=np.int64) - _EPOCH).astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(dates.astype(np.int64).astype(np.float64))
