{{ contribuciones(ref('int_ordenes_compra_lineas'), ['codigo_oc'], {
    'monto_total': 'case when filas.es_primera then filas.monto_total end',
    'total_lineas_neto': 'filas.total_linea_neto',
}) }}
