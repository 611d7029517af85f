"""A packet that came back: recognised by its seal, its rows found by key, everything compared with what was sent."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops_xl.tables import packet_form as form
from revops_xl.tables.declare import Table
from revops_xl.tables.packet_content import FORM, Packet, Row, digest_of, fixed_texts
from revops_xl.tables.packet_rows import VERDICTS, Entries, check_rows, rows_of, verdict
from revops_xl.tables.raw import CellError, NotCalculated, column_letters
from revops_xl.tables.result import Formula

Sheets = Mapping[str, Sequence[Sequence[Any]]]
#: Part of a table's headers by which it is found.
_ENOUGH = 0.6
#: How a piece of the seal is marked: the packet, and which piece it is.
_MARK = re.compile(rf"{form.SEAL} ([0-9a-f]{{12}}) (\d+/\d+)")
#: Texts that are told one by one; a packet has fewer.
_MOST_TOLD = 50
#: Largest amount that is taken for one.
_LARGEST = 1e13


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sent.

    Attributes:
        kind: altered, added, removed, twice, unreadable or note.
        sheet: Where it stands in the returned file.
        row: What row it is about.
        column: Header.
        sent: As it was sent.
        returned: As it came back.
    """

    kind: str
    sheet: str
    row: str
    column: str
    sent: str
    returned: str


@dataclass(frozen=True)
class Ask:
    """A request of the manager.

    Attributes:
        kind: re-split, override or commit.
        node: Whom it is about.
        now: The number that it replaces; None: there is none.
        asked: The number asked for.
        reason: In the manager's words.
    """

    kind: str
    node: str
    now: float | None
    asked: float
    reason: str


@dataclass
class Returned:
    """What a returned file says.

    Attributes:
        packet: What was sent, from the seal; None: the file is no packet, or its seal is broken.
        packet_id: Name of the packet on the seal; "" without one.
        refused: Why nothing of it can be taken; "" if it can.
        findings: What is not as it was sent.
        asks: Requests.
        comments: Comments by whom they are about.
        off: Sum of the differences between what teams are handed down and what they carry.
    """

    packet: Packet | None = None
    packet_id: str = ""
    refused: str = ""
    findings: list[Finding] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    off: float = 0.0

    @property
    def altered(self) -> list[Finding]:
        """Locked cells that were changed."""
        return [finding for finding in self.findings if finding.kind == "altered"]

    @property
    def unclear(self) -> list[Finding]:
        """Entries that cannot be read, or that stand where nothing is looked for."""
        return [finding for finding in self.findings if finding.kind in {"unreadable", "added"}]

    @property
    def says(self) -> tuple[Any, ...]:
        """Everything that the manager entered, to tell two returns apart."""
        asks = sorted((ask.kind, ask.node, ask.asked, ask.reason) for ask in self.asks)
        return tuple(asks), tuple(sorted(self.comments.items()))


def read_packet(sheets: Sheets, digests: Mapping[str, str]) -> Returned:
    """Read a returned file.

    Args:
        sheets: Its cells.
        digests: Digest of the sealed content of each packet that the ledger knows.
    """
    found = Returned()
    sealed = _sealed(sheets, found)
    if sealed is None:
        return found
    digest = digest_of(sealed)
    if found.packet_id not in digests:
        found.refused = "wrong plan: the ledger of this plan has no such packet"
    elif digest != digests[found.packet_id]:
        found.refused = "forged: the lines on the last sheet are not those that were sent"
    packet = _packet(sealed) if not found.refused else None
    if packet is None:
        found.refused = found.refused or "made by another version of revops-xl, which packs otherwise"
        return found
    found.packet = packet
    _compare(sheets, packet, found)
    return found


def _cells(sheets: Sheets) -> Iterator[tuple[str, int, int, Any]]:
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in ("", None):
                    yield sheet, number, column, cell


