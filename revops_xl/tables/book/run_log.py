"""Sheet Run log: who ran what, when, on which inputs."""

from __future__ import annotations

import datetime as dt

from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "RunLog",
    "One row per run, the newest last. Times are UTC.",
    (
        Column("When", Kind.TIME, "Date and time of the run, in UTC.", unit="UTC", width=18),
        Column("Version", Kind.TEXT, "Version of revops-xl.", width=10),
        Column("Who", Kind.TEXT, "User who ran it.", width=20),
        Column("What", Kind.TEXT, "Command.", width=16),
        Column("Inputs digest", Kind.TEXT, "Same inputs, same digest.", width=20),
        Column("Checks failed", Kind.INTEGER, "How many checks failed or alarmed.", width=14),
    ),
    result=True,
    keys=("When", "Inputs digest"),
)


def render(
    before: RawTable | None, when: dt.datetime, version: str, who: str, what: str, digest: str, failed: int
) -> ResultTable:
    """The log as it was, and one more row."""
    rows: list[dict[str, object]] = []
    if before is not None:
        columns = [before.column(name) if name in before.headers else [None] * len(before) for name in TABLE.headers]
        rows = [dict(zip(TABLE.headers, cells, strict=True)) for cells in zip(*columns, strict=True)]
    rows.append(
        {
            "When": when.replace(tzinfo=None, microsecond=0),
            "Version": version,
            "Who": who,
            "What": what,
            "Inputs digest": digest,
            "Checks failed": failed,
        }
    )
    return ResultTable.of_rows(TABLE, rows)


SHEET = ResultSheet("Run log", "Who ran what, when", (TABLE,), exported=False)
