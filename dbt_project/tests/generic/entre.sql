{# Every value lies between the bounds, ends included; NULL passes. One bound at least must be given. #}
{% test entre(model, column_name, minimo=none, maximo=none) %}
{%- if minimo is none and maximo is none -%}
    {{ exceptions.raise_compiler_error("entre: minimo or maximo is needed, else the test cannot fail") }}
{%- endif %}
select {{ column_name }}
from {{ model }}
where
    {%- if minimo is not none %} {{ column_name }} < {{ minimo }}{% endif %}
    {%- if minimo is not none and maximo is not none %} or{% endif %}
    {%- if maximo is not none %} {{ column_name }} > {{ maximo }}{% endif %}
{% endtest %}
