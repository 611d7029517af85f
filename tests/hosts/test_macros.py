"""The ribbon's buttons over an open workbook: xlwings' own objects over an Excel that is a workbook file in memory."""

from __future__ import annotations

import datetime as dt
import re
import types
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.filters import FilterColumn
from openpyxl.worksheet.table import TableColumn

from revops_xl import accept
from revops_xl.hosts.excel import importing, macros
from revops_xl.tables.book import profiles
from revops_xl.tables.schema.result import Formula
from revops_xl.usecases import run as flow
from revops_xl.usecases.parts import parts_of
from revops_xl.workbook.building.templates import new_plan, template_path
from revops_xl.workbook.file.address import Area
from tests.hosts import fake_excel
from tests.plans import Tables, shown, small_sample, weekly_sample, write_plan
from tests.programs import recalculate


@pytest.fixture
def excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fake_excel.App:
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path / "Documents"))
    return fake_excel.start(tmp_path)


def press(excel: fake_excel.App, button: str) -> None:
    """Press it, and keep what is said."""
    mode, _, text = macros.press(button).partition("|")
    if text:
        excel.said.append((mode, text))


def opened(excel: fake_excel.App, path: Path) -> fake_excel.Book:
    book = excel.books.open(str(path))
    sheet = book.sheets("Settings")
    sheet.activate()
    sheet.range((2, 1)).select()
    return book


def rows(book: fake_excel.Book, name: str) -> list[list[Any]]:
    """A table's cells as they were entered, headers first."""
    table = next(each for sheet in book.sheets for each in sheet.tables if each.name == name)
    return [[cell.value for cell in row] for row in table.range._each()]


def everything(book: fake_excel.Book) -> dict[str, Any]:
    """Every cell of every sheet, and every table's range."""
    cells = {f"{ws.title}!{cell.coordinate}": cell.value for ws in book.wb for row in ws.iter_rows() for cell in row if cell.value is not None}  # fmt: skip
    return cells | {f"table {name}": table.ref for ws in book.wb for name, table in dict.items(ws.tables)}


def as_before(excel: fake_excel.App) -> None:
    """Settings of the program, status bar and selection are those of the user."""
    assert (excel.calculation, excel.screen_updating, excel.enable_events) == ("automatic", True, True)
    assert excel.status_bar is False


def test_run_all_writes_what_the_command_line_writes(excel: fake_excel.App, tmp_path: Path) -> None:
    """Each result table cell by cell against the same plan run as a file."""
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    book = opened(excel, path)
    before = everything(book)
    press(excel, "rvxRunAll")
    mode, said = excel.said[-1]
    assert "quotas" in said, said
    assert mode in {"info", "critical"}
    as_before(excel)
    assert (book.current, excel.chosen.row) == ("Settings", 2)  # type: ignore[union-attr]

    other = tmp_path / "file.xlsx"
    results = flow.run(path, other)
    differing = {"RunLog"}
    for name, table in results.tables.items():
        if name in differing:
            continue
        found = rows(book, name)
        headers = [str(header) for header in found[0]]
        for column in table.table.columns:
            place = headers.index(column.name)
            cells = table.columns[table.table.headers.index(column.name)]
            listed = cells.texts() if hasattr(cells, "texts") else list(cells)
            for number, (row, wanted) in enumerate(zip(found[1:], listed, strict=False)):
                shown = row[place]
                if isinstance(wanted, Formula):
                    assert shown == f"={wanted.text}", (name, column.name, number)
                elif wanted is None or wanted == "" or wanted != wanted:  # noqa: PLR0124
                    assert shown in (None, ""), (name, column.name, number)
                elif isinstance(wanted, str):
                    assert shown == wanted, (name, column.name, number)
                elif not hasattr(wanted, "year"):
                    assert shown == pytest.approx(float(wanted), rel=1e-12), (name, column.name, number)
        assert len(found) - 1 == max(len(table), 1), name
    ours = {f"{ws.title}" for ws in book.wb for name in ws.tables if name in results.tables}
    for address, value in everything(book).items():
        if address.partition("!")[0] not in ours and not address.startswith("table "):
            assert before[address] == value, address
    written = [name for name in results.tables if name in {t.name for sheet in book.sheets for t in sheet.tables}]
    assert len(excel.writes) == len(written)  # one write a table


