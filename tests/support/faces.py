"""Films in which a real face moves: the astronaut of scikit-image's sample data, who may be shown."""

import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

SIZE = (320, 180)
RATE = 25


def head() -> np.ndarray:
    """The head of the picture, BGR, 150 by 200 pixels; her face is about a half of it."""
    folder = Path(next(iter(find_spec("skimage").submodule_search_locations)))
    return cv2.imread(str(folder / "data" / "astronaut.png"))[0:200, 150:300]


def pasted(x: int, y: int, size: tuple[int, int] = (60, 80)) -> np.ndarray:
    """A gray picture with the head at a place, as far as it lies inside."""
    picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    picture[:, ::8] = 110
    small = cv2.resize(head(), size)
    wide = min(size[0], SIZE[0] - x)
    if wide > 0:
        picture[y : y + size[1], x : x + wide] = small[:, :wide]
    return picture


def film(path: Path, frames: int, draw: Callable[[int], np.ndarray], rate: int = RATE) -> Path:
    """A film of drawn frames."""
    size = f"{SIZE[0]}x{SIZE[1]}"
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size, "-r", str(rate), "-i", "-"]
    codec = ["-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p", str(path)]
    data = b"".join(draw(number).tobytes() for number in range(frames))
    subprocess.run(["ffmpeg", "-v", "error", "-y", *raw, *codec], input=data, check=True)
    return path


def sped_up(path: Path, to: Path) -> Path:
    """A film of twenty frames whose second half runs at four times the rate of the first."""
    times = "setpts='if(lt(N,10),N*0.04,0.4+(N-10)*0.01)/TB'"
    rate = ["-fps_mode", "vfr", "-enc_time_base", "1/1000"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-vf", times, *rate, to], check=True)
    return to


def pictures(path: Path) -> list[np.ndarray]:
    """Every frame of a film, BGR."""
    found, film = [], cv2.VideoCapture(str(path))
    while True:
        read, picture = film.read()
        if not read:
            return found
        found.append(picture)
