"""Worksheet functions as Excel reaches them: run as a program, since it replaces parts of the system with stubs.

usage: excel_session.py ADDIN.xlam < calls (JSON lines) > answers (JSON lines)
Each call: [how, name, arguments]. how "udf": xlwings' call_udf with cells as COM hands them over; "vba": the wrappers of the
add-in, run by pyOpenVBA's Excel in memory, with the arguments in cells; "time": milliseconds of a second call by udf.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from typing import Any

from tests.hosts.com_stub import MISSING, install

com_server = install()

from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.apps.excel._model import Application, Range
from pyopenvba.interpreter._objects import MemberSpec, VBAObject, member
from pyopenvba.interpreter._values import MISSING as VBA_MISSING
from pyopenvba.interpreter._values import VBADate, VBAErrorValue, VBARuntimeError

SERVER = "revops_xl.hosts.excel.udfs"


def cells(value: Any) -> Any:
    """An argument as COM hands it over: rows of rows, errors as Excel's numbers for them."""
    if isinstance(value, list | tuple):
        return tuple(cells(each) for each in value)
    errors = {"#N/A": -2146826246, "#REF!": -2146826265, "#VALUE!": -2146826273, "#DIV/0!": -2146826281}
    if isinstance(value, str) and value in errors:
        return errors[value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def call(name: str, arguments: Any) -> Any:
    return com_server.XLPython().CallUDF(SERVER, name, arguments, None, None)


class Server(VBAObject):  # type: ignore[misc]
    """Stands in for the COM server that the DLL starts."""

    vba_type_name = "XLPython"

    @member  # type: ignore[untyped-decorator]
    def CallUDF(self, script: Any, name: Any, arguments: Any, workbook: Any, caller: Any) -> Any:
        given = tuple(MISSING if each is VBA_MISSING else as_com(each) for each in arguments.items)
        try:
            return com_server.XLPython().CallUDF(str(script), str(name), given, None, None)
        except Exception as error:
            raise VBARuntimeError(1000, str(error)) from error


def as_com(value: Any) -> Any:
    if isinstance(value, Range):
        return as_com(value.vba_get("Value"))
    if type(value).__name__ == "VBAArray":
        (first, last), (left, right) = value.bounds
        return tuple(tuple(as_com(value.get([r, c])) for c in range(left, right + 1)) for r in range(first, last + 1))
    if isinstance(value, VBADate):
        return VBADate.EPOCH + dt.timedelta(days=value.serial)
    if isinstance(value, VBAErrorValue):
        return value.number - 2146828288  # as Excel's numbers for errors reach Python
    if type(value).__name__ in {"VBAEmpty", "Empty"} or repr(value) == "Empty":
        return None
    return value


class Vba:
    """The add-in's own modules, executed."""

    _HEAD = """
Private LastMessage As String
Private Python As Object
Public Sub SetPython(value): Set Python = value: End Sub
Public Function Message(): Message = LastMessage: End Function
Private Function RvxServer(): Set RvxServer = Python: End Function
"""

    def __init__(self, addin: str) -> None:
        source = ExcelFile(addin).vba_modules()["RevOpsXl"].replace("\r\n", "\n")
        Application.vba_add_member(MemberSpec(name="Caller", kind="property", getter=lambda it: it.interpreter.host.call_global("Range", ["A1"], {})))  # fmt: skip
        self.app = ExcelApplication.open(addin, with_vba=False)
        wrappers = re.findall(r"(?ms)^Public Function REVOPS_.*?^End Function\n", source)
        failed = re.findall(r"(?ms)^Private Function RvxFailed.*?^End Function\n", source)
        plain = re.sub(r"(?m)^Attribute \w+\.VB_.*\n", "", "\n".join([self._HEAD, *failed, *wrappers]))
        self.app.add_module(plain, name="RevOpsXl")
        self.app.run("SetPython", Server())
        self.count = 0

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The wrapper with its arguments in cells of a sheet."""
        self.count += 1
        sheet, references, column, top = self.app.sheet(1), [], 1, 1000 * self.count  # cells keep the format of a day
        for value in arguments:
            if value is None:
                references.append("")
                continue
            rows = value if isinstance(value, list) else [[value]]
            rows = rows if isinstance(rows[0], list) else [rows]
            for i, row in enumerate(rows, top):
                for j, cell in enumerate(row):
                    sheet.set_value(f"{letters(column + j)}{i}", cell)
            width = max(map(len, rows))
            references.append(f'Range("{letters(column)}{top}:{letters(column + width - 1)}{top + len(rows) - 1}")')
            column += width + 1
        source = (
            f"Public Function Asked{self.count}()\nAsked{self.count} = {name}({', '.join(references)})\nEnd Function\n"
        )
        self.app.add_module(source, name=f"Ask{self.count}")
        return self.app.run(f"Asked{self.count}")

    def last_message(self) -> str:
        return str(self.app.run("Message"))


def letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def plain(value: Any) -> Any:
    """A result as JSON."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if type(value).__name__ == "VBAArray":
        return plain(as_com(value))
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - dt.datetime(1899, 12, 30)).days  # noqa: DTZ001
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return {"error": str(value)}


def main() -> None:
    vba: Vba | None = None
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        how, name, arguments = json.loads(line)
        try:
            if how == "udf":
                answer = {
                    "value": plain(call(name, tuple(MISSING if each is None else cells(each) for each in arguments)))
                }
            elif how == "time":
                given = tuple(MISSING if each is None else cells(each) for each in arguments)
                start = time.perf_counter()
                call(name, given)
                answer = {"value": (time.perf_counter() - start) * 1000}
            elif how == "message":
                vba = vba or Vba(sys.argv[1])
                answer = {"value": vba.last_message()}
            else:
                vba = vba or Vba(sys.argv[1])
                answer = {"value": plain(vba.call(name, arguments))}
        except Exception as error:  # noqa: BLE001
            answer = {"failed": str(error)}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
