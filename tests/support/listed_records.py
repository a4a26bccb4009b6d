"""One record of each kind that a page lists, so that a crawl finds every page."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from media_app import storage
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, Webhook, Worker
from render_app.models import Production
from sessions_app.models import AccessToken, Invitation, Membership
from tests.support.records import film_of
from tests.support.shoots import gallery, job

#: Who a crawl may be: a member, one with every right in the records, one who has all rights at once, and who is not signed in.
ROLES = ("operator", "staff", "superuser", "nobody")


def one_of_each(role: str):
    """A member of the local tenant, with sessions in every state and everything that belongs to one."""
    is_staff, is_superuser = role in ("staff", "superuser"), role == "superuser"
    user = get_user_model().objects.create(username="operator", is_staff=is_staff, is_superuser=is_superuser)
    user.user_permissions.set(Permission.objects.all() if role == "staff" else [])
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    shown = gallery()
    film = MediaAsset.objects.filter(session=shown["ready"], camera_label="A").get()
    stamp = film.context.stamp()
    work = job(film, shown["ready"], type="audio_master_v1", status="COMPLETED", completed_at=timezone.now())
    work.attempt_rows.create(attempt_no=1, worker="studio-1:1", outcome="completed", **stamp)
    package = {"playlist": "p/master.m3u8", "rungs": [{"width": 1280, "height": 720}]}
    for status, fields in (
        ("completed", {"package_json": package}),
        ("failed", {"error_message": "It ends too early."}),
    ):
        made = Production.objects.create(**stamp, asset=film, status=status, packager="hls", job=work, **fields)
        folder = keys.production_prefix(made.tenant_id, made.env, str(made.pk))
        storage.store().put_bytes(f"{folder}master.m3u8", b"#EXTM3U\n", content_type="application/vnd.apple.mpegurl")
    for key in (*MediaAsset.objects.values_list("original_key", flat=True), *_derived()):
        storage.store().put_bytes(key, b"media", content_type="application/octet-stream")
    film_of(shown["ready"], "Recital")
    AccessToken.issue(user=user, tenant_id="t_local", env="dev", name="laptop")
    Invitation.objects.create(
        **stamp, note="Sam", digest="d" * 64, created_by=user, expires_at=timezone.now() + timedelta(days=7)
    )
    Webhook.objects.create(**stamp, url="https://example.org/hook")
    Worker.objects.create(name="studio-1:1", host="studio-1")
    return user


def signed_in(user, role: str) -> Client:
    """A browser of the user; of nobody for that role."""
    browser = Client()
    if role != "nobody":
        browser.force_login(user)
    return browser


def _derived() -> list[str]:
    """The keys of derivatives that are rows alone: a thumbnail is a picture already."""
    return list(DerivedMedia.objects.exclude(kind="thumbnail").values_list("key", flat=True))
