"""How strongly a face is blurred."""

from media_app.core.vision.blur import Blur, block_of


def test_squares_are_larger_than_the_largest_face_and_fill_the_picture():
    blur = Blur(block_of(0.25), 1.0)

    assert blur.side(1000) == 350
    assert blur.squares((1600, 1000)) == (5, 3)
    assert blur.sigma(1000) == 350


def test_a_face_that_fills_the_picture_is_one_square():
    assert Blur(block_of(0.9), 0.4).squares((640, 360)) == (2, 1)


def test_a_part_of_the_picture_that_is_enlarged_enlarges_the_squares():
    assert block_of(0.2, seen=0.5) == 2 * block_of(0.2)


def test_nothing_found_is_blurred_by_a_share_of_the_picture():
    blur = Blur(block_of(0.0), 0.0)

    assert blur.side(1000) == 20
    assert blur.sigma(1000) == 30
    assert Blur(0.001, 0.0).sigma(20) == 4.0
