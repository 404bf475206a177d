with en_vigor as (
    {{ en_vigor('dte_rcv_compra') }}
)

select
    tipo_documento,
    tipo_compra,
    rut_proveedor,
    razon_social,
    folio,
    fecha_emision,
    fecha_recepcion,
    fecha_acuse,
    monto_exento,
    monto_neto,
    monto_iva,
    monto_total,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
