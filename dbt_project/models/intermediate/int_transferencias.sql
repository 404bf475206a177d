with con_saldo as (
    select
        transferencias.*,
        rendiciones.monto_rendido,
        rendiciones.monto_aprobado,
        rendiciones.monto_observado,
        rendiciones.monto_rechazado,
        rendiciones.monto_reintegrado,
        rendiciones.con_movimiento_reciente,
        rendiciones.con_cuentas_ilegibles,
        {{ saldo_por_rendir(
            'transferencias.monto_transferido', 'rendiciones.monto_rendido', 'rendiciones.monto_reintegrado'
        ) }} as saldo_por_rendir
    from {{ ref('stg_sisrec_transferencias') }} as transferencias
    left join {{ ref('int_rendiciones_por_transferencia') }} as rendiciones
        on transferencias.id_transferencia = rendiciones.id_transferencia
)

select
    id_transferencia,
    codigo_iniciativa,
    programa,
    subtitulo,
    item,
    asignacion,
    rut_ejecutor,
    nombre_ejecutor,
    resolucion,
    fecha_transferencia,
    monto_transferido,
    monto_rendido,
    monto_aprobado,
    monto_observado,
    monto_rechazado,
    monto_reintegrado,
    saldo_por_rendir,
    -- The first that holds: money rendered beyond what was given is an inconsistency even where all of it is approved.
    case
        when saldo_por_rendir < 0 then 'INCONSISTENTE'
        when monto_transferido - monto_aprobado - monto_reintegrado = 0 then 'CERRADA'
        when saldo_por_rendir > 0 and not con_movimiento_reciente
            -- What could not be read may have closed it: unknown.
            then case when not con_cuentas_ilegibles then 'ATRASADA' end
        else 'AL DÍA'
    end as estado_rendicion,
    con_cuentas_ilegibles
from con_saldo
