"""The steps from inputs to quotas, as a spreadsheet shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats
from revops_xl.model.org import Bools


@dataclass(frozen=True)
class CascadeSteps:
    """One entry per node, in tree order; the root's entries are 0 where a step is about a team's members.

    Attributes:
        place: Place among the siblings, by id, from 1.
        fixed_amount: Amount of the override, in currency; 0 without.
        fixed_on_quota: Whether that amount is meant after hedges.
        fixed_before: The amount before hedges, in currency.
        fixed_base: The same in whole units.
        fixed_quota: The amount after hedges, in whole units.
        sharing: Whether the node shares by metric.
        share: Share among those who do.
        left: What fixed amounts leave of the parent's base quota, in currency.
        new_part: Part of it that new hires of the team get together.
        part: The node's part of it.
        up_to: Parts of the siblings up to the node, and exactly 1 from the last one on.
        before: Parts of the siblings before it.
        base_pool: What the team shares before hedges, in units.
        quota_pool: What the team shares after the hedge, in units.
        base: Base quota in whole units.
        quota: Quota in whole units.
        time: What the time of its seats weighs; 1: they are there all the time.
        timed: Share x time.
    """

    place: npt.NDArray[np.int64]
    fixed_amount: Floats
    fixed_on_quota: Bools
    fixed_before: Floats
    fixed_base: Floats
    fixed_quota: Floats
    sharing: Bools
    share: Floats
    left: Floats
    new_part: Floats
    part: Floats
    up_to: Floats
    before: Floats
    base_pool: Floats
    quota_pool: Floats
    base: Floats
    quota: Floats
    time: Floats
    timed: Floats
