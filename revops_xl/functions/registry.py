"""Every worksheet function, and the one way to call it."""

from __future__ import annotations

import math
from typing import Any

from revops_xl.errors import PlanError
from revops_xl.functions import calendar, commits, forecast, pipeline, planning, quotas
from revops_xl.functions.arguments import Arguments, as_error
from revops_xl.functions.cells import NUMBER, VALUE, Answer, Cell, FunctionError
from revops_xl.functions.declare import Function
from revops_xl.functions.kept import Kept

FUNCTIONS: tuple[Function, ...] = (
    *quotas.FUNCTIONS, *commits.FUNCTIONS, *pipeline.FUNCTIONS, *forecast.FUNCTIONS, *planning.FUNCTIONS, *calendar.FUNCTIONS,
)  # fmt: skip
BY_NAME: dict[str, Function] = {function.name: function for function in FUNCTIONS}
#: Excel refuses a table with a longer text from a function.
LONGEST = 255
_kept = Kept[Answer](64)


def call(name: str, *values: object) -> Answer:
    """What a worksheet function gives for these cells.

    Args:
        name: Such as "REVOPS_APPORTION".
        *values: Arguments in order: cells, or rows of cells; None is blank.

    Returns:
        A cell, or rows of cells; None where undefined.

    Raises:
        FunctionError: What the cell shows instead, and a message that names the argument.

    Example:
        >>> call("REVOPS_APPORTION", 100, [[1], [1], [1]])
        ((33.33,), (33.34,), (33.33,))
    """
    function = BY_NAME.get(name.upper())
    if function is None:
        raise FunctionError("#NAME?", f"there is no function {name}")
    try:
        arguments = Arguments(function, values)
        return _kept.get(function.name.encode() + arguments.key(), lambda: _cut(function.act(arguments)))
    except PlanError as error:
        raise as_error(error) from error
    except (MemoryError, RecursionError) as error:
        raise FunctionError(VALUE, f"the range is too large: {error}") from error


def _cut(answer: Answer) -> Answer:
    """An answer that Excel takes: longer texts of tables end in dots, undefined numbers are blank, infinite ones an error."""
    if not isinstance(answer, tuple):
        return _short(answer) if isinstance(answer, float) else answer
    return tuple(tuple(_short(cell) for cell in row) for row in answer)


def _short(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        if cell != cell:  # noqa: PLR0124  (undefined is blank)
            return None
        raise FunctionError(NUMBER, "the result is too large for a number")
    return f"{cell[: LONGEST - 1]}…" if isinstance(cell, str) and len(cell) > LONGEST else cell


def as_dict(function: Function) -> dict[str, Any]:
    """A declaration as plain values, for JSON."""
    return {
        "name": function.name,
        "category": str(function.category),
        "help": function.help,
        "signature": function.signature,
        "gives": function.gives,
        "formula": function.formula,
        "arguments": [
            {
                "name": each.name,
                "takes": str(each.takes),
                "help": each.help,
                "needed": each.needed,
                **({"default": each.default} if each.default is not None else {}),
                **({"choices": list(each.choices)} if each.choices else {}),
            }
            for each in function.parameters
        ],
    }
