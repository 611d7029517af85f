"""Amounts as people say them on one page: all in one unit."""

from __future__ import annotations

from dataclasses import dataclass

#: Target from which a page speaks in a unit: its size, name and decimals.
_UNITS = ((20e9, 1e9, "bn", 1), (20e6, 1e6, "m", 1), (200e3, 1e3, "k", 0))
_ADAPTED = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def short(amount: float) -> str:
    """An amount by itself, in the unit that fits it.

    Example:
        >>> [short(each) for each in (72e6, 4_528_570.3, 999_960, 45_200, 950, 1.234e9)]
        ['72.0 m', '4.5 m', '1.0 m', '45.2 k', '950', '1.2 bn']
    """
    for size, unit in _ADAPTED:
        if round(abs(amount) / size, 1) >= 1:
            return f"{amount / size:,.1f} {unit}"
    return f"{amount:,.0f}"


@dataclass(frozen=True)
class Scale:
    """The unit of a page.

    Attributes:
        size: What one of it is.
        unit: Its name; "" for whole currency.
        decimals: How many are shown.

    Example:
        >>> page = Scale.of(72e6)
        >>> page.say(3_143_000), page.say(12_000), page.range(60.3e6, 92.1e6)
        ('3.1 m', '12.0 k', '60.3 to 92.1 m')
        >>> Scale.of(900_000).say(45_200), Scale.of(26_000).say(1_234)
        ('45 k', '1,234')
    """

    size: float = 1.0
    unit: str = ""
    decimals: int = 0

    @classmethod
    def of(cls, target: float) -> Scale:
        """The unit for a plan with this target."""
        return next((cls(size, unit, digits) for least, size, unit, digits in _UNITS if target >= least), cls())

    def say(self, amount: float) -> str:
        """An amount with its unit; one too small for the unit in its own."""
        number = f"{amount / self.size:,.{self.decimals}f}"
        if amount and not float(number.replace(",", "")):
            return short(amount)
        return f"{number} {self.unit}".rstrip()

    def range(self, low: float, high: float) -> str:
        """From one amount to another."""
        return f"{low / self.size:,.{self.decimals}f} to {self.say(high)}"

    def number(self, amount: float) -> float:
        """An amount in the unit.

        Example:
            >>> Scale.of(72e6).number(3_143_000)
            3.143
        """
        return round(amount / self.size, 9)

    def formula(self, amount: str) -> str:
        """The same of a cell: FIXED writes numbers as the reader's spreadsheet does."""
        behind = f'&" {self.unit}"' if self.unit else ""
        return f"FIXED(({amount})/{self.size:.0f},{self.decimals}){behind}"

    @property
    def words(self) -> str:
        """What stands under a title.

        Example:
            >>> Scale.of(72e6).words, Scale.of(26_000).words
            ('million', 'whole')
        """
        return {"bn": "billion", "m": "million", "k": "thousand"}.get(self.unit, "whole")
