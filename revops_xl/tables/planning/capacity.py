"""Sheet Capacity: the target by tier, after leave and ramp, and what nobody's seat carries."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import Tier
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, Tone
from revops_xl.tables.schema.result import (
    LIVE_CHECK_ROWS,
    Formula,
    ResultColumn,
    ResultTable,
    all_distinct_criteria,
    rounded,
    this_row,
)
from revops_xl.tables.schema.result_sheet import ResultSheet

NO_TIER = "(no tier)"


def _money(name: str, text: str, width: int = 16) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width)


BY_TIER = Table(
    "CapacityByTier",
    "The target by tier. The gap is what leave, ramp and young territories take from it.",
    (
        Column("Seat tier", Kind.TEXT, "Tier.", width=16),
        Column("Seats", Kind.NUMBER, "ICs, by their splits.", width=9, number_format="#,##0.##"),
        Column("Weighted capacity", Kind.NUMBER, "Capacity x multiplier.", width=12, number_format="#,##0.0#"),
        Column("Effective capacity", Kind.NUMBER, "After leave, ramp and maturity.", width=12, number_format="#,##0.0#"),
        _money("Full quotas", "The target by weighted capacity."),
        _money("Productive quotas", "The same after leave, ramp and maturity."),
        _money("Gap", "Full less productive: more than the seats can carry."),
        _money("Capacity quotas", "Productive, or the target spread again (setting Capacity gap)."),
        _money("Base quotas", "What the cascade gives them."),
    ),
    result=True,
    keys=("Seat tier",),
)  # fmt: skip
TABLE = Table(
    "Capacity",
    "What each seat can carry, beside what the cascade gives it.",
    (
        Column("Seat", Kind.NODE, "The IC.", width=24),
        Column("Manager", Kind.NODE, "The node above.", width=20),
        Column("Tier", Kind.TEXT, "As in Hierarchy.", width=14),
        Column("Months in seat", Kind.NUMBER, "When the plan begins; below 0: starts later. Blank: not known.", unit="months", width=10, number_format="0.0"),
        Column("Present", Kind.PERCENT, "Part of the plan in which the seat is filled.", unit="%", width=10, number_format="0.0%"),
        Column("Ramp", Kind.PERCENT, "Mean productivity by months in the role, while it is filled.", unit="%", width=10, number_format="0.0%"),
        Column("Weighted capacity", Kind.NUMBER, "Capacity x multiplier.", width=12, number_format="#,##0.00"),
        Column("Effective capacity", Kind.NUMBER, "Weighted x present x ramp x maturity of the territory.", width=12, number_format="#,##0.00"),
        _money("Full quota", "Part of the target by weighted capacity."),
        _money("Productive quota", "After leave, ramp and maturity."),
        _money("Capacity quota", "Productive, or the whole target spread again by it (setting Capacity gap)."),
        _money("Base quota", "What the cascade gives it."),
        _money("Base less productive", "Above 0: more than the seat can carry."),
    ),
    result=True,
    keys=("Seat", "Manager"),
)  # fmt: skip


def render(plan: QuotaPlan, planning: PlanningOutcome) -> list[ResultTable]:
    """Tiers and seats; empty without tiers."""
    capacity = planning.capacity
    seats = planning.inputs.seats
    if capacity is None or seats is None:
        return [ResultTable.empty(BY_TIER), ResultTable.empty(TABLE)]
    tree = plan.inputs.tree
    order = np.argsort(np.argsort(tree.outline)[capacity.node], kind="stable")
    node = capacity.node[order]
    tier = seats.tier[tree.row[node]]
    return [_by_tier(plan, planning, node, order, tier, seats.tiers), _seats(plan, planning, node, order, tier)]


def _seats(plan: QuotaPlan, planning: PlanningOutcome, node: Any, order: Any, tier: Any) -> ResultTable:
    found, seats = planning.capacity, planning.inputs.seats
    if found is None or seats is None:
        raise ValueError("no capacity")
    tree, each = plan.inputs.tree, found.capacity
    names = tree.references
    base, productive = plan.base[node], found.productive[order]
    more: ResultColumn = base - productive
    if len(tree) <= LIVE_CHECK_ROWS:
        text = rounded(f"{this_row('Capacity', 'Base quota')}-{this_row('Capacity', 'Productive quota')}", plan.inputs.unit)  # fmt: skip
        more = [Formula(text, value) for value in np.round(base - productive, 9).tolist()]
    return ResultTable.of_columns(
        TABLE,
        {
            "Seat": Coded(names.codes[node], names.names),
            "Manager": Coded(names.codes[tree.parent[node]], names.names),
            "Tier": Coded(tier, [each.name for each in seats.tiers]),
            "Months in seat": each.months[order],
            "Present": each.present[order],
            "Ramp": each.ramp[order],
            "Weighted capacity": each.weighted[order],
            "Effective capacity": each.effective[order],
            "Full quota": found.full[order],
            "Productive quota": productive,
            "Capacity quota": found.quota[order],
            "Base quota": base,
            "Base less productive": more,
        },
    )


def _by_tier(plan: QuotaPlan, planning: PlanningOutcome, node: Any, order: Any, tier: Any, tiers: tuple[Tier, ...]) -> ResultTable:  # fmt: skip
    found, tree, unit = planning.capacity, plan.inputs.tree, plan.inputs.unit
    if found is None:
        raise ValueError("no capacity")
    listed = [(i, each.name) for i, each in enumerate(tiers) if (tier == i).any()]
    live = len(tree) <= LIVE_CHECK_ROWS and all_distinct_criteria(name for _, name in listed)
    if (tier < 0).any():
        listed.append((-1, NO_TIER))
    mine = this_row("CapacityByTier", "Seat tier")
    rows: list[dict[str, Any]] = []
    for code, name in listed:
        here = tier == code
        full, productive, quota = (
            float(np.round(values[order][here].sum(), 6)) for values in (found.full, found.productive, found.quota)
        )
        base = float(np.round(plan.base[node][here].sum(), 6))

        def cell(column: str, value: float, name: str = name) -> Any:
            criterion = '""' if name == NO_TIER else mine
            formula = rounded(f"SUMIFS(Capacity[{column}],Capacity[Tier],{criterion})", unit)
            return Formula(formula, value) if live and name != NO_TIER else value

        gap = rounded(f"{this_row('CapacityByTier', 'Full quotas')}-{this_row('CapacityByTier', 'Productive quotas')}", unit)  # fmt: skip
        rows.append(
            {
                "Seat tier": name,
                "Seats": round(float(tree.split[node][here].sum()), 6),
                "Weighted capacity": float(found.capacity.weighted[order][here].sum()),
                "Effective capacity": float(found.capacity.effective[order][here].sum()),
                "Full quotas": cell("Full quota", full),
                "Productive quotas": cell("Productive quota", productive),
                "Gap": Formula(gap, round(full - productive, 6)),
                "Capacity quotas": cell("Capacity quota", quota),
                "Base quotas": cell("Base quota", base),
            }
        )
    return ResultTable.of_rows(BY_TIER, rows)


SHEET = ResultSheet(
    "Capacity",
    "The target by tier and ramp",
    (BY_TIER, TABLE),
    Part.PLANNING,
    lambda outcome: render(outcome.quotas, outcome.planning),
    (
        Highlight(TABLE.name, (("Present", "Ramp"),), '({Present}<>"")*(({Present}<1)+({Ramp}<1)>0)', Tone.QUIET),
        Highlight(
            TABLE.name,
            (("Base less productive", "Base less productive"),),
            '({Base quota}<>"")*({Productive quota}>0)*({Base quota}>1.25*{Productive quota})',
            Tone.WATCH,
        ),
    ),
)
