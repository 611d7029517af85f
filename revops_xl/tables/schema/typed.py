"""Cells of one table as typed columns; what cannot be read as declared becomes a problem with its cell."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR
from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats
from revops_xl.tables.evidence.header_names import meant_by
from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.evidence.outcomes import WON, outcome_of
from revops_xl.tables.schema.cell_values import TRUE_WORDS, is_blank, needed, plain
from revops_xl.tables.schema.date_cells import date_cells
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Table, snake
from revops_xl.tables.schema.number_cells import number_cells
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import CellError, Cells, NotCalculated, RawTable

#: A spreadsheet keeps 15 digits of a number; a longer id typed as a number has lost its end.
EXACT_INTEGER = 10**15
#: Cells that one message names; the others it counts.
SHOWN_CELLS = 3
#: Headers that one message names.
MOST_HEADERS = 8
#: Shorter names are too easily alike.
SHORTEST_LIKE = 5


def _is_tidy(text: str) -> bool:
    """Whether nothing has to be left away; quick for the usual name."""
    return (text.isascii() and text.isprintable() and text[:1] != " " and text[-1:] != " ") or tidy_name(text) == text


def _listed(headers: Sequence[str]) -> str:
    """The first headers, and how many more there are."""
    more = len(headers) - MOST_HEADERS
    return ", ".join(f'"{header}"' for header in headers[:MOST_HEADERS]) + (f" and {more:,} more" if more > 0 else "")


class TypedTable:
    """Reads the columns of one raw table as declared and gathers what is wrong.

    Attributes:
        raw: The cells.
        table: The declaration.
        problems: What was found so far, in reading order.
        notes: What was read otherwise than it is written, and why.
        plan_month: Month in which the plan starts; None: not known.
        calendar: The firm's.
    """

    def __init__(
        self,
        raw: RawTable,
        table: Table,
        locale: NumberLocale,
        problems: list[Problem],
        notes: list[Problem] | None = None,
    ) -> None:
        self.raw, self.table, self.locale, self.problems = raw, table, locale, problems
        self.notes = notes if notes is not None else []
        self.plan_month: int | None = None
        self.calendar = CALENDAR_YEAR
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

    def refuse(self, rows: Sequence[int], column: str, message: str, fix: str = "") -> None:
        """Note one problem of several entries: the first cells are named, the others counted."""
        self._bad.update((row, column) for row in rows)
        self.problems.append(Problem(self.raw.sheet, self.cells_named(rows, column), message, fix))

    def note(self, rows: Sequence[int], column: str, message: str, fix: str = "") -> None:
        """Note how entries are read, once for several."""
        told = Problem(self.raw.sheet, self.cells_named(rows, column), message, fix)
        if told not in self.notes:
            self.notes.append(told)

    def pass_over(self, rows: Sequence[int], column: str) -> None:
        """Entries of which enough has been said."""
        self._bad.update((row, column) for row in rows)

    def cells_named(self, rows: Sequence[int], column: str) -> str:
        """The first cells of some entries, and how many more there are."""
        first = ", ".join(self.raw.cell(row, column) for row in rows[:SHOWN_CELLS])
        return first + (f" and {len(rows) - SHOWN_CELLS:,} more" if len(rows) > SHOWN_CELLS else "")

    def is_bad(self, row: int, column: str) -> bool:
        """Whether this entry has a problem already, so that a later rule need not repeat it."""
        return (row, column) in self._bad

    def filled(self, name: str) -> npt.NDArray[np.bool_]:
        """Which entries of a column hold something."""
        return np.array([not is_blank(value) for value in self.cells(name)], dtype=bool)

    def check_headers(self) -> bool:
        """Report required columns that are missing, and headers that nearly are ours; False if any is missing."""
        missing = [c for c in self.table.columns if not c.optional and not self.has(c.name)]
        spare = [header for header in self.raw.headers if header not in self.table.headers]
        for column in missing:
            able = spare if column.name != self.table.id_column else [h for h in spare if self._can_be_id(h)]
            meant = meant_by(self.raw.name, column.name, able)
            spare = [header for header in spare if header != meant]
            where = self.raw.header_cell(meant) if meant else self.raw.header_cell()
            explained = f": {column.help[0].lower()}{column.help[1:]}" if column.help else ""
            fix = f'Rename "{meant}" to "{column.name}".' if meant else f'Add a column "{column.name}"{explained}'
            if not meant and spare and self.table.free_columns:
                fix += f" Or rename the column that holds it, of {_listed(spare)}."
            self.problems.append(
                Problem(self.raw.sheet, where, f'table {self.raw.name} has no column "{column.name}"', fix)
            )
        for header in spare:
            meant = self._misspelled(header)
            if meant:
                message = f'"{header}" is read as a column of your own; did you mean "{meant}"?'
                fix = f'Rename it to "{meant}", or give your column a name that is less alike.'
                self.problems.append(Problem(self.raw.sheet, self.raw.header_cell(header), message, fix))
        return not missing

    def _can_be_id(self, header: str) -> bool:
        """Whether no two rows share a value: names of deals repeat, and would be taken for one deal."""
        filled = [str(cell) for cell in self.raw.column(header) if not is_blank(cell)]
        return len(set(filled)) == len(filled)

    def _misspelled(self, header: str) -> str:
        """The optional column of ours, missing in the table, that this header nearly is."""
        absent = {snake(c.name): c.name for c in self.table.columns if c.optional and not self.has(c.name)}
        absent |= {snake(name.partition("(")[0]): name for name in absent.values() if "(" in name}
        mine = snake(header)
        same = [key for key in absent if key.replace("_", "") == mine.replace("_", "")]
        long = {key for key in absent if min(len(key), len(mine)) >= SHORTEST_LIKE}  # Note is no slip for OTE
        close = same or difflib.get_close_matches(mine, long, n=1, cutoff=0.85)
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
        return number_cells(self, name, column, flags=flags)

    # --- texts ---------------------------------------------------------------------------------------------

    def texts(self, name: str) -> list[str | None]:
        """A column of ids or free text; None where blank or wrong. Numbers become their digits.

        Blanks around a text are no part of it; where there were some, it is told once for the column.
        """
        cells = self.cells(name)
        values: list[Any] = cells.tolist() if isinstance(cells, np.ndarray) else list(cells)
        if set(map(type, values)) <= {str, type(None)}:
            return self.coded(name).texts()
        return [self.text(row, name, value) for row, value in enumerate(values)]

    def coded(self, name: str) -> Coded:
        """A column of ids as codes: `texts`, at the speed of looking at each distinct text once."""
        cells = self.raw.coded_column(name) if self.has(name) else [None] * len(self)
        if not isinstance(cells, Coded):
            values = cells.tolist() if isinstance(cells, np.ndarray) else cells
            if not set(map(type, values)) <= {str, type(None)}:
                return Coded.of(self.texts(name))
            cells = Coded.of(values)
        if all(map(_is_tidy, cells.names)):
            return cells
        tidy = [tidy_name(text) for text in cells.names]
        self._tell_blanks(name, cells, tidy)
        return Coded.of([tidy[code] or None if code >= 0 else None for code in cells.codes.tolist()])

    def _tell_blanks(self, name: str, cells: Coded, tidy: Sequence[str]) -> None:
        """Say where blanks were left away, and refuse cells that hold nothing else."""
        for code, text in enumerate(tidy):
            rows = np.flatnonzero(cells.codes == code).tolist()
            if not rows or text == cells.names[code]:
                continue
            if text:
                message = f'"{cells.names[code]}" is read as "{text}", without the blanks that nobody sees'
                self.note(rows, name, message, "Delete them, so that your own formulas find it too.")
            else:
                for row in rows:
                    self._only_blanks(row, name)

    def _only_blanks(self, row: int, name: str) -> None:
        self.problem(row, name, "the cell holds only blanks", "Clear it, or type a value.")

    def text(self, row: int, name: str, value: Any) -> str | None:
        """One cell as a text or id; None where blank or wrong."""
        if is_blank(value):
            return None
        if isinstance(value, str):
            tidy = tidy_name(value)
            if not tidy:
                self._only_blanks(row, name)
            elif tidy != value:
                message = f'"{value}" is read as "{tidy}", without the blanks that nobody sees'
                self.note([row], name, message, "Delete them, so that your own formulas find it too.")
            return tidy or None
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
        self.not_a_value(row, name, value, Column(name, Kind.TEXT, ""))
        return None

    def choices(self, name: str, default: str | None = None) -> list[str | None]:
        """A column of listed texts, in the listed spelling; the default where blank."""
        column = self.table.column(name)
        by_key = {choice.lower(): choice for choice in column.choices}
        result: list[str | None] = []
        unknown: dict[str, list[int]] = {}
        for row, text in enumerate(self.texts(name)):
            choice = default if text is None else by_key.get(text.strip().lower())
            if text is not None and choice is None:
                unknown.setdefault(text, []).append(row)
            result.append(choice)
        for text, rows in unknown.items():  # each word once: what is to be written for it is another matter for each
            meant = outcome_of(text)
            listed = ", ".join(column.choices)
            fix = f"Write {meant}." if meant in column.choices else ""
            if not fix and WON in column.choices:
                fix = f"Write {listed}: whichever it means."
            self.refuse(rows, name, f'"{text}" is not one of {listed}', fix)
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
            elif isinstance(value, str) and not is_blank(value):
                self.problem(row, name, f'"{value}" where TRUE or FALSE is needed', "Write TRUE or FALSE.")
            elif not is_blank(value):
                self.mismatch(row, name, value, "TRUE or FALSE")
            result.append(flag)
        return result

    def dates(self, name: str) -> list[dt.date | None]:
        """A date column; None where blank or wrong."""
        return date_cells(self, name)

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
                self.problem(row, name, f"{name} is blank; {needed(column)} is needed")

    def mismatch(self, row: int, name: str, value: Any, needed: str) -> None:
        """Refuse an entry of another kind."""
        if isinstance(value, CellError | NotCalculated):
            self.not_a_value(row, name, value, Column(name, Kind.TEXT, ""))
        else:
            self.problem(row, name, f'"{plain(value)}" where {needed} is needed')

    def not_a_value(self, row: int, name: str, value: Any, column: Column) -> None:
        """Refuse an error, a formula without a value, or a date where something else is needed."""
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
            what = "an id or text" if column.kind is Kind.TEXT else needed(column)
            self.problem(row, name, f"the cell holds the date {plain(value)} where {what} is needed", fix)
        else:
            self.problem(row, name, f"the cell holds {value!r} where {needed(column)} is needed")
