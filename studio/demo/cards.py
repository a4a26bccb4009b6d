"""The cards of a shoot: folders of three cameras and a recorder, as devices fill them, with known truth.

Anna's camera divides its recording into chapters, Ben's was stopped and started again, a third one shows both, and the recorder
hears both best. A picture is of its camera's color, with a white flash at each full second of the event.
"""

import json
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_app import process
from media_app.scratch import exclusive
from studio.demo.footage import RATE, font
from studio.demo.spoken import VOICES, Conversation, conversation

#: Seconds that sound takes to a microphone, and how loud it arrives: the own voice, and the other one.
NEAR, FAR = (0.0005, 1.0), (0.0035, 0.25)
#: At the recorder and at the camera that shows both.
TABLE, ROOM = (0.002, 0.8), (0.002, 0.3)
FLASH_S = 0.08
HEIGHT = 360


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file on a card: from `start` to `end` of the event, in seconds. `key`: as Studio calls its clip."""

    key: str
    path: str
    start: float
    end: float

    @property
    def camera(self) -> str:
        """Its camera's letter."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Device:
    """A camera or recorder. `fps` is empty for a recorder; `hears`: person → delay in seconds and gain."""

    label: str
    color: str
    fps: str
    hears: dict[str, tuple[float, float]]
    noise: float = 0.002


DEVICES = {
    "A": Device("A", "0x203a60", "25", {"A": NEAR, "B": FAR}),
    "B": Device("B", "0x60282a", "30000/1001", {"A": FAR, "B": NEAR}),
    "C": Device("C", "0x1f4a2c", "25", {"A": ROOM, "B": ROOM}),
    "R": Device("R", "", "", {"A": TABLE, "B": TABLE}),
}


@dataclass(frozen=True)
class Shoot:
    """The cards in `folder`, and what is true of them."""

    folder: Path
    files: tuple[CardFile, ...]
    talk: Conversation

    @property
    def starts(self) -> dict[str, float]:
        """When each clip begins, in seconds of the event."""
        return {one.key: one.start for one in self.files}

    @property
    def truth_ms(self) -> dict[str, float]:
        """Each clip's offset on the clock of camera A's first one."""
        return {key: round((start - self.starts["A"]) * 1000, 4) for key, start in self.starts.items()}


def files_of(seconds: float) -> tuple[CardFile, ...]:
    """The files of an event that lasts so long. Ben's camera stands still while Anna speaks of chapters; her first one has whole
    frames and whole blocks of AAC, so that the second begins where it ends.
    """
    return (
        CardFile("A", "Anna A/DCIM/100GOPRO/GX010012.MP4", 0.613, 17.253),
        CardFile("A.2", "Anna A/DCIM/100GOPRO/GX020012.MP4", 17.253, seconds),
        CardFile("B", "Ben B/PRIVATE/M4ROOT/CLIP/C0001.MP4", 1.737, 14.2),
        CardFile("B.2", "Ben B/PRIVATE/M4ROOT/CLIP/C0002.MP4", 17.32, seconds - 0.3),
        CardFile("C", "Wide C/DCIM/100CANON/MVI_0007.MP4", 1.0, seconds - 0.5),
        CardFile("R", "Recorder R/ZOOM0003.WAV", 0.25, seconds),
    )


def make_cards(folder: Path) -> Shoot:
    """The cards, made once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder):
        talk = conversation(folder)
        shoot = Shoot(folder / "cards", files_of(round(talk.seconds, 3)), talk)
        recipe = json.dumps({"files": repr(shoot.files), "lines": repr(talk.lines), "devices": repr(DEVICES)}, indent=2)
        done = folder / "truth.json"
        if not (
            done.exists()
            and done.read_text() == recipe
            and all((shoot.folder / one.path).exists() for one in shoot.files)
        ):
            for one in shoot.files:
                _make(shoot, one)
            done.write_text(recipe)
    return shoot


def _make(shoot: Shoot, file: CardFile) -> None:
    device, out = DEVICES[file.camera], shoot.folder / file.path
    out.parent.mkdir(parents=True, exist_ok=True)
    sound = out if not device.fps else out.with_suffix(".sound.wav")
    _write(sound, _heard(shoot.talk, device, file))
    if device.fps:
        process.ffmpeg(_film_args(device, file, sound, out))
        sound.unlink()


def _heard(talk: Conversation, device: Device, file: CardFile) -> NDArray[np.float64]:
    """What a device records of an event: both voices, later and softer the farther away they are, and some noise."""
    rng = np.random.default_rng(sum(file.path.encode()))
    first, last = round(file.start * RATE), round(file.end * RATE)
    heard = device.noise * rng.standard_normal(last - first)
    for person in VOICES:
        delay_s, gain = device.hears[person]
        delay = round(delay_s * RATE)
        heard += gain * np.concatenate([np.zeros(delay), talk.voices[person]])[first:last]
    return heard


def _write(path: Path, sound: NDArray[np.float64]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def _film_args(device: Device, file: CardFile, sound: Path, out: Path) -> list[str]:
    """ffmpeg's arguments: the camera's color, its letter, the clock of the event, the flash."""
    start, length = file.start, file.end - file.start
    clock = "%{pts\\:hms\\:" + f"{start:.6f}" + "}"
    picture = (
        f"color=c={device.color}:s={HEIGHT * 16 // 9}x{HEIGHT}:r={device.fps}:d={length:.6f},"
        f"drawbox=x=0:y=0:w=iw:h=ih/5:color=white:t=fill:enable='lt(mod(t+{start:.6f}\\,1)\\,{FLASH_S})',"
        f"drawtext=fontfile='{font()}':text='{file.key}':x=w*0.04:y=h*0.26:fontsize=h*0.16:fontcolor=0x9fb4c8,"
        f"drawtext=fontfile='{font()}':text='{clock}':x=(w-tw)/2:y=h*0.48:fontsize=h*0.16:fontcolor=white[v]"
    )
    return [
        "-i", str(sound), "-filter_complex", picture, "-map", "[v]", "-map", "0:a",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-pix_fmt", "yuv420p", "-g", "25", "-threads", "2",
        "-c:a", "aac", "-b:a", "128k", "-map_metadata", "-1", "-fflags", "+bitexact", str(out),
    ]  # fmt: skip


def expected_flash(event_s: Fraction) -> bool:
    """Whether a camera's frame that begins at a time of the event is white at its top."""
    return event_s % 1 < Fraction(str(FLASH_S))


def sizes_of(shoot: Shoot) -> Iterator[dict[str, object]]:
    """The files as an operator's browser lists them before a byte is sent."""
    for one in shoot.files:
        path = shoot.folder / one.path
        yield {"path": one.path, "sizeBytes": path.stat().st_size}
