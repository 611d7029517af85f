"""Workbook files taken apart and put together again, part by part."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.programs import parts

Change = bytes | None | Callable[[bytes], bytes]
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "[Content_Types].xml"


def tamper(path: Path, changes: Mapping[str, Change]) -> Path:
    """Replace, add (bytes), edit (function) or drop (None) parts."""
    content = parts(path)
    for name, change in changes.items():
        if change is None:
            del content[name]
        else:
            content[name] = change(content[name]) if callable(change) else change
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def with_type(part: str, content_type: str) -> Callable[[bytes], bytes]:
    """Declare a part in [Content_Types].xml."""
    override = f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    return lambda content: content.replace(b"</Types>", override.encode())


def with_relation(kind: str, target: str, *, external: bool = False, number: int = 901) -> Callable[[bytes], bytes]:
    """Add a relation; the kind is a whole URI or the last word of one."""
    uri = kind if ":" in kind else f"{RELATIONS}/{kind}"
    mode = ' TargetMode="External"' if external else ""
    element = f'<Relationship Id="rId{number}" Type="{uri}" Target="{target}"{mode}/></Relationships>'
    return lambda content: content.replace(b"</Relationships>", element.encode())


def chain(*changes: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """One change after the other."""

    def change(content: bytes) -> bytes:
        for each in changes:
            content = each(content)
        return content

    return change


def sheet_part(path: Path, sheet: str) -> str:
    """Part of a sheet, found by pattern and not by our reader."""
    content = parts(path)
    workbook, relations = content["xl/workbook.xml"].decode(), content["xl/_rels/workbook.xml.rels"].decode()
    element = next(text for text in re.findall(r"<sheet [^>]*>", workbook) if f'name="{sheet}"' in text)
    identity = re.search(r'r:id="([^"]+)"', element)
    assert identity is not None
    relation = next(text for text in re.findall(r"<Relationship [^>]*>", relations) if f'Id="{identity[1]}"' in text)
    target = re.search(r'Target="([^"]+)"', relation)
    assert target is not None
    return f"xl/{target[1]}" if not target[1].startswith("/") else target[1][1:]
