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
    title = "This store is suspended"


class StoreExists(DomainError):
    """The slug or a domain is taken."""

    code = "store_exists"
    title = "A store with this slug or domain exists already"


class TemplateMissing(DomainError):
    """The template schema was never prepared."""

    code = "template_missing"
    status = 503
    title = "Stores cannot be created before `manage.py migrate_stores` has prepared the template"
