"""Messages to an address: no redirect is followed, and the answer's body is not kept."""

import http.client
from collections.abc import Mapping

from media_app.outbound.connection import Unreachable, asked, check

READ_CAP = 64 << 10


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = 15.0) -> int:
    """The status with which the address answered. Raises AddressRefused, Unreachable."""
    target = check(url)
    with asked("POST", target, headers, body, seconds=seconds) as (answer, _):
        try:
            answer.read(READ_CAP)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{target.host} did not end its answer ({type(error).__name__}).") from error
        return answer.status
