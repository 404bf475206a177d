with primer_gasto as (
    select
        codigo_iniciativa,
        min(anio) as anio
    from {{ ref('int_gasto_anual') }}
    where gasto_real > 0
    group by codigo_iniciativa
)

select
    plan.anio - 1 as anio,
    plan.codigo_iniciativa,
    plan.anio as anio_plan,
    plan.gasto_proyectado
from {{ ref('int_gasto_anual') }} as plan
inner join primer_gasto
    on plan.codigo_iniciativa = primer_gasto.codigo_iniciativa and plan.anio > primer_gasto.anio
inner join {{ ref('stg_sagir_iniciativas') }} as cartera
    on plan.codigo_iniciativa = cartera.codigo_iniciativa
where cartera.estado not in ('TERMINADA', 'DESISTIDA')
