"""Whether a probability means what it says: answers in ten bins of their probability, next to the share that is right."""

import numpy as np


def bins(rows: list[dict]) -> list[tuple[float, float, int, float, float]]:
    """(from, to, answers, mean probability, share right) for every tenth that has answers; only what has an offset."""
    reported = [
        (row["probability"], row["right"]) for row in rows if row["accepted"] and row["probability"] is not None
    ]
    out = []
    for low in np.arange(10) / 10:
        inside = [(p, right) for p, right in reported if low <= p < low + 0.1 or (low > 0.85 and p == 1)]
        if inside:
            mean, share = (float(np.mean(column)) for column in zip(*inside, strict=True))
            out.append((float(low), float(low) + 0.1, len(inside), mean, share))
    return out


def reliability(rows: list[dict]) -> str:
    """The bins as a table."""
    lines = ["| probability | answers | mean | right |", "|---|---|---|---|"]
    for low, high, count, mean, share in bins(rows):
        lines.append(f"| {low:.1f}–{high:.1f} | {count} | {100 * mean:.1f} % | {100 * share:.1f} % |")
    return "\n".join(lines)
