"""Workbooks nobody here wrote: read exactly or refused by name; a plan is added and run, and nothing else changes."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import time
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from revops_xl import PlanError
from revops_xl.tables.schema.raw import CellError, NotCalculated
from revops_xl.usecases.run import run
from revops_xl.workbook.building.templates import add_to_book
from revops_xl.workbook.file.intake import admit, damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.reading.read import read_sheets
from tests.plans import shown
from tests.programs import parts, recalculate, validate

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
NAMES = [f"{path.parent.name}/{path.name}" for path in FILES]
#: What may change when a plan is added and run; calcChain goes.
TOUCHED = {
    "[Content_Types].xml", "workbook.xml", "workbook.xml.rels", "styles.xml", "stylesheet.xml", "calcChain.xml",
}  # fmt: skip
#: Its text part is no XML: refused as damaged, but only when it is read.
CORRUPTED = CORPUS / "malformed" / "poi__xlsx-corrupted.xlsx"
WHEN = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)

pytestmark = [
    pytest.mark.deep,
    pytest.mark.other_peoples_files(present=bool(FILES)),
    pytest.mark.skipif(not FILES, reason="the collection of workbooks is not here"),
]


def copied(path: Path, folder: Path) -> Path:
    target = folder / path.name
    target.write_bytes(path.read_bytes())
    return target


@cache
def is_readable(path: Path) -> bool:
    try:
        admit(path)
    except PlanError:
        return False
    return True


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_file_ends_in_an_answer(path: Path) -> None:
    """No traceback, no hang, little memory, whatever the file is; also as a file from outside."""
    code = (
        "import sys\n"
        "from revops_xl.hosts.cli import cli\n"
        "try: cli(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    text = open('/proc/self/status').read()\n"
        "    print('END', end.code, text.split('VmHWM:')[1].split()[0])"
    )
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert time.monotonic() - start < 10
    assert "Traceback" not in done.stderr
    _, status, peak = done.stdout.strip().splitlines()[-1].split()
    assert status == "3"  # none of them is a plan
    assert int(peak) < 300_000
    if not is_readable(path):
        assert path.name in done.stdout


@cache
def values_of_openpyxl(path: Path) -> dict[str, dict[tuple[int, int], Any]] | None:
    """Filled cells of each sheet; None where openpyxl cannot read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return None
    return {
        page.title: {
            (cell.row, cell.column - 1): cell.value
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for page in book.worksheets
    }


def agree(ours: Any, theirs: Any) -> bool:
    """Whether two readers mean the same, dates and errors included."""
    if isinstance(ours, CellError):
        return bool(ours.text == theirs)
    if isinstance(ours, dt.date | dt.time | dt.timedelta):
        return not isinstance(theirs, str)
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(theirs, int | float):
        return bool(ours == pytest.approx(theirs, rel=1e-15))
    return str(ours).replace("\r\n", "\n") == str(theirs).replace("_x000D_", "\r").replace("\r\n", "\n")


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_cell_is_read_exactly(path: Path) -> None:
    """All sheets, cell by cell, against openpyxl: same places, same types, same values; never a blank for an error."""
    if not is_readable(path) or path == CORRUPTED:
        return
    other = values_of_openpyxl(path)
    if other is None:
        return
    with damage_told(path), Package(path) as package:
        for sheet, rows, _ in read_sheets(path, package, list(package.sheets)):
            ours = {
                (number, column): value
                for number, row in enumerate(rows, start=1)
                for column, value in enumerate(row)
                if value != "" and not isinstance(value, NotCalculated)
            }
            theirs = {place: value for place, value in other[sheet].items() if value != ""}
            assert ours.keys() == theirs.keys(), sheet
            assert [place for place in ours if not agree(ours[place], theirs[place])] == [], sheet


def planned(path: Path, folder: Path) -> Path:
    """The workbook with the sample plan added and run."""
    target = copied(path, folder)
    add_to_book(target, target, sample=True)
    run(target, now=WHEN, who="tester")
    return target


def is_sealed(path: Path) -> bool:
    """Whether no sheet can be added: the structure is protected, or every change is logged."""
    content = parts(path)
    workbook = next(part for name, part in content.items() if name.endswith("workbook.xml"))
    return b"lockStructure" in workbook or any("revisions/" in name for name in content)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_plan_is_added_and_run_and_no_other_part_changes(path: Path, tmp_path: Path) -> None:
    if not is_readable(path):
        return
    try:
        target = planned(path, tmp_path)
    except PlanError as refused:
        if not is_sealed(path) and path != CORRUPTED:
            raise AssertionError(path.name) from refused
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
        return
    before, after = parts(path), parts(target)
    changed = {Path(name).name for name in before if before[name] != after.get(name)}
    assert changed <= TOUCHED
    assert not set(validate(target)) - set(validate(path))


def test_libreoffice_opens_them_and_calculates_the_same(tmp_path: Path) -> None:
    books = []
    for path in FILES:
        if is_readable(path) and path.suffix == ".xlsx":
            try:
                books.append(planned(path, tmp_path))
            except PlanError:
                continue
    assert len(books) > 40
    quotas: list[list[Any]] = []
    for book in recalculate(books, tmp_path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = shown(book)
        page = next(sheet for sheet in again.worksheets if "Quotas" in sheet.tables)
        quotas.append([[cell.value for cell in row] for row in page[page.tables["Quotas"].ref]])
        checks = next(sheet for sheet in again.worksheets if "Checks" in sheet.tables)
        statuses = [row[1].value for row in checks[checks.tables["Checks"].ref][1:]]
        assert not {"Failed", "Alarm", None} & set(statuses), book.name
    assert len(quotas) == len(books)
    assert all(each == quotas[0] for each in quotas)
