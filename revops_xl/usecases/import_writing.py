"""An import written into a plan: tables that it needs, columns that it brings, rows that it adds and changes."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from revops_xl.model.parts import Profile
from revops_xl.tables.book import catalog, profiles, setting_list, settings
from revops_xl.tables.book.plan import INPUT_TABLES
from revops_xl.tables.imports import memory
from revops_xl.tables.imports.memory import IN_USE
from revops_xl.tables.imports.proposal import Proposal, RowChanges
from revops_xl.tables.imports.propose import DECLARED
from revops_xl.tables.imports.values import plain_list
from revops_xl.tables.quotas import levels
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.table_edit import Edit, as_written
from revops_xl.workbook.plan_file import PlanFile


@dataclass(frozen=True)
class Import:
    """A file and what it does to a table.

    Attributes:
        proposal: What becomes of it.
        changes: What changes among the rows.
        files: The proposal of each file, where several fill one table.
    """

    proposal: Proposal
    changes: RowChanges
    files: tuple[Proposal, ...]


def remembered(
    book: RawBook, imports: Sequence[Import], state: str, when: dt.datetime, paths: Sequence[str] = ()
) -> ResultTable:
    """The table Imports with what becomes of the columns of these files."""
    files = [proposal for each in imports for proposal in each.files]
    rows = memory.rows_with(book.tables.get(memory.TABLE.name), files, state, when, paths)
    return ResultTable.of_rows(memory.TABLE, rows)


def write(file: PlanFile, book: RawBook, imports: Sequence[Import], when: dt.datetime, *, remove_gone: bool) -> None:
    """Save a plan with what files bring, all of it or nothing.

    Args:
        file: The plan, and where it is saved.
        book: Its tables as they were read.
        imports: What becomes of the files.
        when: In UTC.
        remove_gone: Rows that the files do not have go.

    Raises:
        PlanError: A table cannot take its columns or rows, or the file cannot be saved.
    """
    from revops_xl.workbook.building.complete import Lacking, complete  # noqa: PLC0415  (XlsxWriter, when it is needed)
    from revops_xl.workbook.building.relay import Layout, relay  # noqa: PLC0415

    with file.with_tables() as (whole, _), tempfile.TemporaryDirectory(prefix="revops-xl-") as name:
        folder, source = Path(name), whole
        absent = _absent(book, imports)
        if absent:
            completed = folder / f"1-{file.source.name}"
            with completed.open("wb") as copy:
                complete(source, Lacking(absent), copy)
            source = completed
        layouts = {}
        for each in imports:
            table, wanted = each.proposal.table, list(each.proposal.values)
            raw = book.tables.get(table)
            there = raw.headers if raw is not None else DECLARED[table].headers
            declared = DECLARED[table].headers
            free = [name for name in wanted if name not in declared]
            if all(name in there for name in wanted) and not (each.proposal.levels and (raw is None or not len(raw))):
                continue
            if raw is None or not len(raw):
                layouts[table] = Layout(free, len(each.proposal.levels), anew=True)
            else:
                layouts[table] = Layout([name for name in wanted if name not in there])
        for number, (table, layout) in enumerate(layouts.items(), start=2):
            relaid = folder / f"{number}-{file.source.name}"
            with relaid.open("wb") as copy:
                relay(source, table, layout, copy)
            source = relaid
        fresh = PlanFile.of(source)
        now = fresh.read({table.name for table in INPUT_TABLES})
        tables = [_table(now, each, remove_gone=remove_gone) for each in imports]
        tables += _levels_and_settings(now, imports)
        tables.append(remembered(book, imports, IN_USE, when))
        replace(fresh, target=file.target, before=file.before[:2], backup=file.backup).write(tables)


def _absent(book: RawBook, imports: Sequence[Import]) -> list[str]:
    """Input tables of the parts that the files belong to, as far as the plan lacks them."""
    wanted = {each.proposal.table for each in imports}
    homes = [sheet.name for sheet in catalog.INPUT_SHEETS if wanted & {table.name for table in sheet.tables}]
    parts = {profiles.part_of_sheet(name) for name in homes} - {profiles.QUOTAS}
    if any(each.proposal.foreign for each in imports):
        parts.add(Profile.CURRENCIES)
    return [
        table.name
        for sheet in catalog.INPUT_SHEETS
        for table in sheet.tables
        if table.name not in book.known_tables and (table.name in wanted or profiles.part_of_sheet(sheet.name) in parts)
    ]


def _wide(raw: RawTable, declared: Table) -> Table:
    """The declaration with the table's own columns, in the order in which they stand."""
    known = {column.name: column for column in declared.columns}
    return replace(declared, columns=tuple(known.get(h) or Column(h, Kind.ANY, "") for h in raw.headers))


def _table(book: RawBook, each: Import, *, remove_gone: bool) -> ResultTable:
    """The rows to write."""
    proposal, changes = each.proposal, each.changes
    raw = book.tables[proposal.table]
    table = _wide(raw, DECLARED[proposal.table])
    if not len(raw):
        blank = [None] * len(proposal)
        return ResultTable.of_columns(table, {h: proposal.values.get(h, blank) for h in raw.headers})
    values = {name: plain_list(column) for name, column in proposal.values.items()}
    edits = [Edit(row, {name: values[name][i] for name in what}) for i, (row, what) in changes.changed.items()]
    edits += [Edit(None, {name: column[i] for name, column in values.items()}) for i in changes.added]
    if remove_gone:
        edits += [Edit(row, dict.fromkeys(raw.headers)) for row in changes.gone]
    return as_written(raw, table, edits)


def _levels_and_settings(book: RawBook, imports: Sequence[Import]) -> list[ResultTable]:
    """Levels as the people have them, and settings that are blank so far."""
    tables = []
    names = next((each.proposal.levels for each in imports if each.proposal.levels), ())
    raw = book.tables.get(levels.LEVELS.name)
    if names and raw is not None and "Level" in raw.headers:
        there = [str(cell or "").strip() for cell in raw.column("Level")]
        if there != list(names):
            edits = [
                Edit(i, {"Level": name}) if i < len(raw) else Edit(None, {"Level": name})
                for i, name in enumerate(names)
            ]
            edits += [Edit(i, dict.fromkeys(raw.headers)) for i in range(len(names), len(raw))]
            tables.append(as_written(raw, levels.LEVELS, edits))
    wanted: dict[str, Any] = {}
    for each in imports:
        wanted.update(each.proposal.settings)
    raw = book.tables.get(settings.TABLE.name)
    if wanted and raw is not None and {"Setting", "Value"} <= set(raw.headers):
        rows = {str(cell or "").strip().casefold(): i for i, cell in enumerate(raw.column("Setting"))}
        edits = []
        usual = {setting.name: setting.default for setting in setting_list.SETTINGS}
        for name, value in wanted.items():
            at = rows.get(name.casefold())
            if at is not None and (is_blank(raw.column("Value")[at]) or raw.column("Value")[at] == usual.get(name)):
                edits.append(Edit(at, {"Value": value}))
        if edits:
            tables.append(as_written(raw, settings.TABLE, edits))
    return tables
