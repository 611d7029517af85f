"""One row of Checks, and what the rows have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from revops_xl.model.money import Unit
from revops_xl.model.org import OrgTree
from revops_xl.tables.schema.result import Formula, this_row

OK, NOTE, WARNING, ALARM, FAILED = "OK", "Note", "Warning", "Alarm", "Failed"
BAD = (ALARM, FAILED)
STATUSES = (OK, NOTE, WARNING, ALARM, FAILED)
#: Characters of a text inside a formula: 255 at most, and quotes are doubled.
LONGEST_TEXT = 120
SHOWN_NODES = 3


@dataclass(frozen=True)
class Check:
    """One row: value and status may be formulas."""

    name: str
    status: Any
    value: Any = None
    tolerance: float | None = None
    where: str = ""
    advice: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The row of the table Checks."""
        return {
            "Check": self.name,
            "Status": self.status,
            "Value": self.value,
            "Tolerance": self.tolerance,
            "Where": self.where,
            "What to do": self._advice,
        }

    @property
    def _advice(self) -> Any:
        """What to do, unless all is well; where the status is live, so is this."""
        if not isinstance(self.status, Formula):
            return None if self.status == OK else self.advice
        if not self.advice:
            return None
        shown = "" if self.status.value == OK else self.advice
        return Formula(f'IF({this_row("Checks", "Status")}="{OK}","",{quoted(self.advice)})', shown)


def quoted(text: str) -> str:
    """A text as formulas take it: in pieces, for each may be 255 characters long.

    Example:
        >>> quoted("All is well.")
        '"All is well."'
        >>> quoted("")
        '""'
    """
    if not text:
        return '""'
    pieces = [text[i : i + LONGEST_TEXT] for i in range(0, len(text), LONGEST_TEXT)]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def zero(
    name: str, formula: str | None, value: float, tolerance: float, where: str, advice: str, bad: str = FAILED
) -> Check:
    """A check that holds when the value is within the tolerance of 0."""
    cell, limit = this_row("Checks", "Value"), this_row("Checks", "Tolerance")
    status = OK if abs(value) <= tolerance else bad
    return Check(
        name,
        Formula(f'IF(ISERROR({cell}),"{FAILED}",IF(ABS({cell})<={limit},"{OK}","{bad}"))', status),
        value if formula is None else Formula(formula, value),
        tolerance,
        where,
        advice,
    )


def half_a_unit(unit: Unit | None) -> float:
    """Quotas are whole units, so a difference of less is the noise of adding doubles."""
    return 1e-6 if unit is None else float(unit.size) / 2


def clean(value: float) -> float:
    """A difference without the last bits of the sum, so that runs print the same."""
    return round(value, 6) + 0.0


def named(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - SHOWN_NODES} more" if len(names) > SHOWN_NODES else ""
    return ", ".join(names[:SHOWN_NODES]) + more


def some(tree: OrgTree, nodes: Sequence[int]) -> str:
    """The first nodes by name, and how many more there are."""
    more = f" and {len(nodes) - SHOWN_NODES} more" if len(nodes) > SHOWN_NODES else ""
    return ", ".join(tree.reference(node) for node in nodes[:SHOWN_NODES]) + more
