"""Packets that go out: nobody else's data, live, locked, recognisable, all or none."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import multiprocessing
import random
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import fast_mail_parser
import pytest
from openpyxl import load_workbook

from revops_xl.errors import PlanError
from revops_xl.tables.packets.content import contents
from revops_xl.tables.packets.recipients import addresses, chosen
from revops_xl.usecases import run as flow
from revops_xl.usecases.evaluate import evaluate
from revops_xl.usecases.packets import make_packets
from revops_xl.workbook.building.packet_book import packet_bytes
from revops_xl.workbook.travelling.packet_files import LONGEST_NAME, file_names, packet_folder
from revops_xl.workbook.travelling.packet_mail import draft
from tests.packets.teams import below, cells_of, head_row, plan_file, plan_tables, rows_of
from tests.plans import deep, raw_book, shown, worked_tables, write_plan
from tests.programs import parts, recalculate, validate

PLANS = [10, *deep(200)]
PAYLOADS = [
    f"{start}{body}"
    for start in ("=", "+", "-", "@", "\t=", "\r=", "\n=", "\uff1d", "\uff0b", "'=", " =", "{=")
    for body in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://evil.example","x")', "WEBSERVICE(A1)", "SUM(A1:A9)*1")
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A plan and its packets."""
    folder = tmp_path_factory.mktemp("made")
    plan = plan_file(folder / "plan.xlsx", 12)
    make_packets(plan, folder / "out", who="tester")
    return plan, folder / "out"


def texts_of(content: bytes) -> bytes:
    """Everything in a workbook: every part inflated, names of parts, comments of the archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = [archive.comment]
        for entry in archive.infolist():
            found += [entry.filename.encode(), entry.comment, entry.extra, archive.read(entry)]
    return b"\n".join(found)


@pytest.mark.parametrize("plans", PLANS)
def test_no_packet_holds_anything_of_another_manager(plans: int) -> None:
    """A token in every cell of everybody, searched in every part, name and comment of the others' packets."""
    searched = 0
    for seed in range(plans):
        rng = random.Random(seed)
        tables = plan_tables(rng, rng.randint(2, 4), token=f"tok{seed}q")
        outcome = evaluate(flow.parsed(raw_book(tables)))
        tree = outcome.quotas.inputs.tree
        nodes = chosen(tree, "Manager", ())
        emails = addresses(tree, raw_book(tables).tables["Hierarchy"], nodes, [])
        packets = contents(outcome, nodes, emails)
        secrets: dict[str, set[str]] = {packet.node: set() for packet in packets}
        boss = {str(row[3]): str(row[2]) for row in tables["Hierarchy"][3]}
        for row in tables["Hierarchy"][3]:
            secrets[row[2]] |= {row[3], row[2], *(repr(value) for value in row[4:8]), row[8], row[9]}
        for table, key in (("Overrides", 0), ("NodeHedges", 0), ("Commits", 0), ("CommitHistory", 0)):
            for row in tables[table][3]:
                if row[key]:
                    owner = boss.get(str(row[key]), str(row[key]))
                    secrets[owner] |= {
                        str(cell) for cell in row if cell is not None and (not isinstance(cell, float) or cell > 2)
                    }
        for owner in secrets:
            secrets[owner] -= {"hedged", "Q1 2026"}
        quota = {tree.reference(i): repr(float(outcome.quotas.quota[i])) for i in range(len(tree))}
        for name, manager in boss.items():
            secrets[manager] |= {quota[name], quota[manager]}
        above = {quota["World"], *(quota[f"Region {m}"] for m in range(3) if f"Region {m}" in quota)}
        files = file_names([packet.node for packet in packets])
        for packet, name in zip(packets, files, strict=True):
            content = packet_bytes(packet)
            mail = draft(packet, f"{name}.xlsx", content)
            everything = (
                texts_of(content) + name.encode() + email.message_from_bytes(mail).as_bytes().split(b"base64")[0]
            )
            assert texts_of(base64_attachment(mail)) == texts_of(content)
            own = secrets[packet.node]
            for other, tokens in secrets.items():
                for token in tokens - own if other != packet.node else ():
                    assert token.encode() not in everything, (seed, packet.node, other, token)
                    searched += 1
            # The hedges above, and the amounts before them, are not in it either.
            assert not [each for each in above if each.encode() in everything and each not in own]
            for hedge in (1.0312347, 1.0471193, 1.0312347 * 1.0471193):
                assert repr(hedge)[:9].encode() not in everything
            base = repr(float(outcome.quotas.base[tree.find(packet.node)[0]]))
            assert base.encode() not in everything
    assert searched > 100 * plans


def base64_attachment(mail: bytes) -> bytes:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    (attachment,) = message.iter_attachments()
    return bytes(attachment.get_content())


