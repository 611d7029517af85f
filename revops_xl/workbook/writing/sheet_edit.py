"""Replacing the rows of tables inside one sheet's XML, leaving everything else as it is."""

from __future__ import annotations

import html
import re
import zipfile

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.file.address import Area, column_index
from revops_xl.workbook.file.xml import escape
from revops_xl.workbook.reading.sheet_form import usual_form
from revops_xl.workbook.writing.replacement import Replacement, follow_text
from revops_xl.workbook.writing.row_render import ROW, render, split_cells

_ROW_START = re.compile(rb' r="(\d+)"')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
#: Attributes of a row that say where it was; the others (height, hidden) are its own.
_ROW_POSITION = re.compile(rb'\s+(?:r|spans|x14ac:dyDescent)="[^"]*"')
_FIRST_CELL = re.compile(rb'<c r="([A-Z]+)\d+"')
_HIDDEN = re.compile(rb'\s+hidden="[^"]*"')
_SQREF = re.compile(rb'(sqref="|<xm:sqref>)([^"<]+)')
DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_SOURCE = re.compile(rb"(<xm:f>)([^<]+)")
_MERGE = re.compile(rb'<mergeCell ref="([^"]+)"')


def replace_rows(content: bytes, replacements: list[Replacement]) -> bytes:
    """Give each table of one sheet its new rows.

    Raises:
        PlanError: Other cells stand where a table has to grow, or the sheet cannot be edited safely.
    """
    content = usual_form(content, to_read=False).replace(b"<sheetData/>", b"<sheetData></sheetData>", 1)
    start, end = content.find(b"<sheetData>"), content.rfind(b"</sheetData>")
    if start < 0 or end < start:
        raise zipfile.BadZipFile("a sheet has no place for rows")
    head, tail = content[: start + len(b"<sheetData>")], content[end:]
    rows = rows_of(content[start + len(b"<sheetData>") : end])
    for replacement in replacements:
        _refuse_merged(tail, replacement)
        rows = _replace_one(rows, replacement)
        tail = _grow_ranges(tail, replacement)
    dimension = DIMENSION.search(head)
    if dimension is not None:
        head = head.replace(dimension[0], b'<dimension ref="%s"/>' % _extent(dimension[0], rows, replacements), 1)
    return b"".join([head, *(row for _, row in sorted(rows.items())), tail])


def rows_of(body: bytes) -> dict[int, bytes]:
    """Each row's XML by its number."""
    rows = {}
    for piece in body.split(b"<row")[1:]:
        number = _ROW_START.match(piece) or _ROW_NUMBER.search(piece[: piece.find(b">")])
        if number is not None:  # the usual form has them all
            rows[int(number[1])] = b"<row" + piece.rstrip()
    return rows


def _replace_one(rows: dict[int, bytes], replacement: Replacement) -> dict[int, bytes]:
    """All rows of the sheet, with the table's cells exchanged and every other cell of its rows kept."""
    old, new, end = replacement.old, replacement.new, replacement.part.area.bottom
    ours = Area(old.top, old.left, end, old.right)
    last = end + max(replacement.growth, 0)
    lines = render(replacement, rows)
    rendered = dict(zip(range(new.top, new.bottom + 1), lines, strict=True))
    if replacement.part.totals_rows and end in rows:
        rendered[new.bottom + 1] = _moved(rows[end], old, end, new.bottom + 1)
    result = {number: row for number, row in rows.items() if not old.top <= number <= last}
    result |= rendered
    plain = _only_ours(rows, ours)
    for number in range(old.top, last + 1):
        row = rows.get(number)
        if row is not None and not (plain and number <= end):
            _keep_beside(result, row, number, replacement)
    for index in replacement.hidden or ():
        start = b'<row r="%d"' % (new.top + index)
        result[new.top + index] = result[new.top + index].replace(start, start + b' hidden="1"', 1)
    return result


def _keep_beside(result: dict[int, bytes], row: bytes, number: int, replacement: Replacement) -> None:
    """Put what stands beside the table, and the row's own settings, together with the table's new cells."""
    old = replacement.old
    attributes, inner = split_row(row)
    settings = _ROW_POSITION.sub(b"", attributes)
    if replacement.hidden is not None:  # whether a row is hidden is up to the table's filter
        settings = _HIDDEN.sub(b"", settings)
    mine = split_row(result[number])[1] if number in result else None
    sides = _sides(inner, number, old, within=number <= replacement.part.area.bottom)
    if sides is None:
        others = []
        for column, cell in split_cells(inner):
            if not old.left <= column <= old.right:
                others.append((column, cell))
            elif number > replacement.part.area.bottom and has_content(cell):
                _refuse_overwrite(replacement, number, column)
        merged = b"".join(cell for _, cell in sorted([*others, *split_cells(mine or b"")]))
    else:
        merged = sides[0] + (mine or b"") + sides[1]
    if mine is not None or merged or settings.strip():
        result[number] = b'<row r="%d"%s>%s</row>' % (number, settings, merged)


def split_row(row: bytes) -> tuple[bytes, bytes]:
    """Attributes and cells of a row."""
    end = row.index(b">")
    if row[end - 1] == ord("/"):
        return row[len(b"<row") : end - 1], b""
    return row[len(b"<row") : end], row[end + 1 : row.rindex(b"</row>")]


