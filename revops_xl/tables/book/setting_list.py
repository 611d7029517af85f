"""Every setting of a plan: its kind, limits, default, and what reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from revops_xl.model.bounds import (
    BIAS_INTERVAL,
    BUDGET_CONFIDENCE,
    CONFIDENCE,
    FAIRNESS,
    FORECAST_QUARTERS,
    GROWTH,
    HISTORY_PERIODS,
    OTE_RATIO,
    PART,
    RUNS,
    SEED,
    SHRINKAGE,
    SPREAD,
    STEP,
    TOTAL,
    UNIT,
    Bounds,
)
from revops_xl.model.calendar import MONTH_NAMES
from revops_xl.model.inputs import GateFallback, NewHires
from revops_xl.model.parts import Profile
from revops_xl.model.plan_period import MOST_MONTHS
from revops_xl.model.presence import Bearer
from revops_xl.tables.book import fiscal
from revops_xl.tables.currencies.rates import CHOICES, PLAN
from revops_xl.tables.overlays.overlays import SUM, UNION
from revops_xl.tables.planning.bookings import KEEP, REPLACE
from revops_xl.tables.quotas.blank_levels import CHOICES as BLANK_LEVELS
from revops_xl.tables.schema.declare import Column, Kind

NEW_HIRE_RULES = {
    "flag": NewHires.FLAG,
    "all metrics zero": NewHires.ALL_METRICS_ZERO,
    "primary metric zero": NewHires.PRIMARY_METRIC_ZERO,
    "none": NewHires.NONE,
}
FLAG_ONLY, REDISTRIBUTE = "flag only", "redistribute"
QUARTERS, MONTHLY = "quarters", "months"
DAYS, WHOLE_MONTHS = "days", "whole months"
SEATS, SHARES = "seats", "shares"
NEXT_FOUR, THIS_YEAR = "next four quarters", "this fiscal year"
SHOW, SPREAD_AGAIN = "show", "spread again"
GATE_FALLBACKS = {"redistribute": GateFallback.REDISTRIBUTE, "leave": GateFallback.LEAVE, "error": GateFallback.ERROR}


@dataclass(frozen=True)
class Setting:
    """One setting: a column of one cell, with a default.

    Attributes:
        column: Name, kind, limits and help.
        default: Value when the cell is blank; None where a value is needed or nothing is meant.
        used: Whether this version computes anything from it.
        part: The parts of a run that read it, such as "pipeline" or "commits forecast"; "": the quota plan.
        profile: The part of a plan that it belongs to; "": that of the part of a run that reads it first.
    """

    column: Column
    default: Any = None
    used: bool = True
    part: str = ""
    profile: str = ""

    @property
    def name(self) -> str:
        """How the row is called."""
        return self.column.name

    @property
    def defined_name(self) -> str:
        """The name that formulas use for the value."""
        name = "_".join(self.name.replace("%", "").split())
        return f"_{name}" if name[0].isdigit() else name

    @property
    def formula(self) -> str:
        """What the defined name stands for: the value, found by its label however rows are sorted, else the default."""
        value = f'INDEX(Settings[Value],MATCH("{self.name}",Settings[Setting],0))'
        if self.column.required:
            return f"={value}"
        none = self.default is None
        default = f'"{self.default or ""}"' if none or isinstance(self.default, str) else str(self.default).upper()
        return f'=IF(IFERROR({value}="",TRUE),{default},{value})'


def _setting(
    name: str,
    kind: Kind,
    default: Any,
    unit: str,
    help_text: str,
    *,
    used: bool = True,
    part: str = "",
    profile: str = "",
    bounds: Bounds | None = None,
    **limits: Any,
) -> Setting:
    allowed = limits if bounds is None else {**limits, **bounds.limits}
    return Setting(Column(name, kind, help_text, unit=unit, **allowed), default, used, part, profile)


SETTINGS: tuple[Setting, ...] = (
    _setting("Plan", Kind.TEXT, "Revenue plan", "", "Name of the plan, shown on Summary."),
    _setting("Period", Kind.TEXT, "", "", "What the target covers, for example FY 2027."),
    _setting("Currency", Kind.TEXT, "USD", "ISO code", "Currency of every amount in the plan."),
    _setting("Locale", Kind.TEXT, "en-US", "language-COUNTRY", "How numbers that were typed as text are written: de-DE reads 1.234,56."),
    _setting("Target", Kind.MONEY, None, "currency", "The quota of the top node, to be handed down.", required=True, above=0),
    _setting("Rounding unit", Kind.NUMBER, 0.01, "currency", "Every quota is a whole multiple of it: 0.01 is a cent, 1000 a round thousand.", bounds=UNIT),
    _setting("Default hedge", Kind.FACTOR, 1.0, "×", "Hedge of managers that have none of their own or of their level: 1.05 hands down 5 % more.", above=0),
    _setting("New hires", Kind.CHOICE, "all metrics zero", "", "How new hires are found: the column New hire (flag), a rule, or none. A new hire gets an equal share of the team.", choices=tuple(NEW_HIRE_RULES)),
    _setting("Gate fallback", Kind.CHOICE, "redistribute", "", "When everything below a quota fails the gate: relax the gate and report it, keep the amount with the parent, or refuse.", choices=tuple(GATE_FALLBACKS)),
    _setting("Pipeline columns", Kind.COLUMNS, None, "", "Columns of Hierarchy that add up to the pipeline of an IC: a list, * stands for any text. Blank: no pipeline health."),
    _setting("Live formulas", Kind.BOOLEAN, True, "", "TRUE: quotas are formulas that follow the target, hedges and overrides in the open workbook. FALSE: values of the run."),
    _setting("Blank levels", Kind.CHOICE, "ask", "", "What a blank level of Hierarchy means where a report may have printed labels once per group: fill down, or jagged (the branch skips the level). ask: such a plan is refused.", choices=BLANK_LEVELS),
    _setting("Adjustment mode", Kind.CHOICE, FLAG_ONLY, "", "flag only: show which quotas the pipeline does not support. redistribute: also propose what to move inside each team; Quotas change when that is accepted.", choices=(FLAG_ONLY, REDISTRIBUTE), part="pipeline"),
    _setting("Max adjustment %", Kind.PERCENT, 0.2, "%", "Most that a quota may move by redistribution, as a part of it.", bounds=PART, part="pipeline"),
    _setting("Neutral band", Kind.PERCENT, 0.1, "%", "A bias quotient within 1 plus or minus this is neutral.", bounds=PART, part="commits"),
    _setting("Machine weight", Kind.PERCENT, None, "%", "Weight of the machine forecast in a blended forecast. Blank: learned from past machine forecasts in CommitHistory, if there are twelve, else 50 %.", bounds=PART, part="commits"),
    _setting("Bias shrinkage", Kind.NUMBER, None, "periods", "Blank: quotients are drawn together across managers, as far as their differences may be chance. A number: periods of unbiased commits to add to each history; 0: the plain quotient.", bounds=SHRINKAGE, part="commits"),
    _setting("Bias interval", Kind.PERCENT, 0.8, "%", "Confidence of the interval around a bias quotient; 0 %: no interval.", bounds=BIAS_INTERVAL, part="commits"),
    _setting("OpEx limit", Kind.PERCENT, 0.6, "%", "Part of the year's forecast that may be spent.", bounds=PART, part="forecast"),
    _setting("Budget confidence", Kind.PERCENT, 0.8, "%", "Chance with which the year exceeds what the cautious budget counts on.", bounds=BUDGET_CONFIDENCE, part="forecast"),
    _setting("As of", Kind.DATE, None, "date", "The day the deals are looked at. Blank: the last day on which a deal was created or closed.", part="forecast"),
    _setting("Forecast quarters", Kind.INTEGER, 4, "quarters", "How many quarters to forecast, the running one included.", bounds=FORECAST_QUARTERS, part="forecast"),
    _setting("Forecast interval", Kind.PERCENT, 0.8, "%", "Chance that the total of a quarter lies between low and high.", bounds=CONFIDENCE, part="forecast"),
    _setting("Amount spread", Kind.PERCENT, 0.2, "%", "Spread of what won deals bring around their Amount, where Deals has no Won amount to learn it from.", bounds=SPREAD, part="forecast"),
    _setting("Unseen spread", Kind.PERCENT, 0.25, "%", "Spread of a quarter's unseen revenue around its plan.", bounds=SPREAD, part="forecast"),
    _setting("Cohort column", Kind.TEXT, None, "", "Column of Deals that names the cohort, for what past deals suggest. Blank: the column Cohort, if there is one.", part="forecast"),
    _setting("Keep deal history", Kind.BOOLEAN, True, "", "TRUE: at every run, what deals say is kept in a file beside the plan (NAME.history.parquet), so that columns which change while a deal is open can be learned from.", part="forecast"),
    _setting("Simulation runs", Kind.INTEGER, 10000, "runs", "How often the forecast is simulated.", bounds=RUNS, part="forecast"),
    _setting("Plan start", Kind.DATE, None, "date", "First day of the plan, the first of a month. Blank: that of Period, if it names a year or quarter.", part="planning"),
    _setting("Plan months", Kind.INTEGER, None, "months", "How many months the plan covers. Blank: those of Period, else 12.", minimum=1, maximum=MOST_MONTHS, part="planning"),
    _setting("Phasing periods", Kind.CHOICE, QUARTERS, "", "Quotas by quarter, or by month as well.", choices=(QUARTERS, MONTHLY), part="planning"),
    _setting("Bookings interval", Kind.PERCENT, 0.8, "%", "Chance that bookings, or a territory's achievement, lie between low and high.", bounds=CONFIDENCE, part="planning"),
    _setting("Unusual bookings", Kind.CHOICE, KEEP, "", "keep: unusual bookings are flagged and count as they are. replace: they count as what trend and season predict.", choices=(KEEP, REPLACE), part="planning"),
    _setting("Capacity gap", Kind.CHOICE, SHOW, "", "What leave and ramp take from the target: show it, or spread it again over all seats.", choices=(SHOW, SPREAD_AGAIN), part="planning"),
    _setting("Fairness cap", Kind.FACTOR, 2.0, "×", "Cap on a territory's quota, as a multiple of the average.", bounds=FAIRNESS, part="planning"),
    _setting("Territory total", Kind.MONEY, None, "currency", "What is laid over the territories. Blank: the base quotas of their ICs; without column Territory the target.", bounds=TOTAL, part="planning"),
    _setting("History columns", Kind.COLUMNS, None, "", "Columns of Hierarchy with what ICs reached, the oldest first: a list, * stands for any text. Blank: *_Attainment.", part="planning"),
    _setting("History periods", Kind.NUMBER, None, "periods", "How many of these columns are as long as the plan. Blank: read from their headers.", bounds=HISTORY_PERIODS, part="planning"),
    _setting("Expected growth", Kind.PERCENT, None, "%", "Growth to expect over that history. Blank: what Bookings show, else none.", bounds=GROWTH, part="planning"),
    _setting("Growth error", Kind.PERCENT, 0.08, "%", "How far growth may be off for everybody at once, as a standard deviation, where Bookings do not say.", bounds=PART, part="planning"),
    _setting("Backed from", Kind.PERCENT, 0.8, "%", "Chance from which a target or quota is called backed.", bounds=PART, part="planning"),
    _setting("Ambitious from", Kind.PERCENT, 0.5, "%", "Chance from which it is called ambitious.", bounds=PART, part="planning"),
    _setting("Stretch from", Kind.PERCENT, 0.2, "%", "Chance from which it is called a stretch; below it is not backed.", bounds=PART, part="planning"),
    _setting("OTE ratio low", Kind.FACTOR, 4.0, "×", "Quota per 1 of on-target earnings below which a seat costs too much.", bounds=OTE_RATIO, part="planning"),
    _setting("OTE ratio high", Kind.FACTOR, 6.0, "×", "Quota per 1 of on-target earnings above which it is too much to ask.", bounds=OTE_RATIO, part="planning"),
    _setting("Sensitivity step", Kind.PERCENT, 0.1, "%", "How far the target is flexed in the sensitivity analysis.", bounds=STEP, part="planning"),
    _setting("Random seed", Kind.INTEGER, 1, "", "Same seed, same intervals and simulations.", bounds=SEED, part="commits forecast planning"),
    _setting("Exchange rates", Kind.CHOICE, PLAN, "", "plan: one rate of exchange for the whole plan, so that nobody wins or loses quota by it. dated: the rate of the day on which a deal closed, or of the middle of a period.", choices=CHOICES, profile=Profile.CURRENCIES),
    _setting("Local unit", Kind.MONEY, None, "local currency", "Local quotas are whole multiples of it; blank: the smallest coin of each currency.", above=0, profile=Profile.CURRENCIES),
    _setting(fiscal.STARTS, Kind.CHOICE, None, "month", "Month in which the fiscal year begins; blank: January. FY26-Q2 and 2026-Q2 are then quarters of that year, everywhere.", choices=MONTH_NAMES),
    _setting(fiscal.NAMED_BY, Kind.CHOICE, fiscal.ENDING, "", "FY26 is the year that ends in 2026, or the one starting in it.", choices=(fiscal.ENDING, fiscal.STARTING)),
    _setting(fiscal.PERIODS, Kind.CHOICE, fiscal.BY_MONTHS, "", "months, or a pattern of weeks: fiscal years of 52 or 53 weeks, parted in quarters of 13.", choices=(fiscal.BY_MONTHS, *fiscal.PATTERNS), profile=Profile.PLANNING),
    _setting(fiscal.YEAR_ENDS, Kind.CHOICE, None, "", "Where periods are of weeks: the day on which the fiscal year ends, the last one in the month before Fiscal year starts, or the one nearest to the end of that month.", choices=fiscal.ENDS, profile=Profile.PLANNING),
    _setting(fiscal.EXTRA, Kind.INTEGER, 12, "period", "The period that is a week longer in a fiscal year of 53 weeks.", minimum=1, maximum=12, profile=Profile.PLANNING),
    _setting(fiscal.BARE, Kind.CHOICE, fiscal.FISCAL, "", "What 2026-Q4 means where the fiscal year does not start in January: its fourth quarter; or refuse it, so that FY is always written.", choices=(fiscal.FISCAL, fiscal.REFUSE), profile=Profile.PLANNING),
    _setting("Forecast year", Kind.CHOICE, NEXT_FOUR, "", "The year of Budget: the next four quarters, or this fiscal year: what was won in it, and what is expected until its end.", choices=(NEXT_FOUR, THIS_YEAR), part="forecast"),
    _setting("Presence counts", Kind.CHOICE, DAYS, "", "How somebody who comes or goes inside a month counts: by days, or the whole month if there on its first day.", choices=(DAYS, WHOLE_MONTHS), profile=Profile.PEOPLE),
    _setting("Months follow", Kind.CHOICE, SEATS, "", "seats: each rep's months are level up to the season, and months of the plan differ where seats come and go. shares: months of the plan keep the season, and quotas of the year follow.", choices=(SEATS, SHARES), profile=Profile.PEOPLE),
    _setting("Relieved quota", Kind.CHOICE, str(Bearer.MANAGER), "", "Who carries what somebody who is away does not: it stays with the manager, the team shares it in that month, everybody over the year, or nobody: a gap of the plan.", choices=tuple(map(str, Bearer)), profile=Profile.PEOPLE),
    _setting("Overlay managers", Kind.CHOICE, UNION, "", "What a manager of overlays carries: what they cover, each rep once (union), or the sum of their quotas.", choices=(UNION, SUM), profile=Profile.PEOPLE),
)  # fmt: skip


def shown_default(setting: Setting) -> str:
    """The default as people read it: "needed" where there is none, a dash where a blank means something of its own."""
    if setting.default is None:
        return "needed" if setting.column.required else "–"
    return str(setting.default).upper() if isinstance(setting.default, bool) else str(setting.default) or "–"
