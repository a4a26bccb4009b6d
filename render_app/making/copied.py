"""A film of copied packets, held against its originals: each frame on its tick, each copied packet the original's, and nothing that a
decoder stumbles over where pieces meet.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app import process
from media_app.making.workspace import Workspace

#: Parameter sets and delimiters, which each piece brings along: everything else of a packet must be equal.
_BARE = ("-c", "copy", "-bsf:v", "filter_units=remove_types=7-9", "-f", "framemd5")
#: Seconds before and after a place where two pieces meet that are decoded.
NEAR_S = Fraction(1)


def faults(film: Mapping[str, Any], path: Path, names: Mapping[str, str], work: Workspace) -> list[str]:
    """What of a film is not as its originals, as sentences. `names`: the plan's names of files → local paths."""
    rate = Fraction(film["expected"]["fps"])
    found = [fault for fault in (_off_their_ticks(path, rate, film["expected"]["frames"], work),) if fault]
    ours = _packets(["-i", f"file:{path}", "-map", "0:v"], work)[1]
    for part in film["copied"]:
        read = ["-ss", part["seek_s"], "-i", _local(part["input"], names), "-map", part["stream"]]
        first, theirs = _packets([*read, "-frames:v", str(part["frames"])], work)
        # The seek is half a frame late, so the keyframe lies half a frame before it.
        if first is None or abs(first + Fraction(1, 2) / rate) > Fraction(1, 4) / rate:
            found.append(f"the keyframe at {part['first_s']:.3f} s was not found")
        elif ours[part["start"] : part["start"] + part["frames"]] != theirs:
            found.append(f"the packets copied from {part['first_s']:.3f} s on are not the original's")
    return found or list(_messages(film, path, rate, work))


def _local(part: str, names: Mapping[str, str]) -> str:
    bare = part.removeprefix("file:")
    return f"file:{names.get(bare, bare)}"


def _off_their_ticks(path: Path, rate: Fraction, frames: int, work: Workspace) -> str:
    """Whether each frame begins on its tick and nowhere else."""
    found = work.ffprobe(path, entries=("-show_entries", "stream=time_base,index,codec_type"))
    video = next(one for one in found["streams"] if one["codec_type"] == "video")
    lines = bytearray()
    process.ffprobe_packets(path, lines.extend, work.control(), select="v:0")
    base = Fraction(video["time_base"])
    times = sorted(int(line.split(b"|")[1]) * base for line in bytes(lines).splitlines() if line.count(b"|") >= 4)
    return "" if times == [number / rate for number in range(frames)] else "its frames are not on the ticks of its rate"


def _packets(read: Sequence[str], work: Workspace) -> tuple[Fraction | None, list[str]]:
    """When the first packet is shown, and the hash of each, in the order of the file."""
    out = work.folder / "packets.framemd5"
    process.ffmpeg([*read, *_BARE, str(out)], work.control(), cwd=work.folder, damage_ok=True)
    first, hashes, base = None, [], Fraction(1)
    with out.open() as lines:
        for line in lines:
            if line.startswith("#tb 0:"):
                base = Fraction(line.split(":", 1)[1].strip())
            elif not line.startswith("#"):
                fields = [field.strip() for field in line.split(",")]
                first = int(fields[2]) * base if first is None else first
                hashes.append(fields[-1])
    out.unlink()
    return first, hashes


def _messages(film: Mapping[str, Any], path: Path, rate: Fraction, work: Workspace) -> Iterator[str]:
    """What a decoder says near the places where pieces meet."""
    for begin, end in _windows(film["copied"], rate):
        stretch = ["-ss", f"{float(begin):.6f}", "-t", f"{float(end - begin):.6f}"]
        args = [*stretch, "-i", f"file:{path}", "-map", "0:v", "-fps_mode", "passthrough", "-f", "null", "-"]
        said = process.ffmpeg(args, work.control(), cwd=work.folder, damage_ok=True).stderr_tail.strip()
        if said:
            yield f"a decoder says near {float(begin):.3f} s: {said[:200]}"


def _windows(copied: Sequence[Mapping[str, Any]], rate: Fraction) -> list[tuple[Fraction, Fraction]]:
    """The stretches around all edges of copied pieces, those that touch as one."""
    edges = sorted(edge for part in copied for edge in (part["start"], part["start"] + part["frames"]))
    found: list[tuple[Fraction, Fraction]] = []
    for edge in edges:
        begin, end = max(Fraction(0), edge / rate - NEAR_S), edge / rate + NEAR_S
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
