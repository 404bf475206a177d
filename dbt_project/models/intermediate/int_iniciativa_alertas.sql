{#- SAGIR tells whole M$ each month: a difference of up to 1 M$ for each of them is no more than its rounding. -#}
{%- set redondeo = '1000 * greatest(meses_con_gasto, 1)' %}
{%- set diferencia = 'gasto_real - monto_facturado - monto_transferido' %}

{#- Invoices fall short only where the amount of every document is known, spending where all of it could be read. -#}
{%- set condiciones = {
    'GASTO_SIN_ACUERDO_CORE':
        'greatest(gasto_real, monto_facturado, monto_transferido) > 0 and primera_aprobacion is null'
        ~ ' and acuerdo_en_cartera is null',
    'GASTO_ANTES_DE_ACUERDO_CORE':
        'primer_mes_con_gasto < extract(year from primera_aprobacion) * 100 + extract(month from primera_aprobacion)'
        ~ ' or primera_transferencia < primera_aprobacion',
    'GASTO_SOBRE_MONTO_TOTAL': 'gasto_real > monto_total',
    'FACTURADO_SOBRE_MONTO_TOTAL': 'monto_facturado > monto_total',
    'PAGADO_SOBRE_FACTURADO': 'monto_pagado > monto_facturado and documentos_sin_monto = 0',
    'GASTO_SIN_RESPALDO': diferencia ~ ' > ' ~ redondeo ~ ' and documentos_sin_monto = 0',
    'RESPALDO_SIN_GASTO': diferencia ~ ' < -(' ~ redondeo ~ ') and gastos_ilegibles = 0',
    'SALDO_BAJO_CERO': 'transferencias_inconsistentes > 0',
    'RENDICION_ATRASADA': 'transferencias_atrasadas > 0',
    'TRANSFERENCIA_A_QUIEN_DEBE_RENDIR': 'transferencias_con_deuda > 0',
    'TRANSFERENCIA_SIN_CONVENIO_PREVIO':
        'primera_transferencia is not null and (fecha_convenio is null or primera_transferencia < fecha_convenio)',
    'TERMINADA_CON_SALDO_POR_RENDIR': "estado = 'TERMINADA' and transferencias_con_saldo > 0",
    'ORDEN_SIN_FACTURA': 'ordenes_sin_factura > 0',
    'DOCUMENTO_IMPAGO': 'documentos_impagos > 0',
    'HITOS_DESORDENADOS': 'hitos_desordenados',
    'PUNTO_FUERA_DE_LA_REGION': "lugar_del_punto = 'FUERA DE LA REGIÓN'",
    'PUNTO_FUERA_DE_SU_COMUNA': "lugar_del_punto = 'FUERA DE SU COMUNA'",
} %}

{%- for alerta, condicion in condiciones.items() %}
select
    codigo_iniciativa,
    '{{ alerta }}' as alerta
from {{ ref('int_iniciativa_trazabilidad') }}
where {{ condicion }}
{{ 'union all' if not loop.last }}
{%- endfor %}
