"""Packets that come back: recognised, compared, decided; nothing merged silently."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from revops_xl.errors import PlanError
from revops_xl.tables.packets.returns import Return
from revops_xl.usecases import run as flow
from revops_xl.usecases.collect import Collected, collect
from revops_xl.usecases.packets import make_packets
from tests.packages import tamper
from tests.packets.teams import below, cell, cells_of, columns, decide, enter, filled_in, plan_file, rows_of
from tests.plans import deep, load
from tests.programs import parts, recalculate

PACKETS = 20
NOW = dt.datetime(2026, 11, 1, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A plan with 20 managers and its packets."""
    folder = tmp_path_factory.mktemp("sent")
    plan = plan_file(folder / "plan.xlsx", PACKETS, seed=4)
    make_packets(plan, folder / "out", who="tester", now=NOW)
    return plan, folder / "out"


@pytest.fixture
def plan(sent: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copy(sent[0], tmp_path / "plan.xlsx"))


def packet(sent: tuple[Path, Path], number: int) -> Path:
    return sent[1] / f"Boss {number:03}.xlsx"


def large_team(sent: tuple[Path, Path], members: int = 2) -> Path:
    """A packet of at least so many people."""
    return next(path for path in sorted(sent[1].glob("*.xlsx")) if len(rows_of(load_workbook(path)["Team"])) > members)


def of_file(found: Collected, name: str) -> Return:
    return next(each for each in found.returns if each.file == name)


def status(found: Collected) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found.returns:
        counts[each.status] = counts.get(each.status, 0) + 1
    return counts


# --- nothing changed ---------------------------------------------------------------------------------------------------


def test_packets_that_come_back_as_they_were_change_nothing(sent: tuple[Path, Path], plan: Path) -> None:
    before, inputs = flow.compute(plan).quotas.quota.copy(), load(plan).digest
    found = collect(plan, [sent[1]])
    assert status(found) == {"taken": PACKETS}
    assert not found.requests
    assert load(plan).digest == inputs
    assert (flow.compute(plan).quotas.quota == before).all()
    assert [row["Bottom-up"] for row in cells_of(plan, "RollUp")] == [
        row["Top-down"] for row in cells_of(plan, "RollUp")
    ]
    assert not cells_of(plan, "ReturnDetails")[0]["Finding"]


