"""Lists of people: level columns as they are, or made of who reports to whom; history and what is known of each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from revops_xl.model.wording import counted
from revops_xl.tables.evidence.currencies import names_a_currency
from revops_xl.tables.evidence.header_names import LEVEL_WORDS, plain
from revops_xl.tables.imports import reporting_lines as lines
from revops_xl.tables.imports.columns import FileColumn, by_name, renamed
from revops_xl.tables.imports.draft import Draft
from revops_xl.tables.imports.money import CURRENCY
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.imports.results import ATTAINMENT, result_column, settings_for
from revops_xl.tables.imports.values import plain_list
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.quotas.metrics import DEFAULT_METRIC
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import RawTable

PERSON_COLUMNS = (lines.PERSON_ID, lines.PERSON, lines.FIRST, lines.LAST, lines.MANAGER_ID, lines.MANAGER)
#: Columns of Hierarchy that only its own name means.
_BY_OWN_NAME = ("New hire", "Split %")
#: Part of the rows that a column of names fills.
_MOSTLY = 0.9


@dataclass(frozen=True)
class _Columns:
    """What the columns of a list are.

    Attributes:
        person: Who it is and to whom they report, by header.
        known: Columns of Hierarchy, results and pipeline, by header.
        levels: Level columns of the plan that the list has by their names.
        called: What level columns of a plan without people are to be called, by header.
    """

    person: Mapping[str, str]
    known: Mapping[str, str]
    levels: tuple[str, ...]
    called: Mapping[str, str]


@dataclass(frozen=True)
class _Paths:
    """The rows of the plan that a list makes.

    Attributes:
        ours: The list with our names.
        rows: Index of the list's row for each of them.
        levels: Level columns, the top first.
        path: Their names, a column each.
        jagged: Whether a path skips a level.
    """

    ours: RawTable
    rows: Sequence[int]
    levels: tuple[str, ...]
    path: Mapping[str, list[Any]]
    jagged: bool = False


def people_file(draft: Draft) -> Proposal:
    """A list of people as rows of Hierarchy."""
    found = _columns_of(draft)
    whole = set(found.person.values())
    if not draft.known.levels or len(found.levels) < len(draft.known.levels):
        ours = renamed(draft.raw, "Hierarchy", [FileColumn(h, c, "") for h, c in found.person.items()])
        if {lines.MANAGER, lines.MANAGER_ID} & whole and _refers(ours):
            return _of_reporting_lines(draft, found)
    return _of_levels(draft, found)


def _columns_of(draft: Draft) -> _Columns:
    raw, known = draft.raw, draft.known
    said = draft.asked.said(raw.headers)
    renamed_levels = {h: c for h, c in said.items() if c and not known.levels and not _is_known(c)}
    free = [header for header in raw.headers if header not in said or header in renamed_levels]
    fixed = {header: column for header, column in said.items() if column and header not in renamed_levels}
    own = [column for column in hierarchy.TABLE.headers if column not in _BY_OWN_NAME]
    beside = {**by_name("Hierarchy", own, free), **{column: column for column in _BY_OWN_NAME if column in free}}
    results = {h: name for h in free if h not in beside and (name := result_column(raw, h, known))}
    codes = [header for header in free if names_a_currency(header)][:1]
    beside |= dict.fromkeys(codes, CURRENCY)
    left = [header for header in free if header not in beside and header not in results]
    person = {**by_name("People", PERSON_COLUMNS, left), **{h: c for h, c in fixed.items() if c in PERSON_COLUMNS}}
    named = {h: c for h, c in fixed.items() if c not in PERSON_COLUMNS and c not in known.levels}
    levels = tuple(level for level in known.levels if level in raw.headers or level in fixed.values())
    return _Columns(person, {**beside, **results, **named}, levels, renamed_levels)


def _is_known(column: str) -> bool:
    """Whether a column of Hierarchy is none of a level."""
    own = {*hierarchy.TABLE.headers, *PERSON_COLUMNS, CURRENCY}
    return column in own or column.endswith(ATTAINMENT) or "pipeline" in column.casefold()


def _refers(ours: RawTable) -> bool:
    """Whether most managers are people of the list: else the column is a level."""
    if lines.MANAGER_ID in ours.headers:
        return True
    names = [name for name in (lines.PERSON_ID, lines.PERSON) if name in ours.headers]
    who = {str(cell).strip().casefold() for name in names for cell in ours.column(name) if not is_blank(cell)}
    if lines.PERSON not in ours.headers and {lines.FIRST, lines.LAST} <= set(ours.headers):
        pairs = zip(ours.column(lines.FIRST), ours.column(lines.LAST), strict=True)
        who |= {f"{first} {last}".strip().casefold() for first, last in pairs}
    said = {str(cell).strip().casefold() for cell in ours.column(lines.MANAGER) if not is_blank(cell)}
    return 2 * len(said & who) >= len(said) > 0


def _listed(draft: Draft, found: _Columns, others: Mapping[str, tuple[str, str]]) -> list[FileColumn]:
    """What becomes of each column; `others` are (column of ours, in words)."""
    columns = []
    for header in draft.raw.headers:
        if header in others:
            columns.append(draft.column(header, *others[header]))
        elif header in found.known:
            columns.append(draft.column(header, found.known[header]))
        else:
            columns.append(draft.column(header, "", draft.not_asked_for(header)))
    return columns


def _of_reporting_lines(draft: Draft, found: _Columns) -> Proposal:
    raw, known = draft.raw, draft.known
    path_of = {header: (column, f"read as {column}, for the path") for header, column in found.person.items()}
    columns = _listed(draft, found, path_of)
    ours = renamed(raw, "Hierarchy", columns)
    id_column = lines.PERSON_ID if lines.PERSON_ID in ours.headers else ""
    ours = draft.proper(ours, replace(hierarchy.TABLE, id_column=id_column, totals="named"))
    kept = draft.kept_rows(ours, {**found.person, **found.known})
    beside = {*hierarchy.TABLE.headers, CURRENCY}
    numbers = [name for name in found.known.values() if name not in beside and name in ours.headers]
    own = [any(_fills(ours.column(name)[row]) for name in numbers) for row in range(len(ours))]
    org = lines.org_of(ours, own, kept, draft.asked.top, draft.problems)
    if org is None:
        return _refused(draft, columns)
    draft.told += org.told
    levels = org.levels
    if known.levels:
        if len(known.levels) != len(levels):
            message = f"the list has {len(levels)} levels, the plan {len(known.levels)}: {', '.join(known.levels)}"
            draft.refuse(message, "Bring a list of the same levels, or start a new plan from it.")
            return _refused(draft, columns)
        levels = known.levels
    draft.told.insert(
        0, f"{counted(len(org.rows), 'rep')} below {' > '.join(levels[:-1])}, made of who reports to whom"
    )
    path: dict[str, list[Any]] = {level: [each[i] or None for each in org.paths] for i, level in enumerate(levels)}
    jagged = any(not all(cells) for cells in path.values())
    return _people(draft, found, columns, _Paths(ours, org.rows, levels, path, jagged))


def _fills(cell: Any) -> bool:
    return not is_blank(cell) and cell != 0


def _refused(draft: Draft, columns: Sequence[FileColumn] = ()) -> Proposal:
    return Proposal(
        draft.raw.sheet, "Hierarchy", tuple(columns), tuple(draft.told), problems=tuple(dict.fromkeys(draft.problems))
    )


def _of_levels(draft: Draft, found: _Columns) -> Proposal:
    raw, known = draft.raw, draft.known
    fixed = {column: header for header, column in draft.asked.said(raw.headers).items() if column in known.levels}
    made_top = bool(known.top) and found.levels == known.levels[1:]  # as at the first import
    if known.levels and (len(found.levels) == len(known.levels) or made_top):
        names = list(found.levels)
        theirs = [fixed.get(level, level) for level in names]
    else:
        theirs = _levels_of(draft, found)
        names = [found.called.get(header, header) for header in theirs]
        if not theirs:
            draft.lacks(lines.PERSON, "the name of the reps")
            return _refused(draft)
        if known.levels:
            have = ", ".join(theirs)
            message = f"the plan has the levels {', '.join(known.levels)}; the file has {have}"
            draft.refuse(message, f'Name them: --map "ITS NAME={known.levels[0]}".')
            return _refused(draft)
    what = [f"level {i}" for i in range(1, len(theirs))] + ["the reps"]
    others = {header: (name, text) for header, name, text in zip(theirs, names, what, strict=True)}
    columns = _listed(draft, found, others)
    ours = draft.rows(
        renamed(raw, "Hierarchy", columns), hierarchy.TABLE, {**found.known, **dict(zip(theirs, names, strict=True))}
    )
    path: dict[str, list[Any]] = {
        name: [None if is_blank(cell) else str(cell).strip() for cell in ours.column(name)] for name in names
    }
    if made_top:
        path = {known.levels[0]: [known.top] * len(ours), **path}
        names = [known.levels[0], *names]
    elif not known.levels and (len(names) == 1 or len({name for name in path[names[0]] if name}) > 1):
        top, fresh = draft.asked.top or "Company", "Company" if "Company" not in names else "Top"
        path = {fresh: [top] * len(ours), **path}
        names = [fresh, *names]
        draft.told.append(f'{fresh}: "{top}" on every row, because the file has no top node (--top names it otherwise)')
    return _people(draft, found, columns, _Paths(ours, range(len(ours)), tuple(names), path))


def _levels_of(draft: Draft, found: _Columns) -> list[str]:
    """The level columns of a list, the top first, the reps last; empty where nobody is named."""
    raw = draft.raw
    free = [header for header in raw.headers if header not in found.known]
    rep = next((header for header, column in found.person.items() if column == lines.PERSON), "")
    levels = [
        header
        for header in free
        if header != rep
        and (plain(header) in LEVEL_WORDS or header in found.called or found.person.get(header) == lines.MANAGER)
    ]
    rep = rep or _most_distinct(raw, [header for header in free if header not in levels])
    return [*_nested(raw, levels), rep] if rep else []


def _most_distinct(raw: RawTable, headers: Sequence[str]) -> str:
    """The first column of texts that names every row differently."""
    for header in headers:
        cells = [str(cell).strip() for cell in raw.column(header) if isinstance(cell, str) and cell.strip()]
        if (
            len(cells) >= _MOSTLY * len(raw)
            and len(set(cells)) == len(cells)
            and not any("@" in cell for cell in cells)
        ):
            return header
    return ""


def _nested(raw: RawTable, headers: Sequence[str]) -> list[str]:
    """The columns each of whose names belongs to one name of the column before, the fewest names first."""
    cells = {h: [str(cell).strip() if not is_blank(cell) else "" for cell in raw.column(h)] for h in headers}
    chain: list[str] = []
    for header in sorted(headers, key=lambda each: len(set(cells[each]) - {""})):
        if set(cells[header]) - {""} and (not chain or _within(cells[header], cells[chain[-1]])):
            chain.append(header)
    return chain


def _within(low: Sequence[str], high: Sequence[str]) -> bool:
    above: dict[str, str] = {}
    return all(above.setdefault(name, up) == up for name, up in zip(low, high, strict=True) if name and up)


def _people(draft: Draft, found: _Columns, columns: Sequence[FileColumn], made: _Paths) -> Proposal:
    """The paths with what is known of each person."""
    known = set(found.known.values())
    taken = [each.column for each in columns if each.column in known and each.column not in made.levels]
    numbers = [name for name in taken if name not in hierarchy.TABLE.headers and name != CURRENCY]
    proposal = draft.proposal(made.ours, hierarchy.TABLE, columns, taken, keys=(made.levels[-1],), numbers=numbers)
    values: dict[str, Any] = {name: plain_list(column) for name, column in proposal.values.items()}
    values = {name: [column[row] for row in made.rows] for name, column in values.items()}
    told = proposal.told
    if not draft.known.levels and not any(name.endswith(ATTAINMENT) for name in numbers):
        values[DEFAULT_METRIC.name] = [None] * len(made.rows)
        told = (
            *told,
            f"no results of past periods: the column {DEFAULT_METRIC.name} is blank, and quotas are equal parts until you fill it in",
        )
    settings = settings_for(numbers) | ({"Blank levels": "jagged"} if made.jagged else {})
    return replace(proposal, told=told, values={**made.path, **values}, levels=made.levels, settings=settings)
