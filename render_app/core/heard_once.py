"""What one camera of a shoot heard, on the clock of another that stood in the same sound: words, events and beats are moved through
the sync, and only where the sync's own comparison says that both heard the same. Loudness is a microphone's own and is not moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from media_app.core import kinds
from render_app.core.heard import Stretch, words_of
from render_app.core.intervals import joined
from render_app.core.registered import is_number, objects, plain
from sync_app.core.synced import Coverage
from sync_app.core.values import AGREEING

#: A recording of which less than this was compared and agreed is listened to itself.
LEAST_SHARE = 0.9
#: Between two spans that agree so much is bridged, ms: windows of the comparison that lie side by side.
_SIDE_BY_SIDE_MS = 1.0
#: Why there are no beats where the music is heard by the other camera alone.
NOT_HERE = "not_in_this_recording"

Spans = tuple[tuple[float, float], ...]


def agreeing(coverage: Iterable[Coverage]) -> Spans:
    """Where the sound agrees with the master's, ms of the camera's clock."""
    agrees = ((one.start_ms, one.end_ms) for one in coverage if one.state == AGREEING)
    return tuple(joined(agrees, _SIDE_BY_SIDE_MS))


def shared(stretches: Iterable[Stretch], source: Spans, target: Spans) -> tuple[Stretch, ...]:
    """What of a way from one clock to another lies where both agree. `source`, `target`: spans of the first and the second clock."""
    found = []
    for one in stretches:
        for begin, end in source:
            for first, last in target:
                start = max(one.start_ms, begin, (first - one.offset_ms) / one.pace)
                stop = min(one.end_ms, end, (last - one.offset_ms) / one.pace)
                if start < stop:
                    found.append(Stretch(start, stop, one.pace, one.offset_ms))
    return tuple(found)


def share(stretches: Iterable[Stretch], duration_ms: float) -> float:
    """How much of a recording of this length the way leads to, 0 to 1."""
    return sum(one.at(one.end_ms) - one.at(one.start_ms) for one in stretches) / max(duration_ms, 1.0)


def moved(kind: str, document: Mapping[str, Any], way: Sequence[Stretch]) -> dict[str, Any]:
    """The document on the other clock: a transcript, a semantic timeline or beats."""
    if kind == kinds.ASR_TRANSCRIPT.name:
        return _transcript(document, way)
    if kind == kinds.AUDIO_SEMANTIC_TIMELINE.name:
        return _timeline(document, way)
    return _beats(document, way)


def counts(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the meta of a moved document counts."""
    if kind == kinds.ASR_TRANSCRIPT.name:
        words = [word for segment in body["segments"] for word in segment["words"]]
        doubtful = sum(bool(word.get("low_confidence")) for word in words)
        return {"segment_count": len(body["segments"]), "word_count": len(words), "low_confidence_count": doubtful}
    if kind == kinds.BEAT_FEATURES.name:
        named = ("bpm", "tempo_candidates", "downbeat_source", "grid", "reason")
        return {"beat_features": {name: body[name] for name in named} | {"beat_count": len(body["beats"])}}
    return {"loudness_moved": False}


def _transcript(document: Mapping[str, Any], way: Sequence[Stretch]) -> dict[str, Any]:
    segments: list[dict[str, Any]] = []
    for one in objects(document.get("segments")):
        words = [word for said in words_of({"segments": [one]}) if (word := _word(said, way)) is not None]
        if words:
            text = " ".join(word["text"] for word in words)
            times = {"start_ms": words[0]["start_ms"], "end_ms": words[-1]["end_ms"]}
            segments.append({**plain(one), "index": len(segments), **times, "text": text, "words": words})
    return {
        "language": document.get("language"),
        "text": " ".join(one["text"] for one in segments),
        "segments": segments,
    }


def _word(word: Mapping[str, Any], way: Sequence[Stretch]) -> dict[str, Any] | None:
    start = word["start_ms"]
    end = word["end_ms"] if is_number(word.get("end_ms")) else start
    times = [(one.at(start), one.at(end)) for one in way if one.start_ms <= start < one.end_ms]
    return {**word, "start_ms": round(times[0][0]), "end_ms": round(times[0][1])} if times else None


def _timeline(document: Mapping[str, Any], way: Sequence[Stretch]) -> dict[str, Any]:
    found = [one for one in objects(document.get("events"), "start_ms", "end_ms") if isinstance(one.get("kind"), str)]
    events = [_event(one, part) for one in found for part in way if part.start_ms < one["end_ms"]]
    kept = [one for one in events if one["start_ms"] < one["end_ms"]]
    return {
        "events": sorted(kept, key=lambda one: (one["start_ms"], one["end_ms"])),
        "beats": _moved_beats(document, way),
        "loudness": {"window_ms": None, "lufs": []},
    }


def _event(event: Mapping[str, Any], way: Stretch) -> dict[str, Any]:
    """What of an event lies in a stretch. Ends before it begins where that is nothing."""
    start, end = max(event["start_ms"], way.start_ms), min(event["end_ms"], way.end_ms)
    meta = event.get("meta")
    also = meta.get("also") if isinstance(meta, Mapping) else None
    return {
        **plain(event),
        "start_ms": round(way.at(start)),
        "end_ms": round(way.at(end)),
        "speaker_id": None,
        "loudness_lufs": None,
        "meta": {"also": [one for one in also if isinstance(one, str)] if isinstance(also, list) else []},
    }


def _beats(document: Mapping[str, Any], way: Sequence[Stretch]) -> dict[str, Any]:
    beats = _moved_beats(document, way)
    bpm, grid = document.get("bpm"), document.get("grid")
    period = grid.get("period_ms") if isinstance(grid, Mapping) else None
    pace, assumed = (way[0].pace if way else 1.0), document.get("downbeat_source")
    return {
        "bpm": round(bpm / pace, 3) if is_number(bpm) and beats else None,
        "tempo_candidates": document.get("tempo_candidates") if beats else [],
        "beats": beats,
        "downbeats": [one["time_ms"] for one in beats if assumed and one.get("beat_index") == 0],
        "downbeat_source": assumed if beats else None,
        "grid": {"origin_ms": beats[0]["time_ms"], "period_ms": round(period * pace, 3)}
        if is_number(period) and beats
        else None,
        "regions": [],
        "reason": None if beats else document.get("reason") or NOT_HERE,
    }


def _moved_beats(document: Mapping[str, Any], way: Sequence[Stretch]) -> list[dict[str, Any]]:
    return [
        {**plain(beat), "time_ms": round(part.at(beat["time_ms"]), 1)}
        for beat in objects(document.get("beats"), "time_ms")
        for part in way
        if part.start_ms <= beat["time_ms"] < part.end_ms
    ]
