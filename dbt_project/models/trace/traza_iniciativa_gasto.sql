{{ contribuciones(ref('stg_sagir_gasto'), ['codigo_iniciativa', 'anio', 'mes'], {
    'gasto_proyectado': 'filas.gasto_proyectado',
    'gasto_real': 'filas.gasto_real',
}) }}
