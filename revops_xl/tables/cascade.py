"""Sheet Cascade: the rule of the cascade as native formulas, one row a node; Quotas reads them.

Every formula finds other rows by numbers in the row, never by position, so both tables can be sorted and filtered. A
column that refers to the parent's entry in itself does so through INDEX, which takes one cell out of the range: the
range contains the formula's own cell, but nothing is calculated from it (Microsoft's article Q73586 shows the same).
No formula is volatile, and none is newer than Excel 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.model.cascade_steps import CascadeSteps
from revops_xl.model.codes import Coded
from revops_xl.model.inputs import Basis, MetricData
from revops_xl.model.money import Unit
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.declare import Column, Kind, Sheet, Table
from revops_xl.tables.result import Formula, ResultColumn, ResultTable, this_row

#: Between an IC and the node above it, in the key of a placement.
SPLIT_MARK = " < "
#: Active metrics that the table has columns for.
MOST_METRICS = 6
METRICS = tuple(f"Metric {number}" for number in range(1, MOST_METRICS + 1))
METRIC_SHARES = tuple(f"Share {number}" for number in range(1, MOST_METRICS + 1))
#: Added to each sibling's value in an inverse share, as part of the largest.
INVERSE_FLOOR = 0.01


def _number(name: str, text: str, width: int = 10, number_format: str = "") -> Column:
    return Column(name, Kind.NUMBER, text, width=width, number_format=number_format)


TABLE = Table(
    "Cascade",
    "How each quota is worked out, as formulas: change the target, a hedge or an override, and Quotas follows. Amounts in rounding units.",
    (
        Column("Node", Kind.NODE, "The node.", width=30),
        Column("Key", Kind.TEXT, "The node; for a placement of a split IC with the node above.", width=30),
        Column("Level", Kind.TEXT, "Its level.", width=12),
        _number("No", "Number of the node in this run."),
        _number("Parent no", "Number of the node above; -1 for the top node."),
        _number("Place", "Place among its siblings, by id: the order in which quotas are rounded."),
        _number("Split", "Share of a split IC that this placement carries; 1 for the others.", 10, "0.0%"),
        _number("Split before", "Shares of its placements before this one.", 10, "0.0%"),
        _number("Line", "Line of the outline."),
        _number("Last line", "Last line of what is below the node."),
        Column("IC", Kind.BOOLEAN, "TRUE for an IC.", width=8),
        Column("Fails gate", Kind.BOOLEAN, "TRUE for an IC that fails a gate.", width=8),
        Column("New by rule", Kind.BOOLEAN, "TRUE for an IC whom the setting New hires finds new.", width=8),
        *(_number(name, f"Value of blend metric {i + 1}, added up over the ICs below.", 13) for i, name in enumerate(METRICS)),
        _number("Parent row", "Row of the table where the parent stands."),
        Column("Hedge", Kind.FACTOR, "Hedge of the node, else of its level, else the default; 1 for an IC.", width=9),
        Column("Hedges above", Kind.FACTOR, "Product of the hedges above.", width=11),
        _number("Fixed", "1 if Overrides fixes an amount."),
        _number("Fixed amount", "That amount.", 15, "#,##0.00"),
        _number("Fixed on quota", "1 if it is meant after hedges."),
        _number("Fixed before hedges", "The amount before hedges, in currency.", 16, "#,##0.00"),
        _number("Fixed base units", "The same in rounding units.", 16),
        _number("Fixed quota units", "The amount after hedges, in rounding units.", 16),
        _number("Gated", "1 if the node gets nothing."),
        _number("New hire", "1 if it gets an equal share."),
        _number("Sharing", "1 if it shares by metric."),
        *(_number(name, f"Share among those who share, by metric {i + 1}; blank without a signal.", 10, "0.00%") for i, name in enumerate(METRIC_SHARES)),
        _number("Share", "Share among those who share, by all metrics.", 10, "0.00%"),
        _number("Left", "What fixed amounts leave of the parent's base quota, in currency.", 16, "#,##0.00"),
        _number("New hire part", "Part of it that new hires of the team get together.", 10, "0.00%"),
        _number("Part", "The node's part of what is left.", 10, "0.00%"),
        _number("Exact base", "Base quota before rounding, in currency.", 16, "#,##0.00"),
        _number("Share of parent", "Part of the parent's base quota; blank where that is 0.", 10, "0.00%"),
        _number("Up to here", "Parts of the siblings up to this one.", 10, "0.00%"),
        _number("Before", "Parts of the siblings before this one.", 10, "0.00%"),
        _number("Base pool", "What the team shares before hedges.", 16),
        _number("Quota pool", "What the team shares after the hedge.", 16),
        _number("Base units", "Base quota.", 16),
        _number("Quota units", "Quota.", 16),
    ),
    result=True,
    keys=("Node",),
)  # fmt: skip
SHEET = Sheet("Cascade", "The formulas behind Quotas", (TABLE,))


def render(plan: QuotaPlan, steps: CascadeSteps | None) -> ResultTable:
    """One row per node in outline order: what a run knows as values, what follows from inputs as formulas.

    Args:
        plan: The quotas.
        steps: How they came about; None: quotas are not live, so the table has no rows.
    """
    if steps is None:
        return ResultTable.of_rows(TABLE, [])
    tree = plan.inputs.tree
    order = tree.outline
    names = tree.references
    cells: dict[str, ResultColumn] = {
        "Node": Coded(names.codes[order], names.names),
        "Key": keys(tree, order),
        "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
        "IC": tree.is_ic[order],
        "Fails gate": plan.roles.fails_gate[order],
        "New by rule": plan.roles.new_by_rule[order],
    }
    values = _values(plan, steps)
    texts = _formulas(plan)
    for column in TABLE.columns:
        if column.name in cells:
            continue
        numbers = values.get(column.name)
        if numbers is None:
            cells[column.name] = np.full(len(tree), np.nan)
        elif column.name in texts:
            cells[column.name] = [Formula(texts[column.name], _shown(each)) for each in numbers[order].tolist()]
        else:
            cells[column.name] = numbers[order]
    return ResultTable(TABLE, tuple(cells[name] for name in TABLE.headers))


def _shown(value: float) -> Any:
    """What a formula gives: "" where there is no number."""
    return "" if value != value else value  # noqa: PLR0124  (NaN)


def _values(plan: QuotaPlan, steps: CascadeSteps) -> dict[str, npt.NDArray[Any]]:
    """Every number of the table, in tree order."""
    tree, roles = plan.inputs.tree, plan.roles
    line = np.empty(len(tree), dtype=np.int64)
    line[tree.outline] = np.arange(len(tree))
    active = _active(plan)
    shares = plan.breakdown.metric_share
    return {
        "No": np.arange(len(tree)),
        "Parent no": tree.parent,
        "Place": steps.place,
        "Split": tree.split,
        "Split before": _split_before(tree),
        "Line": line,
        "Last line": line + _size(tree) - 1,
        **{METRICS[k]: np.maximum(plan.breakdown.metric_value[i], 0.0) for k, (i, _) in enumerate(active)},
        "Parent row": np.where(tree.parent >= 0, line[tree.parent] + 1.0, np.nan),
        "Hedge": plan.inputs.hedges.factor,
        "Hedges above": plan.cumulative_hedge,
        "Fixed": roles.fixed.astype(np.float64),
        "Fixed amount": steps.fixed_amount,
        "Fixed on quota": steps.fixed_on_quota.astype(np.float64),
        "Fixed before hedges": steps.fixed_before,
        "Fixed base units": steps.fixed_base,
        "Fixed quota units": steps.fixed_quota,
        "Gated": roles.gated.astype(np.float64),
        "New hire": roles.new_hire.astype(np.float64),
        "Sharing": steps.sharing.astype(np.float64),
        **{METRIC_SHARES[k]: np.where(steps.sharing, shares[i], np.nan) for k, (i, _) in enumerate(active)},
        "Share": steps.share,
        "Left": steps.left,
        "New hire part": steps.new_part,
        "Part": steps.part,
        "Exact base": plan.exact_base,
        "Share of parent": plan.share,
        "Up to here": steps.up_to,
        "Before": steps.before,
        "Base pool": steps.base_pool,
        "Quota pool": steps.quota_pool,
        "Base units": steps.base,
        "Quota units": steps.quota,
    }


def keys(tree: OrgTree, order: npt.NDArray[np.intp]) -> list[str]:
    """What tells the rows apart: the node, and where an IC is split, the node above it too."""
    names = tree.references.texts()
    split = tree.split < 1
    return [f"{names[i]}{SPLIT_MARK}{names[tree.parent[i]]}" if split[i] else str(names[i]) for i in order.tolist()]


def _split_before(tree: OrgTree) -> npt.NDArray[np.float64]:
    """For each placement, the shares of the same IC's placements before it; 0 for everybody else."""
    before = np.zeros(len(tree))
    so_far: dict[str, float] = {}
    for node in np.flatnonzero(tree.split < 1).tolist():
        name = tree.reference(node)
        before[node] = so_far.get(name, 0.0)
        so_far[name] = before[node] + float(tree.split[node])
    return before


