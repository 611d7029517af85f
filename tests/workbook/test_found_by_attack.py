"""What people found who tried to break the reading and writing of workbooks; each stays mended."""

from __future__ import annotations

import datetime as dt
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import TableColumn

from revops_xl import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import check, run
from revops_xl.workbook.building.templates import add_to_book
from revops_xl.workbook.file.intake import admit
from revops_xl.workbook.file.sandbox import call
from tests.packages import TYPES, sheet_part, tamper, with_type
from tests.plans import Tables, deep, load, write_plan
from tests.programs import parts, validate
from tests.rich_book import MAIN, rich_book

WHEN = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


def edit(path: Path, sheet: str, old: bytes, new: bytes) -> Path:
    part = sheet_part(path, sheet)
    assert old in parts(path)[part], old
    return tamper(path, {part: lambda content: content.replace(old, new, 1)})


def findings(path: Path) -> list[str]:
    """What the validator says, but for the order of elements in styles that openpyxl writes."""
    return [
        finding for finding in validate(path) if not finding.startswith("/xl/styles.xml: The element has unexpected")
    ]


# --- reading -----------------------------------------------------------------------------------------------------

F5 = b'<c r="F5" t="n"><v>120</v></c>'
SPELLED: dict[str, bytes] = {
    "number by entities": b'<c r="F5" t="n"><v>1&#50;0</v></c>',
    "instruction in the value": b'<c r="F5" t="n"><v>1<?x y?>20</v></c>',
    "blanks around the sign": b'<c r="F5" t = "n"><v>120</v></c>',
    "attributes in another order": b'<c t="n" r="F5"><v>120</v></c>',
    "attribute of the value": b'<c r="F5" t="n"><v xml:space="preserve">120</v></c>',
    "line break in the tag": b'<c r="F5"\nt="n"><v>120</v></c>',
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_value_is_the_same_however_it_is_spelled(name: str, plan_path: Path) -> None:
    before = load(plan_path).digest
    assert load(edit(plan_path, "Hierarchy", F5, SPELLED[name])).digest == before


NOT_READ: dict[str, tuple[bytes, str]] = {
    "error with blanks around the sign": (b'<c r="F5" t ="e"><v>#N/A</v></c>', "Hierarchy!F5: the cell shows the error #N/A"),
    "NaN by entities": (b'<c r="F5" t="n"><v>&#78;aN</v></c>', "Hierarchy!F5: the cell shows the error NaN"),
    "NaN with an attribute": (b'<c r="F5" t="n"><v xml:space="preserve">NaN</v></c>', "Hierarchy!F5: the cell shows the error NaN"),
    "negative text number": (b'<c r="F5" t="s"><v>-1</v></c>', "a type that does not fit its value"),
    "endless text number": (b'<c r="F5" t="s"><v>99999999999999999999999</v></c>', "a type that does not fit its value"),
    "text in the wrong place": (b'<c r="F5" t="inlineStr"><v>5</v></c>', "a type that does not fit its value"),
    "beyond the last column": (b'<c r="XFE5"><v>1</v></c>', "stands in the wrong place"),
    "no such column": (b'<c r="ZZZZZZZZZZZZ5"><v>1</v></c>', "stands in the wrong place"),
    "no such row": (b'<c r="K55555555555555"><v>1</v></c>', "stands in the wrong place"),
    "a row of five thousand digits": (F5 + b'</row><row r="' + b"9" * 5000 + b'"><c r="A9"><v>1</v></c>', "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_READ)
def test_what_cannot_be_read_is_refused(name: str, plan_path: Path) -> None:
    cell, reason = NOT_READ[name]
    done = CliRunner().invoke(cli, ["check", str(edit(plan_path, "Hierarchy", F5, cell))])
    assert done.exit_code == 3, (done.output, done.exception)
    assert reason in done.output


FAR: dict[str, bytes] = {
    "attributes in another order": b'<row r="30"><c s="0" r="XFD1048576"><v>1</v></c></row>',
    "in a row of another number": b'<row r="30"><c r="XFD1048576"><v>1</v></c></row>',
    "first row last": b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="11"><c r="A11"><v>1</v></c></row>',
    "single quotes": b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    "error without a value": b"".join(b'<row r="%d"><c r="XFD%d" t="e"/></row>' % (i, i) for i in range(30, 3000)),
}


@pytest.mark.parametrize("name", FAR)
def test_far_cells_do_not_end_the_process_however_they_are_written(name: str, plan_path: Path) -> None:
    edit(plan_path, "Hierarchy", b"</sheetData>", FAR[name] + b"</sheetData>")
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)); from revops_xl.hosts.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(plan_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr


def test_a_prefixed_sheet_with_a_far_cell(plan_path: Path) -> None:
    def prefixed(content: bytes) -> bytes:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        content = content.replace(b"</sheetData>", far).replace(b"xmlns=", b"xmlns:a-b=", 1)
        return re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1a-b:", content)

    tamper(plan_path, {sheet_part(plan_path, "Hierarchy"): prefixed})
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3
    assert "reaches to XFD1048576" in done.output


def test_more_texts_stated_than_there_are(sample_plan: Path) -> None:
    """A reader that makes room for all of them ends the process."""
    tamper(
        sample_plan,
        {
            "xl/sharedStrings.xml": lambda content: re.sub(
                rb' count="\d+" uniqueCount="\d+"', b' count="4000000000" uniqueCount="4000000000"', content
            )
        },
    )
    with pytest.raises(PlanError, match="not as many as stated"):
        load(sample_plan)


def test_endless_lists(plan_path: Path) -> None:
    part = sheet_part(plan_path, "Hierarchy").replace("sheets/", "sheets/_rels/") + ".rels"
    tamper(
        plan_path,
        {part: lambda content: content.replace(b"</Relationships>", b"<a/>" * 1_200_000 + b"</Relationships>")},
    )
    with pytest.raises(PlanError, match="more than any program writes"):
        load(plan_path)


@pytest.mark.parametrize(
    "part", ["xl/_rels/workbook.xml.rels", *deep(TYPES, "xl/workbook.xml", "xl/tables/table1.xml")]
)
def test_comments_and_instructions_in_lists_are_harmless(part: str, sample_plan: Path) -> None:
    tamper(
        sample_plan,
        {
            part: lambda content: re.sub(
                rb"(<(?:Relationships|Types|workbook|table)\b[^>]*>)", rb"\1<!-- c --><?p i?>", content, count=1
            )
        },
    )
    run(sample_plan, now=WHEN)
    assert not validate(sample_plan)


def test_parts_are_found_whatever_their_case(plan_path: Path) -> None:
    before = load(plan_path).digest
    content = parts(plan_path)
    with zipfile.ZipFile(plan_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name.replace("sheet2.xml", "Sheet2.xml").replace("tables/table", "tables/TABLE"), data)
    assert load(plan_path).digest == before


def test_a_table_that_is_stated_but_missing_is_damage(plan_path: Path) -> None:
    """Its inputs would not be applied otherwise."""
    tamper(plan_path, {"xl/tables/table7.xml": None})
    with pytest.raises(PlanError, match=r"part xl/tables/table7.xml is missing"):
        load(plan_path)


@pytest.mark.parametrize(
    "change", [b'headerRowCount="x"', b'totalsRowCount="7"', b'ref="M5:A4"', b'ref="A1048577:C1048599"']
)
def test_tables_of_an_impossible_shape(change: bytes, plan_path: Path) -> None:
    def broken(content: bytes) -> bytes:
        name = change.split(b"=")[0]
        return re.sub(
            rb"<table ", b"<table " + change + b" ", re.sub(rb' %s="[^"]*"' % name, b"", content, count=1), count=1
        )

    tamper(plan_path, {"xl/tables/table2.xml": broken})
    assert CliRunner().invoke(cli, ["check", str(plan_path)]).exit_code == 3


def test_a_name_with_a_control_character_reaches_the_charts(sample_plan: Path) -> None:
    """As pasted from a word processor."""
    book = load_workbook(sample_plan)
    page = book["Hierarchy"]
    for row in range(5, 121):
        if page.cell(row, 2).value == "LATAM":
            page.cell(row, 2).value = "LAT_x000B_AM"
    for line in book["Thresholds"].iter_rows():
        for cell in line:
            if cell.value == "LATAM":
                cell.value = "LAT_x000B_AM"
    book.save(sample_plan)
    done = CliRunner().invoke(cli, ["run", str(sample_plan)])
    assert done.exit_code in {0, 3}, (done.output, done.exception)


# --- the gate ----------------------------------------------------------------------------------------------------

CELL = b'<row r="900"><c r="A900"><f>%s</f><v>1</v></c></row></sheetData>'
CALLS = [
    b"WEBSERVICE&#40;A1)", b"W&#69;BSERVICE(A1)", b"<![CDATA[_xlfn.WEBSERVICE(A1)]]>", b"WEB<!-- -->SERVICE(A1)", b"MAP(A1:A2,_xleta.WEBSERVICE)",
    b"_xlfn.IMPORTTEXT(A1)", b"DDE(A1)", b"IF(1,cmd|'/c calc'!A0)", b"1+cmd|'/c calc'!A0", b"'cmd'|'/c calc'!A0", b"cmd&#124;'/c calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("formula", CALLS)
def test_formulas_that_reach_outside_are_found_in_every_spelling(formula: bytes, plan_path: Path) -> None:
    edit(plan_path, "Metrics", b"</sheetData>", CELL % formula)
    with pytest.raises(PlanError, match="It came from outside"):
        admit(plan_path, outside=True)


@pytest.mark.parametrize(
    "formula",
    [
        b"&quot;Q1|&quot;&amp;A1",
        b"&quot;please CALL (555)&quot;",
        b"SUM(Sales[2024])",
        b"RECALL(A1)",
        b"SUM(Sales[a|b])",
    ],
)
def test_formulas_that_only_look_so_are_not(formula: bytes, plan_path: Path) -> None:
    edit(plan_path, "Metrics", b"</sheetData>", CELL % formula)
    admit(plan_path, outside=True)


def test_formats_validations_and_tables_are_searched_too(plan_path: Path) -> None:
    rule = b'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="9"><formula>WEBSERVICE(A1)</formula></cfRule></conditionalFormatting>'
    edit(plan_path, "Metrics", b"</sheetData>", b"</sheetData>" + rule)
    with pytest.raises(PlanError, match="WEBSERVICE"):
        admit(plan_path, outside=True)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("customXml/item1.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16-le")),
        ("xl/externalLinks/externalLink1.xml", f'<é:externalLink xmlns:é="{MAIN}"><é:ddeLink ddeService="cmd" ddeTopic="x"/></é:externalLink>'.encode()),
        ("xl/drawings/vmlDrawing9.vml", b'<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="http://x/p.png"/></xml>'),
        ("xl/worksheets/_rels/sheet400.xml.RELS", b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="x/oleObject" Target="http://x" TargetMode="External"/></Relationships>'),
    ],
)  # fmt: skip
def test_what_hides_behind_another_form_of_a_part(part: str, content: bytes, plan_path: Path) -> None:
    tamper(plan_path, {part: content})
    try:
        found = {each.kind.value for each in admit(plan_path)}
    except PlanError as refused:
        assert "UTF-8" in str(refused) or "DOCTYPE" in str(refused)  # noqa: PT017
    else:
        assert found & {"links to other programs (DDE)", "pictures on the web"}


def test_a_macro_workbook_with_a_decoy_type_is_told(plan_path: Path) -> None:
    macro = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    usual = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    tamper(
        plan_path,
        {TYPES: lambda content: with_type("decoy.xml", usual)(content.replace(usual.encode(), macro.encode()))},
    )
    with pytest.raises(PlanError, match=r"Name it plan\.xlsm"):
        admit(plan_path)


def test_the_directory_may_not_claim_the_bytes_behind_it(plan_path: Path) -> None:
    content = bytearray(plan_path.read_bytes())
    last = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, last + 20, 10_000_000)
    plan_path.write_bytes(bytes(content))
    with pytest.raises(PlanError, match="zip archive cannot be read"):
        admit(plan_path)


