with ilegibles as (
    {{ celdas_ilegibles('sisrec_rendiciones', ['monto_reintegrado']) }}
),

movimientos as (
    select
        id_transferencia,
        rut_ejecutor,
        fecha_transferencia as fecha,
        monto_transferido as monto,
        0 as ilegibles
    from {{ ref('stg_sisrec_transferencias') }}
    union all
    select
        transferencias.id_transferencia,
        transferencias.rut_ejecutor,
        rendiciones.fecha_envio as fecha,
        -rendiciones.monto_rendido - coalesce(rendiciones.monto_reintegrado, 0) as monto,
        case when ilegibles.fila is not null then 1 else 0 end as ilegibles
    from {{ ref('stg_sisrec_rendiciones') }} as rendiciones
    inner join {{ ref('stg_sisrec_transferencias') }} as transferencias
        on rendiciones.id_transferencia = transferencias.id_transferencia
    left join ilegibles
        on rendiciones._archivo = ilegibles.archivo and rendiciones._fila = ilegibles.fila
    union all
    -- Nobody knows when a rejected account was sent.
    select
        transferencias.id_transferencia,
        transferencias.rut_ejecutor,
        transferencias.fecha_transferencia as fecha,
        0 as monto,
        1 as ilegibles
    from {{ ref('stg_sisrec_rendiciones_rechazadas') }} as rechazadas
    inner join {{ ref('stg_sisrec_transferencias') }} as transferencias
        on rechazadas.id_transferencia = transferencias.id_transferencia
),

por_dia as (
    select
        id_transferencia,
        rut_ejecutor,
        fecha,
        sum(monto) as monto,
        sum(ilegibles) as ilegibles
    from movimientos
    group by id_transferencia, rut_ejecutor, fecha
),

saldos as (
    select
        rut_ejecutor,
        sum(monto) over (partition by id_transferencia order by fecha asc nulls last) as saldo,
        sum(ilegibles) over (partition by id_transferencia order by fecha asc nulls last) as ilegibles,
        cast(fecha + interval '{{ plazo_rendicion_dias() + 1 }}' day as date) as atrasada_desde,
        lead(fecha) over (partition by id_transferencia order by fecha asc nulls last) as fecha_siguiente
    from por_dia
),

atrasos as (
    select
        rut_ejecutor,
        atrasada_desde,
        fecha_siguiente
    from saldos
    -- From an amount on that could not be read nobody knows what is left.
    where saldo > 0 and ilegibles = 0 and (fecha_siguiente is null or fecha_siguiente > atrasada_desde)
),

-- Overdue transfers of an executor rise by one where a stretch without accounts begins, and fall where it ends: counting
-- along the days asks for no join of each transfer with all the others.
cambios as (
    select
        cast(null as string) as id_transferencia,
        rut_ejecutor,
        atrasada_desde as fecha,
        1 as cambio
    from atrasos
    union all
    select
        cast(null as string) as id_transferencia,
        rut_ejecutor,
        fecha_siguiente as fecha,
        -1 as cambio
    from atrasos
    where fecha_siguiente is not null
    union all
    select
        id_transferencia,
        rut_ejecutor,
        fecha_transferencia as fecha,
        0 as cambio
    from {{ ref('stg_sisrec_transferencias') }}
),

contados as (
    select
        id_transferencia,
        -- The default frame takes in all of the same day.
        sum(cambio) over (partition by rut_ejecutor order by fecha asc nulls last) as atrasadas_ese_dia
    from cambios
)

select
    id_transferencia,
    atrasadas_ese_dia > 0 as con_deuda
from contados
where id_transferencia is not null
