"""Input tables of a plan laid out for the columns that an import brings: a blank one anew, another made wider."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog, settings
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.declare import Sheet
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.building.canvas import HEADER_ROW
from revops_xl.workbook.building.complete import lent_looks, widen
from revops_xl.workbook.building.create import Host, build
from revops_xl.workbook.building.merge_sheets import merge
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.package import Package, TablePart
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.reading.read import known_tables, read_sheets
from revops_xl.workbook.writing.put_cells import put_cells

_MAIN = f"{{{xml.MAIN}}}"
_LENDING = "look of an import"


@dataclass(frozen=True)
class Layout:
    """The columns that a table is to have.

    Attributes:
        headers: Those that are not declared: of Hierarchy levels first, then results; of other tables any.
        levels: How many of them are levels.
        anew: The table has no rows, and is laid out from its first column on.
    """

    headers: Sequence[str]
    levels: int = 0
    anew: bool = False


def relay(source: Path, table: str, layout: Layout, file: BinaryIO) -> None:
    """Write a copy of a workbook in which a table has the columns of an import; every other cell stays.

    Raises:
        PlanError: There is no room, or cells of the user's stand where the table is laid out anew.
    """
    with Package(source) as package:
        refuse_sealed(package)
        workbook = xml.parse(package.read(package.workbook_part))
        if layout.anew:
            changed, added, dropped = _laid_out(source, package, table, layout, workbook)
        else:
            changed, added, dropped = _wider(package, table, layout, workbook), {}, set()
        dropped |= without_calculation_chain(package, changed)
        copy_package(package, file, changed, dropped=dropped, added=added)


def _donor(name: str, layout: Layout, sheet: Sheet, host: Host) -> bytes:
    """A workbook of our making with the sheet, the table's columns as they are to be."""
    headers = [*layout.headers, *hierarchy.TABLE.headers] if name == hierarchy.TABLE.name else ["Level", "Rep"]
    features = [] if name == hierarchy.TABLE.name else layout.headers
    rows = {settings.TABLE.name: settings.template_rows({})}
    return build("", headers, layout.levels or 1, rows, into=host, sheets=[sheet], features=features, names=())


def _laid_out(
    source: Path, package: Package, name: str, layout: Layout, workbook: Any
) -> tuple[dict[str, bytes], dict[str, bytes], set[str]]:
    """The sheet of a blank table in place of the one that is there: parts that change, that are new, and that go."""
    part = package.tables[name]
    declared = next(sheet for sheet in catalog.SHEETS if any(table.name == name for table in sheet.tables))
    beside = [table for table in package.tables.values() if table.sheet == part.sheet]
    ours = {table.name for table in declared.tables}
    strangers = [table.name for table in beside if table.name not in ours]
    taken = _cells_beside(source, package, part.sheet, beside)
    if strangers or taken:
        message = f"table {name} is laid out anew, and the sheet has other cells: {', '.join([*strangers, *taken][:4])}"
        raise PlanError([Problem(part.sheet, taken[0] if taken else "", message, "Move them to a sheet of their own.")])
    dropped = _taken_out(package, part.sheet, workbook)
    there = {table.name for table in beside}
    here = Sheet(declared.name, declared.help, tuple(table for table in declared.tables if table.name in there))
    host = Host({declared.name: part.sheet} if declared.name != part.sheet else {}, package.counts_from_1904)
    merged = merge(package, workbook, _donor(name, layout, here, host), {part.sheet})
    changed = dict(merged.changed)
    for key in ("[Content_Types].xml", _relations(package)):
        changed[key] = _without_dropped(changed[key], dropped)
    return changed, merged.added, dropped


def _relations(package: Package) -> str:
    folder, base = posixpath.split(package.workbook_part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _cells_beside(source: Path, package: Package, sheet: str, tables: Sequence[TablePart]) -> list[str]:
    """Filled cells of a sheet that are in no table and below its title."""
    found = []
    for _, rows, _ in read_sheets(source, package, [sheet]):
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                inside = any(
                    t.area.top <= number <= t.area.bottom and t.area.left <= column <= t.area.right for t in tables
                )
                if cell not in {None, ""} and not inside and number > HEADER_ROW:
                    found.append(f"{column_letters(column)}{number}")
    return found


def _taken_out(package: Package, sheet: str, workbook: Any) -> set[str]:
    """Take a sheet out of the workbook; its parts, and those that belong to it alone."""
    dropped: set[str] = set()
    sheets = workbook.find(f"{_MAIN}sheets")
    place = next(i for i, each in enumerate(sheets) if each.get("name") == sheet)
    sheets.remove(sheets[place])
    for name in list(workbook.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName")):
        local = name.get("localSheetId")
        if local is None:
            continue
        if int(local) == place:
            name.getparent().remove(name)
        elif int(local) > place:
            name.set("localSheetId", str(int(local) - 1))
    for view in workbook.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView"):
        for key in ("activeTab", "firstSheet"):
            if int(view.get(key, "0")) > place:
                view.set(key, str(int(view.get(key)) - 1))
    waiting = [package.sheets[sheet]]
    while waiting:
        part = waiting.pop()
        if part in dropped or part not in package.zip.NameToInfo:
            continue
        dropped.add(part)
        folder, base = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if relations in package.zip.NameToInfo:
            dropped.add(relations)
            waiting += [
                posixpath.normpath(posixpath.join(folder, each.get("Target", "")))
                for each in xml.parse(package.read(relations))
                if each.get("TargetMode") != "External"
            ]
    return dropped


def _without_dropped(content: bytes, dropped: set[str]) -> bytes:
    """A list of parts without those that are gone."""
    root = xml.parse(content)
    for element in list(root):
        part = element.get("PartName", "").lstrip("/") or posixpath.normpath(
            posixpath.join("xl", element.get("Target", ""))
        )
        if part in dropped:
            root.remove(element)
    return xml.serialised(root)


def _wider(package: Package, name: str, layout: Layout, workbook: Any) -> dict[str, bytes]:
    """Further columns at the right end of a table that has rows."""
    part, room = package.tables[name], known_tables(package)[name].room
    if len(layout.headers) > room:
        message = f"table {name} would need {len(layout.headers)} more columns ({', '.join(layout.headers[:4])}), and another table stands beside it"
        raise PlanError([Problem(part.sheet, str(part.area), message, "Leave columns out, or move the other table.")])
    table = catalog.TABLES[name]
    lending = Sheet(_LENDING, "", (table,))
    donor = _donor(name, Layout(["Top", *layout.headers], 1), lending, Host({}, package.counts_from_1904))
    merged = merge(package, workbook, donor, set())
    own = ["Top", *layout.headers]
    headers = [*own, *hierarchy.TABLE.headers] if name == hierarchy.TABLE.name else [*table.headers, *own]
    looks = lent_looks(merged.looks[_LENDING], headers)
    changed = {key: content for key, content in merged.changed.items() if key.endswith("styles.xml")}
    cells: dict[str, dict[tuple[int, int], bytes]] = {}
    widen(package, part, {header: looks[header] for header in layout.headers}, changed, cells)
    for sheet_part, new in cells.items():
        taken: list[str] = []
        changed[sheet_part] = put_cells(package.read(sheet_part), new, taken)
        if taken:
            message = "the import brings a column that would stand here, and the cell is filled"
            raise PlanError([Problem(part.sheet, cell, message, "Move it away from the table.") for cell in taken])
    return changed
