"""Names of files that every system can open: Windows reads what Linux wrote."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from pathvalidate import ValidationError, validate_filename

from revops_xl.errors import Problem

#: Characters that turn the direction of text: a name can look like another one.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHOWN = 60


def name_fault(path: Path) -> Problem | None:
    """What is wrong with the name of a file to be written; None if nothing is.

    Example:
        >>> print(name_fault(Path("CON.xlsx")))
        CON.xlsx: the name is reserved on Windows. Choose another name.
    """
    name = os.fsencode(path.name).decode("utf-8", "replace")  # the terminal may know no more than ASCII
    if name.startswith("~$"):
        return Problem(name, "", "names of this kind are Excel's lock files", "Choose another name.")
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    if any(char in _TURNING for char in name):
        return Problem(shown.translate(dict.fromkeys(map(ord, _TURNING))), "", "the name has characters that turn the direction of text", "Choose another name.")  # fmt: skip
    try:
        validate_filename(name, platform="universal", fs_encoding="utf-8")
    except ValidationError as error:
        return Problem(
            shown, "", _REASONS.get(error.reason.name, "the name cannot be used everywhere"), "Choose another name."
        )
    return None


_REASONS = {
    "RESERVED_NAME": "the name is reserved on Windows",
    "INVALID_CHARACTER": 'the name has characters that Windows does not allow: < > : " / \\ | ? *, control characters, or a dot or blank at an end',
    "INVALID_LENGTH": "the name is too long; 255 bytes are the limit",
    "NULL_NAME": "the name is empty",
}


def twin(path: Path) -> Path | None:
    """A file in the same folder whose name differs only in case or in how accents are stored: one file on Windows and Mac."""
    if not path.parent.is_dir():
        return None
    wanted = _folded(path.name)
    others = (other for other in path.parent.iterdir() if other.name != path.name and _folded(other.name) == wanted)
    return next(others, None)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
