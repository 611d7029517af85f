"""Installing touches what it lists, removing leaves nothing, and the status tells add-in and package apart."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from revops_xl.errors import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.hosts.excel import install as excel
from revops_xl.hosts.excel.build import ADDIN
from revops_xl.hosts.libreoffice import install as calc
from revops_xl.hosts.libreoffice.basic import MODULE, SCRIPT
from revops_xl.workbook.building.templates import template_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_excel_gets_what_is_listed_and_keeps_nothing(system: str, tmp_path: Path) -> None:
    (tmp_path / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART").mkdir(parents=True)
    own = tmp_path / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART" / "PERSONAL.XLSB"
    own.write_bytes(b"mine")
    places = excel.Places.of(system, tmp_path, {})
    touched = excel.install(places, system)
    assert set(touched) == set(places.touched)
    assert places.addin.read_bytes() == template_path(ADDIN).read_bytes()
    assert (
        f'"INTERPRETER_{"WIN" if system == "win32" else "MAC"}","{excel.interpreter(system)}"'
        in places.settings.read_text()
    )
    if places.script is not None:
        assert 'quoted form of PythonInterpreter & " -B -P ' in places.script.read_text()
    states = {state.what: state for state in excel.status(places)}
    assert all(state.well for state in states.values()), states
    assert excel.install(places, system) == touched  # again is the same
    gone = excel.remove(places)
    assert set(places.touched) <= set(gone)
    assert everything(tmp_path) == {str(own.relative_to(tmp_path)): b"mine"}
    assert excel.remove(places) == []
    assert [state.well for state in excel.status(places)] == [False]


def test_the_status_tells_what_does_not_belong_together(tmp_path: Path) -> None:
    places = excel.Places.of("win32", tmp_path, {})
    excel.install(places, "win32")
    older = places.addin.with_suffix(".old")
    with zipfile.ZipFile(places.addin) as old, zipfile.ZipFile(older, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<t>REVOPS_XL_VERSION</t></is></c><c r="B1" t="inlineStr"><is><t>0.1.0', b'<t>REVOPS_XL_VERSION</t></is></c><c r="B1" t="inlineStr"><is><t>0.0.9'))  # fmt: skip
    older.replace(places.addin)
    states = {state.what: state for state in excel.status(places)}
    assert not states["Add-in"].well
    assert "0.0.9" in states["Add-in"].found
    places.settings.write_text('"INTERPRETER_WIN","C:\\gone\\python.exe"\r\n')
    (tmp_path / "AppData/Roaming/Microsoft/AddIns").mkdir(parents=True)
    (tmp_path / "AppData/Roaming/Microsoft/AddIns" / ADDIN).write_bytes(b"")
    states = {state.what: state for state in excel.status(places)}
    assert "is not there" in states["Python of the add-in"].found
    assert not states["A second copy"].well


def test_where_there_is_no_excel_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    done = CliRunner().invoke(cli, ["addin", "install"])
    assert done.exit_code == 3
    assert "--libreoffice" in done.output


def profile_of(folder: Path) -> calc.Profile:
    """A profile as LibreOffice leaves it after its first start."""
    profile = calc.Profile(folder / "user")
    profile.index.parent.mkdir(parents=True)
    profile.index.write_text('<library:library xmlns:library="x" library:name="Standard">\n <library:element library:name="Module1"/>\n</library:library>')  # fmt: skip
    profile.registry.write_text('<oor:items>\n<item oor:path="/mine"/>\n</oor:items>\n')
    (profile.index.parent / "Module1.xba").write_text("mine")
    return profile


def test_libreoffice_gets_what_is_listed_and_keeps_nothing(tmp_path: Path) -> None:
    profile = profile_of(tmp_path)
    before = everything(tmp_path)
    touched = calc.install(profile)
    changed = {path for path, content in everything(tmp_path).items() if before.get(path) != content}
    assert {str(path.relative_to(tmp_path)) for path in touched} == changed
    assert f'library:name="{MODULE}"' in profile.index.read_text()
    assert all(state.well for state in calc.status(profile))
    again = everything(tmp_path)
    calc.install(profile)
    assert everything(tmp_path) == again
    calc.remove(profile)
    assert everything(tmp_path) == before
    assert calc.remove(profile) == []
    assert not calc.status(profile)[0].well


def test_a_running_or_never_started_libreoffice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="never started"):
        calc.install(calc.Profile(tmp_path / "none" / "user"))
    profile = profile_of(tmp_path)
    (tmp_path / ".lock").write_text("")
    before = everything(tmp_path)
    with pytest.raises(PlanError, match="running"):
        calc.install(profile)
    with pytest.raises(PlanError, match="running"):
        calc.remove(profile)
    assert everything(tmp_path) == before


def test_from_the_command_line(tmp_path: Path) -> None:
    profile_of(tmp_path)
    run = CliRunner().invoke
    options = ["--libreoffice", "--profile", str(tmp_path)]
    assert run(cli, ["addin", "status", *options]).exit_code == 1
    done = run(cli, ["addin", "install", *options])
    assert done.exit_code == 0
    assert SCRIPT in done.output
    assert run(cli, ["addin", "status", *options]).exit_code == 0
    assert SCRIPT in run(cli, ["addin", "remove", *options]).output
    built = run(cli, ["addin", "build", "-o", str(tmp_path / "x.xlam")])
    assert built.exit_code == 0
    assert (tmp_path / "x.xlam").read_bytes() == template_path(ADDIN).read_bytes()
