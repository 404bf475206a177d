{%- set montos = ['monto_rendido', 'monto_aprobado', 'monto_observado', 'monto_rechazado', 'monto_reintegrado'] %}
{%- set plazo_dias = plazo_rendicion_dias() %}

with ilegibles as (
    {{ celdas_ilegibles('sisrec_rendiciones', ['monto_aprobado', 'monto_reintegrado']) }}
),

rendiciones as (
    select
        cuentas.id_transferencia,
        {%- for monto in montos %}
        sum(cuentas.{{ monto }}) as {{ monto }},
        {%- endfor %}
        count(ilegibles.fila) > 0 as con_montos_ilegibles,
        -- What is dated after the cut-off tells nothing of the days up to it.
        max(case when cuentas.fecha_envio <= corte.fecha_corte then cuentas.fecha_envio end) as ultimo_envio
    from {{ ref('stg_sisrec_rendiciones') }} as cuentas
    cross join {{ ref('int_fecha_corte') }} as corte
    left join ilegibles
        on cuentas._archivo = ilegibles.archivo and cuentas._fila = ilegibles.fila
    group by cuentas.id_transferencia
),

rechazadas as (
    select distinct id_transferencia
    from {{ ref('stg_sisrec_rendiciones_rechazadas') }}
),

unidas as (
    select
        transferencias.id_transferencia,
        {%- for monto in montos %}
        cast(coalesce(rendiciones.{{ monto }}, 0) as bigint) as {{ monto }},
        {%- endfor %}
        coalesce(rendiciones.con_montos_ilegibles, false)
        or rechazadas.id_transferencia is not null as con_cuentas_ilegibles,
        {{ dias_entre('transferencias.fecha_transferencia', 'corte.fecha_corte') }} as dias_desde_transferencia,
        {{ dias_entre('rendiciones.ultimo_envio', 'corte.fecha_corte') }} as dias_desde_envio
    from {{ ref('stg_sisrec_transferencias') }} as transferencias
    cross join {{ ref('int_fecha_corte') }} as corte
    left join rendiciones
        on transferencias.id_transferencia = rendiciones.id_transferencia
    left join rechazadas
        on transferencias.id_transferencia = rechazadas.id_transferencia
)

select
    id_transferencia,
    {%- for monto in montos %}
    {{ monto }},
    {%- endfor %}
    con_cuentas_ilegibles,
    coalesce(dias_desde_transferencia between 0 and {{ plazo_dias }}, false)
    or coalesce(dias_desde_envio between 0 and {{ plazo_dias }}, false) as con_movimiento_reciente
from unidas
