{# None of the columns is ever NULL. One test a model: a test a column costs a run more than it tells. #}
{% test sin_vacios(model, columnas) %}
select {{ columnas | join(', ') }}
from {{ model }}
where
    {% for columna in columnas -%}
    {{ columna }} is null{{ " or" if not loop.last }}
    {% endfor %}
{% endtest %}
