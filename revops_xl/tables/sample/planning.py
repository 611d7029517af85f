"""What the sample plan knows for quota planning: seats, territories, tiers and five years of bookings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

#: Columns that every row of Hierarchy gets, after its start date.
COLUMNS = ("End date", "Capacity", "OTE", "Territory")
TIER_ROWS = (("Enterprise", 1.0, None, None), ("Mid-Market", 0.6, 0.7, 4), ("SMB", 0.3, 0.8, 3))
#: A published curve of six quarters.
CURVE_ROWS = tuple(
    ("Enterprise", 3 * i, factor) for i, factor in enumerate((0.2, 0.3, 0.5, 0.65, 0.7, 0.95, 1.0))
)  # fmt: skip
TERRITORIES_A_TEAM = 2
#: Growth of the years before the history of the ICs, and the season of their quarters.
_GROWTH, _SEASON = 0.09, (0.96, 0.98, 0.97, 1.09)


def with_seats(rows: Sequence[tuple[Any, ...]], seed: int, team: int, start: int) -> list[tuple[Any, ...]]:
    """Rows of Hierarchy with what seats are about.

    Args:
        rows: One per IC.
        seed: Same seed, same seats.
        team: Column of the manager; ICs without one sit in the territory of key accounts.
        start: Column of the start date; the new ones stand after it.
    """
    dice = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    pay = {"Enterprise": 190_000, "Mid-Market": 120_000, "SMB": 85_000}
    seen: dict[str, int] = {}
    people: dict[str, tuple[Any, ...]] = {}
    found = []
    for number, row in enumerate(rows):
        name = str(row[team + 1])
        manager = str(row[team]) if row[team] else "APAC Key accounts"
        place = seen.setdefault(manager, 0)
        if name not in people:
            seen[manager] += 1
            leaves = "2027-08-31" if number in {9, 77} else None
            part_time = 0.5 if number in {21, 58} else 1.0
            ote = round(pay[str(row[start - 1])] * part_time * (0.9 + 0.2 * dice.random()), -3)
            territory = f"{manager.replace(' Team ', '-')}{place % TERRITORIES_A_TEAM + 1}"
            people[name] = (leaves, part_time, ote, territory if row[team] else manager)
        found.append((*row[: start + 1], *people[name], *row[start + 1 :]))
    return found


def territory_rows(
    rows: Sequence[tuple[Any, ...]], seed: int, territory: int, periods: tuple[int, int], split: int
) -> list[tuple[Any, ...]]:
    """Territories of these ICs: last year's revenue and this year's, and what they look like.

    Args:
        rows: Rows of Hierarchy.
        seed: Same seed, same territories.
        territory: Its column.
        periods: First of the columns of attainment, and how many.
        split: Column of the split.
    """
    dice = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    first, count = periods
    reached: dict[str, list[float]] = {}
    for row in rows:
        part = row[split] or 1.0
        sums = reached.setdefault(str(row[territory]), [0.0, 0.0])
        for i in range(count):
            sums[2 * i // count] += part * float(row[first + i])
    found = []
    for name in sorted(reached):
        before, now = reached[name]
        size = now * (5.5 + dice.random())
        found.append(
            (
                name,
                round(before, -2),
                round(size * (0.95 + 0.1 * dice.random()), -5),
                round(size / 90_000 * (0.8 + 0.4 * dice.random())),
                round(2 + 4 * dice.random(), 1),
                round(6 + 60 * dice.random()),
                round(0.02 + 0.1 * dice.random(), 3),
                None if name.startswith("LATAM") and name.endswith("2") else round(now, -2),
                round(0.16 + 0.12 * dice.random(), 3),
                round(0.7 + 0.28 * dice.random(), 2),
                round(0.5 * before, -4),
                round(1.9 * max(now, before) + 500_000, -4),
                0.8 if name.startswith("LATAM Team") or "LATAM-B" in name else None,
            )
        )
    return found


def booking_rows(rows: Sequence[tuple[Any, ...]], seed: int, periods: tuple[int, int], split: int) -> list[tuple[Any, ...]]:  # fmt: skip
    """Bookings by quarter: those of the ICs, and three years before them with one unusual quarter."""
    dice = random.Random(seed)  # noqa: S311  (a sample, not a secret)
    first, count = periods
    known = [sum((row[split] or 1.0) * float(row[first + i]) for row in rows) for i in range(count)]
    level = sum(known[:4]) / 4 * 0.93
    found: list[tuple[Any, ...]] = []
    for back in range(12, 0, -1):
        year, quarter = divmod(2025 * 4 - back, 4)
        value = level * (1 + _GROWTH) ** (-back / 4) * _SEASON[quarter] * (0.98 + 0.04 * dice.random())
        unusual = 1.45 if (year, quarter) == (2023, 1) else 1.0
        found.append((f"{year}-Q{quarter + 1}", round(value * unusual, -2)))
    found += [(f"{2025 + i // 4}-Q{i % 4 + 1}", round(value, -2)) for i, value in enumerate(known)]
    return found
