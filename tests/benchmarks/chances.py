"""Are chances as frequent as they say? Simulated companies whose next year is known, growth going wrong for all at once.

Reps have a level of their own and independent quarters (spread 30 % of a quarter); in the year that comes all of them are off
together by a normal error of 10 %. The setting Growth error says 10 %, or the usual 8 %.

Run: python -m tests.benchmarks.chances [--companies 400]
"""

from __future__ import annotations

import argparse

import numpy as np

from revops_xl import cascade
from revops_xl.engine.planning.attainability import attainability
from revops_xl.model.attainability import AttainabilityRules, History
from tests.engine.test_attainability import LEVELS, simulated

NAMES = ("company", "teams", "reps")
SHOCK, REPS = 0.1, 60


def outcomes(companies: int, said: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Chances and what came of them, by kind of node."""
    found: dict[str, tuple[list[float], list[bool]]] = {name: ([], []) for name in NAMES}
    for seed in range(companies):
        data, truth = simulated(REPS, 2, seed, 0.3)
        dice = np.random.default_rng(seed + 500)
        truth = truth * (1 + SHOCK * dice.standard_normal())
        total = float(data.filter(like="Attainment").sum().sum() / 2)
        plan = cascade(data, round(total * dice.uniform(0.8, 1.2), 2), levels=LEVELS, new_hires="none").plan
        columns = [str(name) for name in data.filter(like="Attainment")]
        history = History(data[columns].to_numpy().T, tuple(columns), 4, 3, (0, 1, 2, 3) * 2, (2025,) * 4 + (2026,) * 4)
        judged = attainability(plan, history, AttainabilityRules(growth_error=said))
        tree = plan.inputs.tree
        came = tree.roll_up(np.where(tree.is_ic, truth[tree.row], 0.0))
        for node in range(len(tree)):
            chances, reached = found[NAMES[int(tree.depth[node])]]
            chances.append(float(judged.chance[node]))
            reached.append(bool(came[node] >= plan.quota[node]))
    return {name: (np.array(chances), np.array(reached)) for name, (chances, reached) in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--companies", type=int, default=400)
    companies = parser.parse_args().companies
    for said in (SHOCK, 0.08):
        found = outcomes(companies, said)
        print(
            f"\nGrowth error {said:.0%}, {companies} companies of {REPS} reps: chance said / part that reached it (nodes)\n"
        )
        print("| chance | " + " | ".join(NAMES) + " |\n|---|" + "---|" * len(NAMES))
        for low in np.arange(0, 1, 0.1):
            cells = []
            for name in NAMES:
                chance, reached = found[name]
                here = (chance >= low) & ((chance < low + 0.1) | (low > 0.85))
                cells.append(
                    f"{chance[here].mean():.0%} / {reached[here].mean():.0%} ({here.sum():,})" if here.any() else ""
                )
            print(f"| {low:.0%} to {low + 0.1:.0%} | " + " | ".join(cells) + " |")
        print("| all | " + " | ".join(f"{c.mean():.1%} / {r.mean():.1%}" for c, r in found.values()) + " |")


if __name__ == "__main__":
    main()
