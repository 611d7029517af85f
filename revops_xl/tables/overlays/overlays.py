"""Sheet Overlays: specialists who carry quota for what others sell, and credit deal by deal."""

from __future__ import annotations

import numpy as np

from revops_xl.model.bounds import LARGEST
from revops_xl.model.deals import Deals
from revops_xl.model.org import OrgTree
from revops_xl.model.overlays import Overlay, OverlayInputs
from revops_xl.tables.schema.column_lists import split_list
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.nodes import suggest
from revops_xl.tables.schema.typed import TypedTable

#: What the setting Overlay managers says.
UNION, SUM = "union", "sum"
OVERLAYS = Table(
    "Overlays",
    "People who carry quota beside the tree, for what the ICs below some nodes sell: it is never added up into the plan.",
    (
        Column("Overlay", Kind.TEXT, "The person; not an IC of Hierarchy.", required=True, width=24),
        Column("Covers", Kind.COLUMNS, "Nodes, as in Hierarchy: a list.", required=True, width=30),
        Column("Share", Kind.PERCENT, "Part of the covered ICs' quotas; blank: 100 %, unless Amount says.", optional=True, unit="%", minimum=0, maximum=1, width=9),
        Column("Amount", Kind.MONEY, "Quota of its own instead of a share.", optional=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Hedge", Kind.FACTOR, "Hedge of its own on the quota before hedges; blank: as the covered quotas are hedged.", optional=True, above=0, width=9),
        Column("Reports to", Kind.TEXT, "Who manages it.", optional=True, width=20),
        Column("From", Kind.DATE, "First day; blank: from the start of the plan.", optional=True, width=12),
        Column("To", Kind.DATE, "Last day; blank: to its end.", optional=True, width=12),
    ),
)  # fmt: skip
CREDITS = Table(
    "Credits",
    "Deals whose overlay credit is another one than by cover: each overlay that gets some has a row.",
    (
        Column("Deal ID", Kind.TEXT, "As in Deals.", required=True, width=16),
        Column("Overlay", Kind.TEXT, "As in Overlays; blank: nobody gets any.", width=24),
        Column("Credit %", Kind.PERCENT, "Part of the amount that is credited; blank: 100 %.", unit="%", minimum=0, maximum=1, width=10),
    ),
)  # fmt: skip
SHEET = Sheet("Overlays", "Who carries quota beside the tree", (OVERLAYS, CREDITS))


def parse(
    typed: TypedTable | None, credited: TypedTable | None, tree: OrgTree, deals: Deals | None, *, union: bool
) -> OverlayInputs | None:
    """Read both tables; None without overlays.

    Args:
        typed: Overlays.
        credited: Credits.
        tree: The org.
        deals: Deals, whose IDs Credits names.
        union: Whether managers of overlays carry what these cover once.
    """
    if typed is None:
        if credited is not None:
            credited.refuse([0], "Overlay", "Overlays has no rows", "Enter the overlays, or clear Credits.")
        return None
    typed.check_required("Overlay")
    typed.check_required("Covers")
    shares, amounts, hedges = (
        typed.numbers(name) if typed.has(name) else np.full(len(typed), np.nan) for name in ("Share", "Amount", "Hedge")
    )
    first, last = (
        np.array([to_days(day) for day in typed.dates(name)] if typed.has(name) else [np.nan] * len(typed), dtype=np.float64)
        for name in ("From", "To")
    )  # fmt: skip
    managers = typed.texts("Reports to") if typed.has("Reports to") else [None] * len(typed)
    covers = typed.texts("Covers")
    found: dict[str, Overlay] = {}
    for row, name in enumerate(typed.texts("Overlay")):
        if name is None or covers[row] is None:
            continue
        if name in found:
            typed.problem(row, "Overlay", f'"{name}" is listed twice', "Put what it covers on one row.")
            continue
        if tree.ics_called(name):
            fix = "Take the row out of Hierarchy, or give the overlay another name: an overlay is no part of the tree."
            typed.problem(row, "Overlay", f'"{name}" is also an IC of Hierarchy', fix)
        if not np.isnan(shares[row]) and not np.isnan(amounts[row]):
            typed.problem(row, "Amount", "both a share and an amount", "Clear one of them.")
        if last[row] < first[row]:
            typed.problem(row, "To", f"To {to_date(last[row])} is before From {to_date(first[row])}", "Correct one of them.")  # fmt: skip
        names = split_list(covers[row] or "") or ()
        ics = _covered(typed, row, name, names, tree)
        share = 1.0 if np.isnan(shares[row]) and np.isnan(amounts[row]) else float(shares[row])
        found[name] = Overlay(name, tuple(names), ics, share, float(amounts[row]), float(hedges[row]), managers[row] or "", float(first[row]), float(last[row]))  # fmt: skip
    return OverlayInputs(tuple(found.values()), _credits(credited, found, deals), union)


def _covered(
    typed: TypedTable, row: int, name: str, names: tuple[str, ...] | list[str], tree: OrgTree
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions of the ICs below some nodes, each once."""
    found: set[int] = set()
    for text in names:
        if text == name:
            typed.problem(row, "Covers", f'"{name}" covers itself', "Name the nodes whose ICs it covers.")
            continue
        try:
            positions = tree.find(text)
        except LookupError as error:
            typed.problem(row, "Covers", f'"{text}" names nodes of several levels', f"Write {error}.")
            continue
        if not positions:
            typed.problem(row, "Covers", f'no node is called "{text}"', suggest(text, tree))
            continue
        todo = list(positions)
        while todo:
            node = todo.pop()
            if tree.is_ic[node]:
                found.add(node)
            todo += tree.children(node)
    if not found and not typed.is_bad(row, "Covers"):
        typed.problem(row, "Covers", "it covers nobody", "Name nodes that have ICs.")
    return np.array(sorted(found), dtype=np.int64)


def _credits(
    typed: TypedTable | None, overlays: dict[str, Overlay], deals: Deals | None
) -> dict[str, dict[str, float]]:
    """Credit by deal and overlay."""
    if typed is None:
        return {}
    typed.check_required("Deal ID")
    ids = set(map(str, deals.ids)) if deals is not None else set()
    parts, names = typed.numbers("Credit %"), typed.texts("Overlay")
    found: dict[str, dict[str, float]] = {}
    for row, deal in enumerate(typed.texts("Deal ID")):
        if deal is None:
            continue
        if deals is not None and deal not in ids:
            typed.problem(row, "Deal ID", f'no deal is called "{deal}"', "Write the Deal ID as in Deals.")
        mine = found.setdefault(deal, {})
        name = names[row]
        if name is None:
            continue
        if name not in overlays:
            typed.problem(row, "Overlay", f'no overlay is called "{name}"', f"They are {', '.join(list(overlays)[:8])}.")  # fmt: skip
        elif name in mine:
            typed.problem(row, "Overlay", f'"{name}" has two credits of deal {deal}', "Keep one.")
        mine[name] = 1.0 if np.isnan(parts[row]) else float(parts[row])
    return found
