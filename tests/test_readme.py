"""The README is true: its tables are the declarations, its example runs, every command is in it."""

from __future__ import annotations

import re
from pathlib import Path

import click
from click.testing import CliRunner

import revops_xl
from revops_xl.hosts.cli import cli
from revops_xl.hosts.excel.build import ADDIN, digest
from revops_xl.tables import catalog, catalog_text, setting_list
from revops_xl.workbook.templates import template_path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_tables_are_the_declarations() -> None:
    block = README.split("<!-- schema -->")[1].split("<!-- /schema -->")[0].strip()
    assert block == catalog_text.markdown()


def test_every_command_option_table_and_setting_is_in_it() -> None:
    for name, command in cli.commands.items():
        if command.hidden:
            continue
        assert f"revops-xl {name}" in README
        commands = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
        for parameter in (each for one in commands for each in one.params):
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in README, f"{name} {option}"
    for sheet in catalog.SHEETS:
        assert all(f"`{table.name}`" in README for table in sheet.tables)
    assert all(setting.name in README for setting in setting_list.SETTINGS)
    assert all(name in README for name in revops_xl.__all__ if name[0].islower())


def test_its_example_runs(capsys: object) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    exec(compile(code[1], "README.md", "exec"), {})  # noqa: S102  (our own README)


def test_the_two_commands_are_marked() -> None:
    for marker in ("demo", "test"):
        block = README.split(f"<!-- {marker} command -->")[1].split("```")[1]
        assert block.strip().startswith("python3 -m venv .venv && ")


def test_dependencies_are_explained() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    for name in re.findall(r'^  "([a-z0-9-]+)>=', project.split("dependencies = [")[1].split("]")[0], re.MULTILINE):
        assert name in README.split("## Why each library")[1]


def test_schema_markdown_prints_the_same() -> None:
    assert CliRunner().invoke(cli, ["schema", "--markdown"]).stdout.strip() == catalog_text.markdown()


def test_limits_are_those_of_the_program() -> None:
    from revops_xl.workbook.limits import Limits

    for variable, default, meaning in Limits.rows():
        assert f"| `{variable}` | {default:,} | {meaning} |" in README


def test_the_functions_are_the_declarations() -> None:
    block = README.split("<!-- functions -->")[1].split("<!-- /functions -->")[0].strip()
    assert block == CliRunner().invoke(cli, ["functions", "--markdown"]).stdout.strip()


def test_the_hash_is_that_of_the_addin() -> None:
    assert f"SHA-256 `{digest(template_path(ADDIN).read_bytes())}`" in README


def test_every_button_is_in_it() -> None:
    labels = re.findall(r'<button [^>]*?label="([^"]+)"', template_path("src/ribbon.xml").read_text(encoding="utf-8"))
    assert len(labels) == 20
    assert all(label in README for label in labels)
    assert "20 buttons" in README
