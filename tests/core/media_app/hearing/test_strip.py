"""A timeline as a picture."""

from media_app.core.hearing.strip import Bar, rows


def event(kind: str, start: float, end: float) -> dict:
    return {"kind": kind, "start_ms": start, "end_ms": end}


def test_each_kind_has_a_row_with_its_share_and_speech_comes_first():
    music, speech = event("music", 0, 5000), event("speech", 2000, 10_000)
    found = rows([music, speech], 10_000)
    assert [(row.label, row.percent) for row in found] == [("Speech", 80), ("Music", 50)]
    assert found[1].bars == (Bar(0.0, 500.0),)


def test_what_is_short_is_seen_and_what_lies_close_is_one():
    [row] = rows([event("speech", 0, 1), event("speech", 2, 3), event("speech", 50_000, 60_000)], 100_000)
    assert row.bars == (Bar(0.0, 1.02), Bar(500.0, 100.0))


def test_a_kind_of_a_later_version_is_drawn_too_and_nothing_of_nothing():
    assert [row.label for row in rows([event("laughter", 0, 10)], 100)] == ["Laughter"]
    assert rows([event("speech", 0, 0)], 0) == ()
