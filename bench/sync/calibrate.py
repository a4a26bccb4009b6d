"""Fit the probability on development seeds: `python -m bench.sync.calibrate REPORT.json… --measures NAME…`.

Reads the rows that `--suite field` left, fits a logistic curve over measures of the evidence (`log:NAME` for a
logarithm, `NAME<20` and `NAME>5` for a hinge), then a monotone table (isotonic, shrunk) from the curve's value to the
share of answers that were right. Prints both as JSON, and the reliability of fits that did not see the row's seed.
"""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import optimize

from bench.sync import suites
from bench.sync.reliability import reliability

RIDGE = 0.01
#: Answers of even odds that every bin of the table starts with, so that none says 0 or 1.
PRIOR = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """p = table(constant + Σ weight · feature)."""

    names: tuple[str, ...]
    constant: float
    weights: tuple[float, ...]
    knots: tuple[tuple[float, float], ...] = ()

    def raw(self, values: np.ndarray) -> np.ndarray:
        """The curve's value before the table."""
        return self.constant + values @ np.array(self.weights)

    def probability(self, values: np.ndarray) -> np.ndarray:
        """The calibrated chance."""
        return np.interp(self.raw(values), *np.array(self.knots).T)


def main() -> None:
    """Read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, nargs="+")
    parser.add_argument("--measures", nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=Path("var/bench/calibration.json"))
    options = parser.parse_args()
    rows = usable(options.reports, options.measures)
    values, right = matrix(rows, options.measures), np.array([row["candidate_right"] for row in rows], float)
    fit = fitted(tuple(options.measures), values, right)
    report = {"rows": len(rows), "right": int(right.sum()), "constant": fit.constant, "knots": fit.knots}
    report["weights"] = dict(zip(fit.names, fit.weights, strict=True))
    options.out.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    print(reliability(left_out(options.measures, rows, values, right)))


def usable(reports: Sequence[Path], measures: Sequence[str]) -> list[dict]:
    """Rows of development seeds that have all the measures, each case once: of its last report."""
    names = [re.sub(r"^log:|[<>].*$", "", name) for name in measures]
    rows = {row["case"]: row for path in reports for row in json.loads(path.read_text())["rows"]}
    seen = [row for row in rows.values() if row["seed"] in suites.DEVELOPMENT_SEEDS]
    return [row for row in seen if all(name in row["measures"] for name in names)]


def matrix(rows: Sequence[dict], measures: Sequence[str]) -> np.ndarray:
    """Features of every row, shape (rows, measures)."""
    return np.array([[feature(row["measures"], name) for name in measures] for row in rows])


def feature(measures: dict[str, float], name: str) -> float:
    """One feature; see the module's docstring for the names."""
    plain = re.sub(r"^log:|[<>].*$", "", name)
    value = measures[plain]
    if "<" in name:
        value = min(value, float(name.partition("<")[2]))
    if ">" in name:
        value = max(value - float(name.partition(">")[2]), 0.0)
    return float(np.log(max(value, 1e-3))) if name.startswith("log:") else value


def fitted(names: tuple[str, ...], values: np.ndarray, right: np.ndarray) -> Fit:
    """Logistic regression with a small ridge on standardised features, then the table."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.c_[np.ones(len(values)), (values - mean) / spread]
    signs = 2 * right - 1

    def loss(weights: np.ndarray) -> float:
        return float(np.logaddexp(0, -signs * (scaled @ weights)).mean() + RIDGE * (weights[1:] ** 2).mean())

    found = optimize.minimize(loss, np.zeros(scaled.shape[1]), method="L-BFGS-B").x
    weights = found[1:] / spread
    plain = Fit(names, round(float(found[0] - weights @ mean), 4), tuple(round(float(w), 5) for w in weights))
    return Fit(plain.names, plain.constant, plain.weights, isotonic(plain.raw(values), right))


def isotonic(raw: np.ndarray, right: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Knots of a rising table: neighbours pooled until the shares rise, each share shrunk towards even odds."""
    pools: list[list[float]] = []  # sum of raw, right, count
    for value, is_right in sorted(zip(raw.tolist(), right.tolist(), strict=True)):
        pools.append([value, is_right, 1.0])
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    knots = [(total / count, (hits + PRIOR / 2) / (count + PRIOR)) for total, hits, count in pools]
    rising = np.maximum.accumulate([share for _, share in knots])
    return tuple((round(at, 3), round(float(share), 4)) for (at, _), share in zip(knots, rising, strict=True))


def left_out(measures: Sequence[str], rows: list[dict], values: np.ndarray, right: np.ndarray) -> list[dict]:
    """Every row with the probability of a fit over the other seeds."""
    seeds = np.array([row["seed"] for row in rows])
    out = []
    for seed in np.unique(seeds):
        fit = fitted(tuple(measures), values[seeds != seed], right[seeds != seed])
        for index in np.flatnonzero(seeds == seed):
            p = float(fit.probability(values[index : index + 1])[0])
            out.append({"accepted": True, "probability": p, "right": bool(right[index])})
    return out


if __name__ == "__main__":
    main()
