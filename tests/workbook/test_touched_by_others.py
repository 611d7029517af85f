"""Plans that other programs have touched: tables dropped or renamed, cells out of place, names redirected, currencies in formats."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from openpyxl import load_workbook

from revops_xl import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import check, check_from_outside, run
from revops_xl.usecases.upgrade import upgrade
from revops_xl.workbook.building.templates import SAMPLE, add_to_book, template_path
from tests.packages import sheet_part, tamper
from tests.plans import load, small_sample
from tests.programs import parts, validate


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return small_sample(tmp_path_factory.mktemp("whole") / "plan.xlsx").read_bytes()


@pytest.fixture
def plan(whole: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(whole)
    return path


def without_tables(path: Path, *, names: bool = True) -> None:
    """As a program saves that knows no tables, and perhaps no names."""
    book = load_workbook(path)
    for page in book:
        page.tables.clear()
    if not names:
        book.defined_names.clear()
    book.save(path)


# --- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [True, False])
def test_tables_that_were_dropped_are_read_by_their_headers_and_put_back(plan: Path, names: bool) -> None:  # noqa: FBT001
    before = load(plan)
    without_tables(plan, names=names)
    after = load(plan)
    assert after.digest == before.digest
    lost = next(remark for remark in after.remarks if remark.name == "Tables that were lost")
    assert "Hierarchy (Hierarchy!A4:" in lost.where
    faults = validate(plan)
    results = run(plan)
    assert "Tables that were lost" in results.tables["Checks"].values("Check")
    assert {"Hierarchy", "Settings", "Quotas", "Deals"} <= {
        name for page in load_workbook(plan) for name in page.tables
    }
    assert validate(plan) == faults
    assert "Tables that were lost" not in run(plan).tables["Checks"].values("Check")


def test_an_upgrade_puts_lost_tables_back_and_changes_no_cell(plan: Path) -> None:
    without_tables(plan)
    cells = {page.title: [[c.value for c in row] for row in page.iter_rows()] for page in load_workbook(plan)}
    done = upgrade(plan)
    assert {"Hierarchy", "Levels", "Settings", "Deals"} <= set(done.restored)
    for page in load_workbook(plan):
        if page.title in {"Hierarchy", "Levels", "Deals", "Settings"}:
            assert [[c.value for c in row] for row in page.iter_rows()] == cells[page.title]
    assert upgrade(plan).lines == []


def test_a_table_with_a_number_behind_its_name_is_that_table(plan: Path) -> None:
    before = load(plan).digest
    book = load_workbook(plan)
    table = book["Hierarchy"].tables.pop("Hierarchy")
    table.name = table.displayName = "Hierarchy_1"
    book["Hierarchy"].add_table(table)
    book.save(plan)
    after = load(plan)
    assert after.digest == before
    assert [remark.where for remark in after.remarks if remark.name == "Tables that were renamed"] == ["Hierarchy_1 is Hierarchy"]  # fmt: skip


def test_a_workbook_that_never_was_a_plan_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    book = load_workbook(small_sample(tmp_path / "plan.xlsx"))
    for name in book.sheetnames[1:]:
        del book[name]
    page = book.worksheets[0]
    page["A1"] = "my list"
    page.tables.clear()
    book.save(path)
    with pytest.raises(PlanError, match="the workbook has no plan"):
        load(path)


# --- cells, names, formats ---------------------------------------------------------------------------------------

OUT_OF_PLACE = {
    "a cell twice": (rb'(<c r="D6"[^>]*?(?:/>|>.*?</c>))', rb"\1\1"),
    "a cell of another row": (rb'<c r="D6"', rb'<c r="D7"'),
    "a cell of another column": (rb'<c r="D6"', rb'<c r="B6"'),
    "two values": (rb'(<c r="[A-Z]+6"[^>]*>)(<v>[^<]*</v>)', rb"\1\2<v>7</v>"),
    "an entity that nobody knows": (rb"<sheetData>", rb"<sheetData><!-- --><row r='1' a='&unknown;'/>"),
    "a tag that is not closed": (rb"</sheetData>", rb"</sheetData><b>"),
}


@pytest.mark.parametrize("name", OUT_OF_PLACE)
def test_cells_out_of_place_are_refused_in_ones_own_plan_too(plan: Path, name: str) -> None:
    part = sheet_part(plan, "Hierarchy")
    old, new = OUT_OF_PLACE[name]
    content = parts(plan)[part]
    changed, count = re.subn(old, new, content, count=1, flags=re.DOTALL)
    assert count == 1
    tamper(plan, {part: changed})
    for look in (check, check_from_outside):
        with pytest.raises(PlanError, match=r"damaged|failed"):
            look(plan)


def test_a_setting_whose_name_points_elsewhere_is_told(plan: Path) -> None:
    book = load_workbook(plan)
    book.defined_names["Target"].attr_text = "Hierarchy!$F$5"
    book.save(plan)
    told = {each["check"]: each for each in check(plan)}
    assert told["Names of settings that point elsewhere"]["where"] == "Target (=Hierarchy!$F$5)"


@pytest.mark.parametrize(("code", "refused"), [("[$¥-411]#,##0", True), ('#,##0.00 "€"', True), ("$#,##0", False), ("[$-409]#,##0", False)])  # fmt: skip
def test_a_currency_that_only_the_format_shows(plan: Path, code: str, refused: bool) -> None:  # noqa: FBT001
    book = load_workbook(plan)
    page = book["Deals"]
    column = next(cell.column for cell in page[4] if cell.value == "Amount")
    page.cell(7, column).number_format = code
    book.save(plan)
    if not refused:
        assert load(plan)
        return
    with pytest.raises(PlanError) as caught:
        load(plan)
    (problem,) = caught.value.problems
    assert problem.cell == page.cell(7, column).coordinate
    assert "the format of Amount shows" in problem.message


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_million_parts_are_refused_before_their_list_is_read(plan: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    path.write_bytes(plan.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(25_000):
            archive.writestr(f"x/{number}", b"")
    with pytest.raises(PlanError, match="parts; the limit is 20,000"):
        check(path)


def test_texts_namespaces_and_counts_by_the_same_rule_everywhere(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stated(content: bytes) -> bytes:
        return re.sub(rb'uniqueCount="\d+"', b'uniqueCount="3000000000"', content)

    def slightly_wrong(content: bytes) -> bytes:
        return re.sub(rb'uniqueCount="\d+"', b'uniqueCount="3"', content)

    whole = template_path(SAMPLE).read_bytes()
    plan.write_bytes(whole)
    tamper(plan, {"xl/sharedStrings.xml": stated})
    host = plan.with_name("host.xlsx")
    with xlsxwriter.Workbook(host) as other:
        other.add_worksheet("Mine").write(0, 0, "mine")
    tamper(host, {"xl/sharedStrings.xml": stated})
    for look in (check, run, check_from_outside):
        with pytest.raises(PlanError, match=r"not as many as stated"):
            look(plan)
    with pytest.raises(PlanError, match=r"not as many as stated"):
        add_to_book(host, host.with_name("into.xlsx"))
    plan.write_bytes(whole)
    tamper(plan, {"xl/sharedStrings.xml": slightly_wrong})
    assert check(plan) == check_from_outside(plan)
    plan.write_bytes(whole)
    names = b" ".join(b'xmlns:n%d="u%d"' % (i, i) for i in range(2000))
    tamper(plan, {sheet_part(plan, "Hierarchy"): lambda c: c.replace(b"<worksheet ", b"<worksheet " + names + b" ", 1)})
    with pytest.raises(PlanError, match="1,000 namespaces"):
        check(plan)
    plan.write_bytes(whole)
    monkeypatch.setenv("REVOPS_MAX_TEXTS", "20")
    with pytest.raises(PlanError, match="more than 20 texts; if you trust it, set REVOPS_MAX_TEXTS higher"):
        check(plan)


def test_a_hundred_thousand_names_are_no_hang(plan: Path) -> None:
    names = "".join(f'<definedName name="n{i}">Quotas!$A${i + 5}</definedName>' for i in range(100_000)).encode()
    tamper(plan, {"xl/workbook.xml": lambda c: c.replace(b"</definedNames>", names + b"</definedNames>")})
    # The child's own peak: ru_maxrss would carry over that of the process which started it.
    script = (
        "import re, sys, time; from pathlib import Path; from revops_xl.usecases.run import check; check(Path(sys.argv[1]));"
        "print(time.process_time(), *re.findall(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(plan)], capture_output=True, text=True, check=True, timeout=120
    )
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 20
    assert kilobytes < 600_000


def test_a_long_name_is_judged_by_its_own_length(plan: Path, tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 245}.xlsx"
    path.write_bytes(plan.read_bytes())
    assert CliRunner().invoke(cli, ["run", str(path)]).exit_code in {0, 1}


def test_names_that_a_plain_locale_cannot_say(plan: Path, tmp_path: Path) -> None:
    path = tmp_path / "プラン ü.xlsx"
    path.write_bytes(plan.read_bytes())
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", "from revops_xl.hosts.cli.program import main; main()", "run", str(path)]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, **plain}, timeout=120)
    assert done.returncode in {0, 1}, done.stderr
    assert b"Traceback" not in done.stderr
