"""The README and the guides are true: what they show runs, and the references are the declarations."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

import revops_xl
from revops_xl.hosts.cli import cli, guides
from revops_xl.hosts.excel import install as excel
from revops_xl.hosts.excel.build import ADDIN, digest
from revops_xl.tables.book import catalog, setting_list
from revops_xl.workbook.building.templates import template_path
from revops_xl.workbook.file.limits import FileLimits
from tests.hosts.test_install import profile_of
from tests.imports.test_import_files import DEALS, PEOPLE
from tests.plans import small_sample

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = {topic: guides.find(topic) for topic in guides.topics()}
EVERYTHING = "\n".join([README, *GUIDES.values()])
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: Inputs, and the exit code that their commands may have: 1 is a check that failed or an add-in that is not there.
FINE = {0, 1}


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


# --- what the guides show runs --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the guides speak of: a plan that was run, the same with another target, a workbook of one's own."""
    folder = tmp_path_factory.mktemp("shelf")
    done = call("run", str(small_sample(folder / "plan.xlsx")))
    assert done.exit_code == 0, done.output
    small_sample(folder / "changed.xlsx", settings={"Target": 60_000_000})
    Workbook().save(folder / "book.xlsx")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "deals.csv").write_text(DEALS, encoding="utf-8")
    return folder


@pytest.fixture
def desk(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with these files, on a machine with Excel and LibreOffice."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(shelf, tmp_path, dirs_exist_ok=True)
    profile_of(tmp_path / "office")
    places = excel.Places.of("win32", tmp_path / "home", {})
    places.addin.parent.mkdir(parents=True)
    monkeypatch.setattr(excel.Places, "of", lambda *_: places)
    return tmp_path


@pytest.mark.parametrize("topic", [topic for topic, text in GUIDES.items() if BLOCK.search(text)])
def test_every_command_and_snippet_runs(topic: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In order, one after the other, as somebody who follows the guide would type them."""
    for kind, block in BLOCK.findall(GUIDES[topic]):
        if kind == "python":
            exec(compile(block, f"{topic}.md", "exec"), {})  # noqa: S102  (our own guide)
            continue
        for line in block.strip().splitlines():
            program, *words = shlex.split(line)
            if program == "pip":
                extra = re.search(r"\[(\w+)\]", words[1])
                assert extra is not None
                assert f"\n{extra[1]} = [" in (ROOT / "pyproject.toml").read_text()
                continue
            assert program == "revops-xl"
            done = call(*words)
            assert done.exit_code in FINE, (line, done.output, done.exception)
    capsys.readouterr()


def test_every_command_in_running_text_exists() -> None:
    """`revops-xl NAME`, wherever it stands."""
    shown = [
        text
        for pair in re.findall(r"`([^`\n]+)`|^```\w*\n(.*?)^```", EVERYTHING, re.MULTILINE | re.DOTALL)
        for text in pair
    ]
    named = set(re.findall(r"(?:^|[ /])revops-xl ([a-z][a-z-]+)", "\n".join(shown), re.MULTILINE))
    assert len(named) > 15
    assert named <= set(cli.commands), named - set(cli.commands)
    for topic in re.findall(r"revops-xl guide ([a-z-]+)", EVERYTHING):
        assert topic in GUIDES, topic


# --- the front door ---------------------------------------------------------------------------------------------------


def test_the_readme_is_short_and_leads_to_every_guide() -> None:
    assert len(README.encode()) <= 12_000
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert all((ROOT / link).is_file() for link in links)
    assert {Path(link).stem for link in links if "/guides/" in link and link.endswith(".md")} == set(GUIDES)


def test_the_two_commands_are_marked() -> None:
    for marker in ("demo", "test"):
        block = README.split(f"<!-- {marker} command -->")[1].split("```")[1]
        assert block.strip().startswith("python3 -m venv .venv && ")


def test_pictures_are_small() -> None:
    pictures = list((guides.folder() / "pictures").iterdir())
    assert pictures
    assert all(each.stat().st_size < 100_000 for each in pictures)


# --- the command `guide` ----------------------------------------------------------------------------------------------


def test_the_list_and_a_guide() -> None:
    listed = call("guide", "--list").stdout.split()
    assert listed == list(GUIDES)
    assert call("guide").stdout.startswith("quotas ")
    assert call("guide", "Quotas").stdout == GUIDES["quotas"]
    assert call("guide", "quotas", "--json").exit_code == 0


def test_a_guide_that_there_is_not() -> None:
    done = call("guide", "qutoas")
    assert done.exit_code == 2
    assert 'Did you mean "quotas"?' in done.output
    assert "`revops-xl guide` lists them" in call("guide", "sunshine").output


def test_a_word_leads_to_the_guides_that_have_it() -> None:
    done = call("guide", "database")
    assert done.exit_code == 2
    assert "The word is in:" in done.output
    named = done.output.partition("The word is in: ")[2].strip().rstrip(".").split(", ")
    assert "files" in named
    assert all("database" in GUIDES[name].lower() for name in named)


# --- the references are the declarations -------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["tables", "settings", "functions", "commands"])
def test_a_reference_is_made_from_the_declarations(topic: str) -> None:
    assert GUIDES[topic] == guides.references(cli)[topic], "revops-xl references revops_xl/guides"


def test_every_command_option_table_setting_and_name_is_described() -> None:
    for name, command in cli.commands.items():
        if command.hidden:
            continue
        assert f"revops-xl {name}" in GUIDES["commands"]
        commands = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
        for parameter in (each for one in commands for each in one.params):
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in GUIDES["commands"], f"{name} {option}"
    assert all(f"`{table.name}`" in GUIDES["tables"] for sheet in catalog.SHEETS for table in sheet.tables)
    assert all(f"| {setting.name} |" in GUIDES["settings"] for setting in setting_list.SETTINGS)
    assert all(name in GUIDES["python"] for name in revops_xl.__all__ if name[0].islower())


def test_limits_are_those_of_the_program() -> None:
    for variable, default, meaning in FileLimits.rows():
        assert f"| `{variable}` | {default:,} | {meaning} |" in GUIDES["files"]


def test_dependencies_are_explained() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for name in re.findall(r'^  "([a-z0-9-]+)>=', project.split("dependencies = [")[1].split("]")[0], re.MULTILINE):
        assert name in GUIDES["for-it"].split("## Which libraries, and why")[1], name


def test_the_hash_is_that_of_the_addin() -> None:
    assert digest(template_path(ADDIN).read_bytes()) in GUIDES["for-it"]


def test_every_button_is_described() -> None:
    labels = re.findall(r'<button [^>]*?label="([^"]+)"', template_path("src/ribbon.xml").read_text(encoding="utf-8"))
    assert f"has {len(labels)} buttons" in GUIDES["excel"]
    assert all(label in GUIDES["excel"] for label in labels)
