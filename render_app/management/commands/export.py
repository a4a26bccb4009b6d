"""Exports for scripts: the request that `POST /api/export` takes, from a file, made here, its files copied to a folder."""

import json
import shutil
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from media_app import jobs, storage
from render_app.models import Export
from render_app.services import exports
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError


class Command(BaseCommand):
    help = "Export an edit (docs/export.md): a request as JSON in, its files in a folder out."

    def add_arguments(self, parser):
        parser.add_argument("request", metavar="FILE", help="the request as JSON; - reads standard input")
        parser.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="where the files go")
        parser.add_argument("--tenant", default=settings.DEFAULT_TENANT, metavar="T")
        parser.add_argument("--env", default=settings.DEFAULT_ENV, metavar="E")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, and make nothing")

    def handle(self, *args, request: str, to: Path, tenant: str, env: str, dry_run: bool, **options):
        try:
            asked = json.loads(sys.stdin.read() if request == "-" else Path(request).read_text())
        except (OSError, ValueError) as error:
            self._refuse(f"{request} cannot be read as JSON: {error}")
        try:
            context = Context(tenant, env)
            if dry_run:
                self.stdout.write(json.dumps(exports.plan_of(context, asked).plan.as_json, indent=2))
                return
            export = self._made(context, asked)
        except StudioError as error:
            self._refuse(str(error))
        to.mkdir(parents=True, exist_ok=True)
        for file in export.files_json:
            self._copy(file, to)
        for warning in export.warnings_json:
            self.stderr.write(f"warning: {warning}")

    def _made(self, context: Context, asked: dict) -> Export:
        """The export, worked off in this process."""
        export = exports.start(exports.Asked(context), asked)
        assert export.job
        jobs.run_here(export.job)
        export.refresh_from_db()
        if export.outcome != Export.Outcome.COMPLETED:
            self._refuse(f"The export is {export.status}. {export.error_message or export.job.error_message}")
        return export

    def _copy(self, file: dict, folder: Path) -> None:
        path = folder / f"{file['name']}{Path(file['key']).suffix}"
        with storage.store().open(file["key"]) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        self.stdout.write(f"{path}  {file['size_bytes']:,} bytes  {file['checksum']}")

    def _refuse(self, message: str) -> None:
        self.stderr.write(message)
        raise SystemExit(2)
