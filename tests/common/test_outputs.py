"""What a kept serializer shows is what the serializer itself would."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from apps.accounts.models import Address, User
from apps.common.api.outputs import shown
from tests.support.people import make_user

pytestmark = pytest.mark.covers("NFR-12")


class PartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class ThingSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(default=7)
    color = serializers.CharField(allow_null=True)
    weight = serializers.IntegerField(required=False)
    label = serializers.CharField(source="maker.name")
    whole = PartSerializer(source="*")
    part = PartSerializer(allow_null=True)
    parts = PartSerializer(many=True)
    loud = serializers.SerializerMethodField()
    made = serializers.CharField()
    secret = serializers.CharField(write_only=True)
    tags = serializers.ListField(child=serializers.CharField())

    def get_loud(self, thing: Any) -> str:
        name: str = thing["name"] if isinstance(thing, dict) else thing.name
        return name.upper() + self.context.get("mark", "")


class ChangedSerializer(PartSerializer):
    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"changed": super().to_representation(instance)}


class AddressSerializer(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = ("id", "user", "city")


class PersonSerializer(serializers.ModelSerializer[User]):
    addresses = AddressSerializer(many=True)

    class Meta:
        model = User
        fields = ("email", "addresses", "created_at")


def thing(**changes: Any) -> dict[str, Any]:
    part = {"name": "wheel", "count": 4}
    given = {
        "name": "cart",
        "count": None,
        "size": 3,
        "color": "red",
        "weight": 9,
        "maker": {"name": "Ann"},
        "part": part,
        "parts": [part, {"name": "axle", "count": None}],
        "made": lambda: "here",
        "tags": ["a", "b"],
    }
    return {key: value for key, value in {**given, **changes}.items() if value is not ...}


def as_object(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: as_object(item) for key, item in value.items()})
    return [as_object(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("of", [as_object, dict], ids=["object", "mapping"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"part": None, "color": None}, {"size": ..., "color": ..., "weight": ...}, {"parts": []}],
    ids=["all", "none", "left out", "empty"],
)
def test_it_shows_the_same(of: Any, changes: dict[str, Any]) -> None:
    instance = of(thing(**changes))

    assert shown(ThingSerializer, instance, mark="!") == ThingSerializer(
        context={"mark": "!"}
    ).to_representation(instance)


def test_it_shows_what_is_there() -> None:
    assert shown(ThingSerializer, as_object(thing(weight=..., size=...))) == {
        "name": "cart",
        "size": 7,
        "color": "red",
        "label": "Ann",
        "whole": {"name": "cart", "count": None},
        "part": {"name": "wheel", "count": 4},
        "parts": [{"name": "wheel", "count": 4}, {"name": "axle", "count": None}],
        "loud": "CART",
        "made": "here",
        "tags": ["a", "b"],
    }


def test_a_missing_attribute_is_told_as_ever() -> None:
    with pytest.raises(AttributeError, match="PartSerializer"):
        shown(PartSerializer, SimpleNamespace(count=4))


def test_a_representation_of_its_own_stays() -> None:
    part = {"name": "wheel", "count": 4}

    assert shown(ChangedSerializer, part) == {"changed": part}


def test_related_rows_and_keys_are_shown(store: Any) -> None:
    ann = make_user(email="ann@example.com")
    way = {"line1": "1 Way", "city": "Ulm", "postal_code": "89073", "country": "DE"}
    Address.objects.create(user=ann, **way)

    told = shown(PersonSerializer, ann)

    assert told == PersonSerializer().to_representation(ann)
    assert [(one["user"], one["city"]) for one in told["addresses"]] == [(ann.pk, "Ulm")]
