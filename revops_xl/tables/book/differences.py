"""What changed between two plans: quotas node by node with the reason, and the inputs cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.model.org import OrgTree
from revops_xl.model.quota_changes import QuotaChanges
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.book import run_log
from revops_xl.tables.book.plan import INPUT_TABLES
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.raw import CellError, NotCalculated, RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable

_MOVED = '+#,##0.00;[Red]-#,##0.00;"–"'
NODES = Table(
    "QuotaDifferences",
    "Nodes whose quota, or whose place, is another one. The three parts add up to the change.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=28),
        Column("Parent", Kind.NODE, "The node above; in the first plan if it is gone.", width=22),
        Column("Kind", Kind.TEXT, "changed, new, gone or moved.", width=10),
        Column("Before", Kind.MONEY, "Quota in the first plan.", unit="currency", width=17),
        Column("After", Kind.MONEY, "Quota in the second plan.", unit="currency", width=17),
        Column("Change", Kind.MONEY, "After less before.", unit="currency", width=16, number_format=_MOVED),
        Column("From target", Kind.MONEY, "What the target did.", unit="currency", width=16, number_format=_MOVED),
        Column("From hedges", Kind.MONEY, "What the hedges above did.", unit="currency", width=16, number_format=_MOVED),
        Column("From shares", Kind.MONEY, "What shares, overrides, adjustments and rounding did.", unit="currency", width=16, number_format=_MOVED),
        Column("Why", Kind.TEXT, "What is different at the node, beside it and above it.", width=80),
    ),
    result=True,
)  # fmt: skip
INPUTS = Table(
    "InputDifferences",
    "Cells of the inputs that say something else, found by the key of their row.",
    (
        Column("Table", Kind.TEXT, "Table.", width=18),
        Column("Row", Kind.TEXT, "Key of the row.", width=34),
        Column("Column", Kind.TEXT, "Header; blank: the whole row.", width=20),
        Column("Before", Kind.TEXT, "In the first plan.", width=34),
        Column("After", Kind.TEXT, "In the second plan.", width=34),
    ),
    result=True,
)
LOG = Table("RunsSince", "Runs that only the log of the second plan has.", run_log.TABLE.columns, result=True)
SHEETS = (
    Sheet("Quotas", "Quotas that differ, and why", (NODES,)),
    Sheet("Inputs", "Inputs that differ", (INPUTS,)),
    Sheet("Runs", "Runs in between", (LOG,)),
)

#: Columns that tell the rows of an input table apart; the n-th of a kind is compared with the n-th.
_KEYS = {
    "Settings": ("Setting",),
    "Rates": ("Currency", "From"),
    "Absences": ("Person", "From"),
    "Overlays": ("Overlay",),
    "Credits": ("Deal ID", "Overlay"),
    "Levels": ("Level",),
    "NodeHedges": ("Node",),
    "Metrics": ("Metric",),
    "Overrides": ("Node",),
    "AcceptedAdjustments": ("Node", "Manager"),
    "Thresholds": ("Node",),
    "CommitHistory": ("Manager", "Period"),
    "Commits": ("Manager",),
    "Deals": ("Deal ID",),
    "Telemetry": ("Account ID", "Child node"),
    "Cohorts": ("Cohort",),
    "Scenarios": ("Scenario",),
    "Bookings": ("Period",),
    "PhaseShares": ("Plan period",),
    "Territories": ("Territory",),
    "Tiers": ("Tier",),
    "RampCurves": ("Curve tier", "From month"),
}
_QUIET = frozenset({"Unit", "Meaning"})


def in_common(first: OrgTree, second: OrgTree) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of the nodes that both have, in the first and in the second."""
    known, there = _by_key(first), _by_key(second)
    pairs = [(known[key], there[key]) for key in there if key in known]
    return np.array([pair[0] for pair in pairs], dtype=np.intp), np.array([pair[1] for pair in pairs], dtype=np.intp)


