"""An Excel of our own behind xlwings' interface: a workbook file in memory, with Excel's way of reading what is typed into cells.

It keeps tables, formulas, formats and selection, counts every write, and can be made to fail. LibreOffice calculates.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.worksheet.filters
import openpyxl.worksheet.table
import xlwings
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName

from tests.programs import recalculate

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def typed(text: Any) -> Any:
    """What Excel makes of a value that is written to `Formula`: a text that looks like something becomes it."""
    if not isinstance(text, str) or text.startswith("="):
        return text
    if text.startswith("'"):
        return text[1:]
    if text.upper() in {"TRUE", "FALSE"}:
        return text.upper() == "TRUE"
    if re.fullmatch(r"[-+(]?[\d.,]+%?\)?|\d+[eE]\d+", text):
        try:
            return float(text.strip("()%").replace(",", ""))
        except ValueError:
            return text
    if re.fullmatch(rf"(?:{'|'.join(_MONTHS)})[a-z]*[ \-/.,]*\d+", text.lower()):
        return dt.datetime(2026, 1, 1)  # noqa: DTZ001
    if re.match(r"[-+@]", text):
        raise RuntimeError(f"Excel would not take the formula {text}")
    return text or None


class Book:
    """A workbook that is open."""

    def __init__(self, app: App, path: Path) -> None:
        self.app, self.path = app, path
        self.wb = openpyxl.load_workbook(path)
        self.shown = openpyxl.load_workbook(path, data_only=True)
        self.known: set[tuple[str, str]] = {
            (sheet.title, cell.coordinate) for sheet in self.shown for row in sheet.iter_rows() for cell in row if cell.value is not None
        }  # fmt: skip
        self.sheets = Sheets(self)
        self.current = self.wb.active.title
        self.api = None

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def names(self) -> Names:
        return Names(self)

    def activate(self) -> None:
        pass

    @property
    def fullname(self) -> str:
        return str(self.path)

    def save(self, path: str | None = None, **_: Any) -> None:
        self.wb.save(path or self.path)

    def close(self) -> None:
        self.app.books.all.remove(self)

    def calculated(self, folder: Path) -> None:
        """Let LibreOffice calculate every formula."""
        saved = folder / "open.xlsx"
        self.wb.save(saved)
        self.shown = openpyxl.load_workbook(recalculate([saved], folder)[0], data_only=True)

    def value(self, sheet: str, row: int, column: int) -> Any:
        cell = self.wb[sheet].cell(row, column)
        if cell.data_type == "f" or (
            isinstance(cell.value, str) and cell.value.startswith("=") and cell.data_type != "s"
        ):
            return self.shown[sheet].cell(row, column).value
        return cell.value


class Range:
    def __init__(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self.top, self.left, self.bottom, self.right = sheet, top, left, bottom, right
        self.options: dict[str, Any] = {}

    row = property(lambda self: self.top)
    column = property(lambda self: self.left)
    shape = property(lambda self: (self.bottom - self.top + 1, self.right - self.left + 1))
    address = property(
        lambda self: f"${get_column_letter(self.left)}${self.top}:${get_column_letter(self.right)}${self.bottom}"
    )
    api = True
    max_cells_per_read = max_cells_per_write = None

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, first: int, second: int | None = None) -> Range:
        r, c = (first, second) if second is not None else divmod(first - 1, self.shape[1])
        offset = 1 if second is not None else 0
        return Range(
            self.sheet, self.top + r - offset, self.left + c - offset, self.top + r - offset, self.left + c - offset
        )

    def _each(self) -> list[list[Any]]:
        cells = self.sheet.ws
        return [[cells.cell(r, c) for c in range(self.left, self.right + 1)] for r in range(self.top, self.bottom + 1)]

    @property
    def raw_value(self) -> Any:
        self.sheet.book.app.reads += 1
        rows = [
            tuple(self.sheet.book.value(self.sheet.name, r, c) for c in range(self.left, self.right + 1))
            for r in range(self.top, self.bottom + 1)
        ]
        return rows[0][0] if len(self) == 1 else tuple(rows)

    @property
    def formula(self) -> Any:
        rows = [tuple("" if cell.value is None else _entered(cell.value) for cell in row) for row in self._each()]
        return rows[0][0] if len(self) == 1 else tuple(rows)

    @formula.setter
    def formula(self, rows: Any) -> None:
        app = self.sheet.book.app
        app.writes.append((self.sheet.name, self.address))
        if app.fail_at is not None and len(app.writes) == app.fail_at:
            app.fail_at = None
            raise RuntimeError("Excel is busy")
        rows = rows if isinstance(rows, list | tuple) else [[rows]]
        assert (len(rows), len(rows[0])) == self.shape
        for cells, row in zip(self._each(), rows, strict=True):
            for cell, value in zip(cells, row, strict=True):
                cell.value = typed(value)
                if isinstance(value, str) and value.startswith("'"):
                    cell.data_type = "s"

    @property
    def number_format(self) -> str:
        return str(self._each()[0][0].number_format)

    @number_format.setter
    def number_format(self, value: str) -> None:
        for row in self._each():
            for cell in row:
                cell.number_format = value

    def clear_contents(self) -> None:
        for row in self._each():
            for cell in row:
                cell.value = None

    def autofill(self, destination: Range, type_: str) -> None:
        assert type_ == "fill_formats"
        formats = [cell.number_format for cell in self._each()[0]]
        for row in getattr(destination, "impl", destination)._each():
            for cell, number_format in zip(row, formats, strict=True):
                cell.number_format = number_format

    def select(self) -> None:
        app = self.sheet.book.app
        if self.sheet.name != self.sheet.book.current:
            raise RuntimeError("Select method of Range class failed")
        app.chosen = self

    def autofit(self, axis: Any = None) -> None:
        pass


def _entered(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


class Table:
    def __init__(self, sheet: Sheet, table: Any) -> None:
        self.sheet, self.table, self.parent = sheet, table, sheet

    name = property(lambda self: self.table.displayName)
    api = None

    @property
    def show_totals(self) -> bool:
        return bool(self.table.totalsRowCount)

    @show_totals.setter
    def show_totals(self, shown: bool) -> None:
        """Excel moves the totals row away, and back below the last row."""
        whole = self.range
        if self.show_totals and not shown:
            self.kept = [
                cell.value for cell in Range(self.sheet, whole.bottom, whole.left, whole.bottom, whole.right)._each()[0]
            ]
            Range(self.sheet, whole.bottom, whole.left, whole.bottom, whole.right).clear_contents()
            self._size(whole.bottom - 1)
            self.table.totalsRowCount = None
        elif shown and not self.show_totals:
            self._size(whole.bottom + 1)
            for cell, value in zip(
                Range(self.sheet, whole.bottom + 1, whole.left, whole.bottom + 1, whole.right)._each()[0],
                self.kept,
                strict=True,
            ):
                cell.value = value
            self.table.totalsRowCount = 1

    def _size(self, bottom: int) -> None:
        whole = self.range
        self.table.ref = Range(self.sheet, whole.top, whole.left, bottom, whole.right).address.replace("$", "")

    show_autofilter = property(lambda self: self.table.autoFilter is not None)

    @property
    def autofilter(self) -> Any:
        return AutoFilter(self.table)

    @property
    def range(self) -> Range:
        left, top, right, bottom = range_boundaries(self.table.ref)
        return Range(self.sheet, top, left, bottom, right)

    @property
    def header_row_range(self) -> Range:
        whole = self.range
        return Range(self.sheet, whole.top, whole.left, whole.top, whole.right)

    def resize(self, to: Any) -> None:
        inner = to.impl
        assert inner.top == self.range.top
        self.table.ref = inner.address.replace("$", "")
        if self.table.autoFilter is not None:
            self.table.autoFilter.ref = self.table.ref


class AutoFilter:
    """As xlwings' own: one entry a column, filtered or not."""

    def __init__(self, table: Any) -> None:
        filtered = {each.colId + 1 for each in table.autoFilter.filterColumn}
        left, _, right, _ = range_boundaries(table.ref)
        fields = range(1, right - left + 2)
        self.criteria = [{"field": field, "type": "values" if field in filtered else "none"} for field in fields]


