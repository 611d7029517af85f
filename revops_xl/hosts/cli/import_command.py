"""The command that brings files of other programs into a plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from revops_xl.hosts.cli.console import OK, Console, with_console
from revops_xl.model.wording import counted

if TYPE_CHECKING:
    from revops_xl.tables.imports.proposal import Proposal
    from revops_xl.usecases.import_files import Imported, ImportOptions
    from revops_xl.usecases.import_writing import Import

#: Columns that one table shows, and widths of its two first columns.
_SHOWN, _NAME, _BECOMES = 60, 26, 40


@click.command("import")
@click.argument("plan", type=click.Path(path_type=Path), metavar="PLAN.xlsx")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--yes", "-y", is_flag=True, help="Do it without asking.")
@click.option("--into", "table", default="", metavar="TABLE", help="The table that the files fill; found by their columns otherwise.")  # fmt: skip
@click.option("--sheet", default="", metavar="NAME", help="The sheet of a workbook; otherwise every sheet that tells what it is.")  # fmt: skip
@click.option("--map", "maps", multiple=True, metavar="'THEIRS=OURS'", help="A column of the file and ours; nothing behind the = leaves it out.")  # fmt: skip
@click.option("--where", multiple=True, metavar="'COLUMN=VALUE'", help="Only rows with this value.")
@click.option("--top", default="", metavar="NAME", help="A node above people who have no manager.")
@click.option("--remove-gone", is_flag=True, help="Take rows out that the file does not have.")
@click.option(
    "--preview", is_flag=True, help="Write the proposal into the sheet Imports of the plan, to correct it there."
)
@click.option("--undo", is_flag=True, help="Take the last import back.")
@with_console
def import_(
    console: Console, plan: Path, files: tuple[Path, ...], *, yes: bool, table: str, sheet: str, maps: tuple[str, ...],
    where: tuple[str, ...], top: str, remove_gone: bool, preview: bool, undo: bool,
) -> int:  # fmt: skip
    """Bring people, deals, history, commits, bookings or territories from CSV, TSV, .xlsx or Parquet into a plan.

    What becomes of each column is shown first; nothing is written before you agree. A plan that does not exist is made.
    The plan keeps what was said, so that next month's file needs no questions.
    """
    from revops_xl.usecases import import_files as use  # noqa: PLC0415

    if undo:
        if files:
            raise click.UsageError("--undo takes no files.")
        undone = use.undo(plan)
        console.data({"plan": str(plan), "undone": str(undone)}, str(plan))
        console.say(f"The last import is taken back; the plan as it was with it is {undone.name}.")
        return OK
    if not files:
        raise click.UsageError("Name a file to bring in.")
    options = _options(table, sheet, maps, where, top, remove_gone=remove_gone)
    found = _import(console, plan, files, options, apply=yes, preview=preview)
    if not yes and not preview and sys.stdin.isatty() and not console.json and not console.quiet:
        _show(console, found)
        if not click.confirm("Do it?", err=True):
            console.say("Nothing was written.")
            return OK
        found = _import(console, plan, files, options, apply=True, preview=False)
        console.data(str(plan), str(plan))
        _end(console, found)
        return OK
    console.data(_as_data(found), _text(found) if not console.quiet else str(plan))
    _end(console, found)
    return OK


def _options(table: str, sheet: str, maps: tuple[str, ...], where: tuple[str, ...], top: str, *, remove_gone: bool) -> ImportOptions:  # fmt: skip
    from revops_xl.tables.imports.propose import TARGETS  # noqa: PLC0415
    from revops_xl.usecases.import_files import ImportOptions  # noqa: PLC0415

    by_name = {name.casefold(): name for name in TARGETS} | {"people": "Hierarchy"}
    if table and table.casefold() not in by_name:
        listed = ", ".join((*TARGETS, "people"))
        raise click.UsageError(f"--into {table}: files fill one of {listed}.")
    return ImportOptions(
        by_name.get(table.casefold(), ""), sheet, _pairs("--map", maps), _pairs("--where", where), top, remove_gone
    )


def _pairs(option: str, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        theirs, equals, ours = text.partition("=")
        if not equals or not theirs.strip():
            raise click.UsageError(f"{option} {text}: write it as 'NAME=VALUE'.")
        pairs[theirs.strip()] = ours.strip()
    return pairs


def _import(
    console: Console, plan: Path, files: tuple[Path, ...], options: ImportOptions, *, apply: bool, preview: bool
) -> Imported:
    from revops_xl.usecases.import_files import STAGES, import_files  # noqa: PLC0415

    with console.progress(STAGES) as progress:
        return import_files(plan, files, options, apply=apply, preview=preview, progress=progress)


def _show(console: Console, found: Imported) -> None:
    console.say(_text(found))


def _text(found: Imported) -> str:
    return "\n\n".join("\n".join(_lines(each)) for each in found.imports)


def _lines(each: Import) -> list[str]:
    lines = [line for proposal in each.files for line in (*_file(proposal), "")]
    return [*lines, *(f"  {line}" for line in each.changes.lines)]


def _file(proposal: Proposal) -> list[str]:
    lines = [
        f"{proposal.source} → {proposal.table}{', history' if proposal.only_known else ''}",
        *(f"  {told}" for told in proposal.told),
        "",
    ]
    names = [column.header for column in proposal.columns]
    name = min(max([len(text) for text in names] or [0]), _NAME)
    becomes = min(max([len(column.becomes) for column in proposal.columns] or [0]), _BECOMES)
    lines += [
        f"  {_cut(column.header, name)}  {_cut(column.becomes, becomes)}  {column.samples}".rstrip()
        for column in proposal.columns[:_SHOWN]
    ]
    if len(names) > _SHOWN:
        lines.append(f"  and {len(names) - _SHOWN} more columns; --json lists all")
    return lines


def _cut(text: str, width: int) -> str:
    return f"{text:<{width}}" if len(text) <= width else f"{text[: width - 1]}…"


def _end(console: Console, found: Imported) -> None:
    if found.done:
        rows = sum(len(each.changes.added) + len(each.changes.changed) for each in found.imports)
        tables = " and ".join(each.proposal.table for each in found.imports)
        undo = f" One step back: revops-xl import {found.path.name} --undo" if found.before is not None else ""
        console.say(f"{counted(rows, 'row')} written into {tables}{' of a fresh plan' if found.made else ''}.{undo}")
    else:
        console.say("Nothing is written yet. Do it with --yes; correct a column with --map 'THEIRS=OURS'.")


def _as_data(found: Imported) -> dict[str, Any]:
    return {
        "plan": str(found.path),
        "done": found.done,
        "imports": [
            {
                "source": each.proposal.source,
                "table": each.proposal.table,
                "told": list(each.proposal.told),
                "columns": [
                    {"header": c.header, "column": c.column or None, "becomes": c.becomes, "values": c.samples}
                    for proposal in each.files
                    for c in proposal.columns
                ],
                "added": len(each.changes.added),
                "changed": len(each.changes.changed),
                "gone": len(each.changes.gone),
                "as_before": each.changes.same,
                "left_out": list(each.changes.unknown),
            }
            for each in found.imports
        ],
    }


COMMANDS = (import_,)
