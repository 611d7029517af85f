"""What a sheet has beside its tables: the pages for readers, colours by meaning, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from revops_xl.tables.book.reading import sheets
from revops_xl.tables.schema.result_sheet import ResultSheet
from revops_xl.workbook.building import pages
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.look import paint


def is_page(name: str) -> bool:
    """Whether a sheet is laid out as a page."""
    return name in {sheets.SUMMARY, sheets.START}


def decorate(canvas: Canvas, placed: Mapping[str, Placed], names: Sequence[str]) -> None:
    """Add what belongs to this sheet; `names` are all sheets of the workbook."""
    if canvas.declared.name == sheets.SUMMARY and "PageTexts" in placed:
        pages.summary(canvas, placed)
    elif canvas.declared.name == sheets.START:
        pages.start(canvas, names)
    if isinstance(canvas.declared, ResultSheet):
        for look in canvas.declared.look:
            paint(canvas, placed, look)
