"""Sheets Plan health and Attainability: whether quotas can be reached, and what to do about those that cannot."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.attainability import HEALTHY, REPS_AIM, Advice, Attainability
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Ints
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import OrgTree
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.model.verdicts import RUN_AGAIN, VERDICTS, ChanceLimits, ChanceVerdict, Health
from revops_xl.tables.quotas.quotas import quotas_of
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import InSight, Outline, Words
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, rounded, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet


def _money(name: str, text: str, width: int = 16) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width, number_format=WHOLE_MONEY)


#: The one measure that is no percentage.
OTE_MEASURE = "Quota : OTE"
HEALTH = Table(
    "PlanHealth",
    "The plan as a whole against figures from practice.",
    (
        Column("Measure", Kind.TEXT, "What is measured.", width=34),
        Column("Found", Kind.TEXT, "What the plan has.", width=11),
        Column("Aim", Kind.TEXT, "What is aimed at.", width=16),
        Column(
            "Health",
            Kind.TEXT,
            "within the aim, room above it, below it, or over a limit; of a chance its verdict.",
            width=18,
        ),
        Column("Meaning", Kind.TEXT, "What it says.", width=70, wrap=True),
        Column("Figure", Kind.NUMBER, "The same as a number.", width=11, number_format="0.0000", hidden=True),
    ),
    result=True,
    keys=("Measure",),
)
TABLE = Table(
    "Attainability",
    "History against quota, every node.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=28),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8, hidden=True),
        _money("Quota", "As in Quotas, with hedges."),
        _money("Historical average", "Mean of its periods, in the length and season of the plan; blank periods, and zeros before the first sale, are not known."),
        Column("Attainability", Kind.PERCENT, "Historical average / quota.", unit="%", width=12, number_format="0%"),
        Column("Growth required", Kind.PERCENT, "(Quota - historical average) / historical average.", unit="%", width=11, number_format="+0%;-0%;0%"),
        _money("Expected", "History as if ramped up, grown by what is expected, for presence and ramp in the plan; of new seats what they can carry. Brought to what Bookings expect of all."),
        Column("Uncertainty", Kind.PERCENT, "Standard error of what is expected, as a part of it: how the node's history differs from period to period, and how far growth may be off for all.", unit="%", width=12, number_format="0%"),
        Column("Chance", Kind.PERCENT, "Probability of reaching the quota. Of the top node that of the target: by the company's bookings, if they are more careful or agree.", unit="%", width=9, number_format="0%"),
        Column("Verdict", Kind.TEXT, "What the chance says: backed, ambitious, stretch or not backed (settings Backed from, Ambitious from, Stretch from).", width=16),
        Column("Reps at quota", Kind.PERCENT, "Share of the ICs below that are expected to reach their quota.", unit="%", width=10, number_format="0%"),
        _money("OTE", "On-target earnings of the ICs below."),
        Column("Quota : OTE", Kind.FACTOR, "Quota / OTE.", unit="×", width=9, number_format="0.0"),
        _money("Potential", "Of the ICs below, by their territories."),
        Column("Quota : potential", Kind.PERCENT, "Quota / potential.", unit="%", width=11, number_format="0%"),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
    retired=("Risk",),
)  # fmt: skip
ADVICE = Table(
    "Recommendations",
    "What to look at first.",
    (
        Column("No", Kind.INTEGER, "In the order of the amounts, the plan as a whole first.", width=6),
        Column("About", Kind.TEXT, "Topic.", width=13),
        Column("Advised node", Kind.NODE, "The node.", width=24),
        _money("Amount", "What it moves."),
        Column("Recommendation", Kind.TEXT, "What to do, with amounts, and why.", width=74, wrap=True),
        Column(
            "What it changes",
            Kind.TEXT,
            "The plan with it, computed again; blank for what is no change of a quota, and beyond the first recommendations.",
            width=50,
            wrap=True,
        ),
    ),
    result=True,
    keys=("No",),
)

_QUOTA, _HISTORY, _OTE, _COULD, _EXPECTED, _ERROR, _CHANCE = (
    this_row("Attainability", name)
    for name in ("Quota", "Historical average", "OTE", "Potential", "Expected", "Uncertainty", "Chance")
)
RATIO = f'IF(OR({_QUOTA}<=0,{_HISTORY}=""),"",{_HISTORY}/{_QUOTA})'
GROWTH = f'IF(N({_HISTORY})<=0,"",({_QUOTA}-{_HISTORY})/{_HISTORY})'
_AWAY = f"(({_EXPECTED}-{_QUOTA})/({_EXPECTED}*{_ERROR}))"


def chance_formula(freedom: float) -> str:
    """The chance of reaching the quota by a t distribution."""
    tail = f"0.5+SIGN({_AWAY})*(0.5-TDIST(ABS({_AWAY}),{freedom:.0f},1))"
    return f'IF(OR({_QUOTA}<=0,{_EXPECTED}=""),"",IF({_EXPECTED}<=0,0,{tail}))'


def verdict_formula(limits: ChanceLimits) -> str:
    """What the chance says."""
    said = f'IF({_CHANCE}="","{ChanceVerdict.UNKNOWN}",{limits.formula(_CHANCE)})'
    return f'IF({_QUOTA}<=0,"{ChanceVerdict.NO_QUOTA}",{said})'


OTE_RATIO = f'IF(N({_OTE})<=0,"",{_QUOTA}/{_OTE})'
CARRIED = f'IF(N({_COULD})<=0,"",{_QUOTA}/{_COULD})'


def render(plan: QuotaPlan, planning: PlanningOutcome, *, live_quotas: bool = False) -> list[ResultTable]:
    """Health, recommendations, and one row per node; the last empty without history."""
    judged = planning.attainability
    table = ResultTable.empty(TABLE) if judged is None else _nodes(plan, judged, live_quotas=live_quotas)
    return [_health(plan, planning), _advice(plan.inputs.tree, planning.advice), table]


def _to_reach(plan: QuotaPlan, found: Attainability, *, live: bool) -> ResultColumn:
    """The quota of each node; of somebody who is away for a while what is carried of it."""
    order = plan.inputs.tree.outline
    if not live:
        return found.quota[order]
    formulas = quotas_of(TABLE.name, plan)
    for i, node in enumerate(order.tolist()):
        whole, mine = float(plan.quota[node]), float(found.quota[node])
        if whole and mine != whole:
            formulas[i] = Formula(rounded(f"({formulas[i].text})*{mine / whole!r}", plan.inputs.unit), mine)
    return formulas


def _nodes(plan: QuotaPlan, found: Attainability, *, live_quotas: bool) -> ResultTable:
    tree = plan.inputs.tree
    order, names = tree.outline, tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    ratio, growth, ote, carried = judged(found)
    chances = found.chance
    verdicts = Coded(found.verdict_code[order], [str(each) for each in VERDICTS])
    live = len(tree) <= LIVE_CHECK_ROWS

    def cells(formula: str, values: Floats) -> ResultColumn:
        if not live:
            return values[order]
        return [Formula(formula, "" if np.isnan(value) else value) for value in values[order].tolist()]

    return ResultTable.of_columns(
        TABLE,
        {
            "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            "Node": Coded(names.codes[order], names.names),
            "Parent": Coded(parents[order], names.names),
            "Depth": tree.depth[order],
            "Quota": _to_reach(plan, found, live=live_quotas),
            "Historical average": to_cents(found.history)[order],
            "Attainability": cells(RATIO, ratio),
            "Growth required": cells(GROWTH, growth),
            "Expected": to_cents(found.expected)[order],
            "Uncertainty": found.spread[order],
            "Chance": _chances(found, order, chances) if live else chances[order],
            "Verdict": _verdicts(found, order, verdicts.texts()) if live else verdicts,
            "Reps at quota": found.reps_at_quota[order],
            "OTE": to_cents(found.ote)[order],
            "Quota : OTE": cells(OTE_RATIO, ote),
            "Potential": to_cents(found.potential)[order],
            "Quota : potential": cells(CARRIED, carried),
        },
    )


def _chances(found: Attainability, order: Ints, chances: Floats) -> ResultColumn:
    """Chances as formulas; that of bookings is a value."""
    listed: list[Any] = [
        Formula(chance_formula(freedom), "" if np.isnan(chance) else chance)
        for freedom, chance in zip(found.freedom[order].tolist(), chances[order].tolist(), strict=True)
    ]
    if found.company:
        listed[int(np.flatnonzero(order == 0)[0])] = float(chances[0])
    return listed


def _verdicts(found: Attainability, order: Ints, words: list[str | None]) -> ResultColumn:
    """Verdicts as formulas; a chance of bookings is that of the target of the run, and says nothing of another one."""
    say = verdict_formula(found.limits)
    listed = [Formula(say, word) for word in words]
    if found.company:
        top = int(np.flatnonzero(order == 0)[0])
        changed = f"ABS({_QUOTA}-{float(found.quota[0])!r})>0.005"
        listed[top] = Formula(f'IF({changed},"{RUN_AGAIN}",{say})', words[top])
    return listed


def judged(judged: Attainability) -> tuple[Floats, Floats, Floats, Floats]:
    """Attainability, growth required, quota : OTE, quota : potential of the amounts as they are shown, in cents."""
    history, ote, could, quota = (
        to_cents(judged.history),
        to_cents(judged.ote),
        to_cents(judged.potential),
        judged.quota,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            np.where(quota > 0, history / quota, np.nan),
            np.where(history > 0, (quota - history) / history, np.nan),
            np.where(ote > 0, quota / ote, np.nan),
            np.where(could > 0, quota / could, np.nan),
        )


def _health(plan: QuotaPlan, planning: PlanningOutcome) -> ResultTable:
    """Headline measures with their aims; only those that are known."""
    found, ground = planning.attainability, planning.ground
    rows: list[dict[str, Any]] = []

    def add(
        name: str,
        value: float,
        low: float | None,
        high: float | None,
        meaning: str,
        *,
        word: str = "",
        limit: bool = False,
    ) -> None:
        if np.isnan(value):
            return
        if not word and low is not None:
            above = Health.OVER if limit else Health.ROOM
            word = Health.BELOW if value < low else above if high is not None and value > high else Health.WITHIN
        rows.append(
            {
                "Measure": name,
                "Found": _shown(name, value),
                "Aim": _aim(name, low, high),
                "Health": str(word) or None,
                "Meaning": meaning,
                "Figure": round(value, 6),
            }
        )

    rules = planning.inputs.rules.attainability
    if found is not None:
        ics = plan.inputs.tree.is_ic
        carried = float(plan.quota[ics].sum())
        history = float(found.history[0])
        chance_known = not np.isnan(found.chance[0])
        add(
            "Attainability of the target",
            float(found.ratio[0]),
            None if chance_known else HEALTHY[0],
            None if chance_known else HEALTHY[1],
            "Historical average / target; what that means for the plan, the chance says.",
        )
        add(
            "Attainability of the ICs' quotas",
            history / carried if carried else np.nan,
            None,
            None,
            "The same against what ICs carry with all hedges.",
        )
        add(
            "Growth required by the target",
            float(found.growth_required[0]),
            None,
            None,
            "Target / historical average - 1.",
        )
        add(
            "Quota with history behind it",
            float(found.covered[0]),
            None,
            None,
            "Part of the reps' quotas held by those with a history; new reps count as no history in the ratios above, not in the chances.",
        )
        add(
            "Growth expected",
            found.growth,
            None,
            None,
            f"Over the history of who has all of it; from {found.growth_source}.",
        )
        add(
            "Chance of the target",
            float(found.chance[0]),
            found.limits.ambitious,
            None,
            "Probability that the company reaches it, by its bookings."
            if found.company
            else "Probability that the ICs together reach it; growth may be off for all at once.",
            word=found.verdict(0),
        )
        add(
            "Reps expected at quota",
            float(found.reps_at_quota[0]),
            *REPS_AIM,
            "Plans are designed for 60 to 70 %; firms report 43 to 47 % of late.",
        )
        add(
            OTE_MEASURE,
            float(found.ote_ratio[0]),
            rules.ote_low,
            rules.ote_high,
            "Quota of the top node per 1 of on-target earnings of all ICs.",
            limit=True,
        )
        add(
            "Spread of quota : potential",
            _spread(plan, found),
            0.0,
            0.25,
            "Standard deviation / mean over ICs: 0 is perfectly fair.",
            limit=True,
        )
    if found is None and ground.target_range is not None and ground.target_range.complete:
        add(
            "Chance of the target",
            ground.target_range.chance,
            ground.target_range.limits.ambitious,
            None,
            "Probability that the company's bookings reach it, if their past goes on.",
            word=ground.target_range.verdict,
        )
    if planning.capacity is not None:
        add(
            "Capacity gap",
            planning.capacity.gap / planning.capacity.target,
            0.0,
            0.05,
            "Part of the target that seats cannot carry after leave, ramp and for young territories.",
            limit=True,
        )
    return ResultTable.of_rows(HEALTH, rows)  # fmt: skip


def _shown(name: str, value: float) -> str:
    """A measure as people write it."""
    return f"{value:.1f}×" if name == OTE_MEASURE else f"{value:.0%}"


def _aim(name: str, low: float | None, high: float | None) -> str | None:
    """What is aimed at."""
    if low is None:
        return None
    if high is None:
        return f"{_shown(name, low)} or more"
    return f"up to {_shown(name, high)}" if not low else f"{_shown(name, low)} to {_shown(name, high)}"


def _spread(plan: QuotaPlan, judged: Attainability) -> float:
    """Coefficient of variation of quota : potential over ICs with both."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((judged.potential > 0) & (plan.quota > 0) & plan.inputs.tree.is_ic, plan.quota / judged.potential, np.nan)  # fmt: skip
    ratio = ratio[~np.isnan(ratio)]
    return float(ratio.std() / ratio.mean()) if len(ratio) > 1 else float("nan")


