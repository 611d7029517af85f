"""Whether a column of percentages holds parts of 1 or numbers up to 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Percents:
    """How a column writes percentages.

    Attributes:
        divisor: 1 or 100; 0 where two readings are left.
        above: Index of a value above 1; None: there is none.
        inside: Index of a value between 0 and 1; None: there is none.
    """

    divisor: int
    above: int | None = None
    inside: int | None = None


def percents(values: Sequence[float], known: Sequence[bool]) -> Percents:
    """How the numbers of a column are meant; a column is read one way or not at all.

    Args:
        values: The numbers; NaN: none.
        known: Whether each says itself that it is a percentage, as the text "40%" does; those are parts of 1 by now.

    Example:
        >>> percents([50, 80], [False, False]).divisor, percents([0.5, 80], [False, False]).divisor
        (100, 0)
    """
    above = next((i for i, value in enumerate(values) if not known[i] and 1 < value <= 100), None)
    inside = next((i for i, value in enumerate(values) if not known[i] and 0 < value < 1), None)
    if above is None:
        return Percents(1, None, inside)
    return Percents(0 if inside is not None else 100, above, inside)
