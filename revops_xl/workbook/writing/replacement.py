"""A table, the rows it gets, and where what stood on its old rows is afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import TablePart
from revops_xl.workbook.file.references import split_reference
from revops_xl.workbook.writing.own_columns import OwnColumns


@dataclass(frozen=True)
class Replacement:
    """A table and the rows it gets; an empty table keeps one blank row, as spreadsheets demand.

    Attributes:
        part: Where the table stands.
        content: Its rows.
        own: What becomes of the columns that users added to the table.
        hidden: Rows, counted from 0, that the table's filter hides; None if it has no filter.
    """

    part: TablePart
    content: ResultTable
    own: OwnColumns = field(default_factory=OwnColumns)
    hidden: frozenset[int] | None = None

    @property
    def old(self) -> Area:
        """Body rows before."""
        return self.part.body

    @property
    def new(self) -> Area:
        """Body rows after."""
        old = self.old
        return Area(old.top, old.left, old.top + max(len(self.content), 1) - 1, old.right)

    @property
    def growth(self) -> int:
        """Rows more than before."""
        return self.new.bottom - self.old.bottom

    def covers(self, area: Area) -> bool:
        """Whether an area is all rows of one or more of the table's columns."""
        old = self.old
        return old.left <= area.left and area.right <= old.right and (area.top, area.bottom) == (old.top, old.bottom)

    def follow(self, area: Area) -> Area:
        """Where an area of the sheet is after the table has its new rows: those over its rows or its totals go along."""
        old, end = self.old, self.part.area.bottom
        if not (old.left <= area.left and area.right <= old.right):
            return area
        if self.part.totals_rows and area.top == area.bottom == end:
            return Area(area.top + self.growth, area.left, area.bottom + self.growth, area.right)
        if area.top in {old.top, self.part.area.top} and area.bottom in {old.bottom, end} and area.bottom >= old.top:
            return Area(area.top, area.left, area.bottom + self.growth, area.right)
        return area


def follow_text(text: str, replacements: Sequence[Replacement]) -> str:
    """A reference such as Quotas!$A$5:$A$14 after the tables have their new rows; the very same text if nothing moves."""
    sheet, area = split_reference(text)
    if area is None:
        return text
    for replacement in replacements:
        moved = replacement.follow(area) if replacement.part.sheet == sheet else area
        if moved != area:
            sheet_text, _, cells = text.rpartition("!")
            return f"{sheet_text}!{moved.absolute() if '$' in cells else moved}"
    return text
