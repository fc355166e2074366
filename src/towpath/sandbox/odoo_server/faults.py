"""Faults on demand: what can go wrong between a client and Odoo, switched on and off while the server runs.

A fault is a `Fault` (kind, filter, how often, parameters); the `Switchboard` is asked by the wire at fixed points of
a request. Everything random comes from the fault's own seed, so a test sees the same faults again.
Kinds and parameters: docs/sandbox.md.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import itertools
import random as chance
import threading
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["KINDS", "ConnectionCut", "Fault", "FaultAnswer", "Interruption", "Switchboard"]

KINDS: dict[str, str] = {
    "latency": "every answer waits `seconds`, give or take `jitter`",
    "status": "answers HTTP `status` (429, 502, 503, 504...) with `retry_after` seconds, without acting",
    "page": "answers 200 with a login page's HTML, without acting",
    "reset": "the connection is reset before acting",
    "close": "the connection is closed without an answer, before acting",
    "drop": "the call is done and committed, the answer is lost",
    "cut": "the call is done and committed, half of the answer arrives",
    "storm": "for `seconds`: 429, 502, 503, 504, resets and waits (of `jitter` or 0.2 s), each request with `probability` (0.5)",
    "slow_page": "reading calls wait `per_row` seconds for each row they answer",
    "late_commit": "the transaction is held open for `seconds`, or until released, before it commits",
    "serialization": "the transaction fails as if another one had changed the same rows, and is tried again",
    "revoked_key": "the API key `key`, or all keys of user `login`, are refused",
    "two_factor": "user `login` has two-factor authentication: the password is refused, keys are accepted",
    "field_error": "reading `field` of `model` raises, for all records or those of `ids`",
    "record_rule": "a record rule on `model` hides all records outside `domain`",
    "clock_skew": "the server's clock is off by `seconds`",
}
_LOG = 2000
_EARLY = frozenset({"latency", "status", "page", "reset", "close", "storm"})


class Interruption(Exception):  # noqa: N818 - an order to the server, not an error of it
    """What a fault does instead of letting the server answer."""


class ConnectionCut(Interruption):
    """Raised by a handler to end the connection without an answer; `reset` sends TCP RST instead of FIN."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("connection reset" if reset else "connection closed")
        self.reset = reset


