"""Safe XML parsing and the few spreadsheet names that every module here needs."""

from __future__ import annotations

import re
import zipfile
from typing import Any

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"

#: A tree takes many times the memory of its text: tables, charts, workbooks; and lists of relations and types.
MOST_BYTES, MOST_BYTES_OF_A_LIST = 64 * 2**20, 4 * 2**20
#: Characters that XML 1.0 cannot hold; spreadsheets write them as _xHHHH_.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class UnusablePart(zipfile.BadZipFile):
    """A part that is XML, but not as any program writes it."""


def parse(content: bytes, most: int = MOST_BYTES) -> Any:
    """Parse a part of the usual size without resolving entities and without touching the network.

    Raises:
        etree.XMLSyntaxError: It is no XML.
        UnusablePart: It has a DOCTYPE, or it is larger than any program makes it.
    """
    if len(content) > most:
        raise UnusablePart(f"a part has {len(content):,} bytes, more than any program writes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    return _without_doctype(etree.fromstring(content, parser))


def _without_doctype(root: Any) -> Any:
    if root.getroottree().docinfo.doctype:
        raise UnusablePart("a part has a DOCTYPE, which no workbook needs")
    return root


def serialised(root: Any) -> bytes:
    """A part as it is written into a package."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def printable(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _CONTROL.sub("", text)


def parse_bare(content: bytes) -> Any:
    """Parse a part, however large, leaving out comments and processing instructions; CDATA becomes text."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True
    )
    return _without_doctype(etree.fromstring(content, parser))


_SPECIAL = re.compile("[&<>\r]|" + _ILLEGAL.pattern)


def needs_escape(text: str) -> bool:
    """Whether `escape` would change the text."""
    return _SPECIAL.search(text) is not None


def escape(text: str) -> str:
    """Text for element content, with what XML cannot hold written the spreadsheet way."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub(lambda match: "".join(_escape_char(match[0])), text)
    return text.replace("\r", "_x000D_") if "\r" in text else text


def _escape_char(found: str) -> str:
    return f"_x{ord(found):04X}_" if len(found) == 1 else f"_x005F{found}"


def unescape_name(text: str) -> str:
    """A table column name as its header cell shows it."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
