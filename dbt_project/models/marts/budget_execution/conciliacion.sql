with sumas as (
    select
        anio,
        programa,
        subtitulo,
        item,
        cast(sum(ejecutado) as bigint) as ejecutado,
        {{ miles_de_pesos('sum(dte)') }} as respaldo_dte,
        {{ miles_de_pesos('sum(transferencias)') }} as respaldo_transferencias,
        -- Of the pesos, not of the two columns beside it: rounding twice may be 1 M$ off.
        {{ miles_de_pesos('sum(dte + transferencias)') }} as respaldo_total,
        max(mes) as mes_ejecutado
    from {{ ref('int_conciliacion_partes') }}
    group by anio, programa, subtitulo, item
)

select
    anio,
    programa,
    subtitulo,
    item,
    ejecutado,
    respaldo_dte,
    respaldo_transferencias,
    respaldo_total,
    ejecutado - respaldo_total as diferencia,
    {{ porcentaje('respaldo_total', 'ejecutado') }} as porcentaje_respaldado,
    mes_ejecutado
from sumas
