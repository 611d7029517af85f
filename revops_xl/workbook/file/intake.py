"""The gate: what is looked at before any parser sees a file."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lxml import etree
from python_calamine import CalamineError, XmlError, ZipError

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file import contents, xml
from revops_xl.workbook.file.contents import ACTIVE, Carried, ContentKind
from revops_xl.workbook.file.limits import FileLimits
from revops_xl.workbook.file.zip_entry import LOCAL_HEADER

#: A file that unpacks to less is never called a bomb.
_HARMLESS_BYTES = 50 * 2**20
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_OLE_SEARCHED = 4 * 2**20
_OLE_STREAMS = {
    "EncryptedPackage": ("the workbook is protected with a password", "Save a copy without the password to open."),
    "DRMContent": ("the workbook is protected by rights management", "Save a copy without the protection."),
}
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_MACHINE_TYPES = "application/vnd.ms-excel."
_MAIN_TYPES = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": ".xlsx",
    f"{_MACHINE_TYPES}sheet.macroEnabled.main+xml": ".xlsm",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": ".xltx",
    f"{_MACHINE_TYPES}template.macroEnabled.main+xml": ".xltm",
    f"{_MACHINE_TYPES}addin.macroEnabled.main+xml": ".xlam",
    f"{_MACHINE_TYPES}sheet.binary.macroEnabled.main": ".xlsb",
}
_NOT_READ = {
    ".xltx": ("is a template, not a workbook", "Open it in Excel and save it as .xlsx."),
    ".xltm": ("is a template, not a workbook", "Open it in Excel and save it as .xlsx."),
    ".xlam": ("is an add-in, not a workbook", "Name the workbook itself."),
    ".xlsb": ("is a binary workbook (.xlsb)", "Save it as .xlsx."),
}
_OTHER_KINDS = {b"%PDF": "a PDF", b"{\\rtf": "a text document", b"<": "a web page or XML file"}
_DAMAGED_ARCHIVE = ("the file is damaged: its zip archive cannot be read", "Ask for it again, or repair it in Excel.")

#: What parsers raise when a part is cut off or garbled.
DAMAGE = (
    etree.XMLSyntaxError,
    CalamineError,
    XmlError,
    ZipError,
    zlib.error,
    zipfile.BadZipFile,
    UnicodeDecodeError,
    ValueError,  # an attribute that should be a number
)

Reason = tuple[str, str]
#: The end of an archive, near and far (zip64), and how long it may be with its comment.
_END, _FAR_END, _LONGEST_END = b"PK\x05\x06", b"PK\x06\x06", 22 + 65_535 + 20 + 56
#: Counts that stand for a larger one in the far end.
_MANY, _LARGE = 0xFFFF, 0xFFFFFFFF
#: Bytes of the list that a part of a workbook takes at most, with its name.
_ROOM_OF_A_PART = 46 + 400


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turn a parser's complaint about a damaged part into a refusal that names the file."""
    try:
        yield
    except DAMAGE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fix = "Ask for it again, or repair it in Excel."
        raise PlanError([Problem(path.name, "", f"the file is damaged ({reason})", fix)]) from error


def admit(path: Path, limits: FileLimits | None = None, *, outside: bool = False) -> tuple[Carried, ...]:
    """Refuse a file that is no plain workbook, or too large to be read.

    Args:
        path: The file.
        limits: None: those of the environment.
        outside: The file came from somebody else: what can run or fetch by itself is refused too.

    Returns:
        What the workbook carries beside cells.

    Raises:
        PlanError: Names the file, the reason and, where there is one, the limit.
    """
    limits = limits or FileLimits.from_environment()
    name = path.name or str(path.absolute())
    reason = _file_reason(path, limits)
    if reason is None:
        try:
            with zipfile.ZipFile(path) as archive:
                reason = _archive_reason(archive, limits)
                if reason is None:
                    heads = {entry.filename: contents.head_of(archive, entry) for entry in archive.infolist()}
                    reason = _parts_reason(archive, heads, path)
                if reason is None:
                    carried = contents.look(archive, heads, formulas=outside)
                    reasons = list(_active(carried)) if outside else []
                    if reasons:
                        raise PlanError(Problem(name, "", *each) for each in reasons)
                    return tuple(carried)
        except xml.UnusablePart as error:
            reason = f"the file is damaged ({error})", _DAMAGED_ARCHIVE[1]
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
            reason = _DAMAGED_ARCHIVE
    raise PlanError([Problem(name, "", *reason)])


def _file_reason(path: Path, limits: FileLimits) -> Reason | None:
    if not path.exists():
        return "there is no such file", f"Looked for {path.absolute()}."
    if not path.is_file():
        return "is a folder, not a workbook" if path.is_dir() else "is no file", ""
    if path.name.startswith("~$"):
        return "is the lock file of a workbook that is open", "Name the workbook itself."
    size = path.stat().st_size
    if size == 0:
        return "the file is empty", ""
    if size > limits.file_mib * 2**20:
        return _too_much(f"the file has {size / 2**20:,.0f} MiB", "file_mib", limits)
    with path.open("rb") as file:
        start = file.read(8)
        if start == _OLE:
            head = start + file.read(_OLE_SEARCHED)
            found = (why for stream, why in _OLE_STREAMS.items() if stream.encode("utf-16-le") in head)
            return next(found, ("is an old .xls file", "Save it as .xlsx."))
    if not start.startswith(b"PK"):
        what = next((what for magic, what in _OTHER_KINDS.items() if start.startswith(magic)), "")
        if not what and b"\0" not in start:
            what = "text, such as a .csv"
        fix = "Open it in a spreadsheet program and save it as .xlsx."
        return f"is not an .xlsx workbook{what and f', but {what}'}", fix
    parts = parts_listed(path)
    return _too_much(f"the file has {parts:,} parts", "parts", limits) if parts > limits.parts else None


