"""Random orgs for Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st


@dataclass
class RandomOrg:
    """Path rows, periods and a second metric per IC."""

    levels: list[str]
    rows: list[list[str | None]]
    periods: list[list[float | None]]
    seats: list[float]
    hedges: dict[str, float] = field(default_factory=dict)

    @property
    def ics(self) -> list[str]:
        return [str(row[-1]) for row in self.rows]


@st.composite
def orgs(draw: st.DrawFn, *, jagged: bool = True, max_depth: int = 4, negative: bool = False) -> RandomOrg:
    """An org of 2 to 5 levels; with jagged, branches may skip levels."""
    depth = draw(st.integers(1, max_depth))
    levels = [f"L{i}" for i in range(depth + 1)]
    rows: list[list[str | None]] = []

    def grow(path: list[str | None], level: int) -> None:
        if level == depth:
            for _ in range(draw(st.integers(1, 4))):
                rows.append([*path, f"ic{len(rows):03d}"])
            return
        for i in range(draw(st.integers(1, 3))):
            skip = jagged and level > 0 and draw(st.integers(0, 5)) == 0
            name = None if skip else f"n{level}_{len(rows)}_{i}"
            grow([*path, name], level + 1)

    grow(["root"], 1)
    # No 1: a metric of nothing but 0 and 1 is boolean, which has a test of its own.
    amounts = st.integers(2, 900) | st.integers(-200, -2) if negative else st.integers(2, 900)
    period = st.one_of(st.none(), st.just(0.0), amounts.map(float))
    periods = [[draw(period) for _ in range(3)] for _ in rows]
    seats = [float(draw(st.integers(0, 60))) for _ in rows]
    teams = sorted({name for row in rows for name in row[:-1] if name})
    hedges = {name: draw(st.sampled_from([1.0, 1.02, 1.05, 1.1, 0.97])) for name in teams}
    return RandomOrg(levels, rows, periods, seats, hedges)
