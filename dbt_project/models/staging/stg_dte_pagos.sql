-- A table: documents, indicators, traces and their proofs read it, and each would look for the last of each document again.
{{ config(materialized='table') }}

with en_vigor as (
    {{ en_vigor('dte_pagos', ['rut_proveedor', 'tipo_documento', 'folio']) }}
)

select
    rut_proveedor,
    tipo_documento,
    folio,
    estado,
    programa,
    subtitulo,
    item,
    asignacion,
    codigo_iniciativa,
    orden_compra,
    fecha_devengo,
    fecha_pago,
    monto_pagado,
    rut_cesionario,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato,
    _orden
from en_vigor