class FaultAnswer(Interruption):
    """An HTTP answer that a fault gives instead of the server."""

    def __init__(self, *, status: int, retry_after: float | None = None, page: bool = False) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        self.page = page


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault. `path`, `model`, `method` are shell patterns; `count` 0 means without end; `after` skips requests."""

    kind: str
    id: int = 0
    path: str = "*"
    model: str = ""
    method: str = ""
    login: str = ""
    key: str = ""
    count: int = 0
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    jitter: float = 0.0
    per_row: float = 0.0
    status: int = 503
    retry_after: float | None = None
    field: str = ""
    ids: list[int] = dataclasses.field(default_factory=list)
    domain: str = ""
    seen: int = 0
    fired: int = 0
    released: threading.Event = dataclasses.field(default_factory=threading.Event, repr=False)
    dice: chance.Random = dataclasses.field(default_factory=chance.Random, repr=False)
    started: float = dataclasses.field(default_factory=time.monotonic, repr=False)
    undo: Any = dataclasses.field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """What the HTTP API shows."""
        hidden = {"released", "dice", "started", "undo"}
        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in hidden}
        return shown | {"released": self.released.is_set()}


class Switchboard:
    """The faults that are on, and counters of the calls seen; safe to use from all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[int, Fault] = {}
        self._ids = itertools.count(1)
        self._calls: Counter[str] = Counter()
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOG)
        self.in_flight = 0
        self.peak = 0

    # switching

    def add(self, kind: str, **parameters: Any) -> Fault:
        """Switch a fault on.

        Raises:
            ValueError: unknown kind or parameter, or a wrong type.
        """
        fault = _fault(kind, parameters)
        fault.dice.seed(fault.seed)
        with self._lock:
            fault.id = next(self._ids)
            self._faults[fault.id] = fault
        return fault

    def remove(self, fault_id: int) -> Fault | None:
        """Switch one fault off; a transaction it holds goes on."""
        with self._lock:
            fault = self._faults.pop(fault_id, None)
        if fault is not None:
            fault.released.set()
            if fault.undo is not None:
                fault.undo()
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        for fault in self.all():
            self.remove(fault.id)

    def release(self, fault_id: int) -> bool:
        """Let the transactions held by a `late_commit` commit; False when there is no such fault."""
        with self._lock:
            fault = self._faults.get(fault_id)
        if fault is not None:
            fault.released.set()
        return fault is not None

    def all(self) -> list[Fault]:
        """The faults that are on, oldest first."""
        with self._lock:
            return list(self._faults.values())

    # counters

    def calls(self) -> dict[str, int]:
        """How often each `model/method` and each bare path was called since the last reset."""
        with self._lock:
            return dict(self._calls)

    def log(self) -> list[dict[str, Any]]:
        """The last 2,000 calls: model, method, uid, start (epoch seconds), seconds, rows, error (class name or None)."""
        with self._lock:
            return list(self._log)

    def reset_counters(self) -> None:
        """Forget the calls seen."""
        with self._lock:
            self._calls.clear()
            self._log.clear()
            self.peak = self.in_flight

    def record(self, entry: dict[str, Any]) -> None:
        """Note a call that is over."""
        with self._lock:
            self._calls[f"{entry['model']}/{entry['method']}"] += 1
            self._log.append(entry)

    def record_path(self, path: str) -> None:
        """Note a request that is no model call."""
        with self._lock:
            self._calls[path] += 1

    @contextlib.contextmanager
    def flight(self) -> Iterator[None]:
        """Count a request as being worked on."""
        with self._lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
        try:
            yield
        finally:
            with self._lock:
                self.in_flight -= 1

    # asked by the wire

    @property
    def quiet(self) -> bool:
        """True when no fault is on (the usual case, decided without a lock)."""
        return not self._faults

    def meet(self, path: str, model: str = "", method: str = "") -> None:
        """Faults before acting: asked once for the bare path, once when model and method are known.

        Raises:
            FaultAnswer: an answer instead of the server's.
            ConnectionCut: the connection ends here.
        """
        for fault in self._fired(_EARLY, path, model, method):
            kind = fault.kind
            if kind == "storm":
                if time.monotonic() - fault.started > fault.seconds:
                    self.remove(fault.id)
                    continue
                kind = fault.dice.choice(("status", "status", "status", "reset", "latency"))
                if kind == "status":
                    raise FaultAnswer(
                        status=fault.dice.choice((429, 502, 503, 504)), retry_after=fault.retry_after
                    )
            if kind == "latency":
                wait, jitter = (
                    (fault.seconds, fault.jitter) if fault.kind == "latency" else (fault.jitter or 0.2, 0)
                )
                time.sleep(max(0.0, wait + jitter * fault.dice.uniform(-1, 1)))
            elif kind == "status":
                raise FaultAnswer(status=fault.status, retry_after=fault.retry_after)
            elif kind == "page":
                raise FaultAnswer(status=200, page=True)
            else:
                raise ConnectionCut(reset=kind == "reset")

    def before_commit(self, path: str, model: str, method: str, result: Any) -> None:
        """Faults inside the transaction: slow pages, fields that raise, late commits.

        Raises:
            ValueError: when a field that raises was read.
        """
        for fault in self._fired(("slow_page",), path, model, method):
            time.sleep(fault.per_row * _rows(result))
        for fault in self._on("field_error"):
            if fault.model == model and _reads(result, fault):
                fault.fired += 1
                raise ValueError(f"could not compute {fault.model}.{fault.field}: invalid value")
        for fault in self._fired(("late_commit",), path, model, method):
            fault.released.wait(fault.seconds or None)

    def serialization_failure(self, path: str, model: str, method: str) -> bool:
        """True when this attempt of a transaction is to fail at its commit."""
        return any(self._fired(("serialization",), path, model, method))

    def after_commit(self, path: str, model: str, method: str) -> str | None:
        """What to do to the answer of a committed call: "drop" it, "cut" it, or nothing."""
        for fault in self._fired(("drop", "cut"), path, model, method):
            return fault.kind
        return None

    def key_revoked(self, key: str, login: str) -> bool:
        """True when this key is to be treated as revoked."""
        return any(
            (fault.key == key if fault.key else fault.login == login) for fault in self._on("revoked_key")
        )

    def two_factor(self, login: str) -> bool:
        """True when this user's password is not accepted."""
        return any(fault.login == login for fault in self._on("two_factor"))

    def skew(self) -> float:
        """Seconds the server's clock is off."""
        return sum(fault.seconds for fault in self._on("clock_skew"))

    def _on(self, kind: str) -> list[Fault]:
        if not self._faults:
            return []
        with self._lock:
            return [fault for fault in self._faults.values() if fault.kind == kind]

    def _fired(self, kinds: Collection[str], path: str, model: str, method: str) -> list[Fault]:
        """The faults of these kinds that hit this request now; each is counted, used-up ones go."""
        if not self._faults:
            return []
        hit: list[Fault] = []
        with self._lock:
            for fault in list(self._faults.values()):
                if fault.kind not in kinds or not _matches(fault, path, model, method):
                    continue
                fault.seen += 1
                if fault.seen <= fault.after or (fault.count and fault.fired >= fault.count):
                    continue
                if fault.probability < 1 and fault.dice.random() >= fault.probability:
                    continue
                fault.fired += 1
                hit.append(fault)
        return hit