def _size(tree: OrgTree) -> npt.NDArray[np.int64]:
    """How many nodes there are from each node down, itself included."""
    size = np.ones(len(tree), dtype=np.int64)
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        size[managers] += np.add.reduceat(size[first:stop], starts - first)
    return size


def _active(plan: QuotaPlan) -> list[tuple[int, MetricData]]:
    """Blend metrics that weigh something, with their index."""
    return [(i, data) for i, data in enumerate(plan.inputs.blend) if data.metric.weight > 0]


def _mine(name: str) -> str:
    return this_row(TABLE.name, name)


def _all(name: str) -> str:
    return f"{TABLE.name}[{name}]"


def _above(name: str) -> str:
    """The parent's entry."""
    return f"INDEX({_all(name)},{_mine('Parent row')})"


def _is(name: str, test: str) -> str:
    """A criterion: a column and what its cells have to be, such as 1, or ">0", or "<="&this row's entry."""
    return f"{_all(name)},{test}"


_TEAM = _is("Parent no", _mine("Parent no"))
_ROOT = f"{_mine('No')}=0"


def _team_sum(name: str, *criteria: str) -> str:
    return f"SUMIFS({','.join([_all(name), _TEAM, *criteria])})"


def _team_count(*criteria: str) -> str:
    return f"COUNTIFS({','.join([_TEAM, *criteria])})"


