"""What a chance is called, everywhere."""

from __future__ import annotations

from enum import StrEnum


class ChanceVerdict(StrEnum):
    """What a chance of reaching an amount says."""

    BACKED = "backed"
    AMBITIOUS = "ambitious"
    STRETCH = "stretch"
    NOT_BACKED = "not backed"
    UNKNOWN = "nothing to tell by"


#: Chances, in whole percent as shown, from which an amount is backed, ambitious, a stretch; below it is not backed.
LIMITS = (
    (0.8, ChanceVerdict.BACKED),
    (0.5, ChanceVerdict.AMBITIOUS),
    (0.2, ChanceVerdict.STRETCH),
)


def verdict_of(chance: float) -> ChanceVerdict:
    """The verdict of a chance, rounded as it is shown.

    Example:
        >>> [str(verdict_of(each)) for each in (0.85, 0.796, 0.5, 0.3, 0.1, float("nan"))]
        ['backed', 'backed', 'ambitious', 'stretch', 'not backed', 'nothing to tell by']
    """
    if chance != chance:  # noqa: PLR0124  (NaN)
        return ChanceVerdict.UNKNOWN
    return next((word for floor, word in LIMITS if round(chance, 2) >= floor), ChanceVerdict.NOT_BACKED)
