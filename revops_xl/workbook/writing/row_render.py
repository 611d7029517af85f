"""The new rows of a table as sheet XML: our cells rendered, the users' cells carried over."""

from __future__ import annotations

import re

from revops_xl.tables.schema.raw import column_letters
from revops_xl.tables.schema.result import KEEP
from revops_xl.workbook.file.address import Area, column_index
from revops_xl.workbook.writing.cells import BLANK, column_tails, row_template
from revops_xl.workbook.writing.replacement import Replacement

ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_CELL_REFERENCE = re.compile(rb'\br="([A-Z]+)\d+"')
_STYLE = re.compile(rb'\bs="(\d+)"')


def render(replacement: Replacement, rows: dict[int, bytes]) -> list[bytes]:
    """One rendered row each."""
    part, content, new = replacement.part, replacement.content, replacement.new
    count = new.bottom - new.top + 1
    styles = _styles(rows.get(replacement.old.top), replacement.old)
    columns: list[list[str]] = []
    own = []
    for i, header in enumerate(part.headers):
        if header in content.table.headers:
            blank = [BLANK] * count
            columns.append(
                column_tails(content.columns[content.table.headers.index(header)]) if len(content) else blank
            )
        else:
            own.append(i)
            columns.append([BLANK] * count)
    template = row_template(new.left, styles)
    numbers = range(new.top, new.bottom + 1)
    interleaved = [item for column in columns for item in (numbers, column)]
    lines = [(template % values).encode() for values in zip(numbers, *interleaved, strict=True)]
    if content.in_place:
        lines = _with_kept_cells(lines, replacement, rows)
    return _with_own_cells(lines, own, replacement, rows, styles) if own else lines


def _with_kept_cells(lines: list[bytes], replacement: Replacement, rows: dict[int, bytes]) -> list[bytes]:
    """Rendered rows of a table of inputs, in which cells that are not changed stay as they are."""
    content, new = replacement.content, replacement.new
    kept = [
        (new.left + i, content.columns[content.table.headers.index(header)])
        for i, header in enumerate(replacement.part.headers)
        if header in content.table.headers
    ]
    result = []
    for index, line in enumerate(lines):
        old_row = ROW.fullmatch(rows.get(new.top + index, b""))
        theirs = dict(split_cells(old_row[2] or b"")) if old_row is not None else {}
        for column, cells in kept:
            if cells[index] is KEEP and column in theirs:  # type: ignore[index]
                start = line.find(b'<c r="%s%d"' % (column_letters(column).encode(), new.top + index))
                line = line[:start] + theirs[column] + line[line.find(b"/>", start) + 2 :]  # noqa: PLW2901
        result.append(line)
    return result


def _with_own_cells(
    lines: list[bytes], own: list[int], replacement: Replacement, rows: dict[int, bytes], styles: list[str]
) -> list[bytes]:
    """Rendered rows with the users' cells in them: the very cells of the old row, under the new row's number."""
    part, new = replacement.part, replacement.new
    result = []
    for index, line in enumerate(lines):
        number = new.top + index
        old = replacement.own.rows.get(index)
        old_row = ROW.fullmatch(rows.get(old, b"")) if old is not None else None
        theirs = dict(split_cells(old_row[2] or b"")) if old_row is not None else {}
        for i in own:
            column = new.left + i
            letters = column_letters(column).encode()
            formula = replacement.own.formulas.get(part.headers[i])
            if column in theirs:
                cell = theirs[column].replace(b'r="%s%d"' % (letters, old or 0), b'r="%s%d"' % (letters, number), 1)
            elif formula and (len(replacement.content) or replacement.content.table.result):
                style = b' s="%s"' % styles[i].encode() if styles[i] else b""
                cell = b'<c r="%s%d"%s t="str"><f>%s</f><v></v></c>' % (letters, number, style, formula)
            else:
                continue
            start = line.find(b'<c r="%s%d"' % (letters, number))
            line = line[:start] + cell + line[line.find(b"/>", start) + 2 :]  # noqa: PLW2901  (there it was blank)
        result.append(line)
    return result


def _styles(row: bytes | None, area: Area) -> list[str]:
    """Style of each column, from the table's first row."""
    found = {}
    if row is not None:
        for column, cell in split_cells(row):
            style = _STYLE.search(cell[: cell.find(b">")])
            if style is not None:
                found[column] = style[1].decode()
    return [found.get(column, "") for column in range(area.left, area.right + 1)]


def split_cells(content: bytes) -> list[tuple[int, bytes]]:
    """Cells of a row by column, counted from 0."""
    cells = []
    for match in _CELL.finditer(content):
        reference = _CELL_REFERENCE.search(match[1])
        if reference is not None:
            cells.append((column_index(reference[1].decode()), match[0]))
    return cells
