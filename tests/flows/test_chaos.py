"""Studio under fire, in small: five faults of five kinds, and an upload whose wire is cut ten times."""

import json
import pkgutil

import pytest

from bench import upload
from bench.chaos import audit
from bench.chaos.plan import EXPORTS, MIXES, RENDERS, deal, plan, points
from bench.chaos.run import COUNTS, run, summary
from media_app import storage
from media_app.models import PendingDeletion
from media_app.services import chores

#: Shorter leases: what is promised is the same, and is there sooner.
HURRY = {"JOB_LEASE_SECONDS": "2", "JOB_HEARTBEAT_SECONDS": "0.4", "JOB_BACKOFF_SECONDS": "0.3", "MEZZANINE": "off"}
#: Those that restart most; the others strike in `make chaos`.
KINDS = ("kill worker", "kill web", "doubled request", "full disk", "cut upload")


def one_of_each(seed: int) -> tuple:
    """The first fault of each of these kinds in the seed's plan."""
    found = {fault.kind: fault for fault in reversed(plan(seed, 100, "sqlite"))}
    return tuple(sorted((found[kind] for kind in KINDS), key=lambda fault: fault.number))


def test_five_faults_lose_double_and_leave_nothing():
    faults = one_of_each(seed=1)
    # On a busy machine a fault's moment may pass before it is there; then it gets another.
    for _ in range(3):
        report = summary(run(faults, "sqlite", 1, settings=HURRY), faults, "sqlite", 1, 0)
        assert {count: report[count] for count in COUNTS} == dict.fromkeys(COUNTS, 0), json.dumps(report, indent=2)
        faults = tuple(fault for fault in faults if fault.number in report["missed"])
        if not faults:
            return
    raise AssertionError(f"never struck: {faults}")


def test_a_plan_follows_from_its_seed_and_a_longer_one_begins_as_the_shorter():
    assert plan(3, 40, "sqlite") == plan(3, 400, "sqlite")[:40]
    assert plan(3, 40, "sqlite") != plan(4, 40, "sqlite")


def test_a_hundred_faults_strike_before_and_after_every_step():
    for engine in MIXES:
        faults = plan(1, 100, engine)
        assert {fault.kind for fault in faults} == set(MIXES[engine])
    faults = plan(1, 100, "sqlite")
    killed = plan(1, 30, "sqlite", EXPORTS)
    assert len({(fault.point, fault.when, fault.nth) for fault in killed if fault.kind == "kill export"}) == 24
    rendered = plan(1, 44, "sqlite", RENDERS)
    assert len({(fault.point, fault.when, fault.nth) for fault in rendered if fault.kind == "kill render"}) == 24
    assert len({(fault.point, fault.when, fault.nth) for fault in rendered if fault.kind == "kill chunks"}) == 16
    struck = {(fault.point, fault.when) for fault in (*faults, *killed, *rendered) if "." in fault.point}
    for point in points("sqlite"):
        assert (point, "before") in struck
        assert (point, "after") in struck or point.endswith("_pump")
    assert sorted(fault.number for hand in deal(faults, 7) for fault in hand) == list(range(1, 101))


@pytest.mark.parametrize("engine", MIXES)
def test_every_point_is_a_function_that_is_there(engine):
    for point in points(engine):
        assert callable(pkgutil.resolve_name(point)), point


@pytest.mark.django_db
def test_what_housekeeping_takes_meanwhile_is_no_stale_write_and_what_anybody_stores_is_one():
    store = storage.store()
    for key in ("a/kept", "a/pending"):
        store.put_bytes(key, b"x", content_type="text/plain")
    PendingDeletion.objects.create(key="a/pending")
    before = audit.everything()
    chores.sweep_deletions()
    PendingDeletion.objects.create(key="a/own")
    store.put_bytes("a/own", b"x", content_type="text/plain")
    assert not store.head("a/pending")
    assert not list(audit.changes(before, audit.everything())), "a key of its own, listed before, harms nobody"

    store.put_bytes("a/kept", b"stale", content_type="text/plain")
    store.put_bytes("a/stale", b"x", content_type="text/plain")
    found = [violation.sentence.split(" was ")[0] for violation in audit.changes(before, audit.everything())]
    assert found == ["object a/kept", "object a/stale"]


def test_an_upload_through_ten_cuts_arrives_as_it_was_sent():
    report = upload.measure(64_000_000, cuts=10)
    assert report["same_sha256"]
    assert report["cuts"] == 10
    assert report["sent_again_parts_per_cut"] <= report["allowed_parts_per_cut"]
    assert report["web_rss_growth_mib"] <= upload.GROWTH_MIB
