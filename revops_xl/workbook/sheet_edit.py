"""Replacing the rows of tables inside one sheet's XML, leaving everything else as it is."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.raw import column_letters
from revops_xl.tables.result import ResultTable
from revops_xl.workbook.address import Area, column_index
from revops_xl.workbook.cells import BLANK, column_tails, row_template
from revops_xl.workbook.own_columns import OwnColumns
from revops_xl.workbook.package import TablePart
from revops_xl.workbook.references import split_reference
from revops_xl.workbook.sheet_form import usual_form
from revops_xl.workbook.xml import escape

_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_ROW_START = re.compile(rb' r="(\d+)"')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_CELL_REFERENCE = re.compile(rb'\br="([A-Z]+)\d+"')
#: Attributes of a row that say where it was; the others (height, hidden) are its own.
_ROW_POSITION = re.compile(rb'\s+(?:r|spans|x14ac:dyDescent)="[^"]*"')
_HIDDEN = re.compile(rb'\s+hidden="[^"]*"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_SQREF = re.compile(rb'(sqref="|<xm:sqref>)([^"<]+)')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_SOURCE = re.compile(rb"(<xm:f>)([^<]+)")
_MERGE = re.compile(rb'<mergeCell ref="([^"]+)"')


@dataclass(frozen=True)
class Replacement:
    """A table and the rows it gets; an empty table keeps one blank row, as spreadsheets demand.

    Attributes:
        part: Where the table stands.
        content: Its rows.
        own: What becomes of the columns that users added to the table.
        hidden: Rows, counted from 0, that the table's filter hides; None if it has no filter.
    """

    part: TablePart
    content: ResultTable
    own: OwnColumns = field(default_factory=OwnColumns)
    hidden: frozenset[int] | None = None

    @property
    def old(self) -> Area:
        """Body rows before."""
        return self.part.body

    @property
    def new(self) -> Area:
        """Body rows after."""
        old = self.old
        return Area(old.top, old.left, old.top + max(len(self.content), 1) - 1, old.right)

    @property
    def growth(self) -> int:
        """Rows more than before."""
        return self.new.bottom - self.old.bottom

    def covers(self, area: Area) -> bool:
        """Whether an area is all rows of one or more of the table's columns."""
        old = self.old
        return old.left <= area.left and area.right <= old.right and (area.top, area.bottom) == (old.top, old.bottom)

    def follow(self, area: Area) -> Area:
        """Where an area of the sheet is after the table has its new rows: those over its rows or its totals go along."""
        old, end = self.old, self.part.area.bottom
        if not (old.left <= area.left and area.right <= old.right):
            return area
        if self.part.totals_rows and area.top == area.bottom == end:
            return Area(area.top + self.growth, area.left, area.bottom + self.growth, area.right)
        if area.top in {old.top, self.part.area.top} and area.bottom in {old.bottom, end} and area.bottom >= old.top:
            return Area(area.top, area.left, area.bottom + self.growth, area.right)
        return area


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
    rows = _rows(content[start + len(b"<sheetData>") : end])
    for replacement in replacements:
        _refuse_merged(tail, replacement)
        rows = _replace_one(rows, replacement)
        tail = _grow_ranges(tail, replacement)
    dimension = _DIMENSION.search(head)
    if dimension is not None:
        head = head.replace(dimension[0], b'<dimension ref="%s"/>' % _extent(dimension[0], rows, replacements), 1)
    return b"".join([head, *(row for _, row in sorted(rows.items())), tail])


