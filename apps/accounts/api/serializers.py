"""Shapes of people on the wire. Password hashes are in none of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import AccountStatus, Session, User
from apps.accounts.roles import Role
from apps.accounts.rules import check_password, normalized_email
from apps.common.api.fields import AddressSerializer as PostalAddressSerializer
from apps.common.api.fields import CleanCharField
from apps.common.errors import ValidationFailed

_LONGEST_PASSWORD = 128


class PhoneField(serializers.RegexField):
    """An E.164 number, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        message = "Send the number in E.164 form such as +4930123456."
        super().__init__(
            r"\A\+[1-9][0-9]{6,14}\Z",
            allow_blank=True,
            error_messages={"invalid": message},
            **kwargs,
        )


class EmailField(serializers.EmailField):
    """An e-mail address in the form that the store keeps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The address in lower case. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return normalized_email(data)
        except ValidationFailed as error:
            raise serializers.ValidationError(error.detail, code=error.errors[0].code) from error


class PasswordField(serializers.CharField):
    """A password as typed: nothing is trimmed, nothing is ever sent back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=_LONGEST_PASSWORD, trim_whitespace=False, write_only=True, **kwargs
        )

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError for what is no text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class UserSerializer(serializers.ModelSerializer[User]):
    """A user as everybody who may see the user sees it."""

    permissions = serializers.SerializerMethodField()
    customer_group = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "first_name",
            "last_name",
            "phone",
            "role",
            "permissions",
            "vendor_id",
            "status",
            "email_verified",
            "customer_group",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_permissions(self, user: User) -> list[str]:
        """The codes of the role's bundle."""
        return sorted(user.permissions)

    def get_customer_group(self, user: User) -> str:
        """The code of the group whose prices the user pays; blank for everybody's."""
        return user.customer_group_id or ""


class RegisterSerializer(serializers.Serializer[Any]):
    """What a visitor tells to open an account; a role is not among it."""

    email = EmailField()
    password = PasswordField()
    first_name = CleanCharField(max_length=100, required=False, allow_blank=True, default="")
    last_name = CleanCharField(max_length=100, required=False, allow_blank=True, default="")
    phone = PhoneField(required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the password against the rules, which know the name. Raises ValidationError."""
        known = {name: attrs[name] for name in ("email", "first_name", "last_name")}
        try:
            check_password(attrs["password"], User(**known))
        except ValidationFailed as error:
            reasons = [serializers.ErrorDetail(row.detail, row.code) for row in error.errors]
            raise serializers.ValidationError({"password": reasons}) from error
        return attrs


class LoginSerializer(serializers.Serializer[Any]):
    """E-mail and password. What is no address is simply nobody's."""

    email = serializers.CharField(max_length=255)
    password = PasswordField()


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4_096)


class LogoutSerializer(serializers.Serializer[Any]):
    """The refresh token of the session to end, where no access token is sent."""

    refresh = serializers.CharField(max_length=4_096, required=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token, the refresh token for the next one, and how long access lasts."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(help_text="Always Bearer.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
    scope = serializers.CharField(
        allow_blank=True,
        help_text="`enrol` where nothing but setting up two-step sign-in is open; else empty.",
    )


class SignedInSerializer(TokenPairSerializer):
    """Tokens, and whose they are."""

    user = UserSerializer()


class CookieSessionSerializer(serializers.Serializer[Any]):
    """The tokens are in cookies; this is what the page itself needs."""

    csrf_token = serializers.CharField(help_text="To send as X-CSRF-Token with every change.")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")
    scope = serializers.CharField(
        allow_blank=True,
        help_text="`enrol` where nothing but setting up two-step sign-in is open; else empty.",
    )


class SignedInByCookieSerializer(CookieSessionSerializer):
    """Whose the tokens in the cookies are."""

    user = UserSerializer()


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A signed-in device. `current` is the one that asks."""

    device = serializers.CharField(source="user_agent", help_text="What the client calls itself.")
    address = serializers.IPAddressField(allow_null=True)
    current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "device", "address", "created_at", "last_used_at", "expires_at", "current"]
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        """Whether the request came by this session."""
        return session.pk == self.context.get("current")


class ClaimsSerializer(serializers.Serializer[Any]):
    """What an access token says."""

    sub = serializers.UUIDField(help_text="The user.")
    sid = serializers.UUIDField(help_text="The session.")
    jti = serializers.UUIDField()
    typ = serializers.CharField()
    iss = serializers.CharField()
    aud = serializers.UUIDField()
    store = serializers.CharField(help_text="The store's slug.")
    store_id = serializers.UUIDField()
    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    vendor_id = serializers.UUIDField(
        required=False, help_text="The vendor that the user acts for, where there is one."
    )
    iat = serializers.IntegerField()
    nbf = serializers.IntegerField()
    exp = serializers.IntegerField()


class ProfileSerializer(serializers.Serializer[Any]):
    """What users change about themselves."""

    first_name = CleanCharField(max_length=100, required=False, allow_blank=True)
    last_name = CleanCharField(max_length=100, required=False, allow_blank=True)
    phone = PhoneField(required=False)


class ManagedUserSerializer(ProfileSerializer):
    """What staff may change about others as well."""

    role = serializers.ChoiceField(Role.choices, required=False)
    vendor_id = serializers.UUIDField(required=False, allow_null=True)
    status = serializers.ChoiceField(AccountStatus.choices, required=False)
    customer_group = serializers.SlugField(
        max_length=50, required=False, allow_blank=True, help_text="Code; blank for none"
    )


class UserAddressSerializer(PostalAddressSerializer):
    """An address of the address book."""

    id = serializers.UUIDField(read_only=True)
    label: Any = CleanCharField(max_length=50, required=False, allow_blank=True, default="")
    name = CleanCharField(max_length=200, required=False, allow_blank=True, default="")
    is_default = serializers.BooleanField(required=False, default=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
