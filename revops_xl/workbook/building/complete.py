"""What a plan made by an earlier version lacks, added in place: sheets, tables, columns, settings and their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog, profiles, setting_list, settings
from revops_xl.tables.forecast import cohorts
from revops_xl.tables.schema.declare import Sheet
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.building.add_sheets import free_names
from revops_xl.workbook.building.canvas import HEADER_ROW
from revops_xl.workbook.building.create import TEMPLATE_LEVELS, TEMPLATE_METRICS, Host, build
from revops_xl.workbook.building.merge_sheets import merge
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package, TablePart
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.reading.read import known_tables
from revops_xl.workbook.writing.cells import cell_xml
from revops_xl.workbook.writing.put_cells import put_cells

_MAIN = f"{{{xml.MAIN}}}"
#: Where the template puts the table Settings, whose cells lend their formats to rows that are added.
_SETTINGS = settings.TABLE.name


@dataclass(frozen=True)
class Lacking:
    """What is added to a workbook.

    Attributes:
        tables: Names of tables.
        columns: Headers by table.
        settings: Names of settings that get a row.
        names: Defined names.
    """

    tables: Collection[str] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Collection[str] = ()
    names: Collection[str] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns or self.settings or self.names)


def complete(source: Path, lacking: Lacking, file: BinaryIO) -> None:
    """Write a copy of a workbook that has what it lacks; everything else stays as it is.

    Raises:
        PlanError: Cells of the user's stand where a column or a setting would go.
    """
    with Package(source) as package:
        refuse_sealed(package)
        workbook = xml.parse(package.read(package.workbook_part))
        fresh = _fresh_sheets(lacking.tables)
        widened = [package.tables[name] for name in lacking.columns]
        lent = _lending_sheets([*lacking.columns, *([_SETTINGS] if lacking.settings else [])])
        host = Host(free_names(workbook, fresh), package.counts_from_1904)
        rows = {_SETTINGS: settings.template_rows({}), cohorts.SCENARIOS.name: cohorts.STANDARD_ROWS}
        headers = [*(level for level, _ in TEMPLATE_LEVELS), *TEMPLATE_METRICS]
        listed = [*fresh, *lent] or [Sheet("Names", "", ())]
        donor = build("", headers, len(TEMPLATE_LEVELS), rows, into=host, sheets=listed, names=lacking.names)
        merged = merge(package, workbook, donor, {host.name(sheet.name) for sheet in fresh})
        changed, problems = dict(merged.changed), list[Problem]()
        cells: dict[str, dict[tuple[int, int], bytes]] = {}
        for part in widened:
            looks = lent_looks(merged.looks[_lending(part.name)], catalog.TABLES[part.name].headers)
            widen(package, part, {header: looks[header] for header in lacking.columns[part.name]}, changed, cells)
        if lacking.settings:
            part = package.tables[_SETTINGS]
            _append_settings(package, part, lacking.settings, merged.looks[_lending(_SETTINGS)], changed, cells)
        for sheet_part, added in cells.items():
            taken: list[str] = []
            changed[sheet_part] = put_cells(changed.get(sheet_part) or package.read(sheet_part), added, taken)
            sheet = next(name for name, each in package.sheets.items() if each == sheet_part)
            message = "a table gets a new column or row here, and the cell is filled"
            problems += [Problem(sheet, cell, message, "Move it away from the table.") for cell in taken]
        if problems:
            raise PlanError(problems)
        dropped = without_calculation_chain(package, changed)
        copy_package(package, file, changed, dropped=dropped, added=merged.added)


def _fresh_sheets(tables: Collection[str]) -> list[Sheet]:
    """The sheets of the tables that are added, with those tables only."""
    found = []
    for sheet in catalog.SHEETS:
        wanted = tuple(table for table in sheet.tables if table.name in tables)
        if wanted:
            found.append(replace(sheet, tables=wanted))
    return found


def _lending_sheets(tables: Iterable[str]) -> list[Sheet]:
    """A sheet for each table that gets columns or rows: its cells lend their formats, and it is not added."""
    return [Sheet(_lending(name), "", (catalog.TABLES[name],)) for name in tables]


def _lending(table: str) -> str:
    return f"look of {table}"[:31]


def widen(
    package: Package,
    part: TablePart,
    headers: Mapping[str, tuple[int, int]],
    changed: dict[str, bytes],
    cells: dict[str, dict[tuple[int, int], bytes]],
) -> None:
    """New columns at the right end of a table, behind the user's own.

    Args:
        package: The workbook.
        part: The table.
        headers: Formats of header and body by header.
        changed: Gets the part of the table.
        cells: Gets the cells, by sheet and place.
    """
    root = xml.parse(package.read(part.part))
    listed = root.find(f"{_MAIN}tableColumns")
    number = max(int(column.get("id", "0")) for column in listed)
    area = part.area
    wider = Area(area.top, area.left, area.bottom, area.right + len(headers))
    here = cells.setdefault(part.sheet_part, {})
    for i, (header, (head, body)) in enumerate(headers.items(), start=1):
        etree.SubElement(listed, f"{_MAIN}tableColumn", id=str(number + i), name=header)
        here[area.top, area.right + i] = cell_xml(area.top, area.right + i, header, head)
        for row in range(part.body.top, area.bottom + 1):
            here[row, area.right + i] = cell_xml(row, area.right + i, None, body)
    listed.set("count", str(len(listed)))
    for element in (root, *root.iterfind(f"{_MAIN}autoFilter")):
        reach = Area.parse(element.get("ref") or "")
        if reach is not None and reach.right == area.right:
            element.set("ref", str(Area(reach.top, reach.left, reach.bottom, wider.right)))
    changed[part.part] = xml.serialised(root)


def lent_looks(looks: Mapping[str, int], headers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Formats of header and body of each column, where the table stands on its lending sheet."""
    row, left = HEADER_ROW, 0
    addresses = {header: column_letters(left + i) for i, header in enumerate(headers)}
    return {
        header: (looks.get(f"{letters}{row + 1}", 0), looks.get(f"{letters}{row + 2}", 0))
        for header, letters in addresses.items()
    }


