"""What a workbook carries beside cells: macros, links, connections, embedded files; found by content, not by name."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lxml import etree

from revops_xl.workbook.file import xml

_HEAD = 4096
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_VBA_PROJECT = "_VBA_PROJECT".encode("utf-16-le")
_ROOT = re.compile(rb"<(?:[^\s<>/:!?]+:)?([^\s<>/:!?]+)")
_REMOTE_SOURCE = re.compile(rb"""\b(?:src|href)\s*=\s*["']((?:https?:|ftp:|file:|//|\\\\)[^"']*)""", re.IGNORECASE)
#: Functions that fetch from outside or call other programs when a spreadsheet calculates.
_NAMES = rb"(WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE|SQL\.REQUEST|STOCKHISTORY|CUBE[A-Z]+|PY|DDE|IMPORTTEXT|IMPORTCSV|TRANSLATE)"
OUTSIDE_FUNCTIONS = re.compile(rb"\b" + _NAMES + rb"\s*\(|_xl\w+\." + _NAMES + rb"\b", re.IGNORECASE)
_STRING = re.compile(rb'"[^"]*"')
_QUOTED = re.compile(rb"'[^']*'|\[[^\]]*\]")


def reaches_outside(formula: bytes) -> str:
    """The function through which a formula reaches outside; "|" for a link to another program; "" if it does not.

    Example:
        >>> reaches_outside(b"1+WEBSERVICE(A1)"), reaches_outside(b"cmd|'/C calc'!A0"), reaches_outside(b'A1&"|"')
        ('WEBSERVICE', '|', '')
    """
    bare = _STRING.sub(b"", formula)
    function = OUTSIDE_FUNCTIONS.search(bare)
    if function is not None:
        return (function[1] or function[2]).decode().upper()
    return "|" if b"|" in _QUOTED.sub(b"", bare) else ""


class ContentKind(Enum):
    """What a workbook can carry; the text is what people read."""

    MACROS = "macros (VBA)"
    OLD_MACROS = "Excel 4 macros"
    DDE = "links to other programs (DDE)"
    EMBEDDED = "embedded files"
    ACTIVEX = "ActiveX controls"
    ADD_IN = "Office add-ins"
    CALLS = "formulas that call outside the workbook"
    LINKS = "links to other workbooks"
    CONNECTIONS = "data connections"
    QUERIES = "query tables"
    POWER_QUERY = "Power Query"
    DATA_MODEL = "a data model"
    REMOTE_PICTURES = "pictures on the web"
    REMOTE = "parts outside the file"
    SIGNATURE = "a digital signature"
    CHANGE_LOG = "the change log of a shared workbook"


#: What can run or fetch by itself: a file from outside that carries it is refused.
ACTIVE = frozenset(
    {
        ContentKind.MACROS,
        ContentKind.OLD_MACROS,
        ContentKind.DDE,
        ContentKind.EMBEDDED,
        ContentKind.ACTIVEX,
        ContentKind.ADD_IN,
        ContentKind.CALLS,
        ContentKind.REMOTE,
    }
)
#: What no longer holds once a cell has changed: such a workbook is read, but not written.
SEALED = frozenset({ContentKind.SIGNATURE, ContentKind.CHANGE_LOG})


@dataclass(frozen=True, slots=True)
class Carried:
    """One thing that a workbook carries.

    Attributes:
        kind: What it is.
        detail: Its name, its target, or the part that holds it.
    """

    kind: ContentKind
    detail: str


#: Names of Excel 4 macros that start by themselves.
_AUTOMATIC = (
    "_xlnm.auto_open",
    "_xlnm.auto_close",
    "_xlnm.auto_activate",
    "_xlnm.auto_deactivate",
    "auto_open",
    "auto_close",
)
_FORMULA_ELEMENTS = frozenset(
    {"f", "definedName", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula"}
)
_BY_ROOT = {
    "macrosheet": ContentKind.OLD_MACROS,
    "dialogsheet": ContentKind.OLD_MACROS,
    "queryTable": ContentKind.QUERIES,
    "DataMashup": ContentKind.POWER_QUERY,
    "webextension": ContentKind.ADD_IN,
    "ocx": ContentKind.ACTIVEX,
    "Signature": ContentKind.SIGNATURE,
    "headers": ContentKind.CHANGE_LOG,
}
_BY_RELATION = {
    "vbaProject": ContentKind.MACROS,
    "xlMacrosheet": ContentKind.OLD_MACROS,
    "xlIntlMacrosheet": ContentKind.OLD_MACROS,
    "oleObject": ContentKind.EMBEDDED,
    "package": ContentKind.EMBEDDED,
    "control": ContentKind.ACTIVEX,
    "attachedToolbars": ContentKind.MACROS,
    "powerPivotData": ContentKind.DATA_MODEL,
    "revisionHeaders": ContentKind.CHANGE_LOG,
    "webextension": ContentKind.ADD_IN,
}


def head_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The first bytes of a part, in UTF-8 if it is text in UTF-16."""
    with archive.open(entry) as part:
        head = part.read(_HEAD)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def prolog_fault(head: bytes) -> str:
    """What stands before the root element of an XML part and should not; "" if nothing does or it is no XML.

    Example:
        >>> prolog_fault(b'<?xml version="1.0"?><!-- c --><a/>')
        ''
        >>> prolog_fault(b"<!DOCTYPE a><a/>")
        'has a DOCTYPE, which no workbook needs'
    """
    if head[:4].count(b"\0") and b"<" in head[:4]:
        return "is not in UTF-8"
    rest = head.lstrip()
    while rest.startswith((b"<?", b"<!--")):
        closing = b"?>" if rest.startswith(b"<?") else b"-->"
        end = rest.find(closing)
        if end < 0:
            return "starts with a comment that does not end"
        rest = rest[end + len(closing) :].lstrip()
    if rest.startswith(b"<!"):
        return "has a DOCTYPE, which no workbook needs"
    if not rest and head.lstrip().startswith(b"<") and len(head) >= _HEAD:
        return "does not begin within its first characters"
    return ""


def look(archive: zipfile.ZipFile, heads: dict[str, bytes], *, formulas: bool) -> list[Carried]:
    """Everything that the workbook carries.

    Args:
        archive: The open file.
        heads: First bytes of each part.
        formulas: Also search every sheet for formulas that reach outside; takes the time to unpack them.
    """
    found: list[Carried] = []
    for part, head in heads.items():
        found += _by_content(archive, part, head)
        if part.lower().endswith(".rels"):
            found += _by_relations(archive, part)
        if formulas and root_of(head) in {"worksheet", "workbook", "table"}:
            found += _by_formulas(archive, part)
    return list(dict.fromkeys(found))


def root_of(head: bytes) -> str:
    """Local name of the root element; "" if the part is no XML.

    Example:
        >>> root_of(b'<?xml version="1.0"?><x:worksheet xmlns:x="u">')
        'worksheet'
    """
    rest = head.lstrip()
    if not rest.startswith(b"<"):
        return ""
    without_prolog = re.sub(rb"<\?.*?\?>|<!--.*?-->", b"", rest, flags=re.DOTALL)
    match = _ROOT.search(without_prolog)
    return match[1].decode("utf-8", "replace") if match else ""


def _by_content(archive: zipfile.ZipFile, part: str, head: bytes) -> Iterable[Carried]:
    if head.startswith(_OLE):
        macros = _VBA_PROJECT in archive.read(part)
        yield Carried(ContentKind.MACROS if macros else ContentKind.EMBEDDED, posixpath.basename(part))
    elif head.startswith((b"MZ", b"\x7fELF", b"PK\x03\x04")):
        yield Carried(ContentKind.EMBEDDED, posixpath.basename(part))
    if part.lower().endswith((".vml", ".svg")):
        for source in _REMOTE_SOURCE.findall(archive.read(part)):
            yield Carried(ContentKind.REMOTE_PICTURES, source.decode("utf-8", "replace"))
    root = root_of(head)
    if root in _BY_ROOT:
        yield Carried(_BY_ROOT[root], posixpath.basename(part))
    elif root == "connections":
        names = [each.get("name", "") for each in _parsed(archive, part) if etree.QName(each).localname == "connection"]
        yield from (Carried(ContentKind.CONNECTIONS, name or part) for name in names)
    elif root == "externalLink":
        for element in _parsed(archive, part):
            kind = etree.QName(element).localname
            if kind in {"ddeLink", "oleLink"}:
                topic = "|".join(
                    filter(None, (element.get("ddeService"), element.get("ddeTopic"), element.get("progId")))
                )
                yield Carried(ContentKind.DDE, topic or part)


def _by_relations(archive: zipfile.ZipFile, part: str) -> Iterable[Carried]:
    for element in _parsed(archive, part):
        kind, target = element.get("Type", "").rpartition("/")[2], element.get("Target", "")
        if element.get("TargetMode") != "External":
            if kind in _BY_RELATION:
                yield Carried(_BY_RELATION[kind], posixpath.basename(target))
        elif kind.startswith("externalLinkPath") or kind == "xlPathMissing":
            yield Carried(ContentKind.LINKS, target)
        elif kind in {"image", "video", "audio", "media"}:
            yield Carried(ContentKind.REMOTE_PICTURES, target)
        elif kind in {"oleObject", "package"}:
            yield Carried(ContentKind.DDE, target)
        elif kind != "hyperlink":
            yield Carried(ContentKind.REMOTE, target)


def _by_formulas(archive: zipfile.ZipFile, part: str) -> Iterable[Carried]:
    """Formulas of cells, names, formats and validations, however their text is written."""
    for element in xml.parse_bare(archive.read(part)).iter():
        if etree.QName(element).localname in _FORMULA_ELEMENTS:
            formula = "".join(element.itertext()).encode()
            if (element.get("name") or "").lower().startswith(_AUTOMATIC):
                yield Carried(ContentKind.OLD_MACROS, str(element.get("name")))
            function = reaches_outside(formula)
            if function == "|":
                yield Carried(ContentKind.DDE, formula.decode()[:60])
            elif function:
                yield Carried(ContentKind.CALLS, function)


def _parsed(archive: zipfile.ZipFile, part: str) -> list[etree._Element]:
    """All elements of a list of things: relations, connections, links."""
    try:
        return list(xml.parse(archive.read(part), xml.MOST_BYTES_OF_A_LIST).iter())[1:]
    except etree.XMLSyntaxError:
        return []  # whoever needs the part will say that it is damaged
