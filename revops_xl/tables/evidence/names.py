"""Names as people see them: blanks around a name, and blanks that do not break, are no part of it."""

from __future__ import annotations

import re
import unicodedata

#: Characters that print nothing: zero width, soft hyphen, byte order mark, direction marks.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u180e]")
#: Blanks other than the usual one, as web pages and other programs leave them in a name.
_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\r\n\x0b\x0c]+")


def tidy_name(text: str) -> str:
    r"""A name without blanks around it, with usual blanks inside; "" if nothing of it can be seen.

    Example:
        >>> tidy_name(" EMEA\u00a0"), tidy_name("Ann\u00a0Lee"), tidy_name("\u200b \u2060")
        ('EMEA', 'Ann Lee', '')
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    if not _INVISIBLE.sub("", _BLANKS.sub("", text)).strip() or not any(map(_is_seen, text)):
        return ""
    return _BLANKS.sub(" ", text).strip(" ").strip("\u200b\u200c\u200d\u2060\ufeff").strip(" ")


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZC"
