"""Workbooks nobody should compute: each is refused with its cell, nothing is written, nobody sees a traceback."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from revops_xl.hosts.cli import cli
from revops_xl.usecases import run as flow
from tests.plans import Tables, load, worked_tables, write_plan
from tests.programs import parts

Change = Callable[[Tables], object]


def cell(table: str, row: int, column: str | int, value: object) -> Change:
    """Set a cell; rows count from 0 below the headers."""

    def change(tables: Tables) -> None:
        headers, rows = tables[table][2], tables[table][3]
        rows[row][headers.index(column) if isinstance(column, str) else column] = value

    return change


def row(table: str, *values: object) -> Change:
    return lambda tables: tables[table][3].append(list(values))


def without(table: str, column: str) -> Change:
    def change(tables: Tables) -> None:
        index = tables[table][2].index(column)
        del tables[table][2][index]
        for values in tables[table][3]:
            del values[index]

    return change


def drop(table: str) -> Change:
    return lambda tables: tables.pop(table)


def both(*changes: Change) -> Change:
    return lambda tables: [change(tables) for change in changes]


def column(table: str, name: str, *values: object) -> Change:
    def change(tables: Tables) -> None:
        tables[table][2].append(name)
        for i, line in enumerate(tables[table][3]):
            line.append(values[i] if i < len(values) else None)

    return change


def gate(test: object = ">", threshold: object = 0) -> Change:
    return row("Metrics", "Seats gate", "gate", None, None, "CloudSeats", None, None, None, test, threshold)


MANY = "…"
BAD: dict[str, tuple[Change, str, str]] = {
    # Settings
    "target blank": (cell("Settings", 1, "Value", None), "Settings!B6", "Target is blank"),
    "target negative": (cell("Settings", 1, "Value", -5), "Settings!B6", "Target is -5; an amount above 0"),
    "target zero": (cell("Settings", 1, "Value", 0), "Settings!B6", "Target is 0"),
    "target text": (cell("Settings", 1, "Value", "a lot"), "Settings!B6", '"a lot" is not a number as en-US'),
    "target with two readings": (cell("Settings", 1, "Value", "200.000"), "Settings!B6", 'Target: "200.000" has two readings: 200 and 200000'),
    "target percent": (cell("Settings", 1, "Value", "50%"), "Settings!B6", "is a percentage"),
    "target boolean": (cell("Settings", 1, "Value", True), "Settings!B6", "TRUE where an amount"),
    "target date": (cell("Settings", 1, "Value", dt.datetime(2026, 1, 1)), "Settings!B6", "the date 2026-01-01"),  # noqa: DTZ001
    "target error": (cell("Settings", 1, "Value", "#REF!"), "Settings!B6", "the error #REF!"),
    "target not calculated": (cell("Settings", 1, "Value", "=1000"), "Settings!B6", "=1000 is not calculated"),
    "target finer than the unit": (cell("Settings", 1, "Value", 1000.001), "Settings!B6", "not a whole multiple"),
    "target of too many digits": (cell("Settings", 1, "Value", 1e15), "Settings!B6", "more than 15 digits"),
    "unit zero": (cell("Settings", 2, "Value", 0), "Settings!B7", "Rounding unit is 0"),
    "default hedge zero": (cell("Settings", 3, "Value", 0), "Settings!B8", "Default hedge is 0"),
    "unknown setting": (row("Settings", "Tarjet", 5), "Settings!A9", 'Did you mean "Target"?'),
    "setting twice": (row("Settings", "Target", 5), "Settings!A9", "is set twice, first in row 6"),
    "unknown choice": (row("Settings", "New hires", "sometimes"), "Settings!B9", "is not one of flag"),
    "unknown locale": (row("Settings", "Locale", "xx-YY"), "Settings!B9", 'Locale "xx-YY" is not known'),
    "pipeline columns that match nothing": (row("Settings", "Pipeline columns", "Nope_*"), "Settings!B9", 'matches "Nope_*"'),
    "no settings": (drop("Settings"), "Settings", "no table Settings"),
    # Hierarchy
    "no hierarchy": (drop("Hierarchy"), "Hierarchy", "no table Hierarchy"),
    "no rows": (lambda tables: tables["Hierarchy"][3].clear(), "Hierarchy!A4", "has no rows"),
    "two roots": (cell("Hierarchy", 4, "Global", "World"), "Hierarchy!A9", 'a second company in column Global: "World"; row 5 has "Global"'),
    "blank root": (cell("Hierarchy", 2, "Global", None), "Hierarchy!A7", '"Global" is blank'),
    "blank IC": (cell("Hierarchy", 2, "IC", None), "Hierarchy!D7", '"IC" is blank'),
    "IC of blanks": (cell("Hierarchy", 2, "IC", "  "), "Hierarchy!D7", "holds only blanks"),
    "IC twice": (cell("Hierarchy", 3, "IC", "Ann"), "Hierarchy!D5", 'IC "Ann" is also in row 8'),
    "team with two parents": (cell("Hierarchy", 2, "Region", "EMEA"), "Hierarchy!C7", 'reports to Region "EMEA" here and to Region "NA" in row 5'),
    "reporting circle": (both(cell("Hierarchy", 3, "Director", "EMEA"), cell("Hierarchy", 4, "Director", "NA")), "Hierarchy!", "reporting circle"),
    "history as error": (cell("Hierarchy", 1, "Q3_Attainment", "#DIV/0!"), "Hierarchy!G6", "the error #DIV/0!"),
    "history not calculated": (cell("Hierarchy", 1, "Q3_Attainment", "=A1"), "Hierarchy!G6", "is not calculated"),
    "history as text": (cell("Hierarchy", 1, "Q3_Attainment", "n/a"), "Hierarchy!G6", '"n/a" is not a number'),
    "history as date": (cell("Hierarchy", 1, "Q3_Attainment", dt.date(2026, 3, 1)), "Hierarchy!G6", "the date 2026-03-01"),
    "id as date": (cell("Hierarchy", 1, "IC", dt.date(2026, 3, 3)), "Hierarchy!D6", "Format the cell as text"),
    "id of 17 digits": (cell("Hierarchy", 1, "IC", 12345678901234567), "Hierarchy!D6", "more than 15 digits"),
    "id as error": (cell("Hierarchy", 1, "IC", "#N/A"), "Hierarchy!D6", "the error #N/A"),
    "split of 90 %": (column("Hierarchy", "Split %", 0.9), "Hierarchy!D5", "add up to 90 %"),
    "split as 60": (column("Hierarchy", "Split %", 60), "Hierarchy!D5", "add up to 60 %"),
    "split with other values": (
        both(cell("Hierarchy", 3, "IC", "Ann"), column("Hierarchy", "Split %", 0.5, None, None, 0.5)),
        "Hierarchy!E8", 'Q1_Attainment of the split IC "Ann" differs from row 5',
    ),
    "flag and rule": (column("Hierarchy", "New hire", None, None, True), "Hierarchy!L7", "they answer the same question"),
    "flag without a column": (row("Settings", "New hires", "flag"), "Settings!B9", 'has no column "New hire"'),
    "flag of another kind": (column("Hierarchy", "New hire", "maybe"), "Hierarchy!L5", '"maybe" where TRUE or FALSE'),
    # Levels
    "level that is no column": (cell("Levels", 1, "Level", "Zone"), "Levels!A6", 'has no column "Zone"'),
    "level twice": (cell("Levels", 1, "Level", "Global"), "Levels!A6", "is listed twice"),
    "hedge of the ICs": (cell("Levels", 3, "Hedge", 1.1), "Levels!B8", "hand nothing down"),
    "hedge of zero": (cell("Levels", 1, "Hedge", 0), "Levels!B6", "Hedge is 0; a factor"),
    "hedge of a level without nodes": (
        both(column("Hierarchy", "Zone"), lambda tables: tables["Levels"][3].insert(2, ["Zone", 1.1])), "Levels!B7", "no node is on level",
    ),
    "one level": (lambda tables: tables["Levels"][3].__delitem__(slice(1, None)), "Levels!A5", "at least two levels"),
    "hedge of an unknown node": (cell("NodeHedges", 0, "Node", "EMAE"), "Levels!E5", 'no node is called "EMAE". Did you mean "EMEA"?'),
    "hedge of an IC": (cell("NodeHedges", 0, "Node", "Ann"), "Levels!E5", "is an IC"),
    "hedge blank": (cell("NodeHedges", 0, "Hedge", None), "Levels!F5", "Hedge is blank"),
    # Metrics
    "weight below zero": (cell("Metrics", 1, "Weight", -0.2), "Metrics!D6", "Weight is -0.2"),
    "no weight at all": (both(cell("Metrics", 0, "Weight", 0), cell("Metrics", 1, "Weight", 0)), "Metrics!D4", "nothing makes the shares"),
    "columns that match nothing": (cell("Metrics", 1, "Columns", "Cloud_*"), "Metrics!E6", 'no column of Hierarchy matches "Cloud_*"'),
    "metric twice": (cell("Metrics", 1, "Metric", "Attainment"), "Metrics!A6", "declared twice"),
    "direction unknown": (cell("Metrics", 1, "Direction", "up"), "Metrics!C6", "is not one of proportional, inverse"),
    "lookback too long": (cell("Metrics", 1, "Lookback", 3), "Metrics!F6", "which has 1 columns"),
    "lookback of half a period": (cell("Metrics", 1, "Lookback", 1.5), "Metrics!F6", "a whole number"),
    "gate with a weight": (both(gate(), cell("Metrics", 2, "Weight", 1)), "Metrics!D7", "means nothing for a gate"),
    "blend with a test": (cell("Metrics", 0, "Gate test", ">"), "Metrics!I5", "means nothing for a blend"),
    "gate on a blank": (both(gate(), cell("Hierarchy", 2, "CloudSeats", None)), "Hierarchy!I7", 'gate "Seats gate" decides by it'),
    "everything gated": (both(gate(">", 999), row("Settings", "Gate fallback", "error"), drop("Overrides")), "Metrics", "fails the gate"),
    # Overrides and thresholds
    "override of an unknown node": (cell("Overrides", 0, "Node", "bob"), "Overrides!A5", 'Did you mean "Bob"?'),
    "override negative": (cell("Overrides", 0, "Amount", -1), "Overrides!B5", "Amount is -1"),
    "override blank": (cell("Overrides", 0, "Amount", None), "Overrides!B5", "Amount is blank"),
    "override of the root": (cell("Overrides", 0, "Node", "Global"), "Overrides!A5", "is the top node"),
    "override twice": (row("Overrides", "Bob", 1, "base", None), "Overrides!A6", "is listed twice"),
    "override above the pool": (cell("Overrides", 0, "Amount", 5000), "Overrides!B5", 'below "Dir_1" add up to'),
    "override of no amount of cents": (cell("Overrides", 0, "Amount", 1.005), "Overrides!B5", "not a whole multiple"),
    "basis unknown": (cell("Overrides", 0, "Basis", "net"), "Overrides!C5", "is not one of base, hedged"),
    "threshold of an unknown node": (cell("Thresholds", 1, "Node", "N.A."), "Thresholds!A6", "no node is called"),
    "thresholds swapped": (cell("Thresholds", 1, "Healthy", 0.5), "Thresholds!B6", "is below At risk"),
    "missing column": (without("Overrides", "Amount"), "Overrides!A4", 'has no column "Amount"'),
    "ambiguous node": (both(cell("Hierarchy", 5, "IC", "NA")), "Levels!E5", 'Write "Region: NA" or "IC: NA".'),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_workbook_is_refused(name: str, tmp_path: Path) -> None:
    change, where, message = BAD[name]
    tables = worked_tables()
    change(tables)
    path = write_plan(tmp_path / "plan.xlsx", tables)
    before = path.read_bytes()
    for command in (["check", str(path)], ["run", str(path)], ["run", str(path), "-o", str(tmp_path / "out.xlsx")]):
        done = CliRunner().invoke(cli, command)
        assert done.exit_code == 3, done.output
        assert where in done.output
        assert message in done.output
        assert "Traceback" not in done.output
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.xlsx"]


def test_there_are_enough_of_them() -> None:
    assert len(BAD) >= 40


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    tables = worked_tables()
    for name in (
        "target blank",
        "history as error",
        "hedge of an unknown node",
        "weight below zero",
        "override negative",
        "thresholds swapped",
    ):
        BAD[name][0](tables)
    done = CliRunner().invoke(cli, ["check", str(write_plan(tmp_path / "plan.xlsx", tables))])
    for where in ("Settings!B6", "Hierarchy!G6", "Levels!E5", "Metrics!D6", "Overrides!B5", "Thresholds!B6"):
        assert where in done.output


def test_the_good_plan_is_not_refused(plan_path: Path) -> None:
    """The plan that the bad ones are made from is fine."""
    for command in ("check", "run"):
        done = CliRunner().invoke(cli, [command, str(plan_path)])
        assert done.exit_code == 0, done.output


def test_check_refuses_what_run_would_refuse(tmp_path: Path) -> None:
    taken = write_plan(tmp_path / "taken.xlsx", worked_tables())
    book = load_workbook(taken)
    book["Result Quotas"]["A9"] = "mine"
    book.save(taken)
    for command in ("check", "run"):
        done = CliRunner().invoke(cli, [command, str(taken)])
        assert (done.exit_code, "Result Quotas!A9: table Quotas has to grow" in done.output) == (3, True), done.output


def test_a_workbook_with_inputs_alone_gets_its_result_sheets(tmp_path: Path) -> None:
    bare = write_plan(tmp_path / "bare.xlsx", worked_tables(), results=False)
    for command in ("check", "run"):
        assert CliRunner().invoke(cli, [command, str(bare)]).exit_code == 0
    page = load_workbook(bare, data_only=True)["Quotas"]
    assert page["G5"].value == 1000
    assert {"Target", "Plan"} <= set(load_workbook(bare).defined_names)


@pytest.mark.parametrize("names", [("EMEA", "emea"), ("EMEA", "ЕMEA"), ("EMEA", "EM\u200bEA")])  # noqa: RUF001
def test_look_alikes_are_listed_and_kept_apart(names: tuple[str, str], tmp_path: Path) -> None:
    tables = worked_tables()
    cell("Hierarchy", 4, "Region", names[0])(tables)
    cell("Hierarchy", 5, "Region", names[1])(tables)
    cell("Hierarchy", 5, "Director", "Dir_4")(tables)
    path = write_plan(tmp_path / "plan.xlsx", tables)
    done = CliRunner().invoke(cli, ["check", str(path)])
    assert done.exit_code == 0
    assert "look alike and are kept apart" in done.output
    assert "Hierarchy!B10" in done.output


def test_blanks_around_a_name_are_no_part_of_it(tmp_path: Path) -> None:
    tables = worked_tables()
    cell("Hierarchy", 4, "Region", "EMEA")(tables)
    cell("Hierarchy", 5, "Region", " EMEA\u00a0")(tables)
    cell("Hierarchy", 5, "Director", "Dir_4")(tables)
    path = write_plan(tmp_path / "plan.xlsx", tables)
    results = flow.run(path)
    told = dict(
        zip(results.tables["Checks"].values("Where"), results.tables["Checks"].values("What to do"), strict=True)
    )
    assert told["Hierarchy!B10"].startswith('" EMEA\u00a0" is read as "EMEA", without the blanks that nobody sees')
    assert results.outcome.values_because == ""
    nodes = results.tables["Quotas"].values("Node")
    assert "EMEA" in nodes
    assert " EMEA\u00a0" not in nodes


IDS = [
    "text:NA",
    "text:null",
    "text:None",
    "text:TRUE",
    "text:1E5",
    "text:007",
    "text:3-Mar",
    "text:00123",
    1001,
    "text:=1+1",
    "text:12345678901234567",
]


def test_ids_stay_as_written(tmp_path: Path) -> None:
    from revops_xl.usecases.run import compute

    tables = worked_tables()
    tables["Hierarchy"][3] = [["Global", "text:NA", "Dir_1", name, 1, 1, 1, 1, 1, 1, 1] for name in IDS]
    for table in ("Overrides", "NodeHedges", "Thresholds"):
        del tables[table]
    path = write_plan(tmp_path / "plan.xlsx", tables)
    names = set(compute(path).quotas.inputs.tree.names)
    assert {str(name).removeprefix("text:") for name in IDS} <= names


def test_a_number_text_has_one_reading_per_locale(tmp_path: Path) -> None:
    from tests.plans import load

    for locale, text, value in (
        ("de-DE", "1.234,50", 1234.5),
        ("en-US", "1,234.50", 1234.5),
        ("en-US", "1,234", 1234),
        ("fr-FR", "1\u202f234,5", 1234.5),
    ):
        tables = worked_tables()
        cell("Settings", 1, "Value", text)(tables)
        row("Settings", "Locale", locale)(tables)
        del tables["Overrides"]
        plan = load(write_plan(tmp_path / "plan.xlsx", tables))
        assert plan.settings.target == value


def test_tables_are_found_wherever_they_stand(tmp_path: Path) -> None:
    from revops_xl.usecases.run import compute

    tables = worked_tables()
    expected = compute(write_plan(tmp_path / "plan.xlsx", tables)).quotas
    moved = worked_tables()
    moved["Hierarchy"][0], moved["Hierarchy"][1] = "My people", (17, 9)
    moved["Settings"][1] = (40, 3)
    found = compute(write_plan(tmp_path / "moved.xlsx", moved)).quotas
    assert found.quota.tolist() == expected.quota.tolist()


def test_hidden_rows_are_read(tmp_path: Path, plan_path: Path) -> None:
    from revops_xl.usecases.run import compute

    book = load_workbook(plan_path)
    book["Hierarchy"].row_dimensions[6].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    assert len(compute(tmp_path / "hidden.xlsx").quotas.quota) == len(compute(plan_path).quotas.quota)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"not a zip", "is not an .xlsx workbook"),
        (b"PK\x03\x04 broken", "the file is damaged"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        (bytes.fromhex("D0CF11E0A1B11AE1"), "is an old .xls file"),
    ],
)
def test_files_that_are_no_workbooks(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(content)
    done = CliRunner().invoke(cli, ["check", str(path)])
    assert (done.exit_code, message in done.output) == (3, True), done.output
    assert "plan.xlsx" in done.output


def test_no_such_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["run", str(tmp_path / "none.xlsx")])
    assert done.exit_code == 3
    assert "no such file" in done.output


@pytest.mark.parametrize(
    ("table", "address", "sheet"), [("Hierarchy", "D11", "Hierarchy"), ("Overrides", "A6", "Overrides")]
)
def test_a_row_typed_below_a_table_is_not_left_out_silently(
    table: str, address: str, sheet: str, plan_path: Path
) -> None:
    book = load_workbook(plan_path)
    book[sheet][address] = "Zed"
    book.save(plan_path)
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3
    assert f"{sheet}!{address}: this row stands right below table {table}" in done.output


def test_a_column_typed_beside_a_table_is_listed(plan_path: Path) -> None:
    book = load_workbook(plan_path)
    book["Hierarchy"]["L4"] = "Q5_Attainment"
    book.save(plan_path)
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 0
    assert "Hierarchy!L4" in done.output


@pytest.mark.parametrize(
    ("hedge", "status", "code"), [(0.9, "Warning", 0), (0.05, "Alarm", 1), (1.3, "Warning", 0), (1.5, "Alarm", 1)]
)
def test_check_shows_what_deserves_a_look(hedge: float, status: str, code: int, tmp_path: Path) -> None:
    tables = worked_tables()
    tables["Overrides"][3] = []
    tables["NodeHedges"][3] = []
    cell("Settings", 3, "Value", 1)(tables)
    cell("Levels", 1, "Hedge", hedge)(tables)
    done = CliRunner().invoke(cli, ["check", str(write_plan(tmp_path / "plan.xlsx", tables))])
    assert f"{status}: " in done.output, done.output
    assert done.exit_code == code


def test_nonsense_in_columns_that_are_not_used_yet_is_refused(tmp_path: Path) -> None:
    tables = worked_tables()
    both(
        column("Hierarchy", "Start date", "tomorrow"),
        column("Hierarchy", "OTE", -5),
        column("Hierarchy", "Capacity", "x"),
    )(tables)
    done = CliRunner().invoke(cli, ["check", str(write_plan(tmp_path / "plan.xlsx", tables))])
    assert done.exit_code == 3
    for where in ("Hierarchy!L5", "Hierarchy!M5", "Hierarchy!N5"):
        assert where in done.output


def test_inputs_that_nothing_reads_are_listed(tmp_path: Path) -> None:
    from tests.plans import load

    tables = worked_tables()
    row("Settings", "Adjustment mode", "redistribute")(tables)
    column("Overrides", "Lock", True)(tables)
    plan = load(write_plan(tmp_path / "plan.xlsx", tables))
    assert plan.unused == (
        ("Settings", "Adjustment mode = redistribute"),
        ("Hierarchy", "DCSeats, Pipeline"),
        ("Overrides", "Lock"),
    )


def damaged(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Replace a part of the package."""
    content = parts(path)
    content[part] = change(content[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/tables/table2.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_truncated_part_is_damage(part: str, cut: float, plan_path: Path) -> None:
    damaged(plan_path, part, lambda content: content[: int(len(content) * cut)])
    for command in ("check", "run"):
        done = CliRunner().invoke(cli, [command, str(plan_path)])
        assert done.exit_code == 3, (done.output, done.exception)
        assert "plan.xlsx" in done.output


def test_a_value_that_is_no_number_is_damage(plan_path: Path) -> None:
    damaged(plan_path, "xl/worksheets/sheet2.xml", lambda content: content.replace(b"<v>120</v>", b"<v>abc</v>"))
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3, (done.output, done.exception)


def prefixed(content: bytes) -> bytes:
    """As the Open XML SDK writes it: every element with a prefix."""
    content = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", content.replace(b"xmlns=", b"xmlns:x="))
    return re.sub(rb"(<[^>]*?)/ >", rb"\1/>", content)


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "no addresses": lambda content: re.sub(rb'<c r="[A-Z]+\d+"', b"<c", content),
    "single quotes": lambda content: re.sub(rb'([\w:]+)="([^"]*)"', rb"\1='\2'", content),
    "prefixes": prefixed,
    "line breaks in tags": lambda content: content.replace(b"<c r", b"<c\n r"),
    "comments": lambda content: content.replace(b"<v>", b"<!-- <v>7</v> --><v>"),
    "entities in types": lambda content: content.replace(b't="e"', b't="&#101;"'),
    "CDATA": lambda content: re.sub(rb"<v>([^<]*)</v>", rb"<v><![CDATA[\1]]></v>", content),
}


@pytest.mark.parametrize("form", UNUSUAL)
def test_an_error_is_found_in_whatever_form_the_sheet_is_written(form: str, plan_path: Path, tables: Tables) -> None:
    """Where the fast search could be fooled, the sheet is first brought into the usual form."""
    usual = load(plan_path).digest
    damaged(plan_path, "xl/worksheets/sheet2.xml", UNUSUAL[form])
    assert load(plan_path).digest == usual
    tables["Hierarchy"][3][1][6] = "#DIV/0!"
    write_plan(plan_path, tables)
    damaged(plan_path, "xl/worksheets/sheet2.xml", UNUSUAL[form])
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3, (done.output, done.exception)
    assert "Hierarchy!G6: the cell shows the error #DIV/0!" in done.output


def test_two_readings_of_one_cell_are_refused(plan_path: Path) -> None:
    """A row that stands in the sheet twice: programs disagree about which one counts."""
    damaged(
        plan_path,
        "xl/worksheets/sheet2.xml",
        lambda content: content.replace(b"</sheetData>", b'<row r="6"><c r="F6"><v>9</v></c></row></sheetData>'),
    )
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3
    assert "stands in the wrong place" in done.output