def _rows(body: bytes) -> dict[int, bytes]:
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
    lines = _render(replacement, rows)
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
    match = _ROW.fullmatch(row)
    assert match is not None  # noqa: S101  (it came out of the same pattern)
    others = []
    for column, cell in _split(match[2] or b""):
        if not old.left <= column <= old.right:
            others.append((column, cell))
        elif number > replacement.part.area.bottom and _has_content(cell):
            _refuse_overwrite(replacement, number, column)
    settings = _ROW_POSITION.sub(b"", match[1])
    if replacement.hidden is not None:
        settings = _HIDDEN.sub(b"", settings)
    if others or settings.strip():
        mine = _ROW.fullmatch(result[number]) if number in result else None
        cells = sorted([*others, *(_split(mine[2] or b"") if mine is not None else [])])
        result[number] = b'<row r="%d"%s>%s</row>' % (number, settings, b"".join(cell for _, cell in cells))


def _moved(row: bytes, columns: Area, old: int, new: int) -> bytes:
    """The table's cells of a row under another row number."""
    match = _ROW.fullmatch(row)
    cells = _split(match[2] or b"") if match is not None else []
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


def _split(content: bytes) -> list[tuple[int, bytes]]:
    cells = []
    for match in _CELL.finditer(content):
        reference = _CELL_REFERENCE.search(match[1])
        if reference is not None:
            cells.append((column_index(reference[1].decode()), match[0]))
    return cells


def _has_content(cell: bytes) -> bool:
    return b"<v" in cell or b"<f" in cell or b"<is" in cell


def _styles(row: bytes | None, area: Area) -> list[str]:
    """Style of each column, from the table's first row."""
    found = {}
    if row is not None:
        for column, cell in _split(row):
            style = _STYLE.search(cell[: cell.find(b">")])
            if style is not None:
                found[column] = style[1].decode()
    return [found.get(column, "") for column in range(area.left, area.right + 1)]


def _render(replacement: Replacement, rows: dict[int, bytes]) -> list[bytes]:
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
    return _with_own_cells(lines, own, replacement, rows, styles) if own else lines


def _with_own_cells(
    lines: list[bytes], own: list[int], replacement: Replacement, rows: dict[int, bytes], styles: list[str]
) -> list[bytes]:
    """Rendered rows with the users' cells in them: the very cells of the old row, under the new row's number."""
    part, new = replacement.part, replacement.new
    result = []
    for index, line in enumerate(lines):
        number = new.top + index
        old = replacement.own.rows.get(index)
        old_row = _ROW.fullmatch(rows.get(old, b"")) if old is not None else None
        theirs = dict(_split(old_row[2] or b"")) if old_row is not None else {}
        for i in own:
            column = new.left + i
            letters = column_letters(column).encode()
            formula = replacement.own.formulas.get(part.headers[i])
            if column in theirs:
                cell = theirs[column].replace(b'r="%s%d"' % (letters, old or 0), b'r="%s%d"' % (letters, number), 1)
            elif formula and len(replacement.content):
                style = b' s="%s"' % styles[i].encode() if styles[i] else b""
                cell = b'<c r="%s%d"%s t="str"><f>%s</f><v></v></c>' % (letters, number, style, formula)
            else:
                continue
            start = line.find(b'<c r="%s%d"' % (letters, number))
            line = line[:start] + cell + line[line.find(b"/>", start) + 2 :]  # noqa: PLW2901  (there it was blank)
        result.append(line)
    return result


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


def follow_text(text: str, replacements: Sequence[Replacement]) -> str:
    """A reference such as Quotas!$A$5:$A$14 after the tables have their new rows; the very same text if nothing moves."""
    sheet, area = split_reference(text)
    if area is None:
        return text
    for replacement in replacements:
        moved = replacement.follow(area) if replacement.part.sheet == sheet else area
        if moved != area:
            sheet_text, _, cells = text.rpartition("!")
            return f"{sheet_text}!{moved.absolute() if '$' in cells else moved}"
    return text


def _extent(old: bytes, rows: dict[int, bytes], replacements: list[Replacement]) -> bytes:
    area = Area.parse(old.split(b'"')[1].decode())
    if area is None:
        return old.split(b'"')[1]
    right = max([area.right, *(replacement.new.right for replacement in replacements)])
    return str(Area(area.top, area.left, max(rows, default=area.bottom), right)).encode()
