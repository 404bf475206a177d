select
    actual.anio,
    actual.codigo_iniciativa,
    actual.primer_mes,
    cartera.codigo_iniciativa is not null as en_cartera,
    cartera._archivo,
    cartera._sha256,
    cartera._fila
from {{ ref('int_gasto_anual') }} as actual
inner join {{ ref('int_gasto_anual') }} as anterior
    on actual.codigo_iniciativa = anterior.codigo_iniciativa and actual.anio = anterior.anio + 1
left join {{ ref('stg_sagir_iniciativas_historia') }} as cartera
    on
        actual.codigo_iniciativa = cartera.codigo_iniciativa
        and {{ conocido_al("cast(actual.anio || '-04-30' as date)", 'cartera') }}
where
    actual.subtitulo = '31'
    and anterior.subtitulo = '31'
    and actual.gasto_real > 0
    and anterior.gasto_real > 0
