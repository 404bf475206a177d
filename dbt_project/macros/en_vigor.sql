{# Accepted files of an export, each with its place among those of its period, or among all: the newest is in place 1. #}
{% macro archivos_aceptados(export) %}
        select
            sha256,
            archivo,
            anio,
            mes,
            fecha_dato,
            orden,
            row_number() over (
                partition by case when modo = 'period' then periodo end
                order by orden desc nulls last, archivo desc
            ) as lugar
        from {{ ref('stg_archivos') }}
        where export = '{{ export }}' and estado = 'ACEPTADO'
{%- endmacro %}


{#
  Rows of an export that are in force, by its mode.

  Snapshot: the newest accepted file, whatever became of its rows. Period: the newest accepted file of each period.
  Upsert: per key, the row of the newest accepted file that has it. Rows are joined to the ledger of this run by
  content, so what left the exports folder is not in force, and one content under two names counts under both.
#}
{% macro en_vigor(export, clave=none) %}
    {%- set aceptadas %}
    select
        filas.*,
        archivos.archivo as _archivo,
        archivos.anio as _anio,
        archivos.mes as _mes,
        archivos.fecha_dato as _fecha_dato,
        archivos.orden as _orden
    from {{ source('raw', export) }} as filas
    inner join ({{ archivos_aceptados(export) }}
    ) as archivos
        on filas._sha256 = archivos.sha256
    {%- endset %}
    {%- if clave %}
        {{ ultima_por_clave('(' ~ aceptadas ~ ')', clave, '_orden desc nulls last, _archivo desc, _fila desc') }}
    {%- else %}
        {{ aceptadas }}
        where archivos.lugar = 1
    {%- endif %}
{% endmacro %}
