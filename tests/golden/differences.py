"""How two folders of products differ, in words: file by file, part by part, cell by cell."""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from tests.golden.digests import digests, parts

#: Lines shown of one part; the rest is counted.
SHOWN = 25
#: The cells of a sheet.
ROWS = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def differences(before: Path, after: Path) -> list[str]:
    """What differs, one line each; nothing if nothing does."""
    old, new = digests(before), digests(after)
    lines = [f"gone: {name}" for name in sorted(old.keys() - new.keys())]
    lines += [f"new: {name}" for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            lines += _of_file(name, before / name, after / name)
    return lines


def _of_file(name: str, before: Path, after: Path) -> Iterator[str]:
    old, new = parts(before), parts(after)
    sheets = _sheet_names(after)
    yield f"changed: {name}"
    for part in sorted(old.keys() | new.keys()):
        if part not in old or part not in new:
            yield f"  {'new' if part not in old else 'gone'} part: {part}"
        elif old[part] != new[part]:
            sheet = sheets.get(part)
            if sheet is not None:
                lines = _of_sheets(sheet, (old[part], _texts(old)), (new[part], _texts(new)))
            else:
                lines = _of_text(part, old[part], new[part])
            yield from _shortened(lines)


def _shortened(lines: list[str]) -> list[str]:
    more = [f"  … and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [f"  {line}" for line in lines[:SHOWN]] + more


def _of_sheets(sheet: str, before: tuple[bytes, list[str]], after: tuple[bytes, list[str]]) -> list[str]:
    """Cells that differ in formula, value or format, and then the rest of the sheet as text."""
    old, new = _cells(*before), _cells(*after)
    lines = [
        f"{sheet}!{address}: {old.get(address, '(none)')} → {new.get(address, '(none)')}"
        for address in dict.fromkeys([*old, *new])
        if old.get(address) != new.get(address)
    ]
    return lines + _of_text(sheet, *(ROWS.sub(b"", content) for content in (before[0], after[0])))


def _cells(content: bytes, texts: list[str]) -> dict[str, str]:
    """Address: what a cell holds, as text."""
    cells = {}
    for cell in etree.fromstring(content).iter(f"{MAIN}c"):
        formula = cell.find(f"{MAIN}f")
        value = "".join(cell.itertext(f"{MAIN}v", f"{MAIN}t"))
        if cell.get("t") == "s":
            value = texts[int(value)]
        shown = f"={formula.text} [{value}]" if formula is not None else value
        cells[cell.get("r", "")] = f"{shown} (format {cell.get('s', '0')})"
    return cells


def _texts(package: dict[str, bytes]) -> list[str]:
    """The shared texts of a workbook."""
    content = package.get("xl/sharedStrings.xml")
    items = etree.fromstring(content).iter(f"{MAIN}si") if content is not None else ()
    return ["".join(item.itertext(f"{MAIN}t")) for item in items]


def _sheet_names(path: Path) -> dict[str, str]:
    """Part: name of the sheet, if the file is a workbook."""
    if not zipfile.is_zipfile(path) or path.suffix != ".xlsx":
        return {}
    package = parts(path)
    relations = etree.fromstring(package["xl/_rels/workbook.xml.rels"])
    targets = {each.get("Id"): str(each.get("Target")) for each in relations}
    sheets = etree.fromstring(package["xl/workbook.xml"]).iter(f"{MAIN}sheet")
    named = ((targets[each.get(R_ID)], str(each.get("name"))) for each in sheets)
    return {target.lstrip("/") if target.startswith("/") else f"xl/{target}": name for target, name in named}


def _of_text(name: str, before: bytes, after: bytes) -> list[str]:
    try:
        old, new = _lines(before), _lines(after)
    except UnicodeDecodeError:
        return [f"{name}: {len(before):,} bytes → {len(after):,} bytes, not a text"]
    found = difflib.unified_diff(old, new, lineterm="", n=0)
    head = f"{name}: " if name else ""
    return [f"{head}{line}" for line in found if not line.startswith(("---", "+++", "@@"))]


def _lines(content: bytes) -> list[str]:
    """Lines of a text; XML one element a line."""
    text = content.decode("utf-8")
    return (text.replace("><", ">\n<") if text.lstrip().startswith("<") else text).splitlines()