def node_differences(before: QuotaPlan, after: QuotaPlan, changes: QuotaChanges) -> ResultTable:
    """Rows of QuotaDifferences in the outline of the second plan, then those that are gone.

    Args:
        before: Quotas of the first plan.
        after: Quotas of the second.
        changes: Those of the nodes that `in_common` finds.
    """
    old, new = before.inputs.tree, after.inputs.tree
    known, there = _by_key(old), _by_key(new)
    ours, theirs = in_common(old, new)
    reasons = _Reasons(before, after, dict(zip(theirs.tolist(), ours.tolist(), strict=True)))
    rows: dict[int, dict[str, Any]] = {}
    for i, (mine, other) in enumerate(zip(ours.tolist(), theirs.tolist(), strict=True)):
        moved = _parent(old, mine) != _parent(new, other)
        change = round(float(changes.after[i] - changes.before[i]), 6) + 0.0
        if not moved and abs(change) < 1e-9:
            continue
        rows[other] = {
            "Level": new.levels[new.level[other]], "Node": new.reference(other), "Parent": _parent(new, other), "Kind": "moved" if moved else "changed",
            "Before": float(changes.before[i]), "After": float(changes.after[i]), "Change": change, "From target": float(changes.target[i]), "From hedges": float(changes.hedges[i]),
            "From shares": float(changes.shares[i]), "Why": reasons.of(other),
        }  # fmt: skip
    for key, node in there.items():
        if key not in known:
            quota = float(after.quota[node])
            rows[node] = {"Level": new.levels[new.level[node]], "Node": new.reference(node), "Parent": _parent(new, node), "Kind": "new", "Before": None, "After": quota, "Change": quota, "From target": None, "From hedges": None, "From shares": None, "Why": ""}  # fmt: skip
    listed = [rows[node] for node in new.outline.tolist() if node in rows]
    for node in old.outline.tolist():
        if _key(old, node) not in there:
            quota = float(before.quota[node])
            listed.append({"Level": old.levels[old.level[node]], "Node": old.reference(node), "Parent": _parent(old, node), "Kind": "gone", "Before": quota, "After": None, "Change": -quota, "From target": None, "From hedges": None, "From shares": None, "Why": ""})  # fmt: skip
    return ResultTable.of_rows(NODES, listed)


def _key(tree: OrgTree, node: int) -> tuple[str, ...]:
    """A node is its level and name; a placement of a split IC has the node above as well."""
    parts = (tree.levels[tree.level[node]], str(tree.names[node]))
    return parts if tree.split[node] == 1 else (*parts, _parent(tree, node))


def _by_key(tree: OrgTree) -> dict[tuple[str, ...], int]:
    return {_key(tree, node): node for node in range(len(tree))}


def _parent(tree: OrgTree, node: int) -> str:
    return tree.reference(int(tree.parent[node])) if node else ""


class _Reasons:
    """What is different at a node, beside it and above it, in words."""

    def __init__(self, before: QuotaPlan, after: QuotaPlan, same: dict[int, int]) -> None:
        self.before, self.after, self.same = before, after, same
        self.changed: dict[int, list[int]] = {}
        self.fixed_before = {entry.node: entry for entry in before.inputs.fixed}
        self.fixed_after = {entry.node: entry for entry in after.inputs.fixed}
        self.target = ""
        if before.inputs.target != after.inputs.target:
            self.target = f"target {before.inputs.target:,.2f} → {after.inputs.target:,.2f}"

    def of(self, node: int) -> str:
        """The reasons of a node of the second plan."""
        tree = self.after.inputs.tree
        found = [self.target] if self.target else []
        found += [text for above in tree.ancestors(node) if (text := self._hedge(above))]
        found += self._own(node)
        parent = int(tree.parent[node])
        if parent > 0 and parent in self.same:
            quotas = float(self.before.quota[self.same[parent]]), float(self.after.quota[parent])
            if abs(quotas[0] - quotas[1]) > 1e-9:
                found.append(f"{tree.reference(parent)} carries {quotas[0]:,.2f} → {quotas[1]:,.2f}")
        for where, parents in (("beside it", [parent]), ("above it", tree.ancestors(node)[:-1])):
            changed = [
                each for parent in parents if parent >= 0 for each in self._changed_below(parent) if each != node
            ]
            if changed:
                more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
                found.append(f"{where}: {', '.join(map(tree.reference, changed[:3]))}{more}")
        return "; ".join(found)

    def _changed_below(self, parent: int) -> list[int]:
        """Children of a node of which something is different, but for their quotas."""
        if parent not in self.changed:
            children = self.after.inputs.tree.children(parent)
            self.changed[parent] = [each for each in children if each not in self.same or self._own(each)]
        return self.changed[parent]

    def _hedge(self, node: int) -> str:
        if node not in self.same:
            return ""
        old = float(self.before.inputs.hedges.factor[self.same[node]])
        new = float(self.after.inputs.hedges.factor[node])
        return f"hedge of {self.after.inputs.tree.reference(node)} {old:g} → {new:g}" if old != new else ""

    def _own(self, node: int) -> list[str]:
        """What is different of the node itself, but for its quota."""
        if node not in self.same:
            return []
        mine, found = self.same[node], []
        old, new = self.fixed_before.get(mine), self.fixed_after.get(node)
        if (old and (old.amount, old.basis)) != (new and (new.amount, new.basis)):
            texts = [f"{each.amount:,.2f} {each.basis}" if each is not None else "none" for each in (old, new)]
            found.append(f"override {texts[0]} → {texts[1]}")
        accepted = [
            0.0 if plan.accepted is None else float(plan.accepted[at])
            for plan, at in ((self.before, mine), (self.after, node))
        ]
        if accepted[0] != accepted[1]:
            found.append(f"accepted adjustment {accepted[0]:+,.2f} → {accepted[1]:+,.2f}")
        for name, flags_old, flags_new in (
            ("gated", self.before.roles.gated, self.after.roles.gated),
            ("new hire", self.before.roles.new_hire, self.after.roles.new_hire),
        ):
            if flags_old[mine] != flags_new[node]:
                found.append(f"{'now' if flags_new[node] else 'no longer'} {name}")
        old_tree, new_tree = self.before.inputs.tree, self.after.inputs.tree
        if node and _parent(old_tree, mine) != _parent(new_tree, node):
            found.append(f"moved from {_parent(old_tree, mine)}")
        names = [data.metric.name for data in self.after.inputs.blend]
        if names == [data.metric.name for data in self.before.inputs.blend]:
            for i, name in enumerate(names):
                values = (
                    float(self.before.breakdown.metric_value[i][mine]),
                    float(self.after.breakdown.metric_value[i][node]),
                )
                if abs(values[0] - values[1]) > 1e-9 * max(map(abs, values)):
                    found.append(f"{name} {values[0]:,.10g} → {values[1]:,.10g}")
        return found


