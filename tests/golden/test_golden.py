"""What the product makes is what it made before, byte for byte, unless a change was meant and recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.before import made_by, recorded_revision
from tests.golden.differences import differences
from tests.golden.digests import digests, on_record
from tests.golden.products import PRODUCTS, make

MEANT = "If the change is meant: python -m tests.golden accept"


@pytest.mark.parametrize("product", PRODUCTS)
def test_makes_what_it_made(product: str, tmp_path: Path) -> None:
    """Other libraries or another processor may change last digits: then the recorded code is asked on this machine."""
    made = make(product, tmp_path / "now")
    now = {f"{product}/{name}": value for name, value in digests(made).items()}
    if now == on_record(product):
        return
    revision = recorded_revision()
    if revision is None:
        changed = sorted(name for name, _ in now.items() ^ on_record(product).items())
        pytest.fail("\n".join([*dict.fromkeys(changed), MEANT]))
    before = made_by(revision, tmp_path / "before", (product,)) / product
    lines = differences(before, made)
    assert not lines, "\n".join(["", *lines, MEANT])


def test_a_changed_cell_is_shown_with_its_sheet(tmp_path: Path) -> None:
    """The comparison itself: a value, a format and a text are told apart, and a part that is no sheet is shown as text."""
    from openpyxl import Workbook

    for name, value in (("before", 1), ("after", 2)):
        (tmp_path / name).mkdir()
        book = Workbook()
        page = book.create_sheet("Quotas")
        page["B2"], page["B3"] = value, "the same"
        book.save(tmp_path / name / "book.xlsx")
        (tmp_path / name / "told.txt").write_text(f"line\nvalue {value}\n")
    lines = differences(tmp_path / "before", tmp_path / "after")
    assert "  Quotas!B2: 1 (format 0) → 2 (format 0)" in lines
    assert lines[-2:] == ["  -value 1", "  +value 2"]
    assert not differences(tmp_path / "before", tmp_path / "before")
