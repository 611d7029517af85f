"""Quotas of overlays over the quotas of what they cover, and the credit that comes on top of bookings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from revops_xl.model.deals import Deals
from revops_xl.model.money import Floats, Unit, amounts_of, apportion, whole_units
from revops_xl.model.overlays import Overlay, OverlayInputs, OverlayResult, OverlayView
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.results import Explanation, QuotaPlan, Step
from revops_xl.model.wording import money


def overlay_view(
    inputs: OverlayInputs,
    plan: QuotaPlan,
    *,
    period: PlanPeriod | None,
    by_period: Floats | None = None,
    history: Floats | None = None,
    pipeline: Floats | None = None,
    deals: Deals | None = None,
) -> OverlayView:
    """What overlays carry beside the plan, and what is credited to them.

    Args:
        inputs: The overlays.
        plan: The direct quotas.
        period: What the plan covers: deals won in it count, and days of an overlay are days of it; None: all deals.
        by_period: Nodes x periods, or quarters, of the plan: how quotas fall on them; None: evenly.
        history: What each node reached; NaN where not known.
        pipeline: Pipeline of each node; NaN where not known.
        deals: Deals, for bookings and credit.
    """
    won, credit = _credits(inputs, plan, period, deals)
    rows = []
    for each in inputs.overlays:
        row = _one(each, plan, _time(each, period, by_period), (history, pipeline), won, credit)
        rows.append(replace(row, months=_months(row, each, plan.inputs.unit, period, by_period)))
    ics = plan.inputs.tree.is_ic
    return OverlayView(
        inputs,
        (*rows, *_managers(inputs, rows, plan)),
        float(np.round(plan.quota[ics].sum(), 6)),
        float(np.round(sum(won.values()), 2)),
        float(np.round(sum(credit.values()), 2)),
        won,
        credit,
    )


def _rounded(amount: float, unit: Unit | None) -> float:
    return float(amounts_of(whole_units(np.array([amount]), unit), unit)[0])


def _one(
    overlay: Overlay,
    plan: QuotaPlan,
    time: float,
    known: tuple[Floats | None, Floats | None],
    won: dict[int, float],
    credit: dict[tuple[str, int], float],
) -> OverlayResult:
    """Share x the quotas of the covered ICs, each once; or the amount."""
    unit, ics = plan.inputs.unit, overlay.ics
    share = overlay.credit_share
    if np.isnan(overlay.amount):
        base = share * time * float(plan.base[ics].sum())
        quota = share * time * float(plan.quota[ics].sum())
    else:
        base = quota = overlay.amount
    if not np.isnan(overlay.hedge):
        quota = base * overlay.hedge
    mine = {node: value for (name, node), value in credit.items() if name == overlay.name}
    return OverlayResult(
        overlay.name,
        False,
        overlay.reports_to,
        ics,
        np.full(len(ics), share),
        time,
        _rounded(base, unit),
        _rounded(quota, unit),
        _of_covered(known[0], ics, share),
        _of_covered(known[1], ics, share),
        float(np.round(sum(won.get(node, 0.0) for node in mine), 2)),
        float(np.round(sum(mine.values()), 2)),
    )


def _of_covered(values: Floats | None, ics: np.ndarray[tuple[int], np.dtype[np.int64]], share: float) -> float:
    """The overlay's part of something of the covered ICs; NaN where nobody's is known."""
    if values is None or np.isnan(values[ics]).all():
        return float("nan")
    return float(np.round(share * np.nansum(values[ics]), 2))


def _time(overlay: Overlay, period: PlanPeriod | None, by_period: Floats | None) -> float:
    """Part of the covered quota that falls on the days of an overlay."""
    if period is None or (np.isnan(overlay.first) and np.isnan(overlay.last)):
        return 1.0
    there = _days_there(overlay, period, period.months)
    weights = period.calendar.weeks_of(period.periods)
    if by_period is not None and by_period.shape[1] == len(there):
        covered = by_period[overlay.ics].sum(axis=0)
        weights = covered if covered.sum() > 0 else weights
    return float(weights @ there / weights.sum())


def _months(
    row: OverlayResult, overlay: Overlay, unit: Unit | None, period: PlanPeriod | None, by_period: Floats | None
) -> Floats:
    """The quota of an overlay over the periods, as those of whom it covers, within its days."""
    if period is None or by_period is None:
        return np.zeros(0)
    weights = by_period[row.ics].sum(axis=0) * _days_there(overlay, period, by_period.shape[1])
    weights = weights if weights.sum() > 0 else np.ones(len(weights))
    if unit is None:
        return np.asarray(row.quota * weights / weights.sum())
    return unit.to_amount(apportion(unit.exactly(row.quota) or 0, weights))


def _days_there(overlay: Overlay, period: PlanPeriod, count: int) -> Floats:
    """Part of each period of a plan, or of each quarter, in which an overlay is there."""
    edges = period.edges if count == period.months else period.edges[[*range(0, period.months, 3), period.months]]
    first = edges[0] if np.isnan(overlay.first) else overlay.first
    after = edges[-1] if np.isnan(overlay.last) else overlay.last + 1
    there = np.maximum(np.minimum(after, edges[1:]) - np.maximum(first, edges[:-1]), 0.0)
    return np.asarray(there / np.diff(edges))


def _managers(inputs: OverlayInputs, rows: list[OverlayResult], plan: QuotaPlan) -> list[OverlayResult]:
    """Managers of overlays: what these cover, each IC once and at the largest share; or the sum of their quotas."""
    unit = plan.inputs.unit
    of: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        if row.reports_to:
            of[row.reports_to].append(i)
    found = []
    for name, members in of.items():
        most: dict[int, float] = {}
        base = quota = 0.0
        for i in members:
            row = rows[i]
            if not inputs.union or not np.isnan(inputs.overlays[i].amount):
                base, quota = base + row.base, quota + row.quota
                continue
            for node in row.ics.tolist():
                most[node] = max(most.get(node, 0.0), float(row.weights[0]) * row.time)
        ics = np.array(sorted(most), dtype=np.int64)
        weights = np.array([most[node] for node in ics.tolist()])
        base += float((weights * plan.base[ics]).sum())
        quota += float((weights * plan.quota[ics]).sum())
        every = np.unique(np.concatenate([rows[i].ics for i in members])).astype(np.int64)
        found.append(
            OverlayResult(
                name, True, "", ics if inputs.union else every, weights if inputs.union else np.ones(len(every)), 1.0,
                _rounded(base, unit), _rounded(quota, unit), float("nan"), float("nan"),
                float(np.round(sum(rows[i].booked for i in members), 2)), float(np.round(sum(rows[i].credit for i in members), 2)),
            )
        )  # fmt: skip
    return found


def _credits(
    inputs: OverlayInputs, plan: QuotaPlan, period: PlanPeriod | None, deals: Deals | None
) -> tuple[dict[int, float], dict[tuple[str, int], float]]:
    """Won by each IC, and credited to each overlay for it; deals of reps who are in no place count as bookings at -1."""
    won: dict[int, float] = defaultdict(float)
    credit: dict[tuple[str, int], float] = defaultdict(float)
    if deals is None:
        return {}, {}
    counted = deals.is_won & ~np.isnan(deals.won_amount)
    if period is not None:
        counted &= (deals.close >= period.edges[0]) & (deals.close < period.edges[-1])
    tree = plan.inputs.tree
    places = [tree.ics_called(name) if name else [] for name in deals.rep.names]
    covers = {each.name: frozenset(each.ics.tolist()) for each in inputs.overlays}
    for row in np.flatnonzero(counted).tolist():
        code = int(deals.rep.codes[row])
        positions = places[code] if code >= 0 else []
        parts = tree.split_now[positions] if positions else np.ones(1)
        said = inputs.credits.get(str(deals.ids[row]))
        for node, part in zip(positions or [-1], parts.tolist(), strict=True):
            amount = float(deals.won_amount[row]) * part
            won[node] += amount
            for each in inputs.overlays:
                share = said.get(each.name, 0.0) if said is not None else each.credit_share * (node in covers[each.name])  # fmt: skip
                if share:
                    credit[each.name, node] += amount * share
    return dict(won), dict(credit)


def explain_overlay(view: OverlayView | None, plan: QuotaPlan, name: str) -> Explanation | None:
    """Why an overlay, or a manager of overlays, carries what it does; None for anybody else."""
    row = next((each for each in view.rows if each.name == name), None) if view is not None else None
    if row is None:
        return None
    tree = plan.inputs.tree
    covered = [
        f"{tree.reference(node)}: base {money(float(plan.base[node]))}, quota {money(float(plan.quota[node]))}, of which {part:.4g}"
        for node, part in zip(row.ics.tolist(), row.weights.tolist(), strict=True)
    ]
    time = f"{row.time:.2%} of it falls on its days" if row.time < 1 else "all the time of the plan"
    facts: dict[str, object] = {"step": "overlay", "node": row.name, "base_quota": row.base, "quota": row.quota, "booked": row.booked, "credit": row.credit}  # fmt: skip
    carried = Step("What it covers, each rep once; it is beside the plan", (*covered, time), facts)
    credited = Step("Credit, on top of bookings", (f"booked by the covered in deals that credit it: {money(row.booked)}", f"credited: {money(row.credit)}"), {"step": "credit"})  # fmt: skip
    level = "Manager of overlays" if row.manager else "Overlay"
    return Explanation(row.name, level, row.base, row.quota, (carried, credited))