def test_the_recipient_is_the_managers_address(made: tuple[Path, Path]) -> None:
    plan, _ = made
    ledger = cells_of(plan, "Packets")
    assert len(ledger) == 12
    assert all(row["Recipient"] == f"{row['Node'].replace(' ', '.')}@boss.example" for row in ledger)


def test_two_parsers_read_the_draft(made: tuple[Path, Path]) -> None:
    _, folder = made
    for path in sorted(folder.glob("*.eml")):
        content, book = path.read_bytes(), path.with_suffix(".xlsx").read_bytes()
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert message["X-Unsent"] == "1"
        assert message["Subject"] == f"Quota packet: {path.stem}, World plan FY 2027"
        assert base64_attachment(content) == book
        other = fast_mail_parser.parse_email(content)
        assert other.subject == message["Subject"]
        (attachment,) = other.attachments
        assert (attachment.filename, bytes(attachment.content)) == (path.with_suffix(".xlsx").name, book)
        assert f"the quota of {path.stem} for World plan FY 2027 is" in "".join(other.text_plain)
        assert message.defects == []


def test_an_awkward_address_or_name_begins_no_header(tmp_path: Path) -> None:
    tables = plan_tables(random.Random(1), 1)
    tables["Settings"][3][4][1] = "Plan\r\nBcc: evil@example.com"
    people = tables["Hierarchy"][3]
    for row in people:
        row[2] = "Bøss\nBcc: all@example.com 名"
    tables["Commits"][3] = []
    tables["CommitHistory"][3] = []
    tables["NodeHedges"][3] = []
    outcome = evaluate(flow.parsed(raw_book(tables)))
    packet = contents(outcome, chosen(outcome.quotas.inputs.tree, "Manager", ()), {})[0]
    message = email.message_from_bytes(draft(packet, "a.xlsx", b"x"), policy=email.policy.default)
    assert "Bcc" not in message
    assert message["Subject"].startswith("Quota packet: Bøss Bcc: all@example.com 名, Plan Bcc: evil@example.com")
    for row in people:
        row[9] = "a@example.com\nBcc: b@example.com"
    problems: list[Any] = []
    addresses(outcome.quotas.inputs.tree, raw_book(tables).tables["Hierarchy"], [2], problems)
    assert "is no e-mail address" in str(problems[0])
    del tmp_path


def test_same_input_same_bytes(made: tuple[Path, Path], tmp_path: Path) -> None:
    plan, folder = made
    again = make_packets(plan, tmp_path / "again", who="somebody else")
    assert {packet.version for packet in again.packets} == {1}
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    assert len(cells_of(plan, "Packets")) == 12


def test_a_packet_is_valid_and_calculates_to_what_it_shows(made: tuple[Path, Path], tmp_path: Path) -> None:
    _, folder = made
    paths = sorted(folder.glob("*.xlsx"))[:4]
    assert not [problem for path in paths[:2] for problem in validate(path)]
    for path, other in zip(paths, recalculate(paths, tmp_path), strict=True):
        formulas, ours, theirs = (
            load_workbook(path),
            shown(path),
            shown(other),
        )
        seen = 0
        for page in formulas:
            for row in page.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        seen += 1
                        mine, found = (book[page.title][cell.coordinate].value for book in (ours, theirs))
                        assert found == (pytest.approx(mine, abs=1e-9) if isinstance(mine, float | int) else mine)
        assert seen > 8
        assert {row["Status"] for row in rows_of(theirs["Checks"])} == {"Adds up"}


def test_only_entries_are_unlocked(made: tuple[Path, Path]) -> None:
    _, folder = made
    open_columns = {"Team": {"Proposed quota", "Comment"}, "Requests": {"For", "Asked quota", "Reason"}, "Commit": {"Commit now", "Remark"}}  # fmt: skip
    book = load_workbook(min(folder.glob("*.xlsx")))
    assert [page.title for page in book] == ["Team", "Requests", "Commit", "Checks", "How to answer", "Packet"]
    for page in book:
        assert page.protection.sheet
        heads = {cell.column: cell.value for cell in page[head_row(page)]}
        answer = next((cell for row in page.iter_rows() for cell in row if cell.value == "Your answer"), None)
        for row in page.iter_rows(min_row=1):
            for cell in row:
                wanted = int(cell.row or 0) > head_row(page) and heads.get(cell.column) in open_columns.get(
                    page.title, set()
                )
                if answer is not None and cell.column == answer.column and cell.row == answer.row + 1:
                    wanted = True
                own = page.title == "Team" and cell.row == below(page, 5) and heads.get(cell.column) == "Proposed quota"
                assert cell.protection.locked == (not wanted or own), (page.title, cell.coordinate)
        assert page.page_setup.orientation in {"landscape", "portrait"}
    assert len(book["Team"].data_validations.dataValidation) == 3