class Names:
    def __init__(self, book: Book) -> None:
        self.all = [Name(name) for name in book.wb.defined_names]
        self.book, self.api = book, None

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(each.name, each) for each in self.all]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Any:
        return iter(self.all)

    def __call__(self, key: int) -> Name:
        return self.all[key - 1]

    def add(self, name: str, refers_to: str) -> Name:
        self.book.wb.defined_names[name] = DefinedName(name, attr_text=refers_to.removeprefix("="))
        return Name(name)


class Name:
    def __init__(self, name: str) -> None:
        self.name, self.api = name, None


class Tables:
    def __init__(self, sheet: Sheet) -> None:
        self.all = [Table(sheet, table) for table in sheet.ws.tables.values()]
        self.parent, self.api = sheet, None

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Any:
        return iter(self.all)

    def __call__(self, key: int | str) -> Table:
        return self.all[key - 1] if isinstance(key, int) else _named(self.all, key)

    def add(self, source: Range, name: str, has_headers: Any = None, **_: Any) -> Table:
        assert has_headers
        source = getattr(source, "impl", source)
        table = openpyxl.worksheet.table.Table(displayName=name, name=name, ref=source.address.replace("$", ""))
        table._initialise_columns()
        for column, cell in zip(table.tableColumns, source._each()[0], strict=True):
            column.name = cell.value
        table.autoFilter = openpyxl.worksheet.filters.AutoFilter(ref=table.ref)
        self.parent.ws.add_table(table)
        return Table(self.parent, table)


