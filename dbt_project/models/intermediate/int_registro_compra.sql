-- A table: the documents, their trace and its proof read it, and each would look for the last of each document again.
{{ config(materialized='table') }}

-- A document may be told again in a later period of the register: the later one knows more.
{{ ultima_por_clave(
    ref('stg_dte_rcv_compra'),
    ['rut_proveedor', 'tipo_documento', 'folio'],
    '_anio desc nulls last, _mes desc nulls last, _archivo desc, _fila desc'
) }}
