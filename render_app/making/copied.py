"""A film of copied packets, held against its originals: each frame on its tick, each copied packet the original's, and nothing that a
decoder stumbles over where pieces meet. Programs are started as seldom as can be: each start costs a tenth of a second.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app import process
from media_app.making.workspace import Workspace
from render_app.core.plan.copying import PACKET_HASHES
from render_app.core.plan.parts import few_at_once

#: Seconds before and after a place where two pieces meet that are decoded.
NEAR_S = Fraction(1)
Window = tuple[Fraction, Fraction]


def faults(film: Mapping[str, Any], path: Path, work: Workspace) -> list[str]:
    """What of a film is not as its originals, as sentences. The hashes of their packets lie in the folder of `work`, written as they were
    copied."""
    rate = Fraction(film["expected"]["fps"])
    times, ours = _hashed(path, work)
    ticks = [number / rate for number in range(film["expected"]["frames"])]
    found = [] if sorted(times) == ticks else ["its frames are not on the ticks of its rate"]
    for part in film["copied"]:
        # A job that waited since before these were kept has none: its film is encoded.
        begins, theirs = _read(work.folder / part.get("hashes", "none.framemd5"))
        # The seek is half a frame late, so the keyframe lies half a frame before it.
        if not begins or abs(begins[0] + Fraction(1, 2) / rate) > Fraction(1, 4) / rate:
            found.append(f"the keyframe at {part['first_s']:.3f} s was not found")
        elif ours[part["start"] : part["start"] + part["frames"]] != theirs:
            found.append(f"the packets copied from {part['first_s']:.3f} s on are not the original's")
    return found or list(_messages(film, path, rate, work))


def _hashed(path: Path, work: Workspace) -> tuple[list[Fraction], list[str]]:
    """When each packet of a film is shown, on the film's own clock, and its hash."""
    out = work.folder / "packets.framemd5"
    args = ["-copyts", "-i", f"file:{path}", "-map", "0:v", "-c", "copy", *PACKET_HASHES, str(out)]
    process.ffmpeg(args, work.control(), cwd=work.folder, damage_ok=True)
    return _read(out)


def _read(hashes: Path) -> tuple[list[Fraction], list[str]]:
    """When each packet is shown, and its hash, in the order of the file; nothing where there is no such file."""
    times, found, base = list[Fraction](), list[str](), Fraction(1)
    for line in hashes.read_text().splitlines() if hashes.is_file() else ():
        if line.startswith("#tb 0:"):
            base = Fraction(line.split(":", 1)[1].strip())
        elif not line.startswith("#"):
            fields = [field.strip() for field in line.split(",")]
            times.append(int(fields[2]) * base)
            found.append(fields[-1])
    return times, found


def _messages(film: Mapping[str, Any], path: Path, rate: Fraction, work: Workspace) -> Iterator[str]:
    """What a decoder says near the places where pieces meet: of many at once, and of each alone where it says something."""
    for some in few_at_once(_windows(film["copied"], rate), lambda _: 1):
        if not _said(some, path, work):
            continue
        for window in some:
            if said := _said([window], path, work):
                yield f"a decoder says near {float(window[0]):.3f} s: {said[:200]}"


def _said(windows: Sequence[Window], path: Path, work: Workspace) -> str:
    """What a decoder says of these stretches."""
    inputs, outputs = list[str](), list[str]()
    for number, (begin, end) in enumerate(windows):
        stretch = ["-ss", f"{float(begin):.6f}", "-t", f"{float(end - begin):.6f}"]
        # What the loop filter smooths is smoothed behind all that can be said of the bits.
        inputs += ["-threads", "1", "-skip_loop_filter", "all", *stretch, "-i", f"file:{path}"]
        outputs += ["-map", f"{number}:v", "-fps_mode", "passthrough", "-f", "null", "-"]
    done = process.ffmpeg([*inputs, *outputs], work.control(), cwd=work.folder, damage_ok=True)
    return done.stderr_tail.strip()


def _windows(copied: Sequence[Mapping[str, Any]], rate: Fraction) -> list[Window]:
    """The stretches around all edges of copied pieces, those that touch as one."""
    edges = sorted(edge for part in copied for edge in (part["start"], part["start"] + part["frames"]))
    found: list[Window] = []
    for edge in edges:
        begin, end = max(Fraction(0), edge / rate - NEAR_S), edge / rate + NEAR_S
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
