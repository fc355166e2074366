-- title: How many sales quotations became orders, by month
-- about: Creation and conversion of sale orders; the rate counts orders among all quotations made in the month.
-- chart: line month quotations orders
select
    cast(date_trunc('month', create_date) as date) as month,
    count(*) as quotations,
    sum(case when state in ('sale', 'done') then 1 else 0 end) as orders,
    sum(case when state = 'cancel' then 1 else 0 end) as cancelled,
    round(100.0 * sum(case when state in ('sale', 'done') then 1 else 0 end) / count(*), 1) as percent_won,
    round(sum(case when state in ('sale', 'done') then amount_total else 0 end), 2) as ordered
from sale_order
group by cast(date_trunc('month', create_date) as date)
order by month
