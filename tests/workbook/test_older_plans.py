"""Plans made by earlier versions go on working: what they lack is added in place, nothing of the user's is touched."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from revops_xl.errors import PlanError
from revops_xl.tables.book import catalog, profiles
from revops_xl.tables.quotas import hedge_audit
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.run import check, run
from revops_xl.usecases.upgrade import upgrade
from tests.plans import deep, shown, small_sample
from tests.programs import parts, recalculate, validate

#: Saved by three earlier versions: before commits, before forecasts, and at the end of the first round.
OLDER = sorted((Path(__file__).parent.parent / "older").glob("*.xlsx"))
NAMES = [path.stem for path in OLDER]


@pytest.fixture(params=OLDER, ids=NAMES)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(request.param, tmp_path / "plan.xlsx"))


def of_the_user(path: Path) -> dict[str, Any]:
    """Every cell of the input sheets, and a sheet of the user's own."""
    book = load_workbook(path)
    inputs = {sheet.name for sheet in catalog.INPUT_SHEETS} | {"Mine"}
    return {
        f"{page.title}!{cell.coordinate}": (cell.value, cell.number_format)
        for page in book
        if page.title in inputs
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None and not (page.title == "Overrides" and cell.column > 8)
    }


def result_columns_lacking(path: Path) -> set[str]:
    """Columns of result tables that this version has and the workbook's tables do not."""
    theirs = {
        str(table.name): {str(column.name) for column in table.tableColumns}
        for page in load_workbook(path)
        for table in page.tables.values()
    }
    return {
        f"{name}[{header}]"
        for name, table in catalog.TABLES.items()
        if table.result and name in theirs
        for header in table.headers
        if header not in theirs[name]
    }


def with_own_things(path: Path) -> None:
    book = load_workbook(path)
    page = book.create_sheet("Mine", 3)
    assert isinstance(page, Worksheet)
    page["A1"], page["A2"] = "my notes", "=SUM(Quotas[Quota])"
    book.active = 3
    book.save(path)


@pytest.mark.parametrize("older", deep(*OLDER), indirect=True, ids=NAMES)
def test_a_run_adds_what_an_older_plan_lacks_and_says_so(older: Path, tmp_path: Path) -> None:
    with_own_things(older)
    order = load_workbook(older).sheetnames
    before, lacked = of_the_user(older), set(catalog.TABLES) - tables_of(older) | result_columns_lacking(older)
    faults = validate(older)  # openpyxl, with which the user's sheet was made, has some of its own
    check(older)
    results = run(older)
    assert of_the_user(older) == before
    added = next((row for row in rows_of(results.tables["Checks"]) if row["Check"] == "Tables and columns added"), None)
    assert (added is not None) == bool(lacked)
    filled = {name for name, table in results.tables.items() if len(table)}
    assert filled <= tables_of(older)
    assert validate(older) == faults
    assert not run(older).tables["Checks"].values("Check").count("Tables and columns added"), "it lacks nothing now"
    again = shown(recalculate([older], tmp_path / "again")[0])
    for name in ("Quotas", "HedgeAudit", "Checks", "Headlines", "Forecast", "PipelineHealth"):
        same_numbers(cells_of(again, name), cells_of(shown(older), name), name)
    names = load_workbook(older).sheetnames
    assert names[0] == "Summary"
    assert [name for name in names if name in order] == order, "every sheet stays where it was"


def test_a_column_that_stands_for_nothing_now_is_emptied(tmp_path: Path) -> None:
    """Attainability had a column Risk, by history alone; its old words must not stand beside the verdict of the chance."""
    path = Path(shutil.copy(next(each for each in OLDER if each.stem == "first_round"), tmp_path / "plan.xlsx"))
    book = load_workbook(path)
    head = {cell.value: cell.column for cell in book["Attainability"][4]}
    book["Attainability"].cell(5, int(head["Risk"] or 0), "low")
    book.save(path)
    run(path)
    found = cells_of(shown(path), "Attainability")
    header, *body = found
    assert {row[header.index("Risk")] for row in body} == {None}
    assert any(row[header.index("Verdict")] for row in body)


@pytest.mark.parametrize("older", deep(*OLDER), indirect=True, ids=NAMES)
def test_an_upgrade_gives_all_that_this_version_has(older: Path) -> None:
    with_own_things(older)
    before, faults, sheets = of_the_user(older), validate(older), load_workbook(older).sheetnames
    parts_there = [part for part in profiles.PROFILES if set(profiles.tables_of(part)) & tables_of(older)]
    expected = {name for part in (profiles.QUOTAS, *parts_there) for name in profiles.tables_of(part)}
    done = upgrade(older)
    assert tables_of(older) >= expected
    assert older.stem != "first_round" or expected == set(catalog.TABLES)
    assert {cell: value for cell, value in of_the_user(older).items() if cell in before} == before
    assert upgrade(older).lines == [], "twice is once"
    assert validate(older) == faults
    told = run(older).tables["Checks"].values("Check")
    assert not {"Tables and columns added", "Input tables missing"} & set(told)
    names = load_workbook(older).sheetnames
    assert names[0] == "Summary"
    assert [name for name in names if name in sheets] == sheets, "every sheet stays where it was"
    assert done.lines


