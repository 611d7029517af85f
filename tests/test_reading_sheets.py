"""What people read first: sheets by parts, Summary and its words, copies and packs for readers."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from revops_xl import run
from revops_xl.errors import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.tables.book.reading.facts import Facts
from revops_xl.tables.book.reading.scale import short
from revops_xl.tables.book.reading.story import story
from revops_xl.usecases.freeze import freeze
from revops_xl.usecases.parts import change, parts_of
from revops_xl.usecases.printing import print_pack
from revops_xl.usecases.run import compute
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.templates import SAMPLE, TEMPLATE, new_plan, template_path
from tests.plans import fill_template, shown, small_sample, worked_tables
from tests.programs import SOFFICE, recalculate, validate
from tests.test_forecast import WHEN, call, rows

FRESH = ["Summary", "Start", "Quotas", "Checks", "Settings", "Hierarchy", "Levels", "Metrics", "Overrides"]


def fill_fresh(path: Path) -> Path:
    """The shipped empty plan, which has the quota plan's sheets only, filled in by another program."""
    book = load_workbook(template_path(TEMPLATE))
    tables = worked_tables()
    for name in ("Hierarchy", "Levels"):
        sheet, _, headers, body = tables[name]
        page = book[sheet]
        first = page[page.tables[name].ref][0][0]
        for row in page[page.tables[name].ref]:
            for cell in row:
                cell.value = None
        for i, values in enumerate([headers, *body]):
            for j, value in enumerate(values):
                page.cell(first.row + i, first.column + j).value = value
        table = page.tables[name]
        table.ref = f"{first.coordinate}:{page.cell(first.row + len(body), first.column + len(headers) - 1).coordinate}"
        table.autoFilter.ref = table.ref
        table.tableColumns = []
        table._initialise_columns()
        for column, header in zip(table.tableColumns, headers, strict=True):
            column.name = header
    for row in book["Settings"].iter_rows(min_row=5):
        if row[0].value == "Target":
            row[1].value = 1000
    book.save(path)
    return path


def test_a_fresh_plan_has_nine_sheets_and_a_run_adds_what_it_uses(tmp_path: Path) -> None:
    assert load_workbook(template_path(TEMPLATE)).sheetnames == FRESH
    path = fill_fresh(tmp_path / "plan.xlsx")
    faults = len(validate(path))  # of the other program
    run(path, now=WHEN)
    book = load_workbook(path)
    visible = [page.title for page in book if page.sheet_state == "visible"]
    assert visible == ["Summary", "Start", "Quotas", "Checks", "Hedge audit", *FRESH[4:]]
    assert {page.title for page in book if page.sheet_state == "hidden"} == {"Cascade", "Run log"}
    assert len(validate(path)) <= faults
    (again,) = recalculate([path], tmp_path)
    ours, theirs = shown(path)["Summary"], shown(again)["Summary"]
    for row in ours.iter_rows(max_col=14):
        for cell in row:
            assert (cell.value or "") == (theirs[cell.coordinate].value or ""), cell.coordinate
    assert "#REF!" not in {cell.value for page in shown(again) for row in page.iter_rows() for cell in row}


def test_parts_are_added_hidden_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    new_plan(path, parts=["weekly"])
    assert {"Commits", "Thresholds", "Pipeline health", "Commit review"} <= set(load_workbook(path).sheetnames)
    done = change(path, add=["forecast"], hide=["weekly"])
    assert set(done.added) == {"Forecast", "Scored deals", "Model report", "Deals", "Cohorts"}
    states = {each.name: each.state for each in parts_of(path)}
    assert states["weekly"] == "hidden"
    assert states["forecast"] == "in view"
    assert states["planning"] == "not in the plan"
    assert rows(path, "Cohorts", "Scenarios")[0]["Scenario"] == "Baseline"
    change(path, add=["weekly"])
    assert {each.name: each.state for each in parts_of(path)}["weekly"] == "in view"
    assert not validate(path)
    with pytest.raises(PlanError, match="added and hidden"):
        change(path, add=["weekly"], hide=["weekly"])
    told = CliRunner().invoke(cli, ["parts", str(path), "--json"])
    assert '"not in the plan"' in told.output


