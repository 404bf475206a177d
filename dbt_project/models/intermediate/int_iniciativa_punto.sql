{#- The institution's own building, Bandera 46, Santiago: where its modernisation committee draws what is regional. -#}
{%- set edificio = {
    'latitud': var('edificio_latitud', '-33.4430'),
    'longitud': var('edificio_longitud', '-70.6513'),
} %}

with origenes as (
    select
        iniciativas.codigo_iniciativa,
        iniciativas.latitud as latitud_sagir,
        iniciativas.longitud as longitud_sagir,
        alcance.latitud_comuna,
        alcance.longitud_comuna,
        case
            when alcance.alcance = 'REGIONAL' then 'EDIFICIO INSTITUCIONAL'
            when dentro_de_la_region.latitud is not null then 'SAGIR'
            when alcance.latitud_comuna is not null then 'COMUNA'
        end as origen_punto
    from {{ ref('stg_sagir_iniciativas') }} as iniciativas
    inner join {{ ref('int_iniciativa_alcance') }} as alcance
        on iniciativas.codigo_iniciativa = alcance.codigo_iniciativa
    left join {{ ref('stg_puntos') }} as dentro_de_la_region
        on
            iniciativas.latitud = dentro_de_la_region.latitud
            and iniciativas.longitud = dentro_de_la_region.longitud
)

select
    codigo_iniciativa,
    origen_punto,
    {%- for eje in ['latitud', 'longitud'] %}
    cast(
        case origen_punto
            when 'EDIFICIO INSTITUCIONAL' then cast('{{ edificio[eje] }}' as decimal(9, 6))
            when 'SAGIR' then {{ eje }}_sagir
            when 'COMUNA' then {{ eje }}_comuna
        end as decimal(9, 6)
    ) as {{ eje }}{{ ',' if not loop.last }}
    {%- endfor %}
from origenes
