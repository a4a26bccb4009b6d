"""Every address of Studio."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from media_app import urls as media
from render_app import urls as render
from sessions_app import urls as sessions
from studio import api
from studio.monitoring import health, metrics
from studio.reference import schemes  # noqa: F401  (they connect on import)
from studio.reference.docs import Schema, docs
from studio.web import faults
from studio.web.help import help_page
from studio.web.sign_in import SignIn
from sync_app import urls as sync

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="sessions:list"), name="home"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("", include(sessions.account_urls)),
    path("sessions/", include(sessions.page_urls)),
    path("sessions/", include(sync.page_urls)),
    path("sessions/", include(render.angle_page_urls)),
    path("", include(media.page_urls)),
    path("registry/", include(media.registry_page_urls)),
    path("registry/", include(render.faces_page_urls)),
    path("registry/", include(render.framing_page_urls)),
    path("registry/", include(render.masks_page_urls)),
    path("registry/", include(render.captions_page_urls)),
    path("", include(render.page_urls)),
    path("", include(render.project_page_urls)),
    path("help/", help_page, name="help"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics.scrape, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/schema/", Schema.as_view(), name="schema"),
    path("api/docs/", docs, name="api-docs"),
    path("api/", include(media.mastering_urls)),
    path("api/", include(render.production_urls)),
    path("api/", include(render.export_urls)),
    path("v2/sessions", include(sessions.api_urls)),
    path("v2/sessions/", include(media.session_urls)),
    path("v2/sessions/", include(sync.api_urls)),
    path("v2/sessions/", include(render.edit_urls)),
    path("v2/", include(media.card_urls)),
    path("v2/", include(media.webhook_urls)),
    path("video/", include(render.video_urls)),
    path("", include(render.audio_urls)),
    path("", include(media.store_urls)),
    path("", include(media.registry_urls)),
    path("", include(media.engine_urls)),
]

handler400 = api.bad_request
handler403 = faults.forbidden
handler404 = faults.not_found
handler500 = faults.server_error
