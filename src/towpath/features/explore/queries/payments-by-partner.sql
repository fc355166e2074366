-- title: Who pays most, and when last
-- about: The fifty customers with the largest receipts, by currency.
-- chart: bar customer total
select
    partner_id__name as customer,
    currency_id__name as currency,
    count(*) as receipts,
    round(sum(amount), 2) as total,
    min(date) as first_payment,
    max(date) as last_payment
from account_payment
where payment_type = 'inbound'
    and partner_type = 'customer'
    and state not in ('draft', 'canceled', 'cancelled', 'cancel', 'rejected')
group by partner_id__name, currency_id__name
order by total desc, customer
limit 50
