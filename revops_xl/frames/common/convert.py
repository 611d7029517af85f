"""DataFrames to tables whose cells are known, and result tables to DataFrames."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.tables.schema.declare import NUMERIC
from revops_xl.tables.schema.raw import CellColumn, RawTable
from revops_xl.tables.schema.result import ResultTable

if TYPE_CHECKING:
    import pandas as pd

#: A table as callers have it: a DataFrame, or, from a worksheet, rows that know their cells.
Given: TypeAlias = "pd.DataFrame | RawTable"


def to_frame(table: ResultTable) -> pd.DataFrame:
    """A result table as a DataFrame with snake_case columns; formulas become their values."""
    import pandas as pd  # noqa: PLC0415

    columns: dict[str, Any] = {}
    texts: dict[int, Any] = {}  # columns that share their names, such as node and parent, share the conversion
    for column in table.table.columns:
        values = table.column(column.name)
        if isinstance(values, Coded):
            names = texts.get(id(values.names))
            if names is None:
                names = texts[id(values.names)] = pd.array(values.names, dtype="str")
            columns[column.snake] = names.take(values.codes, allow_fill=True)
        elif not isinstance(values, np.ndarray) and column.kind in NUMERIC:
            columns[column.snake] = np.array(
                [np.nan if value is None or isinstance(value, str) else value for value in values]
            )
        else:
            columns[column.snake] = values
    return pd.DataFrame(columns, copy=False)


def to_raw(frame: Given, name: str) -> RawTable:
    """A DataFrame as a table whose cells are called by row label and column; a table stays what it is."""
    if isinstance(frame, RawTable):
        return frame
    headers = tuple(str(header) for header in frame.columns)
    doubled = sorted({header for header in headers if headers.count(header) > 1})
    if doubled:
        raise PlanError([Problem(name, "", f'column "{header}" stands twice') for header in doubled])
    columns = tuple(_cells(frame.iloc[:, i]) for i in range(len(headers)))
    return RawTable(name, name, headers, columns, range(len(frame)))


def _cells(series: pd.Series[Any]) -> CellColumn:
    """A column's cells; every kind of missing value becomes None, or NaN among numbers."""
    if getattr(series.dtype, "storage", None) == "pyarrow":
        return _coded(series)
    if series.dtype.kind in "fiub":
        if isinstance(series.dtype, np.dtype):
            return series.to_numpy()
        if series.dtype.kind != "b":
            return series.to_numpy(dtype=np.float64, na_value=np.nan)
    values = [float(value) if isinstance(value, Decimal) else value for value in series.tolist()]
    if not series.hasnans:
        return values
    return [None if missing else value for value, missing in zip(values, series.isna(), strict=True)]


def _coded(series: pd.Series[Any]) -> Coded:
    """An Arrow column of texts as codes, without a Python object per cell."""
    import pyarrow as pa  # noqa: PLC0415  (comes with the pandas column)
    import pyarrow.compute as pc  # noqa: PLC0415

    texts = pa.array(series, from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if not pa.types.is_large_string(texts.type):
        texts = texts.cast(pa.large_string())
    ends_differ = len(texts) > 1 and texts[0].as_py() not in {"", texts[1].as_py()} and texts.null_count == 0
    if ends_differ and pc.all(pc.less(texts[:-1], texts[1:])).as_py():  # so they all differ, as sorted ids do
        blanks = pc.any(pc.utf8_is_space(texts)).as_py()
        return Coded(np.arange(len(texts), dtype=np.int32), texts.to_pylist(), increasing=True, no_blanks=not blanks)
    runs = pc.run_end_encode(texts)  # teams usually stand together: then each run is looked up once
    heads = runs.values  # noqa: PD011  (an Arrow array, not a Series)
    together = len(heads) < len(texts) // 4
    coded = (heads if together else texts).dictionary_encode()
    names = coded.dictionary.to_pylist()
    if "" in names:
        return Coded.of(texts.to_pylist())
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    if together:
        codes = np.repeat(codes, np.diff(runs.run_ends.to_numpy(), prepend=0))
    return Coded(codes, names)
