-- claim: one call, and the calls made since the last claim, or how long to wait. The row is locked while it is
-- looked at, so a rival waits for us and sees what we left; no token is taken twice, no step up made twice.
with bucket as (
    -- a token lost in a crash of PostgreSQL is no loss, so nobody waits for the disk
    select bucket.*, set_config('synchronous_commit', 'off', true)
    from towpath.rate_buckets as bucket where name = :name for update
),
-- not in the part that locks: that would be the time before the wait for the lock
timed as (
    select bucket.*, coalesce(cast(:at as timestamptz), clock_timestamp()) as now_ from bucket
),
stepped as (
    select timed.*,
        rate is not null and :good > 0
        and now_ >= greatest(slowed_at, grown_at) + make_interval(secs => :step) as step
    from timed
),
paced as (
    select stepped.*,
        case when not step then rate
             -- back where it was before the trouble: what a person allows is the only limit again
             when rate * :growth >= least(full_rate, cast(:ceiling as double precision)) then null
             else rate * :growth end as new_rate
    from stepped
),
filled as (
    select paced.*,
        least(new_rate, cast(:ceiling as double precision)) as limit_,
        least(
            greatest(1, least(new_rate, cast(:ceiling as double precision))),
            tokens + least(new_rate, cast(:ceiling as double precision))
                * greatest(0, extract(epoch from now_ - filled_at))) as filled,
        greatest(slot, cast(floor(extract(epoch from now_) / 10) as bigint)) as slot_
    from paced
),
decided as (
    select filled.*,
        :cost = 0
        or ((paused_until is null or paused_until <= now_) and (limit_ is null or filled >= :cost)) as granted
    from filled
)
update towpath.rate_buckets as bucket
set rate = decided.new_rate,
    ceiling = cast(:ceiling as double precision),
    grown_at = case when decided.step then decided.now_ else decided.grown_at end,
    slowed_why = case when decided.new_rate is null then null else decided.slowed_why end,
    tokens = case when limit_ is null then decided.tokens else filled - case when granted then :cost else 0 end end,
    filled_at = case when limit_ is null then decided.filled_at else greatest(decided.filled_at, now_) end,
    slot = case when granted then slot_ else decided.slot end,
    counts = case
        when not granted then decided.counts
        when slot_ = decided.slot
            then array[decided.counts[1] + cast(:calls as integer)] || decided.counts[2:7]
        else (
            array[cast(:calls as integer)]
            || array_fill(0, array[cast(least(slot_ - decided.slot - 1, 6) as integer)])
            || decided.counts)[1:7] end,
    busy_since = case
        when granted and (decided.busy_since is null or slot_ - decided.slot > 2) then now_
        else decided.busy_since end
from decided where bucket.name = decided.name
returning granted, limit_,
    greatest(
        (:cost - filled) / limit_,
        extract(epoch from decided.paused_until - now_),
        0.001) as wait

-- slow: halve the rate because of a call that met trouble, unless it was halved since that call began: of ten
-- workers that meet the same trouble at once the first one halves. A pause counts in any case.
with bucket as (
    select * from towpath.rate_buckets where name = :name for update
),
timed as (
    select bucket.*, coalesce(cast(:at as timestamptz), clock_timestamp()) as now_ from bucket
),
seen as (
    select timed.*,
        extract(epoch from now_) as second,
        greatest(0, cast(floor(extract(epoch from now_) / 10) as bigint) - slot) as shift
    from timed
),
observed as (
    select seen.*,
        (:calls + case shift when 0 then counts[1] + counts[2] when 1 then counts[1] else 0 end)
        / greatest(1, least(
            10 + second - 10 * floor(second / 10), extract(epoch from now_ - busy_since))) as observed
    from seen
),
halved as (
    select observed.*,
        cast(coalesce(least(rate, ceiling), observed) as double precision) as before,
        slowed_at is null or slowed_at <= now_ - make_interval(secs => greatest(:elapsed, :hold)) as due
    from observed
)
update towpath.rate_buckets as bucket
set rate = case when due then greatest(:least, before / 2) else halved.rate end,
    full_rate = case when due and halved.rate is null then before else halved.full_rate end,
    slowed_at = case when due then now_ else halved.slowed_at end,
    slowed_why = case when due then :why else halved.slowed_why end,
    -- a limit that begins now begins with an empty bucket
    tokens = case when due and least(halved.rate, halved.ceiling) is null then 0 else halved.tokens end,
    filled_at = case when due and least(halved.rate, halved.ceiling) is null then now_ else halved.filled_at end,
    paused_until = case
        when :pause > 0 then greatest(halved.paused_until, now_ + make_interval(secs => :pause))
        else halved.paused_until end
from halved where bucket.name = halved.name
returning due, bucket.rate as rate

-- pause: grant nothing for some seconds; a longer pause of before stays
insert into towpath.rate_buckets as bucket (name, tokens, filled_at, paused_until)
values (:name, 0, clock_timestamp(), clock_timestamp() + make_interval(secs => :seconds))
on conflict (name) do update
set paused_until = greatest(bucket.paused_until, clock_timestamp() + make_interval(secs => :seconds))

-- make: a full bucket, unless another process has made it
insert into towpath.rate_buckets (name, tokens, filled_at)
values (:name, greatest(1, cast(:ceiling as double precision)), coalesce(cast(:at as timestamptz), clock_timestamp()))
on conflict (name) do nothing

-- state: what a bucket holds now
with timed as (
    select bucket.*, coalesce(cast(:at as timestamptz), clock_timestamp()) as now_
    from towpath.rate_buckets as bucket where name = :name
),
seen as (
    select timed.*,
        cast(least(7, greatest(0, cast(floor(extract(epoch from now_) / 10) as bigint) - slot)) as integer) as shift,
        extract(epoch from now_) / 10 - floor(extract(epoch from now_) / 10) as part
    from timed
)
select
    -- of the oldest ten seconds only what is less than a minute ago
    coalesce((
        select sum(case when place + shift < 7 then calls when place + shift = 7 then calls * (1 - part) else 0 end)
        from unnest(counts) with ordinality as one (calls, place)), 0) as calls_per_minute,
    rate, ceiling, slowed_at, slowed_why,
    case when paused_until > now_ then paused_until end as paused_until
from seen
