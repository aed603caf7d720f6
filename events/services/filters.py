"""What the stream asks of filters. What people do with them is in `filter_changes`."""

from events.services.filter_rules import add_hits, look_again, rule_set
from events.services.filter_suppressions import create_suppression, lift_suppressions, restore_suppressions

__all__ = ["add_hits", "create_suppression", "lift_suppressions", "look_again", "restore_suppressions", "rule_set"]
