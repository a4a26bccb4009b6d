from datetime import UTC, datetime

from media_app.core.causes import Failure, group, key_of, sentence

AT = datetime(2026, 3, 14, tzinfo=UTC)


def test_sentences_that_differ_in_what_is_their_own_are_one_cause():
    messages = [
        "ffmpeg failed with exit code 1: /var/scratch/0f/in.mp4: No space left (12,345 bytes)",
        "ffmpeg failed with exit code 1: /var/scratch/ab/other.mov: No space left (9 bytes)",
    ]
    assert sentence(messages[0]) == sentence(messages[1])
    causes = group(Failure("ingest_asset_v1", "tool_failed", message, AT) for message in messages)
    assert [(cause.count, cause.example) for cause in causes] == [(2, messages[0])]


def test_another_sentence_code_or_kind_of_work_is_another_cause():
    base = ("ingest_asset_v1", "code", "The store does not answer.")
    others = [("sync_session_v1", *base[1:]), (base[0], "other", base[2]), (*base[:2], "The disk is full.")]
    assert len({key_of(*messages) for messages in (base, *others)}) == 4


def test_the_most_frequent_cause_comes_first_with_its_latest_time():
    later = datetime(2026, 3, 15, tzinfo=UTC)
    rare = Failure("a_v1", "", "Rare.", None)
    often = [Failure("a_v1", "", "Often.", at) for at in (AT, later, None)]
    first, second = group([rare, *often])
    assert (first.example, first.count, first.last) == ("Often.", 3, later)
    assert (second.example, second.last) == ("Rare.", None)


def test_a_failure_without_words_has_a_cause_too():
    assert group([Failure("a_v1", "", "  \n", None)])[0].example == ""
    assert sentence("\ud800 first\nsecond") == "\ud800 first"
