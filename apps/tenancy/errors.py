"""Errors of stores and hosts."""

from apps.common.errors import DomainError, NotFound


class StoreNotFound(NotFound):
    """No store by this host, header or path."""

    code = "store_not_found"
    title = "There is no such store"


class StoreConflict(DomainError):
    """Host, header, path and token name different stores."""

    code = "store_conflict"
    status = 400
    title = "The request names two different stores"


class StoreSuspended(DomainError):
    """The store does not serve at present."""

    code = "store_suspended"
    status = 403
    title = "This store does not serve at present"


class StoreExists(DomainError):
    """The slug or a domain is taken."""

    code = "store_exists"
    title = "A store with this slug or domain exists already"


class TemplateMissing(DomainError):
    """The template schema was never prepared."""

    code = "template_missing"
    status = 503
    title = "Stores cannot be created before `manage.py migrate_stores` has prepared the template"


class DomainNotFound(NotFound):
    """The store has no such host name."""

    code = "domain_not_found"
    title = "The store has no such domain"


class DomainTaken(DomainError):
    """Another store, or this one, has the host name."""

    code = "domain_taken"
    title = "This domain is taken"


class DomainNeeded(DomainError):
    """The primary host name of a store stays."""

    code = "domain_needed"
    title = "A store keeps its primary domain"


class UncopiableTemplate(RuntimeError):
    """The template holds something that new stores would not get."""


class MigrationRefused(RuntimeError):
    """Stores are not migrated: another run is under way, a lock would hurt, or a store failed."""


class ExportNotFound(NotFound):
    """The store has no export, or its time is over."""

    code = "export_not_found"
    title = "The store has no export"


class ExportNotReady(DomainError):
    """The export is still to come, or has failed."""

    code = "export_not_ready"
    title = "The export is not ready"


class BadBackup(DomainError):
    """The file is no backup, is damaged, or does not fit this release."""

    code = "bad_backup"
    status = 422
    title = "The backup cannot be used"
