"""The parts of a workbook file: which sheet stands where, which table stands on it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.zip_entry import unpacked

_DECLARED = {table.name.lower(): table.name for sheet in catalog.SHEETS for table in sheet.tables}
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([^\"']+)")
_UTF_16 = {b"\xff\xfe", b"\xfe\xff"}
_CHART_TYPES = ("drawingml.chart+xml", "ms-office.chartex+xml")
_SHEETS_NOBODY_READS = frozenset({"xlMacrosheet", "xlIntlMacrosheet", "dialogsheet"})


@dataclass(frozen=True)
class TablePart:
    """An Excel table in the file.

    Attributes:
        name: Its name.
        part: Name of its part.
        sheet: Name of its sheet.
        sheet_part: Name of the sheet's part.
        area: With header and totals row.
        headers: Column names.
        header_rows: 0 or 1.
        totals_rows: 0 or 1.
        column_formulas: Formula of each calculated column, as XML.
    """

    name: str
    part: str
    sheet: str
    sheet_part: str
    area: Area
    headers: tuple[str, ...]
    header_rows: int
    totals_rows: int
    column_formulas: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def body(self) -> Area:
        """The rows between header and totals."""
        area = self.area
        return Area(area.top + self.header_rows, area.left, area.bottom - self.totals_rows, area.right)


class Package:
    """An open workbook file.

    Attributes:
        path: Where it is.
        zip: The open archive.
        sheets: Part of each sheet by its name, in order.
        hidden_sheets: Names of those that are hidden.
        sheets_found: Whether each sheet that the workbook lists is a worksheet or a chart that is there.
        tables: Tables by name.
        names: Defined names.
        counts_from_1904: Whether dates are counted from 1904.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._respelled = False
        with ExitStack() as opened:
            self.file = opened.enter_context(path.open("rb"))
            self.zip = opened.enter_context(zipfile.ZipFile(self.file))
            self._index()
            opened.pop_all()  # stays open until the package is closed; anything that failed above closed it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, part: str) -> bytes:
        """Content of a part; one that the file refers to but lacks, or that is not in UTF-8, is damage."""
        entry = self.zip.NameToInfo.get(part)
        if entry is None:
            raise zipfile.BadZipFile(f"part {part} is missing")
        content = unpacked(self.file, entry)
        encoding = _ENCODING.match(content)
        if content[:2] in _UTF_16 or (encoding is not None and encoding[1].lower() not in {b"utf-8", b"us-ascii"}):
            raise zipfile.BadZipFile(f"part {part} is not in UTF-8")
        return content

    def shared(self) -> dict[str, bytes]:
        """Texts and styles, which every reader of a sheet needs: content by kind of relation."""
        related = self.relations(self.workbook_part).values()
        return {
            kind: self.read(part)
            for kind, part in related
            if kind in {"sharedStrings", "styles"} and part in self.zip.NameToInfo
        }

    @property
    def is_plain(self) -> bool:
        """Whether every part lies where readers that do not follow relations look for it."""
        places = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
        related = list(self.relations(self.workbook_part).values())
        shared = {kind: part for kind, part in related if kind in places}
        there = {kind: part for kind, part in places.items() if part in self.zip.NameToInfo}
        kinds = {kind for kind, _ in related}
        return (
            self.workbook_part == "xl/workbook.xml"
            and not self._respelled
            and shared == there
            and not kinds & _SHEETS_NOBODY_READS
            and self.sheets_found
        )

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Targets within the file by relation id: (last word of the type, part)."""
        folder, name = posixpath.split(part)
        relations_part = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations_part not in self.zip.NameToInfo:
            return {}
        found = {}
        for element in xml.parse(self.read(relations_part), xml.MOST_BYTES_OF_A_LIST):
            if element.get("TargetMode") != "External" and element.get("Target"):
                target = element.get("Target")
                full = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                # Spreadsheets ignore the case of a part's name.
                actual = self._spelled.get(unquote(full).lower(), full)
                self._respelled |= actual != full
                full = actual
                found[element.get("Id")] = element.get("Type", "").rpartition("/")[2], full
        return found

    def actual(self, part: str) -> str:
        """A part as the file spells it: spreadsheets ignore case, and read %20 as a blank."""
        return self._spelled.get(unquote(part).lower(), part)

    def charts(self) -> list[str]:
        """Parts that are charts, old kinds and new, whatever they are called."""
        types = xml.parse(self.read("[Content_Types].xml"), xml.MOST_BYTES_OF_A_LIST)
        named = [each.get("PartName", "")[1:] for each in types if each.get("ContentType", "").endswith(_CHART_TYPES)]
        return [name for name in named if name in self.zip.NameToInfo]

    def relation_ids(self, part: str) -> list[str]:
        """Ids of all relations of a part, those that lead out of the file among them."""
        folder, name = posixpath.split(part)
        return [
            element.get("Id", "") for element in xml.parse(self.read(posixpath.join(folder, "_rels", f"{name}.rels")))
        ]

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return {name.lower(): name for name in self.zip.NameToInfo}

    def close(self) -> None:
        """Let go of the file, so that it can be replaced."""
        self.zip.close()
        self.file.close()

    def _index(self) -> None:
        roots = [target for kind, target in self.relations("").values() if kind == "officeDocument"]
        self.workbook_part = roots[0] if roots else "xl/workbook.xml"
        workbook = xml.parse(self.read(self.workbook_part))
        properties = workbook.find(f"{{{xml.MAIN}}}workbookPr")
        self.counts_from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        relations = self.relations(self.workbook_part)
        self.names = {name.get("name") for name in workbook.iter(f"{{{xml.MAIN}}}definedName")}
        self.sheets: dict[str, str] = {}
        self.hidden_sheets: set[str] = set()
        self.sheets_found = True
        self.tables: dict[str, TablePart] = {}
        for sheet in workbook.iterfind(f"{{{xml.MAIN}}}sheets/{{{xml.MAIN}}}sheet"):
            kind, part = relations.get(sheet.get(xml.RELATION_ID), ("", ""))
            if kind == "worksheet" and part not in self.zip.NameToInfo:
                raise zipfile.BadZipFile(f"part {part} is missing")
            if kind != "worksheet":
                self.sheets_found &= kind == "chartsheet"
                continue
            name = sheet.get("name")
            if not name:
                raise zipfile.BadZipFile("a sheet has no name")
            self.sheets[name] = part
            if sheet.get("state") in {"hidden", "veryHidden"}:
                self.hidden_sheets.add(name)
            for kind, target in self.relations(part).values():
                if kind == "table":
                    table = self._table(target, name, part)
                    other = self.tables.get(table.name)
                    if other is not None:
                        message = f"a second table is called {table.name}; the first stands on {other.sheet}"
                        raise PlanError([Problem(name, str(table.area), message, "Rename one of them.")])
                    self.tables[table.name] = table
        if not self.sheets:
            raise PlanError([Problem(self.path.name, "", "the workbook has no worksheets that can be read")])

    def _table(self, part: str, sheet: str, sheet_part: str) -> TablePart:
        root = xml.parse(self.read(part))
        area = Area.parse(root.get("ref", ""))
        name = root.get("displayName") or root.get("name") or ""
        name = _DECLARED.get(name.lower(), name)  # spreadsheets ignore the case of a table's name
        counts = [root.get("headerRowCount", "1"), root.get("totalsRowCount", "0")]
        bare = area is None or area.bottom - area.top + 1 <= sum(map(int, counts))
        if area is None or bare or not set(counts) <= {"0", "1"} or not area.is_on_a_sheet:
            message = f'table {name} has no usable range "{root.get("ref")}"'
            raise PlanError([Problem(sheet, "", message, "Open it in Excel and save it.")])
        columns = list(root.iter(f"{{{xml.MAIN}}}tableColumn"))
        headers = tuple(xml.unescape_name(column.get("name", "")) for column in columns)
        formulas = {
            header: xml.escape(text).encode()
            for header, column in zip(headers, columns, strict=True)
            if (text := column.findtext(f"{{{xml.MAIN}}}calculatedColumnFormula"))
        }
        return TablePart(
            name,
            part,
            sheet,
            sheet_part,
            area,
            headers,
            int(counts[0]),
            int(counts[1]),
            formulas,
        )
