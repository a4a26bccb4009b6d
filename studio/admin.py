"""The admin site, under Studio's name."""

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from studio.web import sign_in


class StudioAdminSite(AdminSite):
    site_header = "Studio"
    site_title = "Studio"
    index_title = "Records"

    def get_urls(self):
        """Leave out the redirect to a record's page of its own: no record has one, and it would tell which ids exist."""
        return [route for route in super().get_urls() if getattr(route, "name", "") != "view_on_site"]

    def login(self, request, extra_context=None):
        """Studio has one way to sign in; whoever is signed in and may not come here reads why."""
        if request.user.is_authenticated and not self.has_permission(request):
            return render(
                request, "403.html", {"reason": "The admin pages are for staff. Ask an administrator."}, status=403
            )
        if request.method == "POST":
            return sign_in.SignIn.as_view()(request)
        where = request.GET.get("next", "")
        here = url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure())
        return redirect_to_login(where if here else reverse("admin:index"), reverse("sign-in"))
