"""Sheet Settings: what holds for the whole plan, one row each."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace
from typing import Any

from revops_xl.errors import Problem
from revops_xl.model.attainability import AttainabilityRules
from revops_xl.model.bookings import BaselineRules
from revops_xl.model.commits import CommitRules
from revops_xl.model.forecast import ForecastRules
from revops_xl.model.inputs import GateFallback, NewHires
from revops_xl.model.money import MAX_UNITS, Unit
from revops_xl.model.plan_period import MOST_MONTHS
from revops_xl.model.planning import PlanningRules
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.bookings import KEEP, REPLACE
from revops_xl.tables.column_lists import split_list
from revops_xl.tables.days import to_days
from revops_xl.tables.declare import LARGEST, NUMERIC, Column, Kind, Sheet, Table
from revops_xl.tables.number_text import NumberLocale, is_currency, is_locale
from revops_xl.tables.raw import RawTable
from revops_xl.tables.typed import TypedTable, is_blank

NEW_HIRE_RULES = {
    "flag": NewHires.FLAG,
    "all metrics zero": NewHires.ALL_METRICS_ZERO,
    "primary metric zero": NewHires.PRIMARY_METRIC_ZERO,
    "none": NewHires.NONE,
}
FLAG_ONLY, REDISTRIBUTE = "flag only", "redistribute"
QUARTERS, MONTHLY = "quarters", "months"
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
    """

    column: Column
    default: Any = None
    used: bool = True
    part: str = ""

    @property
    def name(self) -> str:
        """How the row is called."""
        return self.column.name

    @property
    def defined_name(self) -> str:
        """The name that formulas use for the value."""
        return "_".join(self.name.replace("%", "").split())

    @property
    def formula(self) -> str:
        """What the defined name stands for: the value, found by its label however rows are sorted, else the default."""
        value = f'INDEX(Settings[Value],MATCH("{self.name}",Settings[Setting],0))'
        if self.default in {None, ""}:
            return f"={value}"
        default = f'"{self.default}"' if isinstance(self.default, str) else str(self.default).upper()
        return f'=IF(IFERROR({value}="",TRUE),{default},{value})'


def _setting(
    name: str, kind: Kind, default: Any, unit: str, help_text: str, *, used: bool = True, part: str = "", **limits: Any
) -> Setting:
    return Setting(Column(name, kind, help_text, unit=unit, **limits), default, used, part)


