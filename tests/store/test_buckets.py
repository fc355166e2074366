import threading
import time
import uuid

import pytest

from towpath.store import Store


@pytest.fixture
def bucket():
    return f"odoo/{uuid.uuid4()}"


def test_a_bucket_starts_full_and_empties(store: Store, bucket: str):
    assert [store.claim_token(bucket, capacity=3, per_second=0.01) for _ in range(3)] == [0, 0, 0]
    assert 90 < store.claim_token(bucket, capacity=3, per_second=0.01) <= 100


def test_tokens_come_back_with_time(store: Store, bucket: str):
    assert store.claim_token(bucket, capacity=1, per_second=20) == 0
    wait = store.claim_token(bucket, capacity=1, per_second=20)
    assert 0 < wait <= 0.05
    time.sleep(wait)
    assert store.claim_token(bucket, capacity=1, per_second=20) == 0


def test_it_never_holds_more_than_its_capacity(store: Store, bucket: str):
    store.claim_token(bucket, capacity=2, per_second=10)
    time.sleep(0.3)
    granted = [store.claim_token(bucket, capacity=2, per_second=10) for _ in range(3)]
    assert granted[:2] == [0, 0]
    assert granted[2] > 0


def test_a_pause_holds_for_everybody_and_ends(store: Store, bucket: str):
    store.pause_bucket(bucket, 0.2)
    store.pause_bucket(bucket, 0.05)
    wait = store.claim_token(bucket, capacity=5, per_second=100)
    assert 0.1 < wait <= 0.2
    time.sleep(wait)
    assert store.claim_token(bucket, capacity=5, per_second=100) == 0


def test_rivals_never_take_the_same_token(store: Store, bucket: str):
    granted = []

    def work() -> None:
        granted.extend(store.claim_token(bucket, capacity=10, per_second=0.001) == 0 for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 10


def test_a_cost_that_never_fits_is_refused(store: Store, bucket: str):
    with pytest.raises(ValueError, match="does not fit"):
        store.claim_token(bucket, capacity=1, per_second=1, cost=2)