def round_units(expression: str) -> str:
    """Round to whole units as the engine does: halves away from zero, and what lies a few bits below a half counts as one."""
    return f"ROUND({expression}+MIN({expression}*2^-49,2^-10),0)"


def in_units(amount: str, unit: Unit) -> str:
    """An amount as a count of units."""
    size, parts = unit.size.as_integer_ratio()
    return _scaled(amount, parts, size)


def to_amount(units: str, unit: Unit) -> str:
    """A count of units as an amount."""
    size, parts = unit.size.as_integer_ratio()
    return _scaled(units, size, parts)


def _scaled(text: str, times: int, over: int) -> str:
    return text + (f"*{times}" if times != 1 else "") + (f"/{over}" if over != 1 else "")


def _formulas(plan: QuotaPlan) -> dict[str, str]:
    """The formula of each column that has one."""
    unit = plan.inputs.unit
    if unit is None:
        raise ValueError("quotas without a rounding unit are not live")
    active = [data for _, data in _active(plan)]
    return {
        "Parent row": f'IF({_ROOT},"",MATCH({_mine("Parent no")},{_all("No")},0))',
        **_hedges(),
        **_fixed(unit, split=bool((plan.inputs.tree.split < 1).any())),
        **({"Gated": _gated()} if plan.inputs.gates else {}),
        "New hire": f"IF(AND({_mine('New by rule')},{_mine('Gated')}=0,{_mine('Fixed')}=0),1,0)",
        "Sharing": f"IF(OR({_ROOT},{_mine('Gated')}=1,{_mine('New hire')}=1,{_mine('Fixed')}=1),0,1)",
        **{METRIC_SHARES[k]: _metric_share(k, data) for k, data in enumerate(active)},
        "Share": _share(active),
        **_parts(),
        **_running(),
        **_units("Base", unit, _above("Base units")),
        **_units("Quota", unit, f"{_above('Quota units')}*{_above('Hedge')}"),
    }