SETTINGS: tuple[Setting, ...] = (
    _setting("Plan", Kind.TEXT, "Revenue plan", "", "Name of the plan, shown on the dashboard."),
    _setting("Period", Kind.TEXT, "", "", "What the target covers, for example FY 2027."),
    _setting("Currency", Kind.TEXT, "USD", "ISO code", "Currency of every amount in the plan."),
    _setting("Locale", Kind.TEXT, "en-US", "language-COUNTRY", "How numbers that were typed as text are written: de-DE reads 1.234,56."),
    _setting("Target", Kind.MONEY, None, "currency", "The quota of the top node, to be handed down.", required=True, above=0),
    _setting("Rounding unit", Kind.NUMBER, 0.01, "currency", "Every quota is a whole multiple of it: 0.01 is a cent, 1000 a round thousand.", minimum=1e-9, maximum=1e12),
    _setting("Default hedge", Kind.FACTOR, 1.0, "×", "Hedge of managers that have none of their own or of their level: 1.05 hands down 5 % more.", above=0),
    _setting("New hires", Kind.CHOICE, "all metrics zero", "", "How new hires are found: the column New hire (flag), a rule, or none. A new hire gets an equal share of the team.", choices=tuple(NEW_HIRE_RULES)),
    _setting("Gate fallback", Kind.CHOICE, "redistribute", "", "When everything below a quota fails the gate: relax the gate and say so, leave the amount at the parent, or refuse.", choices=tuple(GATE_FALLBACKS)),
    _setting("Pipeline columns", Kind.COLUMNS, None, "", "Columns of Hierarchy that add up to the pipeline of an IC: a list, * stands for any text. Blank: no pipeline health."),
    _setting("Adjustment mode", Kind.CHOICE, FLAG_ONLY, "", "flag only: show which quotas the pipeline does not support. redistribute: also propose what to move inside each team; Quotas change when that is accepted.", choices=(FLAG_ONLY, REDISTRIBUTE), part="pipeline"),
    _setting("Max adjustment %", Kind.PERCENT, 0.2, "%", "Most that a quota may move by redistribution, as a part of it.", minimum=0, maximum=1, part="pipeline"),
    _setting("Neutral band", Kind.PERCENT, 0.1, "%", "A bias quotient within 1 plus or minus this is neutral.", minimum=0, maximum=1, part="commits"),
    _setting("Machine weight", Kind.PERCENT, 0.5, "%", "Weight of the machine forecast in a blended forecast.", minimum=0, maximum=1, part="commits"),
    _setting("Bias shrinkage", Kind.NUMBER, 0, "periods", "Periods of unbiased commits to add to each history, so that short ones count less; 0: the plain quotient.", minimum=0, maximum=1000, part="commits"),
    _setting("Bias interval", Kind.PERCENT, 0.8, "%", "Confidence of the interval around a bias quotient; 0 %: no interval.", minimum=0, maximum=0.999, part="commits"),
    _setting("OpEx limit", Kind.PERCENT, 0.6, "%", "Part of the year's forecast that may be spent.", minimum=0, maximum=1, part="forecast"),
    _setting("Budget confidence", Kind.PERCENT, 0.8, "%", "Chance with which the year exceeds what the cautious budget counts on.", minimum=0.5, maximum=0.99, part="forecast"),
    _setting("As of", Kind.DATE, None, "date", "The day the deals are looked at. Blank: the last day on which a deal was created or closed.", part="forecast"),
    _setting("Forecast quarters", Kind.INTEGER, 4, "quarters", "How many quarters to forecast, the running one included.", minimum=1, maximum=40, part="forecast"),
    _setting("Forecast interval", Kind.PERCENT, 0.8, "%", "Chance that the total of a quarter lies between low and high.", minimum=0.1, maximum=0.99, part="forecast"),
    _setting("Amount spread", Kind.PERCENT, 0.2, "%", "Spread of what won deals bring around their Amount, where Deals has no Won amount to learn it from.", minimum=0, maximum=2, part="forecast"),
    _setting("Unseen spread", Kind.PERCENT, 0.25, "%", "Spread of a quarter's unseen revenue around its plan.", minimum=0, maximum=2, part="forecast"),
    _setting("Cohort column", Kind.TEXT, None, "", "Column of Deals that names the cohort, for what past deals suggest. Blank: the column Cohort, if there is one.", part="forecast"),
    _setting("Simulation runs", Kind.INTEGER, 10000, "runs", "How often the forecast is simulated.", minimum=100, maximum=100_000, part="forecast"),
    _setting("Plan start", Kind.DATE, None, "date", "First day of the plan, the first of a month. Blank: that of Period, if it names a year or quarter.", part="planning"),
    _setting("Plan months", Kind.INTEGER, None, "months", "How many months the plan covers. Blank: those of Period, else 12.", minimum=1, maximum=MOST_MONTHS, part="planning"),
    _setting("Phasing periods", Kind.CHOICE, QUARTERS, "", "Quotas by quarter, or by month as well.", choices=(QUARTERS, MONTHLY), part="planning"),
    _setting("Bookings interval", Kind.PERCENT, 0.8, "%", "Chance that bookings, or a territory's achievement, lie between low and high.", minimum=0.1, maximum=0.99, part="planning"),
    _setting("Unusual bookings", Kind.CHOICE, KEEP, "", "keep: unusual bookings are flagged and count as they are. replace: they count as what trend and season let expect.", choices=(KEEP, REPLACE), part="planning"),
    _setting("Capacity gap", Kind.CHOICE, SHOW, "", "What leave and ramp take from the target: show it, or spread it again over all seats.", choices=(SHOW, SPREAD_AGAIN), part="planning"),
    _setting("Fairness cap", Kind.FACTOR, 2.0, "×", "No territory's quota is above so many times the average.", minimum=1, maximum=1e6, part="planning"),
    _setting("Territory total", Kind.MONEY, None, "currency", "What is laid over the territories. Blank: the base quotas of their ICs; without column Territory the target.", above=0, maximum=LARGEST, part="planning"),
    _setting("History columns", Kind.COLUMNS, None, "", "Columns of Hierarchy with what ICs reached, the oldest first: a list, * stands for any text. Blank: *_Attainment.", part="planning"),
    _setting("History periods", Kind.NUMBER, None, "periods", "How many of these columns are as long as the plan. Blank: read from their headers.", above=0, maximum=1000, part="planning"),
    _setting("Expected growth", Kind.PERCENT, None, "%", "Growth to expect over that history. Blank: what Bookings show, else none.", above=-1, maximum=3, part="planning"),
    _setting("OTE ratio low", Kind.FACTOR, 4.0, "×", "Quota per 1 of on-target earnings below which a seat costs too much.", minimum=0, maximum=1000, part="planning"),
    _setting("OTE ratio high", Kind.FACTOR, 6.0, "×", "Quota per 1 of on-target earnings above which it is too much to ask.", minimum=0, maximum=1000, part="planning"),
    _setting("Sensitivity step", Kind.PERCENT, 0.1, "%", "By which part the target is moved to see what it does.", minimum=0.001, maximum=0.9, part="planning"),
    _setting("Random seed", Kind.INTEGER, 1, "", "Same seed, same intervals and simulations.", minimum=0, maximum=1e9, part="commits forecast planning"),
    _setting("Live formulas", Kind.BOOLEAN, True, "", "Write quotas as formulas that follow the target, hedges and overrides.", used=False),
)  # fmt: skip

