"""After any change of an input each number that a reader sees is either that of a fresh run, or says that it is not."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from revops_xl import run
from revops_xl.errors import PlanError
from revops_xl.tables.book.catalog import INPUT_SHEETS, PART_OF
from revops_xl.tables.book.reading import page
from revops_xl.usecases.outputs import Results
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import deep, fill_template
from tests.programs import Session, office
from tests.test_commits_and_pipeline import WHEN, tables

DEALS = ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"]
#: What a caption, or a verdict, says where its figures are of before.
STALE = (": run again, ", "○ of the run of ")
#: A day, as spreadsheets count.
SERIAL = dt.date(1899, 12, 30)


def plan(folder: Path) -> Path:
    """A small plan of every part, not run yet."""
    found = tables()
    day = dt.date(2026, 11, 2)
    found["Settings"][3] += [["Period", "FY 2027"], ["As of", dt.date(2027, 1, 1)], ["Simulation runs", 200]]
    found["NodeHedges"] = ["Levels", (4, 5), ["Node", "Hedge", "Reason"], [["NA", 1.1, "new market"]]]
    found["Overrides"][3] = [["Bob", 100, "hedged", None, "agreed"]]
    found["Deals"] = [
        "Deals", (4, 1), DEALS,
        [
            ["D1", "A1", "Ann", "Proposal", "Open", 90, 0.5, day, dt.date(2027, 2, 5)],
            ["D2", "A2", "Dee", "Proposal", "Open", 70, 0.4, day, dt.date(2027, 5, 5)],
            ["D3", "A3", "Fay", "Closed", "Won", 60, None, day, dt.date(2026, 12, 4)],
        ],
    ]  # fmt: skip
    found["Cohorts"] = ["Cohorts", (4, 1), ["Cohort", "Baseline", "Growth rate"], [["New", 200, 0.02]]]
    quarters = [f"{year}-Q{q}" for year in (2024, 2025, 2026) for q in (1, 2, 3, 4)]
    booked = [210, 190, 230, 250, 220, 205, 240, 262, 233, 214, 251, 275]
    found["Bookings"] = [
        "Bookings",
        (4, 1),
        ["Period", "Bookings"],
        list(map(list, zip(quarters, booked, strict=True))),
    ]
    return fill_template(folder / "plan.xlsx", template_path(TEMPLATE), found)


def inputs(path: Path, *, every: bool) -> Iterator[tuple[str, str, Any]]:
    """Filled cells of the inputs, as sheet, address and value; or one of each column."""
    book = load_workbook(path)
    for sheet in INPUT_SHEETS:
        for table in sheet.tables:
            where = next((each for each in book if table.name in each.tables), None)
            if where is None:
                continue
            head, *body = where[where.tables[table.name].ref]
            for column, header in enumerate(head):
                filled = [row[column] for row in body if row[column].value is not None]
                if header.value in {"Reason", "Unit", "Meaning", "Setting"} or not filled:
                    continue
                for cell in filled if every or header.value == "Value" else filled[:1]:
                    label = where.cell(cell.row, cell.column - 1).value if header.value == "Value" else ""
                    if label not in {"Plan", "Locale", "Live formulas"}:
                        yield where.title, cell.coordinate, cell.value


def another(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(days=20)
    if isinstance(value, int | float):
        return value * 0.9 if value <= 1 else value + 10
    return f"{value}x"


def typed(value: Any) -> str:
    """What is typed into a cell for it."""
    if isinstance(value, bool):
        return "=TRUE()" if value else "=FALSE()"
    if isinstance(value, dt.datetime):
        return str((value.date() - SERIAL).days)
    return f"'{value}" if isinstance(value, str) else repr(value)


def fresh(source: Path, sheet: str, address: str, value: Any, folder: Path) -> Results | None:
    """What a run of the changed plan makes; None: it is refused."""
    book = load_workbook(source)
    book[sheet][address].value = value
    changed = folder / "fresh.xlsx"
    book.save(changed)
    try:
        return run(changed, now=WHEN, who="tester")
    except PlanError:
        return None


def boundaries(area: str) -> tuple[int, int, int, int]:
    """First column and row, last column and row."""
    left, top, right, bottom = range_boundaries(area)
    assert left
    assert top
    assert right
    assert bottom
    return left, top, right, bottom


def differs(seen: Any, wanted: Any) -> bool:
    """Whether a cell shows another number."""
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or math.isnan(wanted):
        return False
    return not isinstance(seen, int | float) or abs(seen - wanted) > 1e-6 * max(1.0, abs(wanted))


def wrong_numbers(calc: Session, ran: Path, done: Results | None) -> list[str]:
    """Tables with another number than a fresh run's, whose caption does not say so, and such figures of Summary."""
    book, found = load_workbook(ran), []
    for sheet in book:
        for name, table in [(each, sheet.tables[each]) for each in sheet.tables]:
            if name not in PART_OF or sheet.sheet_state != "visible":
                continue
            left, top, right, bottom = boundaries(table.ref)
            caption = calc.ask("data", sheet.title, f"{get_column_letter(left)}{top - 1}")[0][0]
            if any(mark in str(caption) for mark in STALE):
                continue
            if done is None:
                continue
            area = f"{get_column_letter(left)}{top + 1}:{get_column_letter(right)}{bottom}"
            rows = calc.ask("data", sheet.title, area)
            result = done.tables.get(name)
            if result is None:
                continue
            heads = [cell.value for cell in sheet[table.ref][0]]
            for header in result.table.headers:
                values = list(result.values(header))
                seen = [row[heads.index(header)] for row in rows]
                if len(values) > len(seen) or any(differs(a, b) for a, b in zip(seen, values, strict=False)):
                    found.append(f"{name}[{header}]")
                    break
    if done is None and calc.ask("data", "Summary", "M1")[0][0] != "▲ Run again":
        found.append("a run refuses it, and Summary does not say that it is to be run again")
    left, top, *_ = boundaries(book["Summary"].tables["PageTexts"].ref)
    heads = list(page.TABLE.headers)
    for place in (f"tile {i}" for i in range(1, 7)):
        at = f"{get_column_letter(left)}{top + page.row_of(place)}:{get_column_letter(left + len(heads) - 1)}{top + page.row_of(place)}"
        shown = dict(zip(heads, calc.ask("data", "Summary", at)[0], strict=True))
        if any(mark in str(shown["Verdict"]) for mark in STALE):
            continue
        texts = done.tables["PageTexts"] if done is not None else None
        if texts is not None and texts.values("Shown")[page.row_of(place) - 1] != shown["Shown"]:
            found.append(f"Summary, {shown['Text']}: {shown['Shown']}")
    return found


@pytest.mark.parametrize("every", [False, *deep(True)])
def test_each_number_is_fresh_or_says_that_it_is_not(tmp_path: Path, *, every: bool) -> None:
    source = plan(tmp_path)
    ran = tmp_path / "ran.xlsx"
    run(source, ran, now=WHEN, who="tester")
    calc = office()
    calc.ask("open", str(ran))
    try:
        assert not wrong_numbers(calc, ran, fresh(source, "Settings", "A1", "Settings", tmp_path))
        wrong: dict[str, list[str]] = {}
        count = 0
        for sheet, address, value in inputs(source, every=every):
            other = another(value)
            calc.ask("set", sheet, address, typed(other))
            found = wrong_numbers(calc, ran, fresh(source, sheet, address, other, tmp_path))
            if found:
                wrong[f"{sheet}!{address} {value!r}"] = found
            calc.ask("set", sheet, address, typed(value))
            count += 1
        assert count > 40
        assert not wrong, "\n".join(f"{cell}: {texts}" for cell, texts in wrong.items())
        top = calc.ask("data", "Summary", "M1")[0][0]
        assert top == "● Up to date"
    finally:
        calc.ask("close")
