"""Quantiles of what was measured."""

import statistics

#: Stands for "not within the time that was watched", ms.
NEVER = 9999.0


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"p50": NEVER, "p95": NEVER, "max": NEVER}
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(p95, 1), "max": round(ordered[-1], 1)}
