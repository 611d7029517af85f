"""Files whose rows are the rows of a table: deals, commits, bookings, territories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from revops_xl.tables.commits import commits
from revops_xl.tables.forecast import deals
from revops_xl.tables.imports.columns import KEPT, renamed
from revops_xl.tables.imports.deal_status import STATUS, reason_to_leave_out, with_status
from revops_xl.tables.imports.draft import Draft
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.planning import bookings, territories
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: The columns that tell rows apart, by table.
KEYS: Mapping[str, tuple[str, ...]] = {
    "Deals": ("Deal ID",),
    "CommitHistory": ("Manager", "Period"),
    "Commits": ("Manager",),
    "Bookings": ("Period",),
    "Territories": ("Territory",),
}
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (deals.DEALS, commits.HISTORY, commits.COMMITS, bookings.BOOKINGS, territories.TERRITORIES)
}


def flat_file(draft: Draft, table: str) -> Proposal:
    """The rows of a file as those of a table."""
    declared, raw = TABLES[table], draft.raw
    named = draft.names(table, declared.headers)
    columns = [draft.column(header, named.get(header, "")) for header in raw.headers]
    columns = [
        each if each.column or each.becomes else replace(each, becomes=draft.not_asked_for(each.header))
        for each in columns
    ]
    ours = draft.rows(renamed(raw, table, columns), declared, named)
    for column in declared.columns:
        if (column.required or column.name in KEYS[table]) and column.name not in ours.headers:
            draft.lacks(column.name, f"the {column.name} of {table}")
    _refuse_doubled(draft, ours, KEYS[table])
    taken = [each.column for each in columns if each.column]
    return draft.proposal(ours, declared, columns, taken, keys=KEYS[table])


def _refuse_doubled(draft: Draft, ours: RawTable, keys: tuple[str, ...]) -> None:
    """Refuse rows that are told apart by nothing."""
    if not set(keys) <= set(ours.headers):
        return
    first: dict[tuple[str, ...], int] = {}
    for row, key in enumerate(zip(*(map(str, ours.column(name)) for name in keys), strict=True)):
        before = first.setdefault(key, row)
        if before != row:
            said = ", ".join(key)
            draft.refuse(f'"{said}" stands twice, first in row {ours.row_text(before)}', "Keep one, or add them up.", ours.cell(row, keys[0]))  # fmt: skip


def deal_file(draft: Draft) -> Proposal:
    """An export of deals: its status made of what it says, every column kept that may tell something of a deal."""
    table, raw = deals.DEALS, draft.raw
    named = draft.names("Deals", table.headers)
    columns = [draft.column(header, named.get(header, "")) for header in raw.headers]
    ours = draft.rows(renamed(raw, "Deals", columns), table, named)
    ours, how = with_status(ours, draft.problems)
    if how:
        draft.told.append(f"{STATUS}: {how}")
    for i, each in enumerate(columns):
        if not each.column and not each.becomes:
            why = reason_to_leave_out(list(ours.column(each.header)))
            columns[i] = replace(each, column="" if why else each.header, becomes=why or KEPT)
    for column in ("Deal ID", "Amount"):
        if column not in ours.headers:
            draft.lacks(column, f"the {column} of the deals")
    if "Deal ID" in ours.headers:
        deals.refuse_twice(TypedTable(ours, table, draft.known.locale, draft.problems))
    taken = [each.column for each in columns if each.column]
    if STATUS in ours.headers and STATUS not in taken:
        taken.append(STATUS)
    return draft.proposal(ours, table, columns, taken, keys=KEYS["Deals"])
