{{ config(materialized='table') }}

{%- set cabecera = [
    'nombre', 'estado', 'tipo', 'es_trato_directo', 'es_compra_agil', 'fecha_envio', 'moneda', 'monto_total',
    'rut_proveedor', 'razon_social', 'id_licitacion',
] %}

select
    codigo_oc,
    -- What an order says of itself repeats on each of its lines: that of the first one is taken.
    {%- for columna in cabecera if columna != 'monto_total' %}
    max(case when es_primera then {{ columna }} end) as {{ columna }},
    {%- endfor %}
    cast(round(max(case when es_primera then monto_total end), 0) as bigint) as monto_total,
    cast(count(*) as bigint) as lineas,
    cast(sum(total_linea_neto) as decimal(28, 4)) as total_lineas_neto,
    -- The totals repeat on every line of an order: lines that tell another are an oddity of the source, to be seen.
    count(distinct monto_total) = 1 as monto_igual_en_sus_lineas
from {{ ref('int_ordenes_compra_lineas') }}
group by codigo_oc
