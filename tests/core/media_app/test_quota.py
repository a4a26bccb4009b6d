"""What a tenant may use, as plain figures."""

import pytest

from media_app.core.quota import Usage, derived_wav_bytes, excess_bytes, excess_jobs, excess_webhooks


@pytest.mark.parametrize(("asked", "fits"), [(0, True), (30, True), (31, False)])
def test_bytes_stored_and_announced_count_together(asked, fits):
    assert (excess_bytes(Usage(stored=50, announced=20), asked, 100) is None) == fits


def test_a_refusal_says_what_is_used_of_how_much():
    excess = excess_bytes(Usage(stored=80 * 10**9, announced=15 * 10**9), 10**10, 10**11)

    assert (excess.used, excess.asked, excess.limit) == (95 * 10**9, 10**10, 10**11)
    assert (
        "The file has 10.0 GB, and this tenant uses 95.0 GB of its 100.0 GB (15.0 GB of that announced"
        in excess.message
    )
    assert "12 jobs" in excess_jobs(Usage(jobs=12), 12).message
    assert "7 messages" in excess_webhooks(Usage(webhooks=7), 7).message


def test_a_limit_of_nothing_is_no_limit():
    used = Usage(10**15, 10**15, 10**6, 10**6)
    assert [excess_bytes(used, 10**15, 0), excess_jobs(used, 0), excess_webhooks(used, 0)] == [None] * 3


@pytest.mark.parametrize("waiting", [0, 4, 5, 6])
def test_the_last_job_that_fits_is_let_in_and_no_more(waiting):
    assert (excess_jobs(Usage(jobs=waiting), 5) is None) == (waiting < 5)
    assert (excess_webhooks(Usage(webhooks=waiting), 5) is None) == (waiting < 5)


def test_a_few_bytes_of_silence_are_many_of_wav():
    assert derived_wav_bytes(40_000) == 7_680_000_044
    assert derived_wav_bytes(0) == derived_wav_bytes(-1) == 44
    assert derived_wav_bytes(10, bytes_per_second=96_000) == 960_044
