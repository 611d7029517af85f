"""Sheet Deals: open and closed deals, and product usage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.org import OrgTree
from revops_xl.model.pipeline import ClosedDeals
from revops_xl.tables.declare import LARGEST, Column, Kind, Sheet, Table
from revops_xl.tables.typed import TypedTable

DEALS = Table(
    "Deals",
    "Open and closed deals. This version takes win rates from them; the forecast comes later.",
    (
        Column("Deal ID", Kind.TEXT, "Id of the deal.", required=True, width=12),
        Column("Account ID", Kind.TEXT, "Id of the account.", width=12),
        Column("Rep", Kind.TEXT, "The IC, as in Hierarchy.", width=20),
        Column("Stage", Kind.TEXT, "Stage in the CRM.", width=14),
        Column("Status", Kind.CHOICE, "Open, Won or Lost.", required=True, choices=("Open", "Won", "Lost"), width=9),
        Column("Amount", Kind.MONEY, "Amount by the rep.", unit="currency", minimum=0, maximum=LARGEST, width=15),
        Column("Rep probability", Kind.PERCENT, "Win probability by the rep.", unit="%", minimum=0, maximum=1, width=15),
        Column("Created", Kind.DATE, "Day the deal was created.", unit="date", width=12),
        Column("Close date", Kind.DATE, "Day it was closed, or is expected to close.", unit="date", width=12),
    ),
    free_columns="features of the deal, of any name",
)  # fmt: skip
TELEMETRY = Table(
    "Telemetry",
    "Product usage by the accounts' child nodes.",
    (
        Column("Account ID", Kind.TEXT, "Id of the account.", required=True, width=12),
        Column("Child node", Kind.TEXT, "Subsidiary, site or workspace.", required=True, width=16),
        Column("Usage", Kind.NUMBER, "Usage in any one unit.", required=True, minimum=0, width=12),
    ),
    used=False,
)
SHEET = Sheet("Deals", "Open and closed deals", (DEALS, TELEMETRY))


@dataclass(frozen=True)
class Deals:
    """The closed deals by IC, and what could not be counted.

    Attributes:
        closed: Per node.
        strangers: Closed deals of each rep who is no IC of the plan.
        without_amount: Closed deals without an amount.
    """

    closed: ClosedDeals
    strangers: dict[str, int]
    without_amount: int


def parse(typed: TypedTable, tree: OrgTree) -> Deals:
    """Read the closed deals; those of a split IC are divided over its placements."""
    typed.check_types(
        [column.name for column in DEALS.columns if column.name not in {"Deal ID", "Status", "Amount", "Rep"}]
    )
    typed.check_required("Status")
    _refuse_twice(typed)
    status, amount = typed.choices("Status"), typed.numbers("Amount")
    reps = typed.coded("Rep") if typed.has("Rep") else None
    won = np.array([each == "Won" for each in status], dtype=bool)
    closed = won | np.array([each == "Lost" for each in status], dtype=bool)
    known = ~np.isnan(amount) & (amount > 0)
    counted = closed & known
    names = reps.names if reps is not None else []
    codes = reps.codes if reps is not None else np.full(len(typed), -1)
    slots = codes + 1  # deals of nobody come first
    by_rep = [
        np.bincount(slots[flags], weights=None if values is None else values[flags], minlength=len(names) + 1)
        for flags, values in ((closed, None), (counted, None), (counted & won, amount), (counted, amount))
    ]
    count, won_amount, closed_amount = np.zeros(len(tree)), np.zeros(len(tree)), np.zeros(len(tree))
    strangers: dict[str, int] = {}
    for slot in np.flatnonzero(by_rep[0]).tolist():
        name = names[slot - 1] if slot else ""
        positions = _ic(tree, name) if slot else []
        if not positions:
            strangers[name or "(no rep)"] = int(by_rep[0][slot])
        split = tree.split[positions]
        count[positions] += by_rep[1][slot] * split
        won_amount[positions] += by_rep[2][slot] * split
        closed_amount[positions] += by_rep[3][slot] * split
    return Deals(ClosedDeals(count, won_amount, closed_amount), strangers, int((closed & ~known).sum()))


def _ic(tree: OrgTree, name: str) -> list[int]:
    """Placements of the IC that a rep's name means."""
    try:
        positions = tree.find(name)
    except LookupError:
        positions = tree.find(f"{tree.levels[-1]}: {name}")
    return [position for position in positions if tree.is_ic[position]]


def _refuse_twice(typed: TypedTable) -> None:
    """A deal on two rows would count twice."""
    if not typed.has("Deal ID"):
        return
    typed.check_required("Deal ID")
    ids = typed.coded("Deal ID")
    if len(ids.names) == len(ids.codes):
        return
    first: dict[int, int] = {}
    for row, code in enumerate(ids.codes.tolist()):
        if code >= 0 and first.setdefault(code, row) != row:
            before = typed.raw.row_text(first[code])
            typed.problem(
                row, "Deal ID", f'deal "{ids.names[code]}" is listed twice, first in row {before}', "Keep one."
            )
