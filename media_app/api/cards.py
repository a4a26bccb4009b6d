"""`/v2/files/sort`: the files of cards as cameras with clips, before a byte is sent."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.core.cards.takes import CardFile
from media_app.services import cards
from sessions_app.models import camera_label
from sessions_app.web.fields import Input, Output, Text

#: A card of a day's shoot has hundreds; a browser hands out no more than this in a moment.
MOST_FILES = 5000


class CardFileInput(serializers.Serializer):
    path = Text(
        max_length=1000,
        trim_whitespace=False,
        help_text="From the folder that was dropped: Wide/DCIM/100GOPRO/GX010012.MP4.",
    )
    sizeBytes = serializers.IntegerField(source="size_bytes", min_value=0, max_value=2**63 - 1, default=0)
    modifiedMs = serializers.FloatField(
        min_value=0, max_value=1e14, default=0, help_text="When the file was written, ms since 1970; 0 where not known."
    )
    serial = Text(
        max_length=100,
        allow_blank=True,
        default="",
        help_text="The device's serial number, where known: what one device made is of one camera, whatever the folders are called.",
    )


class SortInput(Input):
    files = serializers.ListField(child=CardFileInput(), allow_empty=False, max_length=MOST_FILES)
    usedLabels = serializers.ListField(
        child=Text(max_length=1, validators=[camera_label]),
        max_length=26,
        default=list,
        help_text="Labels of cameras that are there already.",
    )
    sessionId = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The session that the files go into: another card of one of its cameras, by serial number or by the name of its folder, gets "
        "that camera's letter, and clip numbers that go on.",
    )


class PlannedTrackOutput(Output):
    path = serializers.CharField()
    sizeBytes = serializers.IntegerField(source="size_bytes")
    name = serializers.CharField(help_text="What it is called among the others: mix, TR1, 3.")


class PlannedClipOutput(Output):
    path = serializers.CharField()
    sizeBytes = serializers.IntegerField(source="size_bytes")
    clip = serializers.IntegerField(help_text="What to say in init-upload.")
    cameraKey = serializers.CharField(source="camera_key")
    continues = serializers.CharField(help_text="Key of the chapter before it; empty for the first, and behind a gap.")
    track = serializers.CharField(help_text="Which of a recorder's tracks it is: 3, TR2, LR; empty for what is none.")
    mix = serializers.BooleanField(help_text="Whether it holds all tracks, as far as its name says.")
    tracks = PlannedTrackOutput(
        many=True,
        help_text="All files of the take, the mix first, where a recorder wrote a WAV for each track; else empty. Packed in one tar, they are "
        "uploaded as one clip that keeps every track; uploaded alone, `path` is the clip.",
    )
    packedPath = serializers.CharField(
        source="packed_path",
        help_text="What to call that tar in init-upload: `cardPath`, and from the last slash `filename`. Zoom/ZOOM0001.tar.",
    )


class SortedCameraOutput(Output):
    cameraLabel = serializers.CharField(source="label")
    name = serializers.CharField(help_text="As its card's folder is called; empty where there was none.")
    make = serializers.CharField(help_text="By the names of its files; empty where they say nothing.")
    clips = serializers.SerializerMethodField()

    def get_clips(self, camera) -> PlannedClipOutput(many=True):  # type: ignore[valid-type]
        return PlannedClipOutput(cards.planned(camera), many=True).data


class SetAsideOutput(Output):
    path = serializers.CharField()
    what = serializers.CharField(help_text="Low-resolution copy, index, picture, track of ZOOM0001_LR.WAV, copy of …")
    sizeBytes = serializers.IntegerField(source="size_bytes", help_text="As it was given.")
    instead = serializers.CharField(
        help_text="Path of the file that is sent in its place, of which it is a track or a copy; empty for what is no recording."
    )
    track = serializers.CharField(help_text="Which track of its recording it is: 3, TR2, S34; empty for what is none.")


class SortOutput(Output):
    """Whose recording each file is: every path stands in a camera's clips, in `setAside` or in `unplaced`. `warnings` name chapters that
    are missing, doubled, foreign or out of order, and recordings whose tracks are files of their own."""

    cameras = SortedCameraOutput(many=True)
    setAside = SetAsideOutput(source="set_aside", many=True)
    unplaced = serializers.ListField(child=serializers.CharField(), help_text="No camera label was left for these.")
    warnings = serializers.ListField(source="faults", child=serializers.CharField())


class SortFiles(APIView):
    """POST /v2/files/sort: the files of cards as cameras, clips and chapters. Nothing is stored."""

    @extend_schema(request=SortInput, responses=SortOutput)
    def post(self, request):
        said = SortInput.parse(request)
        files = [
            CardFile(one["path"], one["size_bytes"], one["modifiedMs"] / 1000, one["serial"]) for one in said["files"]
        ]
        return Response(SortOutput(cards.sort(request.context, files, said["usedLabels"], said["sessionId"])).data)
