{# The relation has rows: an empty one passes every other test. #}
{% test con_filas(model) %}
select count(*) as filas
from {{ model }}
having count(*) = 0
{% endtest %}
