"""Formats of one workbook appended to those of another; what was there keeps its numbers."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file import xml

_MAIN = f"{{{xml.MAIN}}}"
_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
#: Numbers below this are formats that every spreadsheet has.
_FIRST_OWN_FORMAT = 164
#: Excel's limit of cell formats in a workbook.
_MAX_FORMATS = 65_490


@dataclass(frozen=True)
class Shift:
    """How far the numbers of formats move.

    Attributes:
        cells: Added to the number of a cell's format.
        differences: Added to the number of a conditional or table format.
    """

    cells: int
    differences: int

    def sheet(self, content: bytes) -> bytes:
        """A sheet with the new numbers."""

        def move(match: re.Match[bytes]) -> bytes:
            return match[1] + b"%d" % (int(match[2]) + self.cells)

        # Cells and rows without a format keep none, which is number 0 in every workbook.
        content = re.sub(rb'(<(?:c|row) (?:[^>]*? )?s=")(\d+)', move, content)
        content = re.sub(rb'(<col [^>]*?\bstyle=")(\d+)', move, content)
        return self._differences(rb'(\bdxfId=")(\d+)', content)

    def table(self, content: bytes) -> bytes:
        """A table part with the new numbers."""
        return self._differences(rb'(\b\w*[dD]xfId=")(\d+)', content)

    def _differences(self, pattern: bytes, content: bytes) -> bytes:
        return re.sub(pattern, lambda match: match[1] + b"%d" % (int(match[2]) + self.differences), content)


def merge_styles(host: bytes, donor: bytes, name: str) -> tuple[bytes, Shift]:
    """Append the donor's formats.

    Args:
        host: Styles part of the workbook that keeps its numbers; empty if it has none.
        donor: Styles part of our own making.
        name: Name of the workbook, for the refusal.

    Returns:
        The styles part with all of them, and how far the donor's numbers moved.

    Raises:
        PlanError: There would be more formats than a workbook can have.
    """
    if not host:
        return donor, Shift(0, 0)
    ours, theirs = xml.parse(host), xml.parse(donor)
    formats = _append_number_formats(ours, theirs)
    fonts, fills, borders = (_append(ours, theirs, tag) for tag in ("fonts", "fills", "borders"))
    based = ours.find(f"{_MAIN}cellStyleXfs/{_MAIN}xf") is not None
    for look in theirs.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"):
        for attribute, moved in (("fontId", fonts), ("fillId", fills), ("borderId", borders)):
            look.set(attribute, str(int(look.get(attribute, "0")) + moved))
        look.set("numFmtId", formats.get(look.get("numFmtId", "0"), look.get("numFmtId", "0")))
        if based:
            look.set("xfId", "0")
        else:
            look.attrib.pop("xfId", None)
        # What the first format leaves to the base style must not come from the host's base style.
        for what in ("Font", "Fill", "Border", "NumberFormat"):
            look.set(f"apply{what}", "1")
    for number_format in theirs.iterfind(f"{_MAIN}dxfs//{_MAIN}numFmt"):
        number_format.set("numFmtId", formats.get(number_format.get("numFmtId"), number_format.get("numFmtId")))
    shift = Shift(_append(ours, theirs, "cellXfs"), _append(ours, theirs, "dxfs"))
    count = len(ours.find(f"{_MAIN}cellXfs"))
    if count > _MAX_FORMATS:
        message = (
            f"the workbook has {shift.cells:,} cell formats; with the plan's there would be more than {_MAX_FORMATS:,}"
        )
        raise PlanError([Problem(name, "", message, "Start the plan in a workbook of its own.")])
    return xml.serialised(ours), shift


def _append_number_formats(ours: Any, theirs: Any) -> dict[str, str]:
    """The donor's number formats under free numbers: {old: new}."""
    container = _container(ours, "numFmts")
    used = [int(element.get("numFmtId") or "0") for element in ours.iter(f"{_MAIN}numFmt")]
    number = max([_FIRST_OWN_FORMAT - 1, *used])
    moved: dict[str, str] = {}
    for element in theirs.iter(f"{_MAIN}numFmt"):
        old = element.get("numFmtId")
        if old not in moved and int(old) >= _FIRST_OWN_FORMAT:
            number += 1
            moved[old] = str(number)
    for element in theirs.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt"):
        copy = deepcopy(element)
        copy.set("numFmtId", moved[element.get("numFmtId")])
        container.append(copy)
    _count(container)
    return moved


def _append(ours: Any, theirs: Any, tag: str) -> int:
    """Append the elements of a container; how many there were before."""
    container, more = _container(ours, tag), theirs.find(f"{_MAIN}{tag}")
    before = len(container)
    if more is not None:
        container.extend(deepcopy(element) for element in more)
    _count(container)
    return before


def _count(container: Any) -> None:
    """State how many there are; an empty container is better not there."""
    if len(container):
        container.set("count", str(len(container)))
    else:
        container.getparent().remove(container)


def _container(root: Any, tag: str) -> Any:
    """The container of that name, made at its place in the order of the format if it is not there."""
    found = root.find(f"{_MAIN}{tag}")
    if found is not None:
        return found
    fresh = etree.Element(f"{_MAIN}{tag}")
    later = _ORDER[_ORDER.index(tag) + 1 :]
    place = next((element for name in later for element in root.iterfind(f"{_MAIN}{name}")), None)
    if place is None:
        root.append(fresh)
    else:
        place.addprevious(fresh)
    return fresh
