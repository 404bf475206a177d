{#
  Query for the rows of a relation, of those that share a key the first one in an order only.

  relacion: a table, a model or a query in brackets, which stands in the text three times. clave: columns. orden: what
  comes behind ORDER BY; it tells any two rows of a key apart. Few rows share a key: those are found by a hash of it, and
  they alone are sorted, since sorting ten million wide rows costs as much as reading them.
#}
{% macro ultima_por_clave(relacion, clave, orden) %}
    {%- set llave = 'hash(' ~ clave | join(', ') ~ ')' %}
    with repetidas as (
        select {{ llave }} as llave
        from {{ relacion }} as todas
        group by {{ llave }}
        having count(*) > 1
    )

    select *
    from {{ relacion }} as solas
    where not exists (select 1 from repetidas where repetidas.llave = {{ llave }})
    union all
    select *
    from {{ relacion }} as varias
    where exists (select 1 from repetidas where repetidas.llave = {{ llave }})
    qualify row_number() over (partition by {{ clave | join(', ') }} order by {{ orden }}) = 1
{% endmacro %}
