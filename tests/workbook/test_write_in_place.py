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
from revops_xl.tables.book import catalog
from revops_xl.tables.quotas import quotas
from revops_xl.tables.schema.result import Formula, ResultTable
from revops_xl.usecases.run import run
from revops_xl.workbook.writing.write import write_tables
from tests.packages import tamper, with_type
from tests.plans import shown
from tests.programs import parts, recalculate, validate

#: The other reader says what it would lose if it saved the workbook.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
WHEN = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
OWN_SHEETS = {"Summary", "Start", "Checks", "Run log"} | {
    sheet.name for sheet in catalog.RESULT_SHEETS if sheet.part is not None and not sheet.kept
}


def sheet_parts(path: Path) -> dict[str, str]:
    """Part name of each sheet, read with openpyxl's own idea of the order."""
    names = load_workbook(path, read_only=True).sheetnames
    return {f"xl/worksheets/sheet{i}.xml": name for i, name in enumerate(names, start=1)}


def without_alt_texts(drawing: bytes) -> bytes:
    return re.sub(rb' descr="[^"]*"', b"", drawing)


def test_only_our_parts_change(sample_plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    run(sample_plan, out, now=WHEN, who="tester")
    before, after = parts(sample_plan), parts(out)
    assert list(before) == list(after)
    sheets = sheet_parts(sample_plan)
    changed = {name for name in before if before[name] != after[name]}
    assert {sheets[name] for name in changed if name in sheets} == OWN_SHEETS
    others = {re.sub(r"\d+", "", name) for name in changed - sheets.keys()}
    assert others == {"xl/tables/table.xml", "xl/charts/chart.xml", "xl/drawings/drawing.xml"}
    for name in changed:
        if "drawing" in name:  # what a chart says to who does not see it, and nothing else
            assert without_alt_texts(before[name]) == without_alt_texts(after[name])


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
    assert {sheets.get(name, "table") for name in changed} == {"Summary", "Run log", "table"}  # Summary says when
    assert len(changed) == 3
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
    formulas, values = load_workbook(out), shown(out)
    count = 0
    for name in OWN_SHEETS:
        for row in formulas[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    count += 1
                    cached = values[name][cell.coordinate]
                    # A formula that gives "" has an empty text, which openpyxl shows as None.
                    assert cached.value is not None or ("IF(" in cell.value and '""' in cell.value), cell.coordinate
    assert count > 60


def test_charts_cover_the_rows_and_carry_their_values(full_sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    result = run(full_sample, out, now=WHEN, who="tester")
    charts = [content.decode() for name, content in parts(out).items() if name.startswith("xl/charts/chart")]
    text = "".join(charts)
    assert len(charts) == 16

    def drawn(sheet: str, rows: int) -> int:
        """Ranges of a sheet that are so many rows long, in charts."""
        found = re.findall(rf"{re.escape(sheet)}!\$[A-Z]+\$(\d+):\$[A-Z]+\$(\d+)", text)
        return sum(int(last) - int(first) + 1 == rows for first, last in found)

    assert drawn("Summary", 4) >= 8  # four regions, four quarters
    assert drawn("Summary", 5) >= 2  # hedges of four levels, and together
    assert drawn("'Pipeline health'", 4) >= 3  # coverage of four regions
    assert drawn("'Commit review'", 14) >= 3  # bias of fourteen managers with a history
    assert drawn("Forecast", 4) >= 5  # four quarters
    assert drawn("'Scored deals'", 12) >= 2  # twelve deals
    assert "'Model report'!$" in text
    assert drawn("Baseline", 24) >= 4  # twenty quarters booked, four ahead
    assert drawn("Phasing", 4) >= 1  # quotas of four quarters
    assert drawn("Attainability", 4) >= 3  # attainability of four regions
    assert "Sensitivity!$J$5:$J$10" in text  # six drivers
    for region in ("NA", "EMEA", "APAC", "LATAM", "Q1 2027", "Worst"):
        assert f"<c:v>{region}</c:v>" in text
    largest = result.tables["TopDeals"].values("Deal by model")[0]
    assert f"<c:v>{largest!r}</c:v>" in text


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
    return ResultTable.of_rows(
        quotas.TABLE, [{c.name: values.get(c.name) for c in quotas.TABLE.columns} for _ in range(rows)]
    )


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
    rows = [{c.name: name if c.name == "Node" else None for c in quotas.TABLE.columns} for name in hostile]
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


# --- what stands on the table's rows -------------------------------------------------------------------------------


def furnished_book(path: Path, *, totals: bool = True, body: int = 3) -> Path:
    """A table Quotas with totals row, formats, validations, a sparkline, a print area, names; another table beside it."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001
    page = book.add_worksheet("My plan")
    headers = [{"header": column.name} for column in quotas.TABLE.columns]
    if totals:
        headers[1] |= {"total_string": "Sum"}
        headers[9] |= {"total_function": "sum"}
    last = 2 + body + totals  # the header is in row 3
    page.add_table(2, 1, last, 13, {"name": "Quotas", "columns": headers, "total_row": totals})
    page.add_table(2, 16, 4, 17, {"name": "Beside", "columns": [{"header": "A"}, {"header": "B"}]})
    page.write_row(3, 16, ["left", 1])
    page.write_row(4, 16, ["alone", 2])
    bad = book.add_format({"bg_color": "#FF0000"})
    page.conditional_format(3, 10, 2 + body, 10, {"type": "cell", "criteria": ">", "value": 5, "format": bad})
    page.conditional_format(2, 1, last, 13, {"type": "formula", "criteria": "=$C3=1", "format": bad})
    page.conditional_format(3, 11, 2 + body, 11, {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format("K1:K2", {"type": "cell", "criteria": ">", "value": 7, "format": bad})
    page.data_validation(3, 13, 2 + body, 13, {"validate": "list", "source": ["a", "b"]})
    page.data_validation(3, 16, 4, 16, {"validate": "length", "criteria": "<", "value": 9})
    page.freeze_panes(3, 3)
    page.print_area(0, 1, last, 13)
    other = book.add_worksheet("Other")
    other.add_sparkline(0, 0, {"range": f"'My plan'!K4:K{3 + body}"})
    page.add_sparkline(0, 3, {"range": f"'My plan'!K4:K{3 + body}"})
    book.define_name("AllQuotas", f"='My plan'!$K$4:$K${3 + body}")
    book.define_name("One", "='My plan'!$K$4")
    for name in ("Plan", "Currency", "Target", "Rounding_unit"):
        book.define_name(name, "=Other!$B$1")
    book.close()
    # As Excel writes it; the short form of XlsxWriter is not known everywhere.
    return tamper(
        path, {"xl/worksheets/sheet1.xml": lambda content: content.replace(b"109,[Quota]", b"109,Quotas[Quota]")}
    )


def one_or_more(first: str, column: str, last: int) -> str:
    """A column of a table from row 4 on, as a spreadsheet writes it."""
    return first if last == 4 else f"{first}:{column}{last}"


def many_quotas(rows: int) -> ResultTable:
    values = [
        {"Level": "IC", "Node": f"Node {i}", "Quota": float(i), "IC": i % 2 == 0, "Rule": "share"} for i in range(rows)
    ]
    return ResultTable.of_rows(
        quotas.TABLE, [{c.name: row.get(c.name) for c in quotas.TABLE.columns} for row in values]
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 40])
@pytest.mark.parametrize("totals", ["with totals row", "without"])
def test_what_stands_on_the_rows_goes_along(rows: int, totals: str, tmp_path: Path) -> None:
    path = furnished_book(tmp_path / "book.xlsx", totals=totals == "with totals row")
    findings = validate(path)
    write_tables(path, path, [many_quotas(rows)])
    assert validate(path) == findings == []
    book = load_workbook(path)
    page, end = book["My plan"], 3 + rows
    assert page.tables["Quotas"].ref == f"B3:N{end + (totals == 'with totals row')}"
    assert page.tables["Quotas"].autoFilter.ref == f"B3:N{end}"
    assert [page[f"C{row}"].value for row in range(4, end + 1)] == [f"Node {i}" for i in range(rows)]
    if totals == "with totals row":
        assert (page[f"C{end + 1}"].value, page[f"K{end + 1}"].value) == ("Sum", "=SUBTOTAL(109,Quotas[Quota])")
    below = end + 1 + (totals == "with totals row")
    assert all(page.cell(row, column).value is None for row in range(below, 60) for column in range(2, 15))
    formats = {str(area.sqref) for area in page.conditional_formatting}
    whole = f"B3:N{end + (totals == 'with totals row')}"
    assert formats == {one_or_more("K4", "K", end), whole, "K1:K2", one_or_more("L4", "L", end)}
    rules = {str(rule.sqref) for rule in page.data_validations.dataValidation}
    assert rules == {one_or_more("N4", "N", end), "Q4:Q5"}
    assert page.freeze_panes == "D4"
    assert page.print_area == f"'My plan'!$B$1:$N${end + (totals == 'with totals row')}"
    assert book.defined_names["AllQuotas"].attr_text == f"'My plan'!{one_or_more('$K$4', '$K$', end)}"
    assert book.defined_names["One"].attr_text == "'My plan'!$K$4"
    assert [[cell.value for cell in row] for row in page["Q3:R5"]] == [["A", "B"], ["left", 1], ["alone", 2]]
    content = parts(path)["xl/worksheets/sheet1.xml"].decode()
    assert f"<xm:f>'My plan'!{one_or_more('K4', 'K', end)}</xm:f>" in content
    assert parts(path)["xl/worksheets/sheet2.xml"].count(b"K4:K6") == 1  # another sheet: listed, not touched


def test_totals_calculate_to_the_new_rows(tmp_path: Path) -> None:
    path = furnished_book(tmp_path / "book.xlsx")
    write_tables(path, path, [many_quotas(40)])
    page = shown(recalculate([path], tmp_path)[0])["My plan"]
    assert page["K44"].value == sum(range(40))


def test_growing_twice_is_growing_once(tmp_path: Path) -> None:
    once, twice = furnished_book(tmp_path / "once.xlsx"), furnished_book(tmp_path / "twice.xlsx")
    write_tables(once, once, [many_quotas(25)])
    for rows in (40, 2, 25):
        write_tables(twice, twice, [many_quotas(rows)])
    assert parts(once) == parts(twice)


def test_a_totals_row_is_not_moved_onto_other_cells(tmp_path: Path) -> None:
    path = furnished_book(tmp_path / "book.xlsx")
    book = load_workbook(path)
    book["My plan"]["D14"] = "mine"
    book.save(path)
    before = path.read_bytes()
    write_tables(path, tmp_path / "fits.xlsx", [many_quotas(9)])
    with pytest.raises(PlanError, match=r"My plan!D14: table Quotas has to grow to row 13"):
        write_tables(path, path, [many_quotas(10)])
    assert path.read_bytes() == before


FILTERS: dict[str, tuple[str, list[int]]] = {
    "values": ('<filterColumn colId="1"><filters><filter val="Node 1"/><filter val="node 3"/></filters></filterColumn>', [1, 3]),
    "TRUE": ('<filterColumn colId="4"><filters><filter val="TRUE"/></filters></filterColumn>', [0, 2, 4]),
    "blank": ('<filterColumn colId="2"><filters blank="1"/></filterColumn>', [0, 1, 2, 3, 4, 5]),
    "greater": ('<filterColumn colId="9"><customFilters><customFilter operator="greaterThan" val="3"/></customFilters></filterColumn>', [4, 5]),
    "between": ('<filterColumn colId="9"><customFilters and="1"><customFilter operator="greaterThanOrEqual" val="1"/><customFilter operator="lessThan" val="3"/></customFilters></filterColumn>', [1, 2]),
    "either": ('<filterColumn colId="9"><customFilters><customFilter val="0"/><customFilter operator="greaterThan" val="4"/></customFilters></filterColumn>', [0, 5]),
    "wildcard": ('<filterColumn colId="1"><customFilters><customFilter val="*4"/></customFilters></filterColumn>', [4]),
    "not": ('<filterColumn colId="1"><customFilters><customFilter operator="notEqual" val="node ?"/></customFilters></filterColumn>', []),
    "two columns": ('<filterColumn colId="4"><filters><filter val="FALSE"/></filters></filterColumn><filterColumn colId="9"><customFilters><customFilter operator="lessThan" val="4"/></customFilters></filterColumn>', [1, 3]),
    "hidden button": ('<filterColumn colId="1" hiddenButton="1"/>', [0, 1, 2, 3, 4, 5]),
}  # fmt: skip


def filtered(path: Path, criteria: str) -> Path:
    def change(content: bytes) -> bytes:
        return re.sub(
            rb'<autoFilter ref="([^"]+)"/>', rb'<autoFilter ref="\1">' + criteria.encode() + b"</autoFilter>", content
        )

    return tamper(path, {"xl/tables/table1.xml": change})


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_stays_and_is_applied_to_the_new_rows(name: str, tmp_path: Path) -> None:
    criteria, shown = FILTERS[name]
    path = filtered(furnished_book(tmp_path / "book.xlsx"), criteria)
    write_tables(path, path, [many_quotas(6)])
    page = load_workbook(path)["My plan"]
    assert [i for i in range(6) if not page.row_dimensions[4 + i].hidden] == shown
    assert criteria.encode() in parts(path)["xl/tables/table1.xml"]
    assert [page["Q4"].value, page["Q5"].value] == ["left", "alone"]
    assert not validate(path)


@pytest.mark.parametrize(
    "criteria",
    [
        '<filterColumn colId="9"><top10 val="10"/></filterColumn>',
        '<filterColumn colId="9"><filters><filter val="1,000.00"/><filter val="5"/></filters></filterColumn>',
        '<filterColumn colId="9"><colorFilter dxfId="0"/></filterColumn>',
        '<filterColumn colId="9"><dynamicFilter type="aboveAverage"/></filterColumn>',
    ],
)
def test_a_filter_that_cannot_be_applied_is_refused(criteria: str, tmp_path: Path) -> None:
    path = filtered(furnished_book(tmp_path / "book.xlsx"), criteria)
    before = path.read_bytes()
    with pytest.raises(PlanError, match='a filter on "Quota" that only a spreadsheet can apply'):
        write_tables(path, path, [many_quotas(6)])
    assert path.read_bytes() == before


def test_a_new_kind_of_chart_follows(tmp_path: Path) -> None:
    """Treemaps and funnels keep their data in another format."""
    path = furnished_book(tmp_path / "book.xlsx")
    namespace = "http://schemas.microsoft.com/office/drawing/2014/chartex"
    chart = (
        f'<cx:chartSpace xmlns:cx="{namespace}"><cx:chartData><cx:data id="0">'
        '<cx:strDim type="cat"><cx:f>\'My plan\'!$B$4:$C$6</cx:f><cx:lvl ptCount="3"><cx:pt idx="0">old</cx:pt></cx:lvl></cx:strDim>'
        '<cx:numDim type="size"><cx:f>\'My plan\'!$K$4:$K$6</cx:f><cx:lvl ptCount="3" formatCode="General"/></cx:numDim>'
        "</cx:data></cx:chartData></cx:chartSpace>"
    )
    kind = "application/vnd.ms-office.chartex+xml"
    tamper(
        path,
        {"xl/charts/odd name.xml": chart.encode(), "[Content_Types].xml": with_type("xl/charts/odd name.xml", kind)},
    )
    write_tables(path, path, [many_quotas(2)])
    after = parts(path)["xl/charts/odd name.xml"].decode()
    assert "<cx:f>'My plan'!$B$4:$C$5</cx:f>" in after
    assert '<cx:lvl ptCount="2"><cx:pt idx="0">Node 0</cx:pt><cx:pt idx="1">Node 1</cx:pt></cx:lvl>' in after
    assert (
        '<cx:lvl ptCount="2" formatCode="General"><cx:pt idx="0">0.0</cx:pt><cx:pt idx="1">1.0</cx:pt></cx:lvl>'
        in after
    )


def test_a_sheet_of_an_unusual_form_is_written_too(tmp_path: Path) -> None:
    """Prefixes and single quotes, as other programs write them."""
    path = furnished_book(tmp_path / "book.xlsx")
    usual = furnished_book(tmp_path / "usual.xlsx")

    def prefixed(content: bytes) -> bytes:
        return re.sub(rb"<(/?)(?=[A-Za-z])(?!x14|xm:|mc:)", rb"<\1x:", content.replace(b"xmlns=", b"xmlns:x="))

    tamper(path, {"xl/worksheets/sheet1.xml": prefixed})
    for each in (path, usual):
        write_tables(each, each, [many_quotas(5)])
    ours, theirs = (load_workbook(each)["My plan"] for each in (path, usual))
    assert [[cell.value for cell in row] for row in ours.iter_rows()] == [
        [cell.value for cell in row] for row in theirs.iter_rows()
    ]
    assert not validate(path)
