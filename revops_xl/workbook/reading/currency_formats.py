"""Currencies that only the format of a cell shows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from revops_xl.tables.evidence.currencies import in_format
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import column_index

_MAIN = f"{{{xml.MAIN}}}"


def currency_looks(styles: bytes | None) -> dict[int, str]:
    """Cell formats that show a currency: number of the format, and the code or sign."""
    if not styles or b"formatCode" not in styles:
        return {}
    root = xml.parse(styles)
    shown = {
        each.get("numFmtId"): in_format(each.get("formatCode", ""))
        for each in root.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
    }
    looks = enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"))
    return {number: token for number, look in looks if (token := shown.get(look.get("numFmtId"), ""))}


def cells_with(looks: Mapping[int, str], sheet: bytes) -> dict[str, list[tuple[int, int]]]:
    """Cells of a sheet that show a currency: row (from 1) and column (from 0) by code or sign."""
    if not looks:
        return {}
    numbers = b"|".join(str(number).encode() for number in looks)
    found: dict[str, list[tuple[int, int]]] = {}
    for match in re.finditer(rb'<c r="([A-Z]+)(\d+)"[^>]*? s="(' + numbers + rb')"[^>]*>(?:<f|<v|<is)', sheet):
        found.setdefault(looks[int(match[3])], []).append((int(match[2]), column_index(match[1].decode())))
    return found
