"""Days as numbers, and back."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.date(1970, 1, 1)
#: The calendar ends with the year 9999.
LAST_DAY = (dt.date.max - EPOCH).days


def to_days(day: dt.date | None) -> float:
    """Days since 1970-01-01; NaN for none.

    Example:
        >>> to_days(dt.date(1970, 1, 3))
        2.0
    """
    return float("nan") if day is None else float((day - EPOCH).days)


def to_date(days: float) -> dt.date | None:
    """The day again; None for NaN.

    Example:
        >>> to_date(2.0)
        datetime.date(1970, 1, 3)
    """
    return None if days != days else EPOCH + dt.timedelta(days=min(int(days), LAST_DAY))  # noqa: PLR0124  (NaN)