def test_what_was_written_recalculates_to_the_same_numbers(excel: fake_excel.App, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(weekly_sample())
    book = opened(excel, path)
    press(excel, "rvxRunAll")
    saved = tmp_path / "saved.xlsx"
    book.wb.save(saved)
    results = flow.run(path, tmp_path / "file.xlsx")
    calculated = shown(recalculate([saved], tmp_path)[0])
    sheet = next(ws for ws in calculated if "Quotas" in ws.tables)
    values = [[cell.value for cell in row] for row in sheet[sheet.tables["Quotas"].ref]]
    place = values[0].index("Hedge buffer")
    wanted = list(results.tables["Quotas"].values("Hedge buffer"))
    assert [row[place] for row in values[1:]] == pytest.approx(wanted)
    checks = next(ws for ws in calculated if "Checks" in ws.tables)
    statuses = [row[1].value for row in checks[checks.tables["Checks"].ref][1:]]
    assert statuses == list(results.tables["Checks"].values("Status"))


def test_problems_are_listed_on_checks_and_the_first_is_selected(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:  # fmt: skip
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = opened(excel, path)
    sheet = book.wb["Hierarchy"]
    table = sheet.tables["Hierarchy"]
    first = re.match(r"[A-Z]+(\d+)", table.ref)
    assert first is not None
    row = int(first[1]) + 2
    sheet[f"E{row}"].value = "abc"
    sheet[f"F{row}"].value = "#N/A"
    before = everything(book)
    for button in ("rvxCheck", "rvxRunAll"):
        press(excel, button)
        mode, said = excel.said[-1]
        assert mode == "critical"
        assert f"Hierarchy!E{row}" in said
        assert f"Hierarchy!F{row}" in said
        listed = [each[4] for each in rows(book, "Checks")[1:]]
        assert listed == [f"Hierarchy!E{row}", f"Hierarchy!F{row}"]
        assert book.current == "Hierarchy"
        assert (excel.chosen.top, excel.chosen.left) == (row, 5)  # type: ignore[union-attr]
        as_before(excel)
    after = everything(book)
    changed = {address for address in before.keys() | after.keys() if before.get(address) != after.get(address)}
    assert {address.partition("!")[0] for address in changed} <= {"Result Checks", "table Checks"}


@pytest.mark.parametrize("fail_at", [1, 5, 20])
def test_a_failure_in_the_middle_leaves_the_workbook_as_it_was(excel: fake_excel.App, fail_at: int, tmp_path: Path) -> None:  # fmt: skip
    path = tmp_path / "plan.xlsx"
    path.write_bytes(weekly_sample())
    book = opened(excel, path)
    before = everything(book)
    excel.fail_at = fail_at
    press(excel, "rvxRunAll")
    mode, said = excel.said[-1]
    assert mode == "critical"
    assert "Excel is busy" in said
    assert everything(book) == before
    as_before(excel)


def test_a_part_writes_its_tables_and_goes_to_them(excel: fake_excel.App, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(weekly_sample())
    flow.run(path)
    book = opened(excel, path)
    press(excel, "rvxCommitReview")
    assert book.current == "Commit review"
    touched = {sheet for sheet, _ in excel.writes}
    assert "Quotas" not in touched
    assert {"Commit review", "Checks", "Run log"} <= touched
    assert rows(book, "RunLog")[-1][3] == "ribbon --only commits"


def test_cells_below_a_table_are_not_written_over(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = opened(excel, path)
    table = book.wb["Result Quotas"].tables["Quotas"]
    last = int(re.findall(r"\d+", table.ref)[-1])
    book.wb["Result Quotas"][f"B{last + 2}"] = "my note"
    before = everything(book)
    press(excel, "rvxRunAll")
    assert f"Result Quotas!B{last + 2}" in excel.said[-1][1]
    after = everything(book)
    assert {a.partition("!")[0] for a in after if after[a] != before.get(a)} <= {"Result Checks", "table Checks"}


def test_own_columns_of_a_result_table_travel_with_their_rows(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:  # fmt: skip
    path = write_plan(tmp_path / "plan.xlsx", tables)
    flow.run(path)
    book = opened(excel, path)
    sheet = book.wb["Result Quotas"]
    table = sheet.tables["Quotas"]
    left, right = re.findall(r"([A-Z]+)(\d+)", table.ref)
    column = openpyxl.utils.get_column_letter(openpyxl.utils.column_index_from_string(right[0]) + 1)
    names = [row[1].value for row in sheet[table.ref]]
    ann = int(left[1]) + names.index("Ann")
    sheet[f"{column}{left[1]}"], sheet[f"{column}{ann}"] = "My note", "=best rep"
    sheet[f"{column}{ann}"].data_type = "s"
    table.ref = f"{left[0]}{left[1]}:{column}{right[1]}"
    new = TableColumn(id=len(names) + 50, name="My note")
    table.tableColumns.append(new)
    hierarchy = book.wb["Hierarchy"]
    for row in hierarchy[hierarchy.tables["Hierarchy"].ref]:
        if row[3].value == "Cy":
            row[3].value = "Aaron"  # stands before Ann, so her row moves
    press(excel, "rvxRunAll")
    found = rows(book, "Quotas")
    assert next(row for row in found if row[1] == "Ann")[-1] == "=best rep"
    assert [row[-1] for row in found].count("=best rep") == 1


def test_explain_suggest_help_about_and_a_new_plan(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = opened(excel, path)
    sheet = book.sheets("Hierarchy")
    sheet.activate()
    headers = [cell.value for cell in next(iter(sheet.tables)).header_row_range._each()[0]]
    top = next(iter(sheet.tables)).range.top
    sheet.range((top + 1, headers.index("IC") + 1)).select()
    before = everything(book)

    plan = flow.compute(path).quotas
    quota = plan.quota[plan.inputs.tree.find("Ann")[0]]
    press(excel, "rvxExplain")
    shown = excel.books.active
    assert shown is not book
    assert shown.wb.worksheets[0]["B1"].value == "Ann"
    assert shown.wb.worksheets[0]["B3"].value == pytest.approx(quota)
    excel.books.all.remove(shown)

    press(excel, "rvxSuggestWeights")
    assert excel.books.active.wb.worksheets[0]["A2"].value == "Attainment"
    excel.books.all.remove(excel.books.active)

    press(excel, "rvxHelp")
    assert excel.books.active.wb.worksheets[0]["A2"].value == "REVOPS_CASCADE"
    excel.books.all.remove(excel.books.active)

    press(excel, "rvxAbout")
    assert "revops-xl" in excel.said[-1][1]
    assert everything(book) == before

    for name in ("revenue_plan.xlsx", "revenue_plan-2.xlsx"):
        press(excel, "rvxNewPlan")
        assert excel.books.active.name == name
        assert (tmp_path / "Documents" / name).read_bytes() == template_path("revenue_plan.xlsx").read_bytes()


def test_accepting_and_withdrawing_is_that_of_the_command_line(excel: fake_excel.App, tmp_path: Path) -> None:
    path, other = tmp_path / "plan.xlsx", tmp_path / "other.xlsx"
    path.write_bytes(weekly_sample())
    book = opened(excel, path)
    press(excel, "rvxAccept")
    assert "in force" in excel.said[-1][1], excel.said[-1]
    accepted = accept(path, other)
    found = rows(book, "AcceptedAdjustments")
    place = found[0].index("Change")
    wanted = accepted.tables["AcceptedAdjustments"].values("Change")
    assert [row[place] for row in found[1:]] == pytest.approx(list(wanted))
    quotas = rows(book, "Quotas")
    assert [row[9] for row in quotas[1:]] == pytest.approx(list(accepted.tables["Quotas"].values("Quota")))
    press(excel, "rvxWithdraw")
    assert f"{len(wanted)} taken back; 0 in force" in excel.said[-1][1]
    assert [row[place] for row in rows(book, "AcceptedAdjustments")[1:]] == [None]
    assert rows(book, "RunLog")[-1][3] == "ribbon accept --withdraw"
    as_before(excel)


def test_explaining_a_blank_or_unknown_cell_says_so(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    book = opened(excel, write_plan(tmp_path / "plan.xlsx", tables))
    book.sheets("Settings").range((90, 1)).select()
    press(excel, "rvxExplain")
    assert "blank" in excel.said[-1][1]
    book.wb["Settings"]["A90"] = "Nobody"
    press(excel, "rvxExplain")
    assert "Nobody" in excel.said[-1][1]
    assert len(excel.books) == 1


def test_a_workbook_without_a_plan_is_refused_by_name(excel: fake_excel.App) -> None:
    excel.books.add()
    press(excel, "rvxRunAll")
    mode, said = excel.said[-1]
    assert mode == "critical"
    assert "has no plan" in said


def test_every_button_of_the_ribbon_is_there(excel: fake_excel.App) -> None:
    """The ribbon's ids, its callbacks and the buttons in Python are the same."""
    source = template_path("src/ribbon.xml").read_text()
    buttons = dict(re.findall(r'<button id="(\w+)".*? onAction="RevOpsXl\.(\w+)"', source))
    assert {name for name, action in buttons.items() if action == "RvxPress"} == macros.BUTTONS.keys()
    module = template_path("src/RevOpsXl.bas").read_text()
    assert all(f"Public Sub {action}(control As IRibbonControl)" in module for action in buttons.values())
    for each in re.findall(r"<button [^>]*/>", source):
        assert all(f"{name}=" in each for name in ("imageMso", "screentip", "supertip", "keytip", "label"))
    keys = re.findall(r'keytip="(\w+)"', source)
    assert len(keys) == len(set(keys))


# --- what people found who tried to break it ------------------------------------------------------------------


def test_a_filtered_result_table_is_refused(excel: fake_excel.App, tmp_path: Path) -> None:
    """Excel would write the first row into every visible one."""
    path = tmp_path / "plan.xlsx"
    path.write_bytes(weekly_sample())
    flow.run(path)
    book = opened(excel, path)
    table = book.wb["Quotas"].tables["Quotas"]
    table.autoFilter.filterColumn.append(FilterColumn(colId=0))
    before = everything(book)
    press(excel, "rvxRunAll")
    assert "table Quotas is filtered" in excel.said[-1][1]
    after = everything(book)
    assert {a.partition("!")[0] for a in after if after[a] != before.get(a)} <= {"Checks", "table Checks"}


def test_tables_are_known_whatever_their_case(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    tables["Settings"][3].append(["Live formulas", False])
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = opened(excel, path)
    sheet = book.wb["Overrides"]
    table = sheet.tables.pop("Overrides")
    table.name = table.displayName = "OVERRIDES"
    sheet.add_table(table)
    press(excel, "rvxRunAll")
    bob = next(row for row in rows(book, "Quotas") if row[1] == "Bob")
    assert bob[9] == 100


def test_a_name_that_is_missing_is_defined_again(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    book = opened(excel, write_plan(tmp_path / "plan.xlsx", tables))
    del book.wb.defined_names["Target"]
    press(excel, "rvxRunAll")
    assert "Target" in book.wb.defined_names
    book.calculated(tmp_path)
    assert [rows(book, "Headlines")[1][2], excel.said[-1][0]] == ["=Target", "info"]
    assert 1000 in [cell.value for row in book.shown["Result Headlines"].iter_rows() for cell in row]


def test_sheets_and_columns_that_a_workbook_lacks_are_added_to_it(excel: fake_excel.App, tmp_path: Path) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    flow.run(path)
    book = opened(excel, path)
    whole = rows(book, "HedgeAudit")
    book.wb.remove(book.wb["Cascade"])
    book.wb.remove(book.wb["Run log"])
    table = book.wb["Hedge audit"].tables["Weights"]
    assert table.tableColumns.pop().name == "Reason"
    area = Area.parse(table.ref)
    assert area is not None
    for row in range(area.top, area.bottom + 1):
        book.wb["Hedge audit"].cell(row, area.right + 1).value = None
    table.ref = str(Area(area.top, area.left, area.bottom, area.right - 1))
    table.autoFilter.ref = table.ref
    press(excel, "rvxRunAll")
    assert excel.said[-1][0] == "info", excel.said
    assert rows(book, "Weights")[0][-1] == "Reason"
    assert [len(rows(book, name)) > 1 for name in ("Cascade", "RunLog")] == [True, True]
    assert book.wb.sheetnames.index("Cascade") == book.wb.sheetnames.index("Overlays") + 1
    assert rows(book, "HedgeAudit") == whole
    added = next(row for row in rows(book, "Checks") if row[0] == "Tables and columns added")
    assert (added[1], added[4]) == ("Note", '=HYPERLINK("#\'Cascade\'!A1","Cascade, Weights[Reason]")')


def test_a_row_below_a_totals_row_and_a_header_in_two_lines_are_refused(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:  # fmt: skip
    book = opened(excel, write_plan(tmp_path / "plan.xlsx", tables))
    sheet = book.wb["Overrides"]
    table = sheet.tables["Overrides"]
    bottom = int(re.findall(r"\d+", table.ref)[-1])
    table.ref = re.sub(r"\d+$", str(bottom + 1), table.ref)
    table.totalsRowCount = 1
    sheet[f"A{bottom + 1}"], sheet[f"A{bottom + 2}"], sheet[f"B{bottom + 2}"] = "Total", "Ann", 50
    press(excel, "rvxRunAll")
    assert f"Overrides!A{bottom + 2}" in excel.said[-1][1]
    sheet[f"A{bottom + 2}"] = sheet[f"B{bottom + 2}"] = None
    press(excel, "rvxRunAll")
    assert "quotas" in excel.said[-1][1]
    hierarchy = book.wb["Hierarchy"]
    first = re.match(r"([A-Z]+)(\d+)", hierarchy.tables["Hierarchy"].ref)
    assert first is not None
    hierarchy[f"{first[1]}{first[2]}"] = "Glo\nbal"
    press(excel, "rvxRunAll")
    assert "in one line" in excel.said[-1][1]


def test_totals_rows_of_results_move_and_come_back(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = opened(excel, path)
    table = book.wb["Result Quotas"].tables["Quotas"]
    bottom = int(re.findall(r"\d+", table.ref)[-1])
    table.ref = re.sub(r"\d+$", str(bottom + 1), table.ref)
    table.totalsRowCount = 1
    book.wb["Result Quotas"][f"A{bottom + 1}"] = "Total"
    before = everything(book)
    excel.fail_at = 3
    press(excel, "rvxRunAll")
    assert "Excel is busy" in excel.said[-1][1]
    assert everything(book) == before
    press(excel, "rvxRunAll")
    found = rows(book, "Quotas")
    assert found[-1][0] == "Total"
    assert len(found) == len(flow.compute(path).quotas.base) + 2


def test_own_cells_keep_days_and_errors(excel: fake_excel.App, tables: Tables, tmp_path: Path) -> None:
    """In a workbook that counts days from 1904, and with an error typed as one."""
    path = write_plan(tmp_path / "plan.xlsx", tables)
    flow.run(path)
    book = opened(excel, path)
    book.api = types.SimpleNamespace(Date1904=True)  # type: ignore[assignment]
    sheet = book.wb["Result Quotas"]
    table = sheet.tables["Quotas"]
    (_, top), (right, _) = re.findall(r"([A-Z]+)(\d+)", table.ref)
    column = openpyxl.utils.get_column_letter(openpyxl.utils.column_index_from_string(right) + 1)
    table.ref = table.ref.replace(f":{right}", f":{column}")
    table.tableColumns.append(TableColumn(id=99, name="Signed"))
    names = [row[1].value for row in sheet[table.ref]]
    day, wrong = (int(top) + names.index(name) for name in ("Ann", "Eli"))
    sheet[f"{column}{top}"], sheet[f"{column}{day}"], sheet[f"{column}{wrong}"] = (
        "Signed",
        dt.datetime(2027, 1, 1),  # noqa: DTZ001
        "#N/A",
    )
    hierarchy = book.wb["Hierarchy"]
    for row in hierarchy[hierarchy.tables["Hierarchy"].ref]:
        if row[3].value == "Cy":
            row[3].value = "Aaron"
    press(excel, "rvxRunAll")
    found = {row[1]: row[-1] for row in rows(book, "Quotas")}
    assert found["Ann"] == 46388 - 1462
    assert found["Eli"] == "#N/A"


def test_amounts_in_currency_format_are_numbers(excel: fake_excel.App, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Excel for Windows hands them over as decimals."""
    tables["Settings"][3].append(["Live formulas", False])
    book = opened(excel, write_plan(tmp_path / "plan.xlsx", tables))
    value = fake_excel.Book.value

    def decimals(self: fake_excel.Book, sheet: str, row: int, column: int) -> Any:
        found = value(self, sheet, row, column)
        return Decimal(str(found)) if isinstance(found, float | int) and not isinstance(found, bool) else found

    monkeypatch.setattr(fake_excel.Book, "value", decimals)
    press(excel, "rvxRunAll")
    assert "quotas" in excel.said[-1][1], excel.said[-1]
    assert next(row for row in rows(book, "Quotas") if row[1] == "Bob")[9] == 100


def test_what_excel_says_in_numbers_of_errors() -> None:
    from revops_xl.hosts.excel.udfs import from_excel

    assert from_excel([[-2146826238, 1.0], [-2146826246, True]]) == [["#CALC!", 1.0], ["#N/A", True]]
    assert from_excel(-2146825999) == "#VALUE!"


def test_the_menu_adds_the_sheets_of_a_part_hides_them_and_brings_them_back(excel: fake_excel.App, tmp_path: Path) -> None:  # fmt: skip
    path = tmp_path / "plan.xlsx"
    new_plan(path)
    book = opened(excel, path)
    before = everything(book)
    press(excel, "rvxPartForecast")
    added = [name for name in book.wb.sheetnames if name in profiles.PROFILES["forecast"][1]]
    assert set(added) == set(profiles.PROFILES["forecast"][1])
    assert before.items() <= everything(book).items()  # no cell that was there changes
    scenarios = rows(book, "Scenarios")
    assert [row[0] for row in scenarios[1:] if row[0]] == ["Baseline", "Best", "Worst"]
    folded = book.wb["Settings"]
    press(excel, "rvxPartForecast")
    assert {book.wb[name].sheet_state for name in added} == {"hidden"}
    press(excel, "rvxPartForecast")
    assert {book.wb[name].sheet_state for name in added} == {"visible"}
    assert all(mode == "info" for mode, _ in excel.said)
    assert folded.sheet_state == "visible"
    saved = tmp_path / "saved.xlsx"
    book.wb.save(saved)
    states = {each.name: each.state for each in parts_of(saved)}
    assert (states["forecast"], states["weekly"]) == ("in view", "not in the plan")  # as the command line sees it


def test_machinery_comes_into_view_by_the_menu(excel: fake_excel.App, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(weekly_sample())
    book = opened(excel, path)
    hidden = {name for name in ("Cascade", "Run log", "Help") if book.wb[name].sheet_state == "hidden"}
    assert hidden
    press(excel, "rvxPartMachinery")
    assert {book.wb[name].sheet_state for name in hidden} == {"visible"}


def test_import_proposes_in_the_workbook_and_does_it_when_pressed_again(excel: fake_excel.App, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    new_plan(path)
    folder = tmp_path / "Documents" / importing.FILES
    folder.mkdir(parents=True)
    (folder / "people.csv").write_text("Region,Manager,Rep,2026\nNA,Mia,Ann,200\nNA,Mia,Bob,100\n", encoding="utf-8")
    opened(excel, path)
    press(excel, "rvxImport")
    assert excel.said[-1][0] == "info", excel.said
    assert "Press Import again" in excel.said[-1][1]
    book = excel.books.active
    assert [row[2] for row in rows(book, "Imports")[1:]] == ["Region", "Manager", "Rep", "2026_Attainment"]
    assert book.wb["Imports"].sheet_state == "visible"
    press(excel, "rvxImport")
    assert "Done" in excel.said[-1][1], excel.said
    assert rows(excel.books.active, "Hierarchy")[1][:4] == ["NA", "Mia", "Ann", 200]
