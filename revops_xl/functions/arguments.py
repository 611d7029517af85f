"""What a worksheet function is given, checked against its declaration; every fault names its argument."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.cells import (
    VALUE,
    Cell,
    FunctionError,
    Grid,
    as_day,
    as_grid,
    as_text,
    digest,
    first_error,
    is_blank,
)
from revops_xl.functions.declare import Function, Parameter, Takes
from revops_xl.model.money import Floats
from revops_xl.tables.schema.column_lists import split_list
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import CellColumn, RawTable
from revops_xl.tables.schema.typed import TypedTable

#: Columns that hold days beside those declared so.
PERIODS = frozenset({"Period"})
MOST_TOLD = 5
#: Beyond this sums and squares are no numbers any more.
LARGEST = 1e100


class Arguments:
    """The arguments of one call.

    Attributes:
        problems: What was found wrong so far; `refuse` raises them all.
    """

    def __init__(self, function: Function, values: Sequence[object]) -> None:
        self.function = function
        self.problems: list[Problem] = []
        if len(values) > len(function.parameters):
            raise FunctionError(VALUE, f"{function.name} has {len(function.parameters)} arguments, not {len(values)}")
        grids = [as_grid(value) for value in values]
        grids += [((None,),)] * (len(function.parameters) - len(grids))
        names = [parameter.name for parameter in function.parameters]
        self._grids = dict(zip(names, grids, strict=True))
        for name, grid in self._grids.items():
            found = first_error(grid)
            if found is not None:  # as with a spreadsheet's own functions: an error goes on, it is never a blank
                raise FunctionError(found[0], f"{name}{f' ({found[1]})' if found[1] else ''} holds {found[0]}")
        for parameter in function.parameters:
            if parameter.needed and not parameter.blank and not self.given(parameter.name):
                self.problem(parameter.name, f"blank; needed: {parameter.takes}")
        self.refuse()

    def parameter(self, name: str) -> Parameter:
        """The declaration of an argument."""
        return next(parameter for parameter in self.function.parameters if parameter.name == name)

    def given(self, name: str) -> bool:
        """Whether there is anything in it."""
        return name in self._grids and not is_blank(self._grids[name])

    def key(self, *names: str) -> bytes:
        """Same arguments, same key; of all arguments if none is named."""
        content = b"".join(self._digests.get(name, b"-") for name in names or self._digests)
        return hashlib.blake2b(content, digest_size=16).digest()

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        return {name: digest(grid) for name, grid in self._grids.items()}

    def problem(self, name: str, message: str, fix: str = "") -> None:
        """Note what is wrong with an argument."""
        self.problems.append(Problem(name, "", message, fix))

    def refuse(self) -> None:
        """Raise what was found so far."""
        if self.problems:
            raise PlanError(self.problems)

    # --- one value -----------------------------------------------------------------------------------------

    def cell(self, name: str) -> Cell:
        """The one cell of an argument; None where blank or, with a problem, where there are several."""
        grid = self._grids[name]
        if len(grid) > 1 or len(grid[0]) > 1:
            self.problem(name, f"a range of {len(grid)} by {len(grid[0])} cells; one {self.parameter(name).takes} is needed")  # fmt: skip
            return None
        return grid[0][0]

    def number(self, name: str) -> float:
        """One number within its bounds; its default where blank, NaN where wrong."""
        parameter, value = self.parameter(name), self.cell(name)
        if value is None:
            return float("nan") if parameter.default is None else float(parameter.default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problem(name, f'"{value}"; a number{parameter.bounds.words()} is needed')
            return float("nan")
        if not abs(value) <= LARGEST or not parameter.bounds.holds(value):
            kind = "whole number" if parameter.takes is Takes.WHOLE else "number"
            self.problem(name, f"{value:.15g}; a {kind}{parameter.bounds.words()} is needed")
            return float("nan")
        return float(value)

    def whole(self, name: str) -> int:
        """One whole number; 0 where wrong."""
        value = self.number(name)
        return 0 if np.isnan(value) else int(value)

    def flag(self, name: str) -> bool:
        """TRUE or FALSE; a number counts as in a spreadsheet: 0 is FALSE."""
        value = self.cell(name)
        if value is None:
            return bool(self.parameter(name).default)
        if isinstance(value, bool | int | float) and value in {0, 1}:
            return bool(value)
        self.problem(name, f'"{value}"; TRUE or FALSE is needed')
        return False

    def text(self, name: str) -> str:
        """One text; its default, else "", where blank."""
        parameter, value = self.parameter(name), self.cell(name)
        if value is None:
            return str(parameter.default or "")
        text = as_text(value)
        if parameter.choices:
            found = [choice for choice in parameter.choices if choice.lower() == text.strip().lower()]
            if not found:
                self.problem(name, f'"{text}" is not one of {", ".join(parameter.choices)}')
            return found[0] if found else parameter.choices[0]
        return text

    def day(self, name: str) -> dt.date | None:
        """One day; None where blank or wrong."""
        return self._day(name, self.cell(name))

    def _day(self, name: str, value: Cell) -> dt.date | None:
        if value is None:
            return None
        day = as_day(value)
        if day is None:
            self.problem(name, f'"{value}"; a day such as 2027-01-31 is needed')
        return day

    # --- ranges --------------------------------------------------------------------------------------------

    def texts(self, name: str) -> list[str]:
        """The texts of a range, or of one cell that lists them with commas; blank cells are left out."""
        grid = self._grids[name]
        cells = [as_text(cell) for row in grid for cell in row if cell is not None]
        if len(cells) == 1 and len(grid) == 1 and len(grid[0]) == 1:
            return list(split_list(cells[0]) or ())
        return cells

    def grid(self, name: str) -> Grid:
        """All cells."""
        return self._grids[name]

    def numbers(self, name: str) -> Floats:
        """A range of numbers with its shape; NaN where blank or wrong."""
        parameter = self.parameter(name)
        grid = self._grids[name]
        values = np.full((len(grid), len(grid[0])), np.nan)
        if not self.given(name) and parameter.default is not None:
            return np.full((1, 1), float(parameter.default))
        for i, row in enumerate(grid):
            for j, cell in enumerate(row):
                if cell is None:
                    continue
                if isinstance(cell, bool) or not isinstance(cell, int | float) or not abs(cell) <= LARGEST:
                    self.problem(name, f'"{cell}"; numbers{parameter.bounds.words()} are needed')
                elif not parameter.bounds.holds(cell):
                    self.problem(name, f"{cell:.15g}; numbers{parameter.bounds.words()} are needed")
                else:
                    values[i, j] = cell
        return values

    def days(self, name: str) -> list[list[dt.date | None]]:
        """A range of days with its shape; None where blank or wrong."""
        return [[self._day(name, cell) for cell in row] for row in self._grids[name]]

    def table(self, name: str, called: str = "") -> RawTable | None:
        """A range with a header row as a table; None where blank.

        Args:
            name: The argument.
            called: Name of the table; that of the argument by default.
        """
        if not self.given(name):
            return None
        grid = self._grids[name]
        if len(grid) < 2:
            self.problem(name, "one row; a range with a header row and rows below it is needed")
            return None
        width = max(j + 1 for row in grid for j, cell in enumerate(row) if cell is not None)
        headers = [None if cell is None else as_text(cell) for cell in grid[0][:width]]
        for j, header in enumerate(headers):
            if header is None:
                self.problem(name, f"no header over column {j + 1}")
            elif header in headers[:j]:
                self.problem(name, f'the header "{header}" stands twice')
        if self.problems:
            return None
        rows = [(number, row[:width]) for number, row in enumerate(grid[1:], 2) if any(c is not None for c in row)]
        columns: list[CellColumn] = [list(column) for column in zip(*(row for _, row in rows), strict=True)]
        columns = columns or [[] for _ in headers]
        texts = tuple(str(header) for header in headers)
        firsts = [str(row[0]).strip().lower() for _, row in rows]
        if firsts.count("total") == 1 and firsts[-1] == "total" and len(firsts) > 1:
            self.problem(name, f"row {rows[-1][0]} looks like the totals row of a table", "Write Table[[#Headers],[#Data]], which leaves it out.")  # fmt: skip
        columns = [self._with_days(name, header, column) for header, column in zip(texts, columns, strict=True)]
        raw = RawTable(called or name, name, texts, tuple(columns), [number for number, _ in rows])
        return self._completed(raw, self.parameter(name).tables)

    def _completed(self, raw: RawTable, tables: Sequence[Table]) -> RawTable:
        """The table with blanks for declared columns that it lacks and that no row needs."""
        for table in tables:
            loose = replace(table, columns=tuple(replace(c, optional=not c.required) for c in table.columns))
            if not TypedTable(raw, loose, NumberLocale(), self.problems).check_headers():
                return raw
            absent = [c.name for c in table.columns if not c.optional and c.name not in raw.headers]
            known = {c.name for each in tables for c in each.columns}
            strange = [header for header in raw.headers if header not in known]
            if absent and strange and not table.free_columns:
                self.problem(
                    raw.sheet,
                    f"no column of the table {table.name} is called {_listed(strange)}, and {_listed(absent)} {'is' if len(absent) == 1 else 'are'} missing",
                    "Correct the header, or leave the column out of the range.",
                )
                return raw
            blanks: CellColumn = [None] * len(raw)
            raw = replace(raw, headers=(*raw.headers, *absent), columns=(*raw.columns, *(blanks for _ in absent)))
        return raw

    def _with_days(self, name: str, header: str, column: CellColumn) -> CellColumn:
        """Serial numbers as days, in columns that hold days: not every program tells a day from its number."""
        tables = self.parameter(name).tables
        of_days = any(c.name == header and c.kind is Kind.DATE for table in tables for c in table.columns)
        of_periods = header in PERIODS and bool(tables)
        if not isinstance(column, list) or not (of_days or of_periods):
            return column
        return [as_day(cell) or cell if of_days or not isinstance(cell, str) else cell for cell in column]

    def is_table(self, name: str, *headers: str) -> bool:
        """Whether an argument is a table with one of these headers."""
        grid = self._grids[name]
        return len(grid) > 1 and any(cell in headers for cell in grid[0])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def as_error(error: PlanError) -> FunctionError:
    """Problems as the message of a cell that shows #VALUE!."""
    told = [str(problem) for problem in error.problems[:MOST_TOLD]]
    more = len(error.problems) - len(told)
    return FunctionError(VALUE, "; ".join([*told, *([f"and {more} more"] if more else [])]))
