"""Revenue booked period by period, and what its past says about the next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.money import Floats
from revops_xl.model.verdicts import USUAL_LIMITS, ChanceLimits, ChanceVerdict, verdict_of

#: Two years of quarters, or of months, are the least from which a season can be told from chance.
YEARS_NEEDED = 2

#: The method of the baseline unless trials on the past say better, in the words that people read.
COMBINED = "mean of Holt-Winters, the same of logarithms, and optimised theta"


#: Sums since the start of a year grow by at least so much of the first period at a time, and start anew below that part of the last.
ADDS_AT_LEAST, STARTS_ANEW = 0.4, 0.6


@dataclass(frozen=True)
class Bookings:
    """Bookings without gaps, the oldest first.

    Attributes:
        values: Revenue per period, in currency.
        season: Periods a year: 4 or 12.
        first: The first period, counted in periods of the calendar from the year 0: 2025-Q2 is 4 x 2025 + 1.
        calendar: The firm's.
    """

    values: Floats
    season: int
    first: int
    calendar: Calendar = CALENDAR_YEAR

    def __len__(self) -> int:
        return len(self.values)

    def name(self, position: int) -> str:
        """How a period is called; positions behind the last go on.

        Example:
            >>> import numpy as np
            >>> Bookings(np.zeros(8), 4, 4 * 2025).name(5), Bookings(np.zeros(24), 12, 12 * 2025).name(0)
            ('2026-Q2', '2025-01')
        """
        place = self.first + position
        return self.calendar.quarter_label(place) if self.season == 4 else self.calendar.period_name(place)

    def longer(self, position: int, count: int) -> Floats:
        """How many times as long as usual some periods are: 1, but for those with a 53rd week."""
        per = 12 // self.season
        periods = (self.first + position) * per + np.arange(count * per)
        weeks = self.calendar.weeks_of(periods).reshape(count, per).sum(axis=1)
        usual = (self.calendar.weeks_of(periods) / self.calendar.longer(periods)).reshape(count, per).sum(axis=1)
        return np.asarray(weeks / usual)

    def part(self, position: int) -> int:
        """Which part of the year a period is, from 0."""
        return (self.first + position) % self.season

    @property
    def cumulative(self) -> bool:
        """Whether they look like sums since the start of a year: each period adds a good part of the first, and then it starts anew.

        Two whole years are needed; they may begin with any period.

        Example:
            >>> import numpy as np
            >>> Bookings(np.array([100.0, 210, 310, 430] * 2), 4, 8100).cumulative
            True
            >>> Bookings(np.array([100.0, 110, 130, 250] * 2), 4, 8100).cumulative
            False
        """
        return any(self._sums_from(start) for start in range(self.season))

    def _sums_from(self, start: int) -> bool:
        count = (len(self.values) - start) // self.season
        if count < 2:
            return False
        years = self.values[start : start + count * self.season].reshape(count, self.season)
        first, added = years[:, :1], np.diff(years, axis=1)
        anew = years[1:, 0] < STARTS_ANEW * years[:-1, -1]
        return bool((first > 0).all() and (added >= ADDS_AT_LEAST * first).all() and anew.all())


class OutlierKind(StrEnum):
    """What is unusual about a period."""

    ONE_OFF = "one-off"
    SHIFT = "level shift"


@dataclass(frozen=True)
class Outlier:
    """A period that does not fit the others.

    Attributes:
        position: Which one.
        kind: A single unusual value, or the first period of another level.
        expected: What trend and season say, in currency; of a level shift what the old level says.
        deviation: Bookings / expected - 1.
    """

    position: int
    kind: OutlierKind
    expected: float
    deviation: float


@dataclass(frozen=True)
class BaselineRules:
    """How bookings are read.

    Attributes:
        interval: Chance that a period, or the plan's total, lies between low and high.
        replace_one_offs: Whether single unusual values count as what is expected of them.
    """

    interval: float = 0.8
    replace_one_offs: bool = False


@dataclass(frozen=True)
class Trial:
    """How a method did on the past.

    Attributes:
        method: Its name.
        error: sMAPE of its forecasts at the origins, 0 to 2.
        chosen: Whether the forecast is made with it.
    """

    method: str
    error: float
    chosen: bool


@dataclass(frozen=True)
class BookingsBaseline:
    """What history supports.

    Attributes:
        bookings: What was booked.
        used: The same with one-offs replaced, if that was asked for.
        factors: Per part of the year, what it brings for each 1 of an average period; they average 1.
        seasonal: Whether the season is told from chance; else all factors are 1.
        level: Per period, the bookings without their season, smoothed over a year; NaN where a year is not complete.
        forecast: Per period after the last.
        low: Lower end of its interval.
        high: Upper end.
        trials: Methods tried, the best first; none where the past is too short to try them.
        origins: From how many points of the past forecasts were tried.
        outliers: Periods that do not fit.
        spread: Standard error of the forecast of the next period, as a part of it.
        persistence: Part of a period's surprise that stays, 0 to 1.
        freedom: How many errors the spread rests on.
        growth: The next year against the last, as a part of it.
    """

    bookings: Bookings
    used: Floats
    factors: Floats
    seasonal: bool
    level: Floats
    forecast: Floats
    low: Floats
    high: Floats
    trials: tuple[Trial, ...]
    origins: int
    outliers: tuple[Outlier, ...]
    spread: float
    persistence: float
    freedom: float
    growth: float

    @property
    def method(self) -> str:
        """What the forecast is made with."""
        return next((trial.method for trial in self.trials if trial.chosen), "")


@dataclass(frozen=True)
class TargetRange:
    """What history supports for the plan's period, beside the target.

    Attributes:
        booked: Booked already inside the period.
        expected: Booked and forecast.
        low: Lower end of its interval.
        high: Upper end.
        target: As entered.
        last: Bookings of the same length of time before.
        chance: Probability of reaching the target.
        complete: Whether bookings and forecast cover the whole period.
        limits: Chances from which the target is backed, ambitious, a stretch.
    """

    booked: float
    expected: float
    low: float
    high: float
    target: float
    last: float
    chance: float
    complete: bool
    limits: ChanceLimits = USUAL_LIMITS

    @property
    def verdict(self) -> ChanceVerdict:
        """What the chance says."""
        return verdict_of(self.chance, self.limits)
