"""The rule of the cascade as native formulas, column by column.

Every formula finds other rows by numbers in the row, never by position, so tables can be sorted and filtered. A column
that refers to the parent's entry in itself does so through INDEX, which takes one cell out of the range: the range
contains the formula's own cell, but nothing is calculated from it (Microsoft's article Q73586 shows the same). No formula is
volatile, and none is newer than Excel 2007.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from revops_xl.model.inputs import INVERSE_FLOOR, Basis, MetricData
from revops_xl.model.money import Unit
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.result import this_row

NAME = "Cascade"
#: Active metrics that the table has columns for.
MOST_METRICS = 6
METRICS = tuple(f"Metric {number}" for number in range(1, MOST_METRICS + 1))
METRIC_SHARES = tuple(f"Share {number}" for number in range(1, MOST_METRICS + 1))


def active_metrics(plan: QuotaPlan) -> list[tuple[int, MetricData]]:
    """Blend metrics that weigh something, with their index."""
    return [(i, data) for i, data in enumerate(plan.inputs.blend) if data.metric.weight > 0]


def _mine(name: str) -> str:
    return this_row(NAME, name)


def _all(name: str) -> str:
    return f"{NAME}[{name}]"


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


def formulas(plan: QuotaPlan) -> dict[str, str]:
    """The formula of each column that has one."""
    unit = plan.inputs.unit
    if unit is None:
        raise ValueError("quotas without a rounding unit are not live")
    active = [data for _, data in active_metrics(plan)]
    return {
        "Parent row": f'IF({_ROOT},"",MATCH({_mine("Parent no")},{_all("No")},0))',
        **_hedges(),
        **_fixed(unit, split=bool((plan.inputs.tree.split < 1).any())),
        **({"Gated": _gated()} if plan.inputs.gates else {}),
        "New hire": f"IF(AND({_mine('New by rule')},{_mine('Gated')}=0,{_mine('Fixed')}=0),1,0)",
        "Sharing": f"IF(OR({_ROOT},{_mine('Gated')}=1,{_mine('New hire')}=1,{_mine('Fixed')}=1),0,1)",
        **{METRIC_SHARES[k]: _metric_share(k, data) for k, data in enumerate(active)},
        "Share": _share(active),
        **_parts(dated=plan.time is not None),
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
    return SHARES[data.metric.direction](METRICS[k])


def _inverse(name: str) -> str:
    value, sharing = _mine(name), _mine("Sharing")
    team = f"({_all('Parent no')}={_mine('Parent no')})*({_all('Sharing')}=1)"
    whole = f"{_all(name)}/{_all('Split')}"
    floor = f"{INVERSE_FLOOR}*SUMPRODUCT(MAX({team}*{whole}))"
    share = f"{_mine('Split')}/({value}/{_mine('Split')}+{floor})/SUMPRODUCT({team}*{_all('Split')}/({whole}+{floor}))"
    return f'IF({sharing}=0,"",IFERROR({share},""))'


def _proportional(name: str) -> str:
    total = _team_sum(name, _is("Sharing", "1"))
    return f'IF({_mine("Sharing")}=0,"",IF({total}>0,{_mine(name)}/{total},""))'


#: Native formula of a share by each direction that has one.
SHARES: dict[str, Callable[[str], str]] = {"proportional": _proportional, "inverse": _inverse}


def _share(active: Sequence[MetricData]) -> str:
    """All metrics together, by the weights of those that have a signal; equal shares if none has."""
    equal = f"{_mine('Split')}/{_team_sum('Split', _is('Sharing', '1'))}"
    if not active:
        return f"IF({_mine('Sharing')}=0,0,{equal})"
    pairs = [(_mine(METRIC_SHARES[k]), repr(float(data.metric.weight))) for k, data in enumerate(active)]
    blended = "+".join(f"{weight}*N({share})" for share, weight in pairs)
    weights = "+".join(f"{weight}*ISNUMBER({share})" for share, weight in pairs)
    return f"IF({_mine('Sharing')}=0,0,IF({weights}=0,{equal},({blended})/({weights})))"


def _parts(*, dated: bool) -> dict[str, str]:
    """What is left of the parent's quota, and each child's part of it."""
    newcomers, heads = _team_sum("Split", _is("New hire", "1")), _team_sum("Split", _is("Gated", "0"))
    left, share = _mine("Left"), _mine("New hire part")
    untouched = f"{newcomers}/{heads}"
    touched = f"IF({left}<=0,1,MIN({_above('Exact base')}*{newcomers}/{heads},{left})/{left})"
    taken = f"IF({_team_count(_is('Fixed', '1'))}=0,{untouched},{touched})"
    shared, timed = _mine("Share"), _team_sum("Timed share")
    if dated:
        shared = f"IF({timed}>0,{_mine('Timed share')}/{timed},{shared})"
    alone = f"IF({_team_count(_is('Sharing', '1'))}=0,1,{taken})"
    return {
        "Left": f"IF({_ROOT},0,MAX(0,{_above('Exact base')}-{_team_sum('Fixed before hedges')}))",
        "New hire part": f"IF({_ROOT},0,IF({newcomers}=0,0,{alone}))",
        "Part": f"IF({_ROOT},0,IF({_mine('New hire')}=1,{share}*{_mine('Split')}/{newcomers},(1-{share})*{shared}))",
        "Exact base": f"IF({_ROOT},Target,{left}*{_mine('Part')}+{_mine('Fixed before hedges')})",
        "Share of parent": f'IF({_ROOT},1,IF({_above("Exact base")}>0,{_mine("Exact base")}/{_above("Exact base")},""))',
        **(_time() if dated else {}),
    }


def _time() -> dict[str, str]:
    """What the time of its seats weighs: of an IC as the run found it, of a team by the shares of its members."""
    below = f"{_all('Parent no')},{_mine('No')}"
    team = f"IF(COUNTIFS({below},{_is('Sharing', '1')})=0,1,SUMIFS({_all('Timed share')},{below}))"
    return {
        "Time": f"IF({_mine('IC')},{_mine('Seat time')},{team})",
        "Timed share": f"IF({_ROOT},0,{_mine('Share')}*{_mine('Time')})",
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
