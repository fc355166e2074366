-- title: What customers still owe, by age
-- about: Open customer invoices and credit notes in company currency, by days overdue.
with open_invoices as (
    select
        partner_id__name as customer,
        amount_residual_signed as residual,
        date_diff('day', invoice_date_due, current_date) as days_late
    from account_move
    where move_type in ('out_invoice', 'out_refund')
        and state = 'posted'
        and payment_state in ('not_paid', 'partial', 'in_payment')
)

select
    customer,
    count(*) as invoices,
    sum(residual) as outstanding,
    sum(case when days_late is null or days_late <= 0 then residual else 0 end) as not_due,
    sum(case when days_late between 1 and 30 then residual else 0 end) as late_1_to_30,
    sum(case when days_late between 31 and 60 then residual else 0 end) as late_31_to_60,
    sum(case when days_late between 61 and 90 then residual else 0 end) as late_61_to_90,
    sum(case when days_late > 90 then residual else 0 end) as late_over_90
from open_invoices
group by customer
order by outstanding desc, customer
