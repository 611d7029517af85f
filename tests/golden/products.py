"""Everything the product makes, made through its command line with the clock, the user and the cache fixed.

Only public ways are used, so that the code behind them can move without this file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import time_machine
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.cli import cli
from revops_xl.model.parts import Part
from tests.packages import tamper
from tests.packets.teams import cells_of, decide, enter, plan_file, rows_of
from tests.plans import small_sample, worked_tables, write_plan
from tests.test_bad_workbooks import BAD

#: The moment and the person of every product.
MOMENT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PERSON = "planner"
PARTS = tuple(map(str, Part))

Product = Callable[[], None]


@contextlib.contextmanager
def fixed(folder: Path) -> Iterator[None]:
    """Work in this folder, at one moment, as one person, with nothing kept from earlier runs."""
    folder.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), PERSON)
    settings = {**names, "REVOPS_CACHE": "off", "NO_COLOR": "1", "COLUMNS": "120"}
    with (
        mock.patch.dict(os.environ, settings),
        time_machine.travel(MOMENT, tick=False),
        contextlib.chdir(folder),
    ):
        yield


def told(name: str, *arguments: str, data: bool = False) -> str:
    """Run a command; keep what it prints, and how it ends, as NAME.txt. Its data instead as NAME.json."""
    done = CliRunner().invoke(cli, [*arguments, *(["--json"] if data else [])])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    path = Path(f"{name}.json" if data else f"{name}.txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = done.stdout if data else f"{done.stdout}--- messages\n{done.stderr}--- exit code {done.exit_code}\n"
    path.write_text(text, encoding="utf-8")
    return done.stdout


def shipped() -> None:
    """Template, sample, add-in, and the declarations in every form."""
    told("templates", "templates", "shipped")
    told("addin", "addin", "build", "-o", "revops_xl.xlam")
    told("schema", "schema", data=True)
    told("schema", "schema")
    told("schema_markdown", "schema", "--markdown")
    told("functions", "functions", data=True)
    told("functions_markdown", "functions", "--markdown")
    told("help", "--help")
    for command in cli.commands:
        told(f"help/{command}", command, "--help")
    book = Workbook()
    book.create_sheet("Mine").append(["mine"])
    book.save("mine.xlsx")
    told("into", "new", "mine_with_plan.xlsx", "--into", "mine.xlsx")


def sample() -> None:
    """The sample as it is shipped, run as a whole."""
    told("new", "new", "sample.xlsx", "--sample")
    told("run", "run", "sample.xlsx", "-o", "run.xlsx")


def parts() -> None:
    """Each part alone: the quotas into a fresh plan, the others beside these quotas; and refused where there are none."""
    small_sample(Path("plan.xlsx"))
    told("refused", "run", "plan.xlsx", "--only", "forecast")
    told("only_quotas", "run", "plan.xlsx", "--only", "quotas")
    for part in PARTS[1:]:
        told(f"only_{part}", "run", "plan.xlsx", "-o", f"only_{part}.xlsx", "--only", part)


def adjustments() -> None:
    """A redistribution proposed, put in force, and taken back."""
    small_sample(Path("plan.xlsx"))
    told("accept", "accept", "plan.xlsx", "-o", "accepted.xlsx")
    told("withdraw", "accept", "accepted.xlsx", "--withdraw", "-o", "withdrawn.xlsx")


def explanations() -> None:
    """Reasons, suggestions, problems, and results for other tools."""
    small_sample(Path("plan.xlsx"))
    told("check", "check", "plan.xlsx", data=True)
    for number, about in enumerate(("Alder Systems", "NA", "NA 1 Team A", "Kira Costa", open_deal("plan.xlsx"))):
        told(f"explain_{number}", "explain", "plan.xlsx", about)
    told("weights", "suggest-weights", "plan.xlsx", data=True)


def exports() -> None:
    """Results for other tools, in each form."""
    small_sample(Path("plan.xlsx"))
    for target in ("csv", "results.json", "quotas.csv"):
        told(f"export_{target}", "export", "plan.xlsx", "-o", target)
    told("export_sql", "export", "plan.xlsx", "-o", "sqlite:///results.db")
    with contextlib.closing(sqlite3.connect("results.db")) as base:
        Path("results.sql").write_text("\n".join(base.iterdump()), encoding="utf-8")
    Path("results.db").unlink()  # its bytes are SQLite's


def packets() -> None:
    """Packets and drafts of 20 teams; what comes back; what is decided."""
    plan_file(Path("plan.xlsx"), 20, seed=4)
    told("packets", "packets", "plan.xlsx", "-o", "packets")
    returned = Path("returned")
    returned.mkdir()
    teams = [path for path in sorted(Path("packets").glob("*.xlsx")) if load_workbook(path)["Team"].max_row >= 7]
    for number, path in enumerate(teams[:5]):
        answer(path, returned / path.name, number)
    shutil.copy(teams[5], returned / "untouched.xlsx")
    (returned / "broken.xlsx").write_bytes(b"PK nothing")
    told("collect", "collect", "plan.xlsx", "returned", "-o", "collected.xlsx")
    shutil.copy("collected.xlsx", "decided.xlsx")
    requests = cells_of(Path("collected.xlsx"), "Requests")
    decide(Path("decided.xlsx"), {row["Request"]: "reject" if n == 1 else "accept" for n, row in enumerate(requests)})
    told("collect_again", "collect", "decided.xlsx")


def answer(packet: Path, target: Path, number: int) -> None:
    """A packet filled in: an exchange inside the team, less for the team, a commit, a locked cell, a text for a number."""
    book = load_workbook(packet)
    quotas = [row["Quota"] for row in rows_of(book["Team"])]
    if number in {0, 3}:
        enter(book, "Team", 6, "Proposed quota", round(quotas[1] + 100.5, 2))
        enter(book, "Team", 7, "Proposed quota", round(quotas[2] - 100.5, 2))
        enter(book, "Team", 6, "Comment", "Agreed in the team")
    if number == 1:
        enter(book, "Team", 6, "Proposed quota", round(quotas[1] * 0.9, 2))
    if number == 2:
        enter(book, "Commit", 5, "Commit now", 4711.5)
    if number == 3:
        enter(book, "Team", 5, "Quota", quotas[0] + 0.01)
    if number == 4:
        enter(book, "Team", 6, "Proposed quota", "a lot less")
    book.save(target)
    tamper(
        target, {}
    )  # openpyxl packs sheets with the moment of a file of its own; a return's fingerprint would follow it


def copies() -> None:
    """A copy ready to send, and what changed between two plans."""
    small_sample(Path("plan.xlsx"))
    small_sample(Path("changed.xlsx"), settings={"Target": 52_000_000, "Default hedge": 1.03})
    told("run", "run", "plan.xlsx")
    told("freeze", "freeze", "plan.xlsx", "-o", "frozen.xlsx")
    book = Workbook()
    page = book.create_sheet("Mine")
    page["A1"], page["A2"], page["B1"], page["B2"] = 1.05, 1.1, "=REVOPS_COMPOUND_HEDGE(A1:A2)", "=REVOPS_RISK(0.8)"
    page["C1"] = "=REVOPS_QUOTA(1)"
    book.save("mine.xlsx")
    told("freeze_refused", "freeze", "mine.xlsx", "-o", "mine_frozen.xlsx")
    page["C1"] = None
    book.save("mine.xlsx")
    told("freeze_mine", "freeze", "mine.xlsx", "-o", "mine_frozen.xlsx")
    told("diff", "diff", "plan.xlsx", "changed.xlsx", "-o", "differences.xlsx")


def functions() -> None:
    """What every worksheet function gives for its example."""
    results = {}
    for function in FUNCTIONS:
        texts = [
            f"{each.name}={json.dumps(value) if isinstance(value, tuple) else value}"
            for each, value in zip(function.parameters, function.example, strict=False)
            if value is not None
        ]
        done = CliRunner().invoke(cli, ["call", function.name, *texts, "--json"])
        results[function.name] = json.loads(done.stdout)
    Path("functions.json").write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")


def refusals() -> None:
    """What is said about each workbook that is refused."""
    said = {}
    for name, (change, _, _) in BAD.items():
        tables = worked_tables()
        change(tables)
        write_plan(Path("plan.xlsx"), tables)
        done = CliRunner().invoke(cli, ["check", "plan.xlsx", "--json"])
        said[name] = {"exit code": done.exit_code, **json.loads(done.stdout)}
    Path("plan.xlsx").unlink()
    Path("refusals.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")


def open_deal(path: str) -> str:
    """The last open deal of a plan."""
    return str(cells_of(Path(path), "Deals")[-1]["Deal ID"])


PRODUCTS: dict[str, Product] = {
    each.__name__: each
    for each in (shipped, sample, parts, adjustments, explanations, exports, packets, copies, functions, refusals)
}


def make(name: str, folder: Path) -> Path:
    """One product, in a folder of its name."""
    with fixed(folder / name):
        PRODUCTS[name]()
    return folder / name
