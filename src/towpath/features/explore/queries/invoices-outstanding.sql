-- title: What customers still owe, by age
-- about: Open customer invoices and credit notes in company currency, by days overdue.
-- chart: bar customer outstanding
with open_invoices as (
    select
        company_id__name as company,
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
    company,
    count(*) as invoices,
    round(sum(residual), 2) as outstanding,
    round(sum(case when days_late is null or days_late <= 0 then residual else 0 end), 2) as not_due,
    round(sum(case when days_late between 1 and 30 then residual else 0 end), 2) as late_1_to_30,
    round(sum(case when days_late between 31 and 60 then residual else 0 end), 2) as late_31_to_60,
    round(sum(case when days_late between 61 and 90 then residual else 0 end), 2) as late_61_to_90,
    round(sum(case when days_late > 90 then residual else 0 end), 2) as late_over_90
from open_invoices
group by customer, company
order by outstanding desc, customer, company
