"""Plan workbooks for tests, written with openpyxl so that they do not come from our own writer."""

from __future__ import annotations

import functools
import io
from collections.abc import Collection
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from revops_xl.model.plan import KnownTable, Plan
from revops_xl.tables.book import catalog
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.usecases import run as flow
from revops_xl.workbook.building.create import template_bytes
from revops_xl.workbook.building.templates import TEMPLATE
from revops_xl.workbook.plan_file import PlanFile

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


#: Result tables of modules, and the input tables of which one has to be there for the module to run.
MODULES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("CommitHistory", "Commits"): ("CommitReview", "CommitRollUp", "BiasByPeriod", "BiasByManager"),
    ("Deals", "Cohorts"): (
        "Forecast", "Budget", "RiskAllocation", "CohortEstimates", "ScoredDeals", "ModelReport", "ModelChoice",
        "ModelColumns", "Reliability", "DollarBias", "QuarterForecast", "ScenarioYear", "RegionRisk", "TopDeals",
    ),
    ("Bookings", "PhaseShares"): ("TargetRange", "BaselineForecast", "BaselineMethods", "BaselineLine"),
    ("Territories",): (
        "TerritoryPotential", "PotentialModels", "PotentialDrivers", "Alternatives", "Optimum", "ShadowPrices",
    ),
    ("Packets",): ("Packets", "Returns", "ReturnDetails", "Requests", "RollUp"),
}  # fmt: skip


def needed(tables: Tables) -> set[str]:
    """The result tables that a run of these inputs can fill: a spreadsheet program takes long over the many others."""
    idle = {name for inputs, names in MODULES.items() if not tables.keys() & set(inputs) for name in names}
    return result_tables().keys() - idle


def write_plan(
    path: Path, tables: Tables, *, results: bool | Collection[str] | None = None, names: dict[str, str] | None = None
) -> Path:
    """Write tables as Excel Tables at their places, and blank result tables.

    Args:
        path: Where to save.
        tables: The inputs.
        results: Names of the result tables; True: all; False: none, nor any name; None: those that the inputs can fill.
        names: Defined names; the target stands for those that are not given.
    """
    results = needed(tables) if results is None else results
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


def deep(*values: Any) -> list[Any]:
    """Parameters of a test that only the deep tier tries: more of what the others show."""
    return [pytest.param(value, marks=pytest.mark.deep) for value in values]


def shown(path: Path) -> Workbook:
    """What a workbook's cells show, as openpyxl reads it: once for each state of a file. To look at, not to change."""
    state = path.stat()
    return _shown(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=6)
def _shown(path: Path, moment: int, size: int) -> Workbook:
    return load_workbook(path, data_only=True)


def small_sample(path: Path, deals: int = 90, settings: dict[str, float] | None = None) -> Path:
    """The shipped sample with a part of its deals, a third of them open: every module runs, in a second."""
    from revops_xl.workbook.building.templates import SAMPLE, template_path

    book: Any = load_workbook(template_path(SAMPLE))
    page = book["Deals"]
    table = page.tables["Deals"]
    head, *rows = ([cell.value for cell in row] for row in page[table.ref])
    status = head.index("Status")
    closed = [row for row in rows if row[status] in {"Won", "Lost"}]
    still_open = [row for row in rows if row[status] == "Open"]
    chosen = [*closed[:: len(closed) // (deals * 2 // 3)][: deals * 2 // 3], *still_open[: deals // 3]]
    cells = list(page[table.ref])
    for line, values in zip(cells[1:], [*chosen, *[[None] * len(head)] * len(rows)], strict=False):
        for cell, value in zip(line, values, strict=True):
            cell.value = value
    table.ref = table.autoFilter.ref = f"{cells[0][0].coordinate}:{cells[len(chosen)][-1].coordinate}"
    for row in book["Settings"].iter_rows(min_row=5):
        if settings and row[0].value in settings:
            row[1].value = settings[row[0].value]
    book.save(path)
    return path


@functools.cache
def weekly_sample() -> bytes:
    """The sample company without deals, bookings and territories."""
    from revops_xl.tables.book import settings
    from revops_xl.tables.sample import company as sample
    from revops_xl.workbook.building import create

    people = sample.hierarchy_rows()
    history, current = sample.commit_rows(people)
    territory = sample.HEADERS.index("Territory")
    rows = {
        "Settings": settings.template_rows(sample.SETTINGS),
        "Hierarchy": [(*row[:territory], None, *row[territory + 1 :]) for row in people],
        "Levels": sample.LEVEL_ROWS,
        "NodeHedges": sample.NODE_HEDGE_ROWS,
        "Metrics": sample.METRIC_ROWS,
        "Thresholds": sample.THRESHOLD_ROWS,
        "Overrides": sample.override_rows(people),
        "CommitHistory": history,
        "Commits": current,
    }
    few = catalog.help_rows()[:20]  # most cells of a plan are those of its help
    with mock.patch.object(catalog, "help_rows", return_value=few):
        return create.build("Weekly sample", sample.HEADERS, len(sample.LEVELS), rows)


def raw_book(tables: Tables, name: str = "plan.xlsx") -> RawBook:
    """The same tables as the reader hands them over, without a file."""
    found = {}
    for table, (sheet, (top, left), headers, rows) in tables.items():
        columns = tuple([row[i] if i < len(row) else None for row in rows] for i in range(len(headers)))
        numbers = list(range(top + 1, top + 1 + len(rows)))
        found[table] = RawTable(
            table, sheet, tuple(headers), columns, numbers, left - 1, top, last_row=top + max(len(rows), 1)
        )
        everything = {each: KnownTable("", catalog.TABLES[each].headers) for each in result_tables()}
    everything |= {each: KnownTable(raw.sheet, raw.headers) for each, raw in found.items()}
    return RawBook(name, found, known_tables=everything)


@functools.cache
def _lean(template: Path, given: frozenset[str]) -> bytes:
    """A template without Help, which holds two thirds of its cells, and without the sheets of modules that have no inputs."""
    book = load_workbook(io.BytesIO(template_bytes(parts=["all"])) if template.name == TEMPLATE else template)
    idle = {name for inputs, names in MODULES.items() if not given & set(inputs) for name in (*inputs, *names)}
    kept = {"Start", "Summary", *(page.title for page in book if given & page.tables.keys())}
    for page in list(book):
        if page.title == "Help" or (page.title not in kept and page.tables.keys() <= idle):
            del book[page.title]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def fill_template(path: Path, template: Path, tables: Tables, *, lean: bool = True) -> Path:
    """The shipped template with these rows typed in, as a user would with a program other than ours.

    Args:
        path: Where to save.
        template: The shipped template; the empty one with the sheets of every part.
        tables: The rows, by table.
        lean: Without the sheets of modules that have no inputs; else only without Help.
    """
    book = load_workbook(io.BytesIO(_lean(template, frozenset(tables) if lean else frozenset(result_tables()))))
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


def load(path: Path, *, outside: bool = False) -> Plan:
    """A plan file, read and checked."""
    return flow.parsed(flow.read(PlanFile(path, path, outside=outside)))
