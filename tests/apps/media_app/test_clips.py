"""Clips and chapters through the API: numbered, linked by name, refused when doubled; cards sorted before a byte is sent."""

import pytest

from media_app.models import MediaAsset
from tests.support.factories import Api, a_session, offer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def session():
    return a_session()


def init(api, session, clip: int, filename: str, label: str = "B"):
    return api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(label, filename=filename, clip=clip))


def test_clips_of_a_camera_have_keys_and_places_of_their_own(api, session):
    first = api.upload(session.pk, "B", filename="C0001.MP4")
    second = api.upload(session.pk, "B", filename="C0002.MP4", clip=2)

    assert [(a["cameraLabel"], a["clip"], a["cameraKey"]) for a in (first, second)] == [("B", 1, "B"), ("B", 2, "B.2")]
    keys = sorted(MediaAsset.objects.values_list("original_key", flat=True))
    assert [key.rpartition("/")[2] for key in keys] == ["angle-002-02_v001.mp4", "angle-002_v001.mp4"]


@pytest.mark.parametrize("clip", [0, -1, 10_000, "two", 1.5])
def test_a_clip_number_that_is_none_names_its_field(api, session, clip):
    status, answer = init(api, session, clip, "C0001.MP4")

    assert (status, answer["error"]["field"]) == (400, "clip")


def test_chapters_are_linked_whatever_their_order_and_loosened_when_one_goes(api, session):
    sent = {
        clip: api.upload(session.pk, "B", filename=name, clip=clip)
        for clip, name in ((2, "GX030012.MP4"), (1, "GX010012.MP4"), (3, "GX020012.MP4"))
    }

    assert _continued(session) == {"B": None, "B.2": "B.3", "B.3": "B"}
    api.delete(f"/v2/sessions/{session.pk}/assets/{sent[3]['id']}")
    assert _continued(session) == {"B": None, "B.2": None}


def test_the_same_chapter_twice_is_refused_by_name(api, session):
    api.upload(session.pk, "B", filename="GX010012.MP4")

    status, answer = init(api, session, 2, "GX010012.MP4")

    assert (status, answer["error"]["field"]) == (400, "filename")
    assert "is the same chapter as GX010012.MP4, which is already here as B." in answer["error"]["message"]
    assert init(api, session, 1, "GX010012.MP4", label="C")[0] == 201


def test_a_name_that_a_device_gave_twice_is_taken_where_the_size_is_another(api, session):
    api.upload(session.pk, "B", filename="ZOOM0001_LR.WAV")

    status, _ = api.post(
        f"/v2/sessions/{session.pk}/assets/init-upload",
        offer_of("B", filename="ZOOM0001_LR.WAV", clip=2, sizeBytes=9_999),
    )

    assert status == 201
    assert _continued(session) == {"B": None, "B.2": None}


def test_two_full_chapters_of_one_name_are_distinguished_by_their_fingerprints(api, session):
    said = {"filename": "GX010012.MP4", "sizeBytes": 4000}
    address = f"/v2/sessions/{session.pk}/assets/init-upload"
    assert api.post(address, offer_of("B", clip=1, fingerprint="a" * 64, **said))[0] == 201

    same, another = (api.post(address, offer_of("B", clip=2, fingerprint=one * 64, **said)) for one in "ab")

    assert (same[0], same[1]["error"]["field"]) == (400, "filename")
    assert another[0] == 201


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Cam/CONTENTS/CLIPS001/AA0001/AA000101.MXF", "Cam/CONTENTS/CLIPS001/AA0001/AA000102.MXF"),
        ("Rec/230101_001/TR1.WAV", "Rec/230101_001/TR1_01.WAV"),
    ],
)
def test_devices_that_name_folders_are_linked_by_the_path_on_the_card(api, session, first, second):
    for clip, path in enumerate((first, second), 1):
        api.upload(session.pk, "B", filename=path.rpartition("/")[2], clip=clip, cardPath=path)

    assert _continued(session) == {"B": None, "B.2": "B"}
    assert [asset.card_path for asset in session.assets.all()] == [first, second]


def test_chapters_of_two_cards_with_the_same_names_are_linked_within_their_card(api, session):
    for clip, (card, name) in enumerate([(1, "GX010001"), (2, "GX010001"), (1, "GX020001"), (2, "GX020001")], 1):
        path = f"Wide card {card}/{name}.MP4"
        api.upload(session.pk, "B", b"film" * (clip + card), filename=f"{name}.MP4", clip=clip, cardPath=path)

    assert _continued(session) == {"B": None, "B.2": None, "B.3": "B", "B.4": "B.2"}


@pytest.mark.parametrize("path", ["Cam/C0002.MP4", "C0001.MP4/", "x" * 1001])
def test_a_path_on_the_card_that_is_not_the_file_s_names_its_field(api, session, path):
    status, answer = api.post(
        f"/v2/sessions/{session.pk}/assets/init-upload", offer_of("B", filename="C0001.MP4", cardPath=path)
    )

    assert (status, answer["error"]["field"]) == (400, "cardPath")


def test_a_gap_is_said_of_the_recording_until_the_chapter_comes(api, session):
    api.upload(session.pk, "B", filename="GX010012.MP4")
    third = api.upload(session.pk, "B", filename="GX030012.MP4", clip=2)
    first = session.assets.get(clip=1)

    assert first.warnings == [
        "Between GX010012.MP4 and GX030012.MP4, chapter 2 is missing. Copy what is missing from the card."
    ]
    assert (third["continues"], third["warnings"]) == (None, [])

    api.upload(session.pk, "B", filename="GX020012.MP4", clip=3)

    first.refresh_from_db()
    assert first.warnings == []
    assert _continued(session) == {"B": None, "B.2": "B.3", "B.3": "B"}


