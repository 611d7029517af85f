"""Cells of one table as typed columns; what cannot be read as declared becomes a problem with its cell."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.errors import Problem
from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Table, snake
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import CellError, Cells, NotCalculated, RawTable

#: A spreadsheet keeps 15 digits of a number; a longer id typed as a number has lost its end.
EXACT_INTEGER = 10**15
#: Spreadsheets that count from 1900 have a 29 February 1900, which never was; from here on they agree.
FIRST_DAY = dt.date(1900, 3, 1)
#: Shorter names are too easily alike.
SHORTEST_LIKE = 5
TRUE_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing; NaN is a DataFrame's blank (a sheet's NaN comes as a CellError)."""
    return value is None or (isinstance(value, str) and not value) or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _is_flag(value: object) -> bool:
    """Whether a cell says TRUE or FALSE, as such or in words."""
    return isinstance(value, bool | np.bool_) or (isinstance(value, str) and value.strip().lower() in TRUE_WORDS)


class TypedTable:
    """Reads the columns of one raw table as declared and gathers what is wrong.

    Attributes:
        raw: The cells.
        table: The declaration.
        problems: What was found so far, in reading order.
    """

    def __init__(self, raw: RawTable, table: Table, locale: NumberLocale, problems: list[Problem]) -> None:
        self.raw, self.table, self.locale, self.problems = raw, table, locale, problems
        self._bad: set[tuple[int, str]] = set()

    def __len__(self) -> int:
        return len(self.raw)

    def has(self, name: str) -> bool:
        """Whether the column is there."""
        return name in self.raw.headers

    def problem(self, row: int, column: str, message: str, fix: str = "") -> None:
        """Note a problem at an entry."""
        self._bad.add((row, column))
        self.problems.append(Problem(self.raw.sheet, self.raw.cell(row, column), message, fix))

    def is_bad(self, row: int, column: str) -> bool:
        """Whether this entry has a problem already, so that a later rule need not repeat it."""
        return (row, column) in self._bad

    def filled(self, name: str) -> npt.NDArray[np.bool_]:
        """Which entries of a column hold something."""
        return np.array([not is_blank(value) for value in self.cells(name)], dtype=bool)

    def check_headers(self) -> bool:
        """Report required columns that are missing; False if there are any."""
        missing = [c for c in self.table.columns if not c.optional and not self.has(c.name)]
        for column in missing:
            self.problems.append(
                Problem(
                    self.raw.sheet,
                    self.raw.header_cell(),
                    f'table {self.raw.name} has no column "{column.name}"',
                    f"Add it: {column.help[0].lower()}{column.help[1:]}" if column.help else "",
                )
            )
        for header in self.raw.headers:
            meant = self._misspelled(header)
            if meant:
                message = f'"{header}" is read as a column of your own; did you mean "{meant}"?'
                fix = "Correct the header, or give your column a name that is less alike."
                self.problems.append(Problem(self.raw.sheet, self.raw.header_cell(header), message, fix))
        return not missing

    def _misspelled(self, header: str) -> str:
        """The column of ours, missing in the table, that this header nearly is."""
        if header in self.table.headers:
            return ""
        absent = {snake(column.name): column.name for column in self.table.columns if not self.has(column.name)}
        absent |= {snake(name.partition("(")[0]): name for name in absent.values() if "(" in name}
        long = {key for key in absent if min(len(key), len(snake(header))) >= SHORTEST_LIKE}  # Note is no slip for OTE
        close = difflib.get_close_matches(snake(header), long, n=1, cutoff=0.85)
        if not close:
            close = [key for key in absent if key.replace("_", "") == snake(header).replace("_", "")]
        return absent[close[0]] if close else ""

    def cells(self, name: str) -> Cells:
        """The cells of a column as they came; all blank when the column is missing."""
        return self.raw.column(name) if self.has(name) else [None] * len(self)

    # --- numbers -------------------------------------------------------------------------------------------

    def numbers(self, name: str, column: Column | None = None) -> Floats:
        """A numeric column; NaN where blank or wrong."""
        return self.numbers_or_flags(name, column or self.table.column(name), flags=False)[0]

    def numbers_or_flags(self, name: str, column: Column, *, flags: bool = True) -> tuple[Floats, bool]:
        """A column of numbers or TRUE/FALSE; also whether it holds TRUE/FALSE and nothing but (0 and 1 pass for them)."""
        cells = self.cells(name)
        only_flags = False
        if isinstance(cells, np.ndarray) and cells.dtype.kind in ("fiub" if flags else "fiu"):
            values = cells.astype(np.float64)
            only_flags = cells.dtype.kind == "b"
        else:
            kinds = set(map(type, cells))
            if kinds <= {float, int}:
                values = np.array(cells, dtype=np.float64)
            else:
                values = np.array(
                    [self._number(row, name, value, column, flags=flags) for row, value in enumerate(cells)]
                )
                only_flags = bool in kinds or (flags and str in kinds and any(map(_is_flag, cells)))
        infinite = np.isinf(values)
        for row in np.flatnonzero(infinite).tolist():
            self.problem(row, name, "the number is infinite", f"Enter {_needed(column)}.")
        values = np.where(infinite, np.nan, values) if infinite.any() else values
        self._check_bounds(name, column, values)
        present = values[~np.isnan(values)]
        binary = bool(((present == 0) | (present == 1)).all())
        if only_flags and not binary:
            for row, value in enumerate(cells):
                if _is_flag(value):
                    self.problem(
                        row, name, f"{str(value).upper()} in a column of numbers", "Enter a number, or clear the cell."
                    )
        return values, only_flags and binary

    def _number(self, row: int, name: str, value: Any, column: Column, *, flags: bool) -> float:
        if is_blank(value):
            return np.nan
        if isinstance(value, bool | np.bool_):
            if flags:
                return float(value)
            self.problem(row, name, f"{str(value).upper()} where {_needed(column)} is needed")
        elif isinstance(value, int | float | np.integer | np.floating):
            return float(value)
        elif isinstance(value, str):
            return self._number_text(row, name, value, column, flags=flags)
        else:
            self._not_a_value(row, name, value, column)
        return np.nan

    def _number_text(self, row: int, name: str, text: str, column: Column, *, flags: bool) -> float:
        if flags and text.strip().lower() in TRUE_WORDS:
            return float(TRUE_WORDS[text.strip().lower()])
        read = self.locale.read(text)
        if read is None:
            self.problem(
                row,
                name,
                f'"{text}" is not a number as {self.locale.name} writes them ({self.locale.example}); '
                f"{_needed(column)} is needed",
                'Type a number, or set "Locale" on the sheet Settings to the one the text is written in.',
            )
            return np.nan
        if read.percent and column.kind not in {Kind.PERCENT, Kind.NUMBER}:
            self.problem(row, name, f'"{text}" is a percentage; {_needed(column)} is needed')
            return np.nan
        return read.value

    def _check_bounds(self, name: str, column: Column, values: Floats) -> None:
        bad = np.zeros(len(values), dtype=bool)
        with np.errstate(invalid="ignore"):
            if column.minimum is not None:
                bad |= values < column.minimum
            if column.above is not None:
                bad |= values <= column.above
            if column.maximum is not None:
                bad |= values > column.maximum
            if column.kind is Kind.INTEGER:
                bad |= values != np.floor(values)
        bad &= ~np.isnan(values)
        for row in np.flatnonzero(bad).tolist():
            fix = ""
            if column.kind is Kind.PERCENT and column.maximum == 1 and 1 < values[row] <= 100:
                fix = f"Write {values[row]:g}% for {values[row]:g} percent."
            beyond = column.maximum is not None and values[row] > column.maximum
            needed = _needed(column, every_bound=beyond)
            self.problem(row, name, f"{name} is {_plain(values[row])}; {needed} is needed", fix)
            values[row] = np.nan

    # --- texts ---------------------------------------------------------------------------------------------

    def texts(self, name: str) -> list[str | None]:
        """A column of ids or free text, as written; None where blank or wrong. Numbers become their digits."""
        cells = self.cells(name)
        values: list[Any] = cells.tolist() if isinstance(cells, np.ndarray) else list(cells)
        kinds = set(map(type, values))
        if kinds <= {str, type(None)}:
            blank_only = [row for row, text in enumerate(values) if text and text.isspace()]
            for row in blank_only:
                self._only_blanks(row, name)
                values[row] = None
            return [text or None for text in values] if "" in values else values
        return [self.text(row, name, value) for row, value in enumerate(values)]

    def coded(self, name: str) -> Coded:
        """A column of ids as codes: `texts`, at the speed of looking at each distinct text once."""
        cells = self.raw.coded_column(name) if self.has(name) else [None] * len(self)
        if not isinstance(cells, Coded):
            values = cells.tolist() if isinstance(cells, np.ndarray) else cells
            if not set(map(type, values)) <= {str, type(None)}:
                return Coded.of(self.texts(name))
            cells = Coded.of(values)
        if cells.no_blanks or not any(map(str.isspace, cells.names)):
            return cells
        return Coded.of(self.texts(name))

    def _only_blanks(self, row: int, name: str) -> None:
        self.problem(row, name, "the cell holds only blanks", "Clear it, or type a value.")

    def text(self, row: int, name: str, value: Any) -> str | None:
        """One cell as a text or id; None where blank or wrong."""
        if is_blank(value):
            return None
        if isinstance(value, str):
            if value.isspace():
                self._only_blanks(row, name)
                return None
            return value
        if isinstance(value, bool | np.bool_):
            return str(bool(value)).upper()
        if isinstance(value, int | float | np.integer | np.floating):
            number = float(value)
            if abs(number) >= EXACT_INTEGER:
                self.problem(
                    row,
                    name,
                    f"the id {number:.0f} is a number of more than 15 digits, which a spreadsheet does not keep",
                    "Format the cell as text and type the id again.",
                )
                return None
            return str(int(number)) if number.is_integer() else repr(number)
        self._not_a_value(row, name, value, Column(name, Kind.TEXT, ""))
        return None

    def choices(self, name: str, default: str | None = None) -> list[str | None]:
        """A column of listed texts, in the listed spelling; the default where blank."""
        column = self.table.column(name)
        by_key = {choice.lower(): choice for choice in column.choices}
        result: list[str | None] = []
        for row, text in enumerate(self.texts(name)):
            choice = default if text is None else by_key.get(text.strip().lower())
            if text is not None and choice is None:
                meant = next(
                    (c for c in column.choices if text.strip().lower() in {f"closed {c.lower()}", f"{c.lower()} deal"}),
                    "",
                )
                fix = f"Write {meant}." if meant else ""
                self.problem(row, name, f'"{text}" is not one of {", ".join(column.choices)}', fix)
            result.append(choice)
        return result

    def flags(self, name: str) -> list[bool | None]:
        """A TRUE/FALSE column; None where blank or wrong."""
        result: list[bool | None] = []
        for row, value in enumerate(self.cells(name)):
            flag: bool | None = None
            if isinstance(value, bool | np.bool_):
                flag = bool(value)
            elif isinstance(value, str) and value.strip().lower() in TRUE_WORDS:
                flag = TRUE_WORDS[value.strip().lower()]
            elif isinstance(value, int | float | np.integer | np.floating) and value in {0, 1}:
                flag = bool(value)
            elif not is_blank(value):
                self._mismatch(row, name, value, "TRUE or FALSE")
            result.append(flag)
        return result

    def dates(self, name: str) -> list[dt.date | None]:
        """A date column; None where blank or wrong."""
        result: list[dt.date | None] = []
        for row, value in enumerate(self.cells(name)):
            day: dt.date | None = None
            if isinstance(value, dt.datetime):
                day = value.date()
            elif isinstance(value, dt.date):
                day = value
            elif not is_blank(value):
                self._mismatch(row, name, value, "a date")
            if day is not None and day < FIRST_DAY:
                message = f"{name} is {day}: programs disagree about days before {FIRST_DAY}"
                self.problem(row, name, message, "Write a later day, or write it as text in a column of your own.")
                day = None
            result.append(day)
        return result

    # --- everything ----------------------------------------------------------------------------------------

    def check_types(self, names: Collection[str] | None = None) -> None:
        """Read every declared column for its problems alone, for tables whose engine does not use them yet."""
        readers: dict[Kind, Callable[[str], object]] = {
            Kind.CHOICE: self.choices,
            Kind.BOOLEAN: self.flags,
            Kind.DATE: self.dates,
            Kind.TIME: self.dates,
            **dict.fromkeys(NUMERIC, self.numbers),
        }
        for column in self.table.columns:
            if self.has(column.name) and (names is None or column.name in names):
                readers.get(column.kind, self.texts)(column.name)
                if column.required:
                    self.check_required(column.name)

    def check_required(self, name: str) -> None:
        """Report blank entries of a column that every row needs."""
        column = self.table.column(name)
        for row in np.flatnonzero(~self.filled(name)).tolist():
            if not self.is_bad(row, name):
                self.problem(row, name, f"{name} is blank; {_needed(column)} is needed")

    def _mismatch(self, row: int, name: str, value: Any, needed: str) -> None:
        if isinstance(value, CellError | NotCalculated):
            self._not_a_value(row, name, value, Column(name, Kind.TEXT, ""))
        else:
            self.problem(row, name, f'"{_plain(value)}" where {needed} is needed')

    def _not_a_value(self, row: int, name: str, value: Any, column: Column) -> None:
        if isinstance(value, CellError):
            self.problem(row, name, f"the cell shows the error {value.text}", "Mend the formula or clear the cell.")
        elif isinstance(value, NotCalculated):
            self.problem(
                row,
                name,
                f"the formula ={value.formula} is not calculated",
                "Open the workbook in a spreadsheet program and save it.",
            )
        elif isinstance(value, dt.date | dt.time | dt.timedelta):
            fix = "Format the cell as text and type the id again." if column.kind is Kind.TEXT else ""
            what = "an id or text" if column.kind is Kind.TEXT else _needed(column)
            self.problem(row, name, f"the cell holds the date {_plain(value)} where {what} is needed", fix)
        else:
            self.problem(row, name, f"the cell holds {value!r} where {_needed(column)} is needed")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


#: A bound from here on keeps out slips; it is named only to who goes beyond it.
FAR_BOUND = 1e6


def _needed(column: Column, *, every_bound: bool = False) -> str:
    """What a column needs, for messages."""
    if column.choices:
        return f"one of {', '.join(column.choices)}"
    word = {
        Kind.MONEY: "an amount",
        Kind.PERCENT: "a percentage",
        Kind.FACTOR: "a factor such as 1.05",
        Kind.INTEGER: "a whole number",
        Kind.NUMBER: "a number",
        Kind.BOOLEAN: "TRUE or FALSE",
        Kind.DATE: "a date",
        Kind.NODE: "the name of a node",
    }.get(column.kind, "a value")
    bounds = column.bounds
    if not every_bound and bounds.minimum is not None and bounds.minimum <= -FAR_BOUND:
        bounds = replace(bounds, minimum=None)
    if not every_bound and bounds.maximum is not None and bounds.maximum >= FAR_BOUND:
        bounds = replace(bounds, maximum=None)
    return word + bounds.words(percent=column.kind is Kind.PERCENT)
