"""Damage of every kind to a good file: it is refused with a reason or read as it was; never a traceback, never another value."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revops_xl import PlanError
from tests.plans import load, worked_tables, write_plan

#: More with REVOPS_FUZZ_EXAMPLES: 3 x 30,000 found a table whose totals count was no number, and a cell far enough away to end the process.
EXAMPLES = int(os.environ.get("REVOPS_FUZZ_EXAMPLES", "100"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

#: Fragments that mean something to the format; fuzzing with them gets past the first check.
WORDS = [
    b"<v>", b"</v>", b"<f>", b"</f>", b"<c ", b"</c>", b'r="A1"', b'r="XFD1048576"', b't="e"', b't="s"', b't="b"', b't="d"',
    b't="str"', b't="inlineStr"', b"<is><t>", b"</t></is>", b"<row ", b"</row>", b"<sheetData>", b"</sheetData>", b"&amp;",
    b"&#0;", b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"\xff\xfe", b"\x00", b"'", b'"', b"nan", b"1e999",
    b"-1", b"999999999999999999", b"#REF!", b'<mergeCell ref="A1:B9"/>', b'hidden="1"', b'ref="A4:K10"', b'ref="Z"', b"xmlns=",
    b'TargetMode="External"', b"../", b"/xl/", b"rId1", b'date1904="1"', b'state="veryHidden"', b'totalsRowCount="1"',
]  # fmt: skip


@cache
def good() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_plan(Path(folder) / "plan.xlsx", worked_tables()).read_bytes()


@cache
def good_parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def facts() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        path.write_bytes(good())
        return seen(path)


def seen(path: Path) -> dict[str, Any]:
    plan = load(path)
    tree = plan.inputs.tree
    return {"target": plan.inputs.target, "names": tree.names.tolist(), "digest": plan.digest}


def outcome(content: bytes, folder: Path) -> dict[str, Any] | None:
    """What was read; None if it was refused with at least one reason that says where."""
    path = folder / "plan.xlsx"
    path.write_bytes(content)
    try:
        return seen(path)
    except PlanError as error:
        if not error.problems or not all(problem.sheet and problem.message for problem in error.problems):
            raise AssertionError("a refusal without a reason") from error
        return None


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@FUZZ
@given(
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=6),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_bytes_of_the_file(changes: list[tuple[int, int]], cut: float | None) -> None:
    """Bits flipped anywhere in the archive, and the file cut off: checksums tell, so nothing else can be read than was there."""
    content = bytearray(good())
    for place, value in changes:
        content[place % len(content)] = value
    if cut is not None:
        content = content[: int(len(content) * cut)]
    with tempfile.TemporaryDirectory() as folder:
        found = outcome(bytes(content), Path(folder))
    assert found is None or found == facts()


@FUZZ
@given(st.data())
def test_words_of_the_format_in_its_parts(data: st.DataObject) -> None:
    """Parts edited with the format's own words, checksums mended: whatever is read, the reader ends with an answer."""
    parts = dict(good_parts())
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(parts)))
        content = parts[name]
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.sampled_from([0, 0, 1, 3, 10, 60]))
        parts[name] = content[:start] + data.draw(st.sampled_from(WORDS)) + content[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        outcome(zipped(parts), Path(folder))


@FUZZ
@given(st.data())
def test_fields_of_the_directory(data: st.DataObject) -> None:
    """Sizes, offsets, methods and flags of entries that say something else than the bytes."""
    content = bytearray(good())
    place = content.find(b"PK\x01\x02")
    places = []
    while place >= 0:
        places.append(place)
        place = content.find(b"PK\x01\x02", place + 4)
    for _ in range(data.draw(st.integers(1, 3))):
        entry = data.draw(st.sampled_from(places))
        offset, kind = data.draw(st.sampled_from([(6, "<H"), (8, "<H"), (10, "<H"), (16, "<I"), (20, "<I"), (24, "<I"), (28, "<H"), (30, "<H"), (42, "<I")]))  # fmt: skip
        value = data.draw(
            st.sampled_from([0, 1, 7, 8, 9, 14, 99, 0xFFFF]) if kind == "<H" else st.integers(0, 2**32 - 1)
        )
        struct.pack_into(kind, content, entry + offset, value)
    with tempfile.TemporaryDirectory() as folder:
        found = outcome(bytes(content), Path(folder))
    assert found is None or found == facts()