def test_every_path_that_was_sorted_is_spoken_of(api):
    files = [
        {"path": "Rec/FOLDER01/ZOOM0001/ZOOM0001_LR.WAV", "sizeBytes": 5_000_000, "modifiedMs": 1e12},
        {"path": "Rec/FOLDER01/ZOOM0001/ZOOM0001_Tr1.WAV", "sizeBytes": 5_000_000, "modifiedMs": 1e12},
        {"path": "Rec/FOLDER02/ZOOM0001/ZOOM0001_LR.WAV", "sizeBytes": 9_000_000, "modifiedMs": 1.1e12},
        {"path": "Rec/FOLDER03/ZOOM0001/ZOOM0001_LR.WAV", "sizeBytes": 9_000_000, "modifiedMs": 1.1e12},
    ]

    _, answer = api.post("/v2/files/sort", {"files": files})

    (camera,) = answer["cameras"]
    assert [clip["path"] for clip in camera["clips"]] == [files[0]["path"], files[2]["path"]]
    assert [(one["path"], one["instead"]) for one in answer["setAside"]] == [
        (files[1]["path"], files[0]["path"]),
        (files[3]["path"], files[2]["path"]),
    ]


def test_a_card_is_sorted_before_a_byte_is_sent(api):
    paths = ["Close/DCIM/100GOPRO/GX010012.MP4", "Close/DCIM/100GOPRO/GX020012.MP4", "Close/DCIM/100GOPRO/GX010012.THM"]

    status, answer = api.post("/v2/files/sort", {"files": [{"path": path} for path in paths], "usedLabels": ["A"]})

    assert status == 200
    (camera,) = answer["cameras"]
    assert (camera["cameraLabel"], camera["name"], camera["make"]) == ("B", "Close", "GoPro")
    assert [(c["clip"], c["cameraKey"], c["continues"]) for c in camera["clips"]] == [(1, "B", ""), (2, "B.2", "B")]
    assert answer["setAside"] == [{"path": paths[2], "what": "picture", "sizeBytes": 0, "instead": "", "track": ""}]
    assert answer["warnings"] == []


def test_another_card_of_a_session_s_camera_goes_on_with_its_clips(api):
    session = a_session(camera_names={"B": "Wide"})
    for clip in (1, 2):
        api.upload(session.pk, "B", filename=f"C000{clip}.MP4", clip=clip)
    session.assets.filter(clip=1).update(device={"make": "Sony", "model": "ILCE-7SM3", "serial": "47"})
    files = [{"path": "Wide card 2/C0009.MP4"}, {"path": "Untitled/DSC_0001.MOV"}]

    _, by_name = api.post("/v2/files/sort", {"files": files, "usedLabels": ["B"], "sessionId": str(session.pk)})
    _, by_serial = api.post(
        "/v2/files/sort", {"files": [{"path": "Untitled/C0009.MP4", "serial": "47"}], "sessionId": str(session.pk)}
    )

    assert [(c["cameraLabel"], [clip["cameraKey"] for clip in c["clips"]]) for c in by_name["cameras"]] == [
        ("A", ["A"]),
        ("B", ["B.3"]),
    ]
    assert [clip["cameraKey"] for c in by_serial["cameras"] for clip in c["clips"]] == ["B.3"]
    assert ["Camera B" in warning for warning in by_serial["warnings"]] == [True]


def test_a_session_of_another_tenant_sorts_nothing(api):
    theirs = a_session(tenant_id="t_other")

    assert api.post("/v2/files/sort", {"files": [{"path": "a.mp4"}], "sessionId": str(theirs.pk)})[0] == 404


def test_a_clip_of_another_device_than_its_camera_s_first_is_said_by_name(api, session):
    for clip, serial in enumerate(("47", "48"), 1):
        api.upload(session.pk, "B", filename=f"C000{clip}.MP4", clip=clip)
        device = {"make": "Sony", "model": "ILCE-7SM3", "serial": serial}
        session.assets.filter(clip=clip).update(device=device)
    answer = api.upload(session.pk, "B", filename="C0003.MP4", clip=3)
    second = session.assets.get(clip=2)

    assert answer["device"] == {"make": "", "model": "", "serial": ""}
    assert second.warnings == [
        "C0002.MP4 was recorded by another device (Sony ILCE-7SM3, serial number 48) than C0001.MP4 (Sony ILCE-7SM3, serial number 47), which "
        "is of the same camera here. If that is not meant, upload it as a camera of its own."
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"files": []},
        {"files": [{"path": "a.mp4"}], "sessionId": "seven"},
        {"files": [{"path": ""}]},
        {"files": [{"path": "a.mp4", "sizeBytes": -1}]},
        {"files": [{"path": "a.mp4"}], "usedLabels": ["AB"]},
        {"files": "a.mp4"},
    ],
)
def test_what_cannot_be_sorted_is_refused(api, body):
    assert api.post("/v2/files/sort", body)[0] == 400


def _continued(session) -> dict[str, str | None]:
    assets = session.assets.select_related("continues").order_by("camera_label", "clip")
    return {asset.camera_key: asset.continues.camera_key if asset.continues else None for asset in assets}
