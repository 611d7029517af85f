"""Heights of rows whose texts run over several lines: spreadsheets do not find them out by themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from revops_xl.workbook.writing.replacement import Replacement

#: Points of a line of 10 points type, and of what is above and below.
_LINE, _AROUND = 13.2, 3.0
_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(/?>)')
_HEIGHT = re.compile(rb'\s+(?:ht|customHeight)="[^"]*"')
#: Letters of an average width that fit into one of the width of a column.
_FIT = 1.08


def heights(replacements: Iterable[Replacement]) -> dict[int, float | None]:
    """Height in points of each row (from 1) of tables with such texts; None: the usual one."""
    found: dict[int, float | None] = {}
    for each in replacements:
        wrapped = [column for column in each.content.table.columns if column.wrap]
        if not wrapped:
            continue
        for row in range(each.old.top, each.old.bottom + 1):
            found.setdefault(row, None)
        texts = [(column.width, each.content.values(column.name)) for column in wrapped]
        for i in range(len(each.content)):
            lines = max(_lines(values[i], width) for width, values in texts)
            row = each.new.top + i
            height = lines * _LINE + _AROUND if lines > 1 else None
            found[row] = max(height or 0.0, found.get(row) or 0.0) or None
    return found


def _lines(value: object, width: int) -> int:
    return max(1, math.ceil(len(value) / (width * _FIT))) if isinstance(value, str) and value else 1


def with_heights(content: bytes, rows: Mapping[int, float | None]) -> bytes:
    """A sheet with these heights.

    Example:
        >>> with_heights(b'<row r="2" ht="9"><c r="A2"/></row>', {2: 29.4})
        b'<row r="2" ht="29.4" customHeight="1"><c r="A2"/></row>'
    """

    def changed(match: re.Match[bytes]) -> bytes:
        number = int(match[1])
        if number not in rows:
            return match[0]
        height = rows[number]
        attributes = _HEIGHT.sub(b"", match[2])
        own = b"" if height is None else f' ht="{height:.1f}" customHeight="1"'.encode()
        return b'<row r="%s"%s%s%s' % (match[1], attributes, own, match[3])

    return _ROW.sub(changed, content) if rows else content
