"""Addresses of cells, as spreadsheets write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from revops_xl.tables.schema.raw import column_letters

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_RANGE = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")


def column_index(letters: str) -> int:
    """Column counted from 0.

    Example:
        >>> column_index("A"), column_index("XFD")
        (0, 16383)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells: rows from 1, columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, reference: str) -> Area | None:
        """Read A1, A1:B2 or $A$1:$B$2."""
        match = _RANGE.match(reference)
        if match is None:
            return None
        left, top, right, bottom = match.groups()
        return cls(int(top), column_index(left), int(bottom or top), column_index(right or left))

    @property
    def is_on_a_sheet(self) -> bool:
        """Whether a sheet has all of its cells."""
        return 1 <= self.top <= self.bottom <= MAX_ROWS and 0 <= self.left <= self.right < MAX_COLUMNS

    def overlaps(self, other: Area) -> bool:
        """Whether they have a cell in common."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def __str__(self) -> str:
        first, last = f"{column_letters(self.left)}{self.top}", f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def absolute(self) -> str:
        """With dollar signs, as charts write it."""
        first, last = f"${column_letters(self.left)}${self.top}", f"${column_letters(self.right)}${self.bottom}"
        return first if first == last else f"{first}:{last}"


def room_beside(area: Area, tables: Iterable[Area]) -> int:
    """How many columns a table can get at its right before the next one, whose rows overlap its own."""
    starts = [
        each.left for each in tables if each.left > area.right and area.top <= each.bottom and each.top <= area.bottom
    ]
    return min(starts, default=MAX_COLUMNS) - area.right - 1
