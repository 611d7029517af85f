"""A returned packet against what was sent: every locked cell, every label."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import Packet, Row, fixed_texts
from revops_xl.tables.packets.entries import read_entries
from revops_xl.tables.packets.findings import Finding, Returned, Sheets, key_text, same, shown
from revops_xl.tables.packets.places import Found, filled_cells, find_table
from revops_xl.tables.packets.rows import Entries, check_rows, is_verdict, rows_of, verdict
from revops_xl.tables.packets.seal import MARK
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import NotCalculated, column_letters
from revops_xl.tables.schema.result import Formula

#: Texts that are told one by one; a packet has fewer.
_MOST_TOLD = 50


def compare(sheets: Sheets, packet: Packet, returned: Returned) -> None:
    """Put everything that differs, and everything that was entered, into what was found."""
    used: set[tuple[str, int, int]] = set()
    tables = {table.name: find_table(sheets, table, returned, used) for table in form.INPUTS}
    if any(finding.kind == "twice" for finding in returned.findings):
        returned.refused = "rows stand in it twice"
        return
    entries = read_entries(tables, packet, returned)
    wanted = rows_of(packet, entries)
    for table in form.INPUTS:
        follows = table is form.CHECKS and bool(returned.altered)  # a changed number is told once, where it stands
        if not follows:
            _compare_rows(table, tables[table.name], wanted[table.name], returned)
    _compare_texts(sheets, packet, entries, used, returned)
    checks = check_rows(packet, entries)
    returned.off = round(sum(abs(row["Difference"].value) for row in checks), 6)
    if any(finding.kind == "removed" for finding in returned.findings):
        returned.refused = "rows are missing from it"
        returned.asks.clear()


def _compare_rows(table: Table, places: Sequence[Found], wanted: Sequence[Row], returned: Returned) -> None:
    """Locked cells of a table against what they should be."""
    if not places:
        returned.findings.append(Finding("removed", "", table.name, "", "the table", ""))
        return
    place, key_name = places[0], form.KEYS[table.name]
    for header in table.headers:
        if header not in place.columns:
            returned.findings.append(Finding("altered", place.sheet, "headers", header, header, "not there"))
    expected = {key_text(row[key_name]): row for row in wanted}
    for key, row in expected.items():
        if key in place.rows:
            returned.findings += _compare_row(table, place, key, row)
        else:
            returned.findings.append(Finding("removed", place.sheet, _who(table, row), "", key, ""))
    for key, (number, values) in place.rows.items():
        if key not in expected:
            text = ", ".join(shown(value) for value in values.values() if value not in ("", None))
            returned.findings.append(Finding("added", place.sheet, f"row {number + 1}", "", "", text))


def _who(table: Table, row: Row) -> str:
    name = next((name for name in ("Name", "Manager", "Team") if name in table.headers), form.KEYS[table.name])
    return shown(row[name])


def _compare_row(table: Table, place: Found, key: str, row: Row) -> list[Finding]:
    """Locked cells of one row; where a number was changed, what formulas make of it is not told again."""
    number, values = place.rows[key]
    typed: list[Finding] = []
    calculated: list[Finding] = []
    for header in table.headers:
        if header == form.KEYS[table.name] or header not in values or _is_open(table, header, row):
            continue
        sent, returned = row.get(header), values[header]
        formula = sent if isinstance(sent, Formula) else None
        if formula is not None and isinstance(returned, NotCalculated) and returned.formula == formula.text:
            continue  # a program saved it that does not calculate: the formula is as it was
        sent = formula.value if formula is not None else sent
        if not same(sent, returned):
            cell = f"{place.sheet}!{column_letters(place.columns[header])}{number + 1}"
            finding = Finding("altered", cell, _who(table, row), header, shown(sent), shown(returned))
            (typed if formula is None else calculated).append(finding)
    return typed or calculated


def _is_open(table: Table, header: str, row: Row) -> bool:
    """Whether a cell is for the manager to fill in."""
    return header in form.INPUTS[table] and (header != "Proposed quota" or bool(row.get("Open", True)))


def _compare_texts(
    sheets: Sheets, packet: Packet, entries: Entries, used: set[tuple[str, int, int]], found: Returned
) -> None:
    """What stands outside the tables: every text that was sent, as often as it was sent."""
    sent = Counter(fixed_texts(packet))
    for table in form.INPUTS:
        sent.subtract(table.headers)
    told = verdict(check_rows(packet, entries))
    sent[told.value] += 1
    others: list[tuple[str, int, int, Any]] = []
    for sheet, number, column, cell in filled_cells(sheets):
        if (sheet, number, column) in used or (isinstance(cell, str) and MARK.fullmatch(cell) is not None):
            continue
        if isinstance(cell, str) and len(cell) > form.LONGEST_TEXT and cell in packet.sealed:
            continue
        follows = is_verdict(cell) or (isinstance(cell, NotCalculated) and cell.formula == told.text)
        text = told.value if follows else key_text(cell)
        if sent[text] > 0:
            sent[text] -= 1
        else:
            others.append((sheet, number, column, cell))
    for text in (+sent).elements():
        near = _nearest(text, others)
        returned = ""
        where = ""
        if near is not None:
            others.remove(near)
            returned, where = shown(near[3]), f"{near[0]}!{column_letters(near[2])}{near[1] + 1}"
        found.findings.append(Finding("altered", where, "", "text", text, returned))
    if len(others) > _MOST_TOLD:
        found.findings.append(
            Finding("note", "", "", "", "", f"and {len(others) - _MOST_TOLD:,} more texts beside the tables")
        )
    for sheet, number, column, cell in others[:_MOST_TOLD]:
        where = f"{sheet}!{column_letters(column)}{number + 1}"
        found.findings.append(Finding("note", where, "", "", "", shown(cell)))


def _nearest(text: str, others: Sequence[tuple[str, int, int, Any]]) -> tuple[str, int, int, Any] | None:
    """The text that stands there instead, if one is alike."""
    texts = [each for each in others[: 10 * _MOST_TOLD] if isinstance(each[3], str)]
    close = difflib.get_close_matches(text, [each[3] for each in texts], n=1, cutoff=0.5)
    return next((each for each in texts if close and each[3] == close[0]), None)
