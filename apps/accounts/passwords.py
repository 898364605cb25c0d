"""What a password must be made of, beside what Django's own validators ask (ACC-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

_LONGEST = 128
# How much may hang on a common word before it counts as another password: `Summer2024!`.
_LONGEST_TAIL = 5

_KINDS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("password_no_upper", "an upper-case letter", str.isupper),
    ("password_no_digit", "a digit", str.isdigit),
    ("password_no_special", "a special character", lambda char: not char.isalnum()),
)


class CompositionValidator:
    """An upper-case letter, a digit and a special character; each one missing is a reason."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with one error for each kind that is missing."""
        missing = [
            ValidationError(f"The password must have {words}.", code=code)
            for code, words, is_kind in _KINDS
            if not any(map(is_kind, password))
        ]
        if missing:
            raise ValidationError(missing)

    def get_help_text(self) -> str:
        """For forms."""
        return "Your password must have an upper-case letter, a digit and a special character."


class MaximumLengthValidator:
    """No longer than the API takes: a bound on what is hashed."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if len(password) > _LONGEST:
            raise ValidationError(
                f"The password must have at most {_LONGEST} characters.", code="password_too_long"
            )

    def get_help_text(self) -> str:
        """For forms."""
        return f"Your password must have at most {_LONGEST} characters."


class CommonWordValidator(CommonPasswordValidator):
    """Django's list of common passwords, also with a few digits and signs hung on."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for `Password1!` as for `password`."""
        super().validate(password, user)
        plain = password.lower().strip()
        word = plain.strip("0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")
        if len(plain) - len(word) <= _LONGEST_TAIL:
            super().validate(word, user)
