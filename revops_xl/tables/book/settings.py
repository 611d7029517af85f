"""Sheet Settings: what holds for the whole plan, one row each."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from revops_xl.errors import Problem
from revops_xl.model.attainability import AttainabilityRules
from revops_xl.model.bookings import BaselineRules
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.commits import CommitRules
from revops_xl.model.forecast import ForecastRules
from revops_xl.model.money import MAX_UNITS, Unit
from revops_xl.model.planning import PlanningRules
from revops_xl.model.presence import Bearer, PresenceRules
from revops_xl.model.settings import PlanSettings
from revops_xl.model.verdicts import ChanceLimits
from revops_xl.tables.book import fiscal
from revops_xl.tables.book.setting_list import (
    GATE_FALLBACKS,
    MONTHLY,
    NEW_HIRE_RULES,
    REDISTRIBUTE,
    SETTINGS,
    SHARES,
    SPREAD_AGAIN,
    THIS_YEAR,
    WHOLE_MONTHS,
    Setting,
)
from revops_xl.tables.overlays.overlays import UNION
from revops_xl.tables.planning.bookings import REPLACE
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.column_lists import split_list
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Sheet, Table
from revops_xl.tables.schema.number_text import NumberLocale, is_currency, is_locale
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: Settings of the verdicts on chances, the highest first.
CHANCE_LIMITS = ("Backed from", "Ambitious from", "Stretch from")
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


def calendar(raw: RawTable | None, locale: NumberLocale, problems: list[Problem]) -> Calendar:
    """The firm's calendar: tables that name periods are read with it."""
    if raw is None or not {"Setting", "Value"} <= set(raw.headers):
        return CALENDAR_YEAR
    rows = _by_name(raw, [])
    values = {}
    for setting in SETTINGS:
        if setting.name in fiscal.NAMES:
            values[setting.name] = _value(raw, rows.get(setting.name), setting, locale, problems, [])
    cell = raw.cell(rows[fiscal.PERIODS], "Value") if fiscal.PERIODS in rows else raw.header_cell()
    return fiscal.calendar(values, (raw.sheet, cell), problems)


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


def parse(
    raw: RawTable | None, locale: NumberLocale, problems: list[Problem], notes: list[Problem] | None = None
) -> PlanSettings | None:
    """Type the settings; None when a needed one is missing or wrong."""
    if raw is None:
        problems.append(Problem("Settings", "", "the workbook has no table Settings", "Start from `revops-xl new`."))
        return None
    before = len(problems)
    if not TypedTable(raw, TABLE, locale, problems).check_headers():
        return None
    rows = _by_name(raw, problems)
    told = notes if notes is not None else []
    values = {
        setting.name: _value(raw, rows.get(setting.name), setting, locale, problems, told) for setting in SETTINGS
    }
    if len(problems) > before:
        return None
    unit = Unit.of(values["Rounding unit"])
    for name in ("Target", "Territory total"):
        if values[name] is not None:
            _check_units(raw, rows, name, values[name], unit, problems)
    for low, high in (("OTE ratio low", "OTE ratio high"), *pairwise(reversed(CHANCE_LIMITS))):
        if values[low] > values[high]:
            row = rows.get(low, rows.get(high, 0))
            text = f"{low} {values[low]:g} is above {high} {values[high]:g}"
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
            machine_weight=None if values["Machine weight"] is None else float(values["Machine weight"]),
            shrinkage=None if values["Bias shrinkage"] is None else float(values["Bias shrinkage"]),
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
            keep_history=bool(values["Keep deal history"]),
            this_fiscal_year=values["Forecast year"] == THIS_YEAR,
        ),
        cohort_column=values["Cohort column"] or "",
        calendar=calendar(raw, locale, []),
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
                _or_nan(values["Expected growth"]),
                float(values["Growth error"]),
                float(values["OTE ratio low"]),
                float(values["OTE ratio high"]),
                ChanceLimits(*(float(values[name]) for name in CHANCE_LIMITS)),
            ),
            step=float(values["Sensitivity step"]),
            interval=float(values["Bookings interval"]),
            seed=int(values["Random seed"]),
        ),
        presence=PresenceRules(
            values["Presence counts"] == WHOLE_MONTHS,
            values["Months follow"] == SHARES,
            Bearer(values["Relieved quota"]),
        ),
        overlay_union=values["Overlay managers"] == UNION,
        live=bool(values["Live formulas"]),
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


def rows_at_default(raw: RawTable) -> set[int]:
    """Sheet rows of settings that say nothing but their default."""
    found = set()
    for name, row in _by_name(raw, []).items():
        setting = next(each for each in SETTINGS if each.name == name)
        value = raw.column("Value")[row]
        if is_blank(value) or value == setting.default:
            found.add(int(raw.rows[row]))
    return found


def cell_of(raw: RawTable | None, name: str) -> Any:
    """The value of a setting as it stands, whatever is wrong with the others; None if it is not there or blank."""
    rows = _by_name(raw, []) if raw is not None else {}
    value = raw.column("Value")[rows[name]] if raw is not None and name in rows else None
    return None if is_blank(value) else value


def _value(
    raw: RawTable,
    row: int | None,
    setting: Setting,
    locale: NumberLocale,
    problems: list[Problem],
    notes: list[Problem],
) -> Any:
    cell = raw.column("Value")[row] if row is not None else None
    if setting.name == fiscal.STARTS:
        cell = fiscal.month_named(cell)
    if row is None or is_blank(cell):
        if setting.column.required:
            where = raw.cell(row, "Value") if row is not None else raw.header_cell()
            problems.append(Problem(raw.sheet, where, f"{setting.name} is blank", setting.column.help))
        return setting.default
    column = replace(setting.column, name="Value")
    one = replace(
        raw,
        columns=tuple([cell if header == "Value" else raw.column(header)[row]] for header in raw.headers),
        rows=[raw.rows[row]],
    )
    table = TypedTable(one, replace(TABLE, columns=(column,)), locale, problems, notes)
    before, noted = len(problems), len(notes)
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
    notes[noted:] = [
        replace(note, message=re.sub(r"\bValue\b", setting.name, note.message, count=1)) for note in notes[noted:]
    ]
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
