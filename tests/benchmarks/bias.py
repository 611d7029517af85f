"""How good are quotient and interval? Simulated managers whose bias is known, because no public data have commits with actuals.

A manager's bias is lognormal with a spread of 20 %; commits differ by 35 % from period to period; what is closed is
commit x bias x noise, the noise lognormal with mean 1 and the given spread.

Run: python -m tests.benchmarks.bias [--managers 3000]
"""

from __future__ import annotations

import argparse

import numpy as np

from revops_xl.engine.commits.bias import bias_quotients
from revops_xl.model.commits import CommitHistory, CommitRules

SHRINKAGES = (0.0, 1.0, 2.0, 4.0)


def simulated(
    managers: int, periods: int, noise: float, seed: int
) -> tuple[CommitHistory, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """A history, and the true bias of each manager."""
    dice = np.random.default_rng([seed, periods, int(noise * 100)])
    bias = np.exp(dice.normal(0, 0.2, managers))
    commits = 1e6 * dice.lognormal(0, 0.35, (managers, periods))
    actuals = commits * bias[:, None] * np.exp(dice.normal(-(noise**2) / 2, noise, (managers, periods)))
    history = CommitHistory(
        tuple(f"m{i:05d}" for i in range(managers)),
        tuple(f"Q{i}" for i in range(periods)),
        tuple(map(float, range(periods))),
        np.repeat(np.arange(managers, dtype=np.int32), periods),
        np.tile(np.arange(periods, dtype=np.int32), managers),
        commits.ravel(),
        actuals.ravel(),
    )
    return history, bias


def together() -> None:
    """Quotients drawn together, for few managers and many: error, labels and intervals beside the plain ones."""
    print(
        "| managers | true spread | noise | error: plain | drawn | wrongly labelled: plain | drawn, by the interval | labelled at all | 80 % interval holds |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    dice = np.random.default_rng(3)
    for managers in (12, 60):
        for spread, noise in ((0.2, 0.15), (0.2, 0.3), (0.1, 0.3), (0.05, 0.15)):
            rows = []
            for _ in range(3600 // managers):
                bias = np.exp(dice.normal(-(spread**2) / 2, spread, managers))
                commits = dice.lognormal(6, 0.35, (managers, 4))
                actuals = commits * bias[:, None] * np.exp(dice.normal(-(noise**2) / 2, noise, (managers, 4)))
                history = CommitHistory(
                    tuple(f"m{i:03d}" for i in range(managers)),
                    ("Q0", "Q1", "Q2", "Q3"),
                    (0.0, 1.0, 2.0, 3.0),
                    np.repeat(np.arange(managers, dtype=np.int32), 4),
                    np.tile(np.arange(4, dtype=np.int32), managers),
                    commits.ravel(),
                    actuals.ravel(),
                )
                drawn = bias_quotients(history, CommitRules())
                plain = bias_quotients(history, CommitRules(shrinkage=0, interval=0))
                truth = np.where(bias > 1.1, "sandbagger", np.where(bias < 0.9, "happy ears", "neutral"))
                labels = [np.array([str(each) for each in found.label]) for found in (plain, drawn)]
                told = [np.isin(each, ["sandbagger", "happy ears"]) for each in labels]
                wrong = [(t & (each != truth)).mean() for t, each in zip(told, labels, strict=True)]
                held = ((drawn.low <= bias) & (bias <= drawn.high)).mean()
                errors = [((found.quotient - bias) ** 2).mean() for found in (plain, drawn)]
                rows.append((*errors, *wrong, told[1].mean(), held))
            plain_error, error, plain_wrong, wrong_now, told_now, held_now = np.mean(rows, axis=0)
            print(
                f"| {managers} | {spread:.0%} | {noise:.0%} | {plain_error**0.5:.3f} | {error**0.5:.3f} | {plain_wrong:.0%} | {wrong_now:.1%} | {told_now:.0%} | {held_now:.0%} |",
                flush=True,
            )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--managers", type=int, default=3000)
    given = arguments.parse_args()
    together()
    print(
        "\n| periods | noise | 80 % interval holds | 95 % interval holds | error: plain | shrunk 1 | shrunk 2 | shrunk 4 | without correction |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for noise in (0.15, 0.3):
        for periods in (3, 4, 8, 12):
            history, bias = simulated(given.managers, periods, noise, 7)
            held = []
            for level in (0.8, 0.95):
                found = bias_quotients(history, CommitRules(interval=level, shrinkage=0))
                held.append(float(((found.low <= bias) & (bias <= found.high)).mean()))
            errors = []
            for shrinkage in SHRINKAGES:
                quotient = bias_quotients(history, CommitRules(shrinkage=shrinkage, interval=0)).quotient
                errors.append(float(np.sqrt(np.mean((quotient - bias) ** 2))))
            errors.append(float(np.sqrt(np.mean((1 - bias) ** 2))))
            figures = " | ".join(f"{error:.3f}" for error in errors)
            print(f"| {periods} | {noise:.0%} | {held[0]:.1%} | {held[1]:.1%} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