def test_settings_of_other_parts_are_folded_away_until_the_part_comes(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    new_plan(path)

    def hidden() -> set[str]:
        page = load_workbook(path)["Settings"]
        return {
            str(row[0].value) for row in page.iter_rows(min_row=5) if page.row_dimensions[int(row[0].row or 0)].hidden
        }

    before = hidden()
    assert "OpEx limit" in before
    assert "Target" not in before
    change(path, add=["forecast"])
    assert before - hidden() >= {"OpEx limit", "Forecast quarters"}


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        (50e6, "The 50.0 m target is within reach"),
        (130e6, "The 130.0 m target is out of reach: 0% likely"),
    ],
)
def test_good_news_and_bad(tmp_path: Path, target: float, begins: str) -> None:
    path = small_sample(tmp_path / "plan.xlsx", settings={"Target": target})
    told = run(path, now=WHEN)
    said = rows(path, "Summary", "PlanStatus")[0]["In a sentence"]
    assert said.startswith(begins)
    year = float(told.summary["forecast"]["year"]["Baseline"])
    assert f"{short(year)}" in said
    done = call("run", path)
    assert " ".join(done.output.splitlines()[1:4]).startswith(said[:80])


def test_without_history_nothing_is_claimed(tmp_path: Path) -> None:
    tables = worked_tables()
    head, body = tables["Hierarchy"][2], tables["Hierarchy"][3]
    for row in body:
        for i, name in enumerate(head):
            if "Attainment" in str(name) or "Seats" in str(name):
                row[i] = None
    path = fill_template(tmp_path / "plan.xlsx", template_path(TEMPLATE), tables)
    run(path, now=WHEN)
    said = rows(path, "Summary", "PlanStatus")[0]["In a sentence"]
    assert said.startswith("1,000 is handed out to 6 reps in equal parts: there is no history to tell them apart.")
    assert "chance" not in said


def test_a_failed_check_comes_before_everything(tmp_path: Path) -> None:
    outcome = compute(small_sample(tmp_path / "plan.xlsx"))
    told = story(Facts(outcome, ("Teams add up", "Phases add up"), 2))
    assert told.headline == 'Do not use these quotas: "Teams add up" and 1 more failed. See Checks.'


def test_after_a_change_the_sentence_says_run_again(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    run(path, now=WHEN)
    book = load_workbook(path)
    deals = book["Deals"]
    column = next(cell.column for cell in deals[4] if cell.value == "Amount")
    deals.cell(5, column).value = 123_456
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    (again,) = recalculate([changed], tmp_path)
    page = shown(again)["Summary"]
    assert page["M1"].value == "▲ Run again"
    assert str(page["B4"].value).startswith("Run again: deals changed since the run of ")
    captions = [str(cell.value) for cell in shown(again)["Forecast"][3] if cell.value]
    assert all("run again, deals changed" in text for text in captions)
    assert "run again" not in str(shown(again)["Quotas"]["A3"].value)


def test_checks_come_worst_first(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    run(path, now=WHEN)
    rank = {"Failed": 0, "Alarm": 1, "Warning": 2, "Note": 3, "OK": 4}
    found = [rank[row["Status"]] for row in rows(path, "Checks", "Checks")]
    assert found == sorted(found)
    assert not [row for row in rows(path, "Checks", "Checks") if row["Status"] == "OK" and row["What to do"]]


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *(pair for pair in (styles.FINE, styles.WATCH, styles.ACT, styles.NONE)),
        *((pair[0], styles.PANEL) for pair in (styles.FINE, styles.WATCH, styles.ACT, styles.NONE)),
        (styles.INK, "#FFFFFF"),
        (styles.MUTED, styles.PANEL),
        (styles.BLUE, styles.INPUT_FILL),
        ("#FFFFFF", styles.HEADER_FILL),
        ("#FFFFFF", styles.INPUT_HEADER_FILL),
        ("#FFFFFF", styles.DATA),
        (styles.LINK["font_color"], "#FFFFFF"),
    ],
)
def test_every_text_can_be_read_on_its_ground(ink: str, ground: str) -> None:
    light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("audience", "has", "has_not"),
    [
        ("cfo", {"Summary", "Quotas", "Forecast", "Settings"}, {"Hierarchy", "Deals", "Scored deals", "Attainability"}),
        ("board", {"Summary", "Forecast"}, {"Quotas", "Deals", "Plan health", "Hierarchy"}),
        ("everyone", {"Summary", "Quotas"}, {"Deals", "Hierarchy", "Plan health", "Commit review"}),
    ],
)
def test_a_copy_for_readers(tmp_path: Path, audience: str, has: set[str], has_not: set[str]) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    run(path, now=WHEN)
    out = tmp_path / f"{audience}.xlsx"
    changes = freeze(path, out, audience=audience)
    book = load_workbook(out)
    assert has <= set(book.sheetnames)
    assert not has_not & set(book.sheetnames)
    assert book.active is book["Summary"]
    texts = [str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.data_type == "s"]
    assert not [text for text in texts if re.search(r"\w@\w", text)]
    told = {each.what for each in changes if each.what.startswith("about people: ")}
    assert "about people: e-mail" not in told
    assert ("about people: names of people" in told) is bool({"Quotas", "Forecast"} & set(book.sheetnames))
    assert len(validate(out)) <= len(validate(path))
    (again,) = recalculate([out], tmp_path)
    errors = {
        cell.value
        for page in shown(again)
        for row in page.iter_rows()
        for cell in row
        if str(cell.value).startswith("#")
    }
    assert not {error for error in errors if not str(error).startswith("#'")}


