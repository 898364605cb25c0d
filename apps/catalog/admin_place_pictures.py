"""The picture of a category or collection in its form of admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminImageFieldWidget

from apps.catalog.media.naming import sizes_of
from apps.catalog.models import MediaFile
from apps.catalog.services.create_product import default_vendor_id
from apps.catalog.services.keep_file import keep_picture
from apps.common.admin_forms import ServiceAdmin
from apps.common.errors import DomainError
from apps.common.storage import public_address

# In the form; the models and services call it `image`.
FIELD = "picture"


class PictureField(forms.FileField):
    """A picture that `PlacePictures` has kept by now; its refusal is told at the field."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            widget=UnfoldAdminImageFieldWidget(attrs={"accept": "image/*"}),
            help_text="JPEG, PNG or WebP, up to 10 MB and 40 megapixels (WebP: 8).",
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Raises ValidationError."""
        refused = getattr(data, "refused", "")
        if refused:
            raise forms.ValidationError(refused, code="refused")
        return super().clean(data, initial)


class Held:
    """The picture that is there, as the field shows it."""

    def __init__(self, file: MediaFile) -> None:
        self.name = str(file)
        self.url = sizes_of(file).get("320") or public_address(file.key)

    def __str__(self) -> str:
        return self.name


def show_held(form: forms.ModelForm[Any]) -> None:
    """Put the row's picture into its field."""
    if form.instance.image is not None:
        form.initial[FIELD] = Held(form.instance.image)


def with_image(data: dict[str, Any]) -> dict[str, Any]:
    """What the form says, with `image` in place of the field: only where it was changed."""
    chosen = data.pop(FIELD, None)
    if chosen is False:
        data["image"] = None
    elif isinstance(chosen, UploadedFile):
        data["image"] = chosen.kept_as  # type: ignore[attr-defined]
    return data


class PlacePictures(ServiceAdmin):
    """Mixed into the admin of what has one picture: keeps a file before the form is saved."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form saves in a transaction, in which nothing may be written to the storage.

        A file whose form is refused is cleaned away after a week like all that nothing shows.
        """
        file = request.FILES.get(FIELD) if request.method == "POST" else None
        may = self.has_add_permission(request) if object_id is None else True
        if file is not None and may and self.has_change_permission(request):
            _keep(file, request)
        return super().changeform_view(request, object_id, form_url, extra_context)


def _keep(file: Any, request: HttpRequest) -> None:
    try:
        kept = keep_picture(
            file.file,
            vendor_id=default_vendor_id(),
            file_name=file.name or "",
            created_by=request.user.pk,
        )
    except DomainError as error:
        file.refused = error.errors[0].detail if error.errors else str(error)
    else:
        file.kept_as = kept.pk
