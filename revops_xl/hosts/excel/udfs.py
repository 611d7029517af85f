"""The worksheet functions as xlwings serves them to Excel: one Python function each, made from the registry.

Whole ranges in, whole tables out; an error cell arrives as the text of its error, never as a blank.
"""

from __future__ import annotations

import datetime as dt
import inspect
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlwings as xw

from revops_xl.functions.cells import VALUE, Answer, FunctionError
from revops_xl.functions.declare import Function
from revops_xl.functions.registry import FUNCTIONS, call
from revops_xl.hosts.excel.error_numbers import ERROR_NUMBERS, FIRST_ERROR, LAST_ERROR

LOG = Path(tempfile.gettempdir()) / "revops-xl-functions.log"
#: What COM calls a failure.
E_FAIL = -2147467259
_log = logging.getLogger(__name__)


def _failure(error: str, message: str) -> Exception:
    """An exception whose text reaches VBA as it is: the error value in brackets, then the message."""
    described = f"[{error}] {message}"
    try:
        from win32com.server.exception import COMException  # noqa: PLC0415  (Windows only)
    except ImportError:
        return RuntimeError(described)
    return COMException(description=described, scode=E_FAIL)  # type: ignore[no-any-return]


def _served(function: Function) -> Callable[..., Any]:
    """One function as xlwings calls it."""

    def served(*values: object) -> Any:
        try:
            return to_excel(call(function.name, *map(from_excel, values)))
        except FunctionError as error:
            raise _failure(error.error, error.message) from None
        except Exception as error:
            logging.basicConfig(filename=LOG, level=logging.ERROR)
            _log.exception("%s", function.name)
            told = f"unexpected error, please report it with {LOG}: {type(error).__name__}: {error}"
            raise _failure(VALUE, f"{function.name}: {told}") from error

    blank = {"default": None}
    served.__name__ = served.__qualname__ = function.name
    served.__doc__ = function.help
    served.__annotations__ = {}  # xlwings would take them for those of arguments of the same name
    parameters = [
        inspect.Parameter(each.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, **({} if each.needed else blank))
        for each in function.parameters
    ]
    served.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    made: Callable[..., Any] = xw.func(category=str(function.category))(served)
    for each in function.parameters:
        made = xw.arg(each.name, ndim=2, err_to_str=True, doc=each.help)(made)
    return made


def from_excel(value: Any) -> Any:
    """An argument as xlwings hands it over, with the errors that it takes for numbers."""
    if isinstance(value, list | tuple):
        return [from_excel(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and FIRST_ERROR <= value <= LAST_ERROR:
        return ERROR_NUMBERS.get(value, VALUE)
    return value


def to_excel(answer: Answer) -> Any:
    """A result as rows that xlwings writes: blanks as "", days as Excel's days."""
    if not isinstance(answer, tuple):
        return _cell(answer)
    return [[_cell(cell) for cell in row] for row in answer]


def _cell(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return float(cell)  # a whole number of more than 32 bits is no number to Excel
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  (a day has no zone)
    return cell


globals().update({function.name: _served(function) for function in FUNCTIONS})
