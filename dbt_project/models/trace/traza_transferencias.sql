with rendiciones as (
    select rendiciones.*
    from {{ ref('stg_sisrec_rendiciones') }} as rendiciones
    inner join {{ ref('stg_sisrec_transferencias') }} as transferencias
        on rendiciones.id_transferencia = transferencias.id_transferencia
)

{{ contribuciones(ref('stg_sisrec_transferencias'), ['id_transferencia'], {
    'monto_transferido': 'filas.monto_transferido',
    'saldo_por_rendir': saldo_por_rendir('filas.monto_transferido', '0', '0'),
}, tipo='decimal(18, 0)') }}
union all
{{ contribuciones('rendiciones', ['id_transferencia'], {
    'monto_rendido': 'filas.monto_rendido',
    'monto_aprobado': 'filas.monto_aprobado',
    'monto_observado': 'filas.monto_observado',
    'monto_rechazado': 'filas.monto_rechazado',
    'monto_reintegrado': 'filas.monto_reintegrado',
    'saldo_por_rendir':
        saldo_por_rendir('0', 'coalesce(filas.monto_rendido, 0)', 'coalesce(filas.monto_reintegrado, 0)'),
}, tipo='decimal(18, 0)') }}
