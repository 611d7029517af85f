"""What the command line says and how: data to stdout, messages to stderr, problems as a list."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from revops_xl.errors import PlanError, Problem

if TYPE_CHECKING:
    from revops_xl.usecases.run import Progress

#: Problems shown as text; --json shows all.
SHOWN_PROBLEMS = 100

Command = TypeVar("Command", bound=Callable[..., Any])
OK, CHECK_FAILED, USAGE, REFUSED, UNEXPECTED = 0, 1, 2, 3, 70


class Console:
    """Where a command talks to.

    Attributes:
        json: Data as JSON on stdout.
        quiet: No messages; problems still show.
    """

    def __init__(self, *, json: bool, quiet: bool) -> None:
        self.json, self.quiet = json, quiet

    def data(self, value: Any, text: str) -> None:
        """What the command is for: JSON or text."""
        click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str) if self.json else text)

    def say(self, text: str) -> None:
        """A message to a person."""
        if not self.quiet:
            click.echo(text, err=True)

    def problems(self, problems: Sequence[Problem], *, as_data: bool) -> None:
        """List what is wrong; as the command's data, or as a message."""
        if self.json:
            listed = [{"sheet": p.sheet, "cell": p.cell, "message": p.message, "fix": p.fix} for p in problems]
            click.echo(json.dumps({"problems": listed}, ensure_ascii=False, indent=1))
            return
        for problem in problems[:SHOWN_PROBLEMS]:
            where = paint(problem.where, "red", err=not as_data)
            fix = f" {problem.fix}" if problem.fix else ""
            message = problem.message if problem.message.endswith(".") else f"{problem.message}."
            click.echo(f"{where}: {message}{fix}", err=not as_data)
        more = len(problems) - SHOWN_PROBLEMS
        if more > 0:
            click.echo(f"… and {more:,} more; --json lists all", err=not as_data)

    @contextmanager
    def progress(self, stages: Sequence[str]) -> Iterator[Progress]:
        """A bar on a terminal, nothing elsewhere."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _: None
            return
        width = max(map(len, stages))
        with click.progressbar(
            length=len(stages), label=f"{stages[0]:<{width}}", file=sys.stderr, show_eta=False
        ) as bar:

            def advance(stage: str) -> None:
                bar.label = f"{stage:<{width}}"
                bar.update(max(stages.index(stage) - bar.pos, 0) if stage in stages else 0)
                bar.render_progress()

            yield advance
            bar.update(len(stages) - bar.pos)


def with_console(command: Command) -> Command:
    """Give a command --json and --quiet, and turn a refusal into a list and exit code 3."""

    @click.option("--json", "as_json", is_flag=True, help="Data as JSON on stdout.")
    @click.option("--quiet", "-q", is_flag=True, help="No messages; problems still show.")
    @wraps(command)
    def wrapped(*args: Any, as_json: bool, quiet: bool, **options: Any) -> None:
        console = Console(json=as_json, quiet=quiet)
        try:
            code = command(console, *args, **options)
        except PlanError as error:
            console.problems(error.problems, as_data=False)
            console.say(
                f"refused: {len(error.problems):,} problem{'s' * (len(error.problems) != 1)}; nothing was written"
            )
            sys.exit(REFUSED)
        except OSError as error:
            name = str(error.filename or "file")
            console.problems([Problem(name, "", f"cannot be used: {error.strerror or error}")], as_data=False)
            sys.exit(REFUSED)
        sys.exit(code or OK)

    return wrapped  # type: ignore[return-value]


def paint(text: str, color: str, *, err: bool) -> str:
    """Colour on a terminal, unless NO_COLOR asks for none."""
    stream = sys.stderr if err else sys.stdout
    return click.style(text, fg=color) if stream.isatty() and not os.environ.get("NO_COLOR") else text
