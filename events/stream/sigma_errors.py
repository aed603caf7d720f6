"""Why a rule is not accepted, in sentences that say what to do."""


class InvalidRule(ValueError):
    """The text is no Sigma rule, or one that contradicts itself."""


class UnsupportedRule(ValueError):
    """A Sigma rule that asks for more than one event and its fields can answer."""