def touch_things(path: str) -> list[str]:
    """Run in the limited process."""
    import ctypes

    target, stopped = Path(path), []
    acts: dict[str, Callable[[], Any]] = {
        "truncate": lambda: os.open(target, os.O_WRONLY | os.O_TRUNC),
        "create": lambda: os.open(target.with_name("new"), os.O_WRONLY | os.O_CREAT),
        "remove": target.unlink,
        "rename": lambda: target.rename(target.with_name("other")),
        "folder": target.with_name("folder").mkdir,
        "kill": lambda: os.kill(os.getppid(), 0),
        "native": lambda: ctypes.CDLL(None),
    }
    for name, act in acts.items():
        try:
            act()
        except PermissionError:
            stopped.append(name)
    return stopped


def test_the_limited_process_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    stopped = call("tests.workbook.test_found_by_attack:touch_things", {"path": str(tmp_path / "file")}, "x")
    assert stopped == ["truncate", "create", "remove", "rename", "folder", "kill", "native"]
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file", "content")]


# --- writing -----------------------------------------------------------------------------------------------------

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "blank in the tag": lambda content: content.replace(b"<sheetData>", b"<sheetData >"),
    "namespace in the tag": lambda content: content.replace(b"<sheetData>", b'<sheetData xmlns:a="urn:a">'),
    "a prefix with a dash": lambda content: re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1a-b:", content.replace(b"xmlns=", b"xmlns:a-b=", 1)),
    "style first": lambda content: re.sub(rb'<c (r="[A-Z]+\d+") (s="\d+")', rb"<c \2 \1", content),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a prefix with a dash", *deep(*(each for each in FORMS if each != "a prefix with a dash"))]
)
def test_a_result_sheet_of_any_form_is_written_whole(name: str, sample_plan: Path) -> None:
    run(sample_plan, now=WHEN)
    expected = [[cell.value for cell in row] for row in load_workbook(sample_plan)["Quotas"].iter_rows()]
    tamper(sample_plan, {sheet_part(sample_plan, "Quotas"): FORMS[name]})
    run(sample_plan, now=WHEN)
    assert not validate(sample_plan)
    assert [[cell.value for cell in row] for row in load_workbook(sample_plan)["Quotas"].iter_rows()] == expected


