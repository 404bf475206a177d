{#
  Rows of a relation as contributions of a trace: one for each amount of a row that is not NULL, beside the source row
  it was read from (_archivo, _sha256, _fila of the relation). `tipo` is that of the amounts: whole ones say so, since
  every step on 38 digits costs ten times one on 18.
#}
{% macro contribuciones(relacion, clave, montos, tipo='decimal(38, 8)') %}
    select
        {{ clave | join(', ') }},
        columna,
        _archivo,
        _sha256,
        _fila,
        valor
    from (
        select
            {%- for columna in clave %}
            filas.{{ columna }},
            {%- endfor %}
            columnas.columna,
            filas._archivo,
            filas._sha256,
            filas._fila,
            case columnas.columna
                {%- for columna, monto in montos.items() %}
                when '{{ columna }}' then cast({{ monto }} as {{ tipo }})
                {%- endfor %}
            end as valor
        from {{ relacion }} as filas
        cross join (
            {%- for columna in montos %}
            select '{{ columna }}' as columna{{ ' union all' if not loop.last }}
            {%- endfor %}
        ) as columnas
    ) as aportes
    where valor is not null
{% endmacro %}
