"""Four forms of one cut between cameras, as ffmpeg's arguments: each cut is (camera, first frame, frames) of footage of one rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True)
class Cut:
    """A stretch of a camera, in frames."""

    camera: int
    start: int
    frames: int


#: The encoder of every form: the one of the planner's profile.
Encode = Sequence[str]


def trims(cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, encode: Encode, out: Path) -> list[list[str]]:
    """a: each camera opened once, a `trim` for each cut."""
    graph, labels = [], [list[str]() for _ in cameras]
    for number, cut in enumerate(cuts):
        labels[cut.camera].append(f"c{number}")
    for camera, names in enumerate(labels):
        if names:
            graph.append(f"[{camera}:v]split={len(names)}{''.join(f'[{name}]' for name in names)}")
    for number, cut in enumerate(cuts):
        end = cut.start + cut.frames
        graph.append(f"[c{number}]trim=start_frame={cut.start}:end_frame={end},setpts=PTS-STARTPTS[t{number}]")
    joined = "".join(f"[t{number}]" for number in range(len(cuts)))
    graph.append(f"{joined}concat=n={len(cuts)}:v=1:a=0[v]")
    inputs = [part for path in cameras for part in ("-i", str(path))]
    return [[*inputs, "-filter_complex", ";".join(graph), "-map", "[v]", *encode, str(out)]]


def seeks(cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, encode: Encode, out: Path) -> list[list[str]]:
    """b: an input with its own seek for each cut."""
    inputs = []
    for cut in cuts:
        inputs += ["-ss", f"{float(max(0, cut.start - Fraction(1, 2)) / rate):.6f}", "-i", str(cameras[cut.camera])]
    graph = [f"[{n}:v]trim=end_frame={cut.frames},setpts=PTS-STARTPTS[t{n}]" for n, cut in enumerate(cuts)]
    graph.append("".join(f"[t{n}]" for n in range(len(cuts))) + f"concat=n={len(cuts)}:v=1:a=0[v]")
    return [[*inputs, "-filter_complex", ";".join(graph), "-map", "[v]", *encode, str(out)]]


def processes(
    cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, encode: Encode, out: Path
) -> list[list[str]]:
    """c: a process for each cut, its files joined."""
    commands, names = [], []
    for number, cut in enumerate(cuts):
        seek = f"{float(max(0, cut.start - Fraction(1, 2)) / rate):.6f}"
        names.append(out.with_name(f"part-{number:04d}{out.suffix}"))
        source = ["-ss", seek, "-i", str(cameras[cut.camera]), "-map", "0:v", "-frames:v", str(cut.frames)]
        commands.append([*source, *encode, str(names[-1])])
    listed = out.with_name("parts.txt")
    listed.write_text("".join(f"file '{name}'\n" for name in names))
    return [*commands, ["-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", str(out)]]


def switched(
    cameras: Sequence[Path], cuts: Sequence[Cut], rate: Fraction, encode: Encode, out: Path
) -> list[list[str]]:
    """f: all cameras read through, `streamselect` driven by `sendcmd`. Only for cuts that go on where the one before ended."""
    at, lines = 0, []
    for cut in cuts:
        lines.append(f"{float(max(0, at - Fraction(1, 2)) / rate):.6f} streamselect map {cut.camera};")
        at += cut.frames
    script = out.with_name("switch.txt")
    script.write_text("\n".join(lines))
    every = "".join(f"[{n}:v]" for n in range(len(cameras)) if n) + ""
    graph = f"[0:v]sendcmd=f={script}[s];[s]{every}streamselect=inputs={len(cameras)}:map={cuts[0].camera},trim=end_frame={at}[v]"
    inputs = [part for path in cameras for part in ("-i", str(path))]
    return [[*inputs, "-filter_complex", graph, "-map", "[v]", *encode, str(out)]]


FORMS = {"a: trim": trims, "b: seek": seeks, "c: processes": processes, "f: streamselect": switched}