def test_single_quotes_in_a_table_part(sample_plan: Path) -> None:
    content = parts(sample_plan)
    name = next(part for part, data in content.items() if b'name="Quotas"' in data and part.startswith("xl/tables/"))
    tamper(sample_plan, {name: lambda part: re.sub(rb'ref="([^"]+)"', rb"ref='\1'", part)})
    run(sample_plan, now=WHEN)
    assert load_workbook(sample_plan)["Quotas"].tables["Quotas"].ref == "A4:M146"


def test_a_workbook_that_asks_not_to_calculate(sample_plan: Path) -> None:
    """The attribute is changed, not written twice."""
    book = load_workbook(sample_plan)
    book.create_sheet("Mine")["A1"] = "=SUM(Quotas[Quota])"
    book.calculation.fullCalcOnLoad = False
    book.save(sample_plan)
    tamper(
        sample_plan,
        {
            "xl/workbook.xml": lambda content: (
                content.replace(b"<calcPr ", b'<calcPr fullCalcOnLoad="0" ')
                if b"fullCalcOnLoad" not in content
                else content
            )
        },
    )
    run(sample_plan, now=WHEN)
    assert not findings(sample_plan)
    assert parts(sample_plan)["xl/workbook.xml"].count(b'fullCalcOnLoad="1"') == 1


