"""Views of the list of reports that people keep by a name."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from incidents.models import SavedView, User

MOST = 50  # of one person


def save_view(owner: User, *, name: str, query: str, shared: bool) -> SavedView:
    """Keep a list's address by a name; the name of an earlier view of this person gives that one the new address.

    Raises ValidationError when the person keeps too many.
    """
    mine = SavedView.objects.filter(owner=owner)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise ValidationError(_("You keep %(most)d views, and no more are kept. Delete one first.") % {"most": MOST})
    view, _created = SavedView.objects.update_or_create(
        owner=owner, name=name, defaults={"query": query, "shared": shared}
    )
    return view


def may_change(user: User, view: SavedView) -> bool:
    """The owner, or a lead where it is shared."""
    return view.owner_id == user.pk or (view.shared and user.has_perm("incidents.change_savedview"))


def rename(view: SavedView, *, name: str, shared: bool) -> None:
    """Raises ValidationError when its owner has another view of that name."""
    view.name, view.shared = name, shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "shared"])
    except IntegrityError:
        raise ValidationError(_("There is a view of that name already. Choose another.")) from None


def make_default(user: User, view: SavedView | None) -> None:
    """What the list opens with for this person; None: with what waits for review."""
    user.default_view = view
    user.save(update_fields=["default_view"])


def default_query(user: User) -> str:
    """The address of the person's default view; empty without one, or where its owner shares it no more."""
    view = SavedView.objects.offered_to(user).filter(pk=user.default_view_id).first() if user.default_view_id else None
    return view.query if view else ""
