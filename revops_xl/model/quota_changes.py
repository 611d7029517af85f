"""Quotas of the nodes that two plans have in common, and what made them differ."""

from __future__ import annotations

from dataclasses import dataclass

from revops_xl.model.money import Floats


@dataclass(frozen=True)
class QuotaChanges:
    """One entry per node that both plans have.

    Attributes:
        before: Quota in the first plan, in currency.
        after: Quota in the second.
        target: What the target did.
        hedges: What the hedges above the node did.
        shares: What is left: shares, overrides, adjustments, rounding.
    """

    before: Floats
    after: Floats
    target: Floats
    hedges: Floats
    shares: Floats
