"""The functions and the menu in a user's LibreOffice profile: what is put there, and taken away again."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from revops_xl.errors import PlanError, Problem
from revops_xl.hosts.excel.install import State, interpreter, write_whole
from revops_xl.hosts.libreoffice.basic import MODULE, SCRIPT
from revops_xl.hosts.libreoffice.basic import module as basic_module
from revops_xl.version import __version__
from revops_xl.workbook.building.templates import template_path

INSTALL = "revops-xl addin install --libreoffice"
_BASIC_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {kind} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{dtd}">\n'  # fmt: skip
_ELEMENT = f' <library:element library:name="{MODULE}"/>\n'
_MENU = "revops-xl.menu"
_ENTRIES = (
    ("check", "Check"),
    ("run", "Run all"),
    ("import_files", "Import files"),
    ("explain", "Explain selection"),
    ("last_error", "Last error"),
)


@dataclass(frozen=True)
class Profile:
    """A user's profile of LibreOffice.

    Attributes:
        user: Its folder `user`.
    """

    user: Path

    @classmethod
    def of(
        cls, system: str = sys.platform, home: Path | None = None, environ: Mapping[str, str] = os.environ
    ) -> Profile:
        """The default profile on this system."""
        home = home or Path.home()
        if system == "win32":
            base = Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "LibreOffice" / "4"
        elif system == "darwin":
            base = home / "Library" / "Application Support" / "LibreOffice" / "4"
        else:
            base = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "libreoffice" / "4"
        return cls(base / "user")

    @property
    def script(self) -> Path:
        """The Python script that Basic and the menu call."""
        return self.user / "Scripts" / "python" / SCRIPT

    @property
    def module(self) -> Path:
        """The Basic module with the functions."""
        return self.user / "basic" / "Standard" / f"{MODULE}.xba"

    @property
    def index(self) -> Path:
        """What LibreOffice knows of the library Standard."""
        return self.user / "basic" / "Standard" / "script.xlb"

    @property
    def registry(self) -> Path:
        """The user's settings, the menu among them."""
        return self.user / "registrymodifications.xcu"

    def refuse_fresh(self) -> None:
        """LibreOffice lays its own files over a profile when it is first started."""
        if not self.index.is_file() or not self.registry.is_file():
            raise PlanError([Problem("LibreOffice", "", f"was never started with the profile {self.user}", "Start it once, close it, and try again.")])  # fmt: skip

    def refuse_running(self) -> None:
        """LibreOffice writes its settings when it ends: whatever was changed meanwhile would be lost."""
        if (self.user.parent / ".lock").exists() or (self.user / ".lock").exists():
            raise PlanError([Problem("LibreOffice", "", f"is running with the profile {self.user}", "Close it and try again. If it is not running, start and close it once.")])  # fmt: skip


def install(profile: Profile) -> list[Path]:
    """Put functions and menu into a profile.

    Returns:
        The files that were made or changed.

    Raises:
        PlanError: LibreOffice is running, or something cannot be written.
    """
    profile.refuse_fresh()
    profile.refuse_running()
    script = template_path(f"src/{SCRIPT}").read_text(encoding="utf-8")
    contents = {
        profile.script: script.replace('"{interpreter}"', repr(interpreter())).replace("{version}", __version__),
        profile.module: _xba(),
        profile.index: _with_element(_text(profile.index)),
        profile.registry: _with_menu(_text(profile.registry)),
    }
    try:
        for path, text in contents.items():
            write_whole(path, text.encode())
    except OSError as error:
        raise PlanError([Problem(str(error.filename or profile.user), "", f"could not be written: {error.strerror or error}")]) from error  # fmt: skip
    return list(contents)


def remove(profile: Profile) -> list[Path]:
    """Take away what `install` put there, and nothing else.

    Returns:
        The files that are gone or changed.
    """
    profile.refuse_running()
    touched = []
    try:
        for path in (profile.script, profile.module):
            if path.exists():
                path.unlink()
                touched.append(path)
        for path, cut in ((profile.index, _without_element), (profile.registry, _without_menu)):
            text = _text(path)
            if text and cut(text) != text:
                write_whole(path, cut(text).encode())
                touched.append(path)
    except OSError as error:
        raise PlanError([Problem(str(error.filename or profile.user), "", f"could not be changed: {error.strerror or error}")]) from error  # fmt: skip
    return touched


def status(profile: Profile) -> list[State]:
    """Whether the functions are there, and belong to this package."""
    if not profile.module.is_file() or not profile.script.is_file():
        return [State("LibreOffice", False, f"not installed ({profile.user})", INSTALL)]
    same = profile.module.read_text(encoding="utf-8") == _xba() and f'VERSION = "{__version__}"' in _text(
        profile.script
    )
    found = re.search(r"^INTERPRETER = '(.*)'$", _text(profile.script), re.MULTILINE)
    python = Path(found[1].replace("\\\\", "\\")) if found else None
    there = python is not None and python.is_file()
    listed = MODULE in _text(profile.index) and _MENU in _text(profile.registry)
    return [
        State("LibreOffice", same and listed, f"{'functions of this version' if same else 'functions of another version'} in {profile.module}", "" if same and listed else INSTALL),
        State("Python of LibreOffice", there, str(python or "not set"), "" if there else INSTALL),
    ]  # fmt: skip


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _xba() -> str:
    head = _BASIC_HEAD.format(kind="script:module", dtd="module.dtd")
    return f'{head}<script:module xmlns:script="http://openoffice.org/2000/script" script:name="{MODULE}" script:language="StarBasic">{escape(basic_module())}</script:module>\n'  # fmt: skip


def _with_element(index: str) -> str:
    """The library's index with our module, once."""
    index = re.sub(r"(<library:library [^>]*)/>", r"\1>\n</library:library>", _without_element(index))
    return index.replace("</library:library>", f"{_ELEMENT}</library:library>", 1)


def _without_element(index: str) -> str:
    return index.replace(_ELEMENT, "").replace(_ELEMENT.strip(), "")


def _menu() -> str:
    """The menu as one item of the user's settings."""

    def prop(name: str, value: str, *, translated: bool = False) -> str:
        lang = ' xml:lang="en-US"' if translated else ""
        return f'<prop oor:name="{name}" oor:type="xs:string"><value{lang}>{escape(value)}</value></prop>'

    entries = "".join(
        f'<node oor:name="m{i}" oor:op="replace">'
        + prop("URL", f"vnd.sun.star.script:{SCRIPT}${name}?language=Python&location=user")
        + prop("Title", title, translated=True)
        + prop("Target", "_self")
        + prop("Context", "com.sun.star.sheet.SpreadsheetDocument")
        + "</node>"
        for i, (name, title) in enumerate(_ENTRIES, 1)
    )
    inner = prop("Title", "RevOps", translated=True) + prop("Context", "com.sun.star.sheet.SpreadsheetDocument")
    return f'<item oor:path="/org.openoffice.Office.Addons/AddonUI/OfficeMenuBar"><node oor:name="{_MENU}" oor:op="replace">{inner}<node oor:name="Submenu">{entries}</node></node></item>'  # fmt: skip


def _with_menu(registry: str) -> str:
    return _without_menu(registry).replace("</oor:items>", f"{_menu()}\n</oor:items>", 1)


def _without_menu(registry: str) -> str:
    """The settings without our menu, whether as we wrote it or as LibreOffice saved it again, in items of its own."""
    lines = registry.split("\n")
    return "\n".join(line for line in lines if f'"{_MENU}"' not in line and f"['{_MENU}']" not in line)
