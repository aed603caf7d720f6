"""A filter as a person wants it, and what is wrong with it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from events.models import EventSource, Filter
from events.stream.sigma import InvalidRule, Rule, UnsupportedRule, compile_rule

Kind = Filter.Kind


class FilterRefused(Exception):
    """Nothing has changed; the message says why. `field` names what is wrong with a draft."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Draft:
    """A filter as a person wants it."""

    name: str
    kind: str
    source: EventSource | None
    sigma: str
    reason: str
    expires_at: datetime | None = None

    def checked(self, pk: int | None = None) -> "Draft":
        """With the source that its rule names; `pk` is the row that it changes. Raises FilterRefused."""
        rule = self._rule()
        source = self._source(rule)
        namesakes = Filter.objects.filter(kind=Kind.RULE, name=self.name).values_list("pk", flat=True)
        if self.kind == Kind.RULE and set(namesakes) - {pk}:
            raise FilterRefused(
                gettext("Another rule has this name, and detections are told apart by it. Choose one."), "name"
            )
        if self.kind == Kind.SUPPRESSION and self.expires_at is None:
            raise FilterRefused(gettext("A suppression ends at some time. Choose when it expires."), "expires_at")
        if self.expires_at is not None and self.expires_at <= timezone.now():
            raise FilterRefused(gettext("It would have expired already. Choose a time to come."), "expires_at")
        if self.kind != Kind.RULE and source is None and not rule.is_ours:
            raise FilterRefused(
                gettext(
                    "Choose the source that it is about: its logsource only tells people, and others' events must pass."
                ),
                "source",
            )
        return replace(self, source=source)

    def _rule(self) -> Rule:
        try:
            return compile_rule(self.sigma)
        except (InvalidRule, UnsupportedRule) as error:
            raise FilterRefused(str(error), "sigma") from error

    def _source(self, rule: Rule) -> EventSource | None:
        if rule.source is None or (self.source and self.source.name == rule.source):
            return self.source
        if self.source:
            raise FilterRefused(
                gettext("The rule is about the source %(source)s. Choose that one, or change the rule.")
                % {"source": rule.source},
                "source",
            )
        source = EventSource.objects.filter(name=rule.source).first()
        if source is None:
            raise FilterRefused(
                gettext("There is no source named %(source)s. Correct the service of the logsource.")
                % {"source": rule.source[:60]},
                "sigma",
            )
        return source
