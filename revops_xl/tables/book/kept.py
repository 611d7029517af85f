"""Result tables that a run leaves as they are: whether they are those of the inputs, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from revops_xl.tables.schema.raw import NotCalculated, RawTable
from revops_xl.tables.schema.result import ResultTable


def same(there: RawTable | None, ours: ResultTable, names: Sequence[str] | None = None) -> bool:
    """Whether a table of a workbook holds these results, in any order of rows.

    Args:
        there: The table in the workbook; None if it is not there, which is as good as empty.
        ours: The results.
        names: Columns to compare; None: all of ours.
    """
    if there is None or not len(there):
        return not len(ours)
    compared = list(names or ours.table.headers)
    if not set(compared) <= set(there.headers) or len(there) != len(ours):
        return False
    if there.has_odd:  # a formula that nobody has calculated yet will say what its cells say
        compared = [n for n in compared if not any(isinstance(cell, NotCalculated) for cell in there.column(n))]

    def rows(columns: Iterable[Iterable[Any]]) -> list[tuple[str, ...]]:
        return sorted(tuple(map(_plain, row)) for row in zip(*columns, strict=True))

    return rows(there.column(name) for name in compared) == rows(ours.values(name) for name in compared)


def _plain(value: Any) -> str:
    """A cell as it can be compared: 1001 and "1001" are the same node, TRUE is 1 where a program saves it so, and the last bits are none."""
    if isinstance(value, int | float):
        return "" if value != value else f"{value + 0.0:.12g}"  # noqa: PLR0124  (NaN)
    return "" if value is None else str(value)


def stale_parts(
    parts: Mapping[str, Sequence[str]],
    left_out: Iterable[str],
    there: Mapping[str, RawTable],
    ours: Sequence[ResultTable],
) -> tuple[str, ...]:
    """The parts among those left out whose tables in the workbook are not what would be written."""
    by_name = {table.table.name: table for table in ours}
    return tuple(
        part
        for part in left_out
        if not all(same(there.get(name), by_name[name]) for name in parts[part] if name in by_name)
    )