TABLE = Table(
    "Settings",
    "What holds for the whole plan. Each value is also a defined name, such as Target or Rounding_unit.",
    (
        Column("Setting", Kind.TEXT, "Name of the setting.", required=True, width=22),
        Column("Value", Kind.ANY, "Its value; blank means the default.", width=24),
        Column("Unit", Kind.TEXT, "Unit of the value.", optional=True, width=18),
        Column("Meaning", Kind.TEXT, "What it does.", optional=True, width=90),
    ),
)
SHEET = Sheet("Settings", "What holds for the whole plan", (TABLE,))


def number_locale(raw: RawTable | None, problems: list[Problem]) -> NumberLocale:
    """Locale and currency of the workbook: everything else is read with them, so they come first."""
    found = _by_name(raw, []) if raw is not None else {}
    values = {}
    for name, known, example in (("Locale", is_locale, "en-US or de-DE"), ("Currency", is_currency, "USD or EUR")):
        default = next(setting.default for setting in SETTINGS if setting.name == name)
        values[name] = default
        if raw is None or name not in found or is_blank(raw.column("Value")[found[name]]):
            continue
        value = raw.column("Value")[found[name]]
        if isinstance(value, str) and known(value.strip()):
            values[name] = value.strip()
        else:
            problems.append(
                Problem(
                    raw.sheet, raw.cell(found[name], "Value"), f'{name} "{value}" is not known', f"Write {example}."
                )
            )
    return NumberLocale(values["Locale"], values["Currency"])


