{{ config(materialized='table') }}

{%- set pesos_por_m = 1000 %}

{#- The cells of real spending of a row of SAGIR, one a month, as they are named where they could not be read. -#}
{%- set gastos_del_mes = [] %}
{%- for mes in range(1, 13) %}
{%- do gastos_del_mes.append('gasto_real_' ~ mes) %}
{%- endfor %}

with gasto as (
    select
        codigo_iniciativa,
        sum(gasto_real) as gasto_real,
        sum(meses_con_gasto) as meses_con_gasto,
        min(anio * 100 + primer_mes) as primer_mes
    from {{ ref('int_gasto_anual') }}
    group by codigo_iniciativa
),

ilegibles as (
    {{ celdas_ilegibles('sagir_gasto', gastos_del_mes) }}
),

-- A year of which a month could not be read tells too little spending.
anios_ilegibles as (
    select
        gastos.codigo_iniciativa,
        count(distinct gastos.anio) as gastos_ilegibles
    from {{ ref('stg_sagir_gasto') }} as gastos
    inner join ilegibles
        on gastos._archivo = ilegibles.archivo and gastos._fila = ilegibles.fila
    group by gastos.codigo_iniciativa
),

-- A document that names no initiative belongs to those whose milestones name it.
documentos_sgd as (
    select
        codigo_iniciativa,
        count(distinct id_documento) as documentos_sgd
    from (
        select
            codigo_iniciativa,
            id_documento
        from {{ ref('stg_sgd_documentos') }}
        where codigo_iniciativa is not null
        union all
        select
            hitos.codigo_iniciativa,
            documentos.id_documento
        from {{ ref('stg_sgd_documentos') }} as documentos
        inner join {{ ref('stg_sagir_hitos') }} as hitos
            on documentos.id_documento = hitos.id_documento
        where documentos.codigo_iniciativa is null
    ) as de_la_iniciativa
    group by codigo_iniciativa
),

ordenes as (
    select
        codigo_iniciativa,
        sum(monto_total) as monto_ordenes_compra,
        count(*) filter (where sin_factura) as ordenes_sin_factura
    from {{ ref('int_iniciativa_ordenes') }}
    group by codigo_iniciativa
),

puntos as (
    select
        iniciativas.codigo_iniciativa,
        case
            when iniciativas.latitud is null or iniciativas.longitud is null then null
            when puntos.cut is null then 'FUERA DE LA REGIÓN'
            when iniciativas.comunas = 'REGIONAL' then 'EN LA REGIÓN'
            when ' ' || iniciativas.comunas || ' ' like '% ' || puntos.cut || ' %' then 'EN SU COMUNA'
            else 'FUERA DE SU COMUNA'
        end as lugar_del_punto
    from {{ ref('stg_sagir_iniciativas') }} as iniciativas
    left join {{ ref('stg_puntos') }} as puntos
        on iniciativas.latitud = puntos.latitud and iniciativas.longitud = puntos.longitud
)

select
    iniciativas.codigo_iniciativa,
    iniciativas.nombre,
    iniciativas.estado,
    cast(iniciativas.monto_total * {{ pesos_por_m }} as bigint) as monto_total,
    fechas.fecha_postulacion,
    fechas.fecha_core,
    fechas.fecha_convenio,
    fechas.fecha_contrato,
    coalesce(fechas.hitos_desordenados, false) as hitos_desordenados,
    cast(coalesce(ordenes.monto_ordenes_compra, 0) as bigint) as monto_ordenes_compra,
    coalesce(ordenes.ordenes_sin_factura, 0) as ordenes_sin_factura,
    {%- for columna in [
        'documentos_dte', 'monto_facturado', 'monto_pagado', 'documentos_impagos', 'documentos_sin_monto'
    ] %}
    coalesce(documentos.{{ columna }}, 0) as {{ columna }},
    {%- endfor %}
    {%- for columna in [
        'monto_transferido', 'monto_rendido', 'monto_aprobado', 'monto_reintegrado', 'saldo_por_rendir'
    ] %}
    coalesce(transferencias.{{ columna }}, 0) as {{ columna }},
    {%- endfor %}
    {%- for columna in ['inconsistentes', 'atrasadas', 'con_saldo', 'con_deuda'] %}
    coalesce(transferencias.{{ columna }}, 0) as transferencias_{{ columna }},
    {%- endfor %}
    transferencias.primera_transferencia,
    cast(coalesce(gasto.gasto_real, 0) * {{ pesos_por_m }} as bigint) as gasto_real,
    cast(coalesce(gasto.meses_con_gasto, 0) as bigint) as meses_con_gasto,
    gasto.primer_mes as primer_mes_con_gasto,
    coalesce(anios_ilegibles.gastos_ilegibles, 0) as gastos_ilegibles,
    cast(coalesce(documentos_sgd.documentos_sgd, 0) as bigint) as documentos_sgd,
    coalesce(acuerdos.acuerdos_core, 0) as acuerdos_core,
    acuerdos.primera_aprobacion,
    -- The agreement that the portfolio names, whatever initiative that one names; a rejected one approves nothing.
    case when rechazados.acuerdo is null then iniciativas.acuerdo_core end as acuerdo_en_cartera,
    puntos.lugar_del_punto
from {{ ref('stg_sagir_iniciativas') }} as iniciativas
left join {{ ref('int_iniciativa_fechas') }} as fechas
    on iniciativas.codigo_iniciativa = fechas.codigo_iniciativa
left join ordenes
    on iniciativas.codigo_iniciativa = ordenes.codigo_iniciativa
left join {{ ref('int_iniciativa_documentos') }} as documentos
    on iniciativas.codigo_iniciativa = documentos.codigo_iniciativa
left join {{ ref('int_iniciativa_transferencias') }} as transferencias
    on iniciativas.codigo_iniciativa = transferencias.codigo_iniciativa
left join gasto
    on iniciativas.codigo_iniciativa = gasto.codigo_iniciativa
left join anios_ilegibles
    on iniciativas.codigo_iniciativa = anios_ilegibles.codigo_iniciativa
left join documentos_sgd
    on iniciativas.codigo_iniciativa = documentos_sgd.codigo_iniciativa
left join {{ ref('int_iniciativa_acuerdos') }} as acuerdos
    on iniciativas.codigo_iniciativa = acuerdos.codigo_iniciativa
left join {{ ref('stg_core_acuerdos') }} as rechazados
    on iniciativas.acuerdo_core = rechazados.acuerdo and rechazados.resultado = 'RECHAZADO'
left join puntos
    on iniciativas.codigo_iniciativa = puntos.codigo_iniciativa
