-- A table: sums, trace and proofs of the initiatives read it, and each would go through all documents for it again.
{{ config(materialized='table') }}

with de_la_iniciativa as (
    select
        iniciativas.codigo_iniciativa,
        ordenes.codigo_oc
    from {{ ref('stg_sagir_iniciativas') }} as iniciativas
    inner join {{ ref('int_ordenes_compra') }} as ordenes
        on iniciativas.id_licitacion = ordenes.id_licitacion
    -- Not "union all": an order of its tender that a document names too counts once.
    union
    select
        documentos.codigo_iniciativa,
        ordenes.codigo_oc
    from {{ ref('int_documentos_tributarios') }} as documentos
    inner join {{ ref('int_ordenes_compra') }} as ordenes
        on documentos.orden_compra = ordenes.codigo_oc
    where documentos.codigo_iniciativa is not null
),

-- Whoever it is charged to: an invoice of the order shows that it was delivered.
facturadas as (
    select distinct orden_compra
    from {{ ref('int_documentos_tributarios') }}
    where tipo_documento in ('33', '34', '46') and {{ documento_vigente("coalesce(estado, '')") }}
)

select
    vinculos.codigo_iniciativa,
    vinculos.codigo_oc,
    ordenes.monto_total,
    facturadas.orden_compra is null
    and lower(ordenes.estado) not like 'cancel%'
    and {{ dias_entre('ordenes.fecha_envio', fecha_corte()) }} > {{ plazo_factura_dias() }} as sin_factura
from de_la_iniciativa as vinculos
inner join {{ ref('int_ordenes_compra') }} as ordenes
    on vinculos.codigo_oc = ordenes.codigo_oc
left join facturadas
    on vinculos.codigo_oc = facturadas.orden_compra
