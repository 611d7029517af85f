"""Filters that users set on a result table: kept, and applied to the new rows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.result import Formula, ResultTable
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.package import Package, TablePart

_MAIN = f"{{{xml.MAIN}}}"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "notEqual": operator.ne,
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}


def hidden_rows(package: Package, part: TablePart, content: ResultTable) -> frozenset[int] | None:
    """Rows of a result, counted from 0, that the table's filter hides; None if it has no filter, or its rows stay.

    Raises:
        PlanError: The filter is of a kind that only a spreadsheet can apply, or stands on a column of the user's.
    """
    if content.in_place:
        return None
    table = xml.parse(package.read(part.part))
    keep: npt.NDArray[np.bool_] = np.ones(max(len(content), 1), dtype=bool)
    columns = table.findall(f"{_MAIN}autoFilter/{_MAIN}filterColumn")
    if not columns:
        return None
    for column in columns:
        criteria = [
            element for element in column if isinstance(element.tag, str) and not element.tag.endswith("}extLst")
        ]
        if not criteria or not len(content):
            continue
        index = int(column.get("colId", "0"))
        header = part.headers[index] if 0 <= index < len(part.headers) else f"column {index}"
        passes = _test(criteria[0])
        if passes is None or header not in content.table.headers:
            message = f'table {part.name} has a filter on "{header}" that only a spreadsheet can apply to the new rows'
            raise PlanError([Problem(part.sheet, str(part.area), message, "Clear it, run, and set it again.")])
        keep &= np.fromiter((passes(_plain(value)) for value in content.values(header)), dtype=bool)
    return frozenset(np.flatnonzero(~keep).tolist())


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Formula) else value


def _test(criterion: etree._Element) -> Callable[[Any], bool] | None:
    """The filter as a function of a cell's value; None for a kind that cannot be applied here."""
    kind = etree.QName(criterion).localname
    if kind == "filters":
        return _listed(criterion)
    if kind == "customFilters":
        if any(each.get("operator", "equal") not in _COMPARE for each in criterion):
            return None
        tests = [_compared(each.get("operator", "equal"), each.get("val", "")) for each in criterion]
        every = criterion.get("and") in {"1", "true"}
        return lambda value: (all if every else any)(test(value) for test in tests)
    return None


def _listed(criterion: etree._Element) -> Callable[[Any], bool] | None:
    """Values picked from the list; numbers are listed as they are shown, which only a spreadsheet knows."""
    if any(not each.tag.endswith("}filter") for each in criterion):
        return None
    wanted = {each.get("val", "").casefold() for each in criterion}
    blank = criterion.get("blank") in {"1", "true"}
    if any(_number(text) is not None for text in wanted):
        return None

    def passes(value: Any) -> bool:
        text = _text(value)
        return blank if not text else text.casefold() in wanted

    return passes


def _compared(how: str, wanted: str) -> Callable[[Any], bool]:
    number = _number(wanted)
    compare = _COMPARE[how]

    def passes(value: Any) -> bool:
        is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
        if number is not None:
            return compare(float(value), number) if is_number else how == "notEqual"
        if how in {"equal", "notEqual"}:
            return bool(_wildcard(wanted).fullmatch(_text(value))) == (how == "equal")
        return not is_number and compare(_text(value).casefold(), wanted.casefold())

    return passes


def _wildcard(pattern: str) -> re.Pattern[str]:
    """Excel's * and ?, with ~ before one that is meant as such."""
    pieces = re.findall(r"~[*?~]|.", pattern.strip(), re.DOTALL)
    meaning = {"*": ".*", "?": "."}
    return re.compile(
        "".join(meaning.get(piece) or re.escape(piece[-1]) for piece in pieces), re.IGNORECASE | re.DOTALL
    )


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text) else None


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124  (NaN is blank)
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return str(value)
