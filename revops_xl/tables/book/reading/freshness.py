"""Whether what stands in the workbook is still what was computed: live, for each part of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.result import Formula, ResultTable, this_row

TOTALS = Table(
    "InputTotals",
    "Checksums of the inputs: now, and at the run.",
    (
        Column("Input", Kind.TEXT, "What it is called in a sentence.", width=18),
        Column("Input table", Kind.TEXT, "Its table.", width=18),
        Column("Input column", Kind.TEXT, "Its column, or the setting.", width=22),
        Column("Now", Kind.NUMBER, "Checksum of what stands there.", width=16, number_format="General"),
        Column("At the run", Kind.NUMBER, "The same at the run.", width=16, number_format="General"),
        Column("Changed", Kind.INTEGER, "1 where they differ.", width=10),
        Column("Followed", Kind.INTEGER, "1 where quotas are formulas that follow it.", width=10),
        *(
            Column(f"For {part}", Kind.INTEGER, "1 where this part of a run reads it.", width=12, number_format="0")
            for part in Part
        ),
    ),
    result=True,
    keys=("Input table", "Input column"),
)
TABLE = Table(
    "Freshness",
    "Which inputs have changed since the run, for each part of a run.",
    (
        Column("Part", Kind.TEXT, "Part of a run.", width=12),
        Column("Changed inputs", Kind.TEXT, "Inputs that have changed since; blank: none.", width=40),
        Column("Note", Kind.TEXT, "What stands behind the captions of its tables.", width=60),
    ),
    result=True,
    keys=("Part",),
)
#: The row of Freshness about the plan as a whole.
WHOLE = "plan"
ROWS = (*map(str, Part), WHOLE)
#: How far a checksum may be off by adding numbers in another order.
_NOISE, _LEAST = 2e-13, 1e-7


def row_of(part: str) -> int:
    """Row of a part in the table Freshness, from 1."""
    return ROWS.index(part) + 1


def changed(part: str) -> str:
    """The inputs of a part that have changed, as a formula; "" if none."""
    return f"INDEX(Freshness[Changed inputs],{row_of(part)})"


def stale(parts: Iterable[str]) -> str:
    """Whether an input of one of these parts has changed, as a formula."""
    texts = [f'{changed(part)}<>""' for part in parts]
    return texts[0] if len(texts) == 1 else f"OR({','.join(texts)})"


def of_the_run(when: dt.datetime) -> str:
    """The day of the run as people write it.

    Example:
        >>> of_the_run(dt.datetime(2026, 11, 3))
        '3 Nov 2026'
    """
    return f"{when.day} {when:%b %Y}"


def render_totals(outcome: Outcome) -> ResultTable:
    """One row per column and setting that numbers depend on."""
    now, then = this_row(TOTALS.name, "Now"), this_row(TOTALS.name, "At the run")
    live = outcome.steps is not None
    rows = [
        {
            "Input": each.label,
            "Input table": each.table,
            "Input column": each.column,
            "Now": Formula(each.formula, each.value),
            "At the run": each.value,
            "Changed": Formula(
                f"IF(ISERROR({now}),1,--(ABS({now}-{then})>{max(_LEAST, _NOISE * abs(each.value)):.3g}))", 0
            ),
            "Followed": int(live and each.followed),
            **{f"For {part}": int(part in each.parts) for part in Part},
        }
        for each in outcome.plan.watch.inputs
    ]
    return ResultTable.of_rows(TOTALS, rows)


def render(outcome: Outcome, when: dt.datetime, left: Collection[str] = ()) -> ResultTable:
    """One row per part, and one for the plan as a whole.

    Args:
        outcome: What was computed.
        when: Of the run.
        left: Parts that stay as an earlier run left them.
    """
    labels = list(dict.fromkeys(each.label for each in outcome.plan.watch.inputs))
    rows = []
    for part in ROWS:
        own = "" if part == WHOLE else f",InputTotals[For {part}],1"
        own += ",InputTotals[Followed],0" if part == Part.QUOTAS else ""
        texts = "&".join(
            f'IF(SUMIFS(InputTotals[Changed],InputTotals[Input],"{label}"{own})>0,", {label}","")' for label in labels
        )
        mine = this_row(TABLE.name, "Changed inputs")
        since = f" · of the run of {of_the_run(when)}: run again, "
        note = f'IF({mine}="","","{since}"&{mine}&" changed")'
        text = Formula(f"MID({texts},3,250)", "") if labels else None
        said = Formula(note, "")
        if part in left:
            before = " · of an earlier run: the last one left it out"
            said = Formula(f'IF({mine}="","{before}",{note})', before)
        rows.append({"Part": part, "Changed inputs": text, "Note": said})
    return ResultTable.of_rows(TABLE, rows)
