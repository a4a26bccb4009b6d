"""Made-up shoots whose true offsets are known: one event, heard and seen by several cameras.

The picture is a running timecode with a flash at each full second of the event, so that an eye can check a sync; the sound
is speech (ffmpeg's flite, or made syllables where it is missing) with some room around it.
"""

import json
import wave
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import numpy as np

from media_app import process
from media_app.scratch import exclusive

RATE = 48_000
SPEECH = (
    "Good morning, and welcome to the studio. Three cameras are rolling, and none of them agrees what time it is.",
    "Camera A is the wide shot. It started first, or so its owner says, and it hears the whole room.",
    "Camera B stands close to the speaker. Its clock is its own, its sound is dry, and it joined a little later.",
    "Camera C is a telephone on a chair at the back. It was rolling before anybody had said a word.",
    "Tonight nobody will line these up by hand. The sound that all of them heard will say when each of them began.",
    "If the match is sure, you approve with one key. If it is not, the page says why, and you decide by ear.",
    "Forty two. Seventeen. Ninety nine. Numbers are useful, because no two of them sound alike.",
    "That was the last sentence of this take. Thank you, and please keep rolling until the slate.",
)


@dataclass(frozen=True, slots=True)
class Camera:
    """One recording of the event: it starts `start` seconds into it."""

    label: str
    filename: str
    start: float
    fps: str = "30"
    height: int = 720
    video: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p")
    audio: tuple[str, ...] = ("-c:a", "aac", "-b:a", "128k", "-ar", "48000")
    filters: str = "anull"
    #: Clock error of the sound and the picture, parts per million: positive records more seconds than went by.
    drift_ppm: float = 0.0
    noise_db: float | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Shoot:
    """An event of `seconds`, and who recorded it. Camera A is the first and the master of the truth."""

    slug: str
    title: str
    seconds: int
    cameras: tuple[Camera, ...]
    sound: str = "speech"
    notes: str = ""

    @property
    def truth_ms(self) -> dict[str, float]:
        """Each camera's offset on A's clock; positive: it started after A."""
        first = self.cameras[0].start
        return {camera.label: round((camera.start - first) * 1000, 4) for camera in self.cameras}


MOV_PCM = ("-c:a", "pcm_s16le", "-ar", "44100")
PHONE = ("-c:a", "aac", "-b:a", "48k", "-ar", "32000", "-ac", "1")
A = Camera("A", "camera-A.mp4", 2.0)
B = Camera(
    "B",
    "camera-B.mov",
    5.237,
    fps="30000/1001",
    height=540,
    audio=MOV_PCM,
    filters="volume=-9dB,highpass=f=150,lowpass=f=6000",
)
C = Camera("C", "camera-C.mp4", 0.613, fps="25", height=360, audio=PHONE, filters="volume=4dB,acompressor=ratio=6")

CERTAIN = Shoot("certain", "Tuesday lesson", 48, (A, B, C), notes="Three starts, three encodings, one event.")