@pytest.mark.deep
def test_a_workbook_part_with_a_prefix(sample_plan: Path) -> None:
    """As the Open XML SDK writes it: names follow, and formulas of the user's are calculated."""
    run(sample_plan, now=WHEN)
    book = load_workbook(sample_plan)
    book.create_sheet("Mine")["A1"] = "=SUM(Quotas[Quota])"
    book.save(sample_plan)

    def prefixed(content: bytes) -> bytes:
        content = content.replace(
            b"</definedNames>", b'<definedName name="AllQ">Quotas!$J$5:$J$146</definedName></definedNames>'
        )
        content = re.sub(rb"<calcPr[^>]*/>", b"", content)
        return re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", content.replace(b"xmlns=", b"xmlns:x=", 1))

    tamper(sample_plan, {"xl/workbook.xml": prefixed})
    remove_people(sample_plan, 20)
    run(sample_plan, now=WHEN)
    workbook = parts(sample_plan)["xl/workbook.xml"].decode()
    last = load_workbook(sample_plan)["Quotas"].tables["Quotas"].ref.rpartition("M")[2]
    assert f">Quotas!$J$5:$J${last}<" in workbook
    assert 'fullCalcOnLoad="1"' in workbook
    assert not findings(sample_plan)


def remove_people(path: Path, count: int) -> None:
    """Shorten the hierarchy from its end."""
    book = load_workbook(path)
    page = book["Hierarchy"]
    table = page.tables["Hierarchy"]
    left, last = table.ref.split(":")[0], int(re.findall(r"\d+", table.ref)[1])
    page.delete_rows(last - count + 1, count)
    table.ref = re.sub(r"\d+$", str(last - count), table.ref)
    if table.autoFilter is not None:
        table.autoFilter.ref = table.ref
    assert left
    for name in ("Overrides", "NodeHedges", "Thresholds"):
        sheet = next(sheet for sheet in book.worksheets if name in sheet.tables)
        for row in sheet[sheet.tables[name].ref][1:]:
            if row[0].value != "(default)":
                for cell in row:
                    cell.value = None
    book.save(path)


