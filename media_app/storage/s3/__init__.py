"""The store in a bucket of S3 or of something that speaks S3, Cloudflare R2 first among them.

What R2 asks of a client, and is done here: no checksum trailers (boto3 sends them unless configured), region
`auto`, no ACLs, parts of equal length. What no bucket promises, and is not relied on: that an ETag is an MD5, that a part which
has just been sent is listed at once, that the reply to a completed upload arrives.
"""

from media_app.storage.s3.store import S3Store

__all__ = ["S3Store"]
