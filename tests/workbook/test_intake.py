"""Hostile and broken files: refused by name and reason, before any parser, without memory, network or files."""

from __future__ import annotations

import http.server
import json
import resource
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from revops_xl import PlanError
from revops_xl.errors import Problem
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import check_from_outside
from revops_xl.workbook.file.intake import admit
from revops_xl.workbook.file.limits import FileLimits
from revops_xl.workbook.file.sandbox import call
from tests.packages import RELATIONS, TYPES, sheet_part, tamper, with_relation
from tests.plans import load

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
SHEET_RELS = "customXml/_rels/item9.xml.rels"
EMPTY_RELS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
BOMB = b"<sst><si><t>" + b"A" * (60 * 2**20) + b"</t></si></sst>"


def refusal(path: Path, *, outside: bool = False, limits: FileLimits | None = None) -> str:
    with pytest.raises(PlanError) as caught:
        admit(path, limits, outside=outside)
    assert all(problem.sheet == path.name for problem in caught.value.problems)
    return str(caught.value)


# --- not a workbook, or not one that is read ---------------------------------------------------------------------


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(plan: Path) -> Path:
        path = plan.with_name(name)
        path.write_bytes(content)
        return path

    return write


def changed(changes: dict[str, object], name: str = "plan.xlsx") -> Callable[[Path], Path]:
    return lambda plan: tamper(plan, changes).rename(plan.with_name(name))  # type: ignore[arg-type]


