with en_vigor as (
    {{ en_vigor('dte_xml', ['rut_proveedor', 'tipo_documento', 'folio']) }}
)

select
    tipo_documento,
    folio,
    fecha_emision,
    fecha_vencimiento,
    rut_proveedor,
    razon_social,
    rut_receptor,
    monto_neto,
    monto_exento,
    monto_iva,
    monto_total,
    orden_compra,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
