"""The keys that a person wants on the review page."""

from collections import Counter
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from incidents.shortcuts import ACTIONS, NAMED, RESERVED


class KeyField(forms.CharField):
    """One character, or the name of a key such as Enter."""

    def clean(self, value: Any) -> str:
        key = str(super().clean(value))
        key = NAMED.get(key.lower(), key.lower())
        if key in RESERVED:
            raise forms.ValidationError(_("“%(key)s” is taken: it has a meaning of its own.") % {"key": key})
        if key not in NAMED.values() and (len(key) != 1 or not key.isprintable()):
            names = ", ".join(NAMED.values())
            raise forms.ValidationError(_("Write one character, or one of %(names)s.") % {"names": names})
        return key


class ShortcutsForm(forms.Form):
    """One key for each action, none twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, action in ACTIONS.items():
            self.fields[name] = KeyField(
                label=str(action.label),
                max_length=10,
                widget=forms.TextInput({"autocomplete": "off", "data-key-field": ""}),
                error_messages={"required": _("Every action needs a key.")},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        uses = Counter(cleaned.values())
        for name, key in list(cleaned.items()):
            if uses[key] > 1:
                others = [str(ACTIONS[other].label) for other in ACTIONS if other != name and cleaned.get(other) == key]
                if others:
                    self.add_error(
                        name,
                        _("“%(key)s” is also the key of: %(other)s.") % {"key": key, "other": ", ".join(others)},
                    )
        return cleaned