def _by_name(raw: RawTable, problems: list[Problem]) -> dict[str, int]:
    """Row of each known setting; unknown and doubled ones are problems."""
    names = {setting.name.lower(): setting.name for setting in SETTINGS}
    rows: dict[str, int] = {}
    if "Setting" not in raw.headers or "Value" not in raw.headers:
        return rows
    for row, text in enumerate(raw.column("Setting")):
        if is_blank(text):
            problems.append(Problem(raw.sheet, raw.cell(row, "Setting"), "the name of the setting is blank"))
            continue
        name = names.get(str(text).lower())  # blanks around it would hide the setting from formulas
        if name is None:
            close = difflib.get_close_matches(str(text), names.values(), n=1)
            problems.append(
                Problem(
                    raw.sheet,
                    raw.cell(row, "Setting"),
                    f'"{text}" is not a setting',
                    f'Did you mean "{close[0]}"?' if close else "Delete the row.",
                )
            )
        elif name in rows:
            first = raw.row_text(rows[name])
            problems.append(
                Problem(
                    raw.sheet, raw.cell(row, "Setting"), f'"{name}" is set twice, first in row {first}', "Keep one."
                )
            )
        else:
            rows[name] = row
    return rows


def parse(raw: RawTable | None, locale: NumberLocale, problems: list[Problem]) -> PlanSettings | None:
    """Type the settings; None when a needed one is missing or wrong."""
    if raw is None:
        problems.append(Problem("Settings", "", "the workbook has no table Settings", "Start from `revops-xl new`."))
        return None
    before = len(problems)
    if not TypedTable(raw, TABLE, locale, problems).check_headers():
        return None
    rows = _by_name(raw, problems)
    values = {setting.name: _value(raw, rows.get(setting.name), setting, locale, problems) for setting in SETTINGS}
    if len(problems) > before:
        return None
    unit = Unit.of(values["Rounding unit"])
    for name in ("Target", "Territory total"):
        if values[name] is not None:
            _check_units(raw, rows, name, values[name], unit, problems)
    if values["OTE ratio low"] > values["OTE ratio high"]:
        row = rows.get("OTE ratio low", rows.get("OTE ratio high", 0))
        text = f"OTE ratio low {values['OTE ratio low']:g} is above OTE ratio high {values['OTE ratio high']:g}"
        problems.append(Problem(raw.sheet, raw.cell(row, "Value"), text, "Correct one of them."))
    if len(problems) > before:
        return None
    return PlanSettings(
        plan=values["Plan"],
        period=values["Period"],
        currency=locale.currency,
        locale=locale.name,
        target=values["Target"],
        target_is_text=isinstance(raw.column("Value")[rows["Target"]], str),
        unit=unit,
        default_hedge=values["Default hedge"],
        new_hires=NEW_HIRE_RULES[values["New hires"]],
        gate_fallback=GATE_FALLBACKS[values["Gate fallback"]],
        redistribute=values["Adjustment mode"] == REDISTRIBUTE,
        max_change=float(values["Max adjustment %"]),
        commit_rules=CommitRules(
            neutral_band=float(values["Neutral band"]),
            machine_weight=float(values["Machine weight"]),
            shrinkage=float(values["Bias shrinkage"]),
            interval=float(values["Bias interval"]),
            seed=int(values["Random seed"]),
        ),
        forecast_rules=ForecastRules(
            as_of=None if values["As of"] is None else to_days(values["As of"]),
            quarters=int(values["Forecast quarters"]),
            runs=int(values["Simulation runs"]),
            seed=int(values["Random seed"]),
            interval=float(values["Forecast interval"]),
            opex_limit=float(values["OpEx limit"]),
            confidence=float(values["Budget confidence"]),
            amount_spread=float(values["Amount spread"]),
            unseen_spread=float(values["Unseen spread"]),
        ),
        cohort_column=values["Cohort column"] or "",
        plan_start=to_days(values["Plan start"]),
        plan_months=None if values["Plan months"] is None else int(values["Plan months"]),
        history_periods=float("nan") if values["History periods"] is None else float(values["History periods"]),
        planning_rules=PlanningRules(
            baseline=BaselineRules(float(values["Bookings interval"]), values["Unusual bookings"] == REPLACE),
            monthly=values["Phasing periods"] == MONTHLY,
            spread_again=values["Capacity gap"] == SPREAD_AGAIN,
            fairness=float(values["Fairness cap"]),
            territory_total=_or_nan(values["Territory total"]),
            attainability=AttainabilityRules(
                _or_nan(values["Expected growth"]), float(values["OTE ratio low"]), float(values["OTE ratio high"])
            ),
            step=float(values["Sensitivity step"]),
            interval=float(values["Bookings interval"]),
            seed=int(values["Random seed"]),
        ),
    )


