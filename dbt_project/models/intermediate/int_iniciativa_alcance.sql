{%- set comunas_de_la_region = 52 -%}

with por_iniciativa as (
    select
        codigo_iniciativa,
        cast(count(*) as integer) as cantidad,
        {{ unir_por_posicion('comuna', 'posicion', ', ', comunas_de_la_region) }} as comunas,
        min(latitud) as latitud,
        min(longitud) as longitud
    from {{ ref('int_iniciativa_comunas') }}
    group by codigo_iniciativa
)

select
    iniciativas.codigo_iniciativa,
    case
        when iniciativas.comunas = 'REGIONAL' then 'REGIONAL'
        when por_iniciativa.cantidad = 1 then 'COMUNAL'
        else 'INTERCOMUNAL'
    end as alcance,
    case
        when iniciativas.comunas = 'REGIONAL' then 'REGIÓN METROPOLITANA'
        else por_iniciativa.comunas
    end as comunas,
    -- A point of one comuna only: the middle of several lies in none of them.
    case when por_iniciativa.cantidad = 1 then por_iniciativa.latitud end as latitud_comuna,
    case when por_iniciativa.cantidad = 1 then por_iniciativa.longitud end as longitud_comuna,
    case
        when iniciativas.comunas = 'REGIONAL' then 0
        else length(iniciativas.comunas) - length(replace(iniciativas.comunas, ' ', '')) + 1
    end as comunas_indicadas,
    coalesce(por_iniciativa.cantidad, 0) as comunas_reconocidas
from {{ ref('stg_sagir_iniciativas') }} as iniciativas
left join por_iniciativa
    on iniciativas.codigo_iniciativa = por_iniciativa.codigo_iniciativa
