"""Whatever is sent to the API, it answers as its OpenAPI document says, and never with 500."""

from __future__ import annotations

import itertools

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
#: Of each route; the whole takes half a minute.
EXAMPLES = 5


@pytest.fixture(scope="module")
def api_schema(app):
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers={"Host": "localhost"})
    found.config.generation.update(
        modes=[schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    )
    # What has no end is read by test_api_events; a renewed key would lock the other tests out of the shared sandbox.
    return found.exclude(path_regex="/events$|/rotate-key$")


@pytest.fixture(scope="module")
def there(admin, connect):
    """Ids of things that are there: ids made up at random never meet them."""
    known = connect()
    body = {"connection_id": known.id, "streams": [{"model": "res.currency"}]}
    (stream,) = admin.post("/streams", json=body).json()
    run = admin.post("/runs", json={"stream_ids": [stream["id"]]}).json()["runs"][0]
    return {
        "connection_id": known.id,
        "stream_id": stream["id"],
        "run_id": run["id"],
        "model": "res.currency",
    }


# Schemathesis draws numbers of its own while it makes a case.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
def test_every_route_keeps_to_its_document(api_schema, admin, there):
    turns, faults = itertools.count(), []
    operations = [found.ok() for found in api_schema.get_all_operations()]
    # What takes things away comes last.
    for operation in sorted(operations, key=lambda one: one.method.upper() == "DELETE"):

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case):
            if case.method != "DELETE" and next(turns) % 2:
                for name in case.path_parameters or {}:
                    if name in there:
                        case.path_parameters[name] = there[name]
            response = case.call(headers=dict(admin.headers))
            try:
                case.validate_response(response, checks=CHECKS)
            except BaseExceptionGroup as problem:  # all routes are told of, not the first alone
                faults.append(
                    f"{case.operation.label}: {problem.exceptions}\n{case.as_curl_command()}\n{response.text}"
                )

        holds()
    assert not faults, "\n\n".join(faults)
    assert next(turns) > 100


def test_the_document_is_complete(admin):
    """Every operation has a sentence, every field a description, and errors are problem details."""
    document = admin.get("/openapi.json").json()
    ids = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation.get("description") or operation.get("summary"), place
            assert operation["operationId"] not in ids, place
            ids.add(operation["operationId"])
            assert {"4XX", "5XX"} <= set(operation["responses"]), place
            for parameter in operation.get("parameters", ()):
                told = parameter.get("description") or parameter["in"] == "path"
                assert told, f"{place}: {parameter['name']}"
    for name, shape in document["components"]["schemas"].items():
        if name in {"HTTPValidationError", "ValidationError"} or name.startswith("Page_"):
            continue
        assert shape.get("description"), name
        for field, about in shape.get("properties", {}).items():
            assert about.get("description") or "$ref" in about, f"{name}.{field}"
    # Of a key there are only dates.
    shapes = document["components"]["schemas"]
    assert shapes["ConnectionOut"]["properties"]["key"]["anyOf"] == [
        {"$ref": "#/components/schemas/KeyOut"},
        {"type": "null"},
    ]
    assert set(shapes["KeyOut"]["properties"]) == {"set_at", "used_at", "expires_at"}
