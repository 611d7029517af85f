"""What an import changes among the rows that a table has: those that come, change, stay and go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.imports.proposal import SHOWN, Proposal, RowChanges
from revops_xl.tables.imports.values import plain_list, same
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import RawTable

Key = tuple[str, ...]


def changes_of(proposal: Proposal, raw: RawTable | None, values: Mapping[str, Any]) -> RowChanges:
    """Compare the rows of an import with those of the plan.

    Args:
        proposal: The import.
        raw: The table as it stands; None: it is not there.
        values: The same as values, as far as it has the columns of the import.
    """
    count = len(proposal)
    new = {name: plain_list(column) for name, column in proposal.values.items()}
    if raw is None or not len(raw) or not set(proposal.keys) <= set(raw.headers):
        if proposal.only_known:
            strangers = tuple(str(name) for name in new[proposal.keys[0]])
            return RowChanges((), {}, 0, (), {}, strangers)
        shown = tuple(_shown(new, proposal.keys, row) for row in range(min(count, SHOWN)))
        return RowChanges(tuple(range(count)), {}, 0, (), {"added": shown})
    old = {name: plain_list(column) for name, column in values.items()}
    there: dict[Key, list[int]] = {}
    for row, key in enumerate(_keys(old, proposal.keys, len(raw))):
        there.setdefault(key, []).append(row)
    keys = _keys(new, proposal.keys, count)
    compared = [name for name in new if name in old]
    fresh = [name for name in new if name not in old]
    added, changed, unknown = [], {}, []
    found: set[int] = set()
    stay = 0
    differ = _differences(new, old, compared)
    for i, key in enumerate(keys):
        if not there.get(key):
            if proposal.only_known:
                unknown.append(_shown(new, proposal.keys, i))
            else:
                added.append(i)
            continue
        row = there[key].pop(0)
        found.add(row)
        different = differ(i, row)
        if fresh:
            different += [name for name in fresh if not is_blank(new[name][i])]
        if different:
            changed[i] = (row, tuple(different))
        else:
            stay += 1
    gone = () if proposal.only_known else tuple(row for row in range(len(raw)) if row not in found)
    names = {
        "added": tuple(_shown(new, proposal.keys, i) for i in added[:SHOWN]),
        "changed": tuple(
            f"{_shown(new, proposal.keys, i)} ({', '.join(what[:3])})" for i, (_, what) in list(changed.items())[:SHOWN]
        ),
        "gone": tuple(_shown(old, proposal.keys, row) for row in gone[:SHOWN]),
    }
    return RowChanges(tuple(added), changed, stay, gone, names, tuple(unknown))


def _differences(
    new: Mapping[str, Sequence[Any]], old: Mapping[str, Sequence[Any]], names: Sequence[str]
) -> Callable[[int, int], list[str]]:
    """Which columns of a row of the import say something else than a row of the table."""
    pairs = [(name, new[name], old[name]) for name in names]

    def differ(i: int, row: int) -> list[str]:
        return [name for name, ours, theirs in pairs if ours[i] != theirs[row] and not same(ours[i], theirs[row])]

    return differ


def _keys(columns: Mapping[str, Sequence[Any]], names: Sequence[str], count: int) -> list[Key]:
    return [tuple(_plain(columns[name][row]) for name in names) for row in range(count)]


def _plain(value: Any) -> str:
    if is_blank(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return tidy_name(str(value)).casefold() if isinstance(value, str) else str(value)[:10]


def _shown(columns: Mapping[str, Sequence[Any]], names: Sequence[str], row: int) -> str:
    parts = (str(columns[name][row]) for name in names if not is_blank(columns[name][row]))
    return ", ".join(parts) or "(blank)"
