"""The add-in file: built from text, the same bytes each time, nothing taken from a workbook that somebody opens."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlwings
from oletools import mraptor, olevba
from pyopenvba.apps.excel import ExcelApplication

from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.excel.build import SETTINGS, build
from revops_xl.hosts.excel.hardened import harden
from revops_xl.hosts.excel.wrappers import LONGEST, module
from revops_xl.workbook.templates import template_path
from tests.programs import SOFFICE, validate

ADDIN = template_path("revops_xl.xlam")
MODULES = {"ThisWorkbook", "Sheet1", "Dictionary", "xlwings", "RevOpsFunctions", "RevOpsXl"}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """VBA by module, as olevba reads it."""
    parser = olevba.VBA_Parser(str(ADDIN))
    found = {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    return found


def test_the_shipped_file_is_what_the_sources_make() -> None:
    assert build() == ADDIN.read_bytes()
    assert build() == build()


def test_the_validator_finds_nothing() -> None:
    assert validate(ADDIN) == []


def test_olevba_lists_the_modules_and_mraptor_finds_nothing(sources: dict[str, str]) -> None:
    assert sources.keys() == MODULES
    for name, code in sources.items():
        scan = mraptor.MacroRaptor(code)
        scan.scan()
        assert not scan.suspicious, (name, scan.matches)
        assert not scan.autoexec, (name, scan.matches)
    assert "Redistribution and use in source and binary forms" in sources["xlwings"]  # xlwings' licence stays
    assert "@license: MIT" in sources["Dictionary"]
    everything = "\n".join(sources.values())
    for word in (
        "WScript.Shell",
        'CreateObject("WScript',
        "Shell(",
        "URLDownload",
        "Workbook_Open",
        "Auto_Open",
        "VBProject",
    ):
        assert word not in everything


def test_libreoffice_loads_it(tmp_path: Path) -> None:
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    command = [SOFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--infilter=Calc MS Excel 2007 VBA XML", "--convert-to", "ods", "--outdir", str(tmp_path), str(ADDIN)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "revops_xl.ods") as made:
        assert any("RevOpsFunctions" in name for name in made.namelist())


def test_every_wrapper_is_the_one_that_xlwings_would_generate(tmp_path: Path) -> None:
    """Function by function against xlwings' own generator, but for the workbook and what a failure gives."""
    code = (
        "from tests.hosts.com_stub import install\ninstall()\nimport sys, types\nfrom xlwings import udfs\n"
        "from revops_xl.hosts.excel import udfs as ours\n"
        "udfs.generate_vba_wrapper('revops_xl.hosts.excel.udfs', ours, sys.stdout, types.SimpleNamespace(Name='x.xlam'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ADDIN.parents[1]
    )
    theirs = dict(re.findall(r"Function (\w+)\(([^)]*)\)", done.stdout))
    ours = {name: " ".join(arguments.replace("_\n", " ").split()) for name, arguments in re.findall(r"Public Function (\w+)\(([^)]*)\)", module())}  # fmt: skip
    assert ours == theirs
    calls = dict(re.findall(r"(\w+) = XLPy\.CallUDF\((.*?), ActiveWorkbook, Application\.Caller\)", done.stdout))  # fmt: skip
    mine = dict(re.findall(r"(\w+) = XLPy\.CallUDF\((.*?), Nothing, Application\.Caller\)", module()))  # fmt: skip
    assert mine == calls
    assert len(mine) == len(FUNCTIONS)


def test_texts_of_the_function_wizard_fit() -> None:
    source = module()
    for function in FUNCTIONS:
        assert len(function.help) <= LONGEST
        assert all(len(each.help) <= LONGEST for each in function.parameters)
        assert f"Attribute {function.name}.VB_Description" in source
        assert re.fullmatch(r"REVOPS_[A-Z]+(_[A-Z]+)*", function.name)
    assert all(len(line) < 1000 for line in source.splitlines())


def test_its_settings_name_no_interpreter() -> None:
    with zipfile.ZipFile(ADDIN) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "INTERPRETER" not in sheet
    assert all(name in sheet for name, _ in SETTINGS)


# --- nothing comes from an opened workbook ----------------------------------------------------------------


