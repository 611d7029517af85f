"""Columns of past results and of pipeline in lists of people, by their names and their numbers."""

from __future__ import annotations

import re

import numpy as np

from revops_xl.tables.evidence.header_names import plain
from revops_xl.tables.imports.draft import Known
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema import periods
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.proper_rows import amounts
from revops_xl.tables.schema.raw import RawTable

ATTAINMENT, PIPELINE_COLUMNS = "_Attainment", "Pipeline columns"
_RESULT = re.compile(
    r"attainment|booking|booked|revenue|sales|actual|closed ?won|umsatz|erl[öo]s|ventas|ingresos|chiffre", re.IGNORECASE
)
#: Names of columns that say when, without case, blanks and punctuation.
_WHEN = frozenset(
    {"period", "month", "quarter", "date", "year", "quartal", "monat", "jahr", "mois", "trimestre", "mes"}
)


def says_when(header: str) -> bool:
    """Whether a column says the period of its row.

    Example:
        >>> says_when("Quarter"), says_when("Q1 2026")
        (True, False)
    """
    return plain(header) in _WHEN


def is_numeric(raw: RawTable, header: str, known: Known) -> bool:
    """Whether a column holds numbers, as text or not."""
    cells = [None if is_blank(cell) else cell for cell in raw.column(header)]
    filled = [cell for cell in cells if cell is not None]
    if not filled or any(isinstance(cell, bool) for cell in filled):
        return False
    if all(isinstance(cell, int | float) for cell in filled):
        return True
    values = amounts(cells, known.locale)
    return values is not None and not bool(np.isnan(values).all())


def result_column(raw: RawTable, header: str, known: Known) -> str:
    """The column of Hierarchy that a column of past results or of pipeline fills; "" if it is none."""
    if says_when(header) or not is_numeric(raw, header, known):
        return ""
    if header in known.headers and header not in hierarchy.TABLE.headers and header not in known.levels:
        return header
    if header.endswith(ATTAINMENT):
        return header
    if "pipeline" in header.casefold():
        return header
    return f"{header}{ATTAINMENT}" if periods.key(header, known.calendar) is not None or _RESULT.search(header) else ""


def settings_for(numbers: list[str]) -> dict[str, str]:
    """The setting that names the pipeline columns among some."""
    pipelines = [name for name in numbers if "pipeline" in name.casefold()]
    return {PIPELINE_COLUMNS: ", ".join(pipelines)} if pipelines else {}
