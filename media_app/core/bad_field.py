"""Values of a request that cannot be used."""


class BadField(ValueError):
    """A value that cannot be used; `field` names it in the request."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
