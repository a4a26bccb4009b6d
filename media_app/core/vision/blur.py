"""How a face is hidden so that nothing of it is left.

Any blur leaves the slope from its lighter to its darker side, or that of what lies around it: measured, up to 0.68 of a face's 16 × 16
means went together with what was left, however wide the Gaussian. So a face that is to be hidden becomes one color, the mean of the whole
picture, with a little grain that is the same in every frame.
"""

from dataclasses import dataclass

#: Squares as high as the picture: all of it is one color.
ONE_COLOR = 1.0
#: Levels of the grain that lies over one color, and the seed of its pattern.
GRAIN, GRAIN_SEED = 6, 7


@dataclass(frozen=True, slots=True)
class Blur:
    """`block`: the side of the squares that come first, as a share of the picture's height; `strength`: 0 to 1, of the Gaussian after
    them."""

    block: float
    strength: float

    @property
    def one_color(self) -> bool:
        """Whether nothing but the picture's mean is left."""
        return self.block >= ONE_COLOR

    def side(self, height: int) -> int:
        """The side of the squares in pixels of a picture so high."""
        return max(4, round(height * self.block))

    def squares(self, size: tuple[int, int]) -> tuple[int, int]:
        """How many squares lie beside and above each other in a picture of this size."""
        if self.one_color:
            return 1, 1
        side = self.side(size[1])
        return max(1, -(-size[0] // side)), max(1, -(-size[1] // side))

    def sigma(self, height: int) -> float:
        """The Gaussian's deviation in pixels: of the squares, and never less than a share of the picture, which hides a face whose
        size is not known."""
        of_squares = self.side(height) * (0.5 + 0.5 * self.strength)
        return max(4.0, height * (0.03 + 0.06 * self.strength), of_squares)
