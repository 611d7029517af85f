"""What is installed, what works here, and what to do about what does not."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import revops_xl
from revops_xl.errors import PlanError
from revops_xl.workbook.file.limits import FileLimits

WORKS, MISSING, BROKEN = "works", "missing", "broken"
_GIB = 2**30
#: GiB that a run with 900,000 ICs takes at its peak, rounded up (tests/benchmarks/RESULTS.md).
_MEMORY_OF_A_MILLION = 3
_DEVELOPERS_EXTRAS = frozenset({"test", "bench"})
_MODULES = {"scikit-learn": "sklearn"}
_NEEDED_FOR = {
    "sql": "Needed for export to a database only",
    "excel": "Needed for the Excel add-in only",
    "addin": "Needed to build the Excel add-in only",
}


@dataclass(frozen=True)
class Diagnosis:
    """One line of the report.

    Attributes:
        what: What was looked at.
        status: works, missing (something optional) or broken (something needed).
        found: What was found.
        fix: What to do about it; "" if nothing.
    """

    what: str
    status: str
    found: str
    fix: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def examine(*, quick: bool = False) -> Iterator[Diagnosis]:
    """Look at everything, quick things first; each finding comes as soon as it is known.

    Args:
        quick: Without what takes seconds: no plan is run, and no program is started.
    """
    yield Diagnosis("revops-xl", WORKS, f"{revops_xl.__version__} in {Path(revops_xl.__file__).parent}")
    yield Diagnosis(
        "Python", WORKS, f"{platform.python_version()} ({sys.executable}) on {platform.platform(terse=True)}"
    )
    yield from _libraries()
    yield _console()
    yield _attempt("Memory", _memory, "")
    yield from _limits()
    if not quick:
        yield from _spreadsheets()
    yield from _addins()
    yield _attempt("Shipped workbooks", _templates, "Install revops-xl again.")
    if quick:
        return
    yield _attempt("Running the sample plan", _sample, "Install revops-xl again, and report this if it stays.")
    yield _attempt("Reading a file from outside in a process with limits", _outside, "Without it `check --untrusted` does not work.")  # fmt: skip


def _libraries() -> Iterator[Diagnosis]:
    seen: set[str] = set()
    # What builds the add-in needs what runs it, too: each library is told for the lesser of the two.
    for requirement in sorted(metadata.requires("revops-xl") or [], key=lambda text: "addin" in text):
        name, _, marker = requirement.partition(";")
        match = re.match(r"[A-Za-z0-9._-]+", name)
        extra = re.search(r"extra\s*==\s*['\"](\w+)['\"]", marker)
        if match is None or match[0].lower() == "revops-xl" or (extra is not None and extra[1] in _DEVELOPERS_EXTRAS):
            continue
        library = match[0].lower()
        if library in seen:
            continue
        seen.add(library)
        module = _MODULES.get(library, library.replace("-", "_"))
        try:
            importlib.import_module(module)
            version = metadata.version(library)
        except ImportError as error:
            if extra is None:
                yield Diagnosis(library, BROKEN, str(error), f"pip install '{name.strip()}'")
            else:
                fix = f"{_NEEDED_FOR[extra[1]]}: pip install 'revops-xl[{extra[1]}]'"
                yield Diagnosis(library, MISSING, "not installed", fix)
        else:
            yield Diagnosis(library, WORKS, version)


def _console() -> Diagnosis:
    encoding = (sys.stdout.encoding or "unknown").lower()
    if encoding.replace("-", "") == "utf8":
        return Diagnosis("Console", WORKS, "UTF-8")
    return Diagnosis("Console", MISSING, encoding, "Names may be shown with escapes. Set PYTHONUTF8=1 for full text.")


def _memory() -> str:
    import psutil  # noqa: PLC0415  (a missing library is a finding, not the end)

    memory = psutil.virtual_memory()
    found = f"{memory.available / _GIB:,.1f} of {memory.total / _GIB:,.1f} GiB free, {os.cpu_count()} cores"
    if memory.available < _MEMORY_OF_A_MILLION * _GIB:
        ics = int(memory.available / _GIB / _MEMORY_OF_A_MILLION * 10) * 100_000
        return f"{found}; enough for about {max(ics, 50_000):,} ICs"
    return f"{found}; enough for 1,000,000 ICs"


def _limits() -> Iterator[Diagnosis]:
    try:
        limits = FileLimits.from_environment()
    except PlanError as error:
        for problem in error.problems:
            yield Diagnosis(problem.sheet, BROKEN, problem.message, problem.fix)
        return
    for variable, default, help_text in FileLimits.rows():
        value = getattr(limits, variable.removeprefix("REVOPS_MAX_").lower())
        note = "" if value == default else f"; default {default:,}"
        yield Diagnosis(variable, WORKS, f"{value:,} {help_text}{note}")


def _spreadsheets() -> Iterator[Diagnosis]:
    excel = _excel()
    office = shutil.which("soffice") or shutil.which("libreoffice")
    version = ""
    if office:
        try:
            command = [office, "--version"]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=30, check=False)  # noqa: S603
            version = done.stdout.strip()
        except (OSError, subprocess.TimeoutExpired) as error:
            version = str(error)
    yield Diagnosis(
        "Excel", WORKS if excel else MISSING, excel or "not found", "" if excel or office else _NO_SPREADSHEET
    )
    yield Diagnosis("LibreOffice", WORKS if office else MISSING, f"{version} ({office})" if office else "not found")


def _addins() -> Iterator[Diagnosis]:
    """The functions in Excel and LibreOffice: interpreter, DLL, mark of the web, versions, folder."""
    from revops_xl.hosts.excel import install as excel  # noqa: PLC0415
    from revops_xl.hosts.libreoffice import install as calc  # noqa: PLC0415

    states = [*calc.status(calc.Profile.of())]
    with contextlib.suppress(PlanError):  # there is no Excel for this system
        states = [*excel.status(excel.Places.of()), *states]
    for state in states:
        absent = state.found.startswith("not installed")
        status = WORKS if state.well else MISSING if absent else BROKEN
        yield Diagnosis(
            f"Functions: {state.what}", status, state.found, f"To use them: {state.fix}" if absent else state.fix
        )


_NO_SPREADSHEET = "Not needed to run plans; to look at them, install Excel or LibreOffice."


def _excel() -> str:
    if sys.platform == "darwin":
        place = Path("/Applications/Microsoft Excel.app")
        return str(place) if place.exists() else ""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  (Windows only)

        try:
            with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, r"Excel.Application\CurVer") as key:
                return str(winreg.QueryValue(key, ""))
        except OSError:
            return ""
    return ""


def _attempt(what: str, act: Callable[[], str], fix: str) -> Diagnosis:
    """Try something for real; whatever goes wrong is the finding."""
    try:
        return Diagnosis(what, WORKS, act())
    except Exception as error:  # noqa: BLE001  (a report about failures must not fail)
        return Diagnosis(what, BROKEN, f"{type(error).__name__}: {error}".splitlines()[0], fix)


def _templates() -> str:
    from revops_xl.workbook.building.templates import SAMPLE, TEMPLATE, template_path  # noqa: PLC0415

    return ", ".join(str(template_path(name)) for name in (TEMPLATE, SAMPLE))


def _sample() -> str:
    from revops_xl.usecases import run as flow  # noqa: PLC0415
    from revops_xl.workbook.building.templates import new_plan  # noqa: PLC0415

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.xlsx"
        new_plan(path, sample=True)
        results = flow.run(path)
        seconds = time.perf_counter() - start
        if results.failed:
            raise AssertionError(", ".join(results.failed))
        return f"{len(results.plan.base):,} quotas tie to the cent, read, computed and saved in {seconds:.2f} s"


def _outside() -> str:
    from revops_xl.usecases import run as flow  # noqa: PLC0415
    from revops_xl.workbook.building.templates import new_plan  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.xlsx"
        new_plan(path, sample=True)
        flow.check_from_outside(path)
    by = "by the system and by watching" if sys.platform != "win32" else "by watching"
    return f"memory and time are limited {by}"
