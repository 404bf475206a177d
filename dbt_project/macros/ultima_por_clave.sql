{#
  Query for the rows of a relation, of those that share a key the first one in an order only.

  Those that are not it are found by a hash of the key, and they alone are sorted; all others pass by them as they lie.
  Sorting every row with all its columns costs twice as much.

  relacion: a table, a model or a query in brackets, which stands in the text three times; its rows are told apart by
  _archivo and _fila. clave: columns. orden: what comes behind ORDER BY; it tells any two rows of a key apart.
#}
{% macro ultima_por_clave(relacion, clave, orden) %}
    {%- set llave = 'hash(' ~ clave | join(', ') ~ ')' %}
    with repetidas as (
        select {{ llave }} as llave
        from {{ relacion }} as todas
        group by {{ llave }}
        having count(*) > 1
    ),

    superadas as (
        select
            varias._archivo,
            varias._fila
        from {{ relacion }} as varias
        -- Joins, and no EXISTS: DuckDB would gather every key of the relation for that.
        inner join repetidas on {{ llave }} = repetidas.llave
        qualify row_number() over (partition by {{ clave | join(', ') }} order by {{ orden }}) > 1
    )

    select filas.*
    from {{ relacion }} as filas
    left join superadas on filas._archivo = superadas._archivo and filas._fila = superadas._fila
    where superadas._fila is null
{% endmacro %}
