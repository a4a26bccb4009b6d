"""One request from an approved sync to a captioned film: cut, words, mastered export, once whatever happens."""

from fractions import Fraction

import pytest

from media_app import jobs
from media_app.models import DerivedMedia, MediaJob
from render_app.models import Export, FirstFilm, VideoProject
from tests.flows.test_export_captions import heard, said_by, seen_in, side
from tests.flows.test_exports import SIZE, SMALL, api, local, made, shoot, work_off  # noqa: F401
from tests.support.factories import TENANT

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"headers": {"X-Tenant-Id": TENANT, "X-Env": "dev"}}
WORDS = {"Welcome": (900, 1290), "everybody.": (1300, 1610)}


@pytest.fixture
def spoken(shoot, settings):  # noqa: F811
    """Every camera has heard two words; nothing is listened to again."""
    settings.VIDEO_CAPTIONS_BACKEND = "nobody"
    for label in "ABC":
        row = heard(shoot, label, WORDS)
        DerivedMedia.objects.filter(pk=row.pk).update(meta=row.meta | {"word_count": len(WORDS)})
    return shoot


def route(session) -> str:
    return f"/video/multicam/sessions/{session.pk}/first-film"


def begun(api, session, preset="interview"):  # noqa: F811
    status, answer = api.post(route(session), {"preset": preset}, **HERE)
    assert status == 202, answer
    return answer


def film_of(api, session):  # noqa: F811
    status, answer = api.get(route(session), **HERE)
    assert status == 200, answer
    return answer


def steps(answer) -> dict[str, str]:
    return {one["name"]: one["status"] for one in answer["steps"]}


def test_a_film_is_cut_mastered_and_captioned_as_its_side_files_say(api, spoken, tmp_path):  # noqa: F811
    first = begun(api, spoken)
    assert begun(api, spoken)["id"] == first["id"]
    assert steps(first) == {"cut": "waiting", "words": "waiting", "film": "waiting", "editors": "waiting"}

    work_off()

    answer = film_of(api, spoken)
    assert (answer["status"], set(steps(answer).values())) == ("done", {"done"}), answer
    assert set(answer["files"]) == {"film", "film.srt", "film.vtt"}
    assert Export.objects.count() == 1
    export = api.get(f"/api/export/{answer['export_id']}/status")[1]
    film = local(api, export, "film", tmp_path)
    [facts] = export["outputs"]
    assert (facts["width"], facts["height"]) == SIZE
    bare = made(api, {"projectId": answer["project_id"], "outputs": [SMALL | {"name": "bare"}]})
    seen = seen_in(film, local(api, bare, "bare", tmp_path))
    assert seen == said_by(side(api, export, "film.srt", tmp_path), Fraction(facts["fps"]), len(seen))
    assert any(seen)
    assert not all(seen)
    for address in answer["exchange"].values():
        assert api.client.get(address).status_code == 200, address


def test_without_words_the_film_has_no_captions_and_says_why(api, shoot, settings):  # noqa: F811
    settings.VIDEO_CAPTIONS_BACKEND = "nobody"
    begun(api, shoot)
    work_off()

    answer = film_of(api, shoot)
    assert answer["status"] == "done"
    assert set(answer["files"]) == {"film"}
    [words] = [one for one in answer["steps"] if one["name"] == "words"]
    assert words["status"] == "left_out"
    assert words["message"].startswith("The cut was made without captions of ")


def test_the_film_waits_for_words_that_wait_for_a_worker(api, spoken):  # noqa: F811
    begun(api, spoken)
    late = MediaJob.objects.create(
        tenant_id=TENANT,
        env="dev",
        type="engine_asr_v1",
        status="PENDING",
        run_after="2100-01-01T00:00Z",
        input_json={},
    )
    [row] = DerivedMedia.objects.filter(kind="asr_transcript", asset__camera_label="A")
    cut = MediaJob.objects.get(type="auto_cut_v1")
    words = {"jobs": {str(asset.pk): str(late.pk) for asset in spoken.assets.all()}, "refused": {}}
    MediaJob.objects.filter(pk=cut.pk).update(input_json=cut.input_json | {"words": words})
    kept = list(DerivedMedia.objects.filter(kind="asr_transcript"))
    DerivedMedia.objects.filter(kind="asr_transcript").delete()
    work_off()

    answer = film_of(api, spoken)
    assert steps(answer) == {"cut": "done", "words": "waiting", "film": "waiting", "editors": "done"}
    assert not Export.objects.exists()

    DerivedMedia.objects.bulk_create(kept)
    late.delete()
    MediaJob.objects.filter(type="first_film_v1").unfinished().update(run_after="2000-01-01T00:00Z")
    work_off()
    assert steps(film_of(api, spoken))["film"] == "done"
    assert row.meta["word_count"] == len(WORDS)


def test_another_preset_is_refused_until_the_film_is_there_or_canceled(api, spoken):  # noqa: F811
    begun(api, spoken)
    status, answer = api.post(route(spoken), {"preset": "calm"}, **HERE)
    assert (status, answer["error"]["code"]) == (409, "film_in_the_making")

    assert api.client.delete(route(spoken), **HERE).status_code == 204
    work_off()
    answer = film_of(api, spoken)
    assert (answer["status"], answer["files"]) == ("cancelled", {})
    assert not Export.objects.exists()
    assert not MediaJob.objects.unfinished().exists()

    assert begun(api, spoken, "calm")["status"] == "waiting"


def test_a_canceled_export_is_a_canceled_film_with_its_cut(api, spoken):  # noqa: F811
    begun(api, spoken)
    for _ in ("the cut", "what follows"):
        with jobs.claim("tester") as run:
            run.execute()
    assert Export.objects.get().status == "queued"

    assert api.client.delete(route(spoken), **HERE).status_code == 204

    answer = film_of(api, spoken)
    assert (steps(answer)["cut"], steps(answer)["film"]) == ("done", "cancelled")


def test_a_cut_that_fails_says_so_and_another_film_may_be_asked_for(api, spoken):  # noqa: F811
    begun(api, spoken)
    spoken.sync_results.update(operator_status="pending", decided_by="")
    type(spoken).objects.filter(pk=spoken.pk).update(status="needs-review")
    work_off()

    answer = film_of(api, spoken)
    assert answer["status"] == "failed"
    [cut] = [one for one in answer["steps"] if one["name"] == "cut"]
    assert cut["status"] == "failed"
    assert cut["message"]
    assert FirstFilm.objects.get().outcome == "failed"


def test_a_cut_that_was_deleted_meanwhile_is_said_and_offered_to_nobody(api, spoken):  # noqa: F811
    begun(api, spoken)
    with jobs.claim("tester") as run:
        run.execute()
    VideoProject.objects.all().delete()
    work_off()

    answer = film_of(api, spoken)
    said = {one["name"]: (one["status"], one["message"]) for one in answer["steps"]}
    assert said["film"] == (
        "failed",
        "The project of its cut was deleted before the film was begun. Make the film again.",
    )
    assert said["editors"] == ("left_out", "The project of the cut was deleted.")
    assert (answer["project_id"], answer["exchange"]) == (None, {})


def test_before_a_decision_and_for_others_there_is_no_film(api, shoot):  # noqa: F811
    assert api.get(route(shoot), **HERE)[0] == 404
    shoot.sync_results.update(operator_status="pending")
    type(shoot).objects.filter(pk=shoot.pk).update(status="needs-review")
    status, answer = api.post(route(shoot), {}, **HERE)
    assert (status, answer["error"]["code"]) == (409, "not_decided")
