"""Lists of people: who reports to whom becomes the path from the top node down, one column a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops_xl.errors import Problem
from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.evidence.placeholders import is_placeholder
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import RawTable

PERSON_ID, PERSON, FIRST, LAST, MANAGER_ID, MANAGER = (
    "Person ID",
    "Person",
    "First name",
    "Last name",
    "Manager ID",
    "Manager",
)
REP = "Rep"
#: Names of the levels above the reps by how many there are.
_LEVELS = {1: ("Head",), 2: ("Head", "Manager"), 3: ("Head", "Director", "Manager"), 4: ("Head", "VP", "Director", "Manager")}  # fmt: skip
#: Words that stand for nobody yet.
_OPEN_SEATS = ("vacant", "vacancy", "tbh", "tbd", "tba", "open", "open seat", "open role", "open position", "to be hired", "new hire", "offen", "unbesetzt", "vakant", "vacante", "vacant position", "à pourvoir", "n.n.", "n. n.")  # fmt: skip
#: People whose rows one message names.
_SHOWN = 4


@dataclass(frozen=True)
class People:
    """The org that a list of people describes.

    Attributes:
        levels: Names of the level columns, the top first, the reps last.
        rows: Index of the row of each rep in the list.
        paths: Names of each rep's path, as long as the levels; "" where it skips a level.
        told: What was made of the list, in words.
    """

    levels: tuple[str, ...]
    rows: tuple[int, ...]
    paths: tuple[tuple[str, ...], ...]
    told: tuple[str, ...]


def is_open_seat(name: str) -> bool:
    """Whether a name says that nobody sits there yet.

    Example:
        >>> [is_open_seat(text) for text in ("Vacant", "TBH 2", "Open - AE", "Otto Open")]
        [True, True, True, False]
    """
    low = name.casefold().strip("() ")
    first = low.split(" - ")[0].rstrip("0123456789 #").strip()
    return first in _OPEN_SEATS or is_placeholder(name)


def org_of(
    raw: RawTable, own: Sequence[bool], kept: Sequence[bool], top: str, problems: list[Problem]
) -> People | None:
    """The path of each rep; None, and problems, where the list does not say one.

    Args:
        raw: The list, with the columns Person ID or Person, and Manager ID or Manager.
        own: Rows with numbers of their own: a manager with such sells, too.
        kept: Rows that are asked for; the others only say who stands above.
        top: A node above those without a manager; "": there is one such person.
        problems: Gets what contradicts itself, all of it.
    """
    told: list[str] = []
    names = _names(raw, told, problems)
    if names is None:
        return None
    parent = _parents(raw, names, top, told, problems)
    if parent is None or _cycles(raw, names, parent, problems):
        return None
    count = len(names)
    has_reports = {p for i, p in enumerate(parent) if p is not None and p >= 0}
    above = [_above(i, parent) for i in range(count)]
    head = [top] if top and any(p is None for p in parent) else []
    outsiders = sorted({-p - 1 for p in parent if p is not None and p < 0})
    outside = [str(_cell(raw, _reference(raw), row)) for row in outsiders]
    sellers = [i for i in range(count) if kept[i] and (i not in has_reports or own[i])]
    if not sellers:
        problems.append(
            Problem(raw.sheet, raw.header_cell(), "nobody is left who could carry a quota", "Widen --where.")
        )
        return None
    paths = []
    for i in sellers:
        path = [names[j] for j in above[i]]
        root = above[i][0] if above[i] else i
        if parent[root] is not None:  # below somebody who is not in the list
            path = [outside[0], *path]
        path = [*head, *path]
        if i in has_reports:
            path.append(names[i])  # sells beside leading: a rep of the own team
        paths.append((path, names[i]))
    deepest = max(len(path) for path, _ in paths)
    if not deepest:
        message = "everybody stands at the top: the list has no managers"
        problems.append(Problem(raw.sheet, raw.header_cell(), message, 'Name a top node: --top "Company".'))
        return None
    both = [names[i] for i in sellers if i in has_reports]
    if both:
        told.append(f"{_listed(both)} {'leads' if len(both) == 1 else 'lead'} a team and {'sells' if len(both) == 1 else 'sell'}, so a row of the own team each")  # fmt: skip
    idle = len(has_reports) - len(both)
    if idle:
        told.append(
            "one manager without numbers carries the team's quota only"
            if idle == 1
            else f"{idle} managers without numbers of their own carry their teams' quotas only"
        )
    levels = (*(_LEVELS.get(deepest) or ("Head", *(f"Level {i}" for i in range(2, deepest)), "Manager")), REP)
    rows = tuple((*path, *[""] * (deepest - len(path)), name) for path, name in paths)
    return People(levels, tuple(sellers), rows, tuple(told))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _cell(raw: RawTable, header: str, row: int) -> Any:
    cell = raw.column(header)[row] if header in raw.headers else None
    if is_blank(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy_name(str(cell))


def _reference(raw: RawTable) -> str:
    return MANAGER_ID if MANAGER_ID in raw.headers else MANAGER


def _names(raw: RawTable, told: list[str], problems: list[Problem]) -> list[str] | None:
    """A name for each row that no other row has."""
    both = {FIRST, LAST} <= set(raw.headers) and PERSON not in raw.headers
    ids = [_cell(raw, PERSON_ID, row) for row in range(len(raw))]
    names: list[str] = []
    for row in range(len(raw)):
        name = (
            " ".join(filter(None, (_cell(raw, FIRST, row), _cell(raw, LAST, row)))) if both else _cell(raw, PERSON, row)
        )
        names.append(name or ids[row] or "")
    before = len(problems)
    column = PERSON if PERSON in raw.headers else PERSON_ID if PERSON_ID in raw.headers else raw.headers[0]
    for row, name in enumerate(names):
        if not name:
            problems.append(Problem(raw.sheet, raw.cell(row, column), "the row names nobody", "Enter a name, or delete the row."))  # fmt: skip
    _refuse_doubled_ids(raw, ids, problems)
    if len(problems) > before:
        return None
    seen: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        seen.setdefault(name.casefold(), []).append(row)
    for rows in seen.values():
        seats = is_open_seat(names[rows[0]])
        if len(rows) == 1:
            continue
        first = names[rows[0]]
        for number, row in enumerate(rows, start=1):
            names[row] = f"{first} ({ids[row]})" if ids[row] and not seats else f"{first} {number}"
        numbers = ", ".join(raw.row_text(row) for row in rows[:_SHOWN])
        if seats or all(ids[row] for row in rows):
            what = "open seats, numbered" if seats else f"{len(rows)} people, told apart by their ids"
            told.append(f"{first} (rows {numbers}): {what}")
        else:
            message = f'"{first}" stands in rows {numbers}, without ids that tell one person twice from two people'
            problems.append(Problem(raw.sheet, raw.cell(rows[1], column), message, "Delete the copy, or add a column Employee ID."))  # fmt: skip
    return names if len(problems) == before else None


def _refuse_doubled_ids(raw: RawTable, ids: Sequence[str | None], problems: list[Problem]) -> None:
    first: dict[str, int] = {}
    for row, each in enumerate(ids):
        if each and first.setdefault(each.casefold(), row) != row:
            message = f'id "{each}" stands twice, first in row {raw.row_text(first[each.casefold()])}'
            problems.append(Problem(raw.sheet, raw.cell(row, PERSON_ID), message, "Keep the row that holds."))


def _parents(
    raw: RawTable, names: Sequence[str], top: str, told: list[str], problems: list[Problem]
) -> list[int | None] | None:
    """Row of each person's manager; None: nobody; -1 less the row that says so: the one manager who is not in the list."""
    by_id = {str(each).casefold(): row for row in range(len(raw)) if (each := _cell(raw, PERSON_ID, row))}
    by_name: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        by_name.setdefault(name.casefold(), []).append(row)
        plain = _cell(raw, PERSON, row)
        if plain and plain.casefold() != name.casefold():
            by_name.setdefault(plain.casefold(), []).append(row)
    before = len(problems)
    parents: list[int | None] = []
    missing: dict[str, list[int]] = {}
    header = _reference(raw)
    for row in range(len(raw)):
        said = _cell(raw, header, row)
        if header == MANAGER_ID and (said is None or (said.casefold() not in by_id and _named(raw, by_name, row))):
            said = _cell(raw, MANAGER, row)  # ids of another system beside names that are known
        if said is None or is_placeholder(said):
            parents.append(None)
            continue
        found = [by_id[said.casefold()]] if said.casefold() in by_id else by_name.get(said.casefold(), [])
        if len(found) > 1:
            numbers = " and ".join(raw.row_text(each) for each in found[:2])
            message = f'manager "{said}" may be that of row {numbers}'
            problems.append(Problem(raw.sheet, raw.cell(row, header), message, "Bring a column with the manager's id."))
            parents.append(None)
        elif found:
            parents.append(None if found[0] == row else found[0])  # the head reports to himself in some systems
        else:
            missing.setdefault(said, []).append(row)
            parents.append(-row - 1)
    roots = [row for row, parent in enumerate(parents) if parent is None]
    if len(missing) == 1 and not roots:
        (name, rows) = next(iter(missing.items()))
        told.append(f"{name} is the top node: everybody's last manager, and not in the list ({len(rows)} rows)")
        return [parent if parent is None or parent >= 0 else -rows[0] - 1 for parent in parents]
    for name, rows in missing.items():
        where = ", ".join(raw.cell(row, header) for row in rows[:3])
        message = f'manager "{name}" is not in the list ({len(rows)} {"row" if len(rows) == 1 else "rows"})'
        problems.append(Problem(raw.sheet, where, message, "Add the manager's row, or correct the cell."))
    if len(roots) > 1 and not missing and not top and len(problems) == before:
        listed = _listed([f"{names[row]} (row {raw.row_text(row)})" for row in roots])
        message = f"{len(roots)} people have no manager: {listed}; a plan has one top node"
        fix = 'Enter the managers of all but one, or name a node above them: --top "Company".'
        problems.append(Problem(raw.sheet, raw.cell(roots[1], header), message, fix))
        return None
    return None if missing or problems else parents


