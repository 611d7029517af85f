"""Adding the plan's sheets to a workbook that is there: its own sheets, parts and formats stay what they are."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog, setting_list
from revops_xl.workbook.building.add_styles import merge_styles
from revops_xl.workbook.building.create import Host
from revops_xl.workbook.file import intake, xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.file.save import FileState, save
from revops_xl.workbook.writing.workbook_part import request_calculation

_MAIN = f"{{{xml.MAIN}}}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_NAME_LIMIT = 31
#: What stands behind the sheets in a workbook part, in the order of the format.
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
#: Parts of a donor that its host has itself.
_OWN_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/.*|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/theme/.*"
    r"|xl/styles\.xml|xl/sharedStrings\.xml"
)
_SHARED_CELL = re.compile(rb'<c r="([A-Z]+\d+)"((?: s="\d+")?) t="s"><v>(\d+)</v></c>')


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
        workbook = xml.parse(package.read(package.workbook_part))
        _refuse_conflicts(package, workbook)
        host = Host(_free_names(workbook), package.counts_from_1904)
        changed, added = _merged(package, workbook, make(host))
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


def _free_names(workbook: Any) -> dict[str, str]:
    """Other names for the sheets of the plan whose name is taken; spreadsheets ignore the case of a sheet's name."""
    taken = {sheet.get("name", "").lower() for sheet in workbook.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")}
    declared = {sheet.name.lower() for sheet in catalog.SHEETS}
    names = {}
    for sheet in catalog.SHEETS:
        if sheet.name.lower() in taken:
            tries = (f"Plan {sheet.name}"[: _SHEET_NAME_LIMIT - 3] + (f" {i}" if i > 1 else "") for i in range(1, 100))
            names[sheet.name] = next(name for name in tries if name.lower() not in taken | declared)
            taken.add(names[sheet.name].lower())
    return names


def _merged(package: Package, workbook: Any, donor_bytes: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The parts of the host that change, and the parts that are new."""
    with zipfile.ZipFile(io.BytesIO(donor_bytes)) as archive:
        donor = {name: archive.read(name) for name in archive.namelist()}
    changed: dict[str, bytes] = {}
    renamed = _new_part_names(donor, package.zip.NameToInfo)
    styles_part = next(
        (part for kind, part in package.relations(package.workbook_part).values() if kind == "styles"), ""
    )
    host_styles = package.read(styles_part) if styles_part else b""
    styles, shift = merge_styles(host_styles, donor["xl/styles.xml"], package.path.name)
    added = {}
    if styles_part:
        changed[styles_part] = styles
    else:
        renamed["xl/styles.xml"] = _free_name("xl/styles.xml", {name.lower() for name in package.zip.NameToInfo})
        added[renamed["xl/styles.xml"]] = styles
    texts = _shared_texts(donor["xl/sharedStrings.xml"])
    table_numbers = _free_numbers(
        int(xml.parse(package.read(table.part)).get("id") or "0") for table in package.tables.values()
    )
    for old, new in [pair for pair in renamed.items() if pair[1] not in added]:
        content = donor[old]
        if old.startswith("xl/worksheets/sheet"):
            content = shift.sheet(_with_own_texts(content, texts)).replace(b' tabSelected="1"', b"")
        elif old.startswith("xl/tables/"):
            content = shift.table(re.sub(rb'(<table [^>]*?\bid=")\d+', rb"\g<1>%d" % next(table_numbers), content))
        elif old.endswith(".rels"):
            content = _moved_relations(content, old, new, renamed)
        added[new] = content
    sheets = _add_to_workbook(package, workbook, xml.parse(donor["xl/workbook.xml"]), donor, renamed)
    if not styles_part:
        sheets.append(("styles", renamed["xl/styles.xml"], _free_identity(package, len(sheets))))
    changed[package.workbook_part] = xml.serialised(workbook)
    folder, name = posixpath.split(package.workbook_part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    changed[relations] = _with_relations(package.read(relations), folder, sheets)
    changed["[Content_Types].xml"] = _with_types(package.read("[Content_Types].xml"), donor, renamed, added)
    return changed, added


def _new_part_names(donor: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Free names for the donor's parts; the relations of a part follow its name."""
    used = {name.lower() for name in taken}
    names = {}
    for old in donor:
        if _OWN_PARTS.fullmatch(old) or old.endswith(".rels"):
            continue
        names[old] = _free_name(old, used)
        used.add(names[old].lower())
    for old in [name for name in donor if name.endswith(".rels") and not _OWN_PARTS.fullmatch(name)]:
        folder, name = posixpath.split(old)
        owner = names[posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))]
        names[old] = posixpath.join(posixpath.dirname(owner), "_rels", f"{posixpath.basename(owner)}.rels")
    return names


