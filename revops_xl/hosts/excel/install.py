"""The add-in on a user's machine: where it lies, what is put there and taken away again. No registry, no administrator."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.hosts.excel.build import ADDIN, digest
from revops_xl.hosts.excel.hardened import PROJECT
from revops_xl.version import __version__
from revops_xl.workbook.building.templates import template_path

WINDOWS, MAC = "win32", "darwin"
_MAC_STARTUP = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
_MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"


@dataclass(frozen=True)
class Places:
    """Where everything lies for one user.

    Attributes:
        addin: The add-in: a folder from which Excel starts add-ins, and which it trusts.
        settings: Which Python runs.
        script: What lets Excel for Mac start Python; None on Windows.
        others: Folders where an older copy may lie.
    """

    addin: Path
    settings: Path
    script: Path | None
    others: tuple[Path, ...]

    @classmethod
    def of(
        cls, system: str = sys.platform, home: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> Places:
        """The places on this system.

        Raises:
            PlanError: There is no Excel for it.
        """
        home = home or Path.home()
        if system == WINDOWS:
            roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
            return cls(
                roaming / "Microsoft" / "Excel" / "XLSTART" / ADDIN,
                home / f".{PROJECT}" / f"{PROJECT}.conf",
                None,
                (roaming / "Microsoft" / "AddIns",),
            )
        if system == MAC:
            return cls(
                home / _MAC_STARTUP / ADDIN,
                home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / f"{PROJECT}.conf",
                home / _MAC_SCRIPTS / f"revops-xl-{xlwings_version()}.applescript",
                (home / "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Add-Ins.localized",),
            )
        fix = "For LibreOffice: revops-xl addin install --libreoffice"
        raise PlanError([Problem("addin", "", "Excel runs on Windows and macOS only", fix)])

    @property
    def touched(self) -> list[Path]:
        """Every file that installing makes, and removing deletes."""
        return [self.addin, self.settings, *([self.script] if self.script is not None else [])]


def shipped() -> bytes:
    """The add-in of this package."""
    return template_path(ADDIN).read_bytes()


def xlwings_version() -> str:
    """Version of xlwings whose code the shipped add-in carries."""
    return _setting(shipped(), "XLWINGS_VERSION")


def _setting(addin: bytes, name: str) -> str:
    """A value of the add-in's own settings; "" if it has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(addin)) as package:
            sheet = package.read("xl/worksheets/sheet1.xml").decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return ""
    found = re.search(rf"<t>{re.escape(name)}</t></is></c><c [^>]*><is><t>([^<]*)</t>", sheet)
    return found[1] if found else ""


def interpreter(system: str = sys.platform) -> str:
    """The Python that serves the functions: this one."""
    path = Path(sys.executable)
    if system == WINDOWS and path.name.lower() == "pythonw.exe":
        path = path.with_name("python.exe")  # the DLL hides the console by itself
    return str(path)


def install(places: Places, system: str = sys.platform) -> list[Path]:
    """Put the add-in, and which Python it uses, where Excel looks for it.

    Returns:
        The files that were made.

    Raises:
        PlanError: Something cannot be written; what was there is there.
    """
    _refuse_other_xlwings()
    key = "INTERPRETER_WIN" if system == WINDOWS else "INTERPRETER_MAC"
    line = f'"{key}","{interpreter(system)}"\r\n'
    try:
        # VBA reads the code page of Windows; on a Mac plain letters are the safe ones.
        settings = line.encode("mbcs" if sys.platform == WINDOWS else "ascii")
    except UnicodeEncodeError as error:
        message = f"VBA cannot read the path of this Python: {interpreter(system)}"
        raise PlanError(
            [Problem("addin", "", message, "Make an environment in a folder with plain letters.")]
        ) from error
    contents = {places.addin: shipped()}  # first: Excel holds it while it runs
    if places.script is not None:
        contents[places.script] = script()
    contents[places.settings] = settings
    try:
        for path, content in contents.items():
            write_whole(path, content)
    except OSError as error:
        message = f"could not be written: {error.strerror or error}"
        raise PlanError([Problem(str(error.filename or places.addin), "", message, "Close Excel and try again.")]) from error  # fmt: skip
    return list(contents)


def script() -> bytes:
    """What lets Excel for Mac start Python: xlwings' script under a name of our own, Python looking into no current folder."""
    theirs = Path(str(files("xlwings"))) / f"xlwings-{xlwings_version()}.applescript"
    text = theirs.read_text(encoding="utf-8")
    start = 'to PythonInterpreter & " -B -u -W ignore -c '
    if text.count(start) != 1:
        raise PlanError([Problem("xlwings", "", "its AppleScript is another one", "Install xlwings again.")])
    return text.replace(start, 'to quoted form of PythonInterpreter & " -B -P -u -W ignore -c ').encode()


