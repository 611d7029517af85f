"""A file's table as a proposal: which table of the plan it fills, and what becomes of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.commits import commits
from revops_xl.tables.evidence.header_names import LEVEL_WORDS, plain
from revops_xl.tables.evidence.outcomes import flag_says
from revops_xl.tables.imports import reporting_lines as lines
from revops_xl.tables.imports.columns import by_name
from revops_xl.tables.imports.draft import Asked, Draft, Known
from revops_xl.tables.imports.flat_files import TABLES as FLAT
from revops_xl.tables.imports.flat_files import deal_file, flat_file
from revops_xl.tables.imports.history_files import history_file
from revops_xl.tables.imports.people_files import PERSON_COLUMNS, people_file
from revops_xl.tables.imports.proposal import HISTORY, Proposal
from revops_xl.tables.imports.results import result_column, says_when
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import RawTable

#: Tables that files fill, by name.
DECLARED: Mapping[str, Table] = {hierarchy.TABLE.name: hierarchy.TABLE, **FLAT}
#: What a file may be said to be.
TARGETS = (*DECLARED, HISTORY)
#: Columns of deals by which their export is known, and names of columns that a message lists.
_FEWEST, _SHOWN = 4, 8


def target_of(raw: RawTable, known: Known) -> str:
    """What a file fills, by the names of its columns: a table, or the history of people; "" where nothing tells."""
    headers = raw.headers

    def has(table: str, wanted: Sequence[str]) -> set[str]:
        return set(by_name(table, wanted, headers).values())

    deal = has("Deals", FLAT["Deals"].headers)
    ends = bool({"Status", "Stage"} & deal) or any(flag_says(header) for header in headers)
    known_deal = "Amount" in deal or {"Deal ID", "Close date"} <= deal
    if known_deal and ends and len(deal) >= _FEWEST:
        return "Deals"
    if {"Manager", "Period", "Commit", "Actual"} <= has("CommitHistory", commits.HISTORY.headers):
        return "CommitHistory"
    if {"Manager", "Commit"} <= has("Commits", commits.COMMITS.headers):
        return "Commits"
    where = has("Territories", FLAT["Territories"].headers)
    if "Territory" in where and len(where) > 2:
        return "Territories"
    return _people_or_history(raw, known) or ("Bookings" if {"Period", "Bookings"} <= has("Bookings", FLAT["Bookings"].headers) else "")  # fmt: skip


def _people_or_history(raw: RawTable, known: Known) -> str:
    headers = raw.headers
    person = set(by_name("People", PERSON_COLUMNS, headers).values())
    someone = bool({lines.PERSON, lines.PERSON_ID} & person) or {lines.FIRST, lines.LAST} <= person
    levels = [header for header in headers if plain(header) in LEVEL_WORDS or header in known.levels[:-1]]
    manager = bool({lines.MANAGER, lines.MANAGER_ID} & person)
    named = bool(known.levels) and set(known.levels) <= set(headers)
    if named or (someone and (manager or levels)) or len(levels) > 1:
        return hierarchy.TABLE.name
    rep = someone or (bool(known.levels) and known.levels[-1] in headers)
    tells = any(map(says_when, headers)) or any(result_column(raw, header, known) for header in headers)
    return HISTORY if rep and tells else ""


def propose(raw: RawTable, told: Sequence[str], asked: Asked, known: Known) -> Proposal:
    """What becomes of a file.

    Args:
        raw: Its rows.
        told: How it was read.
        asked: What the user says of it.
        known: What the plan says.

    Raises:
        PlanError: Nothing tells which table it fills, or a column is named that it does not have.
    """
    fix = f"It has {', '.join(raw.headers[:_SHOWN])}."
    missing = [header for header in (*asked.columns, *asked.only) if header not in raw.headers]
    if missing:
        raise PlanError([Problem(raw.sheet, raw.header_cell(), f'the file has no column "{h}"', fix) for h in missing])
    table = asked.table or target_of(raw, known)
    if not table:
        names = ", ".join(raw.headers[:_SHOWN])
        message = f"nothing tells which table of the plan this is; its columns are {names}"
        raise PlanError([Problem(raw.sheet, raw.header_cell(), message, f"Say it: --into {' or '.join(TARGETS)}.")])
    draft = Draft(raw, asked, known, told=[*told])
    if table == "Deals":
        return deal_file(draft)
    if table == hierarchy.TABLE.name:
        return people_file(draft)
    return history_file(draft) if table == HISTORY else flat_file(draft, table)