def _free_name(part: str, used: Container[str]) -> str:
    """The part's name with the first number that is free."""
    stem, dot, suffix = part.rpartition(".")
    stem = stem.rstrip("0123456789")
    return next(name for i in count(1) if (name := f"{stem}{i}{dot}{suffix}").lower() not in used)


def _shared_texts(content: bytes) -> list[bytes]:
    """Inner XML of each shared text."""
    return re.findall(rb"<si>(.*?)</si>", content, re.DOTALL)


def _with_own_texts(sheet: bytes, texts: list[bytes]) -> bytes:
    """Texts inside their cells, so that the host's shared texts need not change."""
    return _SHARED_CELL.sub(
        lambda match: b'<c r="%s"%s t="inlineStr"><is>%s</is></c>' % (match[1], match[2], texts[int(match[3])]), sheet
    )


def _free_numbers(taken: Iterable[int]) -> Iterator[int]:
    """Numbers that nothing has, from 1."""
    used = set(taken)
    return (number for number in count(1) if number not in used)


def _moved_relations(content: bytes, old: str, new: str, renamed: dict[str, str]) -> bytes:
    root = xml.parse(content)
    old_folder, new_folder = (posixpath.dirname(posixpath.dirname(name)) for name in (old, new))
    for relation in root:
        target = posixpath.normpath(posixpath.join(old_folder, relation.get("Target")))
        if target in renamed:
            relation.set("Target", posixpath.relpath(renamed[target], new_folder))
    return xml.serialised(root)


def _add_to_workbook(
    package: Package, workbook: Any, plan: Any, donor: dict[str, bytes], renamed: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Append the plan's sheets and names; what each sheet's relation has to be: (kind, part, id)."""
    sheets = workbook.find(f"{_MAIN}sheets")
    before = len(sheets)
    numbers = _free_numbers(int(sheet.get("sheetId") or "0") for sheet in sheets)
    targets = {
        relation.get("Id"): relation.get("Target") for relation in xml.parse(donor["xl/_rels/workbook.xml.rels"])
    }
    relations = []
    for i, sheet in enumerate(plan.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")):
        identity = _free_identity(package, i)
        relations.append(("worksheet", renamed[f"xl/{targets[sheet.get(xml.RELATION_ID)]}"], identity))
        etree.SubElement(sheets, f"{_MAIN}sheet", name=sheet.get("name"), sheetId=str(next(numbers))).set(
            xml.RELATION_ID, identity
        )
    names = workbook.find(f"{_MAIN}definedNames")
    if names is None:
        names = etree.Element(f"{_MAIN}definedNames")
        last = [element for tag in _BEFORE_NAMES for element in workbook.iterfind(f"{_MAIN}{tag}")][-1]
        last.addnext(names)
    for name in plan.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName"):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(name.get("localSheetId")) + before))
        names.append(name)
    request_calculation(workbook)
    return relations


def _free_identity(package: Package, index: int) -> str:
    """A relation id that the workbook does not use."""
    taken = [re.sub(r"\D", "", identity) for identity in package.relation_ids(package.workbook_part)]
    return f"rId{max((int(digits) for digits in taken if digits), default=0) + index + 1}"


def _with_relations(content: bytes, folder: str, relations: Iterable[tuple[str, str, str]]) -> bytes:
    root = xml.parse(content)
    namespace = etree.QName(root).namespace
    for kind, part, identity in relations:
        target = posixpath.relpath(part, folder or ".")
        etree.SubElement(root, f"{{{namespace}}}Relationship", Id=identity, Type=f"{_RELATIONS}/{kind}", Target=target)
    return xml.serialised(root)


def _with_types(content: bytes, donor: dict[str, bytes], renamed: dict[str, str], added: dict[str, bytes]) -> bytes:
    root = xml.parse(content)
    theirs = xml.parse(donor["[Content_Types].xml"])
    known = {default.get("Extension", "").lower() for default in root.iterfind(f"{_TYPES}Default")}
    for default in theirs.iterfind(f"{_TYPES}Default"):
        if default.get("Extension").lower() not in known:
            root.insert(0, default)
    for override in theirs.iterfind(f"{_TYPES}Override"):
        part = override.get("PartName")[1:]
        new = renamed.get(part, part)
        if new in added:
            override.set("PartName", f"/{new}")
            root.append(override)
    return xml.serialised(root)
