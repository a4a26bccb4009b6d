"""AAF, which Avid Media Composer opens: a composition over a master clip for each file, which leads to the file and to its timecode.

A writer of our own on pyaaf2: the library's (otio-aaf-adapter 2.0.0) refuses files of another rate than the timeline's, counts 50 frames a
second as 60 in its timecode track, calls every NTSC label drop-frame, and does not lengthen clips by their dissolves (measured). Everything
is counted in the timeline's frames, as Avid counts. Mob ids and dates are new in each file.
"""

from typing import Any
from uuid import UUID

from media_app.core.time.timebase import format_rate, nominal_rate
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.readers import AVID
from render_app.core.exchange.lay import shoot_assembled
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane
from render_app.exchange.base import Document, Format, assembly_stem, one_line, require_events

CARRIES = frozenset({Carries.DISSOLVES})
#: What the format itself has a form for.
UNWRITTEN = frozenset({"speed", "volume", "fades", "still", "artifact"})
PICTURE, SOUND = "picture", "sound"
#: The dissolves of the AAF object specification, and their level.
DISSOLVES = {
    PICTURE: (UUID("0c3bea40-fc05-11d2-8a29-0050040ef7d2"), "VideoDissolve"),
    SOUND: (UUID("0c3bea41-fc05-11d2-8a29-0050040ef7d2"), "MonoAudioDissolve"),
}
SLOTS = {PICTURE: 1, SOUND: 2}
PRIMARY_TIMECODE = 1


def write(edit: MulticamEdit) -> Document:
    """A session's cameras, each on a track of its own."""
    return write_assembly(shoot_assembled(edit))


def write_assembly(assembly: Assembly, target: str = "") -> Document:
    """An assembly: tracks of pictures, then tracks of sound."""
    require_events(assembly)
    return Document(_Writer(assembly).bytes(), "application/octet-stream", f"{assembly_stem(assembly)}.aaf")


