"""Cells that show texts of our tables: what they show follows the rows, for who does not calculate."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from revops_xl.tables.book.reading.cells import MARK, shown
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.xml import escape

_CELL = re.compile(
    rb'(<c\b[^>]*>)(<f(?: aca="[^"]*")?>)([^<]*T\(INDEX\([^<]*)(</f>)(?:<v\b[^>]*/>|<v\b[^>]*>[^<]*</v>)?(</c>)'
)
_KIND = re.compile(rb' t="[^"]*"')


def refresh_shown(content: bytes, results: Mapping[str, ResultTable]) -> bytes:
    """A sheet whose cells show what the tables hold now; the very same bytes if it has no such cell."""
    if MARK not in content:
        return content

    def look_up(table: str, column: str, row: int) -> str | None:
        result = results.get(table)
        if result is None or column not in result.table.headers:
            return None
        values = result.values(column)
        value = values[row - 1] if row <= len(values) else ""
        return value if isinstance(value, str) else ""

    def renewed(match: re.Match[bytes]) -> bytes:
        text = shown(html.unescape(match[3].decode()), look_up)
        if text is None:
            return match[0]
        start = _KIND.sub(b"", match[1])
        return b'%s t="str">%s%s%s<v>%s</v>%s' % (start[:-1], match[2], match[3], match[4], escape(text).encode(), match[5])  # fmt: skip

    pieces, done = [], 0
    at = content.find(MARK)
    while at >= 0:  # a sheet may have a hundred thousand other cells
        start = content.rfind(b"<c ", done, at)
        match = _CELL.match(content, start) if start >= 0 else None
        if match is None:
            at = content.find(MARK, at + 1)
            continue
        pieces += [content[done:start], renewed(match)]
        done = match.end()
        at = content.find(MARK, done)
    return b"".join([*pieces, content[done:]])
