"""The guides that are shipped with the package, and the references among them, made from the declarations."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import click

from revops_xl.functions.declare import Function
from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.cli import function_texts
from revops_xl.tables.book import catalog, setting_list
from revops_xl.tables.book.catalog import need
from revops_xl.tables.schema.declare import Column, Table

#: Guides in the order in which they are listed; further files follow.
ORDER = (
    "quotas", "commits", "pipeline", "forecast", "planning", "packets",
    "import", "files", "excel", "libreoffice", "python", "for-it",
    "tables", "settings", "functions", "commands",
    "architecture", "contributing", "changes",
)  # fmt: skip


#: Those that are made from declarations.
REFERENCES = frozenset({"tables", "settings", "functions", "commands"})
#: Guides named for a word.
MOST_NAMED = 4


def folder() -> Path:
    """Where the guides lie."""
    return Path(str(files("revops_xl"))) / "guides"


def topics() -> dict[str, str]:
    """Topic: its title, in the order of the list."""
    there = {path.stem: path for path in folder().glob("*.md")}
    ordered = [name for name in ORDER if name in there] + sorted(there.keys() - set(ORDER))
    return {name: _title(there[name]) for name in ordered}


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines).removeprefix("#").strip()


def find(topic: str) -> str:
    """The text of a guide, in any case.

    Raises:
        click.UsageError: There is none of this name; with the nearest one, or those that have the word.
    """
    known = list(topics())
    name = topic.lower().removesuffix(".md")
    if name not in known:
        close, having = difflib.get_close_matches(name, known, n=1), _having(topic)
        fix = "`revops-xl guide` lists them."
        if having:
            fix = f"The word is in: {', '.join(having)}."
        elif close:
            fix = f'Did you mean "{close[0]}"?'
        raise click.UsageError(f'There is no guide "{topic}". {fix}')
    return (folder() / f"{name}.md").read_text(encoding="utf-8")


def _having(word: str) -> list[str]:
    """The guides that have a word: in the title first, references last, then those that have it most."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?:s|es|ed)?(?!\w)", re.IGNORECASE)

    def rank(name: str) -> tuple[bool, bool, int]:
        return pattern.search(titles[name]) is None, name in REFERENCES, -counts[name]

    titles = topics()
    counts = {name: len(pattern.findall((folder() / f"{name}.md").read_text(encoding="utf-8"))) for name in titles}
    return sorted((name for name in titles if counts[name]), key=rank)[:MOST_NAMED]


# --- references ----------------------------------------------------------------------------------------------------


def references(commands: click.Group) -> dict[str, str]:
    """The guides that are made from declarations: topic and text.

    Args:
        commands: The command line.
    """
    made = {
        "tables": _tables(),
        "settings": _settings(),
        "functions": _functions(),
        "commands": "\n".join(_commands(commands)),
    }
    return {topic: f"{text.strip()}\n" for topic, text in made.items()}


def _tables() -> str:
    lines = [
        "# Tables: every sheet, table and column of a plan workbook",
        "",
        "Blue on yellow cells are yours; result tables are filled by a run. Help in the workbook says the same.",
    ]
    for sheet in catalog.SHEETS:
        lines += ["", f"## {sheet.name}", "", sheet.help]
        for table in sheet.tables:
            lines += ["", f"### `{table.name}`", "", *_table(table)]
    return "\n".join(lines)


def _table(table: Table) -> Iterator[str]:
    yield table.help
    yield ""
    yield "| column | holds | needed | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| {column.name} | {_holds(column)} | {need(table, column)} | {_cell(column.help)} |"
    if table.free_columns:
        yield f"| (any other) | any | optional column | {_cell(table.free_columns)} |"


def _holds(column: Column) -> str:
    kind = ", ".join(filter(None, (str(column.kind), column.unit)))
    return f"{kind}: {' / '.join(column.choices)}" if column.choices else kind


def _settings() -> str:
    lines = [
        "# Settings: every row of the table Settings",
        "",
        "A blank value means the default. Each setting is also a defined name for your formulas.",
        "",
        "| setting | default | holds | name in formulas | meaning |",
        "|---|---|---|---|---|",
    ]
    for each in setting_list.SETTINGS:
        default = setting_list.shown_default(each)
        lines.append(f"| {each.name} | {default} | {_holds(each.column)} | `{each.defined_name}` | {_cell(each.column.help)} |")  # fmt: skip
    return "\n".join(lines)


def _functions() -> str:
    lines = [
        "# Functions: every worksheet function",
        "",
        "The same in Excel, in LibreOffice Calc, and on the command line as `revops-xl call`. Arguments in",
        "[brackets] may be left out. How to give tables: `revops-xl guide excel`.",
    ]
    for category, group in groupby(FUNCTIONS, key=lambda function: function.category):
        lines += ["", f"## {str(category).removeprefix('RevOps ').capitalize()}"]
        for function in group:
            lines += ["", f"### {function.name}", "", *_function(function)]
    return "\n".join(lines)


def _function(function: Function) -> Iterator[str]:
    yield f"`{function.signature}`"
    yield ""
    yield f"{function.help} Gives: {function.gives}."
    yield ""
    yield "| argument | takes | meaning |"
    yield "|---|---|---|"
    for each in function.parameters:
        name = each.name if each.needed else f"[{each.name}]"
        yield f"| {name} | {each.takes} | {_cell(function_texts.about(each))} |"
    yield ""
    yield f"In a plan workbook: `{function.formula}`"


def _commands(group: click.Group) -> Iterator[str]:
    yield "# Commands: the whole command line"
    yield ""
    yield "Data goes to stdout, messages to stderr, a progress bar to a terminal only; `NO_COLOR` is respected."
    yield ""
    yield "Every command takes `--json` (data as JSON on stdout) and `--quiet` (no messages; problems still show)."
    yield ""
    yield "Exit codes: 0 fine; 1 a check failed or alarmed; 2 wrong usage; 3 input refused, nothing written (a"
    yield "returned file that is refused is a row of Returns and exit code 1); 70 a bug in the tool (the traceback"
    yield "is in a file that the message names)."
    for name, command in sorted(group.commands.items()):
        if not command.hidden:
            yield from _command(f"revops-xl {name}", command)


def _command(name: str, command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        for part, below in sorted(command.commands.items()):
            yield from _command(f"{name} {part}", below)
        return
    context = click.Context(command, info_name=name)
    yield ""
    yield f"## {name}"
    yield ""
    yield f"`{' '.join([name, *command.collect_usage_pieces(context)])}`"
    yield ""
    yield " ".join((command.help or "").split())
    options = [each for each in command.params if isinstance(each, click.Option) and each.name not in {"as_json", "quiet"}]  # fmt: skip
    if options:
        yield ""
    for option in options:
        names, about = option.get_help_record(context) or ("", "")
        yield f"- `{names}`: {about}"


def _cell(text: str) -> str:
    """A text inside a table."""
    return text.replace("|", "\\|")
