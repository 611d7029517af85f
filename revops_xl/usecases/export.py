"""Results as files for other tools: CSV, Parquet, JSON, or a database."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import to_frame
from revops_xl.tables.book import checks
from revops_xl.tables.book.catalog import RESULT_SHEETS
from revops_xl.tables.schema.csv_text import csv_bytes, guarded
from revops_xl.tables.schema.declare import snake
from revops_xl.tables.schema.result import ResultTable

if TYPE_CHECKING:
    import pandas as pd

#: Tables that are written, in order.
EXPORTED = tuple(
    table.name
    for sheet in RESULT_SHEETS
    if sheet.exported and (sheet.part is not None or sheet is checks.SHEET)
    for table in sheet.tables
)
#: Prefix of the tables in a database, so that nobody else's table is replaced.
SQL_PREFIX = "revops_"


#: Nobody means a folder by these.
BOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})


def guess_format(target: str) -> str:
    """Format by the look of the target: URL, .json, .parquet, .csv, else a folder of CSV files.

    Raises:
        PlanError: The target is called like a workbook.
    """
    if "://" in target:
        return "sql"
    suffix = Path(target).suffix.lower()
    if suffix in BOOKS:
        message = f"results are not exported as {suffix}"
        raise PlanError(
            [Problem(target, "", message, "Name a folder, a .json, .csv or .parquet file, or a database URL.")]
        )
    return suffix[1:] if suffix in {".json", ".parquet", ".csv"} else "csv"


def file_name(table: str) -> str:
    """Name of a table outside the workbook: HedgeAudit is hedge_audit."""
    spaced = "".join(f" {char}" if char.isupper() else char for char in table)
    return snake(spaced)


def export(tables: Mapping[str, ResultTable], target: str, kind: str) -> list[str]:
    """Write the result tables.

    Args:
        tables: Result tables by name.
        target: Folder (csv, parquet), file (json, or one .csv or .parquet file for Quotas alone) or database URL.
        kind: csv, parquet, json or sql.

    Returns:
        What was written: files, or tables of the database.

    Raises:
        PlanError: The target cannot be written.
    """
    if ("://" in target) != (kind == "sql"):
        raise PlanError(
            [
                Problem(
                    "export",
                    "",
                    f'"{target}" is no target for the format {kind}',
                    "A URL goes with sql, a path with the others.",
                )
            ]
        )
    frames = {file_name(name): to_frame(tables[name]) for name in EXPORTED}
    try:
        match kind:
            case "sql":
                return _to_sql(frames, target)
            case "json":
                content = json.dumps(
                    {name: _records(frame) for name, frame in frames.items()}, ensure_ascii=False, indent=1
                )
                return [_replace_file(Path(target), content.encode())]
            case "parquet" if Path(target).suffix.lower() == ".parquet":
                return [_replace_file(Path(target), _parquet(frames["quotas"]))]
            case "parquet":
                return _to_folder(Path(target), {f"{name}.parquet": _parquet(frame) for name, frame in frames.items()})
            case "csv" if Path(target).suffix.lower() == ".csv":
                return [_replace_file(Path(target), _csv(frames["quotas"]))]
            case _:
                return _to_folder(Path(target), {f"{name}.csv": _csv(frame) for name, frame in frames.items()})
    except OSError as error:
        raise PlanError([Problem(target, "", f"could not be written: {error.strerror or error}")]) from error


def _csv(frame: pd.DataFrame) -> bytes:
    shown = frame.copy()
    for name in shown.columns:
        if shown[name].dtype.kind not in "biuf":
            shown[name] = [guarded(value) for value in shown[name]]
    return shown.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def save_rows(rows: Sequence[Sequence[Any]], path: Path) -> None:
    """Save rows of cells as a CSV file, guarded like every other.

    Raises:
        PlanError: The file cannot be written.
    """
    try:
        _replace_file(path, csv_bytes(rows))
    except OSError as error:
        raise PlanError([Problem(str(path), "", f"could not be written: {error.strerror or error}")]) from error


def _parquet(frame: pd.DataFrame) -> bytes:
    return bytes(_mixed_as_text(frame).to_parquet(index=False))


def _mixed_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of one type each; what is neither number nor flag is text."""
    typed = frame.copy()
    for name in typed.columns:
        if typed[name].dtype.kind not in "biuf":
            typed[name] = typed[name].astype("string")
    return typed


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; undefined is null."""
    columns = {name: [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _to_folder(folder: Path, contents: Mapping[str, bytes]) -> list[str]:
    """Write all files beside their places first, so that a full disk leaves the old set whole."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = []
    try:
        for name, content in contents.items():
            waiting.append((_temporary(folder, content), folder / name))
        for temporary, path in waiting:
            temporary.replace(path)
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
    return [str(path) for _, path in waiting]


def _replace_file(path: Path, content: bytes) -> str:
    temporary = _temporary(path.parent, content)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return str(path)


def _temporary(folder: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=".revops-", suffix=".tmp", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path = Path(name)
    path.chmod(0o666 & ~_mask())  # a temporary file is for its owner alone, results are for whom the folder is
    return path


def _mask() -> int:
    """Rights that the user's new files do not have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _to_sql(frames: Mapping[str, pd.DataFrame], url: str) -> list[str]:
    try:
        import sqlalchemy  # noqa: PLC0415  (an extra, and slow to start)
    except ImportError:
        raise PlanError(
            [Problem("export", "", "databases need SQLAlchemy", "Install it with pip install 'revops-xl[sql]'.")]
        ) from None
    try:
        engine = sqlalchemy.create_engine(url)
        try:
            with engine.begin() as connection:
                for name, frame in frames.items():
                    _mixed_as_text(frame).to_sql(f"{SQL_PREFIX}{name}", connection, if_exists="replace", index=False)
        finally:
            engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        reason = str(error).splitlines()[0]
        raise PlanError([Problem("export", "", f"the database did not take the results: {reason}")]) from error
    return [f"{SQL_PREFIX}{name}" for name in frames]
