"""What every journey may ask for."""

from tests.flows.studio import studio  # noqa: F401
