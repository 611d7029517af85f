"""Files of other programs brought into a plan: what is made of them, and what is refused.

Headers are those of the platforms' own exports: Salesforce (report export, API names), HubSpot (deals export), Dynamics 365
(opportunities), Pipedrive (deals export), Zoho (deals export), Workday and BambooHR (workers reports), as their documentation
and public exports have them.
"""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table

from revops_xl import run
from revops_xl.errors import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.tables.book import settings
from revops_xl.tables.schema.table_edit import Edit, as_written
from revops_xl.usecases.import_files import ImportOptions, before_of, import_files, undo
from revops_xl.usecases.parts import parts_of
from revops_xl.workbook.plan_file import PlanFile
from tests.programs import recalculate, validate

PEOPLE = """Employee ID,First Name,Last Name,Manager ID,Hire Date,FY25 Bookings,FY26 Bookings,Department
E1,Pat,Lee,,2015-01-01,,,Sales
E2,Mia,Stone,E1,2016-01-01,,,Sales
E3,Otto,Kern,E1,2017-01-01,100000,120000,Sales
E4,Ann,Lee,E2,2018-01-01,200000,220000,Sales
E5,Bob,Ray,E2,2019-01-01,100000,90000,Sales
E6,Cem,Tan,E3,2020-01-01,100000,130000,Sales
E7,Vacant,,E3,,,,Sales
E8,Vacant,,E3,,,,Sales
"""
DEALS = """Opportunity ID;Opportunity Owner;Account Name;Stage;Forecast Category;Amount;Probability (%);Close Date;Created Date
006A;Ann Lee;Orchid;Closed Won;Closed;50.000,00;100;10.11.2026;01.08.2026
006B;Bob Ray;Pine;Closed Lost;Omitted;30.000,00;0;25.11.2026;01.09.2026
006C;Cem Tan;Quarz;Negotiation/Review;Commit;80.000,50;90;01.02.2027;01.10.2026
006D;Ann Lee;Rook;Proposal/Price Quote;Best Case;40.000,00;75;01.03.2027;13.11.2026
;;;;;200.000,50;;;
"""
WHEN = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(plan: Path, table: str) -> list[dict[str, Any]]:
    """Filled rows of a table, read by another program."""
    for sheet in load_workbook(plan, data_only=True):
        if table in sheet.tables:
            head, *body = [[cell.value for cell in row] for row in sheet[sheet.tables[table].ref]]
            return [dict(zip(head, row, strict=True)) for row in body if any(cell not in {None, ""} for cell in row)]
    raise KeyError(table)


def with_settings(plan: Path, **values: Any) -> None:
    file = PlanFile.of(plan)
    raw = file.read([settings.TABLE.name]).tables[settings.TABLE.name]
    names = [str(name) for name in raw.column("Setting")]
    edits = [Edit(names.index(name.replace("_", " ")), {"Value": value}) for name, value in values.items()]
    file.write([as_written(raw, settings.TABLE, edits)])


