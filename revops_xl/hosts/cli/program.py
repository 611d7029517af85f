"""The command line."""

from __future__ import annotations

import io
import re
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import revops_xl
from revops_xl.errors import PlanError
from revops_xl.hosts.cli import command_list, import_command, tool_commands, travel_commands
from revops_xl.hosts.cli.console import CHECK_FAILED, OK, REFUSED, UNEXPECTED, Console, with_console
from revops_xl.model.parts import ALL, MACHINERY, Part, Profile
from revops_xl.model.wording import counted

if TYPE_CHECKING:
    from revops_xl.usecases.outputs import Results

#: Where the plan in words goes on on a line of its own.
_LINES = re.compile(r" (?=What supports it: |What stands against it: |Nothing stands against it)")
#: Checks named after a run; all stand on the sheet Checks.
SHOWN_CHECKS = 10
PLAN = click.argument("plan", type=click.Path(path_type=Path, dir_okay=True), metavar="PLAN.xlsx")


@click.group(
    cls=command_list.Grouped,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=command_list.COMPLETION,
)
@click.version_option(revops_xl.__version__, "-V", "--version", prog_name="revops-xl")
def cli() -> None:
    """Sales-quota and revenue planning that lives in the spreadsheet.

    Exit codes: 0 fine, 1 a check failed, 2 wrong usage, 3 input refused and nothing written, 70 a bug.
    """


@cli.command()
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("revops-demo"),
    metavar="DIR",
    help="Folder of the sample; revops-demo here by default.",
)
@with_console
def demo(console: Console, folder: Path) -> int:
    """Run the sample plan: the main job in one command."""
    from revops_xl.workbook.building.templates import SAMPLE, new_plan  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    path, number = folder / SAMPLE, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(SAMPLE).stem}-{number}.xlsx"
    new_plan(path, sample=True)
    code = _run(console, path, None, "demo")
    for line in _next_steps(path):
        console.say(line)
    return code


def _next_steps(path: Path) -> list[str]:
    """What to do with the sample after its run."""
    steps = {
        f'explain {path} "LATAM Team B"': "why a number is what it is",
        f"accept {path}": "put the proposed redistribution in force",
        f"packets {path} -o packets": "one workbook and e-mail draft per manager",
        "guide": "how everything works",
    }
    width = max(map(len, steps))
    return [
        "",
        "Open it: Summary is the plan on a page, Start lists the steps. Yellow tabs are the inputs.",
        "Then try:",
        *(f"  revops-xl {command:<{width}}  {what}" for command, what in steps.items()),
    ]


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="[PLAN.xlsx]", required=False)
@click.option("--sample", is_flag=True, help="With the sample company in it, and every part.")
@click.option(
    "--with",
    "parts",
    type=click.Choice([*map(str, Profile), ALL]),
    multiple=True,
    help="With the sheets of this part too; can be given several times.",
)
@click.option(
    "--into",
    "book",
    type=click.Path(path_type=Path),
    metavar="BOOK.xlsx",
    help="Add the plan's sheets to this workbook instead; with PLAN.xlsx the result goes there.",
)
@click.option("--backup", is_flag=True, help="With --into: keep the workbook as it was, as NAME.backup.xlsx.")
@with_console
def new(
    console: Console, path: Path | None, *, sample: bool, parts: tuple[str, ...], book: Path | None, backup: bool
) -> None:
    """Save a fresh plan workbook, or add a plan to a workbook of your own."""
    from revops_xl.workbook.building.templates import add_to_book, new_plan  # noqa: PLC0415

    target = path or book
    if target is None:
        raise click.UsageError("Name the workbook to make: PLAN.xlsx, or --into BOOK.xlsx.")
    renamed = {}
    if book is None:
        new_plan(target, sample=sample, parts=parts)
    else:
        renamed = add_to_book(book, target, sample=sample, parts=parts, backup=backup)
    console.data({"path": str(target), "renamed_sheets": renamed}, str(target))
    for declared, name in renamed.items():
        console.say(f'The sheet {declared} is called "{name}" there, because the workbook has a sheet of that name.')
    console.say(f"{'Try' if sample else 'Fill in Settings, Hierarchy and Levels, then'}: revops-xl run {target}")


