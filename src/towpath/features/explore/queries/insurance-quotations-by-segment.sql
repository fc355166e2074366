-- title: Insurance quotations by kind of customer
-- about: Segments by type of proponent, state and renewal, with premium and insured sum.
select
    proponent_type,
    proponent_state_id__name as state,
    is_renewal,
    count(*) as quotations,
    count(distinct partner_id) as customers,
    round(sum(items_value), 2) as insured_sum,
    round(sum(total_premium_amount), 2) as premium,
    round(avg(total_premium_amount), 2) as average_premium
from mut_insurance_quotation
group by proponent_type, proponent_state_id__name, is_renewal
order by quotations desc, proponent_type
