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
from openpyxl import load_workbook

from revops_xl import PlanError
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import run
from revops_xl.workbook.file import save as saving
from revops_xl.workbook.file.save import save
from tests.plans import deep, load


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


RUN = "from revops_xl.hosts.cli import main; main()"


@pytest.mark.parametrize("moments", [5, *deep(50)])
def test_killed_at_any_moment(plan_path: Path, moments: int) -> None:
    """Killed after ever longer times: the file is the old one or a whole new one, and the next run leaves nothing behind."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", RUN, "run", "-q", str(plan_path)], check=False, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - start
    survived = 0
    for i in range(moments):
        before = plan_path.read_bytes()
        process = subprocess.Popen([sys.executable, "-c", RUN, "run", "-q", str(plan_path)], stdout=subprocess.DEVNULL)
        time.sleep(whole * (0.3 + 0.8 * i / moments))
        process.kill()
        process.wait()
        survived += plan_path.read_bytes() != before
        load(plan_path)
    run(plan_path)
    assert [entry.name for entry in plan_path.parent.iterdir()] == [plan_path.name]
    assert survived < moments


STEPS = ("fsync", "chmod", "replace", "mkstemp")


@pytest.mark.parametrize("step", STEPS)
def test_killed_inside_each_step_of_saving(step: str, plan_path: Path) -> None:
    """Not by luck but on purpose: the process dies right before the step, and right after it."""
    for after in (False, True):
        before = plan_path.read_bytes()
        code = (
            "import os, pathlib, tempfile\n"
            f"owner = {{'fsync': os, 'chmod': pathlib.Path, 'replace': pathlib.Path, 'mkstemp': tempfile}}['{step}']\n"
            f"real = getattr(owner, '{step}')\n"
            "def deadly(*a, **k):\n"
            f"    result = real(*a, **k) if {after} else None\n"
            "    os.kill(os.getpid(), 9)\n"
            f"setattr(owner, '{step}', deadly)\n" + RUN
        )
        done = subprocess.run([sys.executable, "-c", code, "run", "-q", str(plan_path)], check=False)
        assert done.returncode == -9
        if not (step == "replace" and after):
            assert plan_path.read_bytes() == before
        load(plan_path)
    run(plan_path)
    assert [entry.name for entry in plan_path.parent.iterdir()] == [plan_path.name]


@pytest.mark.parametrize("kilobytes", [0, 1, 8, 30, 60, 100])
def test_a_disk_that_fills_up_at_any_point(kilobytes: int, sample_plan: Path) -> None:
    before = sample_plan.read_bytes()

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1000, kilobytes * 1000))

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", RUN, "run", "-q", str(sample_plan)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False, env=environment)
    if done.returncode == 0:
        assert len(sample_plan.read_bytes()) <= kilobytes * 1000
        load(sample_plan)
    else:
        assert done.returncode == 3, done.stderr
        assert sample_plan.read_bytes() == before
    assert [entry.name for entry in sample_plan.parent.iterdir()] == [sample_plan.name]


def test_a_file_that_another_program_holds_is_waited_for_and_then_refused(
    sample_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows refuses to replace a file that is open without a lock file beside it."""
    before = sample_plan.read_bytes()
    real, refusals = Path.replace, [0]

    def held(self: Path, target: Path) -> Path:
        refusals[0] += 1
        if refusals[0] <= allowed:
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(saving, "_PATIENCE", (0.0,) * 3)
    monkeypatch.setattr(Path, "replace", held)
    allowed = 100
    with pytest.raises(PlanError, match="another program holds the file"):
        run(sample_plan)
    assert sample_plan.read_bytes() == before
    refusals[0], allowed = 0, 2
    run(sample_plan)
    assert sample_plan.read_bytes() != before
    assert [entry.name for entry in sample_plan.parent.iterdir()] == [sample_plan.name]


def test_what_somebody_saves_while_a_run_computes_is_not_overwritten(sample_plan: Path) -> None:
    def meddle(stage: str) -> None:
        if stage == "quotas":
            book = load_workbook(sample_plan)
            book["Settings"]["B10"] = "theirs"
            book.save(sample_plan)

    with pytest.raises(PlanError, match="was saved by somebody else in the meantime"):
        run(sample_plan, progress=meddle)
    assert load_workbook(sample_plan)["Settings"]["B10"].value == "theirs"


def test_two_runs_at_once(sample_plan: Path) -> None:
    """Each ends with 0 or says that the other was there; the file is whole."""
    command = [sys.executable, "-c", RUN, "run", "-q", str(sample_plan)]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ends = [(process.communicate()[1], process.returncode) for process in runs]
    assert any(code == 0 for _, code in ends)
    for said, code in ends:
        assert code == 0 or "another run is saving" in said or "in the meantime" in said
    load(sample_plan)
    assert [entry.name for entry in sample_plan.parent.iterdir()] == [sample_plan.name]


def test_one_backup_is_kept_on_request(sample_plan: Path) -> None:
    first = sample_plan.read_bytes()
    run(sample_plan, backup=True)
    backup = sample_plan.with_name("sample.backup.xlsx")
    assert backup.read_bytes() == first
    second = sample_plan.read_bytes()
    done = CliRunner().invoke(cli, ["run", "--backup", str(sample_plan)])
    assert done.exit_code == 0
    assert backup.read_bytes() == second
    assert sorted(entry.name for entry in sample_plan.parent.iterdir()) == ["sample.backup.xlsx", "sample.xlsx"]


BAD_NAMES = {
    "CON.xlsx": "reserved on Windows",
    "com1.xlsx": "reserved on Windows",
    "LPT9.xlsx": "reserved on Windows",
    "NUL.xlsx": "reserved on Windows",
    "a:b.xlsx": "does not allow",
    "what?.xlsx": "does not allow",
    "a|b.xlsx": "does not allow",
    "a\nb.xlsx": "does not allow",
    " a.xlsx": "does not allow",
    "x" * 300 + ".xlsx": "too long",
    "é" * 150 + ".xlsx": "too long",
    "gpj.\u202exslx.xlsx": "turn the direction",
    "~$out.xlsx": "lock files",
    "SAMPLE.xlsx": 'the folder has a file "sample.xlsx"',
    "out.xls": "Name it out.xlsx",
    "out": "Name it out.xlsx",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_do_not_work_everywhere_are_refused(name: str, sample_plan: Path) -> None:
    done = CliRunner().invoke(cli, ["run", str(sample_plan), "-o", str(sample_plan.parent / name)])
    assert done.exit_code == 3
    assert BAD_NAMES[name] in done.output
    assert [entry.name for entry in sample_plan.parent.iterdir()] == [sample_plan.name]


@pytest.mark.parametrize("name", ["🎉 plan.xlsx", "Plan Öst 2027.xlsx", "计划.xlsx", "a.b.c.xlsx", "o'brien & co.xlsx"])
def test_names_that_work_are_taken(name: str, sample_plan: Path) -> None:
    run(sample_plan, sample_plan.parent / name)
    load(sample_plan.parent / name)
