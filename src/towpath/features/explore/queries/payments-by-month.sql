-- title: Money in and out by month and currency
-- about: Cash flow: customer receipts, supplier payments and what is left of them, draft and cancelled payments left out.
select
    date_trunc('month', date) as month,
    currency_id__name as currency,
    sum(case when payment_type = 'inbound' then 1 else 0 end) as receipts,
    sum(case when payment_type = 'inbound' then amount else 0 end) as money_in,
    sum(case when payment_type = 'outbound' then 1 else 0 end) as payments,
    sum(case when payment_type = 'outbound' then amount else 0 end) as money_out,
    sum(case when payment_type = 'inbound' then amount else -amount end) as net
from account_payment
where state not in ('draft', 'canceled', 'cancelled', 'cancel', 'rejected')
group by date_trunc('month', date), currency_id__name
order by month, currency
