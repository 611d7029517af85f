"""What a chance is called, and how serious each word of the product is: one scale, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats


class Level(StrEnum):
    """How serious a verdict is."""

    FINE = "fine"
    WATCH = "watch"
    ACT = "act"
    NONE = "no verdict"


#: What stands for a verdict where the chance is that of another amount than the one beside it.
RUN_AGAIN = "run again"


class ChanceVerdict(StrEnum):
    """What a chance of reaching an amount says."""

    BACKED = "backed"
    AMBITIOUS = "ambitious"
    STRETCH = "stretch"
    NOT_BACKED = "not backed"
    UNKNOWN = "nothing to tell by"
    NO_QUOTA = "no quota"


#: Verdicts in the order of their codes.
VERDICTS = tuple(ChanceVerdict)


@dataclass(frozen=True)
class ChanceLimits:
    """Chances from which an amount is backed, ambitious, a stretch; below the last it is not backed.

    A chance is judged as it is shown, in whole percent.
    """

    backed: float = 0.8
    ambitious: float = 0.5
    stretch: float = 0.2

    @property
    def steps(self) -> tuple[tuple[float, ChanceVerdict], ...]:
        """Limits with their words, the highest first."""
        return (
            (self.backed, ChanceVerdict.BACKED),
            (self.ambitious, ChanceVerdict.AMBITIOUS),
            (self.stretch, ChanceVerdict.STRETCH),
        )

    def formula(self, chance: str) -> str:
        """The verdict of a cell with a chance, as a formula."""
        text = f'"{ChanceVerdict.NOT_BACKED}"'
        for floor, word in reversed(self.steps):
            text = f'IF(ROUND({chance},2)>={floor:g},"{word}",{text})'
        return text


USUAL_LIMITS = ChanceLimits()


def verdict_of(chance: float, limits: ChanceLimits = USUAL_LIMITS) -> ChanceVerdict:
    """The verdict of a chance, rounded as it is shown.

    Example:
        >>> [str(verdict_of(each)) for each in (0.85, 0.796, 0.5, 0.3, 0.1, float("nan"))]
        ['backed', 'backed', 'ambitious', 'stretch', 'not backed', 'nothing to tell by']
    """
    return VERDICTS[int(verdict_codes(np.array([chance]), np.ones(1), limits)[0])]


def verdict_codes(chance: Floats, quota: Floats, limits: ChanceLimits = USUAL_LIMITS) -> npt.NDArray[np.int32]:
    """Verdicts of chances as indices into VERDICTS.

    Args:
        chance: NaN: not known.
        quota: Without one, above 0, there is nothing to reach.
        limits: Where verdicts change.
    """
    shown = np.round(chance, 2)
    with np.errstate(invalid="ignore"):
        code = sum((shown < floor - 1e-9).astype(np.int32) for floor, _ in limits.steps)
    code = np.where(np.isnan(chance), VERDICTS.index(ChanceVerdict.UNKNOWN), code)
    return np.where(quota > 0, code, VERDICTS.index(ChanceVerdict.NO_QUOTA)).astype(np.int32)


class Health(StrEnum):
    """Where a figure of the plan lies against its aim."""

    WITHIN = "within"
    ROOM = "room"
    BELOW = "below"
    OVER = "over"


#: How serious each word is, by module.
LEVELS: Mapping[str, Level] = {
    # checks
    "OK": Level.FINE, "Note": Level.NONE, "Warning": Level.WATCH, "Alarm": Level.ACT, "Failed": Level.ACT,
    # coverage of the pipeline
    "Healthy": Level.FINE, "Moderate": Level.WATCH, "At risk": Level.ACT, "Critical": Level.ACT,
    "No quota": Level.NONE, "No pipeline known": Level.NONE,
    # chance of a target or quota
    ChanceVerdict.BACKED: Level.FINE, ChanceVerdict.AMBITIOUS: Level.FINE, ChanceVerdict.STRETCH: Level.WATCH,
    ChanceVerdict.NOT_BACKED: Level.ACT, ChanceVerdict.UNKNOWN: Level.NONE, ChanceVerdict.NO_QUOTA: Level.NONE,
    # plan health: more than the aim may be room, or over a limit
    Health.WITHIN: Level.FINE, Health.ROOM: Level.WATCH, Health.BELOW: Level.ACT, Health.OVER: Level.ACT,
    # bias of commits
    "neutral": Level.FINE, "sandbagger": Level.WATCH, "happy ears": Level.WATCH, "not clear yet": Level.NONE,
    "no history": Level.NONE,
    # deals: how far the rep is above the model (OK stands above)
    "High": Level.ACT, "Medium": Level.WATCH, "Upside": Level.FINE, "": Level.NONE,
    # history / quota, as the worksheet function says it
    "low": Level.FINE, "medium": Level.WATCH, "high": Level.ACT, "very high": Level.ACT,
}  # fmt: skip


def level_of(word: str) -> Level:
    """How serious a module's word is.

    Example:
        >>> str(level_of("Critical")), str(level_of("stretch"))
        ('act', 'watch')
    """
    return LEVELS[str(word)]
