"""How a face is blurred so that nothing of it is left: squares as large as the face, each of one color, then a Gaussian as wide."""

from dataclasses import dataclass

#: Shares of the picture's height between which the side of a square lies, and its size in heights of the largest face.
SMALLEST, LARGEST, OF_A_FACE = 0.02, 1.0, 1.4


@dataclass(frozen=True, slots=True)
class Blur:
    """`block`: the side of the squares, as a share of the picture's height; `strength`: 0 to 1."""

    block: float
    strength: float

    def side(self, height: int) -> int:
        """The side of the squares in pixels of a picture so high."""
        return max(4, round(height * self.block))

    def squares(self, size: tuple[int, int]) -> tuple[int, int]:
        """How many squares lie beside and above each other in a picture of this size."""
        side = self.side(size[1])
        return max(1, -(-size[0] // side)), max(1, -(-size[1] // side))

    def sigma(self, height: int) -> float:
        """The Gaussian's deviation in pixels: of the squares, and never less than a share of the picture, which hides a face whose
        size is not known."""
        of_squares = self.side(height) * (0.5 + 0.5 * self.strength)
        return max(4.0, height * (0.03 + 0.06 * self.strength), of_squares)


def block_of(largest: float, seen: float = 1.0) -> float:
    """The side of the squares for faces of which the largest is so high; `seen`: the share of the picture's height that is left of it."""
    return round(min(LARGEST, max(SMALLEST, OF_A_FACE * largest / max(0.05, seen))), 4)
