"""The filled stores of the isolation matrix, for what is generated from the routes."""

from __future__ import annotations

from tests.isolation.conftest import _scene, scene

__all__ = ["_scene", "scene"]