def chart_texts(path: Path) -> list[str]:
    return [content.decode() for name, content in parts(path).items() if "drawing" in name and name.endswith(".xml")]


def test_charts_have_an_alternative_text(made: tuple[Path, Path]) -> None:
    _, folder = made
    texts = chart_texts(min(folder.glob("*.xlsx")))
    assert any('descr="Bars: each member' in text for text in texts)


# --- hostile texts -----------------------------------------------------------------------------------------------------


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    """60 payloads in names, reasons, plan name and headers: no formula in any packet, draft or list comes from them."""
    assert len(PAYLOADS) == 60
    tables = worked_tables()
    visible = [text.replace("\r", " ").replace("\n", " ").replace("\t", " ") for text in PAYLOADS]
    names = [f"{text} {i}" for i, text in enumerate(visible)]
    tables["Hierarchy"][3] = [
        ["Global", "NA", names[i], f"{text} person {i}", 10 + i, 20, 30, 40, 1, 2, 3] for i, text in enumerate(visible)
    ]
    tables["Settings"][3] = [
        ["Plan", PAYLOADS[0]],
        ["Target", 100_000],
        ["Rounding unit", 0.01],
        ["Period", PAYLOADS[7]],
    ]
    tables["NodeHedges"][3] = [[names[i], 1.01, text] for i, text in enumerate(PAYLOADS)]
    tables["Hierarchy"][3].append(["Global", "NA", names[0], "Another", 10, 20, 30, 40, 1, 2, 3])
    tables["Overrides"][3] = [[f"{visible[0]} person 0", 100, "hedged", PAYLOADS[3]]]
    tables["Thresholds"][3] = [["(default)", 2, 1]]
    for rows in tables.values():
        rows[3] = [[f"text:{cell}" if (isinstance(cell, str) and cell in {*PAYLOADS, *names}) or (isinstance(cell, str) and " person " in cell) else cell for cell in row] for row in rows[3]]  # fmt: skip
    plan = write_plan(tmp_path / "plan.xlsx", tables, results=True)
    made = make_packets(plan, tmp_path / "out", level="Director")
    assert len(made.packets) == 60
    for path in (tmp_path / "out").glob("*.xlsx"):
        for name, content in parts(path).items():
            if "worksheets/sheet" in name:
                formulas = [piece.split(b"</f>")[0] for piece in content.split(b"<f>")[1:]]
                assert not [text for text in formulas if b"cmd|" in text or b"WEBSERVICE" in text or b"HYPERLINK" in text or text == b"1+1"]  # fmt: skip
    with (tmp_path / "out" / "packets.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 61
    assert not [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b"))
    ]


def hostile_names() -> list[str]:
    """80 names that a folder, a shell or a person could trip over."""
    bad = [
        "../up", "../../etc/passwd", "/absolute", "C:\\Windows\\x", "\\\\server\\share", "a/b", "a\\b", "..", ".", "...", "",
        " ", "  lead", "trail ", "dot.", "dots...", "CON", "con", "PRN.txt", "AUX", "NUL", "COM1", "com1.txt", "LPT9", "CONIN$",
        "a:b", "a*b", "a?b", 'a"b', "a<b", "a>b", "a|b", "nul\0byte", "tab\tname", "line\nname", "cr\rname", "bell\x07",
        "\u202eexe.slx", "left\u200eright", "zero\u200bwidth", "\ufefffeff", "e\u0301", "\u00e9", "\u212bngstr\u00f6m", "😀 emoji", "👩‍👩‍👧",
        "名前", "اسم", "x" * 300, "é" * 200, "😀" * 80, "packets", "packets.csv", "~$lock", "~temp", "$HOME", "`id`", "$(id)", ";rm -rf",
        "&& del", "%PATH%", "-rf", "--help", "'quote", "''", '"', "History", "history", "Ann", "ANN", "ann ", "Ann.", "ß", "SS",
        "ﬁ", "fi", "K", "\u212a", "[x]", "a" * 120 + ".xlsx",
    ]  # fmt: skip
    assert len(bad) == 80
    return bad


def test_80_hostile_names_give_files_that_every_system_can_open(tmp_path: Path) -> None:
    nodes = [f"{name}" for name in hostile_names()]
    names = file_names(nodes)
    assert len({name.casefold() for name in names}) == len(names)
    with packet_folder(tmp_path / "out") as out:
        for name in names:
            out.add(f"{name}.xlsx", b"x")
        out.finish()
    inside = list((tmp_path / "out").iterdir())
    assert len(inside) == 80
    for path in inside:
        assert path.resolve().parent == (tmp_path / "out").resolve()
        assert len(path.name) <= 120
        assert len(path.stem.encode()) <= LONGEST_NAME
        assert not set(path.name) & set('<>:"/\\|?*')
        assert path.name.isprintable()
        assert path.stem == path.stem.strip(" .")
        stem = path.stem.split(".")[0].upper()
        assert stem not in {"CON", "PRN", "AUX", "NUL", *(f"{kind}{i}" for kind in ("COM", "LPT") for i in range(10))}


def test_names_are_stable_and_unique_for_a_thousand_alike() -> None:
    nodes = [
        f"{'Ann' if i % 2 else 'ANN'}{'.' * (i % 3)}{chr(0x200B) * (i // 100)}{' ' * (i % 7)}" for i in range(1000)
    ]
    distinct = list(dict.fromkeys(nodes))
    names = dict(zip(distinct, file_names(distinct), strict=True))
    assert len({name.casefold() for name in names.values()}) == len(distinct)
    random.Random(1).shuffle(distinct)
    assert dict(zip(distinct, file_names(distinct), strict=True)) == names


# --- all or none -------------------------------------------------------------------------------------------------------


def test_a_folder_with_files_in_it_is_refused(made: tuple[Path, Path], tmp_path: Path) -> None:
    plan, _ = made
    before = plan.read_bytes()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(PlanError, match="has files in it already"):
        make_packets(plan, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    assert plan.read_bytes() == before


def test_an_empty_folder_is_filled(made: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    make_packets(made[0], tmp_path / "out", nodes=["Boss 001"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "Boss 001.eml",
        "Boss 001.xlsx",
        "packets.csv",
    ]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"level": "Nobody"}, "there is no level"),
        ({"nodes": ["Person 001 0"]}, "is an IC"),
        ({"nodes": ["Stranger"]}, "no node is called"),
    ],
)
def test_who_gets_a_packet_must_be_there(made: tuple[Path, Path], tmp_path: Path, choice: Any, message: str) -> None:
    before = made[0].read_bytes()
    with pytest.raises(PlanError, match=message):
        make_packets(made[0], tmp_path / "out", **choice)
    assert not (tmp_path / "out").exists()
    assert made[0].read_bytes() == before


