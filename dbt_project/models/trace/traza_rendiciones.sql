{{ contribuciones(ref('stg_sisrec_rendiciones'), ['id_transferencia', 'periodo', 'tipo'], {
    'monto_rendido': 'filas.monto_rendido',
    'monto_aprobado': 'filas.monto_aprobado',
    'monto_observado': 'filas.monto_observado',
    'monto_rechazado': 'filas.monto_rechazado',
    'monto_reintegrado': 'filas.monto_reintegrado',
}, tipo='decimal(18, 0)') }}