def _fault(kind: str, parameters: Mapping[str, Any]) -> Fault:
    if kind not in KINDS:
        raise ValueError(f"unknown fault {kind!r}; known: {', '.join(KINDS)}")
    fault = Fault(kind=kind)
    if kind == "storm":
        fault.probability = 0.5
    for name, value in parameters.items():
        if (
            name in {"id", "seen", "fired", "released", "dice", "started", "undo"}
            or name not in Fault.__slots__
        ):
            raise ValueError(f"fault {kind!r} has no parameter {name!r}")
        current = getattr(fault, name)
        if name == "domain":
            value = value if isinstance(value, str) else repr(value)  # noqa: PLW2901 - a domain may come as a list
        elif isinstance(current, float) or name == "retry_after":
            value = float(value)  # noqa: PLW2901 - whole numbers are fine
        if current is not None and not isinstance(value, type(current)):
            raise ValueError(f"{name} of fault {kind!r} must be of type {type(current).__name__}")
        setattr(fault, name, value)
    if kind in {"field_error", "record_rule"} and not fault.model:
        raise ValueError(f"fault {kind!r} needs a model")
    if kind == "two_factor" and not fault.login:
        raise ValueError(f"fault {kind!r} needs a login")
    return fault


def _matches(fault: Fault, path: str, model: str, method: str) -> bool:
    if bool(fault.model or fault.method) != bool(model or method) and fault.kind in _EARLY:
        return False  # a fault with a model waits until the model is known, one without acts at once
    return (
        fnmatch.fnmatchcase(path, fault.path)
        and fnmatch.fnmatchcase(model, fault.model or "*")
        and fnmatch.fnmatchcase(method, fault.method or "*")
    )


def _row_list(result: Any) -> list[Any]:
    if isinstance(result, dict) and isinstance(result.get("records"), list):
        return list(result["records"])
    return result if isinstance(result, list) else []


def _rows(result: Any) -> int:
    return len(_row_list(result))


def _reads(result: Any, fault: Fault) -> bool:
    """True when an answer holds the field of a fault (in one of its records, when it names records)."""
    rows = _row_list(result)
    if not rows or not isinstance(rows[0], dict) or fault.field not in rows[0]:
        return False
    return not fault.ids or any(row.get("id") in fault.ids for row in rows)
