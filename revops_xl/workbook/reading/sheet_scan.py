"""What a fast reader does not tell about a sheet: errors, formulas never calculated, hidden rows, merged cells."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.raw import CellError, NotCalculated, column_letters
from revops_xl.workbook.file.address import MAX_COLUMNS, Area, column_index
from revops_xl.workbook.file.contents import reaches_outside
from revops_xl.workbook.file.limits import FileLimits

#: A sheet is held as a rectangle while it is read. Below this many cells nobody minds if most of them are blank.
_SPARSE_CELLS = 5_000_000
_SPARSE_RATIO = 4

_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"')
_HIDDEN_ROW = re.compile(
    rb'<row\b[^>]*?\br="(\d+)"[^>]*?\bhidden="(?:1|true)"|<row\b[^>]*?\bhidden="(?:1|true)"[^>]*?\br="(\d+)"'
)
_TWO_LETTERS = re.compile(rb'<c r="[A-Z]{2}')
_FILLED_COLUMN = re.compile(rb'<c r="([A-Z]+)\d+"(?:[^>]*[^/])?>')
_NOT_A_NUMBER = re.compile(rb"<v>\s*[-+]?[nN][aA][nN]")
_ATTRIBUTE = re.compile(rb'\b(r|t)="([^"]*)"')
_FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>(.*?)</f>)", re.DOTALL)
_VALUE = re.compile(rb"<v\b[^>]*?(?:/>|>(.*?)</v>)", re.DOTALL)
_MERGE = re.compile(rb'<mergeCell ref="([^"]+)"')
_OTHER_BOOK = re.compile(rb"(?<![\w\]])\[\d+\]|'[^']*\[[^\]]+\][^']*'!")

Odd = CellError | NotCalculated
Place = tuple[int, int]


@dataclass(frozen=True)
class Scan:
    """Findings in one sheet; places are (row from 1, column from 0).

    Attributes:
        odd: Cells that show an error, were never calculated, or hold no number.
        outside: Cells whose formula takes its value from outside the workbook.
        hidden: Rows that are hidden or filtered out.
        merged: Merged areas.
    """

    odd: dict[Place, Odd] = field(default_factory=dict)
    outside: list[Place] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()


def scan(content: bytes) -> Scan:
    """Search a sheet that has its usual form."""
    start, end = content.find(b"<sheetData"), content.rfind(b"</sheetData>")
    if start < 0 or end < 0:
        return Scan()
    odd, outside = _cells(content, start, end)
    hidden: frozenset[int] = frozenset()
    if content.find(b'hidden="', start, end) >= 0:
        found = _HIDDEN_ROW.findall(content, start, end)
        hidden = frozenset(int(first or second) for first, second in found)
    areas = (Area.parse(reference.decode()) for reference in _MERGE.findall(content, end))
    return Scan(odd, outside, hidden, tuple(area for area in areas if area is not None))


def _cells(content: bytes, start: int, end: int) -> tuple[dict[Place, Odd], list[Place]]:
    suspicious = (
        content.find(b't="e"', start, end) >= 0
        or content.find(b"<f", start, end) >= 0
        or _NOT_A_NUMBER.search(content, start, end) is not None
    )
    found: dict[Place, Odd] = {}
    outside: list[Place] = []
    if not suspicious:
        return found, outside
    for piece in content[start:end].split(b"<c ")[1:]:
        tag = piece[: piece.find(b">")]
        if b"<f" not in piece and b't="e"' not in tag and not _NOT_A_NUMBER.search(piece):
            continue
        attributes = dict(_ATTRIBUTE.findall(tag))
        match = re.fullmatch(r"([A-Z]+)(\d+)", attributes.get(b"r", b"").decode())
        if match is None:
            continue
        place = int(match[2]), column_index(match[1])
        formula = _FORMULA.search(piece)
        odd = _odd(piece, attributes.get(b"t", b"n"), formula)
        if odd is not None:
            found[place] = odd
        elif formula is not None and _reaches_outside(formula[1] or b""):
            outside.append(place)
    return found, outside


def _odd(piece: bytes, kind: bytes, formula: re.Match[bytes] | None) -> Odd | None:
    value = _VALUE.search(piece)
    text = (value[1] or b"") if value is not None else b""
    if kind == b"e":
        return CellError(text.decode() or "#N/A")
    if formula is not None and not text and (kind != b"str" or value is None):
        return NotCalculated(html.unescape((formula[1] or b"").decode()) or "(shared)")
    if kind == b"n" and _NOT_A_NUMBER.search(piece):
        return CellError("NaN")
    return None


def _reaches_outside(formula: bytes) -> bool:
    return bool(
        _OTHER_BOOK.search(formula) or reaches_outside(html.unescape(formula.decode("utf-8", "replace")).encode())
    )


def refuse_far_cells(sheet: str, content: bytes, limits: FileLimits) -> None:
    """A filled cell at the far corner makes a rectangle that no machine holds.

    Raises:
        PlanError: Names the corner and the limit.
    """
    last = max(content.rfind(b"<v"), content.rfind(b"<is"), 0)
    numbers = _ROW.findall(content[content.rfind(b"<row", 0, last) : last])
    rows = int(numbers[-1]) if numbers else 0
    sparse = min(_SPARSE_CELLS, limits.cells)
    if rows * MAX_COLUMNS <= sparse:
        return
    columns = _width(content)
    if rows * columns <= sparse:
        return
    filled = content.count(b"<v>") + content.count(b"<v ") + content.count(b"<is>") + content.count(b"<is ")
    allowed = min(max(_SPARSE_CELLS, _SPARSE_RATIO * filled), limits.cells)
    if rows * columns > allowed:
        letters = set(_FILLED_COLUMN.findall(content))
        columns = max((column_index(name.decode()) for name in letters), default=0) + 1
    if rows * columns > allowed:
        corner = f"{column_letters(columns - 1)}{rows}"
        message = f"the sheet reaches to {corner} with {filled:,} filled cells; the limit is {allowed:,} cells"
        fix = "Delete the contents of the cells far from the data, then save."
        if allowed == limits.cells:
            fix += f" Or set {FileLimits.variable('cells')} higher."
        raise PlanError([Problem(sheet, corner, message, fix)])


def _width(content: bytes) -> int:
    """Columns up to the last cell of any row, blank ones included; rounded up to 26 where that is quicker."""
    if _TWO_LETTERS.search(content) is None:
        return 26
    widest = b"A"
    for row in content.split(b"</row>"):
        cell = row.rfind(b'<c r="')
        if cell >= 0:
            letters = row[cell + 6 : cell + 9].rstrip(b"0123456789")
            if (len(letters), letters) > (len(widest), widest):
                widest = letters
    return column_index(widest.decode()) + 1