def _sealed(sheets: Sheets, found: Returned) -> str | None:
    """The sealed text, put together from its pieces."""
    pieces: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sheet, number, column, cell in _cells(sheets):
        mark = _MARK.fullmatch(cell) if isinstance(cell, str) else None
        if mark is not None:
            behind = [text for text in sheets[sheet][number][column + 1 :] if isinstance(text, str) and text]
            pieces[mark[1], mark[2]].add(behind[0] if behind else "")
    ids = {packet for packet, _ in pieces}
    if not ids:
        found.refused = "not a packet: the lines of its last sheet are missing"
        return None
    if len(ids) > 1 or any(len(texts) > 1 for texts in pieces.values()):
        found.refused = "two packets in one file"
        return None
    found.packet_id = ids.pop()
    order = sorted(pieces, key=lambda key: (len(key[1]), key[1]))
    return "".join(next(iter(pieces[key])) for key in order)


def _packet(sealed: str) -> Packet | None:
    """What was sent; None if it was packed otherwise."""
    content = json.loads(sealed)
    if content.pop("form") != FORM:
        return None
    texts = content.pop("texts")
    decimals = None
    packet = Packet(
        content["node"], content["level"], "", content["plan"], content["period"], content["currency"], decimals,
        content["unit"], tuple(content["team"]), tuple(content["commits"]), content["version"],
    )  # fmt: skip
    return packet if texts == fixed_texts(packet) else None


# --- comparing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A table in a returned sheet: where its headers stand, and its rows by key."""

    sheet: str
    header_row: int
    columns: Mapping[str, int]
    rows: Mapping[str, tuple[int, Mapping[str, Any]]]


def _compare(sheets: Sheets, packet: Packet, found: Returned) -> None:
    used: set[tuple[str, int, int]] = set()
    tables = {table.name: _find(sheets, table, found, used) for table in form.INPUTS}
    if any(finding.kind == "twice" for finding in found.findings):
        found.refused = "rows stand in it twice"
        return
    entries = _entries(tables, packet, found)
    wanted = rows_of(packet, entries)
    for table in form.INPUTS:
        follows = table is form.CHECKS and bool(found.altered)  # a changed number is told once, where it stands
        if not follows:
            _compare_rows(table, tables[table.name], wanted[table.name], found)
    _compare_texts(sheets, packet, entries, used, found)
    checks = check_rows(packet, entries)
    found.off = round(sum(abs(row["Difference"].value) for row in checks), 6)
    if any(finding.kind == "removed" for finding in found.findings):
        found.refused = "rows are missing from it"
        found.asks.clear()


def _find(sheets: Sheets, table: Table, found: Returned, used: set[tuple[str, int, int]]) -> list[_Found]:
    """Every place where most headers of a table stand in one row."""
    places = []
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows):
            texts = [cell if isinstance(cell, str) else "" for cell in row]
            columns = {name: texts.index(name) for name in table.headers if name in texts}
            if len(columns) >= _ENOUGH * len(table.headers) and form.KEYS[table.name] in columns:
                places.append(_rows(sheet, rows, number, table, columns, found, used))
    others = [place for place in places if places and place is not places[0]]
    for place in others:
        found.findings.append(Finding("twice", place.sheet, table.name, "", f"once, on {places[0].sheet}", "again"))
    return places


def _rows(
    sheet: str,
    rows: Sequence[Sequence[Any]],
    header: int,
    table: Table,
    columns: Mapping[str, int],
    found: Returned,
    used: set[tuple[str, int, int]],
) -> _Found:
    """The rows below headers, by key."""
    key_column = columns[form.KEYS[table.name]]
    by_key: dict[str, tuple[int, Mapping[str, Any]]] = {}
    used.update((sheet, header, column) for column in columns.values())
    for number in range(header + 1, len(rows)):
        row = rows[number]
        values = {name: row[column] if column < len(row) else "" for name, column in columns.items()}
        key = _key(row[key_column] if key_column < len(row) else "")
        filled = {name: value for name, value in values.items() if value not in ("", None)}
        if not filled:
            continue
        used.update((sheet, number, columns[name]) for name in filled)
        if not key:
            text = ", ".join(f"{name} {_shown(value)}" for name, value in filled.items())
            found.findings.append(Finding("added", sheet, f"row {number + 1}", "", "", text))
        elif key in by_key:
            found.findings.append(Finding("twice", sheet, key, "", f"once, in row {by_key[key][0] + 1}", f"row {number + 1}"))  # fmt: skip
        else:
            by_key[key] = (number, values)
    return _Found(sheet, header, columns, by_key)