class _Writer:
    """One file, made in memory; pyaaf2 is loaded when the first is made."""

    def __init__(self, assembly: Assembly) -> None:
        from aaf2.file import AAFFile  # noqa: PLC0415 (slow to load, and for this format alone)

        self.assembly, self.rate = assembly, format_rate(assembly.rate)
        self.file: Any = AAFFile(None, "w")
        self._masters: dict[str, Any] = {}
        self._dissolves: dict[str, Any] = {}

    def bytes(self) -> bytes:
        """The whole file."""
        self._composition()
        self.file.save()
        self.file.manager.remove_temp()
        self.file.cfb.close()
        written: bytes = self.file.f.getvalue()
        return written

    def _composition(self) -> None:
        made = self._mob(self.file.create.CompositionMob(), one_line(self.assembly.title) or "Sequence")
        made.usage = "Usage_TopLevel"
        timecode = made.create_timeline_slot(self.rate)
        timecode.name = "TC"
        timecode["PhysicalTrackNumber"].value = PRIMARY_TIMECODE
        timecode.segment = self._timecode(0, self.assembly.drop, self.assembly.length)
        for kind, lanes in ((PICTURE, self.assembly.pictures), (SOUND, self.assembly.sounds)):
            for number, lane in enumerate(lanes, 1):
                slot = made.create_empty_sequence_slot(self.rate, media_kind=kind)
                slot.name = f"{'V' if kind == PICTURE else 'A'}{number}"
                slot["PhysicalTrackNumber"].value = number
                self._sequence(slot.segment, lane, kind)

    def _sequence(self, sequence: Any, lane: Lane, kind: str) -> None:
        """A dissolve lies over the end of what is before it and the beginning of what follows: both are longer by it."""
        reached, joins = 0, lane.joins_at()
        for number, event in enumerate(lane.events):
            head, tail = joins.get(number), joins.get(number + 1)
            if event.at > reached:
                sequence.components.append(self.file.create.Filler(kind, event.at - reached))
            if head is not None:
                sequence.components.append(self._dissolve(head, kind))
            clip, black = self._clip(event, kind, (head, tail))
            sequence.components.append(clip)
            if black:
                sequence.components.append(self.file.create.Filler(kind, black))
            reached = event.end
        sequence.length = reached

    def _clip(self, event: Event, kind: str, joins: tuple[Join | None, Join | None]) -> tuple[Any, int]:
        """A clip, and for how many frames behind it its file has none: a slow one needs more of them at normal speed than it shows."""
        head, tail = joins
        before, after = (head.before if head else 0), (tail.after if tail else 0)
        start = max(0, event.start_in(self.assembly.rate) - before)
        length = event.length + before + after
        black = start + length - self._frames(event.source)
        if black > 0:
            # A dissolve lies over one part alone on either side.
            rest = length - max(black, tail.before + tail.after if tail else 0)
            black = length - max(rest, head.before + head.after if head else 1)
        span = (start, length - max(0, black))
        return self._reference(kind, self._master(event.source), SLOTS[kind], span), max(0, black)

    def _reference(self, kind: str, mob: Any, slot: int, span: tuple[int, int]) -> Any:
        clip = self.file.create.SourceClip(media_kind=kind)
        clip.mob, clip.slot_id = mob, slot
        clip.start, clip.length = span
        return clip

    def _dissolve(self, join: Join, kind: str) -> Any:
        length, operation = join.before + join.after, self._operation(kind)
        group = self.file.create.OperationGroup(operation, length)
        group.media_kind = kind
        made = self.file.create.Transition(kind, length)
        made["OperationGroup"].value = group
        made.cutpoint = join.before
        return made

    def _operation(self, kind: str) -> Any:
        if kind not in self._dissolves:
            id, name = DISSOLVES[kind]
            made = self.file.create.OperationDef(id, name)
            made.media_kind, made["NumberInputs"].value, made["IsTimeWarp"].value = kind, 2, False
            made["Bypass"].value, made["OperationCategory"].value = 0, "OperationCategory_Effect"
            self.file.dictionary.register_def(made)
            self._dissolves[kind] = made
        return self._dissolves[kind]

    def _master(self, source: Angle) -> Any:
        if source.asset_id not in self._masters:
            name = one_line(source.original_filename)
            master, tape = self._mob(self.file.create.MasterMob(), name), self._tape(source, name)
            frames = self._frames(source)
            kinds = [kind for kind, there in ((PICTURE, source.has_picture), (SOUND, source.has_audio)) if there]
            for kind in kinds:
                file = self._mob(self.file.create.SourceMob(), name)
                file.descriptor = self._descriptor(source, kind)
                for mob, of, slot in ((file, tape, SLOTS[kind]), (master, file, SLOTS[kind])):
                    made = mob.create_timeline_slot(self.rate, SLOTS[kind])
                    made.segment = self._reference(kind, of, slot, (0, frames))
            self._masters[source.asset_id] = master
        return self._masters[source.asset_id]

    def _tape(self, source: Angle, name: str) -> Any:
        """What the file was recorded from: here its timecode begins."""
        tape = self._mob(self.file.create.SourceMob(), name)
        tape.descriptor = self.file.create.TapeDescriptor()
        frames, label = self._frames(source), source.first_timecode(self.assembly.rate, drop=self.assembly.drop)
        for kind, slot in SLOTS.items():
            made = tape.create_empty_slot(self.rate, kind, slot_id=slot)
            made.segment.length = frames
        timecode = tape.create_timeline_slot(self.rate)
        timecode["PhysicalTrackNumber"].value = PRIMARY_TIMECODE
        timecode.segment = self._timecode(label.frame, label.drop, frames)
        return tape

    def _descriptor(self, source: Angle, kind: str) -> Any:
        made: Any
        if kind == PICTURE:
            made = self.file.create.CDCIDescriptor()
            width, height = source.width or 1920, source.height or 1080
            made["ComponentWidth"].value, made["HorizontalSubsampling"].value = 8, 2
            made["ImageAspectRatio"].value = f"{width}/{height}"
            made["StoredWidth"].value, made["StoredHeight"].value = width, height
            made["FrameLayout"].value, made["VideoLineMap"].value = "FullFrame", [42, 0]
            made["SampleRate"].value, made["Length"].value = (
                format_rate(source.rate),
                int(source.run * source.rate // 1),
            )
        else:
            made, rate = self.file.create.PCMDescriptor(), source.samples_per_second
            channels = sum(source.audio_tracks)
            made["AudioSamplingRate"].value, made["SampleRate"].value = rate, rate
            made["Channels"].value, made["QuantizationBits"].value = channels, 16
            made["BlockAlign"].value, made["AverageBPS"].value = 2 * channels, 2 * channels * rate
            made["Length"].value = int(source.run * rate // 1)
        locator = self.file.create.NetworkLocator()
        locator["URLString"].value = one_line(source.original.url)
        made["Locator"].append(locator)
        return made

    def _frames(self, source: Angle) -> int:
        return int(source.run * self.assembly.rate // 1)

    def _timecode(self, start: int, drop: bool, length: int) -> Any:
        made = self.file.create.Timecode(nominal_rate(self.assembly.rate), drop=drop, length=max(1, length))
        made.start = start
        return made

    def _mob(self, mob: Any, name: str) -> Any:
        mob.name = name
        self.file.content.mobs.append(mob)
        return mob


FORMAT = Format("aaf", "AAF (Avid Media Composer)", write, write_assembly, CARRIES, UNWRITTEN, program=AVID)