def _or_nan(value: float | None) -> float:
    """A blank as NaN."""
    return float("nan") if value is None else float(value)


def listed_columns(raw: RawTable | None, name: str) -> tuple[str, ...]:
    """What a setting that lists columns says, whatever is wrong with the others: so that all problems show at once."""
    rows = _by_name(raw, []) if raw is not None else {}
    if raw is None or name not in rows:
        return ()
    cell = raw.column("Value")[rows[name]]
    if isinstance(cell, float) and cell.is_integer():  # a header such as 2026
        cell = int(cell)
    return split_list(str(cell)) or () if isinstance(cell, str | int) and not isinstance(cell, bool) else ()


def _value(raw: RawTable, row: int | None, setting: Setting, locale: NumberLocale, problems: list[Problem]) -> Any:
    cell = raw.column("Value")[row] if row is not None else None
    if row is None or is_blank(cell):
        if setting.column.required:
            where = raw.cell(row, "Value") if row is not None else raw.header_cell()
            problems.append(Problem(raw.sheet, where, f"{setting.name} is blank", setting.column.help))
        return setting.default
    column = replace(setting.column, name="Value")
    one = replace(raw, columns=tuple([raw.column(header)[row]] for header in raw.headers), rows=[raw.rows[row]])
    table = TypedTable(one, replace(TABLE, columns=(column,)), locale, problems)
    before = len(problems)
    value: Any
    match setting.column.kind:
        case kind if kind in NUMERIC:
            value = float(table.numbers("Value", column)[0])
        case Kind.CHOICE:
            value = table.choices("Value")[0]
        case Kind.BOOLEAN:
            value = table.flags("Value")[0]
        case Kind.DATE:
            value = table.dates("Value")[0]
        case _:
            value = table.texts("Value")[0]
    # The message names the column; people look for the setting.
    problems[before:] = [
        replace(problem, message=problem.message.replace("Value is ", f"{setting.name} is ", 1))
        for problem in problems[before:]
    ]
    for i in range(before, len(problems)):
        if setting.name not in problems[i].message:
            problems[i] = replace(problems[i], message=f"{setting.name}: {problems[i].message}")
    return value if len(problems) == before else setting.default


def _check_units(
    raw: RawTable, rows: dict[str, int], name: str, amount: float, unit: Unit, problems: list[Problem]
) -> None:
    """An amount that quotas have to add up to is a whole multiple of the unit, and has digits for it."""
    cell = raw.cell(rows[name], "Value")
    if math.isfinite(amount) and float(unit.in_units(amount)) > MAX_UNITS:
        text = f"{name} {amount:,.15g} has more than 15 digits in units of {unit.size}"
        problems.append(Problem(raw.sheet, cell, text, "Raise the Rounding unit."))
    elif unit.exactly(amount) is None:
        text = f"{name} {amount:,.15g} is not a whole multiple of the Rounding unit {unit.size:f}, so quotas could not add up to it"
        problems.append(Problem(raw.sheet, cell, text, "Change one of the two."))


def template_rows(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of the template: every setting with the given value, else its default."""
    note = " Not used by this version."
    return [
        (
            setting.name,
            values.get(setting.name, setting.default),
            setting.column.unit,
            setting.column.help + ("" if setting.used else note),
        )
        for setting in SETTINGS
    ]
