"""Texts that stand where a name is missing: dashes, question marks, ditto marks."""

from __future__ import annotations

_NONE = frozenset({"-", "--", "\u2013", "\u2014", ".", "..", "?", "??", "#n/a"})
_DITTO = frozenset({'"', "''", "\u3003", "\u201d", '-"-', "do.", "ditto", "dito", "dto.", "idem", "id."})


def is_ditto(text: str) -> bool:
    """Whether a text means the same as the cell above.

    Example:
        >>> is_ditto('"'), is_ditto("Dito"), is_ditto("Id")
        (True, True, False)
    """
    return text.strip().lower() in _DITTO


def is_placeholder(text: str) -> bool:
    """Whether a text says that there is none.

    Example:
        >>> is_placeholder("-"), is_placeholder("?"), is_placeholder("N/A"), is_placeholder("TBD")
        (True, True, False, False)
    """
    return text.strip().lower() in _NONE
