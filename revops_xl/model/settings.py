"""The plan's settings that the quota plan uses."""

from __future__ import annotations

from dataclasses import dataclass

from revops_xl.model.calendar import Calendar
from revops_xl.model.commits import CommitRules
from revops_xl.model.forecast import ForecastRules
from revops_xl.model.inputs import GateFallback, NewHires
from revops_xl.model.money import Unit
from revops_xl.model.planning import PlanningRules
from revops_xl.model.presence import PresenceRules


@dataclass(frozen=True)
class PlanSettings:
    """Settings of a plan workbook, typed.

    Attributes:
        plan: Its name.
        period: What the target covers, such as FY 2027.
        currency: ISO code.
        locale: How numbers typed as text are written.
        target: Root quota, in currency, above 0.
        target_is_text: Whether the cell holds the target as text, with which formulas cannot calculate.
        unit: Quotas are whole multiples of it.
        default_hedge: Hedge of managers without one of their own or of their level.
        new_hires: How new hires are found.
        gate_fallback: What happens when everything below a quota is gated.
        redistribute: Whether quota that the pipeline does not support is proposed to move.
        max_change: Most that a quota may move, as a part of it.
        commit_rules: How commits are judged.
        forecast_rules: How revenue is forecast.
        cohort_column: Column of Deals that names the cohort; "": Cohort, if there is one.
        calendar: The firm's.
        plan_start: First day of the plan, in days since 1970-01-01; NaN: that of the period.
        plan_months: How many months it covers; None: those of the period.
        history_periods: How many history columns are as long as the plan; NaN: as their headers say.
        planning_rules: How quotas are planned.
        live: Whether quotas are written as formulas.
        presence: How people who come, go and are away count.
        overlay_union: Whether managers of overlays carry what these cover once.
    """

    plan: str
    period: str
    currency: str
    locale: str
    target: float
    target_is_text: bool
    unit: Unit
    default_hedge: float
    new_hires: NewHires
    gate_fallback: GateFallback
    redistribute: bool
    max_change: float
    commit_rules: CommitRules
    forecast_rules: ForecastRules
    cohort_column: str
    calendar: Calendar
    plan_start: float
    plan_months: int | None
    history_periods: float
    planning_rules: PlanningRules
    live: bool
    presence: PresenceRules
    overlay_union: bool
