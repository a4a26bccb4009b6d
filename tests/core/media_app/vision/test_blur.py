"""How a face is hidden."""

from media_app.core.vision.blur import ONE_COLOR, Blur


def test_squares_fill_the_picture_and_the_gaussian_is_as_wide():
    blur = Blur(0.35, 1.0)

    assert blur.side(1000) == 350
    assert blur.squares((1600, 1000)) == (5, 3)
    assert blur.sigma(1000) == 350
    assert not blur.one_color


def test_one_color_is_one_square_whatever_the_size():
    assert Blur(ONE_COLOR, 0.4).squares((640, 360)) == (1, 1)


def test_small_squares_are_blurred_by_a_share_of_the_picture():
    assert Blur(0.02, 0.0).sigma(1000) == 30
    assert Blur(0.001, 0.0).sigma(20) == 4.0
