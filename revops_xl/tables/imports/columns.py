"""Which column of a file is which of ours, and why it is thought so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from revops_xl.tables.evidence.header_names import OTHERS, called, plain
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import RawTable

#: Values of a column that are shown, letters of one, and cells among which they are sought.
SHOWN, LONGEST, LOOKED_AT = 3, 24, 5_000
LEFT_OUT = "left out"
KEPT = "kept as it is called"


@dataclass(frozen=True)
class FileColumn:
    """A column of a file.

    Attributes:
        header: Its name in the file.
        column: The column of ours that it fills; "": none.
        becomes: What becomes of it, in words.
        samples: Some of its values.
    """

    header: str
    column: str
    becomes: str
    samples: str = ""


def samples(cells: Sequence[Any]) -> str:
    """The first different values of a column, as they came."""
    found: dict[str, None] = {}
    for cell in cells[:LOOKED_AT]:
        if not is_blank(cell):
            text = str(cell).strip()
            found.setdefault(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
        if len(found) == SHOWN:
            break
    return " · ".join(found)


def by_name(table: str, wanted: Sequence[str], headers: Sequence[str]) -> dict[str, str]:
    """Columns of ours by the headers that mean them: our own name first, then what other programs say, in their order.

    Example:
        >>> by_name("Deals", ("Rep", "Amount"), ("Opportunity Owner", "Value", "amount"))
        {'amount': 'Amount', 'Opportunity Owner': 'Rep'}
    """
    free = list(headers)
    found: dict[str, str] = {}
    for exact in (True, False):
        for column in wanted:
            if column in found.values():
                continue
            hits = [each for each in free if plain(each) == plain(column)] if exact else _others(table, column, free)
            if hits:
                found[hits[0]] = column
                free.remove(hits[0])
    return found


def _others(table: str, column: str, headers: Sequence[str]) -> list[str]:
    """Headers that other programs use, in the order in which the names are listed: the surest first."""
    order = {plain(other): i for i, other in reversed([*enumerate(OTHERS.get(table, {}).get(column, ()))])}
    return sorted(called(table, column, headers), key=lambda header: order[plain(header)])


def renamed(raw: RawTable, table: str, columns: Sequence[FileColumn]) -> RawTable:
    """The file's table with our names, each column where it stands in the file, so that cells keep their addresses."""
    names: Mapping[str, str] = {each.header: each.column for each in columns if each.column}
    return replace(raw, name=table, headers=tuple(names.get(header, header) for header in raw.headers))
