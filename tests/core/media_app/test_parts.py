import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_app.core.files import parts

any_file = st.integers(1, parts.MAX_OBJECT_BYTES)


@given(total=any_file)
def test_every_file_up_to_5_tib_is_cut_into_at_most_10_000_parts_that_a_bucket_takes(total):
    size = parts.part_size(total)

    assert size % parts.MIB == 0
    assert parts.MIN_PART_BYTES <= size <= parts.MAX_PART_BYTES
    assert 1 <= parts.part_count(total, size) <= parts.MAX_PARTS


@given(total=st.integers(1, 10**12), size=st.integers(10**9, parts.MAX_PART_BYTES))
def test_the_parts_of_a_file_join_without_gap_or_overlap_and_only_the_last_is_shorter(total, size):
    plan = list(parts.plan_parts(total, size))

    assert [part.number for part in plan] == list(range(1, len(plan) + 1))
    assert all(part.offset == (part.number - 1) * size for part in plan)
    assert all(part.size == size for part in plan[:-1])
    assert 1 <= plan[-1].size <= size
    assert sum(part.size for part in plan) == total


@given(total=any_file, data=st.data())
def test_one_part_alone_is_planned_as_it_is_among_all(total, data):
    size = parts.part_size(total)
    number = data.draw(st.integers(1, parts.part_count(total, size)))

    part = parts.planned_part(number, total, size)

    assert part.offset == (number - 1) * size
    assert part.offset + part.size == min(number * size, total)


def test_an_empty_file_is_one_empty_part():
    assert list(parts.plan_parts(0)) == [parts.PlannedPart(1, 0, 0)]
    assert parts.part_faults({1: 0}, 0, 1) == []
    assert [str(fault) for fault in parts.part_faults({}, 0, 1)] == ["part 1 has not arrived"]


def test_a_file_of_5_tib_fits():
    plan = list(parts.plan_parts(parts.MAX_OBJECT_BYTES))

    assert len(plan) == 8993
    assert plan[-1].offset + plan[-1].size == 5 * 2**40


@pytest.mark.parametrize(
    ("total", "size"), [(1, 16), (16 * 9000, 16), (16 * 9000 + 1 / parts.MIB, 17), (20 * 9000, 20)]
)
def test_parts_grow_by_whole_mebibytes_once_9000_of_16_are_not_enough(total, size):
    assert parts.part_size(int(total * parts.MIB)) == size * parts.MIB


@pytest.mark.parametrize("total", [-1, parts.MAX_OBJECT_BYTES + 1])
def test_a_file_that_no_bucket_takes_has_no_plan(total):
    with pytest.raises(ValueError, match="0 bytes to 5 TiB"):
        parts.part_size(total)


@pytest.mark.parametrize("size", [0, -1, parts.MAX_PART_BYTES + 1])
def test_a_part_that_no_bucket_takes_is_refused(size):
    with pytest.raises(ValueError, match="1 byte to 5 GiB"):
        parts.part_count(100, size)


def test_more_than_10_000_parts_are_refused():
    with pytest.raises(ValueError, match="10000 is the most"):
        parts.plan_parts(10_001, 1)


@pytest.mark.parametrize("number", [0, -1, 4])
def test_a_part_that_the_file_does_not_have_is_refused(number):
    with pytest.raises(ValueError, match="parts 1 to 3"):
        parts.planned_part(number, 25, 10)


def test_parts_as_planned_have_no_fault():
    assert parts.part_faults({2: 10, 1: 10, 3: 5}, 25, 10) == []


def test_missing_short_and_foreign_parts_are_each_named():
    faults = parts.part_faults({1: 10, 2: 9, 4: 1}, 25, 10)

    assert [str(fault) for fault in faults] == [
        "part 2 has 9 bytes instead of 10",
        "part 3 has not arrived",
        "part 4 does not belong to this file",
    ]
