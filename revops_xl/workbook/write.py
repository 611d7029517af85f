"""Writing result tables into a user's workbook: their rows change, every other part stays byte for byte."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from isal import isal_zlib

from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.tables.result import Formula, ResultTable
from revops_xl.workbook.address import Area
from revops_xl.workbook.charts import refresh_chart
from revops_xl.workbook.intake import damage_told
from revops_xl.workbook.own_columns import OwnColumn, keep_own_columns
from revops_xl.workbook.package import Package
from revops_xl.workbook.save import save
from revops_xl.workbook.sheet_edit import Replacement, replace_rows

MAX_SHEET_ROWS = 1_048_576
#: Defined names that the formulas of the results rely on.
FORMULA_NAMES = ("Plan", "Currency", "Target")
_UTF8_NAME = 0x800


def write_tables(source: Path, target: Path, results: Sequence[ResultTable]) -> list[str]:
    """Copy a workbook with the rows of our result tables replaced.

    Args:
        source: The workbook with the tables.
        target: Where to save; may be the source.
        results: Tables by the name of their declaration.

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
            _copy(package, file, changed, dropped)

        save(target, write)
    return sorted([*changed, *dropped])


def check_tables(source: Path, results: Sequence[ResultTable]) -> None:
    """Do everything that `write_tables` does, but save: so that a check finds what would refuse a run."""
    with damage_told(source), Package(source) as package:
        _planned(package, results)


def _planned(package: Package, results: Sequence[ResultTable]) -> tuple[dict[str, bytes], set[str]]:
    own = keep_own_columns(package.path, package, results)
    return _changed_parts(package, _replacements(package, results, own))


def _replacements(
    package: Package, results: Sequence[ResultTable], own: Mapping[str, list[OwnColumn]]
) -> list[Replacement]:
    problems = []
    found = []
    nameless = [name for name in FORMULA_NAMES if name not in package.names]
    if nameless:
        listed = ", ".join(nameless)
        message = f"the workbook has no defined name {listed}, which the results' formulas use"
        problems.append(Problem(package.path.name, "", message, "Start from `revops-xl new`, and copy your rows in."))
    for result in results:
        part = package.tables.get(result.table.name)
        if part is None:
            message = f"the workbook has no table {result.table.name} for the results"
            problems.append(
                Problem(package.path.name, "", message, "Start from `revops-xl new`, and copy your rows in.")
            )
            continue
        missing = [header for header in result.table.headers if header not in part.headers]
        if missing:
            listed = ", ".join(f'"{header}"' for header in missing)
            problems.append(
                Problem(part.sheet, str(part.area), f"table {part.name} has no column {listed}", "Put it back.")
            )
            continue
        mine = {column.header: column.cells for column in own.get(part.name, [])}
        replacement = Replacement(part, _from_1904(result) if package.counts_from_1904 else result, mine)
        if replacement.new.bottom + part.totals_rows > MAX_SHEET_ROWS:
            message = f"table {part.name} would need {replacement.new.bottom:,} rows; a sheet has {MAX_SHEET_ROWS:,}"
            problems.append(
                Problem(
                    part.sheet, str(part.area), message, "Plan branches in workbooks of their own, or use `export`."
                )
            )
        elif part.totals_rows and replacement.new != replacement.old:
            message = f"table {part.name} has a totals row, which would be in the way"
            problems.append(Problem(part.sheet, str(part.area), message, "Switch the totals row off."))
        found.append(replacement)
    if problems:
        raise PlanError(problems)
    return found


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
        _keep(changed, package, sheet_part, replace_rows(package.read(sheet_part), group))
    for name in package.zip.namelist():
        if re.fullmatch(r"xl/charts/chart[^/]*\.xml", name):
            _keep(changed, package, name, refresh_chart(package.read(name), replacements))
    dropped = _drop_calculation_chain(package, changed)
    _recalculate_on_open(package, changed, by_sheet, replacements)
    return changed, dropped


def _keep(changed: dict[str, bytes], package: Package, part: str, content: bytes) -> None:
    """Remember a part only if it differs, so that a run that changes nothing copies the file."""
    if content != package.read(part):
        changed[part] = content


def _table_part(content: bytes, replacement: Replacement) -> bytes:
    part, new = replacement.part, replacement.new
    area = Area(part.area.top, part.area.left, new.bottom + part.totals_rows, part.area.right)
    old = str(part.area).encode()
    content = content.replace(b'ref="%s"' % old, b'ref="%s"' % str(area).encode())
    # A sort that was applied to the old rows says nothing about the new ones.
    return re.sub(rb"<sortState\b.*?(?:/>|</sortState>)", b"", content, flags=re.DOTALL)


