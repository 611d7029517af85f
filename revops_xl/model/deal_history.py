"""What the columns of deals said on past days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ColumnHistory:
    """What was seen of one column; one entry per deal and day on which it was new or another, by deal and day.

    Attributes:
        name: The column.
        deal: Position of the deal in the table.
        day: Day on which it was seen so, in days since 1970.
        value: As the column holds it: texts by their codes, NaN for a blank.
        last: Last day on which the table was seen: from it on, what the table says now counts.
    """

    name: str
    deal: Ints
    day: Floats
    value: Floats
    last: float

    def until(self, day: float) -> ColumnHistory:
        """What had been seen before a day."""
        known = self.day < day
        return ColumnHistory(self.name, self.deal[known], self.day[known], self.value[known], min(self.last, day))

    def on(self, deal: Ints, day: Floats, now: Floats) -> Floats:
        """Values on a day each: the last one seen by then; what is entered now where nothing was.

        Args:
            deal: Positions in the table.
            day: The day of each; NaN: not known.
            now: What the table says.

        Example:
            >>> seen = ColumnHistory("Meetings", np.array([0, 0]), np.array([10.0, 20.0]), np.array([1.0, 4.0]), 30.0)
            >>> seen.on(np.array([0, 0, 0, 0]), np.array([5.0, 12.0, 25.0, 30.0]), np.full(4, 6.0)).tolist()
            [6.0, 1.0, 4.0, 6.0]
        """
        if not len(self.deal):
            return now
        at, there = self._seen(deal, day)
        return np.where(there & (day < self.last), self.value[at], now)

    def by(self, deal: Ints, day: Floats) -> tuple[Floats, Bools]:
        """Values as they were last seen by a day, NaN where nothing was; and whether something was."""
        if not len(self.deal):
            return np.full(len(deal), np.nan), np.zeros(len(deal), dtype=bool)
        at, there = self._seen(deal, day)
        return np.where(there, self.value[at], np.nan), there

    def _seen(self, deal: Ints, day: Floats) -> tuple[Ints, Bools]:
        """Place of the last value that was seen by a day, and whether there is one."""
        scale = 1e6  # days since 1970 are fewer
        asked = deal * scale + np.nan_to_num(day, nan=-1.0)
        at = np.searchsorted(self.deal * scale + self.day, asked, side="right") - 1
        return np.maximum(at, 0), (at >= 0) & (self.deal[np.maximum(at, 0)] == deal)
