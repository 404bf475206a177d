{# No two rows share the key; a NULL is a value like any other, since leaves of the budget have NULL item or asignacion. #}
{% test clave_unica(model, columnas) %}
select
    {{ columnas | join(', ') }},
    count(*) as filas
from {{ model }}
group by {{ columnas | join(', ') }}
having count(*) > 1
{% endtest %}
