"""Cells are read as what they are, or refused with their address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from revops_xl import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.tables.schema.raw import CellError, NotCalculated
from revops_xl.usecases.run import run
from revops_xl.workbook.reading.read import read_book
from tests.packages import sheet_part, tamper
from tests.plans import Tables, load, write_plan

ERRORS = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]


def sheet(path: Path, change: Callable[[Any], None], name: str = "Hierarchy") -> Path:
    """Change a sheet with another program."""
    book = load_workbook(path)
    change(book[name])
    book.save(path)
    return path


def refused(path: Path) -> str:
    done = CliRunner().invoke(cli, ["check", str(path)])
    assert done.exit_code == 3, done.output
    return done.output


@pytest.mark.parametrize("error", [*ERRORS, "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!"])
@pytest.mark.parametrize("address", ["E5", "G6", "I10", "A7"])
def test_every_kind_of_error_is_refused_with_its_cell(error: str, address: str, plan_path: Path) -> None:
    def change(page: Any) -> None:
        page[address].value, page[address].data_type = error, "e"

    assert f"Hierarchy!{address}: the cell shows the error {error}" in refused(sheet(plan_path, change))


def test_seven_errors_at_once_are_seven_problems(plan_path: Path) -> None:
    def change(page: Any) -> None:
        for i, error in enumerate(ERRORS):
            cell = page.cell(5 + i % 6, 5 + i % 4)
            cell.value, cell.data_type = error, "e"

    text = refused(sheet(plan_path, change))
    assert all(error in text for error in ERRORS)
    assert "7 problems" in text


@pytest.mark.parametrize("formula", ["=1+1", "=A1", "=SUM(E5:E6)", '=IF(A1="","",1)'])
def test_a_formula_that_nobody_calculated_is_refused(formula: str, plan_path: Path) -> None:
    text = refused(sheet(plan_path, lambda page: page.__setitem__("F6", formula)))
    assert f"Hierarchy!F6: the formula {formula} is not calculated" in text


def test_a_formula_with_its_value_is_read(plan_path: Path) -> None:
    before = load(plan_path).digest
    part = sheet_part(plan_path, "Hierarchy")
    tamper(plan_path, {part: lambda content: content.replace(b"<v>120</v>", b"<f>60+60</f><v>120</v>")})
    assert load(plan_path).digest == before


IDS = [
    "007", "00123", "1E5", "1e5", "TRUE", "FALSE", "NA", "N/A", "null", "None", "nan", "inf", "3-Mar", "2026-03-01", "1/2",
    "12345678901234567", "0.1", "1,5", "+1", "-1", "'quoted", "#N/A text", " lead".strip(), "Ünïcode 🎉",
    "=1+1", "@home", "a&b<c>", "50%", "$5",
]  # fmt: skip


def test_ids_survive_unchanged(tmp_path: Path, tables: Tables) -> None:
    """From cell to result cell, through two runs: the same text, and text."""
    for row, name in zip(tables["Hierarchy"][3] * 5, IDS, strict=False):
        tables["Hierarchy"][3].append(["Global", "North", "Dir", f"text:{name}", *row[4:]])
    tables["Hierarchy"][3] = tables["Hierarchy"][3][6:]
    tables["Overrides"][3] = tables["NodeHedges"][3] = tables["Thresholds"][3] = []
    path = write_plan(tmp_path / "plan.xlsx", tables)
    for _ in range(2):
        run(path)
    page = load_workbook(path)["Result Quotas"]
    rows = page[page.tables["Quotas"].ref][1:]
    cells = {row[1].value: row[1].data_type for row in rows if row[4].value is True}
    assert set(cells) == set(IDS)
    assert set(cells.values()) == {"s"}


# --- days --------------------------------------------------------------------------------------------------------


def with_days(path: Path, tables: Tables, days: list[Any], number_format: str = "yyyy-mm-dd") -> Path:
    tables["Hierarchy"][2].append("Start date")
    for row, day in zip(tables["Hierarchy"][3], [*days, None, None, None, None, None, None], strict=False):
        row.append(day)

    def change(page: Any) -> None:
        for i, day in enumerate(days):
            if isinstance(day, int | float):
                page.cell(5 + i, 12).number_format = number_format

    return sheet(write_plan(path, tables), change)


def days_of(path: Path) -> list[Any]:
    return [day for day in read_book(path, {"Hierarchy"}).tables["Hierarchy"].column("Start date") if day != ""]


def test_the_same_day_from_both_systems(tmp_path: Path, tables: Tables) -> None:
    path = with_days(tmp_path / "plan.xlsx", tables, [61, 45000, 46347.75])
    expected = [dt.date(1900, 3, 1), dt.date(2023, 3, 15), dt.datetime(2026, 11, 21, 18)]  # noqa: DTZ001
    assert days_of(path) == expected
    tamper(path, {"xl/workbook.xml": lambda content: content.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')})
    shift = dt.timedelta(days=1462)
    assert days_of(path) == [day + shift for day in expected]
    load(path)


@pytest.mark.parametrize("serial", [0, 1, 59, 60, -1, 0.5])
def test_days_that_programs_disagree_about_are_refused(serial: float, tmp_path: Path, tables: Tables) -> None:
    """Serial 60 is a 29 February 1900 that never was; below 1 there is no day at all."""
    assert "Hierarchy!L5" in refused(with_days(tmp_path / "plan.xlsx", tables, [serial]))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", dt.date(2026, 3, 1)),
        ("2026-03-01T10:00:00", dt.datetime(2026, 3, 1, 10)),  # noqa: DTZ001
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    ],
)
def test_days_written_as_text_in_the_file(text: str, day: dt.date | None, tmp_path: Path, tables: Tables) -> None:
    """Cells of type d, as some exports write them."""
    path = with_days(tmp_path / "plan.xlsx", tables, [45000])
    part = sheet_part(path, "Hierarchy")
    tamper(
        path,
        {
            part: lambda content: content.replace(b't="n"><v>45000</v>', f't="d"><v>{text}</v>'.encode()).replace(
                b"><v>45000</v>", f' t="d"><v>{text}</v>'.encode()
            )
        },
    )
    if day is None:
        assert "Hierarchy!L5" in refused(path)
    else:
        assert days_of(path) == [day]
        load(path)


@pytest.mark.parametrize("number_format", ["yyyy-mm-dd", "[h]:mm", "hh:mm", "d. mmm"])
def test_a_number_that_is_shown_as_a_day_or_time_is_refused(number_format: str, plan_path: Path) -> None:
    def change(page: Any) -> None:
        page["F6"].number_format = number_format

    assert "Hierarchy!F6" in refused(sheet(plan_path, change))


# --- headers -----------------------------------------------------------------------------------------------------


def rename(page: Any, address: str, header: str, column: int) -> None:
    page[address] = header
    table: Any = page.tables["Hierarchy"]
    if not table.tableColumns:
        table._initialise_columns()
        for cell, each in zip(page[table.ref][0], table.tableColumns, strict=True):
            each.name = cell.value
    table.tableColumns[column].name = header


HEADERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "several lines": (lambda page: rename(page, "E4", "Q1\nAttainment", 4), "Hierarchy!E4: the header 'Q1\\nAttainment' of table Hierarchy has several lines"),
    "blank": (lambda page: rename(page, "K4", " ", 10), "Hierarchy!K4: table Hierarchy has a blank header"),
    "twice": (lambda page: rename(page, "F4", "Q1_Attainment", 5), 'Hierarchy!F4: table Hierarchy has the column "Q1_Attainment" twice, first in E4'),
    "merged": (lambda page: page.merge_cells("E4:F4"), "Hierarchy!E4:F4: merged cells E4:F4 reach into table Hierarchy"),
    "merged rows": (lambda page: page.merge_cells("A5:A7"), "Hierarchy!A5:A7: merged cells A5:A7 reach into table Hierarchy"),
    "merged from above": (lambda page: page.merge_cells("B2:C4"), "Hierarchy!B2:C4: merged cells"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_do_not_name_one_column_each(name: str, plan_path: Path) -> None:
    change, message = HEADERS[name]
    assert message in refused(sheet(plan_path, change))


def test_cells_merged_elsewhere_do_not_matter(plan_path: Path) -> None:
    load(sheet(plan_path, lambda page: page.merge_cells("A1:D2")))


def test_a_table_without_a_header_row_is_refused(plan_path: Path) -> None:
    def change(page: Any) -> None:
        page.tables["Hierarchy"].headerRowCount = 0

    assert "table Hierarchy has no header row" in refused(sheet(plan_path, change))


# --- rows --------------------------------------------------------------------------------------------------------


def test_the_totals_row_of_an_input_table_is_no_input(plan_path: Path) -> None:
    before = load(plan_path)

    def change(page: Any) -> None:
        table = page.tables["Hierarchy"]
        table.ref = table.ref.replace("K10", "K11")
        table.totalsRowCount = 1
        page["A11"], page["E11"] = "Total", 430

    plan = load(sheet(plan_path, change))
    assert plan.digest == before.digest
    assert len(plan.inputs.tree) == len(before.inputs.tree)


def test_rows_in_any_order_of_cells_and_with_gaps(plan_path: Path) -> None:
    """Blank rows inside a table are skipped; the addresses stay those of the sheet."""
    before = load(plan_path).digest

    def change(page: Any) -> None:
        page.insert_rows(7, 3)
        page.tables["Hierarchy"].ref = page.tables["Hierarchy"].ref.replace("K10", "K13")

    assert load(sheet(plan_path, change)).digest == before

    def spoil(page: Any) -> None:
        page["E12"] = "many"

    assert "Hierarchy!E12" in refused(sheet(plan_path, spoil))


def test_an_error_in_the_last_column_of_an_otherwise_blank_row_is_found(plan_path: Path) -> None:
    """The reader trims what it takes for blank; the error must not be trimmed with it."""

    def change(page: Any) -> None:
        for cell in page[10]:
            cell.value = None
        page["K10"].value, page["K10"].data_type = "#REF!", "e"

    raw = read_book(sheet(plan_path, change), {"Hierarchy"}).tables["Hierarchy"]
    assert (raw.rows[-1], raw.column("Pipeline")[-1]) == (10, CellError("#REF!"))


def test_an_error_in_a_column_that_nothing_reads_is_listed(plan_path: Path) -> None:
    def change(page: Any) -> None:
        page["K6"].value, page["K6"].data_type = "#REF!", "e"

    done = CliRunner().invoke(cli, ["check", str(sheet(plan_path, change))])
    assert done.exit_code == 0
    assert 'Hierarchy!K6). the column "Pipeline", which is not read, shows the error #REF!' in done.output


def test_what_the_reader_hands_on(plan_path: Path) -> None:
    """Types stay: number, text, TRUE/FALSE, day, error, uncalculated formula."""

    def change(page: Any) -> None:
        page["E5"], page["E6"], page["E7"] = True, "12", dt.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001
        page["E8"].value, page["E8"].data_type = "#N/A", "e"
        page["E9"] = "=1"

    column = read_book(sheet(plan_path, change), {"Hierarchy"}).tables["Hierarchy"].column("Q1_Attainment")
    assert list(column) == [True, "12", dt.datetime(2026, 1, 2, 3, 4, 5), CellError("#N/A"), NotCalculated("1"), 40]  # noqa: DTZ001
    assert [type(value) for value in column][:2] == [bool, str]


def test_a_refusal_of_the_reader_reaches_python_as_problems(plan_path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        load(sheet(plan_path, HEADERS["merged"][0]))
    assert [(problem.sheet, problem.cell) for problem in caught.value.problems] == [("Hierarchy", "E4:F4")]
