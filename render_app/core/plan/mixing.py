"""The mix: lanes that sink while others are heard, added up, at the loudness that was asked for.

What has to be heard before it can be decided is measured while the plan runs, as mastering does: who speaks when, into a side
chain; how loud the mix is, into the gain that stands for `{measure:loudness}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_app.core.ffmpeg.sound import SAMPLE_RATE
from media_app.core.sound import mastering, speech
from render_app.core.plan.graph import Chain, Graph, filter_, raw
from render_app.core.timeline.nouns import Ducking, Track

#: How ducking listens and acts: as the mastering presets do.
GATE, PAUSE_S, ATTACK_MS, RELEASE_MS = "normal", speech.PAUSES["rolling"], 20, 400
#: dBTP that no peak of a mix passes that is brought to a loudness.
CEILING_DBTP = -1.5
#: What stands for a gain that is not known yet.
GAIN = "{measure:loudness}"


@dataclass(frozen=True, slots=True)
class Group:
    """Voices that are treated alike. `role`: of their tracks, where another track sinks under it."""

    ducking: Ducking | None = None
    role: str = ""


def groups_of(tracks: Iterable[Track]) -> dict[str, Group]:
    """The group of each track, by its id."""
    every = list(tracks)
    roles = {track.ducking.key_role for track in every if track.ducking}
    return {track.id: Group(track.ducking, track.audio_role if track.audio_role in roles else "") for track in every}


@dataclass(frozen=True, slots=True)
class Mix:
    """`lanes`: the group of each lane; `volume`: a signal to multiply with, or none; `target_lufs`: None leaves it as loud as it
    is."""

    lanes: tuple[Group, ...]
    samples: int
    channels: int = 2
    volume: Chain = ()
    target_lufs: float | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that are heard and listened for."""
        wanted = {one.ducking.key_role for one in self.lanes if one.ducking}
        return tuple(sorted(wanted & {one.role for one in self.lanes}))

    @property
    def inputs(self) -> list[str]:
        """Lanes, then side chains."""
        keys = [part for role in self.roles for part in ("-i", f"key-{role}.wav")]
        return [*_lane_inputs(range(len(self.lanes))), *keys]

    def draw(self, graph: Graph, first: int) -> str:
        """All of it, exactly as long as the film. `first`: the number of the first lane among the inputs."""
        if not self.lanes:
            silent = filter_("anullsrc", r=SAMPLE_RATE, cl="stereo")
            return graph.add((), (silent, filter_("aformat", sample_fmts="fltp"), *self._exactly))
        heard = tuple(self._group(graph, group, first) for group in dict.fromkeys(self.lanes))
        whole = added(graph, heard)
        if self.volume:
            whole = graph.add((whole, graph.add((), self.volume)), (filter_("amultiply"),))
        return graph.add((whole,), (*self._as_one, *self._exactly))

    @property
    def _as_one(self) -> Chain:
        """What is mixed down to one channel is that before its loudness is measured."""
        if self.channels != 1 or self.target_lufs is None:
            return ()
        # (channelmap would give both channels one memory, in which a gain works twice.)
        return (raw("pan=stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0+0.5*c1"),)

    @property
    def _exactly(self) -> Chain:
        gain = (raw(GAIN),) if self.target_lufs is not None and self.lanes else ()
        return (*gain, filter_("apad", whole_len=self.samples), filter_("atrim", end_sample=self.samples))

    def _group(self, graph: Graph, group: Group, first: int) -> str:
        own = tuple(f"{first + number}:a" for number, one in enumerate(self.lanes) if one == group)
        whole = added(graph, own)
        if group.ducking is None or group.ducking.key_role not in self.roles or not group.ducking.amount_db:
            return whole
        number = first + len(self.lanes) + self.roles.index(group.ducking.key_role)
        key = graph.add((f"{number}:a",), (filter_("aresample", osr=SAMPLE_RATE),))
        ducker = mastering.ducker(group.ducking.amount_db, ATTACK_MS, RELEASE_MS)
        return graph.add((whole, key), (raw(ducker),))

    def voice_args(self, role: str) -> tuple[str, ...]:
        """What is heard of a role, in the band of the voice: what `speech` looks at."""
        numbers = [number for number, one in enumerate(self.lanes) if one.role == role]
        graph = Graph()
        band = (
            *(filter_("aformat", channel_layouts="mono"), filter_("aresample", osr=speech.RATE)),
            *(filter_("highpass", f=150), filter_("lowpass", f=5000)),
        )
        graph.end(added(graph, tuple(f"{number}:a" for number in range(len(numbers)))), band, "voice")
        out = ["-map", "[voice]", "-c:a", "pcm_s16le", "-rf64", "auto", "-f", "wav", f"voice-{role}.wav"]
        return (*_lane_inputs(numbers), "-filter_complex", str(graph), *out)

    def meter_args(self) -> tuple[str, ...]:
        """The whole mix, with its gain, into the meter."""
        graph = Graph()
        graph.end(self.draw(graph, 0), (raw(mastering.meter("mix", "mix.txt")),), "out")
        return ("-v", "info", *self.inputs, "-filter_complex", str(graph), "-map", "[out]", "-f", "null", "-")

    def proof_args(self, of: str = "{output}") -> tuple[str, ...]:
        """What came out into the meter; one channel counts as two, as it is played. `of`: the file that has it."""
        twice = "channelmap=map=0|0:channel_layout=stereo," if self.channels == 1 else ""
        graph = f"[0:a:0]{twice}{mastering.meter('film', 'film.txt')}[out]"
        return ("-v", "info", "-i", of, "-filter_complex", graph, "-map", "[out]", "-f", "null", "-")

    def measures(self, before: int) -> list[Mapping[str, Any]]:
        """What is measured by which command, `before` of which there are already."""
        found: list[Mapping[str, Any]] = [
            {"kind": "speech", "command": before + number, "reads": f"voice-{role}.wav", "writes": f"key-{role}.wav",
             "gate": GATE, "pause_s": PAUSE_S}
            for number, role in enumerate(self.roles)
        ]  # fmt: skip
        if self.target_lufs is not None and self.lanes:
            first = before + len(self.roles)
            target = {"target_lufs": self.target_lufs, "ceiling_dbtp": CEILING_DBTP}
            found += [
                {"kind": "loudness", "command": first, **target},
                {"kind": "proof", "command": first + 2, **target},
            ]
        return found


def loudness_meta(target_lufs: float | None) -> dict[str, Any] | None:
    """What is done about the loudness of a film, as its plan says it; None where it is left as it is."""
    if target_lufs is None:
        return None
    return {
        "target_lufs": target_lufs,
        "true_peak_dbtp": CEILING_DBTP,
        "dual_mono": True,
        "used": f"The whole mix is measured and gets one gain; a limiter where a peak would pass {CEILING_DBTP:g} dBTP.",
        "instead_of": f"loudnorm=I={target_lufs:g}:TP={CEILING_DBTP:g}:LRA=11:dual_mono=true",
    }


def mixed(lanes: int) -> Chain:
    """Lanes added up, none of them made quieter for it."""
    if lanes == 1:
        return (filter_("anull"),)
    return (filter_("amix", inputs=lanes, normalize=0, duration="longest", dropout_transition=0),)


def added(graph: Graph, labels: Sequence[str]) -> str:
    """Sounds of the same length as one."""
    return graph.add(tuple(labels), mixed(len(labels)))


def _lane_inputs(numbers: Iterable[int]) -> list[str]:
    return [part for one in numbers for part in ("-f", "concat", "-safe", "0", "-i", f"lane-{one:02d}.txt")]
