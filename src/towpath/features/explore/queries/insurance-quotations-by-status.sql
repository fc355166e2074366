-- title: Insurance quotations by status and month of creation
-- about: Creation, conversion and status progression of mut.insurance.quotation; the share is within the month.
with counted as (
    select
        date_trunc('month', create_date) as month,
        status,
        count(*) as quotations,
        sum(total_premium_amount) as premium
    from mut_insurance_quotation
    group by date_trunc('month', create_date), status
)

select
    month,
    status,
    quotations,
    premium,
    round(100.0 * quotations / sum(quotations) over (partition by month), 1) as percent_of_month
from counted
order by month, quotations desc