def _advice(tree: OrgTree, advice: tuple[Advice, ...]) -> ResultTable:
    rows = [
        {
            "No": number,
            "About": each.topic,
            "Advised node": tree.reference(each.node),
            "Amount": round(each.amount, 2),
            "Recommendation": each.text,
            "What it changes": each.changes or None,
        }
        for number, each in enumerate(advice, start=1)
    ]
    return ResultTable.of_rows(ADVICE, rows)


HEALTH_SHEET = ResultSheet(
    "Plan health",
    "The plan as a whole, and what to do",
    (HEALTH, ADVICE),
    Part.PLANNING,
    lambda outcome: render(outcome.quotas, outcome.planning)[:2],
    (Words.of(HEALTH.name, "Health", [*Health, *ChanceVerdict]),),
)
SHEET = ResultSheet(
    "Attainability",
    "Whether quotas can be reached",
    (TABLE,),
    Part.PLANNING,
    lambda outcome: render(outcome.quotas, outcome.planning, live_quotas=outcome.steps is not None)[2:],
    (
        Words.of(TABLE.name, "Verdict", ChanceVerdict),
        Outline(TABLE.name, (("Level", "Level"), ("Parent", "Chance"), ("Reps at quota", "Quota : potential"))),
        InSight(TABLE.name, "Parent"),
    ),
)
