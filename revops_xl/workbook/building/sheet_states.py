"""Sheets of a workbook shown and hidden, and the settings of a part unfolded."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from revops_xl.workbook.file import xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed

_MAIN = f"{{{xml.MAIN}}}"
_FOLDED = re.compile(rb'\s+(?:hidden|outlineLevel|collapsed)="[^"]*"')
_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(/?>)')


def states(package: Package) -> dict[str, bool]:
    """Every sheet, and whether it is in view."""
    root = xml.parse(package.read(package.workbook_part))
    return {
        each.get("name"): each.get("state") in {None, "visible"}
        for each in root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
    }


def change_states(
    source: Path, file: BinaryIO, *, show: Collection[str], hide: Collection[str], unfold: tuple[str, Collection[int]]
) -> None:
    """Write a copy of a workbook with sheets shown or hidden.

    Args:
        source: The workbook.
        file: Where to write.
        show: Names of sheets.
        hide: Names of sheets; one sheet at least must stay in view.
        unfold: A sheet, and its rows (from 1) that are no longer folded away.
    """
    with Package(source) as package:
        refuse_sealed(package)
        root = xml.parse(package.read(package.workbook_part))
        listed = list(root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"))
        for sheet in listed:
            if sheet.get("name") in show:
                sheet.attrib.pop("state", None)
            elif sheet.get("name") in hide:
                sheet.set("state", "hidden")
        seen = [i for i, sheet in enumerate(listed) if sheet.get("state") in {None, "visible"}]
        for view in root.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView"):
            for attribute in ("activeTab", "firstSheet"):
                number = view.get(attribute)
                if number is not None and number.isdigit() and int(number) not in seen and seen:
                    view.set(attribute, str(seen[0]))
        changed = {package.workbook_part: xml.serialised(root)}
        name, rows = unfold
        if rows and name in package.sheets:
            part = package.sheets[name]
            changed[part] = _ROW.sub(lambda match: _unfolded(match, rows), package.read(part))
        copy_package(package, file, changed)


def _unfolded(match: re.Match[bytes], rows: Collection[int]) -> bytes:
    if int(match[1]) not in rows:
        return match[0]
    return b'<row r="%s"%s%s' % (match[1], _FOLDED.sub(b"", match[2]), match[3])
