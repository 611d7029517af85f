"""Plan workbooks for tests, written with openpyxl so that they do not come from our own writer."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from revops_xl.tables import catalog
from revops_xl.tables.raw import RawBook, RawTable

LEVELS = ("Global", "Region", "Director", "IC")
WORKED_HEADERS = (
    *LEVELS, "Q1_Attainment", "Q2_Attainment", "Q3_Attainment", "Q4_Attainment", "CloudSeats", "DCSeats", "Pipeline",
)  # fmt: skip
WORKED_ROWS: tuple[tuple[Any, ...], ...] = (
    ("Global", "NA", "Dir_1", "Ann", 100, 120, 80, 100, 10, 40, 150),
    ("Global", "NA", "Dir_1", "Bob", 0, 0, 50, 70, 30, 0, 40),
    ("Global", "NA", "Dir_1", "Cy", 0, 0, 0, 0, 0, 0, 20),
    ("Global", "NA", "Dir_2", "Dee", 200, 180, 220, 200, 50, 20, 300),
    ("Global", "EMEA", "Dir_3", "Eli", 90, 60, 0, 50, 20, 80, 90),
    ("Global", "EMEA", "Dir_3", "Fay", 40, 40, 40, 40, 5, 10, 200),
)
METRIC_HEADERS = [
    "Metric", "Use", "Direction", "Weight", "Columns", "Lookback", "Aggregation", "Impute zeros", "Gate test", "Gate threshold",
]  # fmt: skip

Rows = list[list[Any]]
#: Table name: [sheet, top left cell as (row, column) from 1, headers, rows].
Tables = dict[str, list[Any]]


def worked_tables() -> Tables:
    """The worked plan: target 1,000, metrics of case F, no hedges."""
    return deepcopy(
        {
            "Settings": [
                "Settings",
                (4, 1),
                ["Setting", "Value"],
                [["Plan", "Worked"], ["Target", 1000], ["Rounding unit", 0.01], ["Default hedge", 1.05]],
            ],
            "Hierarchy": ["Hierarchy", (4, 1), list(WORKED_HEADERS), [list(row) for row in WORKED_ROWS]],
            "Levels": ["Levels", (4, 1), ["Level", "Hedge"], [[level, None] for level in LEVELS]],
            "NodeHedges": ["Levels", (4, 5), ["Node", "Hedge", "Reason"], [["NA", 1.1, "new market"]]],
            "Metrics": [
                "Metrics",
                (4, 1),
                METRIC_HEADERS,
                [
                    ["Attainment", "blend", "proportional", 1, None, None, None, None, None, None],
                    ["CloudSeats", "blend", "proportional", 0.5, "CloudSeats", None, None, None, None, None],
                ],
            ],
            "Thresholds": [
                "Thresholds",
                (4, 1),
                ["Node", "Healthy", "At risk"],
                [["(default)", 2, 1], ["NA", 1.5, 0.8]],
            ],
            "Overrides": [
                "Overrides",
                (4, 1),
                ["Node", "Amount", "Basis", "Reason"],
                [["Bob", 100, "hedged", "agreed"]],
            ],
        }
    )


def result_tables() -> Tables:
    """The result tables, each with a blank row on a sheet of its own."""
    declared = [table for sheet in catalog.SHEETS for table in sheet.tables if table.result]
    return {table.name: [f"Result {table.name}", (4, 1), list(table.headers), []] for table in declared}


NAMES = ("Plan", "Currency", "Target", "Rounding_unit", "Default_hedge")


def write_plan(
    path: Path, tables: Tables, *, results: bool | Collection[str] = True, names: dict[str, str] | None = None
) -> Path:
    """Write tables as Excel Tables at their places; defined names stand for the target unless they are given."""
    book = Workbook()
    del book["Sheet"]
    for name in {**dict.fromkeys(NAMES), **(names or {})} if results else ():
        book.defined_names[name] = DefinedName(name, attr_text=(names or {}).get(name, "Settings!$B$6"))
    wanted = {name for name in result_tables() if results is True or (results and name in results)}
    tables = tables | {name: table for name, table in result_tables().items() if name in wanted}
    for name, (sheet, (top, left), headers, rows) in tables.items():
        page = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
        for i, row in enumerate([headers, *rows]):
            for j, value in enumerate(row):
                cell = page.cell(top + i, left + j)
                if isinstance(value, str) and value.startswith("#") and value.isupper():
                    cell.value, cell.data_type = value, "e"
                elif isinstance(value, str) and value.startswith("text:"):
                    cell.value, cell.data_type = value[5:], "s"
                else:
                    cell.value = value
        last = f"{get_column_letter(left + len(headers) - 1)}{top + max(len(rows), 1)}"
        page.add_table(Table(displayName=name, name=name, ref=f"{get_column_letter(left)}{top}:{last}"))
    book.save(path)
    return path


def raw_book(tables: Tables, name: str = "plan.xlsx") -> RawBook:
    """The same tables as the reader hands them over, without a file."""
    found = {}
    for table, (sheet, (top, left), headers, rows) in tables.items():
        columns = tuple([row[i] if i < len(row) else None for row in rows] for i in range(len(headers)))
        numbers = list(range(top + 1, top + 1 + len(rows)))
        found[table] = RawTable(
            table, sheet, tuple(headers), columns, numbers, left - 1, top, last_row=top + max(len(rows), 1)
        )
    return RawBook(name, found, all_tables=frozenset([*found, *result_tables()]))


def fill_template(path: Path, template: Path, tables: Tables) -> Path:
    """The shipped template with these rows typed in, as a user would with a program other than ours."""
    book = load_workbook(template)
    for name, (sheet, _, headers, rows) in tables.items():
        page = book[sheet]
        table = page.tables[name]
        first = page[table.ref][0][0]
        for row in page[table.ref]:
            for cell in row:
                cell.value = None
        for i, row in enumerate([headers, *rows]):
            for j, value in enumerate(row):
                page.cell(first.row + i, first.column + j).value = value
        last = f"{get_column_letter(first.column + len(headers) - 1)}{first.row + max(len(rows), 1)}"
        table.ref = f"{first.coordinate}:{last}"
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref
        table.tableColumns = []
        table._initialise_columns()
        for column, header in zip(table.tableColumns, headers, strict=True):
            column.name = header
    book.save(path)
    return path
