"""The shared cache, where everything that is limited is counted.

Where it is away, each process counts in its own memory until it is back: limits become looser by the number of
processes, and none of them opens. Nothing else is kept here, so that a wiped cache loses counts and no more.
"""

import time
from typing import Any

import redis
import structlog
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger("config.cache")
RETRY_SECONDS = 5.0  # how long a cache that gave no answer is left alone: a page must not wait for it each time


class SharedOrOwn(BaseCache):
    """Django's Redis cache, and this process's memory where Redis gives no answer."""

    away_until = 0.0  # of the process: threads have an instance each, and find out once

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._shared = RedisCache(server, params)
        self._own = LocMemCache("own", params | {"OPTIONS": {}})

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def clear(self) -> None:
        self._ask("clear")
        self._own.clear()

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedOrOwn.away_until:
            try:
                return getattr(self._shared, method)(*args, **kwargs)
            except redis.RedisError as error:
                SharedOrOwn.away_until = time.monotonic() + RETRY_SECONDS
                log.warning("cache_away", error=type(error).__name__, counting="in each process")
        return getattr(self._own, method)(*args, **kwargs)