def _key(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int) else ""


def _compare_rows(table: Table, places: Sequence[_Found], wanted: Sequence[Row], found: Returned) -> None:
    """Locked cells of a table against what they should be."""
    if not places:
        found.findings.append(Finding("removed", "", table.name, "", "the table", ""))
        return
    place, key_name = places[0], form.KEYS[table.name]
    for header in table.headers:
        if header not in place.columns:
            found.findings.append(Finding("altered", place.sheet, "headers", header, header, "not there"))
    expected = {_key(row[key_name]): row for row in wanted}
    for key, row in expected.items():
        if key in place.rows:
            found.findings += _compare_row(table, place, key, row)
        else:
            found.findings.append(Finding("removed", place.sheet, _who(table, row), "", key, ""))
    for key, (number, values) in place.rows.items():
        if key not in expected:
            text = ", ".join(_shown(value) for value in values.values() if value not in ("", None))
            found.findings.append(Finding("added", place.sheet, f"row {number + 1}", "", "", text))


def _who(table: Table, row: Row) -> str:
    name = next((name for name in ("Name", "Manager", "Team") if name in table.headers), form.KEYS[table.name])
    return _shown(row[name])


def _compare_row(table: Table, place: _Found, key: str, row: Row) -> list[Finding]:
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
        if not _same(sent, returned):
            cell = f"{place.sheet}!{column_letters(place.columns[header])}{number + 1}"
            finding = Finding("altered", cell, _who(table, row), header, _shown(sent), _shown(returned))
            (typed if formula is None else calculated).append(finding)
    return typed or calculated


def _is_open(table: Table, header: str, row: Row) -> bool:
    """Whether a cell is for the manager to fill in."""
    return header in form.INPUTS[table] and (header != "Proposed quota" or bool(row.get("Open", True)))


def _same(sent: Any, returned: Any) -> bool:
    """Whether a cell says what was sent, as any program writes it."""
    if sent in ("", None):
        return returned in ("", None)
    if isinstance(sent, int | float):
        if not isinstance(returned, int | float) or isinstance(returned, bool):
            return False
        return math.isclose(sent, returned, rel_tol=1e-9, abs_tol=1e-9)
    return bool(_key(returned) == str(sent).strip()) if not isinstance(returned, CellError | NotCalculated) else False


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
    for sheet, number, column, cell in _cells(sheets):
        if (sheet, number, column) in used or (isinstance(cell, str) and _MARK.fullmatch(cell) is not None):
            continue
        if isinstance(cell, str) and len(cell) > form.LONGEST_TEXT and cell in packet.sealed:
            continue
        text = told.value if isinstance(cell, NotCalculated) and cell.formula == told.text else _key(cell)
        if sent[text] > 0:
            sent[text] -= 1
        else:
            others.append((sheet, number, column, cell))
    for text in (+sent).elements():
        if text in VERDICTS and found.altered:
            others = [each for each in others if each[3] not in VERDICTS]
            continue
        other_verdict = next((each for each in others if text in VERDICTS and each[3] in VERDICTS), None)
        near = other_verdict or _nearest(text, others)
        returned = ""
        where = ""
        if near is not None:
            others.remove(near)
            returned, where = _shown(near[3]), f"{near[0]}!{column_letters(near[2])}{near[1] + 1}"
        found.findings.append(Finding("altered", where, "", "text", text, returned))
    if len(others) > _MOST_TOLD:
        found.findings.append(
            Finding("note", "", "", "", "", f"and {len(others) - _MOST_TOLD:,} more texts beside the tables")
        )
    for sheet, number, column, cell in others[:_MOST_TOLD]:
        where = f"{sheet}!{column_letters(column)}{number + 1}"
        found.findings.append(Finding("note", where, "", "", "", _shown(cell)))


def _nearest(text: str, others: Sequence[tuple[str, int, int, Any]]) -> tuple[str, int, int, Any] | None:
    """The text that stands there instead, if one is alike."""
    texts = [each for each in others[: 10 * _MOST_TOLD] if isinstance(each[3], str)]
    close = difflib.get_close_matches(text, [each[3] for each in texts], n=1, cutoff=0.5)
    return next((each for each in texts if close and each[3] == close[0]), None)