def test_a_copy_for_a_cfo_still_follows_the_target(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    run(path, now=WHEN)
    out = tmp_path / "cfo.xlsx"
    freeze(path, out, audience="cfo")
    book = load_workbook(out)
    row = next(row for row in book["Settings"].iter_rows(min_row=5) if row[0].value == "Target")
    row[1].value = 2 * float(str(row[1].value))
    doubled = tmp_path / "doubled.xlsx"
    book.save(doubled)
    (again,) = recalculate([doubled], tmp_path)
    before, after = rows(path, "Quotas", "Quotas")[0]["Quota"], rows(again, "Quotas", "Quotas")[0]["Quota"]
    assert after == pytest.approx(2 * before)


@pytest.mark.parametrize("audience", ["cfo", "board", "manager"])
def test_a_printed_pack_is_a_few_pages(tmp_path: Path, audience: str) -> None:
    if SOFFICE is None or shutil.which("pdfinfo") is None:
        pytest.skip("LibreOffice or pdfinfo is not installed")
    path = small_sample(tmp_path / "plan.xlsx")
    run(path, now=WHEN)
    done = print_pack(path, audience=audience)
    told = subprocess.run(["pdfinfo", str(done.path)], capture_output=True, text=True, check=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", told)[1])  # type: ignore[index]
    assert len(done.sheets) <= pages <= 8
    assert path.with_suffix(".pdf") == done.path


def test_a_plan_that_was_not_run_is_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    new_plan(path)
    with pytest.raises(PlanError, match="was not run yet"):
        print_pack(path)


def test_charts_say_their_figures_to_who_does_not_see_them(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    shutil.copy(template_path(SAMPLE), path)
    results = run(path, now=WHEN)
    with zipfile.ZipFile(path) as file:
        drawings = [file.read(name).decode() for name in file.namelist() if name.startswith("xl/drawings/drawing")]
    told = {match[2]: match[1] for text in drawings for match in re.finditer(r'descr="([^"]*Figures: table (\w+)[^"]*)"', text)}  # fmt: skip
    assert sum(text.count("<xdr:graphicFrame") for text in drawings) == len(told)
    for quarter, value in zip(*(results.tables["ForecastPath"].values(name) for name in ("Step", "Expected so far")), strict=True):  # fmt: skip
        assert f"{quarter}: " in told["ForecastPath"]
        assert f"Expected so far {value:.3g}" in told["ForecastPath"]
    assert validate(path) == []


def test_a_check_leads_to_the_cell_or_the_node_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    run(path, now=WHEN)
    checks, quotas = load_workbook(path)["Checks"], load_workbook(path, data_only=True)["Quotas"]
    (again,) = recalculate([path], tmp_path)
    names = {cell.value for cell in quotas["B"]}
    links = {}
    for row in checks[checks.tables["Checks"].ref][1:]:
        formula, text = str(row[4].value), shown(again)["Checks"][row[4].coordinate].value
        assert not re.match(r"[A-Z]\w+!", str(text)) or formula.startswith("=HYPERLINK(")
        first = str(text).split(",")[0].split(" and ")[0]
        if first in names:
            assert "MATCH(" in formula, first  # follows a sort
            links[first] = formula
    assert links
