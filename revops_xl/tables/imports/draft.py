"""An import while it is worked out: what is asked, what the plan knows, and what was found so far."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.wording import counted
from revops_xl.tables.currencies.convert import number_of
from revops_xl.tables.imports.clean_columns import cleaned
from revops_xl.tables.imports.columns import LEFT_OUT, FileColumn, by_name, samples
from revops_xl.tables.imports.file_evidence import settled
from revops_xl.tables.imports.money import CURRENCY, with_currencies
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.imports.values import Values, values_of
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.proper_rows import proper_rows, without_rows
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

PERIOD = "Period"
#: All of a percentage.
_WHOLE = 100


@dataclass(frozen=True)
class Asked:
    """What the user says of a file.

    Attributes:
        table: Table that it fills; "": to be found.
        columns: Columns of ours by theirs; "" leaves one out.
        only: Values that columns must have for a row to be taken, by header.
        top: Name of a node above those without a manager.
        kept: Columns of ours by theirs as at the last import.
    """

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    top: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)

    def said(self, headers: Sequence[str]) -> dict[str, str]:
        """Columns of ours by theirs: as the user says, else as last time."""
        return {**{header: column for header, column in self.kept.items() if header in headers}, **self.columns}


@dataclass(frozen=True)
class Known:
    """What the plan says already.

    Attributes:
        levels: Level columns of a Hierarchy that has rows; empty: it has none.
        headers: Columns of such a Hierarchy.
        locale: How numbers are written that are text, and the plan's currency.
        top: The one name in the first of the levels; "" where there are several.
        calendar: The firm's.
    """

    levels: tuple[str, ...]
    headers: tuple[str, ...]
    locale: NumberLocale
    top: str = ""
    calendar: Calendar = CALENDAR_YEAR


@dataclass
class Draft:
    """An import that is being worked out.

    Attributes:
        raw: The file's table.
        asked: What the user says of it.
        known: What the plan says.
        problems: Why nothing can be taken over.
        told: What was made of the file and what was left out, in words.
        foreign: Currencies of its amounts that are not the plan's.
    """

    raw: RawTable
    asked: Asked
    known: Known
    problems: list[Problem] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    foreign: tuple[str, ...] = ()

    def refuse(self, message: str, fix: str, cell: str | None = None) -> None:
        """Note why nothing can be taken over."""
        where = self.raw.header_cell() if cell is None else cell
        self.problems.append(Problem(self.raw.sheet, where, message, fix))

    def lacks(self, column: str, what: str) -> None:
        """Note that no column is one that is needed."""
        self.refuse(f"no column is {what}", f'Name it: --map "ITS NAME={column}".')

    def names(self, table: str, wanted: Sequence[str]) -> dict[str, str]:
        """Columns of ours by theirs: as the user says, then as last time, then by their names."""
        said = self.asked.said(self.raw.headers)
        rest = [column for column in wanted if column not in said.values()]
        free = [header for header in self.raw.headers if header not in said]
        return {**by_name(table, rest, free), **{header: column for header, column in said.items() if column}}

    def column(self, header: str, column: str, becomes: str = "") -> FileColumn:
        """What becomes of a column; nothing is said yet of one that is neither asked for nor left out."""
        shown = samples(list(self.raw.column(header)))
        asked = self.asked.columns
        if not column and header in asked:
            return FileColumn(header, "", f"{LEFT_OUT}: as you say", shown)
        if not column and header in self.asked.kept:
            return FileColumn(header, "", f"{LEFT_OUT}: as last time", shown)
        if not column:
            return FileColumn(header, "", becomes, shown)
        who = " (as you say)" if header in asked else " (as last time)" if header in self.asked.kept else ""
        usual = "kept as it is called" if column == header else f"read as {column}"
        return FileColumn(header, column, f"{becomes or usual}{who}", shown)

    def not_asked_for(self, header: str) -> str:
        """Why a column is left out of a table that takes no others."""
        blank = all(is_blank(cell) for cell in self.raw.column(header))
        return f"{LEFT_OUT}: blank" if blank else f"{LEFT_OUT}: nothing in the plan asks for it"

    def kept_rows(self, raw: RawTable, named: Mapping[str, str]) -> list[bool]:
        """Which rows have the values that are asked for."""
        kept = [True] * len(raw)
        for header, value in self.asked.only.items():
            cells = raw.column(named.get(header, header))
            kept = [
                each and str(cell).strip().casefold() == value.casefold()
                for each, cell in zip(kept, cells, strict=True)
            ]
        if self.asked.only:
            asked = " and ".join(f"{header} = {value}" for header, value in self.asked.only.items())
            self.told.append(f"{counted(sum(kept), 'row')} of {len(kept):,} have {asked}")
        return kept

    def rows(self, raw: RawTable, table: Table, named: Mapping[str, str]) -> RawTable:
        """The rows that are asked for."""
        raw = cleaned(raw, table)
        kept = self.kept_rows(raw, named)
        return self.proper(without_rows(raw, [row for row, each in enumerate(kept) if not each]), table)

    def proper(self, raw: RawTable, table: Table) -> RawTable:
        """The rows without totals, footers and repeated headers."""
        notes: list[Problem] = []
        warnings: list[Problem] = []
        proper = proper_rows(raw, table, self.known.locale, self.problems, notes, warnings)
        for each in (*notes, *warnings):
            number = re.sub(r"\D", "", each.cell.split(",")[0])
            own = each.message.startswith("row ")
            self.told.append(each.message if own else f"row {number}: {each.message}")
        return proper

    def proposal(
        self, ours: RawTable, table: Table, columns: Sequence[FileColumn], taken: Sequence[str], *,
        keys: tuple[str, ...], numbers: Sequence[str] = (),
    ) -> Proposal:  # fmt: skip
        """The values of the columns that are taken, and what is wrong with them.

        Args:
            ours: The rows with our names.
            table: The declaration.
            columns: What becomes of each column.
            taken: Columns of ours that are filled.
            keys: Columns that tell rows apart.
            numbers: Columns of numbers that are not declared.
        """
        doubled = [name for name in dict.fromkeys(taken) if list(taken).count(name) > 1]
        for name in doubled:
            theirs = ", ".join(f'"{each.header}"' for each in columns if each.column == name)
            self.refuse(f"{theirs} would both be {name}", 'Leave one out: --map "ITS NAME=".')
        values: dict[str, Values] = {}
        if not doubled and all(name in ours.headers for name in taken):
            values = self._values(ours, table, taken, numbers)
        problems = tuple(dict.fromkeys(self.problems))
        return Proposal(
            ours.sheet,
            table.name,
            tuple(columns),
            tuple(self.told),
            values,
            keys,
            problems=problems,
            foreign=self.foreign,
        )

    def _in_percent(self, ours: RawTable, table: Table) -> RawTable:
        """Numbers below a header with a percent sign, as parts of 1, where any is above 1."""
        columns = list(ours.columns)
        for i, (theirs, header) in enumerate(zip(self.raw.headers, ours.headers, strict=False)):
            kind = next((column.kind for column in table.columns if column.name == header), None)
            if kind is not Kind.PERCENT or "%" not in theirs:
                continue
            cells = list(ours.column(header))
            numbers = [number_of(cell, ".") for cell in cells]
            known = [number for number in numbers if number is not None]
            whole = len(known) == sum(not is_blank(cell) for cell in cells)
            if not whole or not any(1 < n <= _WHOLE for n in known) or any(0 < n < 1 for n in known):
                continue  # parts of 1, or two readings, which is told
            columns[i] = [None if number is None else number / _WHOLE for number in numbers]
            self.told.append(f'{header} is read as percent, as its header "{theirs}" says')
        return replace(ours, columns=tuple(columns))

    def _values(self, ours: RawTable, table: Table, taken: Sequence[str], numbers: Sequence[str]) -> dict[str, Values]:
        notes: list[Problem] = []
        locale = self.known.locale
        ours, others = with_currencies(ours, table, numbers, locale, self.problems)
        self.foreign = tuple(others)
        if others:
            foreign = [code for code in others if code != locale.currency]
            self.told.append(f"amounts in {', '.join(foreign)}: enter their rates on the sheet Rates")
            if CURRENCY in ours.headers and CURRENCY not in taken:
                taken = [*taken, CURRENCY]
        ours = self._in_percent(ours, table)
        ours, settled_by = settled(ours, table, numbers, locale)
        self.told += settled_by
        read = [name for name in taken if name != PERIOD]
        values = values_of(ours, table, read, locale, self.problems, notes, numbers)
        typed = TypedTable(ours, table, locale, self.problems, notes)
        for column in table.columns:
            if column.required and column.name in read:
                typed.check_required(column.name)
        self.told += [f"{note.cell}: {note.message}" for note in notes]
        return {name: values[name] if name != PERIOD else _periods(ours) for name in taken}


def _periods(raw: RawTable) -> list[object]:
    """Periods as they are written: dates stay dates."""
    return [None if is_blank(cell) else cell.strip() if isinstance(cell, str) else cell for cell in raw.column(PERIOD)]
