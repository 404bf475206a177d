-- A table: the documents, their trace and its proof read it, and each would sort the whole register again.
{{ config(materialized='table') }}

select *
from {{ ref('stg_dte_rcv_compra') }}
-- A document may be told again in a later period of the register: the later one knows more.
qualify
    row_number() over (
        partition by rut_proveedor, tipo_documento, folio
        order by _anio desc nulls last, _mes desc nulls last, _archivo desc, _fila desc
    ) = 1
