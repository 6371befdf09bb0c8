"""Answers about large contests that take longer than somebody would wait: the work goes on, and who asks again finds it done."""

from __future__ import annotations

from typing import Any

from contest_server.core.saying import Said
from contest_server.live.queues import ReviewQueue
from contest_server.web.errors import ApiError

WAITS_S = 2.0
AGAIN_AFTER_S = 3
STILL_ASKING = Said("questions for the referees are still being collected; ask again")


def ask_again(code: str, detail: Said, **more: Any) -> ApiError:
    """The answer meanwhile."""
    return ApiError(503, code, detail, headers={"Retry-After": str(AGAIN_AFTER_S)}, **more)


async def wait_for(queue: ReviewQueue) -> None:
    """Return once the queue is up to date, or was not long ago. Raises ApiError while nobody has asked all judges yet, as after a start."""
    if not await queue.fresh(WAITS_S):
        raise ask_again("still_asking", STILL_ASKING)
