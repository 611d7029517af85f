"""A believable company for the sample plan, made from a fixed seed: the same rows on every machine."""

from __future__ import annotations

import random
from typing import Any

from revops_xl.tables.sample import deals as sample_deals
from revops_xl.tables.sample import planning as sample_planning

SEED = 20270101
LEVELS = ("Company", "Region", "VP", "Manager", "IC")
PERIODS = tuple(f"{year}-Q{quarter}_Attainment" for year in (2025, 2026) for quarter in (1, 2, 3, 4))
HEADERS = (
    *LEVELS,
    *PERIODS,
    "CloudSeats",
    "DCSeats",
    "Quota_carrying",
    "Pipeline_Open",
    "Pipeline_Commit",
    "New hire",
    "Split %",
    "Tier",
    "Start date",
    *sample_planning.COLUMNS,
    "Email",
    "Manager email",
)
SETTINGS = {
    "Plan": "Alder Systems FY 2027",
    "Period": "FY 2027",
    "Target": 72_000_000,
    "Default hedge": 1.0,
    "New hires": "flag",
    "Pipeline columns": "Pipeline_*",
    "Adjustment mode": "redistribute",
    "As of": sample_deals.AS_OF,
    "Cohort column": "Segment",
}
LEVEL_ROWS = (("Company", 1.02), ("Region", 1.03), ("VP", 1.04), ("Manager", 1.05), ("IC", None))
METRIC_ROWS = (
    ("Attainment", "blend", "proportional", 1.0, "*_Attainment", None, "sum", True, None, None, None),
    ("CloudSeats", "blend", "proportional", 0.5, "CloudSeats", None, "sum", None, None, None, None),
    ("DCSeats", "blend", "inverse", 0.1, "DCSeats", None, "sum", None, None, None, None),
    ("Quota_carrying", "gate", None, None, "Quota_carrying", None, None, None, "true", None, None),
)

#: Region: (VPs, managers under each VP, ICs under each manager, a typical quarter of an IC).
_REGIONS = {
    "NA": (2, 3, 8, 190_000),
    "EMEA": (2, 2, 8, 150_000),
    "APAC": (1, 3, 7, 120_000),
    "LATAM": (1, 2, 6, 90_000),
}
_FIRST = (
    "Ada", "Ben", "Cleo", "Dara", "Elif", "Finn", "Gita", "Hugo", "Ines", "Jonas", "Kira", "Luis", "Mara", "Nils",
    "Olga", "Pia", "Quin", "Rosa", "Sven", "Tara", "Uma", "Vera", "Wim", "Yara", "Zoe",
)  # fmt: skip
_LAST = (
    "Abel", "Bauer", "Costa", "Duarte", "Engel", "Fuchs", "Garcia", "Haas", "Ito", "Jung", "Kaya", "Lind", "Moreau",
    "Novak", "Okafor", "Patel", "Quist", "Rossi", "Sato", "Torres", "Ueda", "Vidal", "Weber", "Yilmaz", "Zhang",
)  # fmt: skip


def hierarchy_rows() -> list[tuple[Any, ...]]:
    """About 120 ICs in 4 regions, with new hires, partial histories, a split IC and one branch without managers."""
    dice = random.Random(SEED)  # noqa: S311  (a sample, not a secret)
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    dice.shuffle(names)
    rows: list[tuple[Any, ...]] = []
    for region, (vps, managers, ics, typical) in _REGIONS.items():
        for v in range(vps):
            vp = f"VP {region} {v + 1}" if vps > 1 else f"VP {region}"
            for m in range(managers):
                manager = f"{vp[3:]} Team {'ABC'[m]}"
                rows += [
                    _ic(dice, (region, vp, manager, names.pop()), typical) for _ in range(ics + dice.randint(-1, 1))
                ]
            if region == "APAC":  # the short branch: a key-account IC directly under the VP
                rows.append(_ic(dice, (region, vp, None, names.pop()), 2 * typical))
    rows = _with_split(rows)
    seated = sample_planning.with_seats(rows, SEED + 4, HEADERS.index("Manager"), HEADERS.index("Start date"))
    at = HEADERS.index("Manager")
    return [(*row, _address(row[at])) for row in seated]


def _address(manager: str | None) -> str | None:
    return f"{manager.lower().replace(' ', '.')}@alder.example" if manager else None


def _ic(dice: random.Random, path: tuple[str | None, ...], typical: int) -> tuple[Any, ...]:
    level = typical * dice.choice((0.6, 0.8, 1.0, 1.0, 1.2, 1.6))
    quarters: list[float] = [
        round(level * (0.85 + 0.3 * dice.random()) * (1.15 if quarter == 3 else 1.0), -2)
        for _ in range(2)
        for quarter in range(4)
    ]
    fate = dice.random()
    new_hire, carrying, start = False, True, f"{dice.randint(2016, 2024)}-{dice.randint(1, 12):02d}-01"
    if fate < 0.06:
        quarters, new_hire, start = [0.0] * 8, True, f"2026-1{dice.randint(0, 2)}-01"
    elif fate < 0.16:
        missing = dice.randint(2, 5)
        quarters[:missing] = [0.0] * missing
        start = f"202{5 + (missing > 4)}-{3 * (missing % 4) + 1:02d}-01"
    elif fate < 0.19:
        carrying = False
    cloud = 0 if new_hire else dice.randint(20, 400)
    dc = 0 if new_hire else dice.randint(0, 250)
    pipeline = round(level * 4 * (0.3 + 3.2 * dice.random() ** 2), -3)
    luck = 0.0 if level > typical else dice.choice((0.0, 0.1))
    tier = "Enterprise" if level > typical else "SMB" if level < (0.7 + luck) * typical else "Mid-Market"
    email = f"{str(path[-1]).lower().replace(' ', '.')}@alder.example"
    return (
        "Alder Systems",
        *path,
        *quarters,
        cloud,
        dc,
        carrying,
        pipeline,
        round(pipeline * (0.2 + 0.3 * dice.random()), -3),
        new_hire or None,
        None,
        tier,
        start,
        email,
    )


