-- title: Invoiced, credited and collected by month
-- about: A financial report in company currency: posted customer invoices and credit notes, and what of them is paid.
select
    date_trunc('month', invoice_date) as month,
    company_id__name as company,
    sum(case when move_type = 'out_invoice' then 1 else 0 end) as invoices,
    sum(case when move_type = 'out_invoice' then amount_total_signed else 0 end) as invoiced,
    sum(case when move_type = 'out_refund' then amount_total_signed else 0 end) as credited,
    sum(amount_total_signed) as net,
    sum(amount_total_signed - amount_residual_signed) as collected,
    sum(amount_residual_signed) as outstanding
from account_move
where move_type in ('out_invoice', 'out_refund') and state = 'posted'
group by date_trunc('month', invoice_date), company_id__name
order by month, company
