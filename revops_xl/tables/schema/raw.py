"""Rows that know their cells: what the reader hands to the parsers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Coded
from revops_xl.model.plan import KnownTable, Remark


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value in a cell, such as #N/A; never a blank."""

    text: str


@dataclass(frozen=True, slots=True)
class NotCalculated:
    """A formula that no spreadsheet has calculated yet; never a 0."""

    formula: str


Cells = Sequence[Any] | npt.NDArray[Any]
#: A column's cells; texts may come coded, as a DataFrame's do.
CellColumn = Cells | Coded


def column_letters(index: int) -> str:
    """Letters of a column counted from 0.

    Example:
        >>> column_letters(0), column_letters(27), column_letters(16383)
        ('A', 'AB', 'XFD')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True)
class RawTable:
    """A table's cells, column by column, with blank rows left out.

    Attributes:
        name: Table name.
        sheet: Sheet it stands on; for a DataFrame, the name of the argument.
        headers: Texts of the header row.
        columns: One sequence per header: numbers, texts, TRUE/FALSE, dates, CellError, NotCalculated; None or ""
            is blank.
        rows: Sheet row number (from 1) of each entry; for a DataFrame, the index of the row.
        first_column: Sheet column (from 0) of the first header; -1 for a DataFrame.
        header_row: Sheet row number of the headers.
        below: Address of a filled cell right below the table, where a row was typed that the table does not include.
        beside: Address of a filled cell right beside the headers, where a column was typed so.
        has_odd: Whether any of its cells is a CellError or NotCalculated.
        last_row: Sheet row number of the last row of the table, blank or not.
        currencies: Sheet rows whose cell shows a currency by its format, by header and then by code or sign.
    """

    name: str
    sheet: str
    headers: tuple[str, ...]
    columns: tuple[CellColumn, ...]
    rows: Sequence[int] | npt.NDArray[np.int64]
    first_column: int = -1
    header_row: int = 0
    below: str = ""
    beside: str = ""
    has_odd: bool = False
    last_row: int = 0
    currencies: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def cell(self, row: int, header: str) -> str:
        """Address of an entry: A1 style on a sheet, row and column name in a DataFrame."""
        if self.first_column < 0:
            return f"row {self.rows[row]}, {header}"
        return f"{column_letters(self.first_column + self.headers.index(header))}{self.rows[row]}"

    def row_text(self, row: int) -> str:
        """Number of an entry's row as people see it."""
        return str(self.rows[row])

    def header_cell(self, header: str | None = None) -> str:
        """Address of a header, or of the first one; "" in a DataFrame."""
        if self.first_column < 0:
            return ""
        index = 0 if header is None else self.headers.index(header)
        return f"{column_letters(self.first_column + index)}{self.header_row}"

    def column(self, header: str) -> Cells:
        """The entries below a header."""
        cells = self.coded_column(header)
        return cells.texts() if isinstance(cells, Coded) else cells

    def coded_column(self, header: str) -> CellColumn:
        """The entries below a header, coded if they came so."""
        return self.columns[self.headers.index(header)]


@dataclass(frozen=True)
class RawBook:
    """The tables of a workbook.

    Attributes:
        name: Name of the workbook.
        tables: Those that were read, by name.
        remarks: What deserves to be known about the workbook.
        known_tables: All of its tables by name; empty: not known.
        path: Where it lies on this machine; None: nowhere, or somebody else's.
    """

    name: str
    tables: dict[str, RawTable] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    known_tables: Mapping[str, KnownTable] = field(default_factory=dict)
    path: Path | None = None
