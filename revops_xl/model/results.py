"""What a quota plan consists of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.money import Floats, tidy
from revops_xl.model.org import Bools

#: Over-assignment above the first warns, from the second alarms (survey of firms, 2017).
WARN_ABOVE = 0.25
ALARM_FROM = 0.40


def verdict(over_assignment: float) -> str:
    """OK, Warning or Alarm against the figures from practice; blank where it is undefined."""
    if np.isnan(over_assignment):
        return ""
    if over_assignment >= ALARM_FROM:
        return "Alarm"
    return "Warning" if over_assignment > WARN_ABOVE else "OK"


@dataclass(frozen=True)
class ShareBreakdown:
    """How the metrics make a child's share among its siblings; one entry per node, NaN for the root.

    Attributes:
        share: Share among the siblings who share by metric: they add up to 1 in each team.
        equal: True where no metric had a signal, so that the split is equal.
        metric_value: Shape (metrics, nodes): each node's value, the sum over its ICs.
        metric_share: Shape (metrics, nodes): share by that metric alone; NaN where it has no signal.
        influence: Shape (metrics, nodes): weight / sum of the weights that have a signal in this team.
    """

    share: Floats
    equal: Bools
    metric_value: Floats
    metric_share: Floats
    influence: Floats


@dataclass(frozen=True)
class Roles:
    """Why a node is treated as it is; one entry per node.

    Attributes:
        gated: Gets 0 because it, or every IC below it, fails a gate.
        relaxed: Failed the gate but got a quota, because everything beside it failed too.
        new_hire: Gets an equal share of the pool.
        fixed: Has an override.
        negative: History adds up to less than 0 and counts as 0.
        unallocated: A manager whose pool stays with it, because everything below is gated.
        fails_gate: An IC that fails a gate, whatever came of it.
        new_by_rule: An IC that the rule finds new, whatever came of it.
    """

    gated: Bools
    relaxed: Bools
    new_hire: Bools
    fixed: Bools
    negative: Bools
    unallocated: Bools
    fails_gate: Bools
    new_by_rule: Bools


@dataclass(frozen=True)
class QuotaPlan:
    """Quotas of every node on both layers, and what led to them; arrays in tree order.

    Attributes:
        inputs: What it was computed from.
        base: Quota with every hedge at 1, in currency.
        quota: Hedged quota, in currency.
        exact_base: The base quota before rounding and adjustments, in currency.
        share: Share of the parent's base pool; 1 for the root.
        cumulative_hedge: Product of the hedges above the node; 1 for the root.
        breakdown: How the metrics made the shares.
        roles: Gated, new, fixed and so on.
        accepted: Accepted adjustment that the quota contains, in currency; None: there are none.
        accepted_base: The same of the base quota.
        dated_part: Part of what is left of the pool, by share and by the time of the seats; None: all are there all the time.
        months: Nodes x periods: how each quota falls on the plan's periods, where they keep the season's shares; None: by the seats.
        time: What the time of its seats weighs, by node, where months follow the seats; None: all are there all the time.
    """

    inputs: QuotaInputs
    base: Floats
    quota: Floats
    exact_base: Floats
    share: Floats
    cumulative_hedge: Floats
    breakdown: ShareBreakdown
    roles: Roles
    accepted: Floats | None = None
    accepted_base: Floats | None = None
    dated_part: Floats | None = None
    months: Floats | None = None
    time: Floats | None = None

    @property
    def exact_quota(self) -> Floats:
        """The hedged quota before rounding and adjustments, in currency."""
        return self.exact_base * self.cumulative_hedge

    @property
    def cascaded_quota(self) -> Floats:
        """The quota before accepted adjustments, in currency."""
        return self.quota if self.accepted is None else tidy(self.quota - self.accepted, self.inputs.unit)

    @property
    def cascaded_base(self) -> Floats:
        """The base quota before accepted adjustments, in currency."""
        return self.base if self.accepted_base is None else tidy(self.base - self.accepted_base, self.inputs.unit)

    @property
    def hedge_buffer(self) -> Floats:
        """Hedged minus base quota, in currency, free of the noise that a difference of doubles carries."""
        return tidy(self.quota - self.base, self.inputs.unit)

    @property
    def over_assignment(self) -> Floats:
        """Hedged / base quota - 1; NaN where the base quota is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.base > 0, self.quota / self.base - 1, np.nan)


@dataclass(frozen=True)
class SuggestedWeight:
    """What the data say about one metric's weight.

    Attributes:
        metric: Name.
        direction: As declared; never changed.
        declared: The weight in the plan.
        correlation: Pearson correlation with the target over ICs; NaN where undefined.
        observations: ICs that have both values.
        suggested: Weight to consider.
        agrees: Whether the sign fits the direction; None where there is no correlation to speak of.
        reason: In words.
    """

    metric: str
    direction: str
    declared: float
    correlation: float
    observations: int
    suggested: float
    agrees: bool | None
    reason: str


@dataclass(frozen=True)
class LevelAudit:
    """The hedge of one level: what its nodes carry on both layers.

    Attributes:
        level: Name.
        nodes: How many.
        base_total: Sum of the base quotas, in currency.
        hedged_total: Sum of the quotas, in currency.
        verdict: In words.
    """

    level: str
    nodes: int
    base_total: float
    hedged_total: float
    verdict: str

    @property
    def over_assignment(self) -> float:
        """Hedged / base total - 1; NaN when the level carries nothing."""
        return self.hedged_total / self.base_total - 1 if self.base_total else float("nan")


@dataclass(frozen=True)
class Step:
    """One step of a derivation: how a quota goes from a parent to a child."""

    title: str
    lines: tuple[str, ...]
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """The derivation of one node's number, from the target down.

    Attributes:
        node: How the plan names it.
        level: Its level.
        base: Base quota, in currency (the sum over the placements of a split IC); None for who is not in the org.
        quota: Hedged quota, in currency.
        steps: In order from the root.
    """

    node: str
    level: str
    base: float | None
    quota: float | None
    steps: tuple[Step, ...]

    def as_text(self) -> str:
        """The derivation as plain text, one step a paragraph."""
        amounts = "" if self.quota is None or self.base is None else f"quota {self.quota:,.2f}, base {self.base:,.2f}"
        blocks = [f"{self.level} {self.node}: {amounts}" if amounts else f"{self.node}: {self.level}"]
        blocks += ["\n".join([step.title, *(f"  {line}" for line in step.lines)]) for step in self.steps]
        return "\n\n".join(blocks)

    def as_dict(self) -> dict[str, object]:
        """The derivation as plain values for JSON; blanks are None."""
        return {
            "node": self.node,
            "level": self.level,
            "base_quota": self.base,
            "quota": self.quota,
            "steps": [step.facts for step in self.steps],
        }
