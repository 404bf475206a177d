{#- Where each part comes from: a line of the budget, a tax document or a transfer. -#}
{%- set origenes = {
    'mes': 'integer', 'asignacion': 'string', 'rut_proveedor': 'string', 'tipo_documento': 'string',
    'folio': 'bigint', 'id_transferencia': 'string',
} %}

with ejecucion as (
    select
        *,
        max(mes) over (partition by anio, programa) as ultimo_mes
    from {{ ref('ejecucion_presupuestaria') }}
    -- Pesos only: documents are in pesos.
    where tipo = 'GASTO' and moneda = 'P'
)

select
    anio,
    programa,
    subtitulo,
    item,
    ejecucion_acumulada as ejecutado,
    0 as dte,
    0 as transferencias
    {%- for columna, tipo in origenes.items() %},
    {{ columna if columna in ['mes', 'asignacion'] else 'cast(null as ' ~ tipo ~ ') as ' ~ columna }}
    {%- endfor %}
from ejecucion
where mes = ultimo_mes
union all
select
    cast(extract(year from fecha_devengo) as integer) as anio,
    programa,
    subtitulo,
    item,
    cast(null as bigint) as ejecutado,
    coalesce(monto_total, 0) as dte,
    0 as transferencias
    {%- for columna, tipo in origenes.items() %},
    {{ columna if columna in ['rut_proveedor', 'tipo_documento', 'folio'] else 'cast(null as ' ~ tipo ~ ') as ' ~ columna }}
    {%- endfor %}
from {{ ref('int_documentos_tributarios') }}
where fecha_devengo is not null and {{ documento_vigente('estado') }}
union all
select
    cast(extract(year from fecha_transferencia) as integer) as anio,
    programa,
    subtitulo,
    item,
    cast(null as bigint) as ejecutado,
    0 as dte,
    monto_transferido as transferencias
    {%- for columna, tipo in origenes.items() %},
    {{ columna if columna == 'id_transferencia' else 'cast(null as ' ~ tipo ~ ') as ' ~ columna }}
    {%- endfor %}
from {{ ref('stg_sisrec_transferencias') }}
