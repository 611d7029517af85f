"""A file's table as a proposal: which table of the plan it fills, and each column of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.wording import counted
from revops_xl.tables.commits import commits
from revops_xl.tables.evidence.header_names import LEVEL_WORDS, plain
from revops_xl.tables.evidence.outcomes import flag_says
from revops_xl.tables.forecast import deals as deal_tables
from revops_xl.tables.imports import deals, people
from revops_xl.tables.imports.columns import KEPT, LEFT_OUT, FileColumn, by_name, renamed, samples
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.imports.values import plain_list, values_of
from revops_xl.tables.planning import bookings, territories
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema import periods
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.proper_rows import amounts, proper_rows
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

HISTORY = "history"
#: Tables that files fill, by name, with the columns that tell their rows apart.
KEYS: Mapping[str, tuple[str, ...]] = {
    "Deals": ("Deal ID",),
    "CommitHistory": ("Manager", "Period"),
    "Commits": ("Manager",),
    "Bookings": ("Period",),
    "Territories": ("Territory",),
}
DECLARED: Mapping[str, Table] = {
    table.name: table
    for table in (hierarchy.TABLE, deal_tables.DEALS, commits.HISTORY, commits.COMMITS, bookings.BOOKINGS, territories.TERRITORIES)
}  # fmt: skip
#: What --into takes.
TARGETS = (*DECLARED, HISTORY)
_PERSON = (people.PERSON_ID, people.PERSON, people.FIRST, people.LAST, people.MANAGER_ID, people.MANAGER)
_RESULT = re.compile(r"attainment|booking|booked|revenue|sales|actual|closed ?won|umsatz|erl[öo]s|ventas|ingresos|chiffre", re.IGNORECASE)  # fmt: skip
ATTAINMENT, PIPELINE_COLUMNS = "_Attainment", "Pipeline columns"


@dataclass(frozen=True)
class Asked:
    """What the user says of a file.

    Attributes:
        table: Table that it fills; "": to be found.
        columns: Columns of ours by theirs; "" leaves one out.
        only: Values that columns must have for a row to be taken, by header.
        top: Name of a node above those without a manager.
        kept: Columns of ours by theirs as at the last import, and whether it said so of each.
    """

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    top: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What the plan says already.

    Attributes:
        levels: Level columns of a Hierarchy that has rows; empty: it has none.
        headers: Columns of Hierarchy.
        locale: How numbers are written that are text, and the plan's currency.
    """

    levels: tuple[str, ...]
    headers: tuple[str, ...]
    locale: NumberLocale


def target_of(raw: RawTable, known: Known) -> str:
    """The table that a file fills, by the names of its columns; "" where nothing tells."""
    headers = raw.headers
    deal = set(by_name("Deals", deal_tables.DEALS.headers, headers).values())
    person = set(by_name("People", _PERSON, headers).values())
    ends = "Status" in deal or "Stage" in deal or any(flag_says(header) for header in headers)
    if "Amount" in deal and ends and len(deal) >= 4:
        return "Deals"
    history = by_name("CommitHistory", commits.HISTORY.headers, headers).values()
    if {"Manager", "Period", "Commit", "Actual"} <= set(history):
        return "CommitHistory"
    if {"Manager", "Commit"} <= set(by_name("Commits", commits.COMMITS.headers, headers).values()):
        return "Commits"
    where = set(by_name("Territories", territories.TERRITORIES.headers, headers).values())
    if "Territory" in where and len(where) >= 3:
        return "Territories"
    someone = bool({people.PERSON, people.PERSON_ID} & person) or {people.FIRST, people.LAST} <= person
    if someone and {people.MANAGER, people.MANAGER_ID} & person:
        return "Hierarchy"
    levels = [header for header in headers if plain(header) in LEVEL_WORDS or header in known.levels]
    if len(levels) >= 2 or (levels and someone) or (known.levels and set(known.levels) <= set(headers)):
        return "Hierarchy"
    dated = [header for header in headers if plain(header) in {"period", "month", "quarter", "date", "year", "quartal", "monat", "jahr"}]  # fmt: skip
    if someone and (dated or any(_metric(raw, header, known) for header in headers)):
        return HISTORY
    if {"Period", "Bookings"} <= set(by_name("Bookings", bookings.BOOKINGS.headers, headers).values()):
        return "Bookings"
    return ""


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
    _refuse_unknown(raw, asked)
    table = asked.table or target_of(raw, known)
    if not table:
        names = ", ".join(raw.headers[:8])
        message = f"nothing tells which table of the plan this is; its columns are {names}"
        raise PlanError([Problem(raw.sheet, raw.header_cell(), message, f"Say it: --into {' or '.join(TARGETS)}.")])
    raw = _filtered(raw, asked.only)
    maker = {"Deals": _deals, "Hierarchy": _people, HISTORY: _history}.get(table)
    made = maker(raw, asked, known) if maker is not None else _plain(raw, table, asked, known)
    return replace(made, told=(*told, *made.told))


