"""A copy of a workbook that is ready to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from revops_xl.functions.native import native, uses_ours
from revops_xl.tables.book import catalog
from revops_xl.tables.book.audiences import AUDIENCES, BEHIND, personal, sheets_for
from revops_xl.workbook.file.intake import damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.travelling import freeze as package
from revops_xl.workbook.travelling.freeze_cells import Change


def freeze(
    book: str | Path,
    out_path: str | Path,
    *,
    show_hidden: bool = False,
    audience: str = "",
    keep: Collection[str] = (),
) -> list[Change]:
    """Save a copy without the add-in's functions, links, paths, names of users and hidden sheets.

    A formula with a REVOPS function becomes a native formula where one says the same, else the value that it shows.

    Args:
        book: The workbook; it stays as it is.
        out_path: Where the copy goes.
        show_hidden: Show hidden sheets instead of taking them out.
        audience: "cfo", "board" or "everyone": only the sheets for such readers, without pay, e-mail addresses and
            deals, opened on Summary; "": all sheets that are in view.
        keep: With an audience, further sheets that the copy has.

    Returns:
        Everything that was changed, and what deserves a look before it is sent.

    Raises:
        PlanError: The workbook is refused, a value is not known, or the copy cannot be saved; nothing was written.
        ValueError: There is no such audience.
    """
    if audience and audience not in AUDIENCES:
        raise ValueError(f"audience is {audience!r}; there are {', '.join(AUDIENCES)}")
    source, target = Path(book), Path(out_path)
    kept = None
    first = ""
    if audience:

        def kept(opened: Package) -> Collection[str]:
            return _sheets(opened, audience, keep)

        first = _summary(source)
    changes = package.freeze(source, target, native, uses_ours, show_hidden=show_hidden, kept=kept, first=first)
    return [*changes, *_about_people(target)]


def _sheets(opened: Package, audience: str, keep: Collection[str]) -> set[str]:
    """Sheets of a workbook that a copy has, by their tables, whatever they are called."""
    wanted = sheets_for(audience, keep)
    tables = {table.name for sheet in catalog.SHEETS if sheet.name in wanted for table in sheet.tables}
    homes = {table.sheet for name, table in opened.tables.items() if name in tables}
    homes |= {name for name in keep if name in opened.sheets}
    behind = opened.tables.get(BEHIND)
    quotas = opened.tables.get("Quotas")
    if behind is not None and quotas is not None and quotas.sheet in homes:
        homes.add(behind.sheet)
    return homes


def _summary(source: Path) -> str:
    """The sheet on which a copy opens."""
    if not source.is_file():
        return ""
    with damage_told(source), Package(source) as opened:
        page = opened.tables.get("PageTexts")
        return page.sheet if page is not None else ""


def _about_people(path: Path) -> Iterator[Change]:
    """What a copy says of people."""
    with damage_told(path), Package(path) as opened:
        tables = {name: (table.sheet, table.headers) for name, table in opened.tables.items()}
    for what, sheet, where in personal(tables):
        yield Change(f"about people: {what}", sheet, where)
