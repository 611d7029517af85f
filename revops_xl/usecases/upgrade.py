"""A plan of an earlier version brought to this one: what it lacks is added, nothing of the user's is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from revops_xl.tables.book import catalog, setting_list, settings
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.intake import damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.plan_file import PlanFile
from revops_xl.workbook.reading.lost_tables import LostTables
from revops_xl.workbook.writing.write import write_tables


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did.

    Attributes:
        path: The workbook.
        tables: Tables that were added, each on the sheet of the template.
        columns: Columns that were added, by table.
        settings: Settings that got a row, with their default.
        names: Names that were defined, beside those of the added settings.
        restored: Tables that another program had dropped or renamed, put back over their cells.
    """

    path: Path
    tables: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    settings: tuple[str, ...]
    names: tuple[str, ...]
    restored: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The same as sentences."""
        columns = [f"{table}[{header}]" for table, headers in self.columns.items() for header in headers]
        sheets = [sheet.name for sheet in catalog.SHEETS if any(table.name in self.tables for table in sheet.tables)]
        parts = (("Sheets", sheets), ("Columns", columns), ("Settings", self.settings), ("Names", self.names))
        lines = [f"Tables put back over their cells: {', '.join(self.restored)}."] if self.restored else []
        return lines + [f"{what} added: {', '.join(names)}." for what, names in parts if names]


def upgrade(plan_path: str | Path, out_path: str | Path | None = None, *, backup: bool = False) -> Upgraded:
    """Give a plan the sheets, tables, result columns and settings of this version.

    Results stay as they are until the next run, which fills what is new.

    Args:
        plan_path: The plan workbook.
        out_path: Where to save the workbook; None: into the plan itself.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.

    Raises:
        PlanError: The file is refused or cannot be saved, or cells stand where something would be added.
    """
    file = PlanFile.of(plan_path, out_path, backup=backup)
    raw = file.read([settings.TABLE.name]).tables.get(settings.TABLE.name)
    rows = [str(name) for name in raw.column("Setting")] if raw is not None and "Setting" in raw.headers else []
    with file.with_tables() as (whole, lost):
        return _upgraded(file, whole, lost, rows)


def _upgraded(file: PlanFile, whole: Path, lost: LostTables, rows: Sequence[str]) -> Upgraded:
    from revops_xl.workbook.building.complete import complete, lacking_of  # noqa: PLC0415  (XlsxWriter)

    with damage_told(whole), Package(whole) as package:
        lacking = lacking_of(package, rows)
    help_table = ResultTable.of_rows(
        catalog.HELP, [dict(zip(catalog.HELP.headers, row, strict=True)) for row in catalog.help_rows()]
    )
    with tempfile.TemporaryDirectory(prefix="revops-xl-") as folder:
        source = whole
        if lacking:
            source = Path(folder) / file.source.name
            with damage_told(whole), source.open("wb") as copy:
                complete(whole, lacking, copy)
        write_tables(source, file.target, [help_table], unchanged=file.before, backup=file.backup)
    new = {setting.defined_name for setting in setting_list.SETTINGS if setting.name in lacking.settings}
    return Upgraded(
        file.target,
        tuple(lacking.tables),
        {table: tuple(headers) for table, headers in lacking.columns.items()},
        tuple(lacking.settings),
        tuple(name for name in lacking.names if name not in new),
        (*lost.dropped, *lost.renamed),
    )
