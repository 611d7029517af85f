"""Charts that draw from our tables: their ranges follow the rows, their cached values follow the results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.references import split_reference
from revops_xl.workbook.writing.replacement import Replacement, follow_text

_C = f"{{{xml.CHART}}}"
_CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
#: What holds a reference together with a copy of its values.
_REFRESHED = frozenset([f"{_C}numRef", f"{_C}strRef", f"{_C}multiLvlStrRef", f"{_CX}strDim", f"{_CX}numDim"])


def refresh_chart(content: bytes, replacements: Sequence[Replacement]) -> bytes:
    """Point every series that covered whole columns of a replaced table to its new rows, values included.

    Returns:
        The part; the very same bytes when no series draws from these tables or nothing changed.
    """
    root = xml.parse(content)
    before = etree.tostring(root, method="c14n")
    for tag in ("numRef", "strRef", "multiLvlStrRef"):
        for reference in root.iter(f"{_C}{tag}"):
            _refresh(reference, f"{_C}f", replacements)
    for tag in ("strDim", "numDim"):
        for dimension in root.iter(f"{_CX}{tag}"):
            _refresh(dimension, f"{_CX}f", replacements)
    for other in root.iter():
        if etree.QName(other).localname == "f" and other.text and other.getparent().tag not in _REFRESHED:
            other.text = follow_text(other.text, replacements)
    if etree.tostring(root, method="c14n") == before:
        return content
    return xml.serialised(root)


def _refresh(reference: Any, tag: str, replacements: Sequence[Replacement]) -> None:
    formula = reference.find(tag)
    if formula is None or not formula.text:
        return
    sheet, area = split_reference(formula.text)
    for replacement in replacements:
        part = replacement.part
        if area is None or part.sheet != sheet or not replacement.covers(area):
            continue
        formula.text = f"{formula.text.rpartition('!')[0]}!{replacement.follow(area).absolute()}"
        headers = part.headers[area.left - part.area.left : area.right - part.area.left + 1]
        columns = [_values(replacement.content, header) for header in headers]
        known = [column for column in columns if column is not None]
        if len(known) < len(columns):
            return  # a column of the user's: the spreadsheet fills the chart when it opens
        if reference.tag.startswith(_CX):
            _refresh_levels_of_new_chart(reference, known)
        elif reference.tag == f"{_C}multiLvlStrRef":
            _refresh_levels(reference, known)
        elif len(known) == 1:
            _refresh_cache(reference, known[0])
        return


def _refresh_levels(reference: Any, columns: Sequence[list[Any]]) -> None:
    """Category labels of several columns: the innermost, which is the last column, comes first."""
    cache = reference.find(f"{_C}multiLvlStrCache")
    if cache is None:
        return
    for old in [*cache.iterfind(f"{_C}ptCount"), *cache.iterfind(f"{_C}lvl")]:
        cache.remove(old)
    levels = [etree.Element(f"{_C}lvl") for _ in columns]
    for level, values in zip(levels, reversed(columns), strict=True):
        for index, text in _points(values, numeric=False):
            point = etree.SubElement(level, f"{_C}pt", idx=str(index))
            etree.SubElement(point, f"{_C}v").text = text
    count = etree.Element(f"{_C}ptCount", val=str(len(columns[0])))
    for place, element in enumerate([count, *levels]):
        cache.insert(place, element)


def _refresh_levels_of_new_chart(dimension: Any, columns: Sequence[list[Any]]) -> None:
    for old in list(dimension.iterfind(f"{_CX}lvl")):
        dimension.remove(old)
    numeric = dimension.tag == f"{_CX}numDim"
    for values in reversed(columns):
        level = etree.SubElement(dimension, f"{_CX}lvl", ptCount=str(len(values)))
        if numeric:
            level.set("formatCode", "General")
        for index, text in _points(values, numeric=numeric):
            etree.SubElement(level, f"{_CX}pt", idx=str(index)).text = text


def _points(values: list[Any], *, numeric: bool) -> Iterator[tuple[int, str]]:
    for index, value in enumerate(values):
        text = _text(value, numeric=numeric)
        if text:
            yield index, text


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
    for index, text in _points(values, numeric=kind == "numCache"):
        point = etree.Element(f"{_C}pt", idx=str(index))
        etree.SubElement(point, f"{_C}v").text = text
        place += 1
        cache.insert(place, point)


def _text(value: Any, *, numeric: bool) -> str:
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if numeric:
        return repr(float(value)) if isinstance(value, int | float) else ""
    return xml.printable(str(value))
