from media_app.core.checksums import Verdict, compare


def test_the_same_checksums_are_equal():
    found = compare({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    assert found.verdict == Verdict.EQUAL
    assert str(found) == "Equal: all 2 outputs have the checksum of the first run."


def test_an_output_with_other_bytes_is_named():
    found = compare({"a": "1", "b": "2"}, {"a": "1", "b": "3"})
    assert found.verdict == Verdict.DIFFERENT
    assert str(found) == "Different: other bytes in b. 1 of 2 are equal."


def test_an_output_that_is_not_made_again_or_only_now_is_a_difference():
    assert "not made again: b" in str(compare({"a": "1", "b": "2"}, {"a": "1"}))
    assert "made only now: c" in str(compare({"a": "1"}, {"a": "1", "c": "3"}))
    assert compare({"a": "1"}, {}).verdict == Verdict.DIFFERENT


def test_a_first_run_without_checksums_leaves_nothing_to_compare():
    found = compare({}, {"a": "1"})
    assert found.verdict == Verdict.NOTHING_TO_COMPARE
    assert "this one made 1 output" in str(found)
