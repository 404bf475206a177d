{#
  Every accepted snapshot of an export, each row with the days on which its file was the newest one known: from
  _conocido_desde to the day before _conocido_hasta (NULL for the file in force). What was known on a day is told by
  conocido_al.

  A window over the kept raw batches, ordered by how far each file reaches and never by when it arrived: received in any
  order, or all at once, they tell the same history. Of two files of one day only the one that is in force counts.
#}
{% macro historia(export) %}
    select
        filas.*,
        archivos.archivo as _archivo,
        archivos.fecha_dato as _conocido_desde,
        archivos.hasta as _conocido_hasta
    from {{ source('raw', export) }} as filas
    inner join (
        select
            sha256,
            archivo,
            fecha_dato,
            lead(fecha_dato) over (order by fecha_dato asc nulls first, orden asc nulls first, archivo asc) as hasta
        from {{ ref('stg_archivos') }}
        where export = '{{ export }}' and estado = 'ACEPTADO' and modo = 'snapshot'
    ) as archivos
        on filas._sha256 = archivos.sha256
{% endmacro %}


{# Whether a row of a history was what was known on a day: the newest snapshot dated that day or before holds it. #}
{% macro conocido_al(fecha, historia) -%}
    (
        {{ historia }}._conocido_desde <= {{ fecha }}
        and ({{ historia }}._conocido_hasta is null or {{ historia }}._conocido_hasta > {{ fecha }})
    )
{%- endmacro %}