def _procedure(code: str, name: str) -> str:
    found = re.search(rf"(?ms)^(?:Public |Private )?(?:Function|Sub) {name}\b.*?^End (?:Function|Sub)", code)
    assert found is not None
    return found[0]


def test_settings_come_from_the_addin_and_the_user_only(sources: dict[str, str]) -> None:
    code = sources["xlwings"].replace("\r\n", "\n")
    config = _procedure(code, "GetConfig")
    assert "ActiveWorkbook" not in config
    assert "GetDirectoryConfigFilePath" not in code
    assert config.count("GetConfigFromSheet(ThisWorkbook)") == 2
    used = [line for line in code.splitlines() if "ActiveWorkbook" in line.partition("'")[0]]
    assert [line.strip() for line in used] == [
        'XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook'
    ]
    assert "Range(sht.Range" not in code.replace("sht.Range(sht.Range", "")


def test_python_is_started_by_its_full_path_and_looks_into_no_current_folder(sources: dict[str, str]) -> None:
    command = _procedure(sources["xlwings"].replace("\r\n", "\n"), "XLPyCommand")
    assert '" -B -P -c ' in command
    assert 'GetConfig("PYTHONPATH")' not in command
    assert '"cmd.exe ' not in command
    assert command.count("Err.Raise 1000") == 1  # without a Python that was set there is none
    assert 'AddExcelDir = "false"' in command


def test_sys_path_gets_nothing_from_the_command_line(tmp_path: Path) -> None:
    """What xlwings makes of the add-in's arguments: neither the workbook's folder nor the current one."""
    from xlwings.utils import prepare_sys_path

    before = list(sys.path)
    try:
        prepare_sys_path(f"false;{tmp_path}/book.xlsx;{tmp_path}/book.xlsx;;;")  # type: ignore[no-untyped-call]
        assert sys.path == before
        prepare_sys_path(f"false;{tmp_path}/book.xlsx;{tmp_path}/book.xlsx;;;;")  # type: ignore[no-untyped-call]  # as xlwings ships it
        assert "" in sys.path
    finally:
        sys.path[:] = before
    planted = tmp_path / "xlwings.py"
    planted.write_text("raise SystemExit('planted')")
    done = subprocess.run([sys.executable, "-B", "-P", "-c", "import xlwings.utils"], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_a_worksheet_function_gives_xlwings_no_workbook_to_search(sources: dict[str, str]) -> None:
    """With a workbook it would look for sheets called *.py in it."""
    assert "Nothing, Application.Caller" in sources["RevOpsFunctions"]
    assert "ThisWorkbook" not in sources["RevOpsFunctions"]


def test_another_module_than_that_of_this_xlwings_is_refused() -> None:
    shipped = Path(xlwings.__file__).parent / "xlwings_custom_addin.bas"
    text = shipped.read_text(encoding="utf-8")
    assert harden(text)
    with pytest.raises(ValueError, match="another one"):
        harden(text.replace("AddExcelDir", "AddFolder"))
    with pytest.raises(ValueError, match="active workbook"):
        harden(text + "\nSub More()\n    MsgBox ActiveWorkbook.Path\nEnd Sub\n")


def _environment(code: str) -> Any:
    """ExpandEnvironmentStrings of the add-in in pyOpenVBA's Excel, with a known environment."""
    app = ExcelApplication.open(str(ADDIN), with_vba=False)
    body = _procedure(code.replace("\r\n", "\n"), "ExpandEnvironmentStrings").replace("Environ(", "Known(")
    windows = body[: body.index("    #If Mac")] + body[body.index("    #Else") + len("    #Else") : body.index("    #End If")] + "End Function\n"  # fmt: skip
    app.add_module(windows + 'Function Known(name)\n    If name = "USERPROFILE" Then Known = "C:\\Users\\ann"\nEnd Function\n', name="Expand")  # fmt: skip
    return app


def test_environment_variables_are_expanded_without_a_shell(sources: dict[str, str]) -> None:
    app = _environment(sources["xlwings"])
    expected = {
        "%USERPROFILE%\\venv\\python.exe": "C:\\Users\\ann\\venv\\python.exe",
        "C:\\a": "C:\\a",
        "": "",
        "50%": "50%",
    }
    assert {text: app.run("ExpandEnvironmentStrings", text) for text in expected} == expected
