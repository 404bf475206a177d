{# Days within which a transfer, or the last account of it, counts as recent: the rule of estado_rendicion. #}
{% macro plazo_rendicion_dias() -%}
    {{ return(90) }}
{%- endmacro %}


{# Days after which an order is expected to have its invoice. No rule sets them: the alert says where to look. #}
{% macro plazo_factura_dias() -%}
    {{ return(180) }}
{%- endmacro %}
