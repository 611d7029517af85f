"""Single cells put into a sheet's XML where nothing stands."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping

from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.reading.sheet_form import usual_form
from revops_xl.workbook.writing.row_render import split_cells
from revops_xl.workbook.writing.sheet_edit import DIMENSION, has_content, rows_of, split_row


def put_cells(content: bytes, cells: Mapping[tuple[int, int], bytes], taken: list[str]) -> bytes:
    """A sheet with more cells.

    Args:
        content: The sheet.
        cells: What to put, by row (from 1) and column (from 0).
        taken: Gets the addresses of cells that are filled already; they stay.
    """
    content = usual_form(content, to_read=False).replace(b"<sheetData/>", b"<sheetData></sheetData>", 1)
    start, end = content.find(b"<sheetData>"), content.rfind(b"</sheetData>")
    if start < 0 or end < start:
        raise zipfile.BadZipFile("a sheet has no place for rows")
    head, tail = content[: start + len(b"<sheetData>")], content[end:]
    rows = rows_of(content[start + len(b"<sheetData>") : end])
    by_row: dict[int, dict[int, bytes]] = {}
    for (row, column), cell in cells.items():
        by_row.setdefault(row, {})[column] = cell
    for number, more in by_row.items():
        attributes, inner = split_row(rows[number]) if number in rows else (b' r="%d"' % number, b"")
        there = dict(split_cells(inner))
        taken += [f"{column_letters(column)}{number}" for column in more if has_content(there.get(column, b""))]
        merged = b"".join(cell for _, cell in sorted((there | more).items()))
        rows[number] = b"<row%s>%s</row>" % (_without_spans(attributes), merged)
    dimension = DIMENSION.search(head)
    area = Area.parse(dimension[0].split(b'"')[1].decode()) if dimension is not None else None
    if dimension is not None and area is not None:
        columns = [column for _, column in cells]
        reach = Area(
            min([area.top, *by_row]),
            min([area.left, *columns]),
            max([area.bottom, *by_row]),
            max([area.right, *columns]),
        )
        head = head.replace(dimension[0], b'<dimension ref="%s"/>' % str(reach).encode(), 1)
    return b"".join([head, *(row for _, row in sorted(rows.items())), tail])


def _without_spans(attributes: bytes) -> bytes:
    """A row's attributes without the hint which columns it uses."""
    return (
        b" ".join(part for part in attributes.split(b" ") if not part.startswith(b"spans="))
        if b" spans=" in attributes
        else attributes
    )
