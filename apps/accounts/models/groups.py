"""Groups of customers, who may pay prices of their own."""

from __future__ import annotations

from django.db import models

from apps.common.models import BaseModel


class CustomerGroup(BaseModel):
    """People who pay the same, such as wholesale; prices name it by its code (PEER-04)."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
