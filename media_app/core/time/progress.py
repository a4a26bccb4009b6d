"""What ffmpeg's `-progress` says: blocks of `key=value` lines, each block ended by `progress=`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """`seconds` of output written so far, `frames` encoded."""

    seconds: float = 0.0
    frames: int = 0
    done: bool = False

    def percent(self, duration: float | None) -> float | None:
        """Share of `duration` seconds that is written, 0–100; None when the length is not known."""
        if self.done:
            return 100.0
        if not duration or duration <= 0:
            return None
        return min(100.0, max(0.0, 100.0 * self.seconds / duration))


@dataclass(slots=True)
class ProgressParser:
    """Feed it what comes out of the pipe, in pieces of any size; it returns the blocks that are complete."""

    _rest: bytes = b""
    _values: dict[str, str] = field(default_factory=dict)
    _seconds: float = 0.0

    def feed(self, data: bytes) -> list[Progress]:
        """Time never runs backwards in what is returned: ffmpeg writes N/A and negative times at its start."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        blocks = []
        for line in lines:
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            self._values[key] = value.strip()
            if key == "progress":
                blocks.append(self._block())
                self._values.clear()
        return blocks

    def _block(self) -> Progress:
        microseconds = _number(self._values.get("out_time_us", ""))
        if microseconds is not None:
            self._seconds = max(self._seconds, microseconds / 1e6)
        return Progress(
            seconds=self._seconds,
            frames=int(_number(self._values.get("frame", "")) or 0),
            done=self._values.get("progress") == "end",
        )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
