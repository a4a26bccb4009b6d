"""Filters from the decoded sound to one clock: how it starts, how it follows its time stamps."""

from dataclasses import dataclass, field
from fractions import Fraction

from media_app.core.files.decoded import HIGHEST_SAMPLE
from media_app.core.files.media_info import AudioStream
from media_app.core.sound.heard import MIX, Heard
from media_app.core.time.sound_timing import Follow, SoundTiming

SAMPLE_RATE = 48_000


@dataclass(frozen=True, slots=True)
class SoundStart:
    """How the sound is laid on the clock. `shift`: seconds to add to its first stamp. `follow`: see `soundclock`.

    `delay`: None lets ffmpeg fill from time zero to the first stamp. A number of seconds of silence is put in front
    instead when the sound changes its form in mid-file: ffmpeg then begins its filters anew and would fill from time
    zero once more.
    """

    shift: float = 0.0
    follow: Follow = field(default_factory=Follow)
    delay: Fraction | None = None


def sound_start(timing: SoundTiming | None) -> SoundStart:
    """How a sound with this timing is laid on the clock."""
    return SoundStart(timing.shift, timing.follow) if timing else SoundStart()


#: Makes samples silent that are no number, infinite, or 96 dB above full scale: one is enough for a filter behind it to give nothing else.
ONLY_NUMBERS = f"if(between(val(ch),-{HIGHEST_SAMPLE},{HIGHEST_SAMPLE}),val(ch),0)"

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def audio_chain(
    audio: AudioStream,
    start: SoundStart | None = None,
    *,
    channels: int | None = 2,
    rate: int = SAMPLE_RATE,
    sample_format: str = "s16",
) -> str:
    """Filters from the decoded sound to `rate` and a layout of `LAYOUTS`, starting at time zero: silence before a late
    start, a cut before an early one, silence where the file has a hole. `channels` None: all of the stream, as they are.
    """
    layout = f":ochl={LAYOUTS[channels]}" if channels else ""
    steps = [*only_numbers(audio), *(_to_layout(audio, channels) if channels else [])]
    start = start or SoundStart()
    if abs(start.shift) >= 0.5 / rate:
        # The first stamp alone: ffmpeg counts samples from it, and holds later stamps against that count.
        steps.append(f"asetpts='PTS+if(eq(N,0),round({start.shift:.6f}/TB),0)'")
    follow = start.follow
    resample = f"aresample=osr={rate}{layout}:osf={sample_format}:min_hard_comp={follow.hard:.6f}"
    if follow.soft:
        # The resampler must run from the start: switched on in mid-file it would lose its first samples.
        resample += f":async=200:min_comp={follow.soft:.6f}:flags=res"
    else:
        resample += ":async=1:min_comp=0.00002"
    if start.delay is None:
        return ",".join([*steps, f"{resample}:first_pts=0"])
    return ",".join([*steps, resample, f"adelay=delays={max(0, round(start.delay * rate))}S:all=1"])


def only_numbers(audio: AudioStream) -> list[str]:
    """What floating-point sound is rid of before anything else; integers are numbers."""
    return [f"aeval=exprs='{ONLY_NUMBERS}':c=same"] if audio.floating else []


def _to_layout(audio: AudioStream, channels: int) -> list[str]:
    """What is heard of the stream, and one channel on both sides as it is (ffmpeg's own mix would lower it by 3 dB); sound
    whose channels are not named gives its first two."""
    to_both_sides = ["channelmap=map=0|0:channel_layout=stereo"] if channels == 2 else []
    if audio.heard and not is_plain(audio, audio.heard):
        terms = [f"{weight:+.6f}*c{place}" for place, weight in audio.heard.weights.items()] or ["0*c0"]
        gain = [f"volume={audio.heard.gain_db:.3f}dB:precision=float"] if audio.heard.gain_db else []
        return [f"pan=mono|c0={''.join(terms).lstrip('+')}", *gain, *to_both_sides]
    if audio.channels == 1:
        return to_both_sides
    return ["channelmap=map=0|1:channel_layout=stereo"] if audio.channels > 2 and not audio.layout else []


def is_plain(audio: AudioStream, heard: Heard) -> bool:
    """Whether what is heard is the whole stream as ffmpeg mixes it."""
    everything = heard.how == MIX and len(heard.channels) == audio.channels and not heard.gain_db
    return everything and (audio.channels <= 2 or bool(audio.layout))