def _refuse_unknown(raw: RawTable, asked: Asked) -> None:
    problems = [
        Problem(
            raw.sheet, raw.header_cell(), f'the file has no column "{header}"', f"It has {', '.join(raw.headers[:12])}."
        )
        for header in (*asked.columns, *asked.only)
        if header not in raw.headers
    ]
    if problems:
        raise PlanError(problems)


def _filtered(raw: RawTable, only: Mapping[str, str]) -> RawTable:
    """Rows that have the asked values; of people the others are kept, as managers."""
    return raw if not only else replace(raw, name="filtered")


def _kept_rows(raw: RawTable, only: Mapping[str, str], named: Mapping[str, str]) -> list[bool]:
    kept = [True] * len(raw)
    for header, value in only.items():
        cells = raw.column(named.get(header, header))
        kept = [
            each and str(cell).strip().casefold() == value.casefold() for each, cell in zip(kept, cells, strict=True)
        ]
    return kept


def _names(table: str, wanted: Sequence[str], raw: RawTable, asked: Asked) -> dict[str, str]:
    """Columns of ours by theirs: what the user says, then what was said last time, then by name."""
    said = {**{h: c for h, c in asked.kept.items() if h in raw.headers}, **asked.columns}
    rest = [column for column in wanted if column not in said.values()]
    free = [header for header in raw.headers if header not in said]
    return {**by_name(table, rest, free), **{header: column for header, column in said.items() if column}}


def _rows_of(raw: RawTable, table: Table, known: Known, problems: list[Problem], told: list[str]) -> RawTable:
    """The rows without totals, footers and repeated headers."""
    notes: list[Problem] = []
    warnings: list[Problem] = []
    proper = proper_rows(raw, table, known.locale, problems, notes, warnings)
    told += [f"row {_row(note)}: {note.message}" for note in notes]
    told += [f"row {_row(each)}: {each.message}" for each in warnings]
    return proper


def _row(problem: Problem) -> str:
    return re.sub(r"\D", "", problem.cell.split(",")[0])


def _told(notes: Sequence[Problem]) -> list[str]:
    return [f"{note.cell}: {note.message}" for note in notes]


def _only(raw: RawTable, asked: Asked, named: Mapping[str, str], told: list[str]) -> RawTable:
    from revops_xl.tables.schema.proper_rows import without_rows  # noqa: PLC0415

    if not asked.only:
        return raw
    kept = _kept_rows(raw, asked.only, named)
    told.append(f"{counted(sum(kept), 'row')} of {len(kept):,} have {' and '.join(f'{h} = {v}' for h, v in asked.only.items())}")  # fmt: skip
    return without_rows(raw, [i for i, each in enumerate(kept) if not each])


