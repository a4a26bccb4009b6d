"""HLS over CMAF as ffmpeg makes it: three pictures and one sound, each one file that its playlist reads by byte range.

One decode feeds all rungs. Key frames lie at the same instants in each, so that a player may change over at any segment.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from media_app.core.ffmpeg import LAYOUTS, Source, audio_chain, input_guard, video_chain
from media_app.core.time.timebase import format_rate
from render_app.core.ladder import AUDIO_KBITS, Rung

SEGMENT_S = 4
MASTER = "master.m3u8"
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
THREADS = 4
_SOUND = re.compile(r'TYPE=AUDIO.*URI="([^"]+)"')
_BANDWIDTH = re.compile(r"BANDWIDTH=\d+")
_SECONDS = re.compile(r"^#EXTINF:([0-9.]+)", re.MULTILINE)
_BYTES = re.compile(r"^#EXT-X-BYTERANGE:(\d+)", re.MULTILINE)
_MAP = re.compile(r'URI="([^"]+)"')


def package_args(source: Source, rungs: Sequence[Rung], rate: Fraction) -> list[str]:
    """A source with a picture → master.m3u8, v0 … v2 and a (.m3u8, .m4s) in the working directory, at `rate`."""
    assert source.video
    video, audio = source.video, source.audio
    outs = "".join(f"[p{n}]" for n in range(len(rungs)))
    top = rungs[0]
    graph = [
        f"[0:{video.index}]{video_chain(video, (top.width, top.height), rate, source.phase)},split={len(rungs)}{outs}"
    ]
    graph += [f"[p{n}]scale={r.width}:{r.height}:flags=bicubic,setsar=1[v{n}]" for n, r in enumerate(rungs)]
    if audio:
        channels = min(2, max(known for known in LAYOUTS if known <= audio.channels))
        graph.append(f"[0:{audio.index}]{audio_chain(audio, source.sound, channels=channels, sample_format='flt')}[a]")
    args = [*input_guard(source.path), "-filter_complex", ";".join(graph)]
    every = max(1, round(SEGMENT_S * rate))
    for number, rung in enumerate(rungs):
        # No buffer model: x264 keeps one by what its other threads happen to have done, and no two runs would agree.
        args += ["-map", f"[v{number}]", f"-b:v:{number}", f"{rung.kbits}k", f"-level:v:{number}", rung.level]
    args += [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-profile:v",
        "high",
        "-pix_fmt",
        "yuv420p",
        "-r",
        format_rate(rate),
    ]
    args += [
        "-g",
        str(every),
        "-keyint_min",
        str(every),
        "-sc_threshold",
        "0",
        "-threads:v",
        str(THREADS),
        "-flags:v",
        "+bitexact",
    ]
    if audio:
        args += ["-map", "[a]", "-c:a", "aac", "-b:a", f"{AUDIO_KBITS}k", "-flags:a", "+bitexact"]
    sounds = ",agroup:sound" if audio else ""
    streams = [f"v:{n}{sounds},name:{rung.name}" for n, rung in enumerate(rungs)]
    streams += ["a:0,agroup:sound,default:yes,name:a"] if audio else []
    args += ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
    args += ["-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    args += ["-hls_flags", "single_file+independent_segments", "-hls_segment_options", "movflags=+cmaf"]
    args += ["-hls_segment_filename", "%v.m4s", "-master_pl_name", MASTER, "-var_stream_map", " ".join(streams)]
    return [*args, "%v.m3u8"]


def with_true_bandwidths(master: str, playlists: Mapping[str, str]) -> str:
    """The master playlist with each picture's BANDWIDTH as RFC 8216 wants it: the most that any segment takes, its sound
    included; and AVERAGE-BANDWIDTH. `playlists`: name → text of those that it names."""
    rates = {name: _bit_rates(text) for name, text in playlists.items()}
    sound = _SOUND.search(master)
    heard = rates.get(sound[1], (0, 0)) if sound else (0, 0)
    lines = master.splitlines()
    for at, line in enumerate(lines[:-1]):
        if line.startswith("#EXT-X-STREAM-INF:") and lines[at + 1] in rates:
            peak, average = rates[lines[at + 1]]
            attributes = f"BANDWIDTH={peak + heard[0]},AVERAGE-BANDWIDTH={average + heard[1]}"
            lines[at] = _BANDWIDTH.sub(attributes, line, count=1)
    return "\n".join(lines) + "\n"


def _bit_rates(playlist: str) -> tuple[int, int]:
    """(highest of a segment, of all) in bit/s."""
    seconds = [float(found) for found in _SECONDS.findall(playlist)]
    bits = [8 * int(found) for found in _BYTES.findall(playlist)]
    pairs = [(size, length) for size, length in zip(bits, seconds, strict=True) if length > 0]
    if not pairs:
        return 0, 0
    return max(round(size / length) for size, length in pairs), round(sum(bits) / sum(seconds))


def linked(playlist: str, link: Callable[[str], str]) -> str:
    """The playlist with the media files' names replaced by `link(name)`; names of playlists stay, being next to it."""

    def full(name: str) -> str:
        return name if name.endswith(".m3u8") else link(name)

    lines = []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            line = _MAP.sub(lambda found: f'URI="{full(found[1])}"', line)
        elif line and not line.startswith("#"):
            line = full(line)
        lines.append(line)
    return "\n".join(lines) + "\n"
