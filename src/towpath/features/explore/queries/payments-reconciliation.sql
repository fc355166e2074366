-- title: Payments matched with invoices and with the bank, and those still open
-- about: Reconciliation status by journal and state; is_reconciled is about invoices, is_matched about the bank statement.
select
    journal_id__name as journal,
    state__label as state,
    currency_id__name as currency,
    count(*) as payments,
    round(sum(amount), 2) as total,
    sum(case when is_reconciled then 1 else 0 end) as with_invoice,
    sum(case when is_reconciled then 0 else 1 end) as without_invoice,
    sum(case when is_matched then 1 else 0 end) as on_statement,
    round(sum(case when is_matched then 0 else amount end), 2) as amount_not_on_statement
from account_payment
group by journal_id__name, state__label, currency_id__name
order by journal, payments desc
