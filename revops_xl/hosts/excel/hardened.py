"""xlwings' module for add-ins, made so that nothing comes from a workbook that somebody opened.

As it is shipped it takes the interpreter from a sheet of the active workbook or from a file beside it, looks on the PATH
(and so in the current folder) without one, and puts the active workbook's name into command lines.
"""

from __future__ import annotations

import re

PROJECT = "revops_xl"
NO_INTERPRETER = 'Err.Raise 1000, Description:="No Python is set. Run: revops-xl addin install"'
_EXPAND = """If InStr(s, "%") = 0 Then
            ExpandEnvironmentStrings = s
            Exit Function
        End If
        PathParts = Split(s, "%")
        ExpandEnvironmentStrings = PathParts(0)
        For i = 1 To UBound(PathParts)
            If i Mod 2 = 1 And i < UBound(PathParts) Then
                ExpandEnvironmentStrings = ExpandEnvironmentStrings & Environ(PathParts(i))
            ElseIf i Mod 2 = 1 Then
                ExpandEnvironmentStrings = ExpandEnvironmentStrings & "%" & PathParts(i)
            Else
                ExpandEnvironmentStrings = ExpandEnvironmentStrings & PathParts(i)
            End If
        Next i"""

#: What is found, how often, and what stands there instead.
_CHANGES: tuple[tuple[str, int, str], ...] = (
    ('PROJECT_NAME As String = "myaddin"', 1, f'PROJECT_NAME As String = "{PROJECT}"'),
    # The user's workbook says nothing about Python.
    ("        If i = 1 Then\n            Set wb = ActiveWorkbook\n        Else\n            Set wb = ThisWorkbook\n        End If", 1, "        Set wb = ThisWorkbook"),
    ('AddExcelDir = GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', 2, 'AddExcelDir = "false"'),
    ('    licenseKey = GetConfig("LICENSE_KEY", "")', 1, '    licenseKey = ""'),
    ("ActiveWorkbook.FullName", 5, "ThisWorkbook.FullName"),
    ('ParameterString + "|" + ActiveWorkbook.Name', 1, 'ParameterString + "|" + ThisWorkbook.Name'),
    # An unqualified Range is one of the active sheet.
    ('For Each cell In Range(sht.Range("A1"), lastCell)', 1, 'For Each cell In sht.Range(sht.Range("A1"), lastCell)'),
    # No interpreter by a bare name: it would be looked for in the current folder first.
    ("        ' Legacy\n        PYTHON_WIN = GetConfig(\"INTERPRETER\", \"pythonw\")", 2, f"        {NO_INTERPRETER}"),
    ("        ' Legacy\n        interpreter = GetConfig(\"INTERPRETER\", \"python\")", 1, f"        {NO_INTERPRETER}"),
    # One way to Python on Windows, and it is not a shell.
    ('OPTIMIZED_CONNECTION = GetConfig("USE UDF SERVER", False)', 1, "OPTIMIZED_CONNECTION = True"),
    ("RunPython = ExecuteWindows(False, PythonCommand, interpreter, PYTHONPATH)", 1, "RunPython = -1"),
    ('WScript.Popup Content, AUTO_DISMISS, "Error", OK_BUTTON_ERROR', 1, 'MsgBox Content, vbCritical, "Error"'),
    ("ExpandEnvironmentStrings = WScript.ExpandEnvironmentStrings(s)", 1, _EXPAND),
    # Neither modules nor programs from the current folder, which may be that of the workbook.
    (' & ";" & GetConfig("PYTHONPATH")', 4, ""),  # left empty it would be the current folder
    ('ParameterString = PYTHONPATH + ";"', 1, "ParameterString = PYTHONPATH"),
    ('tail = " -B -c ""', 1, 'tail = " -B -P -c ""'),
    ('PYTHON_WIN = "cmd.exe "', 2, 'PYTHON_WIN = Environ("COMSPEC") & " "'),
    ("    Dim objShell As Object\n", 1, ""),
)  # fmt: skip
#: From a mark to before the next one: settings in the active workbook, in its folder, and errors written into it.
_CUTS = (
    ("            'Workbook Sheet Config\n", "            'Add-in Sheet Config"),
    ("    ' Directory Config\n", "    ' User Config"),
    (
        '    If GetConfig("SHOW_ERROR_POPUPS", "True") = "False" Then\n',
        "        #If Mac Then\n            MsgBox Content",
    ),
)
#: What no button and no function needs.
_UNUSED = (
    "ExecuteWindows", "RunFrozenPython", "GetUdfModules", "NDims", "ImportPythonUDFsBase", "ImportPythonUDFs",
    "ImportPythonUDFsToAddin", "ImportXlwingsUdfsModule", "GetDLLVersion", "GetDirectoryPath", "GetDirectoryConfigFilePath",
    "SaveConfigToFile", "WScript", "GetBaseName", "has_dynamic_array", "CreateGUID", "CheckConda", "GetFullName",
)  # fmt: skip


def harden(module: str) -> str:
    """The module with what could be taken over cut out.

    Raises:
        ValueError: It is not the module this was written for.
    """
    text = module.replace("\r\n", "\n")
    for name in _UNUSED:
        text = _without(text, name)
    for start, end in _CUTS:
        first = text.find(start)
        last = text.find(end, first)
        if first < 0 or last < 0 or text.count(start) != 1:
            raise ValueError(f"xlwings' module is another one: {start.strip()}")
        text = text[:first] + text[last:]
    text = text.replace("        #End If\n    End If\nEnd Sub\n\nFunction ExpandEnvironmentStrings", "        #End If\nEnd Sub\n\nFunction ExpandEnvironmentStrings")  # fmt: skip
    for old, count, new in _CHANGES:
        if text.count(old) != count:
            raise ValueError(
                f"xlwings' module is another one: {old!r} stands there {text.count(old)} times, not {count}"
            )
        text = text.replace(old, new)
    left = [line.strip() for line in text.splitlines() if "ActiveWorkbook" in line and not line.strip().startswith("'")]
    if left != ['XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook']:
        raise ValueError(f"something still comes from the active workbook: {left}")
    return text


def _without(text: str, name: str) -> str:
    """The module without a procedure, whatever #If stands around its head."""
    head = rf"(?:(?:Public |Private )?(?:Function|Sub) {name}\b[^\n]*(?: _\n[^\n]*)*\n)"
    guarded = rf"#If App = \"Microsoft Excel\" Then\n{head}#Else\n{head}#End If\n"
    pattern = re.compile(rf"^(?:{guarded}|{head}).*?^End (?:Function|Sub)[^\n]*\n", re.MULTILINE | re.DOTALL)
    found = pattern.findall(text)
    if len(found) != 1:
        raise ValueError(f"xlwings' module is another one: {name} is there {len(found)} times")
    return pattern.sub("", text)
