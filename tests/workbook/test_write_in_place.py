"""Only the rows of our result tables change; every other part stays byte for byte."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.worksheet.table import TableColumn

from revops_xl import PlanError
from revops_xl.flow import run
from revops_xl.tables import quotas
from revops_xl.tables.result import Formula, ResultTable
from revops_xl.workbook.write import write_tables
from tests.programs import parts, validate

WHEN = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
OWN_SHEETS = {"Start", "Dashboard", "Quotas", "Hedge audit", "Checks", "Run log"}


def sheet_parts(path: Path) -> dict[str, str]:
    """Part name of each sheet, read with openpyxl's own idea of the order."""
    names = load_workbook(path, read_only=True).sheetnames
    return {f"xl/worksheets/sheet{i}.xml": name for i, name in enumerate(names, start=1)}


def test_only_our_parts_change(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    before, after = parts(sample_plan), parts(out)
    assert list(before) == list(after)
    sheets = sheet_parts(sample_plan)
    changed = {name for name in before if before[name] != after[name]}
    assert {sheets[name] for name in changed if name in sheets} == OWN_SHEETS
    others = {re.sub(r"\d+", "", name) for name in changed - sheets.keys()}
    assert others == {"xl/tables/table.xml", "xl/charts/chart.xml"}


def test_untouched_parts_are_the_same_compressed_bytes(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    with zipfile.ZipFile(sample_plan) as old, zipfile.ZipFile(out) as new:
        same = [e for e in old.infolist() if new.getinfo(e.filename).CRC == e.CRC]
        assert len(same) > 30
        assert all(new.getinfo(e.filename).compress_size == e.compress_size for e in same)


def test_outside_our_tables_nothing_changes_on_our_sheets(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    before, after = load_workbook(sample_plan), load_workbook(out)
    for name in OWN_SHEETS:
        ours = set()
        for table in after[name].tables.values():
            ours |= {cell.coordinate for row in after[name][table.ref][1:] for cell in row}
        for row in before[name].iter_rows():
            for cell in row:
                if cell.coordinate not in ours:
                    twin = after[name][cell.coordinate]
                    assert (twin.value, twin.style_id) == (cell.value, cell.style_id)


def test_running_twice_changes_nothing_but_the_run_log(sample_plan: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    run(sample_plan, once, now=WHEN, who="tester")
    run(once, twice, now=WHEN + dt.timedelta(hours=1), who="tester")
    before, after = parts(once), parts(twice)
    changed = {name for name in before if before[name] != after[name]}
    sheets = sheet_parts(once)
    assert {sheets.get(name, "table") for name in changed} == {"Run log", "table"}
    assert len(changed) == 2
    log = load_workbook(twice)["Run log"]
    assert [row[0].value for row in log[log.tables["RunLog"].ref][1:]] == [
        dt.datetime(2026, 11, 20, 9, 30),  # noqa: DTZ001  (spreadsheet dates have no zone)
        dt.datetime(2026, 11, 20, 10, 30),  # noqa: DTZ001
    ]


def test_same_inputs_same_bytes(sample_plan: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        run(sample_plan, tmp_path / name, now=WHEN, who="tester")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_styles_and_formats_follow_the_rows(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    template, sheet = load_workbook(sample_plan)["Quotas"], load_workbook(out)["Quotas"]
    ref = sheet.tables["Quotas"].ref
    last = int(ref.rsplit("M", 1)[1])
    assert last > 100
    for column in "ABCDEFGHIJKLM":
        assert sheet[f"{column}{last}"].number_format == template[f"{column}5"].number_format
    for area in sheet.conditional_formatting:
        assert all(part.max_row == last for part in area.sqref.ranges)


def test_formulas_carry_their_values(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    formulas, values = load_workbook(out), load_workbook(out, data_only=True)
    count = 0
    for name in OWN_SHEETS:
        for row in formulas[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    count += 1
                    assert values[name][cell.coordinate].value is not None, f"{name}!{cell.coordinate}"
    assert count > 60


def test_charts_cover_the_rows_and_carry_their_values(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    result = run(sample_plan, out, now=WHEN, who="tester")
    charts = [content.decode() for name, content in parts(out).items() if name.startswith("xl/charts/chart")]
    text = "".join(charts)
    assert len(charts) == 3
    assert "Dashboard!$A$48:$A$51" in text  # four regions
    assert "Dashboard!$E$48:$E$62" in text  # fifteen ICs
    assert "'Hedge audit'!$F$5:$F$9" in text  # five levels
    for region in ("NA", "EMEA", "APAC", "LATAM"):
        assert f"<c:v>{region}</c:v>" in text
    top = result.tables["TopICs"].values("IC quota")[0]
    assert f"<c:v>{top!r}</c:v>" in text


def test_results_go_into_the_plan_itself(sample_plan: Path) -> None:
    run(sample_plan, now=WHEN)
    assert load_workbook(sample_plan)["Quotas"].tables["Quotas"].ref != "A4:M5"


# --- user's own things -------------------------------------------------------------------------------------------


def foreign_book(path: Path, *, below: bool = False, beside: bool = True, column: bool = False) -> Path:
    """A workbook of somebody else with a table Quotas in the middle of other cells."""
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Mine")
    bold = book.add_format({"bold": True})
    page.write(0, 0, "My own title", bold)
    headers = [c.name for c in quotas.TABLE.columns]
    if column:
        headers.insert(1, "My note")
    page.add_table(2, 1, 3, len(headers), {"name": "Quotas", "columns": [{"header": h} for h in headers]})
    page.set_row(3, 40)
    if beside:
        page.write(3, 20, "beside, first row")
        page.write_formula(6, 20, "=1+1", None, 2)
    if below:
        page.write(5, 2, "below")
    other = book.add_worksheet("Other")
    other.write_formula(0, 0, "=SUM(Quotas[Quota])", None, 0)
    for name in ("Plan", "Currency", "Target", "Rounding_unit"):
        book.define_name(name, "=Other!$B$1")
    book.close()
    return path


def some_quotas(rows: int) -> ResultTable:
    values = {
        "Level": "IC",
        "Node": "<&>\x01 =1+1",
        "Quota": Formula("1+1", 2),
        "Rule": "_x0041_",
        "Depth": 3,
        "IC": True,
    }
    return ResultTable.of_rows(quotas.TABLE, [[values.get(c.name) for c in quotas.TABLE.columns] for _ in range(rows)])


def test_cells_beside_the_table_stay(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx")
    write_tables(path, path, [some_quotas(6)])
    page = load_workbook(path)["Mine"]
    assert page["U4"].value == "beside, first row"
    assert page["U7"].value == "=1+1"
    assert page.row_dimensions[4].height == pytest.approx(40, abs=0.5)
    assert [page[f"B{row}"].value for row in range(4, 11)] == ["IC"] * 6 + [None]
    write_tables(path, path, [some_quotas(2)])
    page = load_workbook(path)["Mine"]
    assert page["U7"].value == "=1+1"
    assert [page[f"B{row}"].value for row in range(4, 11)] == ["IC"] * 2 + [None] * 5
    assert page.tables["Quotas"].ref == "B3:N5"
    assert not validate(path)


def test_cells_below_the_table_are_never_overwritten(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx", below=True)
    before = path.read_bytes()
    with pytest.raises(PlanError, match=r"Mine!C6: table Quotas has to grow to row 9, but this cell is in use"):
        write_tables(path, path, [some_quotas(6)])
    assert path.read_bytes() == before


def test_a_column_of_the_users_own_inside_the_table_stays_a_column(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx", column=True)
    write_tables(path, path, [some_quotas(3)])
    page = load_workbook(path)["Mine"]
    assert [page["B4"].value, page["C4"].value, page["L4"].value] == ["IC", None, "=1+1"]


def test_what_users_write_in_their_own_column_goes_with_its_row(sample_plan: Path) -> None:
    """A note beside a node stays beside the node when rows are inserted above it; a formula is filled down."""
    run(sample_plan, now=WHEN)
    book = load_workbook(sample_plan)
    page = book["Quotas"]
    table = page.tables["Quotas"]
    last = int(table.ref.rsplit("M", 1)[1])
    table.ref = f"A4:O{last}"
    table.autoFilter.ref = table.ref
    for header, letter in (("My note", "N"), ("Per month", "O")):
        table.tableColumns.append(TableColumn(id=len(table.tableColumns) + 1, name=header))
        page[f"{letter}4"] = header
    for row in range(5, last + 1):
        page[f"O{row}"] = "=Quotas[[#This Row],[Quota]]/12"
    place = next(row for row in range(5, last + 1) if page[f"B{row}"].value == "VP NA 1")
    page[f"N{place}"] = "ask Jo"
    people = book["Hierarchy"]
    people.tables["Hierarchy"].ref = people.tables["Hierarchy"].ref.replace("120", "121")
    for column, cell in enumerate(people[5], start=1):
        people.cell(row=121, column=column).value = cell.value
    people["E121"], people["D121"], people["C121"], people["B121"] = "Zed", "APAC Team A", "VP APAC", "APAC"
    book.save(sample_plan)
    for _ in range(2):  # the second run reads cells that the first one wrote, blank ones among them
        run(sample_plan, now=WHEN)
    page = load_workbook(sample_plan)["Quotas"]
    notes = {page[f"B{row}"].value: page[f"N{row}"].value for row in range(5, last + 2)}
    assert {node for node, note in notes.items() if note} == {"VP NA 1"}
    assert page[f"N{place + 1}"].value == "ask Jo"
    assert page[f"O{last + 1}"].value == "=Quotas[[#This Row],[Quota]]/12"


def test_a_note_whose_row_is_gone_is_not_lost(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx", column=True)
    write_tables(path, path, [some_quotas(1)])
    book = load_workbook(path)
    book["Mine"]["C4"], book["Mine"]["D4"] = "remember", "Somebody"
    book.save(path)
    with pytest.raises(
        PlanError, match=r'Mine!C4: "remember" in your column "My note" belongs to the row IC / Somebody'
    ):
        write_tables(path, path, [some_quotas(1)])


def test_a_link_stays_a_link(sample_plan: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(sample_plan)
    run(link, now=WHEN)
    assert link.is_symlink()
    assert load_workbook(sample_plan)["Quotas"].tables["Quotas"].ref != "A4:M5"


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx")
    hostile = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "{=1}",
        "\uff1d1+1",
        "=cmd|' /C calc'!A0",
        "'=1",
        "<f>1</f>",
        "a]]>b",
        "_x0041_",
    ]
    rows = [[name if c.name == "Node" else None for c in quotas.TABLE.columns] for name in hostile]
    write_tables(path, path, [ResultTable.of_rows(quotas.TABLE, rows)])
    page = load_workbook(path)["Mine"]
    assert [page[f"C{4 + i}"].data_type for i in range(len(hostile))] == ["s"] * len(hostile)
    content = parts(path)["xl/worksheets/sheet1.xml"].decode()
    assert content.count("<f>") == 1  # the user's own beside the table
    assert not validate(path)


def test_the_workbook_is_calculated_anew_when_others_read_our_table(tmp_path: Path) -> None:
    path = foreign_book(tmp_path / "book.xlsx")
    content = parts(path)
    workbook = content["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {**content, "xl/workbook.xml": workbook}.items():
            archive.writestr(name, part)
    changed = write_tables(path, path, [some_quotas(6)])
    assert "xl/workbook.xml" in changed
    assert b'fullCalcOnLoad="1"' in parts(path)["xl/workbook.xml"]
    assert not validate(path)
