"""The workbook's own part: names and print areas follow our tables; formulas of the user's are calculated on opening."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from lxml import etree

from revops_xl.model.codes import Coded
from revops_xl.tables.book.reading.cells import MARK
from revops_xl.tables.schema.result import Formula
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.references import split_reference
from revops_xl.workbook.writing.replacement import Replacement, follow_text

_MAIN = f"{{{xml.MAIN}}}"
_PAGE = re.compile(rb"<f(?: [^>]*)?>[^<]*?T\(INDEX\(")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
#: Elements that stand before calcPr, in the order of the format.
_BEFORE = ("sheets", "functionGroups", "externalReferences", "definedNames")


def edited(package: Package, replacements: Sequence[Replacement], changed: Mapping[str, bytes]) -> bytes:
    """The workbook part after the tables have their new rows; the very same bytes if nothing in it changes.

    Args:
        package: The workbook.
        replacements: What happens to its tables.
        changed: New contents of the sheets that change.
    """
    content = package.read(package.workbook_part)
    root = xml.parse(content)
    moved = [_follow(name, replacements) for name in root.iterfind(f"{_MAIN}definedNames/{_MAIN}definedName")]
    flagged = not _is_calculated(root) and _has_own_formulas(package, replacements, changed)
    if flagged:
        request_calculation(root)
    if not any(moved) and not flagged:
        return content
    return xml.serialised(root)


def _is_calculated(root: Any) -> bool:
    calculation = root.find(f"{_MAIN}calcPr")
    return calculation is not None and calculation.get("fullCalcOnLoad") in {"1", "true"}


def request_calculation(root: Any) -> None:
    """Ask the spreadsheet to calculate everything when it opens the workbook."""
    calculation = root.find(f"{_MAIN}calcPr")
    if calculation is None:
        calculation = etree.Element(f"{_MAIN}calcPr")
        [element for tag in _BEFORE for element in root.iterfind(f"{_MAIN}{tag}")][-1].addnext(calculation)
    calculation.set("fullCalcOnLoad", "1")


def _follow(name: Any, replacements: Sequence[Replacement]) -> bool:
    """Let a defined name reach over the new rows; whether it changed."""
    text = name.text or ""
    is_print_area = name.get("name") == "_xlnm.Print_Area"
    moved = ",".join(_followed(each, replacements, grow=is_print_area) for each in _AREAS.findall(text))
    if not moved or moved == text or len(_AREAS.sub("", text).replace(",", "")):
        return False
    name.text = moved
    return True


#: Areas of a list such as 'A, B'!$A$1:$B$2,Other!$C$3.
_AREAS = re.compile(r"(?:'(?:[^']|'')+'|[^',()!]+)!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


def _followed(text: str, replacements: Sequence[Replacement], *, grow: bool) -> str:
    """One area of a name; a print area may reach over more than the table."""
    sheet, area = split_reference(text)
    if area is None or area.top == area.bottom:
        return text  # a single cell is meant as that cell
    moved = follow_text(text, replacements)
    if moved != text or not grow:
        return moved
    ends = [
        each.growth
        for each in replacements
        if each.part.sheet == sheet and each.part.area.bottom == area.bottom and area.overlaps(each.old)
    ]
    bottom = area.bottom + max(ends, default=0)
    return f"{text.rpartition('!')[0]}!{Area(area.top, area.left, bottom, area.right).absolute()}"


def _has_own_formulas(package: Package, replacements: Sequence[Replacement], changed: Mapping[str, bytes]) -> bool:
    """Whether the workbook has formulas that are not ours: they may read our tables and hold old values."""
    ours: dict[str, int] = {}
    for each in replacements:
        count = sum(
            isinstance(cell, Formula)
            for column in each.content.columns
            if not isinstance(column, np.ndarray | Coded)
            for cell in column
        )
        ours[each.part.sheet_part] = ours.get(each.part.sheet_part, 0) + count
    return any(
        _formulas(changed.get(part) or package.read(part)) > ours.get(part, 0) for part in package.sheets.values()
    )


def _formulas(content: bytes) -> int:
    if b":sheetData" in content:  # elements with a prefix
        return len(_FORMULA.findall(content))
    pages = len(_PAGE.findall(content)) if MARK in content else 0  # what they show was written with the tables
    return content.count(b"<f>") + content.count(b"<f ") - pages
