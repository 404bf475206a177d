{#
  What can be read of the keys of an export's rejected rows, one row each: the columns of the key as texts, NULL where one
  cannot be read; the order of the row's file among the accepted ones (_orden), and its place (_lugar, as in en_vigor).
  They are few. What they speak of is there, and not known: neither unpaid nor without accounts.
#}
{% macro llaves_rechazadas(export, clave) %}
    select
        {%- for columna in clave %}
        max(case when llaves.columna = '{{ columna }}' then llaves.valor end) as {{ columna }},
        {%- endfor %}
        archivos.orden as _orden,
        archivos.lugar as _lugar,
        archivos.archivo as _archivo,
        llaves._fila
    from {{ source('raw', 'llaves_rechazadas') }} as llaves
    inner join ({{ archivos_aceptados(export) }}
    ) as archivos
        on llaves._sha256 = archivos.sha256
    where llaves.export = '{{ export }}'
    group by archivos.orden, archivos.lugar, archivos.archivo, llaves._fila
{% endmacro %}
