"""Words that stand for somebody who is not hired yet: each row with one is a seat of its own."""

from __future__ import annotations

import re

_WORDS = (
    "tbh", "tbd", "tba", "open", "vacant", "vacancy", "open seat", "open headcount", "open position", "new hire", "to be hired", "to be determined", "n.n.", "nn", "offen", "vakant", "unbesetzt",
    "vacante", "vacant seat", "poste vacant", "hiring",
)  # fmt: skip
_KNOWN = frozenset(_WORDS)


def is_open_seat(name: str) -> bool:
    """Whether a name is one of these words.

    Example:
        >>> is_open_seat("TBH"), is_open_seat(" open seat"), is_open_seat("Ann Open"), is_open_seat("TBH 1")
        (True, True, False, False)
    """
    return re.sub(r"\s+", " ", name.strip().casefold()) in _KNOWN
