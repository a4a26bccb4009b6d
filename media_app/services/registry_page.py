"""What the registry's pages show: the list with its pictures, and one asset with its lineage."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from media_app.core import kinds, lineage
from media_app.core.lineage import Node, Picture, shortened
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.models.assets import MediaAssetQuerySet
from media_app.models.lookups import HasElement
from media_app.services import registry
from media_app.services.withheld import SHOWN
from sessions_app.core.tenant import Context

#: Lines of lineage that a picture reads, and boxes that one of its columns has.
MOST, TALLEST = 400, 12
_PICTURE = DerivedMedia.objects.filter(
    SHOWN, asset=OuterRef("pk"), kind=kinds.THUMBNAIL.name, expired_at=None
).order_by()
_COUNT = DerivedMedia.objects.filter(asset=OuterRef("pk")).order_by().values("asset").annotate(count=Count("pk"))


def searched(context: Context, *, search: str = "", kind: str = "", tag: str = "") -> MediaAssetQuerySet:
    """The tenant's assets whose name, reference or a tag holds the words; of this kind; with this tag."""
    found = registry.assets_of(context).annotate(
        thumbnail=Subquery(_PICTURE.values("pk")[:1]), artifact_count=Coalesce(Subquery(_COUNT.values("count")), 0)
    )
    if search:
        named = Q(original_filename__icontains=search) | Q(source_ref__icontains=search)
        found = found.filter(named | Q(HasElement("tags", search)))
    if kind:
        found = found.filter(kind=kind)
    return found.tagged(tag) if tag else found


def lineage_of(asset: MediaAsset) -> Picture:
    """An asset and the other files that went into its artifacts; these; and what was made of any of it."""
    rows = list(asset.derivatives.listed().order_by("kind", "pk")[:MOST])
    graph = _Graph(asset, rows)
    into = ArtifactSource.objects.filter(artifact__in=rows).select_related("source_asset", "source_artifact__asset")
    for source in into[:MOST]:
        graph.add_source(source)
    used = ArtifactSource.objects.filter(Q(source_asset=asset) | Q(source_artifact__in=rows)).exclude(
        Q(artifact__asset=asset) | Q(artifact__kind__in=kinds.OWN)
    )
    for source in used.select_related("artifact__asset")[:MOST]:
        graph.add_use(source)
    return graph.picture()


@dataclass
class _Graph:
    """Files of one kind are one box: an asset may have hundreds of frames."""

    asset: MediaAsset
    rows: list[DerivedMedia]
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add(Node("original", 0, shortened(self.asset.original_filename), "this file"))
        for kind, count in Counter(row.kind for row in self.rows).items():
            note = f"{count} files" if count > 1 else "1 file"
            self._link("original", Node(kind, 1, kinds.label(kind), note))

    def add_source(self, source: ArtifactSource) -> None:
        """A file that went into one of the artifacts."""
        row = source.source_artifact
        asset = source.source_asset or (row.asset if row else None)
        if asset is not None and asset.pk == self.asset.pk:
            if row is not None:
                self.edges[(row.kind, source.artifact.kind)] = None
            return
        name = asset.original_filename if asset else source.key.rpartition("/")[2]
        note = source.role or (kinds.label(row.kind) if row else "original")
        node = Node(f"from {source.key}", 0, shortened(name), note if asset else f"{note}, removed", _id(asset))
        self._add(node)
        self.edges[(node.key, source.artifact.kind)] = None

    def add_use(self, source: ArtifactSource) -> None:
        """An artifact of another asset, made of this one or of an artifact of it."""
        made = source.artifact
        start = source.source_artifact.kind if source.source_artifact else "original"
        node = Node(
            f"in {made.pk}", 3, shortened(made.asset.original_filename), kinds.label(made.kind), _id(made.asset)
        )
        self._link(start, node)

    def _link(self, start: str, node: Node) -> None:
        self._add(node)
        self.edges[(start, node.key)] = None

    def _add(self, node: Node) -> None:
        held = sum(other.column == node.column for other in self.nodes.values())
        if held < TALLEST:
            self.nodes.setdefault(node.key, node)
        elif node.key not in self.nodes:
            self.nodes[f"more {node.column}"] = Node(f"more {node.column}", node.column, "and more")

    def picture(self) -> Picture:
        """The drawing."""
        columns = {key: node.column for key, node in self.nodes.items()}
        forward = [edge for edge in self.edges if columns.get(edge[0], 9) < columns.get(edge[1], -1)]
        return lineage.draw(list(self.nodes.values()), forward)


def _id(asset: MediaAsset | None) -> str:
    return str(asset.pk) if asset else ""