def test_from_nothing_to_a_plan_that_ran(tmp_path: Path) -> None:
    """An HR list and a CRM export: the path, the seats, the statuses, the numbers and dates of a German export."""
    plan = tmp_path / "plan.xlsx"
    files = [put(tmp_path / "people.csv", PEOPLE), put(tmp_path / "deals.csv", DEALS)]
    proposal = import_files(plan, files)
    assert not plan.exists()
    assert [each.proposal.table for each in proposal.imports] == ["Hierarchy", "Deals"]
    import_files(plan, files, apply=True)
    people = rows(plan, "Hierarchy")
    assert [(each["Head"], each["Manager"], each["Rep"]) for each in people] == [
        ("Pat Lee", "Otto Kern", "Otto Kern"),  # leads and sells
        ("Pat Lee", "Mia Stone", "Ann Lee"),
        ("Pat Lee", "Mia Stone", "Bob Ray"),
        ("Pat Lee", "Otto Kern", "Cem Tan"),
        ("Pat Lee", "Otto Kern", "Vacant 1"),
        ("Pat Lee", "Otto Kern", "Vacant 2"),
    ]
    assert [each["FY26 Bookings_Attainment"] for each in people] == [120000, 220000, 90000, 130000, None, None]
    deals = {each["Deal ID"]: each for each in rows(plan, "Deals")}
    assert {each: deals[each]["Status"] for each in deals} == {
        "006A": "Won",
        "006B": "Lost",
        "006C": "Open",
        "006D": "Open",
    }
    assert deals["006C"]["Amount"] == 80000.5
    assert (deals["006C"]["Rep probability"], deals["006C"]["Forecast Category"]) == (0.9, "Commit")
    assert deals["006D"]["Close date"].date() == dt.date(2027, 3, 1)
    assert [each["Level"] for each in rows(plan, "Levels")] == ["Head", "Manager", "Rep"]
    with_settings(plan, Target=1_200_000)
    results = run(plan, now=WHEN)
    quotas = results.quotas.set_index("node")["quota"]
    assert quotas["Pat Lee"] == 1_200_000
    assert not results.failed
    assert validate(plan) == []
    (again,) = recalculate([plan], tmp_path)
    assert (
        load_workbook(again, data_only=True)["Quotas"]["C5"].value
        == load_workbook(plan, data_only=True)["Quotas"]["C5"].value
    )
    states = {each.name: each.state for each in parts_of(plan)}
    assert states["forecast"] == "in view"
    assert states["planning"] == "not in the plan"


def test_an_org_of_ids_has_the_right_shares(tmp_path: Path) -> None:
    """By hand: Ann 200, Bob 100 and Cem 100 of 400 share 400,000."""
    text = "Employee ID,Employee,Manager ID,FY26_Attainment\nE1,Pat CEO,,\nE2,Mia Stone,E1,\nE3,Otto Kern,E1,\nE4,Ann Lee,E2,200\nE5,Bob Ray,E2,100\nE6,Cem Tan,E3,100\n"
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [put(tmp_path / "people.csv", text)], apply=True)
    with_settings(plan, Target=400_000)
    quotas = run(plan, now=WHEN).quotas.set_index("node")["quota"]
    assert quotas.to_dict() == {
        "Pat CEO": 400_000, "Mia Stone": 300_000, "Ann Lee": 200_000, "Bob Ray": 100_000, "Otto Kern": 100_000, "Cem Tan": 100_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Name,Reports To\nPat,\nMia,Pat\nKim,\nAnn,Kim\n", "2 people have no manager: Pat (row 2), Kim (row 4)"),
        ("Name,Reports To\nPat,Ann\nMia,Pat\nAnn,Mia\n", "they report to each other: Pat (row 2) → Ann (row 4) → Mia (row 3) → Pat (row 2)"),
        ("Name,Reports To\nPat,\nMia,Pat\nAnn,Zed\n", 'manager "Zed" is not in the list (1 row)'),
        ("Employee ID,Name,Manager ID\n1,Pat,\n2,Mia,1\n2,Ann,1\n", 'id "2" stands twice, first in row 3'),
        ("Name,Reports To\nPat,\nMia,Pat\nMia,Pat\nAnn,Mia\n", '"Mia" stands in rows 3, 4'),
    ],
)  # fmt: skip
def test_what_a_list_of_people_cannot_say_is_told_with_its_rows(tmp_path: Path, text: str, told: str) -> None:
    plan = tmp_path / "plan.xlsx"
    with pytest.raises(PlanError) as refused:
        import_files(plan, [put(tmp_path / "people.csv", text)], apply=True)
    assert told in str(refused.value)
    assert not plan.exists()


