"""Changing the keys of the review page."""

from collections.abc import Mapping

from incidents.models import User
from incidents.shortcuts import ACTIONS


def set_keys(user: User, keys: Mapping[str, str]) -> None:
    """Keep what differs from the keys at first, so that those who changed nothing follow a later release."""
    user.shortcuts = {name: key for name, key in keys.items() if name in ACTIONS and key != ACTIONS[name].key}
    user.save(update_fields=["shortcuts"])
