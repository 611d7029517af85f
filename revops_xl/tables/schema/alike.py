"""The same thing wrong in many rows is one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from revops_xl.errors import Problem

#: From so many on, problems of one kind in one column are told together; the first cells are named.
FROM, SHOWN = 4, 3
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")
_OWN = re.compile(r'"[^"]*"|[-+]?\d[\d.,:]*%?')


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, each kind of a column that occurs often as one, in the place of its first.

    Example:
        >>> many = [Problem("Deals", f"F{row}", f'"{row}x" is not a number') for row in range(5, 505)]
        >>> print(grouped(many)[0])
        Deals!F5, F6, F7 and 497 more: "5x" is not a number, and 499 more of the kind
    """
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        groups.setdefault(_kind(problem), []).append(problem)
    return [told for group in groups.values() for told in (_one(group) if len(group) >= FROM else group)]


def _kind(problem: Problem) -> tuple[str, ...]:
    cell = _CELL.fullmatch(problem.cell)
    if cell is None:
        return (problem.sheet, problem.cell, problem.message, problem.fix)
    return (problem.sheet, cell[1], _OWN.sub("…", problem.message), _OWN.sub("…", problem.fix))


def _one(group: Sequence[Problem]) -> list[Problem]:
    first, more = group[0], len(group) - SHOWN
    cells = ", ".join(problem.cell for problem in group[:SHOWN]) + f" and {more:,} more"
    same = all(problem.message == first.message for problem in group)
    message = first.message if same else f"{first.message}, and {len(group) - 1:,} more of the kind"
    return [Problem(first.sheet, cells, message, first.fix)]