def flagged(plan: Path) -> Path:
    """The bit that says "encrypted", in every header."""
    content = bytearray(plan.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    plan.write_bytes(bytes(content))
    return plan


def overlapping(plan: Path) -> Path:
    """Two entries of the directory that point to the same bytes."""
    content = bytearray(plan.read_bytes())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    plan.write_bytes(bytes(content))
    return plan


def main_type(kind: str) -> Callable[[bytes], bytes]:
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return lambda content: content.replace(old, kind.encode())


def named(plan: Path, old: str, new: str) -> Path:
    """A part under another name of the same length, which zip libraries write but no spreadsheet."""
    content = plan.read_bytes()
    assert len(old) == len(new)
    assert old.encode() in content
    plan.write_bytes(content.replace(old.encode(), new.encode()))
    return plan


MACRO_MAIN = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda plan: plan.with_name("gone.xlsx"), "there is no such file"),
    "folder": (lambda plan: plan.parent, "is a folder"),
    "lock file": (written("~$plan.xlsx", b"\x05Bob"), "is the lock file"),
    "empty": (written("e.xlsx", b""), "the file is empty"),
    "text": (written("t.xlsx", b"a,b\n1,2\n"), "is not an .xlsx workbook"),
    "old xls": (written("o.xlsx", OLE + b"\0" * 600), "is an old .xls file"),
    "password": (written("p.xlsx", OLE + "EncryptedPackage".encode("utf-16-le")), "protected with a password"),
    "rights": (written("r.xlsx", OLE + "\tDRMContent".encode("utf-16-le")), "protected by rights management"),
    "cut off": (lambda plan: written("c.xlsx", plan.read_bytes()[:3000])(plan), "its zip archive cannot be read"),
    "any zip": (changed({TYPES: None}), "a zip archive without a workbook"),
    "template": (changed({TYPES: main_type("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml")}), "is a template"),
    "add-in": (changed({TYPES: main_type("application/vnd.ms-excel.addin.macroEnabled.main+xml")}), "is an add-in"),
    "binary": (changed({TYPES: main_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main")}), "is a binary workbook"),
    "macro workbook called xlsx": (changed({TYPES: main_type(MACRO_MAIN)}), "Name it plan.xlsm"),
    "workbook called xlsm": (changed({}, "plan.xlsm"), "Name it plan.xlsx"),
    "OpenDocument": (changed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "is an OpenDocument file"),
    "strict": (changed({"xl/workbook.xml": lambda content: content.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")}), "is a Strict Open XML workbook"),
    "encrypted entries": (flagged, "protected with a password"),
    "overlap": (overlapping, "overlaps another"),
    "case collision": (changed({"XL/WORKBOOK.XML": b"<workbook/>"}), 'the part "xl/workbook.xml" stands in the file twice'),
    "zip slip": (changed({"../../evil.xml": b"<a/>"}), 'the part "../../evil.xml" has a name'),
    "absolute name": (changed({"/etc/cron.d/evil": b"x"}), "has a name that no workbook uses"),
    "drive": (changed({"C:/evil": b"x"}), "has a name that no workbook uses"),
    "backslash": (lambda plan: named(plan, "xl/workbook.xml", "xl\\workbook.xml"), "has a name that no workbook uses"),
    "bomb": (changed({"xl/sharedStrings.xml": BOMB}), "times its size; the limit is 400"),
    "DOCTYPE": (changed({"xl/theme/theme1.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), 'the part "xl/theme/theme1.xml" has a DOCTYPE'),
    "DOCTYPE after comments": (changed({"docProps/core.xml": b"<!-- " + b"x" * 2000 + b" -->\n<?a?><!DOCTYPE a><a/>"}), "has a DOCTYPE"),
    "DOCTYPE in UTF-16": (changed({"customXml/item1.xml": "<!DOCTYPE a><a/>".encode("utf-16")}), "has a DOCTYPE"),
    "DOCTYPE far down": (changed({"docProps/core.xml": b"<!-- " + b"x" * 9000 + b" --><!DOCTYPE a><a/>"}), "a comment that does not end"),
    "DOCTYPE in a part of any name": (changed({"xl/media/image1.png": b"  <!DOCTYPE a><a/>"}), "has a DOCTYPE"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_the_gate_refuses(name: str, plan_path: Path) -> None:
    make, reason = REFUSED[name]
    path = make(plan_path)
    assert reason in refusal(path)
    done = CliRunner().invoke(cli, ["check", str(path)])
    assert done.exit_code == 3
    assert path.name in done.output


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (FileLimits(parts=10), "parts; the limit is 10"),
        (FileLimits(unpacked_mib=1), "MiB; the limit is 1"),
        (FileLimits(file_mib=1), "MiB; the limit is 1"),
    ],
)
def test_a_refusal_names_the_limit_and_how_to_set_it(limits: FileLimits, reason: str, plan_path: Path) -> None:
    import random

    tamper(plan_path, {"xl/media/noise.bin": random.Random(1).randbytes(1_200_000)})
    text = refusal(plan_path, limits=limits)
    assert reason in text
    assert "set REVOPS_MAX_" in text


def test_limits_come_from_the_environment(plan_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVOPS_MAX_PARTS", "7")
    assert "the limit is 7" in refusal(plan_path)
    monkeypatch.setenv("REVOPS_MAX_PARTS", "many")
    monkeypatch.setenv("REVOPS_MAX_RATIO", "-1")
    with pytest.raises(PlanError) as caught:
        admit(plan_path)
    assert [problem.sheet for problem in caught.value.problems] == ["REVOPS_MAX_RATIO", "REVOPS_MAX_PARTS"]


def test_a_stream_that_goes_on_after_its_stated_end_is_damage(plan_path: Path) -> None:
    """A header that lies about the size: one reader would stop there, another would unpack on and on."""
    import struct
    import zlib

    part = sheet_part(plan_path, "Hierarchy")
    tamper(plan_path, {part: lambda content: content + b" " * 5_000_000})
    content = bytearray(plan_path.read_bytes())
    with zipfile.ZipFile(plan_path) as archive:
        entry = archive.getinfo(part)
        shown = archive.read(part)[: entry.file_size - 5_000_000]
    central = content.find(part.encode(), content.find(b"PK\x01\x02")) - 46
    struct.pack_into("<I", content, central + 16, zlib.crc32(shown))
    struct.pack_into("<I", content, central + 24, len(shown))
    plan_path.write_bytes(bytes(content))
    with zipfile.ZipFile(plan_path) as archive:
        assert archive.testzip() is None  # Python's own reader is content
    with pytest.raises(PlanError, match="is not what the file says it is"):
        load(plan_path)


# --- far cells ---------------------------------------------------------------------------------------------------


def test_two_cells_far_apart_are_refused_in_little_memory(plan_path: Path) -> None:
    """python-calamine alone ends the process here."""
    part = sheet_part(plan_path, "Hierarchy")
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    tamper(plan_path, {part: lambda content: content.replace(b"</sheetData>", far)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PlanError, match=r"Hierarchy!XFD1048576: the sheet reaches to XFD1048576 with \d+ filled cells"):
        load(plan_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_blank_cells_far_away_do_not_matter(plan_path: Path) -> None:
    part = sheet_part(plan_path, "Hierarchy")
    far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    tamper(plan_path, {part: lambda content: content.replace(b"</sheetData>", far)})
    assert len(load(plan_path).inputs.tree) == 12


# --- what a file from outside may not carry ----------------------------------------------------------------------

VBA = OLE + b"\0" * 100 + "_VBA_PROJECT".encode("utf-16-le")
DDE_LINK = (
    f'<externalLink xmlns="{MAIN}" xmlns:r="{RELATIONS}"><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
)
CONNECTIONS = f'<connections xmlns="{MAIN}"><connection id="1" name="Sales DB" type="1" refreshedVersion="6"><dbPr connection="DSN=x" command="select 1"/></connection></connections>'
REMOTE = "https://example.com/pixel.png"
CARRIED: dict[str, tuple[dict[str, object], str, bool]] = {
    "macros": ({"xl/vbaProject.bin": VBA}, "macros (VBA): vbaProject.bin", True),
    "macros under another name": ({"xl/media/image7.png": VBA}, "macros (VBA): image7.png", True),
    "Excel 4 macros": ({"xl/worksheets/sheet99.xml": f'<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" xmlns="{MAIN}"><sheetData/></xm:macrosheet>'.encode()}, "Excel 4 macros: sheet99.xml", True),
    "DDE link": ({"xl/externalLinks/externalLink1.xml": DDE_LINK.encode()}, "links to other programs (DDE): cmd|/C calc", True),
    "embedded file": ({"xl/embeddings/oleObject1.bin": OLE + b"\0" * 64}, "embedded files: oleObject1.bin", True),
    "program": ({"xl/printerSettings/p.bin": b"MZ\x90\0"}, "embedded files: p.bin", True),
    "ActiveX": ({"xl/activeX/activeX1.xml": b'<ax:ocx xmlns:ax="http://schemas.microsoft.com/office/2006/activeX"/>'}, "ActiveX controls: activeX1.xml", True),
    "Office add-in": ({"xl/webextensions/webextension1.xml": b'<we:webextension xmlns:we="http://schemas.microsoft.com/office/webextensions/webextension/2010/11"/>'}, "Office add-ins: webextension1.xml", True),
    "remote part": ({"_rels/.rels": with_relation("attachedTemplate", "http://example.com/t.xltm", external=True)}, "parts outside the file: http://example.com/t.xltm", True),
    "connection": ({"xl/connections.xml": CONNECTIONS.encode()}, "data connections: Sales DB", False),
    "query table": ({"xl/queryTables/queryTable1.xml": f'<queryTable xmlns="{MAIN}" name="q" connectionId="1"/>'.encode()}, "query tables: queryTable1.xml", False),
    "remote picture": ({SHEET_RELS: lambda _: with_relation("image", REMOTE, external=True)(EMPTY_RELS)}, f"pictures on the web: {REMOTE}", False),
    "workbook link": ({SHEET_RELS: lambda _: with_relation("externalLinkPath", "file:///x/budget.xlsx", external=True)(EMPTY_RELS)}, "links to other workbooks: file:///x/budget.xlsx", False),
    "Power Query": ({"customXml/item1.xml": '<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">AAAA</DataMashup>'.encode("utf-16")}, "Power Query: item1.xml", False),
}  # fmt: skip


@pytest.mark.parametrize("name", CARRIED)
def test_what_a_workbook_carries_is_found_by_content(name: str, plan_path: Path) -> None:
    changes, text, active = CARRIED[name]
    tamper(plan_path, {SHEET_RELS: EMPTY_RELS})
    tamper(plan_path, changes)  # type: ignore[arg-type]
    kind, detail = text.split(": ", 1)
    found = admit(plan_path)
    assert [(each.kind.value, each.detail) for each in found] == [(kind, detail)]
    plan = load(plan_path)
    assert [(remark.name, remark.where) for remark in plan.remarks] == [(f"The workbook has {kind}", detail)]
    if active:
        assert f"has {text}" in refusal(plan_path, outside=True)
        with pytest.raises(PlanError, match="It came from outside"):
            check_from_outside(plan_path)
    else:
        check_from_outside(plan_path)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("WEBSERVICE(&quot;http://example.com&quot;)", "formulas that call outside the workbook: WEBSERVICE"),
        ("_xlfn.WEBSERVICE(A1)", "formulas that call outside the workbook: WEBSERVICE"),
        ("1+RTD(&quot;x&quot;,,1)", "formulas that call outside the workbook: RTD"),
        ("cmd|'/C calc'!A0", "links to other programs (DDE): cmd|'/C calc'!A0"),
    ],
)
def test_formulas_that_reach_outside(formula: str, text: str, plan_path: Path) -> None:
    """In a file from outside they are refused; in one's own they are listed if an input takes its value from them."""
    part = sheet_part(plan_path, "Hierarchy")
    cell = f"<f>{formula}</f><v>120</v>".encode()
    tamper(plan_path, {part: lambda content: content.replace(b"<v>120</v>", cell, 1)})
    assert f"has {text}" in refusal(plan_path, outside=True)
    remark = next(remark for remark in load(plan_path).remarks if "Values of Hierarchy" in remark.name)
    assert (remark.where, remark.warns) == ("Hierarchy!F5", True)


def test_a_link_to_another_workbook_is_a_warning_with_its_cell(plan_path: Path) -> None:
    part = sheet_part(plan_path, "Hierarchy")
    tamper(plan_path, {part: lambda content: content.replace(b"<v>120</v>", b"<f>[1]Sheet1!A1</f><v>120</v>", 1)})
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert "Warning: Values of Hierarchy from outside the workbook (Hierarchy!F5)" in done.output


# --- network, memory, time ---------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> object:
    """A web server on loopback that counts who comes."""
    visits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_response(200)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", visits
    server.shutdown()
    server.server_close()


def test_nothing_is_fetched(listener: tuple[str, list[str]], plan_path: Path) -> None:
    """External entities, schemas, pictures, links, style sheets: none of them is opened, no file content comes out."""
    url, visits = listener
    secret = plan_path.with_name("secret.txt")
    secret.write_text("SECRET-4711")
    part = sheet_part(plan_path, "Hierarchy")
    instruction = f'<?xml-stylesheet href="{url}/style.xsl" type="text/xsl"?>'.encode()
    located = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{MAIN} {url}/schema.xsd"'
    tamper(
        plan_path,
        {
            part: lambda content: instruction + content.replace(b"<worksheet", b"<worksheet" + located.encode(), 1),
            SHEET_RELS: with_relation("image", f"{url}/pixel.png", external=True)(EMPTY_RELS),
            "xl/_rels/workbook.xml.rels": with_relation("externalLinkPath", f"{url}/book.xlsx", external=True),
        },
    )
    load(plan_path)
    check_from_outside(plan_path)
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b SYSTEM "{url}/e">]>'.encode()
    tamper(plan_path, {part: lambda content: entity + content.replace(b"<v>120</v>", b"<v>&a;&b;</v>", 1)})
    done = CliRunner().invoke(cli, ["check", str(plan_path)])
    assert done.exit_code == 3
    assert "SECRET" not in done.output
    assert visits == []


def try_everything(path: str) -> dict[str, str]:
    """Run in the limited process: what happens when code there reaches out."""

    def connect() -> None:
        socket.create_connection(("127.0.0.1", 9))

    def start() -> None:
        subprocess.run(["true"], check=False)

    def write() -> None:
        Path(path).write_text("x")

    found = {}
    for act in (connect, start, write):
        try:
            act()
        except PermissionError as error:
            found[act.__name__] = str(error)
    return found


def test_the_limited_process_cannot_reach_out(tmp_path: Path) -> None:
    found = call("tests.workbook.test_intake:try_everything", {"path": str(tmp_path / "x")}, "x")
    assert set(found) == {"connect", "start", "write"}
    assert not (tmp_path / "x").exists()


def sleep_long() -> None:
    time.sleep(60)


def eat_memory() -> int:
    return len([bytes(2**20) + b"x" for _ in range(3000)])


def die() -> None:
    import os

    os.abort()


def refuse() -> None:
    raise PlanError([Problem("Sheet", "A1", "message", "fix")])


@pytest.mark.parametrize(
    ("entry", "limits", "reason"),
    [
        ("sleep_long", FileLimits(outside_seconds=1), "takes more than 1 seconds"),
        ("eat_memory", FileLimits(outside_memory_mib=150), "takes more than 150 MiB of memory"),
        ("die", FileLimits(), "the process ended with"),
        ("refuse", FileLimits(), "Sheet!A1: message. fix"),
    ],
)
def test_a_process_at_its_limit_ends_in_a_refusal(entry: str, limits: FileLimits, reason: str) -> None:
    with pytest.raises(PlanError) as caught:
        call(f"tests.workbook.test_intake:{entry}", {}, "book.xlsx", limits)
    assert reason in str(caught.value)


def test_check_of_an_untrusted_plan_says_the_same(sample_plan: Path) -> None:
    ours = CliRunner().invoke(cli, ["check", str(sample_plan), "--json"])
    theirs = CliRunner().invoke(cli, ["check", str(sample_plan), "--json", "--untrusted"])
    assert theirs.exit_code == ours.exit_code == 0
    assert json.loads(theirs.stdout) == json.loads(ours.stdout)


@pytest.mark.deep
def test_a_bomb_is_refused_before_it_goes_off(plan_path: Path) -> None:
    """1 MB that unpacks to 1 GB: the whole program stays under 300 MB and two seconds of work."""
    with zipfile.ZipFile(plan_path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as part:
        for _ in range(1024):
            part.write(b" " * 2**20)
    code = (
        "import sys, re; from revops_xl.hosts.cli import cli\n"
        "try: cli(['check', sys.argv[1]])\n"
        "except SystemExit as end: print(end.code, re.search('VmHWM:\\\\s+(\\\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(plan_path)], capture_output=True, text=True, check=True)
    status, peak = done.stdout.split()[-2:]
    assert status == "3"
    assert int(peak) < 300_000
    assert "times its size" in done.stdout
