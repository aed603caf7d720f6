"""The default taxonomy and the synthetic reports a demonstration starts with. Plain Python: no Django, no torch."""
