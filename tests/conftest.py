"""Fixtures, and the rule that CI may not skip what it should run."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from collections.abc import Generator
from pathlib import Path

# Two workers on two cores: more threads would wait for each other. It must be said before scikit-learn is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The many processes that tests start read compiled modules, even where a machine asks not to write them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
ROOT = Path(__file__).parent.parent


def code_digest() -> str:
    """A fingerprint of everything that computes: what tests keep between runs belongs to exactly this code."""
    state = hashlib.sha256()
    for path in sorted((ROOT / "revops_xl").rglob("*.py")):
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


# Tests leave the user's own models alone, and share theirs.
os.environ["REVOPS_CACHE"] = str(ROOT / ".pytest_cache" / "models" / code_digest())

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from tests.plans import LEVELS, WORKED_HEADERS, WORKED_ROWS, Tables, weekly_sample, worked_tables, write_plan

#: Runs in LibreOffice's own Python, which has UNO.
collect_ignore = ["hosts/calc_session.py"]

CALM = [HealthCheck.too_slow]
settings.register_profile("fast", deadline=None, max_examples=30, suppress_health_check=CALM)
settings.register_profile("ci", deadline=None, max_examples=30, derandomize=True, suppress_health_check=CALM)
settings.register_profile("deep", deadline=None, max_examples=200, derandomize=True, suppress_health_check=CALM)
settings.load_profile("ci" if os.environ.get("CI") else "fast")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With REVOPS_REQUIRE_ALL set a skipped test counts as failed, unless its data are not part of the project."""
    report = yield
    foreign = item.get_closest_marker("other_peoples_files")
    absent = foreign is not None and not foreign.kwargs["present"]
    required = os.environ.get("REVOPS_REQUIRE_ALL") and not absent
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but REVOPS_REQUIRE_ALL is set: {report.longrepr}"
    return report


@pytest.fixture
def worked() -> pd.DataFrame:
    """The worked org of six ICs."""
    return pd.DataFrame(WORKED_ROWS, columns=list(WORKED_HEADERS))


@pytest.fixture
def levels() -> list[str]:
    return list(LEVELS)


@pytest.fixture
def tables() -> Tables:
    """The worked plan's tables, to be changed by a test."""
    return worked_tables()


@pytest.fixture
def plan_path(tmp_path: Path, tables: Tables) -> Path:
    """The worked plan as a workbook."""
    return write_plan(tmp_path / "plan.xlsx", tables)


@pytest.fixture
def sample_plan(tmp_path: Path) -> Path:
    """The sample company with its quotas, commits and pipeline: three times as quick as all of it."""
    path = tmp_path / "sample.xlsx"
    path.write_bytes(weekly_sample())
    return path


@pytest.fixture
def full_sample(tmp_path: Path) -> Path:
    """A copy of the sample plan as it is shipped."""
    from revops_xl.workbook.building.templates import new_plan

    path = tmp_path / "sample.xlsx"
    new_plan(path, sample=True)
    return path


@pytest.fixture(scope="session")
def run_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped sample after a run, computed once for all who only look at it."""
    from revops_xl.usecases.run import run
    from revops_xl.workbook.building.templates import SAMPLE, template_path

    path = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    run(template_path(SAMPLE), path, now=dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC), who="tester")
    return path


def pytest_sessionfinish() -> None:
    """End the LibreOffice of this process."""
    from tests import programs

    programs.close_office()
