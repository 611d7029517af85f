"""One sheet of a new workbook: title, tables, print settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from revops_xl.tables.book.captions import caption_of
from revops_xl.tables.book.reading import page
from revops_xl.tables.book.reading.cells import adds, follows
from revops_xl.tables.book.reading.freshness import row_of
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Sheet, Table
from revops_xl.tables.schema.result import Formula
from revops_xl.workbook.building import styles

#: Row (from 0) of the headers of a sheet's tables; above it stand title, meaning and captions.
HEADER_ROW = 3
#: Characters across a page in landscape that are still read when they are shrunk to fit.
WIDEST_PAGE = 300
#: Pixels between the margins of that page: A4 has 1,045 of 1/96"; LibreOffice draws columns some 6% wider than Excel.
PAGE_PIXELS = 970


@dataclass(frozen=True)
class Placed:
    """Where a table stands: rows and columns from 0, ends included."""

    sheet: str
    table: Table
    header: int
    left: int
    right: int
    first_body: int
    last_body: int

    def column(self, name: str) -> int:
        """Column of a header."""
        return self.left + self.table.headers.index(name)

    def body_of(self, name: str) -> list[Any]:
        """Range of a column's body, as a chart wants it."""
        column = self.column(name)
        return [self.sheet, self.first_body, column, self.last_body, column]


class Canvas:
    """A sheet that is being built."""

    def __init__(
        self, book: xlsxwriter.Workbook, sheet: Sheet, name: str, tab_color: str, parts: Mapping[str, str] | None = None
    ) -> None:
        """Begin a sheet; `parts` are the parts of a run that fill its tables."""
        self.book, self.declared, self.name, self.parts = book, sheet, name, parts or {}
        self.sheet = book.add_worksheet(name)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._widths: dict[int, float] = {}
        self._pixels: dict[int, int] = {}
        self._hidden: set[int] = set()
        self._tables: list[tuple[int, int]] = []
        self.sheet.set_tab_color(tab_color)
        self.sheet.hide_gridlines(2)

    def title(self) -> None:
        """Name and meaning of the sheet."""
        self.write(0, 0, self.declared.name, styles.TITLE)
        about = f"{self.declared.help}."
        money = any(column.kind is Kind.MONEY for table in self.declared.tables for column in table.columns)
        filled = any(table.name in self.parts for table in self.declared.tables)
        unit = Formula(adds(about, page.TABLE.name, "Beside", page.row_of("unit")), about)
        self.write(1, 0, unit if money and filled else about, styles.SUBTITLE)
        self.sheet.set_row(0, 28)

    def format(self, look: Mapping[str, Any]) -> Any:
        """The workbook format of a look, made once."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(look))
        return self._formats[key]

    def write(self, row: int, column: int, value: Any, look: Mapping[str, Any]) -> None:
        """Write a value as what it is: text is never taken for a formula, a number or a link."""
        cell = self.format(look)
        if isinstance(value, Formula):
            self.sheet.write_formula(row, column, f"={value.text}", cell, "" if value.value is None else value.value)
        elif value is None or value == "":
            self.sheet.write_blank(row, column, None, cell)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, cell)
        elif isinstance(value, int | float):
            self.sheet.write_number(row, column, value, cell)
        elif isinstance(value, dt.date):
            self.sheet.write_datetime(row, column, value, cell)
        else:
            self.sheet.write_string(row, column, str(value), cell)

    def add_table(
        self,
        table: Table,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        blank: int,
        at: tuple[int, int],
        *,
        inputs: Collection[str],
    ) -> Placed:
        """Place a table with its rows, or with blank rows to fill; `inputs` are the columns that people fill in."""
        header, left = at
        right = left + len(columns) - 1
        body = max(len(rows), 1) if rows else blank
        placed = Placed(self.name, table, header, left, right, header + 1, header + body)
        self._tables.append((left, right))
        if table.name in self.parts or header == HEADER_ROW:
            alone = len(self.declared.tables) == 1  # beside each other, long captions would cover one another
            self._caption(header - 1, left, table.help if alone else caption_of(table.name), table)
        looks = [styles.cell_format(column, is_input=column.name in inputs) for column in columns]
        for i, column in enumerate(columns):
            self._widths[left + i] = max(self._widths.get(left + i, 0), column.width)
            if column.hidden:
                self._hidden.add(left + i)
            for number in range(body):
                value = (
                    rows[number][i] if rows and i < len(rows[number]) else None
                )  # columns that nobody fills are left out
                if column.kind is Kind.DATE and isinstance(value, str):
                    value = dt.date.fromisoformat(value)
                self.write(header + 1 + number, left + i, value, looks[i])
        heads = [
            {
                "header": column.name,
                "header_format": self.format(
                    styles.header_format(is_input=column.name in inputs, numeric=column.kind in NUMERIC)
                ),
            }
            for column in columns
        ]
        options = {"name": table.name, "columns": heads, "style": None, "autofilter": body > 1 or table.result}
        self.sheet.add_table(header, left, header + body, right, options)
        if header == HEADER_ROW:
            self.sheet.set_row(header, 32)
        return placed

    def _caption(self, row: int, column: int, text: str, table: Table) -> None:
        """What a table is; where a run fills it, live, with what has changed since."""
        part = self.parts.get(table.name)
        shown: Any = text if part is None else Formula(follows(text, row_of(part)), text)
        self.write(row, column, shown, styles.CAPTION)

    def set_pixels(self, column: int, width: int) -> None:
        """Width of a column in pixels."""
        self._pixels[column] = width

    def set_width(self, column: int, width: float) -> None:
        """Width of a column in characters, where no table sets it."""
        self._widths[column] = width

    def validate(self, placed: Placed, index: int, rule: Mapping[str, Any]) -> None:
        """Validate the body of a column."""
        column = placed.left + index
        self.sheet.data_validation(placed.first_body, column, placed.last_body, column, dict(rule))

    def finish(self, rows: int, *, one_page: bool) -> None:
        """Widths, frozen headers and the printed page."""
        self.set_columns()
        self.sheet.freeze_panes(rows + 1, 0)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        widths = [
            [self._widths[column] for column in range(left, right + 1) if column not in self._hidden]
            for left, right in self._tables
        ]
        if (
            len(widths) > 1 and sum(map(sum, widths)) > WIDEST_PAGE and not one_page
        ):  # each table on pages of its own, or nobody could read them
            widest = max(sum(7 * width + 5 for width in table) for table in widths)  # pixels: 7 a digit, 5 of padding
            self.sheet.set_print_scale(min(100, int(100 * PAGE_PIXELS / widest)))
            self.sheet.set_v_pagebreaks([left for left, _ in self._tables[1:]])
        else:
            wide = max(1, -(-int(sum(map(sum, widths))) // WIDEST_PAGE)) if len(widths) == 1 else 1
            self.sheet.fit_to_pages(1 if one_page else wide, int(one_page))
        self.sheet.repeat_rows(0, rows)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.sheet.set_footer(styles.FOOT)

    def set_columns(self) -> None:
        """Widths, as tables need them and pages are laid out."""
        for column, width in self._widths.items():
            if column not in self._pixels:
                self.sheet.set_column(column, column, width, None, {"hidden": True} if column in self._hidden else {})
        for column, width in self._pixels.items():
            self.sheet.set_column_pixels(column, column, width)
