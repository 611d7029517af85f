"""Pipeline against quota: what it takes, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree

#: Coverage that counts as healthy and as at risk where nothing else is said.
DEFAULT_HEALTHY, DEFAULT_AT_RISK = 2.0, 1.0
#: Changes of quota that differ by less, in currency, are the same.
SMALLEST_CHANGE = 1e-6
#: Closed deals from which a win rate is believed.
ENOUGH_DEALS = 10


class Status(StrEnum):
    """What a node's coverage says."""

    HEALTHY = "Healthy"
    MODERATE = "Moderate"
    AT_RISK = "At risk"
    CRITICAL = "Critical"
    NO_QUOTA = "No quota"
    NO_PIPELINE = "No pipeline known"


class Role(StrEnum):
    """What redistribution makes of an IC."""

    DONOR = "donor"
    RECEIVER = "receiver"
    LOCKED = "locked"
    UNCHANGED = "unchanged"


class Reason(StrEnum):
    """Why an IC gives or takes what it does, and no more."""

    BETWEEN = "between the thresholds"
    LOCKED = "locked"
    NO_QUOTA = "no quota"
    NO_PIPELINE = "no pipeline known"
    DONOR_FLAGGED = "below at risk; flag only, so nothing moves"
    RECEIVER_FLAGGED = "healthy; flag only, so nothing moves"
    TOO_LITTLE = "may not move by a whole rounding unit"
    NO_RECEIVER = "below at risk, but nobody in the team can take quota"
    GIVES_LESS = "gives less: the team can take no more"
    GIVES_MOST = "gives the most allowed"
    GIVES = "gives its part"
    NO_APPETITE = "exactly healthy: can take nothing"
    NO_DONOR = "healthy, but nobody in the team gives quota"
    TAKES_MOST = "takes the most allowed"
    TAKES = "takes its part"


@dataclass(frozen=True)
class Thresholds:
    """The coverage a node needs; one entry per node.

    Attributes:
        healthy: From here on a node is healthy.
        at_risk: Below this, quota may be given away.
        source: Position of the node whose thresholds these are; -1 for the default.
    """

    healthy: Floats
    at_risk: Floats
    source: npt.NDArray[np.int64]


def inherit_thresholds(
    tree: OrgTree, default: tuple[float, float], by_node: Mapping[int, tuple[float, float]]
) -> Thresholds:
    """Thresholds (healthy, at risk) of every node: its own, else those of the nearest node above, else the default."""
    source = np.full(len(tree), -1, dtype=np.int64)
    source[list(by_node)] = list(by_node)
    for depth in range(1, tree.depths):
        here = slice(int(tree.depth_start[depth]), int(tree.depth_start[depth + 1]))
        source[here] = np.where(source[here] < 0, source[tree.parent[here]], source[here])
    pairs = np.empty((len(tree) + 1, 2))  # the last entry is the default, which -1 finds
    pairs[-1] = default
    if by_node:
        pairs[list(by_node)] = list(by_node.values())
    return Thresholds(pairs[source, 0], pairs[source, 1], source)


def reaches(coverage: Floats, threshold: Floats | float) -> Bools:
    """Whether a coverage is at or above a threshold; a difference beyond 12 digits is noise. False where it is NaN."""
    return np.asarray(np.round(coverage, 12) >= threshold)


@dataclass(frozen=True)
class ClosedDeals:
    """Closed deals of the ICs; one entry per node, 0 for teams.

    Attributes:
        count: Won and lost deals with an amount.
        won: Amount of the won ones, in currency.
        closed: Amount of all of them, in currency.
    """

    count: Floats
    won: Floats
    closed: Floats


@dataclass(frozen=True)
class PipelineInputs:
    """What coverage and redistribution need beside the plan.

    Attributes:
        pipeline: Per node the pipeline of an IC's placement, in currency; NaN where not known, and for teams.
        thresholds: Per node.
        locked: ICs that stay out of redistribution.
        redistribute: Whether quota is moved; False: only shown where it should be.
        max_change: Most that a quota may move, as a part of it, 0 to 1.
        deals: Closed deals, if there are any.
    """

    pipeline: Floats
    thresholds: Thresholds
    locked: Bools
    redistribute: bool = True
    max_change: float = 0.2
    deals: ClosedDeals | None = None


@dataclass(frozen=True)
class PipelineHealth:
    """Coverage of every node; arrays in tree order.

    Attributes:
        pipeline: Pipeline in currency, of a team the sum over its ICs; NaN where none is known.
        coverage: Pipeline / quota; NaN where the quota is 0 or no pipeline is known.
        status: Index into STATUSES.
        gap: Pipeline that is missing to healthy coverage, in currency, 0 or more; NaN where coverage is.
        win_rate: Amount won / amount closed; NaN with too few closed deals.
        needed: Coverage that wins the quota at this rate, 1 / win rate; NaN where the rate is NaN or 0.
    """

    STATUSES = tuple(Status)

    pipeline: Floats
    coverage: Floats
    status: npt.NDArray[np.int8]
    gap: Floats
    win_rate: Floats
    needed: Floats


@dataclass(frozen=True)
class Redistribution:
    """Quota that moves between the ICs of a team; arrays in tree order, 0 for teams.

    Attributes:
        role: Index into ROLES.
        reason: Index into REASONS: why no more and no less.
        change: To the quota, in currency; adds up to 0 in each team.
        base_change: To the base quota, in currency; adds up to 0 in each team.
        coverage: Before the change; NaN where undefined.
        limit: Most that the IC could give or take, in currency; 0 for the others.
    """

    ROLES, REASONS = tuple(Role), tuple(Reason)

    role: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int8]
    change: Floats
    base_change: Floats
    coverage: Floats
    limit: Floats