def _hedges() -> dict[str, str]:
    """A hedge is the node's own, else its level's, else the default."""
    own = f"NodeHedges[Node],{_mine('Node')}"
    of_level = f"SUMIFS(Levels[Hedge],Levels[Level],{_mine('Level')})"
    inherited = f"IF({of_level}>0,{of_level},Default_hedge)"
    hedge = f'IF(COUNTIFS({own},NodeHedges[Hedge],">0")>0,SUMIFS(NodeHedges[Hedge],{own}),{inherited})'
    return {
        "Hedge": f"IF({_mine('IC')},1,{hedge})",
        "Hedges above": f"IF({_ROOT},1,{_above('Hedges above')}*{_above('Hedge')})",
    }


def _fixed(unit: Unit, *, split: bool) -> dict[str, str]:
    """What Overrides says of the node, on both layers; the amount of a split IC is divided over its placements."""
    own = f"Overrides[Node],{_mine('Node')}"
    stated = f"SUMIFS(Overrides[Amount],{own})"
    if split:
        units, first = in_units(stated, unit), _mine("Split before")
        upper, lower = (round_units(f"({units})*{part}") for part in (f"ROUND({first}+{_mine('Split')},12)", first))
        stated = to_amount(f"({upper}-{lower})", unit)
    fixed, amount, on_quota, chain = map(_mine, ("Fixed", "Fixed amount", "Fixed on quota", "Hedges above"))
    return {
        "Fixed": f'IF(OR({_ROOT},COUNTIFS({own},Overrides[Amount],">=0")=0),0,1)',
        "Fixed amount": f"IF({fixed}=1,{stated},0)",
        "Fixed on quota": f'IF(AND({fixed}=1,COUNTIFS({own},Overrides[Basis],"{Basis.HEDGED}")>0),1,0)',
        "Fixed before hedges": f"IF({on_quota}=1,{amount}/{chain},{amount})",
        "Fixed base units": round_units(in_units(_mine("Fixed before hedges"), unit)),
        "Fixed quota units": round_units(in_units(f"IF({on_quota}=1,{amount},{amount}*{chain})", unit)),
    }


def _gated() -> str:
    """Gated is an IC that fails, and a team in which everybody fails; an override at or below it wins."""
    first, last = (f'"{sign}"&{_mine(name)}' for sign, name in ((">=", "Line"), ("<=", "Last line")))
    below = f"{_is('Line', first)},{_is('Line', last)}"
    passing = f"COUNTIFS({below},{_is('IC', 'TRUE')},{_is('Fails gate', 'FALSE')})"
    decided = f"SUMIFS({_all('Fixed')},{below})"
    return f"IF({_ROOT},0,IF(AND({passing}=0,{decided}=0),1,0))"


