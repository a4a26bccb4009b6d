"""What every journey may ask for."""

from tests.flows.studio import engine, studio  # noqa: F401
