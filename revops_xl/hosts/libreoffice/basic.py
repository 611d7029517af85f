"""The worksheet functions as LibreOffice Basic: one wrapper each, made from the registry."""

from __future__ import annotations

from revops_xl.functions.declare import Function
from revops_xl.functions.registry import FUNCTIONS

#: Basic module with the wrappers, and the Python script that they call.
MODULE, SCRIPT = "RevOpsXl", "revops_xl_calc.py"
_CALL = """' Made from the declarations in revops_xl/functions; changes here are lost at the next install.
Option Explicit

Private Function RvxCall(name As String, args As Variant) As Variant
    Dim provider As Object, answer As Variant
    On Error Goto failed
    provider = GetDefaultContext().getValueByName("/singletons/com.sun.star.script.provider.theMasterScriptProviderFactory")
    answer = provider.createScriptProvider("").getScript("vnd.sun.star.script:{script}$call?language=Python&location=user").invoke(Array(name, args), Array(), Array())
    If IsArray(answer) Then RvxCall = RvxGrid(answer) Else RvxCall = answer
    Exit Function
failed:
    RvxCall = "#VALUE! " & Error$
End Function

' Rows of rows as the two-dimensional array that Calc wants.
Private Function RvxGrid(rows As Variant) As Variant
    Dim r As Long, c As Long
    Dim grid(1 To UBound(rows) + 1, 1 To UBound(rows(0)) + 1) As Variant
    For r = 0 To UBound(rows)
        For c = 0 To UBound(rows(r))
            grid(r + 1, c + 1) = rows(r)(c)
        Next c
    Next r
    RvxGrid = grid
End Function
"""


def module() -> str:
    """The module with all wrappers."""
    return "\n".join([_CALL.replace("{script}", SCRIPT), *map(wrapper, FUNCTIONS)])


def wrapper(function: Function) -> str:
    """One function: what was left out stays empty, everything else goes to Python."""
    listed = ", ".join(f"Optional {each.name}" for each in function.parameters)  # Python says what is needed
    lines = [
        f"Function {function.name}({listed}) As Variant",
        f"    Dim args({len(function.parameters) - 1}) As Variant",
    ]
    for i, each in enumerate(function.parameters):
        lines.append(f"    If Not IsMissing({each.name}) Then args({i}) = {each.name}")
    return "\n".join([*lines, f'    {function.name} = RvxCall("{function.name}", args)', "End Function", ""])
