"""The report about this machine: everything works here, and what does not is named with what to do."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from typing import Any

import pytest
from click.testing import CliRunner

from revops_xl.hosts.cli import cli, doctor
from revops_xl.workbook.building import templates


def report() -> tuple[int, dict[str, dict[str, str]]]:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    return done.exit_code, {line["what"]: line for line in json.loads(done.stdout)}


def test_everything_needed_works_here() -> None:
    code, lines = report()
    assert code == 0
    assert {line["status"] for line in lines.values()} <= {"works", "missing"}
    assert lines["numpy"]["found"] == metadata.version("numpy")
    assert lines["REVOPS_MAX_RATIO"]["found"].startswith("400 ")
    assert "quotas tie to the cent" in lines["Running the sample plan"]["found"]
    functions = [line for what, line in lines.items() if what.startswith("Functions: ")]
    assert functions
    assert all(line["status"] == "works" or "addin install" in line["fix"] for line in functions)
    assert not {"pytest", "wolfxl", "fastexcel"} & lines.keys()


def test_a_wrong_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVOPS_MAX_PARTS", "many")
    code, lines = report()
    assert code == 1
    assert lines["REVOPS_MAX_PARTS"]["status"] == "broken"
    assert lines["Running the sample plan"]["status"] == "broken"


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    findings = {finding.what: finding for finding in doctor._libraries()}
    assert (findings["networkx"].status, findings["networkx"].fix[:12]) == ("broken", "pip install ")
    assert findings["sqlalchemy"].status == "missing"
    assert "revops-xl[sql]" in findings["sqlalchemy"].fix


def test_a_broken_machine_is_reported_and_does_not_break_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("the shipped workbook is missing")

    monkeypatch.setattr(templates, "template_path", lost)
    monkeypatch.setattr(templates, "new_plan", lost)
    done = CliRunner().invoke(cli, ["doctor"])
    assert done.exit_code == 1
    assert "3 broken" in done.output
    assert "Install revops-xl again." in done.output
