"""What other programs say of our workbooks: Microsoft's validator, and LibreOffice after calculating everything anew."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from revops_xl.usecases.run import run
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import Tables, fill_template, shown, worked_tables
from tests.programs import recalculate, validate

WHEN = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def worked_in_template(path: Path, **settings: Any) -> Path:
    tables: Tables = worked_tables()
    tables["Settings"][3] += [[name.replace("_", " "), value] for name, value in settings.items()]
    return fill_template(path, template_path(TEMPLATE), tables)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, run_sample: Path) -> dict[str, Path]:
    """Plans of several kinds, each run, and the plain template."""
    folder = tmp_path_factory.mktemp("books")
    made = {"sample": run_sample, "template": folder / "template.xlsx"}
    made["template"].write_bytes(template_path(TEMPLATE).read_bytes())
    made["worked"] = worked_in_template(folder / "worked.xlsx")
    run(made["worked"], now=WHEN, who="tester")
    awkward = worked_tables()
    for row, name in zip(awkward["Hierarchy"][3], ("007", "7", "Team *", "Mar 3", 'O\'Neil "x"', "<&>"), strict=True):
        row[3] = name
    for row in awkward["Hierarchy"][3][4:]:
        row[2] = "1001"
    awkward["Overrides"][3] = [["7", 100, "hedged", None]]
    awkward["Settings"][3][2] = ["Rounding unit", 0.05]
    made["awkward"] = fill_template(folder / "awkward.xlsx", template_path(TEMPLATE), awkward)
    run(made["awkward"], now=WHEN, who="tester")
    return made


@pytest.fixture(scope="module")
def recalculated(books: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = recalculate(list(books.values()), tmp_path_factory.mktemp("calc"))
    return dict(zip(books, found, strict=True))


NAMES = ("template", "sample", "worked", "awkward")


@pytest.mark.parametrize("name", ["template", "sample"])
def test_the_validator_finds_nothing(books: dict[str, Path], name: str) -> None:
    assert not validate(books[name])


def test_the_validator_finds_nothing_new_in_a_book_that_openpyxl_saved(tmp_path: Path) -> None:
    """openpyxl writes formats in an order the schema does not allow; a run adds nothing to that."""
    path = worked_in_template(tmp_path / "worked.xlsx")
    before = validate(path)
    run(path, now=WHEN, who="tester")
    assert validate(path) == before


@pytest.mark.parametrize("name", NAMES)
def test_libreoffice_calculates_the_same_values(
    books: dict[str, Path], recalculated: dict[str, Path], name: str
) -> None:
    formulas, ours = load_workbook(books[name]), shown(books[name])
    theirs = shown(recalculated[name])
    seen = 0
    for page in formulas:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("=") and name != "template":
                    seen += 1
                    mine, other = (book[page.title][cell.coordinate].value for book in (ours, theirs))
                    where = f"{page.title}!{cell.coordinate} {cell.value}"
                    if isinstance(mine, int | float):
                        assert other == pytest.approx(mine, abs=1e-9, rel=1e-14), where  # a file keeps 15 digits
                    else:
                        assert (other or "") == (mine or ""), where
    assert seen > 40 or name == "template"


@pytest.mark.parametrize("name", ["sample", "worked", "awkward"])
def test_sums_tie_after_recalculation(recalculated: dict[str, Path], name: str) -> None:
    page = shown(recalculated[name])["Checks"]
    rows = {str(row[0].value): row[1].value for row in page.iter_rows(min_row=5) if row[0].value}
    assert all(status not in {"Failed", "Alarm"} for status in rows.values())
    ties = [status for check, status in rows.items() if "add up" in check]
    assert len(ties) >= 4
    assert set(ties) == {"OK"}


def test_a_quota_typed_over_fails_the_checks(books: dict[str, Path], tmp_path: Path) -> None:
    """The checks are alive: LibreOffice turns them red when a number is changed by hand."""
    book = load_workbook(books["worked"])
    quotas, overrides = book["Quotas"], book["Overrides"]
    row = next(row for row in quotas.iter_rows(min_row=5) if row[1].value == "Ann")
    seen = shown(books["worked"])["Quotas"]
    for cell in (row[6], row[9]):
        cell.value = seen[cell.coordinate].value + 1
    overrides.cell(row=5, column=1).value = "Nobody"
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    (path,) = recalculate([changed], tmp_path)
    page = shown(path)["Checks"]
    status = {row[0].value: row[1].value for row in page.iter_rows(min_row=5) if row[0].value}
    assert status["ICs' base quotas add up to the target"] == "Failed"
    assert status["Teams below level Director add up to their pools"] == "Failed"
    assert status["Every row of Overrides names a node"] == "Failed"
    assert status["Teams below level Region add up to their pools"] == "OK"
    assert status["Totals of the inputs are those of the run"] == "Warning"  # another node in Overrides
    found = shown(path)["Summary"]
    assert "Checks failed: see Checks" in [cell.value for row in found.iter_rows() for cell in row]


@pytest.mark.parametrize(
    ("sheet", "address", "value"),
    [
        ("Levels", "B5", 1.2),
        ("Overrides", "B5", 90),
        ("Hierarchy", "E5", 101),
        ("Metrics", "D6", 2),
        ("Settings", "B6", 2000),
    ],
)
def test_results_that_no_longer_belong_to_the_inputs_say_so(
    books: dict[str, Path], tmp_path: Path, sheet: str, address: str, value: float
) -> None:
    book = load_workbook(books["worked"])
    book[sheet][address] = value
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    (path,) = recalculate([changed], tmp_path)
    page = shown(path)["Checks"]
    status = {row[0].value: row[1].value for row in page.iter_rows(min_row=5) if row[0].value}
    stale = status["Totals of the inputs are those of the run"], status["ICs' base quotas add up to the target"]
    assert stale == ("Warning", "OK")
