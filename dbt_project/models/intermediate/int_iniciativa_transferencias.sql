{%- set montos = [
    'monto_transferido', 'monto_rendido', 'monto_aprobado', 'monto_reintegrado', 'saldo_por_rendir'
] %}

select
    transferencias.codigo_iniciativa,
    {%- for monto in montos %}
    cast(sum(transferencias.{{ monto }}) as bigint) as {{ monto }},
    {%- endfor %}
    min(transferencias.fecha_transferencia) as primera_transferencia,
    cast(count(*) filter (where transferencias.estado_rendicion = 'INCONSISTENTE') as bigint) as inconsistentes,
    cast(count(*) filter (where transferencias.estado_rendicion = 'ATRASADA') as bigint) as atrasadas,
    cast(
        count(*) filter (where transferencias.saldo_por_rendir > 0 and not transferencias.con_cuentas_ilegibles) as bigint
    ) as con_saldo,
    cast(count(*) filter (where deuda.con_deuda) as bigint) as con_deuda
from {{ ref('int_transferencias') }} as transferencias
left join {{ ref('int_transferencia_con_deuda') }} as deuda
    on transferencias.id_transferencia = deuda.id_transferencia
group by transferencias.codigo_iniciativa
