"""A connection to an address that was judged, whatever the name answers the next time."""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from django.conf import settings

from media_app.core.addresses import BadAddress, Network, Target, read_url, refuse_address
from sessions_app.errors import StudioError

CONNECT_S = 5.0


class AddressRefused(StudioError):
    """Studio sends nothing to this address."""

    code = "address_refused"


class Unreachable(StudioError):
    """The address did not answer as HTTP does, or not in time."""

    code = "unreachable"
    status = 502


def check(url: str) -> Target:
    """The URL taken apart, judged without a look into DNS: for the moment in which somebody enters it.

    Raises AddressRefused.
    """
    try:
        target = read_url(url, plain_http=settings.OUTBOUND_PLAIN_HTTP)
        try:
            ipaddress.ip_address(target.host)
        except ValueError:
            return target
        _judge(target, target.host)
    except BadAddress as error:
        raise AddressRefused(str(error), field="url") from error
    return target


@contextmanager
def asked(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None = None, *, seconds: float
) -> Iterator[tuple[http.client.HTTPResponse, Callable[[], None]]]:
    """The answer of an address, its body not yet read. A timer ends what takes longer, however slowly it drips, unless the
    function that comes with the answer stops it. Raises AddressRefused, Unreachable."""
    connection = _Connection(target, _resolve(target), seconds)
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        with _explained(target, connection, seconds):
            sent = {**headers, "User-Agent": "Studio", "Connection": "close"}
            connection.request(method, target.path, body=body, headers=sent)
            answer = connection.getresponse()
        yield answer, timer.cancel
    finally:
        timer.cancel()
        connection.close()


@contextmanager
def _explained(target: Target, connection: "_Connection", seconds: float) -> Iterator[None]:
    """Raise Unreachable, with a sentence, for what goes wrong inside with a connection."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"The certificate of {target.host} is not valid: {error.verify_message}.") from error
    except (OSError, http.client.HTTPException) as error:
        why = f"took longer than {seconds:g} s" if connection.was_cut else type(error).__name__
        raise Unreachable(f"{target.host} did not answer ({why}).") from error


def _resolve(target: Target) -> str:
    """The address to connect to. One that may not be is enough to refuse the name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {target.host} is not known.") from error
    addresses = [str(entry[4][0]) for entry in found]
    try:
        for address in addresses:
            _judge(target, address)
    except BadAddress as error:
        raise AddressRefused(str(error), field="url") from error
    return addresses[0]


def _judge(target: Target, address: str) -> None:
    refuse_address(
        address, target.port, allowed=_networks(tuple(settings.OUTBOUND_NETWORKS)), ports=settings.OUTBOUND_PORTS
    )


@lru_cache(maxsize=4)
def _networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in named)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged, in the name of its host."""

    def __init__(self, target: Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._target, self._address = target, address
        self.was_cut = False

    def connect(self) -> None:
        # By hand: socket.create_connection would ask the resolver once more.
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        plain = self.sock = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(CONNECT_S)
        plain.connect((self._address, self._target.port))
        plain.settimeout(self.timeout)
        if self._target.secure:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self._target.host)

    def cut(self) -> None:
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.sock.close()