def _with_split(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """One IC of the first EMEA team also works for the second: 60 % and 40 %."""
    split = HEADERS.index("Split %")
    manager = HEADERS.index("Manager")
    first = next(
        i for i, row in enumerate(rows) if row[manager] == "EMEA 1 Team A" and not row[HEADERS.index("New hire")]
    )
    shared = list(rows[first])
    shared[split] = 0.6
    second = list(shared)
    second[split], second[manager] = 0.4, "EMEA 1 Team B"
    last = max(i for i, row in enumerate(rows) if row[manager] == "EMEA 1 Team B")
    return [*rows[:first], tuple(shared), *rows[first + 1 : last + 1], tuple(second), *rows[last + 1 :]]


def override_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """A fixed team and two fixed ICs."""
    manager, ic, new = HEADERS.index("Manager"), HEADERS.index("IC"), HEADERS.index("New hire")
    carrying = HEADERS.index("Quota_carrying")

    def member(team: str, skip: int) -> Any:
        found = [row[ic] for row in rows if row[manager] == team and row[carrying] and not row[new]]
        return found[skip]

    return [
        ("LATAM Team B", 3_000_000, "base", None, "New market: agreed with the region"),
        (member("NA 1 Team A", 1), 850_000, "hedged", True, "Strategic account, signed off by the CRO"),
        (member("EMEA 2 Team B", 2), 500_000, "base", None, "Parental leave in Q2"),
    ]


NODE_HEDGE_ROWS = (("VP NA 1", 1.06, "Two open headcounts"), ("VP LATAM", 1.0, "Team B is fixed; no extra buffer"))
THRESHOLD_ROWS = (("(default)", 2.0, 1.0), ("NA", 1.5, 0.8), ("EMEA", 2.5, 1.2))

#: Closed for each 1 committed, over the years: what the commit review should find out.
_HABITS = (1.0, 1.28, 0.78, 1.05, 0.97, 1.16, 0.88, 1.0, 1.4, 0.92)
_COMMIT_PERIODS = tuple(f"Q{quarter} {year}" for year in (2025, 2026) for quarter in (1, 2, 3, 4))


#: Quarter of the history from which there were machine forecasts.
_MACHINES_SINCE = 4


def commit_rows(rows: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """CommitHistory and Commits: eight quarters of every manager, the last still open for some; one new, one silent."""
    dice = random.Random(SEED + 1)  # noqa: S311  (a sample, not a secret)
    other = random.Random(SEED + 7)  # noqa: S311
    manager, first = HEADERS.index("Manager"), HEADERS.index(PERIODS[0])
    teams = list(dict.fromkeys(str(row[manager]) for row in rows if row[manager]))
    history: list[tuple[Any, ...]] = []
    current: list[tuple[Any, ...]] = []
    for number, team in enumerate(teams):
        habit = _HABITS[number % len(_HABITS)]
        closed = [sum(float(row[first + i]) for row in rows if row[manager] == team) for i in range(len(PERIODS))]
        for i, period in enumerate(_COMMIT_PERIODS):
            if number == len(teams) - 1 or (number == len(teams) - 2 and i < 5):
                continue  # the last manager is new, the one before has been there for three quarters
            commit = round(closed[i] / habit * (0.85 + 0.3 * dice.random()), -4)
            still_open = i == len(PERIODS) - 1 and number % 2 == 0
            past = round(closed[i] * (0.85 + 0.3 * other.random()), -3) if i >= _MACHINES_SINCE else None
            history.append((team, period, commit, None if still_open else round(closed[i], -2), past))
        if number == 4:
            continue  # has not committed yet
        commit = round(closed[-1] * 1.08 / habit, -4)
        machine = round(closed[-1] * (0.95 + 0.2 * dice.random()), -3) if number % 3 else None
        current.append((team, commit, machine))
    return history, current


def territory_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Territories of the ICs."""
    span = HEADERS.index(PERIODS[0]), len(PERIODS)
    return sample_planning.territory_rows(rows, SEED + 5, HEADERS.index("Territory"), span, HEADERS.index("Split %"))


def booking_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Five years of quarters."""
    span = HEADERS.index(PERIODS[0]), len(PERIODS)
    return sample_planning.booking_rows(rows, SEED + 6, span, HEADERS.index("Split %"))


def deal_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Deals of two years, closed and open."""
    region, ic = HEADERS.index("Region"), HEADERS.index("IC")
    return sample_deals.deal_rows({str(row[ic]): str(row[region]) for row in rows}, SEED + 2)


def telemetry_rows() -> list[tuple[Any, ...]]:
    """Usage by account."""
    return sample_deals.telemetry_rows(SEED + 3)
