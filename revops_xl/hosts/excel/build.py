"""The add-in file from its text sources, on any machine, with the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from revops_xl.errors import PlanError, Problem
from revops_xl.hosts.excel.hardened import PROJECT, Hardened, harden
from revops_xl.hosts.excel.wrappers import functions
from revops_xl.version import __version__
from revops_xl.workbook.building.templates import template_path

ADDIN, MODULE = "revops_xl.xlam", "RevOpsXl"
#: The add-in's own settings. Which Python runs is none of them: it is set for each user by `addin install`.
SETTINGS = (
    ("REVOPS_XL_VERSION", __version__),
    ("ADD_WORKBOOK_TO_PYTHONPATH", "FALSE"),
    ("UDF MODULES", "revops_xl.hosts.excel.udfs"),
    ("USE UDF SERVER", "TRUE"),
    ("SHOW CONSOLE", "FALSE"),
)
_RIBBON_PART = "customUI/customUI14.xml"
_RIBBON_RELATION = f'<Relationship Id="rIdRevOpsUi" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" Target="{_RIBBON_PART}"/>'
#: The head of the stream that caches compiled code: with the version of no program, each one compiles the text.
_CACHE_VERSION, _NO_CACHE = b"\xcc\x61\xb5\x00", b"\xcc\x61\xff\xff"
_WHEN = (1980, 1, 1, 0, 0, 0)


def sources() -> Path:
    """Where the text sources lie."""
    return template_path("src/ribbon.xml").parent


def build() -> bytes:
    """The add-in.

    Raises:
        PlanError: What it is built with is not installed, or is another version.
    """
    try:
        import xlwings  # noqa: PLC0415  (needed on machines with Excel, and to build)
        from pyopenvba import ExcelFile, VBAModuleKind  # noqa: PLC0415  (needed to build)
    except ImportError as error:
        fix = "pip install 'revops-xl[addin]'"
        raise PlanError([Problem("addin build", "", f"{error.name} is not installed", fix)]) from error
    shipped = Path(str(files("xlwings")))
    theirs = harden((shipped / "xlwings_custom_addin.bas").read_text(encoding="utf-8"))
    if f'XLWINGS_VERSION As String = "{xlwings.__version__}"' not in theirs.declarations:
        raise PlanError([Problem("addin build", "", "xlwings' module is not of its version", "Install xlwings again.")])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ADDIN
        with ExcelFile.create_new(str(path)) as book:  # it refers to Office, whose types the ribbon's callbacks need
            project = book.vba_project()
            dictionary = (shipped / "addin" / "Dictionary.cls").read_text(encoding="utf-8")
            project.add_module("Dictionary", _crlf(dictionary), kind=VBAModuleKind.other)
            project.add_module(MODULE, _crlf(module(theirs)))
            project.delete_module("Module1")
            book.save()
        return _finished(path.read_bytes(), xlwings.__version__)


def module(theirs: Hardened) -> str:
    """The one module: declarations first, as VBA wants them; public are the functions and the ribbon's two callbacks."""
    ours, _, procedures = (sources() / "RevOpsXl.bas").read_text(encoding="utf-8").partition("'--- procedures\n")
    parts = [
        f'Attribute VB_Name = "{MODULE}"',
        theirs.declarations,
        ours,
        _buttons(),
        procedures,
        functions(),
        theirs.procedures,
    ]
    return "\n".join(parts)


def _buttons() -> str:
    """The ids of the ribbon, between bars."""
    ids = re.findall(r'<button id="(\w+)"[^>]*onAction="RevOpsXl.RvxPress"', (sources() / "ribbon.xml").read_text(encoding="utf-8"))  # fmt: skip
    return f'Private Function RvxButtons() As String\n    RvxButtons = "|{"|".join(ids)}|"\nEnd Function\n'


def _finished(content: bytes, xlwings_version: str) -> bytes:
    """The package with ribbon, settings and nothing that differs from build to build."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            new.writestr(_entry(name), _part(name, old.read(name), xlwings_version))
        new.writestr(_entry(_RIBBON_PART), (sources() / "ribbon.xml").read_bytes())
    return result.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    return entry


def _part(name: str, content: bytes, xlwings_version: str) -> bytes:
    sheet = f"{PROJECT}.conf"
    match name:
        case "_rels/.rels":
            return _once(content, b"</Relationships>", _RIBBON_RELATION.encode() + b"</Relationships>")
        case "xl/workbook.xml":
            return _once(content, b'name="Sheet1"', f'name="{sheet}"'.encode())
        case "docProps/app.xml":
            return content.replace(b"<vt:lpstr>Sheet1</vt:lpstr>", f"<vt:lpstr>{sheet}</vt:lpstr>".encode())
        case "xl/vbaProject.bin":
            return _once(content, _CACHE_VERSION, _NO_CACHE)
        case "xl/worksheets/sheet1.xml":
            return _once(content, b"<sheetData/>", f"<sheetData>{_rows(xlwings_version)}</sheetData>".encode())
    return content


def _rows(xlwings_version: str) -> str:
    def cell(reference: str, text: str) -> str:
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'

    return "".join(
        f'<row r="{i}">{cell(f"A{i}", k)}{cell(f"B{i}", v)}</row>'
        for i, (k, v) in enumerate((*SETTINGS, ("XLWINGS_VERSION", xlwings_version)), 1)
    )


def _once(content: bytes, old: bytes, new: bytes) -> bytes:
    if content.count(old) != 1:
        raise ValueError(f"the new add-in has {old!r} {content.count(old)} times")
    return content.replace(old, new)


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def digest(content: bytes) -> str:
    """SHA-256 of the file, as IT departments compare it."""
    return hashlib.sha256(content).hexdigest()
