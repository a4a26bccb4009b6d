"""Pages over sessions and their files: sending them, watching them, fetching them."""

from datetime import date

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from media_app import storage
from media_app.core.files import accept
from media_app.models import DerivedMedia, MediaAsset
from media_app.pages.refresh import BUSY, IDLE
from media_app.services import originals, summaries, withheld
from media_app.services.assets import get_asset
from media_app.services.forecast import forecast_of
from media_app.services.ingest_queue import hurry_pictures
from sessions_app.core.cameras import CAMERA_KEY, key_order
from sessions_app.errors import NotFound
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.services.summaries import attach, panels
from sessions_app.web.pages import OperatorRequest, is_part, live, page

#: A link made once is good for this long in a reader's cache: far less than the store honours it.
LINK_CACHED = 900
FIRST_CAMERAS = ("A", "B", "C")


@require_GET
@page
def new_session(request: OperatorRequest) -> HttpResponse:
    """GET /sessions/new/: upload the cameras' files."""
    return _upload_page(request, None)


@require_GET
@page
def upload_page(request: OperatorRequest, session_id) -> HttpResponse:
    """GET /sessions/{id}/upload/: resume an upload, add a camera, replace a file (`?camera=B`)."""
    return _upload_page(request, get_session(request.context, session_id))


@require_GET
@page
def session_page(request: OperatorRequest, session_id) -> HttpResponse:
    """GET /sessions/{id}/: one shoot, its cameras and what happens to them."""
    session = get_session(request.context, session_id)
    attach([session])
    cameras, under_way = summaries.cameras_of(session)
    hurry_pictures(under_way)
    comparing = summaries.shared_work(under_way)
    expected = forecast_of(session, [camera.asset for camera in cameras], under_way) if under_way else None
    moving = comparing is not None or session.summary["media"].moving or any(camera.working for camera in cameras)
    shown = live(
        request,
        "media/_session.html",
        {
            "session": session,
            "cameras": cameras,
            "comparing": comparing,
            "expected": expected,
            "panels": panels(session),
            "free_label": _free_labels([camera.asset.camera_label for camera in cameras])[:1],
        },
        name="session",
        url=reverse("media:session", args=[session.pk]),
        every=BUSY if moving else IDLE,
    )
    if is_part(request, "session"):
        return shown.alone(request)
    return render(request, "media/session.html", {"session": session, "shown": shown})


@require_GET
@page
def derived_file(request: OperatorRequest, derivative_id) -> HttpResponse:
    """GET /files/{id}/: to the store, by an address that does not expire. `?download` names the file."""
    row = DerivedMedia.objects.in_tenant(request.context).select_related("asset").filter(pk=derivative_id).first()
    if row is None:
        raise NotFound("This file no longer exists. It may have been replaced; reload the session page.")
    withheld.refuse_file(row, on_page=True)
    stem = row.asset.original_filename.rpartition(".")[0] or row.asset.original_filename
    return to_store(request, row.key, f"{stem}.{row.kind}{row.variant}.{row.key.rpartition('.')[2]}")


@require_GET
@page
def original_file(request: OperatorRequest, session_id, asset_id) -> HttpResponse:
    """GET /sessions/{id}/assets/{id}/original/: the file as it came."""
    asset = get_asset(request.context, session_id, asset_id)
    found = originals.handed_out(asset)
    return to_store(request, found.key, found.filename)


@require_GET
@page
def known_files(request: OperatorRequest) -> JsonResponse:
    """GET /files/known/?name=&size=: where the tenant has a file of this name and size already."""
    size = request.GET.get("size", "")
    if not size.isdecimal() or len(size) > 18:
        return JsonResponse({"files": []})
    found = MediaAsset.objects.in_tenant(request.context).same_file(request.GET.get("name", "")[:255], int(size))
    return JsonResponse(
        {
            "files": [
                {
                    "sessionId": asset.session_id,
                    "title": asset.session.title if asset.session else "",
                    "camera": asset.camera_key,
                    "at": asset.created_at,
                    "url": reverse("media:session", args=[asset.session_id]),
                }
                for asset in found.exclude(session=None).select_related("session").order_by("-created_at")[:3]
            ]
        }
    )


def _upload_page(request: OperatorRequest, session: RecordingSession | None) -> HttpResponse:
    cameras = summaries.cameras_of(session)[0] if session is not None else []
    taken = [camera.asset.camera_key for camera in cameras]
    keys = {*taken, *FIRST_CAMERAS} if session is None or not taken else {*taken, *_wanted(request)}
    recent = RecordingSession.objects.in_tenant(request.context).order_by("-created_at")
    return render(
        request,
        "media/upload.html",
        {
            "session": session,
            "project": session.project_id if session else recent.values_list("project_id", flat=True).first() or "main",
            "date": session.date if session else date.today(),
            "unfinished": _unfinished(request) if session is None else [],
            "page_data": {
                "session": _session_data(session) if session else None,
                "labels": sorted(keys, key=key_order),
                "slots": [_slot_data(camera) for camera in cameras],
                "names": session.camera_names if session else {},
                "wanted": request.GET.get("camera", ""),
                "maxBytes": settings.MAX_UPLOAD_BYTES,
                "extensions": accept.known_extensions(),
                "urls": {
                    "sessions": reverse("sessions"),
                    "known": reverse("media:known"),
                    "sort": reverse("sort-files"),
                },
            },
        },
    )


def _wanted(request: OperatorRequest) -> list[str]:
    wanted = request.GET.get("camera", "")
    return [wanted] if CAMERA_KEY.match(wanted) else []


def _session_data(session: RecordingSession) -> dict:
    return {"id": str(session.pk), "title": session.title, "status": session.status}


def _slot_data(camera: summaries.CameraPanel) -> dict:
    asset, upload = camera.asset, camera.upload
    return {
        "label": asset.camera_key,
        "assetId": str(asset.pk),
        "filename": asset.original_filename,
        "sizeBytes": asset.size_bytes,
        "status": asset.status,
        "message": asset.status_message,
        "open": {
            "filename": upload.filename,
            "sizeBytes": upload.size_bytes,
            "fingerprint": upload.fingerprint,
            "arrived": camera.arrived or 0,
            "resumable": not upload.in_one_piece,
        }
        if upload is not None
        else None,
    }


def _unfinished(request: OperatorRequest) -> list[RecordingSession]:
    """Sessions with an upload that somebody began and nobody has ended, the latest first."""
    open_uploads = MediaAsset.objects.in_tenant(request.context).filter(uploads__state="open")
    sessions = RecordingSession.objects.in_tenant(request.context).filter(pk__in=open_uploads.values("session"))
    return list(sessions.order_by("-updated_at")[:5])


def _free_labels(taken: list[str]) -> list[str]:
    return [label for label in map(chr, range(ord("A"), ord("Z") + 1)) if label not in taken]


def to_store(request: OperatorRequest, key: str, filename: str) -> HttpResponseRedirect:
    """To an object's own link; with `?download`, as a download of this name."""
    store, naming = storage.store(), "download" in request.GET
    if naming and store.head(key) is None:
        raise NotFound(f"{filename} is no longer in storage. Process its camera again on the session page.")
    answer = redirect(storage.fronted(store.url(key, filename=filename if naming else None)))
    answer["Cache-Control"] = "no-store" if naming else f"private, max-age={LINK_CACHED}"
    return answer
