{%- set clave = ['anio', 'programa', 'subtitulo', 'item'] %}

{#- Each part, the trace and the column that tell it, and what joins both. -#}
{%- set partes = [
    ('ejecutado', 'traza_ejecucion_presupuestaria', 'ejecucion_acumulada',
     ['anio', 'mes', 'programa', 'subtitulo', 'item', 'asignacion']),
    ('respaldo_dte', 'traza_pagos_proveedores', 'monto_total', ['rut_proveedor', 'tipo_documento', 'folio']),
    ('respaldo_transferencias', 'traza_transferencias', 'monto_transferido', ['id_transferencia']),
] %}

{#- The columns that a part adds to, or is taken from. -#}
{%- set columnas = [
    ('ejecutado', 'ejecutado', 1),
    ('ejecutado', 'diferencia', 1),
    ('respaldo_dte', 'respaldo_dte', 1),
    ('respaldo_dte', 'respaldo_total', 1),
    ('respaldo_dte', 'diferencia', -1),
    ('respaldo_transferencias', 'respaldo_transferencias', 1),
    ('respaldo_transferencias', 'respaldo_total', 1),
    ('respaldo_transferencias', 'diferencia', -1),
] %}

with aportes as (
    {%- for parte, traza, columna, vinculo in partes %}
    select
        {%- for llave in clave %}
        partes.{{ llave }},
        {%- endfor %}
        '{{ parte }}' as parte,
        traza._archivo,
        traza._sha256,
        traza._fila,
        {%- if parte == 'ejecutado' %}
        traza.valor
        {%- else %}
        -- Pesos to M$, exact: only their sum is rounded.
        cast(cast(traza.valor as decimal(28, 0)) * cast(0.001 as decimal(4, 3)) as decimal(38, 8)) as valor
        {%- endif %}
    from {{ ref('int_conciliacion_partes') }} as partes
    inner join {{ ref(traza) }} as traza
        on
            {%- for llave in vinculo %}
            {{ 'and ' if not loop.first }}partes.{{ llave }}
            {{- ' is not distinct from ' if llave in ['item', 'asignacion'] else ' = ' }}traza.{{ llave }}
            {%- endfor %}
    -- The join says so already; said again, the engine reads no other part.
    where traza.columna = '{{ columna }}' and partes.{{ vinculo | last if parte != 'ejecutado' else 'mes' }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    {%- for llave in clave %}
    aportes.{{ llave }},
    {%- endfor %}
    columnas.columna,
    aportes._archivo,
    aportes._sha256,
    aportes._fila,
    case columnas.signo when 1 then aportes.valor else -aportes.valor end as valor
from aportes
inner join (
    {%- for parte, columna, signo in columnas %}
    select '{{ parte }}' as parte, '{{ columna }}' as columna, {{ signo }} as signo
    {{- ' union all' if not loop.last }}
    {%- endfor %}
) as columnas
    on aportes.parte = columnas.parte
inner join {{ ref('conciliacion') }} as conciliacion
    on
        {%- for llave in clave %}
        {{ 'and ' if not loop.first }}aportes.{{ llave }} is not distinct from conciliacion.{{ llave }}
        {%- endfor %}
-- Without spending there is no difference, and nothing behind it.
where columnas.columna <> 'diferencia' or conciliacion.diferencia is not null
