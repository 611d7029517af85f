"""One form for the XML of every sheet, so that it can be searched and edited as bytes."""

from __future__ import annotations

import re
import zipfile
from xml.parsers import expat

import numpy as np
from lxml import etree

from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import MAX_COLUMNS, MAX_ROWS, column_index
from revops_xl.workbook.file.limits import FileLimits

_ROW_NUMBER = re.compile(rb'<row r="(\d{1,7})"')
_SPLIT_TAG = re.compile(rb"<(?:c|row|v|f)\b[^>]*[\t\r\n]")
#: A type with blanks around its sign, or one that does not fit the value behind it.
_MISFIT = rb'="inlineStr"[^>/]*><v|="s"[^>/]*>(?!<v>\d{1,9}</v>)'
_ODD_TYPE = re.compile(rb" t(?: |= |" + _MISFIT + rb")")
_MISFIT_CELL = re.compile(rb"<c [^>]* t(?:" + _MISFIT + rb")")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_KNOWN_ERRORS = frozenset({b"#NULL!", b"#DIV/0!", b"#VALUE!", b"#REF!", b"#NAME?", b"#NUM!", b"#N/A"})
_ERROR_TEXT = re.compile(rb"<v>(#[^<]*)</v>")
_ERROR_CELL = re.compile(rb'(<c\b[^>]*\bt="e"[^>]*>(?:<f\b(?:[^>]*/>|[^>]*>[^<]*</f>))?<v>)([^<]*)</v>')
_MAIN = f"{{{xml.MAIN}}}"
#: No program declares as many; a parser takes long over more.
_MOST_NAMESPACES = 1_000
#: The bytes "<c" as one number, and the longest address with what stands before it.
_CELL_START, _LONGEST_ADDRESS = int.from_bytes(b"<c", "little"), len(b'<c r="XFD1048576"') + 8


