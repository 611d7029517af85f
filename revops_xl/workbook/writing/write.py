"""Writing result tables into a user's workbook: their rows change, every other part stays byte for byte."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.tables.book.reading.page import SHOWN_LATER
from revops_xl.tables.book.reading.page import TABLE as PAGE_TEXTS
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import MAX_ROWS, Area
from revops_xl.workbook.file.intake import damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.file.save import FileState, save
from revops_xl.workbook.writing import workbook_part
from revops_xl.workbook.writing.alt_texts import refresh_alt_texts
from revops_xl.workbook.writing.charts import refresh_chart
from revops_xl.workbook.writing.hidden_rows import with_hidden
from revops_xl.workbook.writing.own_columns import OwnColumns, keep_own_columns
from revops_xl.workbook.writing.replacement import Replacement
from revops_xl.workbook.writing.row_filters import hidden_rows
from revops_xl.workbook.writing.row_heights import heights, with_heights
from revops_xl.workbook.writing.sheet_edit import replace_rows
from revops_xl.workbook.writing.shown_texts import refresh_shown

PAGE = PAGE_TEXTS.name
#: Defined names that formulas of the results may rely on.
FORMULA_NAMES = (
    "Plan",
    "Currency",
    "Target",
    "Default_hedge",
    "Neutral_band",
    "Machine_weight",
    "Bias_shrinkage",
    "Max_adjustment",
    "OpEx_limit",
)


def write_tables(
    source: Path,
    target: Path,
    results: Sequence[ResultTable],
    *,
    unchanged: tuple[FileState, ...] = (),
    backup: bool = False,
) -> list[str]:
    """Copy a workbook with the rows of our result tables replaced.

    Args:
        source: The workbook with the tables.
        target: Where to save; may be the source.
        results: Tables by the name of their declaration.
        unchanged: Files that must still be what they were when the inputs were read.
        backup: Keep the file that is replaced.

    Returns:
        Names of the parts that changed.

    Raises:
        PlanError: A table is missing or cannot grow, or the target cannot be saved.
    """
    with ExitStack() as opened:
        with damage_told(source):  # while reading; what fails while saving is told by `save`
            package = opened.enter_context(Package(source))
            changed, dropped = _planned(package, results)

        def write(file: BinaryIO) -> None:
            with damage_told(source):
                copy_package(package, file, changed, dropped)
            package.close()  # Windows replaces no file that is open

        save(target, write, unchanged=unchanged, backup=backup)
    return sorted([*changed, *dropped])


def check_tables(source: Path, results: Sequence[ResultTable]) -> None:
    """Do everything that `write_tables` does, but save: so that a check finds what would refuse a run."""
    with damage_told(source), Package(source) as package:
        _planned(package, results)


def _planned(package: Package, results: Sequence[ResultTable]) -> tuple[dict[str, bytes], set[str]]:
    refuse_sealed(package)
    own = keep_own_columns(package.path, package, results)
    return _changed_parts(package, _replacements(package, results, own))


def _replacements(package: Package, results: Sequence[ResultTable], own: Mapping[str, OwnColumns]) -> list[Replacement]:
    problems = []
    found = []
    for result in results:
        part = package.tables.get(result.table.name)
        if part is None and not len(result):
            continue  # of a module without inputs, whose table somebody deleted
        if part is None:
            message = f"the workbook has no table {result.table.name} for the results"
            problems.append(
                Problem(package.path.name, "", message, "Start from `revops-xl new`, and copy your rows in.")
            )
            continue
        if len(part.headers) != part.area.right - part.area.left + 1:
            message = f"table {part.name} declares {len(part.headers)} columns for its range"
            problems.append(Problem(part.sheet, str(part.area), message, "Open it in Excel and save it."))
            continue
        missing = [header for header in result.table.headers if header not in part.headers]
        if missing:
            listed = ", ".join(f'"{header}"' for header in missing)
            problems.append(
                Problem(part.sheet, str(part.area), f"table {part.name} has no column {listed}", "Put it back.")
            )
            continue
        shown = _from_1904(result) if package.counts_from_1904 else result
        replacement = Replacement(part, shown, own.get(part.name, OwnColumns()), hidden_rows(package, part, result))
        if replacement.new.bottom + part.totals_rows > MAX_ROWS:
            message = f"table {part.name} would need {replacement.new.bottom:,} rows; a sheet has {MAX_ROWS:,}"
            problems.append(
                Problem(
                    part.sheet, str(part.area), message, "Plan branches in workbooks of their own, or use `export`."
                )
            )
        found.append(replacement)
    if problems:
        raise PlanError(problems)
    return found


def nameless(package: Package, results: Sequence[ResultTable]) -> list[str]:
    """Defined names that the results' formulas use and the workbook lacks."""
    formulas = {text for result in results for text in result.formulas()}
    return [name for name in FORMULA_NAMES if name not in package.names and any(names(text, name) for text in formulas)]