def parts_listed(path: Path) -> int:
    """How many parts the end of an archive speaks of, and its list has room for: read before the list itself is.

    A list of a million parts takes more memory than a workbook.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _LONGEST_END, 0))
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + 22:
            return 0
        stated, length = struct.unpack_from("<HI", tail, at + 10)
        far = tail.rfind(_FAR_END, 0, at)
        if far >= 0 and (stated == _MANY or length == _LARGE):
            stated, length = struct.unpack_from("<QQ", tail, far + 32)
    return int(max(stated, min(length, size) // _ROOM_OF_A_PART))


def _archive_reason(archive: zipfile.ZipFile, limits: FileLimits) -> Reason | None:
    entries = archive.infolist()
    if len(entries) > limits.parts:
        return _too_much(f"the file has {len(entries):,} parts", "parts", limits)
    doubled = [name for name, count in Counter(entry.filename.lower() for entry in entries).items() if count > 1]
    if doubled:
        return f'the part "{doubled[0]}" stands in the file twice', "No spreadsheet program writes that."
    inflated = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if inflated > limits.unpacked_mib * 2**20:
        return _too_much(f"the file unpacks to {inflated / 2**20:,.0f} MiB", "unpacked_mib", limits)
    if inflated > _HARMLESS_BYTES and inflated / packed > limits.ratio:
        return _too_much(f"the file unpacks to {inflated / packed:,.0f} times its size", "ratio", limits)
    for entry in entries:
        name = entry.orig_filename
        if "\\" in name or "\0" in name or name.startswith("/") or ":" in name or ".." in name.split("/"):
            return f'the part "{name}" has a name that no workbook uses', "Open it in Excel and save it."
        if entry.flag_bits & 1:
            return "the workbook is protected with a password", "Save a copy without the password to open."
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            return f'the part "{name}" is compressed in a way that no workbook uses', "Open it in Excel and save it."
    return _overlap(entries, archive.start_dir)


def _overlap(entries: Sequence[zipfile.ZipInfo], directory: int) -> Reason | None:
    """Parts that share their bytes are the trick of the densest bombs."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return f'the part "{entry.filename}" overlaps another', "No spreadsheet program writes that."
        end = entry.header_offset + LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
    return None if end <= directory else _DAMAGED_ARCHIVE


def _parts_reason(archive: zipfile.ZipFile, heads: dict[str, bytes], path: Path) -> Reason | None:
    if b"opendocument" in heads.get("mimetype", b""):
        return "is an OpenDocument file", "Save it as .xlsx."
    if "[Content_Types].xml" not in heads:
        return "is not an .xlsx workbook", "It is a zip archive without a workbook in it."
    for name, head in heads.items():
        fault = contents.prolog_fault(head)
        if fault:
            return f'the part "{name}" {fault}', ""
    kind = _main_kind(archive)
    if kind is None:
        return "is not an .xlsx workbook", "It is a zip archive without a workbook in it."
    if kind in _NOT_READ:
        return _NOT_READ[kind]
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm"} and suffix != kind:
        return (
            f"is a workbook of the kind {kind}, so Excel will not open it under this name",
            f"Name it {path.stem}{kind}.",
        )
    if any(_STRICT in head for head in heads.values() if contents.root_of(head) == "workbook"):
        return "is a Strict Open XML workbook", 'Save it as "Excel Workbook (.xlsx)".'
    return None


def _main_kind(archive: zipfile.ZipFile) -> str | None:
    """Suffix that fits the part which the file names as its workbook; None if there is none that is known."""
    try:
        roots = xml.parse(archive.read("_rels/.rels"))
        types = xml.parse(archive.read("[Content_Types].xml"), xml.MOST_BYTES_OF_A_LIST)
    except (KeyError, etree.XMLSyntaxError):
        return None
    targets = [root.get("Target", "").lstrip("/") for root in roots if root.get("Type", "").endswith("/officeDocument")]
    for element in types:
        if targets and element.get("PartName", "").lstrip("/").lower() == targets[0].lower():
            return _MAIN_TYPES.get(element.get("ContentType", ""))
    extension = targets[0].rpartition(".")[2].lower() if targets else ""
    defaults = (each.get("ContentType", "") for each in types if each.get("Extension", "").lower() == extension)
    return next((_MAIN_TYPES[kind] for kind in defaults if kind in _MAIN_TYPES), None)


def _active(carried: Sequence[Carried]) -> Iterator[Reason]:
    """What a file from outside may not carry, kind by kind."""
    for kind in ContentKind:
        details = [each.detail for each in carried if each.kind is kind]
        if kind in ACTIVE and details:
            fix = "It came from outside, so it is not read. Ask for a copy without."
            yield f"has {kind.value}: {', '.join(details[:5])}{' …' * (len(details) > 5)}", fix


def _too_much(found: str, limit: str, limits: FileLimits) -> Reason:
    value = getattr(limits, limit)
    return f"{found}; the limit is {value:,}", f"If you trust the file, set {FileLimits.variable(limit)} higher."
