"""Whether the results belong to the inputs beside them: totals of the inputs as formulas, and what they were at the run."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from revops_xl.model.plan import Watch
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import Cells, RawBook

#: A cell holds formulas of up to 8,192 characters; the check wraps this one into another.
LONGEST_FORMULA = 7_500
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
    ("Deals", "Amount", 2),
    ("Deals", "Rep probability", 6),
    ("Telemetry", "Usage", 2),
    ("Bookings", "Bookings", 2),
    ("PhaseShares", "Share", 6),
    ("Territories", "Historical revenue", 2),
    ("Territories", "Actual achievement", 2),
    ("Territories", "Conversion rate", 6),
    ("Territories", "Min quota", 2),
    ("Territories", "Max quota", 2),
    ("Tiers", "Multiplier", 6),
    ("Tiers", "Ramp factor", 6),
    ("Tiers", "Ramp months", 6),
    ("RampCurves", "Productivity", 6),
)


def watch(book: RawBook, ic_level: str, columns: Sequence[str], settings: Mapping[str, float]) -> Watch:
    """Watch the decisions, the number of ICs, and as many columns of Hierarchy as a formula has room for.

    Args:
        book: The raw tables.
        ic_level: Column of the ICs.
        columns: Columns that count, the most important first.
        settings: Values of settings by their defined names.
    """
    terms = [_term(name, value, 6) for name, value in settings.items()]
    for table, header, digits in _DECISIONS:
        raw = book.tables.get(table)
        if raw is not None and header in raw.headers:
            terms.append(_term(f"SUM({table}[{header}])", _sum(raw.column(header)), digits))
    accepted = book.tables.get("AcceptedAdjustments")
    if accepted is not None and "Change" in accepted.headers:  # they add up to 0, so only who receives is added up
        numbers = (cell for cell in accepted.column("Change") if isinstance(cell, int | float))
        terms.append(
            _term('SUMIF(AcceptedAdjustments[Change],">0")', math.fsum(max(float(n), 0.0) for n in numbers), 2)
        )
    people = book.tables["Hierarchy"]
    left_out = []
    room = LONGEST_FORMULA - sum(len(term) + 1 for term in terms)
    for header in dict.fromkeys([ic_level, *columns]):
        term = _column_term(people.column(header), header, ic_level) if _PLAIN_HEADER.fullmatch(header) else ""
        if term and len(term) < room:
            terms.append(term)
            room -= len(term) + 1
        else:
            left_out.append(header)
    return Watch("+".join(terms), tuple(left_out))


def _column_term(cells: Cells, header: str, ic_level: str) -> str:
    reference = f"Hierarchy[{header}]"
    if header == ic_level:
        return _term(f"COUNTA({reference})", sum(not is_blank(cell) for cell in cells), 0)
    if not any(isinstance(cell, int | float) and not isinstance(cell, dt.date) for cell in cells):
        return _term(f"COUNTA({reference})", sum(not is_blank(cell) for cell in cells), 0)
    if bool in set(map(type, cells)):
        return _term(f"COUNTIF({reference},TRUE)", sum(cell is True for cell in cells), 0)
    return _term(f"SUM({reference})", _sum(cells), 2)


def _term(formula: str, value: float, digits: int) -> str:
    return f"ROUND(ABS({formula}-{value!r}),{digits})"


def _sum(cells: Iterable[Any]) -> float:
    """What SUM gives: numbers only, no texts and no TRUE/FALSE."""
    if isinstance(cells, Sequence) and set(map(type, cells)) == {float}:
        return math.fsum(cells)
    return math.fsum(float(cell) for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool))
