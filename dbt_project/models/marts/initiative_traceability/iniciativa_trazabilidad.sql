{#- The highest `orden` that the seed of alerts allows. -#}
{%- set alertas_posibles = 30 %}

with alertas as (
    select
        de_la_iniciativa.codigo_iniciativa,
        count(*) as cantidad_alertas,
        {{ unir_por_posicion('alertas.codigo', 'alertas.orden', ' | ', alertas_posibles) }} as alertas
    from {{ ref('int_iniciativa_alertas') }} as de_la_iniciativa
    inner join {{ ref('alertas') }} as alertas
        on de_la_iniciativa.alerta = alertas.codigo
    group by de_la_iniciativa.codigo_iniciativa
)

select
    iniciativas.codigo_iniciativa,
    iniciativas.nombre,
    iniciativas.estado,
    iniciativas.monto_total,
    iniciativas.fecha_postulacion,
    iniciativas.fecha_core,
    iniciativas.fecha_convenio,
    iniciativas.fecha_contrato,
    iniciativas.monto_ordenes_compra,
    iniciativas.documentos_dte,
    iniciativas.monto_facturado,
    iniciativas.monto_pagado,
    iniciativas.monto_transferido,
    iniciativas.monto_rendido,
    iniciativas.monto_aprobado,
    iniciativas.monto_reintegrado,
    iniciativas.saldo_por_rendir,
    iniciativas.gasto_real,
    iniciativas.gasto_real - iniciativas.monto_facturado - iniciativas.monto_transferido as diferencia_gasto,
    iniciativas.documentos_sgd,
    iniciativas.acuerdos_core,
    cast(coalesce(alertas.cantidad_alertas, 0) as bigint) as cantidad_alertas,
    alertas.alertas
from {{ ref('int_iniciativa_trazabilidad') }} as iniciativas
left join alertas
    on iniciativas.codigo_iniciativa = alertas.codigo_iniciativa