def _named(raw: RawTable, by_name: Mapping[str, list[int]], row: int) -> bool:
    """Whether the name of a person's manager is one of the list."""
    said = _cell(raw, MANAGER, row)
    return said is not None and said.casefold() in by_name


def _above(row: int, parent: Sequence[int | None]) -> list[int]:
    """Rows of the managers of a person, the top first."""
    found: list[int] = []
    at = parent[row]
    while at is not None and at >= 0 and len(found) <= len(parent):
        found.append(at)
        at = parent[at]
    return found[::-1]


def _cycles(raw: RawTable, names: Sequence[str], parent: Sequence[int | None], problems: list[Problem]) -> bool:
    """Whether people report to each other in a ring; each ring is a problem with its rows."""
    done: set[int] = set()
    rings = 0
    for start in range(len(parent)):
        path: list[int] = []
        at: int | None = start
        while at is not None and at >= 0 and at not in done and at not in path:
            path.append(at)
            at = parent[at]
        if at is not None and at in path:
            ring = path[path.index(at) :]
            rings += 1
            who = " → ".join(f"{names[row]} (row {raw.row_text(row)})" for row in [*ring, ring[0]][: _SHOWN + 1])
            where = ", ".join(raw.cell(row, _reference(raw)) for row in ring[:3])
            problems.append(Problem(raw.sheet, where, f"they report to each other: {who}", "Correct one manager."))
        done.update(path)
    return rings > 0