def names(formula: str, name: str) -> bool:
    """Whether a formula uses a defined name; a column of the same name stands in brackets, a text in quotes."""
    return re.search(rf'(?<![\w.\["]){name}(?![\w.\]"])', formula) is not None


def _from_1904(result: ResultTable) -> ResultTable:
    """Dates moved so that their serial of the 1900 system is the serial of the 1904 system."""
    shift = dt.timedelta(days=1462)
    columns = [
        column
        if isinstance(column, np.ndarray | Coded)
        else [cell - shift if isinstance(cell, dt.date) else cell for cell in column]
        for column in result.columns
    ]
    return ResultTable(result.table, tuple(columns))


def _changed_parts(package: Package, replacements: list[Replacement]) -> tuple[dict[str, bytes], set[str]]:
    changed: dict[str, bytes] = {}
    by_sheet: dict[str, list[Replacement]] = defaultdict(list)
    for replacement in replacements:
        by_sheet[replacement.part.sheet_part].append(replacement)
        _keep(changed, package, replacement.part.part, _table_part(package.read(replacement.part.part), replacement))
    for sheet_part, group in by_sheet.items():
        new = replace_rows(package.read(sheet_part), group)
        _keep(changed, package, sheet_part, with_heights(new, heights(group)))
    first_page = next(
        (each.part.sheet_part for each in replacements if each.part.name == PAGE and each.old.top == each.old.bottom),
        "",
    )
    results = {replacement.part.name: replacement.content for replacement in replacements}
    for sheet_part in package.sheets.values():
        content = refresh_shown(changed.get(sheet_part) or package.read(sheet_part), results)
        if sheet_part == first_page:
            content = with_hidden(content, SHOWN_LATER, hidden=False)
        _keep(changed, package, sheet_part, content)
    for name in package.zip.namelist():
        if name.startswith("xl/drawings/drawing"):
            _keep(changed, package, name, refresh_alt_texts(package.read(name), results))
    for name in package.charts():
        _keep(changed, package, name, refresh_chart(package.read(name), replacements))
    _keep(changed, package, package.workbook_part, workbook_part.edited(package, replacements, changed))
    return changed, without_calculation_chain(package, changed)


def _keep(changed: dict[str, bytes], package: Package, part: str, content: bytes) -> None:
    """Remember a part only if it differs, so that a run that changes nothing copies the file."""
    if content != package.read(part):
        changed[part] = content


def _table_part(content: bytes, replacement: Replacement) -> bytes:
    """The table's own part: its range and its filter's range follow; a sort says nothing about the new rows."""
    root = xml.parse(content)
    sorts = list(root.iter(f"{{{xml.MAIN}}}sortState"))
    for sort in sorts:
        sort.getparent().remove(sort)
    moved = False
    for element in (root, *root.iterfind(f"{{{xml.MAIN}}}autoFilter")):
        area = Area.parse(element.get("ref") or "")
        if area is not None and replacement.follow(area) != area:
            element.set("ref", str(replacement.follow(area)))
            moved = True
    return xml.serialised(root) if moved or sorts else content