@cli.command()
@PLAN
@click.option(
    "--add",
    type=click.Choice([*map(str, Profile), MACHINERY, ALL]),
    multiple=True,
    help="Add the sheets of this part, or bring them back into view; can be given several times.",
)
@click.option(
    "--hide",
    type=click.Choice([*map(str, Profile), MACHINERY]),
    multiple=True,
    help="Hide the sheets of this part; a run reads and writes them as before.",
)
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save here instead of into the plan."
)
@click.option("--backup", is_flag=True, help="Keep the workbook as it was, as NAME.backup.xlsx.")
@with_console
def parts(
    console: Console, plan: Path, *, add: tuple[str, ...], hide: tuple[str, ...], out: Path | None, backup: bool
) -> None:
    """Show which parts a plan has; add the sheets of a part, or hide them."""
    from revops_xl.usecases import parts as use  # noqa: PLC0415

    target = plan
    if add or hide:
        done = use.change(plan, out, add=add, hide=hide, backup=backup)
        target = done.path
        told = (("Added", done.added), ("In view", done.shown), ("Hidden", done.hidden))
        for what, names in told:
            if names:
                console.say(f"{what}: {', '.join(names)}.")
    found = use.parts_of(target)
    width = max(len(each.name) for each in found)
    lines = [f"{each.name:<{width}}  {each.state:<15}  {each.what}" for each in found]
    console.data(
        {
            "path": str(target),
            "parts": [{"name": e.name, "state": e.state, "what": e.what, "sheets": list(e.sheets)} for e in found],
        },
        "\n".join(lines),
    )


@cli.command()
@PLAN
@click.option(
    "--untrusted",
    is_flag=True,
    help="The file came from outside: read it in a process with limits; refuse macros, links to programs and the like.",
)
@with_console
def check(console: Console, plan: Path, *, untrusted: bool) -> int:
    """List the problems of a plan, all of them, each with its cell, and what deserves a look; write nothing."""
    from revops_xl.usecases import run as flow  # noqa: PLC0415

    try:
        remarks = flow.check_from_outside(plan) if untrusted else flow.check(plan)
    except PlanError as error:
        console.problems(error.problems, as_data=True)
        console.say(f"{len(error.problems):,} problem{'s' * (len(error.problems) != 1)}")
        return REFUSED
    lines = [f"{remark['status']}: {remark['check']} ({remark['where']}). {remark['what_to_do']}" for remark in remarks]
    count = len(lines)
    title = (
        f"nothing is refused; {count} check{'s' * (count != 1)} deserve{'s' * (count == 1)} a look:"
        if lines
        else "no problems"
    )
    console.data({"problems": [], "checks": remarks}, "\n".join([title, *lines]))
    return CHECK_FAILED if any(remark["status"] in {"Failed", "Alarm"} for remark in remarks) else OK


@cli.command()
@PLAN
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save here instead of into the plan."
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([str(part) for part in Part]),
    help="Write this part only, and Checks; can be given several times.",
)
@click.option("--backup", is_flag=True, help="Keep the workbook as it was before the run, as NAME.backup.xlsx.")
@with_console
def run(console: Console, plan: Path, out: Path | None, *, only: tuple[str, ...], backup: bool) -> int:
    """Compute everything the inputs allow and write it into the workbook."""
    return _run(console, plan, out, "run", only=only, backup=backup)


def _run(
    console: Console, plan: Path, out: Path | None, what: str, *, only: tuple[str, ...] = (), backup: bool = False
) -> int:
    from revops_xl.usecases import run as flow  # noqa: PLC0415

    with console.progress(flow.STAGES) as progress:
        results = flow.run(plan, out, only=only, what=what, backup=backup, progress=progress)
    if backup:
        _tell_backup(console, results)
    return _report(console, results)


