"""A sheet of a file as it came: rows of cells, before anybody knows what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Grid:
    """Cells of a sheet, or of a text file.

    Attributes:
        file: Name of the file.
        sheet: Name of the sheet; "" for a file that has none.
        rows: Each from column A on, as long as it is filled; None or "" is blank.
        header: Index of the row of headers where the file says it; None: to be found.
        told: How the file was read, where that matters, such as its encoding.
        texts: Whether every cell is text, as in a CSV.
        currencies: Cells that show a currency by their format, (row from 1, column from 0) by code or sign.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[Any]]
    header: int | None = None
    told: tuple[str, ...] = ()
    texts: bool = False
    currencies: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file and, where it has several sheets, the sheet."""
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file
