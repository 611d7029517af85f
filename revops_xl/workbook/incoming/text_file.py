"""A text file with separators: its encoding and its separator are found by what is in it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.imports.grid import Grid
from revops_xl.tables.schema.csv_text import unguarded
from revops_xl.workbook.file.limits import FileLimits

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: Characters of a cell that is read; a longer one is a slip.
LONGEST_CELL = 32_767
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: What Excel writes, and reads, as the first line of a file whose separator is not the computer's.
_SAID = re.compile(r"sep=([,;|\t])\r?\n")
#: Bytes that Windows-1252 gives no meaning to.
_NOT_1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
#: Rows that a separator is judged by, and bytes that an encoding without a mark is.
_SHOWN, _LOOKED_AT = 200, 4096


def text_grid(path: Path) -> Grid:
    """Read a text file.

    Raises:
        PlanError: It is no text, its encoding changes within, or a cell is far too long.
    """
    limit = FileLimits.from_environment().file_mib * 2**20
    if path.stat().st_size > limit:
        message = f"the file has {path.stat().st_size / 2**20:,.0f} MiB; up to {limit / 2**20:,.0f} are read"
        raise PlanError([Problem(path.name, "", message, "Leave out columns or old rows, or save it as Parquet.")])
    content = path.read_bytes()
    encoding, shown = _encoding(content, path.name)
    text = content.decode(encoding)
    if "\0" in text:
        raise PlanError(
            [Problem(path.name, "", "the file is no text: it holds zero bytes", "Export it as CSV or .xlsx.")]
        )
    said = _SAID.match(text)
    separator = said[1] if said is not None else _separator(text)
    rows = list(_rows(text, separator, path.name))
    rows = [[], *rows[1:]] if said is not None else rows
    told = []
    if shown:
        told.append(f"read as {shown}")
    if separator != ",":
        told.append(f"columns parted by {SEPARATORS[separator]}")
    return Grid(path.name, "", rows, told=tuple(told), texts=True)


def _encoding(content: bytes, name: str) -> tuple[str, str]:
    """The encoding, and what is told of it; "" for plain UTF-8."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return (encoding, "" if encoding == "utf-8-sig" else "UTF-16")
    zeros = content[:_LOOKED_AT]
    if zeros.count(0) > len(zeros) // 4:  # text of the Latin alphabet in two bytes a letter
        odd = sum(1 for byte in zeros[1::2] if not byte)
        return ("utf-16-le" if 2 * odd > zeros.count(0) else "utf-16-be"), "UTF-16 without a mark"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_mixed(content, error, name)
        return "cp1252", "Windows-1252"
    return "utf-8", ""


def _refuse_mixed(content: bytes, error: UnicodeDecodeError, name: str) -> None:
    """Refuse a file whose bytes are UTF-8 in one place and Windows-1252 in another: no reading suits both."""
    row = content.count(b"\n", 0, error.start) + 1
    undefined = next((i for i, byte in enumerate(content) if byte in _NOT_1252), None)
    proper = _first_utf8(content)
    if proper is not None:
        other = content.count(b"\n", 0, proper) + 1
        message = f"row {row} is written in Windows-1252 and row {other} in UTF-8: one of them would be garbled"
        raise PlanError([Problem(name, f"row {row}", message, "Export the file again, in UTF-8.")])
    if undefined is not None:
        row = content.count(b"\n", 0, undefined) + 1
        message = f"byte 0x{content[undefined]:02x} is no letter, in UTF-8 or in Windows-1252"
        raise PlanError([Problem(name, f"row {row}", message, "Export the file again, in UTF-8.")])


def _first_utf8(content: bytes) -> int | None:
    """Where letters of two bytes or more stand as UTF-8 writes them, and hardly anything else means so."""
    for i, byte in enumerate(content):
        if 0xC3 <= byte <= 0xF4:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            piece = content[i : i + length]
            try:
                letter = piece.decode("utf-8")
            except UnicodeDecodeError:
                continue
            if letter.isalpha():
                return i
    return None


def _separator(text: str) -> str:
    """The separator that parts most of the first rows into the same number of columns, the more columns the better."""
    lines = []
    for line in io.StringIO(text[:1_000_000]):
        if line.strip():
            lines.append(line)
        if len(lines) == _SHOWN:
            break
    best, most = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda each: (each[1] * (each[0] > 1), each[0]), default=(1, 0))
        found = (round(count / max(sum(widths.values()), 1), 2), width) if width > 1 else (0.0, 0)
        if found > most:
            best, most = separator, found
    return best


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    longest = LONGEST_CELL
    try:
        for row in reader:
            if row and len(max(row, key=len)) > longest:
                column = next(i for i, cell in enumerate(row) if len(cell) > longest)
                message = f"a cell has {len(row[column]):,} characters; a spreadsheet takes {longest:,}"
                fix = "A quotation mark may lack its second one; leave the column out, or mend the row."
                raise PlanError([Problem(name, f"row {reader.line_num}, column {column + 1}", message, fix)])
            yield [unguarded(cell) if cell[:1] == "'" else cell for cell in row]
    except csv.Error as error:
        raise PlanError([Problem(name, f"row {reader.line_num}", f"the row cannot be read ({error})")]) from error