def _tell_backup(console: Console, results: Results) -> None:
    from revops_xl.workbook.file.save import backup_path  # noqa: PLC0415

    path = backup_path(results.path)
    if path.exists():
        console.say(f"The workbook as it was: {path}")


@cli.command()
@PLAN
@click.argument("nodes", nargs=-1, metavar="[NODE]...")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save here instead of into the plan."
)
@click.option("--withdraw", is_flag=True, help="Take accepted adjustments back instead.")
@click.option("--backup", is_flag=True, help="Keep the workbook as it was before, as NAME.backup.xlsx.")
@with_console
def accept(
    console: Console, plan: Path, nodes: tuple[str, ...], out: Path | None, *, withdraw: bool, backup: bool
) -> int:
    """Put the proposed redistribution in force, for all teams or those at and below NODE, and run the plan."""
    from revops_xl.usecases import run as flow  # noqa: PLC0415
    from revops_xl.usecases.accept import accept as take_over  # noqa: PLC0415

    with console.progress(flow.STAGES) as progress:
        results = take_over(plan, out, nodes=nodes, withdraw=withdraw, backup=backup, progress=progress)
    done = {"new": results.added, "changed": results.changed, "taken back": results.withdrawn}
    said = ", ".join(f"{count:,} {what}" for what, count in done.items() if count)
    console.say(
        f"Adjustments: {said or 'nothing to change'}; {results.in_force:,} in force (table AcceptedAdjustments)."
    )
    if backup:
        _tell_backup(console, results)
    return _report(console, results, adjustments=done | {"in_force": results.in_force})


def _report(console: Console, results: Results, **more: Any) -> int:
    """What came out: the file as data, the headlines and the checks as messages."""
    summary = _summary(results) | more
    console.data(summary, str(results.path))
    for line in _LINES.split(str(results.tables["PlanStatus"].values("In a sentence")[0])):
        console.say(line)
    amounts = f"{summary['ic_base_quotas']:,.2f} before hedges and {summary['ic_quotas']:,.2f} with them"
    console.say(
        f"Target {summary['target']:,.2f} {summary['currency']} for {counted(summary['ics'], 'rep')}: {amounts}."
    )
    for line in results.lines:
        console.say(line)
    counts = summary["checks"]
    console.say("Checks: " + ", ".join(f"{count} {status}" for status, count in counts.items() if count))
    for line in _deserving(results):
        console.say(line)
    return CHECK_FAILED if results.failed else OK


def _deserving(results: Results) -> list[str]:
    """The checks that warn, alarm or fail, the worst first."""
    table = results.tables["Checks"]
    rows = list(zip(*(table.values(name) for name in ("Status", "Check", "Where")), strict=True))
    order = ("Failed", "Alarm", "Warning")
    listed = [f"{status}: {name} ({where})" for wanted in order for status, name, where in rows if status == wanted]
    more = [f"… and {len(listed) - SHOWN_CHECKS} more on the sheet Checks"] if len(listed) > SHOWN_CHECKS else []
    return listed[:SHOWN_CHECKS] + more


def _summary(results: Results) -> dict[str, Any]:
    headlines = results.tables["Headlines"]
    statuses = list(results.tables["Checks"].values("Status"))
    named = {
        column.snake: headlines.values(column.name)[0]
        for column in headlines.table.columns
        if column.name not in {"Coverage", "Commit forecast"}  # the summary has them with what belongs to them
    }
    order = ("OK", "Note", "Warning", "Alarm", "Failed")
    return {
        "path": str(results.path),
        "in_a_sentence": str(results.tables["PlanStatus"].values("In a sentence")[0]),
        **named,
        **results.summary,
        "checks": {status: statuses.count(status) for status in order},
    }


