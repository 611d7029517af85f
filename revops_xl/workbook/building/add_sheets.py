"""Adding the plan's sheets to a workbook that is there: its own sheets, parts and formats stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog, setting_list
from revops_xl.tables.schema.declare import Sheet
from revops_xl.workbook.building.create import Host
from revops_xl.workbook.building.merge_sheets import merge
from revops_xl.workbook.file import intake, xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.file.save import FileState, save
from revops_xl.workbook.reading.sheet_form import plain_texts

_MAIN = f"{{{xml.MAIN}}}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_NAME_LIMIT = 31


def add_plan(book: Path, target: Path, make: Callable[[Host], bytes], *, backup: bool = False) -> dict[str, str]:
    """Add the sheets of a plan behind those of a workbook.

    Args:
        book: The user's workbook.
        target: Where to save; may be the book itself.
        make: Builds the plan workbook whose sheets are added.
        backup: Keep the file that is replaced.

    Returns:
        Sheets that got another name because the workbook has one of that name: new name by the declared one.

    Raises:
        PlanError: The workbook is refused, has tables or names of a plan already, or cannot be saved.
    """
    before = (FileState.of(book), FileState.of(target))
    intake.admit(book)
    with intake.damage_told(book), Package(book) as package:
        refuse_sealed(package)
        for content in package.shared().values():
            plain_texts(content)  # what a run would refuse is refused before a plan is in it
        workbook = xml.parse(package.read(package.workbook_part))
        _refuse_conflicts(package, workbook)
        host = Host(free_names(workbook, catalog.SHEETS), package.counts_from_1904)
        merged = merge(package, workbook, make(host))
        changed, added = merged.changed, merged.added
        dropped = without_calculation_chain(package, changed)

        def write(file: BinaryIO) -> None:
            with intake.damage_told(book):
                copy_package(package, file, changed, dropped=dropped, added=added)
            package.close()  # Windows replaces no file that is open

        save(target, write, unchanged=before, backup=backup)
    return dict(host.names)


def _refuse_conflicts(package: Package, workbook: Any) -> None:
    problems = []
    tables = {table.name.lower(): table for table in package.tables.values()}
    names = {name.lower() for name in package.names if name}
    ours = [table.name for sheet in catalog.SHEETS for table in sheet.tables]
    if all(name.lower() in tables for name in ("Settings", "Hierarchy", "Levels", "Quotas")):
        message = "the workbook has a plan already"
        fix = f"Fill it in, then: revops-xl run {package.path.name}"
        raise PlanError([Problem(package.path.name, "", message, fix)])
    for name in ours:
        if name.lower() in tables:
            there = tables[name.lower()]
            message = f"the workbook has a table {there.name} already"
            problems.append(Problem(there.sheet, str(there.area), message, "Rename it, or use the plan that is there."))
    for name in [*ours, *(setting.defined_name for setting in setting_list.SETTINGS)]:
        if name.lower() in names or (name.lower() in tables and name not in ours):
            message = f"the workbook uses the name {name}, which a plan needs for itself"
            problems.append(Problem(package.path.name, "", message, "Rename it: Formulas, Name Manager."))
    protection = workbook.find(f"{_MAIN}workbookProtection")
    if protection is not None and protection.get("lockStructure") in {"1", "true"}:
        message = "the structure of the workbook is protected, so no sheet can be added"
        problems.append(Problem(package.path.name, "", message, "Unprotect it: Review, Protect Workbook."))
    if problems:
        raise PlanError(problems)


def free_names(workbook: Any, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Other names for the sheets of the plan whose name is taken; spreadsheets ignore the case of a sheet's name."""
    taken = {sheet.get("name", "").lower() for sheet in workbook.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")}
    declared = {sheet.name.lower() for sheet in sheets}
    names = {}
    for sheet in sheets:
        if sheet.name.lower() in taken:
            tries = (f"Plan {sheet.name}"[: _SHEET_NAME_LIMIT - 3] + (f" {i}" if i > 1 else "") for i in range(1, 100))
            names[sheet.name] = next(name for name in tries if name.lower() not in taken | declared)
            taken.add(names[sheet.name].lower())
    return names