# --- columns of the user's ---------------------------------------------------------------------------------------


def with_own_column(path: Path, header: str = "Mine") -> Path:
    """A plan that was run, with a column N of the user's in Quotas."""
    run(path, now=WHEN)
    book = load_workbook(path)
    page = book["Quotas"]
    table = page.tables["Quotas"]
    table.ref = table.ref.replace(":M", ":N")
    table.autoFilter.ref = table.ref
    table.tableColumns.append(TableColumn(id=len(table.tableColumns) + 1, name=header))
    page["N4"] = header
    book.save(path)
    return path


def typed(path: Path, cells: dict[str, Any]) -> Path:
    book = load_workbook(path)
    for address, value in cells.items():
        book["Quotas"][address] = value
    book.save(path)
    return path


REFUSED_FORMULAS: dict[str, tuple[dict[str, Any], str]] = {
    "formula and notes": ({"N5": "=1+1", "N6": 4711, "N7": "agreed with Ann"}, "formulas in some cells and values in others, such as N6"),
    "address of one row": ({"N5": "=J5*1.1"}, "names the cell J5, which would be another one in each row"),
    "half an address": ({"N5": "=J$5*1.1"}, "names the cell J$5"),
    "different ones": ({"N5": "=1+1", "N6": "=1+2"}, "formulas that differ from row to row"),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["different ones", *deep(*(each for each in REFUSED_FORMULAS if each != "different ones"))]
)
def test_a_column_that_cannot_be_filled_down_is_refused(name: str, sample_plan: Path) -> None:
    cells, reason = REFUSED_FORMULAS[name]
    typed(with_own_column(sample_plan), cells)
    before = sample_plan.read_bytes()
    with pytest.raises(PlanError) as caught:
        run(sample_plan, now=WHEN)
    assert reason in str(caught.value)
    assert sample_plan.read_bytes() == before


@pytest.mark.parametrize(
    "formula", ["=Quotas[[#This Row],[Quota]]*2", *deep("=$P$1*2", '=IF(Quotas[[#This Row],[IC]],"A1","")')]
)
def test_a_column_of_one_formula_is_filled_down(formula: str, sample_plan: Path) -> None:
    typed(with_own_column(sample_plan), {f"N{row}": formula for row in range(5, 147)})
    remove_people(sample_plan, 3)
    run(sample_plan, now=WHEN)
    page = load_workbook(sample_plan)["Quotas"]
    last = int(page.tables["Quotas"].ref.rpartition("N")[2])
    assert last < 146
    assert {page[f"N{row}"].value for row in range(5, last + 1)} == {formula}


