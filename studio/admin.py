"""The admin site, under Studio's name."""

from django.contrib.admin import AdminSite

from sessions_app.web.limits import TooManyRequests
from studio import sign_in


class StudioAdminSite(AdminSite):
    site_header = "Studio"
    site_title = "Studio"
    index_title = "Records"

    def get_urls(self):
        """Leave out the redirect to a record's page of its own: no record has one, and it would tell which ids exist."""
        return [route for route in super().get_urls() if getattr(route, "name", "") != "view_on_site"]

    def login(self, request, extra_context=None):
        if request.method == "POST":
            try:
                sign_in.count_attempt(request)
            except TooManyRequests as error:
                return sign_in.too_many(request, error)
        return super().login(request, extra_context)
