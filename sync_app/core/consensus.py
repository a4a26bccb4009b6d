"""Many pairs, one answer: every camera on the master's clock, and how well the pairs close."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sync_app.core.refine import Line


@dataclass(frozen=True, slots=True)
class Edge:
    """One believed pair: `line` takes the second track's clock to the first's; `trust` orders edges, more is surer.

    `start_s` and `end_s` bound the shared time on the second's clock; `error_s` is the pair's own uncertainty.
    """

    first: str
    second: str
    line: Line
    trust: float
    start_s: float
    end_s: float
    error_s: float = 0.0005


@dataclass(frozen=True, slots=True)
class Placement:
    """A line to the master's clock for each label that can be reached, and the edges on the way there."""

    lines: dict[str, Line]
    paths: dict[str, tuple[int, ...]]
    closure_s: tuple[float | None, ...]


def through(outer: Line, inner: Line) -> Line:
    """The line that takes `inner`'s second clock to `outer`'s first: `outer.at(inner.at(t))`."""
    rate = (1 + outer.ppm * 1e-6) * (1 + inner.ppm * 1e-6)
    return Line(float(outer.at(inner.offset_s)), (rate - 1) * 1e6)


def place(master: str, edges: Sequence[Edge], loop_limit_s: float = 0.033) -> Placement:
    """Lines to the master along the most trusted edges, then the weighted least-squares answer of all that close.

    `closure_s` has for each edge how far it is, at worst over its shared time, from the answer that the trusted tree
    gives; None for an edge that no loop checks. An edge off by more than `loop_limit_s` has no say in the answer.
    """
    lines, paths = _tree(master, edges)
    closures = [_closure(edge, i, lines, paths) for i, edge in enumerate(edges)]
    voting = [e for e, c in zip(edges, closures, strict=True) if e.first in lines and (c is None or c <= loop_limit_s)]
    if len(voting) > len(lines) - 1:
        lines = _least_squares(master, voting, lines)
    checked = _in_loops(edges, closures, paths)
    final = tuple(_distance(e, lines) if i in checked and e.first in lines else None for i, e in enumerate(edges))
    return Placement(lines, paths, final)


def _tree(master: str, edges: Sequence[Edge]) -> tuple[dict[str, Line], dict[str, tuple[int, ...]]]:
    lines: dict[str, Line] = {master: Line(0.0, 0.0)}
    paths: dict[str, tuple[int, ...]] = {master: ()}
    order = sorted(range(len(edges)), key=lambda i: (-edges[i].trust, i))
    grown = True
    while grown:
        grown = False
        for i in order:
            edge = edges[i]
            if edge.first in lines and edge.second not in lines:
                lines[edge.second] = through(lines[edge.first], edge.line)
                paths[edge.second] = (*paths[edge.first], i)
            elif edge.second in lines and edge.first not in lines:
                lines[edge.first] = through(lines[edge.second], edge.line.inverse())
                paths[edge.first] = (*paths[edge.second], i)
            else:
                continue
            grown = True
            break
    return lines, paths


def _closure(edge: Edge, index: int, lines: dict[str, Line], paths: dict[str, tuple[int, ...]]) -> float | None:
    if edge.first not in lines or edge.second not in lines:
        return None
    if index in paths[edge.first] or index in paths[edge.second]:
        return None
    return _distance(edge, lines)


def _distance(edge: Edge, lines: dict[str, Line]) -> float:
    times = np.array([edge.start_s, (edge.start_s + edge.end_s) / 2, edge.end_s])
    found = lines[edge.first].at(edge.line.at(times)) - lines[edge.second].at(times)
    return float(np.abs(found).max())


def _in_loops(edges: Sequence[Edge], closures: Sequence[float | None], paths: dict[str, tuple[int, ...]]) -> set[int]:
    """Edges that some loop of edges runs through: those off the tree, and those of the tree that they bridge."""
    found = set()
    for i, (edge, closure) in enumerate(zip(edges, closures, strict=True)):
        if closure is not None:
            found |= {i} | (set(paths[edge.first]) ^ set(paths[edge.second]))
    return found


def _least_squares(master: str, edges: Sequence[Edge], lines: dict[str, Line]) -> dict[str, Line]:
    """All lines at once: each edge says at three times of its overlap that two clocks show the same moment.

    Unknown are each track's small corrections of offset and drift; Huber weights at 2 ms keep one bad pair small.
    """
    labels = [label for label in lines if label != master]
    column = {label: 2 * i for i, label in enumerate(labels)}
    rows, wanted, weights = [], [], []
    for edge in edges:
        for time in (edge.start_s, (edge.start_s + edge.end_s) / 2, edge.end_s):
            row = np.zeros(2 * len(labels))
            there = float(edge.line.at(time))
            for label, clock, sign in ((edge.first, there, 1.0), (edge.second, time, -1.0)):
                if label != master:
                    row[column[label]] += sign
                    row[column[label] + 1] += sign * clock * 1e-6
            rows.append(row)
            wanted.append(float(lines[edge.second].at(time) - lines[edge.first].at(there)))
            weights.append(1 / max(edge.error_s, 5e-5))
    matrix, goal, weight = np.array(rows), np.array(wanted), np.array(weights)
    answer: NDArray[np.float64] = np.zeros(2 * len(labels))
    for _ in range(10):
        residual = np.abs(matrix @ answer - goal)
        scaled = weight * np.sqrt(np.minimum(1.0, 0.002 / np.maximum(residual, 1e-9)))
        answer = np.linalg.lstsq(matrix * scaled[:, None], goal * scaled, rcond=None)[0]
    out = dict(lines)
    for label in labels:
        offset, ppm = answer[column[label]], answer[column[label] + 1]
        out[label] = Line(lines[label].offset_s + float(offset), lines[label].ppm + float(ppm))
    return out
