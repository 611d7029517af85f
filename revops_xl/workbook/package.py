"""The parts of a workbook file: which sheet stands where, which table stands on it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from revops_xl.errors import PlanError, Problem
from revops_xl.tables import catalog
from revops_xl.tables.raw import column_letters
from revops_xl.workbook import xml

_DECLARED = {table.name.lower(): table.name for sheet in catalog.SHEETS for table in sheet.tables}
_RANGE = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")


def column_index(letters: str) -> int:
    """Column counted from 0.

    Example:
        >>> column_index("A"), column_index("XFD")
        (0, 16383)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells: rows from 1, columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, reference: str) -> Area | None:
        """Read A1, A1:B2 or $A$1:$B$2."""
        match = _RANGE.match(reference)
        if match is None:
            return None
        left, top, right, bottom = match.groups()
        return cls(int(top), column_index(left), int(bottom or top), column_index(right or left))

    def __str__(self) -> str:
        first, last = f"{column_letters(self.left)}{self.top}", f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def absolute(self) -> str:
        """With dollar signs, as charts write it."""
        first, last = f"${column_letters(self.left)}${self.top}", f"${column_letters(self.right)}${self.bottom}"
        return first if first == last else f"{first}:{last}"


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
    """

    name: str
    part: str
    sheet: str
    sheet_part: str
    area: Area
    headers: tuple[str, ...]
    header_rows: int
    totals_rows: int

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
        tables: Tables by name.
        names: Defined names.
        counts_from_1904: Whether dates are counted from 1904.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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
        self.zip.close()
        self.file.close()

    def read(self, part: str) -> bytes:
        """Content of a part; a part that the file refers to but lacks is damage."""
        if part not in self.zip.NameToInfo:
            raise zipfile.BadZipFile(f"part {part} is missing")
        return self.zip.read(part)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Targets within the file by relation id: (last word of the type, part)."""
        folder, name = posixpath.split(part)
        relations_part = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations_part not in self.zip.NameToInfo:
            return {}
        found = {}
        for element in xml.parse(self.read(relations_part)):
            if element.get("TargetMode") != "External" and element.get("Target"):
                target = element.get("Target")
                full = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found[element.get("Id")] = element.get("Type", "").rpartition("/")[2], full
        return found

    def _index(self) -> None:
        roots = [target for kind, target in self.relations("").values() if kind == "officeDocument"]
        self.workbook_part = roots[0] if roots else "xl/workbook.xml"
        workbook = xml.parse(self.read(self.workbook_part))
        properties = workbook.find(f"{{{xml.MAIN}}}workbookPr")
        self.counts_from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        relations = self.relations(self.workbook_part)
        self.names = {name.get("name") for name in workbook.iter(f"{{{xml.MAIN}}}definedName")}
        self.sheets: dict[str, str] = {}
        self.tables: dict[str, TablePart] = {}
        for sheet in workbook.iterfind(f"{{{xml.MAIN}}}sheets/{{{xml.MAIN}}}sheet"):
            kind, part = relations.get(sheet.get(xml.RELATION_ID), ("", ""))
            if kind != "worksheet" or part not in self.zip.NameToInfo:
                continue
            name = sheet.get("name")
            self.sheets[name] = part
            for kind, target in self.relations(part).values():
                if kind == "table" and target in self.zip.NameToInfo:
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
        if area is None:
            raise PlanError([Problem(sheet, "", f'table {name} has no usable range "{root.get("ref")}"')])
        headers = tuple(xml.unescape_name(column.get("name", "")) for column in root.iter(f"{{{xml.MAIN}}}tableColumn"))
        return TablePart(
            name,
            part,
            sheet,
            sheet_part,
            area,
            headers,
            int(root.get("headerRowCount", "1")),
            int(root.get("totalsRowCount", "0")),
        )
