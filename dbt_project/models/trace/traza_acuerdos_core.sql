{{ contribuciones(ref('stg_core_acuerdos'), ['acuerdo'], {'monto': 'filas.monto'}) }}
