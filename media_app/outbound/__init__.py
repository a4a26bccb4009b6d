"""The only module that sends a request to an address that somebody gave us.

The host is resolved once, every address that comes back is judged, and the connection is made to one that was judged, so a
name that answers differently the next time leads nowhere else. TLS still checks the certificate against the name.
"""

from media_app.outbound.connection import AddressRefused, Unreachable, check
from media_app.outbound.download import Download, NotServed, download
from media_app.outbound.post import post

__all__ = ["AddressRefused", "Download", "NotServed", "Unreachable", "check", "download", "post"]
