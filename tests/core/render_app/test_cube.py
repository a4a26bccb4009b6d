"""Color tables: what a .cube file says, and what is refused before ffmpeg would misread it."""

import pytest

from render_app.core.cube import BadCube, read_cube

HEAD = 'TITLE "Noir"\n# by hand\n\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1.0 1.0 1.0\n'
ROWS = "".join(f"{red} {green} {blue}\n" for blue in (0, 1) for green in (0, 1) for red in (0, 0.5))


def test_a_table_is_read_and_written_plainly():
    cube = read_cube(b"\xef\xbb\xbf" + (HEAD + ROWS).encode())
    assert (cube.nodes, len(cube.rows), cube.rows[1]) == (2, 8, (0.5, 0, 0))
    assert cube.text.splitlines()[:2] == ["LUT_3D_SIZE 2", "0.0000000 0.0000000 0.0000000"]
    assert read_cube(cube.text.encode()) == cube


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no LUT_3D_SIZE"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "three dimensions"),
        ("LUT_3D_SIZE 1\n0 0 0\n", "between 2 and 65"),
        ("LUT_3D_SIZE two\n", "between 2 and 65"),
        (HEAD + ROWS[: ROWS.rindex("0.5")], "rows"),
        (HEAD.replace("DOMAIN_MAX 1.0", "DOMAIN_MAX 2.0") + ROWS, "DOMAIN_MAX"),
        (HEAD + ROWS.replace("0.5 0 0", "0.5 0"), "three numbers in line"),
        (HEAD + ROWS.replace("0.5 0 0", "0.5 0 x"), "other than numbers in line"),
        (HEAD + ROWS.replace("0.5 0 0", "nan 0 0"), "no color"),
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong(text, said):
    with pytest.raises(BadCube, match=said):
        read_cube(text.encode())
