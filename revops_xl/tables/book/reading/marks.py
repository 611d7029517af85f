"""Verdicts as readers see them: a mark, a word, and a colour that says the same."""

from __future__ import annotations

from revops_xl.model.verdicts import Level

#: The mark of each level; colour never stands alone.
MARKS = {Level.FINE: "●", Level.WATCH: "▲", Level.ACT: "■", Level.NONE: "○"}


def marked(level: Level, text: str) -> str:
    """A verdict with its mark.

    Example:
        >>> marked(Level.WATCH, "34% likely")
        '▲ 34% likely'
    """
    return f"{MARKS[level]} {text}"
