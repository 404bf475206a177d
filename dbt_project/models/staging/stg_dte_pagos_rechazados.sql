with llaves as (
    {{ llaves_rechazadas('dte_pagos', ['rut_proveedor', 'tipo_documento', 'folio']) }}
)

select
    rut_proveedor,
    tipo_documento,
    cast(folio as bigint) as folio,
    _orden,
    _archivo,
    _fila
from llaves
where rut_proveedor is not null and tipo_documento is not null and folio is not null
