"""What the code of an earlier revision makes on this machine: kept as code in the history, not as files beside the tests."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.golden.digests import RECORD

ROOT = Path(__file__).parents[2]


def recorded_revision() -> str | None:
    """The revision whose digests are on record: the last one that changed them. None outside a checkout that knows it."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%H", "--", str(RECORD)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


def made_by(revision: str, folder: Path, products: tuple[str, ...] = ()) -> Path:
    """The products of a revision's code, made by its own script with the libraries of now.

    Args:
        revision: A commit that has this folder.
        folder: Where to work.
        products: Which products; all if empty.

    Returns:
        The folder of the products.
    """
    code, target = folder / "code", folder / "products"
    code.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(code, filter="data")
    environment = {**os.environ, "PYTHONPATH": str(code)}
    command = [sys.executable, "-m", "tests.golden", "make", str(target), *products]
    subprocess.run(command, cwd=code, env=environment, check=True, capture_output=True)
    return target
