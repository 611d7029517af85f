"""Who reads a copy of a plan, which sheets they get, and what it says of people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from revops_xl.tables.book.catalog import SHEETS
from revops_xl.tables.schema.declare import Kind

#: Sheets of a copy for each kind of reader; the first is what it opens on.
AUDIENCES: Mapping[str, tuple[str, ...]] = {
    "cfo": (
        "Summary",
        "Quotas",
        "Checks",
        "Hedge audit",
        "Pipeline health",
        "Commit review",
        "Forecast",
        "Model report",
        "Plan health",
        "Phasing",
        "Settings",
        "Levels",
        "Overrides",
    ),
    "board": ("Summary", "Hedge audit", "Forecast", "Model report"),
    "everyone": ("Summary", "Quotas", "Phasing"),
}
#: Sheets of a printed pack for each kind of reader.
PACKS: Mapping[str, tuple[str, ...]] = {
    "cfo": ("Summary", "Quotas", "Forecast", "Plan health", "Checks"),
    "board": ("Summary", "Forecast"),
    "manager": ("Summary", "Quotas", "Pipeline health", "Commit review"),
}
#: Works behind Quotas, which follow target and hedges by it.
BEHIND = "Cascade"
#: Columns about people beyond their names, by what they tell.
_PERSONAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "pay": (
        ("Hierarchy", "OTE"),
        ("Attainability", "OTE"),
        ("Attainability", "Quota : OTE"),
        ("Recommendations", "Recommendation"),
    ),
    "e-mail": (("Packets", "Recipient"),),
    "names of users": (("RunLog", "Who"), ("Packets", "Made by")),
}
_PEOPLE = frozenset({Kind.NODE})


def sheets_for(audience: str, keep: Collection[str] = ()) -> tuple[str, ...]:
    """The sheets that a reader gets, as the template calls them."""
    return (*AUDIENCES[audience], *keep)


def personal(tables: Mapping[str, tuple[str, Collection[str]]]) -> Iterator[tuple[str, str, str]]:
    """What tables say of people: (what, sheet, table and column).

    Args:
        tables: Sheet and headers of each table that a copy has.
    """
    for what, columns in _PERSONAL.items():
        for table, header in columns:
            if table in tables and header in tables[table][1]:
                yield what, tables[table][0], f"{table}[{header}]"
    for table, (sheet, headers) in tables.items():
        for header in headers:
            if header.casefold().endswith("email"):
                yield "e-mail", sheet, f"{table}[{header}]"
    for each in SHEETS:
        for declared in each.tables:
            named = [column.name for column in declared.columns if column.kind in _PEOPLE]
            if declared.name in tables and named:
                yield "names of people", tables[declared.name][0], f"{declared.name}[{named[0]}]"
