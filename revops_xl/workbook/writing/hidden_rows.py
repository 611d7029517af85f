"""Rows of a sheet hidden, and shown again."""

from __future__ import annotations

import re
from collections.abc import Container

_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(/?>)')
_HIDDEN = re.compile(rb'\s+hidden="[^"]*"')


def with_hidden(content: bytes, rows: Container[int], *, hidden: bool) -> bytes:
    """A sheet in which some rows (from 1) are hidden, or shown.

    Example:
        >>> with_hidden(b'<row r="2" ht="9"><c r="A2"/></row>', {2}, hidden=True)
        b'<row r="2" ht="9" hidden="1"><c r="A2"/></row>'
    """

    def changed(match: re.Match[bytes]) -> bytes:
        if int(match[1]) not in rows:
            return match[0]
        attributes = _HIDDEN.sub(b"", match[2]) + (b' hidden="1"' if hidden else b"")
        return b'<row r="%s"%s%s' % (match[1], attributes, match[3])

    return _ROW.sub(changed, content)
