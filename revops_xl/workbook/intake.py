"""The gate: what is looked at before any parser sees a file."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree
from python_calamine import CalamineError, XmlError, ZipError

from revops_xl.errors import PlanError, Problem

MAX_FILE_BYTES = 512 * 2**20
MAX_INFLATED_BYTES = 4 * 2**30
MAX_RATIO = 400
MAX_PARTS = 20_000
#: A sheet is held as a rectangle while it is read; more cells than this are refused.
MAX_CELLS = 100_000_000

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"


#: What parsers raise when a part is cut off or garbled.
DAMAGE = (
    etree.XMLSyntaxError,
    CalamineError,
    XmlError,
    ZipError,
    zlib.error,
    zipfile.BadZipFile,
    UnicodeDecodeError,
)


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turn a parser's complaint about a damaged part into a refusal that names the file."""
    try:
        yield
    except DAMAGE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "Ask for it again, or repair it in Excel."
        raise PlanError([Problem(path.name, "", f"the file is damaged ({reason})", fix)]) from error


def admit(path: Path) -> None:
    """Refuse a file that is no plain .xlsx workbook, or too large to be one.

    Raises:
        PlanError: Names the file and the reason.
    """
    reason = _reason(path)
    if reason:
        raise PlanError([Problem(path.name, "", *reason)])


def _reason(path: Path) -> tuple[str, str] | None:
    if not path.exists():
        return "there is no such file", f"Looked for {path}."
    if not path.is_file():
        return "is a folder, not a workbook", ""
    if path.name.startswith("~$"):
        return "is the lock file of a workbook that is open", "Name the workbook itself."
    size = path.stat().st_size
    if size == 0:
        return "the file is empty", ""
    if size > MAX_FILE_BYTES:
        return f"the file has {size / 2**20:,.0f} MiB; the limit is {MAX_FILE_BYTES // 2**20} MiB", ""
    with path.open("rb") as file:
        start = file.read(8)
        if start == _OLE:
            head = start + file.read(4 * 2**20)
            if _ENCRYPTED_STREAM in head:
                return "the workbook is protected with a password", "Save a copy without the password to open."
            return "is an old .xls file", "Save it as .xlsx."
    if not start.startswith(b"PK"):
        return "is not an .xlsx workbook", "Save it as .xlsx from a spreadsheet program."
    try:
        with zipfile.ZipFile(path) as archive:
            return _archive_reason(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
        return "the file is damaged: its zip archive cannot be read", "Ask for it again, or repair it in Excel."


def _archive_reason(archive: zipfile.ZipFile) -> tuple[str, str] | None:
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        return f"the file has {len(entries):,} parts; the limit is {MAX_PARTS:,}", ""
    doubled = [name for name, count in Counter(entry.filename.lower() for entry in entries).items() if count > 1]
    if doubled:
        return f'the part "{doubled[0]}" stands in the file twice', "No spreadsheet program writes that."
    inflated = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if inflated > MAX_INFLATED_BYTES:
        return f"the file unpacks to {inflated / 2**30:,.1f} GiB; the limit is {MAX_INFLATED_BYTES // 2**30} GiB", ""
    if inflated > 50 * 2**20 and inflated / packed > MAX_RATIO:
        return f"the file unpacks to {inflated / packed:,.0f} times its size; the limit is {MAX_RATIO}", ""
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        return "is not an .xlsx workbook", "It is a zip archive without a workbook in it."
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                start = part.read(4096)
            if b"<!DOCTYPE" in start:
                return f'the part "{entry.filename}" has a DOCTYPE, which no workbook needs', ""
            if entry.filename.endswith("workbook.xml") and _STRICT in start:
                return "is a Strict Open XML workbook", 'Save it as "Excel Workbook (.xlsx)".'
    return None
