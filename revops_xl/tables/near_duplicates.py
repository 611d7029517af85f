"""Names that differ only by case, blanks or look-alike letters: listed, never merged."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from revops_xl.errors import Problem
from revops_xl.tables.typed import TypedTable

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
        names = typed.coded(level).names
        keys = list(map(likeness, names))
        if len(set(keys)) == len(keys):
            continue
        alike: dict[str, list[str]] = defaultdict(list)
        for name, key in zip(names, keys, strict=True):
            alike[key].append(name)
        column = typed.texts(level)
        for spellings in alike.values():
            if len(spellings) > 1:
                places = [f'"{name}" ({typed.raw.cell(column.index(name), level)})' for name in spellings]
                cell = typed.raw.cell(column.index(spellings[1]), level)
                message = f"{level} has names that look alike and are kept apart: {', '.join(places)}"
                notes.append(Problem(typed.raw.sheet, cell, message, "Use one spelling if they are the same."))
    return notes
