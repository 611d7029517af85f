"""What numbers are allowed: said once, for settings, worksheet functions and Python alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


class Limits(TypedDict):
    """Bounds as declarations take them."""

    minimum: float | None
    above: float | None
    maximum: float | None


@dataclass(frozen=True)
class Bounds:
    """Bounds of a number.

    Attributes:
        minimum: Smallest allowed number; None: none.
        above: The number must be greater than this; None: none.
        maximum: Largest allowed number; None: none.
        whole: It must be a whole number.

    Example:
        >>> Bounds(above=-1, maximum=3).holds(-1), Bounds(above=-1, maximum=3).holds(3)
        (False, True)
    """

    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies within; NaN does not."""
        return (
            value == value  # noqa: PLR0124  (NaN)
            and (self.minimum is None or value >= self.minimum)
            and (self.above is None or value > self.above)
            and (self.maximum is None or value <= self.maximum)
            and (not self.whole or value == int(value))
        )

    @property
    def limits(self) -> Limits:
        """The bounds by the names that declarations of columns and arguments use."""
        return Limits(minimum=self.minimum, above=self.above, maximum=self.maximum)

    def words(self, *, percent: bool = False) -> str:
        """The bounds as they follow the word for the number.

        Example:
            >>> f"a number{PART.words()}", f"a percentage{GROWTH.words(percent=True)}"
            ('a number of 0 or more and up to 1', 'a percentage above -1 and up to 300%')
        """
        low = f" of {figure(self.minimum)} or more" if self.minimum is not None else ""
        low = f" above {figure(self.above)}" if self.above is not None else low
        if self.maximum is None:
            return low
        high = f"{self.maximum:.0%}" if percent else figure(self.maximum)
        return f"{low}{' and' if low else ''} up to {high}"


def figure(value: float) -> str:
    """A bound as people write it."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


#: Largest amount that still has its cents in the 15 digits of a spreadsheet.
LARGEST = 1e13
PART = Bounds(minimum=0, maximum=1)
#: How sure an interval of a forecast is.
CONFIDENCE = Bounds(minimum=0.1, maximum=0.99)
BUDGET_CONFIDENCE = Bounds(minimum=0.5, maximum=0.99)
BIAS_INTERVAL = Bounds(minimum=0, maximum=0.999)
SHRINKAGE = Bounds(minimum=0, maximum=1000)
FORECAST_QUARTERS = Bounds(minimum=1, maximum=40, whole=True)
RUNS = Bounds(minimum=100, maximum=100_000, whole=True)
SPREAD = Bounds(minimum=0, maximum=2)
SEED = Bounds(minimum=0, maximum=1e9, whole=True)
UNIT = Bounds(minimum=1e-9, maximum=1e12)
FAIRNESS = Bounds(minimum=1, maximum=1e6)
TARGET = Bounds(above=0, maximum=1e15)
TOTAL = Bounds(above=0, maximum=LARGEST)
HISTORY_PERIODS = Bounds(above=0, maximum=1000)
GROWTH = Bounds(above=-1, maximum=3)
OTE_RATIO = Bounds(minimum=0, maximum=1000)
STEP = Bounds(minimum=0.001, maximum=0.9)
