-- title: Insurance quotations by status and month of creation
-- about: Creation, conversion and status progression of mut.insurance.quotation; the share is within the month.
-- chart: bar month quotations
with counted as (
    select
        cast(date_trunc('month', create_date) as date) as month,
        status,
        count(*) as quotations,
        round(sum(total_premium_amount), 2) as premium
    from mut_insurance_quotation
    group by cast(date_trunc('month', create_date) as date), status
)

select
    month,
    status,
    quotations,
    premium,
    round(100.0 * quotations / sum(quotations) over (partition by month), 1) as percent_of_month
from counted
order by month, quotations desc
