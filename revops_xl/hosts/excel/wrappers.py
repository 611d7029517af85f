"""The worksheet functions as VBA: one wrapper each, made from the registry, and their texts for the function wizard."""

from __future__ import annotations

from revops_xl.functions.declare import Function
from revops_xl.functions.registry import FUNCTIONS

#: Python module that serves them.
SERVER = "revops_xl.hosts.excel.udfs"
#: Longest text that the function wizard takes.
LONGEST = 255
#: VBA allows so many continued lines in one statement.
_MOST_CONTINUED = 20


def functions() -> str:
    """All wrappers, and the texts of their arguments."""
    head = "'Made from the declarations in revops_xl/functions; changes here are lost at the next build.\n"
    return "\n".join([head, *map(wrapper, FUNCTIONS), _describe_all()])


def wrapper(function: Function) -> str:
    """One function: its arguments go to Python as they are; a failure becomes a real error value."""
    listed = [each.name if each.needed else f"Optional {each.name}" for each in function.parameters]
    names = ", ".join(each.name for each in function.parameters)
    # Neither the active workbook nor its path goes along: xlwings looks into a workbook that it is given for code.
    call = f'{function.name} = RvxServer.CallUDF("{SERVER}", "{function.name}", Array({names}), Nothing, Application.Caller)'
    return f"""Public Function {function.name}({_wrapped(listed)})
Attribute {function.name}.VB_Description = "{text(function.help)}"
Attribute {function.name}.VB_ProcData.VB_Invoke_Func = " \\n14"
    On Error GoTo failed
    {call}
    Exit Function
failed:
    {function.name} = RvxFailed(Err.Description)
End Function
"""


def text(value: str) -> str:
    """A text as it stands between quotes in VBA."""
    return value[:LONGEST].replace('"', '""').replace("\n", " ")


def _wrapped(parts: list[str]) -> str:
    """Arguments in lines that VBA can take."""
    lines = [", ".join(parts[i : i + 6]) for i in range(0, len(parts), 6)]
    assert len(lines) < _MOST_CONTINUED  # noqa: S101  (no function has so many arguments)
    return ", _\n        ".join(lines)


def _describe_all() -> str:
    """Category and argument texts, which a file cannot hold: set by one call each."""
    lines = []
    for function in FUNCTIONS:
        helps = [f'"{text(each.help)}"' for each in function.parameters]
        listed = ", _\n        ".join(helps)
        lines.append(
            f'    Application.MacroOptions Macro:=Place & "{function.name}", Category:="{text(function.category)}", '
            f"ArgumentDescriptions:=Array( _\n        {listed})"
        )
    head = [
        "Private Sub RvxDescribeFunctions()",
        "    Dim Place As String",
        """    Place = "'" & ThisWorkbook.Name & "'!\"""",
    ]
    return "\n".join([*head, "    On Error Resume Next", *lines, "    Described = (Err.Number = 0)", "End Sub", ""])