def input_differences(first: RawBook, second: RawBook, levels: Sequence[str]) -> ResultTable:
    """Rows of InputDifferences.

    Args:
        first: Tables of the first plan.
        second: Tables of the second.
        levels: Level columns of Hierarchy, whose last tells the ICs apart.
    """
    rows: list[dict[str, Any]] = []
    for table in INPUT_TABLES:
        keys = (levels[-1],) if table.name == "Hierarchy" else _KEYS[table.name]
        rows += _table(table.name, first.tables.get(table.name), second.tables.get(table.name), keys)
    return ResultTable.of_rows(INPUTS, rows)


def _table(name: str, old: RawTable | None, new: RawTable | None, keys: Sequence[str]) -> list[dict[str, Any]]:
    before, after = _rows(old, keys), _rows(new, keys)
    changes: list[dict[str, Any]] = []

    def change(key: str, column: str, old_value: str, new_value: str) -> None:
        changes.append(
            {
                "Table": name,
                "Row": key or "(blank)",
                "Column": column,
                "Before": old_value,
                "After": new_value,
            }
        )

    for key, row in after.items():
        row_name = " / ".join(key[0])
        if key not in before:
            change(row_name, "", "", _summary(row))
            continue
        for header in dict.fromkeys([*before[key], *row]):
            texts = [_shown(cells.get(header)) for cells in (before[key], row)]
            if (
                texts[0] != texts[1]
                and header not in _QUIET
                and not _same_flag(before[key].get(header), row.get(header))
            ):
                change(row_name, header, *texts)
    for key, row in before.items():
        if key not in after:
            change(" / ".join(key[0]), "", _summary(row), "")
    return changes


def _same_flag(old: Any, new: Any) -> bool:
    """Whether one is TRUE or FALSE and the other the 1 or 0 as which some programs save it."""
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    return numbers and isinstance(old, bool) != isinstance(new, bool) and old == new


def _rows(raw: RawTable | None, keys: Sequence[str]) -> dict[tuple[tuple[str, ...], int], dict[str, Any]]:
    if raw is None or not set(keys) <= set(raw.headers):
        return {}
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    found = {}
    for values in zip(*(raw.column(header) for header in raw.headers), strict=True):
        row = dict(zip(raw.headers, values, strict=True))
        key = tuple(_shown(row[name]) for name in keys)
        found[key, counts[key]] = row
        counts[key] += 1
    return found


def _summary(row: dict[str, Any]) -> str:
    return ", ".join(
        f"{header} {_shown(value)}" for header, value in row.items() if _shown(value) and header not in _QUIET
    )[:250]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, CellError | NotCalculated):
        return str(getattr(value, "text", "") or "not calculated")
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).upper()
    if isinstance(value, int | float | np.integer | np.floating):
        return f"{float(value):.15g}"
    return str(value)


def runs_since(first: RawTable | None, second: RawTable | None) -> ResultTable:
    """Rows of RunsSince: the audit trail from the first plan to the second."""
    if second is None or not set(LOG.headers) <= set(second.headers):
        return ResultTable.empty(LOG)
    known = set(_log(first)) if first is not None and set(LOG.headers) <= set(first.headers) else set()
    return ResultTable.of_rows(
        LOG, [dict(zip(LOG.headers, row, strict=True)) for row in _log(second) if row not in known]
    )


def _log(raw: RawTable) -> list[tuple[Any, ...]]:
    return list(zip(*(raw.column(name) for name in LOG.headers), strict=True))
