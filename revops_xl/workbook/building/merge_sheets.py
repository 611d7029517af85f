"""Sheets of a workbook of our own making put into another one, with formats, tables, charts and names."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from lxml import etree

from revops_xl.tables.book import catalog
from revops_xl.workbook.building.add_styles import merge_styles
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.writing.workbook_part import request_calculation

_MAIN = f"{{{xml.MAIN}}}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: What stands behind the sheets in a workbook part, in the order of the format.
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
#: Parts of a donor that its host has itself.
_OWN_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/.*|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/theme/.*"
    r"|xl/styles\.xml|xl/sharedStrings\.xml"
)
#: Address and format of a cell.
_LOOK = re.compile(rb'<c r="([A-Z]+\d+)" s="(\d+)"')
_SHARED_CELL = re.compile(rb'<c r="([A-Z]+\d+)"((?: s="\d+")?) t="s"><v>(\d+)</v></c>')


@dataclass(frozen=True)
class Merged:
    """What adding a donor's sheets does to a workbook.

    Attributes:
        changed: Parts of the host that change.
        added: Parts that are new.
        looks: Format of each cell of the donor's sheets in the host, by sheet name and address.
    """

    changed: dict[str, bytes]
    added: dict[str, bytes]
    looks: dict[str, dict[str, int]]


def merge(package: Package, workbook: Any, donor_bytes: bytes, only: Container[str] | None = None) -> Merged:
    """Add the sheets of a donor behind all others; or those that are named, each where it stands in a plan.

    Args:
        package: The host.
        workbook: Its workbook part, which is changed.
        donor_bytes: A workbook of our own making.
        only: Names of the sheets to add; None: all. The others lend their formats.
    """
    with zipfile.ZipFile(io.BytesIO(donor_bytes)) as archive:
        donor = {name: archive.read(name) for name in archive.namelist()}
    plan = xml.parse(donor["xl/workbook.xml"])
    styles_part = next(
        (part for kind, part in package.relations(package.workbook_part).values() if kind == "styles"), ""
    )
    host_styles = package.read(styles_part) if styles_part else b""
    styles, shift = merge_styles(host_styles, donor["xl/styles.xml"], package.path.name)
    sheet_parts = _sheet_parts(donor, plan)
    looks = {
        name: {cell.decode(): int(look) + shift.cells for cell, look in _LOOK.findall(donor[part])}
        for name, part in sheet_parts.items()
    }
    if only is not None:
        _without(donor, plan, {part for name, part in sheet_parts.items() if name not in only})
    changed: dict[str, bytes] = {}
    renamed = _new_part_names(donor, package.zip.NameToInfo)
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
    sheets = _add_to_workbook(package, workbook, plan, donor, renamed, in_order=only is not None)
    if not styles_part:
        sheets.append(("styles", renamed["xl/styles.xml"], _free_identity(package, len(sheets))))
    changed[package.workbook_part] = xml.serialised(workbook)
    folder, name = posixpath.split(package.workbook_part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    changed[relations] = _with_relations(package.read(relations), folder, sheets)
    changed["[Content_Types].xml"] = _with_types(package.read("[Content_Types].xml"), donor, renamed, added)
    return Merged(changed, added, looks)


def _sheet_parts(donor: dict[str, bytes], plan: Any) -> dict[str, str]:
    """Part of each sheet of the donor by its name."""
    targets = {each.get("Id"): each.get("Target") for each in xml.parse(donor["xl/_rels/workbook.xml.rels"])}
    return {
        sheet.get("name"): f"xl/{targets[sheet.get(xml.RELATION_ID)]}"
        for sheet in plan.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
    }


def _without(donor: dict[str, bytes], plan: Any, sheets: Container[str]) -> None:
    """Take sheets, and what belongs to them alone, out of the donor."""
    names = [name for name, part in _sheet_parts(donor, plan).items() if part in sheets]
    elements = list(plan.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"))
    numbers = {str(i): each for i, each in enumerate(elements)}
    gone = {number for number, each in numbers.items() if each.get("name") in names}
    left = [number for number in numbers if number not in gone]
    for name in list(plan.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName")):
        place = name.get("localSheetId")
        if place in gone:
            name.getparent().remove(name)
        elif place is not None:
            name.set("localSheetId", str(left.index(place)))
    parts = _sheet_parts(donor, plan)
    for name in names:
        waiting = [parts[name]]
        while waiting:  # a sheet, its tables and drawings, their charts
            part = waiting.pop()
            folder, base = posixpath.split(part)
            relations = posixpath.join(folder, "_rels", f"{base}.rels")
            if relations in donor:
                waiting += [
                    posixpath.normpath(posixpath.join(folder, each.get("Target")))
                    for each in xml.parse(donor[relations])
                ]
                del donor[relations]
            donor.pop(part, None)
    for number in gone:
        numbers[number].getparent().remove(numbers[number])


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
    package: Package, workbook: Any, plan: Any, donor: dict[str, bytes], renamed: dict[str, str], *, in_order: bool
) -> list[tuple[str, str, str]]:
    """Add the plan's sheets and names; what each sheet's relation has to be: (kind, part, id)."""
    sheets = workbook.find(f"{_MAIN}sheets")
    numbers = _free_numbers(int(sheet.get("sheetId") or "0") for sheet in sheets)
    parts = _sheet_parts(donor, plan)
    relations, added = [], []
    before = list(sheets)
    for i, sheet in enumerate(plan.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")):
        identity = _free_identity(package, i)
        relations.append(("worksheet", renamed[parts[sheet.get("name")]], identity))
        fresh = etree.Element(f"{_MAIN}sheet", name=sheet.get("name"), sheetId=str(next(numbers)))
        alone = in_order and sheet.get("name") in catalog.MACHINERY  # a workbook of one sheet cannot hide it
        if sheet.get("state") or alone:
            fresh.set("state", sheet.get("state") or "hidden")
        fresh.set(xml.RELATION_ID, identity)
        sheets.insert(_place(list(sheets), sheet.get("name"), package) if in_order else len(sheets), fresh)
        added.append(fresh)
    places = [list(sheets).index(sheet) for sheet in before]
    _follow_places(workbook, places)
    names = workbook.find(f"{_MAIN}definedNames")
    given = plan.findall(f"{_MAIN}definedNames/{_MAIN}definedName")
    if names is None and given:
        names = etree.Element(f"{_MAIN}definedNames")
        last = [element for tag in _BEFORE_NAMES for element in workbook.iterfind(f"{_MAIN}{tag}")][-1]
        last.addnext(names)
    for name in given:
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(list(sheets).index(added[int(name.get("localSheetId"))])))
        names.append(name)
    request_calculation(workbook)
    return relations


def _place(sheets: Sequence[Any], name: str, package: Package) -> int:
    """Where a sheet of the plan goes: behind those whose tables stand before its own in the template, whatever they are called."""
    order = [sheet.name.lower() for sheet in catalog.SHEETS]
    meant = name.lower()
    if meant not in order:
        meant = meant.removeprefix("plan ")  # the workbook has a sheet of its name already
    if meant not in order:
        return len(sheets)
    earlier = catalog.SHEETS[: order.index(meant) + (meant != name.lower())]
    homes = {
        package.tables[table.name].sheet for sheet in earlier for table in sheet.tables if table.name in package.tables
    }
    homes |= {sheet.name for sheet in earlier}
    return max((i + 1 for i, each in enumerate(sheets) if each.get("name") in homes), default=0)


def _follow_places(workbook: Any, places: Sequence[int]) -> None:
    """What counts the workbook's sheets follows them to their new places."""
    for element, attribute in (
        *((name, "localSheetId") for name in workbook.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName")),
        *((view, "activeTab") for view in workbook.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView")),
        *((view, "firstSheet") for view in workbook.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView")),
    ):
        number = element.get(attribute)
        if number is not None and number.isdigit() and int(number) < len(places):
            element.set(attribute, str(places[int(number)]))


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
        new = renamed.get(part, "")
        if new in added:
            override.set("PartName", f"/{new}")
            root.append(override)
    return xml.serialised(root)
