"""What a chart shows, in words for those who do not see it: its figures, of the table that its alt text names."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from numbers import Real

from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.xml import escape

#: How an alt text names the table with its figures, and what follows it.
_NAMED = re.compile(rb'descr="([^"]*?Figures: table (\w+)\.)[^"]*"')
#: Rows of a table that are read out.
MOST = 12


def naming(text: str, table: str) -> str:
    """An alt text that says where the figures stand.

    Example:
        >>> naming("Columns: quota by region.", "RegionChart")
        'Columns: quota by region. Figures: table RegionChart.'
    """
    return f"{text} Figures: table {table}."


def refresh_alt_texts(content: bytes, results: Mapping[str, ResultTable]) -> bytes:
    """A drawing whose alt texts say the figures of the tables that they name; the very same bytes if it has none."""

    def told(match: re.Match[bytes]) -> bytes:
        result = results.get(match[2].decode())
        if result is None:
            return match[0]
        return b'descr="%s"' % (match[1] + escape(html.unescape(figures(result))).encode().replace(b'"', b"&quot;"))

    return _NAMED.sub(told, content)


def figures(result: ResultTable) -> str:
    """The rows of a table in words, each number with its header.

    Example:
        >>> from revops_xl.tables.schema.declare import Column, Kind, Table
        >>> steps = Table("Steps", "", (Column("Step", Kind.TEXT, ""), Column("Adds", Kind.NUMBER, "")), result=True)
        >>> figures(ResultTable.of_columns(steps, {"Step": ["Region", "Team"], "Adds": [1234.56, None]}))
        ' At the run: Region: Adds 1,235.'
    """
    names = result.table.headers
    lines = []
    for row in zip(*(result.values(name) for name in names), strict=True):
        known = [
            f"{name} {_short(float(value))}"
            for name, value in zip(names[1:], row[1:], strict=True)
            if _is_number(value)
        ]
        title = " ".join(str(text) for text in row[:2] if isinstance(text, str) and text)
        if known and title:
            lines.append(f"{title}: {', '.join(known)}")
    more = f"; and {len(lines) - MOST} more" if len(lines) > MOST else ""
    return f" At the run: {'; '.join(lines[:MOST])}{more}." if lines else ""


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and value == value  # noqa: PLR0124  (NaN is blank)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
