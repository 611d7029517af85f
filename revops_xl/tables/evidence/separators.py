"""Which of point and comma is the decimal separator of a column of numbers that are text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

POINT, COMMA = ".", ","
#: What stands around the digits: currencies, signs, parentheses, percent, blanks and apostrophes that group.
_AROUND = re.compile(r"[^\d.,]")


@dataclass(frozen=True)
class Separators:
    """How a column writes numbers.

    Attributes:
        decimal: "." or ","; "" where two readings are left, or the cells contradict each other.
        deciding: Index of the cell that can be read in one way only; None: the locale decided, or nothing had to.
        against: Index of a cell that can only be read in the other way.
        open: Indices of the cells with two readings.
    """

    decimal: str
    deciding: int | None = None
    against: int | None = None
    open: tuple[int, ...] = ()


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[float | None, float | None]:
    """The number with a decimal point, and with a decimal comma; None where the text cannot be so written.

    Example:
        >>> readings("12.500"), readings("1.234,5"), readings("0.125")
        ((12.5, 12500.0), (None, 1234.5), (0.125, None))
    """
    digits = _AROUND.sub("", text)
    return _reading(digits, POINT, COMMA), _reading(digits, COMMA, POINT)


def _reading(digits: str, decimal: str, group: str) -> float | None:
    d, g = re.escape(decimal), re.escape(group)
    grouped = rf"[1-9]\d{{0,2}}(?:{g}\d{{3}})+|[1-9]\d?(?:{g}\d{{2}})+{g}\d{{3}}"  # and 12,34,567 in South Asia
    if re.fullmatch(rf"(?:\d+|{grouped})(?:{d}\d+)?|{d}\d+", digits) is None:
        return None
    return float(digits.replace(group, "").replace(decimal, "."))


def separators(texts: Sequence[str], locale_decimal: str) -> Separators:
    """How the numbers of a column are written.

    A cell that can be read in one way only decides for the whole column. Without any, the locale's reading stands where
    it makes the separator one of groups, because groups always have three digits. Where it makes it decimal, "12.500"
    has two readings, because money seldom has three decimals.

    Args:
        texts: The cells that are text; those that are no numbers are passed over.
        locale_decimal: Decimal separator of the locale.
    """
    first: dict[str, int] = {}
    undecided: list[int] = []
    marks: set[str] = set()
    for i, text in enumerate(texts):
        with_point, with_comma = readings(text)
        if with_point is None and with_comma is None:
            continue
        if with_comma is None:
            first.setdefault(POINT, i)
        elif with_point is None:
            first.setdefault(COMMA, i)
        elif with_point != with_comma:
            undecided.append(i)
            marks |= set(text) & {POINT, COMMA}
    if len(first) == 2:
        latest = max(first, key=lambda mark: first[mark])
        other = POINT if latest == COMMA else COMMA
        return Separators("", first[other], first[latest], tuple(undecided))
    for mark, i in first.items():
        return Separators(mark, i, open=tuple(undecided))
    if undecided and locale_decimal in marks:
        return Separators("", open=tuple(undecided))
    return Separators(locale_decimal, open=tuple(undecided))
