"""The process that computes for LibreOffice: a line of JSON in, a line of JSON out, until its input ends.

LibreOffice has a Python of its own, of another version on many machines; so the engine stays in ours.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from revops_xl.functions.cells import DAY_ZERO, VALUE, Answer, FunctionError
from revops_xl.functions.declare import Parameter, Takes
from revops_xl.functions.registry import BY_NAME, call

LOG = Path(tempfile.gettempdir()) / "revops-xl-functions.log"
#: Arguments whose 0 means something else than a blank.
_NUMBERS = {Takes.NUMBER, Takes.TABLE_OR_NUMBER, Takes.WHOLE, Takes.NUMBERS, Takes.FLAG}


def main() -> None:
    """Serve until there is nobody to serve."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may write between the lines
    for line in sys.stdin.buffer:
        out.write(json.dumps(answered(line)).encode() + b"\n")
        out.flush()


def answered(line: bytes) -> dict[str, Any]:
    """What a request gets: its value, or an error and its message."""
    request: dict[str, Any] = {}
    try:
        request = json.loads(line)
        if "action" in request:
            from revops_xl.hosts.libreoffice import actions  # noqa: PLC0415  (workbooks are read when they are)

            return {"value": actions.act(request["action"], request["arguments"])}
        return {"value": _sent(function(request["function"], request["arguments"]))}
    except FunctionError as error:
        return {"error": error.error, "message": error.message}
    except Exception as error:
        logging.basicConfig(filename=LOG, level=logging.ERROR)
        logging.getLogger(__name__).exception("%s", request.get("function") or request.get("action"))
        told = f"unexpected error, please report it with {LOG}: {type(error).__name__}: {error}"
        return {"error": VALUE, "message": told}


def function(name: str, values: list[Any]) -> Answer:
    """A function with its arguments as Calc gives them.

    Calc hands a blank between two arguments over as 0; the last argument is what it says. Where 0 between others would mean
    something else than a blank it is refused, so that neither is taken for the other; "0" in quotes is a 0.
    """
    parameters = BY_NAME[name].parameters if name in BY_NAME else ()
    last = max((i for i, value in enumerate(values) if value is not None), default=-1)
    meant = [_meant(each, value, i == last) for i, (each, value) in enumerate(zip(parameters, values, strict=False))]
    return call(name, *meant, *values[len(parameters) :])


def _meant(parameter: Parameter, value: Any, last: bool) -> Any:  # noqa: FBT001
    if value == "0" and parameter.takes in _NUMBERS:
        return 0.0
    if parameter.needed or isinstance(value, list | str | bool) or value != 0:
        return value
    if parameter.takes not in _NUMBERS:
        return None
    if last or parameter.default == 0:
        return value
    if parameter.above is not None or (parameter.minimum is not None and parameter.minimum > 0):
        return None
    meant = "" if parameter.default is None else f" ({parameter.default:g} is what a blank means)"
    message = f'{parameter.name}: LibreOffice hands a blank argument over as 0. Write "0" in quotes for 0, or the value itself'
    raise FunctionError(VALUE, message + meant)


def _sent(answer: Answer) -> Any:
    if isinstance(answer, tuple):
        return [[_sent(cell) for cell in row] for row in answer]
    if answer is None:
        return ""
    if isinstance(answer, dt.date):
        day = answer.date() if isinstance(answer, dt.datetime) else answer
        return float((day - DAY_ZERO).days)
    return answer


if __name__ == "__main__":
    main()
