{# Cut-off date of the release as a scalar: how far the data reach, never the clock. #}
{% macro fecha_corte() -%}
    (select corte.fecha_corte from {{ ref('int_fecha_corte') }} as corte)
{%- endmacro %}
