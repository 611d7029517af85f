"""The buttons Packets, Collect and Freeze over an open workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from revops_xl.hosts.excel import macros
from revops_xl.hosts.excel.travel import RETURNED
from tests.hosts import fake_excel
from tests.hosts.test_macros import as_before, everything, opened, press, rows
from tests.packets.teams import filled_in, plan_file


@pytest.fixture
def excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fake_excel.App:
    monkeypatch.setattr("platformdirs.user_documents_dir", lambda: str(tmp_path / "Documents"))
    return fake_excel.start(tmp_path)


def named(book: fake_excel.Book, table: str) -> list[dict[str, Any]]:
    head, *body = rows(book, table)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_packets_out_and_back_over_the_open_workbook(excel: fake_excel.App, tmp_path: Path) -> None:
    book = opened(excel, plan_file(tmp_path / "plan.xlsx", 3))
    press(excel, "rvxPackets")
    folder = tmp_path / "Documents" / "plan packets"
    assert len(list(folder.iterdir())) == 7
    mode, text = excel.said[-1]
    assert mode == "info"
    assert "3 packets" in text
    assert [row["Node"] for row in named(book, "Packets")] == ["Boss 000", "Boss 001", "Boss 002"]
    back = tmp_path / "Documents" / RETURNED
    back.mkdir()
    filled_in(folder / "Boss 001.xlsx", back / "answer.xlsx", [("Commit", 5, "Commit now", 4321.5)])
    press(excel, "rvxCollect")
    mode, text = excel.said[-1]
    assert "1 taken, 2 not returned" in text
    assert "1 came into force" in text
    assert {row["Manager"]: row["Commit"] for row in named(book, "Commits")}["Boss 001"] == 4321.5
    assert next(row["State"] for row in named(book, "Requests")) == "in force"
    press(excel, "rvxCollect")
    assert "came into force" not in excel.said[-1][1]
    as_before(excel)


def test_packets_of_a_plan_that_is_refused_leave_no_folder(excel: fake_excel.App, tmp_path: Path) -> None:
    book = opened(excel, plan_file(tmp_path / "plan.xlsx", 3))
    book.sheets("Settings").range((5, 2)).formula = "much"
    before = {key: value for key, value in everything(book).items() if not key.startswith("Result Checks")}
    press(excel, "rvxPackets")
    assert excel.said[-1][0] == "critical"
    assert not list((tmp_path / "Documents").glob("*"))
    assert {key: value for key, value in everything(book).items() if not key.startswith("Result Checks")} == before


def test_freeze_saves_a_copy_beside_the_workbook(excel: fake_excel.App, tmp_path: Path) -> None:
    path = plan_file(tmp_path / "plan.xlsx", 2)
    opened(excel, path)
    press(excel, "rvxFreeze")
    press(excel, "rvxFreeze")
    assert sorted(each.name for each in tmp_path.glob("*to send*")) == ["plan to send 2.xlsx", "plan to send.xlsx"]
    assert "property blanked: core.xml" in excel.said[-1][1]


def test_every_button_says_so_without_a_workbook(excel: fake_excel.App) -> None:
    for button in ("rvxPackets", "rvxCollect", "rvxFreeze"):
        assert macros.press(button).startswith("critical|Open a plan workbook first")
    del excel
