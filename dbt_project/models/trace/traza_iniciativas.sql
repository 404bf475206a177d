with gasto as (
    select gasto.*
    from {{ ref('stg_sagir_gasto') }} as gasto
    inner join {{ ref('stg_sagir_iniciativas') }} as iniciativas
        on gasto.codigo_iniciativa = iniciativas.codigo_iniciativa
)

{{ contribuciones(ref('stg_sagir_iniciativas'), ['codigo_iniciativa'], {
    'monto_total': 'filas.monto_total',
    'monto_fndr': 'filas.monto_fndr',
}) }}
union all
{{ contribuciones('gasto', ['codigo_iniciativa'], {'gasto_acumulado': 'filas.gasto_real'}) }}
