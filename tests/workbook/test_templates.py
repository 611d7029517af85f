"""The shipped workbooks are what the declarations say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook

from revops_xl.model.inputs import DIRECTIONS
from revops_xl.tables.book import catalog, profiles, setting_list
from revops_xl.tables.schema.declare import Sheet
from revops_xl.usecases.run import compute
from revops_xl.workbook.building.create import sample_bytes, template_bytes
from revops_xl.workbook.building.templates import SAMPLE, TEMPLATE, template_path
from tests.programs import parts, printed, validate


@pytest.mark.parametrize(("name", "build"), [(TEMPLATE, template_bytes), (SAMPLE, sample_bytes)])
def test_a_fresh_build_equals_the_committed_file(name: str, build: object, tmp_path: Path) -> None:
    assert callable(build)
    fresh = tmp_path / name
    fresh.write_bytes(build())
    assert parts(fresh) == parts(template_path(name)), "run: revops-xl templates workbook_templates"


#: What the sample uses: it has one currency, and nothing was imported.
SHOWN = [sheet for sheet in catalog.SHEETS if sheet.name not in {"Rates", "Local quotas", "Imports"}]


@pytest.mark.parametrize(("name", "sheets"), [(TEMPLATE, profiles.sheets_of([])), (SAMPLE, SHOWN)])
def test_every_declared_table_is_there(name: str, sheets: Sequence[Sheet]) -> None:
    book = load_workbook(template_path(name))
    assert book.sheetnames == [sheet.name for sheet in sheets]
    for sheet in sheets:
        for table in sheet.tables:
            found = book[sheet.name].tables[table.name]
            headers = [column.name for column in found.tableColumns]
            assert set(table.headers) <= set(headers) or table.name == "Hierarchy"
            if not table.free_columns:
                assert headers == list(table.headers)
    assert {setting.defined_name for setting in setting_list.SETTINGS} <= set(book.defined_names)


@pytest.mark.parametrize("name", [TEMPLATE, SAMPLE])
def test_it_is_made_as_a_planning_workbook_should_be(name: str) -> None:
    path = template_path(name)
    book = load_workbook(path)
    for page in book:
        is_page = page.title in {"Summary", "Start"}  # one printed page each
        assert bool(page.freeze_panes) is not is_page, page.title
        assert page.print_title_rows or page.print_area, page.title
        setup = page.sheet_properties.pageSetUpPr
        if len(page.tables) > 1 and page.col_breaks.brk:  # each table on pages of its own
            assert 30 <= (page.page_setup.scale or 100) <= 100, page.title
        else:
            assert setup is not None
            assert setup.fitToPage, page.title
        assert not page.merged_cells.ranges, page.title
        assert page.sheet_state == ("hidden" if page.title in catalog.MACHINERY else "visible")
    content = parts(path)
    drawing = content["xl/drawings/drawing1.xml"].decode()
    assert drawing.count("descr=") == drawing.count("<xdr:graphicFrame") == 4
    charts = sum(1 for part in content if part.startswith("xl/charts/chart"))
    alt_texts = sum(content[part].count(b"descr=") for part in content if part.startswith("xl/drawings/drawing"))
    assert alt_texts == charts
    assert not [part for part in content if "vba" in part.lower() or "externalLink" in part]
    assert b"<dc:creator></dc:creator>" in content["docProps/core.xml"]
    assert not validate(path)


def test_inputs_are_unlocked_and_blue_on_yellow() -> None:
    book = load_workbook(template_path(SAMPLE))
    for sheet in SHOWN:
        for table in sheet.tables:
            if table.result or table.name in {"Help", "Settings"}:
                continue
            page = book[sheet.name]
            for cell in page[page.tables[table.name].ref][1]:
                assert not cell.protection.locked
                assert (cell.font.color.rgb, cell.fill.fgColor.rgb) == ("FF0B3D91", "FFFFF9DB")


def test_choices_have_a_list() -> None:
    page = load_workbook(template_path(TEMPLATE))["Metrics"]
    lists = {str(rule.formula1) for rule in page.data_validations.dataValidation if rule.type == "list"}
    assert {'"blend,gate"', '"' + ",".join(DIRECTIONS) + '"', '"sum,mean,last"', '">,>=,<,<=,true"'} <= lists


def test_the_sample_is_a_believable_company(full_sample: Path) -> None:
    outcome = compute(full_sample)
    plan, result = outcome.plan, outcome.quotas
    tree, roles = result.inputs.tree, result.roles
    assert 110 <= tree.is_ic.sum() <= 130
    assert len(tree.levels) == 5
    assert Counter(tree.depth[tree.is_ic].tolist())[3] == 1  # the short branch
    assert {str(tree.names[child]) for child in tree.children(0)} == {"NA", "EMEA", "APAC", "LATAM"}
    assert len(result.inputs.blend[0].columns) == 8
    for flags in (roles.new_hire, roles.gated, roles.fixed, tree.split < 1):
        assert flags.any()
    partial = (result.inputs.blend[0].periods == 0).any(axis=0) & (result.inputs.blend[0].periods > 0).any(axis=0)
    assert partial.sum() >= 5
    assert set(result.inputs.hedges.source.tolist()) == {0, 2, 3}
    assert plan.settings.currency == "USD"


def test_no_printed_page_holds_the_last_column_of_a_table_alone(run_sample: Path, tmp_path: Path) -> None:
    pages = printed(run_sample, tmp_path)
    assert len(pages) > 50
    alone = [page[0].strip() for page in pages if all(len(line.split("  ")) == 1 for line in map(str.strip, page[:-1]))]
    assert alone == []


def test_no_defined_name_is_called_like_a_table() -> None:
    """Spreadsheets know one set of names: a table and a name that are called alike make a workbook that is repaired."""
    from revops_xl.tables.book import catalog, setting_list

    tables = [table.name.casefold() for sheet in catalog.SHEETS for table in sheet.tables]
    names = [setting.defined_name.casefold() for setting in setting_list.SETTINGS]
    assert len({*tables, *names}) == len(tables) + len(names)


def test_no_column_is_called_like_a_cell() -> None:
    """Quotas[Q1] is a column for one program and a cell for another."""
    import re

    from revops_xl.tables.book import catalog

    headers = [column.name for sheet in catalog.SHEETS for table in sheet.tables for column in table.columns]
    assert not [name for name in headers if re.fullmatch(r"[A-Za-z]{1,3}\d+|R\d*C\d*", name)]