def _refuse_other_xlwings() -> None:
    try:
        version = metadata.version("xlwings")
    except metadata.PackageNotFoundError as error:
        fix = "pip install 'revops-xl[excel]'"
        raise PlanError(
            [Problem("xlwings", "", "is not installed; the add-in reaches Python through it", fix)]
        ) from error
    if version != xlwings_version():
        message = f"is {version}; the add-in carries the code of {xlwings_version()}"
        raise PlanError([Problem("xlwings", "", message, f"pip install xlwings=={xlwings_version()}")])
    state = _xlwings()
    if not state.well:
        raise PlanError([Problem("xlwings", "", state.found, state.fix)])


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = path.parent.parent if path.parent.name in {"XLSTART", "Excel"} else path.parent  # Excel opens all in them
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove(places: Places) -> list[Path]:
    """Take away what `install` made, and nothing else.

    Returns:
        What was there and is not any more.

    Raises:
        PlanError: A file cannot be deleted.
    """
    gone = []
    for path in places.touched:
        if not path.exists():
            continue
        try:
            path.unlink()
        except OSError as error:
            message = f"could not be deleted: {error.strerror or error}"
            raise PlanError([Problem(str(path), "", message, "Close Excel and try again.")]) from error
        gone.append(path)
    if places.settings.parent.name == f".{PROJECT}" and places.settings.parent.is_dir() and not any(places.settings.parent.iterdir()):  # fmt: skip
        places.settings.parent.rmdir()
        gone.append(places.settings.parent)
    return gone


@dataclass(frozen=True)
class State:
    """One line of the status: what, whether it is well, what was found, what to do."""

    what: str
    well: bool
    found: str
    fix: str = ""


INSTALL = "revops-xl addin install"


def status(places: Places) -> Iterator[State]:
    """Whether the add-in is there, and belongs to this package."""
    if not places.addin.is_file():
        yield State("Add-in", False, f"not installed ({places.addin})", INSTALL)
        return
    content = places.addin.read_bytes()
    version = _setting(content, "REVOPS_XL_VERSION") or "unknown"
    same = content == shipped()
    found = f"version {version} in {places.addin}, SHA-256 {digest(content)}"
    if not same and version == __version__:
        found += "; not the file of this package: signed, or changed"
    yield State("Add-in", version == __version__, found, "" if version == __version__ else INSTALL)
    yield State("Package", version == __version__, f"version {__version__}", "" if version == __version__ else INSTALL)
    yield _python(places)
    yield _xlwings()
    if places.script is not None:
        there = places.script.is_file()
        yield State("Script that starts Python", there, str(places.script), "" if there else INSTALL)
    yield _mark(places.addin)
    copies = [folder / ADDIN for folder in places.others if (folder / ADDIN).is_file()]
    if copies:
        yield State("A second copy", False, ", ".join(map(str, copies)), "Delete it: Excel would load both.")


def _python(places: Places) -> State:
    what = "Python of the add-in"
    try:
        text = places.settings.read_text(encoding="mbcs" if sys.platform == WINDOWS else "utf-8")
    except OSError:
        return State(what, False, f"not set ({places.settings})", INSTALL)
    found = re.search(r'"INTERPRETER_(?:WIN|MAC)","([^"]*)"', text)
    path = Path(found[1]) if found else None
    if path is None or not path.is_file():
        return State(what, False, f"{path or 'nothing'} is not there (set in {places.settings})", INSTALL)
    other = "" if path.resolve() == Path(sys.executable).resolve() else f"; this is {sys.executable}"
    return State(what, True, f"{path}{other}")


def _xlwings() -> State:
    needed = xlwings_version()
    try:
        version = metadata.version("xlwings")
    except metadata.PackageNotFoundError:
        return State("xlwings", False, "not installed", f"pip install xlwings=={needed}")
    if version != needed:
        return State("xlwings", False, f"{version}; the add-in needs {needed}", f"pip install xlwings=={needed}")
    if sys.platform == WINDOWS:
        names = [f"xlwings{bits}-{needed}.dll" for bits in (64, 32)]
        missing = [name for name in names if not (Path(sys.prefix) / name).is_file()]
        if missing:
            return State("xlwings", False, f"{', '.join(missing)} is not in {sys.prefix}", f"pip install --force-reinstall xlwings=={needed}")  # fmt: skip
    return State("xlwings", True, version)


def _mark(addin: Path) -> State:
    """Windows marks files from the internet, and Excel blocks the macros of such files outside trusted folders."""
    marked = False
    if sys.platform == WINDOWS:
        try:
            marked = "ZoneId=" in Path(f"{addin}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
        except OSError:
            marked = False
    found = "the file is marked as from the internet" if marked else "not marked as from the internet; the folder is one that Excel trusts"  # fmt: skip
    return State("Trust", not marked, found, "Properties of the file, Unblock; or install again." if marked else "")


def versions() -> list[str]:
    """Add-in and package in a line each, for About."""
    try:
        places = Places.of()
    except PlanError:
        return []
    return [f"{state.what}: {state.found}{'' if state.well else f' ({state.fix})'}" for state in status(places)]
