"""Programs that answer line by line: Excel's stand-in, and LibreOffice Calc."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from revops_xl.workbook.building.templates import template_path
from tests.programs import SOFFICE, Session, calc

__all__ = ["Session", "calc", "excel", "fresh_profile"]


def excel(folder: Path) -> Session:
    """xlwings' own code with stubbed COM, and the add-in's VBA in pyOpenVBA's Excel."""
    return Session([sys.executable, "-m", "tests.hosts.excel_session", str(template_path("revops_xl.xlam"))], folder)


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
