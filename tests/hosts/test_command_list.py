"""The list of commands: whole, grouped, and with examples that are commands."""

from __future__ import annotations

import shlex

import click
import pytest
from click.testing import CliRunner

from revops_xl import __version__
from revops_xl.hosts.cli.command_list import EXAMPLES, GROUPS
from revops_xl.hosts.cli.program import cli

LISTED = [name for commands in GROUPS.values() for name in commands]


def test_every_command_is_listed_once_in_whole_lines() -> None:
    assert sorted(LISTED) == sorted(name for name, command in cli.commands.items() if not command.hidden)
    told = CliRunner().invoke(cli, ["--help"]).output
    for title, commands in GROUPS.items():
        assert f"\n{title}:\n" in told
        for name, text in commands.items():
            assert any(line.split() == [name, *text.split()] for line in told.splitlines())
    assert "_REVOPS_XL_COMPLETE=bash_source revops-xl" in told


@pytest.mark.parametrize("name", LISTED)
def test_examples_are_shown_and_are_commands(name: str) -> None:
    told = CliRunner().invoke(cli, [name, "--help"]).output
    for example in EXAMPLES[name]:
        assert f"  {example}\n" in told
        program, *words = shlex.split(example)
        assert program == "revops-xl"
        command: click.Command = cli
        while isinstance(command, click.Group):  # wrong options or too many words would be refused here
            command, words = command.commands[words[0]], words[1:]
        command.make_context(name, list(words))


def test_version_and_completion() -> None:
    assert __version__ in CliRunner().invoke(cli, ["-V"]).output
    done = CliRunner().invoke(cli, [], env={"_REVOPS_XL_COMPLETE": "bash_source"}, prog_name="revops-xl")
    assert "_revops_xl_completion" in done.output


def test_a_quick_look_runs_no_plan() -> None:
    told = CliRunner().invoke(cli, ["doctor", "--quick", "--json"]).output
    assert "Shipped workbooks" in told
    assert "Running the sample plan" not in told
