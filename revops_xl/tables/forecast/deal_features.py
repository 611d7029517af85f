"""Columns of Deals that users have added: as features, typed by what their cells hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.codes import Coded
from revops_xl.model.deals import DERIVED_NAMES, Feature, FeatureKind
from revops_xl.model.money import Floats
from revops_xl.tables.evidence.currencies import parted
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.schema.cell_values import TRUE_WORDS, is_blank
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.number_text import read_number
from revops_xl.tables.schema.raw import CellError, NotCalculated
from revops_xl.tables.schema.typed import TypedTable

#: Models calculate with fewer digits, and with no larger numbers.
LARGEST_NUMBER = 1e30


def read_features(typed: TypedTable, names: Sequence[str]) -> tuple[tuple[Feature, ...], list[Problem]]:
    """Type each column by its cells.

    All numbers: a number. All TRUE/FALSE, or yes and no: a flag. All dates: a date. Anything else is text, also numbers
    beside texts, which is noted. Error cells are problems.
    """
    notes: list[Problem] = []
    features = [_feature(typed, name, notes) for name in names]
    return tuple(replace(feature, name=feature_name(feature.name)) for feature in features), notes


def feature_name(header: str) -> str:
    """Name under which a column is read: its header, unless a derived feature is called so.

    Example:
        >>> feature_name("Segment"), feature_name("region")
        ('Segment', 'region (column)')
    """
    taken = {name.casefold() for name in DERIVED_NAMES}
    return f"{header} (column)" if header.strip().casefold() in taken else header


def _feature(typed: TypedTable, name: str, notes: list[Problem]) -> Feature:
    cells = typed.cells(name)
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiu":
        return Feature(name, FeatureKind.NUMBER, _finite(typed, name, cells.astype(np.float64)))
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "b":
        return Feature(name, FeatureKind.FLAG, cells.astype(np.float64))
    values = [None if is_blank(cell) else cell for cell in cells]
    kinds = {_kind(type(cell)) for cell in values if cell is not None}
    if "odd" in kinds:
        for row, cell in enumerate(values):
            if isinstance(cell, CellError | NotCalculated):
                values[row] = typed.text(row, name, cell)
        kinds.discard("odd")
    if kinds == {"text"}:
        return _texts(typed, name, values)
    if kinds <= {"number"}:
        numbers = np.array([np.nan if c is None else float(c) for c in values], dtype=np.float64)
        return Feature(name, FeatureKind.NUMBER, _finite(typed, name, numbers))
    if kinds == {"flag"}:
        return Feature(name, FeatureKind.FLAG, np.array([np.nan if c is None else float(c) for c in values]))
    if kinds == {"date"}:
        return Feature(name, FeatureKind.DATE, np.array([_days(c) for c in values]))
    message = f'column "{name}" holds {_listed(kinds)}: it is read as text'
    notes.append(Problem(typed.raw.sheet, typed.raw.header_cell(name), message, "Keep one kind of value in a column."))
    return _coded(name, [None if cell is None else str(cell) for cell in values])


def _finite(typed: TypedTable, name: str, values: Floats) -> Floats:
    """Numbers; what is beyond all bounds is a slip."""
    with np.errstate(invalid="ignore"):
        beyond = np.abs(values) > LARGEST_NUMBER
    for row in np.flatnonzero(beyond).tolist():
        typed.problem(row, name, f"{values[row]:g} is too large a number", "Correct it, or clear the cell.")
    return np.where(beyond, np.nan, values)


def _kind(cell: type) -> str:
    if cell in {bool, np.bool_}:
        return "flag"
    if issubclass(cell, int | float | np.integer | np.floating):
        return "number"
    if issubclass(cell, dt.date):
        return "date"
    return "odd" if cell in {CellError, NotCalculated} else "text"


def _listed(kinds: set[str]) -> str:
    words = {"text": "texts", "number": "numbers", "flag": "TRUE/FALSE", "date": "dates"}
    return " and ".join(sorted(words[kind] for kind in kinds))


def _texts(typed: TypedTable, name: str, values: Sequence[Any]) -> Feature:
    """Texts: yes and no are flags, numbers typed as text are numbers, the rest are texts."""
    distinct = {str(cell) for cell in values if cell is not None}
    if all(text.strip().casefold() in TRUE_WORDS for text in distinct):
        flags = [np.nan if cell is None else float(TRUE_WORDS[str(cell).strip().casefold()]) for cell in values]
        return Feature(name, FeatureKind.FLAG, np.array(flags))
    how = separators(sorted(distinct), typed.locale.decimal)
    decimal = how.decimal or typed.locale.decimal
    numbers = {text: read.value for text in distinct if (read := read_number(parted(text)[0], decimal)) is not None}
    if len(numbers) == len(distinct):
        if not how.decimal:
            typed.numbers(name, Column(name, Kind.NUMBER, ""))  # which refuses cells with two readings
        return Feature(
            name, FeatureKind.NUMBER, np.array([np.nan if cell is None else numbers[str(cell)] for cell in values])
        )
    return _coded(name, [None if cell is None or not str(cell).strip() else str(cell) for cell in values])


def _coded(name: str, texts: Sequence[str | None]) -> Feature:
    coded = Coded.of(texts)
    return Feature(name, FeatureKind.TEXT, np.where(coded.codes < 0, np.nan, coded.codes), tuple(coded.names))


def _days(cell: Any) -> float:
    return to_days(cell.date() if isinstance(cell, dt.datetime) else cell)
