"""Programs that answer line by line: Excel's stand-in, and LibreOffice Calc."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from revops_xl.workbook.templates import template_path
from tests.programs import SOFFICE

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.program.stdin is not None
        self.program.stdin.close()
        self.program.wait(120)
        assert self.program.stdout is not None
        self.program.stdout.close()
        self.log.close()


def excel(folder: Path) -> Session:
    """xlwings' own code with stubbed COM, and the add-in's VBA in pyOpenVBA's Excel."""
    return Session([sys.executable, "-m", "tests.hosts.excel_session", str(template_path("revops_xl.xlam"))], folder)


def system_python() -> str:
    """A Python that knows UNO: LibreOffice's own on Debian is the system's."""
    for path in ("/usr/bin/python3", shutil.which("python3") or ""):
        if path and subprocess.run([path, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
            return path
    pytest.skip("no Python with UNO is installed (python3-uno)")


def fresh_profile(folder: Path) -> Path:
    """A profile of LibreOffice that was started once, as a user's was."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = folder / "office"
    probe = folder / "probe.txt"
    probe.write_text("1")
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "csv", "--outdir", str(folder), str(probe)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return profile


def calc(profile: Path, folder: Path) -> Session:
    """LibreOffice Calc with this profile."""
    return Session([system_python(), str(HERE / "calc_session.py"), str(profile)], folder)