def test_one_more_column_refuses_no_plan_that_was_made_before(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    run(path)
    whole, faults = parts(path), validate(path)
    notes = Column("Remark", Kind.TEXT, "What to know.", width=20)
    share = Column("Part", Kind.PERCENT, "Its part.", unit="%", width=10)
    wider = dataclasses.replace(hedge_audit.WEIGHTS, columns=(*hedge_audit.WEIGHTS.columns, notes, share))
    rows = {name: hedge_audit.WEIGHTS.column(name) for name in hedge_audit.WEIGHTS.headers}
    assert rows

    def render(suggested: Any) -> ResultTable:
        table = original(suggested)
        more: dict[str, Any] = {"Remark": ["as before"] * len(table), "Part": [0.25] * len(table)}
        return ResultTable.of_columns(wider, {**table.by_header(), **more})

    original = hedge_audit.render_weights
    with (
        mock.patch.dict(catalog.TABLES, {"Weights": wider}),
        mock.patch.object(hedge_audit, "render_weights", render),
    ):
        told = rows_of(run(path).tables["Checks"])
    page = load_workbook(path)["Hedge audit"]
    left, *_, right = page[page.tables["Weights"].ref][0]
    assert [cell.value for cell in page[page.tables["Weights"].ref][0]][-2:] == ["Remark", "Part"]
    assert (page.cell(5, right.column).value, page.cell(5, right.column).number_format) == (0.25, "0.0%")
    assert left.coordinate == next(iter(page[page.tables["Weights"].ref][0])).coordinate
    assert next(row for row in told if row["Check"] == "Tables and columns added")["Where"] == "Weights[Remark], Weights[Part]"  # fmt: skip
    assert validate(path) == faults
    changed = {name for name, content in parts(path).items() if whole.get(name) != content}
    assert not any("drawing" in name or "chart" in name for name in changed)


def test_a_column_without_room_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    faults = validate(path)
    three = [Column(f"More {i}", Kind.NUMBER, "More.") for i in range(3)]
    wider = dataclasses.replace(hedge_audit.AUDIT, columns=(*hedge_audit.AUDIT.columns, *three))
    original = hedge_audit.render_audit

    def render(audits: Any, unit: Any) -> ResultTable:
        table = original(audits, unit)
        return ResultTable.of_columns(wider, {**table.by_header(), **{each.name: [1.0] * len(table) for each in three}})

    with (
        mock.patch.dict(catalog.TABLES, {"HedgeAudit": wider}),
        mock.patch.object(hedge_audit, "render_audit", render),
    ):
        told = {row["Check"]: row for row in rows_of(run(path).tables["Checks"])}
    assert told["Columns without room"]["Status"] == "Warning"
    assert told["Columns without room"]["Where"] == "HedgeAudit[More 0], HedgeAudit[More 1], HedgeAudit[More 2]"
    assert len(cells_of(shown(path), "HedgeAudit")) > 3
    assert validate(path) == faults


def test_a_note_where_a_column_would_go_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    book = load_workbook(path)
    page = book["Hedge audit"]
    column = page[page.tables["Weights"].ref][0][-1].column + 1
    page.cell(4, column).value = "my note"
    book.save(path)
    before = path.read_bytes()
    wider = dataclasses.replace(
        hedge_audit.WEIGHTS, columns=(*hedge_audit.WEIGHTS.columns, Column("More", Kind.TEXT, "More."))
    )
    original = hedge_audit.render_weights

    def render(suggested: Any) -> ResultTable:
        table = original(suggested)
        return ResultTable.of_columns(wider, {**table.by_header(), "More": ["x"] * len(table)})

    with (
        mock.patch.dict(catalog.TABLES, {"Weights": wider}),
        mock.patch.object(hedge_audit, "render_weights", render),
        pytest.raises(PlanError) as caught,
    ):
        run(path)
    assert [(p.sheet, p.cell) for p in caught.value.problems] == [("Hedge audit", page.cell(4, column).coordinate)]
    assert path.read_bytes() == before


def tables_of(path: Path) -> set[str]:
    return {name for page in load_workbook(path) for name in page.tables}


def rows_of(table: ResultTable) -> list[dict[str, Any]]:
    return [
        dict(zip(table.table.headers, row, strict=True))
        for row in zip(*(table.values(header) for header in table.table.headers), strict=True)
    ]


def cells_of(book: Any, name: str) -> list[list[Any]]:
    """Rows of a table; none where the workbook has no such table."""
    for page in book:
        if name in page.tables:
            return [[cell.value for cell in row] for row in page[page.tables[name].ref]]
    return []


def same_numbers(ours: list[list[Any]], theirs: list[list[Any]], where: str) -> None:
    assert len(ours) == len(theirs), where
    for mine, other in zip(ours, theirs, strict=True):
        for a, b in zip(mine, other, strict=True):
            if isinstance(a, int | float) and isinstance(b, int | float):
                assert float(a) == pytest.approx(float(b), rel=1e-9, abs=0.011), (where, mine, other)
            else:
                assert (a or None) == (b or None), (where, mine, other)
