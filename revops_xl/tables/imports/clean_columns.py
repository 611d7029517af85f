"""Long columns of plain numbers and ISO dates read at once; what could be read in two ways is left as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from revops_xl.tables.schema.declare import NUMERIC, Kind, Table
from revops_xl.tables.schema.raw import RawTable

#: Rows from which it is worth it.
LONG = 2_000
#: A number without groups, of digits that a spreadsheet keeps; and one whose point can only be decimal.
_NUMBER, _DECIMAL, _TWO_READINGS = r"^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$", r"\.(?:\d{1,2}|\d{4,12})$|^-?0\.", r"^-?[1-9]\d{0,2}\.\d{3}$"  # fmt: skip
_DAY = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"


def cleaned(raw: RawTable, table: Table) -> RawTable:
    """The table with such columns as numbers and dates; columns that are declared as texts stay."""
    if len(raw) < LONG:
        return raw
    kinds = {column.name: column.kind for column in table.columns}
    columns: list[Any] = []
    for header, cells in zip(raw.headers, raw.columns, strict=True):
        kind = kinds.get(header)
        takes = kind in NUMERIC or kind is Kind.DATE or (kind is None and bool(table.free_columns))
        columns.append(_clean(cells, kind) if takes and isinstance(cells, Sequence) else cells)
    return replace(raw, columns=tuple(columns))


def _clean(cells: Sequence[Any], kind: Kind | None) -> Any:
    import pyarrow as pa  # noqa: PLC0415  (slow to start)
    import pyarrow.compute as pc  # noqa: PLC0415

    if any(not isinstance(cell, str) for cell in cells[:LONG] if cell is not None):
        return cells
    try:
        texts = pa.array(cells, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return cells
    texts = pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), None, pc.utf8_trim_whitespace(texts))
    filled = texts.drop_null()

    def all_match(pattern: str) -> bool:
        return len(filled) > 0 and bool(pc.all(pc.match_substring_regex(filled, pattern)).as_py())

    def any_match(pattern: str) -> bool:
        return bool(pc.any(pc.match_substring_regex(filled, pattern)).as_py())

    if kind is not Kind.DATE and all_match(_NUMBER) and (any_match(_DECIMAL) or not any_match(_TWO_READINGS)):
        values = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
        return values if kind in NUMERIC else [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  (NaN is blank)
    if (kind is None or kind is Kind.DATE) and all_match(_DAY):
        try:
            return pc.cast(texts, pa.date32()).to_pylist()
        except pa.ArrowInvalid:
            return cells  # 31 February: told as any other slip
    return cells
