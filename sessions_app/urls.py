"""Every address of this app: its pages under `sessions/`, its API under `v2/sessions`."""

from django.urls import path

from sessions_app import api, pages

page_urls = (
    [
        path("", pages.session_list, name="list"),
        path("tenant/", pages.choose_tenant, name="tenant"),
    ],
    "sessions",
)

api_urls = [path("", api.Sessions.as_view(), name="sessions")]