def test_no_false_alarm_after_libreoffice_saved_them(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    again = recalculate(sorted(sent[1].glob("*.xlsx")), tmp_path)
    found = collect(plan, again)
    assert status(found) == {"taken": PACKETS}
    assert not cells_of(plan, "ReturnDetails")[0]["Finding"]


def test_entries_survive_libreoffice(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    source = large_team(sent)
    page = load_workbook(source)["Team"]
    quotas = [row["Quota"] for row in rows_of(page)]
    entries = [("Team", 6, "Proposed quota", quotas[1] + 10.01), ("Team", 7, "Proposed quota", quotas[2] - 10.01), ("Commit", 5, "Commit now", 4711.5), ("Team", 6, "Comment", "grüß dich, =1+1")]  # fmt: skip
    (path,) = recalculate([filled_in(source, tmp_path / "answer.xlsx", entries)], tmp_path)
    found = collect(plan, [path])
    assert of_file(found, "answer.xlsx").status == "taken"
    assert {(each.kind, each.asked) for each in found.requests} == {("re-split", round(quotas[1] + 10.01, 2)), ("re-split", round(quotas[2] - 10.01, 2)), ("commit", 4711.5)}  # fmt: skip
    assert cells_of(plan, "ReturnDetails")[0]["Returned"] == "grüß dich, =1+1"
    assert not [name for name, content in parts(plan).items() if b"<f>1+1" in content or b"<f>gr" in content]


# --- twelve kinds of change, each in twenty packets ----------------------------------------------------------------------


def _number(book: Workbook) -> None:
    cell(book, "Team", 5, "Quota").value += 0.01


def _name(book: Workbook) -> None:
    enter(book, "Team", 6, "Name", "Somebody Else")


def _key(book: Workbook) -> None:
    enter(book, "Team", 6, "Key", "k000000000")


def _delete(book: Workbook) -> None:
    book["Team"].delete_rows(below(book["Team"], 6))


def _double(book: Workbook) -> None:
    page = book["Team"]
    page.append([each.value for each in page[below(page, 6)]])


def _insert(book: Workbook) -> None:
    page = book["Team"]
    row = page.max_row + 1
    entries: dict[str, Any] = {"Name": "New Person", "Quota": 5, "Key": "knew", "Level": "IC"}
    for header, value in entries.items():
        page.cell(row, columns(page)[header]).value = value


def _reorder(book: Workbook) -> None:
    page = book["Team"]
    rows = [[each.value for each in row] for row in page.iter_rows(min_row=below(page, 5))]
    first = below(page, 5)
    for number, values in enumerate(reversed(rows)):
        for column, value in enumerate(values, start=1):
            page.cell(first + number, column).value = value


def _move_columns(book: Workbook) -> None:
    page = book["Team"]
    rows = [[each.value for each in row] for row in page.iter_rows(min_row=below(page, 4))]
    head = below(page, 4)
    for number, values in enumerate(rows):
        for column, value in enumerate([*values[3:], *values[:3]], start=1):
            page.cell(head + number, column).value = value


def _rename(book: Workbook) -> None:
    book["Team"].title = "My team (final)"
    book["Packet"].sheet_state = "hidden"


def _copy(book: Workbook) -> None:
    book.copy_worksheet(book["Team"])


def _type_over(book: Workbook) -> None:
    cell(book, "Team", 5, "New quota").value = 1.23


def _label(book: Workbook) -> None:
    book["Team"]["A4"].value = "Your team carries 1 USD, as handed down to you."


#: What is changed, what becomes of the file, and the finding that says so.
MUTATIONS: list[tuple[Callable[[Workbook], None], str, str]] = [
    (_number, "altered", "altered"),
    (_name, "altered", "altered"),
    (_key, "refused", "removed"),
    (_delete, "refused", "removed"),
    (_double, "refused", "twice"),
    (_insert, "unclear", "added"),
    (_reorder, "taken", ""),
    (_move_columns, "taken", ""),
    (_rename, "taken", ""),
    (_copy, "refused", "twice"),
    (_type_over, "altered", "altered"),
    (_label, "altered", "altered"),
]


@pytest.mark.parametrize("packets", [1, *deep(PACKETS)])
def test_twelve_kinds_of_change_are_all_found_in_every_packet(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path, packets: int
) -> None:
    folder = tmp_path / "changed"
    folder.mkdir()
    large = [path for path in sorted(sent[1].glob("*.xlsx")) if len(rows_of(load_workbook(path)["Team"])) >= 3]
    for path in (sorted(sent[1].glob("*.xlsx")) if packets == PACKETS else large)[:packets]:
        for mutate, _, _ in MUTATIONS:
            book = load_workbook(path)
            mutate(book)
            book.save(folder / f"{path.stem}{mutate.__name__}.xlsx")
    wrong = []
    for mutate, how, finding in MUTATIONS:
        target = tmp_path / f"plan{mutate.__name__}.xlsx"
        files = sorted(folder.glob(f"*{mutate.__name__}.xlsx"))
        assert len(files) == packets
        found = collect(plan, files, target)
        details = cells_of(target, "ReturnDetails")
        for path in files:
            told = {row["Finding"] for row in details if row["File"] == path.name} - {"note"}
            mine = of_file(found, path.name)
            if mine.status != how or (finding and finding not in told) or (not finding and told):
                wrong.append((path.name, mine.status, told))
        assert not found.requests
    assert not wrong


def test_old_and_new_are_shown(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    source = packet(sent, 3)
    old = load_workbook(source)["Team"]
    quota = rows_of(old)[0]["Quota"]
    book = load_workbook(source)
    _number(book)
    book.save(tmp_path / "changed.xlsx")
    found = collect(plan, [tmp_path / "changed.xlsx"])
    detail = cells_of(plan, "ReturnDetails")[0]
    assert (detail["Sent"], detail["Returned"]) == (f"{quota:,.15g}", f"{quota + 0.01:,.15g}")
    assert detail["Column"] == "Quota"
    assert of_file(found, "changed.xlsx").altered == 1


# --- which file it is --------------------------------------------------------------------------------------------------


def test_names_and_order_of_files_do_not_matter(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    files = [
        Path(shutil.copy(path, tmp_path / f"AW RE {i}.xlsx")) for i, path in enumerate(sorted(sent[1].glob("*.xlsx")))
    ]
    random.Random(1).shuffle(files)
    found = collect(plan, files)
    assert status(found) == {"taken": PACKETS}
    assert {each.node for each in found.returns} == {f"Boss {i:03}" for i in range(PACKETS)}


def test_what_has_not_come_back_is_told(sent: tuple[Path, Path], plan: Path) -> None:
    found = collect(plan, [packet(sent, 1), packet(sent, 2)])
    assert status(found) == {"taken": 2, "not returned": PACKETS - 2}
    top = cells_of(plan, "RollUp")[0]
    assert (top["Packets"], top["Returned"]) == (PACKETS, 2)


def test_the_packet_of_another_plan_is_refused(sent: tuple[Path, Path], tmp_path: Path) -> None:
    other = plan_file(tmp_path / "other.xlsx", 3, seed=9)
    make_packets(other, tmp_path / "others")
    found = collect(other, [packet(sent, 1)])
    assert of_file(found, "Boss 001.xlsx").what.startswith("wrong plan")


def test_an_older_version_is_not_taken(plan: Path, sent: tuple[Path, Path], tmp_path: Path) -> None:
    book = load_workbook(plan)
    target: Any = book["Settings"]["B5"]
    target.value += 1000
    book.save(plan)
    newer = make_packets(plan, tmp_path / "newer")
    assert {each.version for each in newer.packets} == {2}
    source = large_team(sent)
    entries = [("Commit", 5, "Commit now", 1)]
    old = filled_in(source, tmp_path / "old.xlsx", entries)
    new = filled_in(tmp_path / "newer" / source.name, tmp_path / "new.xlsx", [("Commit", 5, "Commit now", 2)])
    found = collect(plan, [new, old])
    assert of_file(found, "old.xlsx").status == "older version"
    assert of_file(found, "new.xlsx").status == "taken"
    assert [each.asked for each in found.applied] == [2.0]


def _strip(book: Workbook) -> None:
    del book["Packet"]


def _alter_seal(book: Workbook) -> None:
    sealed: Any = book["Packet"]["B4"]
    sealed.value = sealed.value.replace('"Quota":', '"Quota":9', 1)


def _other_seal(book: Workbook) -> None:
    mark: Any = book["Packet"]["A4"]
    mark.value = mark.value.replace(mark.value.split()[1], "0123456789ab")


@pytest.mark.parametrize(
    ("forge", "why"), [(_strip, "not a packet"), (_alter_seal, "forged"), (_other_seal, "wrong plan")]
)
def test_a_forged_packet_is_refused(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path, forge: Callable[[Workbook], None], why: str
) -> None:
    book = load_workbook(packet(sent, 1))
    enter(book, "Commit", 5, "Commit now", 1)
    forge(book)
    book.save(tmp_path / "forged.xlsx")
    found = collect(plan, [tmp_path / "forged.xlsx"])
    assert of_file(found, "forged.xlsx").status == "refused"
    assert of_file(found, "forged.xlsx").what.startswith(why)
    assert not found.requests


def test_two_packets_in_one_file_are_refused(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    book, other = load_workbook(packet(sent, 1)), load_workbook(packet(sent, 2))
    page = book.create_sheet("Other")
    for row in other["Packet"].iter_rows():
        for each in row:
            page[each.coordinate].value = each.value
    book.save(tmp_path / "both.xlsx")
    found = collect(plan, [tmp_path / "both.xlsx"])
    assert of_file(found, "both.xlsx").what == "two packets in one file"


#: Parts that make a workbook run or fetch something.
HOSTILE: dict[str, dict[str, Any]] = {
    "macros": {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le")},
    "link": {
        "xl/externalLinks/externalLink1.xml": b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="file:///c:/other.xlsx" TargetMode="External"/></Relationships>',
    },
    "doctype": {"xl/extra.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_hostile_file_is_refused_and_the_others_are_taken(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path, kind: str
) -> None:
    bad = Path(shutil.copy(packet(sent, 1), tmp_path / "bad.xlsx"))
    tamper(bad, HOSTILE[kind])
    (tmp_path / "empty.xlsx").write_bytes(b"")
    (tmp_path / "text.xlsx").write_text("hello")
    (tmp_path / "cut.xlsx").write_bytes(packet(sent, 2).read_bytes()[:9000])
    found = collect(plan, [bad, *(tmp_path / f"{name}.xlsx" for name in ("empty", "text", "cut")), packet(sent, 5)])
    refused = {each.file for each in found.returns if each.status == "refused"}
    assert refused == {"bad.xlsx", "empty.xlsx", "text.xlsx", "cut.xlsx"}
    assert of_file(found, "Boss 005.xlsx").status == "taken"


# --- twice, and against each other ---------------------------------------------------------------------------------------


def test_collecting_twice_is_collecting_once(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    answer = filled_in(large_team(sent), tmp_path / "answer.xlsx", [("Commit", 5, "Commit now", 5000), ("Team", 6, "Proposed quota", 1)])  # fmt: skip
    first = collect(plan, [answer], now=NOW)
    tables = {
        name: cells_of(plan, name)
        for name in ("Returns", "Requests", "ReturnDetails", "Commits", "RollUp", "Overrides")
    }
    again = Path(shutil.copy(answer, tmp_path / "the same.xlsx"))
    second = collect(plan, [answer, answer], now=NOW)
    assert {name: cells_of(plan, name) for name in tables} == tables
    assert len(first.applied) == 1
    assert not second.applied
    third = collect(plan, [again], now=NOW)
    assert len(third.requests) == len(first.requests)
    assert not third.applied


def test_two_different_returns_are_a_decision(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    source = packet(sent, 2)
    one = filled_in(source, tmp_path / "one.xlsx", [("Commit", 5, "Commit now", 100), ("Commit", 5, "Remark", "first")])
    two = filled_in(source, tmp_path / "two.xlsx", [("Commit", 5, "Commit now", 200)])
    found = collect(plan, [one, two])
    assert {of_file(found, name).status for name in ("one.xlsx", "two.xlsx")} == {"conflict"}
    assert not found.applied
    assert {each.conflict for each in found.requests} == {"commit 200.00 in two.xlsx", "commit 100.00 in one.xlsx"}
    before = {row["Manager"]: row["Commit"] for row in cells_of(plan, "Commits")}
    keys = {each.asked: each.key for each in found.requests}
    decide(plan, dict.fromkeys(keys.values(), "accept"))
    with pytest.raises(PlanError, match="several requests for"):
        collect(plan)
    decide(plan, {keys[100.0]: "reject"})
    after = collect(plan)
    assert [each.asked for each in after.applied] == [200.0]
    assert {row["Manager"]: row["Commit"] for row in cells_of(plan, "Commits")} == before | {"Boss 002": 200}
    assert {row["Asked"]: row["State"] for row in cells_of(plan, "Requests")} == {100: "rejected", 200: "in force"}


def test_a_decision_that_is_none_is_refused(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    answer = filled_in(packet(sent, 2), tmp_path / "one.xlsx", [("Team", 5, "Comment", "x"), ("Requests", 5, "For", "Boss 002"), ("Requests", 5, "Asked quota", 5), ("Requests", 5, "Reason", "y")])  # fmt: skip
    found = collect(plan, [answer])
    decide(plan, {found.requests[0].key: "perhaps"})
    before = plan.read_bytes()
    with pytest.raises(PlanError, match='Decision is "perhaps"'):
        collect(plan)
    assert plan.read_bytes() == before


# --- decisions put in force ----------------------------------------------------------------------------------------------


def test_an_accepted_re_split_moves_those_two_and_nobody_else(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path
) -> None:
    source = large_team(sent, 3)
    team = rows_of(load_workbook(source)["Team"])
    asked = [round(team[1]["Quota"] + 123.45, 2), round(team[2]["Quota"] - 123.45, 2)]
    entries = [("Team", 6 + i, "Proposed quota", amount) for i, amount in enumerate(asked)]
    found = collect(plan, [filled_in(source, tmp_path / "a.xlsx", entries)])
    before = {(row["Node"], row["Parent"]): row["Quota"] for row in cells_of(plan, "Quotas")}
    assert len(found.requests) == 2
    assert not found.applied
    gaps = [row["Gap"] for row in cells_of(plan, "RollUp") if row["Node"] == source.stem]
    assert gaps == [0]
    decide(plan, {each.key: "accept" for each in found.requests})
    collect(plan)
    after = {(row["Node"], row["Parent"]): row["Quota"] for row in cells_of(plan, "Quotas")}
    moved = {key: after[key] for key in after if after[key] != before[key]}
    assert moved == {(team[1]["Name"], source.stem): asked[0], (team[2]["Name"], source.stem): asked[1]}


def test_an_accepted_request_becomes_an_override(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    source = large_team(sent, 2)
    team = rows_of(load_workbook(source)["Team"])
    asked = round(team[1]["Quota"] * 0.9, 2)
    entries = [("Requests", 5, "For", team[1]["Name"]), ("Requests", 5, "Asked quota", asked), ("Requests", 5, "Reason", "@new =territory")]  # fmt: skip
    found = collect(plan, [filled_in(source, tmp_path / "a.xlsx", entries)])
    rolled = next(row for row in cells_of(plan, "RollUp") if row["Node"] == source.stem)
    assert rolled["Gap"] == pytest.approx(asked - team[1]["Quota"], abs=0.005)
    decide(plan, {found.requests[0].key: "Accept "})
    collect(plan)
    override = next(row for row in cells_of(plan, "Overrides") if row["Node"] == team[1]["Name"])
    assert (override["Amount"], override["Basis"]) == (asked, "hedged")
    assert override["Reason"] == f"override asked by {source.stem}: @new =territory"
    quota = next(row["Quota"] for row in cells_of(plan, "Quotas") if row["Node"] == team[1]["Name"])
    assert quota == asked
    assert not [name for name, content in parts(plan).items() if b"territory</f>" in content]


def test_what_does_not_fit_is_refused_and_nothing_is_written(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path
) -> None:
    source = large_team(sent, 2)
    team = rows_of(load_workbook(source)["Team"])
    entries = [("Requests", 5, "For", team[1]["Name"]), ("Requests", 5, "Asked quota", 9e9), ("Requests", 5, "Reason", "more")]  # fmt: skip
    found = collect(plan, [filled_in(source, tmp_path / "a.xlsx", entries)])
    decide(plan, {found.requests[0].key: "accept"})
    before = plan.read_bytes()
    with pytest.raises(PlanError, match="above its hedged pool"):
        collect(plan)
    assert plan.read_bytes() == before


@pytest.mark.parametrize("value", [-1, "12,5", "=1+1", True, 1e300, 0.001])
def test_an_entry_that_is_no_amount_is_told_and_not_taken(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path, value: Any
) -> None:
    found = collect(plan, [filled_in(large_team(sent), tmp_path / "a.xlsx", [("Team", 6, "Proposed quota", value)])])
    assert not found.requests
    assert cells_of(plan, "ReturnDetails")[0]["Finding"] == "unreadable"


def test_a_request_without_reason_or_for_a_stranger_is_told(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path
) -> None:
    entries = [
        ("Requests", 5, "For", "Boss 002"), ("Requests", 5, "Asked quota", 5),
        ("Requests", 6, "For", "Boss 003"), ("Requests", 6, "Asked quota", 5), ("Requests", 6, "Reason", "mine"),
        ("Requests", 7, "Reason", "more, please"),
    ]  # fmt: skip
    found = collect(plan, [filled_in(packet(sent, 2), tmp_path / "a.xlsx", entries)])
    assert not found.requests
    told = [row["Returned"] for row in cells_of(plan, "ReturnDetails") if row["Finding"] == "unreadable"]
    assert told == ["the reason is blank", '"Boss 003" is nobody in the team', "the recipient is blank"]


def test_proposals_that_do_not_add_up_are_told_to_the_cent(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    source = large_team(sent)
    quota = rows_of(load_workbook(source)["Team"])[1]["Quota"]
    path = filled_in(source, tmp_path / "a.xlsx", [("Team", 6, "Proposed quota", round(quota + 0.01, 2))])
    found = collect(plan, [path])
    assert of_file(found, "a.xlsx").off == 0.01


def test_the_users_own_cells_in_overrides_stay(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    """A formula in an amount, and rows that were there, are not rewritten."""
    tables = load_workbook(plan)
    page = tables["Overrides"]
    first = next(row for row in page.iter_rows(min_row=5) if row[0].value)
    amount = first[1].value
    first[1].value = f"=ROUND({amount}*2/2,2)"
    tables.save(plan)
    (calculated,) = recalculate([plan], tmp_path)
    shutil.copy(calculated, plan)
    source = large_team(sent, 2)
    team = rows_of(load_workbook(source)["Team"])
    name = next(row["Name"] for row in team[1:] if row["Name"] != first[0].value)
    entries = [("Requests", 5, "For", name), ("Requests", 5, "Asked quota", 50.0), ("Requests", 5, "Reason", "x")]
    found = collect(plan, [filled_in(source, tmp_path / "a.xlsx", entries)])
    decide(plan, {found.requests[0].key: "accept"})
    (calculated,) = recalculate([plan], tmp_path)  # openpyxl has saved it without what formulas show
    shutil.copy(calculated, plan)
    collect(plan)
    after = load_workbook(plan)["Overrides"]
    assert str(next(row for row in after.iter_rows(min_row=5) if row[0].value == first[0].value)[1].value).startswith(
        "=ROUND("
    )
    assert any(row[0].value == name for row in after.iter_rows(min_row=5))


def test_a_locked_proposal_is_compared_too(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    found = collect(plan, [filled_in(packet(sent, 2), tmp_path / "a.xlsx", [("Team", 5, "Proposed quota", 1)])])
    assert of_file(found, "a.xlsx").status == "altered"


def test_an_entry_that_cannot_be_read_is_loud(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    entries = [("Team", 6, "Proposed quota", "650k"), ("Commit", 5, "Commit now", 100)]
    found = collect(plan, [filled_in(large_team(sent), tmp_path / "a.xlsx", entries)])
    mine = of_file(found, "a.xlsx")
    assert mine.status == "unclear"
    assert "650k (a number of 0 or more is needed)" in mine.what
    assert not found.applied  # its commit waits too


def test_commits_of_two_packets_for_one_manager_wait(plan: Path, sent: tuple[Path, Path], tmp_path: Path) -> None:
    make_packets(plan, tmp_path / "regions", level="Region")
    region = next(path for path in sorted((tmp_path / "regions").glob("*.xlsx")))
    heads = rows_of(load_workbook(region)["Commit"])
    boss = str(heads[1]["Manager"])
    one = filled_in(region, tmp_path / "one.xlsx", [("Commit", 6, "Commit now", 100)])
    two = filled_in(sent[1] / f"{boss}.xlsx", tmp_path / "two.xlsx", [("Commit", 5, "Commit now", 200)])
    found = collect(plan, [one, two])
    assert not found.applied
    assert all(each.conflict for each in found.requests)


def test_a_re_split_of_teams_moves_those_two_and_nobody_else(plan: Path, tmp_path: Path) -> None:
    make_packets(plan, tmp_path / "regions", level="Region")
    region = next(path for path in sorted((tmp_path / "regions").glob("*.xlsx")))
    team = rows_of(load_workbook(region)["Team"])
    bosses = [number for number, row in enumerate(team) if row["Level"] == "Manager"][:2]
    asked = [round(team[bosses[0]]["Quota"] + 1000, 2), round(team[bosses[1]]["Quota"] - 1000, 2)]
    entries = [("Team", 5 + number, "Proposed quota", amount) for number, amount in zip(bosses, asked, strict=True)]
    found = collect(plan, [filled_in(region, tmp_path / "a.xlsx", entries)])
    before = {row["Node"]: row["Quota"] for row in cells_of(plan, "Quotas") if row["Level"] == "Manager"}
    decide(plan, {each.key: "accept" for each in found.requests})
    collect(plan)
    after = {row["Node"]: row["Quota"] for row in cells_of(plan, "Quotas") if row["Level"] == "Manager"}
    names = [team[number]["Name"] for number in bosses]
    assert {name for name in after if after[name] != before[name]} == set(names)
    assert [after[name] for name in names] == asked


def test_a_re_split_beside_an_override_moves_what_was_asked(
    sent: tuple[Path, Path], plan: Path, tmp_path: Path
) -> None:
    """The override moves the whole team; the re-split moves the two by their difference on top of that."""
    source = large_team(sent, 3)
    team = rows_of(load_workbook(source)["Team"])
    entries = [("Team", 6, "Proposed quota", round(team[1]["Quota"] + 100, 2)), ("Team", 7, "Proposed quota", round(team[2]["Quota"] - 100, 2))]  # fmt: skip
    entries += [("Requests", 5, "For", source.stem), ("Requests", 5, "Asked quota", round(team[0]["Quota"] * 0.9, 2)), ("Requests", 5, "Reason", "less")]  # fmt: skip
    found = collect(plan, [filled_in(source, tmp_path / "a.xlsx", entries)])
    other = Path(shutil.copy(plan, tmp_path / "other.xlsx"))
    decide(other, {each.key: "accept" for each in found.requests if each.kind == "override"})
    collect(other)
    decide(plan, {each.key: "accept" for each in found.requests})
    collect(plan)
    alone, both = ({row["Node"]: row["Quota"] for row in cells_of(path, "Quotas")} for path in (other, plan))
    assert both[source.stem] == round(team[0]["Quota"] * 0.9, 2)
    moved = {name: round(both[name] - alone[name], 2) for name in both if both[name] != alone[name]}
    assert moved == {team[1]["Name"]: 100, team[2]["Name"]: -100}


def test_what_is_in_force_cannot_be_rejected_silently(sent: tuple[Path, Path], plan: Path, tmp_path: Path) -> None:
    found = collect(plan, [filled_in(packet(sent, 2), tmp_path / "a.xlsx", [("Commit", 5, "Commit now", 7)])])
    decide(plan, {found.requests[0].key: "reject"})
    with pytest.raises(PlanError, match="is in force, so it cannot be rejected"):
        collect(plan)