def _sides(cells: bytes, number: int, ours: Area, *, within: bool) -> tuple[bytes, bytes] | None:
    """A row's cells left and right of the table, cut without parsing each; None where that takes a closer look.

    Tables of a hundred thousand rows may stand side by side.
    """
    if not cells:
        return b"", b""
    first, last = _FIRST_CELL.match(cells), _FIRST_CELL.match(cells, max(cells.rfind(b"<c "), 0))
    if first is None or last is None:
        return None
    if column_index(last[1].decode()) < ours.left:
        return cells, b""
    if column_index(first[1].decode()) > ours.right:
        return b"", cells
    start = cells.find(f'<c r="{column_letters(ours.left)}{number}"'.encode())
    end = cells.find(f'<c r="{column_letters(ours.right)}{number}"'.encode(), max(start, 0))
    if not within or start < 0 or end < 0:
        return None
    after = cells.find(b"<c ", end + 1)
    return cells[:start], cells[after:] if after >= 0 else b""


def _moved(row: bytes, columns: Area, old: int, new: int) -> bytes:
    """The table's cells of a row under another row number."""
    match = ROW.fullmatch(row)
    cells = split_cells(match[2] or b"") if match is not None else []
    mine = (cell for column, cell in cells if columns.left <= column <= columns.right)
    address = re.compile(rb'(\br="[A-Z]+)%d"' % old)
    reach = re.compile(rb'(\bref="[A-Z]+)%d(:[A-Z]+)%d"|(\bref="[A-Z]+)%d"' % (old, old, old))
    cells_there = (address.sub(rb'\g<1>%d"' % new, cell, count=1) for cell in mine)
    arrays = (reach.sub(lambda match: _renumbered(match, new), cell) for cell in cells_there)
    return b'<row r="%d">%s</row>' % (new, b"".join(arrays))


def _renumbered(match: re.Match[bytes], row: int) -> bytes:
    """Range of an array formula of one row in another row."""
    if match[3]:
        return b'%s%d"' % (match[3], row)
    return b'%s%d%s%d"' % (match[1], row, match[2], row)


def _only_ours(rows: dict[int, bytes], area: Area) -> bool:
    """Whether rows hold just the table's cells and no settings of their own: the usual case, told without parsing."""
    first, last = (f'<c r="{column_letters(column)}' for column in (area.left, area.right))
    numbers = range(area.top, area.bottom + 1)
    mine = [rows.get(number, b"") for number in numbers]
    starts = (f'<row r="{number}">{first}{number}"'.encode() for number in numbers)
    ends = (f'{last}{number}"'.encode() for number in numbers)
    return (
        all(map(bytes.startswith, mine, starts))
        and all(row.startswith(end, row.rfind(b"<c ")) for row, end in zip(mine, ends, strict=True))
        and b"".join(mine).count(b"<c ") == len(numbers) * (area.right - area.left + 1)
    )


def has_content(cell: bytes) -> bool:
    """Whether a cell holds a value, a text or a formula."""
    return b"<v" in cell or b"<f" in cell or b"<is" in cell


def _refuse_overwrite(replacement: Replacement, row: int, column: int) -> None:
    part = replacement.part
    raise PlanError(
        [
            Problem(
                part.sheet,
                f"{column_letters(column)}{row}",
                f"table {part.name} has to grow to row {replacement.new.bottom:,}, but this cell is in use",
                "Move what stands below the table to another place.",
            )
        ]
    )


def _refuse_merged(tail: bytes, replacement: Replacement) -> None:
    part = replacement.part
    reach = Area(replacement.old.top, part.area.left, part.area.bottom + max(replacement.growth, 0), part.area.right)
    for reference in _MERGE.findall(tail):
        area = Area.parse(reference.decode())
        if area is not None and area.overlaps(reach):
            message = f"merged cells {area} reach into the rows of table {part.name}"
            raise PlanError([Problem(part.sheet, str(area), message, "Unmerge them.")])


def _grow_ranges(tail: bytes, replacement: Replacement) -> bytes:
    """Formats, validations and the like that covered the table's old rows cover its new ones; so do sparklines."""

    def followed(reference: str) -> str:
        area = Area.parse(reference)
        moved = area if area is None else replacement.follow(area)
        return reference if moved == area else str(moved)

    def all_of(match: re.Match[bytes]) -> bytes:
        return match[1] + " ".join(map(followed, match[2].decode().split(" "))).encode()

    def source(match: re.Match[bytes]) -> bytes:
        return match[1] + escape(follow_text(html.unescape(match[2].decode()), [replacement])).encode()

    return _SOURCE.sub(source, _SQREF.sub(all_of, tail))


def _extent(old: bytes, rows: dict[int, bytes], replacements: list[Replacement]) -> bytes:
    area = Area.parse(old.split(b'"')[1].decode())
    if area is None:
        return old.split(b'"')[1]
    right = max([area.right, *(replacement.new.right for replacement in replacements)])
    return str(Area(area.top, area.left, max(rows, default=area.bottom), right)).encode()
