"""Numbers in texts: for people, and for machines."""

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


def counted(count: int, one: str, many: str = "") -> str:
    """A number of things, in the singular where it is one.

    Example:
        >>> counted(1, "rep"), counted(1200, "rep"), counted(2, "territory", "territories")
        ('1 rep', '1,200 reps', '2 territories')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
