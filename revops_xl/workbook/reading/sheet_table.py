"""A table together with what was found on its sheet."""

from __future__ import annotations

from dataclasses import dataclass

from revops_xl.tables.schema.raw import RawTable
from revops_xl.workbook.file.package import TablePart
from revops_xl.workbook.reading.sheet_scan import Scan


@dataclass(frozen=True)
class SheetTable:
    """A table as read, with what was found on its sheet."""

    part: TablePart
    raw: RawTable
    scan: Scan
