"""Commands around plans that travel: packets out and back, a copy to send, and what changed between two plans."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from revops_xl.hosts.cli.console import CHECK_FAILED, OK, Console, with_console
from revops_xl.model.wording import counted

if TYPE_CHECKING:
    from revops_xl.tables.packets.returns import Return
    from revops_xl.tables.schema.result import ResultTable

PLAN = click.argument("plan", type=click.Path(path_type=Path, dir_okay=True), metavar="PLAN.xlsx")
BACKUP = click.option("--backup", is_flag=True, help="Keep the workbook as it was before, as NAME.backup.xlsx.")
#: Lines of one kind named on the screen; all stand in the workbook.
_SHOWN = 12


@click.command()
@PLAN
@click.option(
    "-o",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder that does not exist yet.",
)
@click.option("--level", metavar="LEVEL", help="Every team of this level; the level above the ICs by default.")
@click.option("--node", "nodes", multiple=True, metavar="NODE", help="This team; can be given several times.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Ask for answers by this day.")
@BACKUP
@with_console
def packets(
    console: Console,
    plan: Path,
    folder: Path,
    level: str | None,
    nodes: tuple[str, ...],
    *,
    due: dt.datetime | None,
    backup: bool,
) -> int:
    """Run the plan and make one workbook and one e-mail draft per manager; nothing is sent."""
    from revops_xl.usecases.packets import STAGES, make_packets  # noqa: PLC0415

    with console.progress(STAGES) as progress:
        day = due.date() if due is not None else None
        made = make_packets(plan, folder, level=level, nodes=nodes, due=day, backup=backup, progress=progress)
    rows = [
        {"packet": packet.id, "node": packet.node, "version": packet.version, "recipient": packet.email, "file": file}
        for packet, file in zip(made.packets, made.files, strict=True)
    ]
    console.data({"folder": str(made.folder), "packets": rows, "without_packet": list(made.without)}, str(made.folder))
    console.say(f"{counted(len(rows), 'packet')}, each a workbook and a draft (.eml); the list is packets.csv, the ledger in the plan (Packets).")  # fmt: skip
    if made.unaddressed:
        console.say(f"Without an address, so fill it in before sending: {_some(made.unaddressed)}")
    if made.reports:
        console.say(f"Workbooks to read for overlays, in the folder overlays: {_some(made.reports)}")
    if made.without:
        console.say(f"In no packet, because they report to nobody of that level: {_some(made.without)}")
    return _failed(console, made.failed)


@click.command()
@PLAN
@click.argument("returned", nargs=-1, type=click.Path(path_type=Path), metavar="[RETURNED]...")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save here instead of into the plan."
)
@BACKUP
@with_console
def collect(console: Console, plan: Path, returned: tuple[Path, ...], out: Path | None, *, backup: bool) -> int:
    """Read returned packets, files or folders of them, into the plan, and put in force what was accepted."""
    from revops_xl.tables.packets.returns import ODD  # noqa: PLC0415
    from revops_xl.usecases.collect import STAGES  # noqa: PLC0415
    from revops_xl.usecases.collect import collect as read_back  # noqa: PLC0415

    with console.progress(STAGES) as progress:
        found = read_back(plan, returned, out, backup=backup, progress=progress)
    console.data(
        {
            "path": str(found.path),
            "returns": [asdict(each) for each in found.returns],
            "requests": [asdict(each) for each in found.requests],
            "applied": [each.key for each in found.applied],
        },
        str(found.path),
    )
    _tell_returns(console, found.returns)
    waiting = [each for each in found.requests if each.state == "open"]
    if found.applied:
        console.say(f"In force now: {_some([f'{each.kind} {each.node} {each.asked:,.2f}' for each in found.applied])}")
    if waiting:
        contradicting = sum(bool(each.conflict) for each in waiting)
        extra = f", {contradicting} of them contradict another" if contradicting else ""
        console.say(f"{counted(len(waiting), 'request')} open for a decision{extra}: sheet Requests, column Decision, then collect again.")  # fmt: skip
    odd = any(each.status in ODD for each in found.returns)
    return max(_failed(console, found.failed), CHECK_FAILED if odd else OK)


@click.command()
@click.argument("book", type=click.Path(path_type=Path), metavar="BOOK.xlsx")
@click.option(
    "-o", "out", required=True, type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Where the copy goes."
)
@click.option("--show-hidden", is_flag=True, help="Show hidden sheets instead of taking them out.")
@click.option(
    "--for",
    "audience",
    type=click.Choice(["cfo", "board", "everyone"]),
    help="Only the sheets for these readers, opened on Summary: no pay, e-mail addresses or deals.",
)
@click.option("--keep", multiple=True, metavar="SHEET", help="With --for: this sheet too; can be given several times.")
@with_console
def freeze(console: Console, book: Path, out: Path, *, show_hidden: bool, audience: str, keep: tuple[str, ...]) -> None:
    """Save a copy ready to send: no add-in formulas, links, paths, authors or hidden sheets; list what changed."""
    from revops_xl.usecases.freeze import freeze as make  # noqa: PLC0415

    if keep and not audience:
        raise click.UsageError("--keep goes with --for: without it all sheets in view stay.")
    changes = make(book, out, show_hidden=show_hidden, audience=audience or "", keep=keep)
    lines = [f"{each.what}: {each.where}{f' ({each.detail})' if each.detail else ''}" for each in changes]
    console.data({"path": str(out), "changes": [asdict(each) for each in changes]}, "\n".join([str(out), *lines]))
    if not changes:
        console.say("Nothing had to be changed.")


@click.command("print")
@click.argument("plan", type=click.Path(path_type=Path), metavar="PLAN.xlsx")
@click.option(
    "-o",
    "out",
    type=click.Path(path_type=Path),
    metavar="OUT.pdf",
    help="PDF, or .xlsx that prints it; PLAN.pdf by default.",
)
@click.option(
    "--for",
    "audience",
    type=click.Choice(["cfo", "board", "manager"]),
    default="cfo",
    show_default=True,
    help="Whose pages.",
)
@with_console
def print_(console: Console, plan: Path, out: Path | None, *, audience: str) -> None:
    """Print the pages that matter as a PDF; the plan stays as it is."""
    from revops_xl.usecases.printing import print_pack  # noqa: PLC0415

    done = print_pack(plan, out, audience=audience)
    console.data({"path": str(done.path), "sheets": list(done.sheets), "left_out": list(done.left_out)}, str(done.path))
    console.say(f"Printed: {', '.join(done.sheets)}.")
    for text in done.left_out:
        console.say(f"Not on paper: {text}.")


@click.command()
@click.argument("first", type=click.Path(path_type=Path), metavar="PLAN_A.xlsx")
@click.argument("second", type=click.Path(path_type=Path), metavar="PLAN_B.xlsx")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx", help="Save the differences as a workbook."
)
@with_console
def diff(console: Console, first: Path, second: Path, out: Path | None) -> None:
    """Show what changed from one plan to another, node by node, and why."""
    from revops_xl.usecases.compare import STAGES, compare  # noqa: PLC0415

    with console.progress(STAGES) as progress:
        found = compare(first, second, out, progress=progress)
    rows = {
        name: [dict(zip((column.snake for column in table.table.columns), row, strict=True)) for row in _rows(table)]
        for name, table in found.tables.items()
    }
    console.data(rows, "\n".join(_told(rows)) or "The plans have the same inputs and the same quotas.")
    if out is not None:
        console.say(f"Saved: {out}")


def _rows(table: ResultTable) -> list[tuple[Any, ...]]:
    return list(zip(*(table.values(name) for name in table.table.headers), strict=True))


def _told(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Inputs first, since they are the reason; then the quotas, then the runs."""
    lines = []
    for row in rows["InputDifferences"]:
        what = f" {row['column']}" if row["column"] else ""
        lines.append(f"{row['table']}, {row['row']}{what}: {row['before'] or '(none)'} → {row['after'] or '(none)'}")
    for row in rows["QuotaDifferences"]:
        amounts = [f"{row[name]:,.2f}" if row[name] is not None else "–" for name in ("before", "after")]
        why = f". {row['why']}" if row["why"] else ""
        lines.append(f"{row['node']} ({row['kind']}): {amounts[0]} → {amounts[1]}, {row['change']:+,.2f}{why}")
    lines += [f"Run {str(row['when'])[:16]} by {row['who']}: {row['what']}" for row in rows["RunsSince"]]
    return lines


def _tell_returns(console: Console, returns: tuple[Return, ...]) -> None:
    """What came back, the worst first."""
    order = (
        "refused",
        "conflict",
        "altered",
        "unclear",
        "older version",
        "duplicate",
        "decided",
        "taken",
        "not returned",
    )
    for status in order:
        group = [each for each in returns if each.status == status]
        if not group:
            continue
        if status in {"taken", "not returned", "duplicate", "decided"}:
            console.say(f"{status.capitalize()}: {_some([each.file or each.node for each in group])}")
            continue
        for each in group[:_SHOWN]:
            console.say(f"{status.capitalize()}: {each.file}{f' ({each.node})' if each.node else ''}: {each.what}")
    for each in returns:
        if each.off and each.status != "decided":
            console.say(f"Does not add up: {each.file} ({each.node}) by {each.off:,.2f}")


def _some(names: Any) -> str:
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{', '.join(listed[:_SHOWN])}{more}"


def _failed(console: Console, failed: tuple[str, ...]) -> int:
    if failed:
        console.say(f"Checks failed: {_some(failed)}")
    return CHECK_FAILED if failed else OK


COMMANDS = (packets, collect, freeze, print_, diff)
