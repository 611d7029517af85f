"""A Parquet file as a grid."""

from __future__ import annotations

from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.imports.grid import Grid


def parquet_grid(path: Path) -> Grid:
    """Read a Parquet file.

    Raises:
        PlanError: It is none.
    """
    import pyarrow as pa  # noqa: PLC0415  (slow to start)
    from pyarrow import parquet  # noqa: PLC0415

    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise PlanError([Problem(path.name, "", f"the file cannot be read as Parquet ({reason})")]) from error
    columns = [column.to_pylist() for column in table.columns]
    return Grid(path.name, "", [list(table.column_names), *map(list, zip(*columns, strict=True))], header=0)
