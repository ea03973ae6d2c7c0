"""What went wrong with a model, in words that hold neither a secret nor a raw body."""

from omni2.kernel.errors import Problem
from omni2.upstream.ports import ModelTarget


class ModelFault(Exception):
    """One attempt failed. `repeatable` when a second may help; `retry_after_s` when the provider said so."""

    def __init__(self, problem: Problem, *, repeatable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.repeatable = repeatable
        self.retry_after_s = retry_after_s


def timed_out(target: ModelTarget) -> Problem:
    """The model was silent for too long."""
    return Problem("model_timeout", 504, f"The model {target.model} did not answer in time. Try again.")


def unreachable(target: ModelTarget) -> Problem:
    """No connection came about."""
    return Problem(
        "model_unreachable",
        502,
        f"The provider of {target.model} is not reachable. Is it running, and is its URL right?",
    )


def auth_failed(target: ModelTarget) -> Problem:
    """The provider did not accept the key."""
    return Problem(
        "model_auth_failed",
        502,
        f"The provider of {target.model} did not accept the key. Check it in Models.",
    )


def rate_limited(target: ModelTarget, retry_after_s: float | None) -> Problem:
    """The provider wants us to slow down."""
    detail = f"The provider of {target.model} limits the rate of requests. Try again in a moment."
    if retry_after_s is None:
        return Problem("model_rate_limited", 503, detail)
    return Problem("model_rate_limited", 503, detail, retry_after_ms=int(retry_after_s * 1000))


def refused(target: ModelTarget, why: str) -> Problem:
    """The provider read the request and said no."""
    return Problem("model_refused", 502, f"The provider of {target.model} refused the request: {why}")


def failed(target: ModelTarget, why: str) -> Problem:
    """The provider broke."""
    return Problem("model_failed", 502, f"The model {target.model} failed: {why} Try again.")


def too_large(target: ModelTarget) -> Problem:
    """The model says more than it was asked for, in words, in thoughts or in calls."""
    return Problem("answer_too_large", 502, f"The model {target.model} wrote far more than it was asked for.")


def too_many_calls(most: int) -> Problem:
    """The model wants too many tools at once."""
    return Problem("too_many_calls", 502, f"The model wanted more than {most} tools at once.")