@pytest.mark.deep
@pytest.mark.parametrize("counts_from_1904", [False, True])
def test_own_cells_keep_type_value_and_format(counts_from_1904: bool, sample_plan: Path) -> None:  # noqa: FBT001
    """Day, time, duration, precise moment, percentage, colour, text; three runs, rows above removed in between."""
    with_own_column(sample_plan)
    if counts_from_1904:
        tamper(
            sample_plan,
            {"xl/workbook.xml": lambda content: content.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)},
        )
    book = load_workbook(sample_plan)
    if counts_from_1904:  # the flag alone moves every day by four years, and starts behind the plan
        starts = next(cell.column for cell in book["Hierarchy"][4] if cell.value == "Start date")
        for (cell,) in book["Hierarchy"].iter_rows(min_row=5, min_col=starts, max_col=starts):
            cell.value = None
    page = book["Quotas"]
    looks = ["dd.mm.yyyy", "hh:mm", "[h]:mm", "yyyy-mm-dd hh:mm:ss", "0.0%", "General"]
    values: list[Any] = [44651, 0.5, 1.75, 45000.125, 0.08, "note"]
    for row, (look, value) in enumerate(zip(looks, values, strict=True), start=7):
        page[f"N{row}"].value, page[f"N{row}"].number_format = value, look
        page[f"N{row}"].fill = PatternFill("solid", fgColor=f"FF00{row:02d}00")
    page["N20"].fill = PatternFill("solid", fgColor="FFABCDEF")  # a colour and nothing else
    nodes = {row: page[f"B{row}"].value for row in (*range(7, 13), 20)}
    book.save(sample_plan)
    raw = re.findall(rb'<c r="N(\d+)"[^>]*>(<v>[^<]*</v>)', parts(sample_plan)[sheet_part(sample_plan, "Quotas")])
    for removed in (0, 3, 2):
        if removed:
            remove_people(sample_plan, removed)
        run(sample_plan, now=WHEN)
    page = load_workbook(sample_plan)["Quotas"]
    where = {page[f"B{row}"].value: row for row in range(5, 146)}
    assert not findings(sample_plan)
    after = dict(
        re.findall(rb'<c r="N(\d+)"[^>]*>(<v>[^<]*</v>)', parts(sample_plan)[sheet_part(sample_plan, "Quotas")])
    )
    for row, node in nodes.items():
        cell = page[f"N{where[node]}"]
        assert cell.fill.fgColor.rgb == ("FFABCDEF" if row == 20 else f"FF00{row:02d}00")
        if row < 12:
            assert cell.number_format == looks[row - 7]
            assert after[b"%d" % where[node]] == dict(raw)[b"%d" % row]


def test_notes_of_rows_with_one_key_stay_apart(sample_plan: Path) -> None:
    """Two runs in one second: the n-th row keeps the n-th note."""
    for _ in range(2):
        run(sample_plan, now=WHEN, who="tester")
    book = load_workbook(sample_plan)
    page = book["Run log"]
    table = page.tables["RunLog"]
    table.ref = table.ref.replace(":F", ":G")
    table.autoFilter.ref = table.ref
    table.tableColumns.append(TableColumn(id=7, name="Note"))
    page["G4"], page["G5"], page["G6"] = "Note", "first", "second"
    book.save(sample_plan)
    run(sample_plan, now=WHEN, who="tester")
    page = load_workbook(sample_plan)["Run log"]
    assert [page[f"G{row}"].value for row in (5, 6, 7)] == ["first", "second", None]


def test_rows_hidden_by_hand_stay_hidden(sample_plan: Path) -> None:
    run(sample_plan, now=WHEN)
    book = load_workbook(sample_plan)
    book["Quotas"].row_dimensions[9].hidden = True
    book.save(sample_plan)
    run(sample_plan, now=WHEN)
    assert load_workbook(sample_plan)["Quotas"].row_dimensions[9].hidden


# --- saving ------------------------------------------------------------------------------------------------------


def open_here(path: Path) -> bool:
    """Whether this process holds a file open: Windows would not replace it then."""
    held = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            held.add(handle.resolve())
        except OSError:
            continue
    return path.resolve() in held