# --- entries -----------------------------------------------------------------------------------------------------------


def _entries(tables: Mapping[str, Sequence[_Found]], packet: Packet, found: Returned) -> Entries:
    """What the manager entered."""
    proposed: dict[str, float] = {}
    team = {row["Key"]: row for row in packet.team}
    for key, _, values in _each(tables[form.TEAM.name]):
        row = team.get(key)
        if row is None:
            continue
        comment = _comment(values.get("Comment"), f"{row['Name']}: comment", found)
        amount = _amount(values.get("Proposed quota"), f"{row['Name']}: proposed quota", found)
        if amount is not None and row["Open"]:
            proposed[key] = amount
            if not _same(row["Quota"], amount):
                found.asks.append(Ask("re-split", row["Name"], row["Quota"], amount, comment))
        if comment:
            found.comments[row["Name"]] = comment
    _read_asks(tables[form.ASKS.name], packet, found)
    _read_commits(tables[form.COMMIT.name], packet, found)
    return Entries(proposed)


def _read_asks(places: Sequence[_Found], packet: Packet, found: Returned) -> None:
    team = {_text(row["Name"]): row for row in packet.team}
    for key, sheet, values in _each(places):
        name, reason = _text(values.get("For")), _text(values.get("Reason"))
        amount = _amount(values.get("Asked quota"), f"request {key}: asked quota", found)
        if not name and amount is None and not reason:
            continue
        problem = ""
        row = team.get(name)
        if row is None:
            problem = f'"{name}" is nobody in the team' if name else "for whom is blank"
        elif not row["Whole"]:
            problem = f'"{name}" is split between teams, so no team asks for the whole'
        elif amount is None:
            problem = "the amount is blank or no amount"
        elif not reason:
            problem = "the reason is blank"
        if problem:
            found.findings.append(Finding("unreadable", sheet, f"request {key}", "", "for, amount and reason", problem))
        elif amount is not None and row is not None:
            found.asks.append(Ask("override", row["Name"], row["Quota"], amount, reason))


def _read_commits(places: Sequence[_Found], packet: Packet, found: Returned) -> None:
    commits = {row["Key"]: row for row in packet.commits}
    for key, _, values in _each(places):
        row = commits.get(key)
        if row is None:
            continue
        remark = _comment(values.get("Remark"), f"{row['Manager']}: remark", found)
        amount = _amount(values.get("Commit now"), f"{row['Manager']}: commit", found)
        if amount is not None and not math.isclose(amount, round(amount, 2), abs_tol=1e-9):
            found.findings.append(
                Finding("unreadable", "", f"{row['Manager']}: commit", "", "whole cents", _shown(amount))
            )
        elif amount is not None:
            found.asks.append(Ask("commit", row["Manager"], row["Last commit"], amount, remark))
        if remark:
            found.comments[f"{row['Manager']} (commit)"] = remark


def _each(places: Sequence[_Found]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for place in places[:1]:
        for key, (_, values) in place.rows.items():
            yield key, place.sheet, values


def _amount(value: Any, what: str, found: Returned) -> float | None:
    """An entered amount; what is none is said."""
    if value in ("", None):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return float(value)
    found.findings.append(Finding("unreadable", "", what, "", "a number of 0 or more", _shown(value)))
    return None


def _comment(value: Any, what: str, found: Returned) -> str:
    """An entered comment; one that shows an error, or nothing yet, is said."""
    if isinstance(value, CellError | NotCalculated):
        found.findings.append(Finding("unreadable", "", what, "", "a text", _shown(value)))
    return _text(value)


def _text(value: Any) -> str:
    """An entered text, one line and no longer than can be entered."""
    if value in ("", None) or isinstance(value, CellError | NotCalculated):
        return ""
    text = " ".join(_key(value).split()) if not isinstance(value, bool) else str(value)
    return "".join(char for char in text if char.isprintable())[: form.LONGEST_TEXT]


def _shown(value: Any) -> str:
    """A cell as the findings show it."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, NotCalculated):
        return f"a formula that was not calculated: {value.formula}"[:200]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.15g}"
    return str(value)[:200]
