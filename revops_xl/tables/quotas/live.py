"""Whether a plan's quotas can be formulas, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable

from revops_xl.model.cascade_steps import CascadeSteps
from revops_xl.model.inputs import Basis
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.quotas.cascade import keys
from revops_xl.tables.quotas.cascade_formulas import MOST_METRICS, SHARES
from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.result import all_distinct_criteria, not_distinct

#: Up to this many rows quotas are formulas: SUMIFS compares each row with each.
LIVE_ROWS = 2_000
#: Cells that the formulas calculate with: a number typed as text is none for them.
_NUMBERS = (("Levels", "Hedge"), ("NodeHedges", "Hedge"), ("Overrides", "Amount"))
_NAMED = ("NodeHedges", "Overrides")


def cells_in_the_way(book: RawBook, tree: OrgTree) -> str:
    """What in the inputs formulas cannot read as a run does; "" if nothing."""
    missing = [name for name in _NAMED if name not in book.tables]
    if missing:
        return f"the workbook has no table {missing[0]}"
    for name, header in _NUMBERS:
        raw = book.tables[name]
        if header in raw.headers and any(isinstance(cell, str) and cell for cell in raw.column(header)):
            return f"{name} holds a number as text"
    bases = book.tables["Overrides"].column("Basis") if "Basis" in book.tables["Overrides"].headers else ()
    if any(cell and str(cell).casefold() not in {*Basis} for cell in bases):
        return "Overrides has blanks around a Basis"
    settings = book.tables.get("Settings")
    if settings is not None and {"Setting", "Value"} <= set(settings.headers):
        rows = zip(settings.column("Setting"), settings.column("Value"), strict=True)
        if any(str(name).casefold() == "default hedge" and isinstance(value, str) and value for name, value in rows):
            return "the Default hedge is a number as text"
    known = set(tree.references.names)
    for name in _NAMED:
        raw = book.tables[name]
        others = _spelled_otherwise(raw.column("Node") if "Node" in raw.headers else (), known)
        if others:
            return f'{name} spells "{others[0]}" otherwise than Quotas'
    return ""


def _spelled_otherwise(cells: Iterable[object], known: set[str]) -> list[str]:
    texts = (str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in cells if cell)
    return [text for text in texts if text not in known]


def in_the_way(settings: PlanSettings, in_cells: str, plan: QuotaPlan, steps: CascadeSteps | None) -> str:
    """Why quotas are values; "" if they are formulas.

    Args:
        settings: Of the plan.
        in_cells: What `cells_in_the_way` found.
        plan: The quotas.
        steps: How they came about; None if the rule alone does not lead there.
    """
    tree, roles = plan.inputs.tree, plan.roles
    found = {
        "the setting Live formulas is FALSE": not settings.live,
        f"more than {LIVE_ROWS:,} rows": len(tree) > LIVE_ROWS,
        "the Target is a number as text": settings.target_is_text,
        in_cells: bool(in_cells),
        "accepted adjustments": plan.accepted is not None,
        "a direction without a native formula": any(d.metric.direction not in SHARES for d in plan.inputs.blend),
        "a gate with nobody left to share": bool(roles.relaxed.any() or roles.unallocated.any()),
        f"more than {MOST_METRICS} metrics": sum(data.metric.weight > 0 for data in plan.inputs.blend) > MOST_METRICS,
    }
    why = next((reason for reason, holds in found.items() if holds), "")
    if not why and len(set(keys(tree, tree.outline))) < len(tree):
        why = "an IC is called like a placement of a split one"
    if not why and not (all_distinct_criteria(tree.references.names) and all_distinct_criteria(tree.levels)):
        why = f"formulas cannot find a name: {not_distinct([*tree.references.names, *tree.levels]) or 'two have one'}"
    if not why and steps is None:
        why = "overrides that leave nobody to share a pool"
        if plan.dated_part is not None:
            why = "new hires, or months by shares, where seats come and go"
    return why