def make_shoot(shoot: Shoot, folder: Path) -> dict[str, Path]:
    """The shoot's files, label → path; made once and kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder):
        return _made(shoot, folder)


def _made(shoot: Shoot, folder: Path) -> dict[str, Path]:
    done = folder / "truth.json"
    paths = {camera.label: folder / camera.filename for camera in shoot.cameras}
    truth = json.dumps({"master": "A", "offsets_ms": shoot.truth_ms, "recipe": repr(shoot)}, indent=2)
    if done.exists() and done.read_text() == truth and all(path.exists() for path in paths.values()):
        return paths
    sound = event_sound(shoot, folder / "event.wav")
    for camera in shoot.cameras:
        process.ffmpeg(camera_args(shoot, camera, sound, paths[camera.label]))
    sound.unlink()
    done.write_text(truth)
    return paths


def camera_args(shoot: Shoot, camera: Camera, sound: Path, out: Path) -> list[str]:
    """ffmpeg's arguments for one camera's file: the event from its start on, in its own size, rate and codec."""
    speed = Fraction(1) + Fraction(str(camera.drift_ppm)) / 1_000_000
    start, length = camera.start, shoot.seconds - camera.start
    width = camera.height * 16 // 9
    clock = "%{pts\\:hms\\:" + f"{start:.6f}" + "}"
    picture = (
        f"color=c=0x1b2430:s={width}x{camera.height}:r={camera.fps}:d={length:.6f},"
        # The flash lies on the event's full seconds, whatever the camera's own start and rate.
        f"drawbox=x=0:y=0:w=iw:h=ih/5:color=white:t=fill:enable='lt(mod(t+{start:.6f}\\,1)\\,0.08)',"
        f"drawtext=fontfile='{font()}':text='{camera.label}':x=w*0.04:y=h*0.26:fontsize=h*0.18:fontcolor=0x9fb4c8,"
        f"drawtext=fontfile='{font()}':text='{clock}':x=(w-tw)/2:y=h*0.5:fontsize=h*0.2:fontcolor=white,"
        f"setpts=PTS*{float(speed):.9f},fps={camera.fps}[v]"
    )
    heard = "volume=0" if camera.silent else camera.filters
    drift = f",asetrate={round(4 * RATE * float(1 / speed))},aresample={RATE}" if camera.drift_ppm else ""
    up = f",aresample={4 * RATE}" if camera.drift_ppm else ""
    voice = f"[0:a]atrim=start={start:.6f},asetpts=PTS-STARTPTS{up}{drift},{heard}"
    if camera.noise_db is not None:
        noise = (
            f"anoisesrc=r={RATE}:d={length:.3f}:c=pink:seed={ord(camera.label)}:a={10 ** (camera.noise_db / 20):.5f}[n]"
        )
        voice = f"{noise};{voice}[c];[c][n]amix=inputs=2:duration=first:normalize=0"
    return [
        "-i", str(sound), "-filter_complex", f"{picture};{voice}[a]", "-map", "[v]", "-map", "[a]",
        *camera.video, *camera.audio, "-map_metadata", "-1", "-fflags", "+bitexact", str(out),
    ]  # fmt: skip


def font() -> str:
    """A typeface that comes with our plotting library: a bare machine may have none."""
    return str(files("matplotlib") / "mpl-data" / "fonts" / "ttf" / "DejaVuSansMono.ttf")


def event_sound(shoot: Shoot, out: Path) -> Path:
    """What was to be heard, as a 48 kHz mono WAV of the event's length."""
    rng = np.random.default_rng(sum(shoot.slug.encode()))
    sound = np.zeros(shoot.seconds * RATE)
    source = loop(rng, shoot.seconds) if shoot.sound == "loop" else speech(out.parent, shoot.seconds, rng)
    sound[: len(source)] += source[: len(sound)]
    sound += 0.003 * rng.standard_normal(len(sound))
    sound *= 0.5 / np.max(np.abs(sound))
    with wave.open(str(out), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return out


def speech(folder: Path, seconds: int, rng: np.random.Generator) -> np.ndarray:
    """Sentences with pauses between them until `seconds` are full; shape (n,), 48 kHz."""
    spoken = [speak(sentence, folder) for sentence in SPEECH] if has_flite() else [_babble(rng) for _ in SPEECH]
    said: list[np.ndarray] = [np.zeros(int(1.5 * RATE))]
    while sum(map(len, said)) < seconds * RATE:
        for voice in (spoken[index] for index in rng.permutation(len(spoken))):
            said += [voice, np.zeros(int(rng.uniform(0.2, 0.9) * RATE))]
    return np.concatenate(said)


def loop(rng: np.random.Generator, seconds: int) -> np.ndarray:
    """One bar of two seconds again and again: every two seconds it fits itself."""
    t = np.arange(2 * RATE) / RATE
    beats = sum(
        np.sin(2 * np.pi * tone * t) * np.exp(-((t - at) % 2) * 9)
        for tone, at in zip(rng.choice([220, 277, 330, 440, 554], 8), np.arange(8) / 4, strict=True)
    )
    return np.tile(np.asarray(beats), seconds // 2 + 1)


def has_flite() -> bool:
    listed: list[bytes] = []
    process.run(["ffmpeg", "-hide_banner", "-filters"], on_stdout=listed.append)
    return b" flite " in b"".join(listed)


def speak(sentence: str, folder: Path, voice: str = "slt") -> np.ndarray:
    """A sentence by one of flite's voices; shape (n,), 48 kHz."""
    text, out = folder / "sentence.txt", folder / "sentence.wav"
    text.write_text(sentence)
    process.ffmpeg(
        ["-f", "lavfi", "-i", f"flite=textfile={text}:voice={voice}", "-ar", str(RATE), "-ac", "1", str(out)]
    )
    with wave.open(str(out)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    text.unlink()
    out.unlink()
    return samples


def _babble(rng: np.random.Generator) -> np.ndarray:
    """Syllables with the pace and the pitch of speech."""
    syllables = []
    for _ in range(int(rng.integers(14, 24))):
        length = int(rng.uniform(0.08, 0.3) * RATE)
        t = np.arange(length) / RATE
        pitch = rng.uniform(90, 220)
        voiced = sum(
            np.sin(2 * np.pi * pitch * k * t + rng.uniform(0, 6)) * rng.uniform(0.1, 1) / k for k in range(1, 25)
        )
        breath = rng.standard_normal(length) * rng.uniform(0.02, 0.3)
        syllables.append((np.asarray(voiced) + breath) * np.hanning(length))
        syllables.append(np.zeros(int(rng.uniform(0.01, 0.12) * RATE)))
    return np.concatenate(syllables)


#: What `make serve` opens on, besides CERTAIN: each asks something else of the operator.
GALLERY = (
    CERTAIN,
    Shoot(
        "drift", "Panel with a drifting recorder", 150,
        (A, Camera("B", "camera-B.mov", 9.5, fps="25", height=540, audio=MOV_PCM, drift_ppm=120.0), C),
        notes="Camera B's clock runs 120 ppm off: half a frame by the end.",
    ),
    Shoot(
        "doubtful", "Rehearsal to a click loop", 40,
        (A, Camera("B", "camera-B.mov", 8.0, fps="25", height=540, audio=MOV_PCM, noise_db=-38.0)),
        sound="loop", notes="The music repeats every two seconds: several answers fit.",
    ),
    Shoot(
        "hopeless", "Interview with a muted camera", 36,
        (A, B, Camera("C", "camera-C.mp4", 3.2, fps="25", height=360, audio=PHONE, silent=True)),
        notes="Camera C recorded silence. Place it by eye: the flash lies on each full second.",
    ),
)  # fmt: skip
__all__ = ["CERTAIN", "GALLERY", "Camera", "Shoot", "make_shoot"]