def _limited(plan: str, folder: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, 15_000))
    try:
        make_packets(plan, folder)
    except PlanError as error:
        sys.exit(3 if "could not be saved" in str(error) else 4)


def test_a_full_disk_leaves_neither_packets_nor_a_ledger(made: tuple[Path, Path], tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    plan.write_bytes(made[0].read_bytes())
    process = multiprocessing.get_context("spawn").Process(target=_limited, args=(str(plan), str(tmp_path / "out")))
    process.start()
    process.join()
    assert process.exitcode == 3
    assert [path.name for path in tmp_path.iterdir()] == ["plan.xlsx"]
    assert plan.read_bytes() == made[0].read_bytes()


@pytest.mark.deep
def test_killed_at_any_moment_all_packets_are_there_or_none(made: tuple[Path, Path], tmp_path: Path) -> None:
    rng, complete, none = random.Random(3), 0, 0
    code = "import sys; from revops_xl.usecases.packets import make_packets; print('go', flush=True); make_packets(sys.argv[1], sys.argv[2])"
    for number in range(6):
        plan, out = tmp_path / f"plan{number}.xlsx", tmp_path / f"out{number}"
        plan.write_bytes(made[0].read_bytes())
        process = subprocess.Popen([sys.executable, "-c", code, str(plan), str(out)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 1.4))
        process.kill()
        process.wait()
        process.stdout.close()
        if out.exists():
            complete += 1
            assert len(list(out.iterdir())) == 25
        else:
            none += 1
        load_workbook(plan).close()  # the plan is whole, whichever it is
        again = make_packets(plan, tmp_path / f"again{number}")
        assert len(again.packets) == 12
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(f".out{number}.") and complete < 0]
    assert complete + none == 6
    assert none


def _make(plan: str, folder: str, results: Any) -> None:
    try:
        make_packets(plan, folder)
        results.put("made")
    except PlanError as error:
        results.put(str(error))


def test_of_two_runs_at_once_one_makes_the_folder(made: tuple[Path, Path], tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    plans = []
    for number in range(2):
        plan = tmp_path / f"plan{number}.xlsx"
        plan.write_bytes(made[0].read_bytes())
        plans.append(plan)
    processes = [context.Process(target=_make, args=(str(plan), str(tmp_path / "out"), results)) for plan in plans]
    for process in processes:
        process.start()
    said = sorted(results.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert said.count("made") == 1
    refused = next(text for text in said if text != "made")
    assert "another run is saving" in refused or "has files in it already" in refused
    assert len(list((tmp_path / "out").iterdir())) == 25
