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
    code = "not_found"


class AlreadyExists(MangonelError):
    code = "already_exists"


class InvalidArgument(MangonelError, ValueError):
    code = "invalid_argument"


class Ambiguous(InvalidArgument):
    code = "ambiguous"


class Conflict(MangonelError):
    code = "conflict"


class PermissionDenied(MangonelError):
    code = "permission_denied"


class Unauthenticated(MangonelError):
    code = "unauthenticated"


class ResourceExhausted(MangonelError):
    code = "resource_exhausted"


class Unavailable(MangonelError):
    code = "unavailable"


class Cancelled(MangonelError):
    code = "cancelled"


class Internal(MangonelError):
    code = "internal"


class FeaturegroupNotFound(NotFound):
    pass


class FeatureNotFound(NotFound):
    pass


class TrainingDatasetNotFound(NotFound):
    pass


class TFRecordSchemaNotFound(NotFound):
    pass


class FeatureNameCollisionError(Ambiguous):
    """A bare feature name that several feature groups have; ``names`` holds the qualified ones to choose from."""


class InferJoinKeyError(InvalidArgument):
    pass


class InvalidPrimaryKey(InvalidArgument):
    pass


class CouldNotConvertDataframe(InvalidArgument):
    """A data frame that no table can be made of."""


class InferTFRecordSchemaError(InvalidArgument):
    pass


class SchemaMismatch(InvalidArgument):
    """Columns that are not those of the feature group."""


class NullValues(InvalidArgument):
    """Nulls where none may be: in a key, in an event time, or in TFRecord without a null policy."""


class NotSupported(InvalidArgument, NotImplementedError):
    """Asked for in this API, but not offered by this release; the message says what to do instead."""


class RunCancelled(Cancelled):
    pass


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
    (flight.FlightTimedOutError, Unavailable),
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
