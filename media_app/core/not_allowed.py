"""What no client chooses: paths, and the options of programs."""

from sessions_app.errors import StudioError

#: The field of a request or a record → what to use instead.
NOT_ALLOWED = {
    "output_path": "Studio chooses where a file lies, and answers its uri and url.",
    "output_dir": "Studio chooses where a file lies, and answers its uri and url.",
    "storage": "Studio keeps every file in the one store that it is set up with, and answers its uri and url.",
    "ffmpeg_opts": "Use the named parameters of this route.",
    "lut_path": "Register the LUT, and name its artifact.",
    "local_path": "Upload the file, or name its asset.",
}


class NotAllowed(StudioError):
    """A field that names a path or a tool's options, which no client chooses."""

    code = "not_allowed"
    status = 422
