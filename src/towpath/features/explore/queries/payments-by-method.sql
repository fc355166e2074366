-- title: Payment methods: how often, how much, how large on average
-- about: Methods and patterns by journal and direction; the last column is the share of all payments of that direction.
with counted as (
    select
        payment_type__label as direction,
        journal_id__name as journal,
        payment_method_line_id__name as method,
        currency_id__name as currency,
        count(*) as payments,
        round(sum(amount), 2) as total,
        avg(amount) as average,
        max(date) as last_used
    from account_payment
    where state not in ('draft', 'canceled', 'cancelled', 'cancel', 'rejected')
    group by payment_type__label, journal_id__name, payment_method_line_id__name, currency_id__name
)

select
    direction,
    journal,
    method,
    currency,
    payments,
    total,
    round(average, 2) as average,
    last_used,
    round(100.0 * payments / sum(payments) over (partition by direction), 1) as percent_of_payments
from counted
order by direction, payments desc
