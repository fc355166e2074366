-- title: Invoiced, credited and collected by month
-- about: A financial report in company currency: posted customer invoices and credit notes, and what of them is paid.
-- chart: bar month invoiced
select
    cast(date_trunc('month', invoice_date) as date) as month,
    company_id__name as company,
    sum(case when move_type = 'out_invoice' then 1 else 0 end) as invoices,
    round(sum(case when move_type = 'out_invoice' then amount_total_signed else 0 end), 2) as invoiced,
    round(sum(case when move_type = 'out_refund' then amount_total_signed else 0 end), 2) as credited,
    round(sum(amount_total_signed), 2) as net,
    round(sum(amount_total_signed - amount_residual_signed), 2) as collected,
    round(sum(amount_residual_signed), 2) as outstanding
from account_move
where move_type in ('out_invoice', 'out_refund') and state = 'posted'
group by cast(date_trunc('month', invoice_date) as date), company_id__name
order by month, company
