"""xlwings' module for add-ins, made so that nothing comes from a workbook that somebody opened.

As it is shipped it takes the interpreter from a sheet of the active workbook or from a file beside it, looks on the PATH
(and so in the current folder) without one, and puts the active workbook's name into command lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    ('AddExcelDir = GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")', 1, 'AddExcelDir = "false"'),
    ('    licenseKey = GetConfig("LICENSE_KEY", "")', 1, '    licenseKey = ""'),
    ("ActiveWorkbook.FullName", 1, "ThisWorkbook.FullName"),
    # An unqualified Range is one of the active sheet.
    ('For Each cell In Range(sht.Range("A1"), lastCell)', 1, 'For Each cell In sht.Range(sht.Range("A1"), lastCell)'),
    # No interpreter by a bare name: it would be looked for in the current folder first.
    ("        ' Legacy\n        PYTHON_WIN = GetConfig(\"INTERPRETER\", \"pythonw\")", 2, f"        {NO_INTERPRETER}"),
    ("ExpandEnvironmentStrings = WScript.ExpandEnvironmentStrings(s)", 1, _EXPAND),
    ("    #If Mac Then\n    #Else\n        If InStr(s,", 1, "    #If Mac Then\n        ExpandEnvironmentStrings = s\n    #Else\n        If InStr(s,"),
    ("        If Not TestStr = vbNullString Then FileOrFolderExistsOnMac = True\n    End If\n", 1, "        If Not TestStr = vbNullString Then FileOrFolderExistsOnMac = True\n"),
    # Neither modules nor programs from the current folder, which may be that of the workbook.
    (' & ";" & GetConfig("PYTHONPATH")', 2, ""),  # left empty it would be the current folder
    ('tail = " -B -c ""import sys, os;', 1, 'tail = " -B -P -c ""import sys, os;os.chdir(sys.exec_prefix);'),
    ('PYTHON_WIN = "cmd.exe " & ConsoleSwitch & " /K "', 2, 'PYTHON_WIN = Environ("COMSPEC") & " " & ConsoleSwitch & " /C "'),
    # Nothing is pasted into AppleScript: Excel's own folder is known, and paths are those of the system.
    ('GetConfigFilePath = GetMacDir("$HOME", False) & "/"', 1, 'GetConfigFilePath = Environ("HOME") & "/"'),
    # Read once: a sheet of cells asks for it with each function.
    (
        "    XLPyLoadDLL\n    If 0 <> XLPyDLLActivateAuto(XLPy, XLPyCommand, 1)", 1,
        '    Static Command As String\n    XLPyLoadDLL\n    If Command = "" Then Command = XLPyCommand\n    If 0 <> XLPyDLLActivateAuto(XLPy, Command, 1)',
    ),
    ("Private Sub XLPyLoadDLL()\n", 1, "Private Sub XLPyLoadDLL()\n    Static Loaded As Boolean\n    If Loaded Then Exit Sub\n"),
    ("        End If\n    End If\nEnd Sub\n\nFunction XLPy()", 1, "        End If\n    End If\n    Loaded = True\nEnd Sub\n\nFunction XLPy()"),
)  # fmt: skip
#: From a mark to before the next one: settings in the active workbook and in its folder.
_CUTS = (
    ("            'Workbook Sheet Config\n", "            'Add-in Sheet Config"),
    ("    ' Directory Config\n", "    ' User Config"),
    ("    If Val(Application.VERSION) < 15 Then\n", "        On Error Resume Next\n        TestStr = Dir("),
    ('        If Left(s, 1) = "$" Then\n', "    #Else\n        ExpandEnvironmentStrings = WScript"),
)
#: What no button and no function needs.
_UNUSED = (
    "RunPython", "ExecuteMac", "CleanUp", "KillPy", "ShowError", "ReadFile", "KillFileOnMac", "ToMacPath", "GetMacDir", "ToPosixPath", "IsFullName", "GetDirectory",
    "ExecuteWindows", "RunFrozenPython", "GetUdfModules", "NDims", "ImportPythonUDFsBase", "ImportPythonUDFs",
    "ImportPythonUDFsToAddin", "ImportXlwingsUdfsModule", "GetDLLVersion", "GetDirectoryPath", "GetDirectoryConfigFilePath",
    "SaveConfigToFile", "WScript", "GetBaseName", "has_dynamic_array", "CreateGUID", "CheckConda", "GetFullName",
)  # fmt: skip
_DECLARED = re.compile(r"^[^\n]*\bDeclare\b[^\n]*\b(?:system|XLPyDLLNDims|XLPyDLLVersion)\b[^\n]*\n", re.MULTILINE)
_EMPTY_IF = re.compile(r"^ *#If Mac Then\n *#End If\n", re.MULTILINE)


@dataclass(frozen=True)
class Hardened:
    """xlwings' module in two parts, everything in them private to the module they are put into.

    Attributes:
        declarations: Licence, constants, and what its DLL offers.
        procedures: What reads the settings and starts Python.
    """

    declarations: str
    procedures: str


def harden(module: str) -> Hardened:
    """The module with what could be taken over cut out.

    Raises:
        ValueError: It is not the module this was written for.
    """
    text = module.replace("\r\n", "\n")
    for name in _UNUSED:
        text = _without(text, name)
    text = re.sub(r"\n{3,}", "\n\n", text)
    for start, end in _CUTS:
        first = text.find(start)
        last = text.find(end, first)
        if first < 0 or last < 0 or text.count(start) != 1:
            raise ValueError(f"xlwings' module is another one: {start.strip()}")
        text = text[:first] + text[last:]
    for old, count, new in _CHANGES:
        if text.count(old) != count:
            raise ValueError(
                f"xlwings' module is another one: {old!r} stands there {text.count(old)} times, not {count}"
            )
        text = text.replace(old, new)
    left = [line.strip() for line in text.splitlines() if "ActiveWorkbook" in line.partition("'")[0]]
    if left:
        raise ValueError(f"something still comes from the active workbook: {left}")
    text = _EMPTY_IF.sub("", _DECLARED.sub("", text))
    text = re.sub(r"(?m)^( *)(?:Public )?(Const|Declare|Function|Sub)\b", r"\1Private \2", text)
    head, mark, rest = text.partition(f'Private Const PROJECT_NAME As String = "{PROJECT}"\n')
    if not mark or not head.startswith('Attribute VB_Name = "xlwings"\n'):
        raise ValueError("xlwings' module is another one: its head")
    return Hardened(head.partition("\n")[2] + mark, rest)


def _without(text: str, name: str) -> str:
    """The module without a procedure, whatever #If stands around its head."""
    head = rf"(?:(?:Public |Private )?(?:Function|Sub) {name}\b[^\n]*(?: _\n[^\n]*)*\n)"
    guarded = rf"#If App = \"Microsoft Excel\" Then\n{head}#Else\n{head}#End If\n"
    pattern = re.compile(rf"^(?:{guarded}|{head}).*?^End (?:Function|Sub)[^\n]*\n", re.MULTILINE | re.DOTALL)
    found = pattern.findall(text)
    if len(found) != 1:
        raise ValueError(f"xlwings' module is another one: {name} is there {len(found)} times")
    return pattern.sub("", text)
