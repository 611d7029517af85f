"""What is chosen by trying it on later deals: how chances and values are learned, and how both are corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.engine.forecast.deals.calibration import Calibration, calibrate
from revops_xl.engine.forecast.deals.choose_chance import LEAST, choose_chance, not_tried
from revops_xl.engine.forecast.deals.choose_value import choose_value, with_values
from revops_xl.engine.forecast.deals.features import AMOUNT, FeaturePlan, make_plan
from revops_xl.engine.forecast.deals.leakage import examine
from revops_xl.engine.forecast.deals.model import NO_CORRECTION, OUTER, Tried
from revops_xl.engine.forecast.deals.snapshots import folds, to_try
from revops_xl.engine.forecast.deals.training import Training, ValueForm
from revops_xl.engine.forecast.deals.values import scatter
from revops_xl.model.deal_model import Candidate, ColumnUse, Family, Form, Standing, Use, ValueStanding
from revops_xl.model.deals import Deals


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        candidate: What learns the chance to win.
        standings: All candidates, the simplest first.
        calibration: The correction of its probabilities.
        value: Form of the value.
        blank: The same for deals without an amount; None: it needs none.
        value_standings: Forms of the value, the best first.
        scatter: How won values scattered around that form.
        blank_scatter: Around the other one.
        covered: Part of the last won deals whose value lay between the outer quantiles; NaN if not modelled.
        tried: Every deal of validation and hold-out, with the final correction.
        held_out: The last deals, forecast by what was known before them alone; None: too few.
    """

    candidate: Candidate
    standings: tuple[Standing, ...]
    calibration: Calibration
    value: ValueForm
    blank: ValueForm | None
    value_standings: tuple[ValueStanding, ...]
    scatter: tuple[float, ...]
    blank_scatter: tuple[float, ...]
    covered: float
    tried: Tried
    held_out: Tried | None

    @property
    def alone(self) -> Choice:
        """Without the deals it was tried on."""
        return replace(self, tried=Tried.none(), held_out=None)


def learnable(deals: Deals) -> bool:
    """Whether there are enough closed deals, and both outcomes."""
    won, closed = int(deals.is_won.sum()), int(deals.is_closed.sum())
    return closed >= LEAST[Family.BASE][0] and 0 < won < closed


def columns(deals: Deals, as_of: float) -> tuple[tuple[ColumnUse, ...], FeaturePlan, Training]:
    """What becomes of the columns, and what is learned from."""
    uses = examine(deals, as_of)
    plan = make_plan(deals.take(deals.is_closed), {use.name for use in uses if use.use == Use.USED})
    return uses, plan, Training(deals, plan, next(use for use in uses if use.name == AMOUNT).use != Use.LEAK)


def choose(deals: Deals, plan: FeaturePlan, work: Training) -> Choice:
    """Compare everything on deals that closed later.

    Args:
        deals: In the order of time, closed ones with a day.
        plan: Columns that are read.
        work: What is learned from.
    """
    closed, won = int(deals.is_closed.sum()), int(deals.is_won.sum())
    rarer = min(won, closed - won)
    families = [
        f
        for f, (count, rare) in LEAST.items()
        if closed >= count and rarer >= rare and (f != Family.STAGES or plan.stage)
    ]
    validation, last = folds(deals.close[deals.is_closed])
    chosen, standings, tried = choose_chance(work, families, validation)
    value, blank, value_standings = choose_value(work, validation, last)
    tried = with_values(work, tried, validation, value, blank)
    held_out = None
    before = tried
    if last is not None and len(to_try(deals, last).row):
        correction = _correction(tried, deals, chosen)
        alone = with_values(work, work.try_once(chosen, last, len(validation)), [*validation, last], value, blank)
        held_out = alone.corrected(correction)
        tried = tried.and_then(alone)
    correction = _correction(tried, deals, chosen)
    return Choice(
        chosen,
        (*standings, *not_tried(closed, rarer, families)),
        correction,
        value,
        blank,
        value_standings,
        work.scatter_of(value, tried),
        work.scatter_of(blank, tried) if blank is not None else (0.0,) * 5,
        _covered(before, held_out, deals) if held_out is not None and value.form != Form.ENTERED else float("nan"),
        tried.corrected(correction),
        held_out,
    )


def _correction(tried: Tried, deals: Deals, candidate: Candidate) -> Calibration:
    """What the deals that were tried say about the probabilities."""
    if not len(tried.row):
        return NO_CORRECTION
    won, by_size = deals.is_won[tried.row], candidate.family not in {Family.BASE, Family.STAGES}
    return calibrate(tried.probability, won, tried.value, tried.fold, by_size=by_size)


def seen_before(tried: Tried, deals: Deals) -> tuple[float, ...]:
    """How values scattered among deals that were tried."""
    won = deals.is_won[tried.row]
    return scatter(tried.value[won], deals.won_amount[tried.row][won])


def spread_of(seen: Sequence[float]) -> float:
    """Standard deviation of the log of the value around its mean."""
    return (seen[-1] - seen[0]) / OUTER


def _covered(before: Tried, held: Tried, deals: Deals) -> float:
    """Part of held-out won deals between the outer quantiles of the value, as they were known before."""
    seen = seen_before(before, deals)
    low, high = np.exp(seen[0]), np.exp(seen[-1])
    actual = deals.won_amount[held.row]
    known = deals.is_won[held.row] & (actual > 0) & ~np.isnan(held.value)
    if low == high or not known.any():
        return float("nan")
    ratio = actual[known] / held.value[known]
    return float(np.mean((ratio >= low) & (ratio <= high)))
