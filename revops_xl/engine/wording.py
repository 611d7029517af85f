"""Numbers in explanations: for people, and for machines."""

from __future__ import annotations


def money(value: float) -> str:
    """An amount with cents.

    Example:
        >>> money(1234.5)
        '1,234.50'
    """
    return f"{value:,.2f}"


def number(value: float) -> float | None:
    """A number for JSON; None where it is undefined."""
    return None if value != value else float(value)  # noqa: PLR0124  (NaN)
