"""Whether the results belong to the inputs beside them: totals of the inputs as formulas, and what they were at the run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from revops_xl.tables.raw import RawBook
from revops_xl.tables.typed import is_blank

#: Metric columns watched; more would make the formula too long for a cell.
MAX_COLUMNS = 60
#: Headers that need no escaping in a formula; a column with another is not watched.
_PLAIN_HEADER = re.compile(r"\w[\w .%/&+-]*")
_DECISIONS = (
    ("Levels", "Hedge", 6),
    ("NodeHedges", "Hedge", 6),
    ("Metrics", "Weight", 6),
    ("Overrides", "Amount", 2),
    ("Thresholds", "Healthy", 6),
    ("Thresholds", "At risk", 6),
    ("CommitHistory", "Commit", 2),
    ("CommitHistory", "Actual", 2),
    ("Commits", "Commit", 2),
    ("Commits", "Machine forecast", 2),
)


def watch_formula(book: RawBook, ic_level: str, columns: Sequence[str]) -> str:
    """Sum of the differences between the inputs' totals and what they are now, as formula text; "" if none can be watched."""
    terms = []
    for table, header, digits in _DECISIONS:
        raw = book.tables.get(table)
        if raw is not None and header in raw.headers:
            terms.append(_term(f"SUM({table}[{header}])", _sum(raw.column(header)), digits))
    accepted = book.tables.get("AcceptedAdjustments")
    if accepted is not None and "Change" in accepted.headers:  # they add up to 0, so only who receives is added up
        given = math.fsum(max(float(cell), 0.0) for cell in accepted.column("Change") if isinstance(cell, int | float))
        terms.append(_term('SUMIF(AcceptedAdjustments[Change],">0")', given, 2))
    people = book.tables["Hierarchy"]
    names = [ic_level, *dict.fromkeys(columns)]
    for header in names[: MAX_COLUMNS + 1]:
        if not _PLAIN_HEADER.fullmatch(header):
            continue
        cells, reference = people.column(header), f"Hierarchy[{header}]"
        if header == ic_level:
            terms.append(_term(f"COUNTA({reference})", sum(not is_blank(cell) for cell in cells), 0))
        elif bool in set(map(type, cells)):
            terms.append(_term(f"COUNTIF({reference},TRUE)", sum(cell is True for cell in cells), 0))
        else:
            terms.append(_term(f"SUM({reference})", _sum(cells), 2))
    return "+".join(terms)


def _term(formula: str, value: float, digits: int) -> str:
    return f"ROUND(ABS({formula}-{value!r}),{digits})"


def _sum(cells: Iterable[Any]) -> float:
    """What SUM gives: numbers only, no texts and no TRUE/FALSE."""
    if isinstance(cells, Sequence) and set(map(type, cells)) == {float}:
        return math.fsum(cells)
    return math.fsum(float(cell) for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool))
