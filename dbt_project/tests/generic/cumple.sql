{# The expression is TRUE in every row; NULL fails, since an unknown truth holds nothing. #}
{% test cumple(model, expresion) %}
select *
from {{ model }}
where ({{ expresion }}) is not true
{% endtest %}
