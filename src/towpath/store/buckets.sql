-- claim: take :cost tokens if they are there; no row comes back when they are not, or another process was first
insert into towpath.rate_buckets as bucket (name, tokens, filled_at)
values (:name, :capacity - :cost, clock_timestamp())
on conflict (name) do update
set tokens = least(:capacity, bucket.tokens + :rate * extract(epoch from clock_timestamp() - bucket.filled_at)) - :cost,
    filled_at = clock_timestamp()
where least(:capacity, bucket.tokens + :rate * extract(epoch from clock_timestamp() - bucket.filled_at)) >= :cost
  and (bucket.paused_until is null or bucket.paused_until <= clock_timestamp())
returning tokens

-- wait: seconds until :cost tokens will be there
select greatest(
    (:cost - least(:capacity, tokens + :rate * extract(epoch from clock_timestamp() - filled_at))) / :rate,
    coalesce(extract(epoch from paused_until - clock_timestamp()), 0),
    0.001)::double precision
from towpath.rate_buckets where name = :name

-- pause: grant nothing for :seconds; a longer pause of before stays
insert into towpath.rate_buckets as bucket (name, tokens, filled_at, paused_until)
values (:name, 0, clock_timestamp(), clock_timestamp() + make_interval(secs => :seconds))
on conflict (name) do update
set paused_until = greatest(bucket.paused_until, clock_timestamp() + make_interval(secs => :seconds))
