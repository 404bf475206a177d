{#- A cluster is shared with others, whose `staging` or `marts` are not ours: there the names carry the target's prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set esquema = (custom_schema_name or target.schema) | trim -%}
    {{ target.schema ~ '_' ~ esquema if target.type == 'ansispark' else esquema }}
{%- endmacro %}
