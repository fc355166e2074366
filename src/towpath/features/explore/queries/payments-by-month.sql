-- title: Money in and out by month and currency
-- about: Cash flow: customer receipts, supplier payments and what is left of them, draft and cancelled payments left out.
-- chart: line month money_in
select
    cast(date_trunc('month', date) as date) as month,
    currency_id__name as currency,
    sum(case when payment_type = 'inbound' then 1 else 0 end) as receipts,
    round(sum(case when payment_type = 'inbound' then amount else 0 end), 2) as money_in,
    sum(case when payment_type = 'outbound' then 1 else 0 end) as payments,
    round(sum(case when payment_type = 'outbound' then amount else 0 end), 2) as money_out,
    round(sum(case when payment_type = 'inbound' then amount else -amount end), 2) as net
from account_payment
where state not in ('draft', 'canceled', 'cancelled', 'cancel', 'rejected')
group by cast(date_trunc('month', date) as date), currency_id__name
order by month, currency
