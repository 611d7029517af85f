"""Sheet Deals: open and closed deals, what is known about them, and product usage."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np

from revops_xl.model.bounds import LARGEST
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals, DealStatus, Feature, FeatureKind, Usage
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.plan import DealInputs, OddDeals
from revops_xl.tables.evidence.outcomes import flag_says, is_closing
from revops_xl.tables.forecast.closed_deals import closed_by_ic
from revops_xl.tables.forecast.deal_features import feature_name, read_features
from revops_xl.tables.schema.cell_values import TRUE_WORDS
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable

STATUSES = ("Open", "Won", "Lost")
WON_AMOUNT = "Won amount"
#: From so many on, and from this part of the deals on, closing before creation is no slip of single rows.
FEWEST_BACKWARDS, MANY_BACKWARDS = 5, 0.5
#: Days since 1970 of 1980-01-01; before it nobody kept deals.
FIRST_DEAL = 3652.0
#: Cohorts that are told apart; rarer ones count together.
MOST_COHORTS = 100
#: Name under which a column Region is read beside the branch.
REGION_COLUMN = "region (column)"
DEALS = Table(
    "Deals",
    "Open and closed deals. The forecast learns from the closed ones what the open ones are worth.",
    (
        Column("Deal ID", Kind.TEXT, "Id of the deal.", required=True, width=12),
        Column("Account ID", Kind.TEXT, "Id of the account.", width=12),
        Column("Rep", Kind.TEXT, "The IC, as in Hierarchy.", width=20),
        Column("Stage", Kind.TEXT, "Stage in the CRM; of a closed deal the one before it closed.", width=14),
        Column("Status", Kind.CHOICE, "Open, Won or Lost.", required=True, choices=STATUSES, width=9),
        Column("Amount", Kind.MONEY, "Amount by the rep; of a won deal what it brought, if there is no Won amount. Below 0: a downsell.", unit="currency", minimum=-LARGEST, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Rep probability", Kind.PERCENT, "Win probability by the rep, while the deal was open.", unit="%", minimum=0, maximum=1, width=15, number_format="0%"),
        Column("Created", Kind.DATE, "Day the deal was created.", unit="date", width=12),
        Column("Close date", Kind.DATE, "Day it was closed, or is expected to close.", unit="date", width=12),
        Column(WON_AMOUNT, Kind.MONEY, "What a won deal brought, if it is not the Amount.", optional=True, unit="currency", minimum=-LARGEST, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
    ),
    free_columns="what is known about a deal while it is open: numbers, texts, TRUE/FALSE, dates",
    totals="summed",
    id_column="Deal ID",
)  # fmt: skip
TELEMETRY = Table(
    "Telemetry",
    "Product usage by the accounts' child nodes.",
    (
        Column("Account ID", Kind.TEXT, "Id of the account, as in Deals.", required=True, width=12),
        Column("Child node", Kind.TEXT, "Subsidiary, site or workspace.", required=True, width=16),
        Column("Usage", Kind.NUMBER, "Usage in any one unit.", required=True, minimum=0, width=12),
    ),
    totals="named",
)
SHEET = Sheet("Deals", "Open and closed deals", (DEALS, TELEMETRY))


def parse(
    typed: TypedTable,
    telemetry: TypedTable | None,
    tree: OrgTree | None,
    *,
    cohort: str | None = None,
    as_of: float | None = None,
    today: dt.date | None = None,
) -> DealInputs:
    """Read the deals.

    Args:
        typed: The table Deals.
        telemetry: The table Telemetry; None: no rows.
        tree: The org, for the branch of each rep; None: a column Region says it, if there is one.
        cohort: Column that names the cohort; None: the column Cohort, if there is one.
        as_of: Day of the forecast; nothing may have been created or closed after it. None: not set.
        today: Nothing may have been created or closed after it; None: not checked.
    """
    typed.check_required("Status")
    refuse_twice(typed)
    status = np.array([STATUSES.index(each) if each else -1 for each in typed.choices("Status")], dtype=np.int8)
    amount, own = typed.numbers("Amount"), typed.numbers(WON_AMOUNT)
    chance = typed.numbers("Rep probability")
    created, close = (_days(typed, name) for name in ("Created", "Close date"))
    backwards = _backwards(typed, created, close)
    _check_days(typed, status, created, close, as_of, today)
    # what cannot be is not learned from: an open deal has no close date then, a closed one no day of creation
    created = np.where(backwards & (status > DealStatus.OPEN), np.nan, created)
    close = np.where(backwards & (status == DealStatus.OPEN), np.nan, close)
    _check_won(typed, status, amount, own)
    _refuse_contradictions(typed, status)
    free = [header for header in typed.raw.headers if header not in DEALS.headers]
    features, notes = read_features(typed, free)
    won = status == DealStatus.WON
    has_own = bool((~np.isnan(own[won])).any())
    account, rep, stage = (
        typed.coded(name) if typed.has(name) else Coded.of([None] * len(typed))
        for name in ("Account ID", "Rep", "Stage")
    )
    region = _regions(tree, rep, features)
    if tree is None:  # the column is the branch, so it is read once
        features = tuple(f for f in features if f.name.casefold() != REGION_COLUMN or f.kind != FeatureKind.TEXT)
    usage = _usage(telemetry) if telemetry is not None else None
    ids = typed.texts("Deal ID") if typed.has("Deal ID") else [typed.raw.row_text(row) for row in range(len(typed))]
    deals = Deals(
        np.array([text or "" for text in ids], dtype=object), account, rep, region, status, amount,
        np.where(won, np.where(np.isnan(own), amount, own), np.nan), chance, created, close,
        Feature("Stage", FeatureKind.TEXT, np.where(stage.codes < 0, np.nan, stage.codes), tuple(stage.names)), features, has_own, calendar=typed.calendar,
    )  # fmt: skip
    closed, strangers = closed_by_ic(tree, deals) if tree is not None else (None, {})
    return DealInputs(
        deals,
        _cohorts(typed, cohort),
        closed,
        strangers,
        int((deals.is_closed & ~(amount > 0) & ~(amount < 0)).sum()),
        _outside(tree, deals) if tree is not None else {},
        tuple(notes),
        usage,
        {
            name: f"{typed.raw.sheet}!{typed.raw.header_cell(header)}"
            for header in typed.raw.headers
            for name in (feature_name(header), header)
        },
        typed.raw.sheet,
        OddDeals(
            tuple(typed.raw.cell(row, "Close date") for row in np.flatnonzero(backwards).tolist()),
            float(np.nansum(amount[backwards])),
            tuple(typed.raw.cell(row, "Amount") for row in np.flatnonzero(amount < 0).tolist()),
            float(amount[amount < 0].sum()),
        ),
        typed.has("Deal ID"),
    )


def _days(typed: TypedTable, name: str) -> Floats:
    if not typed.has(name):
        return np.full(len(typed), np.nan)
    return np.array([to_days(day) for day in typed.dates(name)], dtype=np.float64)


def _backwards(typed: TypedTable, created: Floats, close: Floats) -> Bools:
    """Deals that close before they were created; refused if that is most of them, for then a column is another one."""
    with np.errstate(invalid="ignore"):
        wrong = np.asarray(close < created)
    count, dated = int(wrong.sum()), int((~np.isnan(close) & ~np.isnan(created)).sum())
    if count >= FEWEST_BACKWARDS and count > MANY_BACKWARDS * dated:
        rows = np.flatnonzero(wrong).tolist()
        first = f"{to_date(close[rows[0]])}, created {to_date(created[rows[0]])}"
        message = f"{count:,} of {dated:,} deals close before they were created (the first on {first})"
        fix = "See whether the two columns are swapped, or Created is the day on which the deals were imported: then clear it."
        typed.refuse(rows, "Close date", message, fix)
    return wrong


def _check_days(
    typed: TypedTable,
    status: np.ndarray[tuple[int], np.dtype[np.int8]],
    created: Floats,
    close: Floats,
    as_of: float | None,
    today: dt.date | None,
) -> None:
    """Days that contradict each other, or lie ahead where nothing can have happened yet."""
    latest, name = (as_of, "As of") if as_of is not None else (to_days(today), "today")
    done = status > DealStatus.OPEN
    with np.errstate(invalid="ignore"):
        unborn, ahead = created > latest, (close > latest) & done
    with np.errstate(invalid="ignore"):
        ancient = {"Created": created < FIRST_DEAL, "Close date": close < FIRST_DEAL}
    for name_of, flags in ancient.items():
        for row in np.flatnonzero(flags).tolist():
            day = to_date((created if name_of == "Created" else close)[row])
            typed.problem(row, name_of, f"{name_of} is {day}: no CRM is so old", "Correct the century.")
    for row in np.flatnonzero(unborn).tolist():
        typed.problem(
            row,
            "Created",
            f"the deal is created on {to_date(created[row])}, after {name}, {to_date(latest)}",
            _fix(name),
        )
    for row in np.flatnonzero(ahead).tolist():
        word = STATUSES[status[row]]
        message = f"the deal is {word}, but closes on {to_date(close[row])}, after {name}, {to_date(latest)}"
        typed.problem(row, "Close date", message, _fix(name))


def _fix(name: str) -> str:
    return "Correct the day, or the setting As of." if name == "As of" else "Correct the day."


def _check_won(
    typed: TypedTable, status: np.ndarray[tuple[int], np.dtype[np.int8]], amount: Floats, own: Floats
) -> None:
    """What a won deal brought must be known; nobody else has brought anything."""
    won = status == DealStatus.WON
    for row in np.flatnonzero(won & np.isnan(amount) & np.isnan(own)).tolist():
        if not typed.is_bad(row, "Amount") and not typed.is_bad(row, WON_AMOUNT):
            typed.problem(row, "Amount", "the deal is Won and has no amount", "Enter what it brought.")
    for row in np.flatnonzero(~won & (status >= 0) & ~np.isnan(own)).tolist():
        typed.problem(
            row, WON_AMOUNT, f"the deal is {STATUSES[status[row]]}, so it has brought nothing", "Clear the cell."
        )


def _refuse_contradictions(typed: TypedTable, status: np.ndarray[tuple[int], np.dtype[np.int8]]) -> None:
    """Deals whose stage, or a flag such as IsWon, says another outcome than the status: which of them holds is not guessed."""
    wrong: dict[tuple[str, str, str], list[int]] = {}
    if typed.has("Stage"):
        stages = typed.coded("Stage")
        said = [is_closing(name) for name in stages.names]
        for row, code in enumerate(stages.codes.tolist()):
            if code >= 0 and said[code] and status[row] >= 0 and said[code] != STATUSES[status[row]]:
                wrong.setdefault(("Stage", stages.names[code], STATUSES[status[row]]), []).append(row)
    for header in typed.raw.headers:
        meaning = flag_says(header) if header not in DEALS.headers else None
        flags = [_flag(cell) for cell in typed.cells(header)] if meaning is not None else []
        if meaning is None or None in flags:
            continue
        outcome, yes = meaning
        for row, flag in enumerate(flags):
            if status[row] >= 0 and (flag is yes) != (STATUSES[status[row]] == outcome):
                wrong.setdefault((header, str(flag).upper(), STATUSES[status[row]]), []).append(row)
    for (header, text, word), rows in wrong.items():
        message = f'Status is {word}, but {header} is "{text}"'
        typed.refuse(rows, "Status", message, f"Correct the Status, or {header} if it is out of date.")


def _flag(cell: object) -> bool | None:
    """A cell that holds TRUE or FALSE in any way; None if it does not."""
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, str):
        return TRUE_WORDS.get(cell.strip().lower())
    return bool(cell) if isinstance(cell, int | float | np.integer | np.floating) and cell in {0, 1} else None


def _usage(typed: TypedTable) -> Usage:
    """Usage as listed."""
    for name in TELEMETRY.headers:
        typed.check_required(name)
    return Usage(typed.coded("Account ID"), typed.coded("Child node"), np.nan_to_num(typed.numbers("Usage")))


def _regions(tree: OrgTree | None, rep: Coded, features: tuple[Feature, ...]) -> Coded:
    """The branch right below the top node of each rep; without an org the column Region."""
    if tree is None:
        named = [f for f in features if f.name.casefold() == REGION_COLUMN and f.kind == FeatureKind.TEXT]
        codes = np.where(np.isnan(named[0].values), -1, named[0].values) if named else np.full(len(rep), -1)
        return Coded(codes.astype(np.int32), list(named[0].levels) if named else [])
    branches = tree.children(0)
    names = [tree.reference(branch) for branch in branches]
    by_rep = np.full(len(rep.names) + 1, -1, dtype=np.int32)
    for code, name in enumerate(rep.names):
        positions = _node(tree, name)
        if positions and tree.depth[positions[0]] > 0:
            node = positions[0]
            while tree.depth[node] > 1:
                node = int(tree.parent[node])
            by_rep[code] = branches.index(node)
    return Coded(by_rep[rep.codes], names)


def _node(tree: OrgTree, name: str) -> list[int]:
    """Where a rep stands: the IC, else the manager of this name."""
    try:
        return tree.ics_called(name) or tree.find(name)
    except LookupError:
        return []


def _outside(tree: OrgTree, deals: Deals) -> dict[str, int]:
    """Open deals of reps who are nobody in the plan."""
    codes = deals.rep.codes[deals.is_open]
    counts = np.bincount(codes + 1, minlength=len(deals.rep.names) + 1)
    found = {"(no rep)": int(counts[0])} if counts[0] else {}
    for code in np.flatnonzero(counts[1:]).tolist():
        name = deals.rep.names[code]
        if not _node(tree, name):
            found[name] = int(counts[code + 1])
    return found


def _cohorts(typed: TypedTable, column: str | None) -> Coded:
    """Cohort of each deal; one for all where no column names it."""
    name = column or next((header for header in typed.raw.headers if header.casefold() == "cohort"), None)
    if name is None or not typed.has(name):
        return Coded.of(["All deals"] * len(typed))
    texts = [text or "(blank)" for text in typed.texts(name)]
    common = {text for text, _ in Counter(texts).most_common(MOST_COHORTS)}
    return Coded.of([text if text in common else "(other)" for text in texts])


def refuse_twice(typed: TypedTable) -> None:
    """A deal on two rows would count twice."""
    if not typed.has("Deal ID"):
        return
    typed.check_required("Deal ID")
    ids = typed.coded("Deal ID")
    _refuse_alike(typed, ids)
    if len(ids.names) == len(ids.codes):
        return
    first: dict[int, int] = {}
    for row, code in enumerate(ids.codes.tolist()):
        if code >= 0 and first.setdefault(code, row) != row:
            before = typed.raw.row_text(first[code])
            typed.problem(
                row,
                "Deal ID",
                f'deal "{ids.names[code]}" is listed twice, first in row {before}',
                _fix_of_twice(typed, first[code], row),
            )


def _refuse_alike(typed: TypedTable, ids: Coded) -> None:
    """Ids that are one in two spellings: capitals, and the 15 or 18 characters that Salesforce shows."""
    first: dict[str, int] = {}
    rows: dict[int, int] = {}
    for row, code in enumerate(ids.codes.tolist()):
        rows.setdefault(code, row)
    for code, name in enumerate(ids.names):
        for key in {name.casefold(), name[:15] if len(name) == 18 else name}:
            other = first.setdefault(key, code)
            if other == code or other not in rows or code not in rows:
                continue
            longer = {len(name), len(ids.names[other])} == {15, 18}
            if not longer and len(name) == 15 == len(ids.names[other]):
                continue  # the short ids of Salesforce differ by capitals
            why = "is the same id in its short and its long form" if longer else "differs only in capitals"
            message = f'deal "{name}" {why} from "{ids.names[other]}" in row {typed.raw.row_text(rows[other])}'
            message = message.replace("form from", "form as") if longer else message
            typed.problem(rows[code], "Deal ID", message, "Keep one, or give one of them another id.")
            break


def _fix_of_twice(typed: TypedTable, one: int, other: int) -> str:
    """What to do about two rows of an id: a copy is deleted, products are added up, other deals get an id."""

    def differ(name: str) -> bool:
        return typed.has(name) and typed.cells(name)[one] != typed.cells(name)[other]

    if not any(map(differ, typed.raw.headers)):
        return "Delete one: the rows are the same."
    if any(map(differ, ("Account ID", "Created", "Rep"))):
        return "Give each deal an id of its own, or keep one if they are the same deal."
    if not differ("Status"):
        amount = "the sum of the amounts" if differ("Amount") else "the amount of the deal"
        return (
            f"If the rows are products of one deal, keep one row with {amount}; else give each deal an id of its own."
        )
    return "Keep one."
