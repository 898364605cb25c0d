"""What is refused of pictures, files and uploads."""

from __future__ import annotations

from apps.common.errors import DomainError, NotFound, ValidationFailed


class MediaNotFound(NotFound):
    """No such picture, or not the caller's."""

    code = "media_not_found"
    title = "There is no such picture"


class FileNotFound(NotFound):
    """No such file, or not the caller's."""

    code = "file_not_found"
    title = "There is no such file"


class UploadNotFound(NotFound):
    """No such upload, or not the caller's."""

    code = "upload_not_found"
    title = "There is no such upload"


class UploadExpired(DomainError):
    """It was not finished in time."""

    code = "upload_expired"
    title = "The time of this upload is over"


class UploadMissing(DomainError):
    """Nothing has arrived yet."""

    code = "upload_missing"
    title = "Nothing was sent to this upload yet"


class WrongUpload(DomainError):
    """What arrived is not what was announced."""

    code = "upload_differs"
    status = 422
    title = "The file is not the one that was announced"


class PictureTaken(DomainError):
    """The product has this very picture already."""

    code = "picture_taken"
    title = "The product has this picture already"


class TooManyFiles(DomainError):
    """A product holds so many and no more."""

    code = "too_many_files"
    status = 422
    title = "The product has as many as it can hold"


class NotFetched(ValidationFailed):
    """The address gives no picture."""

    code = "not_fetched"
    title = "The picture cannot be fetched"


class ReviewNeeded(DomainError):
    """Pictures of an approved product are changed by a request that is reviewed."""

    code = "review_needed"
    title = "This change is reviewed first"