def _deals(raw: RawTable, asked: Asked, known: Known) -> Proposal:
    table = deal_tables.DEALS
    named = _names("Deals", table.headers, raw, asked)
    problems: list[Problem] = []
    told: list[str] = []
    columns = [_column(raw, header, named.get(header, ""), asked) for header in raw.headers]
    ours = renamed(raw, "Deals", columns)
    ours = _only(ours, asked, named, told)
    ours = _rows_of(ours, table, known, problems, told)
    ours, how = deals.with_status(ours, problems)
    if how:
        told.append(f"Status: {how}")
    for i, each in enumerate(columns):
        if not each.column and not each.becomes:
            why = deals.reason_to_leave_out(ours.column(each.header))
            columns[i] = replace(each, column="" if why else each.header, becomes=why or KEPT)
    for column in ("Deal ID", "Amount"):
        if column not in ours.headers:
            message = f"no column is the {column} of the deals"
            problems.append(Problem(raw.sheet, raw.header_cell(), message, f'Name it: --map "ITS NAME={column}".'))
    taken = [each.column for each in columns if each.column] + (["Status"] if "Status" not in [c.column for c in columns] and "Status" in ours.headers else [])  # fmt: skip
    return _proposal(ours, table, "Deals", columns, taken, known, problems, told, KEYS["Deals"])


def _plain(raw: RawTable, table: str, asked: Asked, known: Known) -> Proposal:
    declared = DECLARED[table]
    named = _names(table, declared.headers, raw, asked)
    problems: list[Problem] = []
    told: list[str] = []
    columns = [_column(raw, header, named.get(header, ""), asked) for header in raw.headers]
    columns = [
        each if each.column or each.becomes else replace(each, becomes=_why_out(raw, each.header)) for each in columns
    ]
    ours = _only(renamed(raw, table, columns), asked, named, told)
    ours = _rows_of(ours, declared, known, problems, told)
    for column in declared.columns:
        if (column.required or column.name in KEYS[table]) and column.name not in ours.headers:
            message = f"no column is the {column.name} of {table}"
            problems.append(Problem(raw.sheet, raw.header_cell(), message, f'Name it: --map "ITS NAME={column.name}".'))
    taken = [each.column for each in columns if each.column]
    return _proposal(ours, declared, table, columns, taken, known, problems, told, KEYS[table])


def _column(raw: RawTable, header: str, column: str, asked: Asked) -> FileColumn:
    shown = samples(raw.column(header))
    if header in asked.columns and not asked.columns[header]:
        return FileColumn(header, "", f"{LEFT_OUT}: as you say", shown)
    if asked.kept.get(header) == "" and header not in asked.columns:
        return FileColumn(header, "", f"{LEFT_OUT}: as last time", shown)
    if not column:
        return FileColumn(header, "", "", shown)
    said = " (as you say)" if header in asked.columns else " (as last time)" if header in asked.kept else ""
    return FileColumn(
        header, column, f"{'kept as it is called' if column == header else f'read as {column}'}{said}", shown
    )


def _why_out(raw: RawTable, header: str) -> str:
    blank = all(is_blank(cell) for cell in raw.column(header))
    return f"{LEFT_OUT}: blank" if blank else f"{LEFT_OUT}: nothing in the plan asks for it"


def _proposal(
    ours: RawTable, declared: Table, table: str, columns: Sequence[FileColumn], taken: Sequence[str], known: Known,
    problems: list[Problem], told: list[str], keys: tuple[str, ...], numbers: Sequence[str] = (),
) -> Proposal:  # fmt: skip
    """The values of the columns that are taken, and what is wrong with them."""
    doubled = [name for name in dict.fromkeys(taken) if list(taken).count(name) > 1]
    for name in doubled:
        theirs = ", ".join(f'"{each.header}"' for each in columns if each.column == name)
        problems.append(Problem(ours.sheet, ours.header_cell(), f"{theirs} would both be {name}", 'Leave one out: --map "ITS NAME=".'))  # fmt: skip
    if doubled or any(name not in ours.headers for name in taken):
        return Proposal(ours.sheet, table, tuple(columns), tuple(told), {}, keys, problems=tuple(problems))
    notes: list[Problem] = []
    read = [name for name in taken if name != "Period"]
    values = values_of(ours, declared, read, known.locale, problems, notes, numbers)
    values = {name: values[name] if name != "Period" else _periods(ours) for name in taken}
    typed = TypedTable(ours, declared, known.locale, problems, notes)
    for column in declared.columns:
        if column.required and column.name in taken and column.name != "Period":
            typed.check_required(column.name)
    told += _told(notes)
    return Proposal(ours.sheet, table, tuple(columns), tuple(told), values, keys, problems=tuple(_one_each(problems)))


