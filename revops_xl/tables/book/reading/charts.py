"""The four charts of the page: what they show, and the message that stands above each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.tables.book.reading.facts import ASKED, ASKED_MUCH, Facts
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.result import Formula, ResultTable, all_distinct_criteria, this_row

#: Change of the share of reps at quota from which an assumption is worth a bar.
_VISIBLE = 0.005
#: Bars of a chart that are still read.
MOST_BARS = 8
#: Bands of growth that reps are asked for.
_BANDS = (
    ("less", -np.inf, 0.0),
    ("0 to 10%", 0.0, 0.1),
    ("10 to 25%", 0.1, ASKED),
    ("25 to 50%", ASKED, ASKED_MUCH),
    ("50% or more", ASKED_MUCH, np.inf),
)


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.NUMBER, text, width=14, number_format="#,##0.0###")


PATH = Table(
    "ForecastPath",
    "The forecast added up quarter by quarter against the target, in the unit of the page; without a forecast reps by growth asked.",
    (
        Column("Step", Kind.TEXT, "Quarter, or band of growth.", width=14),
        _money("Lower end", "Lower end of the interval of the sum so far, of the simulated paths."),
        _money("Range", "From there to its upper end."),
        _money("Expected so far", "Sum of the Baseline so far."),
        _money("Target line", "The target."),
        _money("Reps", "Reps in the band."),
    ),
    result=True,
    keys=("Step",),
)
REGIONS = Table(
    "RegionChart",
    "The largest teams right below the top node, in the unit of the page: before, target, and what is expected.",
    (
        Column("Team", Kind.NODE, "The team.", width=16),
        _money("Before", "What it reached in the length of the plan."),
        _money("Target", "Base quota: its part of the target."),
        _money("Expected", "What it is expected to reach."),
    ),
    result=True,
    keys=("Team",),
)
HEDGES = Table(
    "HedgeSteps",
    "What the hedges of each level put on top of the target, in the unit of the page, one on the other.",
    (
        Column("Hedges of", Kind.TEXT, "Level; the last row is the sum.", width=16),
        _money("So far", "What they add up to from the top."),
        _money("Below", "What the levels above have added."),
        _money("Adds", "What this level adds."),
    ),
    result=True,
    keys=("Hedges of",),
)
MOVES = Table(
    "MovesMost",
    "What moves the plan most: reps expected at quota with one assumption moved; without history the largest asks.",
    (
        Column("What", Kind.TEXT, "Assumption, or team.", width=22),
        Column(
            "Lower case",
            Kind.NUMBER,
            "Change in points; of a team the growth asked, in percent, or its quota.",
            width=12,
            number_format="0.0",
        ),
        Column("Higher case", Kind.NUMBER, "Change in points.", width=12, number_format="0.0"),
    ),
    result=True,
    keys=("What",),
)
TABLES = (PATH, REGIONS, HEDGES, MOVES)


@dataclass(frozen=True)
class Picture:
    """A chart: its figures and what stands above it.

    Attributes:
        title: The message.
        unit: What its axis counts.
        table: Its figures.
        parts: Parts of a run they are of; empty: they are live.
    """

    title: str
    unit: str
    table: ResultTable
    parts: tuple[str, ...]


def pictures(facts: Facts) -> list[Picture]:
    """The four charts, in order."""
    return [_path(facts), _regions(facts), _hedges(facts), _moves(facts)]


def _unit(facts: Facts) -> str:
    return f"{facts.scale.words} {facts.outcome.plan.settings.currency}"


def _path(facts: Facts) -> Picture:
    found, revenue = facts.forecast, facts.outcome.revenue
    if found is None or revenue is None:
        return _bands(facts)
    result, at = revenue.forecast, revenue.forecast.baseline
    count, won = result.year_quarters, result.won_before
    so_far = won + np.cumsum(result.total[at, :count])
    low, high = won + result.so_far_low[at, :count], won + result.so_far_high[at, :count]
    rows = [
        {
            "Step": result.quarter_names[i],
            "Lower end": facts.scale.number(float(low[i])),
            "Range": facts.scale.number(float(high[i] - low[i])),
            "Expected so far": facts.scale.number(float(so_far[i])),
            "Target line": facts.scale.number(facts.target) if found.comparable else None,
            "Reps": None,
        }
        for i in range(count)
    ]
    say = facts.scale.say
    if not found.comparable:
        title = f"The forecast of {found.span} is {say(found.total)}"
    else:
        gap = found.total - facts.target
        title = f"The forecast ends {say(abs(gap))} {'above' if gap >= 0 else 'below'} the target"
    return Picture(title, f"{_unit(facts)}, added up; band: {found.interval:.0%} range", ResultTable.of_rows(PATH, rows), ("forecast",))  # fmt: skip


def _bands(facts: Facts) -> Picture:
    """Reps by the growth they are asked for; without history, by the size of their quotas."""
    asked = facts.asked[facts.tree.is_ic]
    known = asked[~np.isnan(asked)]

    def row(name: str, count: int) -> dict[str, Any]:
        blank = dict.fromkeys(("Lower end", "Range", "Expected so far", "Target line"))
        return {"Step": name, **blank, "Reps": count}

    if len(known):
        rows = [row(name, int(((known >= low) & (known < high)).sum())) for name, low, high in _BANDS]
        much = int((known >= ASKED).sum())
        title = f"{much} of {len(known)} reps are asked for {ASKED:.0%} or more" if much else f"No rep is asked for {ASKED:.0%} more"  # fmt: skip
        return Picture(title, "reps by growth asked over their history", ResultTable.of_rows(PATH, rows), ("quotas",))
    quota = facts.outcome.quotas.quota[facts.tree.is_ic]
    quota = quota[quota > 0]
    edges = np.histogram_bin_edges(quota, bins=5) if len(quota) and quota.max() > quota.min() else np.array([])
    if not len(edges):
        size = facts.scale.say(float(quota[0])) if len(quota) else "0"
        rows = [row(size, len(quota))]
        return Picture(f"All {len(quota)} quotas are of one size", "reps by quota", ResultTable.of_rows(PATH, rows), ("quotas",))  # fmt: skip
    counts = np.histogram(quota, bins=edges)[0].tolist()
    rows = [row(facts.scale.range(float(low), float(high)), count) for low, high, count in zip(edges, edges[1:], counts, strict=False)]  # fmt: skip
    return Picture(f"Quotas from {facts.scale.say(float(quota.min()))} to {facts.scale.say(float(quota.max()))}", "reps by quota", ResultTable.of_rows(PATH, rows), ("quotas",))  # fmt: skip


def _regions(facts: Facts) -> Picture:
    plan, judged = facts.outcome.quotas, facts.outcome.planning.attainability
    shown = facts.branches[:MOST_BARS]

    def known(value: float) -> float | None:
        return None if np.isnan(value) else facts.scale.number(float(value))

    rows = [
        {
            "Team": facts.name(node),
            "Before": None if facts.history is None else known(facts.history[node]),
            "Target": facts.scale.number(float(plan.base[node])),
            "Expected": None if judged is None else known(judged.expected[node]),
        }
        for node in shown
    ]
    table, say = ResultTable.of_rows(REGIONS, rows), facts.scale.say
    unit = f"{_unit(facts)}; grey: before, dark: target, light: expected" if facts.history is not None else f"{_unit(facts)}: part of the target"  # fmt: skip
    judged = None if judged is None or np.isnan(judged.expected[shown]).all() else judged
    parts = ("planning",) if judged is not None else ("quotas",)
    if judged is not None:
        short = {node: float(plan.base[node] - judged.expected[node]) for node in shown if judged.expected[node] < plan.base[node]}  # fmt: skip
        if short:
            worst = max(short, key=lambda node: short[node])
            return Picture(f"{facts.name(worst)} is expected {say(short[worst])} short of its part", unit, table, parts)
        return Picture("Every team is expected to carry its part", unit, table, parts)
    if not shown:
        return Picture("Nobody stands below the top node", unit, table, parts)
    part = plan.base[shown[0]] / facts.target
    return Picture(f"{facts.name(shown[0])} carries {part:.0%} of the target", unit, table, parts)


def _hedges(facts: Facts) -> Picture:
    """Steps from level to level: what a team hands down beyond what it carries is what its hedge adds."""
    plan, tree = facts.outcome.quotas, facts.tree
    live = facts.outcome.steps is not None
    with np.errstate(invalid="ignore"):
        of_nodes = np.where(tree.is_ic, 0.0, plan.quota * (plan.inputs.hedges.factor - 1))
    used = [level for level in range(len(tree.levels)) if (~tree.is_ic & (tree.level == level)).any()]
    adds = [float(of_nodes[tree.level == level].sum()) for level in used]
    added = round(facts.carried - facts.target, 2)
    rows: list[dict[str, Any]] = []
    steps = abs(sum(adds) - added) < max(1e-4 * facts.target, 1.0)
    live = live and all_distinct_criteria(tree.levels)
    before = 0.0
    for i, (level, step) in enumerate(zip(used, adds, strict=True) if steps else (), start=1):
        mine = f'SUMPRODUCT((Quotas[Level]="{tree.levels[level]}")*(Quotas[IC]=FALSE)*Quotas[Quota]*(Quotas[Hedge]-1))/{facts.scale.size:.0f}'
        last = f"INDEX({HEDGES.name}[So far],{i - 1})" if i > 1 else "0"
        here = this_row(HEDGES.name, "So far")
        after = before + step / facts.scale.size
        rows.append(
            {
                "Hedges of": tree.levels[level],
                "So far": Formula(f"{last}+{mine}", after) if live else after,
                "Below": Formula(f"MIN({last},{here})", min(before, after)) if live else min(before, after),
                "Adds": Formula(f"ABS({here}-{last})", abs(after - before)) if live else abs(after - before),
            }
        )
        before = after
    last = f"INDEX({HEDGES.name}[So far],{len(rows)})"
    whole = live and bool(rows)
    rows.append(
        {
            "Hedges of": "together",
            "So far": Formula(last, before) if whole else facts.scale.number(added),
            "Below": 0.0,
            "Adds": Formula(f"ABS({last})", abs(before)) if whole else facts.scale.number(abs(added)),
        }
    )
    title = f"Hedges add {facts.scale.say(added)}" if added > 0 else f"Hedges take {facts.scale.say(-added)} away"
    if not added:
        title = "No hedge: reps carry the target itself"
    elif added > 0 and steps and len(adds) > 1:
        title += f", most at level {tree.levels[used[int(np.argmax(adds))]]}"
    said = ("quotas",)
    return Picture(title, f"{_unit(facts)} on top of the target, level by level", ResultTable.of_rows(HEDGES, rows), said)  # fmt: skip


def _moves(facts: Facts) -> Picture:
    sensitivity = facts.outcome.planning.sensitivity
    if sensitivity is not None and not np.isnan(sensitivity.reps_at_quota):
        rows = []
        for driver in sensitivity.drivers:
            low, high = (reps - sensitivity.reps_at_quota for reps in driver.reps_at_quota)
            if max(abs(np.nan_to_num(low)), abs(np.nan_to_num(high))) < _VISIBLE:
                continue
            known = [None if np.isnan(each) else round(100 * float(each), 4) for each in (low, high)]
            rows.append({"What": driver.name, "Lower case": known[0], "Higher case": known[1]})
        if rows:
            first = str(rows[0]["What"])
            title = f"{first[:1].upper()}{first[1:]} moves reps at quota the most"
            unit = f"points, from {sensitivity.reps_at_quota:.0%} of reps expected at quota; dark: low case, light: high case"
            return Picture(title, unit, ResultTable.of_rows(MOVES, rows[:MOST_BARS]), ("planning",))
    return _teams(facts)


def _teams(facts: Facts) -> Picture:
    """Teams by the growth they are asked for, else by quota."""
    tree, quota = facts.tree, facts.outcome.quotas.quota
    of_ics = np.zeros(len(tree), dtype=bool)
    of_ics[tree.parent[tree.is_ic]] = True
    teams = np.flatnonzero(of_ics & (quota > 0))
    known = [node for node in teams.tolist() if not np.isnan(facts.asked[node])]
    if known:
        largest = sorted(known, key=lambda node: -facts.asked[node])[:MOST_BARS]
        rows = [{"What": facts.name(node), "Lower case": round(100 * float(facts.asked[node]), 4), "Higher case": None} for node in largest]  # fmt: skip
        return Picture(f"{facts.name(largest[0])} is asked for the most growth", "percent, quota against history", ResultTable.of_rows(MOVES, rows), ("quotas",))  # fmt: skip
    largest = sorted(teams.tolist(), key=lambda node: -quota[node])[:MOST_BARS]
    rows = [{"What": facts.name(node), "Lower case": round(float(quota[node]) / facts.scale.size, 4), "Higher case": None} for node in largest]  # fmt: skip
    name = facts.name(largest[0]) if largest else "Nobody"
    return Picture(f"{name} carries the largest quota of a team", _unit(facts), ResultTable.of_rows(MOVES, rows), ("quotas",))  # fmt: skip
