import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.files.ranges import ByteRange, Unsatisfiable, parse_range

sizes = st.integers(1, 10**15)
positions = st.integers(0, 10**15)


@given(size=sizes, first=positions, last=positions)
def test_a_range_is_exactly_the_bytes_that_lie_in_both_it_and_the_file(size, first, last):
    header = f"bytes={first}-{last}"
    if last < first:
        assert parse_range(header, size) is None
    elif first >= size:
        with pytest.raises(Unsatisfiable):
            parse_range(header, size)
    else:
        wanted = parse_range(header, size)
        assert (wanted.start, wanted.last) == (first, min(last, size - 1))
        assert wanted.length >= 1


@given(size=sizes, data=st.data())
def test_an_open_range_goes_to_the_end(size, data):
    first = data.draw(st.integers(0, size - 1))

    assert parse_range(f"bytes={first}-", size) == ByteRange(first, size - first)


@given(size=sizes, length=st.integers(1, 10**15))
def test_a_suffix_is_the_end_of_the_file_and_at_most_the_file(size, length):
    wanted = parse_range(f"bytes=-{length}", size)

    assert wanted.length == min(length, size)
    assert wanted.last == size - 1


@given(header=st.text(max_size=200), size=st.integers(0, 10**15))
def test_no_header_whatever_breaks_the_parser_or_leaves_the_file(header, size):
    for text in (header, f"bytes={header}"):
        try:
            wanted = parse_range(text, size)
        except Unsatisfiable:
            continue
        if wanted is not None:
            assert 0 <= wanted.start <= wanted.last < size


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=+1-2",
        "bytes=1-2-3",
        "lines=1-2",
        "bytes=0-1,4-5",
    ],
)
def test_what_is_no_single_range_of_bytes_is_answered_with_the_whole_file(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=٣-٤", f"bytes=0-{'9' * 5000}"])
def test_foreign_digits_and_endless_numbers_are_no_range(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("header", ["Bytes=2-3", "bytes= 2-3 ", "bytes=\t2-3"])
def test_the_unit_may_be_in_capitals_and_spaces_may_stand_around(header):
    assert parse_range(header, 10) == ByteRange(2, 2)


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_without_a_byte_of_the_file_cannot_be_satisfied(header, size):
    with pytest.raises(Unsatisfiable):
        parse_range(header, size)


def test_the_end_of_an_empty_file_is_the_empty_file():
    assert parse_range("bytes=-5", 0) is None


def test_a_range_says_where_it_lies_as_content_range_does():
    assert parse_range("bytes=2-3", 10).content_range(10) == "bytes 2-3/10"
