"""The pages of an admin site that show rows: every list, and one row of each model."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse


def pages_of(site: Any) -> list[str]:
    """The lists of all models that have one, and the page of a row where there is a row."""
    paths = []
    for model in site._registry:
        name = f"{site.name}:{model._meta.app_label}_{model._meta.model_name}"
        try:
            paths.append(reverse(f"{name}_changelist"))
            key = model._default_manager.values_list("pk", flat=True).first()
            if key is not None:
                paths.append(reverse(f"{name}_change", args=[key]))
        except NoReverseMatch:
            continue
    return paths