def _metric_share(k: int, data: MetricData) -> str:
    """Share among those who share, by one metric; blank where it has no signal."""
    value, sharing = _mine(METRICS[k]), _mine("Sharing")
    if data.metric.direction == "inverse":
        team = f"({_all('Parent no')}={_mine('Parent no')})*({_all('Sharing')}=1)"
        whole = f"{_all(METRICS[k])}/{_all('Split')}"
        floor = f"{INVERSE_FLOOR}*SUMPRODUCT(MAX({team}*{whole}))"
        share = (
            f"{_mine('Split')}/({value}/{_mine('Split')}+{floor})/SUMPRODUCT({team}*{_all('Split')}/({whole}+{floor}))"
        )
        return f'IF({sharing}=0,"",IFERROR({share},""))'
    total = _team_sum(METRICS[k], _is("Sharing", "1"))
    return f'IF({sharing}=0,"",IF({total}>0,{value}/{total},""))'


def _share(active: Sequence[MetricData]) -> str:
    """All metrics together, by the weights of those that have a signal; equal shares if none has."""
    equal = f"{_mine('Split')}/{_team_sum('Split', _is('Sharing', '1'))}"
    if not active:
        return f"IF({_mine('Sharing')}=0,0,{equal})"
    pairs = [(_mine(METRIC_SHARES[k]), repr(float(data.metric.weight))) for k, data in enumerate(active)]
    blended = "+".join(f"{weight}*N({share})" for share, weight in pairs)
    weights = "+".join(f"{weight}*ISNUMBER({share})" for share, weight in pairs)
    return f"IF({_mine('Sharing')}=0,0,IF({weights}=0,{equal},({blended})/({weights})))"


def _parts() -> dict[str, str]:
    """What is left of the parent's quota, and each child's part of it."""
    newcomers, heads = _team_sum("Split", _is("New hire", "1")), _team_sum("Split", _is("Gated", "0"))
    left, share = _mine("Left"), _mine("New hire part")
    untouched = f"{newcomers}/{heads}"
    touched = f"IF({left}<=0,1,MIN({_above('Exact base')}*{newcomers}/{heads},{left})/{left})"
    taken = f"IF({_team_count(_is('Fixed', '1'))}=0,{untouched},{touched})"
    alone = f"IF({_team_count(_is('Sharing', '1'))}=0,1,{taken})"
    return {
        "Left": f"IF({_ROOT},0,MAX(0,{_above('Exact base')}-{_team_sum('Fixed before hedges')}))",
        "New hire part": f"IF({_ROOT},0,IF({newcomers}=0,0,{alone}))",
        "Part": f"IF({_ROOT},0,IF({_mine('New hire')}=1,{share}*{_mine('Split')}/{newcomers},(1-{share})*{_mine('Share')}))",
        "Exact base": f"IF({_ROOT},Target,{left}*{_mine('Part')}+{_mine('Fixed before hedges')})",
        "Share of parent": f'IF({_ROOT},1,IF({_above("Exact base")}>0,{_mine("Exact base")}/{_above("Exact base")},""))',
    }


def _running() -> dict[str, str]:
    """Parts added up in the order of ids; exactly 1 from the last one on, so that nothing of the pool is lost."""
    some, place = _is("Part", '">0"'), _mine("Place")
    later, earlier = _is("Place", f'">"&{place}'), _is("Place", f'"<="&{place}')
    total = f"IF({_team_count(some, later)}=0,1,{_team_sum('Part', earlier)})"
    return {
        "Up to here": f"IF({_ROOT},0,IF({_team_count(some)}=0,0,{total}))",
        "Before": f"IF({place}<=1,0,{_team_sum('Up to here', _is('Place', f'{place}-1'))})",
    }


def _units(layer: str, unit: Unit, handed_down: str) -> dict[str, str]:
    """A layer's pool and quota in units: round(pool x parts up to here) - round(pool x parts before)."""
    fixed, pool = f"Fixed {layer.lower()} units", _mine(f"{layer} pool")
    upper, lower = (round_units(f"{pool}*{_mine(name)}") for name in ("Up to here", "Before"))
    return {
        f"{layer} pool": f"IF({_ROOT},0,MAX(0,{handed_down}-{_team_sum(fixed)}))",
        f"{layer} units": f"IF({_ROOT},{round_units(in_units('Target', unit))},{_mine(fixed)}+{upper}-{lower})",
    }
