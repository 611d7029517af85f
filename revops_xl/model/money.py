"""Rounding to whole units so that totals survive it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Largest amount that a double still holds to the cent, with the 15 digits a spreadsheet keeps.
MAX_UNITS = 999_999_999_999_999
#: From here on 15 digits are not enough to write a whole number.
EXACT_INTEGERS = 10**15
#: Units outside this range are slips.
SMALLEST_UNIT, LARGEST_UNIT = Decimal("1e-9"), Decimal("1e12")


def round_half_away(values: Floats | float) -> Floats:
    """Round to whole numbers, halves away from zero, as ROUND does in a spreadsheet.

    Spreadsheets look at 15 significant digits, so 2.675 / 0.01 counts as 267.5 although the double
    lies below it. The same nudge is applied here, bounded so that it never decides more than noise.

    Args:
        values: Any shape, any sign.

    Returns:
        Floats that hold whole numbers, same shape.

    Example:
        >>> round_half_away(np.array([0.5, -0.5, 1.4999, 2.675 / 0.01])).tolist()
        [1.0, -1.0, 1.0, 268.0]
    """
    magnitude = np.abs(values)
    nudge = np.minimum(magnitude * 2.0**-49, 2.0**-10)
    return np.asarray(np.copysign(np.floor(magnitude + (0.5 + nudge)), values) + 0.0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest step of a quota, in currency: 0.01 is a cent, 1000 is a round thousand.

    Example:
        >>> Unit.of(0.01).to_amount(np.array([12345]))
        array([123.45])
        >>> Unit.of(0.01).exactly(100.005) is None
        True
    """

    size: Decimal

    @classmethod
    def of(cls, size: float | Decimal | str) -> Unit:
        """Make a unit from its size; raises ValueError unless it is a positive finite number."""
        try:
            exact = Decimal(str(size))
        except InvalidOperation:
            raise ValueError(f"unit {size!r} is not a number") from None
        if not exact.is_finite() or exact <= 0:
            raise ValueError(f"unit {size} must be above 0")
        if not SMALLEST_UNIT <= exact <= LARGEST_UNIT:
            raise ValueError(f"unit {size} must be from {SMALLEST_UNIT} to {LARGEST_UNIT}")
        return cls(exact.normalize())

    @property
    def _ratio(self) -> Fraction:
        return Fraction(self.size)

    @property
    def decimals(self) -> int | None:
        """Digits for ROUND when the unit is a power of ten (-3 for 1000), else None."""
        sign, digits, exponent = self.size.as_tuple()
        return -int(exponent) if digits == (1,) and not sign else None

    def in_units(self, amounts: Floats | float) -> Floats:
        """Amounts in currency as (fractional) counts of units."""
        ratio = self._ratio
        return np.asarray(amounts, dtype=np.float64) * ratio.denominator / ratio.numerator

    def exactly(self, amount: float) -> int | None:
        """The amount in units when it is a whole multiple to 15 digits, else None."""
        text = f"{amount:.15g}" if abs(amount) < EXACT_INTEGERS else repr(float(amount))
        count = Fraction(text) / self._ratio
        return int(count) if count.denominator == 1 else None

    def to_amount(self, units: Ints | Floats) -> Floats:
        """Counts of units as amounts in currency, each the double nearest to the exact decimal."""
        ratio = self._ratio
        return np.asarray(units, dtype=np.float64) * ratio.numerator / ratio.denominator


def whole_units(amounts: Floats, unit: Unit | None) -> Floats:
    """Amounts as whole counts of units; as they are where nothing is rounded."""
    return amounts if unit is None else round_half_away(unit.in_units(amounts))


def amounts_of(units: Floats, unit: Unit | None) -> Floats:
    """Counts of units as amounts; as they are where nothing is rounded."""
    return units if unit is None else unit.to_amount(units)


def tidy(amounts: Floats, unit: Unit | None) -> Floats:
    """Sums and differences of whole multiples of the unit, free of the noise of adding doubles.

    Example:
        >>> tidy(np.array([0.1 + 0.2]), Unit.of(0.01)).tolist()
        [0.3]
    """
    return amounts if unit is None else unit.to_amount(np.rint(unit.in_units(amounts)))


#: Forecasts and gaps are money, so they have cents, whatever unit quotas are rounded to.
CENT = Unit(Decimal("0.01"))


def to_cents(amounts: Floats) -> Floats:
    """Amounts to the cent, halves away from zero; NaN stays.

    Example:
        >>> to_cents(np.array([0.125, 2.675, -1.005])).tolist()
        [0.13, 2.68, -1.01]
    """
    return CENT.to_amount(round_half_away(CENT.in_units(amounts)))


def apportion(total: int, shares: npt.ArrayLike) -> Ints:
    """Split a whole total by shares so that the parts are whole and add up to it.

    Part *i* is round(total x cumulative share *i*) - round(total x cumulative share *i*-1): each part is
    within one of its exact share, and the rule can be written as a spreadsheet formula.

    Args:
        total: Whole number of units, any sign.
        shares: One-dimensional, 0 or more; they need not add up to 1. All zero: equal shares.

    Returns:
        Whole parts, same length as shares; they add up to total.

    Raises:
        ValueError: No shares, or a share that is negative or not finite.

    Example:
        >>> apportion(100, [1, 1, 1]).tolist()
        [33, 34, 33]
        >>> apportion(0, [2, 1]).tolist()
        [0, 0]
    """
    weights = np.asarray(shares, dtype=np.float64)
    if weights.ndim != 1 or not len(weights):
        raise ValueError("apportion needs at least one share")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("shares must be finite and 0 or more")
    whole = weights.sum()
    if whole == 0:
        weights, whole = np.ones_like(weights), float(len(weights))
    cumulative = np.cumsum(weights) / whole
    cumulative[-1] = 1.0
    return np.diff(round_half_away(total * cumulative), prepend=0.0).astype(np.int64)
