"""Sheet Overlay quotas: what overlays carry beside the plan, what is credited to them, and whom they cover."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.outcome import Outcome
from revops_xl.model.overlays import OverlayResult, OverlayView
from revops_xl.model.parts import Part
from revops_xl.tables.schema.check import NOTE, Check
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.result import (
    LIVE_CHECK_ROWS,
    Formula,
    ResultTable,
    all_distinct_criteria,
    rounded,
    this_row,
)
from revops_xl.tables.schema.result_sheet import ResultSheet


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=15, number_format=WHOLE_MONEY)


QUOTAS = Table(
    "OverlayQuotas",
    "What overlays and their managers carry, beside the plan: nothing of it is in Quotas. Credit comes on top of bookings.",
    (
        Column("Overlay", Kind.TEXT, "The person.", width=24),
        Column("Role", Kind.TEXT, "Overlay, or manager of overlays: what these cover, each IC once, or the sum, as the setting Overlay managers says.", width=18),
        Column("Reports to", Kind.TEXT, "Who manages it.", width=20),
        Column("Covers", Kind.TEXT, "Nodes, as entered.", width=28),
        Column("Reps", Kind.INTEGER, "ICs below them, each once.", width=8),
        Column("Share", Kind.PERCENT, "Part of their quotas; blank: an amount of its own.", unit="%", width=9, number_format="0.##%"),
        Column("Time", Kind.PERCENT, "Part of the covered quota that falls on its days.", unit="%", width=9, number_format="0.##%"),
        _money("Base quota", "Before hedges."),
        _money("Quota", "Hedged."),
        Column("Of direct quota", Kind.PERCENT, "Quota / quota of all ICs.", unit="%", width=11, number_format="0.0%"),
        _money("History", "What the covered reached in the length of the plan, by its share."),
        _money("Pipeline", "Pipeline of the covered, by its share."),
        _money("Booked", "Won by the covered in the plan's period, in deals that credit it."),
        _money("Credit", "Credited to it; revenue counts bookings only."),
        Column("Attainment", Kind.PERCENT, "Credit / quota.", unit="%", width=12, number_format="0.0%"),
    ),
    result=True,
    keys=("Overlay", "Role"),
)  # fmt: skip
COVER = Table(
    "OverlayCover",
    "The ICs whom each overlay covers.",
    (
        Column("Overlay", Kind.TEXT, "The person.", width=24),
        Column("Node", Kind.NODE, "The IC.", width=24),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        _money("Base quota", "Of the IC, before hedges."),
        _money("Quota", "Of the IC, hedged."),
        _money("Won", "By the IC, in the plan's period."),
        _money("Credit", "Of it, credited to the overlay."),
    ),
    result=True,
    keys=("Overlay", "Node", "Parent"),
)


def render(outcome: Outcome) -> list[ResultTable]:
    """Both tables; empty without overlays."""
    view = outcome.overlays
    if view is None:
        return [ResultTable.empty(QUOTAS), ResultTable.empty(COVER)]
    covered = [(row, node) for row in view.overlays for node in row.ics.tolist()]
    live = len(covered) <= LIVE_CHECK_ROWS and all_distinct_criteria([row.name for row in view.overlays])
    return [_quotas(outcome, view, live=live), _cover(outcome, view, covered, live=live)]


def _quotas(outcome: Outcome, view: OverlayView, *, live: bool) -> ResultTable:
    entered = {each.name: each for each in view.inputs.overlays}
    return ResultTable.of_rows(QUOTAS, [_row(outcome, view, row, entered, live=live) for row in view.rows])


def _row(
    outcome: Outcome, view: OverlayView, row: OverlayResult, entered: dict[str, Any], *, live: bool
) -> dict[str, Any]:
    said, unit = (None if row.manager else entered[row.name]), outcome.quotas.inputs.unit
    share = None if said is None or np.isnan(said.share) else said.share
    base: Any = row.base
    quota: Any = row.quota
    if live and said is not None and share is not None:
        name = this_row(QUOTAS.name, "Overlay")
        part = f"{this_row(QUOTAS.name, 'Share')}*{this_row(QUOTAS.name, 'Time')}"
        base = Formula(rounded(f"{part}*SUMIFS(OverlayCover[Base quota],OverlayCover[Overlay],{name})", unit), row.base)
        text = f"{part}*SUMIFS(OverlayCover[Quota],OverlayCover[Overlay],{name})"
        if not np.isnan(said.hedge):
            text = f"{part}*SUMIFS(OverlayCover[Base quota],OverlayCover[Overlay],{name})*{said.hedge!r}"
        quota = Formula(rounded(text, unit), row.quota)
    whole = "SUMIFS(Quotas[Quota],Quotas[IC],TRUE)"
    mine = this_row(QUOTAS.name, "Quota")
    part_of = row.quota / view.direct_quota if view.direct_quota else None
    return {
        "Overlay": row.name,
        "Role": "manager of overlays" if row.manager else "overlay",
        "Reports to": row.reports_to or None,
        "Covers": ", ".join(said.covers) if said is not None else None,
        "Reps": len(row.ics),
        "Share": share,
        "Time": None if said is None else row.time,
        "Base quota": base,
        "Quota": quota,
        "Of direct quota": Formula(f'IF({whole}>0,{mine}/{whole},"")', "" if part_of is None else part_of) if live else part_of,
        "History": None if np.isnan(row.history) else row.history,
        "Pipeline": None if np.isnan(row.pipeline) else row.pipeline,
        "Booked": row.booked,
        "Credit": row.credit,
        "Attainment": Formula(f"IF({mine}>0,{this_row(QUOTAS.name, 'Credit')}/{mine},\"\")", "" if np.isnan(row.attainment) else row.attainment) if live else row.attainment,
    }  # fmt: skip


def _cover(outcome: Outcome, view: OverlayView, covered: list[tuple[OverlayResult, int]], *, live: bool) -> ResultTable:
    plan = outcome.quotas
    tree = plan.inputs.tree
    node, parent = this_row(COVER.name, "Node"), this_row(COVER.name, "Parent")

    def amount(column: str, value: float) -> Any:
        text = f"SUMIFS(Quotas[{column}],Quotas[Node],{node},Quotas[Parent],{parent})"
        return Formula(text, value) if live else value

    rows = [
        {
            "Overlay": row.name,
            "Node": tree.reference(at),
            "Parent": tree.reference(int(tree.parent[at])),
            "Base quota": amount("Base quota", float(plan.base[at])),
            "Quota": amount("Quota", float(plan.quota[at])),
            "Won": round(view.won.get(at, 0.0), 2),
            "Credit": round(view.credit_of.get((row.name, at), 0.0), 2),
        }
        for row, at in covered
    ]
    return ResultTable.of_rows(COVER, rows)


def overlay_checks(outcome: Outcome) -> list[Check]:
    """One line: quota beside the plan, and credited against booked."""
    view = outcome.overlays
    if view is None:
        return []
    return [Check("Overlays beside the plan", NOTE, round(sum(row.quota for row in view.overlays), 2), None, "Overlay quotas", overlay_line(view))]  # fmt: skip


def overlay_line(view: OverlayView) -> str:
    """What overlays carry and are credited, in words."""
    beside = sum(row.quota for row in view.overlays)
    part = f", {beside / view.direct_quota:.1%} of the direct quota" if view.direct_quota else ""
    said = f"Overlays carry {beside:,.2f} beside the plan{part}."
    if view.booked:
        total = (view.booked + view.credited) / view.booked
        said += f" Booked {view.booked:,.2f}; overlays are credited {view.credited:,.2f} on top: {total:.4f} per 1 booked."  # fmt: skip
    return said


SHEET = ResultSheet(
    "Overlay quotas",
    "What overlays carry, beside the plan",
    (QUOTAS, COVER),
    Part.QUOTAS,
    render,
)
