"""The house: layers import downwards only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom revops_xl.hosts.cli import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        "print([name for name in ('numpy', 'pandas', 'lxml', 'pyarrow', 'xlsxwriter', 'networkx', 'babel') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_run_without_bookings_needs_neither_pandas_nor_networkx(plan_path: Path) -> None:
    """statsmodels, which reads bookings, loads pandas; nothing else does."""
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom revops_xl.hosts.cli import cli\n"
        f"assert CliRunner().invoke(cli, ['run', {str(plan_path)!r}]).exit_code == 0\n"
        "print([name for name in ('pandas', 'pyarrow', 'xlsxwriter', 'networkx', 'statsmodels', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_package_does_not_import_what_learns() -> None:
    code = (
        "import sys\nfrom revops_xl import fit_deals, forecast, run\n"
        "print([name for name in ('sklearn', 'scipy', 'joblib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