@cli.command()
@PLAN
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save here instead of into the plan."
)
@click.option("--backup", is_flag=True, help="Keep the workbook as it was, as NAME.backup.xlsx.")
@with_console
def upgrade(console: Console, plan: Path, out: Path | None, *, backup: bool) -> None:
    """Give a plan of an earlier version the sheets, columns and settings of this one; nothing of yours is touched."""
    from revops_xl.usecases.upgrade import upgrade as bring_up  # noqa: PLC0415

    done = bring_up(plan, out, backup=backup)
    console.data(
        {
            "path": str(done.path),
            "tables": list(done.tables),
            "columns": {table: list(headers) for table, headers in done.columns.items()},
            "settings": list(done.settings),
            "names": list(done.names),
            "restored": list(done.restored),
        },
        "\n".join([str(done.path), *(done.lines or ["It has everything already."])]),
    )
    if done.lines:
        console.say(f"Results are as they were; to fill what is new: revops-xl run {done.path}")


@cli.command()
@PLAN
@click.argument("node", metavar="NODE|DEAL")
@with_console
def explain(console: Console, plan: Path, node: str) -> None:
    """Show why a node, or an open deal, has its number, step by step."""
    from revops_xl.usecases import run as flow  # noqa: PLC0415

    explanation = flow.explain_node(plan, node)
    console.data(explanation.as_dict(), explanation.as_text())


@cli.command("suggest-weights")
@PLAN
@click.option("--target", metavar="METRIC", help="Metric to correlate with; the first one by default.")
@with_console
def suggest_weights(console: Console, plan: Path, target: str | None) -> None:
    """Show which weights the data suggest for the blend metrics, and why."""
    from revops_xl.usecases import run as flow  # noqa: PLC0415

    rows = flow.weights(plan, target)
    lines = [f"{row.metric}: declared {row.declared:g}, suggested {row.suggested:.2f}; {row.reason}" for row in rows]
    plain = [
        {
            "metric": row.metric,
            "direction": row.direction,
            "declared_weight": row.declared,
            "suggested_weight": row.suggested,
            "correlation": None if row.correlation != row.correlation else row.correlation,
            "observations": row.observations,
            "agrees": row.agrees,
            "reason": row.reason,
        }
        for row in rows
    ]
    console.data(plain, "\n".join(lines))


@cli.command()
@PLAN
@click.option(
    "-o", "target", required=True, metavar="FILE|DIR|URL", help="Folder, .json, .csv or .parquet file, or database URL."
)
@click.option(
    "--format", "kind", type=click.Choice(["csv", "parquet", "json", "sql"]), help="Guessed from the target otherwise."
)
@with_console
def export(console: Console, plan: Path, target: str, kind: str | None) -> None:
    """Compute the plan and write its results for other tools; the workbook is not touched."""
    from revops_xl.usecases import export as exporting  # noqa: PLC0415
    from revops_xl.usecases import run as flow  # noqa: PLC0415
    from revops_xl.usecases.evaluate import render  # noqa: PLC0415

    tables = {table.table.name: table for table in render(flow.compute(plan), whole=True)}
    written = exporting.export(tables, target, kind or exporting.guess_format(target))
    console.data({"written": written}, "\n".join(written))


for command in (*import_command.COMMANDS, *travel_commands.COMMANDS, *tool_commands.COMMANDS):
    cli.add_command(command)
command_list.describe(cli)


def main() -> NoReturn:
    """Run the command line; a bug leaves its traceback in a file, not on the user's screen."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the console cannot show is spelled out, not a crash
            stream.reconfigure(errors="backslashreplace")
    try:
        cli()
    except Exception as error:  # noqa: BLE001  (the last line of defence; everything expected was caught above)
        with tempfile.NamedTemporaryFile(
            "w", prefix="revops-xl-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            traceback.print_exc(file=log)
        click.echo(f"unexpected error: {type(error).__name__}: {error}", err=True)
        click.echo(f"This is a bug in revops-xl. Please report it with the file {log.name}", err=True)
        sys.exit(UNEXPECTED)
    sys.exit(OK)
