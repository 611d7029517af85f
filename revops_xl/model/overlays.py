"""Overlays: people who carry quota beside the tree, for what others sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overlay:
    """One overlay as entered.

    Attributes:
        name: The person.
        covers: Names of nodes, as entered.
        ics: Positions of the ICs below them, each once.
        share: Part of their quotas; NaN: an amount is given.
        amount: Its quota; NaN: a share is given.
        hedge: Its own; NaN: as the covered quotas are hedged.
        reports_to: Who manages it; "": nobody is named.
        first: First day, in days since 1970-01-01; NaN: from the start of the plan.
        last: Last day; NaN: to its end.
    """

    name: str
    covers: tuple[str, ...]
    ics: Ints
    share: float
    amount: float
    hedge: float
    reports_to: str
    first: float
    last: float

    @property
    def credit_share(self) -> float:
        """Part of a covered deal that is credited, where Credits does not say."""
        return 1.0 if np.isnan(self.share) else self.share


@dataclass(frozen=True)
class OverlayInputs:
    """Overlays, and credits that are said deal by deal.

    Attributes:
        overlays: In the order of the table.
        credits: By deal: part credited to overlays, by name; a deal that is listed is credited so and not by cover.
        union: Whether a manager of overlays carries what they cover once; else the sum of their quotas.
    """

    overlays: tuple[Overlay, ...]
    credits: Mapping[str, Mapping[str, float]]
    union: bool = True


@dataclass(frozen=True)
class OverlayResult:
    """What an overlay, or a manager of overlays, carries.

    Attributes:
        name: Who.
        manager: Whether it is a manager of overlays.
        reports_to: Who manages it.
        ics: Positions of the covered ICs.
        weights: Part of each that it carries.
        time: Part of the plan's quota that falls on its days.
        base: Before hedges.
        quota: Hedged.
        history: What the covered reached in the last periods as long as the plan, by its part; NaN: not known.
        pipeline: Of the covered, by its part; NaN: not known.
        booked: Won by the covered, in deals that credit it.
        credit: Credited to it.
        months: Its quota by the plan's periods, as the covered quotas fall on them; empty where these are not phased.
    """

    name: str
    manager: bool
    reports_to: str
    ics: Ints
    weights: Floats
    time: float
    base: float
    quota: float
    history: float
    pipeline: float
    booked: float
    credit: float
    months: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def attainment(self) -> float:
        """Credit / quota; NaN without a quota."""
        return self.credit / self.quota if self.quota else float("nan")


@dataclass(frozen=True)
class OverlayView:
    """Everything about overlays, beside the plan.

    Attributes:
        inputs: As entered.
        rows: Overlays, then their managers.
        direct_quota: Quota of the plan's ICs.
        booked: Won amounts of the deals that are counted: direct credit.
        credited: Credited to overlays.
        won: Won by each IC, by position.
        credit_of: Credited to each overlay for each IC, by (overlay, position).
    """

    inputs: OverlayInputs
    rows: tuple[OverlayResult, ...]
    direct_quota: float
    booked: float
    credited: float
    won: Mapping[int, float]
    credit_of: Mapping[tuple[str, int], float]

    @property
    def overlays(self) -> tuple[OverlayResult, ...]:
        """The overlays without their managers."""
        return tuple(row for row in self.rows if not row.manager)
