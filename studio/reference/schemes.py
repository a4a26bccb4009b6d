"""The OpenAPI description of signing in."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "sessions_app.web.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, created on your account page.",
        }


class BrowserScheme(OpenApiAuthenticationExtension):
    target_class = "sessions_app.web.auth.BrowserAuthentication"
    name = "browser"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Signed in; writes need CSRF."}