class Sheet:
    def __init__(self, book: Book, ws: Any) -> None:
        self.book, self.ws, self.api = book, ws, None

    @property
    def name(self) -> str:
        return str(self.ws.title)

    @name.setter
    def name(self, value: str) -> None:
        if self.name in self.book.shown.sheetnames:
            self.book.shown[self.name].title = value
        self.ws.title = value
        self.book.current = value

    index = property(lambda self: self.book.wb.worksheets.index(self.ws) + 1)

    @property
    def visible(self) -> int:
        return -1 if self.ws.sheet_state == "visible" else 0  # as Excel for Windows says it

    @visible.setter
    def visible(self, shown: bool) -> None:
        self.ws.sheet_state = "visible" if shown else "hidden"

    tables = property(Tables)

    def range(self, first: Any, second: Any = None) -> Range:
        first, second = (
            each if isinstance(each, tuple) else getattr(each, "impl", each) for each in (first, second or first)
        )
        if isinstance(first, Range):
            return Range(self, first.top, first.left, second.bottom, second.right)
        (top, left), (bottom, right) = first, second
        return Range(self, top, left, bottom, right)

    def activate(self) -> None:
        self.book.current = self.name

    def autofit(self, axis: Any = None) -> None:
        pass


class Sheets:
    def __init__(self, book: Book) -> None:
        self.book, self.api = book, None

    active = property(lambda self: self(self.book.current))

    def __len__(self) -> int:
        return len(self.book.wb.worksheets)

    def __iter__(self) -> Any:
        return (Sheet(self.book, ws) for ws in self.book.wb.worksheets)

    def __call__(self, key: int | str) -> Sheet:
        return Sheet(self.book, self.book.wb.worksheets[key - 1] if isinstance(key, int) else self.book.wb[key])

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        place = after.index if after is not None else before.index - 1 if before is not None else 0
        made = Sheet(self.book, self.book.wb.create_sheet(index=place))
        self.book.shown.create_sheet(made.name, place)
        made.name = name or made.name
        self.book.current = made.name
        return made


def _named(things: list[Any], name: str) -> Any:
    for each in things:
        if each.name == name:
            return each
    raise KeyError(name)


class Books:
    def __init__(self, app: App) -> None:
        self.app, self.all, self.api = app, list[Book](), None

    @property
    def active(self) -> Book:
        return self.all[-1]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Any:
        return iter(self.all)

    def __call__(self, key: int | str) -> Book:
        return self.all[key - 1] if isinstance(key, int) else _named(self.all, key)

    def add(self) -> Book:
        path = self.app.folder / f"Book{len(self.all)}.xlsx"
        openpyxl.Workbook().save(path)
        return self.open(str(path))

    def open(self, fullname: str, *_: Any, **__: Any) -> Book:
        self.all.append(Book(self.app, Path(fullname)))
        return self.all[-1]


class App:
    """The program: settings that a macro changes, and what it says."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.books = Books(self)
        self.calculation, self.screen_updating, self.enable_events = "automatic", True, True
        self.bar: list[Any] = []
        self.said: list[tuple[str, str]] = []
        self.writes: list[tuple[str, str]] = []
        self.reads = 0
        self.fail_at: int | None = None
        self.chosen: Range | None = None
        self.calculations = 0
        self.api, self.pid = None, 1

    selection = property(lambda self: self.chosen)

    @property
    def status_bar(self) -> Any:
        return self.bar[-1] if self.bar else False

    @status_bar.setter
    def status_bar(self, value: Any) -> None:
        self.bar.append(value)

    def activate(self, steal_focus: bool = False) -> None:
        pass

    def calculate(self) -> None:
        self.calculations += 1

    def alert(self, prompt: str, title: str, buttons: Any, mode: str, callback: Any) -> str:
        self.said.append((mode, prompt))
        return "ok"


class Apps:
    def __init__(self, app: App) -> None:
        self.app = app

    def keys(self) -> list[int]:
        return [1]

    def __iter__(self) -> Any:
        return iter([self.app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return self.app


class Engine:
    """What xlwings asks of a program."""

    name, type = "excel", "desktop"

    def __init__(self, folder: Path) -> None:
        self.app = App(self, folder)
        self.apps = Apps(self.app)

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        def clean(cell: Any) -> Any:
            if isinstance(cell, str) and cell in _ERRORS:
                return cell if err_to_str else None
            if cell is None or cell == "":
                return empty_as
            return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

        return [[clean(cell) for cell in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(x: Any, options: Any) -> Any:
        return x


def start(folder: Path) -> App:
    """Make it the Excel that xlwings talks to."""
    engine = Engine(folder)
    xlwings.engines.engines.clear()
    xlwings.engines.engines_by_name.clear()
    xlwings.engines.add(xlwings.Engine(impl=engine))
    xlwings.engines.active = xlwings.engines["excel"]
    return engine.app
