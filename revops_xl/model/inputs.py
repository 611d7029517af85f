"""What a quota plan is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats, Unit
from revops_xl.model.org import Bools, OrgTree


class NewHires(StrEnum):
    """How new hires are found."""

    FLAG = "flag"
    ALL_METRICS_ZERO = "all_metrics_zero"
    PRIMARY_METRIC_ZERO = "primary_metric_zero"
    NONE = "none"


class GateFallback(StrEnum):
    """What happens to a quota when every node below it is gated."""

    REDISTRIBUTE = "redistribute"
    LEAVE = "leave"
    ERROR = "error"


class Basis(StrEnum):
    """The layer that an override's amount is meant on."""

    BASE = "base"
    HEDGED = "hedged"


DIRECTIONS = ("proportional", "inverse")
#: Added to each sibling's value in an inverse share, as part of the largest, so that a zero does not take all.
INVERSE_FLOOR = 0.01
AGGREGATIONS = ("sum", "mean", "last")
USES = ("blend", "gate")
#: Weights are compared with each other, so larger ones say nothing more.
MAX_WEIGHT = 1e9
GATE_TESTS = ("gt", "ge", "lt", "le", "true")


@dataclass(frozen=True)
class Metric:
    """One signal about ICs that drives shares (blend) or switches nodes off (gate).

    Args:
        name: What the metric is called; also where its columns are looked for.
        columns: Columns that hold its periods, oldest first; `*` stands for any text. None: all columns
            `*_<name>`, else the column called exactly `<name>`.
        direction: "proportional" (more of it, more quota) or "inverse" (more of it, less quota).
        weight: 0 or more; its influence is weight / sum of the weights.
        lookback: Use only the last so many of the columns; None: all.
        aggregation: How periods become one value: "sum", "mean" or "last".
        impute_zeros: Replace a zero or blank period by the IC's own average of its other periods.
            Boolean and 0/1 columns are never imputed.
        use: "blend" or "gate".
        gate: The test an IC must pass: "gt", "ge", "lt", "le" against the threshold, or "true".
        threshold: In the metric's own unit.

    Raises:
        ValueError: A value outside the lists above, a weight below 0, a lookback below 1.

    Example:
        >>> Metric("CloudSeats", weight=0.5).direction
        'proportional'
    """

    name: str
    columns: tuple[str, ...] | None = None
    direction: str = "proportional"
    weight: float = 1.0
    lookback: int | None = None
    aggregation: str = "sum"
    impute_zeros: bool = True
    use: str = "blend"
    gate: str = "gt"
    threshold: float = 0.0

    def __post_init__(self) -> None:
        for label, value, allowed in (
            ("direction", self.direction, DIRECTIONS),
            ("aggregation", self.aggregation, AGGREGATIONS),
            ("use", self.use, USES),
            ("gate", self.gate, GATE_TESTS),
        ):
            if value not in allowed:
                raise ValueError(f'{label} of metric "{self.name}" is {value!r}; it is one of {", ".join(allowed)}')
        if not 0 <= self.weight <= MAX_WEIGHT:
            raise ValueError(f'weight of metric "{self.name}" is {self.weight}; weights are 0 to {MAX_WEIGHT:g}')
        if self.columns is not None and not self.columns:
            raise ValueError(f'metric "{self.name}" has an empty list of columns; None means *_{self.name}')
        if self.lookback is not None and self.lookback < 1:
            raise ValueError(f'lookback of metric "{self.name}" is {self.lookback}; it is 1 or more')
        if not np.isfinite(self.threshold):
            raise ValueError(f'threshold of metric "{self.name}" is {self.threshold}; it is a finite number')
        if self.columns is not None:  # a list is welcome, a lone string is a slip that would split into letters
            names = (self.columns,) if isinstance(self.columns, str) else tuple(self.columns)
            object.__setattr__(self, "columns", names)


