"""Result tables in a workbook of their own."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from revops_xl.tables.schema.declare import Sheet
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas

#: A fixed date, so that the same content gives the same file.
CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001


def report_bytes(title: str, sheets: Sequence[Sheet], tables: Mapping[str, ResultTable]) -> bytes:
    """A workbook with one table a sheet."""
    buffer = io.BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    book.set_properties({"title": title, "author": "", "company": "", "created": CREATED})
    for sheet in sheets:
        canvas = Canvas(book, sheet, sheet.name, styles.TAB["result"])
        canvas.title()
        for table in sheet.tables:
            content = tables[table.name]
            rows = [list(row) for row in zip(*(content.values(name) for name in table.headers), strict=True)]
            canvas.add_table(table, table.columns, rows, 1, (HEADER_ROW, 0), inputs=())
        canvas.finish(rows=HEADER_ROW, one_page=False)
    book.close()
    return buffer.getvalue()
