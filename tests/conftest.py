"""Fixtures, and the rule that CI may not skip what it should run."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

# Two workers on two cores: more threads would wait for each other. It must be said before scikit-learn is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Tests leave the user's own models alone, and share theirs.
os.environ["REVOPS_CACHE"] = str(Path(__file__).parent.parent / ".pytest_cache" / "models")

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from tests.plans import LEVELS, WORKED_HEADERS, WORKED_ROWS, Tables, worked_tables, write_plan

#: Runs in LibreOffice's own Python, which has UNO.
collect_ignore = ["hosts/calc_session.py"]

settings.register_profile("default", deadline=None, max_examples=60)
settings.register_profile(
    "ci", deadline=None, max_examples=120, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


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
    """A copy of the sample plan."""
    from revops_xl.workbook.templates import new_plan

    path = tmp_path / "sample.xlsx"
    new_plan(path, sample=True)
    return path
