"""The API's description and its pages, closed to what their library passes on unchecked."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """GET /api/schema/: the OpenAPI description, as YAML or JSON."""

    def _get_version_parameter(self, request) -> None:
        """No version: there is one, and the library would write what was asked for into a header."""


class Docs(SpectacularSwaggerSplitView):
    """GET /api/docs/: the OpenAPI description as a page."""

    url_name = "schema"
    #: OPTIONS would need a template of its own.
    http_method_names = ["get", "head"]
