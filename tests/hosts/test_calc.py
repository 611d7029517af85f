"""LibreOffice Calc as a person uses it: the menu, blanks between arguments, many cells that ask for one plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from revops_xl.functions.cells import FunctionError
from revops_xl.hosts.libreoffice import served
from revops_xl.hosts.libreoffice.install import Profile, install, remove
from revops_xl.usecases import run as flow
from revops_xl.workbook.building.templates import new_plan
from tests.hosts.sessions import Session, calc, fresh_profile
from tests.plans import shown, weekly_sample


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    found = fresh_profile(folder)
    install(Profile(found / "user"))
    return found


@pytest.fixture
def session(profile: Path, tmp_path: Path) -> Iterator[Session]:
    with calc(profile, tmp_path) as found:
        yield found


def test_the_menu_proposes_what_becomes_of_a_file_and_does_it(session: Session, tmp_path: Path) -> None:
    path, file = tmp_path / "plan.xlsx", tmp_path / "people.csv"
    new_plan(path)
    file.write_text("Region,Manager,Rep,2026\nNA,Mia,Ann,200\nNA,Mia,Bob,100\n", encoding="utf-8")
    session.ask("open", str(path))
    said = session.ask("script", "said", "import", "DOCUMENT", str(file))
    assert "A proposal" in said["text"], said
    assert session.ask("read", "Imports", "A5:D5") == [["Hierarchy", "Region", "Region", "level 1"]]
    said = session.ask("script", "said", "import", "DOCUMENT")
    assert said["text"].startswith("Done."), said
    assert session.ask("read", "Hierarchy", "A5:D5") == [["NA", "Mia", "Ann", 200.0]]


def test_the_menu_runs_checks_and_explains(session: Session, profile: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "plan.xlsx", tmp_path / "other.xlsx"
    path.write_bytes(weekly_sample())
    flow.run(path, other)
    assert [title for title, _ in session.ask("menu")] == [
        "Check",
        "Run all",
        "Import files",
        "Explain selection",
        "Last error",
    ]
    session.ask("open", str(path))
    said = session.ask("script", "said", "check", "DOCUMENT")
    assert said["bad"] is False
    said = session.ask("script", "said", "run", "DOCUMENT")
    assert "quotas written" in said["text"]
    quotas, wanted = ({row[1].value: row[9].value for row in shown(each)["Quotas"].iter_rows(min_row=4)} for each in (path, other))  # fmt: skip
    assert quotas == wanted
    assert session.ask("read", "Quotas", "B5") != [[""]]  # the document was loaded again
    explained = session.ask("script", "said", "explain", "DOCUMENT", "LATAM Team B")
    assert explained["rows"][0] == ["Explanation of", "LATAM Team B"]
    nobody = session.ask("script", "said", "explain", "DOCUMENT", "Nobody")
    assert nobody["bad"] is True

    session.ask("set", "Settings", "B9", "")
    session.ask("set", "Hierarchy", "E5", "not a number")
    before = openpyxl.load_workbook(path)["Quotas"]["B6"].value
    said = session.ask("script", "said", "run", "DOCUMENT")
    assert said["bad"] is True
    assert "nothing was written" in said["text"]
    assert openpyxl.load_workbook(path)["Quotas"]["B6"].value == before
    session.ask("close")
    leftovers = [each.name for each in tmp_path.iterdir() if "plan" in each.name and each != path]
    assert leftovers == []


def test_many_cells_that_ask_for_one_plan(session: Session, tmp_path: Path) -> None:
    session.ask("open", "private:factory/scalc")
    rows = [["Company", "IC", "Q1_Attainment"], *(["Acme", f"IC {i}", i + 1] for i in range(200))]
    session.ask("fill", "Sheet1", "A1:C201", rows)
    formula = '=REVOPS_QUOTA(B2:B201;A1:C201;100000;"Company, IC")'
    session.ask("set_array", "Sheet1", "E2:E201", formula)
    column = [row[0] for row in session.ask("read", "Sheet1", "E2:E201")]
    assert sum(column) == pytest.approx(100_000)
    assert column == pytest.approx([100_000 * (i + 1) / 20_100 for i in range(200)], abs=0.011)
    for i in range(50):
        session.ask("set", "Sheet1", f"G{i + 1}", f'=REVOPS_QUOTA("IC {i}";A1:C201;200000;"Company, IC")')
    column = [row[0] for row in session.ask("read", "Sheet1", "G1:G50")]
    assert column == pytest.approx([200_000 * (i + 1) / 20_100 for i in range(50)], abs=0.011)


def test_a_blank_between_arguments_is_the_default_or_refused(session: Session) -> None:
    """Calc hands it over as 0."""
    session.ask("open", "private:factory/scalc")
    session.ask("fill", "Sheet1", "A1:B3", [[200, 300], [250, 375], [90, ""]])
    session.ask(
        "fill",
        "Sheet1",
        "J1:M3",
        [["Manager", "Period", "Commit", "Actual"], ["A", "Q1 2026", 1, 1], ["A", "Q2 2026", 1, 1]],
    )
    session.ask("fill", "Sheet1", "D1:F3", [["Company", "IC", "Q1_Attainment"], ["Acme", "Ann", 1], ["Acme", "Bob", 1]])
    cells = {
        "H1": ("=REVOPS_BIAS_QUOTIENT(A1:A3;B1:B3;)", 1.5),
        "H2": ('=REVOPS_QUOTA("Ann";D1:F3;100;"Company, IC";;1.1)', 55.0),
        "H3": ('=REVOPS_QUOTA("Ann";D1:F3;100;"Company, IC";;;;;"base")', 50.0),
    }
    for address, (formula, _) in cells.items():
        session.ask("set", "Sheet1", address, formula)
    assert {address: session.ask("read", "Sheet1", address)[0][0] for address in cells} == {
        a: v for a, (_, v) in cells.items()
    }
    session.ask("set", "Sheet1", "H9", "=REVOPS_BIAS_QUOTIENTS(J1:M3;;0.5)")
    assert session.ask("read", "Sheet1", "H9") == [[{"error": "#VALUE!"}]]
    assert "neutral_band" in session.ask("script", "last_message")
    session.ask("set", "Sheet1", "H10", '=REVOPS_BIAS_LABEL(1.05;"0")')
    assert session.ask("read", "Sheet1", "H10") == [["sandbagger"]]


def test_what_calc_sends_for_blanks() -> None:
    assert served.function("REVOPS_BIAS_LABEL", [1.05, None]) == "neutral"
    assert served.function("REVOPS_BIAS_LABEL", [1.05, "0"]) == "sandbagger"
    assert served.function("REVOPS_BIAS_LABEL", [1.05, 0]) == "sandbagger"  # the last one is what it says
    history = [["Manager", "Period", "Commit", "Actual"], ["A", "Q1 2026", 100, 105]]
    with pytest.raises(FunctionError, match="neutral_band"):
        served.function("REVOPS_BIAS_QUOTIENTS", [history, 0, 1])
    by_quotient = [history, "0", 1, 1, "0"]  # without an interval the quotient decides, and 1.025 is above a band of 0
    assert served.function("REVOPS_BIAS_QUOTIENTS", by_quotient)[1][-1] == "sandbagger"
    assert served.function("REVOPS_BIAS_QUOTIENTS", [history, "0", 1])[1][-1] == "not clear yet"
    assert served.function("REVOPS_APPORTION", [1, [[1], [1]], None]) == ((0.5,), (0.5,))
    assert served.answered(b'{"function": "REVOPS_NOTHING", "arguments": []}')["error"] == "#NAME?"
    assert served.answered(b'{"function": "REVOPS_COMPOUND_HEDGE", "arguments": [1e10, 1000]}')["error"] == "#NUM!"


def test_a_ramp_of_nothing_is_no_blank() -> None:
    with pytest.raises(FunctionError, match="ramp: LibreOffice"):
        served.function("REVOPS_RAMP", [46388, 46388, 12, 0, 6])
    assert served.function("REVOPS_RAMP", [46388, 46388, 12, "0", 6]) == 0.5
    with pytest.raises(FunctionError, match="has 1 arguments"):
        served.function("REVOPS_RISK", [0.9, 5])
    assert "error" in served.answered(b"\n")


def test_days_of_settings_may_be_numbers() -> None:
    """Calc knows a day as its number only."""
    team = [["T", "I", "A_Attainment"], ["x", "a", 1], ["x", "b", 3]]
    settings = [["Setting", "Value"], ["As of", 46388], ["Plan start", 46388]]
    assert served.function("REVOPS_QUOTA", ["b", team, 100, "T, I", None, None, None, settings]) == 75


def test_without_its_python_a_cell_shows_an_error_and_says_why(tmp_path: Path) -> None:
    found = fresh_profile(tmp_path)
    user = Profile(found / "user")
    install(user)
    user.script.write_text(
        re.sub(r"(?m)^INTERPRETER = .*$", "INTERPRETER = '/nowhere/python'", user.script.read_text())
    )
    with calc(found, tmp_path) as session:
        session.ask("open", "private:factory/scalc")
        session.ask("set", "Sheet1", "A1", "=REVOPS_COMPOUND_HEDGE(1.05;2)")
        assert session.ask("read", "Sheet1", "A1") == [[{"error": "#VALUE!"}]]
        assert "/nowhere/python" in session.ask("script", "last_message")


def test_removing_leaves_the_profile_as_it_was(tmp_path: Path) -> None:
    """Also after LibreOffice has read, and written again, what was installed."""
    found = fresh_profile(tmp_path)
    user = Profile(found / "user")
    index = user.index.read_text()
    install(user)
    with calc(found, tmp_path) as session:
        session.ask("open", "private:factory/scalc")
        assert len(session.ask("menu")) == 5
    assert remove(user)
    assert "revops" not in user.registry.read_text().lower()
    assert user.index.read_text().split() == index.split()
    assert not user.module.exists()
    with calc(found, tmp_path) as session:
        session.ask("open", "private:factory/scalc")
        assert session.ask("menu") == []
        session.ask("set", "Sheet1", "A1", "=REVOPS_COMPOUND_HEDGE(1.05;2)")
        assert session.ask("read", "Sheet1", "A1") == [[{"error": "#NAME?"}]]
