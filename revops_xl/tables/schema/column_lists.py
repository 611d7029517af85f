"""Cells that list columns: names, or patterns with *."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence


def split_list(text: str | None) -> tuple[str, ...] | None:
    """The names in a cell that lists columns; None when it is blank.

    Example:
        >>> split_list("Open, Commit; *_Pipeline")
        ('Open', 'Commit', '*_Pipeline')
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", text or "")]
    return tuple(part for part in parts if part) or None


def expand(patterns: Sequence[str], available: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns that patterns name, each once, and the patterns that match none."""
    columns: list[str] = []
    unmatched = []
    for pattern in patterns:
        found = [name for name in available if name == pattern] or [
            name for name in available if fnmatch.fnmatchcase(name, literal(pattern))
        ]
        if not found:
            unmatched.append(pattern)
        columns += [name for name in found if name not in columns]
    return columns, unmatched


def literal(pattern: str) -> str:
    """Only `*` is special; the other signs of fnmatch are ordinary in a header."""
    return pattern.replace("[", "[[]").replace("?", "[?]")
