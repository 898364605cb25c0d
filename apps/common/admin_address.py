"""A postal address in a form of admin: field by field, kept as the one object that it is."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

ADDRESS_PARTS = (
    "name",
    "line1",
    "line2",
    "postal_code",
    "city",
    "state",
    "country",
    "phone",
)
# As rows of a page.
ADDRESS_ROWS = (
    ("address_name", "address_phone"),
    ("address_line1", "address_line2"),
    ("address_postal_code", "address_city"),
    ("address_state", "address_country"),
)
_NEEDED = ("name", "line1", "city", "country")
_COUNTRY = re.compile(r"\A[A-Z]{2}\Z")
_PHONE = re.compile(r"\A\+[1-9][0-9]{6,14}\Z")


def _line(label: str, most: int = 200, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget(),
    )


class AddressForm(forms.ModelForm[Any]):
    """A form whose model keeps one address. All of it may be empty: then there is none."""

    address_name = _line("Name")
    address_line1 = _line("Street")
    address_line2 = _line("Second line")
    address_postal_code = _line("Postal code", 20)
    address_city = _line("City", 100)
    address_state = _line("State", 100)
    address_country = _line("Country", 2, "Two-letter code, such as DE")
    address_phone = _line("Phone", 16, "With the country first, such as +4930123456")

    def show_address(self, address: dict[str, Any] | None) -> None:
        """Fill the fields with what is kept."""
        for part in ADDRESS_PARTS:
            self.initial[f"address_{part}"] = (address or {}).get(part, "")

    def address_changed(self) -> bool:
        """Whether somebody typed in one of the fields."""
        return any(f"address_{part}" in self.changed_data for part in ADDRESS_PARTS)

    def read_address(self) -> dict[str, str] | None:
        """What was typed, or None for nothing; problems stand at their inputs. After the fields."""
        data = self.cleaned_data
        address = {part: data.get(f"address_{part}", "").strip() for part in ADDRESS_PARTS}
        address["country"] = address["country"].upper()
        if not any(address.values()):
            return None
        for part in _NEEDED:
            if not address[part] and f"address_{part}" not in self.errors:
                self.add_error(f"address_{part}", "An address needs this.")
        if address["country"] and not _COUNTRY.match(address["country"]):
            self.add_error("address_country", "Write a two-letter code, such as DE.")
        if address["phone"] and not _PHONE.match(address["phone"]):
            self.add_error("address_phone", "Write it like +4930123456.")
        return address
