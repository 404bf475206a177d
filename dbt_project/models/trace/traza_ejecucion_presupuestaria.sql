{%- set clave = ['anio', 'mes', 'programa', 'subtitulo', 'item', 'asignacion'] %}

with mes_anterior as (
    select
        {{ clave | join(', ') }},
        ejecucion_anterior,
        _archivo_anterior as _archivo,
        _sha256_anterior as _sha256,
        _fila_anterior as _fila
    from {{ ref('int_ejecucion_mensual') }}
    where ejecucion_mes is not null
)

{{ contribuciones(ref('int_ejecucion_mensual'), clave, {
    'presupuesto_inicial': 'filas.presupuesto_inicial',
    'presupuesto_vigente': 'filas.presupuesto_vigente',
    'ejecucion_acumulada': 'filas.ejecucion_acumulada',
    'ejecucion_mes': 'case when filas.ejecucion_mes is not null then filas.ejecucion_acumulada end',
    'saldo': 'filas.presupuesto_vigente - filas.ejecucion_acumulada',
}) }}
union all
{{ contribuciones('mes_anterior', clave, {'ejecucion_mes': '-filas.ejecucion_anterior'}) }}
