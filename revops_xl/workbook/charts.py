"""Charts that draw from our tables: their ranges follow the rows, their cached values follow the results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lxml import etree

from revops_xl.tables.result import ResultTable
from revops_xl.workbook import xml
from revops_xl.workbook.address import Area
from revops_xl.workbook.sheet_edit import Replacement

_C = f"{{{xml.CHART}}}"


def refresh_chart(content: bytes, replacements: Sequence[Replacement]) -> bytes:
    """Point every series that covered a whole column of a replaced table to its new rows, values included.

    Returns:
        The part; the very same bytes when no series draws from these tables or nothing changed.
    """
    root = xml.parse(content)
    before = etree.tostring(root, method="c14n")
    for reference in [*root.iter(f"{_C}numRef"), *root.iter(f"{_C}strRef")]:
        _refresh_reference(reference, replacements)
    if etree.tostring(root, method="c14n") == before:
        return content
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _refresh_reference(reference: Any, replacements: Sequence[Replacement]) -> None:
    formula = reference.find(f"{_C}f")
    if formula is None or not formula.text or "!" not in formula.text:
        return
    sheet_text, _, cells = formula.text.rpartition("!")
    sheet = sheet_text[1:-1].replace("''", "'") if sheet_text.startswith("'") else sheet_text
    area = Area.parse(cells)
    if area is None or area.left != area.right:
        return
    for replacement in replacements:
        old, part = replacement.old, replacement.part
        inside = old.left <= area.left <= old.right and (area.top, area.bottom) == (old.top, old.bottom)
        if part.sheet == sheet and inside:
            new = replacement.new
            formula.text = f"{sheet_text}!{Area(new.top, area.left, new.bottom, area.left).absolute()}"
            header = part.headers[area.left - old.left]
            values = _values(replacement.content, header)
            if values is not None:
                _refresh_cache(reference, values)
            return


def _values(content: ResultTable, header: str) -> list[Any] | None:
    if header not in content.table.headers:
        return None
    return list(content.values(header))


def _refresh_cache(reference: Any, values: list[Any]) -> None:
    kind = "numCache" if reference.tag == f"{_C}numRef" else "strCache"
    cache = reference.find(f"{_C}{kind}")
    if cache is None:
        cache = etree.SubElement(reference, f"{_C}{kind}")
        extension = reference.find(f"{_C}extLst")
        if extension is not None:
            reference.append(extension)
    for old in [*cache.iterfind(f"{_C}ptCount"), *cache.iterfind(f"{_C}pt")]:
        cache.remove(old)
    place = 1 if cache.find(f"{_C}formatCode") is not None else 0
    count = etree.Element(f"{_C}ptCount")
    count.set("val", str(len(values)))
    cache.insert(place, count)
    for index, value in enumerate(values):
        text = _text(value, numeric=kind == "numCache")
        if text:
            point = etree.Element(f"{_C}pt")
            point.set("idx", str(index))
            etree.SubElement(point, f"{_C}v").text = text
            place += 1
            cache.insert(place, point)


def _text(value: Any, *, numeric: bool) -> str:
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if numeric:
        return repr(float(value)) if isinstance(value, int | float) else ""
    return str(value)
