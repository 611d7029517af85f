"""Installing in Excel or LibreOffice, as the command line asks for it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from revops_xl.errors import PlanError
from revops_xl.hosts.excel import install as excel
from revops_xl.hosts.excel.install import State
from revops_xl.hosts.libreoffice import install as calc
from revops_xl.hosts.libreoffice.install import Profile


def _profile(given: Path | None) -> Profile:
    return Profile(given / "user") if given is not None else Profile.of()


def install(*, libreoffice: bool, profile: Path | None) -> tuple[list[str], str]:
    """Install; the files that were made or changed, and what to do next."""
    if libreoffice:
        return list(map(str, calc.install(_profile(profile)))), "Start LibreOffice: Calc has the REVOPS functions and the menu RevOps."  # fmt: skip
    touched = excel.install(excel.Places.of())
    return list(map(str, touched)), "Start Excel: it has the REVOPS functions and the tab RevOps."


def remove(*, libreoffice: bool, profile: Path | None) -> list[str]:
    """Remove; what is gone or changed."""
    return list(map(str, calc.remove(_profile(profile)) if libreoffice else excel.remove(excel.Places.of())))


def status(*, libreoffice: bool, profile: Path | None) -> list[State]:
    """What is installed; in LibreOffice where there is no Excel for this system."""
    if not libreoffice:
        with contextlib.suppress(PlanError):
            return list(excel.status(excel.Places.of()))
    return calc.status(_profile(profile))


def line(state: State) -> str:
    """A state as people read it."""
    return f"{'well' if state.well else 'look'}  {state.what}: {state.found}{f'. {state.fix}' if state.fix else ''}"
