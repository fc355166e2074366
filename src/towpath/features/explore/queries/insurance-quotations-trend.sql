-- title: Insurance quotations over time
-- about: Volume by month with the change to the month before and the average premium.
-- chart: line month quotations renewals
with monthly as (
    select
        cast(date_trunc('month', create_date) as date) as month,
        count(*) as quotations,
        sum(case when is_renewal then 1 else 0 end) as renewals,
        avg(total_premium_amount) as average_premium
    from mut_insurance_quotation
    group by cast(date_trunc('month', create_date) as date)
)

select
    month,
    quotations,
    quotations - lag(quotations) over (order by month) as change,
    renewals,
    round(average_premium, 2) as average_premium
from monthly
order by month
