"""Errors as problem details (RFC 9457): a status, a sentence with the next step, and no inside of ours."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from towpath import errors
from towpath.logs import get_logger
from towpath.secrets.redaction import redact

__all__ = ["ANSWERS", "Problem", "answer", "install", "status_of"]

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

#: The first kind that an error is of decides.
_STATUS: tuple[tuple[type[errors.TowpathError], int], ...] = (
    (errors.SignInError, 401),
    (errors.AccessError, 403),
    (errors.NotFoundError, 404),
    (errors.RecordMissingError, 404),
    (errors.ConflictError, 409),
    (errors.RateLimitedError, 429),
    (errors.RetryLaterError, 503),
    (errors.FixSettingsError, 422),
    (errors.AskHumanError, 422),
    (errors.SkipRecordError, 422),
    (errors.ProtocolError, 502),
    (errors.CallError, 502),
)
_TITLES = {
    400: "The request can not be read",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    408: "Took too long",
    409: "Changed meanwhile",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not a format that is read here",
    422: "Something has to be corrected",
    428: "Say which state you change",
    429: "Too many requests",
    431: "Too large",
    500: "Something went wrong in Towpath",
    502: "The other side answered something unexpected",
    503: "Not available at the moment",
}


class Problem(BaseModel):
    """Problem details as RFC 9457 has them."""

    type: str = Field(
        description="Name of the kind of error as a URI reference.", examples=["/problems/input"]
    )
    title: str = Field(
        description="The kind of error for people.", examples=["Something has to be corrected"]
    )
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What is wrong, with the next step.",
        examples=["There is no stream 'res.partner'; see the list of streams."],
    )
    instance: str | None = Field(
        default=None, description="Id of the request, to be found in the log.", examples=["5f2d0a9c41e7"]
    )
    errors: list[dict[str, Any]] | None = Field(
        default=None, description="The values that are not valid: where (`loc`) and why (`msg`)."
    )
    details: dict[str, Any] | None = Field(default=None, description="More, for developers.")


#: What any route may answer beside its result, for the OpenAPI document.
ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "model": Problem,
        "description": "The request was refused; `detail` says why and what to do.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
    "5XX": {
        "model": Problem,
        "description": "The request could not be carried out now.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


def status_of(error: errors.TowpathError) -> int:
    """The HTTP status for an error of ours; an error may carry its own as ``details["status"]``."""
    own = error.details.get("status")
    if isinstance(own, int):
        return own
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def answer(
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    request_id: str | None = None,
    headers: dict[str, str] | None = None,
    invalid: list[dict[str, Any]] | None = None,
    details: dict[str, Any] | None = None,
) -> JSONResponse:
    """A problem as a response; secrets are cut out of it like out of the log."""
    import orjson

    problem = Problem(
        type=kind,
        title=_TITLES.get(status, "Something went wrong"),
        status=status,
        detail=detail,
        instance=request_id,
        errors=invalid,
        details={name: value for name, value in (details or {}).items() if name != "status"} or None,
    )
    text = redact(orjson.dumps(problem.model_dump(exclude_none=True), default=str).decode())
    return JSONResponse(orjson.loads(text), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error that is expected with problem details; the server's outer layer has the others."""

    @app.exception_handler(errors.TowpathError)
    def ours(request: Request, error: errors.TowpathError) -> JSONResponse:
        headers = {}
        if (wait := getattr(error, "retry_after", None)) is not None:
            headers["Retry-After"] = str(max(1, round(wait)))
        status = status_of(error)
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="Towpath"'
        kind = type(error).__name__.removesuffix("Error")
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in kind).strip("-")
        if status >= 500 and not isinstance(error, errors.RetryLaterError):
            log.warning("request_failed", error=type(error).__name__, reason=error.message)
        return answer(
            status,
            error.message,
            kind=f"/problems/{name}",
            request_id=_id(request),
            headers=headers,
            details=error.details,
        )

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {"loc": [str(part) for part in one["loc"]], "msg": str(one["msg"]).removeprefix("Value error, ")}
            for one in error.errors()[:20]
        ]
        first = found[0]
        place = ".".join(first["loc"][1:]) or "the body"
        unreadable = any(one["type"] == "json_invalid" for one in error.errors())
        return answer(
            400 if unreadable else 422,
            f"{place} is not valid: {first['msg']}. Correct it and send the request again.",
            kind="/problems/invalid",
            request_id=_id(request),
            invalid=found,
        )

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        sentences = {404: "There is nothing at this address; see /api/v1/openapi.json for what there is."}
        sentences[405] = "This address does not take that method; see /api/v1/openapi.json."
        return answer(
            error.status_code,
            sentences.get(error.status_code, str(error.detail)),
            request_id=_id(request),
            headers=dict(error.headers or {}),
        )

    @app.exception_handler(DataError)
    def unstorable(request: Request, error: DataError) -> JSONResponse:
        # Such as the NUL character in a text or an id; which value it was, the text of the error may quote.
        log.warning("request_failed", error=type(error).__name__)
        return answer(
            422,
            "A value holds what can not be stored, such as a NUL character; correct it and send the request again.",
            kind="/problems/invalid",
            request_id=_id(request),
        )


def _id(request: Request) -> str | None:
    found = request.scope.get("towpath.request_id")
    return found if isinstance(found, str) else None
