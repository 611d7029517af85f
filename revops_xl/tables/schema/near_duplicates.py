"""Names that differ only by case, blanks or look-alike letters: listed, never merged."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.org import OrgTree
from revops_xl.tables.schema.typed import TypedTable

#: Cyrillic and Greek letters that print like Latin ones.
_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντ",
    "ABESIJKMHOPCTYXaeopcyxijsABEZHIKMNOPTYXovt",
)
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])


def likeness(name: str) -> str:
    r"""What a person sees of a name: equal for names that look the same.

    Example:
        >>> likeness("EMEA ") == likeness("emea") == likeness("\N{CYRILLIC CAPITAL LETTER IE}MEA")
        True
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).translate(_INVISIBLE).translate(_LOOK_ALIKES)
    return " ".join(name.split()).casefold()


def near_duplicates(typed: TypedTable, levels: Sequence[str]) -> list[Problem]:
    """List near-duplicates among the names of each level, with a cell of each spelling."""
    notes = []
    for level in levels:
        coded = typed.coded(level)
        for spellings in _groups(coded.names):
            rows = [int(np.argmax(coded.codes == coded.names.index(name))) for name in spellings[:SHOWN]]
            places = [f'"{name}" ({typed.raw.cell(row, level)})' for name, row in zip(spellings, rows, strict=False)]
            notes.append(Problem(typed.raw.sheet, typed.raw.cell(rows[1], level), _message(level, places), _FIX))
    return notes


def look_alikes(tree: OrgTree) -> list[Problem]:
    """The same for a tree, where there are no cells to name."""
    return [
        Problem("hierarchy", level, _message(level, [f'"{name}"' for name in spellings[:SHOWN]]), _FIX)
        for i, level in enumerate(tree.levels)
        for spellings in _groups(list(dict.fromkeys(tree.names[tree.level == i].tolist())))
    ]


#: Spellings shown of one name.
SHOWN = 6
_FIX = "Use one spelling if they are the same."


def _message(level: str, places: Sequence[str]) -> str:
    return f"{level} has names that look alike and are kept apart: {', '.join(places)}"


def _groups(names: Sequence[str]) -> list[list[str]]:
    keys = list(map(likeness, names))
    if len(set(keys)) == len(keys):
        return []
    alike: dict[str, list[str]] = defaultdict(list)
    for name, key in zip(names, keys, strict=True):
        alike[key].append(name)
    return [spellings for spellings in alike.values() if len(spellings) > 1]
