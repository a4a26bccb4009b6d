"""Files and jobs in Django admin; each module registers its own."""

from media_app.admin import artifacts, assets, jobs, uploads, webhooks

__all__ = ["artifacts", "assets", "jobs", "uploads", "webhooks"]
