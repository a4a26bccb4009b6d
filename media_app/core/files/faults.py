"""What makes a file unusable, each with a sentence for the operator."""

from sessions_app.errors import StudioError


class NotUsable(StudioError):
    """The file cannot become media of a session; the sentence says why and what to do."""

    code = "not_usable"
    status = 422


class EmptyFile(NotUsable):
    code = "empty_file"


class NotMedia(NotUsable):
    code = "not_media"


class StillImage(NotUsable):
    code = "still_image"


class NeitherPictureNorSound(NotUsable):
    code = "neither_picture_nor_sound"


class OutOfRange(NotUsable):
    """A size, length, rate or number of streams that no camera makes."""

    code = "out_of_range"


class SourceDamaged(NotUsable):
    """The file is media, but a part of it is missing or cannot be decoded."""

    code = "source_damaged"


class Protected(NotUsable):
    """Encrypted, as shops and broadcasters do: without its key nothing of it can be read."""

    code = "protected"


class ReferenceMovie(NotUsable):
    """A movie that holds no media, but points at other files."""

    code = "reference_movie"


class PictureNotDecodable(NotUsable):
    """There is a picture, in a form that cannot be decoded here."""

    code = "picture_not_decodable"
