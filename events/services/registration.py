"""Sources by name, for programs: found, or made with what is usual."""

from django.core.exceptions import ValidationError

from events.models import EventSource


def source_named(name: str, *, format: str = "") -> EventSource:
    """The source of that name, made where it is not there yet. Raises ValueError for a name that no source can have."""
    found = EventSource.objects.filter(name=name).first()
    if found is not None:
        return found
    made = EventSource(name=name, format=format or "auto")
    try:
        made.full_clean()
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    made.save()
    return made
