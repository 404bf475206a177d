select
    codigo_oc,
    nombre,
    estado,
    tipo,
    es_trato_directo,
    es_compra_agil,
    fecha_envio,
    moneda,
    monto_total,
    lineas,
    total_lineas_neto,
    {{ si_publicable('rut_proveedor', 'rut_proveedor') }} as rut_proveedor,
    {{ si_publicable('rut_proveedor', 'razon_social') }} as proveedor,
    {{ tipo_persona('rut_proveedor') }} as tipo_persona,
    id_licitacion
from {{ ref('int_ordenes_compra') }}