@pytest.mark.parametrize("act", ["run", "new --into"])
def test_no_file_is_replaced_while_it_is_open(
    act: str, sample_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if open_here(self) or open_here(Path(target)):
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    if act == "run":
        run(sample_plan, now=WHEN, backup=True)
    else:
        book = rich_book(tmp_path / "rich.xlsx")
        add_to_book(book, book, backup=True)


def test_what_somebody_saves_while_a_plan_is_added_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from revops_xl.workbook.building import create

    path = rich_book(tmp_path / "rich.xlsx")
    real = create.template_bytes

    def meddle(into: Any, **_: Any) -> bytes:
        path.write_bytes(path.read_bytes() + b"")
        os.utime(path, ns=(1, 1))
        return real(into)

    monkeypatch.setattr(create, "template_bytes", meddle)
    with pytest.raises(PlanError, match="in the meantime"):
        add_to_book(path, path)


def test_a_file_open_in_libreoffice_is_refused(sample_plan: Path) -> None:
    sample_plan.with_name(f".~lock.{sample_plan.name}#").write_text(",Jo Smith,host,21.11.2026 08:00,file:///x;")
    done = CliRunner().invoke(cli, ["run", str(sample_plan)])
    assert done.exit_code == 3
    assert "the workbook is open" in done.output


@pytest.mark.deep
def test_files_of_one_folder_do_not_take_each_others_temporary_file(sample_plan: Path) -> None:
    names = [f"a very long name of a plan for the board meeting v{i}.xlsx" for i in range(6)]
    for name in names:
        (sample_plan.parent / name).write_bytes(sample_plan.read_bytes())
    command = [sys.executable, "-c", "from revops_xl.hosts.cli import main; main()", "run", "-q"]
    runs = [subprocess.Popen([*command, str(sample_plan.parent / name)], stdout=subprocess.DEVNULL) for name in names]
    assert [process.wait() for process in runs] == [0] * len(names)


def test_rights_and_attributes_of_the_file_stay(sample_plan: Path) -> None:
    sample_plan.chmod(0o640)
    try:
        os.setxattr(sample_plan, "user.tag", b"kept")
    except OSError:
        tagged = False
    else:
        tagged = True
    run(sample_plan, now=WHEN)
    assert sample_plan.stat().st_mode & 0o777 == 0o640
    if tagged:
        assert os.getxattr(sample_plan, "user.tag") == b"kept"


def test_check_finds_what_run_would_refuse(sample_plan: Path) -> None:
    book = load_workbook(sample_plan)
    book["Run log"]["B6"] = "below the log"
    run(sample_plan, sample_plan.with_name("other.xlsx"))
    book.save(sample_plan)
    run(sample_plan, sample_plan.with_name("first.xlsx"))
    book = load_workbook(sample_plan.with_name("first.xlsx"))
    book.save(sample_plan)
    with pytest.raises(PlanError, match="Run log!B6"):
        check(sample_plan)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("p.csv", b"a,b\n", "text, such as a .csv"),
        ("p.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old .xls"),
        ("p.pdf", b"%PDF-1.7", "a PDF"),
    ],
)
def test_run_says_what_kind_of_file_it_got(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(cli, ["run", str(tmp_path / name)])
    assert done.exit_code == 3
    assert reason in done.output


def test_a_workbook_without_a_plan_is_told_how_to_get_one(tmp_path: Path) -> None:
    path = rich_book(tmp_path / "rich.xlsx")
    done = CliRunner().invoke(cli, ["run", str(path)])
    assert done.exit_code == 3
    assert "rich.xlsx: the workbook has no plan" in done.output
    assert "revops-xl new --into rich.xlsx" in done.output


def test_styles_that_nothing_refers_to(tmp_path: Path, tables: Tables) -> None:
    """A host whose styles part hangs loose gets ours under another name."""
    path = write_plan(tmp_path / "host.xlsx", {"Mine": ["Mine", (1, 1), ["A"], [[1]]]}, results=False)
    tamper(
        path, {"xl/_rels/workbook.xml.rels": lambda content: re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", content)}
    )
    add_to_book(path, path, sample=True)
    run(path, now=WHEN)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))


def test_highest_numbers_of_sheets_and_tables(tmp_path: Path) -> None:
    path = rich_book(tmp_path / "rich.xlsx")
    tamper(path, {"xl/workbook.xml": lambda content: content.replace(b'sheetId="2"', b'sheetId="65534"')})
    findings = validate(path)
    add_to_book(path, path)
    assert not set(validate(path)) - set(findings)


def test_a_plan_of_more_nodes_than_a_sheet_has_rows_is_refused_at_once(
    sample_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[str] = []
    monkeypatch.setattr("revops_xl.usecases.outputs.MAX_ROWS", 142)
    with pytest.raises(PlanError, match="the plan has 142 nodes; a sheet has 142 rows"):
        run(sample_plan, progress=stages.append)
    assert "quotas" not in stages
