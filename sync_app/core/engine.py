"""From tracks to offsets: the whole of the sync engine, arrays in and frozen values out."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

from media_app.core.forecast import sync_work
from sync_app.core import confidence, correlate, doubts, loops, pairs, retime
from sync_app.core.consensus import Edge, place
from sync_app.core.own_clips import apart
from sync_app.core.pairs import Match
from sync_app.core.quality import choose_master, quality
from sync_app.core.report import Found, Seen, camera_sync, pair_sync
from sync_app.core.rounds import ALL_OF, HUBS, Pair, camera_of, longest, next_pairs
from sync_app.core.shelf import Listened, Shelf
from sync_app.core.values import (
    Alignment,
    Track,
    TrackQuality,
)

Progress = Callable[[float, str], None]

#: Tracks read at once: of three on two processors none waits for the others to end.
AT_ONCE = 3
#: How much is tried of a pair: other rates as well, its own rate alone, or that only where it looks like a match.
ANY, OWN_RATE, LEAST = 0, 1, 2
#: Seconds before and after where a clip is expected.
AROUND_S = 60.0


@dataclass(frozen=True, slots=True)
class _Within:
    """The share of one step that is done, as a share of all: the step begins at `start` and takes `part`."""

    report: Progress
    start: float
    part: float
    step: str

    def __call__(self, share: float) -> None:
        self.report(self.start + self.part * share, self.step)


class CannotAlign(ValueError):
    """The tracks are not a set that can be aligned; the message says why and how to mend it."""


def align(
    tracks: Sequence[Track],
    *,
    master: str | None = None,
    on_progress: Progress | None = None,
    created: Mapping[str, float] = MappingProxyType({}),
) -> Alignment:
    """Put every track on the master's clock.

    Without `master` the track that suits best is chosen (see `quality.choose_master`). `on_progress` is called with a
    share from 0 to 1 and a word for the step. `created`: when files say that they began, in seconds since 1970 by label; no offset
    comes of it, but a song is not called one of two events that was recorded at one time. Raises `CannotAlign` for fewer than two tracks, for a label that comes
    twice and for a master that is not among the labels.
    """
    labels = [track.label for track in tracks]
    _check(labels, master)
    report = on_progress or (lambda share, step: None)
    shelf = Shelf({track.label: track for track in tracks}, created=created)
    reading = _reading_share(tracks)
    listened, qualities = _listen_all(shelf, labels, lambda share: report(reading * share, "listening"))
    chosen = master or choose_master(qualities)
    ordered = _ordered(labels, chosen, listened)
    matches = _match_all(
        ordered, shelf, listened, qualities, lambda share, step: report(reading + (1 - reading) * share, step)
    )
    if master is None:
        chosen = _connected_master(matches, qualities, labels, chosen)
    report(1.0, "done")
    return _concluded(chosen, labels, listened, qualities, matches)


def _check(labels: Sequence[str], master: str | None) -> None:
    if len(labels) < 2:
        raise CannotAlign("Sync compares cameras: give it at least two tracks.")
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise CannotAlign(f"Two tracks are both labeled {twice[0]}: give each camera a letter of its own.")
    if master is not None and master not in labels:
        raise CannotAlign(f"The master {master} is not among the tracks {', '.join(labels)}: choose one of them.")


def _listen_all(
    shelf: Shelf, labels: Sequence[str], report: Callable[[float], None]
) -> tuple[dict[str, Listened], dict[str, TrackQuality]]:
    """What is known of each track, the longest read last, so that their features are still at hand."""
    shares = dict.fromkeys(labels, 0.0)

    def one(label: str) -> tuple[Listened, TrackQuality]:
        def listened(share: float) -> None:
            shares[label] = share
            report(sum(shares.values()) / len(shares))

        found = shelf.features(label, listened)
        return Listened(found.seconds, found.ltc), quality(found.samples, found.clipped)

    order = list(labels)
    if len(labels) > ALL_OF:
        order.sort(key=lambda label: shelf.tracks[label].frames / shelf.tracks[label].rate)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(order, pool.map(one, order), strict=True))
    return {label: found[label][0] for label in labels}, {label: found[label][1] for label in labels}


def _reading_share(tracks: Sequence[Track]) -> float:
    """How much of the work it is to listen to the tracks, 0 to 1."""
    reading, comparing = sync_work([(camera_of(track.label), track.frames / track.rate) for track in tracks])
    return reading / max(reading + comparing, 1e-9)


def _ordered(labels: Sequence[str], master: str, listened: Mapping[str, Listened]) -> list[str]:
    """The master first, or of many the longest: a clip is looked for in a recording of hours, not the other way round."""
    if len(labels) > ALL_OF:
        return sorted(labels, key=lambda label: -listened[label].seconds)
    return [master, *(label for label in labels if label != master)]


def _usable(label: str, listened: Mapping[str, Listened], qualities: dict[str, TrackQuality]) -> bool:
    return listened[label].seconds >= doubts.LEAST_S and qualities[label].loudness_db is not None


def _match_all(
    labels: Sequence[str],
    shelf: Shelf,
    listened: Mapping[str, Listened],
    qualities: dict[str, TrackQuality],
    report: Progress,
) -> dict[Pair, Match | None]:
    found: dict[Pair, Match | None] = {}
    seconds = {label: listened[label].seconds for label in labels}
    hubs = longest(labels, seconds)[:HUBS]
    reached = 0.0
    while wanted := next_pairs(labels, seconds, {pair: _is_believed(match) for pair, match in found.items()}):
        # Whether another round follows is known after this one: it takes half of the way that is left.
        end = 1.0 if len(labels) <= ALL_OF else (reached + 1.0) / 2
        part = (end - reached) / len(wanted)
        for i, (first, second) in enumerate(wanted):
            within = _Within(report, reached + part * i, part, f"comparing {first} and {second}")
            within(0.0)
            able = _usable(first, listened, qualities) and _usable(second, listened, qualities)
            able = able and not (listened[first].ltc and listened[second].ltc)
            effort = ANY if len(labels) <= ALL_OF else _effort(found, hubs, (first, second))
            near = _expected(found, hubs, (first, second), seconds)
            found[first, second] = _compared(shelf, (first, second), effort, near, within) if able else None
        reached = end
    return found


def _effort(found: Mapping[Pair, Match | None], hubs: Sequence[str], pair: Pair) -> int:
    """How much is tried of a pair of many. A device has one clock: where another clip of the same camera runs at its own rate, this
    one runs at no other."""
    effort = min((hubs.index(label) for label in pair if label in hubs), default=LEAST)
    if effort != ANY:
        return effort
    cameras = {camera_of(label) for label in pair} - {camera_of(hubs[0])}
    alike = [other for (one, two), other in found.items() if one == hubs[0] and camera_of(two) in cameras]
    return (
        OWN_RATE if any(other is not None and _is_believed(other) and other.factor == 1.0 for other in alike) else ANY
    )


def _expected(
    found: Mapping[Pair, Match | None], hubs: Sequence[str], pair: Pair, seconds: Mapping[str, float]
) -> tuple[float, float] | None:
    """From when to when a clip lies on the second of the longest tracks, if it was found on the first and that on this."""
    if len(hubs) < HUBS or pair[0] != hubs[1]:
        return None
    between, own = found.get((hubs[0], hubs[1])), found.get((hubs[0], pair[1]))
    if between is None or own is None or not (_is_believed(between) and _is_believed(own)):
        return None
    start, end = (between.line.inverse().at(own.line.at(time)) for time in (0.0, seconds[pair[1]]))
    return start - AROUND_S, end + AROUND_S


def _compared(
    shelf: Shelf, pair: Pair, effort: int, near: tuple[float, float] | None, report: pairs.Report
) -> Match | None:
    """One pair; with the second of the longest tracks at its own rate alone, where the first says that it lies if it does, and
    two clips only where their features agree."""
    one, two = shelf.features(pair[0]), shelf.features(pair[1])
    if effort == LEAST and not correlate.seems_to_match(one, two):
        return None
    found = pairs.match(one, two, near) if near is not None else None
    if not _is_believed(found):
        found = (
            loops.match(one, two, retime.match(one, two, report))
            if effort == ANY
            else pairs.match(one, two, report=report)
        )
    return None if found is None else found.drawn


def _is_believed(match: Match | None) -> bool:
    return match is not None and confidence.believable(match.measures)


def _connected_master(
    matches: dict[Pair, Match | None],
    qualities: dict[str, TrackQuality],
    labels: Sequence[str],
    chosen: str,
) -> str:
    """The best track of the largest group of cameras that match each other."""
    groups = {label: {label} for label in labels}
    for (first, second), found in matches.items():
        if _is_believed(found) and groups[first] is not groups[second]:
            joined = groups[first] | groups[second]
            for label in joined:
                groups[label] = joined
    largest = max(len(group) for group in groups.values())
    if len(groups[chosen]) == largest:
        return chosen
    among = [label for label in labels if len(groups[label]) == largest]
    return choose_master(qualities, [label for label in labels if groups[label] is groups[among[0]]])


def _concluded(
    master: str,
    labels: Sequence[str],
    listened: Mapping[str, Listened],
    qualities: dict[str, TrackQuality],
    matches: dict[Pair, Match | None],
) -> Alignment:
    seen = [Seen(a, b, found, _is_believed(found)) for (a, b), found in matches.items()]
    believed = [pair for pair in seen if pair.believed]
    edges = [_edge(pair) for pair in believed]
    placement = place(master, edges)
    closures = {
        (pair.first, pair.second): None if c is None else c * 1000
        for pair, c in zip(believed, placement.closure_s, strict=True)
    }
    compared = [pair_sync(pair, closures.get((pair.first, pair.second)), listened, qualities) for pair in seen]
    by_labels = {frozenset((pair.first, pair.second)): pair for pair in compared}
    all_found = Found(master, placement, believed, by_labels, listened, qualities)
    cameras = {label: camera_sync(label, all_found) for label in labels if label != master}
    cameras = apart(cameras, master, {label: listened[label].seconds for label in labels})
    warnings = {label: cameras[label].warnings for label in cameras}
    warnings[master] = tuple(doubts.of_track(master, listened, qualities))
    return Alignment(master, cameras, tuple(compared), qualities, {label: warnings[label] for label in labels})


def _edge(pair: Seen) -> Edge:
    assert pair.match is not None
    found = pair.match
    start, end = found.overlap
    trust = confidence.probability(found.measures) * min(found.measures.fine, 60) * (found.measures.jump_ms < 5 or 0.5)
    error = 0.0002 + 0.01 / max(found.measures.agreeing, 1) ** 2 + found.drift_error_ppm * 1e-6 * (end - start) / 4
    return Edge(pair.first, pair.second, found.line, trust, start, end, float(min(error, 0.02)))
