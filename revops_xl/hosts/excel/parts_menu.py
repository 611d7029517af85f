"""The menu Parts: sheets of a part added to the workbook that is open, brought back into view, or put out of view."""

from __future__ import annotations

from collections.abc import Callable

import xlwings as xw

from revops_xl.hosts.excel import completing
from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.quiet import quiet, said
from revops_xl.hosts.excel.ranges import range_of
from revops_xl.tables.book import catalog, profiles, setting_list, settings
from revops_xl.usecases.parts import sheets_of
from revops_xl.workbook.file.address import Area

#: What Excel calls in view, by platform.
_IN_VIEW = (True, -1)
#: Points of a row of settings.
_ROW = 15


def switch(part: str) -> Callable[[xw.Book], str]:
    """A menu entry for a part: its sheets are added or shown, or hidden where all are in view; no cell changes."""
    return lambda book: _switched(book, part)


def _switched(book: xw.Book, part: str) -> str:
    opened = OpenBook(book)
    wanted = sheets_of(part)
    tables = [table.name for sheet in catalog.SHEETS if sheet.name in wanted for table in sheet.tables]
    lacking = [name for name in tables if name not in opened.places] if part in profiles.PROFILES else []
    sheets = {opened.places[name].sheet.name: opened.places[name].sheet for name in tables if name in opened.places}
    hidden = [sheet for sheet in sheets.values() if sheet.visible not in _IN_VIEW]
    if not sheets and not lacking:
        return said("This plan has none of these sheets: it comes from an earlier version. Run it first.", bad=True)
    with quiet(book):
        if lacking or hidden:
            before = {sheet.name for sheet in book.sheets}
            completing.add_tables(book, opened.places, lacking)
            for sheet in hidden:
                sheet.visible = True
            _unfold(opened, part)
            names = [sheet.name for sheet in book.sheets if sheet.name not in before or sheet.name in sheets]
            done = "Added" if lacking else "In view"
            return said(f"{done}: {', '.join(names)}.\n\nPress the entry again to put them out of view.")
        others = [sheet for sheet in book.sheets if sheet.name not in sheets and sheet.visible in _IN_VIEW]
        if not others:
            return said("No sheet would stay in view. Bring another part into view first.", bad=True)
        if book.sheets.active.name in sheets:
            others[0].activate()
        for sheet in sheets.values():
            sheet.visible = False
    return said(f"Out of view: {', '.join(sheets)}. A run reads and writes them as before.")


def _unfold(opened: OpenBook, part: str) -> None:
    """Bring the settings of a part into view."""
    place = opened.places.get(settings.TABLE.name)
    if place is None or "Setting" not in place.headers:
        return
    own = {each.name.casefold() for each in setting_list.SETTINGS if profiles.part_of_setting(each) == part}
    column = place.area.left + place.headers.index("Setting")
    body = place.body
    names = range_of(place.sheet, Area(body.top, column, body.bottom, column)).options(ndim=1).value
    for row, name in enumerate(names, start=body.top):
        if str(name or "").strip().casefold() in own:
            range_of(place.sheet, Area(row, column, row, column)).row_height = _ROW
