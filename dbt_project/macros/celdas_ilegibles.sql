{#
  Rows of an export in which one of some cells was there and could not be read: their place (archivo, fila), and for each
  of the columns whether it is that one (<columna>_ilegible). NULL in such a cell is not "none". They are few: what reads
  the export joins them once, by _archivo and _fila.
#}
{% macro celdas_ilegibles(export, columnas) %}
    select
        archivo,
        fila
        {%- for columna in columnas %},
        count(case when columna = '{{ columna }}' then 1 end) > 0 as {{ columna }}_ilegible
        {%- endfor %}
    from {{ ref('stg_observaciones') }}
    where export = '{{ export }}' and columna in ('{{ columnas | join("', '") }}')
    group by archivo, fila
{% endmacro %}
