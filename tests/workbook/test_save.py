"""The old file or the new one, whole, always."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner

from revops_xl import PlanError
from revops_xl.flow import run
from revops_xl.hosts.cli import cli
from revops_xl.workbook.save import save


def test_a_file_open_in_excel_is_refused_with_the_holders_name(sample_plan: Path) -> None:
    sample_plan.with_name("~$sample.xlsx").write_bytes(b"\x08Jo Smith" + b" " * 40)
    before = sample_plan.read_bytes()
    done = CliRunner().invoke(cli, ["run", str(sample_plan)])
    assert done.exit_code == 3
    assert "the workbook is open by Jo Smith" in done.output
    assert sample_plan.read_bytes() == before


def test_a_read_only_file_is_refused(sample_plan: Path) -> None:
    sample_plan.chmod(0o444)
    with pytest.raises(PlanError, match="read-only"):
        run(sample_plan)


def test_a_missing_folder_is_refused(sample_plan: Path, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="does not exist"):
        run(sample_plan, tmp_path / "nowhere" / "out.xlsx")


def test_a_full_disk_leaves_the_old_file(sample_plan: Path) -> None:
    """A process that may write 20 kB per file is a process on a full disk."""
    before = sample_plan.read_bytes()
    code = "from revops_xl.hosts.cli import main; main()"

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-c", code, "run", str(sample_plan)], preexec_fn=limit, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "could not be saved" in done.stderr
    assert sample_plan.read_bytes() == before
    assert [entry.name for entry in sample_plan.parent.iterdir()] == [sample_plan.name]


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"old")

    def broken(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(PlanError, match="No space left"):
        save(path, broken)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["book.xlsx"]


def test_killed_at_any_moment(sample_plan: Path) -> None:
    """Killed after ever longer times: the file is the old one or a whole new one."""
    from revops_xl.flow import load

    code = "from revops_xl.hosts.cli import main; main()"
    for i in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", code, "run", "-q", str(sample_plan)], stdout=subprocess.DEVNULL
        )
        time.sleep(0.05 + 0.04 * i)
        process.kill()
        process.wait()
        load(sample_plan)