def _one_each(problems: Sequence[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def _periods(raw: RawTable) -> list[Any]:
    return [
        None if is_blank(cell) else cell.strip() if isinstance(cell, str) else cell for cell in raw.column("Period")
    ]


def _is_numeric(raw: RawTable, header: str, known: Known) -> bool:
    cells = [None if is_blank(cell) else cell for cell in raw.column(header)]
    filled = [cell for cell in cells if cell is not None]
    if not filled or any(isinstance(cell, bool) for cell in filled):
        return False
    values = amounts(cells, known.locale) if any(isinstance(cell, str) for cell in filled) else None
    plain_numbers = all(isinstance(cell, int | float) for cell in filled)
    return plain_numbers or (values is not None and not bool(np.isnan(values).all()))


def _metric(raw: RawTable, header: str, known: Known) -> str:
    """The column of Hierarchy that a column of past results fills; "" if it is none."""
    if not _is_numeric(raw, header, known):
        return ""
    if header in known.headers and header not in hierarchy.TABLE.headers:
        return header
    if plain(header) in {"period", "year", "quarter", "month"}:
        return ""
    if header.endswith(ATTAINMENT):
        return header
    if periods.key(header) is not None or _RESULT.search(header):
        return f"{header}{ATTAINMENT}"
    return header if "pipeline" in header.casefold() else ""


def _people(raw: RawTable, asked: Asked, known: Known) -> Proposal:
    own = [column for column in hierarchy.TABLE.headers if column not in {"New hire", "Split %"}]
    said = {**{h: c for h, c in asked.kept.items() if h in raw.headers}, **asked.columns}
    free = [header for header in raw.headers if header not in said]
    fixed = {header: column for header, column in said.items() if column}
    split = [column for column in ("New hire", "Split %") if column in free]
    beside = {**by_name("Hierarchy", own, free), **{column: column for column in split}}
    metrics = {header: name for header in raw.headers if header not in beside and (name := _metric(raw, header, known))}
    metrics = {header: name for header, name in metrics.items() if header not in said or fixed.get(header) == name}
    exact = [level for level in known.levels if level in raw.headers]
    person = by_name("People", _PERSON, [header for header in free if header not in beside and header not in metrics])
    person.update({header: column for header, column in fixed.items() if column in _PERSON})
    whole = set(person.values())
    problems: list[Problem] = []
    told: list[str] = []
    names = {**beside, **metrics, **{h: c for h, c in fixed.items() if c in own or c.endswith(ATTAINMENT)}}
    if len(exact) < len(known.levels) or not known.levels:
        ours = renamed(raw, "Hierarchy", [FileColumn(h, c, "") for h, c in person.items()])
        if {people.MANAGER, people.MANAGER_ID} & whole and _refers(ours):
            return _parent_child(raw, person, names, asked, known, problems, told)
    return _level_columns(raw, exact, person, names, fixed, asked, known, problems, told)


def _refers(ours: RawTable) -> bool:
    """Whether most managers are people of the list: else the column is a level."""
    header = people.MANAGER_ID if people.MANAGER_ID in ours.headers else people.MANAGER
    who = {str(cell).strip().casefold() for name in (people.PERSON_ID, people.PERSON) if name in ours.headers for cell in ours.column(name) if not is_blank(cell)}  # fmt: skip
    if people.PERSON not in ours.headers and {people.FIRST, people.LAST} <= set(ours.headers):
        pairs = zip(ours.column(people.FIRST), ours.column(people.LAST), strict=True)
        who |= {f"{first} {last}".strip().casefold() for first, last in pairs}
    said = {str(cell).strip().casefold() for cell in ours.column(header) if not is_blank(cell)}
    return header == people.MANAGER_ID or 2 * len(said & who) >= len(said) > 0


def _parent_child(
    raw: RawTable, person: Mapping[str, str], names: Mapping[str, str], asked: Asked, known: Known,
    problems: list[Problem], told: list[str],
) -> Proposal:  # fmt: skip
    columns = [_person_column(raw, header, person, names, asked) for header in raw.headers]
    ours = renamed(raw, "Hierarchy", columns)
    ours = _rows_of(ours, replace(hierarchy.TABLE, id_column=people.PERSON_ID if people.PERSON_ID in ours.headers else ""), known, problems, told)  # fmt: skip
    kept = _kept_rows(ours, asked.only, {**person, **names})
    numbers = [name for header, name in names.items() if name not in hierarchy.TABLE.headers]
    own = [any(_fills(ours.column(name)[row]) for name in numbers) for row in range(len(ours))]
    org = people.org_of(ours, own, kept, asked.top, problems)
    if org is None:
        return Proposal(raw.sheet, "Hierarchy", tuple(columns), tuple(told), problems=tuple(problems))
    told += org.told
    levels, paths = org.levels, org.paths
    if known.levels:
        if len(known.levels) != len(levels):
            message = f"the list has {len(levels)} levels, the plan {len(known.levels)}: {', '.join(known.levels)}"
            problems.append(Problem(raw.sheet, raw.header_cell(), message, "Bring a list of the same levels, or start a new plan from it."))  # fmt: skip
            return Proposal(raw.sheet, "Hierarchy", tuple(columns), tuple(told), problems=tuple(problems))
        levels = known.levels
    path = {level: [each[i] or None for each in paths] for i, level in enumerate(levels)}
    told.insert(0, f"{counted(len(org.rows), 'rep')} below {' > '.join(levels[:-1])}, made of who reports to whom")
    jagged = any(not all(cells) for cells in path.values())
    return _hierarchy(ours, list(org.rows), levels, path, columns, names, known, problems, told, jagged=jagged)


def _fills(cell: Any) -> bool:
    return not is_blank(cell) and cell != 0


def _person_column(
    raw: RawTable, header: str, person: Mapping[str, str], names: Mapping[str, str], asked: Asked
) -> FileColumn:
    if header in asked.columns and not asked.columns[header]:
        return FileColumn(header, "", f"{LEFT_OUT}: as you say", samples(raw.column(header)))
    if header in person:
        return FileColumn(
            header, person[header], f"read as {person[header]}, for the path", samples(raw.column(header))
        )
    if header in names:
        return _column(raw, header, names[header], asked)
    return FileColumn(header, "", _why_out(raw, header), samples(raw.column(header)))


def _level_columns(
    raw: RawTable, exact: Sequence[str], person: Mapping[str, str], names: Mapping[str, str], fixed: Mapping[str, str],
    asked: Asked, known: Known, problems: list[Problem], told: list[str],
) -> Proposal:  # fmt: skip
    if known.levels and len(exact) == len(known.levels):
        levels = list(known.levels)
    else:
        rep = next((header for header, column in person.items() if column == people.PERSON), "")
        taken = {*names, *fixed}
        listed = [header for header in raw.headers if header not in taken and header != rep and (plain(header) in LEVEL_WORDS or person.get(header) == people.MANAGER)]  # fmt: skip
        rep = rep or _most_distinct(
            raw, [header for header in raw.headers if header not in taken and header not in listed]
        )
        if not rep:
            message = "no column names the reps"
            problems.append(
                Problem(raw.sheet, raw.header_cell(), message, f'Name it: --map "ITS NAME={people.PERSON}".')
            )
            return Proposal(raw.sheet, "Hierarchy", (), tuple(told), problems=tuple(problems))
        levels = [*_nested(raw, listed, rep), rep]
    named = {**names, **{level: level for level in levels}}
    columns = []
    for header in raw.headers:
        if header in levels and header not in fixed:
            what = "the reps" if header == levels[-1] else f"level {levels.index(header) + 1}"
            columns.append(FileColumn(header, header, what, samples(raw.column(header))))
        else:
            columns.append(_person_column(raw, header, {}, named, asked))
    ours = renamed(raw, "Hierarchy", columns)
    ours = _only(ours, asked, named, told)
    ours = _rows_of(ours, hierarchy.TABLE, known, problems, told)
    path: dict[str, list[Any]] = {level: [None if is_blank(cell) else str(cell).strip() for cell in ours.column(level)] for level in levels}  # fmt: skip
    if known.levels and list(known.levels) != levels:
        message = f"the plan has the levels {', '.join(known.levels)}; the file has {', '.join(levels)}"
        problems.append(
            Problem(raw.sheet, raw.header_cell(), message, f'Name them: --map "ITS NAME={known.levels[0]}".')
        )
        return Proposal(raw.sheet, "Hierarchy", tuple(columns), tuple(told), problems=tuple(problems))
    tops = {name for name in path[levels[0]] if name}
    if not known.levels and (len(tops) > 1 or len(levels) == 1):
        top = asked.top or "Company"
        fresh = "Company" if "Company" not in levels else "Top"
        path = {fresh: [top] * len(ours), **path}
        told.append(f'{fresh}: "{top}" on every row, because the file has no top node (--top names it otherwise)')
        levels = [fresh, *levels]
    return _hierarchy(
        ours, list(range(len(ours))), tuple(levels), path, columns, names, known, problems, told, jagged=False
    )


def _most_distinct(raw: RawTable, headers: Sequence[str]) -> str:
    """The column of texts that names every row differently."""
    for header in headers:
        cells = [str(cell).strip() for cell in raw.column(header) if isinstance(cell, str) and cell.strip()]
        if len(cells) >= 0.9 * len(raw) and len(set(cells)) == len(cells) and not any("@" in cell for cell in cells):
            return header
    return ""


def _nested(raw: RawTable, headers: Sequence[str], rep: str) -> list[str]:
    """The columns each of whose names belongs to one name of the column before, the fewest names first."""
    cells = {
        header: [str(cell).strip() if not is_blank(cell) else "" for cell in raw.column(header)] for header in headers
    }
    order = sorted(headers, key=lambda header: len(set(cells[header]) - {""}))
    chain: list[str] = []
    for header in order:
        own = set(cells[header]) - {""}
        if not own or header == rep:
            continue
        if not chain or _within(cells[header], cells[chain[-1]]):
            chain.append(header)
    return chain


def _within(low: Sequence[str], high: Sequence[str]) -> bool:
    above: dict[str, str] = {}
    return all(above.setdefault(name, up) == up for name, up in zip(low, high, strict=True) if name and up)


def _hierarchy(
    ours: RawTable, rows: list[int], levels: tuple[str, ...], path: Mapping[str, list[Any]], columns: Sequence[FileColumn],
    names: Mapping[str, str], known: Known, problems: list[Problem], told: list[str], *, jagged: bool,
) -> Proposal:  # fmt: skip
    taken = [each.column for each in columns if each.column in names.values()]
    numbers = [name for name in taken if name not in hierarchy.TABLE.headers]
    made = _proposal(ours, hierarchy.TABLE, "Hierarchy", columns, taken, known, problems, told, levels, numbers)
    values = {name: [plain_list(made.values[name])[row] for row in rows] for name in taken if name in made.values}
    settings: dict[str, Any] = {}
    pipelines = [name for name in numbers if "pipeline" in name.casefold()]
    if pipelines:
        settings[PIPELINE_COLUMNS] = ", ".join(pipelines)
    if jagged:
        settings["Blank levels"] = "jagged"
    return replace(made, values={**path, **values}, levels=levels, keys=(levels[-1],), settings=settings)


def _history(raw: RawTable, asked: Asked, known: Known) -> Proposal:
    """Results of people who are in the plan, a column a period or a row a period."""
    said = _names("People", (people.PERSON, people.PERSON_ID), raw, asked)
    person = next((header for header, column in said.items() if column == people.PERSON), "") or next((header for header, column in said.items() if column == people.PERSON_ID), "")  # fmt: skip
    problems: list[Problem] = []
    told: list[str] = []
    if not known.levels:
        fix = "Import the people first, or list both files in one command."
        problems.append(Problem(raw.sheet, "", "history needs people, and Hierarchy has none", fix))
    if not person:
        problems.append(Problem(raw.sheet, raw.header_cell(), "no column names the reps", f'Name it: --map "ITS NAME={people.PERSON}".'))  # fmt: skip
    if problems:
        return Proposal(raw.sheet, HISTORY, (), tuple(told), problems=tuple(problems))
    rep = known.levels[-1]
    wide = {header: name for header in raw.headers if header != person and (name := _metric(raw, header, known))}
    dated = [header for header in raw.headers if plain(header) in {"period", "month", "quarter", "date", "year", "quartal", "monat", "jahr"}]  # fmt: skip
    if dated and wide:
        return _long(raw, person, dated[0], next(iter(wide)), asked, known)
    columns = [FileColumn(header, rep if header == person else wide.get(header, ""), "the reps" if header == person else f"read as {wide[header]}" if header in wide else _why_out(raw, header), samples(raw.column(header))) for header in raw.headers]  # fmt: skip
    ours = _only(renamed(raw, "Hierarchy", columns), asked, said, told)
    ours = _rows_of(ours, hierarchy.TABLE, known, problems, told)
    taken = [each.column for each in columns if each.column]
    numbers = [name for name in taken if name != rep]
    made = _proposal(ours, hierarchy.TABLE, "Hierarchy", columns, taken, known, problems, told, (rep,), numbers)
    pipelines = [name for name in numbers if "pipeline" in name.casefold()]
    return replace(made, only_known=True, settings={PIPELINE_COLUMNS: ", ".join(pipelines)} if pipelines else {})


def _long(raw: RawTable, person: str, period: str, amount: str, asked: Asked, known: Known) -> Proposal:
    """A row a person and period, added up to a column a period."""
    rep = known.levels[-1]
    problems: list[Problem] = []
    told: list[str] = []
    roles = {
        person: (rep, "the reps"),
        period: ("Period", "a column each"),
        amount: ("Amount", "added up by rep and period"),
    }
    columns = [FileColumn(header, *roles.get(header, ("", _why_out(raw, header))), samples(raw.column(header))) for header in raw.headers]  # fmt: skip
    ours = _only(renamed(raw, "Hierarchy", columns), asked, {}, told)
    ours = _rows_of(ours, hierarchy.TABLE, known, problems, told)
    notes: list[Problem] = []
    typed = TypedTable(ours, hierarchy.TABLE, known.locale, problems, notes)
    values = typed.numbers("Amount", Column("Amount", Kind.MONEY, "", minimum=-1e15, maximum=1e15))
    names, when = typed.coded(rep).texts(), [_period_name(cell) for cell in ours.column("Period")]
    times = sorted({each for each in when if each}, key=lambda text: (*(periods.key(text) or ("", 0, 0))[1:], text))
    sums: dict[str, dict[str, float]] = {}
    for name, at, value in zip(names, when, values.tolist(), strict=True):
        if name and at and value == value:  # noqa: PLR0124  (NaN is blank)
            mine = sums.setdefault(name, {})
            mine[at] = round(mine.get(at, 0.0) + value, 6)
    told += _told(notes)
    told.append(
        f"{counted(len(ours), 'row')} added up to {counted(len(sums), 'rep')} and {counted(len(times), 'period')}"
    )
    table = {rep: list(sums), **{f"{at}{ATTAINMENT}": [mine.get(at) for mine in sums.values()] for at in times}}
    return Proposal(raw.sheet, "Hierarchy", tuple(columns), tuple(told), table, (rep,), problems=tuple(problems), only_known=True)  # fmt: skip


def _period_name(cell: Any) -> str:
    """The period of a cell; of a day its month."""
    if is_blank(cell):
        return ""
    if hasattr(cell, "year") and hasattr(cell, "month"):
        return f"{cell.year}-{cell.month:02}"
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    found = periods.key(text)
    return f"{found[1]}-{found[2]:02}" if found is not None and found[0] == "M" else text
