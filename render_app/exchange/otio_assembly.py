"""An assembly as OpenTimelineIO, built by the library: the format that loses least. What Studio has beyond it stands in the metadata, so that
the same file brings the same sequence back.

The duration of a clip's `source_range` is how long it lasts on the timeline, in the timeline's frames; its start is counted in the file's
own. A LinearTimeWarp changes neither.
"""

from collections import Counter
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import format_rate
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane, clock_start
from render_app.core.timeline import snapshot
from render_app.core.timeline.edges import edge_ms, plain_number
from render_app.exchange.base import one_line

PICTURE, SOUND = "picture", "sound"


def written(assembly: Assembly) -> bytes:
    """The assembly as a `Timeline.1`: tracks of pictures from the farthest, then tracks of sound."""
    import opentimelineio as otio  # noqa: PLC0415 (slow to load, and for this format alone)

    writer = _Writer(otio)
    timeline = otio.schema.Timeline(one_line(assembly.title), global_start_time=writer.time(0, assembly.rate))
    timeline.metadata["studio"] = _about(assembly)
    for role, lanes in ((PICTURE, assembly.pictures), (SOUND, assembly.sounds)):
        for lane in lanes:
            timeline.tracks.append(writer.track(assembly, lane, role))
    text: str = otio.adapters.write_to_string(timeline, "otio_json", indent=2)
    return text.encode("utf-8", "replace")


def _about(assembly: Assembly) -> dict[str, Any]:
    return {
        "sequence": snapshot.written(assembly.sequence),
        "tracks": len(assembly.lanes),
        "rate": format_rate(assembly.rate),
        "switchPoints": [{"atMs": ms, "angle": camera} for ms, camera in _switches(assembly)],
    }


def _switches(assembly: Assembly) -> list[tuple[float | int, str]]:
    """When another camera comes up on the nearest track that shows cameras."""
    lane = next((lane for lane in reversed(assembly.pictures) if any(event.camera for event in lane.events)), None)
    found: list[tuple[float | int, str]] = []
    for event in lane.events if lane else ():
        if event.camera and (not found or found[-1][1] != event.camera):
            found.append((plain_number(edge_ms(event.at, assembly.rate)), event.camera))
    return found


def laid(event: Event) -> list[Any]:
    """Where an event lies, as it is compared when it comes back: its frames, and the frame or sample of its file."""
    return [event.at, event.end, clock_start(event.source, event.unit) + event.first_unit, format_rate(event.unit)]


class _Writer:
    """The library's objects from ours; the library is loaded when the first file is written."""

    def __init__(self, otio: Any) -> None:
        self._otio = otio

    def time(self, value: int, rate: Fraction) -> Any:
        """A whole number of frames; the rate is a double in this format."""
        return self._otio.opentime.RationalTime(value, float(rate))

    def range(self, start: int, rate: Fraction, length: int, length_rate: Fraction) -> Any:
        """A range whose start and length may be counted in two rates."""
        return self._otio.opentime.TimeRange(self.time(start, rate), self.time(length, length_rate))

    def track(self, assembly: Assembly, lane: Lane, role: str) -> Any:
        """A track of pictures or of sound, with gaps."""
        kinds = self._otio.schema.TrackKind
        track = self._otio.schema.Track(lane.track.kind, kind=kinds.Video if role == PICTURE else kinds.Audio)
        about = {"trackId": lane.track.id, "role": role, "events": len(lane.events), "joins": len(lane.joins)}
        track.metadata["studio"] = about
        reached, joins, parts = 0, lane.joins_at(), Counter(event.clip.id for event in lane.events)
        for number, event in enumerate(lane.events):
            if event.at > reached:
                gap = self.range(0, assembly.rate, event.at - reached, assembly.rate)
                track.append(self._otio.schema.Gap(source_range=gap))
            if number in joins:
                track.append(self.transition(joins[number], assembly.rate))
            track.append(self.clip(event, parts[event.clip.id]))
            reached = event.end
        return track

    def clip(self, event: Event, parts: int) -> Any:
        """A clip on its file, which is counted by its own clock. `parts`: how many of these its Studio clip is seen in."""
        schema, start = self._otio.schema, clock_start(event.source, event.unit)
        media = schema.ExternalReference(
            event.source.original.url, self.range(start, event.unit, event.units, event.unit)
        )
        media.name = one_line(event.source.original_filename)
        media.metadata["studio"] = {"checksum": event.source.original.checksum, "assetId": event.source.asset_id}
        clip = schema.Clip(
            one_line(event.source.original_filename),
            media,
            self.range(start + event.first_unit, event.unit, event.length, event.rate),
        )
        if event.speed != 1:
            clip.effects.append(schema.LinearTimeWarp("Speed", float(event.speed)))
        about = {"clipId": event.clip.id, "parts": parts, "camera": event.camera, "laid": laid(event)}
        clip.metadata["studio"] = {**about, "file": clip.name}
        return clip

    def transition(self, join: Join, rate: Fraction) -> Any:
        """A dissolve, or by the name that Studio has for it."""
        kinds, type_ = self._otio.schema.TransitionTypes, join.transition.type
        made = self._otio.schema.Transition(
            type_,
            kinds.SMPTE_Dissolve if type_ == "crossfade" else kinds.Custom,
            self.time(join.before, rate),
            self.time(join.after, rate),
        )
        about = {"transitionId": join.transition.id, "type": type_, "laid": [join.into, join.before, join.after]}
        made.metadata["studio"] = about
        return made
