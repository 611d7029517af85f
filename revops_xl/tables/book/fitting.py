"""Result tables and columns that a workbook does not have: an older plan's, or what somebody deleted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from revops_xl.model.plan import KnownTable
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.result import Formula, ResultColumn, ResultTable


@dataclass(frozen=True)
class Fit:
    """What a workbook lacks of the results.

    Attributes:
        tables: Names of the tables that it gets.
        columns: Headers that its tables get, by table.
        no_room: Headers for which another table leaves no room, by table.
        retired: Headers of an earlier version that stand for nothing now, by table.
    """

    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_room: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def added(self) -> list[str]:
        """What it gets, in words."""
        return [*self.tables, *_columns(self.columns)]

    @property
    def left_out(self) -> list[str]:
        """What it cannot get, in words."""
        return _columns(self.no_room)


def _columns(by_table: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{table}[{header}]" for table, headers in by_table.items() for header in headers]


def fit_of(tables: Sequence[ResultTable], known_tables: Mapping[str, KnownTable]) -> Fit:
    """What a workbook lacks of some results; nothing where its tables are not known."""
    if not known_tables:
        return Fit()
    columns: dict[str, tuple[str, ...]] = {}
    no_room: dict[str, tuple[str, ...]] = {}
    for table in tables:
        there = known_tables.get(table.table.name)
        missing = tuple(header for header in table.table.headers if there is not None and header not in there.headers)
        if missing and there is not None:
            (columns if len(missing) <= there.room else no_room)[table.table.name] = missing
    absent = tuple(table.table.name for table in tables if len(table) and table.table.name not in known_tables)
    retired = {
        table.table.name: old
        for table in tables
        if table.table.name in known_tables
        and (old := tuple(each for each in table.table.retired if each in known_tables[table.table.name].headers))
    }
    return Fit(absent, columns, no_room, retired)


def fitted(tables: Sequence[ResultTable], fit: Fit) -> list[ResultTable]:
    """The tables as the workbook takes them.

    Columns that have no room are left out, and what their formulas would read stands as a value; columns that stand for
    nothing now are emptied.
    """
    tables = [_emptied(table, fit.retired.get(table.table.name, ())) for table in tables]
    if not fit.no_room:
        return tables
    gone = [(table, header) for table, headers in fit.no_room.items() for header in headers]
    result = []
    for table in tables:
        out = set(fit.no_room.get(table.table.name, ()))
        kept = [i for i, header in enumerate(table.table.headers) if header not in out]
        declared = replace(table.table, columns=tuple(table.table.columns[i] for i in kept)) if out else table.table
        columns = tuple(_plain(table.columns[i], gone) for i in kept)
        result.append(ResultTable(declared, columns, table.in_place))
    return result


def without(tables: Sequence[ResultTable], missing: Collection[str]) -> list[ResultTable]:
    """The tables with values for the formulas that read tables which a workbook does not have, nor gets."""
    if not missing:
        return list(tables)
    reads = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(missing)))})\[")

    def plain(column: ResultColumn) -> ResultColumn:
        if not isinstance(column, list):
            return column
        return [cell.value if isinstance(cell, Formula) and reads.search(cell.text) else cell for cell in column]

    return [ResultTable(table.table, tuple(map(plain, table.columns)), table.in_place) for table in tables]


def _emptied(table: ResultTable, retired: tuple[str, ...]) -> ResultTable:
    if not retired:
        return table
    old = tuple(Column(header, Kind.TEXT, "Of an earlier version.") for header in retired)
    blank: ResultColumn = [None] * len(table)
    declared = replace(table.table, columns=(*table.table.columns, *old))
    return ResultTable(declared, (*table.columns, *([blank] * len(old))), table.in_place)


def _plain(column: ResultColumn, gone: Collection[tuple[str, str]]) -> ResultColumn:
    if not isinstance(column, list):
        return column
    return [
        cell.value if isinstance(cell, Formula) and any(_reads(cell.text, *each) for each in gone) else cell
        for cell in column
    ]


def _reads(formula: str, table: str, header: str) -> bool:
    """Whether a formula refers to a column of a table, by its own row or as a whole."""
    name, column = re.escape(table), re.escape(f"[{header}]")
    return re.search(rf"(?<![\w]){name}(?:{column}|\[[^,\]]*\],{column}\])", formula) is not None
