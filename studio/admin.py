"""The admin site, under Studio's name."""

from django.contrib.admin import AdminSite


class StudioAdminSite(AdminSite):
    site_header = "Studio"
    site_title = "Studio"
    index_title = "Records"