def _append_settings(
    package: Package,
    part: TablePart,
    names: Collection[str],
    looks: Mapping[str, int],
    changed: dict[str, bytes],
    cells: dict[str, dict[tuple[int, int], bytes]],
) -> None:
    """A row for each setting below the others, with its default."""
    lines = {row[0]: (i, row) for i, row in enumerate(settings.template_rows({}))}
    here = cells.setdefault(part.sheet_part, {})
    bottom = part.area.bottom - part.totals_rows
    wanted = [setting.name for setting in setting_list.SETTINGS if setting.name in names]
    for offset, name in enumerate(wanted, start=1):
        place, row = lines[name]
        values = dict(zip(settings.TABLE.headers, row, strict=True))
        for i, header in enumerate(part.headers):
            if header in values:
                lent = f"{column_letters(settings.TABLE.headers.index(header))}{HEADER_ROW + 2 + place}"
                at = bottom + offset, part.area.left + i
                here[at] = cell_xml(*at, values[header], looks.get(lent, 0))
    root = xml.parse(package.read(part.part))
    for element in (root, *root.iterfind(f"{_MAIN}autoFilter")):
        reach = Area.parse(element.get("ref") or "")
        if reach is not None:
            element.set("ref", str(Area(reach.top, reach.left, reach.bottom + len(wanted), reach.right)))
    changed[part.part] = xml.serialised(root)


def lacking_of(package: Package, setting_rows: Collection[str]) -> Lacking:
    """All that a plan of this version has and a workbook has not, where there is room.

    Args:
        package: The workbook.
        setting_rows: Names of the settings that have a row.
    """
    there = known_tables(package)
    columns = {}
    for name, table in catalog.TABLES.items():
        if table.result and name in there:
            missing = [header for header in table.headers if header not in there[name].headers]
            if missing and len(missing) <= there[name].room:
                columns[name] = missing
    known = {name.strip().lower() for name in setting_rows}
    present = {profiles.QUOTAS, *(part for part in profiles.PROFILES if set(profiles.tables_of(part)) & there.keys())}
    expected = [name for part in present for name in profiles.tables_of(part)]
    return Lacking(
        [name for name in catalog.TABLES if name in expected and name not in there],
        columns,
        [each.name for each in setting_list.SETTINGS if _SETTINGS in there and each.name.lower() not in known],
        [each.defined_name for each in setting_list.SETTINGS if each.defined_name not in package.names],
    )
