"""Exception classes. An error of the server has a code and sometimes a reason; both have a class here, and the class of the
reason is also one of the code, so that ``except NotFound`` catches ``FeatureNotFound``. Which classes come with which code is
the server's business: the class of a reason lists the code that it nearly always has.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterable

import pyarrow as pa
import pyarrow.flight as flight


class MangonelError(Exception):
    """What the server refused, or what went wrong with it.

    ``code``: such as ``not_found``. ``names``: names involved, for example what may have been meant.
    ``problems``: every further problem of the same request, as errors of their own.
    """

    code = "internal"

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        names: Iterable[str] = (),
        problems: Iterable[MangonelError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.names = list(names)
        self.problems = list(problems)

    def __str__(self) -> str:
        if not self.problems:
            return self.message
        lines = [f"{1 + len(self.problems)} problems:", f"  1. {self.message}"]
        lines += [f"  {number}. {problem.message}" for number, problem in enumerate(self.problems, start=2)]
        return "\n".join(lines)


class NotFound(MangonelError, LookupError):
    """Something that was named and is not there."""

    code = "not_found"


class AlreadyExists(MangonelError):
    """A name and version that are taken."""

    code = "already_exists"


class InvalidArgument(MangonelError, ValueError):
    """Something that was asked for and makes no sense; the message says what would."""

    code = "invalid_argument"


class Ambiguous(InvalidArgument):
    """A request that can be meant in several ways; ``names`` holds what to choose from."""

    code = "ambiguous"


class Conflict(MangonelError):
    """Somebody else was first: look again, then decide."""

    code = "conflict"


class PermissionDenied(MangonelError):
    """Not allowed to whoever calls."""

    code = "permission_denied"


class Unauthenticated(MangonelError):
    """A token that is missing or not valid."""

    code = "unauthenticated"


class ResourceExhausted(MangonelError):
    """More than the server has memory, slots or quota for."""

    code = "resource_exhausted"


class Unavailable(MangonelError):
    """Nobody answers, or not now: try again later."""

    code = "unavailable"


class TimedOut(Unavailable, TimeoutError):
    """The server, or a run, took longer than the caller wanted to wait. A run goes on all the same."""


class Cancelled(MangonelError):
    """Ended because somebody asked for it."""

    code = "cancelled"


class Internal(MangonelError):
    """A fault of the server, or an answer that is none."""

    code = "internal"


class FeaturegroupNotFound(NotFound):
    """No feature group of that name and version; ``names`` holds similar ones."""


class FeatureNotFound(NotFound):
    """No feature group has that feature; ``names`` holds similar ones."""


class TrainingDatasetNotFound(NotFound):
    """No training dataset of that name and version, or none with committed shards."""


class TFRecordSchemaNotFound(NotFound):
    """A training dataset in another format than TFRecord."""


class FeatureNameCollisionError(Ambiguous):
    """A bare feature name that several feature groups have; ``names`` holds the qualified ones to choose from."""


class InferJoinKeyError(InvalidArgument):
    """Feature groups without a column to join them on."""


class InvalidPrimaryKey(InvalidArgument):
    """A primary key that is no column, or of a type that cannot be compared exactly."""


class CouldNotConvertDataframe(InvalidArgument):
    """A data frame that no table can be made of."""


class InferTFRecordSchemaError(InvalidArgument):
    """Columns that TFRecord cannot hold."""


class SchemaMismatch(InvalidArgument):
    """Columns that are not those of the feature group."""


class NullValues(InvalidArgument):
    """Nulls where none may be: in a key, in an event time, or in TFRecord without a null policy."""


class NotSupported(InvalidArgument, NotImplementedError):
    """Asked for in this API, but not offered by this release; the message says what to do instead."""


class RunCancelled(Cancelled):
    """A run that was cancelled."""


class Busy(ResourceExhausted):
    """As much work is waiting on the server as may: try again later."""


class RunFailed(MangonelError):
    """A run that ended without a result, for a reason that has no class of its own."""


_CLASSES = {
    found.__name__: found
    for found in list(globals().values())
    if isinstance(found, type) and issubclass(found, MangonelError)
}
_OF_CODE = {
    found.code: found
    for found in (
        NotFound, AlreadyExists, InvalidArgument, Ambiguous, Conflict, PermissionDenied, Unauthenticated, ResourceExhausted,
        Unavailable, Cancelled, Internal,
    )
}  # fmt: skip


def from_message(message: dict[str, Any]) -> MangonelError:
    """The exception of an error message (``mangonel.v1.Error`` as JSON)."""
    code = message.get("code", "").removeprefix("ERROR_CODE_").lower()
    kind = _CLASSES.get(message.get("reason", "")) or _OF_CODE.get(code, Internal)
    problems = [from_message(problem) for problem in message.get("problems", ())]
    return kind(message.get("message", ""), code=code, names=message.get("names", ()), problems=problems)


def from_run(run_id: str, progress: dict[str, Any]) -> MangonelError:
    """The exception of a run that has ended without a result."""
    failure = progress.get("failure")
    if failure:
        return from_message(failure)
    if progress.get("state") == "RUN_STATE_CANCELLED":
        return RunCancelled(f"run {run_id} was cancelled")
    return RunFailed(progress.get("error") or f"run {run_id} failed")


_OF_FLIGHT: tuple[tuple[type, type[MangonelError]], ...] = (
    (flight.FlightUnavailableError, Unavailable),
    (flight.FlightTimedOutError, TimedOut),
    (flight.FlightUnauthenticatedError, Unauthenticated),
    (flight.FlightUnauthorizedError, PermissionDenied),
    (flight.FlightCancelledError, Cancelled),
    (pa.ArrowCancelled, Cancelled),
    (pa.ArrowKeyError, NotFound),
    (pa.ArrowInvalid, InvalidArgument),
)
# What pyarrow puts round the server's message.
_BEFORE = re.compile(r"^Flight returned .*?, with message: ", re.DOTALL)
_AFTER = re.compile(r"\.? (?:gRPC client debug context|Client context|Detail): .*$", re.DOTALL)


def from_flight(error: BaseException, detail: bytes | None) -> MangonelError:
    """The exception of a failed Flight call; ``detail`` is what the server sent in `x-mangonel-error-bin`."""
    if detail:
        try:
            return from_message(json.loads(detail))
        except ValueError:
            pass
    kind = next((ours for theirs, ours in _OF_FLIGHT if isinstance(error, theirs)), Internal)
    return kind(_AFTER.sub("", _BEFORE.sub("", str(error))))
