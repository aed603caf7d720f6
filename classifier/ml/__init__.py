"""The model core: plain dataclasses in and out, no Django, no Celery.

Nothing here imports torch or transformers at the top of a module that a web process loads; the modules
`t5`, `engine`, `trie`, `scratch`, `vocabulary` and `t5_training` are for model workers only.
"""
