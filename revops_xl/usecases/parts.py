"""The parts of a plan: which it has, and sheets added, shown or hidden by part."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.model.parts import ALL, MACHINERY
from revops_xl.tables.book import catalog, profiles, setting_list, settings
from revops_xl.workbook.file.intake import damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.save import save
from revops_xl.workbook.plan_file import PlanFile

NAMES = (*profiles.PROFILES, MACHINERY)
IN_VIEW, HIDDEN, ABSENT, PARTLY = "in view", "hidden", "not in the plan", "partly in view"


@dataclass(frozen=True)
class PartState:
    """A part of a plan workbook.

    Attributes:
        name: Its name.
        what: What it is for.
        state: Whether its sheets are in view.
        sheets: Its sheets that the workbook has.
    """

    name: str
    what: str
    state: str
    sheets: tuple[str, ...]


def sheets_of(part: str) -> tuple[str, ...]:
    """Sheets of a part as the template calls them."""
    return tuple(sorted(catalog.MACHINERY)) if part == MACHINERY else profiles.PROFILES[part][1]


def parts_of(path: Path) -> list[PartState]:
    """The parts of a plan and their state.

    Raises:
        PlanError: The file is refused.
    """
    from revops_xl.workbook.building.sheet_states import states  # noqa: PLC0415

    file = PlanFile.of(path)
    with damage_told(file.source), Package(file.source) as package:
        seen = states(package)
        return [_state(part, package, seen) for part in NAMES]


def _state(part: str, package: Package, seen: dict[str, bool]) -> PartState:
    found = _there(part, package)
    views = [seen[sheet] for sheet in found]
    state = ABSENT if not views else IN_VIEW if all(views) else PARTLY if any(views) else HIDDEN
    what = "how quotas are computed, runs, columns explained" if part == MACHINERY else profiles.PROFILES[part][0]
    return PartState(part, what, state, found)


def _there(part: str, package: Package) -> tuple[str, ...]:
    """Sheets of a part that a workbook has, by their tables, whatever they are called."""
    wanted = sheets_of(part)
    tables = [table.name for sheet in catalog.SHEETS if sheet.name in wanted for table in sheet.tables]
    homes = [package.tables[name].sheet for name in tables if name in package.tables]
    return tuple(dict.fromkeys(homes))


@dataclass(frozen=True)
class Changed:
    """What was done.

    Attributes:
        path: The workbook.
        added: Sheets that were added.
        shown: Sheets that came into view.
        hidden: Sheets that went out of view.
    """

    path: Path
    added: tuple[str, ...]
    shown: tuple[str, ...]
    hidden: tuple[str, ...]


def change(
    path: Path, out: Path | None = None, *, add: Iterable[str] = (), hide: Iterable[str] = (), backup: bool = False
) -> Changed:
    """Add the sheets of parts or bring them back into view, and hide those of others; no cell changes.

    Args:
        path: The plan workbook.
        out: Where to save; None: into the plan itself.
        add: Parts; "all" stands for every part.
        hide: Parts whose sheets go out of view; a run reads and writes them as before.
        backup: Keep the workbook as it was, as NAME.backup.xlsx.

    Raises:
        PlanError: The file is refused or cannot be saved, a part is to be both added and hidden, or nothing would stay in view.
    """
    wanted = list(profiles.PROFILES) if ALL in add else list(dict.fromkeys(add))
    away = list(dict.fromkeys(hide))
    both = [part for part in wanted if part in away]
    if both:
        raise PlanError([Problem("parts", "", f"{both[0]} is to be added and hidden", "Name it once.")])
    file = PlanFile.of(path, out, backup=backup)
    raw = file.read([settings.TABLE.name]).tables.get(settings.TABLE.name)
    with file.with_tables() as (whole, _), tempfile.TemporaryDirectory(prefix="revops-xl-") as folder:
        added = _add(whole, Path(folder) / file.source.name, wanted)
        source = Path(folder) / file.source.name if added else whole
        rows = []
        if raw is not None and "Setting" in raw.headers:
            parts = {each.name.casefold(): profiles.part_of_setting(each) for each in setting_list.SETTINGS}
            named = zip(raw.rows, raw.column("Setting"), strict=True)
            rows = [int(row) for row, name in named if parts.get(str(name).strip().casefold()) in wanted]
        return _states_changed(file, source, added, wanted, away, (raw.sheet if raw is not None else "", rows))


def _add(whole: Path, target: Path, wanted: Collection[str]) -> tuple[str, ...]:
    """A copy with the tables that the parts lack; none is made where they lack none."""
    from revops_xl.workbook.building.complete import Lacking, complete  # noqa: PLC0415  (XlsxWriter, when it is needed)

    names = {sheet for part in wanted for sheet in sheets_of(part)}
    with damage_told(whole), Package(whole) as package:
        tables = [
            table.name
            for sheet in catalog.SHEETS
            if sheet.name in names
            for table in sheet.tables
            if table.name not in package.tables
        ]
    if tables:
        with damage_told(whole), target.open("wb") as copy:
            complete(whole, Lacking(tables), copy)
    return tuple(sheet.name for sheet in catalog.SHEETS if any(table.name in tables for table in sheet.tables))


def _states_changed(
    file: PlanFile,
    source: Path,
    added: tuple[str, ...],
    wanted: Collection[str],
    away: Collection[str],
    unfold: tuple[str, Collection[int]],
) -> Changed:
    from revops_xl.workbook.building.sheet_states import change_states, states  # noqa: PLC0415

    with damage_told(source), Package(source) as package:
        seen = states(package)
        show = [sheet for part in wanted for sheet in _there(part, package) if not seen[sheet]]
        hide = [sheet for part in away for sheet in _there(part, package) if seen[sheet]]
    if not [sheet for sheet, visible in seen.items() if visible and sheet not in hide]:
        raise PlanError([Problem(file.name, "", "no sheet would stay in view", "Leave one part in view.")])
    save(
        file.target,
        lambda target: change_states(source, target, show=show, hide=hide, unfold=unfold),
        unchanged=file.before,
        backup=file.backup,
    )
    return Changed(file.target, added, tuple(show), tuple(hide))
