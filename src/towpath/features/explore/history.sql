-- Every state of every row that is kept: a row that only moved to another part is the same state, and so is one
-- that was read again without a change. An id is in one part at a time, so its parts follow each other.
create view $place as
with seen as (
    select id, hash($told) as content, _towpath_came, _towpath_went, _towpath_part from $parts
),
compared as (
    select *, coalesce(
        content = lag(content) over by_time and _towpath_came = lag(_towpath_went) over by_time, false
    ) as same
    from seen window by_time as (partition by id order by _towpath_came)
),
numbered as (
    select *, sum(if(same, 0, 1)) over (
        partition by id order by _towpath_came rows between unbounded preceding and current row
    ) as state
    from compared
),
states as (
    select id, min(_towpath_came) as came, arg_min(_towpath_part, _towpath_came) as part,
        arg_max(coalesce(_towpath_went, -1), _towpath_came) as went
    from numbered group by id, state
)
select $columns,
    came.version as _towpath_from_version, came.at as _towpath_from,
    went.version as _towpath_until_version, went.at as _towpath_until
from states
join $parts as part on part.id = states.id and part._towpath_part = states.part
left join $times as came on came.version = states.came
left join $times as went on went.version = states.went
