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
from pyopenvba.interpreter._objects import VBAObject, member

from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.excel.build import SETTINGS, build
from revops_xl.hosts.excel.hardened import harden
from revops_xl.hosts.excel.wrappers import LONGEST, functions
from revops_xl.workbook.building.templates import template_path
from tests.programs import SOFFICE, validate

ADDIN = template_path("revops_xl.xlam")
MODULES = {"ThisWorkbook", "Sheet1", "Dictionary", "RevOpsXl"}
#: What a cell, a shape or another workbook may call.
PUBLIC = {"RvxPress", "RvxShowLastError", *(function.name for function in FUNCTIONS)}


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
    assert "Redistribution and use in source and binary forms" in sources["RevOpsXl"]  # xlwings' licence stays
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
        assert any("RevOpsXl" in name for name in made.namelist())


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
    ours = {name: " ".join(arguments.replace("_\n", " ").split()) for name, arguments in re.findall(r"Public Function (\w+)\(([^)]*)\)", functions())}  # fmt: skip
    assert ours == theirs
    calls = dict(re.findall(r"(\w+) = XLPy\.CallUDF\((.*?), ActiveWorkbook, Application\.Caller\)", done.stdout))  # fmt: skip
    mine = dict(re.findall(r"(\w+) = RvxServer\.CallUDF\((.*?), Nothing, Application\.Caller\)", functions()))  # fmt: skip
    assert mine == calls
    assert len(mine) == len(FUNCTIONS)


def test_texts_of_the_function_wizard_fit() -> None:
    source = functions()
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


def test_nothing_but_functions_and_buttons_can_be_called(sources: dict[str, str]) -> None:
    """A public procedure of an add-in can be called from a cell of any workbook: `=RunPython("...")` would run."""
    code = sources["RevOpsXl"].replace("\r\n", "\n")
    heads = re.findall(r"(?m)^ *((?:Public |Private |Friend )?)(?:Static )?(?:Declare (?:PtrSafe )?)?(?:Function|Sub|Property \w+) (\w+)", code)  # fmt: skip
    assert {name for scope, name in heads if scope.strip() != "Private"} == PUBLIC
    assert (
        re.findall(
            r"(?m)^ *(?:Public |Global )?(?:Const|Dim)? ?\w+ As ", code.partition("Private Function RvxButtons")[0]
        )
        == []
    )
    for name in ("RunPython", "ExecuteMac", "ReadFile", "KillPy", "Shell"):
        assert name not in code
    assert "Option Private" not in code  # it would hide the functions from the wizard


def test_only_ids_of_our_buttons_reach_python(sources: dict[str, str]) -> None:
    """Whoever calls the ribbon's callback with another id: nothing happens."""
    code = sources["RevOpsXl"].replace("\r\n", "\n")
    app = ExcelApplication.open(str(ADDIN), with_vba=False)
    run = _procedure(code, "RvxRun")
    windows = re.sub(r"(?s)    #If Mac Then.*?    #Else\n(.*?)    #End If\n", r"\1", run)
    fakes = (
        "Public Asked As String\nPrivate Python As Object\nPublic Sub SetPython(p): Set Python = p: End Sub\n"
        "Private Function XLPy(): Set XLPy = Python: End Function\nPrivate Sub RvxDescribeOnce(): End Sub\n"
        "Private Sub RvxSay(text): Asked = Asked & text: End Sub\nPublic Function Said(): Said = Asked: End Function\n"
        "Public Sub Press(id): RvxRun id: End Sub\n"
    )
    app.add_module("\n".join([fakes, _procedure(code, "RvxButtons"), windows, ""]), name="RevOpsXl")
    app.run("SetPython", _Python())
    for name in ("rvxCheck'); import os; os.system('calc", "__import__", "", "|", "rvxCheck|rvxRunAll"):
        app.run("Press", name)
        assert app.run("Said") == ""
    app.run("Press", "rvxCheck")
    assert app.run("Said") == "revops_xl.hosts.excel.macros press rvxCheck"


class _Python(VBAObject):  # type: ignore[misc]
    """Stands in for the COM server."""

    vba_type_name = "XLPython"

    @member  # type: ignore[untyped-decorator]
    def SetAttr(self, thing: Any, name: Any, _: Any) -> None:  # noqa: N802
        assert (str(thing), str(name)) == ("xlwings._xlwindows", "BOOK_CALLER")

    @member  # type: ignore[untyped-decorator]
    def Module(self, name: Any) -> Any:  # noqa: N802
        return str(name)

    @member  # type: ignore[untyped-decorator]
    def Tuple(self, value: Any) -> Any:  # noqa: N802
        return str(value)

    @member  # type: ignore[untyped-decorator]
    def Call(self, *parts: Any) -> Any:  # noqa: N802
        return " ".join(map(str, parts))

    @member  # type: ignore[untyped-decorator]
    def Str(self, value: Any) -> Any:  # noqa: N802
        return str(value)


def test_settings_come_from_the_addin_and_the_user_only(sources: dict[str, str]) -> None:
    code = sources["RevOpsXl"].replace("\r\n", "\n")
    config = _procedure(code, "GetConfig")
    assert "ActiveWorkbook" not in config
    assert "GetDirectoryConfigFilePath" not in code
    assert config.count("GetConfigFromSheet(ThisWorkbook)") == 2
    used = [line.strip() for line in code.splitlines() if "ActiveWorkbook" in line.partition("'")[0]]
    assert used == [
        'If ActiveWorkbook Is Nothing And InStr("|rvxNewPlan|rvxHelp|rvxAbout|", "|" & Button & "|") = 0 Then',
        'XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook',
    ]
    assert "Range(sht.Range" not in code.replace("sht.Range(sht.Range", "")


def test_python_is_started_by_its_full_path_and_looks_into_no_current_folder(sources: dict[str, str]) -> None:
    command = _procedure(sources["RevOpsXl"].replace("\r\n", "\n"), "XLPyCommand")
    assert '" -B -P -c ' in command
    assert 'GetConfig("PYTHONPATH")' not in command
    assert '"cmd.exe ' not in command
    assert "os.chdir(sys.exec_prefix)" in command  # what xlwings starts by its bare name is looked for there
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
    assert "Nothing, Application.Caller" in sources["RevOpsXl"]
    assert "ThisWorkbook, Application.Caller" not in sources["RevOpsXl"]


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
    app = _environment(sources["RevOpsXl"])
    expected = {
        "%USERPROFILE%\\venv\\python.exe": "C:\\Users\\ann\\venv\\python.exe",
        "C:\\a": "C:\\a",
        "": "",
        "50%": "50%",
    }
    assert {text: app.run("ExpandEnvironmentStrings", text) for text in expected} == expected
