{%- set montos = ['monto_rendido', 'monto_aprobado', 'monto_observado', 'monto_rechazado', 'monto_reintegrado'] %}
{%- set plazo_dias = plazo_rendicion_dias() %}

with rendiciones as (
    select
        id_transferencia,
        {%- for monto in montos %}
        sum({{ monto }}) as {{ monto }},
        {%- endfor %}
        -- What is dated after the cut-off tells nothing of the days up to it.
        max(case when fecha_envio <= corte.fecha_corte then fecha_envio end) as ultimo_envio
    from {{ ref('stg_sisrec_rendiciones') }}
    cross join {{ ref('int_fecha_corte') }} as corte
    group by id_transferencia
),

unidas as (
    select
        transferencias.id_transferencia,
        {%- for monto in montos %}
        cast(coalesce(rendiciones.{{ monto }}, 0) as bigint) as {{ monto }},
        {%- endfor %}
        {{ dias_entre('transferencias.fecha_transferencia', 'corte.fecha_corte') }} as dias_desde_transferencia,
        {{ dias_entre('rendiciones.ultimo_envio', 'corte.fecha_corte') }} as dias_desde_envio
    from {{ ref('stg_sisrec_transferencias') }} as transferencias
    cross join {{ ref('int_fecha_corte') }} as corte
    left join rendiciones
        on transferencias.id_transferencia = rendiciones.id_transferencia
)

select
    id_transferencia,
    {%- for monto in montos %}
    {{ monto }},
    {%- endfor %}
    coalesce(dias_desde_transferencia between 0 and {{ plazo_dias }}, false)
    or coalesce(dias_desde_envio between 0 and {{ plazo_dias }}, false) as con_movimiento_reciente
from unidas
