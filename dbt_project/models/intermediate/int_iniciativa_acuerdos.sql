with de_la_iniciativa as (
    select
        codigo_iniciativa,
        acuerdo,
        fecha,
        resultado
    from {{ ref('stg_core_acuerdos') }}
    where codigo_iniciativa is not null
    union all
    -- An agreement that names no initiative belongs to those whose portfolio names it.
    select
        iniciativas.codigo_iniciativa,
        acuerdos.acuerdo,
        acuerdos.fecha,
        acuerdos.resultado
    from {{ ref('stg_core_acuerdos') }} as acuerdos
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on acuerdos.acuerdo = iniciativas.acuerdo_core
    where acuerdos.codigo_iniciativa is null
)

select
    codigo_iniciativa,
    cast(count(*) as bigint) as acuerdos_core,
    min(case when resultado = 'APROBADO' then fecha end) as primera_aprobacion
from de_la_iniciativa
group by codigo_iniciativa
