"""What an older workbook that is open in Excel lacks of the results, added in place: sheets, columns, names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import xlwings as xw

from revops_xl.errors import Problem
from revops_xl.hosts.excel.ranges import Place, range_of, shown
from revops_xl.tables.book import catalog, setting_list
from revops_xl.tables.book.captions import caption_of
from revops_xl.tables.book.fitting import Fit
from revops_xl.tables.forecast import cohorts
from revops_xl.tables.schema.declare import NUMERIC, Column, Sheet, Table
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.building.styles import (
    BLANK_ROWS,
    CAPTION,
    NUMBER_FORMATS,
    SUBTITLE,
    TITLE,
    cell_format,
    header_format,
)
from revops_xl.workbook.file.address import Area

#: Row of the headers, as in the template.
_HEADERS = 4
#: Rows that a table starts with.
_STANDARD_ROWS: Mapping[str, Sequence[Sequence[Any]]] = {cohorts.SCENARIOS.name: cohorts.STANDARD_ROWS}


def add_names(book: xw.Book, names: Sequence[str]) -> None:
    """Define settings' names."""
    for setting in setting_list.SETTINGS:
        if setting.defined_name in names:
            book.names.add(setting.defined_name, setting.formula)


def blocked(places: Mapping[str, Place], fit: Fit) -> list[Problem]:
    """Filled cells where columns would go."""
    problems = []
    for name, headers in fit.columns.items():
        place = places[name]
        beside = Area(place.area.top, place.area.right + 1, place.area.bottom, place.area.right + len(headers))
        for i, row in enumerate(shown(range_of(place.sheet, beside))):
            for j, cell in enumerate(row):
                if cell not in {None, ""}:
                    where = f"{column_letters(beside.left + j)}{beside.top + i}"
                    message = "a table gets a new column here, and the cell is filled"
                    problems.append(Problem(place.sheet.name, where, message, "Move it away from the table."))
    return problems


def add_columns(places: Mapping[str, Place], fit: Fit) -> None:
    """Widen tables at their right end."""
    for name, headers in fit.columns.items():
        place = places[name]
        area = place.area
        wider = Area(area.top, area.left, area.bottom + place.totals, area.right + len(headers))
        place.table.resize(range_of(place.sheet, wider))
        for i, header in enumerate(headers, start=1):
            column = catalog.TABLES[name].column(header)
            at = area.right + i
            range_of(place.sheet, Area(area.top, at, area.top, at)).formula = [[header]]
            range_of(place.sheet, Area(area.top + 1, at, area.bottom, at)).number_format = _format(column)


def add_tables(book: xw.Book, places: Mapping[str, Place], tables: Sequence[str]) -> None:
    """New sheets with the tables, each behind the sheet that precedes it in the template; all of them, or none."""
    made: list[Any] = []
    try:
        for sheet in catalog.SHEETS:
            wanted = [table for table in sheet.tables if table.name in tables]
            if wanted:
                made.append(_add_sheet(book, places, sheet, wanted))
    except Exception:
        for sheet in made:
            with contextlib.suppress(Exception):
                sheet.delete()
        raise


def _add_sheet(book: xw.Book, places: Mapping[str, Place], declared: Sheet, tables: Sequence[Table]) -> Any:
    there = [sheet.name for sheet in book.sheets]
    taken = {name.lower() for name in there}
    tries = (declared.name if not i else f"{declared.name[:27]} {i + 1}" for i in range(100))
    name = next(each for each in tries if each.lower() not in taken)
    order = [sheet.name for sheet in catalog.SHEETS]
    earlier = catalog.SHEETS[: order.index(declared.name)]
    homes = {places[table.name].sheet.name for each in earlier for table in each.tables if table.name in places}
    homes |= {each.name for each in earlier}
    after = max((i for i, each in enumerate(there) if each in homes), default=len(there) - 1)
    sheet = book.sheets.add(name, after=book.sheets[after])
    range_of(sheet, Area(1, 0, 2, 0)).formula = [[declared.name], [f"{declared.help}."]]
    _write_look(range_of(sheet, Area(1, 0, 1, 0)), TITLE)
    _write_look(range_of(sheet, Area(2, 0, 2, 0)), SUBTITLE)
    left = 0
    for table in tables:
        right = left + len(table.columns) - 1
        caption = range_of(sheet, Area(_HEADERS - 1, left, _HEADERS - 1, left))
        caption.formula = [[caption_of(table.name)]]
        _write_look(caption, CAPTION)
        range_of(sheet, Area(_HEADERS, left, _HEADERS, right)).formula = [list(table.headers)]
        rows = _STANDARD_ROWS.get(table.name, ())
        bottom = _HEADERS + max(len(rows), 1 if table.result else BLANK_ROWS)
        for i, column in enumerate(table.columns):
            is_input = column.entry or not table.result
            head = range_of(sheet, Area(_HEADERS, left + i, _HEADERS, left + i))
            _write_look(head, header_format(is_input=is_input, numeric=column.kind in NUMERIC))
            head.column_width = 0 if column.hidden else column.width
            body = range_of(sheet, Area(_HEADERS + 1, left + i, bottom, left + i))
            body.number_format = _format(column)
            _write_look(body, cell_format(column, is_input=is_input))
        if rows:
            width = max(map(len, rows)) - 1
            range_of(sheet, Area(_HEADERS + 1, left, _HEADERS + len(rows), left + width)).formula = [list(row) for row in rows]  # fmt: skip
        source = range_of(sheet, Area(_HEADERS, left, bottom, right))
        made = sheet.tables.add(source=source, name=table.name, has_headers=True)
        made.table_style = ""
        left = right + 2
    return sheet


def _write_look(where: xw.Range, look: Mapping[str, Any]) -> None:
    """Give cells the font and the fill of a format; what Excel for this platform cannot do stays plain."""
    with contextlib.suppress(Exception):
        font = where.font
        font.name, font.size, font.bold = look["font_name"], look["font_size"], look.get("bold", False)
        font.color = look["font_color"]
        if "bg_color" in look:
            where.color = look["bg_color"]


def _format(column: Column) -> str:
    return column.number_format or NUMBER_FORMATS.get(column.kind, "General")
