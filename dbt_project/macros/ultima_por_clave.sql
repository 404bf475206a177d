{#
  Query for the rows of a relation, of those that share a key the first one in an order only: for relations in which few
  rows do. Those are found by a hash of the key, and they alone are sorted; where many rows share one, sort them all.

  relacion: a table, a model or a query in brackets, which stands in the text three times. clave: columns. orden: what
  comes behind ORDER BY; it tells any two rows of a key apart.
#}
{% macro ultima_por_clave(relacion, clave, orden) %}
    {%- set llave = 'hash(' ~ clave | join(', ') ~ ')' %}
    with repetidas as (
        select {{ llave }} as llave
        from {{ relacion }} as todas
        group by {{ llave }}
        having count(*) > 1
    )

    -- Joins, and no EXISTS: DuckDB would gather every key of the relation for that.
    select solas.*
    from {{ relacion }} as solas
    left join repetidas on {{ llave }} = repetidas.llave
    where repetidas.llave is null
    union all
    select varias.*
    from {{ relacion }} as varias
    inner join repetidas on {{ llave }} = repetidas.llave
    qualify row_number() over (partition by {{ clave | join(', ') }} order by {{ orden }}) = 1
{% endmacro %}
