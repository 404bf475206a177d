with en_vigor as (
    {{ en_vigor('sga_ordenes_compra') }}
)

select
    codigo_oc,
    nombre,
    estado,
    tipo,
    es_trato_directo,
    es_compra_agil,
    fecha_envio,
    fecha_aceptacion,
    moneda,
    monto_total,
    rut_proveedor,
    razon_social,
    id_licitacion,
    id_item,
    codigo_onu,
    cantidad,
    precio_neto,
    total_linea_neto,
    _archivo,
    _sha256,
    _fila,
    _anio,
    _mes,
    _fecha_dato
from en_vigor
