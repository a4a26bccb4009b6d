"""H.264 as AVCHD camcorders write it: each frame as two field pictures, which no encoder here makes. Every macroblock is
uncompressed, and frame n is grey `level_of(n)` all over."""

from pathlib import Path

START = b"\0\0\0\1"
SIDE = 32


class Bits:
    """Bits written one after another, as H.264 counts them."""

    def __init__(self) -> None:
        self.text = ""

    def u(self, value: int, count: int) -> "Bits":
        self.text += f"{value:0{count}b}"
        return self

    def ue(self, *values: int) -> "Bits":
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def aligned(self) -> "Bits":
        self.text += "0" * (-len(self.text) % 8)
        return self

    def raw(self, data: bytes) -> "Bits":
        self.text += "".join(f"{byte:08b}" for byte in data)
        return self

    def nal(self, kind: int) -> bytes:
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        body = int(text, 2).to_bytes(len(text) // 8, "big")
        escaped, zeros = bytearray(), 0
        for byte in body:
            if zeros >= 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            escaped.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return START + bytes([0x60 | kind]) + bytes(escaped)


def level_of(frame: int) -> int:
    return 20 + 4 * (frame % 50)


def _parameters(rate: int) -> bytes:
    sps = Bits().u(77, 8).u(0, 8).u(30, 8).ue(0, 0, 2, 1).u(0, 1).ue(SIDE // 16 - 1, SIDE // 32 - 1)
    # Fields are allowed; no cropping; then the time of a field.
    sps.u(0, 1).u(0, 1).u(1, 1).u(0, 1).u(1, 1)
    sps.u(0, 4).u(1, 1).u(1, 32).u(2 * rate, 32).u(1, 1).u(0, 4)
    pps = Bits().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3).ue(0, 0, 0).u(1, 1).u(0, 2)
    return sps.nal(7) + pps.nal(8)


def _field(frame: int, *, bottom: bool) -> bytes:
    first = frame == 0 and not bottom
    slice_ = Bits().ue(0, 7, 0).u(frame % 16, 4).u(1, 1).u(int(bottom), 1)
    if first:
        slice_.ue(0).u(0, 2)
    else:
        slice_.u(0, 1)
    slice_.ue(0, 1)
    for _ in range((SIDE // 16) * (SIDE // 32)):
        slice_.ue(25).aligned().raw(bytes([level_of(frame)]) * 256 + bytes([128]) * 128)
    return slice_.nal(5 if first else 1)


def stream(path: Path, *, frames: int, rate: int = 25) -> Path:
    """A raw H.264 stream of so many frames."""
    delimiter = START + b"\x09\x10"
    fields = (
        delimiter + (_parameters(rate) if not bottom and frame % 12 == 0 else b"") + _field(frame, bottom=bottom)
        for frame in range(frames)
        for bottom in (False, True)
    )
    path.write_bytes(b"".join(fields))
    return path