def _drop_calculation_chain(package: Package, changed: dict[str, bytes]) -> set[str]:
    """The order of calculation lists formula cells that may be gone; spreadsheets build it anew."""
    chains = {target for kind, target in package.relations(package.workbook_part).values() if kind == "calcChain"}
    chains &= set(package.zip.namelist())
    if not chains:
        return chains
    types = package.read("[Content_Types].xml")
    changed["[Content_Types].xml"] = re.sub(rb"<Override\b[^>]*calcChain[^>]*/>", b"", types)
    folder, _, name = package.workbook_part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    changed[relations] = re.sub(rb"<Relationship\b[^>]*calcChain[^>]*/>", b"", package.read(relations))
    return chains


def _recalculate_on_open(
    package: Package,
    changed: dict[str, bytes],
    by_sheet: Mapping[str, list[Replacement]],
    replacements: list[Replacement],
) -> None:
    """Formulas of the user that read our tables hold old values: ask the spreadsheet to calculate when it opens."""
    workbook = package.read(package.workbook_part)
    if re.search(rb'<calcPr\b[^>]*fullCalcOnLoad="(?:1|true)"', workbook):
        return
    names = [f"{replacement.part.name}[".encode() for replacement in replacements]
    names += [f"{replacement.part.sheet}!".encode() for replacement in replacements]
    names += [f"{replacement.part.sheet}'!".encode() for replacement in replacements]
    others = [part for part in package.sheets.values() if part not in by_sheet]
    depends = any(_has_foreign_formulas(changed.get(part, b""), group) for part, group in by_sheet.items()) or any(
        any(
            any(name in formula for name in names)
            for formula in re.findall(rb"<f\b[^>]*>([^<]*)</f>", package.read(part))
        )
        for part in others
    )
    if not depends:
        return
    if b"<calcPr" in workbook:
        changed[package.workbook_part] = re.sub(rb"<calcPr\b", b'<calcPr fullCalcOnLoad="1"', workbook, count=1)
    else:
        after = rb"(</definedNames>|</sheets>)(?!.*</definedNames>)"
        changed[package.workbook_part] = re.sub(
            after, rb'\1<calcPr fullCalcOnLoad="1"/>', workbook, count=1, flags=re.DOTALL
        )


def _has_foreign_formulas(content: bytes, replacements: list[Replacement]) -> bool:
    """Whether a sheet of ours has more formulas than we wrote."""
    ours = sum(
        isinstance(cell, Formula)
        for replacement in replacements
        for column in replacement.content.columns
        if not isinstance(column, np.ndarray | Coded)
        for cell in column
    )
    return content.count(b"<f>") + content.count(b"<f ") > ours


def _copy(package: Package, file: BinaryIO, changed: Mapping[str, bytes], dropped: set[str]) -> None:
    with zipfile.ZipFile(file, "w", allowZip64=True) as out:
        for entry in package.zip.infolist():
            if entry.filename in dropped:
                continue
            copy = zipfile.ZipInfo(entry.filename, entry.date_time)
            copy.external_attr, copy.internal_attr = entry.external_attr, entry.internal_attr
            copy.create_system = entry.create_system
            if entry.filename in changed:
                _append(out, copy, *_deflated(copy, changed[entry.filename]))
            else:
                copy.compress_type, copy.flag_bits = entry.compress_type, entry.flag_bits & _UTF8_NAME
                copy.CRC, copy.file_size = entry.CRC, entry.file_size
                _append(out, copy, package.packed(entry))


def _deflated(entry: zipfile.ZipInfo, content: bytes) -> tuple[bytes, ...]:
    entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(content)
    entry.CRC = isal_zlib.crc32(content)
    stream = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
    return stream.compress(content), stream.flush()


def _append(out: zipfile.ZipFile, entry: zipfile.ZipInfo, *packed: bytes) -> None:
    """Append an entry of compressed bytes as they are."""
    target = out.fp
    assert target is not None  # noqa: S101  (the archive was opened for writing above)
    entry.compress_size, entry.header_offset = sum(map(len, packed)), target.tell()
    target.write(entry.FileHeader())
    target.writelines(packed)
    out.filelist.append(entry)
    out.NameToInfo[entry.filename] = entry
    out.start_dir = target.tell()
