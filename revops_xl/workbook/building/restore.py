"""Tables put back over the cells that hold their rows, where another program has dropped them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package
from revops_xl.workbook.reading.lost_tables import LostTables

_MAIN = f"{{{xml.MAIN}}}"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
#: What may stand behind the list of tables in a sheet.
_BEHIND = b"<extLst"


def restore(source: Path, lost: LostTables, file: BinaryIO) -> None:
    """Write a copy of a workbook in which the lost tables are tables again; no cell changes."""
    with Package(source) as package:
        changed: dict[str, bytes] = {}
        added: dict[str, bytes] = {}
        for ours, theirs in lost.renamed.items():
            part = package.tables[theirs].part
            root = xml.parse(package.read(part))
            root.set("name", ours)
            root.set("displayName", ours)
            changed[part] = xml.serialised(root)
        taken = {name.lower() for name in package.zip.NameToInfo}
        numbers = _free(int(xml.parse(package.read(t.part)).get("id") or "0") for t in package.tables.values())
        types = xml.parse(package.read("[Content_Types].xml"))
        for name, (sheet, area) in lost.dropped.items():
            number = next(numbers)
            part = next(p for i in count(number) if (p := f"xl/tables/table{i}.xml") not in taken)
            taken.add(part)
            added[part] = _table(name, number, area, lost.headers[name])
            etree.SubElement(
                types, f"{{{_PACKAGE}/content-types}}Override", PartName=f"/{part}", ContentType=_TABLE_TYPE
            )
            _link(package, package.sheets[sheet], part, changed, added)
        if lost.dropped:
            changed["[Content_Types].xml"] = xml.serialised(types)
        copy_package(package, file, changed, added=added)


def _free(taken: Iterable[int]) -> Iterator[int]:
    used = set(taken)
    return (number for number in count(1) if number not in used)


def _table(name: str, number: int, area: Area, headers: tuple[str, ...]) -> bytes:
    root = etree.Element(f"{_MAIN}table", nsmap={None: xml.MAIN})
    for key, value in {
        "id": str(number),
        "name": name,
        "displayName": name,
        "ref": str(area),
        "totalsRowShown": "0",
    }.items():
        root.set(key, value)
    etree.SubElement(root, f"{_MAIN}autoFilter", ref=str(area))
    columns = etree.SubElement(root, f"{_MAIN}tableColumns", count=str(len(headers)))
    for i, header in enumerate(headers, start=1):
        etree.SubElement(columns, f"{_MAIN}tableColumn", id=str(i), name=header)
    return xml.serialised(root)


def _link(package: Package, sheet: str, part: str, changed: dict[str, bytes], added: dict[str, bytes]) -> None:
    """Let a sheet know its table."""
    folder, name = posixpath.split(sheet)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    there = relations in package.zip.NameToInfo
    content = changed.get(relations) or added.get(relations) or (package.read(relations) if there else b"")
    root = (
        xml.parse(content)
        if content
        else etree.Element(f"{{{_PACKAGE}/relationships}}Relationships", nsmap={None: f"{_PACKAGE}/relationships"})
    )
    known = {each.get("Id") for each in root}
    identity = next(i for n in count(1) if (i := f"rId{n}") not in known)
    target = posixpath.relpath(part, folder)
    etree.SubElement(
        root, f"{{{_PACKAGE}/relationships}}Relationship", Id=identity, Type=f"{_DOCUMENT}/table", Target=target
    )
    (changed if there else added)[relations] = xml.serialised(root)
    content = changed.get(sheet) or package.read(sheet)
    link = f'<tablePart xmlns:r="{_DOCUMENT}" r:id="{identity}"/>'.encode()
    if b"</tableParts>" in content:
        head, _, tail = content.partition(b"</tableParts>")
        start = head.rfind(b"<tableParts")
        opening = head[start : head.index(b">", start) + 1]
        head = head.replace(opening, b"<tableParts>", 1)
        changed[sheet] = head + link + b"</tableParts>" + tail
        return
    at = content.rfind(_BEHIND)
    at = at if at > content.rfind(b"</sheetData>") else content.rfind(b"</worksheet>")
    changed[sheet] = content[:at] + b"<tableParts>" + link + b"</tableParts>" + content[at:]