def usual_form(content: bytes, *, trusted: bool = True, to_read: bool = True) -> bytes:
    """The sheet as spreadsheet programs write it: no prefixes, double quotes, every row and cell with its address.

    Args:
        content: XML of a sheet.
        to_read: False: its rows will be exchanged, so the values in its cells do not matter.
        trusted: False: brought into that form whatever it looks like, and checked for cells that stand there twice.

    Returns:
        The very same bytes if they have that form already.

    Raises:
        zipfile.BadZipFile: Cells stand in the sheet twice or in disorder.
        etree.XMLSyntaxError: It is no XML.
    """
    if content.count(b"xmlns:", 0, max(content.find(b"<sheetData"), 0)) > _MOST_NAMESPACES:
        raise zipfile.BadZipFile(f"a sheet declares more than {_MOST_NAMESPACES:,} namespaces")
    if trusted and _is_usual(content, to_read=to_read):
        return content
    root = xml.parse_bare(content)
    _number_cells(root)
    for value in root.iter(f"{_MAIN}v"):
        value.attrib.clear()
    declared = {
        prefix: uri for data in root.iterfind(f"{_MAIN}sheetData") for prefix, uri in data.nsmap.items() if prefix
    }
    etree.cleanup_namespaces(root, top_nsmap=declared, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    plain = xml.serialised(root)
    if root.prefix:
        prefix = root.prefix.encode()
        if b' xmlns="' in plain:
            raise zipfile.BadZipFile("a sheet mixes two ways of naming its elements")
        plain = plain.replace(b"</%s:" % prefix, b"</").replace(b"<%s:" % prefix, b"<")
        plain = plain.replace(b' xmlns:%s="' % prefix, b' xmlns="', 1)
    if _MISFIT_CELL.search(plain) is not None:
        raise zipfile.BadZipFile("a cell of a sheet has a type that does not fit its value")
    return plain


def with_known_errors(content: bytes) -> bytes:
    """The sheet with younger kinds of errors, such as #SPILL!, as #N/A: fast readers stop at kinds they do not know.

    Returns:
        The very same bytes if there are none.
    """
    if b't="e"' not in content or not set(_ERROR_TEXT.findall(content)) - _KNOWN_ERRORS:
        return content
    return _ERROR_CELL.sub(lambda match: match[0] if match[2] in _KNOWN_ERRORS else match[1] + b"#N/A</v>", content)


def plain_texts(content: bytes, *, trusted: bool = True) -> bytes:
    """Shared texts or styles without comments and CDATA, which fast readers skip.

    Returns:
        The very same bytes if there are none.

    Raises:
        zipfile.BadZipFile: It claims more texts than it can have; readers make room for them in advance.
    """
    counts = re.findall(rb'[cC]ount="(\d+)"', content[: content.find(b">", content.find(b"<sst")) + 1][-1000:])
    if any(int(count) > len(content) for count in counts):
        raise zipfile.BadZipFile("the shared texts are not as many as stated")
    most = FileLimits.from_environment().texts
    if content.count(b"<si") + content.count(b":si") > most:
        variable = FileLimits.variable("texts")
        raise zipfile.BadZipFile(f"it has more than {most:,} texts; if you trust it, set {variable} higher")
    return content if trusted and b"<!" not in content else xml.serialised(xml.parse_bare(content))


def _is_usual(content: bytes, *, to_read: bool) -> bool:
    start, end = content.find(b"<sheetData"), content.rfind(b"</sheetData>")
    if start < 0:
        return b"sheetData" not in content
    if end < start:
        return content.find(b"<sheetData/>") >= 0 and b"<!" not in content
    # Searches for single characters are some twenty times as fast as those for two, so they come first.
    if content.find(b"!") >= 0 and content.find(b"<!") >= 0:
        return False
    if content.find(b"'", start, end) >= 0 and content.find(b" t='", start, end) >= 0:
        return False
    if _entity_misleads(content, start, end):
        return False
    if content.find(b"?", start, end) >= 0 and content.find(b"<?", start, end) >= 0:
        return False
    if to_read and (content.find(b"<v ", start, end) >= 0 or _ODD_TYPE.search(content, start, end) is not None):
        return False
    blanks = (content.find(blank, start, end) >= 0 for blank in (b"\n", b"\r", b"\t"))
    if any(blanks) and _SPLIT_TAG.search(content, start, end) is not None:
        return False
    if content.count(b"<sheetData>") != 1:
        return False
    numbers = list(map(int, _ROW_NUMBER.findall(content, start, end)))
    return (
        all(map(int.__lt__, numbers, numbers[1:]))
        and len(numbers) == content.count(b"<row", start, end)
        and content.count(b'<c r="', start, end) == content.count(b"<c", start, end)
        and (not to_read or _beyond(numbers[-1] if numbers else 0).search(content, start, end) is None)
        and (
            not to_read or (content.find(b"</v><v", start, end) < 0 and in_order(content) and _is_well_formed(content))
        )
    )


def in_order(content: bytes) -> bool:
    """Whether the addresses of a sheet's cells go up row by row, so that none stands there twice or in another row.

    Looks at the bytes of all cells at once: a tenth of a second for a million.
    """
    end = len(content) - _LONGEST_ADDRESS
    starts = [
        np.flatnonzero(np.frombuffer(content, "<u2", max(end - odd, 0) // 2, odd) == _CELL_START) * 2 + odd
        for odd in (0, 1)
        if end > odd
    ]
    if not starts:
        return True
    text = np.frombuffer(content, np.uint8)
    at = np.sort(np.concatenate(starts))
    at = at[text[at + 2] == ord(" ")] + len(b'<c r="')
    before = at.copy()
    column = text[at].astype(np.int64) - 64
    at += 1
    for _ in range(2):
        letter = text[at].astype(np.int64)
        more = letter >= ord("A")
        column[more] = column[more] * 26 + letter[more] - 64
        at += more
    rows = np.zeros(len(at), np.int64)
    for _ in range(7):
        digit = text[at].astype(np.int64) - ord("0")
        more = (digit >= 0) & (digit <= 9)
        if not more.any():
            break
        np.copyto(rows, rows * 10 + digit, where=more)
        at += more
    places = rows * (2 * MAX_COLUMNS) + column
    if not (places[1:] > places[:-1]).all():
        return False
    named = [(match.start(), int(match[1])) for match in _ROW_NUMBER.finditer(content)]
    if not named:
        return not len(rows)
    row_starts, numbers = np.array(named, dtype=np.int64).T
    return bool((numbers[np.maximum(np.searchsorted(row_starts, before) - 1, 0)] == rows).all())


def _is_well_formed(content: bytes) -> bool:
    """Whether it is XML at all; a sheet that is not goes the slow way, which says so."""
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError:
        return False
    return True


def _entity_misleads(content: bytes, start: int, end: int) -> bool:
    """Whether a character is written by its number inside a tag or a value, where a search for it would miss it."""
    place = content.find(b"&", start, end)
    while place >= 0:
        opened = content.rfind(b"<", start, place)
        in_value = content.startswith(b"<v", opened) and content.startswith(b"#", place + 1)
        if in_value or content.find(b">", opened, place) < 0:
            return True
        place = content.find(b"&", place + 1, end)
    return False


def _beyond(row: int) -> re.Pattern[bytes]:
    """Addresses of cells in rows after this one, or beyond the last column; as a cell stands in a row, there are none in a sound sheet."""
    digits = str(row)
    more = [
        f"{digits[:i]}[{int(digit) + 1}-9]\\d{{{len(digits) - i - 1}}}" for i, digit in enumerate(digits) if digit < "9"
    ]
    later = rf'[A-Z]++(?:\d{{{len(digits) + 1},}}|{"|".join(more) or "-"})"'
    return re.compile(rf'<c r="(?:{later}|[A-Z]{{4}}|XF[E-Z]|X[G-Z][A-Z]|[YZ][A-Z][A-Z])'.encode())


def _number_cells(root: etree._Element) -> None:
    """Write the address that a row or cell has by its place; refuse what stands there twice."""
    row_number = 0
    for row in root.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
        given = row.get("r")
        number = int(given) if given is not None and given.isdecimal() else row_number + 1
        if not row_number < number <= MAX_ROWS:
            raise zipfile.BadZipFile(f"row {number} of a sheet stands in the wrong place")
        row_number, column = number, -1
        _set_first(row, "r", str(number))
        for cell in row.iterfind(f"{_MAIN}c"):
            match = _REFERENCE.fullmatch(cell.get("r") or f"{column_letters(column + 1)}{number}")
            if match is None or int(match[2]) != number or not column < column_index(match[1]) < MAX_COLUMNS:
                raise zipfile.BadZipFile(f"cell {cell.get('r')} of a sheet stands in the wrong place")
            if len(cell.findall(f"{_MAIN}v")) > 1:
                raise zipfile.BadZipFile(f"cell {match[0]} of a sheet has two values")
            column = column_index(match[1])
            _set_first(cell, "r", match[0])


def _set_first(element: etree._Element, name: str, value: str) -> None:
    """Set an attribute and let it stand before all others."""
    others = [(other, text) for other, text in element.attrib.items() if other != name]
    element.attrib.clear()
    element.set(name, value)
    for other, text in others:
        element.set(other, text)
