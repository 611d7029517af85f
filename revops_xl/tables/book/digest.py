"""A fingerprint of the inputs: same inputs, same digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import Cells, RawBook


def digest(book: RawBook, tables: Iterable[Table]) -> str:
    """A fingerprint of every cell of these tables."""
    state = hashlib.sha256()
    for table in sorted(tables, key=lambda table: table.name):
        raw = book.tables.get(table.name)
        if raw is not None:
            state.update(repr((raw.name, raw.headers, len(raw))).encode())
            for header in raw.headers:
                state.update(_column_bytes(raw.column(header)))
    return state.hexdigest()[:16]


def _column_bytes(column: Cells) -> bytes:
    if isinstance(column, np.ndarray):
        return column.tobytes()
    if set(map(type, column)) <= {float}:
        return np.array(column).tobytes()
    return "\x1f".join(map(repr, column)).encode()
