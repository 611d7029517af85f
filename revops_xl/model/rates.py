"""Rates of exchange into the plan's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from revops_xl.model.money import Floats, Unit

#: Amounts are converted to the cent.
CENTS = 100
#: Days since 1970 of a rate that holds from the beginning.
ALWAYS = float("-inf")
#: What stands for the currency of a team of several.
MIXED = "mixed"


@dataclass(frozen=True)
class Rates:
    """What one unit of each currency is worth in the plan's.

    Attributes:
        plan: The plan's currency, an ISO 4217 code.
        rates: By code: (day from which it holds, plan currency per 1), the earliest first; days since 1970.
        dated: Whether the rate of the day counts; else there is one for the whole plan.
    """

    plan: str
    rates: Mapping[str, tuple[tuple[float, Fraction], ...]] = field(default_factory=dict)
    dated: bool = False

    def rate(self, code: str, day: float | None = None) -> Fraction | None:
        """The rate of a currency on a day, the newest without one; None where there is none, or none yet.

        Example:
            >>> rates = Rates("USD", {"EUR": ((ALWAYS, Fraction("1.1")), (20544.0, Fraction("1.05")))}, dated=True)
            >>> float(rates.rate("EUR", 20543.0)), float(rates.rate("EUR")), rates.rate("JPY")
            (1.1, 1.05, None)
        """
        if code == self.plan:
            return Fraction(1)
        known = self.rates.get(code, ())
        held = [rate for since, rate in known if day is None or not self.dated or since <= day]
        return held[-1] if held else None


@dataclass(frozen=True)
class PlanMoney:
    """The currencies of a plan.

    Attributes:
        rates: Rates of exchange.
        codes: Currency of each row of Hierarchy; "" for the plan's.
        converted: Amounts that were converted, by table and currency.
        units: Unit of local quotas of each currency.
    """

    rates: Rates
    codes: tuple[str, ...]
    converted: Mapping[tuple[str, str], int]
    units: Mapping[str, Unit]


@dataclass(frozen=True)
class LocalView:
    """Quotas in the currency of those who carry them.

    Attributes:
        codes: Currency of each node; MIXED for a team of several.
        amounts: Quota of each node in it; NaN where it is mixed.
    """

    codes: tuple[str, ...]
    amounts: Floats


def converted(amount: float, rate: Fraction) -> float:
    """An amount in the plan's currency, to the cent, halves away from zero; exact in the digits that a cell shows.

    Example:
        >>> converted(-250.10, Fraction("1.085")), converted(10_000, Fraction("0.008386"))
        (-271.36, 83.86)
    """
    exact = Fraction(repr(float(amount))) * rate * CENTS
    whole = (2 * abs(exact) + 1).__floor__() // 2
    return float(Fraction(whole if exact >= 0 else -whole, CENTS))
