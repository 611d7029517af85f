"""A copy that is ready to be sent: nothing of the sender in it, and the same numbers."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from revops_xl import freeze
from revops_xl.errors import PlanError
from revops_xl.functions.native import native
from revops_xl.functions.registry import FUNCTIONS
from tests.packages import tamper
from tests.packets.teams import plan_file
from tests.plans import shown
from tests.programs import parts, recalculate, validate
from tests.rich_book import rich_book

SECRETS = (
    b"REVOPS",
    b"xlam",
    b"Mallory",
    b"Users",
    b"hidden secret",
    b"\\\\printer",
    b"other.xlsx",
    b"Contoso",
    b"[1]",
)


def book(path: Path, *, hidden: bool = True) -> Path:
    """A workbook with everything that should not travel."""
    made = xlsxwriter.Workbook(path)
    made.set_properties(
        {"author": "Mallory", "company": "Contoso", "manager": "Mallory", "hyperlink_base": "C:\\Users\\mallory"}
    )
    made.set_custom_property("Owner", "Mallory")
    page = made.add_worksheet("Model")
    numbers = [(200, 300), (250, 375), (90, None), (0.85, 100), (120, 0)]
    for row, (first, second) in enumerate(numbers):
        page.write(row, 0, first)
        if second is not None:
            page.write(row, 1, second)
    formulas = {
        "D1": ("REVOPS_BIAS_QUOTIENT(A1:A3,B1:B3)", 1.5),
        "D2": ("REVOPS_BIAS_LABEL(D1)", "sandbagger"),
        "D3": ("REVOPS_COMPOUND_HEDGE(1.05,5)", 1.05**5),
        "D4": ("REVOPS_ATTAINABILITY(A1,B4)*2", 4),
        "D5": ("REVOPS_RISK(A4)", "low"),
        "D6": ('REVOPS_COVERAGE_STATUS(A5,B4)&" ("&REVOPS_COVERAGE_STATUS(A5,B5)&")"', "Moderate (No quota)"),
        "D7": ("REVOPS_SAFE_BUDGET(B1:B4,60%)", 465),
        "D8": ('REVOPS_QUOTA(A1:B3,"x",1)', 12.5),
        "D9": ("[1]!REVOPS_RISK(A4)", "low"),
        "D10": ("SUM([1]Sheet1!A1:A3)", 77),
        "D11": ('"REVOPS_RISK("&A1', "REVOPS_RISK(200"),
        "D12": ("Secret!A1*2", 84),
        "D13": ("Hush+1", 43),
        "D14": ("A1+B1", 500),
    }
    for cell, (text, value) in formulas.items():
        page.write_formula(cell, f"={text}", None, value)
    page.write_array_formula("F1:F2", "{=REVOPS_APPORTION(100,A1:A2)}", None, 44)
    page.write_number("F2", 56)
    page.write_url("H1", "https://example.com/page", string="fine")
    page.write_url("H2", "external:C:\\Users\\mallory\\other.xlsx", string="a file")
    page.write_comment("A1", "a note", {"author": "Mallory"})
    secret = made.add_worksheet("Secret")
    secret.write("A1", 42)
    secret.write("A2", "hidden secret")
    if hidden:
        secret.hide()
    else:
        secret.very_hidden()
    made.define_name("Hush", "=Secret!$A$1")
    made.define_name("Fine", "=Model!$A$1")
    made.add_worksheet("Third").write("A1", 1)
    made.define_name("Third!Local", "=Third!$A$1")
    made.close()
    link = {
        "xl/externalLinks/externalLink1.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="file:///C:/Users/mallory/revops_xl.xlam" TargetMode="External"/></Relationships>',
        "xl/printerSettings/printerSettings1.bin": b"\\\\printer\x00server",
        "xl/worksheets/_rels/sheet3.xml.rels": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/printerSettings" Target="../printerSettings/printerSettings1.bin"/></Relationships>',
    }
    tamper(path, link)
    for part, before, after in (
        ("xl/workbook.xml", "</sheets>", '</sheets><externalReferences><externalReference r:id="rId99"/></externalReferences>'),
        ("xl/workbook.xml", "<bookViews>", '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x15"><x15ac:absPath url="C:\\Users\\mallory\\" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent><bookViews>'),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>'),
        ("[Content_Types].xml", "</Types>", '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/><Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"/></Types>'),
        ("xl/worksheets/sheet3.xml", "</worksheet>", '<pageSetup xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" orientation="portrait" r:id="rId1"/></worksheet>'),
    ):  # fmt: skip
        tamper(path, {part: parts(path)[part].decode().replace(before, after, 1).encode()})
    return path


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    freeze(book(tmp_path / "book.xlsx"), tmp_path / "copy.xlsx")
    return tmp_path / "copy.xlsx"


def test_nothing_of_the_sender_is_in_the_copy(frozen: Path) -> None:
    spoken = re.compile(rb"&quot;REVOPS_RISK\(&quot;|\"REVOPS_RISK\(\"|REVOPS_RISK\(200")  # a text that a cell shows
    for name, content in parts(frozen).items():
        for secret in SECRETS:
            assert secret not in spoken.sub(b"", content), (name, secret)
    with zipfile.ZipFile(frozen) as archive:
        names = archive.namelist()
    assert not [
        name
        for name in names
        if "externalLink" in name or "custom.xml" in name or "printer" in name or "sheet2" in name
    ]


def test_the_copy_is_valid_and_calculates_to_what_was_shown(frozen: Path, tmp_path: Path) -> None:
    (path,) = recalculate([frozen], tmp_path)
    formulas, before, found = load_workbook(frozen)["Model"], shown(frozen)["Model"], shown(path)["Model"]  # fmt: skip
    values = {cell: before[cell].value for cell in (f"D{i}" for i in range(1, 15))}
    assert {cell: found[cell].value for cell in values} == {cell: pytest.approx(value, abs=1e-9) if isinstance(value, float | int) else value for cell, value in values.items()}  # fmt: skip
    native_cells = {cell for cell in values if str(formulas[cell].value).startswith("=")}
    assert native_cells == {"D1", "D2", "D3", "D4", "D5", "D6", "D7", "D9", "D11", "D14"}
    assert [found[cell].value for cell in ("F1", "F2")] == [44, 56]
    assert load_workbook(frozen).sheetnames == ["Model", "Third"]
    assert list(load_workbook(frozen).defined_names) == ["Fine"]
    assert list(load_workbook(frozen)["Third"].defined_names) == ["Local"]
    assert not validate(frozen)


def test_what_changed_is_listed_and_the_source_stays(tmp_path: Path) -> None:
    source = book(tmp_path / "book.xlsx")
    before = source.read_bytes()
    changes = freeze(source, tmp_path / "copy.xlsx")
    told = {each.what for each in changes}
    assert {
        "native formula", "value", "hidden sheet taken out", "name taken out", "link taken out", "property blanked",
        "path taken out", "link to another workbook taken out", "settings of a printer taken out", "custom properties taken out",
        "names of people blanked", "look at: comments stay, their texts too",
    } <= told  # fmt: skip
    assert source.read_bytes() == before
    assert {each.where for each in changes if each.what == "value"} == {
        f"Model!{cell}" for cell in ("D8", "D10", "D12", "D13", "F1")
    }


def test_hidden_sheets_can_be_shown_instead(tmp_path: Path) -> None:
    freeze(book(tmp_path / "book.xlsx", hidden=False), tmp_path / "copy.xlsx", show_hidden=True)
    copy = load_workbook(tmp_path / "copy.xlsx")
    assert [page.sheet_state for page in copy] == ["visible"] * 3
    assert str(copy["Model"]["D12"].value) == "=Secret!A1*2"


@pytest.mark.parametrize("shown", ["#NAME?", ""])
def test_a_formula_whose_value_is_not_known_is_refused(tmp_path: Path, shown: str) -> None:
    path = tmp_path / "book.xlsx"
    made = xlsxwriter.Workbook(path)
    made.add_worksheet("Model").write_formula("B2", '=REVOPS_QUOTA(A1:A3,"x",1)', None, shown)
    made.close()
    with pytest.raises(PlanError, match="its value is not known") as error:
        freeze(path, tmp_path / "copy.xlsx")
    assert error.value.problems[0].where == "Model!B2"
    assert not (tmp_path / "copy.xlsx").exists()


@pytest.mark.parametrize(
    ("source", "target"), [("book.xlsm", "copy.xlsx"), ("book.xlsx", "book.xlsx"), ("book.xlsx", "copy.xls")]
)
def test_where_a_copy_cannot_go(tmp_path: Path, source: str, target: str) -> None:
    made = xlsxwriter.Workbook(tmp_path / source)
    made.add_worksheet()
    made.close()
    with pytest.raises(PlanError):
        freeze(tmp_path / source, tmp_path / target)
    assert sorted(path.name for path in tmp_path.iterdir()) == [source]


def test_a_plan_freezes_to_the_same_numbers(tmp_path: Path) -> None:
    from revops_xl import run

    plan = plan_file(tmp_path / "plan.xlsx", 3)
    run(plan)
    freeze(plan, tmp_path / "copy.xlsx")
    before, after = (shown(path) for path in (plan, tmp_path / "copy.xlsx"))
    for page in before:
        for row in page.iter_rows():
            for cell in row:
                assert after[page.title][cell.coordinate].value == cell.value


def test_a_rich_workbook_stays_as_valid_as_it_was(tmp_path: Path) -> None:
    source = rich_book(tmp_path / "rich.xlsx")
    changes = freeze(source, tmp_path / "copy.xlsx")
    assert "data connections taken out" in {each.what for each in changes}
    assert set(validate(tmp_path / "copy.xlsx")) <= set(validate(source))
    (path,) = recalculate([tmp_path / "copy.xlsx"], tmp_path)
    assert (
        CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Data").to_python()[3][1] == 3
    )  # openpyxl cannot read it all


def test_every_function_is_either_native_or_a_value() -> None:
    """A name that a translation is for must be a function that there is."""
    from revops_xl.functions.native import _NATIVE

    assert set(_NATIVE) <= {function.name for function in FUNCTIONS}
    for function in FUNCTIONS:
        text = native(function.formula.removeprefix("="))
        assert text is None or "REVOPS" not in text


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("-REVOPS_COMPOUND_HEDGE(1.1,2)", "-(PRODUCT(1.1)^2)"),
        ("2^REVOPS_COMPOUND_HEDGE(A1:A3,2)%", "2^(PRODUCT(A1:A3)^2)%"),
        ('_xll.REVOPS_RISK(B1)&"REVOPS_RISK(B1)"', None),
        ("REVOPS_COVERAGE_STATUS(A1,B1,C1)", None),  # a blank C1 means the default
        ("REVOPS_COMPOUND_HEDGE(1.05,C1)", None),
        ("REVOPS_BIAS_QUOTIENT(A1:A2-C1:C2,B1:B2)", None),
        ("REVOPS_SAFE_BUDGET({10,20,30,40})", None),
        ("REVOPS_RISK(A1:A5)", None),
        ("REVOPS_CASCADE(A1:F9,1000)", None),
    ],
)
def test_only_what_says_exactly_the_same_is_native(formula: str, said: str | None) -> None:
    found = native(formula)
    if formula.startswith("_xll"):
        assert found is not None
        assert "_xll" not in found
        assert found.endswith('&"REVOPS_RISK(B1)"')
    else:
        assert found == said


def test_a_function_that_refuses_keeps_its_error(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    made = xlsxwriter.Workbook(path)
    made.add_worksheet("Model").write_formula("B2", "=REVOPS_SAFE_BUDGET(A1:A4)", None, "#VALUE!")
    made.close()
    freeze(path, tmp_path / "copy.xlsx")
    assert load_workbook(tmp_path / "copy.xlsx")["Model"]["B2"].value == "#VALUE!"


def test_a_copy_replaces_no_file(tmp_path: Path) -> None:
    (tmp_path / "copy.xlsx").write_bytes(b"mine")
    with pytest.raises(PlanError, match="already"):
        freeze(book(tmp_path / "book.xlsx"), tmp_path / "copy.xlsx")
    assert (tmp_path / "copy.xlsx").read_bytes() == b"mine"


def test_sheets_are_found_however_they_are_spelled(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    made = xlsxwriter.Workbook(path)
    made.add_worksheet("One").write("A1", 1)
    made.add_worksheet("Two").write("A1", 2)
    made.close()
    tamper(
        path,
        {
            "xl/_rels/workbook.xml.rels": lambda content: content.replace(
                b"worksheets/sheet2.xml", b"Worksheets/%73heet2.xml"
            )
        },
    )
    freeze(path, tmp_path / "copy.xlsx")
    assert "xl/worksheets/sheet2.xml" in parts(tmp_path / "copy.xlsx")