def test_a_manager_above_the_list_is_the_top_and_open_seats_are_told_apart(tmp_path: Path) -> None:
    text = "Name,Reports To,Bookings 2026\nMia,CRO Kim,\nOtto,CRO Kim,\nAnn,Mia,5\nTBH,Mia,\nTBH,Otto,\n"
    found = import_files(tmp_path / "plan.xlsx", [put(tmp_path / "people.csv", text)], apply=True)
    assert [tuple(each.values())[:3] for each in rows(found.path, "Hierarchy")] == [
        ("CRO Kim", "Mia", "Ann"), ("CRO Kim", "Mia", "TBH 1"), ("CRO Kim", "Otto", "TBH 2"),
    ]  # fmt: skip
    told = " ".join(found.imports[0].proposal.told)
    assert "CRO Kim is the top node" in told
    assert "open seats, numbered" in told


PLATFORMS = {
    "Salesforce": (
        "Id,OwnerId,AccountId,StageName,Amount,Probability,IsWon,IsClosed,CreatedDate,CloseDate,ForecastCategoryName",
        ["0065g00000AbCdE,Ann,Acme,Closed Won,100,100,true,true,2026-01-05T10:00:00.000+0000,2026-03-01,Closed",
         "0065g00000AbCdF,Ann,Bolt,Prospecting,50,10,false,false,2026-01-06T10:00:00.000+0000,2027-03-01,Pipeline",
         "0065g00000AbCdG,Ann,Cask,Closed Lost,70,0,false,true,2026-01-07T10:00:00.000+0000,2026-02-01,Omitted"],
        {"OwnerId": "Rep"},
    ),
    "HubSpot": (
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Deal probability,Create Date,Associated Company",
        ["1,A,Closed Won,2026-03-01 10:00,Ann,100,1.0,2026-01-05 09:00,Acme", "2,B,Appointment Scheduled,2027-03-01 10:00,Ann,50,0.2,2026-01-06 09:00,Bolt",
         "3,C,Closed Lost,2026-02-01 10:00,Ann,70,0.0,2026-01-07 09:00,Cask"],
        {},
    ),
    "Dynamics 365": (
        "(Do Not Modify) Opportunity,Topic,Potential Customer,Est. Close Date,Est. Revenue,Probability,Status,Status Reason,Owner,Created On",
        ["g1,A,Acme,3/1/2026,$100.00,100,Won,Won,Ann,1/25/2026", "g2,B,Bolt,3/1/2027,$50.00,20,Open,In Progress,Ann,1/26/2026",
         "g3,C,Cask,2/1/2026,$70.00,0,Lost,Canceled,Ann,1/27/2026"],
        {},
    ),
    "Pipedrive": (
        "Deal - ID,Deal - Title,Deal - Status,Deal - Value,Deal - Probability,Deal - Owner,Deal - Organization,Deal - Stage,Deal - Deal created,Deal - Expected close date",
        ["1,A,Won,100,100,Ann,Acme,Negotiations,2026-01-05,2026-03-01", "2,B,Open,50,20,Ann,Bolt,Demo,2026-01-06,2027-03-01", "3,C,Lost,70,0,Ann,Cask,Demo,2026-01-07,2026-02-01"],
        {},
    ),
    "Zoho": (
        "Record Id,Deal Name,Account Name,Deal Owner,Stage,Amount,Probability,Created Time,Closing Date",
        ["zcrm_1,A,Acme,Ann,Closed Won,100,100,2026-01-05 10:00:00,2026-03-01", "zcrm_2,B,Bolt,Ann,Qualification,50,20,2026-01-06 10:00:00,2027-03-01",
         "zcrm_3,C,Cask,Ann,Closed Lost,70,0,2026-01-07 10:00:00,2026-02-01"],
        {},
    ),
    "German": (
        "Opportunity-ID;Besitzer;Kunde;Phase;Betrag;Wahrscheinlichkeit;Erstelldatum;Schlusstermin;Deal ID",
        [";Ann;Acme;Gewonnen;100,00;100;05.01.2026;25.03.2026;1", ";Ann;Bolt;Angebot;50,00;20;06.01.2026;01.03.2027;2", ";Ann;Cask;Verloren;70,00;0;07.01.2026;01.02.2026;3"],
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS)
def test_exports_of_each_platform_by_their_own_headers(tmp_path: Path, platform: str) -> None:
    head, body, maps = PLATFORMS[platform]
    file = put(tmp_path / "export.csv", "\n".join([head, *body, ""]))
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [file], ImportOptions(columns=maps), apply=True)
    deals = rows(plan, "Deals")
    assert [(each["Status"], each["Amount"], each["Rep"]) for each in deals] == [("Won", 100, "Ann"), ("Open", 50, "Ann"), ("Lost", 70, "Ann")]  # fmt: skip
    assert [each["Created"].date().day % 20 for each in deals] == [5, 6, 7]
    assert [(each["Close date"].year, each["Close date"].month) for each in deals] == [(2026, 3), (2027, 3), (2026, 2)]
    assert deals[1]["Rep probability"] in {0.1, 0.2}
    again = import_files(plan, [file])
    assert not again.imports[0].changes.added
    assert not again.imports[0].changes.changed


