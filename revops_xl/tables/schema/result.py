"""Result tables: values and native formulas with the value they will calculate to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Coded
from revops_xl.model.money import Unit
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.schema.declare import Table

#: Up to this many rows of Quotas the checks are formulas over every team; SUMIFS compares each row with each.
LIVE_CHECK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A native formula, without the leading equals sign, and its value as we calculate it."""

    text: str
    value: Any


class _Keep:
    """A cell that stays as it is, formula and all."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = _Keep()

#: A column's cells; texts may come coded, -1 for blank.
ResultColumn = Sequence[Any] | npt.NDArray[Any] | Coded


@dataclass(frozen=True)
class ResultTable:
    """A table as a run writes it: one entry per column of the declaration, all of one length.

    Numbers that are NaN, None and "" are blank cells.

    Attributes:
        table: The declaration.
        columns: One entry per column.
        in_place: Each row is the row of the table that stands there now, in the same order, and KEEP is a cell that
            stays; for inputs, which belong to the user.
    """

    table: Table
    columns: tuple[ResultColumn, ...]
    in_place: bool = False

    def __post_init__(self) -> None:
        """Refuse columns that are not those of the declaration, or not of one length: a slip of the program."""
        if len(self.columns) != len(self.table.columns):
            message = f"table {self.table.name} has {len(self.table.columns)} columns, not {len(self.columns)}"
            raise ValueError(message)
        lengths = {len(column) for column in self.columns}
        if len(lengths) > 1:
            raise ValueError(f"columns of table {self.table.name} have {sorted(lengths)} rows")

    def __len__(self) -> int:
        return len(self.columns[0])

    def by_header(self) -> dict[str, ResultColumn]:
        """Its columns as they came, by header."""
        return dict(zip(self.table.headers, self.columns, strict=True))

    def values(self, name: str) -> Sequence[Any]:
        """The values of a column as a list, formulas replaced by what they calculate to."""
        column = self.column(name)
        if isinstance(column, Coded):
            return column.texts()
        return column.tolist() if isinstance(column, np.ndarray) else column

    def column(self, name: str) -> ResultColumn:
        """A column as it came, formulas replaced by what they calculate to."""
        column = self.columns[self.table.headers.index(name)]
        if isinstance(column, np.ndarray | Coded):
            return column
        return [cell.value if isinstance(cell, Formula) else cell for cell in column]

    def formulas(self) -> set[str]:
        """The texts of its formulas."""
        lists = (column for column in self.columns if not isinstance(column, np.ndarray | Coded))
        return {cell.text for column in lists for cell in column if isinstance(cell, Formula)}

    @classmethod
    def of_columns(cls, table: Table, columns: Mapping[str, ResultColumn]) -> ResultTable:
        """Make a table from its columns by header, in any order."""
        _refuse_other_headers(table, columns)
        return cls(table, tuple(columns[name] for name in table.headers))

    @classmethod
    def of_rows(cls, table: Table, rows: Iterable[Mapping[str, Any]]) -> ResultTable:
        """Make a table from rows, each with a cell for every header, in any order."""
        columns: dict[str, list[Any]] = {name: [] for name in table.headers}
        for row in rows:
            _refuse_other_headers(table, row)
            for name, cells in columns.items():
                cells.append(row[name])
        return cls(table, tuple(columns.values()))

    @classmethod
    def empty(cls, table: Table) -> ResultTable:
        """A table without rows."""
        return cls.of_rows(table, ())


def _refuse_other_headers(table: Table, named: Mapping[str, Any]) -> None:
    """Refuse cells for other headers than those of the declaration: a slip of the program."""
    if named.keys() != set(table.headers):
        wrong = sorted(named.keys() ^ set(table.headers))
        raise ValueError(f"table {table.name} is given, or lacks, {', '.join(wrong)}")


def rounded(expression: str, unit: Unit | None) -> str:
    """Wrap a sum in the rounding that removes the noise of adding doubles."""
    if unit is None:
        return expression
    if unit.decimals is not None:
        return f"ROUND({expression},{unit.decimals})"
    counted = f"({expression})/{unit.size:f}"
    return f"ROUND({counted}+SIGN({counted})*MIN(ABS({counted})*2^-49,2^-10),0)*{unit.size:f}"


def target_formula(settings: PlanSettings) -> str:
    """The target in a formula: its defined name, or the top node's quota where the cell holds text."""
    return "SUMIFS(Quotas[Base quota],Quotas[Depth],0)" if settings.target_is_text else "Target"


def this_row(table: str, column: str) -> str:
    """Reference to another column of the same row, as the file stores it."""
    return f"{table}[[#This Row],[{column}]]"


#: A longer text is no criterion.
LONGEST_CRITERION = 250
_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_MONTH = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -/]?\d", re.IGNORECASE)


def matches_itself(text: str) -> bool:
    """Whether SUMIFS, given this text as criterion, finds this text and nothing else but other cases of it.

    Criteria read wildcards, comparison signs, numbers, dates and TRUE/FALSE; such names get values instead. A plain
    whole number such as an employee's finds its own text, as long as no 007 or 7.0 stands beside a 7.

    Example:
        >>> [matches_itself(name) for name in ("EMEA", "1001", "Team *", "007", "Mar 3", "TRUE")]
        [True, True, False, False, False, False]
    """
    return (
        (text[:1].isalpha() or _PLAIN_NUMBER.fullmatch(text) is not None)
        and text == text.strip()
        and len(text) <= LONGEST_CRITERION
        and not set(text) & set('*?~"')
        and text.upper() not in {"TRUE", "FALSE"}
        and not _MONTH.match(text)
    )


def why_not_criterion(text: str) -> str:
    """What keeps SUMIFS from finding a text, in words; "" if nothing does.

    Example:
        >>> why_not_criterion("Team *"), why_not_criterion("007"), why_not_criterion("EMEA")
        ('holds a wildcard or quote', 'reads as a number, date or comparison', '')
    """
    if matches_itself(text):
        return ""
    if set(text) & set('*?~"'):
        return "holds a wildcard or quote"
    if text != text.strip():
        return "begins or ends with a blank"
    if len(text) > LONGEST_CRITERION:
        return f"is longer than {LONGEST_CRITERION} characters"
    return "reads as TRUE or FALSE" if text.upper() in {"TRUE", "FALSE"} else "reads as a number, date or comparison"


def not_distinct(texts: Iterable[str]) -> str:
    """The first text that SUMIFS cannot tell from others, and why; "" if it can tell all of them apart.

    Example:
        >>> not_distinct(["Ann", "Bob", "ANN"])
        '"Ann" and "ANN" differ only by case'
    """
    listed = list(texts)
    for text in listed:
        why = why_not_criterion(text)
        if why:
            return f'"{text}" {why}'
    for fold in (str.casefold, str.upper, str.lower):
        seen: dict[str, str] = {}
        for text in listed:
            other = seen.setdefault(fold(text), text)
            if other != text:
                return f'"{other}" and "{text}" differ only by case'
    return ""


def all_distinct_criteria(texts: Iterable[str]) -> bool:
    """Whether SUMIFS can tell all of these texts apart."""
    listed = list(texts)
    distinct = min(len({fold(text) for text in listed}) for fold in (str.casefold, str.upper, str.lower))
    return distinct == len(listed) and all(map(matches_itself, listed))