@dataclass(frozen=True)
class MetricData:
    """A metric and what the ICs have of it.

    Attributes:
        metric: The declaration.
        columns: Names of the columns it resolved to, oldest first.
        periods: Shape (columns, rows of the path table); NaN where the cell is blank.
        boolean: Per column, whether it holds only TRUE/FALSE or 0/1.
        derived: Whether planning fills it in, because no column holds it.
    """

    metric: Metric
    columns: tuple[str, ...]
    periods: Floats
    boolean: Bools
    derived: bool = False

    @property
    def holes(self) -> Bools:
        """Zero and blank periods that imputing looks at, column by row; none where the metric is not imputed."""
        if not self.metric.impute_zeros or self.boolean.all():
            return np.zeros(self.periods.shape, dtype=bool)
        return np.asarray((np.isnan(self.periods) | (self.periods == 0)) & ~self.boolean[:, None])

    @property
    def filled_in(self) -> Bools:
        """Periods that count as the average of the row's other periods, column by row.

        Example:
            >>> history = np.array([[0.0, 0.0], [50.0, np.nan]])
            >>> MetricData(Metric("Attainment"), ("a", "b"), history, np.zeros(2, bool)).filled_in.tolist()
            [[True, False], [False, False]]
        """
        others = ~self.holes & ~np.isnan(self.periods) & ~self.boolean[:, None]
        return np.asarray(self.holes & others.any(axis=0))


@dataclass(frozen=True)
class Hedges:
    """The multiplier on a manager's quota before it is handed down.

    Attributes:
        factor: Per node, its own hedge; 1 for ICs, who hand nothing down.
        source: Per node, index into SOURCES: where the hedge comes from.
    """

    SOURCES = ("none", "default", "level", "node")

    factor: Floats
    source: npt.NDArray[np.int8]


def resolve_hedges(
    tree: OrgTree, default: float, by_level: Mapping[int, float], by_node: Mapping[int, float]
) -> Hedges:
    """A manager's hedge is its own, else its level's, else the default; ICs hand nothing down.

    Args:
        tree: The org.
        default: Multiplier above 0; 1.05 hands down 5 % more.
        by_level: Multiplier by index of the level.
        by_node: Multiplier by position in the tree.
    """
    manager = ~tree.is_ic
    factor = np.where(manager, float(default), 1.0)
    source = np.where(manager, Hedges.SOURCES.index("default"), 0).astype(np.int8)
    for level, value in by_level.items():
        here = manager & (tree.level == level)
        factor[here], source[here] = value, Hedges.SOURCES.index("level")
    for node, value in by_node.items():
        factor[node], source[node] = value, Hedges.SOURCES.index("node")
    return Hedges(factor, source)


@dataclass(frozen=True)
class Fixed:
    """An override: an amount fixed for a node.

    Attributes:
        node: Position in the tree. The placements of a split IC come as one entry each, the amount divided.
        amount: In currency, 0 or more, on the layer of `basis`.
        basis: The layer the amount is meant on; the other is derived through the hedges above the node.
        where: The cell it comes from, for messages.
    """

    node: int
    amount: float
    basis: Basis
    where: str = ""


@dataclass(frozen=True)
class Adjustment:
    """An accepted change of an IC's quota; the changes of a team add up to 0.

    Attributes:
        node: Position in the tree.
        change: Of the hedged quota, in currency.
        where: The cell it comes from, for messages.
    """

    node: int
    change: float
    where: str = ""


@dataclass(frozen=True)
class SeatWeights:
    """Time in which the seats of a path table are there, where it is not the whole plan.

    Attributes:
        time: Shape (rows, periods); 1 for a seat that is there all the time, beside the split of its node.
        season: Share of the plan that falls on each of these periods; one period: months of the plan follow the seats.
        in_seat: Part of the plan, by season, in which each row's seat is there, for explaining.
    """

    time: Floats
    season: Floats
    in_seat: Floats


@dataclass(frozen=True)
class QuotaInputs:
    """Everything the cascade needs.

    Attributes:
        tree: The org.
        target: Root quota in currency, above 0, a whole multiple of the unit.
        unit: Quotas are whole multiples of it; None: no rounding.
        blend: Metrics that make the shares, the primary one first.
        gates: Metrics that switch ICs off.
        hedges: Per node.
        fixed: Overrides.
        new_hires: How new hires are found.
        new_hire_flags: Per row of the path table; read when new_hires is FLAG.
        gate_fallback: What happens when everything below a quota is gated.
        adjustments: Quota that was moved inside teams after the cascade.
        seats: Time in which the seats are there; None: all of the plan.
    """

    tree: OrgTree
    target: float
    unit: Unit | None
    blend: tuple[MetricData, ...]
    gates: tuple[MetricData, ...]
    hedges: Hedges
    fixed: tuple[Fixed, ...] = ()
    new_hires: NewHires = NewHires.ALL_METRICS_ZERO
    new_hire_flags: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))
    gate_fallback: GateFallback = GateFallback.REDISTRIBUTE
    adjustments: tuple[Adjustment, ...] = ()
    seats: SeatWeights | None = None
