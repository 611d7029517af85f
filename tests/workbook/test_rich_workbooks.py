"""A plan inside a workbook full of other people's things: every part of theirs before and after."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from revops_xl import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import run
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.reading import remarks
from tests.packages import RELATIONS, TYPES, chain, sheet_part, tamper, with_relation, with_type
from tests.plans import deep, load, shown
from tests.programs import parts, recalculate, validate
from tests.rich_book import MAIN, rich_book

WHEN = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
#: The parts that lead to the new sheets, and the formats that they bring.
LEADS = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
OUR_CHART = "xl/charts/chart2.xml"


#: The other reader says what it would lose if it saved the workbook.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


def planned(path: Path, *arguments: str) -> Path:
    done = CliRunner().invoke(cli, ["new", "--into", str(path), *arguments])
    assert done.exit_code == 0, done.output
    return path


@pytest.mark.parametrize("suffix", [".xlsm", *deep(".xlsx")])
def test_every_part_before_and_after(suffix: str, tmp_path: Path) -> None:
    path = rich_book(tmp_path / f"rich{suffix}", macros=suffix == ".xlsm")
    before = parts(path)
    assert len(before) > 30
    findings = validate(path)
    planned(path, "--sample")
    added = parts(path)
    assert {name for name in before if before[name] != added[name]} == LEADS
    assert not set(validate(path)) - set(findings)
    run(path, now=WHEN, who="tester")
    after = parts(path)
    assert {name for name in before if before[name] != after[name]} == LEADS | {OUR_CHART}
    assert list(after)[: len(before)] == list(before)
    assert not set(validate(path)) - set(findings)
    with zipfile.ZipFile(path) as new:
        assert new.testzip() is None


def test_a_chart_that_reads_our_table_covers_the_new_rows(tmp_path: Path) -> None:
    path = planned(rich_book(tmp_path / "rich.xlsx"), "--sample")
    result = run(path, now=WHEN, who="tester")
    count = len(result.tables["Quotas"])
    chart = parts(path)[OUR_CHART].decode()
    assert f"Quotas!$J$5:$J${4 + count}" in chart
    assert f"Quotas!$A$5:$B${4 + count}" in chart
    assert f"<c:v>{result.tables['Quotas'].values('Quota')[-1]!r}</c:v>" in chart
    assert f"<c:v>{result.tables['Quotas'].values('Node')[-1]}</c:v>" in chart


def test_libreoffice_calculates_the_same(tmp_path: Path) -> None:
    path = planned(rich_book(tmp_path / "rich.xlsx"), "--sample")
    result = run(path, now=WHEN, who="tester")
    again = shown(recalculate([path], tmp_path)[0])
    page = again["Quotas"]
    assert [row[9].value for row in page[page.tables["Quotas"].ref][1:]] == pytest.approx(
        result.tables["Quotas"].values("Quota")
    )
    checks = again["Checks"]
    assert {row[1].value for row in checks[checks.tables["Checks"].ref][1:]} <= {"OK", "Note", "Warning"}
    assert again["Data"]["B4"].value == 3


def test_what_the_workbook_carries_is_listed(tmp_path: Path) -> None:
    path = planned(rich_book(tmp_path / "rich.xlsm", macros=True), "--sample")
    found = {remark.name: remark.where for remark in load(path).remarks}
    assert found["The workbook has macros (VBA)"] == "vbaProject.bin"
    assert found["The workbook has data connections"] == "Ledger"


def test_a_sheet_whose_name_is_taken_gets_another(tmp_path: Path) -> None:
    path = rich_book(tmp_path / "rich.xlsx")
    done = CliRunner().invoke(cli, ["new", "--into", str(path)])
    assert 'The sheet Settings is called "Plan Settings" there' in done.output
    book = load_workbook(path)
    assert book["Settings"]["A1"].value == "mine"
    assert "Settings" in book["Plan Settings"].tables
    whole = rich_book(tmp_path / "whole.xlsx")
    CliRunner().invoke(cli, ["new", "--into", str(whole), "--with", "all"])
    book = load_workbook(whole)
    listed = {row[1].value: row[0].value for row in book["Help"][book["Help"].tables["Help"].ref][1:]}
    assert listed["Settings"] == "Plan Settings"


def test_another_workbook_may_take_the_result(tmp_path: Path) -> None:
    path = rich_book(tmp_path / "rich.xlsx")
    before = path.read_bytes()
    done = CliRunner().invoke(cli, ["new", str(tmp_path / "new.xlsx"), "--into", str(path), "--sample"])
    assert done.exit_code == 0
    assert path.read_bytes() == before
    run(tmp_path / "new.xlsx")
    again = CliRunner().invoke(cli, ["new", str(tmp_path / "new.xlsx"), "--into", str(path)])
    assert again.exit_code == 3
    assert "there is a file of this name already" in again.output
    kind = CliRunner().invoke(cli, ["new", str(tmp_path / "new.xlsm"), "--into", str(path)])
    assert "Name it new.xlsx" in kind.output
    assert CliRunner().invoke(cli, ["new"]).exit_code == 2


def test_the_formats_of_both_stay_what_they_were(tmp_path: Path) -> None:
    """Fonts, fills, borders and number formats of their cells and of ours, cell by cell."""
    path = rich_book(tmp_path / "rich.xlsx")
    theirs, ours = load_workbook(path), load_workbook(template_path(TEMPLATE))
    both = load_workbook(planned(path))
    for name, before, after in (
        *((name, theirs[name], both[name]) for name in theirs.sheetnames),
        *(
            (page.title, page, both["Plan Settings" if page.title == "Settings" else page.title])
            for page in ours.worksheets
        ),
    ):
        for row in before.iter_rows():
            for cell in row:
                twin = after[cell.coordinate]
                assert str(twin.value) == str(cell.value) or name in {"Help", "Data"}
                for look in ("font", "fill", "border", "number_format", "alignment", "protection"):
                    assert repr(getattr(twin, look)) == repr(getattr(cell, look)), (name, cell.coordinate, look)
        assert after.freeze_panes == before.freeze_panes
        assert str(after.print_title_rows) == str(before.print_title_rows)


def test_days_from_1904(tmp_path: Path) -> None:
    """A workbook that counts days from 1904 gets a plan that does so too."""
    path = rich_book(tmp_path / "rich.xlsx")
    tamper(path, {"xl/workbook.xml": lambda content: content.replace(b"<workbookPr ", b'<workbookPr date1904="1" ')})
    run(planned(path, "--sample"), now=WHEN, who="tester")
    book = load_workbook(path)
    log = book["Run log"]
    assert log[log.tables["RunLog"].ref][1][0].value == dt.datetime(2026, 11, 21)  # noqa: DTZ001
    people = book["Hierarchy"]
    dates = {
        cell.value for row in people[people.tables["Hierarchy"].ref][1:] for cell in row if cell.is_date and cell.value
    }
    assert dates
    assert all(2014 <= date.year <= 2027 for date in dates)


CONFLICTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a plan is there": (planned, "the workbook has a plan already"),
    "a name is taken": (
        lambda path: tamper(path, {"xl/workbook.xml": lambda content: content.replace(b'name="Sales"', b'name="TARGET"')}),
        "the workbook uses the name Target",
    ),
    "protected structure": (
        lambda path: tamper(path, {"xl/workbook.xml": lambda content: content.replace(b"<bookViews>", b'<workbookProtection lockStructure="1"/><bookViews>')}),
        "the structure of the workbook is protected",
    ),
    "signed": (
        lambda path: tamper(path, {"_xmlsignatures/sig1.xml": b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'}),
        "the workbook has a digital signature",
    ),
    "shared": (
        lambda path: tamper(path, {"xl/revisions/revisionHeaders.xml": f'<headers xmlns="{MAIN}" guid="x"/>'.encode()}),
        "the workbook has the change log of a shared workbook",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_plan_is_not_added_where_it_would_break_something(name: str, tmp_path: Path) -> None:
    change, reason = CONFLICTS[name]
    path = rich_book(tmp_path / "rich.xlsx")
    change(path)
    before = path.read_bytes()
    done = CliRunner().invoke(cli, ["new", "--into", str(path)])
    assert done.exit_code == 3
    assert reason in done.output
    assert path.read_bytes() == before


def test_a_signed_plan_is_read_but_not_written(sample_plan: Path) -> None:
    tamper(sample_plan, {"_xmlsignatures/sig1.xml": b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'})
    before = sample_plan.read_bytes()
    load(sample_plan)
    with pytest.raises(PlanError, match="has a digital signature, which would not hold after a change"):
        run(sample_plan)
    assert sample_plan.read_bytes() == before


# --- what depends on our tables and cannot follow ----------------------------------------------------------------


def test_what_reads_results_by_address_is_listed(sample_plan: Path) -> None:
    run(sample_plan, now=WHEN)
    book = load_workbook(sample_plan)
    mine = book.create_sheet("Mine")
    mine["A1"], mine["A2"], mine["A3"] = "=SUM(Quotas!J5:J20)", "=SUM(Quotas[Quota])", "=Quotas!$Z$1"
    mine["A4"], mine["A5"] = "='Hedge audit'!F6", '="Quotas!J5"'
    book["Quotas"]["P5"], book["Quotas"]["P6"] = "=SUM(J5:J20)", "=P5*2"
    book["Start"]["Z50"] = "=SUM(Quotas!J5:J20)"
    rule = DataValidation(type="list", formula1="Quotas!$B$5:$B$146")
    mine.add_data_validation(rule)
    rule.add("C1")
    for name, text in (
        ("Part", "Quotas!$J$8:$J$12"),
        ("Whole", "Quotas!$J$5:$J$146"),
        ("Sum", "SUM(Quotas!$J$5:$J$146)"),
    ):
        book.defined_names[name] = DefinedName(name, attr_text=text)
    chart = BarChart()
    chart.add_data(Reference(book["Quotas"], min_col=10, min_row=8, max_row=12))
    mine.add_chart(chart, "E5")
    book.save(sample_plan)
    tamper(
        sample_plan,
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{RELATIONS}"><cacheSource type="worksheet"><worksheetSource name="Quotas"/></cacheSource></pivotCacheDefinition>'.encode(),
            "xl/comments/comment7.xml": f'<comments xmlns="{MAIN}"><authors><author/></authors><commentList><comment ref="J7" authorId="0"><text><t>why?</t></text></comment></commentList></comments>'.encode(),
            sheet_part(sample_plan, "Quotas").replace("sheets/", "sheets/_rels/") + ".rels": with_relation("comments", "/xl/comments/comment7.xml"),
            TYPES: chain(with_type("xl/comments/comment7.xml", "x/y")),
        },
    )  # fmt: skip
    found = {remark.name: remark for remark in load(sample_plan).remarks}
    with Package(sample_plan) as package:
        results = [table for table in package.tables.values() if table.name in {"Quotas", "HedgeAudit"}]
        listed = [
            *remarks._formulas(package, results),
            *remarks._names(package, results),
            *remarks._charts(package, results),
        ]
    assert listed == [
        "Start!Z50",
        "Quotas!P5",
        "Mine!A1",
        "Mine!A4",
        "Mine, a format or validation: Quotas!$B$5:$B$146",
        "the name Part",
        "the name Sum",
        "a chart (chart17.xml)",
    ]
    assert found["Results read by address"].count == len(listed)
    assert found["Pivot tables that read results"].where == "Quotas (pivotCacheDefinition1.xml)"
    assert found["Comments and links on result rows"].where == "Quotas!J7"


def test_hidden_rows_and_sheets_are_read_and_counted(sample_plan: Path) -> None:
    whole = load(sample_plan)
    book = load_workbook(sample_plan)
    people = book["Hierarchy"]
    people.row_dimensions[7].hidden = people.row_dimensions[9].hidden = True
    people.sheet_state = "veryHidden"
    book.save(sample_plan)
    plan = load(sample_plan)
    assert len(plan.inputs.tree) == len(whole.inputs.tree)
    assert plan.digest == whole.digest
    found = {remark.name: (remark.count, remark.where) for remark in plan.remarks}
    assert found["Hidden rows of Hierarchy"] == (2, "Hierarchy, rows 7, 9")
    assert found["Hidden sheets with inputs"] == (1, "Hierarchy")
    result = run(sample_plan)
    assert "Hidden rows of Hierarchy" in list(result.tables["Checks"].values("Check"))