def test_the_plan_keeps_what_was_said_and_tells_what_no_longer_fits(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    text = DEALS[: DEALS.index("\n;;;;") + 1]
    first = put(tmp_path / "a.csv", text.replace("Opportunity Owner", "Betreuer"))
    with pytest.raises(PlanError):
        import_files(plan, [put(tmp_path / "x.csv", text.replace("Amount", "Worth"))], apply=True)
    import_files(plan, [first], ImportOptions(columns={"Betreuer": "Rep", "Forecast Category": ""}), apply=True)
    assert "Forecast Category" not in rows(plan, "Deals")[0]
    kept = {each["File column"]: each["Column"] for each in rows(plan, "Imports")}
    assert (kept["Betreuer"], kept["Forecast Category"]) == ("Rep", None)
    july = put(
        tmp_path / "b.csv",
        text.replace("Opportunity Owner", "Betreuer").replace("80.000,50", "81.000,50").replace("006D", "006E"),
    )
    found = import_files(plan, [july], apply=True)  # no questions
    changes = found.imports[0].changes
    assert (len(changes.added), len(changes.changed), len(changes.gone), changes.same) == (1, 1, 1, 2)
    assert {each["Deal ID"] for each in rows(plan, "Deals")} == {"006A", "006B", "006C", "006D", "006E"}
    with pytest.raises(PlanError, match=r'"Amount" \(Amount\) went; new are Value'):
        import_files(
            plan, [put(tmp_path / "c.csv", text.replace("Opportunity Owner", "Betreuer").replace("Amount", "Value"))]
        )
    import_files(plan, [july], ImportOptions(remove_gone=True), apply=True)
    assert {each["Deal ID"] for each in rows(plan, "Deals")} == {"006A", "006B", "006C", "006E"}
    assert validate(plan) == []


def test_rows_and_columns_of_the_users_own_stay(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [put(tmp_path / "p.csv", PEOPLE)], apply=True)
    book = load_workbook(plan)
    sheet = book["Hierarchy"]
    sheet["AZ5"], sheet["AZ6"] = "=1+1", "mine"
    sheet["A20"] = "a note below"
    book.save(plan)
    text = "Rep,Month,Revenue,Pipeline\nAnn Lee,Jan 2026,10,\nAnn Lee,Feb 2026,12,\nBob Ray,Jan 2026,7,\nZoe Xi,Jan 2026,3,\n"
    found = import_files(plan, [put(tmp_path / "h.csv", text)], apply=True)
    assert found.imports[0].changes.unknown == ("Zoe Xi",)
    people = {each["Rep"]: each for each in rows(plan, "Hierarchy")}
    assert people["Ann Lee"]["2026-01_Attainment"] == 10
    assert (people["Ann Lee"]["2026-02_Attainment"], people["Bob Ray"]["2026-02_Attainment"]) == (12, None)
    sheet = load_workbook(plan)["Hierarchy"]
    assert (sheet["AZ5"].value, sheet["AZ6"].value) == ("=1+1", "mine")
    assert (sheet["A20"].value, people["Cem Tan"]["FY26 Bookings_Attainment"]) == ("a note below", 130000)


def test_a_step_back_loses_nothing(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [put(tmp_path / "p.csv", PEOPLE)], apply=True)
    before = plan.read_bytes()
    import_files(plan, [put(tmp_path / "d.csv", DEALS)], apply=True)
    after = plan.read_bytes()
    assert before_of(plan).read_bytes() == before
    undone = undo(plan)
    assert (plan.read_bytes(), undone.read_bytes()) == (before, after)
    with pytest.raises(PlanError, match="no import to take back"):
        undo(plan)


def test_titles_above_totals_below_and_groups_between(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Pipeline report"], ["As of 2026-12-01"], [], [None, "Opportunity ID", "Owner", "Stage", "Amount", "Close Date"],
        [None, "1", "Ann", "Closed Won", 100, dt.date(2026, 3, 1)], [None, "2", "Ann", "Prospecting", 50, dt.date(2027, 3, 1)],
        [None, None, "Total (2 records)", None, 150, None], [None, "Confidential"],
    ):  # fmt: skip
        sheet.append(row)
    book.create_sheet("Notes")["A1"] = "nothing to see"
    path = tmp_path / "report.xlsx"
    book.save(path)
    found = import_files(tmp_path / "plan.xlsx", [path], apply=True)
    assert [each["Deal ID"] for each in rows(found.path, "Deals")] == ["1", "2"]
    assert "left out" in " ".join(found.imports[0].proposal.told)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"%PDF-1.7 nothing", "is called a text file with columns, but is a PDF"),
        ("a.csv", b"", "the file is empty"),
        ("a.xlsx", b"Id,Amount\n1,2\n", "is not an .xlsx workbook, but text"),
        ("a.csv", b"Name;Reports To\nM\xfcller;\nM\xc3\xbcller;x\n", "row 2 is written in Windows-1252 and row 3 in UTF-8"),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n1," + b"9" * 40_000 + b",Won,Ann,2026-01-01\n", "a cell has 40,000 characters"),
        ("a.csv", b"Shoe size,Colour\n43,red\n", "nothing tells which table of the plan this is"),
        ("a.csv", b"Id,Amount,Amount,Stage,Owner,Close Date\n1,2,3,Won,Ann,2026-01-01\n", "twice"),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n1,12.500,Closed Won,Ann,2026-01-01\n", "12.500"),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n1,5,Closed Won,Ann,02/03/2026\n", "two readings"),
        ("a.csv", b"Id,Amount,Stage,Owner,Is Won\n1,5,Closed Lost,Ann,true\n", 'Stage is "Closed Lost", but Is Won say that the deal is Won'),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n1,5,Open,Ann,2027-01-25\n1,5,Open,Ann,2027-01-25\n", "is listed twice, first in row 2"),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n0065g00000AbCdE,5,Open,Ann,2027-01-25\n0065g00000AbCdEAAV,5,Open,Ann,2027-01-25\n", "in its short and its long form"),
        ("a.csv", b"Manager,Quarter,Commit,Actual\nMia,Q1 2026,5,5\nMia,Q1 2026,6,5\n", '"Mia, Q1 2026" stands twice, first in row 2'),
        ("a.csv", b"Id,Amount,Stage,Owner,Close Date\n1,1.2M,Open,Ann,2027-01-25\n", "is short for a number"),
        ("a.csv", b"Id,Amount,Stage,Owner,Probability (%)\n1,5,Open,Ann,0.5\n2,5,Open,Ann,80\n", "numbers up to 100 beside parts of 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PlanError) as refused:
        import_files(tmp_path / "plan.xlsx", [tmp_path / name], apply=True)
    assert told in str(refused.value)
    assert not (tmp_path / "plan.xlsx").exists()


def test_the_command_shows_the_proposal_and_writes_on_yes(tmp_path: Path) -> None:
    plan, file = tmp_path / "plan.xlsx", put(tmp_path / "people.csv", PEOPLE)
    shown = CliRunner().invoke(cli, ["import", str(plan), str(file)])
    assert shown.exit_code == 0, shown.output
    assert "made of who reports to whom" in shown.output
    assert "Nothing is written yet" in shown.output
    assert not plan.exists()
    done = CliRunner().invoke(cli, ["import", str(plan), str(file), "--yes"])
    assert done.exit_code == 0, done.output
    assert "6 rows written into Hierarchy of a fresh plan" in done.output
    bad = CliRunner().invoke(cli, ["import", str(plan), str(file), "--map", "Nope=Rep"])
    assert (bad.exit_code, 'no column "Nope"' in bad.output) == (3, True)


def test_the_preview_can_be_corrected_in_the_workbook(tmp_path: Path) -> None:
    plan, file = tmp_path / "plan.xlsx", put(tmp_path / "d.csv", DEALS)
    import_files(plan, [put(tmp_path / "p.csv", PEOPLE)], apply=True)
    import_files(plan, [file], preview=True)
    book = load_workbook(plan)
    sheet = book["Imports"]
    for row in sheet[sheet.tables["Imports"].ref][1:]:
        if row[1].value == "Account Name":
            assert row[5].value == "proposed"
            row[2].value = "Customer"
    book.save(plan)
    import_files(plan, [file], apply=True)
    assert rows(plan, "Deals")[0]["Customer"] == "Orchid"


def test_parquet_and_memory(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(io.StringIO(DEALS), sep=";", dtype=str).iloc[:4]
    frame["Amount"] = [50000, 30000, 80000.5, 40000]
    frame["Close Date"] = pandas.to_datetime(frame["Close Date"], dayfirst=True)
    frame["Created Date"] = pandas.to_datetime(frame["Created Date"], dayfirst=True)
    frame.to_parquet(tmp_path / "d.parquet")
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [tmp_path / "d.parquet"], apply=True)
    assert [each["Amount"] for each in rows(plan, "Deals")] == [50000, 30000, 80000.5, 40000]
    assert rows(plan, "Deals")[2]["Close date"].date() == dt.date(2027, 2, 1)


def test_german_files_make_a_plan_in_euro(tmp_path: Path) -> None:
    """Windows-1252, semicolons, decimal commas, days first, a title above and a total below, umlauts, an open seat."""
    people = "Personalnummer;Vorname;Nachname;Vorgesetzten-ID;Eintrittsdatum;Umsatz 2025;Umsatz 2026;Abteilung\n1;Petra;Vogt;;01.02.2012;;;Vertrieb\n2;Jörg;Müller;1;01.03.2014;;;Vertrieb\n3;Änne;Groß;1;15.05.2015;120.000,00;130.500,50;Vertrieb\n4;Ömer;Özil;2;01.01.2018;200.000,00;220.000,00;Vertrieb\n5;Lena;Kühn;3;01.09.2020;80.000,00;95.000,00;Vertrieb\n6;N.N.;;3;;;;Vertrieb\n"
    deals = "Bericht: Opportunities\nStand: 01.12.2026\n\nOpportunity-ID;Besitzer;Kunde;Phase;Betrag;Wahrscheinlichkeit;Erstelldatum;Schlusstermin\n1;Ömer Özil;Acme;Gewonnen;50.000,00 €;100 %;05.01.2026;25.03.2026\n2;Lena Kühn;Bolt;Angebot;40.000,00 €;50 %;13.06.2026;01.03.2027\nGesamt;;;;90.000,00 €;;;\n"
    plan = tmp_path / "plan.xlsx"
    files = [put(tmp_path / "personal.csv", people, "cp1252"), put(tmp_path / "chancen.csv", deals, "cp1252")]
    import_files(plan, files, apply=True)
    assert [(each["Manager"], each["Rep"], each["Umsatz 2026_Attainment"]) for each in rows(plan, "Hierarchy")] == [
        ("Änne Groß", "Änne Groß", 130500.5), ("Jörg Müller", "Ömer Özil", 220000), ("Änne Groß", "Lena Kühn", 95000), ("Änne Groß", "N.N.", None),
    ]  # fmt: skip
    assert [(each["Status"], each["Amount"], each["Rep probability"]) for each in rows(plan, "Deals")] == [("Won", 50000, 1), ("Open", 40000, 0.5)]  # fmt: skip
    assert {each["Setting"]: each["Value"] for each in rows(plan, "Settings")}["Currency"] == "EUR"
    with_settings(plan, Target=500_000)
    assert not run(plan, now=WHEN).failed


def test_one_probability_below_a_percent_sign_is_a_percentage(tmp_path: Path) -> None:
    file = put(tmp_path / "a.csv", "Id,Amount,Stage,Owner,Probability (%)\n00123,5,Open,Ann,50\n")
    found = import_files(tmp_path / "plan.xlsx", [file], apply=True)
    deal = rows(found.path, "Deals")[0]
    assert (deal["Rep probability"], deal["Deal ID"]) == (0.5, "00123")


def test_tables_beside_each_other_are_told_apart(tmp_path: Path) -> None:
    """By their range where the workbook says it, by the blank columns between them where it does not."""
    for tables in (True, False):
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Data"
        for row in (
            ["Opportunity ID", "Owner", "Stage", "Amount", "Close Date", None, "Owner", "Phone"],
            ["1", "Ann", "Demo", 5, dt.date(2027, 1, 25), None, "Ann", "123"],
            ["2", "Bob", "Demo", 6, dt.date(2027, 1, 26), None, "Bob", "456"],
        ):
            sheet.append(row)
        if tables:
            sheet.add_table(Table(displayName="Deals1", ref="A1:E3"))
            sheet.add_table(Table(displayName="Phones", ref="G1:H3"))
        path = tmp_path / f"{tables}.xlsx"
        book.save(path)
        found = import_files(tmp_path / f"plan {tables}.xlsx", [path], apply=True)
        assert [each["Rep"] for each in rows(found.path, "Deals")] == ["Ann", "Bob"]
        assert "Phone" not in rows(found.path, "Deals")[0]
        assert "passed over" in " ".join(found.imports[0].proposal.told)


def test_a_sheet_that_cannot_be_read_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    book = Workbook()
    people = book.active
    assert people is not None
    for row in (["Region", "Rep", "2026"], ["NA", "Ann", 5], ["EMEA", "Bob", 6]):
        people.append(row)
    deals = book.create_sheet("Deals")
    for row in (
        ["Id", "Owner", "Stage", "Amount", "Amount", "Close Date"],
        ["1", "Ann", "Demo", 5, 6, dt.date(2027, 1, 1)],
    ):
        deals.append(row)
    book.save(tmp_path / "a.xlsx")
    found = import_files(tmp_path / "plan.xlsx", [tmp_path / "a.xlsx"])
    assert 'Deals ("Amount" stands twice' in " ".join(found.imports[0].proposal.told)


def test_a_list_without_results_makes_a_plan_of_equal_parts(tmp_path: Path) -> None:
    text = "sales_agent,manager,regional_office\nAnna,Dustin,Central\nCecily,Dustin,Central\nVersie,Cara,East\n"
    plan = tmp_path / "plan.xlsx"
    found = import_files(plan, [put(tmp_path / "team.csv", text)], apply=True)
    assert "quotas are equal parts until you fill it in" in " ".join(found.imports[0].proposal.told)
    with_settings(plan, Target=400)
    quotas = run(plan, now=WHEN).quotas.set_index("node")["quota"]
    assert quotas["Company"] == 400
    assert quotas["Anna"] == quotas["Cecily"]
    assert import_files(plan, [tmp_path / "team.csv"]).imports[0].changes.same == 3
