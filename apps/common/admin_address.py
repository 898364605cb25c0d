"""A postal address in a form of admin: field by field, kept as the one object that it is."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from apps.common.admin_forms import one_line
from apps.common.api.fields import COUNTRY, PHONE
from apps.common.postal import ADDRESS_PARTS
from apps.common.subdivisions import no_state, state_code

# As rows of a page.
ADDRESS_ROWS = (
    ("address_name", "address_phone"),
    ("address_line1", "address_line2"),
    ("address_postal_code", "address_city"),
    ("address_state", "address_country"),
)
_NEEDED = ("name", "line1", "city", "country")


class AddressForm(forms.ModelForm[Any]):
    """A form whose model keeps one address. All of it may be empty: then there is none."""

    address_name = one_line("Name")
    address_line1 = one_line("Street")
    address_line2 = one_line("Second line")
    address_postal_code = one_line("Postal code", 20)
    address_city = one_line("City", 100)
    address_state = one_line("State", 100)
    address_country = one_line("Country", 2, "Two-letter code, such as DE")
    address_phone = one_line("Phone", 16, "With the country first, such as +4930123456")

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
        if address["country"] and not re.match(COUNTRY, address["country"]):
            self.add_error("address_country", "Write a two-letter code, such as DE.")
        code = state_code(address["country"], address["state"])
        if code is None:
            self.add_error("address_state", no_state(address["country"], address["state"]))
        address["state"] = code or ""
        if address["phone"] and not re.match(PHONE, address["phone"]):
            self.add_error("address_phone", "Write it like +4930123456.")
        return address
