"""Commands around plans: worksheet functions, add-ins, the machine, and the declarations."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from revops_xl.hosts.cli.console import CHECK_FAILED, OK, Console, paint, with_console


@click.group()
def addin() -> None:
    """Worksheet functions and buttons in Excel and LibreOffice: put in, take out, look at."""


LIBREOFFICE = click.option("--libreoffice", is_flag=True, help="For LibreOffice Calc instead of Excel.")
PROFILE = click.option(
    "--profile",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Profile of LibreOffice (the folder above `user`); the default one otherwise.",
)


@addin.command("install")
@LIBREOFFICE
@PROFILE
@with_console
def addin_install(console: Console, *, libreoffice: bool, profile: Path | None) -> None:
    """Install for this user; every file that is touched is listed."""
    from revops_xl.hosts.cli import addins  # noqa: PLC0415

    touched, advice = addins.install(libreoffice=libreoffice, profile=profile)
    console.data({"written": touched}, "\n".join(touched))
    console.say(advice)


@addin.command("remove")
@LIBREOFFICE
@PROFILE
@with_console
def addin_remove(console: Console, *, libreoffice: bool, profile: Path | None) -> None:
    """Take away what install made, and nothing else."""
    from revops_xl.hosts.cli import addins  # noqa: PLC0415

    gone = addins.remove(libreoffice=libreoffice, profile=profile)
    console.data({"removed": gone}, "\n".join(gone) or "nothing was installed")


@addin.command("status")
@LIBREOFFICE
@PROFILE
@with_console
def addin_status(console: Console, *, libreoffice: bool, profile: Path | None) -> int:
    """Say what is installed, and whether add-in and package belong together."""
    from revops_xl.hosts.cli import addins  # noqa: PLC0415

    states = addins.status(libreoffice=libreoffice, profile=profile)
    console.data([asdict(state) for state in states], "\n".join(addins.line(state) for state in states))
    return OK if all(state.well for state in states) else CHECK_FAILED


@addin.command("build")
@click.option(
    "-o",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE.xlam",
    help="Where to save it; revops_xl.xlam here by default.",
)
@with_console
def addin_build(console: Console, target: Path | None) -> None:
    """Build the Excel add-in from its text sources: the same bytes on every machine."""
    from revops_xl.hosts.excel.build import ADDIN, build, digest  # noqa: PLC0415
    from revops_xl.hosts.excel.install import write_whole  # noqa: PLC0415

    content, path = build(), target or Path(ADDIN)
    write_whole(path, content)
    console.data({"path": str(path), "sha256": digest(content)}, f"{path}\nSHA-256 {digest(content)}")


@click.command()
@click.option("--quick", is_flag=True, help="Run no plan and start no program: a second instead of ten.")
@with_console
def doctor(console: Console, *, quick: bool) -> int:
    """Look at what is installed and what works here, and say what to do about what does not."""
    from revops_xl.hosts.cli.doctor import BROKEN, examine  # noqa: PLC0415

    findings = []
    for finding in examine(quick=quick):
        findings.append(finding)
        color = {"works": "green", "missing": "yellow", "broken": "red"}[finding.status]
        fix = f"  {finding.fix}" if finding.fix else ""
        if not console.json:
            status = paint(f"{finding.status:<8}", color, err=False)
            click.echo(f"{status} {finding.what}: {finding.found}{fix and '.'}{fix}")
    broken = [finding for finding in findings if finding.status == BROKEN]
    if console.json:
        console.data([finding.as_dict() for finding in findings], "")
    console.say(f"{len(broken)} broken" if broken else "everything that is needed works")
    return CHECK_FAILED if broken else OK


@click.command()
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="As tables in Markdown.")
@with_console
def functions(console: Console, name: str | None, *, markdown: bool) -> None:
    """Show the worksheet functions, or all about one: arguments, what it gives, how it is written."""
    from revops_xl.functions.registry import FUNCTIONS, as_dict  # noqa: PLC0415
    from revops_xl.hosts.cli import function_texts  # noqa: PLC0415

    if name is not None:
        function = function_texts.find(name)
        console.data(as_dict(function), function_texts.in_full(function))
        return
    text = function_texts.markdown() if markdown else function_texts.listed()
    console.data([as_dict(function) for function in FUNCTIONS], text)


@click.command()
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[ARGUMENT=VALUE]...")
@click.option(
    "-o", "target", metavar="FILE.csv", type=click.Path(path_type=Path), help="Save the result as CSV instead."
)
@with_console
def call(console: Console, name: str, arguments: tuple[str, ...], target: Path | None) -> int:
    """Compute a worksheet function outside a spreadsheet.

    VALUE is a number, a text, a day, JSON, or a range: @FILE.csv, @BOOK.xlsx!Table, @BOOK.xlsx!Sheet!A1:F20.
    """
    from revops_xl.hosts.cli import called  # noqa: PLC0415

    answer = called.call(name, arguments)
    if target is not None:
        called.save(answer, target)
        console.data({"path": str(target)}, str(target))
    else:
        console.data(called.plain(answer), called.as_text(answer))
    return OK


@click.command()
@click.option("--markdown", is_flag=True, help="As tables in Markdown.")
@with_console
def schema(console: Console, *, markdown: bool) -> None:
    """Show sheets, tables, columns and settings, so that other tools can build a plan."""
    from revops_xl.tables.book import catalog, catalog_text  # noqa: PLC0415

    console.data(catalog.schema(), catalog_text.markdown() if markdown else catalog_text.plain())


@click.command()
@click.argument("topic", required=False)
@click.option("--list", "listed", is_flag=True, help="The topics alone, one a line.")
@with_console
def guide(console: Console, topic: str | None, *, listed: bool) -> None:
    """Show a guide, page by page on a terminal; without TOPIC the list, with another word the guides that have it."""
    from revops_xl.hosts.cli import guides  # noqa: PLC0415

    titles = guides.topics()
    if topic is None or listed:
        width = max(map(len, titles))
        lines = [
            *(f"{name:<{width}}  {title}" for name, title in titles.items()),
            "",
            "revops-xl guide TOPIC shows one.",
        ]
        console.data(titles, "\n".join(titles if listed else lines))
        return
    text = guides.find(topic)
    if console.json or not sys.stdout.isatty():
        console.data({"topic": topic, "text": text}, text.rstrip())
    else:
        click.echo_via_pager(text)


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_console
def references(console: Console, folder: Path) -> None:
    """Make the references among the guides anew from the declarations (for developers)."""
    from revops_xl.hosts.cli import cli, guides  # noqa: PLC0415  (cli lists this command)

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for topic, text in guides.references(cli).items():
        path = folder / f"{topic}.md"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    console.data({"written": paths}, "\n".join(paths))


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_console
def templates(console: Console, folder: Path) -> None:
    """Build the shipped workbooks anew from the declarations (for developers)."""
    from revops_xl.workbook.building.templates import build_templates  # noqa: PLC0415

    paths = [str(path) for path in build_templates(folder)]
    console.data({"written": paths}, "\n".join(paths))


COMMANDS = (addin, functions, call, schema, doctor, guide, templates, references)
