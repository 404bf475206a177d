{#- Over the documents whose reception is known: NULL where it is of none, for then nobody knows. -#}
{%- set en_plazo = 'sum(cast(dentro_plazo as integer))' %}

with ordenados as (
    select
        *,
        row_number() over (partition by anio, mes, programa order by dias_pago asc nulls last) as lugar,
        count(dias_pago) over (partition by anio, mes, programa) as con_dias
    from {{ ref('int_pagos_oportunos') }}
)

select
    anio,
    mes,
    programa,
    cast(count(*) as bigint) as documentos_pagados,
    cast({{ en_plazo }} as bigint) as documentos_en_plazo,
    cast(count(*) filter (where dias_pago is null) as bigint) as documentos_sin_recepcion,
    {{ porcentaje(en_plazo, 'count(*)') }} as porcentaje_en_plazo,
    cast({{ div_round('sum(dias_pago)', 'count(dias_pago)', 2) }} as decimal(18, 2)) as dias_promedio,
    cast({{ percentil_interpolado('dias_pago', 'lugar', 'con_dias', 5) }} as decimal(18, 2)) as dias_mediana,
    cast({{ percentil_interpolado('dias_pago', 'lugar', 'con_dias', 9) }} as decimal(18, 2)) as dias_p90,
    cast(coalesce(sum(monto_pagado), 0) as bigint) as monto_pagado
from ordenados
group by anio, mes, programa
