"""Checks of the inputs: whether they are those of the results, and what was not used as it stands."""

from __future__ import annotations

from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.tables.pipeline import thresholds
from revops_xl.tables.quotas.cascade_formulas import in_units
from revops_xl.tables.schema.check import NOTE, WARNING, Check, named, zero
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, matches_itself

#: Tables that make a module of their own.
SKIPPED_WITHOUT = ("Bookings", "Territories", "Tiers")


#: Input tables that plans of one kind have, and others do not need.
_TOGETHER = (
    ("Thresholds",),
    ("CommitHistory", "Commits"),
    ("Deals", "Telemetry", "Cohorts", "Scenarios"),
    ("Bookings", "PhaseShares"),
    ("Territories", "Tiers", "RampCurves"),
    ("Rates",),
    ("Absences",),
    ("Overlays", "Credits"),
)
#: Name of the checks that say how inputs are read otherwise than they are written.
READINGS = "How the inputs are read"


def identity_checks(outcome: Outcome) -> list[Check]:
    """What must hold between inputs and results."""
    return [*_references(outcome.plan), *_live(outcome), _freshness(outcome)]


def input_checks(plan: Plan) -> list[Check]:
    """What deserves to be known about the inputs and the workbook."""
    return [
        *(
            Check("Input that deserves a look", WARNING, None, None, note.where, f"{note.message}. {note.fix}")
            for note in plan.notes
        ),
        *(
            Check(READINGS, NOTE, None, None, note.where, f"{note.message}. {note.fix}".strip())
            for note in plan.readings
        ),
        *(
            Check(each.name, WARNING if each.warns else NOTE, each.count, None, each.where, each.advice)
            for each in plan.remarks
        ),
        *_skipped(plan),
    ]


def _references(plan: Plan) -> list[Check]:
    """Inputs that name nodes: a run refuses unknown ones, the formula catches what is typed afterwards."""
    checks = []
    for table, sheet, extra in (
        ("Overrides", "Overrides", ""),
        ("NodeHedges", "Levels", ""),
        ("AcceptedAdjustments", "Overrides", ""),
        ("Thresholds", "Thresholds", '*(Thresholds[Node]<>"(default)")'),
    ):
        rows = plan.rows.get(table, 0)
        if table not in plan.rows:
            continue
        live = len(plan.inputs.tree) <= LIVE_CHECK_ROWS and all(
            matches_itself(name) or name == thresholds.DEFAULT_ROW for name in plan.named[table]
        )
        node = f"{table}[Node]"
        tail = f'MID({node},FIND(": ",{node}&": ")+2,255)'
        known = f"COUNTIF(Quotas[Node],{node})+COUNTIF(Quotas[Node],{tail})"
        checks.append(
            zero(
                f"Every row of {table} names a node",
                f'SUMPRODUCT(({node}<>""){extra}*(({known})=0))' if live else None,
                0,
                0,
                f"{sheet}: {rows:,} row{'s' * (rows != 1)}",
                "Rows that name no node of this plan. Correct them and run again.",
            )
        )
    return checks


def _live(outcome: Outcome) -> list[Check]:
    """Whether quotas follow their inputs in the open workbook, and if so, whether each override is in them."""
    why = outcome.values_because
    if why:
        advice = "Quotas are values of the run: change an input, then run again."
        return [Check("Quotas are values, not formulas", NOTE, None, None, why, advice)]
    return [
        zero(
            "Decisions can be used as typed",
            _unusable(outcome),
            0,
            0,
            "Settings, Levels, NodeHedges, Overrides",
            "Formulas cannot use what is typed: text for a number, no or a wrong node, another Basis, less than the Rounding unit. A run names the cell.",
        ),
        zero(
            "Every override is in the quotas",
            'ROUND(COUNTIFS(Overrides[Node],"<>",Overrides[Amount],">=0")-SUMPRODUCT(Cascade[Fixed]*Cascade[Split]*(Cascade[IC]=TRUE))-SUMIFS(Cascade[Fixed],Cascade[IC],FALSE),6)',
            0,
            0,
            "Overrides",
            "Quotas are formulas. An override that names no node below the top one, or names one twice, is not in them.",
        ),
    ]


def _unusable(outcome: Outcome) -> str:
    """How many cells of decisions formulas pass over, or read otherwise than a run, which refuses most of them."""
    unit = outcome.quotas.inputs.unit
    amounts, nodes, hedges = "Overrides[Amount]", "NodeHedges[Node]", "NodeHedges[Hedge]"
    terms = [
        f'SUMPRODUCT(({amounts}<>"")*(1-ISNUMBER({amounts})))',
        f'COUNTIF({amounts},"<0")',
        f'SUMPRODUCT((Overrides[Node]="")*({amounts}<>""))',
        'SUMPRODUCT((Overrides[Basis]<>"")*(Overrides[Basis]<>"base")*(Overrides[Basis]<>"hedged"))',
        f'SUMPRODUCT(({nodes}<>"")*(1-ISNUMBER({hedges})))',
        f'COUNTIF({hedges},"<=0")',
        f'SUMPRODUCT(({nodes}<>"")*(COUNTIF({nodes},{nodes})>1))',
        f'SUMPRODUCT(({nodes}<>"")*(COUNTIFS(Cascade[Node],{nodes},Cascade[IC],FALSE)=0))',
        'SUMPRODUCT((Levels[Hedge]<>"")*(1-ISNUMBER(Levels[Hedge])))',
        'COUNTIF(Levels[Hedge],"<=0")',
        "1-ISNUMBER(Target)",
    ]
    if unit is not None:
        for cells in (amounts, "Target"):
            counted = in_units(cells, unit)
            terms.append(f"SUMPRODUCT(--(ABS({counted}-ROUND({counted},0))>0.000001))")
    return "+".join(terms)


#: The check that says whether the results are still those of the inputs.
FRESH = "Totals of the inputs are those of the run"


def _freshness(outcome: Outcome) -> Check:
    """Live: is what stands in the input tables still what the results were computed from?"""
    plan = outcome.plan
    blind = plan.watch.left_out
    follow = (
        ""
        if outcome.values_because
        else " Quotas, hedges, coverage and what Attainability says of nodes follow at once, the rest at the next run."
    )
    unwatched = f". Not watched: {named(blind)}" if blind else ""
    return zero(
        FRESH,
        "SUM(InputTotals[Changed])" if plan.watch.inputs else None,
        0,
        0,
        f"{', '.join(dict.fromkeys(each.label for each in plan.watch.inputs))}{unwatched}",
        f"Inputs have changed since the run: run again.{follow}",
        WARNING,
    )


def _expected(table: str, plan: Plan) -> bool:
    """Whether a plan should have an input table: every plan, or one that has others of its kind."""
    kin = next((group for group in _TOGETHER if table in group), ())
    return not kin or any(plan.rows.get(each) for each in kin)


def _skipped(plan: Plan) -> list[Check]:
    """Modules without inputs, and inputs that nothing reads: nothing is silent."""
    checks = [Check("Inputs that nothing reads", NOTE, None, None, where, what) for where, what in plan.unused]
    missing = [name for name in plan.missing if _expected(name, plan)]
    if missing:
        advice = "The workbook has no such tables, so nothing of the kind was read."
        checks.append(Check("Input tables missing", WARNING, len(missing), None, ", ".join(missing), advice))
    empty = [table for table in SKIPPED_WITHOUT if table in plan.rows and not plan.rows[table]]
    if empty:
        checks.append(Check("Modules skipped", NOTE, len(empty), None, ", ".join(empty), "These tables have no rows."))
    return checks
