"""Table Imports: what each column of the files that were imported becomes, so that next month's file needs no questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops_xl.tables.imports.columns import LEFT_OUT
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result_sheet import ResultSheet

#: Part of the columns that two files of one report have in common.
_ALIKE = 0.6
#: State of a row: what an import would do, and what imports do.
PROPOSED, IN_USE = "proposed", "in use"
TABLE = Table(
    "Imports",
    "Columns of the files that are imported, and what becomes of each. Correct the column Column before the next import; blank leaves it out.",
    (
        Column("Table", Kind.TEXT, "Table of the plan that the file fills, or history of people.", width=16),
        Column("File column", Kind.TEXT, "Name of the column in the file.", width=26),
        Column("Column", Kind.TEXT, "Column of the plan that it fills; blank: none.", width=24, entry=True),
        Column("What becomes of it", Kind.TEXT, "What the import does with it.", width=40, wrap=True),
        Column("Values", Kind.TEXT, "Some of its values.", width=40, wrap=True),
        Column("State", Kind.TEXT, "proposed: import again to do it. in use: the last import did it.", width=11),
        Column("File", Kind.TEXT, "The file.", width=24),
        Column("When", Kind.TIME, "When it was imported or proposed, in UTC.", width=17),
    ),
    result=True,
    keys=("Table", "File column"),
)
SHEET = ResultSheet(
    "Imports", "Files that were brought in, and what becomes of their columns", (TABLE,), exported=False
)


@dataclass(frozen=True)
class Kept:
    """What was said of the columns of a file that fills a table.

    Attributes:
        columns: Columns of ours by theirs; "" for those that are left out.
        file: The file it was said of.
    """

    columns: Mapping[str, str]
    file: str


def kept_of(raw: RawTable | None) -> dict[str, Kept]:
    """What the plan keeps, by table."""
    found: dict[str, Kept] = {}
    if raw is None or not {"Table", "File column", "Column"} <= set(raw.headers):
        return found
    texts = {
        name: [str(cell or "").strip() for cell in raw.column(name)] for name in ("Table", "File column", "Column")
    }
    files = [str(cell or "").strip() for cell in raw.column("File")] if "File" in raw.headers else [""] * len(raw)
    for table, theirs, ours, file in zip(*texts.values(), files, strict=True):
        if table and theirs:
            kept = found.setdefault(table, Kept({}, file))
            found[table] = Kept({**kept.columns, theirs: ours}, file or kept.file)
    return found


def fits(kept: Kept, headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Columns that a file of this month lacks of those that were read, and columns that are new."""
    gone = [header for header, column in kept.columns.items() if column and header not in headers]
    fresh = [header for header in headers if header not in kept.columns]
    return gone, fresh


def is_another(kept: Kept, headers: Sequence[str]) -> bool:
    """Whether a file has so little in common with the last one that nothing said of that holds for it."""
    return 2 * len({*headers} & kept.columns.keys()) < len(kept.columns)


def nearest(kept: Mapping[str, Kept], headers: Sequence[str]) -> str:
    """The table whose last file had most of these columns; "" if none had.

    Example:
        >>> nearest({"Deals": Kept({"Id": "Deal ID", "Sum": "Amount", "Who": "Rep"}, "a.csv")}, ("Id", "Total", "Who"))
        'Deals'
    """
    for table, said in kept.items():
        if len({*headers} & said.columns.keys()) >= _ALIKE * max(len(headers), len(said.columns)):
            return table
    return ""


def waiting(raw: RawTable | None) -> list[str]:
    """Paths of the files of which there is a proposal."""
    if raw is None or not {"State", "File"} <= set(raw.headers):
        return []
    pairs = zip(raw.column("State"), raw.column("File"), strict=True)
    return list(dict.fromkeys(str(file) for state, file in pairs if state == PROPOSED and file))


def rows_with(
    raw: RawTable | None, proposals: Sequence[Proposal], state: str, when: dt.datetime, paths: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The rows of the table with those of some imports in place of what it said of their tables.

    Args:
        raw: The table as it stands; None: it is not there.
        proposals: The imports.
        state: Whether they are proposed or done.
        when: In UTC.
        paths: Where the files of proposals lie, so that they are found again.
    """
    rows: list[dict[str, Any]] = []
    replaced = {proposal.kind for proposal in proposals}
    if raw is not None:
        for i in range(len(raw)):
            row = {name: raw.column(name)[i] if name in raw.headers else None for name in TABLE.headers}
            if row["Table"] not in replaced:
                rows.append(row)
    moment = when.replace(tzinfo=None, microsecond=0)
    for proposal in proposals:
        name = proposal.source.partition(", sheet ")[0]
        path = next((each for each in paths if each.endswith(name)), proposal.source)
        rows += [
            {
                "Table": proposal.kind,
                "File column": each.header,
                "Column": each.column or None,
                "What becomes of it": each.becomes or LEFT_OUT,
                "Values": each.samples or None,
                "State": state,
                "File": path,
                "When": moment,
            }
            for each in proposal.columns
        ]
    return rows
