"""Checksums of the inputs: what they were at the run, and formulas for what they are now."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from revops_xl.model.parts import Part
from revops_xl.model.plan import Watch, Watched
from revops_xl.tables.book.setting_list import SETTINGS
from revops_xl.tables.schema.raw import CellError, NotCalculated, RawBook, RawTable

#: Headers that need no escaping in a formula; a column with another is not watched.
_PLAIN_HEADER = re.compile(r"\w[\w .%/&+:()?-]*")
#: Row n of a table counts (n mod 97) + 1 times, so that values which change places are noticed.
_CYCLE = 97
#: Letters of a text that count, of tables with up to so many rows; of longer tables only its length does.
_LETTERS = ((5_000, tuple(range(1, 25))), (50_000, (1, 2, 3, 5, 8, 13)))
_MIDDLE_DAY = dt.datetime(2020, 1, 1)  # noqa: DTZ001  (a day of a spreadsheet)
#: Columns that change no number.
_REMARKS = frozenset({"Reason", "Email", "Unit", "Meaning", "For"})
_EVERYTHING = frozenset(Part)
_FORECAST = frozenset({Part.FORECAST, Part.PIPELINE, Part.COMMITS, Part.PLANNING})
#: What each table is called in a sentence, and which parts of a run read it; Hierarchy and Settings stand apart.
_INPUTS: Mapping[str, tuple[str, frozenset[Part]]] = {
    "Levels": ("hedges", _EVERYTHING),
    "NodeHedges": ("hedges", _EVERYTHING),
    "Metrics": ("metrics", _EVERYTHING),
    "Overrides": ("fixed amounts", _EVERYTHING),
    "AcceptedAdjustments": ("accepted moves", _EVERYTHING),
    "Absences": ("absences", _EVERYTHING),
    "Overlays": ("overlays", frozenset({Part.QUOTAS})),
    "Credits": ("overlay credits", frozenset({Part.QUOTAS})),
    "Thresholds": ("thresholds", frozenset({Part.PIPELINE})),
    "CommitHistory": ("commits", frozenset({Part.COMMITS})),
    "Commits": ("commits", frozenset({Part.COMMITS})),
    "Deals": ("deals", _FORECAST),
    "Telemetry": ("product usage", _FORECAST),
    "Cohorts": ("cohorts", frozenset({Part.FORECAST})),
    "Scenarios": ("scenarios", _FORECAST),
    "Bookings": ("bookings", _EVERYTHING),
    "PhaseShares": ("quarters set by hand", frozenset({Part.PLANNING})),
    "Territories": ("territories", _EVERYTHING),
    "Tiers": ("tiers", _EVERYTHING),
    "RampCurves": ("ramp curves", _EVERYTHING),
    "Rates": ("rates of exchange", _EVERYTHING),
}
#: What quotas follow at once where they are formulas.
_FOLLOWED = frozenset(
    {
        ("Settings", "Target"),
        ("Settings", "Default hedge"),
        ("Levels", "Hedge"),
        ("NodeHedges", "Node"),
        ("NodeHedges", "Hedge"),
        ("Overrides", "Node"),
        ("Overrides", "Amount"),
        ("Overrides", "Basis"),
    }
)
#: Settings that no number depends on.
_NAMES_ONLY = frozenset({"Plan"})


def watch(book: RawBook, columns: Collection[str], declared: Mapping[str, Collection[str]]) -> Watch:
    """Watch everything that numbers depend on.

    Args:
        book: The raw tables.
        columns: Columns of Hierarchy that count.
        declared: Declared columns of each other table; of Deals every column counts.
    """
    found: list[Watched] = []
    left_out: list[str] = []
    for name, (label, parts) in {"Hierarchy": ("people and history", _EVERYTHING), **_INPUTS}.items():
        raw = book.tables.get(name)
        if raw is None:
            continue
        if name == "Hierarchy":
            counted = [header for header in raw.headers if header in columns]
        elif name == "Deals":
            counted = list(raw.headers)
        else:
            counted = [header for header in raw.headers if header in declared[name] and header not in _REMARKS]
        if not len(raw):
            formula = f"SUMPRODUCT(--(LEN({name}[])>0))"
            found.append(Watched(label, name, "(any)", formula, 0.0, parts, followed=(name, counted[0]) in _FOLLOWED))
            continue
        for header in counted:
            sums = _column(raw, header) if _PLAIN_HEADER.fullmatch(header) else None
            if sums is None:
                left_out.append(header)
            else:
                found.append(Watched(label, name, header, *sums, parts, followed=(name, header) in _FOLLOWED))
    return Watch((*_settings(book.tables.get("Settings")), *found), tuple(left_out))


def _settings(raw: RawTable | None) -> list[Watched]:
    """Each setting by itself, wherever its row stands."""
    if raw is None or not {"Setting", "Value"} <= set(raw.headers):
        return []
    known = {setting.name.casefold(): setting for setting in SETTINGS}
    found = []
    for name, value in zip(raw.column("Setting"), raw.column("Value"), strict=True):
        setting = known.get(str(name).strip().casefold())
        if setting is None or setting.name in _NAMES_ONLY:
            continue
        parts = frozenset(map(Part, setting.part.split())) or _EVERYTHING
        cell = f'INDEX(Settings[Value],MATCH("{setting.name}",Settings[Setting],0))'
        sums = _cell(cell, value)
        if sums is not None:
            followed = ("Settings", setting.name) in _FOLLOWED
            found.append(Watched("settings", "Settings", setting.name, *sums, parts, followed=followed))
    return found


def _cell(cell: str, value: Any) -> tuple[str, float] | None:
    """Formula and value for one cell; another kind of value makes the formula fail, which is a change as well."""
    if isinstance(value, CellError | NotCalculated):
        return None
    if value is None or value == "":
        return f"LEN({cell})", 0.0
    if isinstance(value, bool):
        return f"({cell}*1+1)*(LEN({cell})>0)", 1.0 + value
    if isinstance(value, dt.date):
        return f"{cell}-DATE(2020,1,1)", _day(value)
    if isinstance(value, int | float):
        return f"{cell}*1+ISTEXT({cell})+(LEN({cell})=0)", float(value)
    letters = _LETTERS[0][1]
    if not _plain_text(str(value)):
        return None
    return f"SUMPRODUCT({_codes(cell, letters)})+LEN({cell})*ISTEXT({cell})", _code(str(value), letters) + len(
        str(value)
    )


def _column(raw: RawTable, header: str) -> tuple[str, float] | None:
    """Formula and value for a column: its numbers, its texts, its TRUE and FALSE, each by its row; None: not watched."""
    cells = list(raw.column(header))
    kinds = {bool if isinstance(cell, bool) else type(cell) for cell in cells if cell is not None and cell != ""}
    if any(issubclass(kind, CellError | NotCalculated) for kind in kinds):
        return None
    here, head = f"{raw.name}[{header}]", f"{raw.name}[[#Headers],[{header}]]"
    weight = f"(MOD(ROW({here})-ROW({head}),{_CYCLE})+1)"
    counts = [(int(row) - raw.header_row) % _CYCLE + 1 for row in raw.rows]
    terms = [f"SUMPRODUCT({weight}*(LEN({here})>0))"]
    value = float(sum(count for count, cell in zip(counts, cells, strict=True) if cell is not None and cell != ""))

    def add(formula: str, wanted: type | tuple[type, ...], of: Callable[[Any], float]) -> None:
        nonlocal value
        terms.append(formula)
        found = (count * of(cell) for count, cell in zip(counts, cells, strict=True) if isinstance(cell, wanted))
        value += math.fsum(found)

    dated = any(issubclass(kind, dt.date) for kind in kinds)
    if bool in kinds and kinds - {bool, str}:
        return None  # some programs take TRUE for a number
    if bool in kinds:
        add(f"SUMPRODUCT({weight}*({here}=TRUE))", bool, float)
    elif dated:
        if kinds & {int, float}:
            return None
        add(f"SUMPRODUCT({weight},{here})-DATE(2020,1,1)*SUMPRODUCT({weight}*ISNUMBER({here}))", dt.date, _day)
    else:
        add(f"SUMPRODUCT({weight},{here})", (int, float), float)
    if str in kinds:
        texts = [cell for cell in cells if isinstance(cell, str) and cell]
        letters = next((each for most, each in _LETTERS if len(raw) <= most), ())
        add(f"SUMPRODUCT({weight}*LEN({here})*ISTEXT({here}))", str, len)
        if not all(map(_plain_text, texts)):
            return None
        if letters:
            add(f"SUMPRODUCT({_codes(here, letters)}*{weight})", str, lambda text: _code(text, letters))
    return "+".join(terms), value


def _codes(cells: str, letters: Sequence[int]) -> str:
    """Numbers of the letters of texts, each times its place."""
    places = ",".join(map(str, letters))
    blanks = " " * letters[-1]
    return f'_xlfn.UNICODE(MID({cells}&"{blanks}",{{{places}}},1))*{{{places}}}*ISTEXT({cells})'


def _code(text: str, letters: Iterable[int]) -> float:
    if not text:
        return 0.0
    return float(sum(ord(text[place - 1]) * place if place <= len(text) else 32 * place for place in letters))


def _plain_text(text: str) -> bool:
    """Whether every program counts its letters alike."""
    return all(ord(letter) < 0xD800 or 0xE000 <= ord(letter) <= 0xFFFF for letter in text) and "\r" not in text


def _day(value: dt.date) -> float:
    moment = value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment.replace(tzinfo=None) - _MIDDLE_DAY).total_seconds() / 86_400
